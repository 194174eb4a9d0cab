"""Papers, books, reports, manuals, school books, bills: running text in one or two columns."""

from __future__ import annotations

import random
from dataclasses import replace

from training.pages import furniture, parts, pictures, tables
from training.pages.columns import Mix, Stream, decorated, notes, poured
from training.pages.sheet import Sheet
from training.pages.templates.new import new_sheet, title_block


def _page(
    sheet: Sheet,
    mix: Mix,
    columns: int,
    *,
    head: str = "",
    fill: float | None = None,
    foot_notes: float = 0.0,
    rule: float = 0.1,
    wide_top: float = 0.0,
) -> str:
    """Columns of running text with the page's furniture."""
    rng, seen = sheet.rng, sheet.look
    count = parts.numbering(sheet)
    width = (seen.wide - (columns - 1) * 18) / columns
    if columns > 1 and rng.random() < wide_top:
        made = (
            tables.table(sheet, count, seen.wide)
            if rng.random() < 0.4
            else pictures.figure(sheet, count, seen.wide)
        )
        head = head + made
    many = rng.randint(1, 4) if rng.random() < foot_notes else 0
    share = fill if fill is not None else rng.choice((1.15, 1.15, 1.15, 1.15, 1.15, 0.9, 0.6, 0.35, 0.12))
    inside = Stream(sheet, mix, width, count).fill(seen.high * columns * share * (0.75 if head else 1))
    foot = notes(sheet, many, columns) if many else ""
    return poured(sheet, inside, columns, head=head, foot=foot, rule=rng.random() < rule)


def paper(rng: random.Random) -> tuple[Sheet, str]:
    """A page of a scientific paper."""
    columns = rng.choice((1, 1, 2, 2, 2))
    sheet = new_sheet(rng, small=columns == 2 and rng.random() < 0.6, english=0.5)
    head = title_block(sheet, True, 0.85) if rng.random() < 0.3 else ""
    mix = Mix(
        formula=rng.choice((0, 8, 16)),
        figure=4,
        table=3.5,
        lead=6,
        bullets=3,
        nested=0.3,
        box=0.1,
        characters=(200, 1200),
    )
    page = _page(sheet, mix, columns, head=head, foot_notes=0.35, wide_top=0.25)
    around = furniture.frame(sheet, heads=0.5, feet=0.25)
    return sheet, decorated(sheet, around + page, stamps=0.12)


def book(rng: random.Random) -> tuple[Sheet, str]:
    """A page of a book: prose, verse, notes in the margin or at its foot."""
    sheet = new_sheet(rng)
    mix = Mix(
        heading=3,
        subheading=1.5,
        bullets=1,
        numbered=0.5,
        nested=0,
        definitions=0,
        figure=1.5,
        table=0.5,
        quote=3,
        verse=1.5,
        lead=0.5,
        box=0,
        characters=(150, 1500),
    )
    head = ""
    if rng.random() < 0.2:
        number = sheet.run("heading", f"{sheet.text.named(2)} {rng.randint(1, 30)}")
        title = sheet.run("heading", sheet.text.title(1, 6))
        head = f'<div style="text-align:{rng.choice(("center", "start", "end"))};font-family:\'{sheet.look.head}\';margin:{rng.choice((1, 4, 7))}em 0 2em"><div style="font-size:1.1em">{number}</div><div style="font-size:1.9em;line-height:1.2">{title}</div></div>'
    around = furniture.frame(sheet, heads=0.7, feet=0.1, numbers=0.9)
    aside = ""
    if rng.random() < 0.25:
        wide = rng.uniform(70, 110)
        if rng.random() < 0.5:
            sheet.look.right = wide + 36
            aside = furniture.side_notes(sheet, sheet.look.width - wide - 24, wide, rng.randint(1, 5), 90)
        else:
            sheet.look.left = wide + 36
            aside = furniture.side_notes(sheet, 24, wide, rng.randint(1, 5), 90)
    return sheet, decorated(sheet, around + _page(sheet, mix, 1, head=head, foot_notes=0.25) + aside)


def spread(rng: random.Random) -> tuple[Sheet, str]:
    """Two pages of a book side by side on one sheet: the left one is read to its end, then the right one."""
    sheet = new_sheet(rng, size=rng.choice(((842, 595), (792, 612), (1000, 680))), small=True)
    seen = sheet.look
    wide, columns = seen.width / 2, rng.choice((1, 1, 1, 2))
    margin = rng.uniform(26, 50)
    mix = rng.choice(
        (
            Mix(heading=5, subheading=3, figure=3, table=1.5, characters=(150, 1100)),
            Mix(bullets=10, box=5, figure=5),
        )
    )
    count = parts.numbering(sheet)
    inner = wide - 2 * margin
    pages, first = [], rng.randint(1, 300) * 2
    style = f"font-size:{rng.choice((0.75, 0.85, 0.9))}em"
    head, below = rng.random() < 0.6, rng.random() < 0.6
    for index in range(2):
        left = margin + index * wide
        room = seen.high * columns * (1.1 if index == 0 or rng.random() < 0.7 else 0.5)
        inside = Stream(sheet, mix, (inner - 14 * (columns - 1)) / columns, count).fill(room)
        pages.append(poured(sheet, inside, columns, box=(left, seen.top, inner, seen.high)))
        number = f"<div>{sheet.run('page_number', str(first + index), flow=sheet.number())}</div>"
        if head:
            words = f"<div>{sheet.run('header', sheet.text.title(1, 5), flow=sheet.number())}</div>"
            row = [number, words] if index == 0 else [words, number]
            pages.append(
                furniture.at(
                    f"left:{left:.0f}pt;width:{inner:.0f}pt;top:{seen.top * 0.5:.0f}pt;display:flex;justify-content:space-between;{style}",
                    words if below else "".join(row),
                )
            )
        if below or not head:
            pages.append(
                furniture.at(
                    f"left:{left:.0f}pt;width:{inner:.0f}pt;bottom:{seen.bottom * 0.4:.0f}pt;text-align:{rng.choice(('center', ('start', 'end')[index]))};{style}",
                    number,
                )
            )
    return sheet, decorated(sheet, "".join(pages))


