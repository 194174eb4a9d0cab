"""Delivery notes, quotations, orders and statements of accounts."""

from __future__ import annotations

import random
from collections.abc import Callable

from training.pages.odf import fields, furniture, parts
from training.pages.odf.page import align, edges, face
from training.pages.odf.parts import Writer, new_writer
from training.pages.odf.templates.letters import letterhead

_WORDS = ("Delivery Note", "DELIVERY NOTE", "Quotation", "QUOTE", "Purchase Order", "Order confirmation", "Packing list", "Credit note", "Offer",
          "Reminder", "Pro forma invoice", "Work order", "Repair slip")  # fmt: skip
_TO = ("Delivery address", "Bill to", "Ship to", "Supplier", "Customer", "Sold to", "From", "To", "")


def _part(writer: Writer, kind: str) -> Callable[[float], str]:
    rng, seen = writer.rng, writer.sheet.look
    size = max(7.0, seen.size - rng.choice((0, 0, 1)))

    def made(width: float) -> str:
        if kind == "address":
            label = (
                rng.choice(_TO) if writer.text.language == "en" else rng.choice(("", writer.text.words(1, 2)))
            )
            return fields.address(writer, label=label, size=size)
        if kind == "firm":
            name = parts.line(
                writer, "paragraph", writer.text.firm(), type_face=face(size=seen.size + 4, bold=True)
            )
            return name + parts.stack(
                writer, "paragraph", writer.text.address()[1:], type_face=face(size=size)
            )
        if kind == "title":
            return _title(writer, rng.choice(("start", "end")))
        return fields.pairs(writer, fields.labels(writer, rng.randint(2, 6)), width, size=size)

    return made


def _title(writer: Writer, side: str) -> str:
    rng, seen = writer.rng, writer.sheet.look
    words = rng.choice(_WORDS) if writer.text.language == "en" else writer.text.title(1, 2)
    if rng.random() < 0.3:
        words += f" {rng.choice(('No. ', ''))}{writer.text.code()}"
    big = face(size=rng.choice((14, 16, 20, 24)), bold=rng.random() < 0.7, family=seen.head)
    writer.page.used += 14
    return parts.line(
        writer,
        "title",
        words,
        type_face=big,
        props=f"{edges(top=4, bottom=8)} {align(side)}",
        color=seen.accent if rng.random() < 0.4 else None,
    )


def order(rng: random.Random, name: str) -> Writer:
    """Two or three blocks side by side at the page's head, a table of items, sums, terms and places to sign."""
    writer = new_writer(rng, name, rng.choice(((595, 842), (595, 842), (612, 792), (842, 595))), english=0.65)
    seen, page = writer.sheet.look, writer.page
    seen.left, seen.right = min(seen.left, 62), min(seen.right, 62)
    if rng.random() < 0.45:
        letterhead(writer)
    else:
        furniture.bands(writer, heads=0.15, feet=0.4, numbers=0.5)
    early = rng.random() < 0.4
    if early:
        page.body.append(_title(writer, rng.choice(("start", "start", "end", "center"))))
    kinds = rng.choice(
        (("address", "address", "pairs"), ("firm", "address", "pairs"), ("address", "pairs", "pairs"), ("pairs", "pairs", "pairs"),
         ("address", "pairs"), ("firm", "pairs"), ("pairs", "address"), ("address", "address", "address"), ("firm", "title"))
    )  # fmt: skip
    framed = 'fo:border="0.5pt solid #666666" fo:padding="4pt"' if rng.random() < 0.3 else ""
    page.body.append(parts.beside(writer, [_part(writer, kind) for kind in kinds], props=framed, gutter=12))
    if kinds == ("firm", "title") or rng.random() < 0.2:
        page.body.append(parts.beside(writer, [_part(writer, "address"), _part(writer, "pairs")], gutter=12))
    if not early and "title" not in kinds:
        page.body.append(_title(writer, "start"))
    if rng.random() < 0.4:
        page.body.append(parts.paragraph(writer, rng.randint(40, 180), props=edges(bottom=8)))
    columns, heads = rng.choice(
        (
            (
                ["integer", "label", "integer", "money", "money"],
                ["Pos.", "Description", "Qty", "Price", "Total"],
            ),
            (["code", "long", "integer", "label"], ["Item no.", "Description", "Quantity", "Unit"]),
            (["integer", "code", "label", "integer"], ["No.", "Article", "Name", "Pieces"]),
            (["label", "number", "number", "money"], ["Service", "Hours", "Rate", "Amount"]),
            (
                ["code", "label", "date", "integer", "number", "money"],
                ["Code", "Product", "Due", "Qty", "Discount", "Net"],
            ),
        )
    )
    if writer.text.language != "en":
        heads = [writer.text.words(1, 1) for _ in heads]
    priced = "money" in columns
    page.body.append(
        parts.table(
            writer, columns, rng.randint(2, 14), heads=heads, width=seen.wide, blank=0.02, merged=0.02
        )
    )
    if priced:
        page.body.append(fields.totals(writer, seen.wide))
    if rng.random() < 0.75:
        page.body.append(parts.paragraph(writer, rng.randint(50, 300), props=edges(top=4, bottom=8)))
    if rng.random() < 0.35:
        page.body.append(
            parts.heading(writer, 3, rng.choice(("Terms", "Notes", "Payment", "Remarks")), numbered=False)
        )
        page.body.append(parts.bullets(writer, rng.randint(2, 5), 50, numbered=rng.random() < 0.4))
    if rng.random() < 0.4:
        page.body.append(
            page.gap(20)
            + fields.blanks(
                writer,
                rng.choice(
                    (("Date", "Signature"), ("Received by", "Date", "Stamp"), ("Place, date", "Signature"))
                ),
                seen.wide,
                each=3,
            )
        )
    return writer


