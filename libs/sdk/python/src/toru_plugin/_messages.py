"""Messages of version 2 from the host, checked field by field (protocol §2 to §8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

from ._frames import MAX_FRAME, Frame
from ._json import is_text, parse_object
from ._streams import DEFAULT_WINDOW, MAX_INTEGER
from .errors import ProtocolError
from .request import User

#: Whoever asks chooses an id; these types have one.
WITH_REQUEST_ID = frozenset(("http", "upgrade", "kv", "cancel", "ping", "pong"))
#: More than this for each stream would make the bound of a plugin's memory meaningless.
MAX_WINDOW = 16 * 1024 * 1024
MIN_FRAME = 1024

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]00:00)", re.ASCII)
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")


class Message(NamedTuple):
    type: str
    action: Optional[str]
    request_id: str
    payload: Mapping[str, Any]
    tail: Optional[bytes]


@dataclass(frozen=True)
class Init:
    features: Tuple[str, ...]
    plugin_id: str
    instance_id: str
    log_path: str
    data_dir: str
    settings: Dict[str, Any]
    license_key: Optional[str]
    max_frame: int = MAX_FRAME
    window: int = DEFAULT_WINDOW


class HttpRequest(NamedTuple):
    method: str
    path: str
    base: str
    headers: Dict[str, Union[str, List[str]]]
    user: Optional[User]
    remote: str
    stream: Optional[int]
    body: bytes


class Data(NamedTuple):
    stream: int
    end: bool = False
    error: Optional[Tuple[str, str]] = None
    credit: Optional[int] = None


def parse_message(frame: Frame) -> Message:
    """The envelope. What a type makes of its payload is checked where it is handled."""
    message = parse_object(frame.head)
    kind = message.get("type")
    if not isinstance(kind, str) or not kind:
        raise ProtocolError("invalid_envelope", "A message without a type")
    payload = _optional(message, "payload", {})
    if not isinstance(payload, dict):
        raise ProtocolError("invalid_envelope", "A payload that is no object")
    action: Optional[str] = None
    request_id = ""
    if kind == "lifecycle":
        action = message.get("action")
        if not isinstance(action, str):
            raise ProtocolError("invalid_envelope", "A lifecycle message without an action")
        timestamp = message.get("timestamp")
        if not isinstance(timestamp, str) or _TIMESTAMP.fullmatch(timestamp) is None:
            raise ProtocolError("invalid_envelope", "A lifecycle message without a timestamp in UTC")
    elif kind in WITH_REQUEST_ID:
        request_id = _request_id(message)
    return Message(kind, action, request_id, payload, frame.tail)


def _request_id(message: Mapping[str, Any]) -> str:
    if "request_id" not in message:
        raise ProtocolError("missing_request_id", "A message without a request_id")
    value = message["request_id"]
    if not isinstance(value, str) or not 1 <= len(value) <= 128 or not is_text(value):
        raise ProtocolError("invalid_request_id", "A request_id is a string of 1 to 128 characters")
    return value


def parse_init(payload: Mapping[str, Any]) -> Init:
    features = _optional(payload, "features", [])
    if not isinstance(features, list) or not all(isinstance(each, str) for each in features):
        raise _bad_init("features")
    settings = _optional(payload, "settings", {})
    if not isinstance(settings, dict):
        raise _bad_init("settings")
    license_key = payload.get("license_key")
    if license_key is not None and not isinstance(license_key, str):
        raise _bad_init("license_key")
    limits = _optional(payload, "limits", {})
    if not isinstance(limits, dict):
        raise _bad_init("limits")
    texts: Dict[str, str] = {}
    for name in ("plugin_id", "instance_id", "log_path", "data_dir"):
        value = _optional(payload, name, "")
        if not isinstance(value, str):
            raise _bad_init(name)
        texts[name] = value
    max_frame = _integer(_optional(limits, "max_frame", MAX_FRAME), MIN_FRAME, MAX_INTEGER)
    window = _integer(_optional(limits, "window", DEFAULT_WINDOW), 1, MAX_WINDOW)
    if max_frame is None or window is None:
        raise _bad_init("limits")
    return Init(
        features=tuple(features),
        plugin_id=texts["plugin_id"],
        instance_id=texts["instance_id"],
        log_path=texts["log_path"],
        data_dir=texts["data_dir"],
        settings=settings,
        license_key=license_key,
        max_frame=min(max_frame, MAX_FRAME),
        window=window,
    )


def parse_http(message: Message) -> HttpRequest:
    """The request of an `http` or `upgrade` message."""
    payload = message.payload
    method, path = payload.get("method"), payload.get("path")
    if not isinstance(method, str) or _METHOD.fullmatch(method) is None:
        raise _bad_http("method")
    if not isinstance(path, str) or not path.startswith("/") or not is_text(path):
        raise _bad_http("path")
    base, remote = _optional(payload, "base", ""), _optional(payload, "remote", "")
    if not isinstance(base, str) or not (base == "" or base.startswith("/")):
        raise _bad_http("base")
    if not isinstance(remote, str):
        raise _bad_http("remote")
    stream: Optional[int] = None
    if payload.get("stream") is not None:
        stream = parse_stream(payload)
        if stream % 2 == 0:
            raise ProtocolError("invalid_stream", "Streams of the host have odd numbers")
    text = payload.get("body")
    if text is not None and not is_text(text):
        raise _bad_http("body")
    if (stream is not None) + (text is not None) + bool(message.tail) > 1:
        raise ProtocolError("body_ambiguous", "A request with two bodies")
    body = text.encode("utf-8") if isinstance(text, str) else message.tail or b""
    return HttpRequest(
        method, path, base, parse_headers(_optional(payload, "headers", {})), _user(payload), remote, stream, body
    )


def parse_headers(value: Any) -> Dict[str, Union[str, List[str]]]:
    if not isinstance(value, dict):
        raise _bad_http("headers")
    headers: Dict[str, Union[str, List[str]]] = {}
    for name, each in value.items():
        if not isinstance(each, str):
            if not isinstance(each, list) or not all(isinstance(one, str) for one in each):
                raise _bad_http("headers")
        headers[name] = each
    return headers


def parse_data(message: Message) -> Data:
    payload = message.payload
    stream = parse_stream(payload)
    end = _optional(payload, "end", False)
    if not isinstance(end, bool):
        raise _bad_data("end")
    credit: Optional[int] = None
    if payload.get("credit") is not None:
        credit = _integer(payload["credit"], 1, MAX_INTEGER)
        if credit is None:
            raise _bad_data("credit")
    error: Optional[Tuple[str, str]] = None
    if payload.get("error") is not None:
        value = payload["error"]
        if not isinstance(value, dict):
            raise _bad_data("error")
        code, text = value.get("code"), _optional(value, "message", "")
        if not isinstance(code, str) or not isinstance(text, str):
            raise _bad_data("error")
        error = (code[:128], text[:1024])
    if stream % 2 == 1 and credit is not None:
        raise ProtocolError("invalid_data", "Credit from the sender of a stream")
    if stream % 2 == 0 and (message.tail or end):
        raise ProtocolError("invalid_data", "Bytes from the receiver of a stream")
    return Data(stream, end, error, credit)


def parse_stream(payload: Mapping[str, Any]) -> int:
    stream = _integer(payload.get("stream"), 1, MAX_INTEGER)
    if stream is None:
        raise ProtocolError("invalid_stream", "A stream is an integer from 1 to 2^53 - 1")
    return stream


def parse_settings(payload: Mapping[str, Any]) -> Dict[str, Any]:
    settings = payload.get("settings")
    if not isinstance(settings, dict):
        raise ProtocolError("invalid_settings", "Settings that are no object")
    return settings


def parse_grace(payload: Mapping[str, Any], default_ms: int) -> int:
    """Milliseconds; more than an hour counts as one."""
    grace = _integer(_optional(payload, "grace_ms", default_ms), 0, MAX_INTEGER)
    if grace is None:
        raise ProtocolError("invalid_shutdown", "grace_ms is a whole number of milliseconds")
    return min(grace, 3_600_000)


def parse_user(value: Mapping[str, Any]) -> Optional[User]:
    id, name, role = value.get("id"), value.get("name"), value.get("role")
    if isinstance(id, str) and isinstance(name, str) and isinstance(role, str):
        return User(id, name, role)
    return None


def lifecycle(action: str, payload: Mapping[str, Any]) -> Dict[str, Any]:
    return {"type": "lifecycle", "action": action, "timestamp": timestamp_now(), "payload": payload}


def timestamp_now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _optional(payload: Mapping[str, Any], name: str, default: Any) -> Any:
    """A field that may be absent; null counts as absent."""
    value = payload.get(name)
    return default if value is None else value


def _user(payload: Mapping[str, Any]) -> Optional[User]:
    value = payload.get("user")
    if value is None:
        return None
    user = parse_user(value) if isinstance(value, dict) else None
    if user is None:
        raise _bad_http("user")
    return user


def _integer(value: Any, lowest: int, highest: int) -> Optional[int]:
    """JSON's true and false are integers to Python, and not to anybody else."""
    return value if type(value) is int and lowest <= value <= highest else None


def _bad_init(name: str) -> ProtocolError:
    return ProtocolError("invalid_init", f"The {name} of init cannot be read")


def _bad_http(name: str) -> ProtocolError:
    return ProtocolError("invalid_http_request", f"The {name} of a request cannot be read")


def _bad_data(name: str) -> ProtocolError:
    return ProtocolError("invalid_data", f"The {name} of a data message cannot be read")
