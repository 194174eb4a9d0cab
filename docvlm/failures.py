"""What went wrong, where and of which kind: an exception as the record that pages, blocks and reports carry."""

from __future__ import annotations

import traceback
from types import TracebackType
from typing import Literal

from docvlm.errors import DamagedInput, DocvlmError, MemoryExceeded, is_of_mupdf, is_out_of_memory, reason
from docvlm.schema import Failure

Category = Literal["timeout", "crash", "limit", "damaged", "model"]

# These only call the stages.
_CALLERS = (
    "docvlm.pipeline",
    "docvlm.batch",
    "docvlm.charting",
    "docvlm.transcribing",
    "docvlm.readers.guard",
)


def failure_of(error: BaseException, stage: str | None = None, debug: bool = False) -> Failure:
    """The record of ``error``. Without a ``stage`` it is the module or folder of docvlm in which it was met; the
    folders are the pipeline's stages. With ``debug`` it carries the trace.
    """
    return Failure(
        stage=stage or _stage(error.__traceback__),
        category=_category(error),
        message=_message(error),
        trace="".join(traceback.format_exception(error)) if debug else None,
    )


def _category(error: BaseException) -> Category:
    if is_out_of_memory(error):
        return "limit"
    if not isinstance(error, DocvlmError):
        return "damaged" if is_of_mupdf(error) else "crash"
    if error.category in ("limit", "model"):
        return error.category  # type: ignore[return-value]
    return "damaged"


def _message(error: BaseException) -> str:
    if isinstance(error, DocvlmError):
        return error.line()
    if is_out_of_memory(error):
        return f"out of memory ({MemoryExceeded.remedy})"
    if is_of_mupdf(error):
        return DamagedInput(f"the page cannot be read: {reason(error)}").line()
    return " ".join(f"{type(error).__name__}: {error}".split())


def _stage(trace: TracebackType | None) -> str:
    for frame, _ in traceback.walk_tb(trace):
        module: str = frame.f_globals.get("__name__", "")
        if module.startswith("docvlm.") and not module.startswith(_CALLERS):
            return module.split(".")[1]
    return "read"
