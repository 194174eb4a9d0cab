"""The task of ``docvlm formula``: pages that are crops become formulas and passages."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from docvlm.batch.inputs import Input
from docvlm.batch.report import Result, failure
from docvlm.batch.task import page_failure
from docvlm.files import write_atomically
from docvlm.options import CropKind, Options, check_choice
from docvlm.schema import Failure

if TYPE_CHECKING:
    from docvlm.formulas.reading import Formula
    from docvlm.readers.passage import Passage
    from docvlm.source import Source
    from docvlm.transcribing import CropPage, FoundCrop

# Crops of one PDF that are read at once: networks take half the time for each, and other workers wait no longer.
_TOGETHER = 8

# What a failed check says to a user, and what to do.
_UNREAD = {
    "formula-ink": ("there is no print on it", "give a picture of a formula"),
    "formula-glyphs": ("no glyph was recognized on it", "give a larger or sharper picture"),
    "formula-seen": ("most of it is no print", "crop it to the formula; 'docvlm convert' reads pages"),
    "formula-size": (
        "it has none or too many glyphs",
        "crop it to one formula; 'docvlm convert' reads pages",
    ),
}
_NO_TEXT = ("there is no print on it", "give a picture of a line or a paragraph")
_UNSOUND = ("no sound LaTeX came of it", "give a larger or sharper picture of one formula")


class FormulaTask:
    """Reads pages that show a formula, a line or a paragraph of the ``kind``; a document becomes the list of these."""

    name = "formula"
    suffixes: ClassVar[dict[str, str]] = {"latex": ".tex", "json": ".json", "markdown": ".md"}

    def __init__(self, kind: CropKind = "auto") -> None:
        """Raises UsageError where there is no such ``kind``."""
        check_choice("kind", kind, get_args(CropKind))
        self.kind = kind

    @property
    def page(self) -> type[CropPage]:
        from docvlm.transcribing import CropPage

        return CropPage

    @property
    def settings(self) -> dict[str, Any]:
        return {"kind": self.kind}

    def pages_at_once(self, options: Options) -> int:
        return _TOGETHER

    def read(self, source: Source, numbers: Sequence[int], options: Options) -> Iterator[CropPage]:
        from docvlm.transcribing import crop_of_page, read_found

        started = time.monotonic()
        crops: list[FoundCrop] = []
        pages: list[CropPage] = []
        for number in numbers:
            try:
                crops.append(crop_of_page(source, number, options, self.kind))
                pages.append(self.page(number))
            except Exception as error:
                yield self.failed(number, page_failure(error, options))
        for page, said in zip(pages, read_found(crops, options), strict=True):
            page.said, page.seconds = said, (time.monotonic() - started) / len(numbers)
            yield page

    def failed(self, number: int, error: Failure) -> CropPage:
        return self.page(number, error=error)

    def words(self, source: Source, number: int, error: Failure) -> CropPage:
        return self.failed(number, error)

    def is_read(self, page: CropPage) -> bool:
        return page.error is None

    def parts(self, page: CropPage) -> Sequence[Any]:
        return ()

    def assemble(self, pages: list[CropPage], given: Input, digest: str) -> list[Formula | Passage]:
        source = Path(given.source).name
        return [replace(each, source=source) for page in pages for each in page.said]

    def is_empty(self, said: list[Formula | Passage]) -> bool:
        return not any(text_of(each, "latex") for each in said)

    def describe(self, said: list[Formula | Passage], result: Result) -> None:
        result.blocks = len(said)
        result.unreliable = sum(1 for each in said if not each.confidence.reliable)
        for each in said:
            what = "formula" if hasattr(each, "latex") else "text"
            failed = [check.name for check in each.confidence.checks if not check.passed]
            if not text_of(each, "latex"):
                why, remedy = _NO_TEXT if what == "text" else _UNREAD.get(failed[0], _UNSOUND)
                message = f"no {what} could be read: {why} ({remedy})"
                result.errors.append(failure("read", "unreadable", message, page=each.page))
            elif not each.confidence.reliable:
                doubts = f", failed: {', '.join(failed)}" if failed else ""
                where = "" if each.page is None else f"page {each.page}: "
                result.notes.append(f"{where}check this {what} (score {each.confidence.score:.2f}{doubts})")

    def there(self, given: Input, folder: Path, formats: Sequence[str]) -> list[Path]:
        return [path for each in self.outputs([], given, formats) if (path := folder / each).exists()]

    def outputs(self, said: list[Formula | Passage], given: Input, formats: Sequence[str]) -> list[str]:
        return [given.name + self.suffixes[form] for form in formats]

    def write(
        self, said: list[Formula | Passage], given: Input, folder: Path, formats: Sequence[str]
    ) -> list[Path]:
        """One file for all of a document's crops in each format; that of JSON holds a list."""
        written = []
        for form in formats:
            if form == "json":
                text = json.dumps([json.loads(text_of(each, form)) for each in said], indent=1) + "\n"
            else:
                text = "".join(f"{line}\n" for each in said if (line := text_of(each, form)))
            path = folder / (given.name + self.suffixes[form])
            written.append(write_atomically(path, text.encode("utf-8", "replace")))
        return written


def text_of(said: Formula | Passage, form: str) -> str:
    """A formula's LaTeX on one line or between dollars, a passage's Markdown, or the JSON of either; "" where nothing
    could be read.
    """
    if form == "json":
        from pydantic import TypeAdapter

        return TypeAdapter(type(said)).dump_json(said).decode()
    from docvlm.readers.passage import Passage

    if isinstance(said, Passage):
        return said.markdown
    if not said.latex:
        return ""
    return f"$$\n{said.tagged}\n$$" if form == "markdown" else " ".join(said.tagged.split())
