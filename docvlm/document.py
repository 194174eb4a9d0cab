"""The document: its schema's content, and what a user does with it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from docvlm.schema import (
    Block,
    Cell,
    Chart,
    Check,
    Confidence,
    Content,
    Failure,
    Page,
    Point,
    Reliability,
    Series,
    Table,
    TextLayer,
    TextLine,
)
from docvlm.writers import html, json, latex, markdown, output

__all__ = [
    "Block",
    "Cell",
    "Chart",
    "Check",
    "Confidence",
    "Document",
    "Failure",
    "Page",
    "Point",
    "Reliability",
    "Series",
    "Table",
    "TextLayer",
    "TextLine",
]


class Document(Content):
    """What a source says, with every writer as a method, so that one import is enough for a user."""

    def to_markdown(self) -> str:
        """CommonMark with GFM tables and ``$`` math."""
        return markdown.write(self)

    def to_latex(self) -> str:
        """A complete LaTeX document that compiles with xelatex or pdflatex."""
        return latex.write(self)

    def to_html(self) -> str:
        """One self-contained HTML page; pictures are embedded where their bytes are at hand."""
        return html.write(self)

    def to_json(self) -> str:
        """The ``docvlm/1`` JSON text, indented, ending in a newline."""
        return json.write(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Reads what :meth:`to_json` wrote. Raises ``pydantic.ValidationError`` on anything else."""
        return cls.model_validate_json(text)

    def save(self, path: str | Path) -> list[Path]:
        """Writes the document (format by suffix: .md, .tex, .html, .json) and its assets beside it.

        Returns the paths written. Raises :class:`docvlm.errors.UsageError` for another suffix.
        """
        return output.save(self, Path(path))
