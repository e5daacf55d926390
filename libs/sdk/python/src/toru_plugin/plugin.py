"""The plugin: its metadata, its routes and hooks, and what the host gives it."""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
import json
import logging
import os
import re
import sys
from typing import Any, Callable, Dict, List, Mapping, NoReturn, Optional, Sequence, TypeVar, Union

from ._app import Application
from ._logs import Outbox, ToruHandler, complain
from ._process import Process, ProcessV1, ProcessV2, end_process
from .errors import EXIT_CONFIG, ConfigurationError, KvError
from .http import DEFAULT_MAX_BODY, Request, Response
from .kv import Kv, KvRequest, Transport
from .routing import Router, compile_path

Function = TypeVar("Function", bound=Callable[..., Any])

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_EVENT = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


class Plugin:
    """
    A plugin. Give it handlers with `get`, `post`, … and start it with `run`.

    `id` is `^[a-z0-9][a-z0-9-]{0,63}$`, `route` a slash and one segment of that alphabet (`/<id>` unless given).
    `protocol=1` makes it run on hosts that speak version 1 only. `max_body` bounds, in bytes, what `request.body()`
    gathers; `threads` how many handlers that are plain functions run at once.
    """

    def __init__(
        self,
        id: str,
        name: str,
        version: str,
        icon: str,
        route: Optional[str] = None,
        *,
        author: Optional[str] = None,
        description: Optional[str] = None,
        homepage: Optional[str] = None,
        protocol: int = 2,
        public_paths: Sequence[str] = (),
        settings_schema: Optional[Mapping[str, Any]] = None,
        license: str = "none",
        max_body: int = DEFAULT_MAX_BODY,
        threads: int = 64,
    ) -> None:
        self.id = id
        self.name = name
        self.version = version
        self.icon = icon
        self.route_path = f"/{id}" if route is None else route
        self.author = author
        self.description = description
        self.homepage = homepage
        self.protocol = protocol
        self.public_paths = list(public_paths)
        self.settings_schema = None if settings_schema is None else copy.deepcopy(dict(settings_schema))
        self.license = license
        self.max_body = max_body
        self.threads = threads
        self._check()
        self.router = Router()
        self.init_hooks: List[Callable[..., Any]] = []
        self.ready_hooks: List[Callable[..., Any]] = []
        self.shutdown_hooks: List[Callable[..., Any]] = []
        self.settings_hooks: List[Callable[..., Any]] = []
        self.kv_handler: Optional[Callable[[KvRequest], Any]] = None
        self._instance_id = os.environ.get("TORU_INSTANCE_ID", "")
        self._license_key: Optional[str] = os.environ.get("TORU_LICENSE_KEY") or None
        self._log_path = os.environ.get("TORU_LOG_PATH", "")
        self._data_dir = os.getcwd()
        self._settings: Dict[str, Any] = {}
        self._process: Optional[Process] = None
        self._transport: Optional[Transport] = None
        self._outbox = Outbox()
        #: For those who configure `logging` themselves: the handler that sends to the host.
        self.log_handler = ToruHandler(self._outbox)
        self.log = logging.getLogger(id)
        #: The host's storage, in the plugin's own namespace.
        self.kv = Kv(self._kv_transport)

    # What the host gives

    @property
    def settings(self) -> Dict[str, Any]:
        """A copy of the settings as they are now, valid against `settings_schema`. Empty in version 1."""
        return copy.deepcopy(self._settings)

    @property
    def instance_id(self) -> str:
        """The UUID of the installation that the plugin runs in."""
        return self._instance_id

    @property
    def license_key(self) -> Optional[str]:
        return self._license_key

    @property
    def data_dir(self) -> str:
        """A directory of the plugin's own, kept between starts; also the working directory."""
        return self._data_dir

    @property
    def log_path(self) -> str:
        """The host's log file of this plugin, to be read at most."""
        return self._log_path

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
            bound = _bind(handler, names)
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

    def bundle(self, source: Union[str, "os.PathLike[str]"]) -> None:
        """
        Serves the script of the plugin's page in the console as `/bundle.js`: its text, or the path of a file.

        A path (`os.PathLike`, or one line that ends in `.js`) is looked up beside the plugin's main file, inside of a
        built plugin too. It is read now, so that a missing file shows at once.
        """
        if isinstance(source, str) and ("\n" in source or not source.endswith((".js", ".mjs"))):
            data = source.encode("utf-8")
        else:
            data = read_beside_main(os.fspath(source))
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

    # Events

    def event(self, name: str, data: Optional[Mapping[str, Any]] = None) -> None:
        """
        A row of the plugin's events in the console, of the type `plugin.<name>`. From any thread; in version 1, which
        has no events, it becomes a log line. `name` is `^[a-z][a-z0-9_.-]{0,63}$`, `data` must be JSON.
        """
        if _EVENT.fullmatch(name) is None:
            raise ValueError(f"Not the name of an event: {name!r}")
        payload: Dict[str, Any] = {"name": name}
        if data is not None:
            payload["data"] = dict(data)
        self._outbox.event(payload)

    # Running

    def metadata(self) -> Dict[str, Any]:
        """What `--metadata` prints."""
        found: Dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "icon": self.icon,
            "route": self.route_path,
            "author": self.author,
            "description": self.description,
            "homepage": self.homepage,
            "protocol": self.protocol,
            "public_paths": self.public_paths or None,
            "settings_schema": self.settings_schema,
            "license": self.license,
        }
        return {name: value for name, value in found.items() if value is not None}

    def run(self, argv: Optional[Sequence[str]] = None) -> NoReturn:
        """Prints the metadata if asked to with `--metadata`, else serves until the host ends it. Never returns."""
        arguments = sys.argv[1:] if argv is None else list(argv)
        if "--metadata" in arguments:
            sys.stdout.write(json.dumps(self.metadata()) + "\n")
            sys.stdout.flush()
            sys.exit(0)
        self._set_up_logging()
        try:
            status = asyncio.run(self._serve())
        except (ConfigurationError, OSError) as error:
            complain(str(error))
            status = EXIT_CONFIG if isinstance(error, ConfigurationError) else 1
        self._outbox.close()
        end_process(status)

    async def _serve(self) -> int:
        app = Application(self)
        process_class = ProcessV2 if self.protocol == 2 else ProcessV1
        self._process = process_class(app, self._outbox)
        self.kv._loop = asyncio.get_running_loop()
        try:
            return await self._process.run()
        finally:
            app.close()

    def _set_up_logging(self) -> None:
        """Unless the author has: everything from INFO on goes to the host."""
        root = logging.getLogger()
        if not root.handlers:
            root.addHandler(self.log_handler)
            root.setLevel(logging.INFO if root.level == logging.WARNING else root.level)

    def _kv_transport(self) -> Transport:
        if self._transport is not None:
            return self._transport
        if self._process is None:
            raise KvError("unavailable", "The plugin does not run")
        return self._process.transport()

    def _check(self) -> None:
        problems: List[str] = []
        if _ID.fullmatch(self.id) is None:
            problems.append(f"id {self.id!r}: lower-case letters, digits and hyphens, 64 at most")
        if not self.route_path.startswith("/") or _ID.fullmatch(self.route_path[1:]) is None:
            problems.append(f"route {self.route_path!r}: a slash and lower-case letters, digits and hyphens")
        for field, text, most in (("name", self.name, 100), ("version", self.version, 64), ("icon", self.icon, 16)):
            if not 1 <= len(text) <= most:
                problems.append(f"{field}: 1 to {most} characters")
        if self.protocol not in (1, 2):
            problems.append(f"protocol {self.protocol!r}: 1 or 2")
        if self.license not in ("none", "required"):
            problems.append(f"license {self.license!r}: none or required")
        if problems:
            raise ConfigurationError("The plugin's metadata is wrong. " + "; ".join(problems))


