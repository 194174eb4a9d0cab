"""Reports, minutes, brochures: running text in one column or in parts with several."""

from __future__ import annotations

import random

from training.pages.odf import furniture, parts
from training.pages.odf.page import align, edges, face
from training.pages.odf.parts import Writer, new_writer


def body_part(
    writer: Writer, width: float, last: str, *, tables: float = 6, notes: float = 0.0, pictures: float = 2
) -> tuple[str, str]:
    """A part of running text for a column of this width, and its name."""
    rng = writer.rng
    names = (
        "paragraph",
        "lead",
        "heading",
        "subheading",
        "bullets",
        "numbered",
        "table",
        "picture",
        "box",
        "quote",
    )
    shares = [46, 5, 9, 8, 9, 5, tables, pictures, 1.5, 1]
    while True:
        name = rng.choices(names, shares)[0]
        if name in ("heading", "subheading") and last in ("heading", "subheading") and rng.random() < 0.75:
            continue
        if last == "" and name not in ("paragraph", "heading") and rng.random() < 0.6:
            continue
        if name in ("table", "box") and width < 150:
            continue
        break
    if name == "paragraph":
        return parts.paragraph(writer, rng.randint(80, 800), notes=notes, width=width), name
    if name == "lead":
        return parts.paragraph(writer, rng.randint(60, 500), lead=True, width=width), name
    if name == "heading":
        return parts.heading(writer, rng.choice((1, 1, 2))), name
    if name == "subheading":
        return parts.heading(writer, rng.choice((2, 3))), name
    if name in ("bullets", "numbered"):
        depth = rng.choice((1, 1, 1, 2, 2, 3))
        made = parts.bullets(
            writer,
            rng.randint(2, 7),
            rng.choice((25, 60, 110)),
            numbered=name == "numbered",
            depth=depth,
            width=width,
        )
        return made, name
    if name == "table":
        return report_table(writer, width), name
    if name == "picture":
        wide = width * rng.uniform(0.4, 0.9)
        made = parts.picture(writer, wide, min(wide * rng.uniform(0.4, 0.8), 180))
        return made + parts.caption(writer, 0, rng.choice((15, 30, 70, 140))), name
    if name == "box":
        lead = rng.random() < 0.5
        inside = "" if lead else parts.heading(writer, 3, writer.text.title(1, 4), numbered=False)
        return parts.boxed(writer, inside + parts.paragraph(writer, rng.randint(60, 300), lead=lead)), name
    inset = rng.choice((18, 24, 36))
    seen = writer.sheet.look
    props = f"{edges(4, 6, inset, inset)} {align('justify' if seen.justify else 'start')}"
    return parts.paragraph(writer, rng.randint(60, 300), props=props, type_face=face(italic=True)), name


def report_table(writer: Writer, width: float) -> str:
    """A table as reports have them, with its caption above or below it, or none."""
    rng = writer.rng
    most = max(2, min(7, int(width / 52)))
    kinds = ["label"] + [
        rng.choice(("number", "number", "integer", "code", "date", "mark", "words", "label"))
        for _ in range(rng.randint(1, most - 1))
    ]
    if width > 220 and rng.random() < 0.3:
        kinds = [rng.choice(("label", "code", "name")), *["long"] * rng.randint(1, 2)] + (
            ["number"] if rng.random() < 0.4 else []
        )
    rows = rng.randint(2, 6 if "long" in kinds else 12)
    place = rng.random()
    above = parts.caption(writer, 1, rng.choice((15, 30, 60))) if place < 0.35 else ""
    made = parts.table(writer, kinds, rows, width=width, total=rng.random() < 0.15)
    below = parts.caption(writer, 1, rng.choice((15, 30, 60))) if 0.35 <= place < 0.5 else ""
    return above + made + below


def stream(writer: Writer, room: float, width: float, **mix: float) -> str:
    """Parts until they take about ``room`` points of a column of this width."""
    page, out, last = writer.page, [], ""
    start = page.used
    while page.used - start < room:
        made, last = body_part(writer, width, last, **mix)
        out.append(made)
    return "".join(out)


def title(writer: Writer) -> str:
    """A document's title, with a line below it or none."""
    rng, seen = writer.rng, writer.sheet.look
    side = rng.choice(("start", "center", "center"))
    size = rng.choice((18, 20, 22, 24, 28))
    color = seen.accent if rng.random() < 0.4 else None
    out = [parts.line(writer, "title", writer.text.title(2, 9), color=color, props=f"{edges(bottom=size * 0.4)} {align(side)}",
                      type_face=face(size=size, bold=rng.random() < 0.5, family=seen.head))]  # fmt: skip
    writer.page.used += size * 1.6
    for _ in range(rng.choice((0, 1, 1, 2))):
        words = rng.choice((writer.text.name, writer.text.firm, writer.text.date, writer.text.title))()
        out.append(
            parts.line(
                writer,
                "paragraph",
                words,
                props=f"{edges(bottom=4)} {align(side)}",
                type_face=face(size=seen.size + rng.choice((0, 1, 2))),
            )
        )
    return "".join(out)


def report(rng: random.Random, name: str) -> Writer:
    """A page of a report of one column, with footnotes and, at times, notes in its margin."""
    writer = new_writer(rng, name)
    seen, page = writer.sheet.look, writer.page
    furniture.bands(writer)
    if rng.random() < 0.12 and seen.width < 700:
        wide = rng.uniform(70, 110)
        seen.right = wide + 36
        furniture.side_notes(writer, seen.width - wide - 22, wide, rng.randint(1, 4))
    head = title(writer) if rng.random() < 0.2 else ""
    share = rng.choice((1, 1, 1, 1.05, 0.8, 0.5, 0.25))
    body = stream(writer, seen.high * share - page.used, seen.wide, notes=rng.choice((0, 0, 0.3, 0.6)))
    page.body.append(head + body)
    return writer


def columns(rng: random.Random, name: str) -> Writer:
    """A page with parts in two or three columns, below headings across them or not."""
    writer = new_writer(rng, name, small=rng.random() < 0.3)
    seen, page = writer.sheet.look, writer.page
    furniture.bands(writer)
    gutter = rng.choice((14, 18, 18, 24, 30))
    if rng.random() < 0.5:
        page.body.append(title(writer))
    while page.used < seen.high * 0.85:
        count = rng.choice((2, 2, 2, 3)) if seen.wide > 300 else 2
        width = (seen.wide - gutter * (count - 1)) / count
        if page.used and rng.random() < 0.6:
            page.body.append(parts.heading(writer, 1))
        start = page.used
        room = (seen.high - start) * rng.choice((1.0, 1.0, 0.6, 0.4))
        inside = stream(
            writer, max(room, 60) * count, width, tables=2, notes=rng.choice((0, 0, 0.2)), pictures=3
        )
        page.used = start + (page.used - start) / count + seen.pitch
        page.body.append(
            page.section(inside, count, gutter=gutter, balanced=rng.random() < 0.8, rule=rng.random() < 0.2)
        )
    return writer
