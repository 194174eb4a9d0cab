"""Pages made of areas: flyers, slides, posters, menus."""

from __future__ import annotations

import random

from training.pages import furniture, look, parts, pictures, tables
from training.pages.columns import Mix, Stream, decorated, poured
from training.pages.sheet import Sheet
from training.pages.templates.fields import address
from training.pages.templates.new import new_sheet

_FILLS = (0xFFF3E0, 0xE3F2FD, 0xE8F5E9, 0xFCE4EC, 0xF3E5F5, 0xFFFDE7, 0xEFEBE9, 0xFFFFFF)
_DARK = (0x1F4E79, 0x2E7D32, 0x6A1B9A, 0xC62828, 0x00695C, 0x37474F)


def _area(sheet: Sheet, width: float, room: float, dark: bool) -> str:
    """An area with a head and what it says; on dark ground all its words are white."""
    rng, seen = sheet.rng, sheet.look
    ink, accent = seen.ink, seen.accent
    if dark:
        seen.ink = seen.accent = 0xFFFFFF
    count = parts.Numbering("", {"figure": 0})
    out = (
        [parts.heading(sheet, rng.choice((1, 2, 2)), count, css="margin-top:0")]
        if rng.random() < 0.85
        else []
    )
    kind = rng.choice(("text", "text", "list", "list", "both", "picture", "facts", "address"))
    many = max(2, int(room / (seen.pitch * 2)))
    if kind in ("text", "both"):
        out.append(
            parts.paragraph(
                sheet,
                int(room / seen.pitch * seen.characters(width) * rng.uniform(0.3, 0.6)),
                css="text-indent:0",
            )
        )
    if kind in ("list", "both"):
        out.append(parts.bullets(sheet, rng.randint(2, min(9, many)), rng.randint(12, 70)))
    if kind == "picture":
        out.append(f'<div style="margin:.3em 0">{pictures.photograph(sheet, "100%", room * 0.45)}</div>')
        if rng.random() < 0.6:
            out.append(
                tables.caption(sheet, 0, str(rng.randint(1, 9)), 40)
                if rng.random() < 0.3
                else parts.paragraph(sheet, 90, css="text-indent:0")
            )
    if kind == "facts":
        out += [
            f'<div style="font:bold {rng.choice((1.6, 2.2))}em/1.2 \'{seen.head}\'">{sheet.run("paragraph", sheet.text.number())}</div><div style="margin:0 0 .6em">{sheet.run("paragraph", sheet.text.words(2, 6))}</div>'
            for _ in range(rng.randint(1, 3))
        ]
    if kind == "address":
        out.append(address(sheet))
    seen.ink, seen.accent = ink, accent
    return "".join(out)


def _panel(sheet: Sheet, width: float, room: float) -> str:
    rng = sheet.rng
    dark = rng.random() < 0.2
    plain = not dark and rng.random() < 0.35
    inside = _area(sheet, width - 16, room, dark)
    fill = "" if plain else f"background:#{rng.choice(_DARK if dark else _FILLS):06x};"
    border = (
        f"border:{rng.choice((0.5, 1, 2))}pt solid #{sheet.look.accent:06x};"
        if rng.random() < 0.2 and not plain
        else ""
    )
    mark = "" if plain else sheet.region("box")
    return f'<div style="position:relative;padding:{rng.choice((6, 8, 10))}pt;margin:0 0 {rng.choice((6, 10, 14))}pt;border-radius:{rng.choice((0, 0, 5, 10))}pt;break-inside:avoid;{fill}{border}">{mark}{inside}</div>'


