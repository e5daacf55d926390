"""What both forms of licence keys have: days, instances, and the reason of a refusal."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple, Optional

_DAY_SECONDS = 86_400
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANCE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Refused(Exception):
    """The key does not hold; the first of the checks that failed, in their order."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Subject(NamedTuple):
    """What a key has to be for, and when: `now` is in seconds since 1970 in UTC, which know no time zone."""

    plugin: str
    instance: str
    now: int


class Date(NamedTuple):
    """A day of the calendar, years 0001 to 9999, as days since 0001-01-01 (which is 1)."""

    ordinal: int

    @classmethod
    def parse(cls, text: str) -> "Optional[Date]":
        """`YYYY-MM-DD`, of a day that exists."""
        found = _DATE.fullmatch(text)
        if found is None:
            return None
        try:
            return cls(datetime.date(*map(int, found.groups())).toordinal())
        except ValueError:
            return None

    def end(self) -> int:
        """The first second that is no longer this day in UTC."""
        return (self.ordinal + 1 - datetime.date(1970, 1, 1).toordinal()) * _DAY_SECONDS


def is_instance_id(text: str) -> bool:
    return _INSTANCE.fullmatch(text) is not None


def check_in_time(expires: Optional[Date], now: int) -> None:
    """A key holds to the end of its last day, in UTC."""
    if expires is not None and now >= expires.end():
        raise Refused("expired")
