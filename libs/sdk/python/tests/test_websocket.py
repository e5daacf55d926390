"""WebSockets (RFC 6455) end to end: a fake host with a client behind it, and a real plugin process."""

import asyncio
import unittest

from tests.fake_host import DEADLINE, MASK, TIMESTAMP, FakeHost, HostCase
from toru_plugin import HTTPError, Plugin, WebSocketClosed
from toru_plugin._websocket_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Event, encode_close, encode_frame
from toru_plugin.testing import TestClient

UNMASKED = None


class Handshake(HostCase):
    async def test_accepted(self):
        """[RTE-6] the answer of RFC 6455 §1.3, the request's details, and the plugin's own close code."""
        host = await self.host()
        user = {"id": "u-1", "name": "Ada", "role": "admin"}
        socket = await host.upgrade("/acme/ws/about/r1?x=7", base="/acme", user=user)
        self.assertEqual(
            socket.headers,
            {
                "connection": "Upgrade",
                "upgrade": "websocket",
                "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            },
        )
        self.assertEqual(await socket.next(), Event(TEXT, "r1 /ws/about/r1 7 Ada 192.0.2.7"))
        socket.frame(BINARY, b"\x00\xff")
        self.assertEqual(await socket.next(), Event(BINARY, b"\x00\xff"))
        self.assertEqual(await socket.next(), Event(CLOSE, "enough", 4001))
        self.assertIsNone(await socket.next())
        socket.frame(CLOSE, encode_close(4001, ""))
        socket.end()
        self.assertEqual((await host.request("GET", "/")).status, 200)

    async def test_subprotocols(self):
        """[RTE-6] the plugin's first choice of those that the client offers, or none."""
        host = await self.host()
        for offered, chosen in (("echo, v2.echo", "v2.echo"), ("echo", "echo"), ("other", None), (["a", "echo"], "echo")):
            socket = await host.upgrade("/ws/echo", {"sec-websocket-protocol": offered})
            self.assertEqual(socket.headers.get("sec-websocket-protocol"), chosen)

    async def test_refused(self):
        """[RTE-6] what is no handshake, no route, or not wanted, is answered with its status; the connection lives."""
        host = await self.host()
        for path, headers, status in (
            ("/ws/missing", {}, 404),
            ("/visits", {}, 404),
            ("/ws/refuses", {}, 403),
            ("/ws/fails-early", {}, 500),
            ("/ws/echo", {"upgrade": "h2c"}, 426),
            ("/ws/echo", {"sec-websocket-version": "8"}, 426),
            ("/ws/echo", {"sec-websocket-key": "c2hvcnQ="}, 400),
            ("/ws/echo", {"sec-websocket-key": "no base64 at all"}, 400),
        ):
            with self.subTest(path=path, headers=headers):
                answer = await host.upgrade(path, headers)
                self.assertEqual(answer.status, status)
                self.assertNotIn(b"secret", answer.body)
        plain = await host.request("GET", "/ws/echo")
        self.assertEqual((plain.status, plain.headers["upgrade"]), (426, "websocket"))

    async def test_not_offered(self):
        """[PRO-6] what the host does not offer is said clearly, wherever it is needed."""
        host = await self.host(init={"features": ["stream"]})
        answer = await host.request("GET", "/ws/echo")
        self.assertEqual(answer.status, 501)
        self.assertIn("offers no WebSockets", answer.json()["detail"])
        self.assertEqual((await host.upgrade("/ws/echo")).status, 501)
        self.assertEqual((await host.request("GET", "/kv-all")).json(), {"code": "unavailable", "type": "KvError"})
        required = FakeHost(await self.process(REQUIRES="kv upgrade"))
        self.addAsyncCleanup(required.close)
        (failed,) = await required.open(features=["stream", "kv"])
        self.assertEqual((failed["action"], failed["payload"]["code"]), ("failed", "config"))
        self.assertIn("upgrade", failed["payload"]["message"])
        self.assertEqual((await required.plugin.ended())[0], 78)


class Messages(HostCase):
    async def test_echo(self):
        """[RTE-6] text and bytes of every form of length, whole, in fragments, and cut at every byte."""
        host = await self.host()
        socket = await host.upgrade("/ws/echo")
        for size in (0, 1, 125, 126, 65535, 65536, 100_000):
            socket.frame(BINARY, bytes(size))
            self.assertEqual(await socket.next(), Event(BINARY, bytes(size)))
        text = "žluťoučký kůň 🐎"
        socket.frame(TEXT, text.encode())
        self.assertEqual(await socket.next(), Event(TEXT, text))
        encoded = text.encode()
        socket.frame(TEXT, encoded[:1], final=False)  # inside of a character
        socket.frame(PING, b"in between")
        socket.frame(CONTINUATION, b"", final=False)
        socket.frame(CONTINUATION, encoded[1:])
        self.assertEqual(await socket.next(), Event(PONG, b"in between"))
        self.assertEqual(await socket.next(), Event(TEXT, text))
        socket.frame(PONG, b"nobody asked")
        for byte in b"\x82\x83abcd" + bytes(a ^ b for a, b in zip(b"xyz", b"abc")):
            socket.raw(bytes([byte]))
        self.assertEqual(await socket.next(), Event(BINARY, b"xyz"))

    async def test_closed_by_the_client(self):
        """[RTE-6] the client's close is answered with its code, and the handler is told."""
        host = await self.host()
        for payload, answered, told in (
            (encode_close(1000, "bye"), 1000, [1000, "bye"]),
            (encode_close(3999, ""), 3999, [3999, ""]),
            (b"", 1000, [1005, ""]),
        ):
            socket = await host.upgrade("/ws/echo")
            socket.frame(CLOSE, payload)
            self.assertEqual(await socket.next(), Event(CLOSE, "", answered))
            self.assertIsNone(await socket.next())
            socket.end()
            await self.until_told(host, told)

    async def test_closed_behind_a_message(self):
        """[RTE-6] a handler that answers a message behind which the close has come already: it is answered all the same."""
        host = await self.host()
        message = encode_frame(TEXT, b"a", MASK)
        for behind, answered in (
            (encode_frame(CLOSE, encode_close(1000, ""), MASK), 1000),
            (encode_frame(CLOSE, b"", MASK), 1000),
            (encode_frame(0x3, b"x", MASK), 1002),
        ):
            with self.subTest(answered=answered):
                socket = await host.upgrade("/ws/echo")
                socket.raw(message + behind)
                event = await socket.next()
                self.assertEqual((event.opcode, event.code), (CLOSE, answered))
                self.assertIsNone(await socket.next())
                self.assertEqual((socket.entry["end"], socket.entry["error"]), (True, None))
                socket.end()

    async def until_told(self, host, told):
        async def ask():
            while (await host.request("GET", "/state")).json().get("socket") != told:
                pass

        await asyncio.wait_for(ask(), DEADLINE)

    async def test_client_leaves(self):
        """[RTE-6] a client that is gone ends the loop of its handler, however it went."""
        host = await self.host()
        for leave in ("end", "error", "cancel"):
            with self.subTest(leave):
                before = (await host.request("GET", "/state")).json()["closed"]
                socket = await host.upgrade("/ws/pushes")
                await socket.next()
                if leave == "end":
                    socket.end()
                elif leave == "error":
                    error = {"code": "gone", "message": ""}
                    for stream in (socket.stream, socket.incoming):
                        host.send({"type": "data", "payload": {"stream": stream, "error": error}})
                else:
                    host.send({"type": "cancel", "request_id": socket.request_id})
                await self.until_state(host, closed=before + 1)

    async def test_handler_that_does_not_look(self):
        """[RTE-6] a handler that never looks at its socket is cancelled a while after the client left."""
        host = await self.host(HANDLER_SECONDS="0.05", CLOSE_SECONDS="0.05")
        socket = await host.upgrade("/ws/deaf")
        socket.end()
        await self.until_state(host, cancelled=1)

    async def test_failing_handler(self):
        """[RTE-6] a handler that fails closes with 1011, and tells the client nothing."""
        host = await self.host()
        socket = await host.upgrade("/ws/fails")
        socket.frame(TEXT, b"x")
        self.assertEqual(await socket.next(), Event(CLOSE, "", 1011))

    async def test_shutdown(self):
        """[PRO-5] the plugin's end closes its sockets with 1001, and waits for nobody who does not answer."""
        host = await self.host(CLOSE_SECONDS="0.2", HANDLER_SECONDS="0.2")
        sockets = [await host.upgrade("/ws/echo"), await host.upgrade("/ws/deaf")]
        host.send({"type": "lifecycle", "action": "shutdown", "timestamp": TIMESTAMP, "payload": {"grace_ms": 60000}})
        for socket in sockets:
            event = await socket.next()
            self.assertEqual((event.opcode, event.code), (CLOSE, 1001))
        self.assertEqual((await host.plugin.ended())[0], 0)


class Hostile(HostCase):
    async def test_frames(self):
        """[PRO-8] what breaks RFC 6455 closes that socket with the right code, and nothing else."""
        host = await self.host()
        for code, send in (
            (1002, lambda s: s.frame(TEXT, b"x", mask=UNMASKED)),
            (1002, lambda s: s.raw(b"\xc1\x80abcd")),  # reserved bit
            (1002, lambda s: s.frame(0x3, b"x")),
            (1002, lambda s: s.frame(0xB, b"x")),
            (1002, lambda s: s.frame(CONTINUATION, b"x")),
            (1002, lambda s: (s.frame(TEXT, b"a", final=False), s.frame(TEXT, b"b"))),
            (1002, lambda s: s.frame(PING, b"x", final=False)),
            (1002, lambda s: s.frame(PING, b"x" * 126)),
            (1002, lambda s: s.raw(b"\x82\xfe\x00\x05")),  # not the shortest length
            (1002, lambda s: s.raw(b"\x82\xff" + b"\xff" * 8)),
            (1002, lambda s: s.frame(CLOSE, b"\x03")),
            (1002, lambda s: s.frame(CLOSE, encode_close(1005, ""))),
            (1002, lambda s: s.frame(CLOSE, encode_close(999, ""))),
            (1007, lambda s: s.frame(CLOSE, b"\x03\xe8\xff")),
            (1007, lambda s: s.frame(TEXT, b"\xff")),
            (1007, lambda s: s.frame(TEXT, b"\xc5", final=False) or s.frame(CONTINUATION, b"")),
            (1007, lambda s: s.frame(TEXT, b"\xed\xa0\x80", final=False)),  # a surrogate, refused at its fragment
            (1009, lambda s: s.raw(b"\x82\xff" + (100_001).to_bytes(8, "big"))),  # at the length
            (1009, lambda s: (s.frame(BINARY, bytes(60_000), final=False), s.frame(CONTINUATION, bytes(60_000)))),
        ):
            with self.subTest(code=code):
                socket = await host.upgrade("/ws/echo")
                send(socket)
                event = await socket.next()
                self.assertEqual((event.opcode, event.code), (CLOSE, code))
                self.assertIsNone(await socket.next())
                socket.end()
        self.assertEqual((await host.request("GET", "/")).status, 200)

    async def test_as_many_as_there_may_be(self):
        """[PRO-8] windows of 128 MiB together: one more socket is refused, and all of those that are open go on."""
        window = 16 * 1024 * 1024
        host = await self.host(init={"limits": {"max_frame": window, "window": window}})
        sockets = [await host.upgrade("/ws/echo") for _ in range(8)]
        refused = await host.upgrade("/ws/echo")
        self.assertEqual((refused.status, refused.headers["retry-after"]), (503, "1"))
        for message in (b"x", bytes(100_000)):
            for socket in sockets:
                socket.frame(BINARY, message)
                self.assertEqual(await socket.next(), Event(BINARY, message))
        half = encode_frame(BINARY, bytes(100_000), MASK)
        for socket in sockets:
            socket.raw(half[:50_000])
        self.assertEqual((await host.request("GET", "/")).status, 200)
        for socket in sockets:
            socket.raw(half[50_000:])
            self.assertEqual(await socket.next(), Event(BINARY, bytes(100_000)))

    async def test_larger_than_there_is_room_for(self):
        """[PRO-8] with no room left a message of which much waits closes its socket with 1013, and no other."""
        window = 16 * 1024 * 1024
        host = await self.host(init={"limits": {"max_frame": window, "window": window}})
        sockets = [await host.upgrade("/ws/large") for _ in range(8)]
        sockets[0].raw(encode_frame(BINARY, bytes(1_000_000), MASK)[:500_000])
        event = await sockets[0].next()
        self.assertEqual((event.opcode, event.code), (CLOSE, 1013))
        sockets[1].frame(TEXT, b"x")
        self.assertEqual(await sockets[1].next(), Event(TEXT, "x"))

    async def test_slow_reader(self):
        """[RTE-6] a client that does not read stops its handler at the window, and nobody else."""
        host = await self.host()
        host.auto_credit = False
        socket = await host.upgrade("/ws/pushes")
        await host.until(lambda: len(host.streams.get(socket.incoming, {"bytes": b""})["bytes"]) == host.window)
        pushed = (await host.request("GET", "/state")).json()["pushed"]
        self.assertLessEqual(pushed, host.window // 10_000)
        host.give_credit(socket.incoming, 20_000)
        await self.until_state(host, pushed=pushed + 1)

    async def test_handler_that_never_reads(self):
        """[RTE-6] a client that sends to a handler which never reads is given credit for a bounded number of bytes."""
        host = await self.host()
        socket = await host.upgrade("/ws/deaf")
        sent = stalled = 0
        while sent < 8 * host.window and stalled < 3:
            if host.credit[socket.stream] < 5000:
                stalled += 1
                self.assertEqual((await host.request("GET", "/")).status, 200)
                continue
            stalled = 0
            socket.frame(BINARY, b"x" * 4000)
            host.credit[socket.stream] -= 4008
            sent += 4000
        self.assertLess(sent, 4 * host.window)

    async def test_client_without_a_close(self):
        """[RTE-6] a client that takes no part in the close handshake is given up after its time."""
        host = await self.host(CLOSE_SECONDS="0.05")
        socket = await host.upgrade("/ws/about/r?x=1", user={"id": "1", "name": "n", "role": "viewer"})
        socket.frame(TEXT, b"x")
        await host.until(lambda: host.streams.get(socket.stream, {}).get("error"))
        self.assertEqual(host.streams[socket.stream]["error"]["code"], "closed")


class InTests(unittest.IsolatedAsyncioTestCase):
    async def test_client(self):
        """[LANG-2] `TestClient.websocket` talks to a handler without a host."""
        plugin = Plugin(id="acme", name="A", version="1", icon="x")

        @plugin.websocket("/up", subprotocols=["loud"])
        async def up(socket):
            async for message in socket:
                if message == "stop":
                    await socket.close(4000, "as you wish")
                await socket.send(message.upper())

        @plugin.websocket("/no/{reason:int}")
        async def no(socket, reason):
            raise HTTPError(reason)

        async with TestClient(plugin) as client:
            async with client.websocket("/up", subprotocols=["loud"]) as socket:
                await socket.send("abc")
                self.assertEqual((await socket.receive(), socket.subprotocol), ("ABC", "loud"))
                await socket.send("stop")
                with self.assertRaises(WebSocketClosed) as caught:
                    await socket.receive()
                self.assertEqual((caught.exception.code, caught.exception.reason), (4000, "as you wish"))
            async with client.websocket("/up") as socket:
                await socket.send(b"bytes")
                self.assertEqual(await socket.receive(), b"BYTES")
            with self.assertRaises(HTTPError) as refused:
                async with client.websocket("/no/403"):
                    pass
            self.assertEqual(refused.exception.status, 403)

    def test_plain_function(self):
        """A handler that could not wait for messages is refused when it is registered."""
        with self.assertRaisesRegex(TypeError, "async def"):
            Plugin(id="acme", name="A", version="1", icon="x").websocket("/x")(lambda socket: None)


if __name__ == "__main__":
    unittest.main()
