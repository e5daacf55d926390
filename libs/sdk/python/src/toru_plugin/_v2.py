"""Version 2: one connection for the plugin's life, any number of requests at once (docs/protocol-v2.md)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Callable, Dict, Mapping, Optional, Set, cast

from ._app import Application, has_body, strip_base
from ._frames import FrameDecoder, encode
from ._messages import (
    Data,
    HttpRequest,
    Init,
    Message,
    lifecycle,
    parse_data,
    parse_grace,
    parse_http,
    parse_init,
    parse_message,
    parse_settings,
)
from ._streams import CHUNK_BYTES, DEFAULT_WINDOW, Incoming, Outgoing
from .errors import HTTPError, KvConflict, KvError, ProtocolError, StreamBroken
from .http import Request, Response
from .kv import KvRequest, Transport

FEATURES = ("stream", "kv", "log", "event", "settings")
#: Bodies up to here travel with their message.
SMALL_BODY = 64 * 1024
#: Requests in flight beyond it are answered 503.
MAX_IN_FLIGHT = 1024
#: What the bodies of the requests in flight may take together, windows of streams included.
MAX_HELD_BYTES = 128 * 1024 * 1024
#: Our output that the host has not read. Handlers wait long before; this stops what answers without waiting.
MAX_UNREAD_BYTES = 48 * 1024 * 1024
HIGH_WATER_BYTES = 256 * 1024
#: A frame that has begun, and output that the host does not read, may take this long.
FRAME_SECONDS = 30.0
WRITE_SECONDS = 30.0
KV_SECONDS = 30.0
MAX_OPEN_KV = 1024
#: Requests of ours that were given up and may still be answered.
MAX_GIVEN_UP = 4096


class Exchange:
    """A request of the host's that is being answered."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.task: Optional[asyncio.Task[None]] = None
        self.incoming: Optional[Incoming] = None
        self.stream: Optional[int] = None
        self.outgoing: Optional[Outgoing] = None
        self.held = 0
        self.cancelled = False


class Owner:
    """What a session asks of the process that it belongs to."""

    app: Application

    def accept(self, session: "Session") -> bool:
        """Whether this is the connection of the host."""
        raise NotImplementedError

    def initialize(self, session: "Session", init: Init) -> None:
        raise NotImplementedError

    def incompatible(self, session: "Session") -> None:
        """The host speaks another version of the protocol."""
        raise NotImplementedError

    def shut_down(self, grace: float) -> None:
        """`grace` is in seconds."""
        raise NotImplementedError

    def change_settings(self, settings: Dict[str, Any]) -> None:
        raise NotImplementedError

    def lost(self, session: "Session", reason: Optional[str]) -> None:
        """The connection is gone; `reason` is what broke it."""
        raise NotImplementedError


