"""The process that reads pages and leaves each one's result in the spool.

Run by :mod:`docvlm.batch.serving`; one reply per page, as soon as it is read.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

# Imported before the first request comes, while the inputs are still being opened.
from docvlm import pipeline  # noqa: F401
from docvlm.batch.report import failure
from docvlm.batch.spool import Spool
from docvlm.batch.stamp import Stamp, check_unchanged
from docvlm.batch.task import Task, page_failure, task_named
from docvlm.errors import ChangedInput, DocvlmError, InputError
from docvlm.mupdf import pymupdf
from docvlm.options import Options
from docvlm.runtimes.choice import RAN
from docvlm.schema import Failure
from docvlm.source import Source

_PAGES_PER_SHRINK = 20  # MuPDF's cache of fonts and images may otherwise grow to 256 MB a process
_PAGES_PER_OPENING = 200  # MuPDF keeps objects of every page it has seen; opening again lets them go


class _Reader:
    """Keeps the last document open between pages."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._source: Source | None = None
        self._served = 0

    def read(
        self, task: Task[Any, Any], path: Path, name: str, numbers: list[int], options: Options, stamp: Stamp
    ) -> Iterator[Any]:
        """The pages' results. Raises ChangedInput where the file is no longer the one that was hashed."""
        check_unchanged(path, name, stamp)
        source = self._opened(path, name, options.password, stamp, len(numbers))
        for page in task.read(source, numbers, options):
            check_unchanged(path, name, stamp)
            yield page

    def words(
        self, task: Task[Any, Any], path: Path, name: str, number: int, options: Options, lost: Failure
    ) -> Any:
        """What is left of a page whose reading was ``lost``."""
        return task.words(self._opened(path, name, options.password, (), 1), number, lost)

    def _opened(self, path: Path, name: str, password: str | None, stamp: Stamp, pages: int) -> Source:
        key = (path, password, *stamp)
        if self._source is None or key != self._key or self._is_full(self._source):
            if self._source is not None:
                self._source.close()
                self._source = None
            self._source = Source(path, name, password)
            self._key, self._served = key, 0
        before = self._served // _PAGES_PER_SHRINK
        self._served += pages
        if self._served // _PAGES_PER_SHRINK > before:
            pymupdf.TOOLS.store_shrink(100)
        return self._source

    def _is_full(self, source: Source) -> bool:
        return self._served >= _PAGES_PER_OPENING and not source.is_image


cv2.setNumThreads(1)
_reader = _Reader()


def answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A reply per page, or one with ``failure`` where none of the document's pages can be read or written."""
    task = task_named(request["task"], request["settings"])
    spool = Spool(task, Path(request["spool"]))
    numbers, options = request["numbers"], Options(**request["options"])
    try:
        for page in _pages(task, request, options):
            spool.save(page)
            error = page.error.message if page.error else None
            yield {"number": page.number, "seconds": page.seconds, "error": error, "ran": RAN}
    except DocvlmError as error:
        trace = traceback.format_exc() if options.debug else None
        yield {"failure": failure("read", error.category, error.line(), trace=trace)}
    except Exception as error:
        if len(numbers) > 1:
            raise  # ends the process; each page is then tried alone
        page = task.failed(numbers[0], page_failure(error, options))
        spool.save(page)
        yield {"number": page.number, "error": page.error.message}


def _pages(task: Task[Any, Any], request: dict[str, Any], options: Options) -> Iterator[Any]:
    """Pages of a document that cannot be opened all fail alike."""
    numbers = request["numbers"]
    if request["lost"] is not None:
        path, lost = Path(request["path"]), Failure(**request["lost"])
        yield _reader.words(task, path, request["name"], numbers[0], options, lost)
        return
    try:
        yield from _reader.read(
            task, Path(request["path"]), request["name"], numbers, options, request["stamp"]
        )
    except ChangedInput:
        raise
    except InputError as error:
        failed = page_failure(error, options)
        yield from (task.failed(number, failed) for number in numbers)
