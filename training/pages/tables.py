"""Tables of every look: ruled, half ruled, striped or bare, with heads of one or two rows, groups, sums and long cells."""

from __future__ import annotations

from dataclasses import dataclass

from training.pages.parts import Numbering, rich
from training.pages.sheet import Sheet

HEADS = [
    "Item",
    "Quantity",
    "Price",
    "Total",
    "Name",
    "Date",
    "Type",
    "Value",
    "Unit",
    "Share",
    "Mean",
    "SD",
    "Year",
    "Model",
    "Code",
    "Change",
    "Rate",
    "Region",
    "Source",
    "p",
    "N",
    "Min",
    "Max",
    "Score",
    "Time",
    "Cost",
    "Net",
    "Gross",
    "Notes",
    "Status",
]
_SHADES = (0xF2F2F2, 0xE8EEF7, 0xEEF7E8, 0xFDF3E7, 0xF7F7F7, 0xDCE6F1)


@dataclass(slots=True)
class Style:
    """How a table is ruled, and what its cells are like."""

    rules: str
    pad: tuple[float, float]
    size: float
    head: str  # style of head cells
    stripe: int | None


def _style(sheet: Sheet) -> Style:
    rng = sheet.rng
    head = "font-weight:bold;" if rng.random() < 0.75 else ""
    if rng.random() < 0.3:
        head += f"background:#{rng.choice((*_SHADES, 0xD9D9D9, 0x1F4E79, sheet.look.accent)):06x};"
    if rng.random() < 0.1:
        head += "font-style:italic;"
    return Style(
        rng.choice(
            ("all", "all", "booktabs", "booktabs", "rows", "rows", "none", "frame", "columns", "head")
        ),
        (rng.choice((0.5, 1, 2, 3, 5)), rng.choice((2.5, 4, 6, 9))),
        rng.choice((0.75, 0.8, 0.85, 0.9, 1, 1)),
        head,
        rng.choice(_SHADES) if rng.random() < 0.25 else None,
    )


def _rules(style: Style, sheet: Sheet) -> tuple[str, str]:
    """The styles of the table and of its cells."""
    thick = sheet.rng.choice((0.3, 0.5, 0.5, 0.75, 1))
    line = f"{thick}pt solid #{sheet.rng.choice((0, 0, 0x888888, 0xBBBBBB, sheet.look.accent)):06x}"
    heavy = f"{thick * 2}pt solid #000"
    return {
        "all": ("", f"border:{line}"),
        "booktabs": (f"border-top:{heavy};border-bottom:{heavy}", ""),
        "rows": ("", f"border-bottom:{line}"),
        "none": ("", ""),
        "frame": (f"border:{line}", ""),
        "columns": ("", f"border-left:{line};border-right:{line}"),
        "head": ("", ""),
    }[style.rules]


def cell_text(sheet: Sheet, kind: str) -> str:
    """The words of a cell of a column of this kind."""
    rng, text = sheet.rng, sheet.text
    if kind == "number":
        return rng.choice(
            (
                text.number(),
                text.number(),
                text.money(),
                f"{rng.uniform(-20, 20):.1f}%",
                "–",
                f"({rng.randint(1, 999)})",
                f"{rng.uniform(0, 9):.2f} ± {rng.uniform(0, 1):.2f}",
            )
        )
    if kind == "integer":
        return f"{rng.randint(0, 10 ** rng.randint(1, 6)):,}"
    if kind == "date":
        return text.date()
    if kind == "code":
        return text.code()
    if kind == "long":
        return text.prose(rng.randint(20, 130)).rstrip(".")
    if kind == "mark":
        return rng.choice(("✓", "✗", "•", "yes", "no", "–", "+", "n/a"))
    return text.name() if kind == "name" else text.words(1, 3)


def grid(
    sheet: Sheet,
    columns: list[str],
    rows: int,
    *,
    heads: list[str] | None = None,
    total: bool = False,
    css: str = "width:100%",
    block: int | None = None,
) -> str:
    """A table with a column for each kind (see `cell_text`; the first column is words when it is "label").

    ``css`` is the table's own style. Its cells are read row by row.
    """
    rng = sheet.rng
    style = _style(sheet)
    outer, inner = _rules(style, sheet)
    block = sheet.number() if block is None else block
    turned = "right" if rng.random() < 0.75 else "center"
    align = [
        "start"
        if kind in ("label", "long", "name")
        else turned
        if kind in ("number", "integer")
        else rng.choice(("start", "center"))
        for kind in columns
    ]
    names = heads or [
        ""
        if i == 0 and rng.random() < 0.3
        else rng.choice(HEADS)
        if sheet.text.language == "en"
        else sheet.text.words(1, 2)
        for i in range(len(columns))
    ]
    dark = any(f"background:#{c:06x}" in style.head for c in (0x1F4E79, sheet.look.accent))
    under = "border-bottom:.75pt solid #000;" if style.rules in ("booktabs", "head", "frame") else ""
    out = []
    if heads is not None or rng.random() < 0.9:
        if len(columns) > 3 and heads is None and rng.random() < 0.2:
            out.append(_grouped_head(sheet, len(columns), block, style, inner))
        out.append(
            "<tr>"
            + "".join(
                _cell(
                    sheet,
                    name,
                    block,
                    f"{inner};{style.head}{under}text-align:{align[i]}",
                    0xFFFFFF if dark else None,
                    "th",
                )
                for i, name in enumerate(names)
            )
            + "</tr>"
        )
    bold_first = rng.random() < 0.2
    grouped = rng.random() < 0.12 and rows > 5
    for row in range(rows):
        if grouped and row % 4 == 0:
            out.append(
                "<tr>"
                + _cell(
                    sheet,
                    sheet.text.words(1, 4),
                    block,
                    f"{inner};font-style:italic;text-align:start",
                    None,
                    f"td colspan={len(columns)}",
                )
                + "</tr>"
            )
        shade = f"background:#{style.stripe:06x};" if style.stripe is not None and row % 2 else ""
        cells = []
        for i, kind in enumerate(columns):
            words = "" if i and rng.random() < 0.04 else cell_text(sheet, kind)
            weight = "font-weight:bold;" if bold_first and not i else ""
            cells.append(_cell(sheet, words, block, f"{inner};{shade}{weight}text-align:{align[i]}"))
        out.append(f"<tr>{''.join(cells)}</tr>")
    if total:
        cells = [
            _cell(
                sheet,
                "Total" if sheet.text.language == "en" else sheet.text.word(),
                block,
                f"{inner};font-weight:bold;border-top:.75pt solid #000",
            )
        ]
        cells += [
            _cell(
                sheet,
                sheet.text.money() if kind in ("number", "integer") else "",
                block,
                f"{inner};font-weight:bold;border-top:.75pt solid #000;text-align:{align[i + 1]}",
            )
            for i, kind in enumerate(columns[1:])
        ]
        out.append(f"<tr>{''.join(cells)}</tr>")
    valign = rng.choice(("top", "middle", "baseline"))
    return (
        f'<div style="position:relative{";break-inside:avoid" if rows < 9 or rng.random() < 0.3 else ""}">{sheet.region("table")}'
        f'<table class=t style="border-collapse:collapse;font-size:{style.size}em;line-height:1.2;{css};{outer};'
        f'--v:{style.pad[0]}pt;--h:{style.pad[1]}pt;--a:{valign}">{"".join(out)}</table></div>'
    )


