"""Letters and resumes."""

from __future__ import annotations

import random

from training.pages.odf import fields, furniture, parts
from training.pages.odf.page import Cell, align, edges, face
from training.pages.odf.parts import Writer, new_writer

_LETTER_SIZES = ((595, 842), (595, 842), (612, 792))


def letterhead(writer: Writer) -> None:
    """Who writes, in the head of the page, and small print in columns in its foot."""
    rng, page, seen = writer.rng, writer.page, writer.sheet.look
    if rng.random() < 0.7:
        side = rng.choice(("start", "end", "center"))
        big = face(size=rng.choice((14, 16, 18, 22)), bold=rng.random() < 0.7, family=seen.head)
        flow = writer.sheet.number()
        page.header = parts.line(
            writer,
            "header",
            writer.text.firm(),
            type_face=big,
            flow=flow,
            props=align(side),
            color=seen.accent,
        )
        if rng.random() < 0.6:
            small = face(size=rng.choice((7, 8, 9)))
            lines = (
                [" · ".join((writer.text.street(), writer.text.town(), writer.text.phone()))]
                if rng.random() < 0.5
                else writer.text.address()[1:]
            )
            page.header += parts.stack(
                writer, "header", lines, props=align(side), type_face=small, flow=writer.sheet.number()
            )
    chance = rng.random()
    if chance < 0.5:
        cells = []
        small = face(size=rng.choice((6.5, 7, 7.5)))
        rule = (
            'fo:border-top="0.5pt solid #888888" fo:padding-top="3pt"'
            if rng.random() < 0.6
            else 'fo:border="none"'
        )
        count = rng.randint(2, 4)
        for _ in range(count):
            lines = [
                writer.text.firm(),
                writer.text.street(),
                writer.text.phone(),
                writer.text.email(),
                writer.text.code(),
            ][: rng.randint(2, 5)]
            cells.append(
                Cell(parts.stack(writer, "footer", lines, type_face=small, flow=writer.sheet.number()), rule)
            )
        page.footer = page.table([cells], [seen.wide / count] * count)
    elif chance < 0.7:
        furniture.bands(writer, heads=0, feet=0.6, numbers=0.6)
    page.used = 0


def _sender_line(writer: Writer) -> str:
    said = ", ".join(writer.text.address())
    return parts.line(
        writer,
        "paragraph",
        said,
        type_face=face(size=7, under=writer.rng.random() < 0.6),
        props=edges(bottom=4),
    )


def letter(rng: random.Random, name: str) -> Writer:
    """A letter: sender, address with the letter's facts beside it or not, subject, text, greeting."""
    writer = new_writer(rng, name, rng.choice(_LETTER_SIZES), english=0.6)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    letterhead(writer)
    out = []

    def receiver(width: float) -> str:
        return (_sender_line(writer) if rng.random() < 0.5 else "") + fields.address(writer)

    def facts(width: float) -> str:
        names = fields.labels(writer, rng.randint(2, 6))
        return fields.pairs(writer, names, width, size=rng.choice((seen.size, max(7, seen.size - 1))))

    chance = rng.random()
    if chance < 0.6:
        out.append(parts.beside(writer, (receiver, facts), rng.choice(((3, 2), (1, 1), (5, 3)))))
    elif chance < 0.72:
        out.append(parts.beside(writer, (receiver, lambda width: fields.address(writer), facts), (1, 1, 1)))
    else:
        out.append(receiver(seen.wide) + page.gap(14))
        side = rng.choice(("end", "end", "start"))
        out.append(
            parts.line(
                writer,
                "paragraph",
                f"{text.town()}, {text.date()}",
                props=f"{edges(bottom=14)} {align(side)}",
            )
        )
        page.used += 28
    out.append(page.gap(rng.choice((6, 16, 30))))
    if rng.random() < 0.8:
        words = rng.choice(("", "", "Re: ", "Subject: ")) + text.title(2, 8)
        out.append(
            parts.line(
                writer,
                rng.choice(("heading", "heading", "paragraph")),
                words,
                type_face=face(bold=True),
                props=edges(bottom=12),
            )
        )
    after = f"{edges(bottom=seen.size * 0.7)} {align('justify' if seen.justify else 'start')}"
    out.append(
        parts.paragraph(writer, 0, words=rng.choice(("Dear ", "Hello ", "")) + text.name() + ",", props=after)
    )
    share = rng.uniform(0.45, 0.8)
    while page.used < seen.high * share:
        out.append(parts.paragraph(writer, rng.randint(80, 600), props=after))
        if rng.random() < 0.12:
            out.append(parts.bullets(writer, rng.randint(2, 5), 60, numbered=rng.random() < 0.3))
        if rng.random() < 0.08:
            out.append(parts.table(writer, ["label", "number", "money"], rng.randint(2, 5)))
    out.append(
        parts.line(
            writer,
            "paragraph",
            rng.choice(("Sincerely,", "Kind regards", "Yours faithfully,")),
            props=edges(top=8, bottom=rng.choice((6, 30))),
        )
    )
    out.append(parts.stack(writer, "paragraph", [text.name(), text.words(1, 3)][: rng.randint(1, 2)]))
    if rng.random() < 0.3:
        out.append(
            parts.line(
                writer,
                "paragraph",
                rng.choice(("Enclosures: ", "cc: ")) + text.words(2, 5),
                props=edges(top=12),
                type_face=face(size=seen.size - 1),
            )
        )
    page.body += out
    return writer


