"""Tables as LaTeX: ``tabular``, shrunk to the line where wide, or ``longtable`` where long."""

from __future__ import annotations

from docvlm import inline
from docvlm.schema import Cell, Table
from docvlm.tables.cells import lines as lines_of
from docvlm.writers import latex_text

_LINE = 85  # characters that fit a line of text
_LONG = 30  # rows that need to break over pages
_WRAP = 30  # characters from which a column may wrap
_GAP = 2  # characters that a column's margins take


class _Columns:
    """The width of each column as a fraction of the line, or None where it fits its contents."""

    def __init__(self, table: Table) -> None:
        natural = [1] * table.columns
        breaks = False
        for cell in table.cells:
            lines = [len(inline.plain(line)) for line in lines_of(cell)]
            breaks = breaks or len(lines) > 1 or "<br" in cell.text
            if cell.column_span == 1 and lines:
                natural[cell.column] = max(natural[cell.column], *lines)
        total = sum(natural) + _GAP * table.columns
        wraps = total > _LINE and max(natural) > _WRAP
        self.widths = _shares(natural) if breaks or wraps else None

    def width(self, cell: Cell) -> float | None:
        if self.widths is None:
            return None
        return sum(self.widths[cell.column : cell.column + cell.column_span])

    def specification(self, count: int) -> str:
        if self.widths is None:
            return "l" * count
        return "".join(_paragraph(width) for width in self.widths)


def _shares(natural: list[int]) -> list[float]:
    # Square roots keep a long column from starving the short ones.
    weights = [min(n, 400) ** 0.7 + 1 for n in natural]
    used = min(1.0, (sum(natural) + _GAP * len(natural)) / _LINE)
    room = max(used, 0.4) - 0.028 * len(natural)
    return [max(room, 0.2) * weight / sum(weights) for weight in weights]


def _paragraph(width: float) -> str:
    return rf">{{\raggedright\arraybackslash}}p{{{width:.3f}\linewidth}}"


def write(table: Table) -> str:
    """A sound table (see :func:`docvlm.tables.cells.sound`) as a LaTeX environment."""
    columns = _Columns(table)
    rows = [_row(table, columns, row) for row in range(table.rows)]
    head, body = rows[: table.header_rows], rows[table.header_rows :]
    specification = "{@{}" + columns.specification(table.columns) + "@{}}"
    if table.rows > _LONG:
        return _longtable(specification, head, body)
    lines = [r"\toprule", *head, *([r"\midrule"] if head and body else []), *body, r"\bottomrule"]
    tabular = "\n".join([rf"\begin{{tabular}}{specification}", *lines, r"\end{tabular}"])
    return (
        "\\begin{center}\n\\begin{adjustbox}{max width=\\linewidth}\n"
        + tabular
        + "\n\\end{adjustbox}\n\\end{center}"
    )


def _longtable(specification: str, head: list[str], body: list[str]) -> str:
    top = [r"\toprule", *head, r"\midrule", r"\endhead"] if head else [r"\toprule", r"\endhead"]
    lines = [*top, r"\bottomrule", r"\endfoot", *body]
    return "\n".join([r"{\small", rf"\begin{{longtable}}{specification}", *lines, r"\end{longtable}", "}"])


def _row(table: Table, columns: _Columns, row: int) -> str:
    """One line of the table; places below a cell of several rows stay empty."""
    covering = (c for c in table.cells if c.row <= row < c.row + c.row_span)
    cells = sorted(covering, key=lambda c: c.column)
    return " & ".join(_cell(c, columns, first=c.row == row) for c in cells) + r" \tabularnewline"


def _cell(cell: Cell, columns: _Columns, first: bool) -> str:
    width = columns.width(cell)
    content = _content(cell, width) if first else ""
    if cell.column_span == 1:
        return content
    kind = "l" if width is None else f"p{{{width:.3f}\\linewidth}}"
    return rf"\multicolumn{{{cell.column_span}}}{{{kind}}}{{{content}}}"


def _content(cell: Cell, width: float | None) -> str:
    text = r"\newline{}".join(latex_text.text(line) for line in lines_of(cell) if line)
    text = rf"\textbf{{{text}}}" if cell.header and text else text
    if cell.row_span == 1 or not text:
        return text
    measure = "*" if width is None else f"{width:.3f}\\linewidth"
    return rf"\multirow{{{cell.row_span}}}{{{measure}}}{{{text}}}"
