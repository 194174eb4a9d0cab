"""Addresses, labels with their values, and places to write on."""

from __future__ import annotations

from collections.abc import Sequence

from training.pages.odf import parts
from training.pages.odf.page import Cell, align, edges, face, tab_stops
from training.pages.odf.parts import Writer

LABELS = (
    "Date", "Your reference", "Our reference", "Customer no.", "Order no.", "Delivery date", "Contact", "Phone", "E-mail", "Page", "Project",
    "Department", "Valid until", "Payment terms", "Account", "IBAN", "BIC", "Tax number", "Currency", "Period", "Clerk", "File no.", "Ship via", "Weight",
)  # fmt: skip


def labels(writer: Writer, count: int) -> list[str]:
    """Names of fields in the page's language."""
    if writer.text.language == "en" or writer.rng.random() < 0.15:
        return writer.rng.sample(LABELS, count)
    return [writer.text.words(1, 2) for _ in range(count)]


def value(writer: Writer) -> str:
    text = writer.text
    return writer.rng.choice(
        (text.code, text.date, text.date, text.money, text.name, text.phone, text.town, text.code)
    )()


def address(writer: Writer, *, label: str = "", side: str = "start", size: float = 0) -> str:
    """The lines of an address as one block, below its label if there is one."""
    rng = writer.rng
    lines = writer.text.address()
    if rng.random() < 0.3:
        lines += rng.sample((writer.text.phone(), writer.text.email(), writer.text.url()), rng.randint(1, 2))
    plain = face(size=size) if size else ""
    head = ""
    if label:
        bold = face(size=size or writer.sheet.look.size, bold=rng.random() < 0.6)
        head = parts.line(writer, "form_label", label, type_face=bold, props=align(side))
    first = face(size=size or writer.sheet.look.size, bold=True) if rng.random() < 0.25 else ""
    return head + parts.stack(
        writer, "form_value" if label else "paragraph", lines, props=align(side), type_face=plain, first=first
    )


def pairs(
    writer: Writer,
    names: Sequence[str],
    width: float,
    *,
    kind: str = "",
    size: float = 0,
    values: Sequence[str] = (),
) -> str:
    """Labels with their values beside, below or behind them: by tabs, in a table, in two lines or run in."""
    rng, page = writer.rng, writer.page
    kind = kind or rng.choice(("tabs", "tabs", "table", "ruled", "run in", "above"))
    own = size or writer.sheet.look.size
    bold = face(size=own, bold=True) if rng.random() < 0.4 else face(size=own)
    plain, mark = face(size=own), rng.choice((":", "", ":"))
    longest = max(map(len, names))
    first = min(width * 0.62, longest * own * 0.58 + 12)
    side = rng.choice(("start", "start", "end"))
    out, rows = [], []
    for index, name in enumerate(names):
        block, number = writer.sheet.number(), len(writer.sheet.runs) + 1
        small = face(size=max(6, own - 2)) if kind == "above" else bold
        label = page.run("form_label", name + mark, type_face=small, block=block)
        words = values[index] if values else value(writer)
        said = page.run("form_value", words, type_face=plain, block=block)
        page.used += own * 1.3
        if kind == "tabs":
            stop = (width, "right", "") if side == "end" else (first, "left", "")
            inside = label + page.span("<text:tab/>", number) + said
            out.append(page.paragraph(inside, number, tabs=tab_stops(stop), props=edges(), type_face=plain))
        elif kind == "run in":
            out.append(
                page.paragraph(label + page.span(" ", number) + said, number, props=edges(), type_face=plain)
            )
        elif kind == "above":
            page.used += own
            out.append(
                page.paragraph(label, number, props=edges(top=2), type_face=small)
                + page.paragraph(said, number + 1, props=edges(bottom=2), type_face=plain)
            )
        else:
            border = (
                'fo:border="0.5pt solid #888888" fo:padding="2pt"'
                if kind == "ruled"
                else 'fo:padding="1pt" fo:border="none"'
            )
            page.used += 5 if kind == "ruled" else 2
            rows.append(
                [
                    Cell(page.paragraph(label, number, type_face=bold), border),
                    Cell(page.paragraph(said, number + 1, props=align(side), type_face=plain), border),
                ]
            )
    if rows:
        out.append(page.table(rows, [first, max(width - first, 40)]))
    return "".join(out)


