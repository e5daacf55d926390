"""Messages of version 1: an envelope with another one inside, and fields in either (docs/protocol.md)."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ._frames import encode
from ._http_messages import HttpRequest, parse_headers
from ._json import is_text, parse_object
from ._lifecycle_messages import timestamp_now
from .errors import KvError, ProtocolError
from .kv import KvRequest
from .request import User


class Message(NamedTuple):
    type: str
    head: Mapping[str, Any]
    outer: Mapping[str, Any]
    inner: Mapping[str, Any]

    @property
    def action(self) -> Any:
        return self.head.get("action", self.outer.get("action"))

    @property
    def request_id(self) -> str:
        """Raises `ProtocolError` where there is none, or another one in each envelope."""
        outer, inner = self.head.get("request_id"), self.outer.get("request_id")
        value = inner if outer is None else outer
        if not isinstance(value, str) or not 1 <= len(value) <= 128 or not is_text(value):
            raise ProtocolError("invalid_request_id", "A request_id is a string of 1 to 128 characters")
        if inner is not None and inner != value:
            raise ProtocolError("invalid_request_id", "Two different ids in one message")
        return value


def parse_message(head: bytes) -> Message:
    message = parse_object(head)
    kind, payload = message.get("type"), message.get("payload")
    if not isinstance(kind, str):
        raise ProtocolError("invalid_envelope", "A message without a type")
    outer = payload if isinstance(payload, dict) else {}
    nested = outer.get("payload")
    return Message(kind, message, outer, nested if isinstance(nested, dict) else outer)


def parse_init(message: Message) -> Tuple[str, str]:
    """`instance_id` and `log_path`."""
    instance_id, log_path = (message.outer.get(name, "") for name in ("instance_id", "log_path"))
    if not isinstance(instance_id, str) or not isinstance(log_path, str):
        raise ProtocolError("invalid_init", "init cannot be read")
    return instance_id, log_path


def parse_http(message: Message) -> HttpRequest:
    payload = message.inner
    method, path, body = (payload.get(name) for name in ("method", "path", "body"))
    if not isinstance(method, str) or not isinstance(path, str) or not path.startswith("/") or not is_text(path):
        raise ProtocolError("invalid_http_request", "A request without method or path")
    if body is not None and not is_text(body):
        raise ProtocolError("invalid_http_request", "A body that is no text")
    headers = parse_headers(payload.get("headers") or {})
    remote = str(headers.get("x-forwarded-for", ""))
    whole = b"" if body is None else str(body).encode("utf-8")
    return HttpRequest(method, path, "", headers, _user(headers), remote, None, whole)


def parse_kv_request(message: Message) -> KvRequest:
    action, key, value = (message.outer.get(name, message.inner.get(name)) for name in ("action", "key", "value"))
    if not isinstance(action, str) or not isinstance(key, str):
        raise ProtocolError("invalid_kv_request", "A key-value message without action or key")
    return KvRequest(action.lower(), key, value if isinstance(value, str) else None)


def kv_answer(message: Message) -> Mapping[str, Any]:
    return message.inner if "value" in message.inner or "error" in message.inner else message.outer


def storage_answer(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """As version 2 has it: an answer always has a value here, and neither a revision nor whether a key was there."""
    if "value" not in payload:
        raise KvError("invalid_answer", "The host's answer has no value")
    return {"value": payload["value"], "revision": 0, "deleted": True}


def encode_message(kind: str, request_id: str, payload: Mapping[str, Any]) -> bytes:
    """As a frame. Raises `ValueError` for what does not fit, or is no JSON."""
    message: Dict[str, Any] = {"type": kind, "timestamp": timestamp_now(), "request_id": request_id, "payload": payload}
    return encode(message)


def _user(headers: Mapping[str, Any]) -> Optional[User]:
    found = [headers.get(name) for name in ("x-toru-user-id", "x-toru-user", "x-toru-role")]
    if not all(isinstance(each, str) for each in found):
        return None
    return User(*(str(each) for each in found))
