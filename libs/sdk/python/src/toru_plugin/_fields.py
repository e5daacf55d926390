"""Fields of messages: what may be absent, and whole numbers."""

from __future__ import annotations

from typing import Any, Mapping, Optional


def optional(payload: Mapping[str, Any], name: str, default: Any) -> Any:
    """A field that may be absent; null counts as absent."""
    value = payload.get(name)
    return default if value is None else value


def integer(value: Any, lowest: int, highest: int) -> Optional[int]:
    """JSON's true and false are integers to Python, and not to anybody else."""
    return value if type(value) is int and lowest <= value <= highest else None