def flyer(rng: random.Random) -> tuple[Sheet, str]:
    """A flyer in two or three columns of coloured areas, each column read to its end."""
    turned = rng.random() < 0.4
    sheet = new_sheet(
        rng,
        size=(842, 595) if turned else rng.choice(((595, 842), (612, 792))),
        small=turned or rng.random() < 0.4,
        english=0.3,
    )
    seen, text = sheet.look, sheet.text
    seen.left = seen.right = rng.uniform(20, 44)
    seen.top, seen.bottom = rng.uniform(24, 50), rng.uniform(24, 50)
    head = ""
    if not turned or rng.random() < 0.3:
        dark = rng.random() < 0.4
        fill = f"background:#{rng.choice(_DARK):06x};padding:10pt;" if dark else ""
        head = f'<div style="{fill}margin:0 0 10pt;text-align:{rng.choice(("center", "start"))}"><div style="font:bold {rng.choice((22, 28, 36))}pt/1.15 \'{seen.head}\'">{sheet.run("title", text.title(2, 6), color=0xFFFFFF if dark else seen.accent)}</div>'
        if rng.random() < 0.6:
            head += f'<div style="font-size:1.2em">{sheet.run("paragraph", text.words(3, 9), color=0xFFFFFF if dark else None)}</div>'
        head += "</div>"
    columns = 3 if turned else rng.choice((2, 2, 3))
    gap = rng.uniform(10, 30)
    width = (seen.wide - gap * (columns - 1)) / columns
    cells = []
    for _ in range(columns):
        used, column = 0.0, ""
        room = seen.high * (0.8 if head else 0.95)
        while used < room:
            high = rng.uniform(0.15, 0.5) * seen.high
            column += _panel(sheet, width, high)
            used += high
        cells.append(
            f'<div style="flex:1 1 0;min-width:0;height:100%;columns:1;column-fill:auto;overflow:hidden">{column}</div>'
        )
    body = f'<div style="position:absolute;left:{seen.left}pt;top:{seen.top}pt;width:{seen.wide}pt;height:{seen.high}pt;display:flex;flex-direction:column"><div style="flex:none">{head}</div><div style="flex:1 1 0;min-height:0;display:flex;gap:{gap:.0f}pt">{"".join(cells)}</div></div>'
    foot = furniture.frame(sheet, heads=0, feet=0.3, numbers=0.15)
    return sheet, decorated(sheet, body + foot, badges=0.08)


def slide(rng: random.Random) -> tuple[Sheet, str]:
    """A slide."""
    sheet = new_sheet(rng, size=rng.choice(((720, 405), (720, 540), (960, 540), (792, 612))))
    seen, text = sheet.look, sheet.text
    scale = seen.width / 720 * rng.choice((1.2, 1.5, 1.8))
    seen.css += f"font-size:{seen.size * scale:.1f}pt;"
    seen.size *= scale
    seen.left = seen.right = rng.uniform(30, 60)
    seen.top = rng.uniform(20, 50)
    seen.bottom, seen.indent = rng.uniform(30, 50), 0
    dark = rng.random() < 0.15
    if dark:
        seen.ink, seen.accent = 0xFFFFFF, 0xFFE082
    back = (
        f'<div style="position:absolute;inset:0;background:#{rng.choice(_DARK):06x}"></div>' if dark else ""
    )
    if not dark and rng.random() < 0.08:
        back = (
            f'<div style="position:absolute;inset:0">{pictures.photograph(sheet, "100%", seen.height)}</div>'
        )
    band = "" if dark or rng.random() < 0.7 else f"background:#{rng.choice(_FILLS):06x};padding:6pt 10pt;"
    title = f"<div style=\"font:{rng.choice(('bold', 'normal'))} 1.7em/1.15 '{seen.head}';margin:0 0 .6em;{band}\">{sheet.run('title', text.title(2, 8), color=seen.accent)}</div>"
    chance = rng.random()
    count = parts.Numbering("", {"figure": 0})
    if chance < 0.12:
        block = sheet.number()
        lines = "<br>".join(
            sheet.run("paragraph", words, block=block, item=-1)
            for words in (text.name(), text.firm(), text.date())
        )
        page = furniture.at(
            f"left:60pt;right:60pt;top:{seen.height * 0.3:.0f}pt;text-align:{rng.choice(('center', 'left'))}",
            title + lines,
        )
    elif chance < 0.5:
        mix = Mix(
            paragraph=8,
            heading=2,
            bullets=30,
            nested=14,
            numbered=8,
            figure=5,
            table=5,
            code=3,
            formula=3,
            characters=(40, 160),
            lists=(15, 90),
        )
        page = poured(sheet, Stream(sheet, mix, seen.wide, count).fill(seen.high * 0.5), 1, head=title)
    else:
        wide = (seen.wide - 24) / 2
        halves = []
        for _ in range(2):
            kind = rng.choice(("list", "list", "picture", "chart", "text"))
            inside = (
                parts.heading(sheet, 3, count, text.title(1, 3), css="margin-top:0")
                if rng.random() < 0.3
                else ""
            )
            if kind == "list":
                inside += parts.bullets(
                    sheet, rng.randint(2, 5), rng.randint(15, 60), nested=rng.random() < 0.3
                )
            elif kind == "picture":
                inside += pictures.photograph(sheet, "100%", seen.high * 0.5)
            elif kind == "chart":
                inside += pictures.chart(sheet, wide, seen.high * 0.55)
            else:
                inside += parts.paragraph(sheet, rng.randint(60, 220))
            halves.append(f'<div style="flex:1 1 0;min-width:0">{inside}</div>')
        page = poured(sheet, f'<div style="display:flex;gap:24pt">{"".join(halves)}</div>', 1, head=title)
    return sheet, back + decorated(sheet, page + furniture.frame(sheet, heads=0.1, feet=0.5, numbers=0.7))


