"""Licence keys: the vectors of the contract, every single bit of them changed, time zones, and what a plugin is told."""

import json
import os
import sys
import time
import unittest
from datetime import datetime, timezone
from unittest import mock

from tests import SDK
from tests.fake_host import INSTANCE, FakeHost, HostCase
from tests.license_issuer import issue_ed25519, issue_hmac, public_key
from toru_plugin import ConfigurationError, LicenseError, Plugin
from toru_plugin._license_terms import Date, Subject
from toru_plugin.license import Check
from toru_plugin.testing import TestClient

try:
    import cryptography
except ImportError:
    cryptography = None

VECTORS = SDK.parents[1] / "contracts" / "vectors" / "licences"
SECRET = "a secret of the tests"
SEED = bytes(range(32))
KEY_ID_OF_ZEROS = "66687aadf862bd77"
LETTERS = {"format": "f", "key": "k", "signature": "s", "plugin": "p", "instance": "i", "expired": "e", "updates": "u"}
PAYLOAD = {
    "id": "L-1",
    "plugin": "acme",
    "instance": INSTANCE,
    "customer": "Příliš & Söhne",
    "issued": "2026-01-15",
    "expires": "2026-12-31",
    "updates_until": "2026-11-20",
    "features": ["export", "sso.saml"],
}
with_cryptography = unittest.skipIf(cryptography is None, "cryptography is not installed")


def load(file):
    return json.loads((VECTORS / f"{file}.json").read_text("utf-8"))


