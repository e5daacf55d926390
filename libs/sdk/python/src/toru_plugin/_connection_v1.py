"""Version 1: a connection for each request, whole bodies of text (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import contextvars
import uuid
from typing import Any, Dict, List, Mapping, Optional, Set, cast

from . import _link
from ._app import Application, has_body, strip_base
from ._frames import FrameDecoder, encode
from ._json import dump, is_text, parse_object
from ._kv_wire import KV_SECONDS, check_kv_answer
from ._logs import complain
from ._messages import parse_headers, timestamp_now
from .errors import HTTPError, KvError, ProtocolError
from .kv import KvRequest, Transport
from .request import Request, User
from .response import Response

#: The host opens 16 at once unless its operator says otherwise.
MAX_CONNECTIONS = 256
#: Requests in flight on one connection; the host sends one.
MAX_IN_FLIGHT = 64
#: Room for the envelope, in a frame with the largest body.
ENVELOPE_BYTES = 64 * 1024

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
                self._receive(parse_object(frame.head))
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

    def _receive(self, message: Dict[str, Any]) -> None:
        kind, payload = message.get("type"), message.get("payload")
        if not isinstance(kind, str):
            raise ProtocolError("invalid_envelope", "A message without a type")
        outer = payload if isinstance(payload, dict) else {}
        nested = outer.get("payload")
        inner = nested if isinstance(nested, dict) else outer
        if kind == "lifecycle":
            self._receive_lifecycle(message.get("action", outer.get("action")), outer)
        elif kind == "http":
            self._receive_http(_request_id(message, outer), inner)
        elif kind == "kv":
            self._receive_kv(_request_id(message, outer), outer, inner)

    def _receive_lifecycle(self, action: Any, payload: Mapping[str, Any]) -> None:
        if action == "init":
            texts = [payload.get(name, "") for name in ("instance_id", "log_path")]
            if not all(isinstance(text, str) for text in texts):
                raise ProtocolError("invalid_init", "init cannot be read")
            self._owner.initialize(*texts)
        elif action == "shutdown":
            self._owner.shut_down()

    def _receive_http(self, request_id: str, payload: Mapping[str, Any]) -> None:
        method, path, body = (payload.get(name) for name in ("method", "path", "body"))
        if not isinstance(method, str) or not isinstance(path, str) or not path.startswith("/") or not is_text(path):
            raise ProtocolError("invalid_http_request", "A request without method or path")
        if body is not None and not is_text(body):
            raise ProtocolError("invalid_http_request", "A body that is no text")
        headers = parse_headers(payload.get("headers") or {})
        plugin = self._app.plugin
        request = Request(
            method,
            path,
            base=strip_base(path, "", plugin.route_path, guess=True),
            headers=headers,
            user=_user(headers),
            remote=str(headers.get("x-forwarded-for", "")),
            body=b"" if body is None else str(body).encode("utf-8"),
            max_body=plugin.max_body,
            request_id=request_id,
        )
        self._start(request_id, self._serve(request))

    def _receive_kv(self, request_id: str, outer: Mapping[str, Any], inner: Mapping[str, Any]) -> None:
        answer = self._kv.pop(request_id, None)
        if answer is not None:
            if not answer.done():
                answer.set_result(inner if "value" in inner or "error" in inner else outer)
            return
        found = [outer.get(name, inner.get(name)) for name in ("action", "key", "value")]
        action, key, value = found
        if not isinstance(action, str) or not isinstance(key, str):
            raise ProtocolError("invalid_kv_request", "A key-value message without action or key")
        request = KvRequest(action.lower(), key, value if isinstance(value, str) else None)
        self._start(request_id, self._serve_kv(request_id, request))

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
            payload = await self._payload(request.method, response)
        finally:
            await self._app.close_body(response.body)
        self._write(self._message("http", request.request_id, payload))

    async def _payload(self, method: str, response: Response) -> Dict[str, Any]:
        """Version 1 has neither streams nor bytes: what it cannot carry is answered 500, never damaged."""
        limit = self._decoder.max_frame - ENVELOPE_BYTES
        try:
            gathered = bytearray()
            if isinstance(response.body, bytes):
                gathered += response.body
            elif has_body(method, response):
                async for piece in self._app.pieces(response.body):
                    gathered += piece
                    if len(gathered) > limit:
                        break
            text = gathered.decode("utf-8") if has_body(method, response) else None
            payload = {"status": response.status, "headers": response.headers, "body": text or None}
            if len(dump(payload)) > limit:
                raise ValueError("the answer is too large for a message of version 1")
            return payload
        except Exception:
            self._app.plugin.log.exception("An answer cannot be sent: version 1 carries text of at most 16 MiB")
            error = HTTPError(500, "The plugin's answer cannot be sent")
            headers = {"content-type": "text/plain; charset=utf-8"}
            return {"status": error.status, "headers": headers, "body": error.detail}

    async def _serve_kv(self, request_id: str, request: KvRequest) -> None:
        await self._owner.until_initialized()
        if request.action not in ("get", "set", "delete") or (request.action == "set" and request.value is None):
            answer: Dict[str, Any] = {"error": {"code": "invalid_request", "message": "get, set or delete of a key"}}
        else:
            answer = await self._app.handle_kv(request)
        self._write(self._message("kv", request_id, {"value": None, **answer}))

    async def ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        """On the open connection, one after the other: the host answers them in their order."""
        if payload["action"] not in ("get", "set", "delete") or "ttl_ms" in payload or "if_revision" in payload:
            raise KvError("invalid_request", "Version 1 has get, set and delete of a key, without ttl and if_revision")
        async with self._kv_lock:
            if self._closed:
                raise KvError("unavailable", "The request that asks has ended")
            request_id = str(uuid.uuid4())
            try:
                frame = self._message("kv", request_id, payload)
            except ValueError as error:
                raise KvError("invalid_request", str(error)) from None
            answer: asyncio.Future[Mapping[str, Any]] = self._loop.create_future()
            self._kv[request_id] = answer
            self._write(frame)
            try:
                return check_kv_answer(await asyncio.wait_for(answer, KV_SECONDS))
            except asyncio.TimeoutError:
                raise KvError("timeout", f"The host has not answered within {KV_SECONDS:g} s") from None

    @staticmethod
    def _message(kind: str, request_id: str, payload: Mapping[str, Any]) -> bytes:
        return encode({"type": kind, "timestamp": timestamp_now(), "request_id": request_id, "payload": payload})


def _request_id(message: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    outer, inner = message.get("request_id"), payload.get("request_id")
    value = inner if outer is None else outer
    if not isinstance(value, str) or not 1 <= len(value) <= 128 or not is_text(value):
        raise ProtocolError("invalid_request_id", "A request_id is a string of 1 to 128 characters")
    if inner is not None and inner != value:
        raise ProtocolError("invalid_request_id", "Two different ids in one message")
    return value


def _user(headers: Mapping[str, Any]) -> Optional[User]:
    found = [headers.get(name) for name in ("x-toru-user-id", "x-toru-user", "x-toru-role")]
    if not all(isinstance(each, str) for each in found):
        return None
    return User(*(str(each) for each in found))
