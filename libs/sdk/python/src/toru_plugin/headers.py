"""Headers and queries, by name."""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Union
from urllib.parse import parse_qsl

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

HeaderValue = Union[str, Sequence[str]]


class Headers(Mapping[str, str]):
    """Headers by name in any letter case. Repeated ones are joined with `, `; `get_list` has them one by one."""

    def __init__(self, items: Optional[Mapping[str, HeaderValue]] = None) -> None:
        self._values: Dict[str, List[str]] = {}
        for name, value in (items or {}).items():
            self._values.setdefault(name.lower(), []).extend([value] if isinstance(value, str) else value)

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"

    def get_list(self, name: str) -> List[str]:
        return list(self._values.get(name.lower(), ()))


class Query(Mapping[str, str]):
    """The decoded query: `query["x"]` is the first value of `x`, `query.get_list("x")` all of them."""

    def __init__(self, text: str) -> None:
        self._values: Dict[str, List[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self._values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get_list(self, name: str) -> List[str]:
        return list(self._values.get(name, ()))


def is_header_name(name: object) -> bool:
    return isinstance(name, str) and _TOKEN.fullmatch(name) is not None


def is_header_value(value: object) -> bool:
    """Whether it is text without control characters: those would end the header, or the message."""
    return isinstance(value, str) and _BAD_VALUE.search(value) is None
