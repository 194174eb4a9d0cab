"""What stands around a page's text: running heads and feet, page numbers, side notes, stamps, watermarks, line numbers."""

from __future__ import annotations

from training.pages.sheet import Sheet
from training.pages.text import _MONTHS

_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiv", "xvi", "xxi")


def at(css: str, inside: str) -> str:
    """Something placed on the page, outside its text."""
    return f'<div style="position:absolute;{css}">{inside}</div>'


def page_number(sheet: Sheet) -> str:
    rng = sheet.rng
    number = rng.choice((rng.randint(1, 30), rng.randint(1, 600)))
    page = sheet.text.named(6)
    form = rng.choices(
        (
            "{}",
            "– {} –",
            "- {} -",
            "{p} {}",
            "{p} {} of {n}",
            "{} / {n}",
            "{}/{n}",
            "[{}]",
            "{r}",
            "{} | {p}",
        ),
        (50, 5, 4, 9, 9, 5, 4, 2, 5, 3),
    )[0]
    return form.format(number, p=page, n=number + rng.randint(0, 200), r=rng.choice(_ROMAN))


def running(sheet: Sheet) -> str:
    """Words of a running head or foot."""
    rng, text = sheet.rng, sheet.text
    words = rng.choice(
        (text.title(2, 6), text.name(), f"{text.surname()} et al.", f"{text.named(2)} {rng.randint(1, 14)}", text.firm(), text.date(),
         f"{text.title(2, 4)}, {rng.randint(1, 80)} ({rng.randint(1980, 2026)})", f"Vol. {rng.randint(1, 60)}, No. {rng.randint(1, 12)}, {rng.choice(_MONTHS)} {rng.randint(1980, 2026)}",
         f"{text.named(3)} {rng.randint(1, 9)}.{rng.randint(1, 9)}. {text.title(1, 4)}", text.url(), f"doi:10.{rng.randint(1000, 9999)}/{rng.randint(1000, 99999)}", text.title(1, 3).upper())
    )  # fmt: skip
    return words.upper() if rng.random() < 0.1 else words


def frame(sheet: Sheet, heads: float = 0.6, feet: float = 0.35, numbers: float = 0.8) -> str:
    """Running head and foot with the page number, each there with the given probability."""
    rng, look = sheet.rng, sheet.look
    size = rng.choice((0.75, 0.8, 0.85, 0.9, 1)) * look.size
    css = f"font-size:{size}pt;line-height:1.2;" + rng.choice(
        ("", "", "font-style:italic;", "font-variant:small-caps;", f"font-family:'{look.head}';")
    )
    has_number, in_head = rng.random() < numbers, rng.random() < 0.3
    top = (
        [("header", running(sheet)) for _ in range(rng.choice((1, 1, 2, 3)))] if rng.random() < heads else []
    )
    foot = [("footer", running(sheet)) for _ in range(rng.choice((1, 1, 2)))] if rng.random() < feet else []
    if has_number:
        place = top if in_head else foot
        place.insert(rng.choice((0, len(place), len(place))), ("page_number", page_number(sheet)))
    return _band(sheet, top[:3], css, True) + _band(sheet, foot[:3], css, False)


def _band(sheet: Sheet, parts: list[tuple[str, str]], css: str, above: bool) -> str:
    if not parts:
        return ""
    rng, look = sheet.rng, sheet.look
    said = [
        sheet.run(role, words, flow=sheet.number(), css="font-weight:bold" if rng.random() < 0.12 else "")
        for role, words in parts
    ]
    room = look.top if above else look.bottom
    away = rng.uniform(0.25, 0.6) * room
    rule = rng.random() < 0.35
    edge = (
        f"border-{'bottom' if above else 'top'}:{rng.choice((0.4, 0.5, 1))}pt solid #{rng.choice((0, 0x888888, look.accent)):06x};padding-{'bottom' if above else 'top'}:2pt;"
        if rule
        else ""
    )
    if not above and not rule and rng.random() < 0.06:
        edge = "background:#e8eef7;padding:4pt;"
    where = f"{'bottom' if above else 'top'}:{look.height - room + min(away, room - 14) * 0.5:.1f}pt;left:{look.left:.1f}pt;width:{look.wide:.1f}pt;"
    spread = "space-between" if len(said) > 1 else rng.choice(("center", "center", "start", "end"))
    if len(said) == 2 and rng.random() < 0.15:
        spread = "center;gap:3em"
    return at(
        f"{where}display:flex;align-items:baseline;justify-content:{spread};{css}{edge}",
        "".join(f"<div>{each}</div>" for each in said),
    )


