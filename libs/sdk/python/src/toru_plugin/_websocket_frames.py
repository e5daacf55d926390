"""The frames of WebSockets (RFC 6455 §5), for either side; without extensions."""

from __future__ import annotations

import codecs
import io
import struct
from typing import NamedTuple, Optional, Tuple, Union

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

#: RFC 6455 §5.5: control frames are short and whole.
MAX_CONTROL_BYTES = 125

NORMAL, GOING_AWAY, PROTOCOL_ERROR, NO_CODE, LOST = 1000, 1001, 1002, 1005, 1006
INVALID_TEXT, TOO_BIG, INTERNAL_ERROR, TRY_AGAIN_LATER = 1007, 1009, 1011, 1013
#: 1005, 1006 and 1015 stand for what happened and are never sent (RFC 6455 §7.4).
_SENT_CODES = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))


class FrameError(Exception):
    """What the other side sends is no WebSocket; `code` is what to close it with."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Event(NamedTuple):
    """A whole message, or a control frame. `code` is that of a close frame (1005 where it has none)."""

    opcode: int
    data: Union[bytes, str]
    code: int = 0


class FrameReader:
    """
    Makes messages of bytes: `push` what arrives, then call `next` until it gives None.

    `masked` is whether frames must be masked: those of clients must, those of servers must not. A message of more than
    `max_message` bytes is refused (1009) as soon as its length is there, before its bytes are kept.
    """

    def __init__(self, masked: bool, max_message: int) -> None:
        self._masked = masked
        self._max_message = max_message
        self._buffer = bytearray()
        self._opcode = CONTINUATION
        #: Bytes of the fragments so far; they are in one of the two that follow.
        self._size = 0
        self._bytes = bytearray()
        self._text = io.StringIO()
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their frame or message."""
        return len(self._buffer) + self._size

    def push(self, data: Union[bytes, bytearray]) -> None:
        self._buffer += data

    def next(self) -> Optional[Event]:
        """The next message or control frame. Raises `FrameError`; nothing can be read after that."""
        while True:
            frame = self._frame()
            if frame is None:
                return None
            event = self._take(*frame)
            if event is not None:
                return event

    def _frame(self) -> Optional[Tuple[bool, int, bytes]]:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, second = buffer[0], buffer[1]
        opcode, length = first & 0x0F, second & 0x7F
        self._check_head(first, opcode, length, masked=second >= 0x80)
        size = 2 if length < 126 else 4 if length == 126 else 10
        if len(buffer) < size:
            return None
        if length >= 126:
            shortest = 126 if length == 126 else 0x10000
            length = struct.unpack_from(">H" if size == 4 else ">Q", buffer, 2)[0]
            if length < shortest or length >> 63:
                raise FrameError(PROTOCOL_ERROR, "A length that is not in its shortest form")
        if opcode < CLOSE and self._size + length > self._max_message:
            raise FrameError(TOO_BIG, f"A message may have {self._max_message} bytes")
        begin = size + (4 if self._masked else 0)
        if len(buffer) < begin + length:
            return None
        payload = bytes(buffer[begin : begin + length])
        if self._masked:
            payload = apply_mask(payload, bytes(buffer[size:begin]))
        del buffer[: begin + length]
        return first >= 0x80, opcode, payload

    def _check_head(self, first: int, opcode: int, length: int, masked: bool) -> None:
        if first & 0x70:
            raise FrameError(PROTOCOL_ERROR, "A reserved bit is set, and no extension was agreed on")
        if masked != self._masked:
            raise FrameError(PROTOCOL_ERROR, "Clients mask their frames, and servers do not")
        if opcode >= CLOSE:
            if opcode > PONG or first < 0x80 or length > MAX_CONTROL_BYTES:
                raise FrameError(PROTOCOL_ERROR, "A control frame that is unknown, long or fragmented")
        elif opcode > BINARY:
            raise FrameError(PROTOCOL_ERROR, f"The opcode {opcode} is unknown")
        elif (opcode == CONTINUATION) == (self._opcode == CONTINUATION):
            raise FrameError(PROTOCOL_ERROR, "A fragment of no message, or a message inside of another")

    def _take(self, final: bool, opcode: int, payload: bytes) -> Optional[Event]:
        if opcode == CLOSE:
            return _parse_close(payload)
        if opcode > CLOSE:
            return Event(opcode, payload)
        if opcode != CONTINUATION:
            self._opcode = opcode
            if final and opcode == BINARY:
                self._opcode = CONTINUATION
                return Event(BINARY, payload)
        self._size += len(payload)
        if self._opcode == BINARY:
            self._bytes += payload
        else:
            self._append_text(payload, final)
        return self._whole() if final else None

    def _append_text(self, payload: bytes, final: bool) -> None:
        """Text is checked fragment by fragment: a message that will be refused is not gathered first."""
        try:
            self._text.write(self._decoder.decode(payload, final))
        except UnicodeDecodeError:
            raise FrameError(INVALID_TEXT, "Text that is not valid UTF-8") from None

    def _whole(self) -> Event:
        event = Event(BINARY, bytes(self._bytes)) if self._opcode == BINARY else Event(TEXT, self._text.getvalue())
        self._opcode, self._size = CONTINUATION, 0
        self._bytes, self._text = bytearray(), io.StringIO()
        return event


def encode_frame(opcode: int, payload: bytes, mask: Optional[bytes] = None, final: bool = True) -> bytes:
    """One frame; masked with four bytes if it is a client's."""
    length, first = len(payload), opcode | (0x80 if final else 0)
    bit = 0 if mask is None else 0x80
    if length < 126:
        head = bytes((first, bit | length))
    elif length < 0x10000:
        head = struct.pack(">BBH", first, bit | 126, length)
    else:
        head = struct.pack(">BBQ", first, bit | 127, length)
    return head + payload if mask is None else head + mask + apply_mask(payload, mask)


def encode_close(code: int, reason: str) -> bytes:
    """The payload of a close frame. A reason that does not fit is cut."""
    text = reason.encode("utf-8")[: MAX_CONTROL_BYTES - 2].decode("utf-8", "ignore").encode("utf-8")
    return struct.pack(">H", code) + text


def may_be_sent(code: int) -> bool:
    return code in _SENT_CODES or 3000 <= code <= 4999


def apply_mask(data: bytes, mask: bytes) -> bytes:
    """Masks or unmasks. As one long number: byte by byte would take a hundred times as long."""
    length = len(data)
    if not length:
        return data
    repeated = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(data, "little") ^ int.from_bytes(repeated, "little")).to_bytes(length, "little")


def _parse_close(payload: bytes) -> Event:
    if not payload:
        return Event(CLOSE, "", NO_CODE)
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not may_be_sent(code):
        raise FrameError(PROTOCOL_ERROR, "A close code that may not be sent")
    try:
        return Event(CLOSE, payload[2:].decode("utf-8"), code)
    except UnicodeDecodeError:
        raise FrameError(INVALID_TEXT, "A close reason that is not valid UTF-8") from None
