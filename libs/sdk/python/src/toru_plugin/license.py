"""Licence keys, verified on the spot: no server is asked, and nobody is told."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Mapping, Optional, Sequence, Tuple, Union

from . import _license_ed25519, _license_hmac
from ._license_terms import Date, Refused, Subject
from .errors import ConfigurationError, LicenseError

if TYPE_CHECKING:
    from .plugin import Plugin

#: What to do, for each reason.
ADVICE: Mapping[str, str] = {
    "missing": "There is no licence key for this plugin. Enter the one of its vendor",
    "format": (
        "The licence key is not whole, or is no key for this plugin. Enter it again, exactly as its vendor sent it"
    ),
    "key": (
        "The licence key is signed with a key pair that this version of the plugin does not know. "
        "Update the plugin, or ask its vendor for a new key"
    ),
    "signature": (
        "The licence key was changed, or does not come from the plugin's vendor. "
        "Enter it again, exactly as its vendor sent it"
    ),
    "plugin": "The licence key is for another plugin. Enter the one for this plugin",
    "instance": (
        "The licence key is for another installation. Ask the plugin's vendor for one for this installation, {instance}"
    ),
    "expired": "The licence has expired. Ask the plugin's vendor for a new key",
    "updates": (
        "The licence does not include this version of the plugin, which was released after its last day of updates. "
        "Go back to an earlier version, or ask the plugin's vendor for a new key"
    ),
}


@dataclass(frozen=True)
class Licence:
    """
    The terms of a licence key that holds. A key of the first form has an instance and an expiry, and nothing else.

    Days are `YYYY-MM-DD`, in UTC. `expires` is the last day, None if it does not end. Versions of the plugin released
    until `updates_until` may be used for ever; None: every version.
    """

    #: `hmac` or `ed25519`.
    form: str
    instance_id: str
    expires: Optional[str]
    id: Optional[str] = None
    customer: Optional[str] = None
    issued: Optional[str] = None
    updates_until: Optional[str] = None
    features: Tuple[str, ...] = ()

    def has(self, feature: str) -> bool:
        """Whether the vendor has licensed this feature."""
        return feature in self.features


@dataclass(frozen=True)
class Check:
    """What a key is checked with: the arguments of `require`, found to be right. Raises `ConfigurationError` else."""

    secret: bytes
    #: None: the key is of the first form.
    public_keys: Optional[Tuple[_license_ed25519.PublicKey, ...]]
    released: Optional[Date]

    @classmethod
    def of(
        cls,
        secret: Union[str, bytes, None],
        public_keys: Optional[Sequence[Union[str, bytes]]],
        released: Optional[str],
    ) -> "Check":
        if (secret is None) == (public_keys is None):
            raise _wrong("give a secret or public keys, one of the two")
        if public_keys is None:
            if not secret:
                raise _wrong("the secret is empty")
            if released is not None:
                raise _wrong("keys of the first form say nothing about releases")
            return cls(secret.encode("utf-8") if isinstance(secret, str) else bytes(secret), None, None)
        if isinstance(public_keys, (str, bytes)):
            raise _wrong("public_keys is a list, of one key too")
        day = None if released is None else Date.parse(released)
        if released is not None and day is None:
            raise _wrong(f"the day of release, {released!r}, is no date YYYY-MM-DD")
        try:
            keys = tuple(_license_ed25519.PublicKey.read(each) for each in public_keys)
        except ValueError as error:
            raise _wrong(str(error)) from None
        return cls(b"", keys, day)

    def verify(self, key: str, subject: Subject) -> Licence:
        """Raises `LicenseError`, and `ConfigurationError` where Ed25519 cannot be had."""
        try:
            if self.public_keys is None:
                instance, expires = _license_hmac.verify(key, self.secret, subject)
                return Licence("hmac", instance, expires)
            terms = _license_ed25519.verify(key, self.public_keys, self.released, subject)
            return Licence("ed25519", **terms)
        except Refused as refused:
            raise license_error(refused.reason, subject.instance) from None


class LicenseKey:
    """The licence key that was set for this plugin, if one was: `plugin.license`."""

    def __init__(self, plugin: "Plugin") -> None:
        self._plugin = plugin

    @property
    def key(self) -> Optional[str]:
        """The key itself. Never log it."""
        return self._plugin.license_key

    def require(
        self,
        *,
        secret: Union[str, bytes, None] = None,
        public_keys: Optional[Sequence[Union[str, bytes]]] = None,
        released: Optional[str] = None,
    ) -> Licence:
        """
        The licence, for a plugin that does not run without one: the place for it is `on_init`. Raises `LicenseError`,
        with which the process ends with status 78; the host shows the reason, and tries again when the key has changed.

        `secret` is for keys of the first form: whoever has the plugin can find it, and make keys. `public_keys` are for
        the second form, which does not have that weakness: each 32 bytes, or base64 of them, several while one takes
        the place of another; `released` is the day when this version was released (`YYYY-MM-DD`): a key whose updates
        have ended before is refused.
        """
        check = Check.of(secret, public_keys, released)
        plugin = self._plugin
        if not plugin.license_key:
            raise license_error("missing", plugin.instance_id)
        return check.verify(plugin.license_key, Subject(plugin._host_id, plugin.instance_id, int(time.time())))

    def optional(
        self,
        *,
        secret: Union[str, bytes, None] = None,
        public_keys: Optional[Sequence[Union[str, bytes]]] = None,
        released: Optional[str] = None,
    ) -> Optional[Licence]:
        """
        The licence, for a plugin that does more with one: as `require`, but None where there is no key or one that does
        not hold. Why it does not is a warning in the plugin's log.
        """
        try:
            return self.require(secret=secret, public_keys=public_keys, released=released)
        except LicenseError as error:
            if error.reason != "missing":
                self._plugin.log.warning("The plugin goes on without a licence. %s", error)
            return None


def license_error(reason: str, instance: str) -> LicenseError:
    """What the customer is told, without the key."""
    return LicenseError(f"{ADVICE[reason].format(instance=instance)} (reason: {reason}).", reason)


def _wrong(problem: str) -> ConfigurationError:
    return ConfigurationError(f"The licence check of the plugin is wrong: {problem}.")