def totals(writer: Writer, width: float) -> str:
    """The sums below a table of items, at its right edge."""
    rng, page = writer.rng, writer.page
    names = rng.choice(
        (
            ["Subtotal", f"VAT {rng.choice((7, 19, 20))}%", "Total"],
            ["Net", "Shipping", "Tax", "Amount due"],
            ["Total excl. VAT", "VAT", "Total"],
            ["Balance"],
        )
    )
    if writer.text.language != "en":
        names = [writer.text.words(1, 2) for _ in names]
    wide = width * rng.uniform(0.35, 0.5)
    rows = []
    ruled = rng.random() < 0.4
    for index, name in enumerate(names):
        block, number = writer.sheet.number(), len(writer.sheet.runs) + 1
        last = index == len(names) - 1
        bold = face(bold=True) if last else ""
        edge = (
            'fo:border="0.5pt solid #888888"'
            if ruled
            else 'fo:border-top="0.75pt solid #000000"'
            if last
            else 'fo:border="none"'
        )
        label = page.paragraph(
            page.run("form_label", name, type_face=bold, block=block), number, type_face=bold
        )
        said = page.paragraph(
            page.run("form_value", writer.text.money(), type_face=bold, block=block),
            number + 1,
            props=align("end"),
            type_face=bold,
        )
        rows.append([Cell(label, f'{edge} fo:padding="2pt"'), Cell(said, f'{edge} fo:padding="2pt"')])
        page.used += writer.sheet.look.pitch + 4
    return page.table(
        rows, [wide * 0.55, wide * 0.45], where=rng.choice(("right", "right", "right", "left"))
    ) + page.gap(8)


def blanks(writer: Writer, names: Sequence[str], width: float, *, leader: str = "_", each: int = 1) -> str:
    """Labels with lines of underscores or dots to write on, ``each`` of them side by side."""
    page, sheet = writer.page, writer.sheet
    out = []
    for start in range(0, len(names), each):
        group = names[start : start + each]
        inside, stops, first = [], [], len(sheet.runs) + 1
        for index, name in enumerate(group):
            block = sheet.number()
            inside.append(page.run("form_label", name + writer.rng.choice((":", "", " ")), block=block))
            inside.append(page.run("form_label", "\t", block=block))
            end = width * (index + 1) / len(group)
            stops.append((end - (10 if index + 1 < len(group) else 0), "left", leader))
            if index + 1 < len(group):
                inside.append(page.span("<text:tab/>", page.last))
                stops.append((end, "left", ""))
        out.append(page.paragraph("".join(inside), first, props=edges(bottom=5), tabs=tab_stops(*stops)))
        page.used += sheet.look.pitch + 5
    return "".join(out)


def answer_lines(writer: Writer, count: int, width: float, *, inset: float = 0) -> str:
    """Empty lines to write on: underscores, dots or rules."""
    rng, page = writer.rng, writer.page
    kind, block = rng.choice(("_", "_", ".", "rule")), writer.sheet.number()
    high = rng.choice((14, 18, 22))
    out = []
    for _ in range(count):
        page.used += high
        props = f'{edges(left=inset)} fo:line-height="{high}pt"'
        if kind == "rule":
            out.append(
                page.paragraph(
                    "", 0, props=f'{props} fo:border-bottom="0.5pt solid #000000" style:join-border="false"'
                )
            )
            continue
        said = page.run("form_label", "\t", block=block, item=-1)
        out.append(
            page.paragraph(said, page.last, props=props, tabs=tab_stops((width - inset, "left", kind)))
        )
    return "".join(out)


def ticks(writer: Writer, width: float) -> str:
    """A question with boxes to tick, behind it or below it."""
    rng, page, sheet = writer.rng, writer.page, writer.sheet
    block, number = sheet.number(), len(sheet.runs) + 1
    asked = page.run("form_label", writer.text.words(2, 8) + rng.choice(("?", ":", "")), block=block)
    sign, each = rng.choice("☐☐□◯❏"), rng.choice((1, 2, 3, 4))
    names = (
        ["Yes", "No"]
        if rng.random() < 0.3 and writer.text.language == "en"
        else [writer.text.words(1, 3) for _ in range(rng.randint(2, 5))]
    )
    options = []
    for name in names:
        item, first = sheet.number(), len(sheet.runs) + 1
        mark = page.run(
            "form_label",
            rng.choice((sign, sign, sign, "☒", "☑")) + " ",
            type_face=face(family=rng.choice(("DejaVu Sans", "OpenSymbol"))),
            block=block,
            item=item,
        )
        options.append((mark + page.run("form_label", name, block=block, item=item), first))
    page.used += sheet.look.pitch
    if rng.random() < 0.3 and len(names) < 4:
        inside = asked + "".join(page.span("<text:tab/>", first) + said for said, first in options)
        return page.paragraph(
            inside,
            number,
            props=edges(bottom=3),
            tabs=tab_stops(*((width * (0.45 + 0.18 * i), "left", "") for i in range(3))),
        )
    out = [page.paragraph(asked, number, props=edges(bottom=1))]
    for start in range(0, len(options), each):
        group = options[start : start + each]
        inside = page.span("<text:tab/>", group[0][1]).join(said for said, _ in group)
        out.append(
            page.paragraph(
                inside,
                group[0][1],
                props=edges(left=rng.choice((0, 14, 18)), bottom=1),
                tabs=tab_stops(*((width * i / each, "left", "") for i in range(1, each))),
            )
        )
        page.used += sheet.look.pitch
    return "".join(out) + page.gap(4)
