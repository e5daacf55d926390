#!/usr/bin/env python3
"""Hello Python: a whole plugin for Toru Steering Center in one file, with nothing but the standard library.

Toru runs this file with --metadata to learn what it is, and without arguments to start it. A started plugin listens on
the Unix socket named in TORU_PLUGIN_SOCKET. Toru connects for each request and sends messages: four bytes with the
length (big-endian), then one JSON object.
"""

import json
import os
import socketserver
import struct
import sys
import threading
import uuid
from datetime import datetime, timezone
from urllib.parse import urlsplit

METADATA = {
    "id": "hello-python",
    "name": "Hello Python",
    "version": "1.0.0",
    "icon": "🐍",
    "route": "/hello-python",
    "author": "Toru Steering Center",
    "description": "Counts its visits. Standard library only: a start for a plugin of your own.",
}

instance_id = os.environ.get("TORU_INSTANCE_ID", "")
counting = threading.Lock()  # every request has its own thread: one visit at a time is added


class Connection(socketserver.StreamRequestHandler):
    """One connection from the host. It carries one request; several connections may be open at once."""

    def handle(self):
        while (message := self.receive()) is not None:
            action = message.get("action")
            if message["type"] == "http":
                self.answer(message)
            elif action == "init":
                global instance_id
                instance_id = message["payload"]["instance_id"]
            elif action == "shutdown":
                self.server.shutdown()  # stops listening; requests that are being handled are finished
                return

    def answer(self, message):
        request = message["payload"]["payload"]
        try:
            status, content_type, body = respond(request, self)
        except Exception as error:  # a bug in one request must not end the connection without an answer
            print(f"{request['method']} {request['path']}: {error!r}", file=sys.stderr, flush=True)
            status, content_type, body = 500, "application/json", json.dumps({"error": "internal error"})
        headers = {"content-type": content_type}
        self.send("http", message["request_id"], {"status": status, "headers": headers, "body": body})

    def kv(self, action, key, value=None):
        """Asks the host's key-value storage, on the connection of the request that is being handled."""
        self.send("kv", str(uuid.uuid4()), {"action": action, "key": key, "value": value})
        reply = self.receive()
        if reply is None:
            raise ConnectionError("the host closed the connection")
        return reply["payload"].get("value")

    def receive(self):
        """The next message, or None when the host has closed the connection."""
        header = self.rfile.read(4)
        if len(header) < 4:
            return None
        return json.loads(self.rfile.read(struct.unpack(">I", header)[0]))

    def send(self, kind, request_id, payload):
        timestamp = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
        message = {"type": kind, "timestamp": timestamp, "request_id": request_id, "payload": payload}
        data = json.dumps(message).encode()
        self.wfile.write(struct.pack(">I", len(data)) + data)


def respond(request, connection):
    """Your routes: returns status, content type and body."""
    method, path = request["method"], urlsplit(request["path"]).path
    if path == METADATA["route"] or path.startswith(METADATA["route"] + "/"):
        path = path[len(METADATA["route"]) :] or "/"  # paths arrive with the plugin's route or without it

    if path == "/visits" and method == "GET":
        return visits(int(connection.kv("get", "visits") or 0))
    if path == "/visits" and method == "POST":
        with counting:
            count = int(connection.kv("get", "visits") or 0) + 1
            connection.kv("set", "visits", str(count))
        return visits(count)
    if path == "/bundle.js" and method == "GET":
        return 200, "text/javascript; charset=utf-8", BUNDLE
    if path == "/" and method == "GET":
        return 200, "text/html; charset=utf-8", PAGE
    return 404, "application/json", json.dumps({"error": f"nothing at {method} {path}"})


def visits(count):
    return 200, "application/json", json.dumps({"visits": count, "instance_id": instance_id})


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Hello Python</title>
<h1>Hello from Python</h1><p>Open this plugin in the console to see its page.</p></html>
"""

# The page in the console: a script that registers `mount` and `unmount` under the plugin's id.
BUNDLE = """
(() => {
  const style = new CSSStyleSheet();
  style.replaceSync(`
    .hello-python { display: grid; gap: 16px; justify-items: start; max-width: 36rem; padding: 24px;
      border: 1px solid var(--mat-sys-outline-variant); border-radius: 16px; font: var(--mat-sys-body-large);
      color: var(--mat-sys-on-surface); background: var(--toru-card); }
    .hello-python h1 { margin: 0; font: var(--mat-sys-headline-small); }
    .hello-python p { margin: 0; color: var(--mat-sys-on-surface-variant); overflow-wrap: anywhere; }
    .hello-python output { font: var(--mat-sys-display-medium); color: var(--mat-sys-primary); }
    .hello-python button { padding: 12px 24px; border: 0; border-radius: 22px; font: var(--mat-sys-label-large);
      color: var(--mat-sys-on-primary); background: var(--mat-sys-primary); cursor: pointer; }
    .hello-python button:focus-visible { outline: 3px solid var(--mat-sys-secondary); outline-offset: 2px; }
  `);

  const view = `
    <section class="hello-python">
      <h1>🐍 Hello from Python</h1>
      <p>Visits, counted in the host's storage:</p>
      <output data-testid="visits">…</output>
      <button type="button">Visit again</button>
      <p>Instance <code data-testid="instance-id">…</code></p>
    </section>`;

  window.ToruPlugins = window.ToruPlugins || {};
  window.ToruPlugins['hello-python'] = {
    mount(container, api) {
      document.adoptedStyleSheets.push(style);
      container.innerHTML = view;
      const visit = async () => {
        try {
          const response = await api.fetch('/visits', { method: 'POST' });
          if (!response.ok) throw new Error(`The visit was not counted (${response.status})`);
          const answer = await response.json();
          container.querySelector('[data-testid=visits]')?.replaceChildren(answer.visits);
          container.querySelector('[data-testid=instance-id]')?.replaceChildren(answer.instance_id);
        } catch (error) {
          api.showToast(error.message, 'error');
        }
      };
      container.querySelector('button').addEventListener('click', visit);
      visit();
    },
    unmount(container) {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== style);
      container.replaceChildren();
    },
  };
})();
"""


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    request_queue_size = 64


if __name__ == "__main__":
    if "--metadata" in sys.argv:
        print(json.dumps(METADATA))
    else:
        with Server(os.environ["TORU_PLUGIN_SOCKET"], Connection) as server:
            print("Hello Python is listening", flush=True)
            server.serve_forever(poll_interval=0.1)
