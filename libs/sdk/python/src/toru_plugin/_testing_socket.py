"""The client's side of a WebSocket in the process of a test."""

from __future__ import annotations

import asyncio
from typing import Awaitable, Callable, Optional

from . import _websocket_frames as frames
from ._websocket_frames import FrameReader, encode_close, encode_frame
from ._wire import Wire
from .errors import HTTPError, WebSocketClosed
from .response import Response
from .websocket import DEFAULT_MAX_MESSAGE, Message, WebSocket

#: Any will do where nobody listens in between.
_MASK = b"\x1f\x2e\x3d\x4c"


class MemoryWire(Wire):
    """Bytes that never leave the process."""

    def __init__(self) -> None:
        self.accepted = asyncio.Event()
        self.to_plugin: asyncio.Queue[bytes] = asyncio.Queue()
        self.to_client: asyncio.Queue[bytes] = asyncio.Queue()

    async def accept(self, subprotocol: Optional[str]) -> None:
        self.accepted.set()

    async def read(self) -> bytes:
        return await self.to_plugin.get()

    async def write(self, data: bytes) -> None:
        self.to_client.put_nowait(data)

    def end(self) -> None:
        self.to_client.put_nowait(b"")

    def abort(self) -> None:
        self.to_client.put_nowait(b"")
        self.to_plugin.put_nowait(b"")

    def hold(self, count: int) -> bool:
        return True


class TestWebSocket:
    """What `TestClient.websocket` gives: `send`, `receive`, `close`, and how it was closed."""

    __test__ = False

    def __init__(self, socket: WebSocket, wire: MemoryWire) -> None:
        self._socket = socket
        self._wire = wire
        self._reader = FrameReader(masked=False, max_message=64 * DEFAULT_MAX_MESSAGE)
        self._handler: Optional[asyncio.Future[Optional[Response]]] = None
        self.subprotocol = socket.subprotocol
        self.close_code: Optional[int] = None
        self.close_reason = ""

    async def open(self, serve: Callable[[WebSocket], Awaitable[Optional[Response]]]) -> None:
        """Raises the `HTTPError` that the handler refuses with."""
        handler = self._handler = asyncio.ensure_future(serve(self._socket))
        accepted = asyncio.ensure_future(self._wire.accepted.wait())
        await asyncio.wait({handler, accepted}, return_when=asyncio.FIRST_COMPLETED)
        accepted.cancel()
        refusal = handler.result() if handler.done() else None
        if refusal is not None:
            raise HTTPError(refusal.status)

    async def send(self, message: Message) -> None:
        text = isinstance(message, str)
        payload = message.encode("utf-8") if isinstance(message, str) else message
        self._wire.to_plugin.put_nowait(encode_frame(frames.TEXT if text else frames.BINARY, payload, _MASK))

    async def receive(self) -> Message:
        """The plugin's next message. Raises `WebSocketClosed`."""
        while self.close_code is None:
            event = self._reader.next()
            if event is None:
                data = await self._wire.to_client.get()
                if not data:
                    self.close_code = frames.LOST
                self._reader.push(data)
            elif event.opcode == frames.CLOSE:
                self.close_code, self.close_reason = event.code, str(event.data)
                self._say_goodbye(frames.NORMAL if event.code == frames.NO_CODE else event.code)
            elif event.opcode in (frames.TEXT, frames.BINARY):
                return event.data
        raise WebSocketClosed(self.close_code, self.close_reason)

    async def close(self, code: int = frames.NORMAL) -> None:
        """Closes it and waits for the handler's end."""
        if self.close_code is None:
            self.close_code = code
            self._say_goodbye(code)
        if self._handler is not None:
            await self._handler

    def _say_goodbye(self, code: int) -> None:
        self._wire.to_plugin.put_nowait(encode_frame(frames.CLOSE, encode_close(code, ""), _MASK))
        self._wire.to_plugin.put_nowait(b"")
