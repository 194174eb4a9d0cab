"""A table as text, in Markdown or HTML, and back."""

from __future__ import annotations

from html.parser import HTMLParser

from docvlm import inline
from docvlm.schema import Cell, Table
from docvlm.tables.cells import by_row, lines

_MOST_DIGITS = 6  # a longer span is an attack, not a table
_MAX_SPAN = 1000  # rows or columns of a cell; HTML's own limit for columns


def markdown(table: Table) -> str:
    """A table as GFM where GFM can say it, else as an HTML table."""
    if table.header_rows == 1 and not table.has_spans and all(len(lines(c)) < 2 for c in table.cells):
        return _gfm(table)
    return html(table)


def _gfm(table: Table) -> str:
    rows = ["| " + " | ".join(_gfm_cell(c) for c in row) + " |" for row in by_row(table)]
    rows.insert(1, "|" + " --- |" * table.columns)
    return "\n".join(rows)


def _gfm_cell(cell: Cell) -> str:
    return inline.one_line(cell.text).replace("|", "\\|")


def html(table: Table, marks: inline.MathMarks | None = None) -> str:
    """A table as HTML without blank lines, so that it also holds inside Markdown.

    ``marks`` are those of its math (see :func:`docvlm.inline.to_html`), by default the dollars of Markdown.
    """
    rows = [_row(cells, marks) for cells in by_row(table)]
    head, body = rows[: table.header_rows], rows[table.header_rows :]
    parts = ["<table>", *_section("thead", head), *_section("tbody", body), "</table>"]
    return "\n".join(parts)


def _section(tag: str, rows: list[str]) -> list[str]:
    return [f"<{tag}>", *rows, f"</{tag}>"] if rows else []


def _row(cells: list[Cell], marks: inline.MathMarks | None) -> str:
    return f"<tr>{''.join(_cell(c, marks) for c in cells)}</tr>"


def _cell(cell: Cell, marks: inline.MathMarks | None) -> str:
    tag = "th" if cell.header else "td"
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    content = "<br>".join(inline.to_html(line, marks).replace("\n", " ") for line in lines(cell) if line)
    return f"<{tag}{spans}>{content}</{tag}>"


def from_text(text: str) -> Table | None:
    """The first GFM or HTML table in ``text``, or None."""
    if "<table" in text.lower():
        reader = _TableReader()
        reader.feed(text)
        reader.close()
        return reader.table()
    return _from_markdown(text)


def _from_markdown(text: str) -> Table | None:
    cells: list[Cell] = []
    row, column, header = -1, 0, False
    for token in inline.parser().parse(text):
        if token.type == "tr_open":
            row, column = row + 1, 0
        elif token.type in ("th_open", "td_open"):
            header = token.type == "th_open"
        elif token.type == "inline" and row >= 0:
            cells.append(Cell(row=row, column=column, text=inline.rewritten(token.content), header=header))
            column += 1
        elif token.type == "table_close":
            break
    columns = max((c.column + 1 for c in cells), default=0)
    return Table(rows=row + 1, columns=columns, header_rows=1, cells=cells) if cells else None


class _TableReader(HTMLParser):
    """Collects the first table of an HTML text; text is taken as plain words, other tags are dropped."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: list[Cell] = []
        self.row = -1
        self.header_rows = 0
        self.open: dict[str, int] | None = None
        self.words: list[str] = []
        self.done = False
        self.taken: set[tuple[int, int]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.done:
            return
        if tag == "tr":
            self._end_cell()
            self.row += 1
        elif tag in ("td", "th"):
            self._end_cell()
            self.row = max(self.row, 0)
            self.open = {
                "rows": _span(attrs, "rowspan"),
                "columns": _span(attrs, "colspan"),
                "th": tag == "th",
            }
        elif tag == "br" and self.open is not None:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "table":
            self.done = True

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.words.append(data.replace("\n", " "))

    def _end_cell(self) -> None:
        if self.open is None:
            return
        column = next(c for c in range(len(self.taken) + 1) if (self.row, c) not in self.taken)
        rows, columns = self.open["rows"], self.open["columns"]
        self.taken |= {(self.row + r, column + c) for r in range(rows) for c in range(columns)}
        text = "\n".join(inline.escape(line.strip()) for line in "".join(self.words).split("\n"))
        self.cells.append(
            Cell(
                row=self.row, column=column, row_span=rows, column_span=columns,
                text=text.strip(), header=bool(self.open["th"]),
            )
        )  # fmt: skip
        self.open, self.words = None, []

    def table(self) -> Table | None:
        self._end_cell()
        if not self.cells:
            return None
        headers = [all(c.header for c in self.cells if c.row == r) for r in range(self.row + 1)]
        header_rows = headers.index(False) if False in headers else len(headers)
        columns = max(c.column + c.column_span for c in self.cells)
        return Table(rows=self.row + 1, columns=columns, header_rows=header_rows, cells=self.cells)


def _span(attrs: list[tuple[str, str | None]], name: str) -> int:
    value = dict(attrs).get(name) or "1"
    readable = value.isascii() and value.isdigit() and len(value) < _MOST_DIGITS
    return min(max(int(value), 1), _MAX_SPAN) if readable else 1
