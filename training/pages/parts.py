"""What pages of running text are made of: headings, paragraphs, lists, notes and boxes, each as HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from training.pages.sheet import BODY, Sheet

_BULLETS = "•••••–—▪◦○■►✓*·➢❖-"
_PALE = (0xF2F2F2, 0xE8EEF7, 0xFFF8E1, 0xE8F5E9, 0xFCE4EC, 0xEDE7F6, 0xD9E2F3, 0xFFF2CC, 0xEEEEEE, 0xE0F7FA)


@dataclass(slots=True)
class Numbering:
    """How headings, figures and so on count, and how far they got."""

    heads: str  # "" | "1" | "1." | "I." | "A" | "§"
    counts: dict[str, int] = field(default_factory=dict)

    def next(self, name: str) -> int:
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]


def numbering(sheet: Sheet) -> Numbering:
    rng = sheet.rng
    kinds = ("", "", "", "1", "1", "1.", "I.", "A.", "§ ")
    return Numbering(rng.choice(kinds), {"h1": rng.choice((0, 0, rng.randint(0, 9))), "figure": rng.randint(0, 20), "table": rng.randint(0, 9),
                                         "formula": rng.randint(0, 40), "item": 0})  # fmt: skip


_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")


def heading(sheet: Sheet, level: int, count: Numbering, words: str | None = None, css: str = "") -> str:
    """A heading of level 1 to 3, numbered as ``count`` says."""
    rng = sheet.rng
    text = words or sheet.text.title(1, 7 if rng.random() < 0.85 else 14)
    label = ""
    if count.heads and words is None:
        first = count.next("h1") if level == 1 else max(count.counts.get("h1", 0), 1)
        if level == 1:
            count.counts["h2"] = 0
        shown = {
            "I.": _ROMAN[first % 16] + ".",
            "A.": chr(64 + min(first, 26)) + ".",
            "§ ": f"§ {first}",
        }.get(count.heads, str(first))
        if level > 1:
            shown = ".".join([str(first), str(count.next("h2")), "1"][:level]) + (
                "." if count.heads == "1." else ""
            )
        elif count.heads == "1.":
            shown += "."
        label = shown + rng.choice((" ", "\u2003", "  ", "\u2003\u2003"))
    if sheet.chance(0.08):
        text = text.upper()
    color = sheet.look.accent if sheet.look.accent % 3 else sheet.look.ink
    said = sheet.run("heading", label + text, color=color)
    if label and rng.random() < 0.3:
        where: dict[str, Any] = {"color": color, "block": sheet.number(), "item": sheet.number()}
        wide = rng.choice((2, 2.5, 3, 4)) + level * 0.6
        said = f'<span style="display:inline-block;width:{wide}em">{sheet.run("heading", label, **where)}</span>{sheet.run("heading", text, **where)}'
        css += f";padding-inline-start:{wide}em;text-indent:-{wide}em"
    return f'<div class=h{level} style="{css}">{said}</div>'


def rich(sheet: Sheet, text: str, role: str, block: int, item: int, flow: int = BODY, lead: str = "") -> str:
    """Words of which a few are bold, slanted, links, code or scripts; after ``lead``, a bold run-in head."""
    rng = sheet.rng
    out = []
    if lead:
        out.append(sheet.run(role, lead + " ", css=rng.choice(("font-weight:bold", "font-weight:bold", "font-style:italic", "font-weight:bold;font-style:italic",
                             "font-variant:small-caps", "text-decoration:underline")), block=block, item=item, flow=flow))  # fmt: skip
    pieces = text.split(" ")
    start = 0
    while start < len(pieces):
        plain = start + (rng.randint(10, 90) if rng.random() < 0.6 else 400)
        if pieces[start:plain]:
            words = " ".join(pieces[start:plain]) + (" " if plain < len(pieces) else "")
            out.append(sheet.run(role, _hyphenated(sheet, words), block=block, item=item, flow=flow))
        special = pieces[plain : plain + rng.randint(1, 3)]
        start = plain + len(special)
        if special:
            out.append(
                _special(sheet, " ".join(special), role, block, item, flow)
                + (" " if start < len(pieces) else "")
            )
    return "".join(out)


def _special(sheet: Sheet, words: str, role: str, block: int, item: int, flow: int) -> str:
    rng = sheet.rng
    kind = rng.choices(
        ("bold", "slant", "link", "code", "raised", "formula", "under"), (22, 30, 14, 8, 12, 10, 4)
    )[0]
    where: dict[str, Any] = {"block": block, "item": item, "flow": flow}
    if kind == "raised":
        return sheet.run(role, words, **where) + sheet.run(
            role, str(rng.randint(1, 60)), css="font-size:.7em;vertical-align:super;line-height:0", **where
        )
    if kind == "formula":
        letter = rng.choice("abcdfghkmnpqstuvwxyzαβγδλμσφ")
        form = f"<i>{letter}</i>" + rng.choice(
            ("", "<sub>i</sub>", "<sup>2</sup>", " = 0", f" ≤ {rng.randint(1, 99)}", "(<i>x</i>)")
        )
        return sheet.run(role, form, raw=True, css="line-height:0", **where)
    css = {"bold": "font-weight:bold", "slant": "font-style:italic", "link": rng.choice(("text-decoration:underline", "")),
           "code": f"font-family:'{sheet.look.mono}';font-size:.9em", "under": "text-decoration:underline"}[kind]  # fmt: skip
    return sheet.run(role, words, css=css, color=0x0563C1 if kind == "link" else None, **where)


def _hyphenated(sheet: Sheet, words: str) -> str:
    """Long words may be cut at the ends of justified lines."""
    if not sheet.look.justify or sheet.text.east or sheet.text.rtl:
        return words
    return " ".join(
        w[: len(w) // 2] + "\u00ad" + w[len(w) // 2 :] if len(w) > 7 and w.isalpha() else w
        for w in words.split(" ")
    )


def paragraph(
    sheet: Sheet, characters: int, lead: bool = False, css: str = "", role: str = "paragraph", cls: str = "p"
) -> str:
    """A paragraph; with ``lead`` it begins with a bold run-in head, which is no heading."""
    block, item = sheet.number(), sheet.number()
    mark = sheet.rng.choice((".", ":", ".", " –", "")) if lead else ""
    words = rich(
        sheet,
        sheet.text.prose(characters),
        role,
        block,
        item,
        lead=sheet.text.words(1, 4) + mark if lead else "",
    )
    return f'<div class={cls} style="{css}">{words}</div>'


def interrupted(sheet: Sheet, characters: int, between: str) -> str:
    """A paragraph that goes on behind ``between``, a figure or a box that was made after this call's first half."""
    block, item = sheet.number(), sheet.number()
    text = sheet.text.prose(characters).split(" ")
    cut = max(1, int(len(text) * sheet.rng.uniform(0.3, 0.7)))
    where: dict[str, Any] = {"block": block, "item": item}
    first = sheet.run("paragraph", " ".join(text[:cut]), **where)
    second = sheet.run("paragraph", " ".join(text[cut:]), **where)
    last = "text-align-last:justify;" if sheet.look.justify else ""
    return f'<div class=p style="{last}margin-bottom:0">{first}</div>{between}<div class=p style="text-indent:0">{second}</div>'


