"""The guide: every snippet runs, and does what it says."""

import asyncio
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tests import BYTECODE, SDK
from tests.fake_host import DEADLINE, FakeHost, HostCase
from toru_plugin import HTTPError, KvRequest, Plugin, Request, Response, WebSocketClosed
from toru_plugin import _inbox, websocket
from toru_plugin._exchanges import MAX_HELD_BYTES, MAX_IN_FLIGHT
from toru_plugin._frames import MAX_FRAME
from toru_plugin._kv_wire import KV_SECONDS
from toru_plugin._link import FRAME_SECONDS, MAX_UNREAD_BYTES, WRITE_SECONDS
from toru_plugin._logs import MAX_WAITING_BYTES, MAX_WAITING_MESSAGES
from toru_plugin._upgrades import HANDLER_SECONDS
from toru_plugin.testing import TestClient

README = (SDK / "README.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
SHELL = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
ENV = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(SDK / "src"), "PYTHONPYCACHEPREFIX": str(BYTECODE)}


def program():
    """All snippets, one after the other, as one module."""
    namespace = {"__name__": "readme"}
    with contextlib.redirect_stderr(io.StringIO()):
        run_snippets(namespace)
    return namespace


def run_snippets(namespace):
    for snippet in SNIPPETS:
        exec(compile(snippet, "README.md", "exec"), namespace)


class Readme(unittest.IsolatedAsyncioTestCase):
    async def test_snippets(self):
        """[LANG-2] every snippet of the guide works."""
        self.assertGreaterEqual(len(SNIPPETS), 8)
        names = program()
        async with TestClient(names["plugin"], settings={"address": "x"}) as client:
            self.assertEqual((await client.post("/visits")).json(), {"visits": 1})
            self.assertEqual((await client.get("/visits")).json()["visits"], 1)
            self.assertEqual((await client.get("/items/7?colour=red")).json(), {"id": 7, "colour": "red"})
            self.assertEqual((await client.get("/items/7000")).status, 404)
            self.assertEqual((await client.delete("/items/7")).status, 204)
            saved = await client.put("/files/a/b.txt", body=[b"12", b"345"])
            self.assertEqual((saved.status, saved.text), (201, "a/b.txt: 5 bytes"))
            self.assertEqual((await client.get("/export")).text, "line 0\nline 1\nline 2\n")
            self.assertEqual((await client.post("/upload", body=[b"x" * 10, b"y"])).json(), {"bytes": 11})
            self.assertEqual((await client.get("/clock")).text.count("event: tick"), 3)
            stored = (await client.post("/storage")).json()
            self.assertEqual(stored, {"counter": "2", "deleted": False, "keys": ["list/a", "list/b"]})
            async with client.websocket("/chat/lobby") as socket:
                self.assertEqual(await socket.receive(), "Welcome to lobby")
                await socket.send("bye")
                with self.assertRaises(WebSocketClosed) as closed:
                    await socket.receive()
                self.assertEqual((closed.exception.code, closed.exception.reason), (1000, "See you"))
            client.user = None
            with self.assertRaises(HTTPError):
                async with client.websocket("/chat/private"):
                    pass
            keep = names["plugin"].kv_handler
            self.assertIsNone(await keep(KvRequest("set", "k", "v")))
            self.assertEqual((await keep(KvRequest("get", "k")), await keep(KvRequest("delete", "k"))), ("v", True))
            bundle = await client.get("/bundle.js")
            self.assertIn("ToruPlugins['acme']", bundle.text)
            await client.change_settings({"address": "y"})
        with self.assertRaises(names["ConfigurationError"]):
            async with TestClient(names["plugin"], settings={"address": ""}):
                pass

    def test_limits(self):
        """[PRO-8] the table of limits says what the code has."""
        table = README[README.index("## Limits") :]
        for name, value in (
            ("requests in flight ", str(MAX_IN_FLIGHT)),
            ("together", f"{MAX_HELD_BYTES >> 20} MiB"),
            ("does not read", f"{MAX_UNREAD_BYTES >> 20} MiB, or {WRITE_SECONDS:g} s"),
            ("one frame", f"{MAX_FRAME >> 20} MiB, {FRAME_SECONDS:g} s"),
            ("events that wait", f"{MAX_WAITING_MESSAGES}, {MAX_WAITING_BYTES >> 20} MiB"),
            ("answer of the storage", f"{KV_SECONDS:g} s"),
            ("one message", f"{websocket.DEFAULT_MAX_MESSAGE >> 20} MiB"),
            ("WebSocket that wait", f"{_inbox.MAX_WAITING_MESSAGES}, {_inbox.MAX_WAITING_BYTES >> 10} KiB"),
            ("closing a WebSocket", f"{websocket.CLOSE_SECONDS:g} s"),
            ("after its WebSocket", f"{HANDLER_SECONDS:g} s"),
        ):
            (line,) = [line for line in table.splitlines() if line.startswith("|") and name in line]
            self.assertIn(value, line)

    def test_test_of_the_guide(self):
        """[LANG-2] the guide's own test passes."""
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(program()["Visits"])
        result = unittest.TestResult()
        suite.run(result)
        self.assertEqual((result.testsRun, result.errors, result.failures), (2, [], []))

    def test_commands(self):
        """[LANG-2] the commands of "A plugin in 20 lines" make a plugin."""
        build = next(each for each in SHELL if "toru_plugin.bundle" in each)
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "acme.py").write_text(SNIPPETS[0], "utf-8")
            ran = subprocess.run(["sh", "-ec", build], cwd=directory, env=ENV, capture_output=True, timeout=DEADLINE)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertEqual(json.loads(ran.stdout)["id"], "acme")


