"""The plugin: what it is, what the host gives it, and how it runs."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import os
import re
import sys
from typing import Any, Dict, FrozenSet, Mapping, NoReturn, Optional, Sequence

from ._app import Application
from ._logs import Outbox, ToruHandler, complain
from ._process import Process
from ._process_v1 import ProcessV1
from ._process_v2 import ProcessV2
from ._watchdogs import end_process
from .errors import EXIT_CONFIG, ConfigurationError, KvError
from .kv import Kv, Transport
from .license import LicenseKey
from .metadata import Metadata
from .registration import Registration
from .request import DEFAULT_MAX_BODY

_EVENT = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


class Plugin(Registration):
    """
    A plugin. Give it handlers with `get`, `post`, … and start it with `run`.

    `id` is `^[a-z0-9][a-z0-9-]{0,63}$`, `route` a slash and one segment of that alphabet (`/<id>` unless given).
    `protocol=1` makes it run on hosts that speak version 1 only. `max_body` bounds, in bytes, what `request.body()`
    gathers; `threads` how many handlers that are plain functions run at once. `requires` names features of the protocol
    without which the plugin is of no use: a host that does not offer them is told so, and does not try again.
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
        limits: Optional[Mapping[str, int]] = None,
        http: Optional[Mapping[str, Any]] = None,
        requires: Sequence[str] = (),
        max_body: int = DEFAULT_MAX_BODY,
        threads: int = 64,
    ) -> None:
        super().__init__()
        self._metadata = Metadata(
            id=id,
            name=name,
            version=version,
            icon=icon,
            route=f"/{id}" if route is None else route,
            author=author,
            description=description,
            homepage=homepage,
            protocol=protocol,
            public_paths=tuple(public_paths),
            settings_schema=None if settings_schema is None else copy.deepcopy(dict(settings_schema)),
            license=license,
            limits=copy.deepcopy(limits),
            http=copy.deepcopy(http),
        )
        self.id = id
        self.route_path = self._metadata.route
        self.protocol = protocol
        self.license_required = license == "required"
        #: The licence key that was set for this plugin: to be checked, in `on_init`.
        self.license = LicenseKey(self)
        self.requires = tuple(requires)
        self.max_body = max_body
        self.threads = threads
        self._features: FrozenSet[str] = frozenset()
        #: What the host calls it: the same, but for its case.
        self._host_id = os.environ.get("TORU_PLUGIN_ID") or id
        self._instance_id = os.environ.get("TORU_INSTANCE_ID", "")
        self._license_key: Optional[str] = os.environ.get("TORU_LICENSE_KEY") or None
        self._log_path = os.environ.get("TORU_LOG_PATH", "")
        self._data_dir = os.getcwd()
        self._settings = _settings_of_environment()
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
        """A copy of the settings as they are now, valid against `settings_schema`. In version 1 as they were at the start."""
        return copy.deepcopy(self._settings)

    @property
    def features(self) -> FrozenSet[str]:
        """What the host offers, of `stream`, `upgrade`, `kv`, `log`, `event`, `settings`. Empty in version 1."""
        return self._features

    @property
    def instance_id(self) -> str:
        """The UUID of the installation that the plugin runs in."""
        return self._instance_id

    @property
    def license_key(self) -> Optional[str]:
        """The licence key as it is. `license` checks it."""
        return self._license_key

    @property
    def data_dir(self) -> str:
        """A directory of the plugin's own, kept between starts; also the working directory."""
        return self._data_dir

    @property
    def log_path(self) -> str:
        """The host's log file of this plugin, to be read at most."""
        return self._log_path

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
        return self._metadata.document()

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


def _settings_of_environment() -> Dict[str, Any]:
    """`TORU_SETTINGS`, where version 1 has them. What cannot be read is left out: `--metadata` must work anyway."""
    try:
        found = json.loads(os.environ.get("TORU_SETTINGS", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
