"""What is inside of the executable that `toru_plugin.bundle` makes."""

import json
import subprocess
import sys
import tempfile
import unittest
import zipfile
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from toru_plugin.bundle import build

#: Seconds that only what hangs reaches.
DEADLINE = 120


class Compiled(unittest.TestCase):
    def test_compiled(self):
        """[LANG-2] modules are inside compiled, for this Python and as they are: any other, and any changed one, is read."""
        source = 'from toru_plugin import Plugin\nPlugin(id="acme", name="A", version="1", icon="x").run()\n'
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "template.py").write_text("def {{name}}():\n")
            Path(directory, "entry.py").write_text(source)
            output = Path(directory, "acme.binary")
            build(Path(directory, "entry.py"), output, [Path("template.py")], sys.executable, check=False)
            with zipfile.ZipFile(output) as archive:
                contents = {name: archive.read(name) for name in archive.namelist()}
            compiled = {name for name in contents if name.endswith(".pyc")}
            modules = {f"{name}c" for name in contents if name.endswith(".py")}
            self.assertEqual(compiled, modules - {"template.pyc"})
            self.assertEqual({contents[name][:4] for name in compiled}, {MAGIC_NUMBER})
            contents["__main__.py"] = contents["__main__.py"].replace(b'version="1"', b'version="2"')
            with zipfile.ZipFile(output, "w") as archive:
                for name, content in contents.items():
                    other = name in compiled and name.startswith("toru_plugin/")
                    archive.writestr(name, b"\0\0\r\n" + content[4:] if other else content)
            ran = subprocess.run([sys.executable, str(output), "--metadata"], capture_output=True, timeout=DEADLINE)
            self.assertEqual(json.loads(ran.stdout)["version"], "2", ran.stderr)

    def test_not_compiled(self):
        """[LANG-2] for an interpreter that is not on this machine there are the sources alone."""
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "entry.py").write_text("")
            output = Path(directory, "acme.binary")
            build(Path(directory, "entry.py"), output, interpreter="/nowhere/python3", check=False)
            with zipfile.ZipFile(output) as archive:
                self.assertEqual([name for name in archive.namelist() if not name.endswith(".py")], [])
