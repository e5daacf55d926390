"""Version 2 end to end: a fake host and a real plugin process."""

import asyncio
import json
import os
import signal
import tempfile
import unittest
from pathlib import Path

from tests.fake_host import FEATURES, INSTANCE, TIMESTAMP, FakeHost, HostCase, hang_up, http_message, read_to_end

MIB = 1024 * 1024


class Life(HostCase):
    async def test_metadata(self):
        """[META-1] prints its metadata and ends, without socket or network."""
        plugin = await self.process("--metadata")
        status, out, _ = await plugin.ended()
        self.assertEqual(status, 0)
        self.assertEqual(json.loads(out)["protocol"], 2)
        self.assertEqual(json.loads(out)["route"], "/acme")

    async def test_init_and_ready(self):
        """[PRO-2] [PRO-6] answers init with ready, and with those features that it uses."""
        host = FakeHost(await self.process())
        self.addAsyncCleanup(host.close)
        (ready,) = await host.open(features=[*FEATURES, "teleport"])
        self.assertEqual(ready["action"], "ready")
        self.assertEqual(ready["payload"], {"protocol": 2, "features": FEATURES})
        about = (await host.request("GET", "/about")).json()
        self.assertEqual(about["instance_id"], INSTANCE)
        self.assertEqual(about["settings"], {"colour": "blue"})

    async def test_failed(self):
        """[SUP-10] [LIC-3] says why it cannot start, and ends with 78 where another try is of no use."""
        for behaviour, code, exit_status in (
            ("config", "config", 78),
            ("license", "license", 78),
            ("license-required", "license", 78),
            ("init-fails", "internal", 1),
        ):
            with self.subTest(behaviour):
                host = FakeHost(await self.process(BEHAVIOUR=behaviour))
                self.addAsyncCleanup(host.close)
                (failed,) = await host.open()
                self.assertEqual((failed["action"], failed["payload"]["code"]), ("failed", code))
                self.assertEqual((await host.plugin.ended())[0], exit_status)

    async def test_other_version(self):
        """[PRO-6] a host of version 1 is told so."""
        plugin = await self.process()
        _, writer = await plugin.connect()
        from toru_plugin._frames import encode

        payload = {"type": "lifecycle", "action": "init", "instance_id": INSTANCE}
        writer.write(encode({"type": "lifecycle", "action": "init", "timestamp": TIMESTAMP, "payload": payload}))
        status, _, err = await plugin.ended()
        self.assertEqual(status, 78)
        self.assertIn("protocol=1", err)

    async def test_no_socket(self):
        """[SUP-10] started by hand it says what it is."""
        plugin = await self.process(TORU_PLUGIN_SOCKET="")
        status, _, err = await plugin.ended()
        self.assertEqual(status, 78)
        self.assertIn("--metadata", err)

    async def test_shutdown(self):
        """[PRO-5] finishes what is in flight, takes nothing new, runs its hook and ends with 0."""
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "x")
            host = await self.host(SHUTDOWN_FILE=str(file))
            host.kv = lambda payload: None
            host.send(http_message("slow", "GET", "/kv/k"))
            ((question, _),) = await host.until(lambda: [each for each in host.messages if each[0]["type"] == "kv"])
            host.send({"type": "lifecycle", "action": "shutdown", "timestamp": TIMESTAMP, "payload": {"grace_ms": 60000}})
            host.send(http_message("late", "GET", "/"))
            late = await host.answer("late")
            self.assertEqual((late.status, late.headers), (503, {"content-type": "application/problem+json"}))
            self.assertEqual(
                late.json(),
                {
                    "type": "about:blank",
                    "title": "Service Unavailable",
                    "status": 503,
                    "detail": "The plugin is about to end",
                },
            )
            host.send({"type": "kv", "request_id": question["request_id"], "payload": {"value": "kept", "revision": 1}})
            self.assertEqual((await host.answer("slow")).json(), {"value": "kept"})
            self.assertEqual((await host.plugin.ended())[0], 0)
            self.assertEqual(file.read_text(), "shut down")

    async def test_shutdown_within_grace(self):
        """[PRO-5] ends within the grace, whatever its handlers do."""
        host = await self.host()
        for path in ("/wait", "/block"):
            host.send(http_message(path, "GET", path))
        host.send({"type": "lifecycle", "action": "shutdown", "timestamp": TIMESTAMP, "payload": {"grace_ms": 300}})
        self.assertEqual((await host.plugin.ended())[0], 0)

    async def test_signal(self):
        """[PRO-5] SIGTERM ends it too."""
        host = await self.host()
        host.plugin.process.send_signal(signal.SIGTERM)
        self.assertEqual((await host.plugin.ended())[0], 0)

    async def test_connection_lost(self):
        """[SUP-6] never outlives its host: the end of the connection is its end."""
        host = await self.host()
        host.send(http_message("1", "GET", "/wait"))
        host.writer.close()
        status, _, err = await host.plugin.ended()
        self.assertEqual(status, 1)
        self.assertIn("connection", err)

    async def test_connection_lost_while_stuck(self):
        """[SUP-6] even if a handler never gives the loop back."""
        host = await self.host(STUCK_SECONDS="0.1")
        host.send(http_message("1", "GET", "/stuck"))
        host.writer.close()
        self.assertEqual((await host.plugin.ended())[0], 1)

    async def test_probe(self):
        """[SUP-1] a connection that ends without a word is not the host's."""
        plugin = await self.process()
        _, writer = await plugin.connect()
        await hang_up(writer)
        for _ in range(200):  # until the plugin has seen the probe's end
            host = FakeHost(plugin)
            (found,) = await asyncio.gather(host.open(), return_exceptions=True)
            self.addAsyncCleanup(host.close)
            if not isinstance(found, BaseException):
                break
        self.assertEqual(found[0]["action"], "ready")

    async def test_one_connection(self):
        """[PRO-8] a second connection is closed, the first one works on."""
        host = await self.host()
        reader, _ = await host.plugin.connect()
        self.assertEqual(await read_to_end(reader), b"")
        self.assertEqual((await host.request("GET", "/")).status, 200)

    async def test_settings(self):
        """[MGR-5] new settings are there at once, and the hook runs."""
        host = await self.host()
        message = {"type": "lifecycle", "action": "settings", "timestamp": TIMESTAMP}
        host.send({**message, "payload": {"settings": {"colour": "red"}}})
        await host.until(lambda: host.events)
        self.assertEqual(host.events[0]["data"], {"colour": "red"})
        self.assertEqual((await host.request("GET", "/about")).json()["settings"], {"colour": "red"})


