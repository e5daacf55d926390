"""The plugin's process: the socket, signals, the order of start and stop, and its end."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any, Coroutine, Dict, Optional, Set

from ._app import Application
from ._logs import Outbox, complain
from .errors import ConfigurationError, LicenseError
from .kv import Transport
from .license import license_error

#: Longer paths do not fit `sun_path`; the host refuses them as well.
MAX_SOCKET_PATH_BYTES = 107
HOOK_SECONDS = 2.0
#: SIGKILL follows SIGTERM after 2 s.
TERM_GRACE_SECONDS = 1.0
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
            if self.plugin.license_required and not self.plugin.license_key:
                raise license_error("missing", self.plugin.instance_id)
            missing = [feature for feature in self.plugin.requires if feature not in self.plugin.features]
            if missing:
                raise ConfigurationError(f"The host does not offer what this plugin requires: {', '.join(missing)}")
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


def socket_path() -> str:
    path = os.environ.get("TORU_PLUGIN_SOCKET", "")
    if not path:
        raise ConfigurationError(
            "TORU_PLUGIN_SOCKET is not set: a plugin is started by its host. To see what the host reads, use --metadata."
        )
    if len(os.fsencode(path)) > MAX_SOCKET_PATH_BYTES:
        raise ConfigurationError(f"TORU_PLUGIN_SOCKET is longer than {MAX_SOCKET_PATH_BYTES} bytes")
    return path
