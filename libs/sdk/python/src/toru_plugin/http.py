"""Requests and responses as handlers see them."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import (
    Any,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
    Union,
)
from urllib.parse import parse_qsl

from ._json import dump, parse
from .errors import HTTPError, ProtocolError

T = TypeVar("T")

#: How many bytes of a body `body()`, `text()`, `json()` and `form()` gather unless told otherwise.
DEFAULT_MAX_BODY = 16 * 1024 * 1024

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

HeaderValue = Union[str, Sequence[str]]


class Headers(Mapping[str, str]):
    """Headers by name in any letter case. Repeated ones are joined with `, `; `get_list` has them one by one."""

    def __init__(self, items: Optional[Mapping[str, HeaderValue]] = None) -> None:
        self._values: Dict[str, List[str]] = {}
        for name, value in (items or {}).items():
            self._values.setdefault(name.lower(), []).extend([value] if isinstance(value, str) else value)

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"

    def get_list(self, name: str) -> List[str]:
        return list(self._values.get(name.lower(), ()))


class Query(Mapping[str, str]):
    """The decoded query: `query["x"]` is the first value of `x`, `query.get_list("x")` all of them."""

    def __init__(self, text: str) -> None:
        self._values: Dict[str, List[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self._values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get_list(self, name: str) -> List[str]:
        return list(self._values.get(name, ()))


@dataclass(frozen=True)
class User:
    """Who asks, as the host has authenticated them. `role` is `admin` or `viewer`."""

    id: str
    name: str
    role: str

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


class Request:
    """
    One HTTP request. The body is read once, as a stream or as a whole.

    In a handler that is a plain function use `request.sync`, which has the same methods without `await`.
    """

    def __init__(
        self,
        method: str,
        target: str,
        *,
        base: str = "",
        headers: Optional[Mapping[str, HeaderValue]] = None,
        user: Optional[User] = None,
        remote: str = "",
        read: Optional[Callable[[], Awaitable[bytes]]] = None,
        body: bytes = b"",
        max_body: int = DEFAULT_MAX_BODY,
        request_id: str = "",
    ) -> None:
        self.request_id = request_id
        self.method = method
        #: Path and query exactly as the host gave them: with the plugin's route for pages, else without.
        self.target = target
        #: The plugin's route where the target begins with it, else "". Put it before the links of a page.
        self.base = base
        self.headers = Headers(headers)
        #: None on a public path without a caller.
        self.user = user
        self.remote = remote
        #: What the `{…}` of the route stand for, converted.
        self.params: Dict[str, Any] = {}
        path, _, query = target.partition("?")
        #: The path that routes are matched with: below the plugin's route, still percent-encoded.
        self.path: str = path[len(base) :] or "/"
        self.query = Query(query)
        self._max_body = max_body
        self._read = read
        self._body: Optional[bytes] = None if read is not None else body
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}>"

    @property
    def content_type(self) -> str:
        """The media type in lower case, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def stream(self) -> AsyncIterator[bytes]:
        """The body piece by piece, as it arrives. The client is slowed down to the speed of the loop that reads."""
        if self._body is not None:
            if self._body:
                yield self._body
            return
        if self._read is None:
            raise RuntimeError("The body has been streamed already")
        read, self._read = self._read, None
        while True:
            data = await read()
            if not data:
                return
            yield data

    async def body(self, limit: Optional[int] = None) -> bytes:
        """The whole body. Answers 413 for more than `limit` bytes (the plugin's `max_body` unless given)."""
        limit = self._max_body if limit is None else limit
        if self._body is None:
            gathered = bytearray()
            async for data in self.stream():
                gathered += data
                if len(gathered) > limit:
                    raise HTTPError(413, f"The body is larger than {limit} bytes")
            self._body = bytes(gathered)
        if len(self._body) > limit:
            raise HTTPError(413, f"The body is larger than {limit} bytes")
        return self._body

    async def text(self, limit: Optional[int] = None) -> str:
        """The body as UTF-8. Answers 400 where it is none."""
        try:
            return (await self.body(limit)).decode("utf-8")
        except UnicodeDecodeError:
            raise HTTPError(400, "The body is not valid UTF-8") from None

    async def json(self, limit: Optional[int] = None) -> Any:
        """The body as JSON. Answers 400 where it is none, or nested deeper than 64 levels."""
        try:
            return parse(await self.body(limit))
        except ProtocolError as error:
            raise HTTPError(400, str(error).replace("The JSON", "The body's JSON")) from None

    async def form(self, limit: Optional[int] = None) -> Query:
        """The fields of a form (`application/x-www-form-urlencoded`)."""
        return Query(await self.text(limit))

    @property
    def sync(self) -> "SyncRequest":
        return SyncRequest(self)


class SyncRequest:
    """The body for handlers that are plain functions: they run in threads of their own."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def body(self, limit: Optional[int] = None) -> bytes:
        return self._wait(self._request.body(limit))

    def text(self, limit: Optional[int] = None) -> str:
        return self._wait(self._request.text(limit))

    def json(self, limit: Optional[int] = None) -> Any:
        return self._wait(self._request.json(limit))

    def form(self, limit: Optional[int] = None) -> Query:
        return self._wait(self._request.form(limit))

    def stream(self) -> Iterator[bytes]:
        pieces = self._request.stream()

        async def following() -> bytes:
            async for piece in pieces:
                return piece
            return b""

        while True:
            data = self._wait(following())
            if not data:
                return
            yield data

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return wait_in_thread(self._request._loop, coroutine)


def wait_in_thread(loop: Optional[asyncio.AbstractEventLoop], coroutine: Coroutine[Any, Any, T]) -> T:
    """Waits in a thread for something that the loop does. In the loop's own thread that would wait for ever."""
    try:
        running: Optional[asyncio.AbstractEventLoop] = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if loop is None or running is loop:
        coroutine.close()
        raise RuntimeError("`.sync` is for handlers that are plain functions; in an `async def` leave it out and await")
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


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
        if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
            raise ValueError(f"Not the name of a header: {name!r}")
        for each in values:
            if not isinstance(each, str) or _BAD_VALUE.search(each):
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


def problem(error: HTTPError, titles: Mapping[int, Tuple[str, str]]) -> Response:
    """The problem document (RFC 9457) of an error."""
    title = titles.get(error.status, (f"HTTP {error.status}", ""))[0]
    document = {"type": "about:blank", "title": title, "status": error.status}
    if error.detail:
        document["detail"] = error.detail
    response = Response(dump(document), error.status, None, "application/problem+json")
    for name, value in error.headers.items():
        response.set_header(name, value)
    return response
