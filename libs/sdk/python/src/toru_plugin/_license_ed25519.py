"""
The second form of licence keys: `TORU2.<key id>.<payload>.<signature>`, Ed25519. The prefix says the algorithm; nothing
that is signed can. The standard library has no Ed25519: `cryptography` has, and is needed for this form alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple, Union

from ._license_hmac import canonical
from ._license_terms import Date, Refused, Subject, check_in_time, is_instance_id
from .errors import ConfigurationError

_MAX_CHARACTERS = 4096
_FORM = re.compile(r"(TORU2\.([0-9a-f]{16})\.([A-Za-z0-9_-]+))\.([A-Za-z0-9_-]{86})")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: Upper-case letters are accepted from existing plugins, as in their metadata.
_PLUGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_FEATURE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
#: Control characters, and halves of characters that JSON can spell and no text can have.
_NOT_OF_A_NAME = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MAX_CUSTOMER = 200
_MAX_FEATURES = 64
_KEY_BYTES = 32


class PublicKey(NamedTuple):
    """`id`: the first 16 hexadecimal digits of the SHA-256 of `raw`."""

    id: str
    raw: bytes

    @classmethod
    def read(cls, given: Union[str, bytes]) -> "PublicKey":
        """32 bytes, or base64 of them. Raises `ValueError`."""
        raw = given
        if isinstance(raw, str) or len(raw) != _KEY_BYTES:
            try:
                raw = canonical(raw if isinstance(raw, str) else raw.decode("ascii"))
            except ValueError:
                raw = b""
        if len(raw) != _KEY_BYTES:
            raise ValueError("a public key is not 32 bytes of Ed25519 or base64 of them")
        return cls(hashlib.sha256(raw).hexdigest()[:16], bytes(raw))

    def has_signed(self, signed: bytes, signature: bytes) -> bool:
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ImportError as error:
            raise ConfigurationError(
                f"Licence keys of this plugin need cryptography, and the Python that runs it has it not ({error}). "
                "Install it with pip install toru-plugin[ed25519], or pip install cryptography"
            ) from None
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, signed)
        except InvalidSignature:
            return False
        return True


def verify(
    key: str, public_keys: Sequence[PublicKey], released: Optional[Date], subject: Subject
) -> Dict[str, Any]:
    """The terms of a key that holds, as `Licence` has them. Raises `Refused`, and `ConfigurationError` without it."""
    found = _FORM.fullmatch(key)
    if found is None or len(key) > _MAX_CHARACTERS:
        raise Refused("format")
    signed, key_id, encoded, encoded_signature = found.groups()
    payload, signature = _canonical_url(encoded), _canonical_url(encoded_signature)
    public_key = next((each for each in public_keys if each.id == key_id), None)
    if public_key is None:
        raise Refused("key")
    if not public_key.has_signed(signed.encode("ascii"), signature):
        raise Refused("signature")
    plugin, terms = _read(payload)
    # Ids of plugins are compared without case, as everywhere in the host.
    if plugin.lower() != subject.plugin.lower():
        raise Refused("plugin")
    if terms["instance_id"] != subject.instance:
        raise Refused("instance")
    check_in_time(_day(terms["expires"]), subject.now)
    last_day = _day(terms["updates_until"])
    if released is not None and last_day is not None and released > last_day:
        raise Refused("updates")
    return terms


def _read(payload: bytes) -> Tuple[str, Dict[str, Any]]:
    """The plugin and the terms. Of members that are not known here nothing is asked."""
    try:
        given = json.loads(payload.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("format") from None
    if not isinstance(given, dict):
        raise Refused("format")
    features = given.get("features")
    ends = [given.get(name, False) for name in ("expires", "updates_until")]
    right = (
        _matches(_ID, given.get("id"))
        and _matches(_PLUGIN, given.get("plugin"))
        and isinstance(given.get("instance"), str)
        and is_instance_id(given["instance"])
        and isinstance(given.get("customer"), str)
        and 1 <= len(given["customer"]) <= _MAX_CUSTOMER
        and _NOT_OF_A_NAME.search(given["customer"]) is None
        and _is_day(given.get("issued"))
        and all(end is None or _is_day(end) for end in ends)
        and isinstance(features, list)
        and len(features) <= _MAX_FEATURES
        and all(_matches(_FEATURE, each) for each in features)
    )
    if not right:
        raise Refused("format")
    same = {name: given[name] for name in ("id", "customer", "issued", "expires", "updates_until")}
    return given["plugin"], {**same, "instance_id": given["instance"], "features": tuple(features or ())}


def _matches(pattern: "re.Pattern[str]", value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_day(value: object) -> bool:
    return isinstance(value, str) and Date.parse(value) is not None


def _day(value: Optional[str]) -> Optional[Date]:
    return None if value is None else Date.parse(value)


def _canonical_url(text: str) -> bytes:
    """Of base64url in its one right form: no padding, and the bits that are left over are zero."""
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Refused("format") from None
    if base64.urlsafe_b64encode(decoded).decode("ascii").rstrip("=") != text:
        raise Refused("format")
    return decoded


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
