"""WebSockets as handlers see them (RFC 6455): messages in order, with back-pressure both ways."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Optional

from . import _websocket_frames as frames
from ._inbox import Inbox
from ._inbox import Message as Message
from ._sender import Sender
from ._websocket_frames import Event, FrameError, FrameReader, encode_frame
from ._wire import Wire
from .errors import StreamBroken, WebSocketClosed
from .headers import Headers, Query
from .request import Request, User

#: Bytes of one message, of all its fragments together, unless the route says otherwise.
DEFAULT_MAX_MESSAGE = 1024 * 1024
#: How long the other side has for its part of the close handshake.
CLOSE_SECONDS = 5.0


class WebSocket:
    """
    One WebSocket: `async for message in socket`, `await socket.send(…)`, `await socket.close()`.

    It is accepted when it is first used: a handler that raises `HTTPError` before refuses it with that status.
    Messages are `str` or `bytes`, as the client sent them. Pings are answered by the SDK.
    """

    def __init__(
        self, request: Request, wire: Wire, subprotocol: Optional[str] = None, max_message: int = DEFAULT_MAX_MESSAGE
    ) -> None:
        self._request = request
        self._wire = wire
        #: What both sides agreed on, of those that the route names.
        self.subprotocol = subprotocol
        self._reader = FrameReader(masked=True, max_message=max_message)
        self._accepting: Optional[asyncio.Task[None]] = None
        self._pump: Optional[asyncio.Task[None]] = None
        self._inbox = Inbox()
        self._sender = Sender(wire, self._lose)
        self._end = asyncio.Event()
        #: The close code once it is closed (RFC 6455 §7.4): 1006 where the client left without a word.
        self.close_code: Optional[int] = None
        self.close_reason = ""

    def __repr__(self) -> str:
        return f"<WebSocket {self.path}>"

    @property
    def path(self) -> str:
        """The path below the plugin's route."""
        return self._request.path

    @property
    def params(self) -> Dict[str, Any]:
        return self._request.params

    @property
    def query(self) -> Query:
        return self._request.query

    @property
    def headers(self) -> Headers:
        return self._request.headers

    @property
    def user(self) -> Optional[User]:
        return self._request.user

    @property
    def remote(self) -> str:
        return self._request.remote

    @property
    def accepted(self) -> bool:
        return self._pump is not None

    async def accept(self) -> None:
        """Completes the handshake. Everything else does so by itself."""
        if self._pump is None:
            if self._accepting is None:
                self._accepting = asyncio.ensure_future(self._accept())
            await asyncio.shield(self._accepting)

    async def _accept(self) -> None:
        try:
            await self._wire.accept(self.subprotocol)
        except StreamBroken:
            self._close_now(frames.LOST, "The client left before the handshake")
            raise self._closed() from None
        self._pump = asyncio.ensure_future(self._read())

    # Messages

    async def receive(self) -> Message:
        """The next message. Raises `WebSocketClosed`."""
        await self.accept()
        message = await self._inbox.get()
        if message is None:
            raise self._closed()
        return message

    def __aiter__(self) -> "WebSocket":
        """Messages until the socket is closed, by whoever and for whatever reason; `close_code` tells."""
        return self

    async def __anext__(self) -> Message:
        try:
            return await self.receive()
        except WebSocketClosed:
            raise StopAsyncIteration from None

    async def send(self, message: Message) -> None:
        """Text or bytes. Waits until the client has read enough of what came before. Raises `WebSocketClosed`."""
        if isinstance(message, str):
            frame = encode_frame(frames.TEXT, message.encode("utf-8"))
        elif isinstance(message, (bytes, bytearray, memoryview)):
            frame = encode_frame(frames.BINARY, bytes(message))
        else:
            raise TypeError(f"A message is text or bytes, not {type(message).__name__}")
        await self.accept()
        if not await self._sender.send(frame):
            raise self._closed()

    # The end

    async def close(self, code: int = frames.NORMAL, reason: str = "") -> None:
        """
        Closes it, and waits a while for the client to agree. Does nothing where it is closed already. `code` is 1000 to
        1014 as RFC 6455 has them, or 3000 to 4999; `reason` at most 123 bytes.
        """
        if not frames.may_be_sent(code):
            raise ValueError(f"Not a close code that may be sent: {code}")
        await self.accept()
        if not self._sender.closing:
            await self._say_goodbye(code, reason)
        await self._settle()

    async def wait_closed(self) -> None:
        """Returns when it is closed, by whoever and for whatever reason."""
        await self._end.wait()

    async def _say_goodbye(self, code: int, reason: str) -> None:
        """Sends our close frame. Nothing follows it."""
        self._sender.closing = True
        self._inbox.shut()
        try:
            await asyncio.wait_for(self._sender.close(code, reason), CLOSE_SECONDS)
        except asyncio.TimeoutError:
            self._close_now(frames.LOST, "The client does not read")

    async def _settle(self) -> None:
        """Waits for the client's end; it has its time for that, and then no more."""
        if self._pump is not None:
            await asyncio.wait({asyncio.ensure_future(self._end.wait())}, timeout=CLOSE_SECONDS)
            self._note_end(frames.LOST, "The client did not take part in closing")
            await asyncio.wait({self._pump}, timeout=CLOSE_SECONDS)
            self._wire.abort()

    def _lose(self) -> None:
        self._close_now(frames.LOST, "The connection is gone")

    def _close_now(self, code: int, reason: str) -> None:
        """The end without a handshake, where there has been none."""
        self._note_end(code, reason)
        self._wire.abort()

    def _note_end(self, code: int, reason: str) -> None:
        """The first cause counts."""
        self._sender.closing = True
        if self.close_code is None:
            self.close_code, self.close_reason = code, reason
        self._end.set()
        self._inbox.end()

    def _closed(self) -> WebSocketClosed:
        return WebSocketClosed(frames.LOST if self.close_code is None else self.close_code, self.close_reason)

    # Receiving

    async def _read(self) -> None:
        """Takes what arrives, as far as the handler keeps up, and sees to the end."""
        try:
            while self.close_code is None:
                data = await self._wire.read()
                if not data:
                    raise StreamBroken("end", "The client left without closing")
                await self._take(data)
                if not self._wire.hold(self._reader.held + self._inbox.held):
                    raise FrameError(frames.TRY_AGAIN_LATER, "The plugin is busy")
            await self._discard()
        except FrameError as error:
            said = self._sender.closing
            self._note_end(error.code, str(error))
            if not said:
                await self._say_goodbye(error.code, str(error))
                await self._discard()
        except StreamBroken as error:
            self._note_end(frames.LOST, f"The connection is gone: {error}")
        finally:
            del self._reader
            self._wire.abort()

    async def _discard(self) -> None:
        """Throws away what still comes, until the client has seen our end: cut off at once it might miss the reason."""

        async def read() -> None:
            while await self._wire.read():
                pass

        try:
            await asyncio.wait_for(read(), CLOSE_SECONDS)
        except (asyncio.TimeoutError, StreamBroken):
            pass

    async def _take(self, data: bytes) -> None:
        self._reader.push(data)
        while self.close_code is None:
            event = self._reader.next()
            if event is None:
                return
            if event.opcode in (frames.TEXT, frames.BINARY):
                await self._inbox.put(event.data)
            elif event.opcode == frames.PING:
                self._sender.answer_ping(bytes(event.data) if isinstance(event.data, bytes) else b"")
            elif event.opcode == frames.CLOSE:
                await self._take_close(event)

    async def _take_close(self, event: Event) -> None:
        said = self._sender.closing
        self._note_end(event.code, str(event.data))
        if not said:
            await self._say_goodbye(frames.NORMAL if event.code == frames.NO_CODE else event.code, "")
