"""A process of version 2: one connection, and the process ends with it."""

from __future__ import annotations

import asyncio
import os
from typing import Any, Dict, Optional

from ._app import Application
from ._lifecycle_messages import Init
from ._logs import Outbox, complain
from ._process import HOOK_SECONDS, Process
from ._session import Owner, Session
from ._watchdogs import watch_for_hangup
from .errors import EXIT_CONFIG, KvError
from .kv import Transport

#: A plugin that nobody talks to has lost its host before it could say a word.
INIT_SECONDS = 60.0


class ProcessV2(Process, Owner):
    """One connection; the process ends with it."""

    def __init__(self, app: Application, outbox: Outbox) -> None:
        super().__init__(app, outbox)
        self._session: Optional[Session] = None
        self._new_settings: Optional[Dict[str, Any]] = None
        self._changing = False
        self.loop.call_later(INIT_SECONDS, self._check_initialized)
        self._initialized = False

    def connect(self) -> asyncio.Protocol:
        return Session(self).link

    def transport(self) -> Transport:
        if self._session is None:
            raise KvError("unavailable", "There is no connection to the host")
        return self._session

    def accept(self, session: Session) -> bool:
        if self._session is not None:
            complain("A second connection was refused", "warn")
            return False
        self._session = session
        return True

    def initialize(self, session: Session, init: Init) -> None:
        self._initialized = True
        plugin = self.plugin
        plugin._host_id = init.plugin_id or plugin._host_id
        plugin._instance_id, plugin._license_key = init.instance_id, init.license_key
        plugin._settings, plugin._features = init.settings, frozenset(session.features)
        plugin._log_path, plugin._data_dir = init.log_path, init.data_dir or os.getcwd()
        if "settings" not in plugin.features and plugin.settings_hooks:
            plugin.log.warning("The host offers no settings (feature 'settings' of the protocol)")
        watch_for_hangup(session.link.descriptor)
        self.spawn(self._initialize(session))

    async def _initialize(self, session: Session) -> None:
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
        session.link.carry_logs(self.outbox.take)
        features = tuple(feature for feature in ("log", "event") if feature in session.features)
        self.outbox.open(lambda: self._wake(session), features)
        try:
            await self.app.run_hooks(self.plugin.ready_hooks)
        except (Exception, SystemExit):
            self.plugin.log.exception("on_ready failed")

    def _wake(self, session: Session) -> None:
        try:
            self.loop.call_soon_threadsafe(session.link.flush_logs)
        except RuntimeError:
            pass  # the loop has ended; `Outbox.close` has the rest

    def incompatible(self, session: Session) -> None:
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

    def lost(self, session: Session, reason: Optional[str]) -> None:
        if session is not self._session or self.status.done():
            return
        if not session.link.heard and reason is None:
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
            self._session.link.flush_logs()
            self._session.link.disconnect()
            # The transport calls `connection_lost` when everything has gone out.
            for _ in range(50):
                if self._session.link.is_closed:
                    return
                await asyncio.sleep(0.01)

    def _check_initialized(self) -> None:
        if not self._initialized:
            complain(f"No init has come within {INIT_SECONDS:g} s")
            self.exit(1)
