"""Version 1 end to end: a connection for each request."""

import asyncio
import json
import struct

from tests.fake_host import DEADLINE, INSTANCE, TIMESTAMP, HostCase, drip, hang_up, read_to_end
from tests.license_issuer import issue_hmac
from toru_plugin._frames import FrameDecoder, encode


def lifecycle(action):
    payload = {"type": "lifecycle", "action": action}
    if action == "init":
        payload.update(instance_id=INSTANCE, plugin_socket="", log_path="")
    return {"type": "lifecycle", "action": action, "timestamp": TIMESTAMP, "payload": payload}


class HostV1(HostCase):
    async def host(self, **env):
        self.plugin = await self.process(PROTOCOL="1", **env)
        await self.tell(lifecycle("init"))
        return self

    async def tell(self, message):
        _, writer = await self.plugin.connect()
        writer.write(encode(message))
        await hang_up(writer)

    async def ask(self, method, path, body=None, kv=None, headers=None):
        reader, writer = await self.plugin.connect()
        payload = {"method": method, "path": path, "headers": headers or {}, "body": body}
        inner = {"type": "http", "request_id": "R", "payload": payload}
        writer.write(encode({"type": "http", "timestamp": TIMESTAMP, "request_id": "R", "payload": inner}))
        decoder = FrameDecoder()
        try:
            while True:
                frame = decoder.next()
                if frame is None:
                    data = await asyncio.wait_for(reader.read(262144), DEADLINE)
                    if not data:
                        return None
                    decoder.push(data)
                    continue
                message = json.loads(frame.head)
                if message["type"] == "http":
                    self.assertEqual(message["request_id"], "R")
                    return message["payload"]
                answered = kv(message["payload"])
                given = await answered if asyncio.iscoroutine(answered) else answered
                answer = {"type": "kv", "request_id": message["request_id"], **given}
                writer.write(encode({"type": "kv", "request_id": message["request_id"], "payload": answer}))
        finally:
            await hang_up(writer)

    async def test_licence(self):
        """[PRO-6] [LIC-3] [SUP-10] the key comes with the environment; one that does not hold ends the process with 78."""
        secret = "a secret of the tests"
        licensed = {"BEHAVIOUR": "licensed", "SECRET": secret}
        await self.host(**licensed, TORU_LICENSE_KEY=issue_hmac(secret.encode(), INSTANCE, None))
        self.assertEqual((await self.ask("GET", "/visits"))["status"], 200)
        await self.host(**licensed, TORU_LICENSE_KEY=issue_hmac(secret.encode(), INSTANCE, "2020-01-01"))
        status, _, err = await self.plugin.ended()
        self.assertEqual(status, 78)
        self.assertIn("(reason: expired)", err)

    async def test_requests(self):
        """[PRO-6] [RTE-1] [RTE-2] many connections at once, both forms of a path, init without an answer."""
        await self.host(TORU_SETTINGS='{"colour": "green"}')
        answers = await asyncio.gather(*(self.ask("GET", "/together/16") for _ in range(16)))
        self.assertEqual({answer["body"] for answer in answers}, {"together"})
        for path in ("/acme/visits?x=1", "/visits"):
            headers = {"x-toru-user": "Ada", "x-toru-user-id": "1", "x-toru-role": "admin"}
            answer = json.loads((await self.ask("GET", path, headers=headers))["body"])
            self.assertEqual((answer["path"], answer["user"]), ("/visits", "Ada"))
        self.assertEqual((await self.ask("POST", "/echo", "žluť"))["body"], "žluť")
        self.assertEqual((await self.ask("GET", "/missing"))["status"], 404)
        self.assertEqual((await self.ask("GET", "/generated-sync"))["body"], "line 0\nline 1\nline 2\n")
        about = json.loads((await self.ask("GET", "/about"))["body"])
        self.assertEqual((about["instance_id"], about["settings"]), (INSTANCE, {"colour": "green"}))
        self.assertEqual((await self.ask("GET", "/ws/echo"))["status"], 501)

    async def test_bytes(self):
        """[PRO-7] what version 1 cannot carry is an error, never a damaged body."""
        await self.host()
        self.assertEqual((await self.ask("GET", "/large/1024"))["status"], 500)
        self.assertEqual((await self.ask("GET", "/generated/20971520"))["status"], 500)

    async def test_kv(self):
        """[KV-1] storage on the connection of the request; what version 1 has not is an error."""
        await self.host()
        for path in ("/kv/k", "/kv-sync/k"):
            answer = await self.ask("GET", path, kv=lambda payload: {"value": payload["action"] + payload["key"]})
            self.assertEqual(json.loads(answer["body"]), {"value": "getk"})
        refused = {"value": None, "error": {"code": "storage_unavailable", "message": "later"}}
        self.assertEqual((await self.ask("GET", "/kv/k", kv=lambda payload: refused))["status"], 500)
        answer = await self.ask("GET", "/kv-all", kv=lambda payload: {"value": None})
        self.assertEqual(json.loads(answer["body"])["code"], "invalid_request")

    async def test_log_and_events(self):
        """[OBS-1] logs and events are JSON lines on standard output."""
        await self.host()
        await self.ask("GET", "/log")
        await self.ask("GET", "/event")
        await self.tell(lifecycle("shutdown"))
        status, out, _ = await self.plugin.ended()
        self.assertEqual(status, 0)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([line["level"] for line in lines], ["info", "warn", "error", "info"])
        self.assertEqual((lines[1]["message"], lines[1]["count"]), ("careful now", 2))
        self.assertEqual(lines[3]["event"], "visited")

    async def test_shutdown(self):
        """[PRO-5] finishes what is in flight and ends with 0."""
        await self.host()
        asked, told = asyncio.Event(), asyncio.Event()

        async def kv(payload):
            asked.set()
            await told.wait()
            return {"value": "kept"}

        answer = asyncio.ensure_future(self.ask("GET", "/kv/k", kv=kv))
        await asyncio.wait_for(asked.wait(), DEADLINE)
        await self.tell(lifecycle("shutdown"))
        told.set()
        self.assertEqual(json.loads((await answer)["body"]), {"value": "kept"})
        self.assertEqual((await self.plugin.ended())[0], 0)

    async def test_configuration(self):
        """[SUP-10] a configuration error ends with 78."""
        await self.host(BEHAVIOUR="config")
        status, _, err = await self.plugin.ended()
        self.assertEqual(status, 78)
        self.assertIn("The address is missing", err)

    async def test_closed_connection(self):
        """[PRO-6] a closed connection stops the handler."""
        await self.host()
        _, writer = await self.plugin.connect()
        payload = {"type": "http", "request_id": "R", "payload": {"method": "GET", "path": "/wait"}}
        writer.write(encode({"type": "http", "request_id": "R", "payload": payload}))
        await self.until_counted("started")
        writer.close()
        await self.until_counted("cancelled")

    async def until_counted(self, name):
        async def ask():
            while json.loads((await self.ask("GET", "/state"))["body"])[name] < 1:
                pass

        await asyncio.wait_for(ask(), DEADLINE)

    async def test_slow_frame(self):
        """[PRO-8] a frame that comes byte by byte has its time as a whole, and others are served meanwhile."""
        await self.host(FRAME_SECONDS="0.2")
        reader, writer = await self.plugin.connect()
        ended = asyncio.ensure_future(read_to_end(reader))
        await drip(writer, ended.done)
        self.assertEqual(await ended, b"")
        self.assertEqual((await self.ask("GET", "/"))["status"], 200)

    async def test_hostile(self):
        """[PRO-8] what breaks the protocol closes that connection, and no other."""
        await self.host()
        for data in (
            b"\xff\xff\xff\xff",
            struct.pack(">I", 0),
            struct.pack(">I", 2) + b"[]",
            encode({"type": "http", "request_id": "", "payload": {}}),
            encode({"type": "http", "request_id": "1", "payload": {"method": "GET"}}),
            encode({"type": "kv", "request_id": "1", "payload": {"key": 1}}),
            encode({"type": 1}),
        ):
            reader, writer = await self.plugin.connect()
            writer.write(data)
            self.assertEqual(await read_to_end(reader), b"")
        self.assertEqual((await self.ask("GET", "/"))["status"], 200)
