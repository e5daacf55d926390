"""What `--metadata` prints."""

import json
import unittest

from tests import SDK
from toru_plugin import ConfigurationError, Plugin

LEAST = {"id": "acme", "name": "Acme", "version": "1.2.0", "icon": "A"}


class Metadata(unittest.TestCase):
    def document(self, **fields):
        return Plugin(**LEAST, **fields)._metadata.document()

    def test_limits(self):
        """[META-1] [LANG-2] says what is enough for the plugin, and how it would have its requests treated."""
        vector = json.loads((SDK.parents[1] / "contracts" / "vectors" / "metadata" / "limits.json").read_text("utf-8"))
        found = json.loads(json.dumps(self.document(limits=vector["limits"], http=vector["http"])))
        self.assertEqual({name: found[name] for name in vector}, vector)

    def test_no_limits(self):
        """[META-1] leaves out what nobody has set."""
        self.assertFalse({"limits", "http"} & set(self.document()))

    def test_copies(self):
        """[META-1] is what it was when the plugin was made."""
        http = {"paths": [{"path": "/a"}]}
        plugin = Plugin(**LEAST, http=http)
        http["paths"].append({"path": "/b"})
        self.assertEqual(plugin._metadata.document()["http"], {"paths": [{"path": "/a"}]})

    def test_refused(self):
        """[META-1] names at the first start what the host would refuse, all of it."""
        wrong = {
            "limits": {"memory_bytes": 0, "memory": 1},
            "http": {"queue": -1, "concurrency": True, "paths": [{"path": "a", "queue": 1, "max_body_bytes": 1.5}, 7]},
        }
        with self.assertRaises(ConfigurationError) as caught:
            Plugin(**LEAST, **wrong)
        text = str(caught.exception)
        for part in (
            "limits.memory_bytes",
            "limits.memory: not known",
            "http.queue",
            "http.concurrency",
            "http.paths.0.path",
            "http.paths.0.queue: not known",
            "http.paths.0.max_body_bytes",
            "http.paths.1: a mapping",
        ):
            self.assertIn(part, text)
        for wrong in ({"limits": 1}, {"http": {"paths": "/a"}}, {"http": {"paths": [{"path": "/"}] * 65}}):
            self.assertRaises(ConfigurationError, Plugin, **LEAST, **wrong)
