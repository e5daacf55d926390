"""The answers to HTTP requests: whole in one frame, or head and stream (protocol §5)."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Mapping, Optional, Set

from ._app import Application, has_body
from ._exchanges import Exchange, Exchanges
from ._link import Link
from ._stream_table import StreamTable
from .errors import HTTPError, StreamBroken
from .request import Request
from .response import Response, problem

#: Bodies up to here travel with their message.
SMALL_BODY = 64 * 1024

_ANSWERED = "The answer is complete"


class Answers:
    """`features` is what both sides take part in; it is filled when the host has sent its own."""

    def __init__(
        self, app: Application, link: Link, streams: StreamTable, exchanges: Exchanges, features: Set[str]
    ) -> None:
        self._app = app
        self._link = link
        self._streams = streams
        self._exchanges = exchanges
        self._features = features

    async def serve(self, exchange: Exchange, request: Request) -> None:
        """Has the request handled, and answers it exactly once."""
        try:
            response = await self._app.handle(request)
            await self.answer(exchange, request.method, response)
        except asyncio.CancelledError:
            self.given_up(exchange)
        finally:
            self.finish(exchange)

    def given_up(self, exchange: Exchange) -> None:
        """A handler may be cancelled by something of its own: the host still has to get its answer."""
        if not exchange.cancelled and not self._link.is_closed and exchange.outgoing is None:
            self.at_once(exchange, HTTPError(503, "The request was given up by the plugin"))

    def finish(self, exchange: Exchange) -> None:
        if not exchange.cancelled:
            self._exchanges.close(exchange)
            self._streams.drop(exchange.incoming, StreamBroken("answered", _ANSWERED))

    def at_once(self, exchange: Exchange, error: HTTPError) -> None:
        """Answers without any waiting, from the reader itself."""
        response = problem(error)
        self.finish(exchange)
        body = response.body if isinstance(response.body, bytes) else b""
        self._link.send(answer_head(exchange, error.status, response.headers), body)

    async def answer(self, exchange: Exchange, method: str, response: Response) -> None:
        body = response.body
        try:
            if not has_body(method, response):
                await self._whole(exchange, response, b"")
            elif isinstance(body, bytes) and (len(body) <= self._small_body or "stream" not in self._features):
                await self._whole(exchange, response, body)
            elif "stream" in self._features:
                await self._stream(exchange, response)
            else:
                await self._whole(exchange, response, await self._gather(body))
        finally:
            if not isinstance(body, bytes):
                await self._app.close_body(body)

    @property
    def _small_body(self) -> int:
        """Bytes that go beside the head: half of a frame is left for the head where frames are small."""
        return min(SMALL_BODY, self._link.decoder.max_frame // 2)

    async def _gather(self, body: Any) -> bytes:
        """A streamed body for a host that takes no streams."""
        gathered = bytearray()
        try:
            async for piece in self._app.pieces(body):
                gathered += piece
                if len(gathered) > self._link.decoder.max_frame:
                    break
        except Exception:
            self._app.plugin.log.exception("A streamed body failed")
            gathered = bytearray(self._link.decoder.max_frame + 1)
        return bytes(gathered)

    async def _whole(self, exchange: Exchange, response: Response, body: bytes) -> None:
        try:
            frame = self._link.encode(answer_head(exchange, response.status, response.headers), body or None)
        except ValueError:
            self._app.plugin.log.error("An answer is larger than a frame, or has a header that is no text")
            failure = {"content-type": "text/plain; charset=utf-8"}
            frame = self._link.encode(answer_head(exchange, 500, failure), b"The plugin's answer cannot be sent")
        await self._link.until_writable()
        if not exchange.cancelled:
            self._exchanges.close(exchange)
            self._link.write(frame)

    async def _stream(self, exchange: Exchange, response: Response) -> None:
        await self._link.until_writable()
        if exchange.cancelled or self._link.is_closed:
            return
        try:
            number = self._streams.next_outgoing
            frame = self._link.encode(answer_head(exchange, response.status, response.headers, number))
        except ValueError:
            await self._whole(exchange, response, b"")
            return
        outgoing = exchange.outgoing = self._streams.open_outgoing()
        self._link.write(frame)
        try:
            if isinstance(response.body, bytes):
                await self._streams.send(outgoing, response.body, end=True)
            else:
                async for piece in self._app.pieces(response.body):
                    await self._streams.send(outgoing, piece)
                self._streams.end(outgoing)
        except asyncio.CancelledError:
            self._streams.break_off(outgoing, StreamBroken("cancelled", "The plugin gave up"))
            raise
        except StreamBroken as error:
            # Where it is not the host's doing, the request's body broke, and the handler's generator with it.
            self._streams.break_off(outgoing, StreamBroken(error.code, "The request's body was broken off"))
        except (Exception, SystemExit, KeyboardInterrupt):
            self._app.plugin.log.exception("A streamed body failed")
            failure = StreamBroken("internal", "The plugin failed in the middle of its answer")
            self._streams.break_off(outgoing, failure)
        finally:
            self._streams.forget(outgoing)


def answer_head(
    exchange: Exchange, status: int, headers: Mapping[str, Any], stream: Optional[int] = None
) -> Dict[str, Any]:
    payload: Dict[str, Any] = {"status": status, "headers": headers}
    if stream is not None:
        payload["stream"] = stream
    return {"type": "http", "request_id": exchange.request_id, "payload": payload}
