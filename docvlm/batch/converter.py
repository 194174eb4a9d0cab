"""Many files: all cores, resume, atomic output and the run report."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from docvlm import __version__, checkpoints
from docvlm.batch.pool import Done, Task, WorkerPool
from docvlm.batch.worker import load_draft
from docvlm.document import Document
from docvlm.draft import PageDraft
from docvlm.errors import DocvlmError, ExitCode, InputError, MissingInput, OutputError, UsageError
from docvlm.files import write_atomically
from docvlm.options import Options
from docvlm.pipeline import finish, groups
from docvlm.runtimes.choice import warn
from docvlm.source import Source, expand, page_ranges, parse_pages, sha256
from docvlm.viewer import STATE_FOLDER, save_for_viewing
from docvlm.writers.output import FORMATS, write_results

REPORT = "run-report.json"

# A large model takes minutes to load, and on a processor minutes for a page.
_PAGE_SECONDS, _MODEL_PAGE_SECONDS, _MODEL_START_SECONDS = 120.0, 900.0, 600.0


@dataclass(slots=True)
class Result:
    """What became of one input. ``status`` is done, partial (pages failed), skipped, failed or interrupted.

    ``seconds`` adds up the time that its pages took to read in this run.
    """

    source: str
    status: str = "waiting"
    sha256: str = ""
    name: str = ""
    outputs: list[str] = field(default_factory=list)
    pages: int = 0
    seconds: float = 0.0
    blocks: int = 0
    unreliable: int = 0
    readers: dict[str, int] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The outcome of a run; :meth:`exit_code` is what the command ends with.

    ``ran`` says by what bundled models were run, and why by nothing better (`docvlm.runtimes.choice.RAN`).
    """

    results: list[Result]
    seconds: float
    interrupted: bool = False
    ran: dict[str, dict[str, str]] = field(default_factory=dict)

    def count(self, *statuses: str) -> int:
        return sum(1 for result in self.results if result.status in statuses)

    def exit_code(self) -> ExitCode:
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.count("done", "skipped") == len(self.results):
            return ExitCode.OK
        if self.count("done", "skipped", "partial") == 0:
            return ExitCode.NOTHING_DONE
        return ExitCode.SOME_FAILED

    def as_dict(self) -> dict[str, Any]:
        totals = Counter(result.status for result in self.results)
        return {
            "docvlm": __version__,
            "exit_code": int(self.exit_code()),
            "seconds": round(self.seconds, 2),
            "totals": {
                "documents": len(self.results),
                **dict(sorted(totals.items())),
                "pages": sum(result.pages for result in self.results),
                "unreliable_blocks": sum(result.unreliable for result in self.results),
            },
            "models": dict(sorted(self.ran.items())),
            "documents": [asdict(result) for result in self.results],
        }


@dataclass(slots=True)
class _Job:
    """One document on its way: which pages are wanted, which are still missing."""

    index: int
    path: Path
    result: Result
    folder: Path
    key: str
    numbers: list[int]
    spool: Path
    missing: set[int]


Progress = Callable[[str, dict[str, Any]], None]


