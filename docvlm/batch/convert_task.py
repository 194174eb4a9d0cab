"""The task of ``docvlm convert``: pages become a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from docvlm import checks
from docvlm.batch.inputs import Input
from docvlm.batch.report import Result, entry_of
from docvlm.files import STATE_FOLDER
from docvlm.options import Options
from docvlm.schema import Failure

if TYPE_CHECKING:
    from docvlm.batch.task import Part
    from docvlm.document import Document
    from docvlm.draft import PageDraft
    from docvlm.source import Source


class ConvertTask:
    """Reads pages into drafts, and makes a `docvlm.document.Document` of them."""

    name = "convert"
    suffixes: ClassVar[dict[str, str]] = {
        "markdown": ".md",
        "latex": ".tex",
        "html": ".html",
        "json": ".json",
    }
    settings: ClassVar[dict[str, Any]] = {}

    def __init__(self, figure_text: bool = False, annotations: bool = False) -> None:
        # Only what writes the results needs these.
        self.figure_text, self.annotations = figure_text, annotations

    @property
    def page(self) -> type[PageDraft]:
        from docvlm.draft import PageDraft

        return PageDraft

    def pages_at_once(self, options: Options) -> int:
        return options.pages_at_once

    def read(self, source: Source, numbers: Sequence[int], options: Options) -> Iterator[PageDraft]:
        from docvlm.pipeline import read_pages

        return read_pages(source, numbers, options)

    def failed(self, number: int, error: Failure) -> PageDraft:
        from docvlm.pipeline import failed_page

        return failed_page(number, error)

    def words(self, source: Source, number: int, error: Failure) -> PageDraft:
        from docvlm.pipeline import words_of_page

        return words_of_page(source, number, error)

    def is_read(self, page: PageDraft) -> bool:
        return page.error is None and all(draft.failure is None for draft in page.drafts)

    def parts(self, page: PageDraft) -> Sequence[Part]:
        return page.drafts

    def assemble(self, pages: list[PageDraft], given: Input, digest: str) -> Document:
        from docvlm.pipeline import finish

        # Pictures are named after the result, which is unique, and not after the source.
        name = Path(given.name).name + given.path.suffix
        document = finish(pages, given.path, name, digest)
        document.source = Path(given.source).name
        document._figure_text, document._annotations = self.figure_text, self.annotations
        return document

    def is_empty(self, document: Document) -> bool:
        return not any(page.blocks for page in document.pages)

    def describe(self, document: Document, result: Result) -> None:
        for page in document.pages:
            for block in page.blocks:
                if block.error is not None:
                    result.errors.append(entry_of(block.error, page.number, block.id))
            result.notes += [
                f"page {page.number}: {check.name} is {check.value:.1%}"
                for check in page.checks
                if not check.passed and check.value is not None
            ]
            if any(check.name == checks.SCRIPT_READ.name for check in page.checks) and page.text_layer:
                result.notes.append(f"page {page.number}: {page.text_layer.reason}")
        result.notes += document.warnings or ()
        result.blocks = sum(len(page.blocks) for page in document.pages)
        result.unreliable = sum(1 for block in document.blocks() if not block.confidence.reliable)
        counted = Counter(block.reader for block in document.blocks() if block.reader)
        result.readers = {str(name): count for name, count in sorted(counted.items())}

    def there(self, given: Input, folder: Path, formats: Sequence[str]) -> list[Path]:
        found = [folder / (given.name + self.suffixes[form]) for form in formats]
        if set(formats) - {"html"}:
            found += folder.joinpath(f"{given.name}_assets").glob("*")
        return [path for path in found if path.exists()]

    def outputs(self, document: Document, given: Input, formats: Sequence[str]) -> list[str]:
        folder = PurePosixPath(given.name).parent
        pictures = document.assets if set(formats) - {"html"} else ()  # a page holds its pictures itself
        texts = [given.name + self.suffixes[form] for form in formats]
        return [*(str(folder / each) for each in pictures), *texts]

    def write(self, document: Document, given: Input, folder: Path, formats: Sequence[str]) -> list[Path]:
        from docvlm.kept import save_for_viewing
        from docvlm.writers.output import write_results

        base = folder / given.name
        written = write_results(document, base.parent, base.name, formats)
        save_for_viewing(document, given.path, folder / STATE_FOLDER / given.name)
        return written


def written(document: Document, form: str) -> bytes:
    """The document's text in one of the formats."""
    write = {
        "markdown": document.to_markdown,
        "latex": document.to_latex,
        "html": document.to_html,
        "json": document.to_json,
    }
    return write[form]().encode("utf-8", "replace")