def poster(rng: random.Random) -> tuple[Sheet, str]:
    """A poster of a conference, or an announcement in large type."""
    if rng.random() < 0.5:
        sheet = new_sheet(rng, size=rng.choice(((842, 1191), (1191, 842), (1684, 1191))), english=0.3)
        seen, text = sheet.look, sheet.text
        seen.left = seen.right = 36
        columns = rng.choice((2, 3, 3, 4))
        head = f'<div style="font:bold {rng.choice((30, 38, 46))}pt/1.15 \'{seen.head}\';text-align:center;margin:0 0 6pt">{sheet.run("title", text.title(4, 12))}</div><div style="text-align:center;font-size:1.4em;margin:0 0 14pt">{sheet.run("paragraph", ", ".join(text.name() for _ in range(4)))}</div>'
        mix = Mix(
            figure=14, table=5, bullets=14, heading=16, subheading=0, formula=3, box=6, characters=(100, 500)
        )
        width = (seen.wide - 20 * columns) / columns
        inside = Stream(sheet, mix, width, parts.numbering(sheet)).fill(seen.high * columns * 0.85)
        return sheet, decorated(sheet, poured(sheet, inside, columns, head=head))
    sheet = new_sheet(rng)
    seen, text = sheet.look, sheet.text
    out = [
        f"<div style=\"font:bold {rng.choice((40, 54, 66))}pt/1.1 '{seen.head}';margin:{seen.high * rng.uniform(0, 0.15):.0f}pt 0 .4em\">{sheet.run('title', text.title(1, 4), color=seen.accent)}</div>"
    ]
    for _ in range(rng.randint(3, 7)):
        size = rng.choice((14, 18, 24, 30))
        words = rng.choice(
            (
                text.date(),
                text.words(2, 6),
                f"{rng.randint(8, 20)}:00 – {rng.randint(20, 23)}:30",
                text.town(),
                text.url(),
                text.money(),
            )
        )
        out.append(
            f"<div style=\"font:{rng.choice(('bold', 'normal'))} {size}pt/1.25 '{seen.head}';margin:0 0 .5em\">{sheet.run('paragraph', words)}</div>"
        )
    if rng.random() < 0.6:
        out.insert(
            1,
            f'<div style="margin:0 0 14pt">{pictures.photograph(sheet, "100%", seen.high * rng.uniform(0.2, 0.35))}</div>',
        )
    if rng.random() < 0.6:
        out.append(parts.paragraph(sheet, rng.randint(100, 400)))
    return (
        sheet,
        f'<div style="text-align:{rng.choice(("center", "start"))}">{decorated(sheet, poured(sheet, "".join(out), 1), badges=0.1)}</div>',
    )


