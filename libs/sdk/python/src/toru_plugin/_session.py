"""Version 2: one connection for the plugin's life, any number of requests at once (docs/protocol-v2.md)."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional, Set

from ._answers import Answers
from ._app import Application, strip_base
from ._data_messages import parse_data
from ._exchanges import Exchange, Exchanges
from ._http_messages import HttpRequest, parse_http
from ._kv_wire import KvClient, KvService
from ._lifecycle_messages import Init, lifecycle, parse_grace, parse_init, parse_settings
from ._link import Link, LinkUser
from ._messages import Message
from ._stream_table import StreamTable
from ._upgrades import Upgrades
from .errors import HTTPError, ProtocolError, StreamBroken
from .kv import Transport
from .request import Request

FEATURES = ("stream", "upgrade", "kv", "log", "event", "settings")
#: Milliseconds, where `shutdown` does not say.
DEFAULT_GRACE_MS = 5000


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


class Session(LinkUser, Transport):
    """
    The connection to the host. Everything that arrives is taken in the reader's callback and never waits for a
    handler; everything that is sent by a handler waits until the host reads.
    """

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self._app = owner.app
        #: What both sides take part in; known after `init`.
        self.features: Set[str] = set()
        self.link = Link(self)
        self.streams = StreamTable(self.link)
        self.exchanges = Exchanges()
        self._answers = Answers(self._app, self.link, self.streams, self.exchanges, self.features)
        self._upgrades = Upgrades(self._app, self.link, self.streams, self.exchanges, self._answers)
        self.kv = KvClient(self.link, self.features)
        self._kv_service = KvService(self._app, self.link, self.exchanges)
        self._initialized = False
        self._ready = False
        self._receivers: Dict[str, Callable[[Message], None]] = {
            "http": self._receive_http,
            "data": self._receive_data,
            "kv": self._receive_kv,
            "cancel": self._receive_cancel,
            "upgrade": self._receive_upgrade,
        }

    async def ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        return await self.kv.ask(payload)

    def accept(self) -> bool:
        return self.owner.accept(self)

    def closed(self, reason: Optional[str]) -> None:
        self.streams.fail_all(StreamBroken("connection_lost", "The connection to the host is gone"))
        self.kv.fail_all()
        self.exchanges.cancel_all()
        self.owner.lost(self, reason)

    # Life

    def ready(self) -> None:
        used = [feature for feature in FEATURES if feature in self.features]
        self.link.send(lifecycle("ready", {"protocol": 2, "features": used}))
        self._ready = self.kv.is_open = self.link.decoder.tails = True

    def failed(self, code: str, message: str) -> None:
        self.link.send(lifecycle("failed", {"code": code, "message": message[:500]}))

    def drain(self) -> None:
        """New requests are refused from now on, and WebSockets are told that the plugin goes away."""
        self.exchanges.draining = True
        self._upgrades.go_away()

    async def finish(self, seconds: float) -> None:
        await self.exchanges.finish(seconds)

    # Receiving

    def receive(self, message: Message) -> None:
        kind = message.type
        receiver = self._receivers.get(kind)
        if receiver is not None:
            if not self._ready:
                raise ProtocolError("unexpected_message", f"{kind} before ready")
            receiver(message)
        elif kind == "ping":
            self.link.send({"type": "pong", "request_id": message.request_id})
        elif kind == "lifecycle":
            self._receive_lifecycle(message)
        elif kind in ("log", "event"):
            raise ProtocolError("unexpected_message", f"Only plugins send {kind}")
        elif kind == "pong":
            raise ProtocolError("unknown_request_id", "A pong to no open ping")

    def _receive_lifecycle(self, message: Message) -> None:
        if message.action == "init":
            if self._initialized:
                raise ProtocolError("unexpected_message", "A second init")
            if message.payload.get("protocol") != 2:
                self.owner.incompatible(self)
                return
            init = parse_init(message.payload)
            self.link.decoder.max_frame, self.streams.window = init.max_frame, init.window
            self.features.update(set(FEATURES).intersection(init.features))
            self._initialized = True
            self.owner.initialize(self, init)
        elif message.action == "shutdown":
            self.owner.shut_down(parse_grace(message.payload, DEFAULT_GRACE_MS) / 1000)
        elif message.action == "settings":
            if not self._initialized:
                raise ProtocolError("unexpected_message", "settings before init")
            self.owner.change_settings(parse_settings(message.payload))
        elif message.action in ("ready", "failed"):
            raise ProtocolError("unexpected_message", f"Only plugins send {message.action}")

    def _receive_http(self, message: Message) -> None:
        http = parse_http(message)
        exchange = self._open(message, http)
        held = len(http.body) + (0 if exchange.incoming is None else self.streams.window)
        refusal = self.exchanges.refusal(held)
        if refusal is not None:
            self._answers.at_once(exchange, refusal)
        else:
            serving = self._answers.serve(exchange, self._request(exchange, http, body=True))
            self.exchanges.start(exchange, serving, held)

    def _receive_upgrade(self, message: Message) -> None:
        http = parse_http(message)
        if http.stream is None:
            raise ProtocolError("invalid_stream", "upgrade needs a stream")
        exchange = self._open(message, http)
        refusal = self.exchanges.refusal(self.streams.window)
        if "upgrade" not in self.features:
            refusal = HTTPError(501, "The host has not offered the feature 'upgrade'")
        if refusal is not None:
            self._answers.at_once(exchange, refusal)
        else:
            serving = self._upgrades.serve(exchange, self._request(exchange, http, body=False))
            self.exchanges.start(exchange, serving, self.streams.window)

    def _open(self, message: Message, http: HttpRequest) -> Exchange:
        exchange = self.exchanges.open(message.request_id)
        if http.stream is not None:
            exchange.incoming = self.streams.open_incoming(http.stream)
        return exchange

    def _request(self, exchange: Exchange, http: HttpRequest, body: bool) -> Request:
        return Request(
            http.method,
            http.path,
            base=strip_base(http.path, http.base, self._app.plugin.route_path, guess=False),
            headers=http.headers,
            user=http.user,
            remote=http.remote,
            read=exchange.incoming.read if body and exchange.incoming is not None else None,
            body=http.body,
            max_body=self._app.plugin.max_body,
            request_id=exchange.request_id,
        )

    def _receive_cancel(self, message: Message) -> None:
        exchange = self.exchanges.cancel(message.request_id)
        if exchange is not None:
            broken = StreamBroken("cancelled", "The request was cancelled")
            self.streams.refuse(exchange.incoming, broken)
            self.streams.break_off(exchange.outgoing, broken)
            if exchange.task is not None:
                exchange.task.cancel()

    def _receive_data(self, message: Message) -> None:
        self.streams.receive(parse_data(message), message.tail)

    def _receive_kv(self, message: Message) -> None:
        if message.payload.get("action") is None:
            self.kv.answered(message.request_id, message.payload)
        else:
            self._kv_service.receive(message)
