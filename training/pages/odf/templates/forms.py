"""Forms, and the sheets of exams and lessons."""

from __future__ import annotations

import random

from training.pages.odf import fields, furniture, parts
from training.pages.odf.page import Cell, align, edges, face, tab_stops
from training.pages.odf.parts import Writer, new_writer
from training.pages.templates.forms import FIELDS


def _names(writer: Writer, count: int) -> list[str]:
    if writer.text.language == "en":
        return [writer.rng.choice(FIELDS) for _ in range(count)]
    return [writer.text.words(1, 3) for _ in range(count)]


def _grid(writer: Writer) -> str:
    """Cells with small labels above or beside what is written, filled in or empty."""
    rng, page, seen = writer.rng, writer.page, writer.sheet.look
    columns, rows = rng.choice((1, 2, 2, 3, 4)), rng.randint(1, 4)
    border = (
        f'fo:border="{rng.choice((0.5, 0.75, 1))}pt solid #{rng.choice((0, 0x666666)):06x}" fo:padding="2pt"'
    )
    beside = columns <= 2 and rng.random() < 0.5
    shade = (
        f' fo:background-color="#{rng.choice((0xF2F2F2, 0xE7E6E6, 0xDEEAF6)):06x}"'
        if rng.random() < 0.4
        else ""
    )
    small, high = face(size=max(6.5, seen.size - rng.choice((1, 2, 3)))), rng.choice((0, 4, 10))
    made = []
    for _ in range(rows):
        cells = []
        for name in _names(writer, columns):
            block, number = writer.sheet.number(), len(writer.sheet.runs) + 1
            label = page.paragraph(
                page.run("form_label", name, type_face=small, block=block), number, type_face=small
            )
            empty = page.paragraph("", 0, type_face=face(size=seen.size), props=edges(bottom=high))
            if rng.random() < 0.4:
                said = page.run(
                    "form_value", fields.value(writer), block=block, color=rng.choice((0, 0x000080))
                )
                empty = page.paragraph(said, page.last, props=edges(bottom=high))
            cells += (
                [Cell(label, border + shade), Cell(empty, border)]
                if beside
                else [Cell(label + empty, border + shade)]
            )
        page.used += seen.pitch * (1.3 if beside else 2) + 5 + high
        made.append(cells)
    count = columns * (2 if beside else 1)
    return page.table(made, [seen.wide / count] * count) + page.gap(6)


def _comb(writer: Writer) -> str:
    """A label with a row of small boxes, one for each letter."""
    rng, page, seen = writer.rng, writer.page, writer.sheet.look
    count = rng.randint(5, 12)
    label = page.run("form_label", _names(writer, 1)[0])
    bare, box = 'fo:border="none" fo:padding="2pt"', 'fo:border="0.5pt solid #444444" fo:padding="2pt"'
    cells = [Cell(page.paragraph(label, page.last), bare)] + [Cell("", box)] * count
    page.used += seen.pitch + 8
    return page.table([cells], [seen.wide - 16 * 12] + [16] * count) + page.gap(6)


def form(rng: random.Random, name: str) -> Writer:
    """A form in sections: lines, boxes and cells to fill in, boxes to tick, small print."""
    writer = new_writer(
        rng, name, rng.choice(((595, 842), (595, 842), (612, 792))), english=0.6, small=rng.random() < 0.3
    )
    seen, page, text = writer.sheet.look, writer.page, writer.text
    furniture.bands(writer, heads=0.35, feet=0.45, numbers=0.6)
    if rng.random() < 0.85:
        side = rng.choice(("center", "start"))
        page.body.append(
            parts.line(
                writer,
                "title",
                text.title(2, 7),
                type_face=face(size=rng.choice((13, 15, 18)), bold=True, family=seen.head),
                props=f"{edges(bottom=8)} {align(side)}",
            )
        )
        page.used += 14
    if rng.random() < 0.5:
        page.body.append(parts.paragraph(writer, rng.randint(60, 350), props=edges(bottom=6)))
    leader, each = rng.choice("__..") if rng.random() < 0.8 else "_", rng.choice((1, 1, 2, 2, 3))
    kinds = rng.sample(("blanks", "grid", "comb", "ticks", "pairs"), rng.randint(2, 4))
    while page.used < seen.high * 0.85:
        if rng.random() < 0.7:
            page.body.append(parts.heading(writer, rng.choice((2, 3, 3))))
        for kind in rng.choices(kinds, k=rng.randint(1, 2)):
            if kind == "blanks":
                page.body.append(
                    fields.blanks(
                        writer, _names(writer, each * rng.randint(1, 5)), seen.wide, leader=leader, each=each
                    )
                )
            elif kind == "grid":
                page.body.append(_grid(writer))
            elif kind == "comb":
                page.body.append(_comb(writer))
            elif kind == "ticks":
                page.body.append(fields.ticks(writer, seen.wide))
            else:
                page.body.append(
                    fields.pairs(writer, _names(writer, rng.randint(2, 5)), seen.wide) + page.gap(6)
                )
        if rng.random() < 0.25:
            page.body.append(
                parts.paragraph(
                    writer,
                    rng.randint(60, 260),
                    type_face=face(size=max(6.5, seen.size - 1)),
                    props=edges(bottom=4),
                )
            )
    if rng.random() < 0.4:
        page.body.append(page.gap(10) + fields.blanks(writer, ("Date", "Signature"), seen.wide, each=2))
    return writer


