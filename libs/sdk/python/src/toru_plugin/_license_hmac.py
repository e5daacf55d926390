"""The first form of licence keys: `base64("<instance_id>:<expiry>:<signature>")`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Optional, Tuple

from ._license_terms import Date, Refused, Subject, check_in_time, is_instance_id

_SIGNATURE_BYTES = 32


def verify(key: str, secret: bytes, subject: Subject) -> Tuple[str, Optional[str]]:
    """The instance and the last day of a key that holds. Raises `Refused`."""
    try:
        fields = canonical(key).decode("ascii").split(":")
        instance, expiry, encoded = fields
        signature = canonical(encoded)
    except ValueError:
        raise Refused("format") from None
    expires = None if expiry == "never" else Date.parse(expiry)
    if not is_instance_id(instance) or (expires is None and expiry != "never") or len(signature) != _SIGNATURE_BYTES:
        raise Refused("format")
    made = hmac.new(secret, f"{instance}:{expiry}".encode("ascii"), hashlib.sha256).digest()
    if not hmac.compare_digest(made, signature):
        raise Refused("signature")
    if instance != subject.instance:
        raise Refused("instance")
    check_in_time(expires, subject.now)
    return instance, None if expires is None else expiry


def canonical(text: str) -> bytes:
    """Of base64 in its one right form: padded, and the bits that are left over are zero. Raises `ValueError`."""
    encoded = text.encode("ascii")
    decoded = base64.b64decode(encoded, validate=True)
    if base64.b64encode(decoded) != encoded:
        raise ValueError("not canonical")
    return decoded
