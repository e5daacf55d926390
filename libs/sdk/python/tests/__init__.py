"""Run with `python3 -m unittest discover -s libs/sdk/python -t libs/sdk/python` from the root: nothing to install."""

import sys
from pathlib import Path

SDK = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SDK / "src"))
