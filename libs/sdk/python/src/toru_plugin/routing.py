"""Routes with typed parameters: `/items/{id:int}`."""

from __future__ import annotations

import re
import uuid
from typing import Any, Callable, Dict, Generic, List, NamedTuple, Optional, Sequence, Set, Tuple, TypeVar
from urllib.parse import unquote_to_bytes

from .errors import HTTPError

_PARAM = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?\}")
#: More digits are no id of anything; they would only cost time.
_CONVERTERS: Dict[str, Tuple[str, Callable[[str], Any]]] = {
    "str": (r"[^/]+", str),
    "int": (r"-?[0-9]{1,18}", int),
    "float": (r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", float),
    "uuid": (r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", uuid.UUID),
    "path": (r".*", str),
}


Handler = TypeVar("Handler")
Converters = Dict[str, Callable[[str], Any]]


class SocketRoute(NamedTuple):
    """What answers a WebSocket: `max_message` is in bytes."""

    handler: Callable[..., Any]
    subprotocols: Sequence[str]
    max_message: int


class Router(Generic[Handler]):
    """Finds the handler of a request: routes are tried in the order in which they were added."""

    def __init__(self) -> None:
        self._routes: List[Tuple[str, "re.Pattern[str]", Converters, Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        pattern, converters = compile_path(path)
        self._routes.append((method.upper(), pattern, converters, handler))

    def has(self, path: str) -> bool:
        """Whether there is something for any method."""
        return any(pattern.fullmatch(path) for _, pattern, _, _ in self._routes)

    def match(self, method: str, path: str) -> Tuple[Handler, Dict[str, Any]]:
        """The handler and its parameters. Raises `HTTPError` 404, or 405 with the methods that there are."""
        allowed: Set[str] = set()
        fallback: Optional[Tuple[Handler, Dict[str, Any]]] = None
        for own, pattern, converters, handler in self._routes:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            if own in (method, "*"):
                return handler, _convert(converters, found)
            if method == "HEAD" and own == "GET" and fallback is None:
                fallback = handler, _convert(converters, found)
            allowed.add(own)
        if fallback is not None:
            return fallback
        if not allowed:
            raise HTTPError(404, "Nothing is here")
        if "GET" in allowed:
            allowed.add("HEAD")
        raise HTTPError(405, "", {"allow": ", ".join(sorted(allowed))})


def compile_path(path: str) -> Tuple["re.Pattern[str]", Converters]:
    """The pattern of a route. A path that cannot be one is a `ValueError`."""
    if not path.startswith("/"):
        raise ValueError(f"A route begins with a slash: {path!r}")
    pattern, position = "", 0
    converters: Converters = {}
    for found in _PARAM.finditer(path):
        name, kind = found.group(1), found.group(2) or "str"
        if kind not in _CONVERTERS:
            raise ValueError(f"{path!r}: there is no kind {kind!r}, only {', '.join(_CONVERTERS)}")
        if name in converters:
            raise ValueError(f"{path!r} has {name!r} twice")
        expression, converters[name] = _CONVERTERS[kind]
        pattern += re.escape(path[position : found.start()]) + f"(?P<{name}>{expression})"
        position = found.end()
    rest = path[position:]
    if "{" in re.sub(_PARAM, "", path) or "}" in re.sub(_PARAM, "", path):
        raise ValueError(f"{path!r} has a brace that belongs to no parameter")
    return re.compile(pattern + re.escape(rest), re.DOTALL), converters


def _convert(converters: Converters, found: "re.Match[str]") -> Dict[str, Any]:
    params: Dict[str, Any] = {}
    for name, converter in converters.items():
        try:
            params[name] = converter(unquote_to_bytes(found.group(name)).decode("utf-8"))
        except (UnicodeError, ValueError):
            raise HTTPError(400, f"The path's {name} cannot be read") from None
    return params
