"""The worker process: reads one page per request and leaves its draft as a file.

Run by :mod:`docvlm.pool` as ``python -m docvlm.worker``. Requests and replies are JSON lines on standard
input and output; a page's draft goes to ``SPOOL/pN.json`` with its pictures beside it, so that neither
process holds more than one page and a killed run keeps every page that was done.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from docvlm.draft import PageDraft
from docvlm.errors import DocvlmError
from docvlm.fontcheck import FontCheck
from docvlm.mupdf import pymupdf
from docvlm.output import write_atomically
from docvlm.pipeline import Options, failed_page, read_page_safely
from docvlm.source import Source

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

    def read(self, path: str, name: str, number: int, options: Options) -> PageDraft:
        key = (path, options.password)
        if self._source is None or key != self._key or self._served >= _PAGES_PER_OPENING:
            if self._source is not None:
                self._source.close()
                self._source = None
            if key != self._key:
                self._fonts = FontCheck()
            self._source = Source(Path(path), name, options.password)
            self._key, self._served = key, 0
        self._served += 1
        if self._served % _PAGES_PER_SHRINK == 0:
            pymupdf.TOOLS.store_shrink(100)
        return read_page_safely(self._source, number, options, self._fonts)


def _answer(reader: _Reader, request: dict[str, Any]) -> dict[str, Any]:
    number = request["number"]
    try:
        draft = reader.read(request["path"], request["name"], number, Options(**request["options"]))
    except DocvlmError as error:
        draft = failed_page(number, "source", "damaged", error.line())
    try:
        save_draft(draft, Path(request["spool"]))
    except DocvlmError as error:
        return {"number": number, "fatal": error.line()}
    error_text = draft.error.message if draft.error else None
    return {"number": number, "seconds": draft.seconds, "error": error_text}


def request_of(path: Path, name: str, number: int, options: Options, spool: Path) -> bytes:
    """One request as a JSON line."""
    fields = {
        "path": str(path),
        "name": name,
        "number": number,
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
        reply = _answer(reader, json.loads(line))
        replies.write(json.dumps(reply).encode() + b"\n")


if __name__ == "__main__":
    main()
