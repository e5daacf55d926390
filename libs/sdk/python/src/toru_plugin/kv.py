"""The host's key-value storage, in the plugin's own namespace (protocol §8)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from ._fields import integer
from ._streams import MAX_INTEGER
from .errors import KvError
from .request import wait_in_thread

_MISSING = object()


@dataclass(frozen=True)
class KvEntry:
    key: str
    value: str
    #: Grows with every write of the key. For `if_revision`; 0 where the protocol is version 1, which has none.
    revision: int


@dataclass(frozen=True)
class KvPage:
    items: List[KvEntry]
    #: Where the next page begins; None after the last one.
    cursor: Optional[str]


@dataclass(frozen=True)
class Get:
    key: str


@dataclass(frozen=True)
class Set:
    key: str
    value: str
    ttl: Optional[float] = None
    if_revision: Optional[int] = None


@dataclass(frozen=True)
class Delete:
    key: str
    if_revision: Optional[int] = None


Operation = Union[Get, Set, Delete]
BatchResult = Union[KvEntry, int, bool, None]


@dataclass(frozen=True)
class KvRequest:
    """What the host asks a plugin that keeps its own storage (`on_kv`). `action` is `get`, `set` or `delete`."""

    action: str
    key: str
    value: Optional[str] = None
    ttl_ms: Optional[int] = None
    if_revision: Optional[int] = None


class Transport:
    """Whoever carries a key-value request to a storage and its answer back."""

    async def ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        """The answer's payload. Raises `KvError`."""
        raise NotImplementedError


class Kv:
    """
    The storage. Every operation may raise `KvError`; values are text, see `get_json` and `set_json` for the rest.

    In a handler that is a plain function use `kv.sync`, which has the same methods without `await`.
    """

    def __init__(self, transport: Callable[[], Transport]) -> None:
        self._transport = transport
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    async def get(self, key: str) -> Optional[str]:
        entry = await self.get_entry(key)
        return None if entry is None else entry.value

    async def get_entry(self, key: str) -> Optional[KvEntry]:
        return _entry(key, await self._ask(_payload(Get(key))))

    async def set(
        self, key: str, value: str, *, ttl: Optional[float] = None, if_revision: Optional[int] = None
    ) -> int:
        """Stores and returns the revision. `ttl` is in seconds. `if_revision=0`: only if there is no such key."""
        return _revision(await self._ask(_payload(Set(key, value, ttl, if_revision))))

    async def delete(self, key: str, *, if_revision: Optional[int] = None) -> bool:
        """Whether there was something to delete; always True in version 1, which does not tell."""
        return _deleted(await self._ask(_payload(Delete(key, if_revision))))

    async def list(self, prefix: str = "", *, limit: int = 100, cursor: Optional[str] = None) -> KvPage:
        """One page of the keys that begin with `prefix`, in the order of their UTF-8 bytes. See `scan` for all."""
        payload: Dict[str, Any] = {"action": "list", "prefix": prefix, "limit": limit}
        if cursor is not None:
            payload["cursor"] = cursor
        answer = await self._ask(payload)
        items, following = answer.get("items"), answer.get("cursor")
        if not isinstance(items, list) or not (following is None or isinstance(following, str)):
            raise _invalid()
        return KvPage([_item(item) for item in items], following)

    async def scan(self, prefix: str = "") -> AsyncIterator[KvEntry]:
        """All keys that begin with `prefix`, page by page."""
        cursor: Optional[str] = None
        while True:
            page = await self.list(prefix, limit=1000, cursor=cursor)
            for entry in page.items:
                yield entry
            if page.cursor is None:
                return
            cursor = page.cursor

    async def batch(self, operations: Sequence[Operation]) -> List[BatchResult]:
        """
        Up to 100 operations, all of them done or none. Results in their order: `Get` an entry or None, `Set` the
        revision, `Delete` whether there was something.
        """
        answer = await self._ask({"action": "batch", "operations": [_payload(each) for each in operations]})
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(operations):
            raise _invalid()
        return [_result(operation, result) for operation, result in zip(operations, results)]

    async def get_json(self, key: str, default: Any = None) -> Any:
        value = await self.get(key)
        return default if value is None else json.loads(value)

    async def set_json(
        self, key: str, value: Any, *, ttl: Optional[float] = None, if_revision: Optional[int] = None
    ) -> int:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return await self.set(key, text, ttl=ttl, if_revision=if_revision)

    @property
    def sync(self) -> "SyncKv":
        return SyncKv(self)

    async def _ask(self, payload: Dict[str, Any]) -> Mapping[str, Any]:
        return await self._transport().ask(payload)


