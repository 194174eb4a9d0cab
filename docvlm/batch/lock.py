"""A folder that one run at a time may write to: others are told who does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from docvlm.errors import FolderTaken


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
