"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from docvlm.errors import OutputError

_PART = re.compile(r"\.[0-9a-f]{16}\.part")

# Below the folder of results: what a run keeps for the next one, and for the viewer.
STATE_FOLDER = ".docvlm"


def write_atomically(path: Path, data: bytes) -> Path:
    """Writes ``data`` to ``path`` by way of a temporary file in the same folder; makes missing folders.

    A file that was there stays untouched unless the new one is complete. Raises OutputError naming ``path``.
    """
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Mode "x" keeps the user's umask, which tempfile's private mode would not.
            with temporary.open("xb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise OutputError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    return path


def remove_parts(folders: Iterable[Path]) -> None:
    """Removes what runs that were killed have left half written in ``folders``, to which nobody else may be writing."""
    for folder in folders:
        with suppress(OSError):
            for path in folder.iterdir():
                if _PART.fullmatch(path.name):
                    path.unlink(missing_ok=True)