def resume(rng: random.Random, name: str) -> Writer:
    """A resume: its dates in a column beside the posts or at the line's end, or a bar with facts beside it all."""
    writer = new_writer(rng, name, rng.choice(_LETTER_SIZES), english=0.6)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    side = rng.choice(("start", "start", "center"))
    head = parts.line(
        writer,
        "title",
        text.name(),
        type_face=face(size=rng.choice((18, 22, 26)), bold=rng.random() < 0.6, family=seen.head),
        props=f"{edges(bottom=4)} {align(side)}",
        color=seen.accent,
    )
    if rng.random() < 0.7:
        head += parts.line(
            writer,
            "paragraph",
            rng.choice((" | ", " • ", ", ")).join((text.street(), text.phone(), text.email())),
            props=f"{edges(bottom=8)} {align(side)}",
        )
    page.body.append(head)
    if rng.random() < 0.4:
        shares = (1, rng.uniform(1.8, 2.6))
        left = rng.random() < 0.6
        fill = (
            f'fo:background-color="#{rng.choice((0xE8EEF7, 0xF2F2F2, 0xEDE7F6)):06x}" fo:padding="6pt" fo:border="none"'
            if rng.random() < 0.6
            else ""
        )
        makers = (lambda width: _facts(writer, width), lambda width: _posts(writer, width, "below"))
        order = makers if left else makers[::-1]
        page.body.append(parts.beside(writer, order, shares if left else shares[::-1], props=fill, gutter=12))
    else:
        page.body.append(_posts(writer, seen.wide, rng.choice(("table", "table", "end", "below"))))
    if rng.random() < 0.3:
        furniture.bands(writer, heads=0.1, feet=0.2, numbers=0.5)
    return writer


def _facts(writer: Writer, width: float) -> str:
    rng, text = writer.rng, writer.text
    out = []
    for _ in range(rng.randint(2, 5)):
        out.append(parts.heading(writer, 2, text.words(1, 2), numbered=False))
        chance = rng.random()
        if chance < 0.4:
            out.append(parts.bullets(writer, rng.randint(3, 6), 16, width=width, leads=0))
        elif chance < 0.7:
            out.append(parts.stack(writer, "paragraph", [text.words(1, 3) for _ in range(rng.randint(2, 6))]))
        else:
            out.append(
                fields.pairs(
                    writer,
                    fields.labels(writer, rng.randint(2, 4)),
                    width - 12,
                    kind=rng.choice(("above", "run in")),
                )
            )
    return "".join(out)


def _posts(writer: Writer, width: float, dated: str) -> str:
    """Sections of posts and schools, with their dates in a column of their own, at the line's end or below."""
    rng, text, page, seen = writer.rng, writer.text, writer.page, writer.sheet.look
    out, start = [], page.used
    while page.used - start < seen.high * 0.72:
        out.append(parts.heading(writer, 1, text.words(1, 3), numbered=False))
        if dated == "table":
            rows = [_dated_row(writer, width) for _ in range(rng.randint(1, 4))]
            out.append(page.table(rows, [width * 0.22, width * 0.78]) + page.gap(4))
            continue
        for _ in range(rng.randint(1, 3)):
            years = f"{rng.randint(1995, 2015)} – {rng.randint(2016, 2026)}"
            post = f"{text.words(1, 3)}, {text.firm()}"
            first = len(writer.sheet.runs) + 1
            if dated == "end":
                said = (
                    page.run("paragraph", post, type_face=face(bold=True))
                    + page.span("<text:tab/>", first)
                    + page.run("paragraph", years)
                )
                out.append(
                    page.paragraph(
                        said,
                        first,
                        tabs=f'<style:tab-stops><style:tab-stop style:position="{width:.1f}pt" style:type="right"/></style:tab-stops>',
                    )
                )
            else:
                out.append(parts.line(writer, "paragraph", post, type_face=face(bold=True)))
                out.append(parts.line(writer, "paragraph", years, type_face=face(italic=True)))
            page.used += seen.pitch
            out.append(_deed(writer, width))
    return "".join(out)


def _dated_row(writer: Writer, width: float) -> list[Cell]:
    rng, text = writer.rng, writer.text
    props = 'fo:padding="2pt" fo:border="none"'
    years = parts.line(writer, "paragraph", f"{rng.randint(1995, 2015)} – {rng.randint(2016, 2026)}")
    post = parts.line(writer, "paragraph", f"{text.words(1, 3)}, {text.firm()}", type_face=face(bold=True))
    return [Cell(years, props), Cell(post + _deed(writer, width * 0.78), props)]


def _deed(writer: Writer, width: float) -> str:
    rng = writer.rng
    if rng.random() < 0.6:
        return parts.bullets(writer, rng.randint(1, 4), 70, width=width)
    return parts.paragraph(writer, rng.randint(50, 260), width=width, props=edges(bottom=4))
