"""Key-value messages in both directions: our questions to the host's storage, and the host's to ours (protocol §8)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Dict, Mapping, Set

from ._app import Application
from ._exchanges import Exchange, Exchanges
from ._fields import integer
from ._link import Link
from ._messages import Message
from ._streams import MAX_INTEGER
from .errors import KvConflict, KvError, ProtocolError
from .kv import KvRequest, Transport

KV_SECONDS = 30.0
MAX_OPEN_KV = 1024
#: Requests of ours that were given up and may still be answered.
MAX_GIVEN_UP = 4096


class KvClient(Transport):
    """The storage of the host."""

    def __init__(self, link: Link, features: Set[str]) -> None:
        self._link = link
        self._features = features
        #: Whether the host has got our `ready`.
        self.is_open = False
        self._waiting: Dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._slots = asyncio.Semaphore(MAX_OPEN_KV)
        self._given_up: "OrderedDict[str, None]" = OrderedDict()
        self._last_id = 0

    async def ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        if not self.is_open:
            raise KvError("unavailable", "The storage is there from on_ready on, not in on_init")
        if "kv" not in self._features:
            raise KvError("unavailable", "The host offers no storage (feature 'kv' of the protocol)")
        async with self._slots:
            if self._link.is_closed:
                raise _gone()
            self._last_id += 1
            request_id = f"k{self._last_id}"
            try:
                frame = self._link.encode({"type": "kv", "request_id": request_id, "payload": payload})
            except ValueError as error:
                raise KvError("invalid_request", str(error)) from None
            await self._link.until_writable()
            answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
            self._waiting[request_id] = answer
            self._link.write(frame)
            try:
                found = await asyncio.wait_for(answer, KV_SECONDS)
            except asyncio.TimeoutError:
                raise KvError("timeout", f"The host has not answered within {KV_SECONDS:g} s") from None
            finally:
                if self._waiting.pop(request_id, None) is not None and not self._link.is_closed:
                    self._give_up(request_id)
        return check_kv_answer(found)

    def answered(self, request_id: str, payload: Mapping[str, Any]) -> None:
        answer = self._waiting.pop(request_id, None)
        if answer is None:
            if request_id not in self._given_up:
                raise ProtocolError("unknown_request_id", "An answer to no open request")
            del self._given_up[request_id]
        elif not answer.done():
            answer.set_result(payload)

    def fail_all(self) -> None:
        """The connection is gone."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_gone())

    def _give_up(self, request_id: str) -> None:
        self._given_up[request_id] = None
        if len(self._given_up) > MAX_GIVEN_UP:
            self._given_up.popitem(last=False)
        self._link.send({"type": "cancel", "request_id": request_id})


class KvService:
    """The plugin's own storage, for the host (KV-8)."""

    def __init__(self, app: Application, link: Link, exchanges: Exchanges) -> None:
        self._app = app
        self._link = link
        self._exchanges = exchanges

    def receive(self, message: Message) -> None:
        action, key, value = (message.payload.get(name) for name in ("action", "key", "value"))
        numbers = [message.payload.get(name) for name in ("ttl_ms", "if_revision")]
        ttl_ms, if_revision = (integer(number, 0, MAX_INTEGER) for number in numbers)
        exchange = self._exchanges.open(message.request_id)
        # a condition that cannot be read is not left out: the key would be overwritten whatever it has
        readable = [ttl_ms, if_revision].count(None) == numbers.count(None)
        good = action in ("get", "set", "delete") and isinstance(key, str) and readable
        if not good or (action == "set" and not isinstance(value, str)):
            self._answer(exchange, {"error": {"code": "invalid_request", "message": "get, set or delete of a key, with fields that can be read"}})
            return
        if not self._exchanges.has_room():
            self._answer(exchange, {"error": {"code": "storage_unavailable", "message": "The plugin is busy"}})
            return
        request = KvRequest(str(action), str(key), value if isinstance(value, str) else None, ttl_ms, if_revision)
        self._exchanges.start(exchange, self._serve(exchange, request))

    async def _serve(self, exchange: Exchange, request: KvRequest) -> None:
        try:
            payload = await self._app.handle_kv(request)
            await self._link.until_writable()
        except asyncio.CancelledError:
            payload = {"error": {"code": "storage_unavailable", "message": "The plugin gave up"}}
        if not exchange.cancelled:
            self._answer(exchange, payload)

    def _answer(self, exchange: Exchange, payload: Mapping[str, Any]) -> None:
        self._exchanges.close(exchange)
        message = {"type": "kv", "request_id": exchange.request_id, "payload": payload}
        try:
            frame = self._link.encode(message)
        except ValueError:
            error = {"code": "kv_value_too_large", "message": "The value cannot be sent"}
            frame = self._link.encode({**message, "payload": {"error": error}})
        self._link.write(frame)


def check_kv_answer(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises the error that a storage has answered with."""
    error = payload.get("error")
    if error is None:
        return payload
    code, message = (error.get("code"), error.get("message", "")) if isinstance(error, dict) else ("internal", error)
    if not isinstance(code, str) or not isinstance(message, str):
        raise KvError("invalid_answer", "The host's answer cannot be read")
    raise (KvConflict if code == "kv_conflict" else KvError)(code, message)


def _gone() -> KvError:
    return KvError("unavailable", "The connection to the host is gone")