class Bundle(HostCase):
    def build(self, directory, source, *options):
        entry = Path(directory, "entry.py")
        entry.write_text(source, "utf-8")
        output = Path(directory, "acme.binary")
        command = [sys.executable, "-m", "toru_plugin.bundle", str(entry), "-o", str(output), *options]
        return subprocess.run(command, env=ENV, capture_output=True, text=True, timeout=DEADLINE), output

    async def test_one_file(self):
        """[LANG-2] [FE-1] the built file runs on its own, modules and bundle inside, from anywhere."""
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "pkg").mkdir()
            Path(directory, "pkg", "__init__.py").write_text("WORD = 'inside'\n")
            Path(directory, "web").mkdir()
            Path(directory, "web", "bundle.js").write_text("mount();\n")
            source = (
                "from toru_plugin import Plugin\nfrom pkg import WORD\n"
                'plugin = Plugin(id="acme", name="A", version="1", icon="x")\n'
                'plugin.bundle("web/bundle.js")\n'
                'plugin.get("/word")(lambda: WORD)\n'
                "plugin.run()\n"
            )
            ran, output = self.build(directory, source, "--include", "pkg", "web/bundle.js")
            self.assertEqual(ran.returncode, 0, ran.stderr)
            first = output.read_bytes()
            self.build(directory, source, "--include", "pkg", "web/bundle.js")
            self.assertEqual(output.read_bytes(), first)
            copy = Path(directory, "copy")
            copy.mkdir()
            moved = output.rename(copy / "0123.binary")
            plugin = await self.process(file=moved, PYTHONPATH="")
            host = FakeHost(plugin)
            await host.open()
            self.addAsyncCleanup(host.close)
            self.assertEqual((await host.request("GET", "/word")).body, b"inside")
            bundle = await host.request("GET", "/bundle.js")
            self.assertEqual((bundle.body, bundle.headers["content-type"]), (b"mount();\n", "text/javascript; charset=utf-8"))

    async def test_imported(self):
        """[LANG-2] [FE-1] tests, whose main file is another, find the bundle beside the plugin that they import."""
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "page.js").write_text("mount();\n")
            source = 'from toru_plugin import Plugin\nplugin = Plugin(id="a", name="A", version="1", icon="x")\n'
            names = {"__name__": "acme", "__file__": str(Path(directory, "acme.py"))}
            exec(source + 'plugin.bundle("page.js")\n', names)
            async with TestClient(names["plugin"]) as client:
                self.assertEqual((await client.get("/bundle.js")).text, "mount();\n")

    def test_refused(self):
        """[LANG-2] what would be no plugin is not written."""
        with tempfile.TemporaryDirectory() as directory:
            for source, options, said in (
                ("print('hello')\n", (), "plugin.run()"),
                ("raise SystemExit(3)\n", (), "status 3"),
                ("", ("--include", "/etc/hostname"), "not beside"),
                ("", ("--include", "missing"), "No such file"),
            ):
                ran, output = self.build(directory, source, *options)
                self.assertEqual(ran.returncode, 1)
                self.assertIn(said, ran.stderr)
                self.assertEqual(os.listdir(directory), ["entry.py"])


class Registration(unittest.TestCase):
    def test_mistakes(self):
        """[META-1] mistakes show when the file is started, with words that help."""
        plugin = Plugin(id="acme", name="A", version="1", icon="x")
        for path in ("items", "/{a:nokind}", "/{a}/{a}", "/{a", "/a}"):
            self.assertRaises(ValueError, plugin.get, path)
        self.assertRaises(TypeError, plugin.get("/x"), lambda one, two: None)
        for wrong in ({"id": "A B"}, {"route": "acme"}, {"icon": ""}, {"protocol": 3}, {"license": "maybe"}):
            fields = {"id": "acme", "name": "A", "version": "1", "icon": "x", **wrong}
            self.assertRaises(ValueError, lambda fields=fields: Plugin(**fields))
        self.assertRaises(ValueError, plugin.event, "Bad Name")
        self.assertRaises(ValueError, Response, "x", 700)
        self.assertRaises(ValueError, Response, "x", 200, {"a b": "c"})

    def test_sync_in_the_loop(self):
        """`.sync` in an `async def` says what to do instead of waiting for ever."""

        async def wrong():
            request = Request("GET", "/")
            request._loop = asyncio.get_running_loop()
            request.sync.body()

        with self.assertRaisesRegex(RuntimeError, "await"):
            asyncio.run(wrong())


if __name__ == "__main__":
    unittest.main()
