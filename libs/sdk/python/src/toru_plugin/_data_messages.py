"""Bytes, credit and ends of streams, checked field by field (protocol §6)."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Tuple

from ._fields import integer, optional
from ._messages import Message
from ._streams import MAX_INTEGER
from .errors import ProtocolError


class Data(NamedTuple):
    stream: int
    end: bool = False
    error: Optional[Tuple[str, str]] = None
    credit: Optional[int] = None


def parse_data(message: Message) -> Data:
    payload = message.payload
    stream = parse_stream(payload)
    end = optional(payload, "end", False)
    if not isinstance(end, bool):
        raise _bad_data("end")
    credit: Optional[int] = None
    if payload.get("credit") is not None:
        credit = integer(payload["credit"], 1, MAX_INTEGER)
        if credit is None:
            raise _bad_data("credit")
    error: Optional[Tuple[str, str]] = None
    if payload.get("error") is not None:
        value = payload["error"]
        if not isinstance(value, dict):
            raise _bad_data("error")
        code, text = value.get("code"), optional(value, "message", "")
        if not isinstance(code, str) or not isinstance(text, str):
            raise _bad_data("error")
        error = (code[:128], text[:1024])
    if stream % 2 == 1 and credit is not None:
        raise ProtocolError("invalid_data", "Credit from the sender of a stream")
    if stream % 2 == 0 and (message.tail or end):
        raise ProtocolError("invalid_data", "Bytes from the receiver of a stream")
    return Data(stream, end, error, credit)


def parse_stream(payload: Mapping[str, Any]) -> int:
    stream = integer(payload.get("stream"), 1, MAX_INTEGER)
    if stream is None:
        raise ProtocolError("invalid_stream", "A stream is an integer from 1 to 2^53 - 1")
    return stream


def _bad_data(name: str) -> ProtocolError:
    return ProtocolError("invalid_data", f"The {name} of a data message cannot be read")
