"""Contents, price lists, schedules and wide sheets of figures."""

from __future__ import annotations

import random

from training.pages.odf import furniture, parts
from training.pages.odf.page import align, edges, face, tab_stops
from training.pages.odf.parts import Writer, new_writer


def _head(writer: Writer, words: str, role: str = "heading") -> str:
    rng, seen = writer.rng, writer.sheet.look
    size = seen.size + rng.choice((3, 5, 8))
    writer.page.used += size * 1.5
    return parts.line(
        writer,
        role,
        words,
        type_face=face(size=size, bold=rng.random() < 0.7, family=seen.head),
        props=f"{edges(bottom=size * 0.5)} {align(rng.choice(('start', 'start', 'center')))}",
    )


def contents(rng: random.Random, name: str) -> Writer:
    """A table of contents by tab stops, with leaders or without."""
    writer = new_writer(rng, name)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    furniture.bands(writer)
    if rng.random() < 0.85:
        page.body.append(_head(writer, text.named(7) if rng.random() < 0.8 else text.title(1, 3)))
    leader, numbered, step = (
        rng.choice((".", ".", ".", ".", "_", "")),
        rng.random() < 0.6,
        rng.choice((0, 10, 14, 20)),
    )
    bold_tops, after = rng.random() < 0.5, rng.choice((0, 0, 2, 4))
    counts, number, block = [0, 0, 0], rng.randint(1, 8), writer.sheet.number()
    share = rng.uniform(0.4, 0.95)
    while page.used < seen.high * share:
        level = rng.choice((0, 1, 1, 2)) if counts[0] else 0
        level = min(level, 1 if not counts[1] else 2)
        counts[level] += 1
        counts[level + 1 :] = [0] * (2 - level)
        number += rng.randint(0, 7)
        label = ".".join(map(str, counts[: level + 1])) + rng.choice(("\t", "\t", " ")) if numbered else ""
        words = f"{label}{text.title(1, 9 if rng.random() < 0.9 else 18)}\t{number}"
        left = step * level
        deep = left + (20 + 9 * level)
        look_of = face(bold=True) if bold_tops and level == 0 else ""
        said = page.run("contents", words, block=block, type_face=look_of)
        stops = ([(deep, "left", "")] if "\t" in label else []) + [(seen.wide, "right", leader)]
        page.body.append(
            page.paragraph(
                said,
                page.last,
                props=edges(after if level == 0 else 0, after, left),
                tabs=tab_stops(*stops),
                type_face=look_of,
            )
        )
        page.used += seen.pitch + after * 1.3
    return writer


def prices(rng: random.Random, name: str) -> Writer:
    """A price list: names and prices at the line's end, in one or two columns."""
    writer = new_writer(rng, name, english=0.4)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    furniture.bands(writer, heads=0.2, feet=0.4, numbers=0.4)
    page.body.append(_head(writer, text.title(1, 4), "title"))
    count = rng.choice((1, 1, 2)) if seen.wide > 300 else 1
    width = (seen.wide - 24 * (count - 1)) / count
    leader, bold = rng.choice((".", ".", "", "_")), face(bold=True) if rng.random() < 0.5 else ""
    out, start = [], page.used
    while page.used - start < (seen.high - start) * count * 0.9:
        out.append(parts.heading(writer, 2, numbered=False))
        block = writer.sheet.number()
        for _ in range(rng.randint(3, 8)):
            item, first = writer.sheet.number(), len(writer.sheet.runs) + 1
            said = page.run("list", text.title(1, 4), type_face=bold, block=block, item=item)
            said += page.run(
                "list", f"\t{rng.uniform(2, 600):.2f}{rng.choice(('', ' €'))}", block=block, item=item
            )
            out.append(
                page.paragraph(said, first, tabs=tab_stops((width, "right", leader)), props=edges(top=2))
            )
            page.used += seen.pitch + 2
            if rng.random() < 0.4:
                under = face(size=max(6.5, seen.size - 1), italic=True)
                said = page.run(
                    "list",
                    text.prose(rng.randint(25, 80)).rstrip("."),
                    type_face=under,
                    block=block,
                    item=item,
                )
                out.append(page.paragraph(said, page.last, type_face=under))
                page.used += seen.pitch * 1.2
    page.used = start + (page.used - start) / count
    page.body.append(page.section("".join(out), count, gutter=24) if count > 1 else "".join(out))
    return writer


