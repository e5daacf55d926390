"""One direction of a body: flow control by credit (protocol §6), bounded by the window."""

from __future__ import annotations

import asyncio
from typing import Callable, Optional

from .errors import ProtocolError, StreamBroken

#: How much one `data` message carries, so that streams take turns.
CHUNK_BYTES = 64 * 1024
#: Bytes that a sender may have sent without credit, unless `init` says otherwise.
DEFAULT_WINDOW = 256 * 1024
#: JSON numbers are exact up to here.
MAX_INTEGER = 2**53 - 1


class Incoming:
    """
    The bytes that the other side sends on a stream. Holds at most the window: more than that is a protocol error.

    `grant` is called with the credit to give as the reader consumes.
    """

    def __init__(self, number: int, window: int, grant: Callable[[int], None]) -> None:
        self.number = number
        self._window = window
        self._allowed = window
        self._grant = grant
        self._consumed = 0
        self._buffer = bytearray()
        self.error: Optional[StreamBroken] = None
        self._waiter: Optional[asyncio.Future[None]] = None
        self.ended = False

    def feed(self, data: bytes) -> None:
        if self.ended:
            raise ProtocolError("invalid_data", "Bytes on a stream that has ended")
        self._allowed -= len(data)
        if self._allowed < 0:
            raise ProtocolError("window_exceeded", f"More bytes than the window of {self._window} and the credit allow")
        self._buffer += data
        self._wake()

    def feed_end(self) -> None:
        if self.ended:
            raise ProtocolError("invalid_data", "A second end of a stream")
        self.ended = True
        self._wake()

    def fail(self, error: StreamBroken) -> None:
        """Nothing follows. What was not read yet is dropped: half a body is no body."""
        if not self.ended:
            self.ended = True
            self.error = error
            self._buffer = bytearray()
            self._wake()

    async def read(self) -> bytes:
        """The next bytes, `b""` at the end. Raises `StreamBroken`."""
        while not self._buffer:
            if self.error is not None:
                raise self.error
            if self.ended:
                return b""
            if self._waiter is not None:
                raise RuntimeError("The body is being read by somebody else already")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = bytes(self._buffer)
        self._buffer = bytearray()
        self._consume(len(data))
        return data

    def _consume(self, count: int) -> None:
        """Credit goes out in pieces of half a window: one message for many reads."""
        self._consumed += count
        if not self.ended and self._consumed * 2 >= self._window:
            credit, self._consumed = self._consumed, 0
            self._allowed += credit
            self._grant(credit)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Outgoing:
    """A stream of ours: how much of it may be sent."""

    def __init__(self, number: int, window: int) -> None:
        self.number = number
        self.credit = window
        self.error: Optional[StreamBroken] = None
        self._waiter: Optional[asyncio.Future[None]] = None

    def add_credit(self, credit: int) -> None:
        self.credit = min(self.credit + credit, MAX_INTEGER)
        self._wake()

    def fail(self, error: StreamBroken) -> None:
        if self.error is None:
            self.error = error
            self._wake()

    async def take(self, wanted: int) -> int:
        """Waits for credit and takes up to `wanted` of it. Raises `StreamBroken` when the receiver wants no more."""
        while self.error is None and self.credit == 0:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self.error is not None:
            raise self.error
        count = min(wanted, self.credit)
        self.credit -= count
        return count

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
