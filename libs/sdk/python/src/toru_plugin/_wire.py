"""What a WebSocket needs of whoever carries its bytes."""

from __future__ import annotations

from typing import Optional


class Wire:
    """The raw bytes below a WebSocket: whoever carries them."""

    async def accept(self, subprotocol: Optional[str]) -> None:
        """Answers the handshake with 101."""
        raise NotImplementedError

    async def read(self) -> bytes:
        """The next bytes, `b""` at the end. Raises `StreamBroken`."""
        raise NotImplementedError

    async def write(self, data: bytes) -> None:
        """Waits until they may be sent. Raises `StreamBroken`."""
        raise NotImplementedError

    def end(self) -> None:
        """Nothing more will be written."""
        raise NotImplementedError

    def abort(self) -> None:
        """Neither side gets anything more."""
        raise NotImplementedError

    def hold(self, count: int) -> bool:
        """Notes how many bytes are kept; False where that is too much for the plugin as a whole."""
        raise NotImplementedError
