"""A handler as it will be called, whatever it wants to be given."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, Dict, List


def bind(handler: Callable[..., Any], names: List[str]) -> Callable[..., Any]:
    """The handler as it will be called, `handler(request, **params)`, with what it does not want left out."""
    parameters = inspect.signature(handler).parameters.values()
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters)
    wanted = set(names) if takes_all else set(names).intersection(each.name for each in parameters)
    positional = [
        each
        for each in parameters
        if each.name not in wanted and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    required = [each.name for each in positional if each.default is each.empty]
    if len(required) > 1:
        shown = getattr(handler, "__name__", "handler")
        raise TypeError(f"{shown} wants {', '.join(required)}: a handler is given the request and what its path names")
    takes_request = bool(required) or any(each.kind is each.VAR_POSITIONAL for each in parameters)

    def arguments(request: Any, params: Dict[str, Any]) -> "functools.partial[Any]":
        kept = {name: value for name, value in params.items() if name in wanted}
        return functools.partial(handler, request, **kept) if takes_request else functools.partial(handler, **kept)

    if inspect.iscoroutinefunction(handler):

        async def call(request: Any, **params: Any) -> Any:
            return await arguments(request, params)()

        return call

    if inspect.isasyncgenfunction(handler):

        async def generate(request: Any, **params: Any) -> Any:
            return arguments(request, params)()

        return generate

    def call_plain(request: Any, **params: Any) -> Any:
        return arguments(request, params)()

    return call_plain
