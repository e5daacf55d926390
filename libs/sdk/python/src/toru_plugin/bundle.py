"""
Makes one executable file of a plugin, with this package inside:

    python3 -m toru_plugin.bundle entry.py -o acme.binary [--include FILE_OR_DIRECTORY …]

The file is a Python archive with a `#!` line: it needs Python 3.9 or newer on the machine that it runs on, and nothing else.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

DEFAULT_INTERPRETER = "/usr/bin/env python3"
METADATA_SECONDS = 30
#: The earliest that an archive can say: the same input makes the same file, whenever it is built.
_TIME = (1980, 1, 1, 0, 0, 0)
_IGNORED = ("__pycache__", ".git", ".venv", "node_modules")


def build(
    entry: Path, output: Path, include: Sequence[Path] = (), interpreter: str = DEFAULT_INTERPRETER, check: bool = True
) -> None:
    """
    Writes the executable at once: who watches `output` never sees half of it. `include` are files and directories
    beside `entry`: modules that it imports, or what `plugin.bundle("frontend/bundle.js")` reads. Raises `ValueError`.
    """
    directory = entry.resolve().parent
    files = [("__main__.py", entry), *sorted(_package_files())]
    for each in include:
        files += sorted(_included(directory, each))
    contents = {name: file.read_bytes() for name, file in files}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in {**_compiled(contents, interpreter), **contents}.items():
            _add(target, name, content)
    descriptor, temporary = tempfile.mkstemp(prefix=".", dir=str(output.resolve().parent))
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(f"#!{interpreter}\n".encode() + archive.getvalue())
        os.chmod(temporary, 0o755)
        if check:
            _check(temporary)
        os.replace(temporary, str(output))
    except BaseException:
        os.unlink(temporary)
        raise


def _package_files() -> Iterator[Tuple[str, Path]]:
    package = Path(__file__).resolve().parent
    for file in package.glob("*.py"):
        yield f"toru_plugin/{file.name}", file


def _included(directory: Path, path: Path) -> Iterator[Tuple[str, Path]]:
    resolved = (path if path.is_absolute() else directory / path).resolve()
    files: List[Path] = [resolved]
    if resolved.is_dir():
        files = [file for file in resolved.rglob("*") if file.is_file() and not set(_IGNORED) & set(file.parts)]
    for file in files:
        try:
            yield file.relative_to(directory).as_posix(), file
        except ValueError:
            raise ValueError(f"{path} is not beside the entry, in {directory}") from None


def _compiled(contents: Mapping[str, bytes], interpreter: str) -> Dict[str, bytes]:
    """
    The modules as the interpreter would compile them at each start, which is most of the time that one takes. Each says
    which Python it is for and the hash of its source: any other Python, and any other source, is compiled as ever. Empty
    where the interpreter is not on this machine; without those modules that it cannot compile.
    """
    with tempfile.TemporaryDirectory() as temporary:
        for name, content in contents.items():
            file = Path(temporary, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        how = ["-m", "compileall", "-q", "-b", "--invalidation-mode", "checked-hash", "-s", temporary, temporary]
        # not beside the sources: one of them may have the name of a module of Python. Sets are in one order.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        try:
            subprocess.run([*interpreter.split(maxsplit=1), *how], cwd="/", env=environment, capture_output=True)
        except OSError:
            return {}
        return {file.relative_to(temporary).as_posix(): file.read_bytes() for file in sorted(Path(temporary).rglob("*.pyc"))}


def _add(target: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    target.writestr(info, content)


def _check(executable: str) -> None:
    """What the host would do first."""
    ran = subprocess.run([executable, "--metadata"], cwd="/", capture_output=True, timeout=METADATA_SECONDS)
    if ran.returncode != 0:
        raise ValueError(f"--metadata ended with status {ran.returncode}:\n{ran.stderr.decode(errors='replace')}")
    try:
        metadata = json.loads(ran.stdout)
        described = f"{metadata['id']} {metadata['version']}, protocol {metadata.get('protocol', 1)}"
    except (ValueError, KeyError, TypeError):
        raise ValueError("--metadata does not print the metadata: does the entry call plugin.run()?") from None
    print(f"Built {described}", file=sys.stderr)


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m toru_plugin.bundle", description="One executable of a plugin")
    parser.add_argument("entry", type=Path, help="the file that calls plugin.run()")
    parser.add_argument("-o", "--output", type=Path, required=True, help="such as acme.binary")
    parser.add_argument("--include", type=Path, nargs="+", default=[], help="files and directories beside the entry")
    parser.add_argument("--python", default=DEFAULT_INTERPRETER, help=f"interpreter ({DEFAULT_INTERPRETER})")
    parser.add_argument("--no-check", action="store_true", help="do not run it with --metadata")
    options = parser.parse_args(argv)
    try:
        build(options.entry, options.output, options.include, options.python, not options.no_check)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