def _bind(handler: Callable[..., Any], names: List[str]) -> Callable[..., Any]:
    """The handler as it will be called, `handler(request, **params)`, with what it does not want left out."""
    parameters = inspect.signature(handler).parameters.values()
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters)
    wanted = set(names) if takes_all else set(names).intersection(each.name for each in parameters)
    positional = [
        each
        for each in parameters
        if each.name not in wanted and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    required = [each.name for each in positional if each.default is each.empty]
    if len(required) > 1:
        shown = getattr(handler, "__name__", "handler")
        raise TypeError(f"{shown} wants {', '.join(required)}: a handler is given the request and what its path names")
    takes_request = bool(required) or any(each.kind is each.VAR_POSITIONAL for each in parameters)

    def arguments(request: Request, params: Dict[str, Any]) -> "functools.partial[Any]":
        kept = {name: value for name, value in params.items() if name in wanted}
        return functools.partial(handler, request, **kept) if takes_request else functools.partial(handler, **kept)

    if inspect.iscoroutinefunction(handler):

        async def call(request: Request, **params: Any) -> Any:
            return await arguments(request, params)()

        return call

    if inspect.isasyncgenfunction(handler):

        async def generate(request: Request, **params: Any) -> Any:
            return arguments(request, params)()

        return generate

    def call_plain(request: Request, **params: Any) -> Any:
        return arguments(request, params)()

    return call_plain


def read_beside_main(path: str) -> bytes:
    """A file beside the main file of the program, which may be inside of an executable archive."""
    main = sys.modules.get("__main__")
    loader = getattr(main, "__loader__", None)
    archive = getattr(loader, "archive", None)
    if archive is not None and not os.path.isabs(path):
        return bytes(getattr(loader, "get_data")(os.path.join(archive, os.path.normpath(path))))
    file = getattr(main, "__file__", None)
    directory = os.path.dirname(os.path.abspath(file)) if file else os.getcwd()
    with open(os.path.join(directory, path), "rb") as opened:
        return opened.read()
