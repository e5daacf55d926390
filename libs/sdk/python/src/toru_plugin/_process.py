"""The plugin's process: the socket, signals, the order of start and stop, and its end."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from typing import Any, Coroutine, Dict, NoReturn, Optional, Set

from . import _v1, _v2
from ._app import Application
from ._logs import Outbox, complain
from ._messages import Init
from .errors import EXIT_CONFIG, ConfigurationError, KvError, LicenseError
from .kv import Transport

#: Longer paths do not fit `sun_path`; the host refuses them as well.
MAX_SOCKET_PATH_BYTES = 107
#: A plugin that nobody talks to has lost its host before it could say a word.
INIT_SECONDS = 60.0
HOOK_SECONDS = 2.0
#: Version 1 does not say how long; SIGTERM comes after 5 s there.
DEFAULT_GRACE_SECONDS = 4.0
#: SIGKILL follows SIGTERM after 2 s.
TERM_GRACE_SECONDS = 1.0
#: How long a loop that is stuck in a handler may outlive its host.
STUCK_SECONDS = 5.0
ORPHAN_POLL_SECONDS = 2.0


class Process:
    """What both versions share."""

    def __init__(self, app: Application, outbox: Outbox) -> None:
        self.app = app
        self.plugin = app.plugin
        self.outbox = outbox
        self.loop = asyncio.get_running_loop()
        self.status: asyncio.Future[int] = self.loop.create_future()
        self.shutting_down = False
        self._background: Set[asyncio.Task[None]] = set()
        self._parent = os.getppid()

    async def run(self) -> int:
        """Serves until the end; returns the exit status."""
        path = socket_path()
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self.stop, TERM_GRACE_SECONDS)
        server = await self.loop.create_unix_server(self.connect, path, backlog=128)
        os.chmod(path, 0o600)
        self.spawn(self.watch_parent())
        try:
            return await self.status
        finally:
            server.close()
            for task in self._background:
                task.cancel()
            try:
                os.unlink(path)
            except OSError:
                pass

    def connect(self) -> asyncio.Protocol:
        raise NotImplementedError

    async def drain(self, seconds: float) -> None:
        raise NotImplementedError

    async def farewell(self) -> None:
        """Closes what is left."""

    def transport(self) -> Transport:
        raise NotImplementedError

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(coroutine)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def exit(self, status: int) -> None:
        """The first cause wins."""
        if not self.status.done():
            self.status.set_result(status)

    def stop(self, grace: float) -> None:
        if self.shutting_down:
            return
        self.shutting_down = True
        self.spawn(self._stop(grace))

    async def _stop(self, grace: float) -> None:
        hooks = min(HOOK_SECONDS, grace / 4) if self.plugin.shutdown_hooks else 0.0
        await self.drain(max(0.0, grace * 0.9 - hooks))
        await self.run_shutdown_hooks(max(hooks, 0.1))
        await self.farewell()
        self.exit(0)

    async def run_shutdown_hooks(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.app.run_hooks(self.plugin.shutdown_hooks), seconds)
        except asyncio.TimeoutError:
            self.plugin.log.error("on_shutdown took longer than %.1f s", seconds)
        except (Exception, SystemExit):
            self.plugin.log.exception("on_shutdown failed")

    async def run_init_hooks(self) -> Optional[Dict[str, str]]:
        """Why the plugin cannot start, if it cannot: `code` and `message`."""
        try:
            if self.plugin.license == "required" and not self.plugin.license_key:
                raise LicenseError("This plugin needs a licence key, and none is set")
            await self.app.run_hooks(self.plugin.init_hooks)
            return None
        except LicenseError as error:
            return {"code": "license", "message": str(error)}
        except ConfigurationError as error:
            return {"code": "config", "message": str(error)}
        except (Exception, SystemExit) as error:
            self.plugin.log.exception("on_init failed")
            return {"code": "internal", "message": f"on_init failed: {type(error).__name__}: {error}"}

    async def watch_parent(self) -> None:
        """A plugin never outlives its host, also where no connection tells (version 1, and before the first one)."""
        while os.getppid() == self._parent:
            await asyncio.sleep(ORPHAN_POLL_SECONDS)
        complain("The host is gone")
        self.exit(1)


class ProcessV2(Process, _v2.Owner):
    """One connection; the process ends with it."""

    def __init__(self, app: Application, outbox: Outbox) -> None:
        super().__init__(app, outbox)
        self._session: Optional[_v2.Session] = None
        self._new_settings: Optional[Dict[str, Any]] = None
        self._changing = False
        self.loop.call_later(INIT_SECONDS, self._check_initialized)
        self._initialized = False

    def connect(self) -> asyncio.Protocol:
        return _v2.Session(self)

    def transport(self) -> Transport:
        if self._session is None:
            raise KvError("unavailable", "There is no connection to the host")
        return self._session

    def accept(self, session: _v2.Session) -> bool:
        if self._session is not None:
            complain("A second connection was refused", "warn")
            return False
        self._session = session
        return True

    def initialize(self, session: _v2.Session, init: Init) -> None:
        self._initialized = True
        plugin = self.plugin
        plugin._instance_id, plugin._license_key = init.instance_id, init.license_key
        plugin._settings = init.settings
        plugin._log_path, plugin._data_dir = init.log_path, init.data_dir or os.getcwd()
        watch_for_hangup(session.descriptor)
        self.spawn(self._initialize(session))

    async def _initialize(self, session: _v2.Session) -> None:
        failure = await self.run_init_hooks()
        if self.shutting_down or self.status.done():
            return
        if failure is not None:
            self.shutting_down = True  # the end of the connection is ours
            complain(f"The plugin cannot start: {failure['message']}")
            session.failed(failure["code"], failure["message"])
            await self.farewell()
            self.exit(1 if failure["code"] == "internal" else EXIT_CONFIG)
            return
        session.ready()
        session.carry_logs(self.outbox.take)
        features = tuple(feature for feature in ("log", "event") if feature in session.features)
        self.outbox.open(lambda: self._wake(session), features)
        try:
            await self.app.run_hooks(self.plugin.ready_hooks)
        except (Exception, SystemExit):
            self.plugin.log.exception("on_ready failed")

    def _wake(self, session: _v2.Session) -> None:
        try:
            self.loop.call_soon_threadsafe(session.flush_logs)
        except RuntimeError:
            pass  # the loop has ended; `Outbox.close` has the rest

    def incompatible(self, session: _v2.Session) -> None:
        message = "The host speaks version 1 of the protocol; make the plugin with Plugin(..., protocol=1)"
        complain(message)
        session.failed("config", message)
        self.exit(EXIT_CONFIG)

    def change_settings(self, settings: Dict[str, Any]) -> None:
        """One change after the other; of several that come during one only the last counts."""
        self._new_settings = settings
        if not self._changing:
            self._changing = True
            self.spawn(self._change_settings())

    async def _change_settings(self) -> None:
        while self._new_settings is not None:
            settings, self._new_settings = self._new_settings, None
            self.plugin._settings = settings
            try:
                await self.app.run_hooks(self.plugin.settings_hooks, self.plugin.settings)
            except (Exception, SystemExit):
                self.plugin.log.exception("on_settings failed")
        self._changing = False

    def shut_down(self, grace: float) -> None:
        if self._session is not None:
            self._session.drain()
        self.stop(grace)

    def lost(self, session: _v2.Session, reason: Optional[str]) -> None:
        if session is not self._session or self.status.done():
            return
        if not session.heard and reason is None:
            self._session = None  # somebody looked whether anybody listens
            return
        if self.shutting_down and reason is None:
            self.spawn(self._end(0))
            return
        complain(reason or "The connection to the host is gone")
        self.spawn(self._end(1))

    async def _end(self, status: int) -> None:
        if not self.shutting_down:
            self.shutting_down = True
            await self.run_shutdown_hooks(HOOK_SECONDS)
            self.exit(status)
        elif status:
            self.exit(status)

    async def drain(self, seconds: float) -> None:
        if self._session is not None:
            self._session.drain()
            await self._session.finish(seconds)

    async def farewell(self) -> None:
        if self._session is not None:
            self._session.flush_logs()
            self._session.disconnect()
            # The transport calls `connection_lost` when everything has gone out.
            for _ in range(50):
                if self._session.is_closed:
                    return
                await asyncio.sleep(0.01)

    def _check_initialized(self) -> None:
        if not self._initialized:
            complain(f"No init has come within {INIT_SECONDS:g} s")
            self.exit(1)


class ProcessV1(Process, _v1.Owner):
    """A connection for each request."""

    def __init__(self, app: Application, outbox: Outbox) -> None:
        super().__init__(app, outbox)
        self.connections: Set[_v1.Connection] = set()
        self._initialized = asyncio.Event()
        self._started = False

    def connect(self) -> asyncio.Protocol:
        return _v1.Connection(self)

    def transport(self) -> Transport:
        connection = _v1.current.get()
        if connection is None:
            raise KvError("unavailable", "In version 1 the storage is there while a request is handled, and only then")
        return connection

    def initialize(self, instance_id: str, log_path: str) -> None:
        if self._started:
            return
        self._started = True
        self.plugin._instance_id, self.plugin._log_path = instance_id, log_path
        self.spawn(self._initialize())

    async def _initialize(self) -> None:
        failure = await self.run_init_hooks()
        if failure is not None:
            complain(f"The plugin cannot start: {failure['message']}")
            self.exit(1 if failure["code"] == "internal" else EXIT_CONFIG)
            return
        self._initialized.set()
        try:
            await self.app.run_hooks(self.plugin.ready_hooks)
        except (Exception, SystemExit):
            self.plugin.log.exception("on_ready failed")

    async def until_initialized(self) -> None:
        await self._initialized.wait()

    def shut_down(self) -> None:
        self.stop(DEFAULT_GRACE_SECONDS)

    async def drain(self, seconds: float) -> None:
        tasks = {task for connection in self.connections for task in connection.tasks}
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
            await asyncio.sleep(0.05)  # what was answered last is on its way


def socket_path() -> str:
    path = os.environ.get("TORU_PLUGIN_SOCKET", "")
    if not path:
        raise ConfigurationError(
            "TORU_PLUGIN_SOCKET is not set: a plugin is started by its host. To see what the host reads, use --metadata."
        )
    if len(os.fsencode(path)) > MAX_SOCKET_PATH_BYTES:
        raise ConfigurationError(f"TORU_PLUGIN_SOCKET is longer than {MAX_SOCKET_PATH_BYTES} bytes")
    return path


def watch_for_hangup(descriptor: int) -> None:
    """
    Ends the process a while after the connection is gone, even if the loop is stuck in a handler that never returns.
    """
    if descriptor < 0 or not hasattr(select, "poll"):
        return
    watched = os.dup(descriptor)

    def watch() -> None:
        poll = select.poll()
        poll.register(watched, 0)  # errors and hang-ups are always reported
        poll.poll()
        threading.Event().wait(STUCK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="toru-hangup", daemon=True).start()


def end_process(status: int) -> NoReturn:
    """Ends as Python does, unless a thread of some handler would hold it up."""

    def give_up() -> None:
        threading.Event().wait(1.0)
        os._exit(status)

    threading.Thread(target=give_up, name="toru-exit", daemon=True).start()
    sys.exit(status)
