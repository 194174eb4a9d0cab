"""Standard output and standard error, as they may be: closed, full, or a terminal that obeys what is written to it."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress

from docvlm.errors import OutputError

# Control characters (a terminal obeys them), and those that turn the direction of text, as escapes that show them.
_COMMANDS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_COMMANDS |= {code: f"\\u{code:04x}" for code in (*range(0x2028, 0x202F), *range(0x2066, 0x206A))}


def plain(text: str) -> str:
    """``text`` with nothing in it that a terminal would obey: names of files may hold anything."""
    return text.translate(_COMMANDS)


def complain(text: str) -> None:
    """Writes lines to standard error, as they are; where nobody can be told, nobody is."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        sys.stderr = io.StringIO()


def say(data: bytes) -> None:
    """Writes to standard output. Raises OutputError where it cannot be, and BrokenPipeError where nobody reads it."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise lost_output(error) from None


def flush() -> None:
    """Writes what waits for standard output. Raises as `say` does."""
    say(b"")


def lost_output(error: OSError) -> OutputError:
    """What a user is told where writing to standard output failed with ``error``, which then is not tried again."""
    forget_output()
    return OutputError(f"cannot write to standard output: {error.strerror or error}", "name a folder with -o")


def is_of_output(error: OSError) -> bool:
    """Whether an error that nothing else has caught is one of writing to standard output: it is full or closed."""
    return error.errno in (errno.ENOSPC, errno.EBADF, errno.EIO) and error.filename is None


def forget_output() -> None:
    """Has Python write what waits for standard output nowhere when it ends: it would fail again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def open_closed() -> None:
    """Gives the standard streams that the caller has closed a place: the next files would take their numbers.

    Writing to standard output then fails as it should; what is said on standard error goes nowhere.
    """
    for number, way in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", closefd=False))
