"""What a handler answers, and server-sent events."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, AsyncIterable, AsyncIterator, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from ._json import dump
from .errors import HTTPError
from .headers import HeaderValue, is_header_name, is_header_value

Piece = Union[bytes, str]
Pieces = Union[AsyncIterable[Piece], Iterable[Piece]]


class Response:
    """
    An answer. `body` is bytes, text, or something that yields bytes or text, async or not: then it is streamed.

    Handlers may also return what a response is made from: a dict or list (JSON), text, bytes, None (204).
    """

    def __init__(
        self,
        body: Union[bytes, bytearray, memoryview, str, None, Pieces] = None,
        status: int = 200,
        headers: Optional[Mapping[str, HeaderValue]] = None,
        content_type: Optional[str] = None,
    ) -> None:
        if type(status) is not int or not 200 <= status <= 599:
            raise ValueError(f"A status is a whole number from 200 to 599, not {status!r}")
        self.status = status
        self.headers: Dict[str, HeaderValue] = {}
        for name, value in (headers or {}).items():
            self.set_header(name, value)
        default_type: Optional[str] = None
        self.body: Union[bytes, Pieces]
        if body is None:
            self.body = b""
        elif isinstance(body, str):
            self.body, default_type = body.encode("utf-8"), "text/plain; charset=utf-8"
        elif isinstance(body, (bytes, bytearray, memoryview)):
            self.body, default_type = bytes(body), "application/octet-stream"
        else:
            self.body, default_type = body, "application/octet-stream"
        chosen = content_type or default_type
        if chosen is not None and (content_type is not None or "content-type" not in self.headers):
            self.set_header("content-type", chosen)

    def set_header(self, name: str, value: HeaderValue) -> None:
        """Sets a header, or several of one name. A name or value that no header can have is a `ValueError`."""
        values = [value] if isinstance(value, str) else list(value)
        if not is_header_name(name):
            raise ValueError(f"Not the name of a header: {name!r}")
        for each in values:
            if not is_header_value(each):
                raise ValueError(f"Not a value for the header {name}: it has a control character, or is no text")
        self.headers[name.lower()] = values[0] if len(values) == 1 else values

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Optional[Mapping[str, HeaderValue]] = None) -> "Response":
        return cls(dump(value), status, headers, "application/json")

    @classmethod
    def html(cls, text: str, status: int = 200, headers: Optional[Mapping[str, HeaderValue]] = None) -> "Response":
        return cls(text, status, headers, "text/html; charset=utf-8")

    @classmethod
    def redirect(cls, location: str, status: int = 303) -> "Response":
        return cls(None, status, {"location": location})

    @classmethod
    def events(cls, events: AsyncIterable["Event"], headers: Optional[Mapping[str, HeaderValue]] = None) -> "Response":
        """Server-sent events. Each one is a `ServerSentEvent`, text, or anything that JSON can say."""
        response = cls(_encode_events(events), 200, headers, "text/event-stream")
        response.headers.setdefault("cache-control", "no-cache")
        return response


@dataclass(frozen=True)
class ServerSentEvent:
    """`data` is text, or a value that is sent as JSON."""

    data: Any = ""
    event: Optional[str] = None
    id: Optional[str] = None
    retry_ms: Optional[int] = None

    def encode(self) -> bytes:
        lines: List[str] = []
        for name, field in (("event", self.event), ("id", self.id)):
            if field is not None:
                if re.search(r"[\r\n\0]", field):
                    raise ValueError(f"The {name} of an event is one line")
                lines.append(f"{name}: {field}")
        if self.retry_ms is not None:
            lines.append(f"retry: {int(self.retry_ms)}")
        text = self.data if isinstance(self.data, str) else json.dumps(self.data, ensure_ascii=False, allow_nan=False)
        lines.extend(f"data: {line}" for line in re.split(r"\r\n|\r|\n", text))
        return ("\n".join(lines) + "\n\n").encode("utf-8")


Event = Union[ServerSentEvent, str, Mapping[str, Any], Sequence[Any], int, float, None]


async def _encode_events(events: AsyncIterable[Event]) -> AsyncIterator[bytes]:
    try:
        async for event in events:
            yield event.encode() if isinstance(event, ServerSentEvent) else ServerSentEvent(event).encode()
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()


def to_response(result: Any) -> Response:
    """What a handler returned, as a response."""
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(None, 204)
    if isinstance(result, (str, bytes, bytearray, memoryview)):
        return Response(result)
    if isinstance(result, (dict, list, bool, int, float)):
        return Response.json(result)
    if hasattr(result, "__aiter__") or hasattr(result, "__next__"):
        return Response(result)
    raise TypeError(f"A handler returned {type(result).__name__}, of which no response can be made")


def problem(error: HTTPError) -> Response:
    """The problem document (RFC 9457) of an error."""
    try:
        title = HTTPStatus(error.status).phrase
    except ValueError:
        title = f"HTTP {error.status}"
    document: Dict[str, Any] = {"type": "about:blank", "title": title, "status": error.status}
    if error.detail:
        document["detail"] = error.detail
    response = Response(dump(document), error.status, None, "application/problem+json")
    for name, value in error.headers.items():
        response.set_header(name, value)
    return response
