"""Contracts, laws and manuscripts: clauses with numbers, lines with numbers."""

from __future__ import annotations

import random

from training.pages.odf import fields, furniture, parts
from training.pages.odf.page import align, edges, face, tab_stops
from training.pages.odf.parts import Writer, new_writer


def _clause(writer: Writer, label: str, characters: int, level: int, block: int, step: float) -> str:
    """A clause that hangs on its number."""
    page, seen = writer.page, writer.sheet.look
    item, first = writer.sheet.number(), len(writer.sheet.runs) + 1
    words = writer.text.prose(characters)
    said = page.run("list", label + "\t", block=block, item=item)
    lead = writer.text.words(1, 3) + "." if writer.rng.random() < 0.12 else ""
    said += parts.rich(writer, words, "list", block, item, lead=lead)
    left = step * level
    page.used += parts.lines_of(writer, len(words) + 6, seen.wide - left) + seen.size * 0.4
    props = f"{edges(bottom=seen.size * 0.4, left=left, first=-step)} {align('justify' if seen.justify else 'start')}"
    return page.paragraph(said, first, props=props, tabs=tab_stops((left, "left", "")), counted=True)


def contract(rng: random.Random, name: str) -> Writer:
    """A contract or a law: headings with numbers, clauses (1.1, (1), (a)) below them, places to sign."""
    writer = new_writer(rng, name, rng.choice(((595, 842), (595, 842), (612, 792), (612, 1008))), english=0.6)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    if rng.random() < 0.3:
        _count_lines(writer)
    furniture.bands(writer, heads=0.4, feet=0.35)
    if rng.random() < 0.4:
        page.body.append(
            parts.line(
                writer,
                "title",
                text.title(2, 6),
                type_face=face(size=rng.choice((13, 15, 18)), bold=True),
                props=f"{edges(bottom=10)} {align('center')}",
            )
        )
        if rng.random() < 0.5:
            for word in ("between", "and"):
                page.body.append(
                    parts.line(writer, "paragraph", word, props=f"{edges(4, 4)} {align('center')}")
                )
                page.body.append(parts.stack(writer, "paragraph", text.address(), props=align("center")))
            page.body.append(page.gap(10))
    kind, step = rng.choice(("1.1", "1.1", "(1)", "(1)", "1", "plain")), rng.choice((24, 28, 36))
    head = rng.choice(("{n}.", "{n}", "§ {n}", "Article {n}", "Section {n}.", "Clause {n}"))
    number = rng.randint(0, 20)
    centred = rng.random() < 0.3
    block = writer.sheet.number()
    while page.used < seen.high * 0.95:
        number += 1
        if kind != "plain":
            style = writer.headings[2]
            words = head.format(n=number) + rng.choice((" ", "  ")) + text.title(1, 5)
            page.used += seen.pitch * 1.9
            said = page.run("heading", words, type_face=style.type_face)
            props = f'{edges(8, 4)} {align("center" if centred else "start")} fo:keep-with-next="always"'
            page.body.append(
                page.paragraph(said, page.last, props=props, type_face=style.type_face, counted=True)
            )
            block = writer.sheet.number()
        if kind == "1":
            page.body.append(parts.paragraph(writer, rng.randint(100, 600), counted=True))
            continue
        for index in range(1, rng.randint(2, 5)):
            label = {"1.1": f"{number}.{index}", "(1)": f"({index})"}.get(kind, f"{number + index}.")
            page.body.append(_clause(writer, label, rng.randint(60, 420), 1, block, step))
            if rng.random() < 0.35:
                for letter in "abcdef"[: rng.randint(2, 5)]:
                    page.body.append(
                        _clause(
                            writer,
                            rng.choice((f"({letter})", f"({letter})", f"{letter})")),
                            rng.randint(30, 160),
                            2,
                            block,
                            step,
                        )
                    )
        number += 3 if kind == "plain" else 0
    return writer


def _count_lines(writer: Writer) -> None:
    """The lines get numbers in the margin; theirs must be the page's first run, since all pages share its colour."""
    sheet = writer.sheet
    sheet.look.left = max(sheet.look.left, 60)
    sheet.note("stamp", flow=sheet.number(), block=sheet.number(), item=-1)
    writer.page.numbered_lines = True


def manuscript(rng: random.Random, name: str) -> Writer:
    """A manuscript with wide lines and numbers beside them."""
    writer = new_writer(rng, name, rng.choice(((595, 842), (612, 792))), english=0.75)
    writer.page.line_height = rng.choice((150, 180, 200))
    seen, page = writer.sheet.look, writer.page
    seen.leading = writer.page.line_height / 100 * 1.2
    _count_lines(writer)
    furniture.bands(writer, heads=0.4, feet=0.2)
    while page.used < seen.high:
        if rng.random() < 0.25:
            page.body.append(parts.heading(writer, rng.choice((1, 2, 3))))
        page.body.append(
            parts.paragraph(writer, rng.randint(150, 1100), counted=True, notes=0.1, lead=rng.random() < 0.05)
        )
        if rng.random() < 0.06:
            page.body.append(parts.table(writer, ["label", "number", "number"], rng.randint(2, 6)))
    return writer


def minutes(rng: random.Random, name: str) -> Writer:
    """Minutes or an agenda: the meeting's facts, numbered points, who does what until when."""
    writer = new_writer(rng, name, english=0.6)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    furniture.bands(writer, heads=0.4, feet=0.35)
    writer.numbers = rng.choice(("1.", "1", "", "I."))
    page.body.append(
        parts.line(
            writer,
            "title",
            text.title(2, 7),
            type_face=face(size=rng.choice((14, 16, 20)), bold=True, family=seen.head),
            props=f"{edges(bottom=10)} {align(rng.choice(('start', 'center')))}",
        )
    )
    names = rng.sample(("Date", "Time", "Place", "Chair", "Present", "Absent", "Minutes"), rng.randint(3, 6))
    if text.language != "en":
        names = [text.words(1, 1) for _ in names]
    values = [
        ", ".join(text.name() for _ in range(rng.choice((1, 1, 1, 3, 5))))
        if rng.random() < 0.6
        else fields.value(writer)
        for _ in names
    ]
    page.body.append(
        fields.pairs(
            writer, names, seen.wide, kind=rng.choice(("table", "ruled", "run in", "tabs")), values=values
        )
        + page.gap(8)
    )
    if rng.random() < 0.5:
        page.body.append(
            parts.heading(writer, 2, "Agenda" if text.language == "en" else text.words(1, 1), numbered=False)
        )
        page.body.append(
            parts.bullets(
                writer, rng.randint(3, 8), 20, numbered=True, form=rng.choice(("1.", "1)")), leads=0
            )
        )
    while page.used < seen.high * rng.uniform(0.8, 1.0):
        page.body.append(parts.heading(writer, rng.choice((1, 2))))
        for _ in range(rng.randint(1, 2)):
            page.body.append(parts.paragraph(writer, rng.randint(60, 400), lead=rng.random() < 0.2))
        chance = rng.random()
        if chance < 0.3:
            page.body.append(parts.bullets(writer, rng.randint(2, 5), 60, depth=rng.choice((1, 2))))
        elif chance < 0.45:
            heads = (
                ["Task", "Who", "Until"] if text.language == "en" else [text.words(1, 1) for _ in range(3)]
            )
            page.body.append(parts.table(writer, ["long", "name", "date"], rng.randint(2, 5), heads=heads))
    return writer
