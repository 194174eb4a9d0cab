"""What a process of the pool does: requests come by its standard input, replies go by its output, as JSON lines.

Run by :mod:`docvlm.batch.process` as ``python -m docvlm.batch.serving MODULE PARENT MEMORY``; the module's ``answers``
are the replies to a request. The process ends with its parent, however that ends.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

READY = b"{}\n"  # what a process says when it has imported what it needs
_GRACE_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1  # of Linux's prctl


def serve(answers: Callable[[dict[str, Any]], Iterable[dict[str, Any]]]) -> None:
    """Gives each request to ``answers`` and sends its replies, until standard input ends.

    A request's ``limit`` is the seconds after which the caller ends the process.
    """
    # Libraries may print; only replies may reach the parent.
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    replies.write(READY)
    for request in _requests():
        _set_alarm(request["limit"] + _GRACE_SECONDS)
        for reply in answers(request):
            replies.write(json.dumps(reply).encode() + b"\n")
        _set_alarm(0)


def _requests() -> Iterator[dict[str, Any]]:
    """The requests; a thread reads them, which ends the process when there can be no more, in work or not."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield json.loads(waiting.get())


def end_with(parent: int) -> None:
    """Has the system end this process when the one that started it (or its thread) ends; on Linux.

    The end of standard input says the same, but is heard only when Python runs: a page may hang inside a library.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before it could be said
        os._exit(0)


def limit_memory(most: int) -> None:
    """Makes allocations beyond ``most`` bytes fail; the caller watches what is in use beside, as files' pages are."""
    if sys.platform == "linux" and most:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _set_alarm(seconds: float) -> None:
    """Has the system end this process after ``seconds``; 0 calls it off.

    The parent ends it sooner, but a parent that was killed cannot, and a page that hangs inside a library lets no
    Python code run. The alarm's default action needs none.
    """
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    end_with(int(sys.argv[2]))
    limit_memory(int(sys.argv[3]))
    serve(importlib.import_module(sys.argv[1]).answers)
