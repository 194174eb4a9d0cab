"""Letters and resumes."""

from __future__ import annotations

import random

from training.pages import furniture, parts
from training.pages.columns import decorated, poured
from training.pages.sheet import Sheet
from training.pages.templates.fields import address, pairs
from training.pages.templates.new import new_sheet


def letter(rng: random.Random) -> tuple[Sheet, str]:
    """A letter: sender, address, date, subject, text, greeting."""
    sheet = new_sheet(rng, size=rng.choice(((595, 842), (612, 792))), english=0.3)
    seen, text = sheet.look, sheet.text
    out = []
    if rng.random() < 0.5:
        name = sheet.run("header", text.firm(), color=seen.accent, flow=sheet.number())
        out.append(
            furniture.at(
                f"left:{seen.left}pt;width:{seen.wide}pt;top:{seen.top * 0.35:.0f}pt;font:bold 18pt '{seen.head}';text-align:{rng.choice(('left', 'right', 'center'))}",
                name,
            )
        )
    inside = []
    if rng.random() < 0.3:
        inside.append(
            f'<div style="font-size:.7em;text-decoration:underline;margin:0 0 .6em">{sheet.run("paragraph", ", ".join(text.address()))}</div>'
        )
    elif rng.random() < 0.5:
        inside.append(address(sheet, css=f"text-align:{rng.choice(('start', 'end'))};margin:0 0 1.5em"))
    if rng.random() < 0.3:
        inside.append(
            f'<div style="display:flex;justify-content:space-between;margin:0 0 2em">{address(sheet)}{pairs(sheet, rng.randint(2, 4))}</div>'
        )
    else:
        inside.append(address(sheet, css="margin:0 0 2em"))
        inside.append(
            f'<div style="text-align:{rng.choice(("end", "start"))};margin:0 0 1.5em">{sheet.run("paragraph", f"{text.town()}, {text.date()}")}</div>'
        )
    if rng.random() < 0.7:
        inside.append(
            f'<div style="font-weight:bold;margin:0 0 1.2em">{sheet.run(rng.choice(("heading", "heading", "paragraph")), rng.choice(("", "", "Re: ", "Subject: ")) + text.title(2, 8))}</div>'
        )
    inside.append(
        f'<div style="margin:0 0 .8em">{sheet.run("paragraph", rng.choice(("Dear ", "Hello ")) + text.name() + ",")}</div>'
    )
    used = 0.0
    while used < seen.high * rng.uniform(0.2, 0.5):
        long = rng.randint(80, 600)
        inside.append(parts.paragraph(sheet, long, css="margin-bottom:.8em"))
        used += long / seen.characters(seen.wide) * seen.pitch + seen.pitch
        if rng.random() < 0.15:
            inside.append(parts.bullets(sheet, rng.randint(2, 5), 60))
    block = sheet.number()
    close = "<br>".join(
        sheet.run("paragraph", words, block=block, item=-1)
        for words in (rng.choice(("Sincerely,", "Kind regards,", "Yours faithfully")),)
    )
    inside.append(
        f'<div style="margin:1.2em 0">{close}</div><div style="margin:{rng.choice((1, 3))}em 0 0">{sheet.run("paragraph", text.name())}</div>'
    )
    if rng.random() < 0.4:
        inside.append(
            f'<div style="margin:1em 0 0">{sheet.run("paragraph", "Enclosure: " + text.words(2, 5))}</div>'
        )
    if rng.random() < 0.45:
        cells = []
        for _ in range(rng.randint(2, 4)):
            flow, block = sheet.number(), sheet.number()
            cells.append(
                "<div>"
                + "<br>".join(
                    sheet.run("footer", line, flow=flow, block=block, item=-1)
                    for line in (text.firm(), text.phone(), text.email(), text.code())[: rng.randint(2, 4)]
                )
                + "</div>"
            )
        out.append(
            furniture.at(
                f"left:{seen.left}pt;width:{seen.wide}pt;bottom:14pt;display:flex;justify-content:space-between;font-size:7pt;line-height:1.25;border-top:.5pt solid #888;padding-top:3pt",
                "".join(cells),
            )
        )
    else:
        out.append(furniture.frame(sheet, heads=0.1, feet=0.3, numbers=0.4))
    return sheet, decorated(sheet, "".join(out) + poured(sheet, "".join(inside), 1))


