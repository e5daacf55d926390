"""Version 1: a connection for each request (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import contextvars
import uuid
from typing import Any, Dict, List, Mapping, Optional, Set, cast

from . import _link
from ._answers_v1 import answer_payload
from ._app import Application, strip_base
from ._frames import FrameDecoder
from ._http_messages import HttpRequest
from ._kv_wire import KV_SECONDS, check_kv_answer
from ._logs import complain
from ._messages_v1 import (
    Message,
    encode_message,
    kv_answer,
    parse_http,
    parse_init,
    parse_kv_request,
    parse_message,
    storage_answer,
)
from .errors import KvError, ProtocolError
from .kv import KvRequest, Transport
from .request import Request

#: The host opens 16 at once unless its operator says otherwise.
MAX_CONNECTIONS = 256
#: Requests in flight on one connection; the host sends one.
MAX_IN_FLIGHT = 64

#: The connection of the request that is being handled: key-value requests go out on it.
current: "contextvars.ContextVar[Optional[Connection]]" = contextvars.ContextVar("toru_connection", default=None)


class Owner:
    """What a connection asks of the process that it belongs to."""

    app: Application
    connections: "Set[Connection]"

    def initialize(self, instance_id: str, log_path: str) -> None:
        raise NotImplementedError

    async def until_initialized(self) -> None:
        """Returns when `on_init` is done."""
        raise NotImplementedError

    def shut_down(self) -> None:
        raise NotImplementedError


class Connection(asyncio.Protocol, Transport):
    """One of the host's connections. What breaks the protocol closes it, and nothing else."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._app = owner.app
        self._loop = asyncio.get_running_loop()
        self._transport: Optional[asyncio.Transport] = None
        self._decoder = FrameDecoder(tails=False)
        self._timer: Optional[asyncio.TimerHandle] = None
        self._tasks: Dict[str, asyncio.Task[None]] = {}
        self._kv: Dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._kv_lock = asyncio.Lock()
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if len(self._owner.connections) >= MAX_CONNECTIONS:
            self._closed = True
            self._transport.abort()
            return
        self._owner.connections.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._decoder.push(data)
            progress = False
            while not self._closed:
                frame = self._decoder.next()
                if frame is None:
                    break
                progress = True
                self._receive(parse_message(frame.head))
            self._watch_frame(progress)
        except ProtocolError as error:
            self._break(error)

    def eof_received(self) -> None:
        try:
            if not self._closed:
                self._decoder.end()
        except ProtocolError as error:
            self._break(error)

    def connection_lost(self, exc: Optional[Exception]) -> None:
        self._close()

    @property
    def tasks(self) -> List["asyncio.Task[None]"]:
        return list(self._tasks.values())

    def _watch_frame(self, progress: bool) -> None:
        """A frame has its time as a whole: one byte now and then is no way to keep a connection."""
        pending = self._decoder.pending
        if self._timer is not None and (progress or not pending):
            self._timer.cancel()
            self._timer = None
        if pending and self._timer is None:
            seconds = _link.FRAME_SECONDS
            error = ProtocolError("slow_frame", f"A frame took more than {seconds:g} s")
            self._timer = self._loop.call_later(seconds, self._break, error)

    def _break(self, error: ProtocolError) -> None:
        if not self._closed:
            complain(f"protocol error {error.code}: {error}")
            if self._transport is not None:
                self._transport.abort()
            self._close()

    def _close(self) -> None:
        """The host gives a request up by closing its connection."""
        self._closed = True
        self._owner.connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        for answer in self._kv.values():
            if not answer.done():
                answer.set_exception(KvError("unavailable", "The connection to the host is gone"))
        for task in self.tasks:
            task.cancel()

    def _write(self, frame: bytes) -> None:
        if not self._closed and self._transport is not None:
            self._transport.write(frame)
            if self._transport.get_write_buffer_size() > _link.MAX_UNREAD_BYTES:
                self._break(ProtocolError("not_reading", "The host does not read what it is sent"))

    def _receive(self, message: Message) -> None:
        if message.type == "lifecycle":
            if message.action == "init":
                self._owner.initialize(*parse_init(message))
            elif message.action == "shutdown":
                self._owner.shut_down()
        elif message.type == "http":
            request_id = message.request_id
            self._start(request_id, self._serve(self._request(request_id, parse_http(message))))
        elif message.type == "kv":
            self._receive_kv(message.request_id, message)

    def _request(self, request_id: str, http: HttpRequest) -> Request:
        plugin = self._app.plugin
        return Request(
            http.method,
            http.path,
            base=strip_base(http.path, "", plugin.route_path, guess=True),
            headers=http.headers,
            user=http.user,
            remote=http.remote,
            body=http.body,
            max_body=plugin.max_body,
            request_id=request_id,
        )

    def _receive_kv(self, request_id: str, message: Message) -> None:
        answer = self._kv.pop(request_id, None)
        if answer is None:
            self._start(request_id, self._serve_kv(request_id, parse_kv_request(message)))
        elif not answer.done():
            answer.set_result(kv_answer(message))

    def _start(self, request_id: str, coroutine: Any) -> None:
        if request_id in self._tasks or len(self._tasks) >= MAX_IN_FLIGHT:
            coroutine.close()
            raise ProtocolError("duplicate_request_id", "The id of an open request, or too many of them")
        token = current.set(self)
        task = self._tasks[request_id] = self._loop.create_task(coroutine)
        current.reset(token)
        task.add_done_callback(lambda _task: self._tasks.pop(request_id, None))

    async def _serve(self, request: Request) -> None:
        await self._owner.until_initialized()
        response = await self._app.handle(request)
        try:
            payload = await answer_payload(self._app, request.method, response, self._decoder.max_frame)
        finally:
            await self._app.close_body(response.body)
        self._write(encode_message("http", request.request_id, payload))

    async def _serve_kv(self, request_id: str, request: KvRequest) -> None:
        await self._owner.until_initialized()
        if request.action not in ("get", "set", "delete") or (request.action == "set" and request.value is None):
            answer: Dict[str, Any] = {"error": {"code": "invalid_request", "message": "get, set or delete of a key"}}
        else:
            answer = await self._app.handle_kv(request)
        self._write(encode_message("kv", request_id, {"value": None, **answer}))

    async def ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        """On the open connection, one after the other: the host answers them in their order."""
        if payload["action"] not in ("get", "set", "delete") or "ttl_ms" in payload or "if_revision" in payload:
            raise KvError("invalid_request", "Version 1 has get, set and delete of a key, without ttl and if_revision")
        async with self._kv_lock:
            if self._closed:
                raise KvError("unavailable", "The request that asks has ended")
            request_id = str(uuid.uuid4())
            try:
                frame = encode_message("kv", request_id, payload)
            except ValueError as error:
                raise KvError("invalid_request", str(error)) from None
            answer: asyncio.Future[Mapping[str, Any]] = self._loop.create_future()
            self._kv[request_id] = answer
            self._write(frame)
            try:
                return storage_answer(check_kv_answer(await asyncio.wait_for(answer, KV_SECONDS)))
            except asyncio.TimeoutError:
                raise KvError("timeout", f"The host has not answered within {KV_SECONDS:g} s") from None
