"""`init`, `settings` and `shutdown` of the host, checked field by field, and what is answered (protocol §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional, Tuple

from ._fields import integer, optional
from ._frames import MAX_FRAME
from ._streams import DEFAULT_WINDOW, MAX_INTEGER
from .errors import ProtocolError

#: More than this for each stream would make the bound of a plugin's memory meaningless.
MAX_WINDOW = 16 * 1024 * 1024
MIN_FRAME = 1024


@dataclass(frozen=True)
class Init:
    features: Tuple[str, ...]
    plugin_id: str
    instance_id: str
    log_path: str
    data_dir: str
    settings: Dict[str, Any]
    license_key: Optional[str]
    max_frame: int = MAX_FRAME
    window: int = DEFAULT_WINDOW


def parse_init(payload: Mapping[str, Any]) -> Init:
    features = optional(payload, "features", [])
    if not isinstance(features, list) or not all(isinstance(each, str) for each in features):
        raise _bad_init("features")
    settings = optional(payload, "settings", {})
    if not isinstance(settings, dict):
        raise _bad_init("settings")
    license_key = payload.get("license_key")
    if license_key is not None and not isinstance(license_key, str):
        raise _bad_init("license_key")
    limits = optional(payload, "limits", {})
    if not isinstance(limits, dict):
        raise _bad_init("limits")
    texts: Dict[str, str] = {}
    for name in ("plugin_id", "instance_id", "log_path", "data_dir"):
        value = optional(payload, name, "")
        if not isinstance(value, str):
            raise _bad_init(name)
        texts[name] = value
    max_frame = integer(optional(limits, "max_frame", MAX_FRAME), MIN_FRAME, MAX_INTEGER)
    window = integer(optional(limits, "window", DEFAULT_WINDOW), 1, MAX_WINDOW)
    if max_frame is None or window is None:
        raise _bad_init("limits")
    return Init(
        features=tuple(features),
        plugin_id=texts["plugin_id"],
        instance_id=texts["instance_id"],
        log_path=texts["log_path"],
        data_dir=texts["data_dir"],
        settings=settings,
        license_key=license_key,
        max_frame=min(max_frame, MAX_FRAME),
        window=window,
    )


def parse_settings(payload: Mapping[str, Any]) -> Dict[str, Any]:
    settings = payload.get("settings")
    if not isinstance(settings, dict):
        raise ProtocolError("invalid_settings", "Settings that are no object")
    return settings


def parse_grace(payload: Mapping[str, Any], default_ms: int) -> int:
    """Milliseconds; more than an hour counts as one."""
    grace = integer(optional(payload, "grace_ms", default_ms), 0, MAX_INTEGER)
    if grace is None:
        raise ProtocolError("invalid_shutdown", "grace_ms is a whole number of milliseconds")
    return min(grace, 3_600_000)


def lifecycle(action: str, payload: Mapping[str, Any]) -> Dict[str, Any]:
    return {"type": "lifecycle", "action": action, "timestamp": timestamp_now(), "payload": payload}


def timestamp_now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bad_init(name: str) -> ProtocolError:
    return ProtocolError("invalid_init", f"The {name} of init cannot be read")