def resume(rng: random.Random) -> tuple[Sheet, str]:
    """A resume, with or without a side bar, whose entries have their dates beside them."""
    sheet = new_sheet(rng, size=rng.choice(((595, 842), (612, 792))), english=0.5)
    seen, text = sheet.look, sheet.text
    seen.left, seen.right, seen.top, seen.bottom = (
        min(seen.left, 50),
        min(seen.right, 50),
        min(seen.top, 50),
        min(seen.bottom, 50),
    )
    barred = rng.random() < 0.55
    wide = rng.uniform(140, 185) if barred else 0
    right = rng.random() < 0.3
    name = f"<div style=\"font:bold {rng.choice((20, 26, 32))}pt/1.15 '{seen.head}';margin:0 0 .2em\">{sheet.run('title', text.name(), color=seen.accent)}</div>"
    if rng.random() < 0.6:
        name += (
            f'<div style="font-size:1.1em;margin:0 0 .8em">{sheet.run("paragraph", text.words(1, 4))}</div>'
        )
    if not barred:
        name += f'<div style="margin:0 0 .8em">{sheet.run("paragraph", rng.choice((" | ", " · ", ", ")).join((text.email(), text.phone(), text.town())))}</div>'
    count = parts.Numbering("", {})
    bar = ""
    first_bar = barred and not right  # behind the name

    def side() -> str:
        cells = []
        for title in rng.sample(
            ("Contact", "Skills", "Languages", "Interests", "Education", "Awards"), rng.randint(2, 5)
        ):
            cells.append(parts.heading(sheet, 3, count, title, css="margin:1em 0 .3em"))
            if title == "Contact":
                cells.append(address(sheet))
            elif rng.random() < 0.5:
                cells.append(parts.bullets(sheet, rng.randint(3, 7), 18))
            else:
                block = sheet.number()
                cells.append(
                    "<br>".join(
                        sheet.run("paragraph", text.words(1, 3), block=block, item=-1)
                        for _ in range(rng.randint(2, 6))
                    )
                )
        return "".join(cells)

    x = seen.width - wide if right else 0
    if first_bar:
        bar = side()
    main, used = [name], seen.pitch * 4
    dated = rng.choice(("beside", "end", "below"))
    while used < seen.high * 0.85:
        main.append(parts.heading(sheet, 2, count, text.title(1, 3)))
        used += seen.pitch * 2.5
        for _ in range(rng.randint(1, 3)):
            main.append(_entry(sheet, dated))
            used += seen.pitch * 5
    if barred and not first_bar:
        bar = side()
    fill = f"background:#{rng.choice((0xE8EEF7, 0xF2F2F2, 0xEDE7F6, 0xFFFFFF)):06x};"
    aside = (
        furniture.at(
            f"left:{x:.0f}pt;top:0;width:{wide:.0f}pt;height:100%;padding:{seen.top:.0f}pt 14pt;{fill}", bar
        )
        if barred
        else ""
    )
    box = (
        wide + 20 if barred and not right else seen.left,
        seen.top,
        seen.width - wide - 20 - seen.right if barred else seen.wide,
        seen.high,
    )
    return sheet, decorated(
        sheet,
        aside
        + poured(sheet, "".join(main), 1, box=box)
        + furniture.frame(sheet, heads=0, feet=0.1, numbers=0.25),
    )


def _entry(sheet: Sheet, dated: str) -> str:
    """A post that somebody had; its dates stand "beside" it, at the line's "end" or "below"."""
    rng, text = sheet.rng, sheet.text

    def when() -> str:
        return sheet.run("paragraph", f"{rng.randint(1995, 2015)} – {rng.randint(2016, 2026)}")

    early = when() if dated == "beside" else ""
    job = sheet.run("paragraph", f"{text.words(1, 3)}, {text.firm()}", css="font-weight:bold")
    late = when() if dated != "beside" else ""
    if rng.random() < 0.6:
        body = parts.bullets(sheet, rng.randint(1, 4), 80)
    else:
        body = parts.paragraph(sheet, rng.randint(60, 300), css="text-indent:0")
    if dated == "beside":
        return f'<div style="display:flex;gap:1em;margin:0 0 .5em"><div style="flex:0 0 6em">{early}</div><div style="flex:1"><div>{job}</div>{body}</div></div>'
    if dated == "end":
        return f'<div style="display:flex;justify-content:space-between"><div>{job}</div><div>{late}</div></div>{body}'
    return f'<div>{job}</div><div style="font-style:italic">{late}</div>{body}'
