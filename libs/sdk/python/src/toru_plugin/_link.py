"""The connection of version 2 as frames: what arrives is cut and handed on, what is sent waits until the host reads."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, List, Mapping, Optional, Union, cast

from ._frames import FrameDecoder, encode
from ._messages import Message, parse_message
from .errors import ProtocolError

#: Our output that the host has not read. Handlers wait long before; this stops what answers without waiting.
MAX_UNREAD_BYTES = 48 * 1024 * 1024
HIGH_WATER_BYTES = 256 * 1024
#: Frames of one turn of the loop go out together, with one system call for each so many bytes.
BATCH_BYTES = 64 * 1024
#: A frame that has begun, and output that the host does not read, may take this long.
FRAME_SECONDS = 30.0
WRITE_SECONDS = 30.0


class LinkUser:
    """What a link asks of whoever uses it."""

    def accept(self) -> bool:
        """Whether this is the connection of the host."""
        raise NotImplementedError

    def receive(self, message: Message) -> None:
        """Never waits. Raises `ProtocolError` for what breaks the protocol: the connection is closed then."""
        raise NotImplementedError

    def closed(self, reason: Optional[str]) -> None:
        """Called once; `reason` is what broke the connection."""
        raise NotImplementedError


class Link(asyncio.Protocol):
    """Frames on one connection, with bounds on time and memory in both directions."""

    def __init__(self, user: LinkUser) -> None:
        self._user = user
        self._loop = asyncio.get_running_loop()
        self._transport: Optional[asyncio.Transport] = None
        self.decoder = FrameDecoder(tails=False)
        self.is_closed = False
        #: Whether anything has arrived.
        self.heard = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._written = 0
        self._batch: List[bytes] = []
        self._batch_bytes = 0
        self._frame_timer: Optional[asyncio.TimerHandle] = None
        self._write_timer: Optional[asyncio.TimerHandle] = None
        self._take_log: Optional[Callable[[], Optional[bytes]]] = None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if not self._user.accept():
            self.is_closed = True
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)

    def data_received(self, data: bytes) -> None:
        self.heard = True
        try:
            self.decoder.push(data)
            progress = False
            while not self.is_closed:
                frame = self.decoder.next()
                if frame is None:
                    break
                progress = True
                self._user.receive(parse_message(frame))
            self._watch_frame(progress)
        except ProtocolError as error:
            self.break_off(error)

    def eof_received(self) -> None:
        try:
            if not self.is_closed:
                self.decoder.end()
        except ProtocolError as error:
            self.break_off(error)

    def connection_lost(self, exc: Optional[Exception]) -> None:
        self._close(None if exc is None else type(exc).__name__)

    def pause_writing(self) -> None:
        self._writable.clear()
        self._watch_writing()

    def resume_writing(self) -> None:
        self._writable.set()
        if self._write_timer is not None:
            self._write_timer.cancel()
        self.flush_logs()

    # The end

    @property
    def descriptor(self) -> int:
        """The socket's file descriptor, -1 if there is none."""
        found = None if self._transport is None else self._transport.get_extra_info("socket")
        return -1 if found is None else int(found.fileno())

    def disconnect(self) -> None:
        """Closes the connection after everything that was written has gone out."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def break_off(self, error: ProtocolError) -> None:
        """Closes the connection at once: the other side has broken the protocol."""
        if self.is_closed:
            return
        if self._transport is not None:
            self._transport.abort()
        self._close(f"protocol error {error.code}: {error}")

    def _close(self, reason: Optional[str]) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        for timer in (self._frame_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        self._writable.set()
        self._user.closed(reason)

    def _watch_frame(self, progress: bool) -> None:
        """A frame that never ends would keep its bytes for ever."""
        pending = self.decoder.pending
        if self._frame_timer is not None and (progress or not pending):
            self._frame_timer.cancel()
            self._frame_timer = None
        if pending and self._frame_timer is None:
            error = ProtocolError("slow_frame", f"A frame took more than {FRAME_SECONDS:g} s")
            self._frame_timer = self._loop.call_later(FRAME_SECONDS, self.break_off, error)

    def _watch_writing(self) -> None:
        sent = self._written - self._unread()

        def check() -> None:
            if self.is_closed or self._writable.is_set():
                return
            if self._written - self._unread() > sent:
                self._watch_writing()
            else:
                self.break_off(ProtocolError("not_reading", f"The host has read nothing for {WRITE_SECONDS:g} s"))

        self._write_timer = self._loop.call_later(WRITE_SECONDS, check)

    def _unread(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    # Sending

    def encode(self, message: Mapping[str, Any], tail: Optional[Union[bytes, memoryview]] = None) -> bytes:
        """Raises `ValueError` for what does not fit into a frame of this connection, or is no JSON."""
        return encode(message, tail, self.decoder.max_frame)

    def send(self, message: Mapping[str, Any], tail: Optional[Union[bytes, memoryview]] = None) -> None:
        self.write(self.encode(message, tail))

    def write(self, frame: bytes) -> None:
        """Without waiting: for answers of the reader itself, and after `until_writable`."""
        if self.is_closed or self._transport is None:
            return
        if not self._batch:
            self._loop.call_soon(self._flush)
        self._batch.append(frame)
        self._batch_bytes += len(frame)
        if self._batch_bytes >= BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._batch or self._transport is None:
            return
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        if self.is_closed:
            return
        data = batch[0] if len(batch) == 1 else b"".join(batch)
        self._written += len(data)
        self._transport.write(data)
        if not self._writable.is_set() and self._unread() > MAX_UNREAD_BYTES:
            self.break_off(ProtocolError("not_reading", "The host does not read what it is sent"))

    async def until_writable(self) -> None:
        # One that goes first may fill the buffer again, so everybody looks again.
        while not self._writable.is_set() and not self.is_closed:
            await self._writable.wait()

    def carry_logs(self, take: Callable[[], Optional[bytes]]) -> None:
        """From now on log messages go out as far as the host reads; `take` gives the next one."""
        self._take_log = take

    def flush_logs(self) -> None:
        while self._take_log is not None and self._writable.is_set() and not self.is_closed:
            frame = self._take_log()
            if frame is None:
                return
            if len(frame) - 4 <= self.decoder.max_frame:
                self.write(frame)
