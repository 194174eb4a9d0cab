"""A process that answers requests (`docvlm.batch.serving`), and may hang or die while it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, Literal

from docvlm.batch.memory import resident, told
from docvlm.batch.serving import READY

# One thread a process: there is one process per core. glibc keeps freed memory instead of handing it back page
# by page after every network run, which is a tenth of the time.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(96 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(24 << 20),
}

_SERVING = "docvlm.batch.serving"
_START_SECONDS = 300.0  # in which a process imports its libraries, on the busiest machine
_END_SECONDS = 5.0  # for a process that has nothing left to do
_LOOK_SECONDS = 0.05  # between looks at what a process has in memory
_NEAR = 0.8  # of its memory; a process that dies with so much in use has met its limit inside a library

Loss = Literal["timeout", "limit", "crash"]


class Process:
    """A process that answers as ``module`` does, started when it is first asked, and again when it was lost.

    ``threads`` is what a network in it may use, ``memory`` how many bytes it may have (0: any). ``load_seconds`` is what
    it has beside a request's time while it is fresh, which means that it has answered nothing yet, to load networks.
    """

    def __init__(self, module: str, load_seconds: float, threads: int = 1, memory: int = 0) -> None:
        self._module, self._load_seconds, self._threads = module, load_seconds, threads
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._fresh = True
        self._killed = False
        self._lock = threading.Lock()
        self.lost_by: Loss = "crash"
        self.cause = ""

    def start(self) -> None:
        """Starts the process, where it does not run, and has it import its libraries."""
        with self._lock:
            if self._killed or (self._process is not None and self._process.poll() is None):
                return
            self._ready, self._fresh = False, True
            self._process = subprocess.Popen(
                # -P: modules that lie in the current folder are none of ours.
                [sys.executable, "-P", "-m", _SERVING, self._module, str(os.getpid()), str(self._memory)],
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
        if not self._is_ready(process):
            return
        limit = seconds + (self._load_seconds if self._fresh else 0.0)
        watch = _Watch(process, limit, self._memory)
        watch.start()
        try:
            with suppress(OSError):
                process.stdin.write(json.dumps({**request, "limit": limit}).encode() + b"\n")
                process.stdin.flush()
                while (line := process.stdout.readline()).endswith(b"\n"):
                    self._fresh = False
                    yield json.loads(line)
        finally:
            watch.stop()
        self._lose(process, watch, seconds)

    def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether the process has imported its libraries, which takes none of a request's time."""
        if self._ready:
            return True
        assert process.stdout
        watch = _Watch(process, _START_SECONDS, self._memory)
        watch.start()
        try:
            with suppress(OSError):
                self._ready = process.stdout.readline() == READY
        finally:
            watch.stop()
        if not self._ready:
            _kill(process)  # where it said something else
            self._lose(process, watch, _START_SECONDS)
            self.cause = f"no reading process could be started: {self.cause}"
        return self._ready

    def _lose(self, process: subprocess.Popen[bytes], watch: _Watch, seconds: float) -> None:
        code = process.wait()
        died = f"signal {-code}" if code < 0 else f"exit code {code}"
        self.lost_by = watch.killed_for or ("limit" if watch.was_near() else "crash")
        self.cause = {
            "timeout": f"no result within {seconds:g} s",
            "limit": f"needs more memory than the {told(self._memory)} of --memory-limit",
            "crash": f"the reading process died ({died})",
        }[self.lost_by]
        _close(process)

    def kill(self) -> None:
        """Ends the process at once and for good; may be called by another thread than the one that asks."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                _kill(self._process)

    def end(self) -> None:
        """Lets the process end, where it runs."""
        if self._process is None:
            return
        if not self._ready:
            _kill(self._process)  # it would import its libraries first
        _close(self._process)
        try:
            self._process.wait(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            _kill(self._process)
            self._process.wait()


class _Watch(threading.Thread):
    """Kills a process after ``seconds``, or when it has more than ``memory`` bytes; `killed_for` says which it was."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory: int) -> None:
        super().__init__(daemon=True)
        self._process, self._end, self._memory = process, time.monotonic() + seconds, memory
        self._stopped = threading.Event()
        self._most = 0.0
        self.killed_for: Loss | None = None

    def run(self) -> None:
        while self.killed_for is None:
            left = self._end - time.monotonic()
            if self._stopped.wait(max(0.0, min(left, _LOOK_SECONDS if self._memory else left))):
                return
            self._most = max(self._most, resident(self._process.pid)) if self._memory else 0.0
            if self._most > self._memory:
                self.killed_for = "limit"
            elif time.monotonic() >= self._end:
                self.killed_for = "timeout"
        _kill(self._process)

    def stop(self) -> None:
        self._stopped.set()

    def was_near(self) -> bool:
        """Whether the process had nearly all of its memory."""
        return bool(self._memory) and self._most > _NEAR * self._memory


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a process at once, and what it has started."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()
