"""python3 -m unittest: the plugin's routes without a host."""

import unittest

from main import plugin
from toru_plugin.testing import TestClient


class Visits(unittest.IsolatedAsyncioTestCase):
    async def test_greets_and_remembers_the_visit(self) -> None:
        async with TestClient(plugin, settings={"greeting": "Ahoj"}) as client:
            first = (await client.post("/visits")).json()
            second = (await client.post("/visits")).json()

        self.assertEqual(first, {"greeting": "Ahoj, admin!", "last_visit": None})
        self.assertIsNotNone(second["last_visit"])


if __name__ == "__main__":
    unittest.main()
