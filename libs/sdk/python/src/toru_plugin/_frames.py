"""Frames: `uint32 length | JSON`, and in version 2 `0x80000000 + length | head length | JSON | tail` (protocol §1)."""

from __future__ import annotations

import struct
from typing import NamedTuple, Optional, Union

from ._json import dump
from .errors import ProtocolError

#: The largest frame, in bytes after its first integer.
MAX_FRAME = 16 * 1024 * 1024
TAIL_BIT = 0x8000_0000

_LENGTH = struct.Struct(">I")
_LENGTHS = struct.Struct(">II")


class Frame(NamedTuple):
    """The JSON of a frame and, where the frame has one, its tail."""

    head: bytes
    tail: Optional[bytes]


class FrameDecoder:
    """
    Cuts a byte stream into frames. `push` what arrives, then call `next` until it gives None.

    The outcome is the same however the bytes are cut. Lengths are judged as soon as they are there, and memory is only
    taken for bytes that have arrived. Once broken it stays broken: nothing tells where the next frame begins.
    """

    def __init__(self, max_frame: int = MAX_FRAME, tails: bool = True) -> None:
        #: May be lowered between two frames, once the limits are known.
        self.max_frame = max_frame
        #: Whether frames with a tail are allowed: not in version 1, nor before `ready`.
        self.tails = tails
        self._buffer = bytearray()
        self._error: Optional[ProtocolError] = None

    def push(self, data: Union[bytes, bytearray, memoryview]) -> None:
        if self._error is None:
            self._buffer += data

    @property
    def pending(self) -> bool:
        """Whether a part of a frame waits for the rest, after `next` gave None."""
        return self._error is None and len(self._buffer) > 0

    def next(self) -> Optional[Frame]:
        """The next frame, or None if it is not complete yet. Raises the `ProtocolError` that broke the stream."""
        if self._error is not None:
            raise self._error
        try:
            return self._next()
        except ProtocolError as error:
            self._error = error
            self._buffer = bytearray()
            raise

    def end(self) -> None:
        """The stream has ended. Raises `truncated` if it was inside a frame."""
        if self._error is not None:
            raise self._error
        if self._buffer:
            self._error = ProtocolError("truncated", "The connection ended in the middle of a frame")
            raise self._error

    def _next(self) -> Optional[Frame]:
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        length: int = _LENGTH.unpack_from(buffer)[0]
        head_length = 0
        if length >= TAIL_BIT:
            length -= TAIL_BIT
            self._accept_tail(length)
            if len(buffer) < 8:
                return None
            head_length = _LENGTHS.unpack_from(buffer)[1]
            if not 1 <= head_length <= length - 4:
                raise ProtocolError("invalid_head", f"A head of {head_length} bytes in a frame of {length}")
        else:
            self._accept(length)
        if len(buffer) < 4 + length:
            return None
        with memoryview(buffer) as view:
            if head_length:
                frame = Frame(bytes(view[8 : 8 + head_length]), bytes(view[8 + head_length : 4 + length]))
            else:
                frame = Frame(bytes(view[4 : 4 + length]), None)
        del buffer[: 4 + length]
        return frame

    def _accept_tail(self, length: int) -> None:
        if not self.tails:
            raise ProtocolError("tail_before_ready", "A frame with a tail where only plain frames are allowed")
        self._accept(length)
        if length < 5:
            raise ProtocolError("invalid_head", f"A frame with a tail and only {length} bytes")

    def _accept(self, length: int) -> None:
        if length == 0:
            raise ProtocolError("empty_frame", "A frame of length 0")
        if length > self.max_frame:
            raise ProtocolError("frame_too_large", f"A frame of {length} bytes, where {self.max_frame} is the limit")


def encode(message: object, tail: Optional[Union[bytes, memoryview]] = None, max_frame: int = MAX_FRAME) -> bytes:
    """One frame; with a tail where one is given. Raises `ValueError` where it does not fit `max_frame`."""
    head = dump(message)
    length = len(head) if tail is None else 4 + len(head) + len(tail)
    if length > max_frame:
        raise ValueError(f"A message of {length} bytes, where {max_frame} is the limit")
    if tail is None:
        return _LENGTH.pack(length) + head
    return b"".join((_LENGTHS.pack(TAIL_BIT + length, len(head)), head, tail))
