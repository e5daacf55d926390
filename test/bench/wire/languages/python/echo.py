#!/usr/bin/env python3
"""The bare minimum: each frame is found by its length and written back as soon as it is there."""

import asyncio
import os


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.rest = b""

    def data_received(self, data):
        data = self.rest + data
        at = 0
        while len(data) - at >= 4:
            end = at + 4 + int.from_bytes(data[at : at + 4], "big")
            if end > len(data):
                break
            self.transport.write(data[at:end])
            at = end
        self.rest = data[at:]


async def main():
    server = await asyncio.get_running_loop().create_unix_server(Echo, os.environ["TORU_PLUGIN_SOCKET"])
    await server.serve_forever()


asyncio.run(main())
