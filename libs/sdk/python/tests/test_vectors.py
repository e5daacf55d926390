"""Every vector of the contract, and frames cut at every byte."""

import asyncio
import base64
import json
import random
import unittest
from pathlib import Path
from unittest import mock

from tests import SDK
from toru_plugin import Plugin
from toru_plugin._app import Application
from toru_plugin._data_messages import parse_data
from toru_plugin._frames import MAX_FRAME, Frame, FrameDecoder, encode
from toru_plugin._json import MAX_VALUES, dump, parse_object
from toru_plugin._messages import parse_message
from toru_plugin._connection_v1 import Connection
from toru_plugin._connection_v1 import Owner as OwnerV1
from toru_plugin._kv_wire import check_kv_answer
from toru_plugin._session import Owner, Session
from toru_plugin._streams import MAX_INTEGER
from toru_plugin.errors import KvError, ProtocolError

VECTORS = SDK.parents[1] / "contracts" / "vectors"


def load(folder):
    """Every vector of a folder. One without any is a mistake in the checkout, and no reason to pass."""
    found = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(Path(VECTORS, folder).glob("*.json"))}
    if not found:
        raise AssertionError(f"There are no vectors in {Path(VECTORS, folder)}")
    return found


class FakeTransport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self):
        super().__init__()
        self.written = bytearray()
        self.aborted = False

    def write(self, data):
        self.written += data

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return 0

    def abort(self):
        self.aborted = True

    def close(self):
        self.aborted = True

    def messages(self):
        decoder = FrameDecoder()
        decoder.push(self.written)
        found = []
        while True:
            frame = decoder.next()
            if frame is None:
                return found
            found.append(json.loads(frame.head))


class FakeOwner(Owner):
    def __init__(self):
        self.app = Application(Plugin(id="acme", name="Acme", version="1", icon="x"))
        self.reason = None
        self.seen = []

    def accept(self, session):
        return True

    def initialize(self, session, init):
        self.seen.append(init)

    def incompatible(self, session):
        self.seen.append("incompatible")

    def shut_down(self, grace):
        self.seen.append(grace)

    def change_settings(self, settings):
        self.seen.append(settings)

    def lost(self, session, reason):
        self.reason = reason


INIT = {
    "type": "lifecycle",
    "action": "init",
    "timestamp": "2026-01-15T12:00:00Z",
    "payload": {"protocol": 2, "features": ["stream", "kv"]},
}


def open_session(ready=True):
    owner, transport = FakeOwner(), FakeTransport()
    session = Session(owner)
    session.link.connection_made(transport)
    if ready:
        session.link.data_received(encode(INIT))
        session.ready()
        session.link._flush()
        owner.seen.clear()
        transport.written.clear()
    return session, owner, transport


