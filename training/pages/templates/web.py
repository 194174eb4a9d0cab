"""Printed web pages, questions and answers."""

from __future__ import annotations

import random
from typing import Any

from training.pages import furniture, parts, pictures, tables
from training.pages.columns import Mix, Stream, decorated, poured
from training.pages.sheet import Sheet
from training.pages.templates.new import new_sheet


def web(rng: random.Random) -> tuple[Sheet, str]:
    """A printed web page: menus, a bar of links, dates at its head and addresses at its foot."""
    sheet = new_sheet(rng, english=0.3)
    seen, text = sheet.look, sheet.text
    where: dict[str, Any] = {"flow": sheet.number(), "block": sheet.number()}
    entries = [
        sheet.run("header", text.words(1, 2), item=sheet.number(), **where) for _ in range(rng.randint(3, 7))
    ]
    back = f"background:#{rng.choice((0xEEEEEE, 0xDDE7F3, 0xFFFFFF)):06x};"
    bar = furniture.at(
        f"left:{seen.left}pt;width:{seen.wide}pt;top:{seen.top * 0.4:.0f}pt;display:flex;gap:{rng.uniform(1, 2.5):.1f}em;padding:3pt;font:{seen.size * 0.85}pt '{seen.head}';overflow:hidden;white-space:nowrap;{back}",
        "".join(f"<div>{entry}</div>" for entry in entries),
    )
    stamp = ""
    if rng.random() < 0.6:
        small = "font:7.5pt 'Liberation Sans'"
        line = "display:flex;justify-content:space-between"
        top = [
            sheet.run("header", text.date() + ", 10:41 AM", flow=sheet.number()),
            sheet.run("header", text.title(3, 6), flow=sheet.number()),
        ]
        foot = [
            sheet.run("footer", f"https://{text.url()}", flow=sheet.number()),
            sheet.run("page_number", f"{rng.randint(1, 5)}/{rng.randint(5, 9)}", flow=sheet.number()),
        ]
        stamp = furniture.at(
            f"left:20pt;right:20pt;top:10pt;{small};{line}", "".join(f"<div>{t}</div>" for t in top)
        ) + furniture.at(
            f"left:20pt;right:20pt;bottom:10pt;{small};{line}", "".join(f"<div>{t}</div>" for t in foot)
        )
    title = (
        f"<div style=\"font:bold 1.9em/1.2 '{seen.head}';margin:0 0 .6em\">{sheet.run('title', text.title(2, 9))}</div>"
        if rng.random() < 0.5
        else ""
    )
    by = (
        f'<div style="font-size:.85em;margin:0 0 1em">{sheet.run("paragraph", text.name() + " · " + text.date(), color=0x666666)}</div>'
        if rng.random() < 0.5
        else ""
    )
    side = ""
    box = (seen.left, seen.top, seen.wide, seen.high)
    if rng.random() < 0.45:
        wide = seen.wide * rng.uniform(0.2, 0.3)
        left = rng.random() < 0.5
        box = (seen.left + (wide + 16 if left else 0), seen.top, seen.wide - wide - 16, seen.high)
        links = f'<div style="font-weight:bold">{sheet.run("side_note", text.words(1, 3), flow=(flow := sheet.number()), block=(block := sheet.number()))}</div>'
        links += "".join(
            f'<div style="margin:.3em 0">{sheet.run("side_note", text.words(1, 5), color=0x0563C1, flow=flow, block=block)}</div>'
            for _ in range(rng.randint(4, 14))
        )
        x = seen.left if left else seen.left + seen.wide - wide
        side = furniture.at(
            f"left:{x:.1f}pt;top:{seen.top:.1f}pt;width:{wide:.1f}pt;font-size:.85em;line-height:1.25;{rng.choice(('', 'background:#f4f4f4;padding:4pt;', 'border:.5pt solid #ccc;padding:4pt;'))}",
            links,
        )
    mix = Mix(heading=12, bullets=10, figure=6, table=4, code=4, box=3, quote=2, lead=3, characters=(80, 500))
    count = parts.Numbering("", {})
    first = _infobox(sheet) if box[2] > 300 and rng.random() < 0.3 else ""
    inside = Stream(sheet, mix, box[2], count).fill(box[3] * rng.choice((1.1, 1.1, 0.7)))
    body = poured(sheet, first + inside, 1, head=title + by, box=box)
    return sheet, decorated(sheet, (side + bar if rng.random() < 0.3 else bar + side) + stamp + body)


