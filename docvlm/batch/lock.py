"""A folder that one run at a time may write to: others are told who does."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from docvlm.errors import FolderTaken

_LOCK = "lock"
_PREFIX = "docvlm-"  # of temporary folders
_BEGINNING = 60.0  # seconds in which whoever makes a folder has surely locked it


@contextmanager
def held(path: Path, name: str) -> Iterator[None]:
    """Holds the lock ``path``, which goes with the process that holds it, however that ends.

    Raises FolderTaken, which says ``name``, where another process holds it. File systems without locks have none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _take(file.fileno()):
            raise FolderTaken(f"{name}: another run of docvlm writes to it{_whose(path)}")
        with suppress(OSError):  # on a full disk nobody is told who holds it
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
        yield


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is there as long as the context; those that killed processes have left go with the first call."""
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name, held(Path(name) / _LOCK, name):
        yield Path(name)


def _sweep(parent: Path) -> None:
    """Removes temporary folders whose lock nobody holds any longer."""
    for path in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError, FolderTaken):
            if time.time() - path.stat().st_mtime < _BEGINNING:
                continue
            with held(path, str(path.parent)):
                pass
            shutil.rmtree(path.parent, ignore_errors=True)


def _take(file: int) -> bool:
    """Takes the lock of an open file; ``False`` where another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, 1 << 20, os.SEEK_SET)  # beyond what is written: locked bytes cannot be read
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except PermissionError:  # how Windows says the same
        return sys.platform != "win32"
    except OSError:
        return True
    return True


def _whose(path: Path) -> str:
    try:
        return f" (process {int(path.read_text())})"
    except (OSError, ValueError):
        return ""
