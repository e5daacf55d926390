"""What a WebSocket sends."""

from __future__ import annotations

import asyncio
from typing import Callable, Optional

from . import _websocket_frames as frames
from ._websocket_frames import encode_close, encode_frame
from ._wire import Wire
from .errors import StreamBroken


class Sender:
    """One frame after the other, pongs between them, and nothing after the close frame."""

    def __init__(self, wire: Wire, lost: Callable[[], None]) -> None:
        """`lost` is called when a frame cannot be sent: the connection is gone."""
        self._wire = wire
        self._lost = lost
        self._turn = asyncio.Lock()
        self._pong: Optional[bytes] = None
        self._ponging: Optional[asyncio.Task[None]] = None
        #: Whether nothing but a close frame may follow.
        self.closing = False

    async def send(self, frame: bytes) -> bool:
        """Whether it has gone out. Waits until the client has read enough of what came before."""
        async with self._turn:
            return not self.closing and await self._write(frame)

    async def close(self, code: int, reason: str) -> None:
        """Sends the close frame, and ends the stream."""
        async with self._turn:
            if await self._write(encode_frame(frames.CLOSE, encode_close(code, reason))):
                self._wire.end()

    def answer_ping(self, data: bytes) -> None:
        """Of several pings that wait only the last one is answered: RFC 6455 §5.5.3."""
        self._pong = data
        if self._ponging is None or self._ponging.done():
            self._ponging = asyncio.ensure_future(self._send_pongs())

    async def _send_pongs(self) -> None:
        while self._pong is not None:
            async with self._turn:
                pong, self._pong = self._pong, None
                if self.closing or pong is None or not await self._write(encode_frame(frames.PONG, pong)):
                    return

    async def _write(self, frame: bytes) -> bool:
        try:
            await self._wire.write(frame)
        except StreamBroken:
            self._lost()
            return False
        return True
