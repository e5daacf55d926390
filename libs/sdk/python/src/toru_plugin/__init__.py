"""Plugins for Toru Steering Center in Python: you write handlers, never frames."""

from ._logs import ToruHandler
from .errors import (
    ConfigurationError,
    HTTPError,
    KvConflict,
    KvError,
    LicenseError,
    ProtocolError,
    StreamBroken,
    ToruError,
    WebSocketClosed,
)
from .headers import Headers, Query
from .kv import Delete, Get, Kv, KvEntry, KvPage, KvRequest, Set
from .license import Licence, LicenseKey
from .plugin import Plugin
from .request import Request, User
from .response import Response, ServerSentEvent
from .websocket import WebSocket

__version__ = "0.1.0"

__all__ = [
    "ConfigurationError",
    "Delete",
    "Get",
    "HTTPError",
    "Headers",
    "Kv",
    "KvConflict",
    "KvEntry",
    "KvError",
    "KvPage",
    "KvRequest",
    "Licence",
    "LicenseError",
    "LicenseKey",
    "Plugin",
    "ProtocolError",
    "Query",
    "Request",
    "Response",
    "ServerSentEvent",
    "Set",
    "StreamBroken",
    "ToruError",
    "ToruHandler",
    "User",
    "WebSocket",
    "WebSocketClosed",
]
