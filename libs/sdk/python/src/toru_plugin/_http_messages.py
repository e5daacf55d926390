"""Requests of the host, checked field by field (protocol §5)."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Union

from ._data_messages import parse_stream
from ._fields import optional
from ._json import is_text
from ._messages import Message
from .errors import ProtocolError
from .request import User

_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")


class HttpRequest(NamedTuple):
    method: str
    path: str
    base: str
    headers: Dict[str, Union[str, List[str]]]
    user: Optional[User]
    remote: str
    stream: Optional[int]
    body: bytes


def parse_http(message: Message) -> HttpRequest:
    """The request of an `http` or `upgrade` message."""
    payload = message.payload
    method, path = payload.get("method"), payload.get("path")
    if not isinstance(method, str) or _METHOD.fullmatch(method) is None:
        raise _bad_http("method")
    if not isinstance(path, str) or not path.startswith("/") or not is_text(path):
        raise _bad_http("path")
    base, remote = optional(payload, "base", ""), optional(payload, "remote", "")
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
        method, path, base, parse_headers(optional(payload, "headers", {})), _user(payload), remote, stream, body
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


def parse_user(value: Mapping[str, Any]) -> Optional[User]:
    id, name, role = value.get("id"), value.get("name"), value.get("role")
    if isinstance(id, str) and isinstance(name, str) and isinstance(role, str):
        return User(id, name, role)
    return None


def _user(payload: Mapping[str, Any]) -> Optional[User]:
    value = payload.get("user")
    if value is None:
        return None
    user = parse_user(value) if isinstance(value, dict) else None
    if user is None:
        raise _bad_http("user")
    return user


def _bad_http(name: str) -> ProtocolError:
    return ProtocolError("invalid_http_request", f"The {name} of a request cannot be read")