def _grouped_head(sheet: Sheet, columns: int, block: int, style: Style, inner: str) -> str:
    """A row of heads that each stand above several columns."""
    cells = [_cell(sheet, "", block, inner)]
    left = columns - 1
    while left:
        span = min(left, sheet.rng.randint(1, 3))
        left -= span
        cells.append(
            _cell(
                sheet,
                sheet.text.words(1, 2),
                block,
                f"{inner};{style.head}background:none;text-align:center;border-bottom:.5pt solid #000",
                None,
                f"th colspan={span}",
            )
        )
    return f"<tr>{''.join(cells)}</tr>"


def _cell(sheet: Sheet, words: str, block: int, css: str, color: int | None = None, tag: str = "td") -> str:
    inside = ""
    if words:
        item = sheet.number()
        long = len(words) > 30 and sheet.chance(0.2)
        inside = (
            rich(sheet, words, "table", block, item)
            if long
            else sheet.run("table", words, block=block, item=item, color=color)
        )
    return f'<{tag} style="{css}">{inside}</{tag.split()[0]}>'


def caption(sheet: Sheet, kind: int, number: str, characters: int, css: str = "") -> str:
    """A caption; ``kind`` is the index of its first word (see `training.pages.text.WORDS`)."""
    rng = sheet.rng
    block, item = sheet.number(), sheet.number()
    name = sheet.text.named(kind)
    if sheet.text.language == "en" and rng.random() < 0.3 and kind == 0:
        name = "Fig."
    label = f"{name} {number}" + rng.choice((":", ".", "", " –", " |"))
    bold = rng.choice(("font-weight:bold", "", "font-variant:small-caps", "font-weight:bold"))
    first = sheet.run("caption", label + rng.choice((" ", " ", "\u2003")), css=bold, block=block, item=item)
    words = sheet.text.prose(max(12, characters))
    return f'<div class=cap style="{css}">{first}{rich(sheet, words.rstrip(".") if characters < 40 else words, "caption", block, item)}</div>'


def table(
    sheet: Sheet, count: Numbering, width: float, rows: int | None = None, captioned: float = 0.7
) -> str:
    """A table as papers and reports have them, with its caption above, below, beside or none."""
    rng = sheet.rng
    most = max(2, min(9, int(width / 45)))
    kinds = ["label"] + [
        rng.choice(("number", "number", "number", "integer", "code", "date", "mark", "words"))
        for _ in range(rng.randint(1, most - 1))
    ]
    if width > 170 and rng.random() < 0.22:
        kinds = (
            [rng.choice(("label", "code", "name"))]
            + ["long"] * rng.randint(1, 2 if width > 250 else 1)
            + (["number"] if rng.random() < 0.5 else [])
        )
    rows = rows or rng.randint(2, 14 if "long" not in kinds else 6)
    css = rng.choice(("width:100%", "width:100%", "margin:0 auto", ""))
    total = rng.random() < 0.15
    if rng.random() > captioned:
        return (
            f'<div class=fig style="break-inside:auto">{grid(sheet, kinds, rows, total=total, css=css)}</div>'
        )
    number = str(count.next("table"))
    long = rng.choice((15, 30, 60, 120, 250))
    place = rng.random()
    if place < 0.12 and width > 300:
        side = caption(sheet, 1, number, long, "flex:0 0 28%;text-align:start;margin:0")
        return f'<div class=fig style="display:flex;gap:1em;align-items:{rng.choice(("start", "center", "end"))}">{side}<div style="flex:1">{grid(sheet, kinds, rows, total=total)}</div></div>'
    if place < 0.7:
        above = caption(sheet, 1, number, long)
        return f'<div class=fig style="break-inside:auto">{above}{grid(sheet, kinds, rows, total=total, css=css)}</div>'
    inside = grid(sheet, kinds, rows, total=total, css=css)
    return f'<div class=fig style="break-inside:auto">{inside}{caption(sheet, 1, number, long)}</div>'
