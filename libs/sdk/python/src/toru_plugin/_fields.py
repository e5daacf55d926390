"""Fields of messages: what may be absent, and whole numbers."""

from __future__ import annotations

from typing import Any, Mapping, Optional


def optional(payload: Mapping[str, Any], name: str, default: Any) -> Any:
    """A field that may be absent; null counts as absent."""
    value = payload.get(name)
    return default if value is None else value


def integer(value: Any, lowest: int, highest: int) -> Optional[int]:
    """However it is written: 1.0 and 1e0 are 1 to JSON. Its true and false are integers to Python, and to nobody else."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and lowest <= value <= highest else None