def exam(rng: random.Random, name: str) -> Writer:
    """A sheet of an exam or a lesson: who writes it, numbered questions with parts or answers to choose, lines to write on."""
    writer = new_writer(rng, name, rng.choice(((595, 842), (595, 842), (612, 792))), english=0.6)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    furniture.bands(writer, heads=0.4, feet=0.3, numbers=0.7)
    if rng.random() < 0.7:
        page.body.append(
            fields.blanks(
                writer,
                rng.choice((("Name", "Class", "Date"), ("Name", "Date"), ("Name",), ("Student", "Points"))),
                seen.wide,
                each=3,
            )
        )
    if rng.random() < 0.8:
        page.body.append(
            parts.line(
                writer,
                "title",
                text.title(1, 6),
                type_face=face(size=rng.choice((13, 16, 20)), bold=True, family=seen.head),
                props=f"{edges(6, 8)} {align(rng.choice(('center', 'start')))}",
            )
        )
    if rng.random() < 0.4:
        page.body.append(parts.paragraph(writer, rng.randint(60, 250), props=edges(bottom=6)))
    shape = rng.choice(("{}.", "{})", "Question {}:", "Exercise {}", "{}"))
    points = rng.choice(("", "", "({} points)", "[{}]", "___ / {}"))
    number = rng.choice((0, 0, rng.randint(0, 20)))
    while page.used < seen.high * 0.9:
        number += 1
        if rng.random() < 0.08:
            page.body.append(parts.heading(writer, 2, numbered=False))
        page.body.append(_question(writer, shape.format(number), points.format(rng.randint(1, 12))))
    return writer


def _question(writer: Writer, mark: str, points: str) -> str:
    rng, page, seen, text = writer.rng, writer.page, writer.sheet.look, writer.text
    block, item, first = writer.sheet.number(), writer.sheet.number(), len(writer.sheet.runs) + 1
    deep = len(mark) * seen.size * 0.55 + 8
    words = text.prose(rng.randint(30, 220))
    said = page.run("list", mark + "\t", type_face=face(bold=rng.random() < 0.5), block=block, item=item)
    said += page.run("list", words + (f"\t{points}" if points else ""), block=block, item=item)
    out = [
        page.paragraph(
            said,
            first,
            props=edges(top=6, bottom=3, left=deep, first=-deep),
            tabs=tab_stops((deep, "left", ""), (seen.wide, "right", "")),
        )
    ]
    page.used += parts.lines_of(writer, len(words) + 10, seen.wide - deep) + 9
    chance = rng.random()
    if chance < 0.35:
        out.append(_choices(writer, block, deep))
    elif chance < 0.55:
        out.append(
            _choices(writer, block, deep)
            + fields.answer_lines(writer, rng.randint(1, 3), seen.wide, inset=deep)
        )
    elif chance < 0.85:
        out.append(fields.answer_lines(writer, rng.randint(1, 6), seen.wide, inset=rng.choice((0, deep))))
    else:
        high = rng.uniform(30, 90)
        page.used += high
        out.append(page.gap(high))
    return "".join(out)


def _choices(writer: Writer, block: int, deep: float) -> str:
    """The parts of a question, or answers to choose from, in one to four columns."""
    rng, page, seen, text = writer.rng, writer.page, writer.sheet.look, writer.text
    each, form = rng.choice((1, 1, 1, 2, 2, 4)), rng.choice(("{})", "({})", "{}."))
    upper, sums = rng.random() < 0.3, rng.random() < 0.25
    out, wide = [], (seen.wide - deep) / each
    options = []
    for index in range(rng.randint(3, 6)):
        letter = chr((65 if upper else 97) + index)
        words = (
            f"{rng.randint(2, 99)} {rng.choice('+−·:')} {rng.randint(2, 99)} = ______"
            if sums
            else text.words(1, 3)
            if each > 1
            else text.prose(rng.randint(15, 70))
        )
        item, first = writer.sheet.number(), len(writer.sheet.runs) + 1
        options.append(
            (
                page.run(
                    "list", form.format(letter) + ("\t" if each == 1 else " ") + words, block=block, item=item
                ),
                first,
            )
        )
    for start in range(0, len(options), each):
        group = options[start : start + each]
        inside = "".join(
            (page.span("<text:tab/>", first) if i else "") + said for i, (said, first) in enumerate(group)
        )
        stops = (
            [(deep + 18, "left", "")]
            if each == 1
            else [(deep + wide * i, "left", "") for i in range(1, each)]
        )
        inset = edges(bottom=2, left=deep + 18, first=-18) if each == 1 else edges(bottom=2, left=deep)
        out.append(page.paragraph(inside, group[0][1], props=inset, tabs=tab_stops(*stops)))
        page.used += seen.pitch + 2
    return "".join(out)
