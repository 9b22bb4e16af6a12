"""Which code and which libraries made a result."""

import hashlib
import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import sim

PACKAGE: Final = Path(sim.__file__).resolve().parent
PLAYING: Final = ("world", "theory", "engine")  # the rooms that decide rows
LIBRARIES: Final = ("mesa", "numpy", "scipy", "numba", "pyarrow")


@cache
def code_digest() -> str:
    """SHA-256 of the modules that decide what a run leaves."""
    digest = hashlib.sha256()
    for path in sorted(path for room in PLAYING for path in (PACKAGE / room).rglob("*.py")):
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of the program, of Python and of the libraries that take part in the arithmetic."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"parley": sim.__version__, "python": platform.python_version(), **libraries}


def code_state() -> dict[str, object]:
    """The code as a reader can find it again: its digest and, in a git checkout, the commit and whether it is clean."""
    state: dict[str, object] = {"digest": code_digest()}
    if (PACKAGE.parent / ".git").exists():
        commit = _git("rev-parse", "HEAD")
        if commit:
            state |= {"commit": commit, "changed since": bool(_git("status", "--porcelain", "--", "sim"))}
    return state


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(PACKAGE.parent), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None  # git is not installed, or this is no checkout it can read
    return done.stdout.strip()
