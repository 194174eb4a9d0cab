"""Worker processes that may hang or die without taking anything with them.

One thread per process: it hands out pages, waits for the replies and kills the process when the pages' time is
up. Of pages that were handed out together, those without a reply are then tried one by one, so that only the
bad one is lost. Plain subprocesses rather than multiprocessing, because those import the caller's main module again.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docvlm.batch.worker import request_of, save_draft
from docvlm.options import Options
from docvlm.pipeline import failed_page
from docvlm.schema import Failure

# One thread a process: there is one process per core. glibc keeps freed memory instead of handing it back page
# by page after every network run, which is a tenth of the time.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(96 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(24 << 20),
}

# A fresh process imports its libraries and loads its networks within the first page's time.
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Task:
    """Pages of one document, to be read together; ``document`` is the caller's own number for it."""

    document: int
    path: Path
    name: str
    numbers: tuple[int, ...]
    options: Options
    spool: Path


@dataclass(frozen=True, slots=True)
class Done:
    """A page that was read, or whose failure stands in its draft.

    ``fatal`` says why none of the document's pages can be read or written, in the words of an error of the
    class that ``category`` names. ``ran`` says by what the process has run models (`docvlm.runtimes.choice.RAN`).
    """

    task: Task
    number: int
    seconds: float = 0.0
    error: str | None = None
    fatal: str | None = None
    category: str = "output"
    ran: dict[str, dict[str, str]] = field(default_factory=dict)


class WorkerPool:
    """``workers`` processes that read pages; use as a context manager, and iterate :meth:`run`.

    ``threads`` is what a network in a process may use; ``start_seconds`` what a fresh process has beside
    the first page's time.
    """

    def __init__(
        self, workers: int, page_timeout: float, threads: int = 1, start_seconds: float | None = None
    ) -> None:
        self._timeout = page_timeout
        self._workers = max(1, workers)
        self._threads = max(1, threads)
        self._start_seconds = _START_SECONDS if start_seconds is None else start_seconds
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kills the processes; pages in work are lost, finished ones are on disk."""
        self._closed.set()
        with self._lock:
            for process in self._processes:
                process.kill()

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Reads the pages, first come first served; yields each as it is done."""
        results: queue.Queue[Done | BaseException | None] = queue.Queue()
        threads = [
            threading.Thread(target=self._serve, args=(tasks, results), daemon=True)
            for _ in range(self._workers)
        ]
        for thread in threads:
            thread.start()
        running = len(threads)
        while running:
            result = results.get()
            if result is None:
                running -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield result

    def _serve(self, tasks: Iterator[Task], results: queue.Queue[Done | BaseException | None]) -> None:
        process: subprocess.Popen[bytes] | None = None
        again: list[Task] = []
        try:
            while not self._closed.is_set():
                task = again.pop(0) if again else self._next(tasks)
                if task is None:
                    break
                fresh = process is None or process.poll() is not None
                if fresh:
                    process = self._start()
                assert process is not None
                limit = self._timeout * len(task.numbers) + (self._start_seconds if fresh else 0.0)
                lost = self._read(process, task, limit, results)
                again += [replace(task, numbers=(number,)) for number in lost]
        except BaseException as error:
            results.put(error)
        finally:
            self._stop(process)
            results.put(None)

    def _next(self, tasks: Iterator[Task]) -> Task | None:
        with self._lock:
            return next(tasks, None)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            # -P: modules that lie in the current folder are none of ours.
            [sys.executable, "-P", "-m", "docvlm.batch.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ENVIRONMENT | {"OMP_NUM_THREADS": str(self._threads)},
            # Ctrl-C goes to the parent alone, which ends its workers in order.
            start_new_session=True,
        )
        with self._lock:
            self._processes.add(process)
            if self._closed.is_set():
                process.kill()
        return process

    def _stop(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is None:
            return
        with suppress(OSError):
            if process.stdin:
                process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with self._lock:
            self._processes.discard(process)

    def _read(
        self,
        process: subprocess.Popen[bytes],
        task: Task,
        limit: float,
        results: queue.Queue[Done | BaseException | None],
    ) -> list[int]:
        """Has the task's pages read; returns those to try again, each alone, because the process was lost."""
        assert process.stdin and process.stdout
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit, kill)
        timer.start()
        waiting = list(task.numbers)
        try:
            request = request_of(task.path, task.name, task.numbers, task.options, task.spool, limit)
            process.stdin.write(request)
            process.stdin.flush()
            while waiting and (line := process.stdout.readline()).endswith(b"\n"):
                done = _done(task, json.loads(line))
                results.put(done)
                if done.fatal is not None:
                    return []
                waiting.remove(done.number)
        except OSError:
            pass
        finally:
            timer.cancel()
        if not waiting:
            return []
        return self._lost(process, task, waiting, late.is_set(), results)

    def _lost(
        self,
        process: subprocess.Popen[bytes],
        task: Task,
        waiting: list[int],
        late: bool,
        results: queue.Queue[Done | BaseException | None],
    ) -> list[int]:
        """Clears up after a process that hung or died; marks the page that did it where there is one only."""
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        with self._lock:
            self._processes.discard(process)
        if self._closed.is_set():
            results.put(Done(task, waiting[0], fatal="interrupted"))
            return []
        if len(task.numbers) > 1:
            return waiting
        results.put(self._failed(task, code, late))
        return []

    def _failed(self, task: Task, code: int, late: bool) -> Done:
        """The one page of ``task``, marked."""
        (number,) = task.numbers
        if late:
            told = Failure(stage="read", category="timeout", message=f"no result within {self._timeout:g} s")
        else:
            cause = f"signal {-code}" if code < 0 else f"exit code {code}"
            told = Failure(stage="read", category="crash", message=f"the reading process died ({cause})")
        draft = failed_page(number, told)
        try:
            save_draft(draft, task.spool)
        except Exception as error:
            return Done(task, number, fatal=str(error))
        return Done(task, number, error=draft.error.message if draft.error else None)


def _done(task: Task, reply: dict[str, Any]) -> Done:
    return Done(
        task,
        reply["number"],
        reply.get("seconds", 0.0),
        reply.get("error"),
        reply.get("fatal"),
        reply.get("category", "output"),
        reply.get("ran", {}),
    )
