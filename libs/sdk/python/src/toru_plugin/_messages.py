"""Messages of version 2 from the host: the envelope that all of them have (protocol §2)."""

from __future__ import annotations

import re
from typing import Any, Mapping, NamedTuple, Optional

from ._fields import optional
from ._frames import Frame
from ._json import is_text, parse_object
from .errors import ProtocolError

#: Whoever asks chooses an id; these types have one.
WITH_REQUEST_ID = frozenset(("http", "upgrade", "kv", "cancel", "ping", "pong"))

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]00:00)", re.ASCII)


class Message(NamedTuple):
    type: str
    action: Optional[str]
    request_id: str
    payload: Mapping[str, Any]
    tail: Optional[bytes]


def parse_message(frame: Frame) -> Message:
    """The envelope. What a type makes of its payload is checked where it is handled."""
    message = parse_object(frame.head)
    kind = message.get("type")
    if not isinstance(kind, str) or not kind:
        raise ProtocolError("invalid_envelope", "A message without a type")
    payload = optional(message, "payload", {})
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
