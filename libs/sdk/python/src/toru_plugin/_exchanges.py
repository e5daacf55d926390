"""The host's requests that are being answered: who works on them, and what they hold together."""

from __future__ import annotations

import asyncio
from typing import Any, Coroutine, Dict, Optional, Set

from ._streams import Incoming, Outgoing
from .errors import HTTPError, ProtocolError

#: Requests in flight beyond it are answered 503.
MAX_IN_FLIGHT = 1024
#: What the bodies of the requests in flight may take together, windows of streams included.
MAX_HELD_BYTES = 128 * 1024 * 1024


class Exchange:
    """A request of the host's that is being answered."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.task: Optional[asyncio.Task[None]] = None
        self.incoming: Optional[Incoming] = None
        self.outgoing: Optional[Outgoing] = None
        self.held = 0
        self.cancelled = False


class Exchanges:
    def __init__(self) -> None:
        self._open: Dict[str, Exchange] = {}
        self.tasks: Set[asyncio.Task[None]] = set()
        self._held = 0
        #: Set when the plugin shuts down: new requests are refused.
        self.draining = False

    def open(self, request_id: str) -> Exchange:
        if request_id in self._open:
            raise ProtocolError("duplicate_request_id", "The id of an open request")
        exchange = self._open[request_id] = Exchange(request_id)
        return exchange

    def close(self, exchange: Exchange) -> None:
        """It is answered: its id is free again."""
        if self._open.get(exchange.request_id) is exchange:
            del self._open[exchange.request_id]

    def cancel(self, request_id: str) -> Optional[Exchange]:
        """The exchange that is given up, or None where it was answered already: the messages met on their way."""
        exchange = self._open.pop(request_id, None)
        if exchange is not None:
            exchange.cancelled = True
        return exchange

    def refusal(self, held: int) -> Optional[HTTPError]:
        """Why a request that would hold so many bytes cannot be taken now."""
        if self.draining:
            return HTTPError(503, "The plugin is about to end")
        if not self.has_room(held):
            return HTTPError(503, "The plugin is busy", {"retry-after": "1"})
        return None

    def has_room(self, held: int = 0) -> bool:
        return len(self.tasks) < MAX_IN_FLIGHT and self._held + held <= MAX_HELD_BYTES

    def hold(self, exchange: Exchange, count: int) -> bool:
        """Notes that a running exchange holds `count` bytes; False where that is more than all may have together."""
        more = count - exchange.held
        if more > 0 and self._held + more > MAX_HELD_BYTES:
            return False
        exchange.held = count
        self._held += more
        return True

    def start(self, exchange: Exchange, coroutine: Coroutine[Any, Any, None], held: int = 0) -> None:
        self.hold(exchange, held)
        task = exchange.task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)

        def ended(task: "asyncio.Task[None]") -> None:
            # A task that was cancelled before its first step has run no `finally`.
            self.tasks.discard(task)
            self.hold(exchange, 0)

        task.add_done_callback(ended)

    async def finish(self, seconds: float) -> None:
        """Waits for the requests in flight, then cancels what is left."""
        if self.tasks:
            await asyncio.wait(set(self.tasks), timeout=seconds)
        self.cancel_all()

    def cancel_all(self) -> None:
        for task in self.tasks:
            task.cancel()
