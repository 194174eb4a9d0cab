"""A chart's numbers as a table, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docvlm import inline
from docvlm.schema import Cell, Chart, Series, Table


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