def report(rng: random.Random) -> tuple[Sheet, str]:
    """A page of a report: tables, charts, headings, boxes."""
    sheet = new_sheet(rng, english=0.3)
    mix = Mix(table=9, figure=7, box=3, bullets=9, heading=13, characters=(100, 700))
    head = title_block(sheet, False, 0) if rng.random() < 0.15 else ""
    page = _page(sheet, mix, rng.choice((1, 1, 1, 2, 2, 3)), head=head, foot_notes=0.15, wide_top=0.3)
    return sheet, decorated(sheet, furniture.frame(sheet, heads=0.65, feet=0.55) + page)


def manual(rng: random.Random) -> tuple[Sheet, str]:
    """A page of a manual: code, steps, notes, definitions."""
    sheet = new_sheet(rng, english=0.5)
    mix = Mix(
        code=14,
        numbered=8,
        bullets=9,
        nested=3,
        box=6,
        definitions=6,
        heading=14,
        subheading=8,
        table=3,
        figure=3,
        characters=(60, 500),
        lists=(15, 140),
    )
    around = furniture.frame(sheet, heads=0.6, feet=0.45)
    if rng.random() < 0.2:
        return sheet, decorated(sheet, around + _side_heads(sheet, mix))
    return sheet, decorated(sheet, around + _page(sheet, mix, rng.choice((1, 1, 1, 1, 2))))


def _side_heads(sheet: Sheet, mix: Mix) -> str:
    """Sections whose headings stand in a column of their own, beside their text."""
    rng, seen = sheet.rng, sheet.look
    wide = seen.wide * rng.uniform(0.18, 0.3)
    count, used, out = parts.numbering(sheet), 0.0, []
    mix = replace(mix, heading=0, subheading=1)
    rule = "border-top:.75pt solid #000;padding-top:4pt;" if rng.random() < 0.4 else ""
    while used < seen.high * 0.85:
        head = parts.heading(sheet, rng.choice((2, 3)), count, sheet.text.title(1, 5), css="margin:0")
        stream = Stream(sheet, mix, seen.wide - wide - 16, count)
        body = stream.fill(rng.uniform(0.08, 0.4) * seen.high)
        used += stream.used + seen.pitch
        out.append(
            f'<div style="display:flex;gap:16pt;margin:0 0 1em;{rule}"><div style="flex:0 0 {wide:.0f}pt">{head}</div><div style="flex:1;min-width:0">{body}</div></div>'
        )
    return poured(sheet, "".join(out), 0)


def schoolbook(rng: random.Random) -> tuple[Sheet, str]:
    """A page of a school book: exercises, boxes, figures."""
    sheet = new_sheet(rng, english=0.3)
    mix = Mix(exercise=34, box=7, formula=5, figure=6, heading=10, paragraph=24, lead=6, characters=(60, 350))
    page = _page(sheet, mix, rng.choice((1, 1, 2, 2)), rule=0.3)
    return sheet, decorated(sheet, furniture.frame(sheet) + page)


def bill(rng: random.Random) -> tuple[Sheet, str]:
    """A law or a manuscript with the numbers of its lines in the margin."""
    sheet = new_sheet(rng, size=rng.choice(((612, 792), (595, 842))), english=0.7)
    seen = sheet.look
    seen.size, seen.leading, seen.gap, seen.left = (
        rng.choice((11, 12, 13)),
        rng.choice((1.6, 1.8, 2.0)),
        0,
        max(seen.left, 80),
    )
    fresh = replace(seen)
    fresh.css = f"font:{seen.size}pt/{seen.leading} '{seen.body}';" + seen.css.split(";", 1)[1]
    sheet.look = fresh
    pitch = fresh.pitch
    count = int(fresh.high / pitch)
    out, used = [], 0
    flat = f"margin:0;font:{rng.choice(('bold', 'normal'))} 1em/{fresh.leading} '{fresh.body}';padding:0;border:0;background:none"
    section = rng.randint(1, 40)
    where = fresh.characters(fresh.wide)
    while used < count:
        if rng.random() < 0.2:
            out.append(
                f'<div style="{flat};text-align:{rng.choice(("center", "start"))}">{sheet.run("heading", f"SEC. {section}. {sheet.text.title(2, 6).upper()}.")}</div>'
            )
            section += 1
            used += 1
        long = rng.randint(80, 600)
        indent = rng.choice((0, 2, 4))
        block, item = sheet.number(), sheet.number()
        mark = rng.choice(("", f"({rng.randint(1, 9)}) ", f"({rng.choice('abcd')}) "))
        role = "list" if mark else "paragraph"
        out.append(
            f'<div style="margin:0 0 0 {indent}em;text-indent:2em;text-align:{"justify" if fresh.justify else "start"}">{sheet.run(role, mark + sheet.text.prose(long), block=block, item=item)}</div>'
        )
        used += -(-long // where)
    numbers = furniture.line_numbers(
        sheet, fresh.left - rng.choice((34, 40, 48)), fresh.top, pitch, count, rng.choice((1, 1, 5))
    )
    body = poured(sheet, "".join(out), 1)
    page = numbers + body if rng.random() < 0.5 else body + numbers
    return sheet, decorated(sheet, furniture.frame(sheet, heads=0.5, feet=0.3) + page, stamps=0.1)
