"""Magazines, newspapers and catalogues: large heads, columns, pictures."""

from __future__ import annotations

import random

from training.pages import furniture, look, parts, pictures, tables
from training.pages.columns import Mix, Stream, decorated, poured
from training.pages.sheet import Sheet
from training.pages.templates.new import new_sheet


def _drop_capital(sheet: Sheet, words: str) -> str:
    """A paragraph that begins with a letter as high as several of its lines."""
    rng = sheet.rng
    block, item = sheet.number(), sheet.number()
    high = rng.choice((2, 3, 3, 4))
    big = sheet.run("paragraph", words[0], block=block, item=item, color=sheet.look.accent if rng.random() < 0.4 else None,
                    css=f"float:inline-start;font:{rng.choice(('normal', 'bold'))} {high * sheet.look.leading * 1.02:.2f}em/.82 '{sheet.look.head}';padding-inline-end:.06em")  # fmt: skip
    return f'<div class=p style="text-indent:0">{big}{sheet.run("paragraph", words[1:], block=block, item=item)}</div>'


def _pull_quote(sheet: Sheet) -> str:
    """Words of the text set large in its midst: a flow of their own."""
    rng, seen = sheet.rng, sheet.look
    said = sheet.run("side_note", "“" + sheet.text.prose(60) + "”", flow=sheet.number(), color=seen.accent)
    border = rng.choice(
        ("border-top:1pt solid;border-bottom:1pt solid;", "", "border-left:3pt solid;padding-left:.5em;")
    )
    side = rng.choice(("", "", "float:inline-end;width:48%;margin-inline-start:1em;"))
    return f"<div style=\"font:{rng.choice(('italic', 'bold', 'normal'))} {rng.choice((1.3, 1.5, 1.8))}em/1.25 '{seen.head}';margin:.5em 0;padding:.3em 0;break-inside:avoid;color:#{seen.accent:06x};{border}{side}\">{said}</div>"


def magazine(rng: random.Random) -> tuple[Sheet, str]:
    """A page of a magazine: a large head, drop capitals, pull quotes, notes beside the text, pictures."""
    sheet = new_sheet(rng, small=rng.random() < 0.5)
    seen, text = sheet.look, sheet.text
    columns = rng.choice((1, 2, 2, 2, 3, 3))
    head = ""
    if rng.random() < 0.55:
        if rng.random() < 0.3:
            head += f"<div style=\"font:.9em '{seen.head}';letter-spacing:.1em\">{sheet.run('heading' if rng.random() < 0.3 else 'header', text.words(1, 2).upper(), flow=sheet.number(), color=seen.accent)}</div>"
        head += f"<div style=\"font:{rng.choice(('bold', 'normal'))} {rng.choice((2, 2.6, 3.4))}em/1.1 '{seen.head}';margin:0 0 .3em;text-align:{rng.choice(('start', 'start', 'center'))}\">{sheet.run('title', text.title(2, 8))}</div>"
        if rng.random() < 0.7:
            head += f'<div style="font-size:{rng.choice((1.15, 1.3))}em;line-height:1.3;margin:0 0 .8em;font-style:{rng.choice(("normal", "italic"))}">{sheet.run("paragraph", text.prose(rng.randint(60, 220)))}</div>'
        if rng.random() < 0.5:
            head += f'<div style="font-size:.85em;margin:0 0 1em">{sheet.run("paragraph", rng.choice(("By ", "Text: ", "")) + text.name())}</div>'
        if rng.random() < 0.35:
            high = seen.high * rng.uniform(0.15, 0.3)
            head += f'<div style="margin:0 0 .8em">{pictures.photograph(sheet, "100%", high)}{tables.caption(sheet, 0, "", 60) if rng.random() < 0.3 else ""}</div>'
    side, box = "", (seen.left, seen.top, seen.wide, seen.high)
    if columns < 3 and rng.random() < 0.4:
        wide = seen.wide * rng.uniform(0.2, 0.28)
        right = rng.random() < 0.6
        box = (seen.left + (0 if right else wide + 16), seen.top, seen.wide - wide - 16, seen.high)
        x = seen.left + seen.wide - wide if right else seen.left
        side = furniture.side_notes(sheet, x, wide, rng.randint(1, 4), 240)
    width = (box[2] - 18 * (columns - 1)) / columns
    count = parts.Numbering("", {"figure": rng.randint(0, 9)})
    mix = Mix(
        heading=6,
        subheading=3,
        bullets=2,
        numbered=1,
        table=1,
        figure=5,
        box=3,
        lead=3,
        quote=1,
        characters=(150, 900),
    )
    first = _drop_capital(sheet, text.prose(rng.randint(250, 800))) if rng.random() < 0.6 else ""
    stream = Stream(sheet, mix, width, count, used=80 if first else 0)
    body = stream.fill(box[3] * columns * (0.75 if head else 1.1))
    if rng.random() < 0.4:
        pieces = stream.out
        pieces.insert(rng.randint(0, len(pieces)), _pull_quote(sheet))
        body = "".join(pieces)
    back = (
        f'<div style="position:absolute;inset:0;background:#{rng.choice((0xFFF8E7, 0xF3F6FA, 0xF7F3EE)):06x}"></div>'
        if rng.random() < 0.12
        else ""
    )
    return sheet, back + decorated(
        sheet,
        furniture.frame(sheet, heads=0.45, feet=0.45)
        + poured(sheet, first + body, columns, head=head, box=box, rule=rng.random() < 0.15)
        + side,
    )


