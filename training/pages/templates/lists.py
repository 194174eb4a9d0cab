"""Pages to look things up on: tables of contents, indexes, glossaries, bibliographies."""

from __future__ import annotations

import random
from typing import Any

from training.pages import furniture, parts
from training.pages.columns import decorated, poured
from training.pages.sheet import Sheet
from training.pages.templates.new import new_sheet


def _head(sheet: Sheet, name: int, role: str = "heading") -> str:
    rng = sheet.rng
    words = sheet.text.named(name) if rng.random() < 0.8 else sheet.text.title(1, 3)
    return f"<div style=\"font:bold {rng.choice((1.4, 1.8, 2.2))}em/1.2 '{sheet.look.head}';margin:0 0 .7em;text-align:{rng.choice(('start', 'start', 'center'))}\">{sheet.run(role, words)}</div>"


def contents(rng: random.Random) -> tuple[Sheet, str]:
    """A table of contents with leaders of dots or without, numbered or not, in one or two columns."""
    sheet = new_sheet(rng)
    seen, text = sheet.look, sheet.text
    columns = rng.choice((1, 1, 1, 2))
    leader, numbered = rng.choice(("dots", "dots", "dots", "space", "behind", "spread")), rng.random() < 0.6
    step, page, used = rng.choice((0, 1, 1.5, 2)), rng.randint(1, 9), 0.0
    out: list[str] = []
    block, first, second = sheet.number(), 0, 0
    bold_tops, gap = rng.random() < 0.6, rng.choice((0, 0, 0.3, 0.6))
    while used < seen.high * columns * rng.uniform(0.6, 0.95):
        level = rng.choice((0, 1, 1, 2)) if out else 0
        first, second = (first + 1, 0) if level == 0 else (first, second + (level == 1))
        label = (
            (
                ".".join(map(str, [first, max(second, 1), rng.randint(1, 6)][: level + 1]))
                + rng.choice(("", "."))
            )
            if numbered
            else ""
        )
        item = sheet.number()
        where: dict[str, Any] = {"block": block, "item": item}
        css = "font-weight:bold" if bold_tops and level == 0 else ""
        page += rng.randint(0, 9)
        number = f'<div style="{css}">' + "{}</div>"
        mark = (
            f'<div style="flex:0 0 {1.5 + level * 0.9}em">{sheet.run("contents", label, css=css, **where)}</div>'
            if label
            else ""
        )
        name = f'<div style="min-width:0">{sheet.run("contents", text.title(1, 9 if rng.random() < 0.9 else 20), css=css, **where)}</div>'
        middle = "<div style='flex:1'></div>"
        if leader == "dots":
            middle = f'<div style="flex:1;min-width:0;overflow:hidden;white-space:nowrap">{sheet.run("contents", " " + rng.choice((". ", ".", " . ")) * 120, **where)}</div>'
        elif leader == "spread":
            middle = "<div style='flex:1;border-bottom:.6pt dotted #444'></div>"
        elif leader == "behind":
            middle = "<div style='width:.6em'></div>"
        last = number.format(sheet.run("contents", str(page), css=css, **where))
        out.append(
            f'<div style="display:flex;align-items:baseline;gap:.35em;margin:{gap + (0.4 if level == 0 and bold_tops else 0)}em 0 0 {level * step}em">{mark}{name}{middle}{last}</div>'
        )
        used += seen.pitch * (1 + gap + (0.4 if level == 0 else 0))
    return sheet, decorated(
        sheet,
        furniture.frame(sheet)
        + poured(sheet, "".join(out), columns, head=_head(sheet, 7) if rng.random() < 0.8 else ""),
    )