def stamp(sheet: Sheet) -> str:
    """A line up the margin, as archives print it."""
    rng, look = sheet.rng, sheet.look
    words = rng.choice(
        (f"arXiv:{rng.randint(1000, 2699)}.{rng.randint(1000, 99999):05}v{rng.randint(1, 4)}  [{rng.choice(('cs.CL', 'math.AG', 'hep-th'))}]  {rng.randint(1, 28)} {rng.choice(_MONTHS)[:3]} {rng.randint(2008, 2026)}",
         f"Downloaded from {sheet.text.url()} on {sheet.text.date()}", f"© {rng.randint(1980, 2026)} {sheet.text.firm()}. All rights reserved.", sheet.text.code() + " " + sheet.text.date())
    )  # fmt: skip
    size = rng.choice((7, 8, 10, 14, 18)) if look.left > 40 else 7
    said = sheet.run("stamp", words, flow=sheet.number(), color=rng.choice((0x808080, 0x000000, 0x999999)))
    right = rng.random() < 0.3
    side = f"{'right' if right else 'left'}:{max(4, look.left * 0.15):.0f}pt"
    return at(
        f"{side};top:{look.height * rng.uniform(0.15, 0.35):.0f}pt;writing-mode:vertical-rl;font-size:{size}pt;line-height:1;white-space:nowrap"
        + ("" if right else ";transform:rotate(180deg)"),
        said,
    )


def watermark(sheet: Sheet) -> str:
    """Large pale words across the page, below its text."""
    rng, look = sheet.rng, sheet.look
    words = rng.choice(
        (
            "DRAFT",
            "CONFIDENTIAL",
            "COPY",
            "SAMPLE",
            "PREVIEW",
            "DO NOT COPY",
            sheet.text.firm(),
            sheet.text.url(),
        )
    )
    said = sheet.run("stamp", words, flow=sheet.number(), color=rng.choice((0xDDDDDD, 0xF0D0D0, 0xE0E8F0)))
    size = min(110, look.width * 1.15 / (0.62 * len(words)))
    return at(
        f"left:0;width:{look.width}pt;top:{look.height * rng.uniform(0.3, 0.5):.0f}pt;text-align:center;font:bold {size:.0f}pt/1 '{look.head}';transform:rotate({rng.choice((-45, -35, -30, -55, 0, 30))}deg);white-space:nowrap",
        said,
    )


def badge(sheet: Sheet) -> str:
    """A small stamp in a corner."""
    rng, look = sheet.rng, sheet.look
    words = rng.choice(
        ("NEW", "PAID", "RECEIVED", "Open Access", "COPY", "Rev. 2", "SALE", "-20%", sheet.text.date())
    )
    said = sheet.run("stamp", words, flow=sheet.number(), color=look.accent)
    return at(
        f"right:{look.right * 0.3:.0f}pt;top:{look.top * 0.2:.0f}pt;border:1.5pt solid #{look.accent:06x};padding:2pt 5pt;font:bold {rng.choice((8, 10, 12))}pt '{look.head}';transform:rotate({rng.choice((0, 0, -12, 15))}deg)",
        said,
    )


def side_notes(sheet: Sheet, left: float, width: float, count: int, characters: int) -> str:
    """Notes in the margin, each a flow of its own; ``left`` and ``width`` in points."""
    rng, look = sheet.rng, sheet.look
    size = look.size * rng.choice((0.7, 0.75, 0.8, 0.85))
    room = look.high / count
    out = []
    slant = rng.choice(("", "font-style:italic;", f"font-family:'{look.head}';", "font-weight:bold;"))
    for index in range(count):
        long = max(10, int(characters * rng.uniform(0.3, 1.3)))
        most = int(room / (size * 1.2) * width / (size * 0.5) * 0.6)
        flow, block, item = sheet.number(), sheet.number(), sheet.number()
        words = sheet.run(
            "side_note", sheet.text.prose(min(long, max(most, 10))), flow=flow, block=block, item=item
        )
        head = ""
        top = look.top + room * index + rng.uniform(0, room * 0.25)
        out.append(
            at(
                f"left:{left:.1f}pt;width:{width:.1f}pt;top:{top:.1f}pt;font-size:{size:.1f}pt;line-height:1.2;text-align:{rng.choice(('start', 'start', 'end'))};{slant}",
                head + words,
            )
        )
    return "".join(out)


def line_numbers(sheet: Sheet, left: float, top: float, pitch: float, count: int, step: int = 1) -> str:
    """Numbers of lines in the margin: marks of the page, not words of its text."""
    flow, block = sheet.number(), sheet.number()
    said = "<br>".join(
        sheet.run("stamp", str(n), flow=flow, block=block, item=-1) if n % step == 0 else "&nbsp;"
        for n in range(1, count + 1)
    )
    return at(
        f"left:{left:.1f}pt;width:18pt;top:{top:.1f}pt;text-align:right;line-height:{pitch:.2f}pt", said
    )