def newspaper(rng: random.Random) -> tuple[Sheet, str]:
    """A page of a newspaper: several articles, each in three to five columns below its own headline."""
    sheet = new_sheet(rng, size=rng.choice(((842, 1191), (700, 1000), (595, 842), (612, 792))), small=True)
    seen, text = sheet.look, sheet.text
    seen.left, seen.right, seen.indent, seen.gap = min(seen.left, 50), min(seen.right, 50), 1, 0
    top = ""
    if rng.random() < 0.5:
        name = sheet.run(
            "header" if rng.random() < 0.5 else "title",
            text.title(1, 3),
            flow=sheet.number() if rng.random() < 0.5 else 0,
        )
        line = "".join(
            f"<div>{sheet.run('header', words, flow=sheet.number())}</div>"
            for words in (text.date(), f"No. {rng.randint(1, 30000)}", text.money())
        )
        top = f'<div style="text-align:center;font:bold 38pt/1.2 \'{rng.choice(look.families("serif"))}\'">{name}</div><div style="display:flex;justify-content:space-between;border-top:1pt solid;border-bottom:1pt solid;font-size:8pt;margin:2pt 0 8pt;padding:2pt 0">{line}</div>'
    out = []
    stories = rng.randint(1, 3)
    for index in range(stories):
        columns = rng.randint(3, 5) if seen.width > 600 else rng.randint(2, 4)
        share = 1 / stories
        size = (3.2, 2.4, 1.8)[index] * rng.uniform(0.8, 1.1)
        head = f"<div style=\"font:bold {size:.2f}em/1.1 '{seen.head}';margin:.1em 0 .25em\">{sheet.run('title' if index == 0 and not top else 'heading', text.title(3, 9))}</div>"
        if rng.random() < 0.5:
            head += f'<div style="font-size:1.25em;line-height:1.2;margin:0 0 .4em">{sheet.run("paragraph", text.prose(rng.randint(60, 160)))}</div>'
        if rng.random() < 0.6:
            head += f'<div style="font-size:.85em;font-weight:bold;margin:0 0 .4em">{sheet.run("paragraph", "By " + text.name())}</div>'
        width = (seen.wide - 14 * (columns - 1)) / columns
        mix = Mix(
            heading=0,
            subheading=5,
            bullets=0.5,
            numbered=0,
            nested=0,
            definitions=0,
            table=0.3,
            figure=3,
            lead=1,
            quote=1,
            box=1,
            split=0,
            characters=(100, 420),
        )
        room = seen.high * share * columns * 1.1
        first = _drop_capital(sheet, text.prose(250)) if rng.random() < 0.3 else ""
        body = first + Stream(sheet, mix, width, parts.Numbering("", {})).fill(room)
        line = "column-rule:.5pt solid #777;" if rng.random() < 0.4 else ""
        out.append(
            f'<div style="flex:{share} 1 0;min-height:0;display:flex;flex-direction:column;{"border-top:1pt solid #000;padding-top:4pt;margin-top:6pt" if index else ""}"><div style="flex:none">{head}</div><div style="flex:1 1 0;min-height:0;overflow:hidden;columns:{columns};column-gap:14pt;column-fill:auto;{line}">{body}</div></div>'
        )
    page = f'<div style="position:absolute;left:{seen.left:.1f}pt;top:{seen.top:.1f}pt;width:{seen.wide:.1f}pt;height:{seen.high:.1f}pt;display:flex;flex-direction:column"><div style="flex:none">{top}</div>{"".join(out)}</div>'
    return sheet, decorated(sheet, furniture.frame(sheet, heads=0.2 if top else 0.7, feet=0.2) + page)


def catalogue(rng: random.Random) -> tuple[Sheet, str]:
    """Modules of a course or range: a heading across the page, and below it bullet lists in two or three columns."""
    sheet = new_sheet(rng, english=0.3)
    seen, text = sheet.look, sheet.text
    used, out = 0.0, []
    boxed, columns = rng.random() < 0.25, rng.choice((2, 2, 2, 3))
    if rng.random() < 0.4:
        out.append(
            f"<div style=\"font:bold 1.8em/1.2 '{seen.head}';margin:0 0 .4em\">{sheet.run('title', text.title(2, 7), color=seen.accent)}</div>"
        )
        used += seen.size * 3
    count = parts.numbering(sheet)
    while used < seen.high * 0.72:
        out.append(parts.heading(sheet, 2, count))
        if rng.random() < 0.5:
            long = rng.randint(80, 400)
            out.append(parts.paragraph(sheet, long))
            used += long / seen.characters(seen.wide) * seen.pitch + seen.pitch
        many, long = rng.randint(4, 14), rng.randint(12, 70)
        made = parts.bullets(sheet, many, long, numbered=rng.random() < 0.1)
        if rng.random() < 0.3:
            made = "".join(
                parts.bullets(sheet, max(2, many // 3), long)
                if rng.random() < 0.6
                else parts.heading(sheet, 3, count, sheet.text.title(1, 4))
                + parts.bullets(sheet, max(2, many // 3), long)
                for _ in range(3)
            )
        body = f'<div style="columns:{columns};column-gap:{rng.uniform(14, 30):.0f}pt;margin:0 0 .6em">{made}</div>'
        out.append(parts.box(sheet, body) if boxed else body)
        used += (
            many * (long + 12) / seen.characters(seen.wide / columns) * seen.pitch / columns * 1.5
            + seen.pitch * 3.5
        )
    return sheet, decorated(sheet, furniture.frame(sheet) + poured(sheet, "".join(out), 0))