class Session(asyncio.Protocol, Transport):
    """
    The connection to the host. Everything that arrives is taken in the reader's callback and never waits for a
    handler; everything that is sent by a handler waits until the host reads.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._app = owner.app
        self._loop = asyncio.get_running_loop()
        self._transport: Optional[asyncio.Transport] = None
        self._decoder = FrameDecoder(tails=False)
        self._state = "new"
        self._closed = False
        self.heard = False
        self.features: Set[str] = set()
        self.window = DEFAULT_WINDOW
        self._exchanges: Dict[str, Exchange] = {}
        self._tasks: Set[asyncio.Task[None]] = set()
        self._held = 0
        self._incoming: Dict[int, Incoming] = {}
        self._last_incoming = 0
        self._outgoing: Dict[int, Outgoing] = {}
        self._last_outgoing = 0
        self._kv: Dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._kv_slots = asyncio.Semaphore(MAX_OPEN_KV)
        self._given_up: "OrderedDict[str, None]" = OrderedDict()
        self._last_id = 0
        self._writable = asyncio.Event()
        self._writable.set()
        self._written = 0
        self._frame_timer: Optional[asyncio.TimerHandle] = None
        self._write_timer: Optional[asyncio.TimerHandle] = None
        self._take_log: Optional[Callable[[], Optional[bytes]]] = None

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if not self._owner.accept(self):
            self._closed = True
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)

    def data_received(self, data: bytes) -> None:
        self.heard = True
        try:
            self._decoder.push(data)
            frames = 0
            while not self._closed:
                frame = self._decoder.next()
                if frame is None:
                    break
                frames += 1
                self._receive(parse_message(frame))
            self._watch_frame(frames > 0)
        except ProtocolError as error:
            self._break(error)

    def eof_received(self) -> None:
        try:
            if not self._closed:
                self._decoder.end()
        except ProtocolError as error:
            self._break(error)

    def connection_lost(self, exc: Optional[Exception]) -> None:
        self._close(None if exc is None else type(exc).__name__)

    def pause_writing(self) -> None:
        self._writable.clear()
        self._watch_writing()

    def resume_writing(self) -> None:
        self._writable.set()
        if self._write_timer is not None:
            self._write_timer.cancel()
        self.flush_logs()

    @property
    def is_closed(self) -> bool:
        return self._closed

    @property
    def descriptor(self) -> int:
        """The socket's file descriptor, -1 if there is none."""
        found = None if self._transport is None else self._transport.get_extra_info("socket")
        return -1 if found is None else int(found.fileno())

    def disconnect(self) -> None:
        """Closes the connection after everything that was written has gone out."""
        if self._transport is not None:
            self._transport.close()

    def _break(self, error: ProtocolError) -> None:
        if self._closed:
            return
        reason = f"protocol error {error.code}: {error}"
        if self._transport is not None:
            self._transport.abort()
        self._close(reason)

    def _close(self, reason: Optional[str]) -> None:
        if self._closed:
            return
        self._closed = True
        for timer in (self._frame_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        broken = StreamBroken("connection_lost", "The connection to the host is gone")
        for incoming in self._incoming.values():
            incoming.fail(broken)
        for outgoing in self._outgoing.values():
            outgoing.fail(broken)
        for answer in self._kv.values():
            if not answer.done():
                answer.set_exception(KvError("unavailable", "The connection to the host is gone"))
        for task in self._tasks:
            task.cancel()
        self._writable.set()
        self._owner.lost(self, reason)

    def _watch_frame(self, progress: bool) -> None:
        """A frame that never ends would keep its bytes for ever."""
        if self._frame_timer is not None and (progress or not self._decoder.pending):
            self._frame_timer.cancel()
            self._frame_timer = None
        if self._decoder.pending and self._frame_timer is None:
            error = ProtocolError("slow_frame", f"A frame took more than {FRAME_SECONDS:g} s")
            self._frame_timer = self._loop.call_later(FRAME_SECONDS, self._break, error)

    def _watch_writing(self) -> None:
        sent = self._written - self._unread()

        def check() -> None:
            if self._closed or self._writable.is_set():
                return
            if self._written - self._unread() > sent:
                self._watch_writing()
            else:
                self._break(ProtocolError("not_reading", f"The host has read nothing for {WRITE_SECONDS:g} s"))

        self._write_timer = self._loop.call_later(WRITE_SECONDS, check)

    def _unread(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    # Sending

    def _write(self, frame: bytes) -> None:
        """Writes at once: for answers of the reader itself, and after `_writable`."""
        if self._closed or self._transport is None:
            return
        self._written += len(frame)
        self._transport.write(frame)
        if self._unread() > MAX_UNREAD_BYTES:
            self._break(ProtocolError("not_reading", "The host does not read what it is sent"))

    async def _until_writable(self) -> None:
        # One that goes first may fill the buffer again, so everybody looks again.
        while not self._writable.is_set() and not self._closed:
            await self._writable.wait()

    def _encode(self, message: Mapping[str, Any], tail: Optional[bytes] = None) -> bytes:
        return encode(message, tail, self._decoder.max_frame)

    def _send_error(self, stream: int, code: str, message: str) -> None:
        payload = {"stream": stream, "error": {"code": code, "message": message}}
        self._write(self._encode({"type": "data", "payload": payload}))

    def carry_logs(self, take: Callable[[], Optional[bytes]]) -> None:
        self._take_log = take

    def flush_logs(self) -> None:
        """Log messages go out as far as the host reads; the rest waits where it is bounded."""
        while self._take_log is not None and self._writable.is_set() and not self._closed:
            frame = self._take_log()
            if frame is None:
                return
            if len(frame) - 4 <= self._decoder.max_frame:
                self._write(frame)

    # Life

    def ready(self) -> None:
        used = [feature for feature in FEATURES if feature in self.features]
        self._write(self._encode(lifecycle("ready", {"protocol": 2, "features": used})))
        self._state = "ready"
        self._decoder.tails = True

    def failed(self, code: str, message: str) -> None:
        self._write(self._encode(lifecycle("failed", {"code": code, "message": message[:500]})))

    def drain(self) -> None:
        """New requests are refused from now on."""
        self._state = "draining"

    async def finish(self, seconds: float) -> None:
        """Waits for the requests in flight, then cancels what is left."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in self._tasks:
            task.cancel()

    # Receiving

    def _receive(self, message: Message) -> None:
        kind = message.type
        if kind == "ping":
            self._write(self._encode({"type": "pong", "request_id": message.request_id}))
        elif kind == "lifecycle":
            self._receive_lifecycle(message)
        elif kind in ("log", "event"):
            raise ProtocolError("unexpected_message", f"Only plugins send {kind}")
        elif kind == "pong":
            raise ProtocolError("unknown_request_id", "A pong to no open ping")
        elif kind in ("http", "upgrade", "kv", "cancel", "data"):
            if self._state in ("new", "starting"):
                raise ProtocolError("unexpected_message", f"{kind} before ready")
            getattr(self, f"_receive_{kind}")(message)

    def _receive_lifecycle(self, message: Message) -> None:
        if message.action == "init":
            if self._state != "new":
                raise ProtocolError("unexpected_message", "A second init")
            if message.payload.get("protocol") != 2:
                self._owner.incompatible(self)
                return
            init = parse_init(message.payload)
            self._decoder.max_frame, self.window = init.max_frame, init.window
            self.features = set(FEATURES).intersection(init.features)
            self._state = "starting"
            self._owner.initialize(self, init)
        elif message.action == "shutdown":
            self._owner.shut_down(parse_grace(message.payload, 5000) / 1000)
        elif message.action == "settings":
            if self._state == "new":
                raise ProtocolError("unexpected_message", "settings before init")
            self._owner.change_settings(parse_settings(message.payload))
        elif message.action in ("ready", "failed"):
            raise ProtocolError("unexpected_message", f"Only plugins send {message.action}")

    def _receive_http(self, message: Message) -> None:
        http = parse_http(message)
        exchange = self._open(message.request_id)
        incoming = self._open_incoming(exchange, http.stream)
        exchange.held = len(http.body) + (self.window if http.stream is not None else 0)
        refusal = self._refusal(exchange.held)
        if refusal is not None:
            exchange.held = 0
            self._answer_at_once(exchange, refusal)
            return
        self._held += exchange.held
        plugin = self._app.plugin
        request = Request(
            http.method,
            http.path,
            base=strip_base(http.path, http.base, plugin.route_path, guess=False),
            headers=http.headers,
            user=http.user,
            remote=http.remote,
            read=None if incoming is None else incoming.read,
            body=http.body,
            max_body=plugin.max_body,
            request_id=message.request_id,
        )
        self._start(exchange, self._serve(exchange, request))

    def _receive_upgrade(self, message: Message) -> None:
        http: HttpRequest = parse_http(message)
        if http.stream is None:
            raise ProtocolError("invalid_stream", "upgrade needs a stream")
        exchange = self._open(message.request_id)
        self._open_incoming(exchange, http.stream)
        self._answer_at_once(exchange, HTTPError(501, "This plugin has no WebSockets"))

    def _receive_cancel(self, message: Message) -> None:
        exchange = self._exchanges.pop(message.request_id, None)
        if exchange is None:
            return  # answered already: the two messages met on their way
        exchange.cancelled = True
        broken = StreamBroken("cancelled", "The request was cancelled")
        if exchange.stream is not None and exchange.stream in self._incoming:
            self._send_error(exchange.stream, "cancelled", "The request was cancelled")
        self._close_incoming(exchange, broken)
        if exchange.outgoing is not None:
            self._send_error(exchange.outgoing.number, "cancelled", "The request was cancelled")
            exchange.outgoing.fail(broken)
        if exchange.task is not None:
            exchange.task.cancel()

    def _receive_data(self, message: Message) -> None:
        data: Data = parse_data(message)
        if data.stream % 2 == 1:
            self._receive_bytes(data, message.tail)
            return
        if data.stream > self._last_outgoing:
            raise ProtocolError("unknown_stream", "No message named this stream")
        outgoing = self._outgoing.get(data.stream)
        if outgoing is None:
            return  # it has ended; the credit for its last bytes is late
        if data.credit is not None:
            outgoing.add_credit(data.credit)
        if data.error is not None:
            outgoing.fail(StreamBroken(*data.error))

    def _receive_bytes(self, data: Data, tail: Optional[bytes]) -> None:
        if data.stream > self._last_incoming:
            raise ProtocolError("unknown_stream", "No message named this stream")
        incoming = self._incoming.get(data.stream)
        if incoming is None:
            return  # given up by us, or broken off: bytes that were on their way
        if tail:
            incoming.feed(tail)
        if data.error is not None:
            incoming.fail(StreamBroken(*data.error))
        elif data.end:
            incoming.feed_end()
        if incoming.ended:
            del self._incoming[data.stream]

    def _receive_kv(self, message: Message) -> None:
        payload = message.payload
        if payload.get("action") is not None:
            self._receive_kv_request(message)
            return
        answer = self._kv.pop(message.request_id, None)
        if answer is None:
            if message.request_id not in self._given_up:
                raise ProtocolError("unknown_request_id", "An answer to no open request")
            del self._given_up[message.request_id]
        elif not answer.done():
            answer.set_result(payload)

    def _receive_kv_request(self, message: Message) -> None:
        action, key, value = (message.payload.get(name) for name in ("action", "key", "value"))
        exchange = self._open(message.request_id)
        good = action in ("get", "set", "delete") and isinstance(key, str)
        if not good or (action == "set" and not isinstance(value, str)):
            self._answer_kv(exchange, {"error": {"code": "invalid_request", "message": "get, set or delete of a key"}})
            return
        if len(self._tasks) >= MAX_IN_FLIGHT:
            self._answer_kv(exchange, {"error": {"code": "storage_unavailable", "message": "The plugin is busy"}})
            return
        numbers = [message.payload.get(name) for name in ("ttl_ms", "if_revision")]
        ttl_ms, if_revision = (number if type(number) is int else None for number in numbers)
        request = KvRequest(str(action), str(key), value if isinstance(value, str) else None, ttl_ms, if_revision)
        self._start(exchange, self._serve_kv(exchange, request))

    # Exchanges

    def _open(self, request_id: str) -> Exchange:
        if request_id in self._exchanges:
            raise ProtocolError("duplicate_request_id", "The id of an open request")
        exchange = self._exchanges[request_id] = Exchange(request_id)
        return exchange

    def _open_incoming(self, exchange: Exchange, stream: Optional[int]) -> Optional[Incoming]:
        if stream is None:
            return None
        if stream <= self._last_incoming:
            raise ProtocolError("invalid_stream", "The number of a stream that was used before")
        self._last_incoming = exchange.stream = stream

        def grant(credit: int) -> None:
            self._write(self._encode({"type": "data", "payload": {"stream": stream, "credit": credit}}))

        incoming = exchange.incoming = self._incoming[stream] = Incoming(self.window, grant)
        return incoming

    def _close_incoming(self, exchange: Exchange, error: StreamBroken) -> None:
        if exchange.incoming is not None and exchange.stream is not None:
            exchange.incoming.fail(error)
            self._incoming.pop(exchange.stream, None)

    def _refusal(self, held: int) -> Optional[HTTPError]:
        if self._state == "draining":
            return HTTPError(503, "The plugin is shutting down")
        if len(self._tasks) >= MAX_IN_FLIGHT or self._held + held > MAX_HELD_BYTES:
            return HTTPError(503, "The plugin is busy", {"retry-after": "1"})
        return None

    def _start(self, exchange: Exchange, coroutine: Any) -> None:
        task = exchange.task = self._loop.create_task(coroutine)
        self._tasks.add(task)

        def ended(task: "asyncio.Task[None]") -> None:
            # A task that was cancelled before its first step has run no `finally`.
            self._tasks.discard(task)
            self._held -= exchange.held

        task.add_done_callback(ended)

    async def _serve(self, exchange: Exchange, request: Request) -> None:
        try:
            response = await self._app.handle(request)
            await self._answer(exchange, request.method, response)
        except asyncio.CancelledError:
            # A handler may be cancelled by something of its own: the host still has to get its answer.
            if not exchange.cancelled and not self._closed and exchange.outgoing is None:
                self._answer_at_once(exchange, HTTPError(503, "The request was given up by the plugin"))
        finally:
            if not exchange.cancelled:
                self._exchanges.pop(exchange.request_id, None)
                self._close_incoming(exchange, StreamBroken("answered", "The answer is complete"))

    async def _serve_kv(self, exchange: Exchange, request: KvRequest) -> None:
        try:
            payload = await self._app.handle_kv(request)
            await self._until_writable()
        except asyncio.CancelledError:
            payload = {"error": {"code": "storage_unavailable", "message": "The plugin gave up"}}
        if not exchange.cancelled:
            self._answer_kv(exchange, payload)

    def _answer_kv(self, exchange: Exchange, payload: Mapping[str, Any]) -> None:
        self._exchanges.pop(exchange.request_id, None)
        try:
            frame = self._encode({"type": "kv", "request_id": exchange.request_id, "payload": payload})
        except ValueError:
            error = {"code": "kv_value_too_large", "message": "The value cannot be sent"}
            frame = self._encode({"type": "kv", "request_id": exchange.request_id, "payload": {"error": error}})
        self._write(frame)

    def _answer_at_once(self, exchange: Exchange, error: HTTPError) -> None:
        headers = {"content-type": "text/plain; charset=utf-8", **error.headers}
        self._exchanges.pop(exchange.request_id, None)
        self._close_incoming(exchange, StreamBroken("answered", "The answer is complete"))
        self._write(self._encode(_head(exchange, error.status, headers), error.detail.encode()))

    async def _answer(self, exchange: Exchange, method: str, response: Response) -> None:
        body = response.body
        try:
            if not has_body(method, response):
                await self._answer_whole(exchange, response, b"")
            elif isinstance(body, bytes) and (len(body) <= SMALL_BODY or "stream" not in self.features):
                await self._answer_whole(exchange, response, body)
            elif "stream" in self.features:
                await self._answer_stream(exchange, response)
            else:
                await self._answer_whole(exchange, response, await self._gather(body))
        finally:
            await self._app.close_body(body)

    async def _gather(self, body: Any) -> bytes:
        """A streamed body for a host that takes no streams."""
        gathered = bytearray()
        try:
            async for piece in self._app.pieces(body):
                gathered += piece
                if len(gathered) > self._decoder.max_frame:
                    break
        except Exception:
            self._app.plugin.log.exception("A streamed body failed")
            gathered = bytearray(self._decoder.max_frame + 1)
        return bytes(gathered)

    async def _answer_whole(self, exchange: Exchange, response: Response, body: bytes) -> None:
        try:
            frame = self._encode(_head(exchange, response.status, response.headers), body or None)
        except ValueError:
            self._app.plugin.log.error("An answer is larger than a frame, or has a header that is no text")
            failure = {"content-type": "text/plain; charset=utf-8"}
            frame = self._encode(_head(exchange, 500, failure), b"The plugin's answer cannot be sent")
        await self._until_writable()
        if not exchange.cancelled:
            self._exchanges.pop(exchange.request_id, None)
            self._write(frame)

    async def _answer_stream(self, exchange: Exchange, response: Response) -> None:
        await self._until_writable()
        if exchange.cancelled or self._closed:
            return
        number = self._last_outgoing + 2
        try:
            frame = self._encode(_head(exchange, response.status, response.headers, number))
        except ValueError:
            await self._answer_whole(exchange, response, b"")
            return
        self._last_outgoing = number
        outgoing = exchange.outgoing = self._outgoing[number] = Outgoing(number, self.window)
        self._write(frame)
        try:
            if isinstance(response.body, bytes):
                await self._send_bytes(outgoing, response.body, end=True)
            else:
                async for piece in self._app.pieces(response.body):
                    await self._send_bytes(outgoing, piece, end=False)
                self._write(self._encode({"type": "data", "payload": {"stream": number, "end": True}}))
        except asyncio.CancelledError:
            if not exchange.cancelled:
                self._send_error(number, "cancelled", "The plugin gave up")
            raise
        except StreamBroken as error:
            if outgoing.error is None:  # it was the request's body that broke, and the handler's generator with it
                self._send_error(number, error.code, "The request's body was broken off")
        except (Exception, SystemExit, KeyboardInterrupt):
            self._app.plugin.log.exception("A streamed body failed")
            self._send_error(number, "internal", "The plugin failed in the middle of its answer")
        finally:
            self._outgoing.pop(number, None)

    async def _send_bytes(self, outgoing: Outgoing, data: bytes, end: bool) -> None:
        chunk = min(CHUNK_BYTES, self._decoder.max_frame - 256)
        view, position = memoryview(data), 0
        while position < len(view):
            count = await outgoing.take(min(chunk, len(view) - position))
            await self._until_writable()
            if outgoing.error is not None:
                raise outgoing.error
            payload: Dict[str, Any] = {"stream": outgoing.number}
            if end and position + count == len(view):
                payload["end"] = True
            self._write(encode({"type": "data", "payload": payload}, view[position : position + count]))
            position += count

    # Key-value storage

    async def ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        if self._state in ("new", "starting"):
            raise KvError("unavailable", "The storage is there from on_ready on, not in on_init")
        if "kv" not in self.features:
            raise KvError("unavailable", "The host offers no storage")
        async with self._kv_slots:
            if self._closed:
                raise KvError("unavailable", "The connection to the host is gone")
            self._last_id += 1
            request_id = f"k{self._last_id}"
            try:
                frame = self._encode({"type": "kv", "request_id": request_id, "payload": payload})
            except ValueError as error:
                raise KvError("invalid_request", str(error)) from None
            await self._until_writable()
            answer: asyncio.Future[Mapping[str, Any]] = self._loop.create_future()
            self._kv[request_id] = answer
            self._write(frame)
            try:
                found = await asyncio.wait_for(answer, KV_SECONDS)
            except asyncio.TimeoutError:
                raise KvError("timeout", f"The host has not answered within {KV_SECONDS:g} s") from None
            finally:
                if self._kv.pop(request_id, None) is not None and not self._closed:
                    self._give_up(request_id)
        return check_kv_answer(found)

    def _give_up(self, request_id: str) -> None:
        self._given_up[request_id] = None
        if len(self._given_up) > MAX_GIVEN_UP:
            self._given_up.popitem(last=False)
        self._write(self._encode({"type": "cancel", "request_id": request_id}))


def check_kv_answer(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises the error that a storage has answered with."""
    error = payload.get("error")
    if error is None:
        return payload
    code, message = (error.get("code"), error.get("message", "")) if isinstance(error, dict) else ("internal", error)
    if not isinstance(code, str) or not isinstance(message, str):
        raise KvError("invalid_answer", "The host's answer cannot be read")
    raise (KvConflict if code == "kv_conflict" else KvError)(code, message)


def _head(exchange: Exchange, status: int, headers: Mapping[str, Any], stream: Optional[int] = None) -> Dict[str, Any]:
    payload: Dict[str, Any] = {"status": status, "headers": headers}
    if stream is not None:
        payload["stream"] = stream
    return {"type": "http", "request_id": exchange.request_id, "payload": payload}


