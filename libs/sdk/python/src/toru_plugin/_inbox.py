"""Messages of a WebSocket that wait for their handler."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Deque, Optional, Union

#: Messages that wait for their handler. The client is slowed down beyond it.
MAX_WAITING_MESSAGES = 16
MAX_WAITING_BYTES = 64 * 1024

Message = Union[str, bytes]


class Inbox:
    """Whoever fills it waits while it is full, and whoever empties it while it is empty."""

    def __init__(self) -> None:
        self._waiting: Deque[Message] = deque()
        self._changed = asyncio.Event()
        self._shut = False
        self._ended = False
        #: Bytes that wait; characters of texts.
        self.held = 0

    async def put(self, message: Message) -> None:
        """Waits until there is room for more, or nobody wants it."""
        if self._shut:
            return
        self._waiting.append(message)
        self.held += len(message)
        self._changed.set()
        while not self._shut and (len(self._waiting) >= MAX_WAITING_MESSAGES or self.held > MAX_WAITING_BYTES):
            self._changed.clear()
            await self._changed.wait()

    async def get(self) -> Optional[Message]:
        """The next message; None where none is left and none comes any more."""
        while not self._waiting:
            if self._ended:
                return None
            self._changed.clear()
            await self._changed.wait()
        message = self._waiting.popleft()
        self.held -= len(message)
        self._changed.set()
        return message

    def shut(self) -> None:
        """From now on what is put in is thrown away."""
        self._shut = True
        self._changed.set()

    def end(self) -> None:
        """What waits is the last."""
        self._ended = True
        self.shut()
