"""Forms: labelled fields, boxes to tick, small print."""

from __future__ import annotations

import random

from training.pages import furniture, parts, tables
from training.pages.columns import decorated, poured
from training.pages.sheet import Sheet
from training.pages.templates.new import new_sheet

FIELDS = [
    "First name",
    "Last name",
    "Date of birth",
    "Street and number",
    "Postcode",
    "City",
    "Country",
    "E-mail",
    "Telephone",
    "Nationality",
    "Employer",
    "Occupation",
    "Passport number",
    "Signature",
    "Date",
    "Amount",
    "Reason for the request",
    "Name of the school",
    "Tax number",
    "Place of birth",
    "Marital status",
    "Bank",
    "Account holder",
]


def _field(sheet: Sheet, kind: str) -> str:
    """A labelled field: a line or box to write on, filled in or empty."""
    rng = sheet.rng
    block = sheet.number()
    name = rng.choice(FIELDS) if sheet.text.language == "en" else sheet.text.words(1, 3)
    label = sheet.run("form_label", name + rng.choice(("", ":", "")), block=block)
    value = ""
    if rng.random() < 0.4:
        value = sheet.run(
            "form_value",
            rng.choice(
                (sheet.text.name, sheet.text.date, sheet.text.town, sheet.text.code, sheet.text.phone)
            )(),
            block=block,
            css=rng.choice(("", f"font-family:'{sheet.look.mono}'", "font-style:italic")),
            color=rng.choice((0x000080, 0x000000)),
        )
    high = rng.uniform(13, 22)
    if kind == "line":
        return f'<div style="display:flex;gap:.5em;align-items:end;margin:.35em 0"><div style="white-space:nowrap">{label}</div><div style="flex:1;border-bottom:.6pt solid #000;min-height:{high:.0f}pt;display:flex;align-items:end;padding-left:4pt">{value}</div></div>'
    if kind == "dots":
        dots = "." * rng.randint(20, 60)
        rest = f" {value}" if value else sheet.run("form_label", " " + dots, block=block)
        return f'<div style="margin:.35em 0;white-space:nowrap;overflow:hidden">{label}{rest}</div>'
    if kind == "under":
        return f'<div style="margin:.3em 0"><div style="border-bottom:.6pt solid #000;min-height:{high:.0f}pt;display:flex;align-items:end">{value}</div><div style="font-size:.75em">{label}</div></div>'
    if kind == "box":
        return f'<div style="border:.6pt solid #555;padding:2pt 4pt;min-height:{high + 10:.0f}pt"><div style="font-size:.75em">{label}</div><div>{value}</div></div>'
    cells = "".join(
        f'<div style="width:12pt;height:14pt;border:.5pt solid #555;border-left-width:{0.5 if not i else 0}pt"></div>'
        for i in range(rng.randint(5, 10))
    )
    return f'<div style="display:flex;gap:.6em;align-items:center;margin:.35em 0"><div>{label}</div><div style="display:flex">{cells}</div></div>'


def _choices(sheet: Sheet) -> str:
    """A question with boxes to tick."""
    rng = sheet.rng
    block = sheet.number()
    asked = sheet.run("form_label", sheet.text.words(2, 9) + rng.choice(("?", ":", "")), block=block)
    drawn = rng.random() < 0.6
    ticks = []
    for _ in range(rng.randint(2, 5)):
        words = sheet.text.words(1, 3) if rng.random() < 0.7 else rng.choice(("Yes", "No"))
        if drawn:
            tick = (
                '<i style="position:absolute;left:1pt;right:1pt;top:45%;border-top:1pt solid #000;transform:rotate(45deg)"></i>'
                if rng.random() < 0.3
                else ""
            )
            square = f'<b style="position:relative;display:inline-block;width:8pt;height:8pt;border:.7pt solid #000;border-radius:{rng.choice((0, 0, 4))}pt">{sheet.region("check_box")}{tick}</b> '
            said = sheet.run("form_label", words, block=block)
        else:
            item = sheet.number()
            square = sheet.run(
                "form_label",
                rng.choice("☐☐☐☒☑□") + " ",
                css="font-family:'DejaVu Sans'",
                block=block,
                item=item,
            )
            said = sheet.run("form_label", words, block=block, item=item)
        ticks.append(f'<span style="white-space:nowrap">{square}{said}</span>')
    if rng.random() < 0.6:
        return f'<div style="margin:.4em 0"><div>{asked}</div><div style="display:flex;gap:.2em 2em;flex-wrap:wrap;margin:.2em 0 0 1em">{"".join(ticks)}</div></div>'
    return (
        f'<div style="margin:.4em 0"><div>{asked}</div>'
        + "".join(f'<div style="margin-left:1em">{tick}</div>' for tick in ticks)
        + "</div>"
    )


def form(rng: random.Random) -> tuple[Sheet, str]:
    """A form in sections: fields in one to three columns, boxes to tick, small print."""
    sheet = new_sheet(rng, size=rng.choice(((595, 842), (612, 792))), english=0.5, small=rng.random() < 0.4)
    seen, text = sheet.look, sheet.text
    out, used = [], 0.0
    if rng.random() < 0.75:
        out.append(
            f"<div style=\"font:bold {rng.choice((1.4, 1.7, 2))}em/1.2 '{seen.head}';text-align:{rng.choice(('center', 'start'))};margin:0 0 .5em\">{sheet.run('title', text.title(2, 7))}</div>"
        )
    if rng.random() < 0.6:
        out.append(parts.paragraph(sheet, rng.randint(60, 400), css="text-indent:0"))
        used += seen.pitch * 4
    count = parts.Numbering(rng.choice(("", "1.", "A.")), {"h1": 0})
    dark = rng.random() < 0.3
    while used < seen.high * rng.uniform(0.75, 0.95):
        if rng.random() < 0.75:
            bar = (
                f"background:#{rng.choice((0xDDDDDD, 0xE8EEF7, 0xCCE0CC)):06x};padding:2pt 4pt;"
                if dark
                else ""
            )
            out.append(
                parts.heading(
                    sheet, rng.choice((1, 2, 3)), count, css=f"font-size:1.1em;margin:.7em 0 .3em;{bar}"
                )
            )
            used += seen.pitch * 2
        kind = rng.choice(("line", "line", "dots", "under", "box", "box", "comb"))
        columns = rng.choice((1, 2, 2, 3)) if kind != "dots" else rng.choice((1, 2))
        many = rng.randint(1, 5) * columns
        cells = "".join(_field(sheet, kind) for _ in range(many))
        gap = "0" if kind == "box" and rng.random() < 0.6 else ".2em 1.2em"
        out.append(
            f'<div style="position:relative;display:grid;grid-template-columns:repeat({columns},1fr);gap:{gap}">{sheet.region("form")}{cells}</div>'
        )
        used += many / columns * 26
        chance = rng.random()
        if chance < 0.45:
            out.append(_choices(sheet))
            used += seen.pitch * 3
        elif chance < 0.6:
            out.append(parts.paragraph(sheet, rng.randint(60, 300), css="text-indent:0;font-size:.85em"))
            used += seen.pitch * 3
        elif chance < 0.66:
            out.append(tables.grid(sheet, ["label", "number", "date"], rng.randint(2, 4)))
            used += 70
    return sheet, decorated(
        sheet,
        furniture.frame(sheet, heads=0.3, feet=0.5, numbers=0.6) + poured(sheet, "".join(out), 1),
        badges=0.06,
    )