def bullets(
    sheet: Sheet,
    count: int,
    characters: int,
    numbered: bool = False,
    nested: bool = False,
    block: int | None = None,
    css: str = "",
) -> str:
    """A list whose items have about so many characters."""
    rng = sheet.rng
    block = sheet.number() if block is None else block
    sign = rng.choice(_BULLETS)
    form = rng.choice(("{}.", "{}.", "{})", "({})", "[{}]", "{}", "{}.°"))
    letters = rng.random() < 0.25
    gap = rng.choice(("box", "box", "box", "space", "far", "drawn"))
    start = rng.choice((0, 0, 0, rng.randint(0, 9)))
    out = []
    for index in range(count):
        item = sheet.number()
        mark = (
            form.format(chr(97 + (start + index) % 26) if letters else start + index + 1)
            if numbered
            else sign
        )
        out.append(
            _item(
                sheet,
                mark,
                sheet.text.prose(max(8, int(characters * rng.uniform(0.4, 1.6)))),
                block,
                item,
                gap,
                numbered,
            )
        )
        if nested and rng.random() < 0.4:
            inner = "".join(
                _item(
                    sheet,
                    rng.choice("–◦-○"),
                    sheet.text.prose(characters // 2 + 10),
                    block,
                    sheet.number(),
                    "box",
                    False,
                )
                for _ in range(rng.randint(1, 3))
            )
            out.append(f'<div style="margin-inline-start:1.6em">{inner}</div>')
    return f'<div class=l style="{css}">{"".join(out)}</div>'


def _item(sheet: Sheet, mark: str, text: str, block: int, item: int, gap: str, numbered: bool) -> str:
    rng = sheet.rng
    if rng.random() < 0.4:
        text = text.rstrip(".!?")
    where: dict[str, Any] = {"block": block, "item": item}
    if gap == "drawn" and not numbered:
        dot = f"<b class=d style='background:#{sheet.look.accent:06x};border-radius:{rng.choice(('50%', '0'))}'></b>"
        return f"<div class=i>{dot}{rich(sheet, text, 'list', **where)}</div>"
    color = sheet.look.accent if rng.random() < 0.2 else None
    if gap == "space":
        return f'<div class=i style="padding-inline-start:0;text-indent:0">{sheet.run("list", mark + " ", color=color, **where)}{rich(sheet, text, "list", **where)}</div>'
    wide = "style='width:2.9em'" if gap == "far" else ""
    lead = sheet.text.words(1, 3) + ":" if rng.random() < 0.15 else ""
    inside = f"<span class=m {wide}>{sheet.run('list', mark, color=color, **where)}</span>{rich(sheet, text, 'list', lead=lead, **where)}"
    return f"<div class=i {'style=padding-inline-start:2.9em;text-indent:-2.9em' if gap == 'far' else ''}>{inside}</div>"


def definitions(sheet: Sheet, count: int, characters: int) -> str:
    """Terms and what they mean: beside, below or run in."""
    rng = sheet.rng
    kind = rng.choice(("beside", "below", "run in", "beside"))
    block = sheet.number()
    wide = rng.uniform(4, 9)
    bold = rng.choice(("bold", "bold", "normal"))
    out = []
    for _ in range(count):
        item = sheet.number()
        where: dict[str, Any] = {"block": block, "item": item}
        term = sheet.run("list", sheet.text.words(1, 2), css=f"font-weight:{bold}", **where)
        words = rich(sheet, sheet.text.prose(int(characters * rng.uniform(0.4, 1.6))), "list", **where)
        if kind == "beside":
            out.append(
                f'<div style="display:flex;gap:1em;margin-bottom:.3em;break-inside:avoid"><div style="flex:0 0 min({wide:.1f}em,30%)">{term}</div><div style="flex:1">{words}</div></div>'
            )
        elif kind == "below":
            out.append(
                f'<div style="break-inside:avoid">{term}</div><div style="margin-inline-start:{rng.choice((1, 2, 3))}em;margin-bottom:.3em">{words}</div>'
            )
        else:
            out.append(
                f'<div class=i style="padding-inline-start:1.5em;text-indent:-1.5em">{term} {words}</div>'
            )
    return f"<div class=l>{''.join(out)}</div>"


def footnotes(sheet: Sheet, count: int, characters: int) -> str:
    """Notes at the foot of the page, last of its body."""
    out = []
    rng = sheet.rng
    first = rng.choice((1, 1, rng.randint(1, 60)))
    marks = ("*", "†", "‡", "§") if rng.random() < 0.15 and count <= 4 else None
    raised = rng.random() < 0.7
    for index in range(count):
        block, item = sheet.number(), sheet.number()
        where: dict[str, Any] = {"block": block, "item": item}
        mark = marks[index] if marks else str(first + index)
        mark = sheet.run(
            "footnote",
            mark if raised else mark + ". ",
            css="font-size:.7em;vertical-align:super;line-height:0" if raised else "",
            **where,
        )
        words = sheet.text.prose(max(20, int(characters * rng.uniform(0.3, 1.6))))
        if rng.random() < 0.2:
            words = sheet.text.url()
        out.append(f"<div class=fn>{mark} {rich(sheet, words, 'footnote', **where)}</div>")
    return "".join(out)


def quote(sheet: Sheet, characters: int) -> str:
    """A quotation set in from both sides."""
    css = f"margin:.6em {sheet.rng.choice((1, 1.5, 2, 3))}em;text-indent:0;font-style:{sheet.rng.choice(('normal', 'italic'))};font-size:{sheet.rng.choice((0.9, 0.95, 1))}em"
    return paragraph(sheet, characters, css=css)


def verse(sheet: Sheet, lines: int) -> str:
    """Lines that end where they are meant to."""
    block = sheet.number()
    said = "<br>".join(
        sheet.run("paragraph", sheet.text.words(3, 8), block=block, item=-1) for _ in range(lines)
    )
    return f'<div style="margin:.7em {sheet.rng.choice((0, 2, 4))}em">{said}</div>'


def box(sheet: Sheet, inside: str, dark: bool = False) -> str:
    """A coloured or ruled box around what belongs to the flow."""
    rng = sheet.rng
    kind = rng.choice(("fill", "fill", "frame", "both", "bar", "rules"))
    border = f"{rng.choice((0.5, 0.75, 1, 2))}pt {rng.choice(('solid', 'solid', 'dashed'))} #{rng.choice((sheet.look.accent, 0x666666)):06x}"
    css = {"fill": "", "frame": f"border:{border}", "both": f"border:{border}", "bar": f"border-inline-start:3pt solid #{sheet.look.accent:06x}",
           "rules": f"border-top:{border};border-bottom:{border}"}[kind]  # fmt: skip
    if kind in ("fill", "both", "bar"):
        css += f";background:#{rng.choice(_PALE):06x}"
    if rng.random() < 0.2:
        css += f";border-radius:{rng.choice((3, 6, 12))}pt"
    return f'<div class=box style="{css}">{sheet.region("box")}{inside}</div>'


def notice(sheet: Sheet, characters: int, count: Numbering) -> str:
    """A box with or without a head, as tips, warnings and summaries are set."""
    rng = sheet.rng
    chance = rng.random()
    if chance < 0.35:
        inside = paragraph(sheet, characters, lead=True, css="text-indent:0")
    elif chance < 0.7:
        inside = heading(sheet, 3, count, words=sheet.text.title(1, 4), css="margin-top:0") + paragraph(
            sheet, characters
        )
    else:
        inside = heading(sheet, 3, count, words=sheet.text.title(1, 4), css="margin-top:0") + bullets(
            sheet, rng.randint(2, 5), characters // 4 + 20
        )
    return box(sheet, inside)
