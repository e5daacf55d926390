"""From a request to a response: routing, handlers in the loop or in threads, errors as answers."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Dict, List, Optional, Tuple, Union

from ._websocket_frames import INTERNAL_ERROR
from .errors import HTTPError, StreamBroken, WebSocketClosed
from .kv import KvRequest
from .request import Request
from .response import Response, problem, to_response
from .websocket import WebSocket

if TYPE_CHECKING:
    from .plugin import Plugin

_END = object()


class Application:
    """What a plugin has registered, ready to be called."""

    def __init__(self, plugin: "Plugin") -> None:
        self.plugin = plugin
        self._threads: Optional[ThreadPoolExecutor] = None

    async def handle(self, request: Request) -> Response:
        """The response, whatever the handler does. Only cancellation gets out."""
        try:
            handler, request.params = self._route(request)
            request._loop = asyncio.get_running_loop()
            return to_response(await self.call(handler, request, **request.params))
        except HTTPError as error:
            return problem(error)
        except StreamBroken:
            return problem(HTTPError(400, "The body was broken off before its end"))
        except (Exception, SystemExit, KeyboardInterrupt):
            self.plugin.log.exception("%s %s failed", request.method, request.path)
            return problem(HTTPError(500, "The plugin could not answer; its log tells why"))

    def _route(self, request: Request) -> Tuple[Callable[..., Any], Dict[str, Any]]:
        try:
            return self.plugin.router.match(request.method, request.path)
        except HTTPError:
            if not self.plugin.sockets.has(request.path):
                raise
        if "upgrade" not in self.plugin.features:
            raise HTTPError(501, "The host offers no WebSockets (feature 'upgrade' of the protocol)")
        raise HTTPError(426, "This is a WebSocket", {"upgrade": "websocket"})

    async def handle_socket(self, handler: Callable[..., Any], socket: WebSocket) -> Optional[Response]:
        """Serves a WebSocket to its end. The answer that refuses it, if the handler did so before it was accepted."""
        try:
            with contextlib.suppress(WebSocketClosed):  # the client left, which is how WebSockets end
                await handler(socket, **socket.params)
            # Also where it closes already: our part of the handshake goes out before the streams are cut.
            await socket.close()
        except WebSocketClosed:
            pass  # the client left before it was accepted
        except HTTPError as error:
            if not socket.accepted:
                return problem(error)
            self.plugin.log.exception("WebSocket %s failed", socket.path)
            await socket.close(INTERNAL_ERROR)
        except (Exception, SystemExit, KeyboardInterrupt):
            self.plugin.log.exception("WebSocket %s failed", socket.path)
            if not socket.accepted:
                return problem(HTTPError(500, "The plugin could not answer; its log tells why"))
            await socket.close(INTERNAL_ERROR)
        return None

    async def handle_kv(self, request: KvRequest) -> Dict[str, Any]:
        """The answer's payload to a key-value request of the host (KV-8)."""
        handler = self.plugin.kv_handler
        if handler is None:
            return _kv_error("invalid_request", "This plugin keeps no storage of its own")
        try:
            result = await self.call(handler, request)
        except (Exception, SystemExit, KeyboardInterrupt):
            self.plugin.log.exception("kv %s failed", request.action)
            return _kv_error("storage_unavailable", "The plugin could not answer; its log tells why")
        if request.action == "delete":
            return {"deleted": bool(result)}
        if request.action == "set":
            return {"revision": 1}
        if result is not None and not isinstance(result, str):
            return _kv_error("storage_unavailable", "The plugin's value is no text")
        return {"value": result, "revision": 0 if result is None else 1}

    async def run_hooks(self, hooks: List[Callable[..., Any]], *args: Any) -> None:
        for hook in hooks:
            await self.call(hook, *args)

    async def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls a coroutine function in the loop and a plain one in a thread, so that it may block."""
        if _runs_in_loop(function):
            result = function(*args, **kwargs)
        else:
            result = await self.in_thread(functools.partial(function, *args, **kwargs))
        return await result if inspect.isawaitable(result) else result

    async def in_thread(self, function: Callable[[], Any]) -> Any:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.plugin.threads, "toru-handler")
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, function)

    async def pieces(self, body: Any) -> AsyncIterator[bytes]:
        """What a streamed body yields, as bytes; plain generators run in threads."""
        if hasattr(body, "__aiter__"):
            async for piece in body:
                yield to_bytes(piece)
            return
        iterator = iter(body)
        while True:
            piece = await self.in_thread(functools.partial(next, iterator, _END))
            if piece is _END:
                return
            yield to_bytes(piece)

    async def close_body(self, body: Any) -> None:
        """Lets a streamed body run its `finally`, whether it came to its end or not."""
        if isinstance(body, bytes):
            return
        try:
            if hasattr(body, "aclose"):
                await body.aclose()
            elif hasattr(body, "close"):
                await self.in_thread(body.close)
        except ValueError:
            pass  # a plain generator that still runs in its thread cannot be closed; it ends with its next step
        except (Exception, SystemExit, KeyboardInterrupt):
            logging.getLogger("toru_plugin").exception("A streamed body could not be closed")

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False)


@functools.lru_cache(maxsize=1024)
def _runs_in_loop(function: Callable[..., Any]) -> bool:
    """Remembered: it takes longer than calling a small handler."""
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def has_body(request_method: str, response: Response) -> bool:
    return request_method != "HEAD" and response.status not in (204, 304)


def to_bytes(piece: Union[bytes, str]) -> bytes:
    if isinstance(piece, str):
        return piece.encode("utf-8")
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    raise TypeError(f"A streamed body yields bytes or text, not {type(piece).__name__}")


def strip_base(target: str, base: str, route: str, guess: bool) -> str:
    """
    The part of a target to be left out for routing: the plugin's route as it was given, without a slash at its end.

    `guess` is for version 1, which does not say whether the target has the route (RTE-1) or not (RTE-2). The bare
    route is always taken for the route: it does not begin with the route's slash, so version 2 may not say so either.
    """
    path = target.partition("?")[0]
    prefix = base.rstrip("/")
    if not prefix and (path == route or (guess and path.startswith(route + "/"))):
        return route
    return prefix if prefix and (path == prefix or path.startswith(prefix + "/")) else ""


def _kv_error(code: str, message: str) -> Dict[str, Any]:
    return {"error": {"code": code, "message": message}}
