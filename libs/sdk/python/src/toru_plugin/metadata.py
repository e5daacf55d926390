"""What a plugin says about itself with `--metadata`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .errors import ConfigurationError

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_MOST = 2**53 - 1
#: What the plugin says is enough for it: the least and the most of each.
_LIMITS = {name: (1, _MOST) for name in ("memory_bytes", "cpu_percent", "open_files", "processes")}
#: How it would have requests treated, for single paths too.
_PATH_LIMITS = {
    "first_byte_timeout_ms": (1, 3_600_000),
    "idle_timeout_ms": (0, 86_400_000),
    "max_body_bytes": (0, _MOST),
}
_HTTP = {"concurrency": (1, 1024), "queue": (0, 100_000), "queue_timeout_ms": (0, 3_600_000), **_PATH_LIMITS}
_MOST_RULES = 64


@dataclass(frozen=True)
class Metadata:
    """Raises `ConfigurationError`, with everything that is wrong, when it is made."""

    id: str
    name: str
    version: str
    icon: str
    route: str
    author: Optional[str] = None
    description: Optional[str] = None
    homepage: Optional[str] = None
    protocol: int = 2
    public_paths: Sequence[str] = ()
    settings_schema: Optional[Mapping[str, Any]] = None
    license: str = "none"
    limits: Optional[Mapping[str, int]] = None
    http: Optional[Mapping[str, Any]] = None

    def __post_init__(self) -> None:
        problems: List[str] = []
        if _ID.fullmatch(self.id) is None:
            problems.append(f"id {self.id!r}: lower-case letters, digits and hyphens, 64 at most")
        if not self.route.startswith("/") or _ID.fullmatch(self.route[1:]) is None:
            problems.append(f"route {self.route!r}: a slash and lower-case letters, digits and hyphens")
        for field, text, most in (("name", self.name, 100), ("version", self.version, 64), ("icon", self.icon, 16)):
            if not 1 <= len(text) <= most:
                problems.append(f"{field}: 1 to {most} characters")
        if self.protocol not in (1, 2):
            problems.append(f"protocol {self.protocol!r}: 1 or 2")
        if self.license not in ("none", "required"):
            problems.append(f"license {self.license!r}: none or required")
        problems += _numbers("limits", self.limits, _LIMITS)
        problems += _http_problems(self.http)
        if problems:
            raise ConfigurationError("The plugin's metadata is wrong. " + "; ".join(problems))

    def document(self) -> Dict[str, Any]:
        """What `--metadata` prints."""
        found = {**vars(self), "public_paths": list(self.public_paths) or None}
        return {name: value for name, value in found.items() if value is not None}


def _http_problems(http: Any) -> List[str]:
    problems = _numbers("http", http, _HTTP, "paths")
    paths = http.get("paths") if isinstance(http, Mapping) else None
    if paths is None:
        return problems
    if not isinstance(paths, (list, tuple)) or len(paths) > _MOST_RULES:
        return [*problems, f"http.paths: a list of {_MOST_RULES} rules at most"]
    for index, rule in enumerate(paths):
        problems += _numbers(f"http.paths.{index}", rule, _PATH_LIMITS, "path")
        path = rule.get("path") if isinstance(rule, Mapping) else None
        if not isinstance(path, str) or not path.startswith("/"):
            problems.append(f"http.paths.{index}.path: a path that begins with /")
    return problems


def _numbers(at: str, limits: Any, known: Mapping[str, Any], *others: str) -> List[str]:
    if limits is None:
        return []
    if not isinstance(limits, Mapping):
        return [f"{at}: a mapping"]
    problems = [f"{at}.{name}: not known" for name in limits if name not in known and name not in others]
    for name, (least, most) in known.items():
        value = limits.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            problems.append(f"{at}.{name}: a whole number from {least} to {most}")
    return problems
