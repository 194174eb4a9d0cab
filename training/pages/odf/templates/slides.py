"""Slides: few words in large type on wide pages."""

from __future__ import annotations

import random

from training.pages.furniture import running
from training.pages.odf import parts
from training.pages.odf.page import align, edges, face
from training.pages.odf.parts import Writer, new_writer

_SIZES = ((720, 405), (720, 405), (960, 540), (720, 540), (720, 540), (794, 595))
_BANDS = (0xD9E2F3, 0xE2EFD9, 0xF2F2F2)
_DARK = (0x1F3864, 0x222222, 0x0B5345, 0x4A235A)


def _feet(writer: Writer) -> None:
    """Date, footer and number along the foot, each in a frame of its own."""
    rng, seen = writer.rng, writer.sheet.look
    small, y = face(size=rng.choice((8, 9, 10, 12))), seen.height - rng.uniform(20, 30)
    third = seen.width / 3 - 20
    places = (("footer", writer.text.date, 20.0, "start"), ("footer", lambda: running(writer.sheet), 20 + third, "center"),
              ("page_number", lambda: str(rng.randint(1, 60)), 20 + 2 * third, "end"))  # fmt: skip
    for role, words, x, side in places:
        if rng.random() < 0.7:
            inside = parts.line(
                writer,
                role,
                words(),
                type_face=small,
                flow=writer.sheet.number(),
                props=align(side),
                color=0x808080,
            )
            writer.page.frames.append(writer.page.frame(inside, x, y, third))


def slide(rng: random.Random, name: str) -> Writer:
    """A slide: title, bullets in two levels, or two parts side by side; date, footer and number at its foot."""
    writer = new_writer(rng, name, rng.choice(_SIZES))
    seen, page, text = writer.sheet.look, writer.page, writer.text
    scale = seen.width / 720
    seen.left = seen.right = rng.uniform(30, 60) * scale
    seen.top, seen.bottom, seen.indent, seen.justify = rng.uniform(18, 40) * scale, 36 * scale, 0, False
    seen.size = round(rng.choice((12, 14, 16, 18, 20)) * scale)
    writer.headings = parts.heading_looks(writer.sheet)
    if rng.random() < 0.2:
        seen.ink, seen.accent = 0xFFFFFF, 0xFFE082
        page.frames.append(page.frame(page.gap(2), 0, 0, seen.width, seen.height, fill=rng.choice(_DARK)))
    elif rng.random() < 0.15:
        band = page.frame(page.gap(2), 0, 0, seen.width, rng.uniform(8, 60) * scale, fill=rng.choice(_BANDS))
        page.frames.append(band)
    size = seen.size * rng.choice((1.3, 1.6, 1.9))
    side = rng.choice(("start", "start", "center"))
    big = face(size=size, bold=rng.random() < 0.4, family=seen.head)
    chance = rng.random()
    if chance < 0.12:
        page.body.append(page.gap(seen.high * rng.uniform(0.15, 0.35)))
    page.body.append(
        parts.line(
            writer,
            "title",
            text.title(2, 8),
            type_face=big,
            color=seen.accent if rng.random() < 0.5 else None,
            props=f"{edges(bottom=size * 0.5)} {align(side)}",
        )
    )
    page.used += size * 1.5
    if chance < 0.12:
        lines = [text.name(), text.firm(), text.date()][: rng.randint(1, 3)]
        page.body.append(parts.stack(writer, "paragraph", lines, props=align(side)))
    elif chance < 0.55:
        page.body.append(
            _content(
                writer, seen.wide, rng.choice(("bullets", "bullets", "bullets", "numbered", "table", "text"))
            )
        )
    else:
        if rng.random() < 0.2:
            page.body.append(parts.paragraph(writer, rng.randint(40, 120)))
        kinds = [
            rng.choice(("bullets", "bullets", "picture", "text", "table"))
            for _ in range(rng.choice((2, 2, 2, 3)))
        ]
        page.body.append(parts.beside(writer, [_Half(writer, kind) for kind in kinds], gutter=16))
    _feet(writer)
    return writer


class _Half:
    """One of the parts that stand side by side, with a heading or without."""

    def __init__(self, writer: Writer, kind: str) -> None:
        self.writer, self.kind = writer, kind

    def __call__(self, width: float) -> str:
        writer = self.writer
        head = (
            parts.heading(writer, 3, writer.text.title(1, 3), numbered=False)
            if writer.rng.random() < 0.3
            else ""
        )
        return head + _content(writer, width, self.kind)


def _content(writer: Writer, width: float, kind: str) -> str:
    rng, seen, page = writer.rng, writer.sheet.look, writer.page
    room = max(seen.high - page.used, 60)
    if kind in ("bullets", "numbered"):
        depth, long = rng.choice((1, 2, 2)), rng.choice((18, 30, 60))
        lines = max(
            2,
            int(
                room
                * rng.uniform(0.4, 0.8)
                / seen.pitch
                / (1 + long * seen.size * 0.5 / width)
                / (1.4 if depth > 1 else 1)
            ),
        )
        return parts.bullets(
            writer, min(lines, 8), long, numbered=kind == "numbered", depth=depth, width=width, leads=0.05
        )
    if kind == "picture":
        return parts.picture(writer, width * rng.uniform(0.6, 0.95), room * rng.uniform(0.4, 0.7))
    if kind == "table":
        rows = max(2, min(6, int(room * 0.6 / (seen.size * 1.8))))
        return parts.table(
            writer,
            ["label"] + ["number"] * (3 if width > 400 else 1),
            rows,
            width=width,
            size=round(seen.size * 0.75),
        )
    return "".join(
        parts.paragraph(writer, rng.randint(50, 180), width=width) for _ in range(rng.randint(1, 2))
    )
