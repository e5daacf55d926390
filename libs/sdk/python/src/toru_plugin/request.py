"""A request as handlers see it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, AsyncIterator, Awaitable, Callable, Coroutine, Dict, Iterator, Mapping, Optional, TypeVar, Union

from ._json import parse
from .errors import HTTPError, ProtocolError
from .headers import Headers, HeaderValue, Query

T = TypeVar("T")

#: How many bytes of a body `body()`, `text()`, `json()` and `form()` gather unless told otherwise.
DEFAULT_MAX_BODY = 16 * 1024 * 1024


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
        self._headers: Union[Headers, Mapping[str, HeaderValue]] = headers or {}
        #: None on a public path without a caller.
        self.user = user
        self.remote = remote
        #: What the `{…}` of the route stand for, converted.
        self.params: Dict[str, Any] = {}
        path, _, query = target.partition("?")
        #: The path that routes are matched with: below the plugin's route, still percent-encoded.
        self.path: str = path[len(base) :] or "/"
        self._query: Union[Query, str] = query
        self._max_body = max_body
        self._read = read
        self._body: Optional[bytes] = None if read is not None else body
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}>"

    @property
    def headers(self) -> Headers:
        if not isinstance(self._headers, Headers):
            self._headers = Headers(self._headers)
        return self._headers

    @property
    def query(self) -> Query:
        if isinstance(self._query, str):
            self._query = Query(self._query)
        return self._query

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
