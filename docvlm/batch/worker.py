"""The worker process: reads the pages of a request and leaves each one's draft as a file.

Run by :mod:`docvlm.batch.pool` as ``python -m docvlm.batch.worker``. Requests and replies are JSON lines on standard
input and output, one reply per page as soon as it is read; a page's draft goes to ``SPOOL/pN.json`` with its
pictures beside it, so that neither process holds more pages than one request's, and a killed run keeps every
page that was done.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from docvlm.draft import PageDraft
from docvlm.errors import DocvlmError, InputError
from docvlm.failures import failure_of
from docvlm.files import write_atomically
from docvlm.fontcheck import FontCheck
from docvlm.mupdf import pymupdf
from docvlm.options import Options
from docvlm.pipeline import failed_page, read_pages
from docvlm.runtimes.choice import RAN
from docvlm.source import Source

_GRACE_SECONDS = 5.0
_PAGES_PER_SHRINK = 20  # MuPDF's cache of fonts and images may otherwise grow to 256 MB a process
_PAGES_PER_OPENING = 200  # MuPDF keeps objects of every page it has seen; opening again lets them go


@cache
def _adapter() -> TypeAdapter[PageDraft]:
    return TypeAdapter(PageDraft)


def save_draft(draft: PageDraft, spool: Path) -> None:
    """Writes a page's draft and its pictures into ``spool``; the draft last, so that it never lacks one."""
    for index, part in enumerate(draft.drafts):
        if isinstance(part.image, bytes):
            path = spool / f"p{draft.number}-{index}.png"
            write_atomically(path, part.image)
            part.image = path
    write_atomically(spool / f"p{draft.number}.json", _adapter().dump_json(draft))


def load_draft(path: Path) -> PageDraft:
    """Reads what :func:`save_draft` wrote. Raises ``ValueError`` for a damaged file or a lost picture."""
    draft = _adapter().validate_json(path.read_bytes())
    for part in draft.drafts:
        if part.image is not None:
            part.image = Path(os.fsdecode(part.image))
            if not part.image.is_file():
                raise ValueError(f"{part.image} is gone")
    return draft


class _Reader:
    """Keeps the last document open between pages."""

    def __init__(self) -> None:
        self._key: tuple[str, str | None] | None = None
        self._source: Source | None = None
        self._fonts = FontCheck()
        self._served = 0

    def read(self, path: str, name: str, numbers: list[int], options: Options) -> Iterator[PageDraft]:
        key = (path, options.password)
        if self._source is None or key != self._key or self._served >= _PAGES_PER_OPENING:
            if self._source is not None:
                self._source.close()
                self._source = None
            if key != self._key:
                self._fonts = FontCheck()
            self._source = Source(Path(path), name, options.password)
            self._key, self._served = key, 0
        before = self._served // _PAGES_PER_SHRINK
        self._served += len(numbers)
        if self._served // _PAGES_PER_SHRINK > before:
            pymupdf.TOOLS.store_shrink(100)
        yield from read_pages(self._source, numbers, options, self._fonts)


def _answers(reader: _Reader, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A reply per page, or one with ``fatal`` where none of the document's pages can be read or written."""
    spool, numbers = Path(request["spool"]), request["numbers"]
    try:
        for draft in _drafts(reader, request):
            save_draft(draft, spool)
            error = draft.error.message if draft.error else None
            yield {"number": draft.number, "seconds": draft.seconds, "error": error, "ran": RAN}
    except DocvlmError as error:
        yield {"number": numbers[0], "fatal": error.line(), "category": error.category}


def _drafts(reader: _Reader, request: dict[str, Any]) -> Iterator[PageDraft]:
    numbers = request["numbers"]
    try:
        yield from reader.read(request["path"], request["name"], numbers, Options(**request["options"]))
    except InputError as error:
        yield from (failed_page(number, failure_of(error, "source")) for number in numbers)


def request_of(
    path: Path, name: str, numbers: Sequence[int], options: Options, spool: Path, limit: float
) -> bytes:
    """One request as a JSON line; ``limit`` is the seconds after which the caller ends the process."""
    fields = {
        "limit": limit,
        "path": str(path),
        "name": name,
        "numbers": list(numbers),
        "options": asdict(options),
        "spool": str(spool),
    }
    return json.dumps(fields).encode() + b"\n"


def main() -> None:
    """Serves requests until standard input ends."""
    # Libraries may print; only replies may reach the parent.
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    import cv2

    cv2.setNumThreads(1)
    reader = _Reader()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _set_alarm(request["limit"] + _GRACE_SECONDS)
        for reply in _answers(reader, request):
            replies.write(json.dumps(reply).encode() + b"\n")
        _set_alarm(0)


def _set_alarm(seconds: float) -> None:
    """Has the system end this process after ``seconds``; 0 calls it off.

    The parent ends it sooner, but a parent that was killed cannot, and a page that hangs inside a library lets no
    Python code run. The alarm's default action needs none.
    """
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