class Converter:
    """Converts many files with all cores.

    ``workers`` defaults to the number of usable cores, and to one with a model, which uses all cores itself and
    would be loaded by each. ``page_timeout`` is in seconds, by default 120, and 900 with a model; pages handed
    to a model together have their times together. ``on_event`` is called with an event's name (``total``,
    ``page``, ``document``) and its fields.

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
        on_event: Progress | None = None,
        **settings: Any,
    ) -> None:
        if options is not None and settings:
            raise UsageError("give options or settings, not both")
        self.options = options or Options(**settings)
        page_ranges(self.options.pages)
        has_model = self.options.model is not None
        self.workers = workers or (1 if has_model else usable_cores())
        self.page_timeout = page_timeout or (_MODEL_PAGE_SECONDS if has_model else _PAGE_SECONDS)
        # Found now, so that a wrong name ends the call and not each of its documents.
        self._fingerprint = checkpoints.fingerprint(self.options.model) if self.options.model else ""
        self._on_event = on_event or (lambda name, fields: None)

    def to_folder(
        self,
        inputs: Iterable[str | Path],
        folder: str | Path = ".",
        formats: Iterable[str] = ("markdown",),
        force: bool = False,
    ) -> Report:
        """Writes every input's results to ``folder``, with ``run-report.json``; skips what is done and unchanged.

        A file that fails is a result with errors, never an exception. Raises :class:`OutputError` when
        ``folder`` cannot be written to at all.
        """
        wanted = _formats(formats)
        target = Path(folder)
        _check_writable(target)
        report = Report([], 0.0)
        started = time.monotonic()
        try:
            for job, document, error in self._read(list(inputs), target, wanted, force, report):
                self._write(job, document, error, wanted)
        except KeyboardInterrupt:
            report.interrupted = True
            for result in report.results:
                if result.status == "waiting":
                    result.status = "interrupted"
        report.seconds = time.monotonic() - started
        write_atomically(
            target / REPORT, (json.dumps(report.as_dict(), indent=1, ensure_ascii=False) + "\n").encode()
        )
        return report

    def documents(self, inputs: Iterable[str | Path]) -> Iterator[Document]:
        """Yields each input's document, in the order in which they are done.

        Raises the first input's :class:`docvlm.errors.DocvlmError`; to go on past bad files, use
        :meth:`to_folder`.
        """
        with tempfile.TemporaryDirectory(prefix="docvlm-") as spool:
            report = Report([], 0.0)
            for _, document, error in self._read(list(inputs), Path(spool), [], True, report):
                if error is not None:
                    raise error
                if document is not None:
                    yield document

    # Reading.

    def _read(
        self, inputs: list[str | Path], folder: Path, formats: list[str], force: bool, report: Report
    ) -> Iterator[tuple[_Job, Document | None, DocvlmError | None]]:
        jobs: list[_Job] = []
        for path, name in _named(inputs, report):
            job = self._job(path, name, folder, formats, force, report)
            if job is not None:
                jobs.append(job)
        self._on_event(
            "total", {"pages": sum(len(job.missing) for job in jobs), "documents": len(report.results)}
        )
        for result in report.results:
            if result.status != "waiting":
                self._on_event(
                    "document", {"source": result.source, "status": result.status, "errors": result.errors}
                )
        whole = [job for job in jobs if not job.missing]
        for job in whole:
            yield self._finished(job)
        by_index = {job.index: job for job in jobs}
        pages = sum(len(job.missing) for job in jobs)
        if not pages:
            return
        with self._pool(pages) as pool:
            for done in pool.run(self._tasks(jobs)):
                for model in done.ran.keys() - report.ran.keys():
                    report.ran[model] = done.ran[model]
                    warn(model, done.ran[model])  # nobody hears what a worker logs
                job = by_index[done.task.document]
                yield from self._page_done(job, done)

    def _pool(self, pages: int) -> WorkerPool:
        workers = min(self.workers, pages)
        if self.options.model is None:
            return WorkerPool(workers, self.page_timeout)
        return WorkerPool(workers, self.page_timeout, usable_cores() // workers, _MODEL_START_SECONDS)

    def _tasks(self, jobs: list[_Job]) -> Iterator[Task]:
        """The pages to read, as many together as the reader likes; none of documents that have failed since."""
        for job in jobs:
            for numbers in groups(sorted(job.missing), self.options.pages_at_once):
                if job.result.status == "waiting":
                    source = job.result.source
                    yield Task(job.index, job.path, source, tuple(numbers), self.options, job.spool)

    def _page_done(self, job: _Job, done: Done) -> Iterator[tuple[_Job, Document | None, DocvlmError | None]]:
        if done.fatal is not None:
            if job.missing:
                job.missing.clear()
                yield job, None, _fatal(done)
            return
        job.missing.discard(done.number)
        job.result.seconds += done.seconds
        fields = {"source": job.result.source, "page": done.number, "seconds": round(done.seconds, 3)}
        self._on_event("page", fields | ({"error": done.error} if done.error else {}))
        if not job.missing and job.result.status == "waiting":
            yield self._finished(job)

    def _job(
        self, path: Path, name: str, folder: Path, formats: list[str], force: bool, report: Report
    ) -> _Job | None:
        """What there is to do for one input; ``None`` when it is done already or cannot be read."""
        result = Result(source=_readable(path), name=name)
        report.results.append(result)
        try:
            result.sha256 = sha256(path)
            key = _key(result.sha256, self.options, formats, self._fingerprint)
            state = folder / STATE_FOLDER / f"{name}.json"
            if not force and _is_done(state, key, folder, result):
                return None
            with Source(path, result.source, self.options.password) as source:
                numbers = parse_pages(self.options.pages, source.page_count)
            spool = folder / STATE_FOLDER / f"{name}.pages" / key[:16]
            if force:
                shutil.rmtree(spool, ignore_errors=True)
            missing = {number for number in numbers if not _has_page(spool, number)}
            return _Job(len(report.results) - 1, path, result, folder, key, numbers, spool, missing)
        except DocvlmError as error:
            _fail(result, error)
        except OSError as error:
            _fail(result, InputError(f"{result.source}: {error.strerror or error}"))
        except Exception as error:
            _fail(result, _internal(result, error))
        return None

    def _finished(self, job: _Job) -> tuple[_Job, Document | None, DocvlmError | None]:
        try:
            drafts: list[PageDraft] = [load_draft(job.spool / f"p{number}.json") for number in job.numbers]
            # Pictures are named after the result, which is unique, and not after the source.
            document = finish(
                drafts, job.path, Path(job.result.name).name + job.path.suffix, job.result.sha256
            )
            document.source = Path(job.result.source).name
            return job, document, None
        except OSError as error:
            return job, None, OutputError(f"{job.spool}: {error}")
        except Exception as error:
            return job, None, _internal(job.result, error)

    # Writing.

    def _write(
        self, job: _Job, document: Document | None, error: DocvlmError | None, formats: list[str]
    ) -> None:
        result = job.result
        try:
            if error is not None or document is None:
                raise error or OutputError(f"{result.source}: lost")
            _tell(result, document)
            outputs = write_results(
                document, job.folder / Path(result.name).parent, Path(result.name).name, formats
            )
            result.outputs = [str(path.relative_to(job.folder)) for path in outputs]
            result.status = "partial" if result.errors else "done"
            result.seconds = round(result.seconds, 2)
            save_for_viewing(document, job.path, job.folder / STATE_FOLDER / result.name)
            state = json.dumps({"key": job.key, "result": asdict(result)}, ensure_ascii=False)
            if result.status == "done":
                write_atomically(job.folder / STATE_FOLDER / f"{result.name}.json", state.encode())
                # Of a partial document the pages that were read well stay for the next run.
                shutil.rmtree(job.spool.parent, ignore_errors=True)
        except DocvlmError as failure:
            _fail(result, failure)
        except Exception as failure:
            _fail(result, _internal(result, failure))
        fields = {"source": result.source, "status": result.status, "errors": result.errors}
        self._on_event("document", fields)


def usable_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _formats(formats: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(formats))
    if not wanted:
        raise UsageError("no format is named", f"choose from {', '.join(FORMATS)}")
    for name in wanted:
        if name not in FORMATS:
            raise UsageError(f"unknown format '{name}'", f"choose from {', '.join(FORMATS)}")
    return wanted


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written to: {error.strerror or error}") from None


def _named(inputs: list[str | Path], report: Report) -> Iterator[tuple[Path, str]]:
    """Every input file with the name of its results: below a folder the path in it, and never the same twice."""
    found: list[tuple[Path, Path]] = []
    for item in inputs:
        root = Path(item)
        try:
            for path in expand([item]):
                found.append((path, path.relative_to(root) if root.is_dir() else Path(path.name)))
        except MissingInput as error:
            result = Result(source=_readable(item))
            _fail(result, error)
            report.results.append(result)
    unique = list({path.resolve(): (path, name) for path, name in found}.values())
    stems = Counter(name.with_suffix("") for _, name in unique)
    taken: set[str] = set()
    for path, name in unique:
        base = name if stems[name.with_suffix("")] > 1 else name.with_suffix("")
        label, count = _readable(base), 1
        while label in taken:
            count += 1
            label = f"{base}-{count}"
        taken.add(label)
        yield path, label


def _key(digest: str, options: Options, formats: list[str], model: str) -> str:
    """Names a result by all that decides it: the input's content, the options, the model and the version."""
    import hashlib

    fields = asdict(options) | {"formats": formats, "version": __version__, "input": digest, "weights": model}
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _is_done(state: Path, key: str, folder: Path, result: Result) -> bool:
    try:
        known = json.loads(state.read_text())
        if known["key"] != key or not all((folder / name).is_file() for name in known["result"]["outputs"]):
            return False
        for name, value in known["result"].items():
            if name not in ("source", "status"):
                setattr(result, name, value)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    result.status = "skipped"
    return True


