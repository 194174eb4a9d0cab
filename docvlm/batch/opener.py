"""The process that opens inputs ahead of those that read them: says what a file is, by its hash and its pages.

Run by :mod:`docvlm.batch.serving`; one reply for each request.
"""

from __future__ import annotations

import hashlib
import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docvlm.batch.report import failure
from docvlm.batch.stamp import check_unchanged, stamp_of
from docvlm.errors import DocvlmError
from docvlm.source import Source, open_regular


def answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the file is, or the ``failure`` that kept it from being opened."""
    path, name = Path(request["path"]), request["name"]
    try:
        yield _opened(path, name, request["password"])
    except DocvlmError as error:
        yield {"failure": failure("open", error.category, error.line(), trace=_trace(request))}
    except Exception as error:
        message = f"{name}: internal error: {type(error).__name__}: {error} (please report it)"
        yield {"failure": failure("open", "crash", message, trace=_trace(request))}


def _trace(request: dict[str, Any]) -> str | None:
    return traceback.format_exc() if request["debug"] else None


def _opened(path: Path, name: str, password: str | None) -> dict[str, Any]:
    """The hash of a file and the number of its pages, both of the file that the stamp is of."""
    with open_regular(path, name) as file:
        stamp = stamp_of(os.fstat(file.fileno()))
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with Source(path, name, password) as source:
        pages = source.page_count
    check_unchanged(path, name, stamp)
    return {"sha256": digest, "pages": pages, "stamp": stamp}
