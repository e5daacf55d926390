"""WebSockets on the connection to the host: a 101 answer, and raw bytes on two streams (protocol §10)."""

from __future__ import annotations

import asyncio
from typing import Optional, Set

from ._answers import Answers, answer_head
from ._app import Application
from ._exchanges import Exchange, Exchanges
from ._handshake import accept_headers, check_handshake, choose_subprotocol
from ._inbox import MAX_WAITING_BYTES
from ._link import Link
from ._stream_table import StreamTable
from ._websocket_frames import GOING_AWAY
from ._wire import Wire
from .errors import HTTPError, StreamBroken
from .request import Request
from .response import Response, problem
from .websocket import WebSocket

#: How long a handler may go on after its WebSocket was closed, before it is cancelled.
HANDLER_SECONDS = 5.0
#: Waiting messages of one WebSocket that count for nothing (an inbox and a part of a message): else with as many open as
#: there may be the next message would be one too many, and cost its socket.
FREE_BYTES = 2 * MAX_WAITING_BYTES


class Upgrades:
    def __init__(
        self, app: Application, link: Link, streams: StreamTable, exchanges: Exchanges, answers: Answers
    ) -> None:
        self._app = app
        self._link = link
        self._streams = streams
        self._exchanges = exchanges
        self._answers = answers
        self._open: Set[WebSocket] = set()
        self._closing: Set[asyncio.Task[None]] = set()

    async def serve(self, exchange: Exchange, request: Request) -> None:
        """Has the request handled: accepted and served to its end, or refused."""
        try:
            refusal = await self._accept(exchange, request)
            if refusal is not None:
                await self._answers.answer(exchange, request.method, refusal)
        except asyncio.CancelledError:
            self._answers.given_up(exchange)
        finally:
            self._answers.finish(exchange)

    async def _accept(self, exchange: Exchange, request: Request) -> Optional[Response]:
        try:
            route, request.params = self._app.plugin.sockets.match("GET", request.path)
            check_handshake(request.method, request.headers)
        except HTTPError as error:
            return problem(error)
        wire = StreamWire(exchange, request, self._link, self._streams, self._exchanges)
        subprotocol = choose_subprotocol(request.headers, route.subprotocols)
        socket = WebSocket(request, wire, subprotocol, route.max_message)
        self._open.add(socket)
        watching = asyncio.ensure_future(self._watch(socket, asyncio.current_task()))
        try:
            return await self._app.handle_socket(route.handler, socket)
        finally:
            watching.cancel()
            self._open.discard(socket)
            if socket.accepted:
                wire.abort()

    async def _watch(self, socket: WebSocket, handler: "Optional[asyncio.Task[None]]") -> None:
        """A handler that does not look at its socket would never learn that the client is gone."""
        await socket.wait_closed()
        await asyncio.sleep(HANDLER_SECONDS)
        if handler is not None:
            handler.cancel()

    def go_away(self) -> None:
        for socket in self._open:
            if socket.accepted:
                task = asyncio.ensure_future(socket.close(GOING_AWAY, "The plugin is shutting down"))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)


class StreamWire(Wire):
    """The two streams of one WebSocket."""

    def __init__(
        self, exchange: Exchange, request: Request, link: Link, streams: StreamTable, exchanges: Exchanges
    ) -> None:
        self._exchange = exchange
        self._request = request
        self._link = link
        self._streams = streams
        self._exchanges = exchanges

    async def accept(self, subprotocol: Optional[str]) -> None:
        await self._link.until_writable()
        if self._exchange.cancelled or self._link.is_closed:
            raise StreamBroken("cancelled", "The client left")
        outgoing = self._exchange.outgoing = self._streams.open_outgoing()
        headers = accept_headers(self._request.headers, subprotocol)
        self._link.send(answer_head(self._exchange, 101, headers, outgoing.number))

    async def read(self) -> bytes:
        return b"" if self._exchange.incoming is None else await self._exchange.incoming.read()

    async def write(self, data: bytes) -> None:
        outgoing = self._exchange.outgoing
        if outgoing is None:
            raise StreamBroken("closed", "The connection is closed")
        await self._streams.send(outgoing, data)

    def end(self) -> None:
        outgoing = self._exchange.outgoing
        if outgoing is not None and outgoing.error is None:
            self._streams.end(outgoing)
            self._close_outgoing(StreamBroken("ended", "Nothing follows a close frame"))

    def abort(self) -> None:
        error = StreamBroken("closed", "The WebSocket is closed")
        self._streams.refuse(self._exchange.incoming, error)
        self._streams.break_off(self._exchange.outgoing, error)
        self._close_outgoing(error)

    def _close_outgoing(self, error: StreamBroken) -> None:
        if self._exchange.outgoing is not None:
            self._exchange.outgoing.fail(error)
            self._streams.forget(self._exchange.outgoing)

    def hold(self, count: int) -> bool:
        return self._exchanges.hold(self._exchange, self._streams.window + max(0, count - FREE_BYTES))