class Http(HostCase):
    async def test_routes(self):
        """[RTE-1] [RTE-2] full and stripped paths reach the same handler."""
        host = await self.host()
        user = {"id": "u-1", "name": "Ada", "role": "admin"}
        for path, base, seen in (
            ("/acme/visits?x=1", "/acme/", "/acme"),
            ("/acme/visits", "/acme", "/acme"),
            ("/visits?x=1", "", ""),
        ):
            answer = await host.request("GET", path, base=base, user=user)
            self.assertEqual(answer.json(), {"path": "/visits", "base": seen, "user": "Ada"})
        for path, base in (("/acme", "/acme/"), ("/acme", ""), ("/acme/", "/acme/"), ("/", "")):
            self.assertEqual((await host.request("GET", path, base=base)).status, 200, path)
        self.assertEqual((await host.request("GET", "/acme/visits", base="")).status, 404)

    async def test_params_and_errors(self):
        """[PRO-4] typed parameters; 404, 405, 400 and 500 are answers, and tell no secrets."""
        host = await self.host()
        self.assertEqual((await host.request("GET", "/items/7")).json(), {"id": 7})
        self.assertEqual((await host.request("GET", "/items/x")).status, 404)
        refused = await host.request("POST", "/items/7")
        self.assertEqual((refused.status, refused.headers["allow"]), (405, "GET, HEAD"))
        self.assertEqual((await host.request("GET", "/kv/%ff")).status, 400)
        failed = await host.request("GET", "/fails")
        self.assertEqual(failed.status, 500)
        self.assertNotIn(b"secret", failed.body)
        self.assertEqual((await host.request("GET", "/teapot")).json()["detail"], "short and stout")
        for path in ("/exits", "/bad-header", "/surrogate"):
            self.assertEqual((await host.request("GET", path)).status, 500, path)
        self.assertEqual((await host.request("GET", "/cancels-itself")).status, 503)
        self.assertEqual((await host.request("GET", "/nothing")).status, 204)
        head = await host.request("HEAD", "/")
        self.assertEqual((head.status, head.body), (200, b""))

    async def test_bodies(self):
        """[PRO-7] bytes survive both ways: in the message, as text, and as a stream."""
        host = await self.host()
        binary = bytes(range(256))
        self.assertEqual((await host.request("POST", "/echo", binary)).body, binary)
        self.assertEqual((await host.request("POST", "/echo", body=b"", headers={})).body, b"")
        self.assertEqual((await host.request("POST", "/echo", **{"headers": {"content-type": ["text/x"]}})).body, b"")
        host.send(http_message("text", "POST", "/echo", body="žluť"))
        self.assertEqual((await host.answer("text")).body, "žluť".encode())
        self.assertEqual((await host.request("POST", "/json", b'{"a":[1]}')).json(), {"got": {"a": [1]}})
        self.assertEqual((await host.request("POST", "/json", b"{")).status, 400)

    async def test_large_answer(self):
        """[PRO-7] [RTE-6] 8 MiB from the plugin, no faster than credit comes."""
        host = await self.host()
        answer = await host.request("GET", f"/large/{8 * MIB}")
        self.assertEqual(answer.body, bytes(range(256)) * (8 * MIB // 256))
        self.assertEqual(len((await host.request("GET", f"/generated/{8 * MIB}")).body), 8 * MIB)
        self.assertEqual((await host.request("GET", "/generated-sync")).body, b"line 0\nline 1\nline 2\n")

    async def test_large_request(self):
        """[PRO-7] [RTE-6] 8 MiB to the plugin, to handlers of both kinds, and through it."""
        host = await self.host()
        pieces = [bytes([number]) * 65536 for number in range(128)]
        for path in ("/count", "/count-sync"):
            self.assertEqual((await host.stream_request("POST", path, pieces)).json(), {"bytes": 8 * MIB})
        self.assertEqual((await host.stream_request("POST", "/echo-stream", pieces)).body, b"".join(pieces))

    async def test_small_limits(self):
        """[PRO-7] smaller frames and windows are respected."""
        host = await self.host(init={"limits": {"max_frame": 4096, "window": 3000}})
        self.assertEqual(len((await host.request("GET", "/generated/131072")).body), 131072)
        for size in (2048, 4096, 65536):
            answer = await host.request("GET", f"/large/{size}")
            self.assertEqual((answer.status, len(answer.body)), (200, size))
        pieces = [b"p" * 1000] * 50
        self.assertEqual((await host.stream_request("POST", "/count", pieces)).json(), {"bytes": 50000})

    async def test_no_streams(self):
        """[PRO-6] a host without streams gets whole bodies, as far as a frame goes."""
        host = await self.host(init={"features": ["kv"]})
        answer = await host.request("GET", f"/generated/{MIB}")
        self.assertEqual((answer.status, len(answer.body)), (200, MIB))
        self.assertEqual((await host.request("GET", f"/large/{17 * MIB}")).status, 500)

    async def test_events(self):
        """[RTE-6] server-sent events."""
        host = await self.host()
        answer = await host.request("GET", "/events")
        self.assertEqual(answer.headers["content-type"], "text/event-stream")
        self.assertEqual(answer.body, b'event: tick\nid: 1\ndata: {"tick": 1}\n\ndata: two\ndata: lines\n\n')

    async def test_64_in_flight(self):
        """[PRO-6] 64 requests at once, all of them in handlers at the same time."""
        host = await self.host()
        answers = await asyncio.gather(*(host.request("GET", "/together/64") for _ in range(64)))
        self.assertEqual({answer.body for answer in answers}, {b"together"})

    async def test_slow_reader_blocks_nobody(self):
        """[RTE-6] a stream without credit waits; others go on. Credit saturates."""
        host = await self.host()
        host.auto_credit = False
        host.send(http_message("stuck", "GET", "/endless"))
        message, _ = await host.head("stuck")
        stream = message["payload"]["stream"]
        await host.until(lambda: stream in host.streams and len(host.streams[stream]["bytes"]) == host.window)
        self.assertEqual((await host.request("GET", "/")).status, 200)
        host.give_credit(stream, 1000)
        await host.until(lambda: len(host.streams[stream]["bytes"]) == host.window + 1000)
        for _ in range(2):
            host.give_credit(stream, 2**53 - 1)
        await host.until(lambda: len(host.streams[stream]["bytes"]) > host.window + 100_000)

    async def test_host_refuses_stream(self):
        """[RTE-6] a client that leaves ends the generator behind the stream."""
        host = await self.host()
        host.send(http_message("1", "GET", "/endless"))
        message, _ = await host.head("1")
        error = {"code": "gone", "message": ""}
        host.send({"type": "data", "payload": {"stream": message["payload"]["stream"], "error": error}})
        await self.until_state(host, closed=1)

    async def test_answer_without_reading(self):
        """[PRO-6] an answer may be complete before the request's stream has ended."""
        host = await self.host()
        stream = host.next_stream()
        host.send(http_message("1", "POST", "/ignore", stream=stream))
        host.send({"type": "data", "payload": {"stream": stream}}, b"x" * 1000)
        self.assertEqual((await host.answer("1")).body, b"ignored")
        host.send({"type": "data", "payload": {"stream": stream}}, b"on its way")
        error = {"code": "answered", "message": ""}
        host.send({"type": "data", "payload": {"stream": stream, "error": error}})
        self.assertEqual((await host.request("GET", "/")).status, 200)

    async def test_broken_bodies(self):
        """[PRO-7] half a body is no body, in either direction."""
        host = await self.host()
        stream = host.next_stream()
        host.send(http_message("1", "POST", "/count", stream=stream))
        host.send({"type": "data", "payload": {"stream": stream, "error": {"code": "gone", "message": ""}}})
        self.assertEqual((await host.answer("1")).status, 400)
        with self.assertRaisesRegex(ConnectionAbortedError, "internal"):
            await host.request("GET", "/breaks")

    async def test_too_large(self):
        """[PRO-7] what is gathered is bounded."""
        host = await self.host()
        answer = await host.stream_request("POST", "/echo", [b"x" * 65536] * 300)
        self.assertEqual(answer.status, 413)


class CancelAndPing(HostCase):
    async def test_cancel(self):
        """[RTE-6] cancel stops the handler, and there is no answer."""
        host = await self.host()
        host.send(http_message("c", "GET", "/wait"))
        host.send({"type": "cancel", "request_id": "c"})
        host.send({"type": "cancel", "request_id": "never-there"})
        host.send(http_message("d", "GET", "/wait"))
        before = (await host.request("GET", "/state")).json()
        host.send({"type": "cancel", "request_id": "d"})
        await self.until_state(host, cancelled=before["cancelled"] + 1)
        self.assertEqual({"c", "d"} & set(host.answers), set())
        self.assertEqual((await host.request("GET", "/")).status, 200)

    async def test_cancel_of_a_stream(self):
        """[RTE-6] cancel breaks the streams off."""
        host = await self.host()
        host.send(http_message("1", "GET", "/endless"))
        message, _ = await host.head("1")
        host.send({"type": "cancel", "request_id": "1"})
        entry = await host.until(lambda: host.ended(message["payload"]["stream"]))
        self.assertEqual(entry["error"]["code"], "cancelled")
        await self.until_state(host, closed=1)

    async def test_ping_during_blocking_handlers(self):
        """[SUP-1] ping is answered by the reader while every thread is blocked."""
        host = await self.host()
        for number in range(70):
            host.send(http_message(f"b{number}", "GET", "/block"))
        host.send({"type": "ping", "request_id": "p"})
        await host.until(lambda: [m for m, _ in host.messages if m["type"] == "pong" and m["request_id"] == "p"])
        self.assertEqual(host.answers, {})
        self.assertEqual((await host.request("GET", "/release")).status, 200)
        for number in range(70):
            self.assertEqual((await host.answer(f"b{number}")).body, b"released")


class KvLogsEvents(HostCase):
    async def test_kv(self):
        """[KV-1] [KV-6] every operation and its answer."""
        host = await self.host()
        asked = []
        answers = {
            "set": {"revision": 5},
            "get": {"value": "1", "revision": 5},
            "list": {"items": [{"key": "p1", "value": "x", "revision": 1}], "cursor": "next"},
            "batch": {"results": [{"value": None, "revision": 0}, {"revision": 6}, {"deleted": False}]},
            "delete": {"deleted": True},
        }

        def kv(payload):
            asked.append(payload)
            return answers[payload["action"]]

        host.kv = kv
        self.assertEqual(
            (await host.request("GET", "/kv-all")).json(),
            {
                "revision": 5,
                "entry": ["1", 5],
                "keys": ["p1"],
                "cursor": "next",
                "results": ["None", "6", "False"],
                "deleted": True,
            },
        )
        self.assertEqual(asked[0], {"action": "set", "key": "a", "value": "1", "ttl_ms": 1500, "if_revision": 0})
        self.assertEqual(asked[2], {"action": "list", "prefix": "p", "limit": 2})
        self.assertEqual(asked[4], {"action": "delete", "key": "a", "if_revision": 7})
        for path in ("/kv/k", "/kv-sync/k"):
            self.assertEqual((await host.request("GET", path)).json(), {"value": "1"})

    async def test_kv_errors(self):
        """[KV-6] a refusal is an exception with its code; an answer of the wrong shape is none."""
        host = await self.host()
        for answer, code, kind in (
            ({"error": {"code": "kv_conflict", "message": ""}}, "kv_conflict", "KvConflict"),
            ({"error": {"code": "kv_quota_exceeded", "message": ""}}, "kv_quota_exceeded", "KvError"),
            ({"error": 7}, "invalid_answer", "KvError"),
            ({"revision": "x"}, "invalid_answer", "KvError"),
        ):
            host.kv = lambda payload, answer=answer: answer
            self.assertEqual((await host.request("GET", "/kv-all")).json(), {"code": code, "type": kind})
        host.kv = None
        host.send(http_message("n", "GET", "/kv-all"))
        ((question, _),) = await host.until(lambda: [each for each in host.messages if each[0]["type"] == "kv"][4:])
        host.send({"type": "kv", "request_id": question["request_id"]})  # no payload at all
        self.assertEqual((await host.answer("n")).json(), {"code": "invalid_answer", "type": "KvError"})

    async def test_kv_given_up(self):
        """[KV-6] a cancelled handler gives its question up; a late answer is dropped."""
        host = await self.host()
        host.kv = lambda payload: None
        host.send(http_message("1", "GET", "/kv/k"))
        ((question, _),) = await host.until(lambda: [each for each in host.messages if each[0]["type"] == "kv"])
        host.send({"type": "cancel", "request_id": "1"})
        given_up = await host.until(lambda: [m for m, _ in host.messages if m["type"] == "cancel"])
        self.assertEqual(given_up[0]["request_id"], question["request_id"])
        host.send({"type": "kv", "request_id": question["request_id"], "payload": {"value": "late", "revision": 1}})
        self.assertEqual((await host.request("GET", "/")).status, 200)

    async def test_kv_of_the_host(self):
        """[KV-8] the host asks a plugin that keeps a storage of its own."""
        host = await self.host()
        for request, answer in (
            ({"action": "get", "key": "k"}, {"value": "mine", "revision": 1}),
            ({"action": "get", "key": "none"}, {"value": None, "revision": 0}),
            ({"action": "set", "key": "k", "value": "v"}, {"revision": 1}),
            ({"action": "delete", "key": "k"}, {"deleted": True}),
            ({"action": "set", "key": "k", "value": "v", "ttl_ms": 1.0, "if_revision": None}, {"revision": 1}),
        ):
            self.assertEqual(await self.ask(host, request), answer)

    async def test_kv_of_the_host_unreadable(self):
        """[KV-8] a question that cannot be read is refused: a condition is not left out."""
        host = await self.host()
        for request in (
            {"action": "list"},
            {"action": "get"},
            {"action": "set", "key": "k"},
            {"action": "set", "key": "k", "value": "v", "if_revision": "1"},
            {"action": "set", "key": "k", "value": "v", "if_revision": 1.5},
            {"action": "delete", "key": "k", "if_revision": True},
            {"action": "set", "key": "k", "value": "v", "ttl_ms": -1},
        ):
            with self.subTest(request):
                self.assertEqual((await self.ask(host, request))["error"]["code"], "invalid_request")

    async def ask(self, host, request):
        request_id = host.next_id()
        host.send({"type": "kv", "request_id": request_id, "payload": request})
        ((message, _),) = await host.until(
            lambda: [each for each in host.messages if each[0].get("request_id") == request_id]
        )
        return message["payload"]

    async def test_logs(self):
        """[OBS-1] what `logging` says becomes log messages; before ready it is a line on standard output."""
        host = await self.host()
        await host.request("GET", "/log")
        await host.until(lambda: len(host.logs) >= 2)
        warning, failure = host.logs[:2]
        self.assertEqual((warning["level"], warning["message"]), ("warn", "careful now"))
        self.assertEqual((warning["fields"]["count"], warning["fields"]["logger"]), (2, "acme.test"))
        self.assertEqual((failure["level"], failure["error"]["type"]), ("error", "ValueError"))
        self.assertIn("\\ud800", failure["error"]["message"])
        host.writer.close()
        out = (await host.plugin.ended())[1].splitlines()
        first = json.loads(out[0])
        self.assertEqual((first["level"], first["message"], first["step"]), ("info", "before ready", 1))

    async def test_log_flood(self):
        """[OBS-1] more than the host takes is dropped and counted, and costs no memory."""
        host = await self.host()
        self.assertEqual((await host.request("GET", "/log-flood")).body, b"flooded")
        await host.until(lambda: [each for each in host.logs if "were dropped" in each["message"]])

    async def test_event(self):
        """[OBS-3] an event of the plugin's own."""
        host = await self.host()
        await host.request("GET", "/event")
        self.assertEqual(await host.until(lambda: host.events), [{"name": "visited", "data": {"by": 1}}])


if __name__ == "__main__":
    unittest.main()
