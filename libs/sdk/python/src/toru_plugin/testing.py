"""Tests of a plugin without a host: its handlers, hooks and storage, in the process of the test."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ._app import Application, has_body
from ._handshake import choose_subprotocol
from ._session import FEATURES
from ._testing_socket import MemoryWire, TestWebSocket
from .errors import KvConflict, KvError
from .headers import HeaderValue
from .kv import Transport
from .license import license_error
from .plugin import Plugin
from .request import Request, User
from .response import Response
from .websocket import WebSocket

ADMIN = User("1", "admin", "admin")


class TestResponse:
    """An answer whose body has been read to its end."""

    __test__ = False

    def __init__(self, response: Response, body: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    def json(self) -> Any:
        return json.loads(self.body)


class MemoryKv(Transport):
    """The host's storage as far as a test needs it: time to live counts for nothing."""

    def __init__(self) -> None:
        self.entries: Dict[str, Tuple[str, int]] = {}
        self._revision = 0

    async def ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        action = payload["action"]
        if action == "list":
            return self._list(payload)
        if action == "batch":
            before = dict(self.entries)
            try:
                return {"results": [self._one(each) for each in payload["operations"]]}
            except KvError:
                self.entries = before
                raise
        return self._one(payload)

    def _one(self, payload: Mapping[str, Any]) -> Dict[str, Any]:
        key = payload["key"]
        value, revision = self.entries.get(key, (None, 0))
        if payload.get("if_revision", revision) != revision:
            raise KvConflict("kv_conflict", "The revision is another one")
        if payload["action"] == "get":
            return {"value": value, "revision": revision}
        if payload["action"] == "delete":
            return {"deleted": self.entries.pop(key, None) is not None}
        self._revision += 1
        self.entries[key] = (payload["value"], self._revision)
        return {"revision": self._revision}

    def _list(self, payload: Mapping[str, Any]) -> Dict[str, Any]:
        prefix, cursor = payload.get("prefix", ""), payload.get("cursor")
        keys = sorted((key for key in self.entries if key.startswith(prefix)), key=lambda key: key.encode("utf-8"))
        following = [key for key in keys if cursor is None or key.encode("utf-8") > cursor.encode("utf-8")]
        page = following[: payload["limit"]]
        items = [{"key": key, "value": self.entries[key][0], "revision": self.entries[key][1]} for key in page]
        return {"items": items, "cursor": page[-1] if len(page) < len(following) else None}


class TestClient:
    """
    Calls the handlers of a plugin:

        async with TestClient(plugin, settings={"colour": "blue"}) as client:
            answer = await client.post("/visits", json={"by": 2})

    Entering runs `on_init` and `on_ready`, leaving runs `on_shutdown`. `client.kv` is the storage.
    """

    __test__ = False

    def __init__(
        self,
        plugin: Plugin,
        *,
        settings: Optional[Mapping[str, Any]] = None,
        instance_id: str = "00000000-0000-4000-8000-000000000000",
        license_key: Optional[str] = None,
        user: Optional[User] = ADMIN,
    ) -> None:
        self.plugin = plugin
        self.kv = MemoryKv()
        self.user = user
        self._app = Application(plugin)
        plugin._settings = dict(settings or {})
        plugin._instance_id = instance_id
        plugin._license_key = license_key
        plugin._features = frozenset(FEATURES)

    async def __aenter__(self) -> "TestClient":
        self.plugin._transport = self.kv
        self.plugin.kv._loop = asyncio.get_running_loop()
        if self.plugin.license_required and not self.plugin.license_key:
            raise license_error("missing", self.plugin.instance_id)
        await self._app.run_hooks(self.plugin.init_hooks)
        await self._app.run_hooks(self.plugin.ready_hooks)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._app.run_hooks(self.plugin.shutdown_hooks)
        self.plugin._transport = None
        self._app.close()

    async def change_settings(self, settings: Mapping[str, Any]) -> None:
        self.plugin._settings = dict(settings)
        await self._app.run_hooks(self.plugin.settings_hooks, self.plugin.settings)

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Union[bytes, str, List[bytes]] = b"",
        json: Any = None,
        headers: Optional[Mapping[str, HeaderValue]] = None,
    ) -> TestResponse:
        """`path` is below the plugin's route. A list as `body` arrives in pieces."""
        all_headers: Dict[str, HeaderValue] = dict(headers or {})
        if json is not None:
            body = _dumps(json)
            all_headers.setdefault("content-type", "application/json")
        pieces = list(body) if isinstance(body, list) else [body.encode() if isinstance(body, str) else body]

        async def read() -> bytes:
            while pieces:
                piece = pieces.pop(0)
                if piece:
                    return piece
            return b""

        request = Request(
            method, path, headers=all_headers, user=self.user, read=read, max_body=self.plugin.max_body, request_id="t"
        )
        response = await self._app.handle(request)
        try:
            gathered = response.body if isinstance(response.body, bytes) else b""
            if not isinstance(response.body, bytes) and has_body(method, response):
                async for piece in self._app.pieces(response.body):
                    gathered += piece
        finally:
            await self._app.close_body(response.body)
        return TestResponse(response, gathered if has_body(method, response) else b"")

    @asynccontextmanager
    async def websocket(
        self, path: str, *, subprotocols: Sequence[str] = (), headers: Optional[Mapping[str, HeaderValue]] = None
    ) -> AsyncIterator[TestWebSocket]:
        """
        A WebSocket of the plugin: `async with client.websocket("/echo") as socket`, then `send` and `receive`. Raises the
        `HTTPError` that the plugin refuses it with. Leaving closes it and waits for the handler.
        """
        asked: Dict[str, HeaderValue] = dict(headers or {})
        if subprotocols:
            asked["sec-websocket-protocol"] = list(subprotocols)
        request = Request("GET", path, headers=asked, user=self.user, request_id="t")
        route, request.params = self.plugin.sockets.match("GET", request.path)
        wire = MemoryWire()
        chosen = choose_subprotocol(request.headers, route.subprotocols)
        client = TestWebSocket(WebSocket(request, wire, chosen, route.max_message), wire)
        await client.open(lambda socket: self._app.handle_socket(route.handler, socket))
        try:
            yield client
        finally:
            await client.close()

    async def get(self, path: str, **options: Any) -> TestResponse:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> TestResponse:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> TestResponse:
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> TestResponse:
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> TestResponse:
        return await self.request("DELETE", path, **options)


def _dumps(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8")


