"""What stands around the text of an office page: running heads and feet, page numbers, notes in the margin."""

from __future__ import annotations

from training.pages.furniture import page_number, running
from training.pages.odf.page import Cell, align, edges, face, tab_stops
from training.pages.odf.parts import Writer


def bands(writer: Writer, heads: float = 0.55, feet: float = 0.4, numbers: float = 0.8) -> None:
    """Running head and foot with the page number, each there with the given probability."""
    rng, sheet = writer.rng, writer.sheet
    in_head = rng.random() < 0.25
    top = (
        [("header", running(sheet)) for _ in range(rng.choice((1, 1, 2, 3)))] if rng.random() < heads else []
    )
    foot = [("footer", running(sheet)) for _ in range(rng.choice((1, 1, 2)))] if rng.random() < feet else []
    if rng.random() < numbers:
        place = top if in_head else foot
        place.insert(rng.choice((0, len(place), len(place))), ("page_number", page_number(sheet)))
    if top:
        writer.page.header = _band(writer, top[:3], True)
    if foot:
        writer.page.footer = _band(writer, foot[:3], False)


def _band(writer: Writer, parts: list[tuple[str, str]], above: bool) -> str:
    """Parts spread over a line by tab stops or a table, or in lines of their own."""
    rng, seen, page = writer.rng, writer.sheet.look, writer.page
    size = rng.choice((7.5, 8, 8, 9, 9, 10))
    type_face = face(
        size=size,
        family=rng.choice((seen.body, seen.head)),
        italic=True if rng.random() < 0.15 else None,
        bold=True if rng.random() < 0.1 else None,
    )
    edge = "bottom" if above else "top"
    rule = ""
    if rng.random() < 0.35:
        rule = f'fo:border-{edge}="{rng.choice((0.5, 0.75, 1))}pt solid #{rng.choice((0, 0x888888, seen.accent)):06x}" fo:padding-{edge}="2pt"'
    first = len(writer.sheet.runs) + 1
    said = [page.run(role, words, type_face=type_face, flow=writer.sheet.number()) for role, words in parts]
    if len(said) == 1:
        side = rng.choice(("center", "center", "start", "end"))
        return page.paragraph(said[0], first, props=f"{edges()} {align(side)} {rule}", type_face=type_face)
    wide = seen.wide
    chance = rng.random()
    longest = max(len(words) for _, words in parts)
    if chance < 0.15 or longest * size * 0.5 > wide / len(parts):
        side = rng.choice(("center", "start", "end"))
        lines = [page.paragraph(each, first + i, props=f"{edges()} {align(side)} {rule if (i == 0) != above else ''}", type_face=type_face)
                 for i, each in enumerate(said)]  # fmt: skip
        return "".join(lines)
    sides = ("start", "end") if len(said) == 2 else ("start", "center", "end")
    if chance < 0.35:
        border = (
            f'fo:border="{rng.choice((0.5, 1))}pt solid #{rng.choice((0, 0x888888)):06x}" fo:padding="2pt"'
            if rng.random() < 0.4
            else 'fo:border="none"'
        )
        cells = [
            Cell(page.paragraph(each, first + i, props=align(sides[i]), type_face=type_face), border)
            for i, each in enumerate(said)
        ]
        return page.table([cells], [wide / len(said)] * len(said))
    stops = [(wide, "right", "")] if len(said) == 2 else [(wide / 2, "center", ""), (wide, "right", "")]
    joined = page.span("<text:tab/>", first).join(said)
    return page.paragraph(
        joined, first, props=f"{edges()} {rule}", type_face=type_face, tabs=tab_stops(*stops)
    )


def side_notes(writer: Writer, left: float, width: float, count: int) -> None:
    """Notes in the margin, each a flow of its own."""
    rng, seen, page = writer.rng, writer.sheet.look, writer.page
    size = round(seen.size * rng.choice((0.75, 0.8, 0.85)) * 2) / 2
    room = seen.high / count
    fill = rng.choice((0xF2F2F2, 0xE8EEF7, 0xFFF8E1)) if rng.random() < 0.25 else None
    border = f"0.5pt solid #{seen.accent:06x}" if rng.random() < 0.25 else "none"
    slant = face(size=size, italic=True if rng.random() < 0.4 else None)
    for index in range(count):
        most = int(room / (size * 1.3) * width / (size * 0.5) * 0.6)
        flow, block, item = (writer.sheet.number() for _ in range(3))
        number = len(writer.sheet.runs) + 1
        words = page.run(
            "side_note",
            writer.text.prose(min(rng.randint(20, 130), max(most, 12))),
            type_face=slant,
            flow=flow,
            block=block,
            item=item,
        )
        inside = page.paragraph(words, number, props=align("start"), type_face=slant)
        top = seen.top + room * index + rng.uniform(0, room * 0.2)
        page.frames.append(page.frame(inside, left, top, width, fill=fill, border=border, pad=2))
