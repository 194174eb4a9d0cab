"""Invoices, receipts and financial statements: tables of items and figures."""

from __future__ import annotations

import random

from training.pages import furniture, parts, tables
from training.pages.columns import Mix, Stream, decorated, poured
from training.pages.sheet import Sheet
from training.pages.templates.fields import address, pairs
from training.pages.templates.new import new_sheet


def totals(sheet: Sheet, css: str = "") -> str:
    rng = sheet.rng
    names = (
        ["Subtotal", f"VAT {rng.choice((7, 19, 20, 21))}%", "Total"]
        if rng.random() < 0.7
        else ["Net", "Shipping", "Tax", "Amount due"]
    )
    rows = []
    for index, name in enumerate(names):
        block = sheet.number()
        last = "font-weight:bold;border-top:.75pt solid #000" if index == len(names) - 1 else ""
        rows.append(
            f'<div style="display:flex;justify-content:space-between;gap:2em;{last}"><div>{sheet.run("form_label", name, block=block)}</div><div>{sheet.run("form_value", sheet.text.money(), block=block)}</div></div>'
        )
    return f'<div style="width:{rng.uniform(30, 45):.0f}%;margin:.8em 0 1em auto;{css}">{"".join(rows)}</div>'


def invoice(rng: random.Random) -> tuple[Sheet, str]:
    """An invoice: who to whom, its numbers, a table of items, the sums, how to pay."""
    sheet = new_sheet(rng, size=rng.choice(((595, 842), (612, 792))), english=0.7)
    seen, text = sheet.look, sheet.text
    seen.left, seen.right = min(seen.left, 60), min(seen.right, 60)
    word = rng.choice(
        ("INVOICE", "Invoice", "Quotation", "ORDER", "Delivery note", "Credit note", "Proforma invoice")
    )
    title = sheet.run("title", word, color=seen.accent if rng.random() < 0.5 else None)
    name = sheet.run("paragraph", text.firm(), css="font-weight:bold")
    size = rng.choice((16, 20, 26, 30))
    heads = [
        f"<div style=\"font:bold {size}pt/1.2 '{seen.head}'\">{title}</div>",
        f'<div style="font-size:1.3em">{name}</div>',
    ]
    out = [
        f'<div style="display:flex;justify-content:space-between;align-items:{rng.choice(("start", "center"))};margin:0 0 1.5em">{"".join(heads)}</div>'
    ]
    blocks = rng.choice(
        (
            ("address", "pairs"),
            ("address", "address", "pairs"),
            ("address", "address"),
            ("pairs", "address"),
            ("address", "address", "address"),
        )
    )
    made = [
        address(
            sheet, label=rng.choice(("Bill to", "Ship to", "From", "To", "Customer", "Delivery address", ""))
        )
        if kind == "address"
        else pairs(sheet, rng.randint(2, 6))
        for kind in blocks
    ]
    frames = rng.choice(("", "", "border:.5pt solid #999;padding:5pt;", "background:#f3f3f3;padding:5pt;"))
    out.append(
        f'<div style="display:flex;justify-content:space-between;gap:2em;margin:0 0 1.5em">{"".join(f"<div style={chr(34)}flex:1;{frames}{chr(34)}>{each}</div>" for each in made)}</div>'
    )
    if "pairs" not in blocks or rng.random() < 0.2:
        out.append(pairs(sheet, rng.randint(3, 5), css="margin:0 0 1em"))
    if rng.random() < 0.3:
        out.append(parts.paragraph(sheet, rng.randint(40, 160), css="margin-bottom:1em"))
    columns = rng.choice(
        (
            ["label", "integer", "number", "number"],
            ["code", "label", "integer", "number", "number"],
            ["integer", "long", "number"],
            ["integer", "label", "code", "integer", "number", "number"],
        )
    )
    names = {
        "label": "Description",
        "code": "Item",
        "integer": "Qty",
        "long": "Description",
        "number": "Amount",
    }
    out.append(
        tables.grid(
            sheet,
            columns,
            rng.randint(1, 16),
            heads=[names[kind] for kind in columns],
            total=rng.random() < 0.2,
        )
    )
    out.append(totals(sheet))
    if rng.random() < 0.7:
        out.append(parts.paragraph(sheet, rng.randint(40, 250)))
    if rng.random() < 0.5:
        out.append(
            f'<div style="font-weight:bold;margin:.6em 0 .2em">{sheet.run("heading", rng.choice(("Payment details", "Terms and conditions", "Notes", "Bank details")))}</div>'
        )
        out.append(
            pairs(sheet, rng.randint(2, 4), ["Bank", "IBAN", "BIC", "Account holder"])
            if rng.random() < 0.6
            else parts.paragraph(sheet, rng.randint(80, 300))
        )
    return sheet, decorated(
        sheet,
        furniture.frame(sheet, heads=0.1, feet=0.5, numbers=0.4) + poured(sheet, "".join(out), 1),
        badges=0.1,
    )