def index(rng: random.Random) -> tuple[Sheet, str]:
    """An index in two to four columns: terms, sub-terms, pages."""
    sheet = new_sheet(rng, small=True)
    seen, text = sheet.look, sheet.text
    columns = rng.choice((2, 3, 3, 4))
    head = _head(sheet, 8) if rng.random() < 0.5 else ""
    letters, used, out, letter = rng.random() < 0.6, 0.0, [], rng.randrange(20)
    step = rng.choice((1, 1.5, 2))
    while used < seen.high * columns * 0.97:
        if letters:
            out.append(
                f"<div style=\"font:bold 1.2em '{seen.head}';margin:.7em 0 .2em;break-after:avoid;text-align:{rng.choice(('start', 'center'))}\">{sheet.run('heading', chr(65 + letter % 26))}</div>"
            )
            letter += 1
            used += seen.pitch * 2
        block = sheet.number()
        for _ in range(rng.randint(5, 20)):
            words = f"{text.words(1, 3).lower()}, {rng.randint(1, 400)}" + "".join(
                f", {rng.randint(1, 400)}{rng.choice(('', '–' + str(rng.randint(401, 420))))}"
                for _ in range(rng.choice((0, 0, 1, 2, 4)))
            )
            out.append(
                f'<div style="padding-inline-start:{step + 0.5}em;text-indent:-{step + 0.5}em">{sheet.run("list", words, block=block)}</div>'
            )
            used += seen.pitch * 1.1
            if rng.random() < 0.2:
                out.append(
                    f'<div style="padding-inline-start:{2 * step + 0.5}em;text-indent:-{step - 0.5}em">{sheet.run("list", f"{text.word()}, {rng.randint(1, 400)}", block=block)}</div>'
                )
                used += seen.pitch
    return sheet, decorated(
        sheet,
        furniture.frame(sheet) + poured(sheet, "".join(out), columns, head=head, rule=rng.random() < 0.15),
    )


def glossary(rng: random.Random) -> tuple[Sheet, str]:
    """Terms and their meanings."""
    sheet = new_sheet(rng)
    seen = sheet.look
    columns = rng.choice((1, 1, 2))
    head = _head(sheet, 9) if rng.random() < 0.6 else ""
    many = max(3, int(seen.lines() * columns / 4.5))
    inside = parts.definitions(sheet, many, rng.choice((60, 110, 180)))
    if rng.random() < 0.5:
        inside = parts.paragraph(sheet, rng.randint(80, 300)) + inside
    return sheet, decorated(sheet, furniture.frame(sheet) + poured(sheet, inside, columns, head=head))


def bibliography(rng: random.Random) -> tuple[Sheet, str]:
    """The works that a paper or a book cites: numbered, or with hanging indents."""
    sheet = new_sheet(rng, small=rng.random() < 0.5, english=0.4)
    seen, text = sheet.look, sheet.text
    columns = rng.choice((1, 1, 2, 2))
    form = rng.choice(("[{}]", "{}.", "({})", "", "", "[{a}{y}]"))
    out, used, number = [], 0.0, rng.choice((1, 1, rng.randint(2, 80)))
    count = parts.numbering(sheet)
    if rng.random() < 0.3:
        out.append(parts.paragraph(sheet, rng.randint(150, 700)))
        used += seen.pitch * 5
    if rng.random() < 0.75:
        out.append(parts.heading(sheet, 1, count, text.named(5)))
    block, wide = sheet.number(), rng.choice((1.6, 2, 2.4))
    while used < seen.high * columns * rng.choice((0.95, 1, 0.6)):
        item = sheet.number()
        where: dict[str, Any] = {"block": block, "item": item}
        names = ", ".join(
            f"{text.surname()}, {rng.choice('ABCDEFGHJKLM')}." for _ in range(rng.randint(1, 6))
        )
        year = rng.randint(1950, 2026)
        mark = form.format(number, a=names[:3], y=year % 100)
        label = sheet.run("list", mark, **where) if mark else ""
        work = sheet.run("list", f"{names} ({year}). {text.words(4, 13)}. ", **where)
        place = sheet.run("list", f"{text.title(2, 5)}", css="font-style:italic", **where)
        rest = (
            f", {rng.randint(1, 90)}({rng.randint(1, 12)}), {rng.randint(1, 400)}–{rng.randint(401, 900)}."
            + (f" doi:10.{rng.randint(1000, 9999)}/{rng.randint(1000, 99999)}" if rng.random() < 0.3 else "")
        )
        tail = sheet.run("list", rest, **where)
        number += 1
        out.append(_entry(label, work + place + tail, wide))
        used += seen.pitch * (len(names) + 110) / seen.characters(seen.wide / columns) + seen.pitch * 0.4
    return sheet, decorated(sheet, furniture.frame(sheet) + poured(sheet, "".join(out), columns))


def _entry(label: str, words: str, wide: float) -> str:
    """A work with a hanging indent, as wide as its label where it has one."""
    wide += 0.4 if label else 0
    mark = f'<span style="display:inline-block;width:{wide}em;text-indent:0">{label}</span>' if label else ""
    return f'<div style="padding-inline-start:{wide}em;text-indent:-{wide}em;margin:0 0 .25em">{mark}{words}</div>'
