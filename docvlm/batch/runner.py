"""A task done for many inputs: all cores, resume, atomic output and the run report."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Generic

from docvlm import __version__
from docvlm.batch import memory
from docvlm.batch import report as reports
from docvlm.batch.inputs import Input, NoInput, named, numbered
from docvlm.batch.lock import temporary_folder
from docvlm.batch.pool import Opened, Read, Request, WorkerPool
from docvlm.batch.report import Entry, Report, Result, entry_of, failure
from docvlm.batch.spool import Spool
from docvlm.batch.stamp import Stamp
from docvlm.batch.state import State
from docvlm.batch.task import Page, Task, Whole
from docvlm.errors import DocvlmError, LimitExceeded, OutputError, UsageError, error_of
from docvlm.options import ROLES, Options
from docvlm.source import page_ranges, parse_pages

# A large model takes minutes to load, and on a processor minutes for a page.
_PAGE_SECONDS, _MODEL_PAGE_SECONDS, _MODEL_LOAD_SECONDS = 120.0, 900.0, 600.0
_LONGEST_SECONDS = 1e6  # for a page: eleven days

Progress = Callable[[str, dict[str, Any]], None]


@dataclass(slots=True)
class Job:
    """One document on its way: which pages are wanted, which are still missing, and where they are kept.

    There is no spool until it is known that there is something to read.
    """

    given: Input
    result: Result
    key: str = ""
    stamp: Stamp = ()
    numbers: list[int] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)
    spool: Spool[Any] | None = None


class Runner(Generic[Page, Whole]):
    """Does ``task`` for many inputs.

    ``workers`` defaults to the number of usable cores, and to one with a model, which uses all cores itself and
    would be loaded by each. ``page_timeout`` is in seconds, by default 120, and 900 with a model; pages handed to a
    model together have their times together. ``memory_limit`` is what each process may have, in bytes: by default
    its share of three quarters of the machine's memory, and any amount with a model. ``on_event`` is called with an
    event's name (``total`` as often as more pages are found, ``page``, ``document``) and its fields.
    """

    def __init__(
        self,
        task: Task[Page, Whole],
        options: Options,
        *,
        workers: int | None = None,
        page_timeout: float | None = None,
        memory_limit: int | None = None,
        on_event: Progress | None = None,
    ) -> None:
        self.task, self.options = task, options
        page_ranges(options.pages)
        self._has_model = _has_large_model(options)
        self.workers = workers or (1 if self._has_model else usable_cores())
        self.page_timeout = page_timeout or (_MODEL_PAGE_SECONDS if self._has_model else _PAGE_SECONDS)
        if not 0.0 < self.page_timeout <= _LONGEST_SECONDS:
            raise UsageError(
                f"--page-timeout {self.page_timeout:g}: not a time to wait",
                f"give seconds, {_LONGEST_SECONDS:.0f} at most",
            )
        self.memory_limit = memory_limit or (0 if self._has_model else memory.limit_for(self.workers))
        # Found now, so that a wrong name ends the call and not each of its documents.
        self._fingerprint = _fingerprint(options)
        self._names: set[str] = set()  # of the results of a run
        self._on_event = on_event or (lambda name, fields: None)

    def to_folder(
        self,
        inputs: Iterable[str | Path | Input],
        folder: str | Path = ".",
        formats: Iterable[str] = ("markdown",),
        force: bool = False,
    ) -> Report:
        """Writes every input's results to ``folder``, with ``run-report.json``; skips what is done and unchanged.

        A file that fails is a result with errors, never an exception. Raises :class:`OutputError` when
        ``folder`` cannot be written to at all, :class:`UsageError` for an unknown format and for options with which
        nothing can be read.
        """
        wanted = self.formats(formats)
        target = Path(folder)
        _check_writable(target)
        report = Report()
        state = State(self.task, target)
        with state.held():
            # What an earlier run reported is over; a run that is killed leaves no report.
            (target / reports.NAME).unlink(missing_ok=True)
            started = time.monotonic()
            try:
                jobs = self._listed(inputs, report)
                for job in self._settled(jobs, state, wanted, force, report):
                    whole = self._whole(job)
                    if whole is not None:
                        self._write(job, whole, target, wanted)
                    self._tell(job.result)
            except KeyboardInterrupt:
                report.interrupt()
            report.seconds = time.monotonic() - started
            report.write(target)
        return report

    def in_order(
        self, inputs: Iterable[str | Path | Input], report: Report
    ) -> Iterator[tuple[Result, Whole]]:
        """Yields what becomes of each input in the inputs' order; fills ``report``, which names those that fail.

        What a document's pictures lie in lasts until the next one is asked for. Raises UsageError as
        :meth:`to_folder` does.
        """
        started = time.monotonic()
        jobs = self._listed(inputs, report)
        order, ready = deque(report.results), dict[int, Job]()
        with temporary_folder() as folder:
            for job in self._settled(jobs, State(self.task, folder), [], True, report):
                ready[id(job.result)] = job
                yield from self._next(order, ready)
            yield from self._next(order, ready)
        report.seconds = time.monotonic() - started

    def _next(self, order: deque[Result], ready: dict[int, Job]) -> Iterator[tuple[Result, Whole]]:
        """The jobs that are ready and before which nothing is waited for."""
        while order:
            job = ready.pop(id(order[0]), None)
            if job is None and order[0].status == "waiting":
                return
            result = order.popleft()
            if job is None:
                continue
            whole = self._whole(job)
            if whole is not None:
                result.status = self._outcome(result, whole)
            self._tell(result)
            if whole is not None:
                yield result, whole
            if job.spool is not None:
                job.spool.clear()

    def formats(self, formats: Iterable[str]) -> list[str]:
        """The formats named, each once. Raises UsageError for one that the task does not write, and for none."""
        wanted = list(dict.fromkeys(name.strip() for name in formats if name.strip()))
        choice = f"choose from {', '.join(self.task.suffixes)}"
        if not wanted:
            raise UsageError("no format is named", choice)
        for name in wanted:
            if name not in self.task.suffixes:
                raise UsageError(f"unknown format '{name}'", choice)
        return wanted

    # Reading.

    def _listed(self, inputs: Iterable[str | Path | Input], report: Report) -> dict[int, Job]:
        """A job for each file, by its place among the report's results; what is not there is a result that says so."""
        jobs = {}
        self._names.clear()
        for given in named(inputs):
            result = Result(given.source)
            report.results.append(result)
            if isinstance(given, NoInput):
                self._fail(result, failure("open", given.error.category, given.error.line()))
                self._tell(result)
            else:
                result.name = given.name
                self._names.add(given.name)
                jobs[len(report.results) - 1] = Job(given, result)
        return jobs

    def _settled(
        self, jobs: dict[int, Job], state: State, formats: list[str], force: bool, report: Report
    ) -> Iterator[Job]:
        """Yields each job when nothing of it is left to read, as its result may say: it was done already, or failed."""
        pages = 0
        with self._pool() as pool:
            for event in pool.run([(number, job.given) for number, job in jobs.items()]):
                job = jobs[event.document]
                if isinstance(event, Read):
                    if job.missing:
                        self._read(job, event, report)
                        if not job.missing:
                            yield job
                    continue
                self._plan(job, event, state, formats, force)
                if job.missing:
                    pages += len(job.missing)
                    self._on_event("total", {"pages": pages, "documents": len(report.results)})
                    pool.add(event.document, self._requests(event.document, job))
                else:
                    yield job

    def _pool(self) -> WorkerPool:
        if not self._has_model:
            return WorkerPool(self.task, self.options, self.workers, self.page_timeout, self.memory_limit)
        return WorkerPool(
            self.task,
            self.options,
            self.workers,
            self.page_timeout,
            self.memory_limit,
            threads=usable_cores() // self.workers,
            load_seconds=_MODEL_LOAD_SECONDS,
        )

    def _plan(self, job: Job, opened: Opened, state: State, formats: list[str], force: bool) -> None:
        """Says what is to be read of an input that was opened, unless it is done already or cannot be read."""
        result = job.result
        if opened.failure is not None:
            self._fail(result, opened.failure)
            return
        result.sha256, job.stamp = opened.sha256, opened.stamp
        self._keep_apart(job, state, formats)
        job.key = self._key(opened.sha256, formats)
        if not force and state.recall(job.key, result, job.given.path):
            return
        try:
            job.numbers = parse_pages(self.options.pages, opened.pages)
        except (UsageError, LimitExceeded) as error:
            self._fail(result, failure("open", error.category, f"{result.source}: {error.line()}"))
            return
        job.spool = state.spool(result.name, job.key)
        job.spool.clear_others()
        if force:
            job.spool.clear()
        job.missing = {number for number in job.numbers if not job.spool.has(number)}

    def _keep_apart(self, job: Job, state: State, formats: list[str]) -> None:
        """Gives a job's results another name where there are files of this one that are not its own."""
        path, digest, first = job.given.path, job.result.sha256, job.given.name

        def is_free(name: str) -> bool:
            there = self.task.there(replace(job.given, name=name), state.folder, formats)
            return not state.is_anothers(name, path, digest, there)

        if is_free(first):
            return
        job.result.name = next(name for name in numbered(first) if name not in self._names and is_free(name))
        self._names.add(job.result.name)
        job.given = replace(job.given, name=job.result.name)
        job.result.notes.append(
            f"files called {first} are there that are not its own; these are {job.result.name}"
        )

    def _requests(self, document: int, job: Job) -> Iterator[Request]:
        assert job.spool is not None, "pages are missing of what was planned"
        numbers, size = sorted(job.missing), self.task.pages_at_once(self.options)
        for start in range(0, len(numbers), size):
            together = tuple(numbers[start : start + size])
            yield Request(document, job.given, job.stamp, together, job.spool.folder)

    def _read(self, job: Job, read: Read, report: Report) -> None:
        """Takes note of a page that was read, or of why none of its document's can be."""
        for model in read.ran.keys() - report.ran.keys():
            from docvlm.runtimes.choice import warn

            report.ran[model] = read.ran[model]
            warn(model, read.ran[model])  # nobody hears what a worker logs
        if read.failure is not None:
            if read.failure["category"] == UsageError.category:
                raise error_of(UsageError.category, read.failure["message"])
            job.missing.clear()
            self._fail(job.result, read.failure)
            return
        job.missing.discard(read.number)
        job.result.seconds += read.seconds
        fields = {
            "source": job.result.source,
            "page": read.number,
            "seconds": round(read.seconds, 3),
        }
        self._on_event("page", fields | ({"error": read.error} if read.error else {}))

    def _whole(self, job: Job) -> Whole | None:
        """What was read for a job; ``None`` where nothing was to be, or could be, as its result says."""
        result = job.result
        if result.status != "waiting" or job.spool is None:
            return None
        try:
            pages = [job.spool.load(number) for number in job.numbers]
            result.pages = len(pages)
            result.errors += [entry_of(page.error, page.number) for page in pages if page.error is not None]
            whole = self.task.assemble(pages, job.given, result.sha256)
            self.task.describe(whole, result)
            result.seconds = round(result.seconds, 2)
        except OSError as error:
            self._fail(result, failure("assemble", OutputError.category, f"{job.spool.folder}: {error}"))
        except Exception as error:
            self._fail(result, self._internal("assemble", result, error))
        else:
            return whole
        return None

    def _outcome(self, result: Result, whole: Whole) -> str:
        if not result.errors:
            return "done"
        # A damaged page is read as far as it goes.
        lost = [error for error in result.errors if "block" not in error and error["category"] != "damaged"]
        unread = {error["page"] for error in lost} - {None}
        return "failed" if self.task.is_empty(whole) or len(unread) >= result.pages else "partial"

    # Writing.

    def _write(self, job: Job, whole: Whole, folder: Path, formats: list[str]) -> None:
        result = job.result
        state = State(self.task, folder)
        try:
            state.claim(result, job.given.path, self.task.outputs(whole, job.given, formats))
            outputs = self.task.write(whole, job.given, folder, formats)
            result.outputs = [str(path.relative_to(folder)) for path in outputs]
            result.status = self._outcome(result, whole)
            state.keep(job.key, result, job.given.path)
        except DocvlmError as error:
            self._fail(result, failure("write", error.category, error.line()))
        except Exception as error:
            self._fail(result, self._internal("write", result, error))

    def _fail(self, result: Result, entry: Entry) -> None:
        result.status = "failed"
        result.errors.append(entry)

    def _internal(self, stage: str, result: Result, error: Exception) -> Entry:
        """A fault of ours in one document, which must not take the other documents with it."""
        message = f"{result.source}: internal error: {type(error).__name__}: {error} (please report it)"
        trace = traceback.format_exc() if self.options.debug else None
        return failure(stage, "crash", message, trace=trace)

    def _tell(self, result: Result) -> None:
        fields = {"source": result.source, "status": result.status, "errors": result.errors}
        self._on_event("document", fields | ({"notes": result.notes} if result.notes else {}))

    def _key(self, digest: str, formats: list[str]) -> str:
        """Names a result by all that decides it: the input's content, the task, its options, the model, the version."""
        fields = asdict(replace(self.options, debug=False)) | {
            "task": self.task.name,
            "settings": self.task.settings,
            "formats": formats,
            "version": __version__,
            "input": digest,
            "weights": self._fingerprint,
        }
        return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def usable_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _named_models(options: Options) -> list[str]:
    named = (options.named(role) for role in ROLES)
    return [model for model in named if model is not None]


def _has_large_model(options: Options) -> bool:
    """Whether one was named that is no bundle, or that reads pages."""
    from docvlm.bundle import find_bundle

    return options.named("reading") is not None or any(
        find_bundle(model) is None for model in _named_models(options)
    )


def _fingerprint(options: Options) -> str:
    """Changes when the files of a named model do. Raises DocvlmError where there is none of that name."""
    named = _named_models(options)
    if not named:
        return ""
    from docvlm.checkpoints import fingerprint

    return " ".join(fingerprint(model) for model in named)


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written to: {error.strerror or error}") from None
