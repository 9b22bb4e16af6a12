"""A folder of results: where it is, one writer at a time, and files that are there whole or not at all."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sim.store.errors import StoreError

if sys.platform != "win32":
    import fcntl

UNFINISHED: Final = ".unfinished"  # ending of a file that is being written


def reason(error: OSError) -> str:
    """What the operating system says, in lower case and without its number."""
    if isinstance(error, FileExistsError):
        return "what should be a folder is a file"
    return (error.strerror or str(error)).lower()


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Open a folder for the only writer it has; folders made for it and left empty are taken away again.

    Raises StoreError where it cannot be made or written, or where another process is writing there.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f"probe{UNFINISHED}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise StoreError(
                f"cannot write to {str(folder)!r}: {reason(error)}; choose a folder of your own with results=FOLDER"
            ) from error
        with _alone(folder):
            for stale in folder.rglob(f"*{UNFINISHED}"):
                stale.unlink()  # a writer that was killed left it
            yield folder
    finally:
        for path in [*(path for path in folder.glob("*") if path.is_dir()), *made]:
            with contextlib.suppress(OSError):  # not empty, so it stays
                path.rmdir()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    if sys.platform == "win32":
        yield  # no such locks there; two writers of one folder write the same bytes
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"another process is writing to {str(folder)!r}; wait until it has finished") from error
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to; what is written becomes `path` at once when it is complete and on the disk.

    Raises StoreError where the disk is full or the folder has gone.
    """
    passing = path.with_name(path.name + UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield passing
        with passing.open("rb+") as file:
            os.fsync(file.fileno())
        passing.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"cannot write {str(path)!r}: {reason(error)}; it is left as it was") from error
    finally:
        with contextlib.suppress(OSError):
            passing.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Checksum of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
