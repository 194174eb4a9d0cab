"""What is seen, not read: photographs, charts and diagrams."""

from __future__ import annotations

import base64
import io
import math
import random
from functools import cache

from PIL import Image

from training.pages.parts import Numbering
from training.pages.sheet import Sheet
from training.pages.tables import caption

_COLORS = (
    "4472c4",
    "ed7d31",
    "a5a5a5",
    "ffc000",
    "5b9bd5",
    "70ad47",
    "1f77b4",
    "d62728",
    "2ca02c",
    "333333",
    "9467bd",
)


@cache
def _photograph(number: int) -> str:
    """A data address of something like a photograph: smooth colours and grain."""
    rng = random.Random(number)
    small = Image.new("RGB", (4, 3))
    small.putdata([tuple(rng.randrange(256) for _ in range(3)) for _ in range(12)])
    large = small.resize((64, 48), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    large.save(stream, "JPEG", quality=60)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def photograph(sheet: Sheet, width: str, height: float) -> str:
    """A picture without words; ``width`` in CSS, ``height`` in points."""
    source = _photograph(sheet.rng.randrange(24))
    frame = "border:.5pt solid #444;" if sheet.chance(0.15) else ""
    return f'<div style="position:relative;width:{width};height:{height:.0f}pt;{frame}">{sheet.region("picture", "labels")}<img src="{source}" style="width:100%;height:100%"></div>'


def _label(
    sheet: Sheet,
    words: str,
    x: float,
    y: float,
    size: float,
    flow: int,
    block: int,
    anchor: str = "middle",
    more: str = "",
) -> str:
    return sheet.run(
        "figure_label",
        words,
        css=f"fill:currentColor;font-size:{size}px;text-anchor:{anchor}",
        flow=flow,
        block=block,
        tag="text",
        attributes=f'x="{x:.1f}" y="{y:.1f}" {more}',
    )


def _number(rng: random.Random, value: float) -> str:
    return f"{value:.0f}" if value >= 10 or rng.random() < 0.3 else f"{value:.1f}"


def chart(sheet: Sheet, width: float, height: float) -> str:
    """Bars, lines, points or a pie, with what is written on them."""
    rng = sheet.rng
    flow, block = sheet.number(), sheet.number()
    size = rng.choice((6, 7, 8, 9)) if width > 190 else rng.choice((5, 5.5, 6))
    kind = rng.choice(("bars", "bars", "lines", "points", "pie", "levels"))
    out: list[str] = []
    top = 6.0
    if rng.random() < 0.4:
        out.append(
            _label(
                sheet,
                sheet.text.words(1, 5),
                width / 2,
                size + 3,
                size + 2,
                flow,
                block,
                more='font-weight="bold"' if rng.random() < 0.6 else "",
            )
        )
        top = size + 12
    if kind == "pie":
        out += _pie(sheet, width, height, top, size, flow, block)
    elif kind == "levels":
        out += _levels(sheet, width, height, top, size, flow, block)
    else:
        out += _axes(sheet, width, height, top, size, kind, flow, block)
    face = rng.choice((sheet.look.head, sheet.look.body, "Liberation Sans", "DejaVu Sans"))
    back = f"background:#{rng.choice(('ffffff', 'f7f7f7', 'eaeaf2'))};" if rng.random() < 0.3 else ""
    return f'<div style="position:relative;{back}">{sheet.region("chart", "labels")}<svg width="{width:.0f}pt" height="{height:.0f}pt" viewBox="0 0 {width:.0f} {height:.0f}" style="display:block;font-family:\'{face}\'">{"".join(out)}</svg></div>'


def _axes(
    sheet: Sheet, width: float, height: float, top: float, size: float, kind: str, flow: int, block: int
) -> list[str]:
    rng = sheet.rng
    x0, y0, x1 = size * 4.5, height - size * 3.2, width - 8
    out = [f'<path d="M{x0} {top}V{y0}H{x1}" fill="none" stroke="#444" stroke-width=".7"/>']
    ticks, peak = rng.randint(2, 6 if height > 90 else 3), rng.choice((1, 5, 10, 50, 100, 800))
    for i in range(ticks + 1):
        y = y0 - (y0 - top - 4) * i / ticks
        if rng.random() < 0.8:
            out.append(f'<path d="M{x0} {y:.1f}H{x1}" stroke="#ccc" stroke-width=".4"/>')
        out.append(
            _label(sheet, _number(rng, peak * i / ticks), x0 - 3, y + size / 3, size, flow, block, "end")
        )
    many = rng.randint(2, max(3, min(9, int(width / 32))))
    step = (x1 - x0) / many
    for i in range(many):
        words = str(2015 + i) if rng.random() < 0.4 else sheet.text.word()[:8]
        out.append(_label(sheet, words, x0 + step * (i + 0.5), y0 + size + 2, size, flow, block))
    if rng.random() < 0.6:
        out.append(_label(sheet, sheet.text.words(1, 3), (x0 + x1) / 2, height - 3, size, flow, block))
    if rng.random() < 0.5:
        x, y = size + 1, (top + y0) / 2
        out.append(
            _label(
                sheet,
                sheet.text.words(1, 2),
                x,
                y,
                size,
                flow,
                block,
                more=f'transform="rotate(-90 {x:.1f} {y:.1f})"',
            )
        )
    series = rng.randint(1, 3)
    for s in range(series):
        color = _COLORS[(s * 3 + many) % len(_COLORS)]
        heights = [rng.uniform(0.1, 0.95) * (y0 - top - 4) for _ in range(many)]
        if kind == "bars":
            w = step * 0.7 / series
            out += [
                f'<rect x="{x0 + step * (i + 0.15) + w * s:.1f}" y="{y0 - h:.1f}" width="{w:.1f}" height="{h:.1f}" fill="#{color}"/>'
                for i, h in enumerate(heights)
            ]
        elif kind == "lines":
            points = " ".join(f"{x0 + step * (i + 0.5):.1f},{y0 - h:.1f}" for i, h in enumerate(heights))
            out.append(f'<polyline points="{points}" fill="none" stroke="#{color}" stroke-width="1.2"/>')
        else:
            out += [
                f'<circle cx="{rng.uniform(x0, x1):.1f}" cy="{rng.uniform(top + 4, y0):.1f}" r="1.8" fill="#{color}"/>'
                for _ in range(14)
            ]
    if series > 1:
        for s in range(series):
            y = top + 6 + s * (size + 3)
            out.append(
                f'<rect x="{x1 - 60:.1f}" y="{y - 5:.1f}" width="6" height="5" fill="#{_COLORS[(s * 3 + many) % len(_COLORS)]}"/>'
            )
            out.append(_label(sheet, sheet.text.word()[:10], x1 - 51, y, size, flow, block, "start"))
    return out


def _pie(
    sheet: Sheet, width: float, height: float, top: float, size: float, flow: int, block: int
) -> list[str]:
    rng = sheet.rng
    r = min(width * 0.3, (height - top) * 0.42)
    cx, cy, angle, out = width * 0.4, top + (height - top) / 2, 0.0, []
    shares = [rng.uniform(0.3, 1) for _ in range(rng.randint(3, 6))]
    for i, share in enumerate(shares):
        turn = 2 * math.pi * share / sum(shares)
        a, b = angle, angle + turn
        angle = b
        out.append(
            f'<path d="M{cx:.1f} {cy:.1f}L{cx + r * math.cos(a):.1f} {cy + r * math.sin(a):.1f}A{r:.1f} {r:.1f} 0 {int(turn > math.pi)} 1 {cx + r * math.cos(b):.1f} {cy + r * math.sin(b):.1f}Z" fill="#{_COLORS[i]}"/>'
        )
        middle = (a + b) / 2
        out.append(
            _label(
                sheet,
                f"{100 * share / sum(shares):.0f}%",
                cx + r * 0.65 * math.cos(middle),
                cy + r * 0.65 * math.sin(middle),
                size,
                flow,
                block,
            )
        )
    for i in range(len(shares)):
        y = top + 8 + i * (size + 4)
        out.append(
            f'<rect x="{width * 0.75:.1f}" y="{y - 6:.1f}" width="6" height="6" fill="#{_COLORS[i]}"/>'
        )
        out.append(_label(sheet, sheet.text.word()[:11], width * 0.75 + 9, y, size, flow, block, "start"))
    return out


def _levels(
    sheet: Sheet, width: float, height: float, top: float, size: float, flow: int, block: int
) -> list[str]:
    """Horizontal bars with names before and values behind them."""
    rng, out = sheet.rng, []
    many = max(2, int((height - top) / (size + 7)))
    for i in range(many):
        y = top + i * (height - top) / many
        long = rng.uniform(0.1, 0.5) * width
        out.append(_label(sheet, sheet.text.word()[:14], width * 0.3, y + size, size, flow, block, "end"))
        out.append(
            f'<rect x="{width * 0.32:.1f}" y="{y + 1:.1f}" width="{long:.1f}" height="{size + 1}" fill="#{_COLORS[many % 9]}"/>'
        )
        out.append(
            _label(sheet, str(rng.randint(1, 99)), width * 0.34 + long, y + size, size, flow, block, "start")
        )
    return out


def diagram(sheet: Sheet, width: float, height: float) -> str:
    """Boxes with words in them, and arrows from one to the next."""
    rng = sheet.rng
    flow, block = sheet.number(), sheet.number()
    columns, rows = max(1, int(width / 90)), max(1, int(height / 50))
    size, out = rng.choice((6.5, 7, 8, 9)), []
    w, h = width / columns, height / rows
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.25 and row + column:
                continue
            x, y = column * w + w * 0.12, row * h + h * 0.2
            out.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{w * 0.72:.1f}" height="{h * 0.6:.1f}" rx="{rng.choice((0, 4))}" fill="#{rng.choice(("fff", "e8eef7", "fff2cc", "e2f0d9"))}" stroke="#444" stroke-width=".7"/>'
            )
            words = sheet.text.words(1, 2)[: max(4, int(w * 0.7 / size * 1.9))]
            out.append(_label(sheet, words, x + w * 0.36, y + h * 0.3 + size / 3, size, flow, block))
            if column < columns - 1:
                out.append(
                    f'<path d="M{x + w * 0.72:.1f} {y + h * 0.3:.1f}h{w * 0.26:.1f}" stroke="#444" stroke-width=".8"/>'
                )
    return f'<div style="position:relative">{sheet.region("picture", "labels")}<svg width="{width:.0f}pt" height="{height:.0f}pt" viewBox="0 0 {width:.0f} {height:.0f}" style="display:block;font-family:\'{sheet.look.head}\'">{"".join(out)}</svg></div>'