def _has_page(spool: Path, number: int) -> bool:
    """Whether an earlier run that was cut off read this page well."""
    try:
        return load_draft(spool / f"p{number}.json").error is None
    except (OSError, ValueError):
        return False


def _readable(path: str | Path) -> str:
    """A path as text that can be written; names that are not UTF-8 get replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def _internal(result: Result, error: Exception) -> DocvlmError:
    """A fault of ours in one document, which must not take the other documents with it."""
    return DocvlmError(
        f"{result.source}: internal error: {type(error).__name__}: {error}", "please report it"
    )


def _fatal(done: Done) -> DocvlmError:
    """What kept a whole document from being read: its pages' place, or the model."""
    error = OutputError(done.fatal or "", "") if done.category == "output" else DocvlmError(done.fatal or "")
    error.category = done.category
    return error


def _fail(result: Result, error: DocvlmError) -> None:
    result.status = "failed"
    result.errors.append({"page": None, "category": error.category, "message": error.line()})


def _tell(result: Result, document: Document) -> None:
    result.pages = len(document.pages)
    for page in document.pages:
        if page.error is not None:
            result.errors.append(
                {"page": page.number, "category": page.error.category, "message": page.error.message}
            )
        result.blocks += len(page.blocks)
        result.unreliable += sum(1 for block in page.blocks if not block.confidence.reliable)
    counted = Counter(block.reader for block in document.blocks() if block.reader)
    result.readers = {str(name): count for name, count in sorted(counted.items())}
