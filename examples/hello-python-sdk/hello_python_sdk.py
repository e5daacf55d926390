#!/usr/bin/env python3
"""Hello Python SDK: counts its visits in the host's storage and shows them on a page in the console.

One executable file for the plugins directory, with the SDK and the page inside:

    PYTHONPATH=libs/sdk/python/src python3 -m toru_plugin.bundle examples/hello-python-sdk/hello_python_sdk.py \\
        --include bundle.js -o plugins/hello-python-sdk.binary
"""

import asyncio
import logging
from typing import Any, AsyncIterator, Dict

from toru_plugin import Plugin, Request, Response, ServerSentEvent

plugin = Plugin(
    id="hello-python-sdk",
    name="Hello Python SDK",
    version="1.0.0",
    icon="🐍",
    route="/hello-python-sdk",
    author="Toru Steering Center",
    description="Counts its visits. A start for a plugin of your own, with the Python SDK.",
)
plugin.bundle("bundle.js")

log = logging.getLogger(__name__)
counting = asyncio.Lock()  # every request is a task of its own: one visit at a time is added


@plugin.get("/")
async def page() -> Response:
    return Response.html("<!doctype html><title>Hello Python SDK</title><h1>Hello from the Python SDK</h1>")


@plugin.get("/visits")
async def visits() -> Dict[str, Any]:
    return {"visits": int(await plugin.kv.get("visits") or 0), "instance_id": plugin.instance_id}


@plugin.post("/visits")
async def visit(request: Request) -> Dict[str, Any]:
    async with counting:
        count = int(await plugin.kv.get("visits") or 0) + 1
        await plugin.kv.set("visits", str(count))
    log.info("visited", extra={"visits": count, "user": request.user.name if request.user else None})
    return {"visits": count, "instance_id": plugin.instance_id}


@plugin.get("/clock")
async def clock() -> Response:
    """Server-sent events: one a second, until the client leaves."""

    async def ticks() -> AsyncIterator[ServerSentEvent]:
        number = 0
        while True:
            number += 1
            yield ServerSentEvent({"tick": number}, event="tick")
            await asyncio.sleep(1)

    return Response.events(ticks())


if __name__ == "__main__":
    plugin.run()