class VectorsV2(unittest.IsolatedAsyncioTestCase):
    def test_frames(self):
        """[PRO-6] encodes and decodes every message of version 2 byte for byte."""
        vectors = load("v2")
        self.assertGreater(len(vectors), 40)
        for name, vector in vectors.items():
            with self.subTest(name):
                tail = base64.b64decode(vector["tail"]) if "tail" in vector else None
                frame = bytes.fromhex(vector["frame"])
                self.assertEqual(encode(vector["message"], tail), frame)
                decoder = FrameDecoder()
                for position in range(len(frame)):
                    self.assertIsNone(decoder.next())
                    decoder.push(frame[position : position + 1])
                found = decoder.next()
                self.assertEqual((parse_object(found.head), found.tail), (vector["message"], tail))
                self.assertFalse(decoder.pending)
                decoder.end()
                parsed = parse_message(found)
                self.assertEqual(parsed.type, vector["message"]["type"])

    async def test_messages_to_the_plugin(self):
        """[PRO-6] takes every message of a host."""
        for name, vector in load("v2").items():
            if vector["direction"] == "plugin-to-host" or name in ("pong",):
                continue
            if name.startswith("kv-answer"):
                continue  # below: they answer something
            with self.subTest(name):
                session, owner, transport = open_session(ready=not name.startswith("lifecycle-init"))
                if name.startswith("data-host"):
                    self.name_streams(session)
                session.link.data_received(bytes.fromhex(vector["frame"]))
                self.assertIsNone(owner.reason)
                await self.settle(session)
                self.assertFalse(transport.aborted)
                if name.startswith("lifecycle"):
                    self.assertEqual(len(owner.seen), 1)
                if name.startswith("ping"):
                    self.assertEqual(transport.messages()[-1]["type"], "pong")
                if name.startswith(("http-request", "upgrade")) and "stream" not in vector["message"]["payload"]:
                    self.assertEqual(transport.messages()[-1]["type"], "http")

    async def test_kv_answers(self):
        """[KV-6] takes every answer of a storage."""
        for name, vector in load("v2").items():
            if not name.startswith("kv-answer"):
                continue
            with self.subTest(name):
                session, owner, _ = open_session()
                answer = asyncio.get_running_loop().create_future()
                session.kv._waiting[vector["message"]["request_id"]] = answer
                session.link.data_received(bytes.fromhex(vector["frame"]))
                self.assertIsNone(owner.reason)
                self.assertEqual(await answer, vector["message"]["payload"])
                if name == "kv-answer-error":
                    self.assertRaises(KvError, check_kv_answer, answer.result())

    async def test_refused(self):
        """[PRO-8] refuses what the contract forbids, for the reason that it gives, however the bytes are cut."""
        vectors = load("v2/refused")
        self.assertGreater(len(vectors), 50)
        count = 0
        for name, vector in vectors.items():
            if vector["layer"] == "connection" and vector["direction"] == "plugin-to-host":
                continue
            for size in (1, 7, 1 << 20):
                with self.subTest(name, size=size):
                    session, owner, transport = open_session(vector["ready"])
                    data = bytes.fromhex(vector["frames"])
                    for position in range(0, len(data), size):
                        session.link.data_received(data[position : position + size])
                    if vector["reason"] == "truncated":
                        self.assertIsNone(owner.reason)
                        session.link.eof_received()
                    self.assertIn(f"protocol error {vector['reason']}:", owner.reason or "")
                    self.assertTrue(transport.aborted)
                    await self.settle(session)
                    count += 1
        self.assertGreater(count, 150)

    def name_streams(self, session):
        session.streams.open_outgoing()
        session.exchanges.open("x").incoming = session.streams.open_incoming(1)

    async def settle(self, session):
        await asyncio.gather(*session.exchanges.tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what is sent in one turn of the loop goes out at its end


class Integers(unittest.TestCase):
    def test_however_written(self):
        """[PRO-6] a whole number is one however JSON writes it, and nothing else is."""
        for text, number in (("1", 1), ("1.0", 1), ("1e0", 1), ("10E-1", 1), ("9007199254740991.0", MAX_INTEGER)):
            head = b'{"type":"data","payload":{"stream":%s}}' % text.encode()
            with self.subTest(text):
                stream = parse_data(parse_message(Frame(head, None))).stream
                self.assertEqual((stream, type(stream)), (number, int))
        for text in ("0", "0.0", "1.5", "1e999", "-1.0", "9007199254740992.0", "true", '"1"', "null"):
            head = b'{"type":"data","payload":{"stream":%s}}' % text.encode()
            with self.subTest(text):
                with self.assertRaises(ProtocolError) as caught:
                    parse_data(parse_message(Frame(head, None)))
                self.assertEqual(caught.exception.code, "invalid_stream")


class VectorsV1(unittest.IsolatedAsyncioTestCase):
    async def test_messages_to_the_plugin(self):
        """[PRO-6] takes every message of a host of version 1."""
        for name, vector in load("v1").items():
            if vector["direction"] != "host-to-plugin":
                continue
            with self.subTest(name):
                plugin = Plugin(id="acme", name="Acme", version="1", icon="x", protocol=1)
                seen = []

                @plugin.any("/{rest:path}")
                async def everything(request, rest, seen=seen):
                    seen.append((request.method, request.target, await request.text()))
                    return {"ok": True}

                @plugin.on_kv
                async def storage(request, seen=seen):
                    seen.append((request.action, request.key, request.value))
                    return "1"

                owner = OwnerV1()
                owner.app, owner.connections = Application(plugin), set()
                owner.initialize = lambda *found, seen=seen: seen.append(found)
                owner.shut_down = lambda seen=seen: seen.append("shutdown")
                owner.until_initialized = mock.AsyncMock()
                connection, transport = Connection(owner), FakeTransport()
                connection.connection_made(transport)
                frame = encode(vector["message"])
                for position in range(len(frame)):
                    connection.data_received(frame[position : position + 1])
                await asyncio.gather(*connection.tasks)
                self.assertFalse(transport.aborted)
                self.assertEqual(len(seen), 1)
                payload = vector["message"]["payload"].get("payload", {})
                if name.startswith("host-http"):
                    self.assertEqual(seen[0], (payload["method"], payload["path"], payload["body"] or ""))
                    (answer,) = transport.messages()
                    self.assertEqual(answer["request_id"], vector["message"]["request_id"])
                    self.assertEqual((answer["payload"]["status"], answer["payload"]["body"]), (200, '{"ok":true}'))
                if name.startswith("host-kv"):
                    self.assertEqual(seen[0], (payload["action"], payload["key"], payload.get("value")))
                    self.assertIn("value", transport.messages()[0]["payload"])

    def test_messages_of_plugins(self):
        """[PRO-6] every form of a plugin's message is a frame of version 1."""
        for name, vector in load("v1").items():
            with self.subTest(name):
                decoder = FrameDecoder(tails=False)
                decoder.push(encode(vector["message"]))
                self.assertEqual(parse_object(decoder.next().head), vector["message"])


class Folder(unittest.TestCase):
    def test_missing(self):
        """[PRO-6] without vectors the tests fail: they must not pass for want of anything to do."""
        self.assertRaises(AssertionError, load, "no-such-folder")
        self.assertEqual(len(load("v1")), len(list(Path(VECTORS, "v1").iterdir())))


class Frames(unittest.TestCase):
    def test_any_cut(self):
        """[PRO-8] the same frames come out however the bytes arrive."""
        messages = [({"type": "a"}, None), ({"type": "b", "x": "ž" * 50}, b"\x00\xff" * 40), ({"t": 1}, b""), ({}, None)]
        data = b"".join(encode(message, tail) for message, tail in messages)
        for first in range(len(data)):
            self.assertEqual(self.decode([data[:first], data[first:]]), messages)
        chance = random.Random(7)
        for _ in range(300):
            cuts = sorted(chance.randrange(len(data)) for _ in range(chance.randrange(12)))
            pieces = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)])]
            self.assertEqual(self.decode(pieces), messages)

    def test_any_bytes(self):
        """[PRO-8] nothing but a ProtocolError comes out of random bytes."""
        chance = random.Random(11)
        for _ in range(3000):
            decoder = FrameDecoder(max_frame=64)
            decoder.push(bytes(chance.choice((0, 0, 0, 1, 4, 34, 44, 91, 123, 125, 128, 255)) for _ in range(40)))
            try:
                while (frame := decoder.next()) is not None:
                    parse_message(frame)
            except ProtocolError:
                pass

    def test_largest(self):
        """[PRO-8] 16 MiB pass, one byte more does not."""
        decoder = FrameDecoder()
        message = {"x": "x" * (MAX_FRAME - 8)}
        decoder.push(encode(message))
        self.assertEqual(len(decoder.next().head), MAX_FRAME)
        with self.assertRaises(ValueError):
            encode({"x": "x" * (MAX_FRAME - 7)})

    def test_json_bounds(self):
        """[PRO-8] depth, number of values and length of numbers are bounded before anything is built."""
        for text, code in (
            (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too_deep"),
            (b'{"a":[' + b"1," * MAX_VALUES + b"1]}", "too_many_values"),
            (b'{"a":[' + b"[]," * (MAX_VALUES // 2) + b"1]}", "too_many_values"),
            (b'{"a":' + b"1" * 100_000 + b"}", "invalid_json"),
            (b'{"a":"' + b'\\"' * 2_000_000, "invalid_json"),
            (b"[" * 100_000, "too_deep"),
            (b'"' * 5_000_000 + b"[" * 65, "too_many_values"),
            (b'{"a":Infinity}', "invalid_json"),
        ):
            with self.assertRaises(ProtocolError) as caught:
                parse_object(text)
            self.assertEqual(caught.exception.code, code)
        deepest = b'{"a":' + b"[" * 63 + b"]" * 63 + b"}"
        self.assertEqual(dump(parse_object(deepest)), deepest)
        brackets = {"a": "[" * 100 + '\\"' + "{" * 100}
        self.assertEqual(parse_object(dump(brackets)), brackets)

    def decode(self, pieces):
        decoder, found = FrameDecoder(), []
        for piece in pieces:
            decoder.push(piece)
            while (frame := decoder.next()) is not None:
                found.append((parse_object(frame.head), frame.tail))
        decoder.end()
        return found


if __name__ == "__main__":
    unittest.main()
