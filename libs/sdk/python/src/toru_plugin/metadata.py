"""What a plugin says about itself with `--metadata`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .errors import ConfigurationError

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


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
        if problems:
            raise ConfigurationError("The plugin's metadata is wrong. " + "; ".join(problems))

    def document(self) -> Dict[str, Any]:
        """What `--metadata` prints."""
        found = {**vars(self), "public_paths": list(self.public_paths) or None}
        return {name: value for name, value in found.items() if value is not None}
