"""A process that answers requests (`docvlm.batch.serving`), and may hang or die while it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, Literal

# One thread a process: there is one process per core. glibc keeps freed memory instead of handing it back page
# by page after every network run, which is a tenth of the time.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(96 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(24 << 20),
}

_END_SECONDS = 5.0  # for a process that has nothing left to do


class Process:
    """``python -m module``, started when it is first asked, and again when it was lost.

    ``threads`` is what a network in it may use, ``start_seconds`` what it has beside a request's time while it is
    fresh, which means that it has answered nothing yet.
    """

    def __init__(self, module: str, start_seconds: float, threads: int = 1) -> None:
        self._module, self._start_seconds, self._threads = module, start_seconds, threads
        self._process: subprocess.Popen[bytes] | None = None
        self._fresh = True
        self._killed = False
        self._lock = threading.Lock()
        self.lost_by: Literal["timeout", "crash"] = "crash"
        self.cause = ""

    def start(self) -> None:
        """Starts the process, where it does not run, and has it import its libraries."""
        with self._lock:
            if self._killed or (self._process is not None and self._process.poll() is None):
                return
            self._fresh = True
            self._process = subprocess.Popen(
                # -P: modules that lie in the current folder are none of ours.
                [sys.executable, "-P", "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | _ENVIRONMENT | {"OMP_NUM_THREADS": str(self._threads)},
                # Ctrl-C goes to the parent alone, which ends its workers in order.
                start_new_session=True,
            )

    def ask(self, request: Mapping[str, Any], seconds: float) -> Generator[dict[str, Any], None, None]:
        """The replies to a request, of which the caller knows how many there are.

        They end sooner where the process dies, or is killed since its time is up; `lost_by` and `cause` then say so.
        """
        self.start()
        process = self._process
        if process is None:
            return
        assert process.stdin and process.stdout
        limit = seconds + (self._start_seconds if self._fresh else 0.0)
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit, kill)
        timer.start()
        try:
            with suppress(OSError):
                process.stdin.write(json.dumps({**request, "limit": limit}).encode() + b"\n")
                process.stdin.flush()
                while (line := process.stdout.readline()).endswith(b"\n"):
                    self._fresh = False
                    yield json.loads(line)
        finally:
            timer.cancel()
        self._lose(process, f"no result within {seconds:g} s" if late.is_set() else "")

    def _lose(self, process: subprocess.Popen[bytes], late: str) -> None:
        code = process.wait()
        self.lost_by = "timeout" if late else "crash"
        died = f"signal {-code}" if code < 0 else f"exit code {code}"
        self.cause = late or f"the reading process died ({died})"
        _close(process)

    def kill(self) -> None:
        """Ends the process at once and for good; may be called by another thread than the one that asks."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """Lets the process end, where it runs."""
        if self._process is None:
            return
        if self._fresh:
            self._process.kill()  # it would import its libraries first
        _close(self._process)
        try:
            self._process.wait(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()
