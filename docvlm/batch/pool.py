"""Processes that may hang or die without taking anything with them: one opens inputs, the others read their pages.

One thread per process: it hands out work, waits for the replies and kills the process when the time is up. Of pages
that were handed out together, those without a reply are then tried one by one, so that only the bad one is lost. A page
whose process died is tried once more, since somebody else may have ended it. Plain subprocesses rather than
multiprocessing, because those import the caller's main module again.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from docvlm.batch.inputs import Input
from docvlm.batch.process import Process
from docvlm.batch.report import Entry, failure
from docvlm.batch.spool import Spool
from docvlm.batch.stamp import Stamp
from docvlm.batch.task import Task
from docvlm.options import Options
from docvlm.schema import Failure

_LOAD_SECONDS = 4.0  # of a fresh process for the bundled networks, beside the first page's time
_WORDS_SECONDS = 30.0  # for the words of a page whose reading did not end


@dataclass(frozen=True, slots=True)
class Opened:
    """What an input is, or the ``failure`` that kept it from being opened. ``document`` is its place among the inputs."""

    document: int
    sha256: str = ""
    pages: int = 0
    stamp: Stamp = ()
    failure: Entry | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Pages of one document, to be read together into ``spool``. ``lost`` is what a single page was lost to before: of
    this no more than its text layer's words is asked for.
    """

    document: int
    given: Input
    stamp: Stamp
    numbers: tuple[int, ...]
    spool: Path
    tried: bool = False
    lost: Failure | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A page that was read, or whose failure (``error``) stands in the spool.

    ``failure`` says why none of the document's pages can be read or written. ``ran`` says by what the process has run
    models (`docvlm.runtimes.choice.RAN`).
    """

    document: int
    number: int = 0
    seconds: float = 0.0
    error: str | None = None
    failure: Entry | None = None
    ran: dict[str, dict[str, str]] = field(default_factory=dict)


_Event = Opened | Read | BaseException | None


class WorkerPool:
    """``workers`` processes that read pages for ``task``; use as a context manager, and iterate :meth:`run`.

    ``threads`` is what a network in a process may use, ``memory`` the bytes that each may have (0: any);
    ``load_seconds`` what a fresh process has beside the first page's time.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        options: Options,
        workers: int,
        page_timeout: float,
        memory: int = 0,
        threads: int = 1,
        load_seconds: float | None = None,
    ) -> None:
        self._task, self._options = task, options
        self._timeout = page_timeout
        load = _LOAD_SECONDS if load_seconds is None else load_seconds
        self._opener = Process("docvlm.batch.opener", load, memory=memory)
        self._readers = [
            Process("docvlm.batch.worker", load, max(1, threads), memory) for _ in range(max(1, workers))
        ]
        self._closed = threading.Event()
        self._requests = _Requests()
        self._events: queue.Queue[_Event] = queue.Queue()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kills the processes; pages in work are lost, finished ones are on disk."""
        self._closed.set()
        self._requests.close()
        for process in (self._opener, *self._readers):
            process.kill()

    def add(self, document: int, requests: Iterable[Request]) -> None:
        """Has pages of an opened document read, after those of the documents before it."""
        self._requests.add(document, iter(requests))

    def run(self, inputs: Sequence[tuple[int, Input]]) -> Iterator[Opened | Read]:
        """Opens the numbered inputs in their order, and reads meanwhile what :meth:`add` is given.

        Yields each input as it is opened, upon which its pages are to be added, and each page as it is done.
        """
        unopened = len(inputs)
        if not unopened:
            return
        threading.Thread(target=self._open, args=(inputs,), daemon=True).start()
        # The first reader is started at once, and has the first pages: each waits for its turn to begin.
        turns = [threading.Event() for _ in range(len(self._readers) + 1)]
        turns[0].set()
        for reader in zip(self._readers, turns, turns[1:]):
            threading.Thread(target=self._serve, args=reader, daemon=True).start()
        running = len(self._readers)
        while running:
            event = self._events.get()
            if event is None:
                running -= 1
            elif isinstance(event, BaseException):
                raise event
            elif isinstance(event, Opened):
                yield event
                unopened -= 1
                if not unopened:
                    self._requests.close()
            else:
                if event.failure is not None:
                    self._requests.drop(event.document)
                yield event

    def _open(self, inputs: Sequence[tuple[int, Input]]) -> None:
        """Opens the inputs; the thread of the opener."""
        try:
            for document, given in inputs:
                if self._closed.is_set():
                    break
                self._events.put(self._opened(document, given))
        except BaseException as error:
            self._events.put(error)
        finally:
            self._opener.end()

    def _opened(self, document: int, given: Input) -> Opened:
        request = {
            "path": str(given.path),
            "name": given.source,
            "password": self._options.password,
            "debug": self._options.debug,
        }
        for _ in range(2):
            with closing(self._opener.ask(request, self._timeout)) as replies:
                for reply in replies:
                    return Opened(document, **reply)
            if self._opener.lost_by != "crash" or self._closed.is_set():
                break
        why = f"{given.source}: {self._opener.cause}"
        return Opened(document, failure=failure("open", self._opener.lost_by, why))

    def _serve(self, process: Process, turn: threading.Event, next_turn: threading.Event) -> None:
        """Has requests answered; the thread of a reader."""
        again: list[Request] = []
        try:
            if process is self._readers[0]:
                process.start()  # there will be something to read, most likely
            turn.wait()
            while not self._closed.is_set():
                request = again.pop(0) if again else self._requests.take()
                next_turn.set()
                if request is None:
                    break
                again += self._read(process, request)
        except BaseException as error:
            self._events.put(error)
        finally:
            next_turn.set()
            process.end()
            self._events.put(None)

    def _read(self, process: Process, request: Request) -> list[Request]:
        """Has the pages read; returns requests for those to try again, each alone, because the process was lost."""
        waiting = list(request.numbers)
        limit = self._timeout * len(waiting) if request.lost is None else min(self._timeout, _WORDS_SECONDS)
        with closing(process.ask(self._message(request), limit)) as replies:
            for reply in replies:
                read = Read(request.document, **reply)
                self._events.put(read)
                if read.failure is not None:
                    return []
                waiting.remove(read.number)
                if not waiting:
                    return []
        if self._closed.is_set():
            return []
        if len(request.numbers) > 1:
            return [replace(request, numbers=(number,)) for number in waiting]
        if process.lost_by == "crash" and not request.tried:
            return [replace(request, tried=True)]
        lost = Failure(stage="read", category=process.lost_by, message=process.cause)
        if request.lost is None:
            return [replace(request, lost=lost)]
        self._events.put(self._failed(request, request.lost))
        return []

    def _message(self, request: Request) -> dict[str, Any]:
        return {
            "task": self._task.name,
            "settings": self._task.settings,
            "options": asdict(self._options),
            "path": str(request.given.path),
            "name": request.given.source,
            "stamp": request.stamp,
            "numbers": request.numbers,
            "spool": str(request.spool),
            "lost": None if request.lost is None else request.lost.model_dump(),
        }

    def _failed(self, request: Request, error: Failure) -> Read:
        """The one page of a request during which the process was lost, marked in the spool."""
        (number,) = request.numbers
        try:
            Spool(self._task, request.spool).save(self._task.failed(number, error))
        except Exception as fault:
            return Read(request.document, number, failure=failure("read", "output", str(fault)))
        return Read(request.document, number, error=error.message)


class _Requests:
    """Requests in the order of the documents' opening; taken by the readers' threads, which wait for more."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Iterator[Request]]] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def add(self, document: int, requests: Iterator[Request]) -> None:
        with self._changed:
            self._waiting.append((document, requests))
            self._changed.notify_all()

    def close(self) -> None:
        """No more will be added."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drop(self, document: int) -> None:
        """Forgets what is left of a document."""
        with self._changed:
            self._waiting = deque(each for each in self._waiting if each[0] != document)

    def take(self) -> Request | None:
        """The next request; ``None`` when there will be none."""
        with self._changed:
            while True:
                while self._waiting:
                    request = next(self._waiting[0][1], None)
                    if request is not None:
                        return request
                    self._waiting.popleft()
                if self._closed:
                    return None
                self._changed.wait()
