"""Addresses, and labels with their values."""

from __future__ import annotations

from training.pages.sheet import Sheet

_LABELS = [
    "Invoice No",
    "Date",
    "Due date",
    "Order number",
    "Customer ID",
    "VAT number",
    "Your reference",
    "Payment terms",
    "Delivery",
    "Account",
    "IBAN",
    "Contact",
    "Phone",
    "Project",
    "Tax point",
    "Currency",
    "Ship via",
    "Department",
]


def address(sheet: Sheet, role: str = "paragraph", label: str = "", css: str = "") -> str:
    """The lines of an address as one block, below its label if there is one."""
    block = sheet.number()
    first = (
        f'<div style="{sheet.rng.choice(("font-weight:bold", "", "font-size:.85em"))}">{sheet.run("form_label", label)}</div>'
        if label
        else ""
    )
    lines = sheet.text.address()
    if sheet.chance(0.3):
        lines.append(sheet.rng.choice((sheet.text.phone(), sheet.text.email())))
    said = "<br>".join(
        sheet.run(
            "form_value" if label else role,
            line,
            block=block,
            item=-1,
            css="font-weight:bold" if i == 0 and sheet.chance(0.2) else "",
        )
        for i, line in enumerate(lines)
    )
    return f'<div style="{css}">{first}{said}</div>'


def pairs(sheet: Sheet, count: int, names: list[str] | None = None, css: str = "") -> str:
    """Labels with their values beside, below or behind them."""
    rng = sheet.rng
    names = names or rng.sample(_LABELS, min(count, len(_LABELS)))
    kind = rng.choice(("grid", "grid", "run", "table", "below"))
    bold = rng.choice(("font-weight:bold", "font-weight:bold", ""))
    mark = rng.choice((":", "", ":"))
    out = []
    for name in names[:count]:
        block = sheet.number()
        label = sheet.run("form_label", name + mark, css=bold, block=block)
        value = sheet.run(
            "form_value",
            rng.choice(
                (
                    sheet.text.code,
                    sheet.text.date,
                    sheet.text.money,
                    sheet.text.name,
                    sheet.text.phone,
                    sheet.text.town,
                )
            )(),
            block=block,
        )
        out.append((label, value))
    if kind == "run":
        return (
            f'<div style="{css}">' + "".join(f"<div>{label} {value}</div>" for label, value in out) + "</div>"
        )
    if kind == "below":
        cells = "".join(
            f"<div><div style='font-size:.8em'>{label}</div><div>{value}</div></div>" for label, value in out
        )
        return f'<div style="display:grid;grid-template-columns:repeat({rng.choice((1, 2, 2, 3))},auto);gap:.5em 1.5em;{css}">{cells}</div>'
    border = (
        rng.choice(("border:.5pt solid #999;padding:1pt 4pt;", "border-bottom:.5pt solid #bbb;"))
        if kind == "table"
        else ""
    )
    align = rng.choice(("start", "end", "start"))
    cells = "".join(
        f'<div style="{border}">{label}</div><div style="{border}text-align:{align}">{value}</div>'
        for label, value in out
    )
    return f'<div style="display:grid;grid-template-columns:auto auto;gap:0 {0 if border else rng.choice((0.6, 1, 2, 4))}em;{css}">{cells}</div>'
