"""PyMuPDF, imported without its layout network.

PyMuPDF loads that network while it is imported: half a second and a hundred megabytes, with as many threads as
there are cores, in every process, also in those that only count pages. Here it waits until
:mod:`docvlm.layout.network` asks for it.
"""

from __future__ import annotations

import sys

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

__all__ = ["ERRORS", "pymupdf"]
