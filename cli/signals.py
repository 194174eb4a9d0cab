"""How a run is ended from outside: in order at the first signal, at once at the second."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType
from typing import Any, Final

from docvlm.errors import ExitCode

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those that there are
_SAME_SECONDS = 1.0  # a terminal that closes, or a service's end, may send its signal twice
_SHOW_CURSOR = b"\x1b[?25h\n"


def end_in_order() -> None:
    """Has SIGTERM and SIGHUP end the command as Ctrl-C does: by KeyboardInterrupt, so that the report is written.

    Another signal then ends it at once. A signal that whoever started the command has it ignore is ignored.
    """
    for number in _heard():
        signal.signal(number, _first)


def _heard() -> list[Any]:
    numbers = [getattr(signal, name, None) for name in _NAMES]
    return [number for number in numbers if number and signal.getsignal(number) is not signal.SIG_IGN]


def _first(number: int, frame: FrameType | None) -> None:
    since = time.monotonic()

    def again(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT or time.monotonic() - since > _SAME_SECONDS:
            if sys.stderr.isatty():
                os.write(2, _SHOW_CURSOR)
            os._exit(int(ExitCode.INTERRUPTED))  # the workers end with this process

    for each in _heard():
        signal.signal(each, again)
    raise KeyboardInterrupt
