"""The opening handshake of a WebSocket, the server's part (RFC 6455 §4.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Dict, Optional, Sequence

from .errors import HTTPError
from .headers import Headers

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION = "13"


def check_handshake(method: str, headers: Headers) -> None:
    """Raises the `HTTPError` that refuses a request which asks for no WebSocket, or one of another version."""
    if method != "GET":
        raise HTTPError(405, "A WebSocket begins with GET", {"allow": "GET"})
    if headers.get("upgrade", "").strip().lower() != "websocket":
        raise HTTPError(426, "This is a WebSocket", {"upgrade": "websocket"})
    if headers.get("sec-websocket-version", "").strip() != VERSION:
        raise HTTPError(426, f"WebSockets of version {VERSION} are spoken here", {"sec-websocket-version": VERSION})
    try:
        key = base64.b64decode(headers.get("sec-websocket-key", "").strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 16:
        raise HTTPError(400, "The Sec-WebSocket-Key is not 16 bytes in base64")


def accept_headers(headers: Headers, subprotocol: Optional[str]) -> Dict[str, str]:
    """The headers of the 101 answer."""
    key = headers.get("sec-websocket-key", "").strip().encode("ascii")
    answer = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-accept": base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode("ascii"),
    }
    if subprotocol is not None:
        answer["sec-websocket-protocol"] = subprotocol
    return answer


def choose_subprotocol(headers: Headers, supported: Sequence[str]) -> Optional[str]:
    """The first of ours that the client offers; none is fine for both."""
    offered = {each.strip() for each in headers.get("sec-websocket-protocol", "").split(",")}
    return next((each for each in supported if each in offered), None)
