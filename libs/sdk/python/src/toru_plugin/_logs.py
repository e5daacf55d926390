"""Log records on their way to the host: as `log` messages, or as JSON lines on standard output."""

from __future__ import annotations

import collections
import json
import logging
import sys
import threading
import traceback
from typing import Any, Callable, Deque, Dict, Optional, TextIO, Tuple

from ._frames import encode
from ._json import dump
from ._lifecycle_messages import timestamp_now

#: What waits to be sent. Beyond it messages are dropped and counted: a log must never cost the plugin its memory.
MAX_WAITING_MESSAGES = 4096
MAX_WAITING_BYTES = 4 * 1024 * 1024
MAX_TEXT = 32 * 1024
MAX_FIELDS_BYTES = 64 * 1024

_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Outbox:
    """
    `log` and `event` messages that wait for the connection. Any thread may put one in.

    Until `open` was called, and after `close`, log messages are lines on standard output.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Deque[Tuple[str, bytes]] = collections.deque()
        self._bytes = 0
        self._dropped = 0
        self._wake: Optional[Callable[[], None]] = None
        self._features: Tuple[str, ...] = ()

    def open(self, wake: Callable[[], None], features: Tuple[str, ...]) -> None:
        """From now on messages of these features wait for `take`; `wake` is called, from any thread, for the first."""
        with self._lock:
            self._wake, self._features = wake, features

    def close(self) -> None:
        """What was not sent becomes lines on standard output, so that the last words are not lost."""
        with self._lock:
            self._wake, self._features = None, ()
            waiting, self._waiting, self._bytes = self._waiting, collections.deque(), 0
        for kind, frame in waiting:
            if kind == "log":
                payload = json.loads(frame[4:])["payload"]
                fields = payload.pop("fields", {})
                write_line(sys.stdout, {"timestamp": timestamp_now(), **payload, **fields})

    def log(self, payload: Dict[str, Any]) -> None:
        if not self._put("log", payload):
            fields = payload.pop("fields", {})
            line = {"timestamp": timestamp_now(), "level": payload["level"], "message": payload["message"]}
            line.update((name, value) for name, value in fields.items() if name not in line)
            if "error" in payload:
                line["error"] = payload["error"]
            write_line(sys.stdout, line)

    def event(self, payload: Dict[str, Any]) -> None:
        if not self._put("event", payload):
            fields = {"event": payload["name"], **({"data": payload["data"]} if "data" in payload else {})}
            self.log({"level": "info", "message": f"event {payload['name']}", "fields": fields})

    def take(self) -> Optional[bytes]:
        """The next message as a frame, or None."""
        with self._lock:
            if self._waiting:
                frame = self._waiting.popleft()[1]
                self._bytes -= len(frame)
                return frame
            if not self._dropped:
                return None
            dropped, self._dropped = self._dropped, 0
        message = f"{dropped} log messages or events were dropped: there were more than the host took"
        return encode({"type": "log", "payload": {"level": "warn", "message": message}})

    def _put(self, kind: str, payload: Dict[str, Any]) -> bool:
        with self._lock:
            if kind not in self._features or self._wake is None:
                return False
            wake: Optional[Callable[[], None]] = None
            frame = encode({"type": kind, "payload": payload})
            if len(self._waiting) >= MAX_WAITING_MESSAGES or self._bytes + len(frame) > MAX_WAITING_BYTES:
                self._dropped += 1
                return True
            if not self._waiting:
                wake = self._wake
            self._waiting.append((kind, frame))
            self._bytes += len(frame)
        if wake is not None:
            wake()
        return True


class ToruHandler(logging.Handler):
    """
    Sends the records of `logging` to the host. `extra={…}` becomes fields, an exception becomes `error`.

    `Plugin.run` puts one on the root logger; `plugin.log_handler` is for those who configure logging themselves.
    """

    def __init__(self, outbox: Outbox, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._outbox.log(to_payload(record))
        except Exception:  # a log line that cannot be made must not end the request that wrote it
            self.handleError(record)


def to_payload(record: logging.LogRecord) -> Dict[str, Any]:
    """A record as the payload of a `log` message: bounded, and always valid JSON."""
    payload: Dict[str, Any] = {"level": level_name(record.levelno), "message": clean(record.getMessage())}
    fields = {name: value for name, value in vars(record).items() if name not in _STANDARD_ATTRIBUTES}
    if record.name != "root":
        fields.setdefault("logger", record.name)
    if fields:
        payload["fields"] = _json_safe(fields)
    if record.exc_info and record.exc_info[1] is not None:
        kind, error, trace = record.exc_info
        stack = "".join(traceback.format_exception(kind, error, trace))
        payload["error"] = {"type": type(error).__name__, "message": clean(str(error)), "stack": clean(stack)}
    return payload


def level_name(level: int) -> str:
    for lowest, name in ((50, "fatal"), (40, "error"), (30, "warn"), (20, "info"), (10, "debug")):
        if level >= lowest:
            return name
    return "trace"


def clean(text: str) -> str:
    """Of bounded length, and writable as UTF-8."""
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + "… (cut)"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _json_safe(fields: Dict[str, Any]) -> Dict[str, Any]:
    try:
        text = json.dumps(fields, default=str, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        text = json.dumps({str(name): repr(value)[:1024] for name, value in fields.items()})
    if len(text) > MAX_FIELDS_BYTES:
        return {"fields_dropped": f"{len(text)} bytes of fields are more than {MAX_FIELDS_BYTES}"}
    loaded = json.loads(text.encode("utf-8", "backslashreplace"))
    safe = {clean(name): clean(value) if isinstance(value, str) else value for name, value in loaded.items()}
    try:
        dump(safe)
    except ValueError:  # half a surrogate pair somewhere inside
        return {name: clean(repr(value)) for name, value in safe.items()}
    return safe


def write_line(target: TextIO, entry: Dict[str, Any]) -> None:
    """One JSON line. ASCII only: whatever the encoding of the stream is, nothing can go wrong."""
    try:
        target.write(json.dumps(entry, default=str) + "\n")
        target.flush()
    except (OSError, ValueError):
        pass  # whoever read it is gone


def complain(message: str, level: str = "error") -> None:
    """The SDK's own last words, on standard error."""
    write_line(sys.stderr, {"timestamp": timestamp_now(), "level": level, "message": clean(message)})