def _infobox(sheet: Sheet) -> str:
    """A box of facts at the text's edge, with a picture: a table read before the text beside it."""
    rng, seen = sheet.rng, sheet.look
    block, wide = sheet.number(), rng.uniform(120, 170)
    rows = [
        f'<tr><th colspan=2 style="text-align:center;font-weight:bold">{sheet.run("table", sheet.text.title(1, 4), block=block)}</th></tr>'
    ]
    if rng.random() < 0.7:
        rows.append(
            f"<tr><td colspan=2>{pictures.photograph(sheet, '100%', wide * rng.uniform(0.6, 1.1))}</td></tr>"
        )
        if rng.random() < 0.6:
            rows.append(
                f'<tr><td colspan=2 style="text-align:center;font-size:.9em">{sheet.run("caption", sheet.text.words(3, 10))}</td></tr>'
            )
    for _ in range(rng.randint(3, 12)):
        name = sheet.run("table", sheet.text.words(1, 2), css="font-weight:bold", block=block)
        value = sheet.run(
            "table",
            tables.cell_text(sheet, rng.choice(("words", "date", "name", "integer", "long"))),
            block=block,
        )
        rows.append(
            f"<tr><td style='text-align:start'>{name}</td><td style='text-align:start'>{value}</td></tr>"
        )
    frame = rng.choice(
        ("border:.75pt solid #aaa;background:#f8f9fa;", "border:.5pt solid #888;", "background:#eef3f8;")
    )
    return f'<div style="float:inline-end;position:relative;width:{wide:.0f}pt;margin:0 0 .8em 1em;font-size:{seen.size * 0.82:.1f}pt;line-height:1.25;{frame}">{sheet.region("table")}<table class=t style="width:100%;--v:1.5pt;--h:3pt;--a:top">{"".join(rows)}</table></div>'


def faq(rng: random.Random) -> tuple[Sheet, str]:
    """Questions and answers."""
    sheet = new_sheet(rng)
    seen, text = sheet.look, sheet.text
    columns = rng.choice((1, 1, 2))
    marks = rng.choice((("Q: ", "A: "), ("", ""), ("", ""), ("Q. ", "A. ")))
    used, out = 0.0, []
    width = seen.wide / columns
    while used < seen.high * columns * 0.95:
        question, answer = text.prose(30).rstrip(".!") + "?", rng.randint(60, 500)
        used += (answer + len(question)) / seen.characters(width) * seen.pitch + seen.pitch * 2.5
        asked = sheet.run("heading", marks[0] + question, color=seen.accent)
        out.append(f'<div style="font-weight:bold;margin:.8em 0 .2em;break-after:avoid">{asked}</div>')
        block, item = sheet.number(), sheet.number()
        lead = (
            sheet.run("paragraph", marks[1], css="font-weight:bold", block=block, item=item)
            if marks[1]
            else ""
        )
        out.append(
            f'<div class=p style="text-indent:0">{lead}{parts.rich(sheet, text.prose(answer), "paragraph", block, item)}</div>'
        )
    title = (
        f"<div style=\"font:bold 1.8em/1.2 '{seen.head}';margin:0 0 .5em\">{sheet.run('title', text.title(2, 6))}</div>"
        if rng.random() < 0.5
        else ""
    )
    return sheet, decorated(sheet, furniture.frame(sheet) + poured(sheet, "".join(out), columns, head=title))
