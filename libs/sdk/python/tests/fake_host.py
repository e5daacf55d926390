"""A host that does what a test wants: a real plugin process behind a real Unix socket."""

import asyncio
import json
import os
import shutil
import struct
import sys
import tempfile
import unittest
from pathlib import Path

from tests import BYTECODE, SDK
from toru_plugin import _websocket_frames as ws
from toru_plugin._frames import FrameDecoder, encode

CHAOS = Path(__file__).resolve().parent / "fixtures" / "chaos_plugin.py"
#: Everything that a test waits for comes far sooner; only a defect lets it pass.
DEADLINE = 120.0
INSTANCE = "9b2f1c1e-6f0a-4c39-8f0e-0d5a6c1f2e3b"
FEATURES = ["stream", "upgrade", "kv", "log", "event", "settings"]
#: RFC 6455 §1.3 has this key, and the answer to it.
HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}
#: Any will do.
MASK = b"\x01\x80\xfe\x37"
TIMESTAMP = "2026-01-15T12:00:00Z"


def init_message(**payload):
    defaults = {
        "protocol": 2,
        "features": FEATURES,
        "plugin_id": "acme",
        "instance_id": INSTANCE,
        "plugin_socket": "",
        "log_path": "",
        "data_dir": "/tmp",
        "settings": {"colour": "blue"},
        "license_key": None,
        "limits": {"max_frame": 16 * 1024 * 1024, "window": 262144},
    }
    return {"type": "lifecycle", "action": "init", "timestamp": TIMESTAMP, "payload": {**defaults, **payload}}


def http_message(request_id, method, path, **payload):
    defaults = {"method": method, "path": path, "base": "", "headers": {}, "user": None, "remote": "192.0.2.7"}
    return {"type": "http", "request_id": request_id, "payload": {**defaults, **payload}}


async def read_to_end(reader):
    """What comes until the end, however it comes: closed with bytes of ours unread, a connection is reset."""
    try:
        return await asyncio.wait_for(reader.read(), DEADLINE)
    except ConnectionError:
        return b""


async def drip(writer, is_over):
    """Sends a frame that is never silent, and far from complete whenever the other side looks, until it is over."""
    writer.write(struct.pack(">I", 1 << 20))
    end = asyncio.get_running_loop().time() + DEADLINE
    while not is_over() and asyncio.get_running_loop().time() < end:
        writer.write(b"x")
        await asyncio.sleep(0.001)


async def hang_up(writer):
    """Closes a connection, whatever has become of it."""
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