def account(rng: random.Random, name: str) -> Writer:
    """A statement of an account: whose it is, its numbers, bookings with their balance, small print."""
    writer = new_writer(
        rng, name, rng.choice(((595, 842), (612, 792))), english=0.65, small=rng.random() < 0.5
    )
    seen, page, text = writer.sheet.look, writer.page, writer.text
    letterhead(writer)
    page.body.append(
        parts.beside(writer, [_part(writer, "address"), _part(writer, "pairs")], (3, 2), gutter=14)
    )
    words = (
        f"{rng.choice(('Account statement', 'Statement of account', 'Payroll', 'Cash book'))} {text.date()}"
        if text.language == "en"
        else text.title(1, 4)
    )
    page.body.append(
        parts.line(
            writer,
            "title",
            words,
            type_face=face(size=seen.size + rng.choice((2, 4, 6)), bold=True),
            props=edges(top=6, bottom=8),
        )
    )
    if rng.random() < 0.5:
        page.body.append(
            fields.pairs(writer, fields.labels(writer, rng.randint(2, 4)), seen.wide * rng.uniform(0.5, 1))
            + page.gap(8)
        )
    kinds, heads = rng.choice(
        (
            (
                ["date", "date", "label", "number", "number"],
                ["Date", "Value", "Description", "Amount", "Balance"],
            ),
            (["date", "long", "money", "money", "money"], ["Date", "Details", "Debit", "Credit", "Balance"]),
            (["date", "code", "label", "money"], ["Posted", "Ref.", "Text", "Amount"]),
            (
                ["label", "number", "number", "number", "money"],
                ["Earnings", "Hours", "Rate", "Current", "Year to date"],
            ),
        )
    )
    if text.language != "en":
        heads = [text.words(1, 1) for _ in heads]
    rows = 6 if "long" in kinds else rng.randint(8, 22)
    page.body.append(
        parts.table(
            writer,
            kinds,
            rows,
            heads=heads,
            width=seen.wide,
            total=rng.random() < 0.5,
            ruled=rng.choice(("", "rows", "head", "none")),
            merged=0.03,
        )
    )
    if rng.random() < 0.4:
        page.body.append(fields.totals(writer, seen.wide))
    if rng.random() < 0.6:
        page.body.append(
            parts.paragraph(
                writer,
                rng.randint(60, 300),
                type_face=face(size=max(6.5, seen.size - 1.5)),
                props=edges(top=4),
            )
        )
    return writer
