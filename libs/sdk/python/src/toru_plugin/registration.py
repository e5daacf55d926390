"""What an author registers: routes, WebSockets, hooks and the page's script."""

from __future__ import annotations

import inspect
import os
import sys
from typing import Any, Callable, List, Optional, Sequence, TypeVar, Union

from ._binding import bind
from .kv import KvRequest
from .response import Response
from .routing import Router, SocketRoute, compile_path
from .websocket import DEFAULT_MAX_MESSAGE

Function = TypeVar("Function", bound=Callable[..., Any])


class Registration:
    """The decorators of a plugin."""

    def __init__(self) -> None:
        self.router: Router[Callable[..., Any]] = Router()
        self.sockets: Router[SocketRoute] = Router()
        self.init_hooks: List[Callable[..., Any]] = []
        self.ready_hooks: List[Callable[..., Any]] = []
        self.shutdown_hooks: List[Callable[..., Any]] = []
        self.settings_hooks: List[Callable[..., Any]] = []
        self.kv_handler: Optional[Callable[[KvRequest], Any]] = None

    # Routes

    def route(self, path: str, methods: Sequence[str] = ("GET",)) -> Callable[[Function], Function]:
        """
        Registers a handler: `async def`, or a plain function, which runs in a thread and may block.

        It is given the request and the parameters of the path: `/items/{id:int}` is `handler(request, id=7)`. Kinds
        are `str` (the default: one segment), `int`, `float`, `uuid` and `path` (all the rest). A parameter that the
        handler does not name is in `request.params`.
        """
        names = list(compile_path(path)[1])

        def register(handler: Function) -> Function:
            bound = bind(handler, names)
            for method in methods:
                self.router.add(method, path, bound)
            return handler

        return register

    def get(self, path: str) -> Callable[[Function], Function]:
        """Answers GET, and HEAD without the body."""
        return self.route(path, ("GET",))

    def post(self, path: str) -> Callable[[Function], Function]:
        return self.route(path, ("POST",))

    def put(self, path: str) -> Callable[[Function], Function]:
        return self.route(path, ("PUT",))

    def patch(self, path: str) -> Callable[[Function], Function]:
        return self.route(path, ("PATCH",))

    def delete(self, path: str) -> Callable[[Function], Function]:
        return self.route(path, ("DELETE",))

    def any(self, path: str) -> Callable[[Function], Function]:
        """Answers every method."""
        return self.route(path, ("*",))

    def websocket(
        self, path: str, *, subprotocols: Sequence[str] = (), max_message: int = DEFAULT_MAX_MESSAGE
    ) -> Callable[[Function], Function]:
        """
        Registers the `async def` handler of a WebSocket: it is given a `WebSocket` and the parameters of the path.

        Of `subprotocols` the first one is chosen that the client offers. A message of more than `max_message` bytes
        closes the socket with 1009. The socket is closed when the handler returns (1000) or fails (1011).
        """
        names = list(compile_path(path)[1])

        def register(handler: Function) -> Function:
            if not inspect.iscoroutinefunction(handler):
                raise TypeError(f"The handler of the WebSocket {path} has to be an `async def`")
            self.sockets.add("GET", path, SocketRoute(bind(handler, names), tuple(subprotocols), max_message))
            return handler

        return register

    def bundle(self, source: Union[str, "os.PathLike[str]"]) -> None:
        """
        Serves the script of the plugin's page in the console as `/bundle.js`: its text, or the path of a file.

        A path (`os.PathLike`, or one line that ends in `.js`) is looked up beside the program's main file, inside of a
        built plugin too, and then beside the file that calls this, whose tests are another program. It is read now, so
        that a missing file shows at once.
        """
        if isinstance(source, str) and ("\n" in source or not source.endswith((".js", ".mjs"))):
            data = source.encode("utf-8")
        else:
            data = read_beside_main(os.fspath(source), sys._getframe(1).f_globals.get("__file__"))
        bundle = Response(data, content_type="text/javascript; charset=utf-8")

        async def serve_bundle() -> Response:
            return bundle

        self.get("/bundle.js")(serve_bundle)

    # Hooks

    def on_init(self, hook: Function) -> Function:
        """
        Before the first request. Raise `ConfigurationError` or `LicenseError` where the plugin cannot work: the host
        shows the message and does not try again. The storage is not there yet: see `on_ready`.
        """
        self.init_hooks.append(hook)
        return hook

    def on_ready(self, hook: Function) -> Function:
        """As soon as requests may come, beside them: the place for work in the background."""
        self.ready_hooks.append(hook)
        return hook

    def on_shutdown(self, hook: Function) -> Function:
        """At the end, after the last request: it has two seconds at most."""
        self.shutdown_hooks.append(hook)
        return hook

    def on_settings(self, hook: Function) -> Function:
        """With all settings, as a dict, after each change."""
        self.settings_hooks.append(hook)
        return hook

    def on_kv(self, handler: Function) -> Function:
        """
        For plugins that keep a storage of their own (KV-8): is given a `KvRequest`, returns for `get` text or None,
        for `delete` whether there was something.
        """
        self.kv_handler = handler
        return handler


def read_beside_main(path: str, caller: Optional[str]) -> bytes:
    """A file beside the main file of the program, which may be inside of an executable archive; else beside `caller`."""
    main = sys.modules.get("__main__")
    loader = getattr(main, "__loader__", None)
    archive = getattr(loader, "archive", None)
    if archive is not None and not os.path.isabs(path):
        return bytes(getattr(loader, "get_data")(os.path.join(archive, os.path.normpath(path))))
    file = getattr(main, "__file__", None)
    directory = os.path.dirname(os.path.abspath(file)) if file else os.getcwd()
    if caller and not os.path.exists(os.path.join(directory, path)):
        directory = os.path.dirname(os.path.abspath(caller))
    with open(os.path.join(directory, path), "rb") as opened:
        return opened.read()
