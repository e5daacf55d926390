"""Hostile hosts (faults 7 to 9): the plugin says why on standard error and ends; it neither hangs nor grows."""

import asyncio
import json
import struct

from tests.fake_host import DEADLINE, FakeHost, HostCase, drip, http_message
from toru_plugin._frames import encode

MIB = 1024 * 1024


def memory(pid):
    """Resident bytes now."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


class Hostile(HostCase):
    async def refused(self, host, code):
        """The plugin has ended with one JSON line that says why."""
        status, _, err = await host.plugin.ended()
        self.assertEqual(status, 1)
        lines = [json.loads(line) for line in err.splitlines()]
        self.assertEqual(len(lines), 1, err)
        self.assertIn(f"protocol error {code}", lines[0]["message"])

    async def test_frames(self):
        """[PRO-8] lengths are judged before anything is allocated."""
        for data, code in (
            (struct.pack(">I", 0), "empty_frame"),
            (b"\xff\xff\xff\xff", "frame_too_large"),
            (struct.pack(">I", 16 * MIB + 1), "frame_too_large"),
            (encode({"type": "ping"}), "missing_request_id"),
            (struct.pack(">I", 4) + b"\xff\xfe\x00\x00", "invalid_utf8"),
            (encode(http_message("1", "GET", "nowhere")), "invalid_http_request"),
            (encode(http_message("1", "GET", "/", headers={"a": 1})), "invalid_http_request"),
            (encode(http_message("1", "GET", "/wait")) * 2, "duplicate_request_id"),
        ):
            with self.subTest(code):
                host = await self.host()
                host.writer.write(data)
                await self.refused(host, code)

    async def test_before_init(self):
        """[PRO-8] requests before ready, tails before ready."""
        for data, code in (
            (encode(http_message("1", "GET", "/")), "unexpected_message"),
            (encode({"type": "ping", "request_id": "1"}, b"x"), "tail_before_ready"),
        ):
            host = FakeHost(await self.process())
            _, writer = await host.plugin.connect()
            writer.write(data)
            await self.refused(host, code)

    async def test_truncated(self):
        """[PRO-8] an end in the middle of a frame."""
        host = await self.host()
        host.writer.write(struct.pack(">I", 1000) + b"{")
        host.writer.write_eof()
        await self.refused(host, "truncated")

    async def test_slow_frame(self):
        """[PRO-8] a frame that never ends, byte by byte or not at all, costs the connection after its time."""
        host = await self.host(FRAME_SECONDS="0.2")
        host.send({"type": "ping", "request_id": "p"})
        await drip(host.writer, lambda: host.is_closed or host.plugin.process.returncode is not None)
        await self.refused(host, "slow_frame")

    async def test_slow_reader(self):
        """[PRO-8] a host that reads nothing of what it asked for is given up after its time, without much memory."""
        host = await self.host(WRITE_SECONDS="0.2", init={"limits": {"max_frame": 16 * MIB, "window": 8 * MIB}})
        host._task.cancel()
        await asyncio.gather(host._task, return_exceptions=True)
        host.writer.transport.pause_reading()
        host.send(http_message("1", "GET", f"/generated/{8 * MIB}"))
        await self.refused(host, "not_reading")

    async def test_window(self):
        """[PRO-8] more bytes than the window are refused, and never kept."""
        host = await self.host()
        stream = host.next_stream()
        host.send(http_message("1", "POST", "/never-reads", stream=stream))
        for _ in range(5):
            host.send({"type": "data", "payload": {"stream": stream}}, b"x" * 65536)
        await self.refused(host, "window_exceeded")

    async def test_no_reading(self):
        """[PRO-8] a host that asks and never reads costs bounded memory, and then its connection."""
        host = await self.host(MAX_UNREAD_BYTES=str(8 * MIB))
        before = memory(host.plugin.process.pid)
        host._task.cancel()
        await asyncio.gather(host._task, return_exceptions=True)
        host.writer.transport.pause_reading()
        ping = encode({"type": "ping", "request_id": "x" * 128}) * 1000
        most = 0
        try:
            for _ in range(2000):
                host.writer.write(ping)
                await asyncio.wait_for(host.writer.drain(), DEADLINE)
                most = max(most, memory(host.plugin.process.pid))
        except (OSError, asyncio.TimeoutError):
            pass
        host.writer.transport.abort()
        self.assertLess(most - before, 40 * MIB)
        self.assertEqual((await host.plugin.ended())[0], 1)

    async def test_slow_readers_of_streams(self):
        """[PRO-8] a thousand streams without credit hold a window each at most, and pings are still answered."""
        host = await self.host(init={"limits": {"max_frame": 16 * MIB, "window": 4096}})
        host.auto_credit = False
        before = memory(host.plugin.process.pid)
        for number in range(500):
            host.send(http_message(f"e{number}", "GET", "/endless"))
        for number in range(500):
            await host.head(f"e{number}")
        host.send({"type": "ping", "request_id": "p"})
        await host.until(lambda: [m for m, _ in host.messages if m["type"] == "pong"])
        self.assertLess(memory(host.plugin.process.pid) - before, 64 * MIB)

    async def test_too_many_requests(self):
        """[PRO-8] requests beyond the bound are answered 503, and the others live on."""
        host = await self.host()
        for number in range(1100):
            host.send(http_message(f"w{number}", "GET", "/wait"))
        busy = await host.until(lambda: [m for m, _ in host.answers.values() if m["payload"]["status"] == 503])
        self.assertGreaterEqual(len(busy), 1)
        await host.until(lambda: len(host.answers) == 76)
        for number in range(1100):
            host.send({"type": "cancel", "request_id": f"w{number}"})
        host.send(http_message("after", "GET", "/"))
        answer = await host.answer("after")
        self.assertIn(answer.status, (200, 503))

    async def test_held_bytes(self):
        """[PRO-8] large bodies in flight are bounded together."""
        host = await self.host()
        body = b"x" * (15 * MIB)
        for number in range(12):
            host.send(http_message(f"b{number}", "POST", "/never-reads"), body)
            await host.writer.drain()
        await host.until(lambda: len(host.answers) == 4)
        self.assertEqual({m["payload"]["status"] for m, _ in host.answers.values()}, {503})

    async def test_random_messages(self):
        """[PRO-8] whatever JSON comes, the plugin answers, ignores it or ends: it never hangs."""
        import random

        chance = random.Random(3)
        values = [None, True, -1, 0, 1, 2, 2**53, 1.5, "", "x", "/", [], {}, "GET"]
        names = ["stream", "credit", "end", "error", "action", "key", "method", "path", "headers", "base", "user", "body"]
        types = ["http", "data", "kv", "cancel", "ping", "upgrade", "lifecycle", "nonsense"]
        for _ in range(8):
            host = await self.host()
            for number in range(50):
                payload = {name: chance.choice(values) for name in chance.sample(names, 4)}
                message = {"type": chance.choice(types), "request_id": f"q{number}", "payload": payload}
                host.send(message, b"x" if chance.random() < 0.2 else None)
            host.send({"type": "ping", "request_id": "last"})
            try:
                await host.until(lambda: [m for m, _ in host.messages if m.get("request_id") == "last"])
            except (ConnectionError, OSError):
                _, _, err = await host.plugin.ended()
                self.assertIn("protocol error", err)
                self.assertNotIn("Traceback", err)
