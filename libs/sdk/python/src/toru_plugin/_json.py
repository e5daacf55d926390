"""JSON from an untrusted side: bounded before anything is built, and JSON to the wire."""

from __future__ import annotations

import json
from typing import Any, Dict, NoReturn

from .errors import ProtocolError

#: Protocol §1.
MAX_DEPTH = 64
#: Bounds what 16 MiB of `[[],[],…` can become in memory. A larger document belongs into a string.
MAX_VALUES = 1_000_000
#: Far above 64-bit numbers. Older Pythons take quadratic time for the digits of an integer.
MAX_NUMBER_CHARS = 400

_STRUCTURE = b"[]{},"
_NO_STRUCTURE = bytes(byte for byte in range(256) if byte not in _STRUCTURE)


def parse_object(data: bytes) -> Dict[str, Any]:
    """One JSON object in UTF-8. Raises `ProtocolError` and nothing else."""
    value = parse(data)
    if not isinstance(value, dict):
        raise ProtocolError("not_an_object", "The message is not a JSON object")
    return value


def parse(data: bytes) -> Any:
    """Any JSON value in UTF-8 without a byte order mark, of bounded depth and size; of equal keys the last counts."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise ProtocolError("byte_order_mark", "The JSON begins with a byte order mark")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolError("invalid_utf8", "The JSON is not valid UTF-8") from None
    _check_size(data)
    try:
        if text.startswith("{"):
            value, end = _DECODER.raw_decode(text)
            if end == len(text):
                return value
        return _DECODER.decode(text)  # another value than an object, whitespace around it, or something that follows
    except ProtocolError:
        raise
    except (ValueError, RecursionError):
        # The parser's own message quotes the text, which may hold secrets.
        raise ProtocolError("invalid_json", "The JSON is not valid") from None


def dump(value: Any) -> bytes:
    """Compact JSON. Raises `ValueError` or `TypeError` for what JSON cannot say, lone surrogates included."""
    return _ENCODER.encode(value).encode("utf-8")


def is_text(value: object) -> bool:
    """Whether it is a string that can be written as UTF-8: JSON's escapes can smuggle half a surrogate pair in."""
    if not isinstance(value, str):
        return False
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_size(data: bytes) -> None:
    """Depth and number of values, before anything is built. What is no JSON may pass: the parser refuses it."""
    opens = data.count(b"[") + data.count(b"{")
    if opens <= MAX_DEPTH and data.count(b",") + opens < MAX_VALUES:
        return
    # Backslashes are valid inside of strings only, so this removes escaped quotes and nothing that matters.
    text = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    if text.count(b'"') > 4 * MAX_VALUES + 4:
        raise ProtocolError("too_many_values", f"The JSON has more than {MAX_VALUES} values")
    depth, values, position = 0, 1, 0
    while position >= 0:
        quote = text.find(b'"', position)
        outside = text[position:quote] if quote >= 0 else text[position:]
        for byte in outside.translate(None, _NO_STRUCTURE):
            if byte == 0x2C:
                values += 1
            elif byte in (0x5B, 0x7B):
                values += 1
                depth += 1
                if depth > MAX_DEPTH:
                    raise ProtocolError("too_deep", f"The JSON is nested deeper than {MAX_DEPTH} levels")
            else:
                depth -= 1
            if values > MAX_VALUES:
                raise ProtocolError("too_many_values", f"The JSON has more than {MAX_VALUES} values")
        close = text.find(b'"', quote + 1) if quote >= 0 else -1
        position = close + 1 if close >= 0 else -1


def _refuse_constant(_name: str) -> NoReturn:
    raise ProtocolError("invalid_json", "The JSON is not valid")


def _integer(digits: str) -> Any:
    if len(digits) > MAX_NUMBER_CHARS:
        raise ProtocolError("invalid_json", "The JSON has a number that is too long")
    return int(digits)


def _number(digits: str) -> float:
    if len(digits) > MAX_NUMBER_CHARS:
        raise ProtocolError("invalid_json", "The JSON has a number that is too long")
    return float(digits)


# Made once: `json.loads` and `json.dumps` make new ones for each call with options like these.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer, parse_float=_number)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