class SyncKv:
    """The storage for handlers that are plain functions."""

    def __init__(self, kv: Kv) -> None:
        self._kv = kv

    def get(self, key: str) -> Optional[str]:
        return wait_in_thread(self._kv._loop, self._kv.get(key))

    def get_entry(self, key: str) -> Optional[KvEntry]:
        return wait_in_thread(self._kv._loop, self._kv.get_entry(key))

    def set(self, key: str, value: str, *, ttl: Optional[float] = None, if_revision: Optional[int] = None) -> int:
        return wait_in_thread(self._kv._loop, self._kv.set(key, value, ttl=ttl, if_revision=if_revision))

    def delete(self, key: str, *, if_revision: Optional[int] = None) -> bool:
        return wait_in_thread(self._kv._loop, self._kv.delete(key, if_revision=if_revision))

    def list(self, prefix: str = "", *, limit: int = 100, cursor: Optional[str] = None) -> KvPage:
        return wait_in_thread(self._kv._loop, self._kv.list(prefix, limit=limit, cursor=cursor))

    def scan(self, prefix: str = "") -> Iterator[KvEntry]:
        cursor: Optional[str] = None
        while True:
            page = self.list(prefix, limit=1000, cursor=cursor)
            yield from page.items
            if page.cursor is None:
                return
            cursor = page.cursor

    def batch(self, operations: Sequence[Operation]) -> List[BatchResult]:
        return wait_in_thread(self._kv._loop, self._kv.batch(operations))

    def get_json(self, key: str, default: Any = None) -> Any:
        return wait_in_thread(self._kv._loop, self._kv.get_json(key, default))

    def set_json(
        self, key: str, value: Any, *, ttl: Optional[float] = None, if_revision: Optional[int] = None
    ) -> int:
        return wait_in_thread(self._kv._loop, self._kv.set_json(key, value, ttl=ttl, if_revision=if_revision))


def _payload(operation: Operation) -> Dict[str, Any]:
    payload: Dict[str, Any] = {"key": operation.key}
    if isinstance(operation, Get):
        payload["action"] = "get"
        return payload
    if isinstance(operation, Set):
        if not isinstance(operation.value, str):
            raise TypeError("A value is text; set_json takes anything that JSON can say")
        payload.update(action="set", value=operation.value)
        if operation.ttl is not None:
            payload["ttl_ms"] = max(1, round(operation.ttl * 1000))
    else:
        payload["action"] = "delete"
    if operation.if_revision is not None:
        payload["if_revision"] = operation.if_revision
    return payload


def _result(operation: Operation, result: Any) -> BatchResult:
    if not isinstance(result, dict):
        raise _invalid()
    if isinstance(operation, Get):
        return _entry(operation.key, result)
    return _revision(result) if isinstance(operation, Set) else _deleted(result)


def _entry(key: str, answer: Mapping[str, Any]) -> Optional[KvEntry]:
    """An answer without its fields is an error and not "no such key": the caller would go on to overwrite the key."""
    value = answer.get("value", _MISSING)
    if value is not None and not isinstance(value, str):
        raise _invalid()
    revision = _revision(answer)
    return None if value is None else KvEntry(key, value, revision)


def _item(item: Any) -> KvEntry:
    if not isinstance(item, dict) or not isinstance(item.get("key"), str) or not isinstance(item.get("value"), str):
        raise _invalid()
    return KvEntry(item["key"], item["value"], _revision(item))


def _revision(answer: Mapping[str, Any]) -> int:
    revision = integer(answer.get("revision"), 0, MAX_INTEGER)
    if revision is None:
        raise _invalid()
    return revision


def _deleted(answer: Mapping[str, Any]) -> bool:
    deleted = answer.get("deleted")
    if not isinstance(deleted, bool):
        raise _invalid()
    return deleted


def _invalid() -> KvError:
    return KvError("invalid_answer", "The host's answer cannot be read")