class PluginProcess:
    """One plugin file as a process, with a directory of its own."""

    def __init__(self, file=CHAOS, **env):
        self.directory = tempfile.mkdtemp(prefix="tp-")
        self.socket = os.path.join(self.directory, "s")
        self.file = file
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(SDK / "src"),
            "PYTHONPYCACHEPREFIX": str(BYTECODE),
            "TORU_PLUGIN_SOCKET": self.socket,
            "TORU_PLUGIN_ID": "acme",
            **env,
        }
        self.process = None
        self._writers = []

    async def start(self, *arguments):
        # -S: with nothing but the standard library, which is what the package promises (and in half of the time)
        command = [str(self.file)] if os.access(self.file, os.X_OK) else [sys.executable, "-S", str(self.file)]
        self.process = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            env=self.env,
            cwd=self.directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._output = asyncio.ensure_future(self.process.communicate())
        return self

    async def connect(self):
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self.socket)
                self._writers.append(writer)
                return reader, writer
            except OSError:
                if self._output.done():
                    raise AssertionError(f"The plugin has ended: {self._output.result()[1].decode()}") from None
                await asyncio.sleep(0.005)

    async def ended(self):
        """Exit status, standard output and standard error."""
        out, err = await asyncio.wait_for(asyncio.shield(self._output), DEADLINE)
        return self.process.returncode, out.decode(), err.decode()

    async def dispose(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
        if self.process is not None:
            await self._output
        await asyncio.gather(*(hang_up(writer) for writer in self._writers))
        shutil.rmtree(self.directory, ignore_errors=True)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class FakeHost:
    """Version 2. Everything that the plugin sends is read; streams are given credit unless a test does it."""

    def __init__(self, plugin):
        self.plugin = plugin
        self.messages = []
        self.answers = {}
        self.streams = {}
        self.credit = {}
        self.auto_credit = True
        self.kv = None
        self.logs = []
        self.events = []
        self.features = []
        self.window = 262144
        self._changed = asyncio.Condition()
        self._last_id = 0
        self._last_stream = -1
        self.is_closed = False

    async def open(self, **init):
        self.reader, self.writer = await self.plugin.connect()
        self._task = asyncio.ensure_future(self._read())
        if "limits" in init:
            self.window = init["limits"]["window"]
        self.send(init_message(plugin_socket=self.plugin.socket, **init))
        return await self.until(lambda: [m for m, _ in self.messages if m["type"] == "lifecycle"])

    def send(self, message, tail=None):
        self.writer.write(encode(message, tail))

    async def until(self, predicate):
        """Waits for what a predicate finds in what the plugin has sent."""
        async with self._changed:
            found = None

            def check():
                nonlocal found
                found = predicate()
                return found or self.is_closed

            await asyncio.wait_for(self._changed.wait_for(check), DEADLINE)
            if not found:
                raise ConnectionError("The plugin has closed the connection")
            return found

    def next_id(self):
        self._last_id += 1
        return f"r{self._last_id}"

    def next_stream(self):
        self._last_stream += 2
        self.credit[self._last_stream] = self.window
        return self._last_stream

    async def request(self, method, path, body=b"", **payload):
        request_id = self.next_id()
        self.send(http_message(request_id, method, path, **payload), body or None)
        return await self.answer(request_id)

    async def stream_request(self, method, path, pieces, **payload):
        """Sends the pieces as `data`, no faster than the plugin gives credit."""
        request_id, stream = self.next_id(), self.next_stream()
        self.send(http_message(request_id, method, path, stream=stream, **payload))
        sending = asyncio.ensure_future(self.send_stream(stream, pieces, request_id))
        answer = await self.answer(request_id)
        if not await sending:
            error = {"code": "answered", "message": "The answer is complete"}
            self.send({"type": "data", "payload": {"stream": stream, "error": error}})
        return answer

    def give_credit(self, stream, credit):
        self.streams[stream]["unread"] -= credit
        self.send({"type": "data", "payload": {"stream": stream, "credit": credit}})

    async def send_stream(self, stream, pieces, request_id):
        """Whether all of it went out: not where the plugin wants no more, or has answered and waits for no rest."""
        for piece in pieces:
            await self.until(
                lambda: self.credit[stream] >= len(piece) or stream in self.refused() or self.complete(request_id)
            )
            if stream in self.refused():
                return True
            if self.credit[stream] < len(piece):
                return False
            self.credit[stream] -= len(piece)
            self.send({"type": "data", "payload": {"stream": stream}}, piece)
            await self.writer.drain()
        self.send({"type": "data", "payload": {"stream": stream, "end": True}})
        return True

    def refused(self):
        return {s for s, entry in self.streams.items() if s % 2 == 1 and entry["error"]}

    async def head(self, request_id):
        return await self.until(lambda: self.answers.get(request_id))

    async def answer(self, request_id):
        message, tail = await self.head(request_id)
        payload = message["payload"]
        body = tail or b""
        if "stream" in payload:
            stream = payload["stream"]
            entry = await self.until(lambda: self.ended(stream))
            body = bytes(entry["bytes"])
            if entry["error"]:
                raise ConnectionAbortedError(entry["error"]["code"])
        return Answer(payload["status"], payload["headers"], body)

    async def upgrade(self, path, headers=None, **payload):
        """Asks for a WebSocket; gives it, or the answer that refuses it."""
        request_id, stream = self.next_id(), self.next_stream()
        asked = {**HANDSHAKE, **(headers or {})}
        message = http_message(request_id, "GET", path, headers=asked, stream=stream, **payload)
        self.send({**message, "type": "upgrade"})
        head, tail = await self.head(request_id)
        if head["payload"]["status"] != 101:
            return Answer(head["payload"]["status"], head["payload"]["headers"], tail or b"")
        return FakeSocket(self, request_id, stream, head["payload"])

    def complete(self, request_id):
        """Whether the answer is there to its last byte."""
        payload = self.answers[request_id][0]["payload"] if request_id in self.answers else None
        return payload is not None and ("stream" not in payload or self.ended(payload["stream"]))

    def ended(self, stream):
        entry = self.streams.get(stream)
        return entry if entry and (entry["end"] or entry["error"]) else None

    async def close(self):
        self.is_closed = True
        self._task.cancel()
        await asyncio.gather(self._task, hang_up(self.writer), return_exceptions=True)

    async def _read(self):
        decoder = FrameDecoder()
        while True:
            try:
                data = await self.reader.read(262144)
            except OSError:
                data = b""
            async with self._changed:
                decoder.push(data)
                while True:
                    frame = decoder.next()
                    if frame is None:
                        break
                    self._take(json.loads(frame.head), frame.tail)
                if not data:
                    self.is_closed = True
                self._changed.notify_all()
            if not data:
                return

    def _take(self, message, tail):
        kind, payload = message["type"], message.get("payload", {})
        if kind == "http":
            assert message["request_id"] not in self.answers, "a second answer"
            self.answers[message["request_id"]] = (message, tail)
        elif kind == "data":
            self._take_data(payload, tail)
            return
        elif kind == "log":
            self.logs.append(payload)
        elif kind == "event":
            self.events.append(payload)
        elif kind == "kv" and "action" in payload and self.kv is not None:
            answer = self.kv(payload)
            if answer is not None:
                self.send({"type": "kv", "request_id": message["request_id"], "payload": answer})
        self.messages.append((message, tail))

    def _take_data(self, payload, tail):
        stream = payload["stream"]
        entry = self.streams.setdefault(stream, {"bytes": bytearray(), "end": False, "error": None, "unread": 0})
        if tail:
            assert stream % 2 == 0 and not entry["end"], "bytes where none may be"
            entry["bytes"] += tail
            entry["unread"] += len(tail)
            assert entry["unread"] <= self.window, "more than the window"
            if self.auto_credit and entry["unread"] >= self.window // 2:
                self.give_credit(stream, entry["unread"])
        entry["end"] = entry["end"] or payload.get("end", False)
        entry["error"] = payload.get("error", entry["error"])
        self.credit[stream] = self.credit.get(stream, 0) + payload.get("credit", 0)


class FakeSocket:
    """The client of a WebSocket, behind the host."""

    def __init__(self, host, request_id, stream, answer):
        self.host, self.request_id, self.stream = host, request_id, stream
        self.incoming, self.headers = answer["stream"], answer["headers"]
        self._reader = ws.FrameReader(masked=False, max_message=1 << 30)
        self._read = 0

    def frame(self, opcode, payload=b"", final=True, mask=MASK):
        self.raw(ws.encode_frame(opcode, payload, mask, final))

    def raw(self, data):
        """No faster than credit would be the host's business: what tests send fits the window."""
        self.host.send({"type": "data", "payload": {"stream": self.stream}}, data)

    def end(self):
        self.host.send({"type": "data", "payload": {"stream": self.stream, "end": True}})

    async def next(self):
        """The plugin's next message or control frame; None at the end."""
        while True:
            event = self._reader.next()
            if event is not None:
                return event
            entry = await self.host.until(self._more)
            if len(entry["bytes"]) == self._read:
                return None
            self._reader.push(entry["bytes"][self._read :])
            self._read = len(entry["bytes"])

    @property
    def entry(self):
        """What the plugin has sent so far, and how it has ended."""
        return self.host.streams[self.incoming]

    def _more(self):
        entry = self.host.streams.get(self.incoming)
        return entry if entry and (len(entry["bytes"]) > self._read or entry["end"] or entry["error"]) else None


class HostCase(unittest.IsolatedAsyncioTestCase):
    """Tests with plugin processes, which end with the test."""

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)

    async def until_state(self, host, **wanted):
        """Asks the plugin until it has counted as much."""

        async def ask():
            while True:
                state = (await host.request("GET", "/state")).json()
                if all(state[name] >= least for name, least in wanted.items()):
                    return

        await asyncio.wait_for(ask(), DEADLINE)

    async def process(self, *arguments, file=CHAOS, **env):
        plugin = PluginProcess(file, **env)
        self.addAsyncCleanup(plugin.dispose)
        return await plugin.start(*arguments)

    async def host(self, init=None, **env):
        host = FakeHost(await self.process(**env))
        await host.open(**(init or {}))
        self.addAsyncCleanup(host.close)
        return host