def checker(vector):
    """What says `ok` or the reason of a key in the place of the vector's, with the licence."""
    check = Check.of(vector.get("secret"), vector.get("public_keys"), vector.get("released"))
    now = datetime.strptime(vector["now"][:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    subject = Subject(vector.get("plugin", ""), vector["instance"], int(now.timestamp()))

    def verify(key):
        try:
            return "ok", check.verify(key, subject)
        except LicenseError as error:
            return error.reason, None

    return verify


class Vectors(unittest.TestCase):
    def all_of(self, form):
        vectors = load(form)
        self.assertGreater(len(vectors), 30)
        for vector in vectors:
            with self.subTest(vector["name"]):
                said, licence = checker(vector)(vector["key"])
                self.assertEqual(said, vector["expect"])
                if licence is not None:
                    terms = vector["terms"]
                    # the plugin is the one that asks
                    read = {name: getattr(licence, name) for name in terms if name != "plugin"}
                    read["features"] = list(licence.features)
                    self.assertEqual(read, {name: terms[name] for name in read})
                    self.assertTrue(all(map(licence.has, terms["features"])))

    def every_flip_of(self, form):
        expected = load("bit-flips")[form]
        flipped = [vector for vector in load(form) if vector["name"] in expected]
        self.assertEqual(len(flipped), len(expected))
        for vector in flipped:
            verify, key = checker(vector), vector["key"].encode("ascii")
            letters = []
            for at, byte in enumerate(key):
                for bit in range(8):
                    changed = key[:at] + bytes([byte ^ 1 << bit]) + key[at + 1 :]
                    # as a variable of the environment would have it
                    letters.append(LETTERS.get(verify(os.fsdecode(changed))[0], "!"))
            self.assertEqual("".join(letters), "".join(expected[vector["name"]]), vector["name"])
            self.assertNotIn("!", letters)

    def test_hmac(self):
        """[LIC-2] every vector of the first form holds, or is refused with its reason."""
        self.all_of("hmac")

    def test_hmac_flips(self):
        """[LIC-2] no key of the first form holds with one bit changed; the reason is that of every language."""
        self.every_flip_of("hmac")

    @with_cryptography
    def test_ed25519(self):
        """[LIC-6] every vector of the second form holds, or is refused with its reason."""
        self.all_of("ed25519")

    @with_cryptography
    def test_ed25519_flips(self):
        """[LIC-6] no key of the second form holds with one bit changed; the reason is that of every language."""
        self.every_flip_of("ed25519")


class Days(unittest.TestCase):
    def test_last_second(self):
        """[LIC-2] [LIC-6] a key ends with its last day in UTC, wherever the machine is."""
        keys = [(issue_hmac(SECRET.encode(), INSTANCE, "2026-12-31"), {"secret": SECRET})]
        if cryptography is not None:
            keys.append((issue_ed25519(SEED, PAYLOAD), {"public_keys": [public_key(SEED)]}))
        midnight = 1_798_761_600  # 2027-01-01T00:00:00Z
        self.addCleanup(time.tzset)
        for zone in ("Etc/GMT+12", "Pacific/Kiritimati", "UTC"):
            with mock.patch.dict(os.environ, TZ=zone):
                time.tzset()
                for key, check in keys:
                    plugin = Plugin(id="acme", name="Acme", version="1", icon="x")
                    plugin._instance_id, plugin._license_key = INSTANCE, key
                    with mock.patch("time.time", lambda: midnight - 0.001):
                        self.assertEqual(plugin.license.require(**check).expires, "2026-12-31")
                    with mock.patch("time.time", lambda: float(midnight)):
                        with self.assertRaises(LicenseError) as refused:
                            plugin.license.require(**check)
                        self.assertEqual(refused.exception.reason, "expired")

    def test_dates(self):
        """[LIC-2] only days that exist are dates."""
        for text in ("0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29"):
            self.assertIsNotNone(Date.parse(text), text)
        for text in ("0000-01-01", "2026-02-29", "1900-02-29", "2026-13-01", "2026-1-01", "٢٠٢٦-01-01", "2026-01-01\n"):
            self.assertIsNone(Date.parse(text), text)
        self.assertEqual(Date.parse("1969-12-31").end(), 0)
        self.assertEqual(Date.parse("9999-12-31").end(), 253_402_300_800)


class Checks(unittest.IsolatedAsyncioTestCase):
    def plugin(self, key, instance=INSTANCE):
        plugin = Plugin(id="acme", name="Acme", version="1", icon="x")
        plugin._instance_id, plugin._license_key = instance, key
        return plugin

    def test_require_and_optional(self):
        """[LIC-1] [LIC-3] what is required is an error that says what to do; what is optional is a warning."""
        key = issue_hmac(SECRET.encode(), INSTANCE, None)
        self.assertIsNone(self.plugin(key).license.require(secret=SECRET).expires)
        self.assertEqual(self.plugin(key).license.optional(secret=SECRET.encode()).form, "hmac")
        for reason, plugin in (
            ("missing", self.plugin(None)),
            ("format", self.plugin(key[1:])),
            ("signature", self.plugin(issue_hmac(b"another", INSTANCE, None))),
            ("instance", self.plugin(key, "another-instance")),
            ("expired", self.plugin(issue_hmac(SECRET.encode(), INSTANCE, "2020-01-01"))),
        ):
            with self.assertRaises(LicenseError) as refused:
                plugin.license.require(secret=SECRET)
            self.assertEqual(refused.exception.reason, reason)
            self.assertIn(f"(reason: {reason})", str(refused.exception))
            self.assertNotIn(key, str(refused.exception))
            if reason == "missing":
                with mock.patch.object(plugin.log, "warning") as warning:
                    self.assertIsNone(plugin.license.optional(secret=SECRET))
                warning.assert_not_called()
                continue
            with self.assertLogs("acme", "WARNING") as logs:
                self.assertIsNone(plugin.license.optional(secret=SECRET))
            self.assertIn(f"(reason: {reason})", logs.output[0])

    @with_cryptography
    def test_plugin(self):
        """[LIC-6] a key is for the plugin that the host says it is, in whatever case."""
        check = {"public_keys": [public_key(SEED)]}
        key = issue_ed25519(SEED, {**PAYLOAD, "expires": None})
        for host_id, reason in (("ACME", None), ("acme-2", "plugin")):
            with mock.patch.dict(os.environ, {"TORU_PLUGIN_ID": host_id}):
                plugin = self.plugin(key)
            if reason is None:
                self.assertEqual(plugin.license.require(**check).id, "L-1")
                continue
            with self.assertRaises(LicenseError) as refused:
                plugin.license.require(**check)
            self.assertEqual(refused.exception.reason, reason)

    def test_wrong_checks(self):
        """[LIC-3] [SUP-10] a check that cannot be made is an error of configuration, whatever the key."""
        for check in (
            {},
            {"secret": ""},
            {"secret": "x", "public_keys": ["x"]},
            {"secret": "x", "released": "2026-01-01"},
            {"public_keys": "x" * 44},
            {"public_keys": ["short"]},
            {"public_keys": [b"x" * 32], "released": "2026-02-30"},
        ):
            for use in (self.plugin(None).license.require, self.plugin("x").license.optional):
                self.assertRaises(ConfigurationError, use, **check)

    def test_without_cryptography(self):
        """[LIC-6] [SUP-10] without the package the error says how to get it; the first form does not need it."""
        keys = [bytes(32)]
        key = f"TORU2.{KEY_ID_OF_ZEROS}.e30.{'A' * 86}"
        with mock.patch.dict(sys.modules, {"cryptography": None, "cryptography.exceptions": None}):
            for use in (self.plugin(key).license.require, self.plugin(key).license.optional):
                with self.assertRaisesRegex(ConfigurationError, r"pip install toru-plugin\[ed25519\]"):
                    use(public_keys=keys)
            never = issue_hmac(SECRET.encode(), INSTANCE, None)
            self.assertEqual(self.plugin(never).license.require(secret=SECRET).instance_id, INSTANCE)

    async def test_in_tests_of_a_plugin(self):
        """[LIC-3] `TestClient` gives key and instance, so that authors can test their check."""
        plugin = Plugin(id="acme", name="Acme", version="1", icon="x", license="required")
        plugin.on_init(lambda: plugin.license.require(secret=SECRET))
        instance = "00000000-0000-4000-8000-000000000000"
        async with TestClient(plugin, license_key=issue_hmac(SECRET.encode(), instance, None)):
            self.assertEqual(plugin.license.require(secret=SECRET).instance_id, instance)
        with self.assertRaises(LicenseError) as refused:
            async with TestClient(plugin):
                pass
        self.assertEqual(refused.exception.reason, "missing")


class Processes(HostCase):
    async def started(self, key, behaviour="licensed", **env):
        host = FakeHost(await self.process(BEHAVIOUR=behaviour, **env))
        self.addAsyncCleanup(host.close)
        (answer,) = await host.open(license_key=key)
        return host, answer

    async def test_life(self):
        """[LIC-3] [SUP-10] a plugin runs with its key, and ends with 78 and the reason without."""
        _, ready = await self.started(issue_hmac(SECRET.encode(), INSTANCE, None), SECRET=SECRET)
        self.assertEqual(ready["action"], "ready")
        for key, reason in ((issue_hmac(SECRET.encode(), INSTANCE, "2020-01-01"), "expired"), (None, "missing")):
            host, failed = await self.started(key, SECRET=SECRET)
            self.assertEqual((failed["action"], failed["payload"]["code"]), ("failed", "license"))
            self.assertIn(f"(reason: {reason})", failed["payload"]["message"])
            self.assertEqual((await host.plugin.ended())[0], 78)

    async def test_package_missing(self):
        """[LIC-6] [SUP-10] a machine without cryptography is told what to install, with status 78."""
        host, failed = await self.started(f"TORU2.{'0' * 16}.e30.{'A' * 86}", PUBLIC_KEY="A" * 43 + "=")
        self.assertEqual(failed["payload"]["code"], "license")  # another key pair: nothing to verify, nothing is needed
        self.assertEqual((await host.plugin.ended())[0], 78)
        host, failed = await self.started(f"TORU2.{KEY_ID_OF_ZEROS}.e30.{'A' * 86}", PUBLIC_KEY="A" * 43 + "=")
        self.assertEqual(failed["payload"]["code"], "config")
        self.assertIn("pip install toru-plugin[ed25519]", failed["payload"]["message"])
        self.assertEqual((await host.plugin.ended())[0], 78)


if __name__ == "__main__":
    unittest.main()
