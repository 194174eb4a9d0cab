"""Worker processes that may hang or die without taking anything with them.

One thread per process: it hands out a page, waits for the reply and kills the process when the page's time is
up. Plain subprocesses rather than multiprocessing, because those import the caller's main module again.
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
from dataclasses import dataclass
from pathlib import Path

from docvlm.pipeline import Options, failed_page
from docvlm.worker import request_of, save_draft

# One thread a process: there is one process per core. glibc keeps freed memory instead of handing it back page
# by page after every network run, which is a tenth of the time.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
}

# A fresh process imports its libraries and loads its networks within the first page's time.
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Task:
    """One page of one document; ``document`` is the caller's own number for it."""

    document: int
    path: Path
    name: str
    number: int
    options: Options
    spool: Path


@dataclass(frozen=True, slots=True)
class Done:
    """A page that was read, or whose failure stands in its draft; ``fatal`` where not even that could be written."""

    task: Task
    seconds: float = 0.0
    error: str | None = None
    fatal: str | None = None


class WorkerPool:
    """``workers`` processes that read pages; use as a context manager, and iterate :meth:`run`."""

    def __init__(self, workers: int, page_timeout: float) -> None:
        self._timeout = page_timeout
        self._workers = max(1, workers)
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
        try:
            while not self._closed.is_set():
                with self._lock:
                    task = next(tasks, None)
                if task is None:
                    break
                fresh = process is None or process.poll() is not None
                if fresh:
                    process = self._start()
                assert process is not None
                results.put(self._read(process, task, self._timeout + (_START_SECONDS if fresh else 0.0)))
        except BaseException as error:
            results.put(error)
        finally:
            self._stop(process)
            results.put(None)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            # -P: modules that lie in the current folder are none of ours.
            [sys.executable, "-P", "-m", "docvlm.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ENVIRONMENT,
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

    def _read(self, process: subprocess.Popen[bytes], task: Task, limit: float) -> Done:
        assert process.stdin and process.stdout
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit, kill)
        timer.start()
        try:
            process.stdin.write(request_of(task.path, task.name, task.number, task.options, task.spool))
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            reply = json.loads(line)
            return Done(task, reply.get("seconds", 0.0), reply.get("error"), reply.get("fatal"))
        return self._lost(process, task, late.is_set())

    def _lost(self, process: subprocess.Popen[bytes], task: Task, late: bool) -> Done:
        """Marks the page whose process hung or died."""
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        with self._lock:
            self._processes.discard(process)
        if self._closed.is_set():
            return Done(task, fatal="interrupted")
        if late:
            draft = failed_page(task.number, "read", "timeout", f"no result within {self._timeout:g} s")
        else:
            cause = f"signal {-code}" if code < 0 else f"exit code {code}"
            draft = failed_page(task.number, "read", "crash", f"the reading process died ({cause})")
        try:
            save_draft(draft, task.spool)
        except Exception as error:
            return Done(task, fatal=str(error))
        return Done(task, error=draft.error.message if draft.error else None)
