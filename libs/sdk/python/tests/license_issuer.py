"""
Issues licence keys as a vendor would: for tests alone, which need keys that the SDK has not made. HMAC with the standard
library, Ed25519 with `cryptography`. Run, it reads one order as JSON from standard input and prints the key.
"""

import base64
import hashlib
import hmac
import json
import sys


def issue(order):
    """`{secret, instance, expires}`, or `{seed, payload}`: 32 bytes in hexadecimal, and the JSON that is signed, as text."""
    if "secret" in order:
        return issue_hmac(order["secret"].encode("utf-8"), order["instance"], order["expires"])
    return issue_ed25519(bytes.fromhex(order["seed"]), order["payload"].encode("utf-8"))


def issue_hmac(secret, instance, expires):
    """`expires`: a date, or None for never."""
    terms = f"{instance}:{expires or 'never'}"
    signature = base64.b64encode(hmac.new(secret, terms.encode("utf-8"), hashlib.sha256).digest()).decode("ascii")
    return base64.b64encode(f"{terms}:{signature}".encode("utf-8")).decode("ascii")


def issue_ed25519(seed, payload):
    """`payload` as a dictionary, or as the bytes that are signed, whatever they are."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private_key = Ed25519PrivateKey.from_private_bytes(seed)
    if not isinstance(payload, bytes):
        payload = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    key_id = hashlib.sha256(private_key.public_key().public_bytes_raw()).hexdigest()[:16]
    signed = f"TORU2.{key_id}.{_base64url(payload)}"
    return f"{signed}.{_base64url(private_key.sign(signed.encode('ascii')))}"


def public_key(seed):
    """In base64, as a plugin embeds it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return base64.b64encode(raw).decode("ascii")


def _base64url(data):
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


if __name__ == "__main__":
    print(issue(json.load(sys.stdin)))
