"""A process of version 1: a connection for each request."""

from __future__ import annotations

import asyncio
from typing import Set

from . import _connection_v1
from ._app import Application
from ._logs import Outbox, complain
from ._process import Process
from .errors import EXIT_CONFIG, KvError
from .kv import Transport

#: Version 1 does not say how long; SIGTERM comes after 5 s there.
DEFAULT_GRACE_SECONDS = 4.0


class ProcessV1(Process, _connection_v1.Owner):
    """A connection for each request."""

    def __init__(self, app: Application, outbox: Outbox) -> None:
        super().__init__(app, outbox)
        self.connections: Set[_connection_v1.Connection] = set()
        self._initialized = asyncio.Event()
        self._started = False

    def connect(self) -> asyncio.Protocol:
        return _connection_v1.Connection(self)

    def transport(self) -> Transport:
        connection = _connection_v1.current.get()
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
