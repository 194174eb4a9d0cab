"""Many files into documents, as a program uses it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from docvlm.batch.convert_task import ConvertTask
from docvlm.batch.lock import temporary_folder
from docvlm.batch.report import Report, Result
from docvlm.batch.runner import Progress, Runner
from docvlm.batch.state import State
from docvlm.errors import error_of
from docvlm.options import Options, options_of

if TYPE_CHECKING:
    from docvlm.document import Document


class Converter(Runner[Any, "Document"]):
    """Converts many files with all cores.

    Give :class:`Options` or its fields as keywords; the rest is as :class:`docvlm.batch.runner.Runner` has it.

    >>> converter = docvlm.Converter(workers=2)
    >>> report = converter.to_folder(["papers/"], "out", ["markdown", "json"])
    >>> for document in converter.documents(["a.pdf", "b.pdf"]): print(document.to_markdown())
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        workers: int | None = None,
        page_timeout: float | None = None,
        memory_limit: int | None = None,
        on_event: Progress | None = None,
        **settings: Any,
    ) -> None:
        options = options_of(options, settings)
        super().__init__(
            ConvertTask(options.figure_text, options.annotations),
            options,
            workers=workers,
            page_timeout=page_timeout,
            memory_limit=memory_limit,
            on_event=on_event,
        )

    def documents(self, inputs: Iterable[str | Path]) -> Iterator[Document]:
        """Yields each input's document, in the order in which they are done. Their pictures live as long as they do.

        Raises :class:`docvlm.errors.DocvlmError` for the first input that cannot be read; to go on past bad files, use
        :meth:`to_folder`.
        """
        report = Report()
        jobs = self._listed(inputs, report)
        for result in report.results:
            _raise_failure(result)
        with temporary_folder() as folder:
            for job in self._settled(jobs, State(self.task, folder), [], True, report):
                kept = _Folder()
                if job.spool is not None:
                    job.spool.move(kept.path / "pages")
                document = self._whole(job)
                if document is None:
                    _raise_failure(job.result)
                    continue
                document._assets = _Pictures(document.assets, kept)  # type: ignore[assignment]
                yield document


def _raise_failure(result: Result) -> None:
    if result.status == "failed":
        raise error_of(result.errors[-1]["category"], result.errors[-1]["message"])


class _Folder:
    """A temporary folder that goes when nobody refers to it any longer, or with the interpreter."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="docvlm-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class _Pictures(Mapping[str, bytes]):
    """A document's pictures, and the folder that they are read from."""

    def __init__(self, pictures: Mapping[str, bytes], folder: _Folder) -> None:
        self._pictures, self._folder = pictures, folder

    def __getitem__(self, name: str) -> bytes:
        return self._pictures[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pictures)

    def __len__(self) -> int:
        return len(self._pictures)
