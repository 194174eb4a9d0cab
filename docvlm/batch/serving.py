"""What a process of the pool does with its standard input and output: requests in, replies out, as JSON lines."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

_GRACE_SECONDS = 5.0


def serve(answers: Callable[[dict[str, Any]], Iterable[dict[str, Any]]]) -> None:
    """Gives each request to ``answers`` and sends its replies, until standard input ends.

    A request's ``limit`` is the seconds after which the caller ends the process.
    """
    # Libraries may print; only replies may reach the parent.
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _set_alarm(request["limit"] + _GRACE_SECONDS)
        for reply in answers(request):
            replies.write(json.dumps(reply).encode() + b"\n")
        _set_alarm(0)


def _set_alarm(seconds: float) -> None:
    """Has the system end this process after ``seconds``; 0 calls it off.

    The parent ends it sooner, but a parent that was killed cannot, and a page that hangs inside a library lets no
    Python code run. The alarm's default action needs none.
    """
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)
