"""Properties of the decoder, where hypothesis is installed; `test_vectors` has seeded ones for everybody."""

import unittest

import tests  # noqa: F401 (finds the package)
from toru_plugin._frames import FrameDecoder, encode
from toru_plugin._json import parse_object
from toru_plugin._messages import parse_message
from toru_plugin.errors import ProtocolError

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None


@unittest.skipIf(given is None, "hypothesis is not installed")
class Properties(unittest.TestCase):
    if given is not None:
        values = st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
            max_leaves=20,
        )

        @settings(max_examples=300, deadline=None, database=None)
        @given(st.dictionaries(st.text(st.characters(codec="utf-8")), values), st.none() | st.binary(), st.integers(1, 9))
        def test_round_trip(self, message, tail, size):
            """[PRO-8] whatever is encoded is decoded, however it is cut."""
            decoder, data = FrameDecoder(), encode(message, tail)
            for position in range(0, len(data), size):
                decoder.push(data[position : position + size])
            frame = decoder.next()
            self.assertEqual((parse_object(frame.head), frame.tail), (message, tail))
            self.assertIsNone(decoder.next())

        @settings(max_examples=500, deadline=None, database=None)
        @given(st.binary(max_size=200))
        def test_any_bytes(self, data):
            """[PRO-8] nothing but a ProtocolError comes out of any bytes."""
            decoder = FrameDecoder(max_frame=128)
            decoder.push(data)
            try:
                while True:
                    frame = decoder.next()
                    if frame is None:
                        break
                    parse_message(frame)
                decoder.end()
            except ProtocolError:
                pass

    else:

        def test_properties(self):
            """Left out: it needs hypothesis."""


if __name__ == "__main__":
    unittest.main()
