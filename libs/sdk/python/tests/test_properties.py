"""
Properties of the decoders: with hypothesis where it is installed, else with seeded random data of the same kinds, which
finds less and does not shrink. What is left out then is counted as skipped.
"""

import random
import string
import unittest

import tests  # noqa: F401 (finds the package)
from toru_plugin import _websocket_frames as ws
from toru_plugin._data_messages import parse_data
from toru_plugin._frames import FrameDecoder, encode
from toru_plugin._http_messages import parse_http
from toru_plugin._json import parse, parse_object
from toru_plugin._lifecycle_messages import parse_init
from toru_plugin._messages import Message, parse_message
from toru_plugin.errors import ProtocolError

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

#: Bounds the time: all of this file takes less than five seconds.
EXAMPLES = 100


class Checks(unittest.TestCase):
    """What must hold for any input."""

    def check_round_trip(self, message, tail, size):
        decoder, data = FrameDecoder(), encode(message, tail)
        for position in range(0, len(data), size):
            decoder.push(data[position : position + size])
        frame = decoder.next()
        self.assertEqual((parse_object(frame.head), frame.tail), (message, tail))
        self.assertIsNone(decoder.next())

    def check_bytes(self, data):
        whole, cut = FrameDecoder(max_frame=128), FrameDecoder(max_frame=128)
        self.assertEqual(self.outcome(whole, [data]), self.outcome(cut, [data[i : i + 1] for i in range(len(data))]))
        try:
            parse(data)
        except ProtocolError:
            pass

    def outcome(self, decoder, pieces):
        found = []
        try:
            for piece in pieces:
                decoder.push(piece)
                while True:
                    frame = decoder.next()
                    if frame is None:
                        break
                    found.append(frame)
                    parse_message(frame)
            decoder.end()
        except ProtocolError as error:
            found.append(error.code)
        return found

    def check_payload(self, payload, tail):
        """A payload of any shape is read, or refused with a `ProtocolError`: nothing else comes out."""
        for parser in (parse_http, parse_data, lambda message: parse_init(message.payload)):
            try:
                parser(Message("http", None, "1", payload, tail))
            except ProtocolError:
                pass

    def check_socket_round_trip(self, pieces, text, masked, size):
        opcode = ws.TEXT if text else ws.BINARY
        data = b""
        for number, piece in enumerate(pieces):
            payload = piece.encode("utf-8") if text else piece.encode("utf-8")[::-1]
            mask = b"\x9a\x00\xff\x31" if masked else None
            data += ws.encode_frame(ws.CONTINUATION if number else opcode, payload, mask, number == len(pieces) - 1)
        reader, found = ws.FrameReader(masked, 1 << 20), []
        for position in range(0, len(data), size):
            reader.push(data[position : position + size])
            event = reader.next()
            if event is not None:
                found.append(event.data)
        whole = "".join(pieces) if text else b"".join(piece.encode("utf-8")[::-1] for piece in pieces)
        self.assertEqual(found, [whole])
        self.assertEqual(reader.held, 0)

    def check_socket_bytes(self, data):
        self.assertEqual(self.socket_outcome([data]), self.socket_outcome([data[i : i + 1] for i in range(len(data))]))

    def socket_outcome(self, pieces):
        reader, found = ws.FrameReader(False, 64), []
        try:
            for piece in pieces:
                reader.push(piece)
                while True:
                    event = reader.next()
                    if event is None:
                        break
                    found.append(event)
                self.assertLessEqual(reader.held, 64 + len(piece) + 10)
        except ws.FrameError as error:
            found.append(error.code)
        return found


class Seeded(Checks):
    """[PRO-8] the same checks with random data from the standard library, the same in each run."""

    def setUp(self):
        self.chance = random.Random(2027)

    def value(self, depth=0):
        kind = self.chance.randrange(8 if depth < 3 else 6)
        if kind < 6:
            return [None, True, self.chance.randrange(-(2**53), 2**53), 0.5, self.text(), "stream"][kind]
        if kind == 6:
            return [self.value(depth + 1) for _ in range(self.chance.randrange(4))]
        return {self.text(): self.value(depth + 1) for _ in range(self.chance.randrange(4))}

    def text(self):
        alphabet = string.printable + "žů€🐎\u2028\x00\x7f"
        return "".join(self.chance.choice(alphabet) for _ in range(self.chance.randrange(8)))

    def some_bytes(self):
        likely = (0, 0, 0, 1, 4, 34, 44, 91, 123, 125, 128, 129, 130, 136, 137, 255)
        return bytes(self.chance.choice(likely) for _ in range(self.chance.randrange(60)))

    def payload(self):
        names = ["stream", "credit", "end", "error", "method", "path", "headers", "base", "user", "body", "limits"]
        good = {"method": "GET", "path": "/", "stream": 2, "headers": {"a": ["b"]}}
        changed = {name: self.value() for name in self.chance.sample(names, self.chance.randrange(4))}
        return {**good, **changed}

    def test_round_trips(self):
        for _ in range(EXAMPLES):
            message = {self.text(): self.value() for _ in range(3)}
            self.check_round_trip(message, self.chance.choice([None, b"", self.some_bytes()]), self.chance.randrange(1, 9))

    def test_any_bytes(self):
        for _ in range(EXAMPLES * 4):
            self.check_bytes(self.some_bytes())
            self.check_socket_bytes(self.some_bytes())

    def test_any_payload(self):
        for _ in range(EXAMPLES * 4):
            self.check_payload(self.payload(), self.chance.choice([None, b"x"]))

    def test_socket_round_trips(self):
        for _ in range(EXAMPLES):
            pieces = [self.text() * self.chance.choice([1, 1, 200]) for _ in range(self.chance.randrange(1, 4))]
            text, masked = self.chance.random() < 0.5, self.chance.random() < 0.5
            self.check_socket_round_trip(pieces, text, masked, self.chance.randrange(1, 400))


@unittest.skipIf(given is None, "hypothesis is not installed: only the seeded checks were run")
class Properties(Checks):
    """[PRO-8] the checks with what hypothesis thinks of."""

    if given is None:

        def test_round_trips(self):
            """Left out."""

        test_any_bytes = test_any_payload = test_socket_round_trips = test_round_trips
    else:
        # how long something takes says nothing about it on a busy machine
        slow = [HealthCheck.too_slow]
        options = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=slow)
        texts = st.text(st.characters(codec="utf-8"), max_size=20)
        values = st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=8,
        )
        names = st.sampled_from(
            ["stream", "credit", "end", "error", "method", "path", "headers", "base", "user", "remote", "body"]
            + ["features", "settings", "license_key", "limits", "plugin_id"]
        )

        plain = st.none() | st.integers(-(2**53), 2**53) | texts

        @options
        @given(st.dictionaries(texts, plain, max_size=5), st.none() | st.binary(), st.integers(1, 9))
        def test_round_trips(self, message, tail, size):
            self.check_round_trip(message, tail, size)

        @options
        @given(st.binary(max_size=100))
        def test_any_bytes(self, data):
            self.check_bytes(data)
            self.check_socket_bytes(data)

        @options
        @given(st.dictionaries(names, values, max_size=5), st.none() | st.binary(max_size=3))
        def test_any_payload(self, payload, tail):
            self.check_payload(payload, tail)

        @options
        @given(st.lists(texts, min_size=1, max_size=4), st.booleans(), st.booleans(), st.integers(1, 400))
        def test_socket_round_trips(self, pieces, text, masked, size):
            self.check_socket_round_trip(pieces, text, masked, size)


if __name__ == "__main__":
    unittest.main()
