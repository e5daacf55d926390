"""Answers of version 1: whole, and text."""

from __future__ import annotations

from typing import Any, Dict

from ._app import Application, has_body
from ._json import dump
from .errors import HTTPError
from .response import Response

#: Room for the envelope, in a frame with the largest body.
ENVELOPE_BYTES = 64 * 1024


async def answer_payload(app: Application, method: str, response: Response, max_frame: int) -> Dict[str, Any]:
    """Version 1 has neither streams nor bytes: what it cannot carry is answered 500, never damaged."""
    limit = max_frame - ENVELOPE_BYTES
    try:
        gathered = bytearray()
        if isinstance(response.body, bytes):
            gathered += response.body
        elif has_body(method, response):
            async for piece in app.pieces(response.body):
                gathered += piece
                if len(gathered) > limit:
                    break
        text = gathered.decode("utf-8") if has_body(method, response) else None
        payload = {"status": response.status, "headers": response.headers, "body": text or None}
        if len(dump(payload)) > limit:
            raise ValueError("the answer is too large for a message of version 1")
        return payload
    except Exception:
        app.plugin.log.exception("An answer cannot be sent: version 1 carries text of at most 16 MiB")
        error = HTTPError(500, "The plugin's answer cannot be sent")
        headers = {"content-type": "text/plain; charset=utf-8"}
        return {"status": error.status, "headers": headers, "body": error.detail}
