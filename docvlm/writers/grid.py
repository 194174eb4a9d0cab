"""Tables on their way to a writer: made sound, joined, parsed from text, or made from a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from docvlm import inline
from docvlm.schema import Block, Cell, Chart, Series, Table

_MAX_SPAN = 1000


def table_of(block: Block) -> Table | None:
    """The block's table, made :func:`sound`; parsed from its text (GFM or HTML) when it has no grid yet."""
    if block.kind != "table":
        return None
    table = block.table or from_text(block.text)
    return sound(table) if table and table.cells else None


def sound(table: Table) -> Table:
    """The same table with every cell inside the grid, no two overlapping, and a cell at each free place."""
    rows = max([table.rows, *(c.row + 1 for c in table.cells)])
    columns = max([table.columns, *(c.column + 1 for c in table.cells)])
    taken = [[False] * columns for _ in range(rows)]
    cells: list[Cell] = []
    for cell in sorted(table.cells, key=lambda c: (c.row, c.column)):
        fitted = _fitted(cell, taken)
        if fitted is not None:
            cells.append(fitted)
    free = [(r, c) for r in range(rows) for c in range(columns) if not taken[r][c]]
    cells += [Cell(row=r, column=c, header=r < table.header_rows) for r, c in free]
    cells.sort(key=lambda c: (c.row, c.column))
    return Table(rows=rows, columns=columns, header_rows=min(table.header_rows, rows), cells=cells)


def _fitted(cell: Cell, taken: list[list[bool]]) -> Cell | None:
    """``cell`` clipped to the free places around it, which it then takes; None where its place is taken."""
    if taken[cell.row][cell.column]:
        return None
    rows = min(cell.row_span, len(taken) - cell.row)
    columns = min(cell.column_span, len(taken[0]) - cell.column)
    places = [(cell.row + r, cell.column + c) for r in range(rows) for c in range(columns)]
    if any(taken[r][c] for r, c in places):
        rows, columns, places = 1, 1, [(cell.row, cell.column)]
    for r, c in places:
        taken[r][c] = True
    return cell.model_copy(update={"row_span": rows, "column_span": columns})


def by_row(table: Table) -> list[list[Cell]]:
    """The cells that begin in each row, from left to right."""
    rows: list[list[Cell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    return rows


def lines(cell: Cell) -> list[str]:
    """The lines of a cell's inline Markdown."""
    return [line.strip() for line in cell.text.strip().splitlines()]


def appended(first: Table, second: Table) -> Table:
    """``first`` with the body rows of ``second`` below it; header rows that repeat are dropped."""
    skip = _repeated_rows(first, second)
    moved = [
        c.model_copy(update={"row": c.row - skip + first.rows, "header": c.header and c.row < skip})
        for c in second.cells
        if c.row >= skip
    ]
    rows = first.rows + max(second.rows - skip, 0)
    columns = max(first.columns, second.columns)
    return sound(
        Table(rows=rows, columns=columns, header_rows=first.header_rows, cells=[*first.cells, *moved])
    )


def _repeated_rows(first: Table, second: Table) -> int:
    ours, theirs = by_row(first), by_row(second)
    count = 0
    for mine, other in zip(ours[: first.header_rows or 1], theirs, strict=False):
        if [inline.plain(c.text) for c in mine] != [inline.plain(c.text) for c in other]:
            break
        count += 1
    # A body row that merely equals the first row of a table without a header is data, not a repetition.
    return count if count == first.header_rows or count == second.header_rows else 0


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
            cells.append(Cell(row=row, column=column, text=token.content, header=header))
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
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def from_chart(chart: Chart) -> Table:
    """A chart's numbers: one row per x and one column per series, or one row per point where x repeats."""
    series = chart.series or list(_series_of(chart))
    head, rows = _wide(chart, series) if _has_distinct_x(series) else _long(chart, series)
    texts = [head, *rows]
    cells = [
        Cell(row=r, column=c, text=inline.escape(text), header=r == 0)
        for r, row in enumerate(texts)
        for c, text in enumerate(row)
    ]
    return Table(rows=len(texts), columns=len(head), header_rows=1, cells=cells)


def _series_of(chart: Chart) -> Iterator[Series]:
    flat = {x: y for x, y in chart.values.items() if not isinstance(y, dict)}
    if flat:
        yield Series.model_validate({"points": [{"x": x, "y": y} for x, y in flat.items()]})
    for name, values in chart.values.items():
        if isinstance(values, dict):
            points = [{"x": x, "y": y} for x, y in values.items()]
            yield Series.model_validate({"name": name, "points": points})


def _has_distinct_x(series: Sequence[Series]) -> bool:
    return all(len({p.x for p in s.points}) == len(s.points) for s in series)


def _wide(chart: Chart, series: Sequence[Series]) -> tuple[list[str], list[list[str]]]:
    keys = list(dict.fromkeys(p.x for s in series for p in s.points))
    by_x = [{p.x: p.y for p in s.points} for s in series]
    names = [
        s.name or (chart.y_title if len(series) == 1 else None) or f"y{i}" for i, s in enumerate(series, 1)
    ]
    if len(series) == 1 and not series[0].name and not chart.y_title:
        names = ["y"]
    return [chart.x_title or "x", *names], [[number(x), *(number(ys.get(x)) for ys in by_x)] for x in keys]


def _long(chart: Chart, series: Sequence[Series]) -> tuple[list[str], list[list[str]]]:
    rows = [[s.name or "", number(p.x), number(p.y)] for s in series for p in s.points]
    return ["series", chart.x_title or "x", chart.y_title or "y"], rows


def reliability(chart: Chart) -> str:
    """One plain line on a chart's reliability."""
    mark = "" if chart.reliability.reliable else ", unreliable"
    return f"chart data, reliability {chart.reliability.score:.2f}{mark}"


def number(value: str | float | None) -> str:
    """A number as people write it: no trailing ``.0``, no exponent below 1e15; empty for None."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)
