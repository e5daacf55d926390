"""The streams of a connection: which are open in which direction, and what arrives for them (protocol §6)."""

from __future__ import annotations

from typing import Dict, Optional, Union

from ._link import Link
from ._data_messages import Data
from ._streams import CHUNK_BYTES, DEFAULT_WINDOW, Incoming, Outgoing
from .errors import ProtocolError, StreamBroken


class StreamTable:
    """Odd numbers are streams of the host, even ones are ours."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.window = DEFAULT_WINDOW
        self._incoming: Dict[int, Incoming] = {}
        self._last_incoming = 0
        self._outgoing: Dict[int, Outgoing] = {}
        self._last_outgoing = 0

    def open_incoming(self, number: int) -> Incoming:
        if number <= self._last_incoming:
            raise ProtocolError("invalid_stream", "The number of a stream that was used before")
        self._last_incoming = number

        def grant(credit: int) -> None:
            self._link.send({"type": "data", "payload": {"stream": number, "credit": credit}})

        incoming = self._incoming[number] = Incoming(number, self.window, grant)
        return incoming

    @property
    def next_outgoing(self) -> int:
        """The number that `open_outgoing` will give."""
        return self._last_outgoing + 2

    def open_outgoing(self) -> Outgoing:
        number = self._last_outgoing = self.next_outgoing
        outgoing = self._outgoing[number] = Outgoing(number, self.window)
        return outgoing

    def receive(self, data: Data, tail: Optional[bytes]) -> None:
        if data.stream % 2 == 1:
            self._receive_bytes(data, tail)
            return
        if data.stream > self._last_outgoing:
            raise ProtocolError("unknown_stream", "No message named this stream")
        outgoing = self._outgoing.get(data.stream)
        if outgoing is None:
            return  # it has ended; the credit for its last bytes is late
        if data.credit is not None:
            outgoing.add_credit(data.credit)
        if data.error is not None:
            outgoing.fail(StreamBroken(*data.error))

    def _receive_bytes(self, data: Data, tail: Optional[bytes]) -> None:
        if data.stream > self._last_incoming:
            raise ProtocolError("unknown_stream", "No message named this stream")
        incoming = self._incoming.get(data.stream)
        if incoming is None:
            return  # given up by us, or broken off: bytes that were on their way
        if tail:
            incoming.feed(tail)
        if data.error is not None:
            incoming.fail(StreamBroken(*data.error))
        elif data.end:
            incoming.feed_end()
        if incoming.ended:
            del self._incoming[data.stream]

    def drop(self, incoming: Optional[Incoming], error: StreamBroken) -> None:
        """Nobody reads it any more; the host knows why by itself."""
        if incoming is not None:
            incoming.fail(error)
            self._incoming.pop(incoming.number, None)

    def refuse(self, incoming: Optional[Incoming], error: StreamBroken) -> None:
        """Nobody reads it any more, and the host is told so if it has more to send."""
        if incoming is not None and incoming.number in self._incoming:
            self.send_error(incoming.number, error)
        self.drop(incoming, error)

    def break_off(self, outgoing: Optional[Outgoing], error: StreamBroken) -> None:
        """Nothing follows on a stream of ours, and the host is told so unless it has broken it off itself."""
        if outgoing is not None and outgoing.error is None and outgoing.number in self._outgoing:
            self.send_error(outgoing.number, error)
            outgoing.fail(error)

    def end(self, outgoing: Outgoing) -> None:
        self._link.send({"type": "data", "payload": {"stream": outgoing.number, "end": True}})

    def forget(self, outgoing: Outgoing) -> None:
        """It is over, one way or the other."""
        self._outgoing.pop(outgoing.number, None)

    async def send(self, outgoing: Outgoing, data: Union[bytes, bytearray], end: bool = False) -> None:
        """
        Sends as far as there is credit and the host reads, and waits for more. Raises `StreamBroken`.

        Cancelled in the middle it breaks the stream off: nobody could tell where the next message begins.
        """
        # room for the head of the message, in frames of any size
        chunk = min(CHUNK_BYTES, self._link.decoder.max_frame - 256)
        view, position = memoryview(data), 0
        try:
            while position < len(view):
                count = await outgoing.take(min(chunk, len(view) - position))
                await self._link.until_writable()
                if outgoing.error is not None:
                    raise outgoing.error
                last = end and position + count == len(view)
                payload = {"stream": outgoing.number, "end": True} if last else {"stream": outgoing.number}
                self._link.send({"type": "data", "payload": payload}, view[position : position + count])
                position += count
        except BaseException:
            if 0 < position < len(view):
                self.break_off(outgoing, StreamBroken("cancelled", "The plugin gave up"))
            raise

    def send_error(self, number: int, error: StreamBroken) -> None:
        payload = {"stream": number, "error": {"code": error.code, "message": error.text}}
        self._link.send({"type": "data", "payload": payload})

    def fail_all(self, error: StreamBroken) -> None:
        for incoming in self._incoming.values():
            incoming.fail(error)
        for outgoing in self._outgoing.values():
            outgoing.fail(error)
