"""Whether a file is still the one that was hashed."""

from __future__ import annotations

import os
from pathlib import Path

from docvlm.errors import ChangedInput

Stamp = tuple[int, ...]


def stamp_of(found: os.stat_result) -> Stamp:
    """What changes when a file is replaced or written to."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def check_unchanged(path: Path, name: str, stamp: Stamp) -> None:
    """Raises ChangedInput where ``path`` is no longer the file that ``stamp`` was taken of."""
    try:
        now = stamp_of(path.stat())
    except OSError as error:
        raise ChangedInput(f"{name}: vanished while it was read: {error.strerror or error}") from None
    if now != tuple(stamp):
        raise ChangedInput(f"{name}: changed while it was read")
