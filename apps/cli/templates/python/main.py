#!/usr/bin/env python3
"""{{title}}: a plugin for Toru Steering Center."""

from datetime import datetime, timezone
from typing import Any, Dict

from toru_plugin import Plugin, Request

plugin = Plugin(
    id="{{id}}",
    name="{{title}}",
    version="1.0.0",
    icon="🧩",
    route="/{{id}}",
    # What an administrator sets on the settings page.
    settings_schema={
        "type": "object",
        "properties": {"greeting": {"type": "string", "title": "Greeting", "default": "Hello", "maxLength": 50}},
    },
)
plugin.bundle("page.bundle.js")


@plugin.post("/visits")
async def visit(request: Request) -> Dict[str, Any]:
    """Greets who asks, and remembers when somebody did."""
    last_visit = await plugin.kv.get("last_visit")
    await plugin.kv.set("last_visit", datetime.now(timezone.utc).isoformat())
    greeting = plugin.settings.get("greeting", "Hello")
    name = request.user.name if request.user else "stranger"
    return {"greeting": f"{greeting}, {name}!", "last_visit": last_visit}


if __name__ == "__main__":
    plugin.run()
