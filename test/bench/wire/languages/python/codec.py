"""Both sides of the wire without the wire: every request and every answer is encoded, cut into frames and decoded."""

import json
import sys
import time

from toru_plugin._frames import FrameDecoder, encode
from toru_plugin._messages import parse_http, parse_message

BATCH = 64
TEXT = ("The quick brown fox jumps over the lazy dog. " * 23)[: 1024 - len('{"items":""}')]
BODY = json.dumps({"items": TEXT}, separators=(",", ":")).encode()

# As exchange.ts has them.
REQUEST = {
    "method": "POST",
    "path": "/echo",
    "base": "",
    "headers": {
        "host": "192.0.2.1:8080",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "accept": "application/json, text/plain, */*",
        "accept-language": "en-US,en;q=0.5",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "x-forwarded-for": "192.0.2.7",
        "x-request-id": "9f0c2f4e-2f0b-4a36-8b6e-0a3a7a4f2f10",
    },
    "user": {"id": "5f64b3c2", "name": "admin", "role": "admin"},
    "remote": "192.0.2.7",
}
RESPONSE = {"status": 200, "headers": {"content-type": "application/json"}}


def exchange_all():
    there = b"".join(encode({"type": "http", "request_id": str(n), "payload": REQUEST}, BODY) for n in range(BATCH))
    back = []
    for message in messages(there):
        request = parse_http(message)
        if not request.headers or len(request.body) != len(BODY):
            raise AssertionError("The request was not decoded")
        back.append(encode({"type": "http", "request_id": "1", "payload": RESPONSE}, request.body))
    for message in messages(b"".join(back)):
        if message.payload["status"] != 200 or len(message.tail) != len(BODY):
            raise AssertionError("The answer was not decoded")


def messages(data):
    decoder = FrameDecoder()
    decoder.push(data)
    while True:
        frame = decoder.next()
        if frame is None:
            return
        yield parse_message(frame)


def json_all():
    """What any program must do that sends the same as JSON: text, bytes, text, objects."""
    body = BODY.decode()
    for n in range(BATCH):
        request = json.dumps({"id": n, **REQUEST, "body": body}).encode()
        found = json.loads(request.decode())["id"]
        answer = json.dumps({"id": found, **RESPONSE, "body": body}).encode()
        if json.loads(answer.decode())["id"] != n:
            raise AssertionError("The answer was not decoded")


def per_second(run, seconds):
    begin = time.perf_counter()
    count = 0
    while time.perf_counter() < begin + seconds:
        run()
        count += BATCH
    return count / (time.perf_counter() - begin)


if __name__ == "__main__":
    seconds = float(sys.argv[1])
    for warm in (exchange_all, json_all):
        per_second(warm, seconds / 4)
    print(json.dumps({"exchanges": per_second(exchange_all, seconds), "json": per_second(json_all, seconds)}))