def schedule(rng: random.Random, name: str) -> Writer:
    """A timetable: hours beside days, or a programme with its hours in a column."""
    writer = new_writer(
        rng, name, rng.choice(((595, 842), (842, 595), (792, 612), (612, 792))), small=rng.random() < 0.5
    )
    seen, page, text = writer.sheet.look, writer.page, writer.text
    furniture.bands(writer, heads=0.3, feet=0.3, numbers=0.4)
    page.body.append(_head(writer, text.title(2, 6), "title"))
    if rng.random() < 0.5:
        page.body.append(parts.paragraph(writer, rng.randint(50, 250)))
    if rng.random() < 0.5:
        days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"][: rng.randint(4, 6)]
        if text.language != "en":
            days = [text.words(1, 1) for _ in days]
        rule = f'fo:border="0.5pt solid #{rng.choice((0, 0x888888)):06x}" fo:padding="3pt" style:vertical-align="middle"'
        block, bold = writer.sheet.number(), face(bold=True)
        rows = [
            [
                parts.cell(writer, words, block, props=rule, side="center", type_face=bold)
                for words in ("", *days)
            ]
        ]
        hour = rng.randint(7, 9)
        for index in range(rng.randint(5, 10)):
            cells = [
                parts.cell(writer, f"{hour + index}:{rng.choice(('00', '15', '30'))}", block, props=rule)
            ]
            for _ in days:
                fill = (
                    f' fo:background-color="#{rng.choice((0xE2EFD9, 0xFFF2CC, 0xD9E2F3)):06x}"'
                    if rng.random() < 0.2
                    else ""
                )
                cells.append(
                    parts.cell(
                        writer,
                        "" if rng.random() < 0.25 else text.words(1, 3),
                        block,
                        props=rule + fill,
                        side="center",
                    )
                )
            rows.append(cells)
        page.body.append(
            page.table(rows, [seen.wide * 0.12] + [seen.wide * 0.88 / len(days)] * len(days)) + page.gap(8)
        )
        page.used += len(rows) * seen.pitch * 2.2
    else:
        bare = (
            'fo:padding="2pt" fo:border="none"'
            if rng.random() < 0.6
            else 'fo:padding="3pt" fo:border-bottom="0.5pt solid #999999"'
        )
        rows, block, hour = [], writer.sheet.number(), rng.randint(8, 10)
        while page.used < seen.high * 0.8:
            time = f"{hour}:{rng.choice(('00', '15', '30', '45'))}" + (
                f" – {hour + 1}:00" if rng.random() < 0.5 else ""
            )
            hour = hour % 20 + 1
            cells = [
                parts.cell(writer, time, block, props=bare),
                parts.cell(writer, text.prose(rng.randint(20, 140)).rstrip("."), block, props=bare),
            ]
            cells.append(parts.cell(writer, text.name() if rng.random() < 0.7 else "", block, props=bare))
            rows.append(cells)
            page.used += seen.pitch * 2.2
        page.body.append(
            page.table(rows, [seen.wide * 0.2, seen.wide * 0.55, seen.wide * 0.25]) + page.gap(8)
        )
    if rng.random() < 0.4 and page.used < seen.high * 0.8:
        page.body.append(parts.bullets(writer, rng.randint(2, 5), 60))
    return writer


