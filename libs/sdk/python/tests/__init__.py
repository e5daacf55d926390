"""Run with `python3 -m unittest discover -s libs/sdk/python/tests -t libs/sdk/python` from the root: nothing to install."""

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

SDK = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SDK / "src"))

#: The plugin processes compile the package once and not each for itself, and leave nothing in the checkout.
BYTECODE = Path(tempfile.mkdtemp(prefix="tp-bytecode-"))
atexit.register(shutil.rmtree, BYTECODE, ignore_errors=True)
