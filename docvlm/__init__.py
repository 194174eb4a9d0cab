"""docvlm reads PDFs and images into Markdown, LaTeX, HTML and JSON, and says how far each piece can be trusted.

>>> import docvlm
>>> document = docvlm.convert("samples/paper.pdf")
>>> print(document.to_markdown())
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# Nothing leaves the machine. These libraries report to their makers unless told not to, and look only once, when they
# are imported; this package is imported before any of them, in workers, too. Who sets them otherwise is obeyed.
for _silenced, _value in (
    ("ORT_DISABLE_TELEMETRY", "1"),  # ONNX Runtime
    ("HF_HUB_DISABLE_TELEMETRY", "1"),
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("DO_NOT_TRACK", "1"),  # Gradio, FastAPI's command line and others
):
    os.environ.setdefault(_silenced, _value)

__version__ = "0.1.0"
__all__ = [
    "Block",
    "Chart",
    "Converter",
    "Document",
    "Formula",
    "Options",
    "Page",
    "Passage",
    "Table",
    "__version__",
    "convert",
    "read_charts",
    "read_formulas",
    "transcribe",
]

if TYPE_CHECKING:
    from docvlm.batch.converter import Converter as Converter
    from docvlm.charting import read_charts as read_charts
    from docvlm.document import Block as Block
    from docvlm.document import Chart as Chart
    from docvlm.document import Document as Document
    from docvlm.document import Page as Page
    from docvlm.document import Table as Table
    from docvlm.formulas.reading import Formula as Formula
    from docvlm.options import Options as Options
    from docvlm.pipeline import convert as convert
    from docvlm.readers.passage import Passage as Passage
    from docvlm.transcribing import read_formulas as read_formulas
    from docvlm.transcribing import transcribe as transcribe

_HOME = {
    "convert": "docvlm.pipeline",
    "Options": "docvlm.options",
    "read_charts": "docvlm.charting",
    "read_formulas": "docvlm.transcribing",
    "transcribe": "docvlm.transcribing",
    "Formula": "docvlm.formulas.reading",
    "Passage": "docvlm.readers.passage",
    "Converter": "docvlm.batch.converter",
    "Chart": "docvlm.document",
    "Document": "docvlm.document",
    "Page": "docvlm.document",
    "Block": "docvlm.document",
    "Table": "docvlm.document",
}


def __getattr__(name: str) -> object:
    """Loads a public name at its first use, so that ``import docvlm`` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'docvlm' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