def figure(sheet: Sheet, count: Numbering, width: float, captioned: float = 0.85) -> str:
    """A picture, chart or diagram with its caption below, above or beside."""
    rng = sheet.rng
    beside = width > 260 and rng.random() < 0.15
    wide = width * (0.55 if beside else rng.choice((0.6, 0.8, 1, 1)))
    high = max(wide * rng.uniform(0.35, 0.75), 60)
    kind = rng.choice(("photograph", "chart", "chart", "diagram")) if wide > 110 else "photograph"
    number = str(count.next("figure")) if rng.random() < 0.8 else f"{rng.randint(1, 9)}.{rng.randint(1, 20)}"
    above = rng.random() < 0.1
    words = (
        caption(sheet, 0, number, rng.choice((15, 40, 90, 200)), "flex:1;margin:0" if beside else "")
        if rng.random() < captioned
        else ""
    )
    if kind == "photograph":
        inside = photograph(sheet, f"{wide:.0f}pt", high)
    else:
        inside = (chart if kind == "chart" else diagram)(sheet, wide, high)
    if beside and words:
        order = [inside, words] if rng.random() < 0.6 else [words, inside]
        return f'<div class=fig style="display:flex;gap:1em;align-items:{rng.choice(("start", "center", "end"))}">{"".join(order)}</div>'
    centre = f'<div style="width:{wide:.0f}pt;margin:0 auto">{inside}</div>'
    return f"<div class=fig>{words + centre if above else centre + words}</div>"
