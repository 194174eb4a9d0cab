"""What a run does with documents: one class for each command, and what the pool must know of it.

A task has two halves. In the worker processes it reads pages, whose results go to a spool of files; in the caller's
process it makes one whole of a document's pages and writes it. Readers are imported by the first half only, when it
runs, so that a command starts its workers before it has loaded anything itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from docvlm.batch.inputs import Input
from docvlm.batch.report import Result
from docvlm.errors import DocvlmError, InputError
from docvlm.failures import failure_of
from docvlm.options import Options
from docvlm.schema import Failure

if TYPE_CHECKING:
    from docvlm.source import Source


class Part(Protocol):
    """What a page holds that may have a picture: its bytes, and once it is spooled the file."""

    image: bytes | Path | None


class PageResult(Protocol):
    """What was read of one page, or why nothing was; ``seconds`` is how long that took."""

    number: int
    seconds: float
    error: Failure | None


Page = TypeVar("Page", bound=PageResult)
Whole = TypeVar("Whole")


class Task(Protocol[Page, Whole]):
    """What is read of a page, how it is kept, and what a document's pages become.

    ``name`` finds the class in a worker process (`task_named`), which is made of ``settings``: what decides the result
    beside the options. ``suffixes`` has the formats that can be written. Pages' results are dataclasses of ``page``.
    """

    name: str

    @property
    def suffixes(self) -> Mapping[str, str]: ...

    @property
    def settings(self) -> dict[str, Any]: ...

    @property
    def page(self) -> type[Page]: ...

    def pages_at_once(self, options: Options) -> int:
        """How many pages are best read together."""

    def read(self, source: Source, numbers: Sequence[int], options: Options) -> Iterator[Page]:
        """Reads pages; one that fails is marked by its error.

        Raises DocvlmError where no page of any document can be read, as without a model.
        """

    def failed(self, number: int, error: Failure) -> Page:
        """A page of which nothing could be read."""

    def words(self, source: Source, number: int, error: Failure) -> Page:
        """What is there without a look at a page, whose reading did not end or ended its process."""

    def is_read(self, page: Page) -> bool:
        """Whether nothing failed on it, so that it need not be read again."""

    def parts(self, page: Page) -> Sequence[Part]:
        """What of the page may have pictures."""

    def assemble(self, pages: list[Page], given: Input, digest: str) -> Whole:
        """Makes one whole of all that was read of a document."""

    def is_empty(self, whole: Whole) -> bool:
        """Whether it says nothing, so that an error in it leaves no result."""

    def describe(self, whole: Whole, result: Result) -> None:
        """Adds to ``result`` what the run report says of the document: counts, what was not read, notes."""

    def there(self, given: Input, folder: Path, formats: Sequence[str]) -> list[Path]:
        """The files below ``folder`` that results of ``given`` could replace."""

    def outputs(self, whole: Whole, given: Input, formats: Sequence[str]) -> list[str]:
        """The files that `write` makes, from the folder on."""

    def write(self, whole: Whole, given: Input, folder: Path, formats: Sequence[str]) -> list[Path]:
        """Writes the results of ``given`` below ``folder``; returns their paths. Raises OutputError."""


def task_named(name: str, settings: dict[str, Any]) -> Task[Any, Any]:
    """The task that a worker process is asked to read for."""
    if name == "convert":
        from docvlm.batch.convert_task import ConvertTask

        return ConvertTask(**settings)
    if name == "chart":
        from docvlm.batch.chart_task import ChartTask

        return ChartTask(**settings)
    from docvlm.batch.formula_task import FormulaTask

    return FormulaTask(**settings)


def page_failure(error: Exception, options: Options) -> Failure:
    """What befell a page. Raises ``error`` again where it is not the page's own: a model or the call is wrong then."""
    if isinstance(error, DocvlmError) and not isinstance(error, InputError):
        raise error
    return failure_of(error, debug=options.debug)
