"""PyMuPDF, imported without its layout network.

PyMuPDF loads that network while it is imported: half a second and a hundred megabytes, with as many threads as
there are cores, in every process, also in those that only count pages. Here it waits until
:mod:`docvlm.layout.network` asks for it.
"""

from __future__ import annotations

import re
import sys
import threading

_NETWORK = "pymupdf.layout"

if "pymupdf" not in sys.modules:
    sys.modules[_NETWORK] = None  # type: ignore[assignment]  # its import fails, which PyMuPDF expects
    try:
        import pymupdf
    finally:
        del sys.modules[_NETWORK]
else:
    import pymupdf

# What PyMuPDF raises for a damaged file: MuPDF's own errors are neither of Python's two.
ERRORS = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)


# MuPDF is not made for threads, and what it complains of is kept for the process, not for a page: who reads one holds this.
ALONE = threading.RLock()

NO_CHARACTER = "\ufffd"
# Halves of characters, which PyMuPDF leaves where a file's bytes are no Unicode. No writer can write them.
_HALF = re.compile("[\ud800-\udfff]")


def whole(text: str | None) -> str:
    """A string of a file (letters, a label, a value, a note) or of a warning, with U+FFFD for what is no character."""
    return _HALF.sub(NO_CHARACTER, text or "")


__all__ = ["ALONE", "ERRORS", "NO_CHARACTER", "pymupdf", "whole"]
