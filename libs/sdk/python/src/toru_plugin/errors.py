"""The errors that the SDK raises, and those that a handler or hook may raise to say something to the host."""

from __future__ import annotations

from typing import Mapping, Optional

#: Exit status that tells the host not to start the plugin again (SUP-10): `EX_CONFIG` of sysexits.h.
EXIT_CONFIG = 78


class ToruError(Exception):
    """Everything that this package raises on its own."""


class ConfigurationError(ToruError, ValueError):
    """The plugin cannot work with the settings it was given. Raised in `on_init`, it ends the process with status 78."""


class LicenseError(ToruError):
    """
    The licence key is missing or wrong. Raised in `on_init`, it ends the process with status 78.

    `reason` is for programs: `missing`, `format`, `key`, `signature`, `plugin`, `instance`, `expired` or `updates`; None
    where the author has raised it without one.
    """

    def __init__(self, message: str = "", reason: Optional[str] = None) -> None:
        super().__init__(message)
        self.reason = reason


class ProtocolError(ToruError):
    """The other side broke the protocol; the connection cannot be used any further. `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StreamBroken(ToruError, ConnectionError):
    """The other side broke a body off before its end: the client left, or wants no more. `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.text = message


class WebSocketClosed(ToruError, ConnectionError):
    """The WebSocket is closed. `code` is the close code of RFC 6455 (1006: without a close message), `reason` its text."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed with {code}: {reason}" if reason else f"closed with {code}")
        self.code = code
        self.reason = reason


class KvError(ToruError):
    """The storage refused an operation. `code` is one of protocol §8, or `unavailable`, `timeout`, `invalid_answer`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code


class KvConflict(KvError):
    """`if_revision` was given and the key has another revision by now."""


class HTTPError(ToruError):
    """Raised by a handler to answer with this status and a problem document (RFC 9457)."""

    def __init__(self, status: int, detail: str = "", headers: Optional[Mapping[str, str]] = None) -> None:
        if not 400 <= status <= 599:
            raise ValueError(f"An error has a status from 400 to 599, not {status}")
        super().__init__(detail or f"HTTP {status}")
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