def plate(rng: random.Random) -> tuple[Sheet, str]:
    """A figure that fills its page, as files of figures and pages of plates have it."""
    size = rng.choice(((595, 842), (612, 792), (720, 405), (480, 360), (432, 288), (612, 420)))
    sheet = new_sheet(rng, size=size)
    seen = sheet.look
    if size[1] < 500:
        seen.left = seen.right = seen.top = seen.bottom = rng.uniform(4, 24)
    count = parts.numbering(sheet)
    many = rng.choice((1, 1, 1, 2, 4)) if size[1] > 500 else 1
    across = 2 if many == 4 else 1
    wide, high = seen.wide / across - 8, min(seen.high * 0.8 / (many / across), seen.wide * 1.1)
    made = [
        rng.choice((pictures.chart, pictures.chart, pictures.diagram))(sheet, wide, high) for _ in range(many)
    ]
    words = (
        tables.caption(sheet, 0, str(count.next("figure")), rng.choice((30, 120, 400)))
        if size[1] > 500 and rng.random() < 0.7
        else ""
    )
    grid = (
        f'<div style="display:grid;grid-template-columns:repeat({across},1fr);gap:8pt">{"".join(made)}</div>'
    )
    around = furniture.frame(sheet, heads=0.4, feet=0.2) if size[1] > 500 else ""
    return sheet, around + poured(sheet, grid + words, 0)


def menu(rng: random.Random) -> tuple[Sheet, str]:
    """A menu or price list: names, prices behind dots or at the edge, what they are below."""
    sheet = new_sheet(rng, english=0.3)
    seen, text = sheet.look, sheet.text
    columns = rng.choice((1, 1, 2, 2))
    leader = rng.choice(("dots", "space", "space", "line"))
    centre = columns == 1 and rng.random() < 0.25
    out, used = [], 0.0
    title = f"<div style=\"font:{rng.choice((24, 30, 36))}pt/1.2 '{rng.choice((seen.head, rng.choice(look.families('other'))))}';text-align:center;margin:0 0 .5em\">{sheet.run('title', text.title(1, 3), color=seen.accent)}</div>"
    count = parts.Numbering("", {})
    while used < seen.high * columns * 0.8:
        out.append(
            parts.heading(sheet, 2, count, text.title(1, 2), css="text-align:center" if centre else "")
        )
        used += seen.pitch * 3
        block = sheet.number()
        for _ in range(rng.randint(3, 8)):
            item = sheet.number()
            name = sheet.run(
                "list", text.title(1, 4), css=rng.choice(("font-weight:bold", "")), block=block, item=item
            )
            under = text.prose(rng.randint(25, 90)).rstrip(".") if rng.random() < 0.6 else ""
            price = f"{rng.uniform(2, 60):.2f}"
            used += seen.pitch * (2.4 if under else 1.3)
            if centre:
                said = f"<div>{name} {sheet.run('list', price, block=block, item=item)}</div>"
            else:
                middle = {
                    "dots": '<div style="flex:1;overflow:hidden;white-space:nowrap;min-width:0">'
                    + sheet.run("list", " " + "." * 160, block=block, item=item)
                    + "</div>",
                    "space": "<div style='flex:1'></div>",
                    "line": "<div style='flex:1;border-bottom:.5pt dotted #000'></div>",
                }[leader]
                said = f'<div style="display:flex;gap:.4em;align-items:baseline"><div>{name}</div>{middle}<div>{sheet.run("list", price, block=block, item=item)}</div></div>'
            below = (
                f'<div style="font-size:.85em;font-style:italic">{sheet.run("list", under, block=block, item=item)}</div>'
                if under
                else ""
            )
            out.append(
                f'<div style="margin:0 0 .5em;break-inside:avoid;text-align:{"center" if centre else "start"}">{said}{below}</div>'
            )
    return sheet, decorated(
        sheet,
        poured(sheet, "".join(out), columns, head=title)
        + furniture.frame(sheet, heads=0, feet=0.4, numbers=0.1),
    )
