#!/usr/bin/env python3
"""Licensed Python: runs with a licence key of its vendor.

One executable file for the plugins directory, with the SDK inside:

    PYTHONPATH=libs/sdk/python/src python3 -m toru_plugin.bundle examples/licensed-python/licensed_python.py \\
        -o plugins/licensed-python.binary
"""

from typing import Any, Dict

from toru_plugin import Plugin

#: The DEMO secret of this example: everybody has it, and whoever has a plugin has its secret. A plugin that is sold has one
#: of its own here, or better a public key of the second form (README.md).
SECRET = "DEMO secret of licensed-python, known to everybody"

plugin = Plugin(
    id="licensed-python",
    name="Licensed Python",
    version="1.0.0",
    icon="🔑",
    route="/licensed-python",
    author="Toru Steering Center",
    description="Runs with a licence key. A start for a plugin that is sold, in Python.",
    license="required",
)


@plugin.on_init
async def check_licence() -> None:
    licence = plugin.license.require(secret=SECRET)
    plugin.log.info("licensed", extra={"expires": licence.expires or "never"})


@plugin.get("/")
async def about() -> Dict[str, Any]:
    return {"licensed": True, "instance_id": plugin.instance_id}


if __name__ == "__main__":
    plugin.run()