def wide_sheet(rng: random.Random, name: str) -> Writer:
    """A sheet of a spreadsheet: many narrow columns in small type, on a wide page."""
    writer = new_writer(
        rng, name, rng.choice(((842, 595), (842, 595), (792, 612), (1191, 842), (595, 842))), small=True
    )
    seen, page, text = writer.sheet.look, writer.page, writer.text
    seen.left = seen.right = rng.choice((28, 36, 50))
    furniture.bands(writer, heads=0.5, feet=0.3, numbers=0.6)
    if rng.random() < 0.6:
        page.body.append(_head(writer, text.title(2, 6), "title" if rng.random() < 0.5 else "heading"))
    count = rng.randint(6, 14 if seen.width > 800 else 9)
    kind = rng.choice(("number", "integer", "money"))
    kinds = [rng.choice(("label", "name", "code"))] + [
        kind if rng.random() < 0.7 else rng.choice(("date", "code", "mark", "label", "number"))
        for _ in range(count - 1)
    ]
    size = rng.choice((6.5, 7, 7.5, 8))
    pitch = size * 1.25 + 5
    for _ in range(rng.choice((1, 1, 1, 2))):
        rows = int((seen.high - page.used) * rng.uniform(0.4, 0.95) / pitch / 1.3)
        page.body.append(
            parts.table(
                writer,
                kinds,
                max(rows, 3),
                width=seen.wide,
                size=size,
                total=rng.random() < 0.4,
                ruled=rng.choice(("all", "all", "none", "rows")),
                merged=rng.choice((0.02, 0.1)),
                blank=rng.choice((0.02, 0.1, 0.3)),
            )
        )
        if rng.random() < 0.4:
            words = rng.choice(("Source: ", "Note: ", "* ")) + text.prose(50)
            page.body.append(parts.line(writer, "footnote", words, type_face=face(size=size)))
        if page.used > seen.high * 0.7:
            break
    return writer


def programme(rng: random.Random, name: str) -> Writer:
    """A folded leaf: three or two columns of a wide page, each with its own headings, pictures and facts."""
    writer = new_writer(rng, name, rng.choice(((842, 595), (842, 595), (792, 612))), small=rng.random() < 0.4)
    seen, page, text = writer.sheet.look, writer.page, writer.text
    seen.left = seen.right = rng.choice((28, 36, 45))
    seen.top, seen.bottom = min(seen.top, 50), min(seen.bottom, 50)
    writer.numbers = ""
    count, gutter = rng.choice((2, 3, 3, 3)), rng.choice((20, 28, 40))
    width = (seen.wide - gutter * (count - 1)) / count
    if rng.random() < 0.3:
        furniture.bands(writer, heads=0.2, feet=0.4, numbers=0.4)

    def column(wide: float) -> str:
        out, start = [], page.used
        while page.used - start < seen.high * 0.8:
            chance = rng.random()
            if chance < 0.25:
                out.append(parts.heading(writer, rng.choice((1, 2, 2, 3))))
            elif chance < 0.6:
                out.append(
                    parts.paragraph(writer, rng.randint(60, 350), width=wide, lead=rng.random() < 0.15)
                )
            elif chance < 0.8:
                out.append(parts.bullets(writer, rng.randint(3, 7), rng.choice((15, 25, 50)), width=wide))
            elif chance < 0.9:
                out.append(parts.picture(writer, wide * rng.uniform(0.5, 0.95), rng.uniform(50, 110)))
            else:
                out.append(
                    parts.stack(
                        writer,
                        "paragraph",
                        [*text.address(), text.phone(), text.url()],
                        props=align(rng.choice(("start", "center"))),
                    )
                    + page.gap(8)
                )
        return "".join(out)

    first = _head(writer, text.title(1, 5), "title") if rng.random() < 0.6 else ""
    if rng.random() < 0.5:
        page.body.append(
            first
            + page.section(
                "".join(column(width) for _ in range(count)),
                count,
                gutter=gutter,
                balanced=False,
                rule=rng.random() < 0.2,
            )
        )
        page.used = seen.high
    else:
        fill = (
            f'fo:background-color="#{rng.choice((0xF2F2F2, 0xDEEAF6, 0xE2EFD9)):06x}" fo:padding="8pt" fo:border="none"'
            if rng.random() < 0.25
            else ""
        )
        page.body.append(first + parts.beside(writer, [column] * count, props=fill, gutter=gutter))
    return writer
