"""What becomes of a storage's answers, in either version of the protocol."""

import unittest

from toru_plugin import Delete, Get, KvEntry, KvError, Set
from toru_plugin._messages_v1 import storage_answer
from toru_plugin.kv import Kv, Transport

ENTRY = {"key": "a", "value": "1", "revision": 1}


class Answering(Transport):
    def __init__(self, answer):
        self.answer = answer

    async def ask(self, payload):
        return self.answer


def ask(action, answer):
    kv = Kv(lambda: Answering(answer))
    operations = [Get("a"), Set("b", "2"), Delete("c")]
    return {
        "get": lambda: kv.get("a"),
        "entry": lambda: kv.get_entry("a"),
        "set": lambda: kv.set("a", "1"),
        "delete": lambda: kv.delete("a"),
        "list": lambda: kv.list(),
        "batch": lambda: kv.batch(operations),
    }[action]()


class Answers(unittest.IsolatedAsyncioTestCase):
    async def test_read(self):
        """[KV-6] an answer with its fields; of a key that is not there, too."""
        for action, answer, read in (
            ("get", {"value": "1", "revision": 1}, "1"),
            ("get", {"value": None, "revision": 0}, None),
            ("entry", {"value": "1", "revision": 1}, KvEntry("a", "1", 1)),
            ("set", {"revision": 2}, 2),
            ("delete", {"deleted": False}, False),
            ("batch", {"results": [{"value": None, "revision": 0}, {"revision": 2}, {"deleted": True}]}, [None, 2, True]),
        ):
            with self.subTest(action=action, answer=answer):
                self.assertEqual(await ask(action, answer), read)
        page = await ask("list", {"items": [ENTRY], "cursor": None})
        self.assertEqual((page.items, page.cursor), ([KvEntry("a", "1", 1)], None))

    async def test_without_fields(self):
        """[KV-6] an answer without its fields is an error, and never taken for a key that is not there."""
        results = [{"value": None, "revision": 0}, {"revision": 2}, {"deleted": True}]
        for action, answer in (
            *((action, {}) for action in ("get", "entry", "set", "delete", "list", "batch")),
            ("get", {"value": None}),
            ("get", {"revision": 0}),
            ("get", {"value": 5, "revision": 1}),
            ("get", {"value": "1", "revision": "1"}),
            ("get", {"value": "1", "revision": -1}),
            ("set", {"revision": None}),
            ("set", {"revision": True}),
            ("delete", {"deleted": None}),
            ("list", {"items": [{"key": "a", "value": "1"}], "cursor": None}),
            ("list", {"items": [ENTRY], "cursor": 1}),
            *(("batch", {"results": [*results[:i], {}, *results[i + 1 :]]}) for i in range(3)),
            ("batch", {"results": results[:2]}),
        ):
            with self.subTest(action=action, answer=answer):
                with self.assertRaises(KvError) as caught:
                    await ask(action, answer)
                self.assertEqual(caught.exception.code, "invalid_answer")

    async def test_version_1(self):
        """[KV-1] version 1 answers everything with a value, and knows no more; without one it is no answer."""
        for action, value, read in (("get", "1", "1"), ("get", None, None), ("set", None, 0), ("delete", None, True)):
            with self.subTest(action=action, value=value):
                self.assertEqual(await ask(action, storage_answer({"value": value})), read)
        with self.assertRaises(KvError) as caught:
            storage_answer({"type": "kv", "request_id": "1"})
        self.assertEqual(caught.exception.code, "invalid_answer")


if __name__ == "__main__":
    unittest.main()