def receipt(rng: random.Random) -> tuple[Sheet, str]:
    """A till receipt: a narrow strip."""
    sheet = new_sheet(rng, size=rng.choice(((204, 560), (227, 640), (250, 480))), english=0.8)
    seen, text = sheet.look, sheet.text
    seen.left = seen.right = 14
    seen.top = seen.bottom = 18
    mono = rng.random() < 0.5
    face = f"font:{rng.choice((7.5, 8, 9))}pt/1.25 '{seen.mono if mono else seen.body}'"
    block = sheet.number()
    out = [
        f'<div style="text-align:center;font-size:1.4em;font-weight:bold">{sheet.run("title", text.firm())}</div>'
    ]
    out.append(
        f'<div style="text-align:center">{"<br>".join(sheet.run("paragraph", line, block=block, item=-1) for line in [*text.address()[1:], text.phone()])}</div>'
    )
    out.append(
        '<div style="border-top:.7pt dashed #000;margin:.6em 0"></div>'
        + pairs(sheet, rng.randint(1, 4), ["Date", "Receipt", "Cashier", "Till"])
    )
    out.append('<div style="border-top:.7pt dashed #000;margin:.6em 0"></div>')
    block, rows = sheet.number(), []
    for _ in range(rng.randint(3, 16)):
        name = sheet.run("table", text.words(1, 3), block=block)
        price = sheet.run("table", f"{rng.uniform(0.5, 99):.2f}", block=block)
        rows.append(
            f'<div style="display:flex;justify-content:space-between"><div>{name}</div><div>{price}</div></div>'
        )
    out.append(
        f'<div style="position:relative">{sheet.region("table")}{"".join(rows)}</div><div style="border-top:.7pt dashed #000;margin:.6em 0"></div>'
    )
    out.append(totals(sheet, "width:100%"))
    out.append(
        f'<div style="text-align:center">{sheet.run("paragraph", rng.choice(("Thank you!", "Thank you for your visit", text.prose(40))))}</div>'
    )
    return sheet, furniture.at(f"left:14pt;right:14pt;top:18pt;{face}", "".join(out))


def statement(rng: random.Random) -> tuple[Sheet, str]:
    """A financial statement: wide tables of figures with notes."""
    sheet = new_sheet(
        rng, english=0.6, small=True, size=rng.choice(((595, 842), (612, 792), (842, 595), (792, 612)))
    )
    seen = sheet.look
    count = parts.numbering(sheet)
    out, used = [], 0.0
    if rng.random() < 0.5:
        out.append(
            f"<div style=\"font:bold 1.6em/1.2 '{seen.head}';margin:0 0 .6em\">{sheet.run('title' if rng.random() < 0.5 else 'heading', sheet.text.title(2, 6))}</div>"
        )
    while used < seen.high * 0.8:
        if rng.random() < 0.6:
            out.append(parts.heading(sheet, 2, count))
            used += seen.pitch * 2
        if rng.random() < 0.5:
            out.append(parts.paragraph(sheet, rng.randint(60, 400)))
            used += seen.pitch * 4
        columns = ["label"] + ["number"] * rng.randint(2, 9 if seen.width > 700 else 6)
        years = [""] + [str(2026 - i) for i in range(len(columns) - 1)]
        rows = rng.randint(6, 24)
        out.append(
            f'<div style="margin:.5em 0">{tables.grid(sheet, columns, rows, heads=years if rng.random() < 0.6 else None, total=rng.random() < 0.6)}</div>'
        )
        used += rows * seen.pitch * 1.4
        if rng.random() < 0.3:
            out.append(
                f'<div style="font-size:.85em;margin:.2em 0 .8em">{sheet.run("footnote", rng.choice(("Source: ", "Note: ", "* ", "(1) ")) + sheet.text.prose(50))}</div>'
            )
    mix = Mix(characters=(80, 400), table=0, figure=0)
    if rng.random() < 0.3:
        out.append(Stream(sheet, mix, seen.wide, count).fill(seen.high * 0.2))
    return sheet, decorated(
        sheet, furniture.frame(sheet, heads=0.6, feet=0.4) + poured(sheet, "".join(out), 1)
    )
