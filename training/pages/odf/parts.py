"""What pages of office documents are made of: headings, paragraphs, lists, tables, captions, labels with values, boxes."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.pages import look
from training.pages.odf.page import Cell, Page, align, edges, face, tab_stops
from training.pages.sheet import BODY, Sheet
from training.pages.tables import cell_text
from training.pages.templates.new import LANGUAGES
from training.pages.text import Text

_OFFICE = (
    "Carlito",
    "Carlito",
    "Carlito",
    "Liberation Serif",
    "Liberation Serif",
    "Liberation Sans",
    "Liberation Sans",
    "Caladea",
)
# Without Hebrew: LibreOffice draws the pieces of its lines in an order that is not the one in which they are read.
_LANGUAGES = {language: share for language, share in LANGUAGES.items() if language != "he"}
_PALE = (0xF2F2F2, 0xD9E2F3, 0xDEEAF6, 0xE2EFD9, 0xFFF2CC, 0xFBE4D5, 0xEDEDED, 0xD9D9D9, 0xE7E6E6)
_DARK = (0x1F4E79, 0x2F5496, 0x44546A, 0x385623, 0x7F0000, 0x404040)
_BULLETS = (("•", ""), ("•", "OpenSymbol"), ("\uf0b7", "Symbol"), ("–", ""), ("▪", "OpenSymbol"), ("◦", "OpenSymbol"), ("o", "Liberation Mono"),
            ("➢", "OpenSymbol"), ("✓", "OpenSymbol"), ("■", "OpenSymbol"), ("-", ""), ("→", ""), ("*", ""))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    """How the headings of a level look."""

    type_face: str
    props: str
    size: float
    colored: bool


@dataclass(slots=True)
class Writer:
    """A page with the styles that its parts share, as a document's styles do."""

    page: Page
    headings: tuple[Heading, Heading, Heading]
    numbers: str  # how headings count: "", "1", "1.", "I.", "A.", "§ "
    counts: list[int]
    lists: tuple[float, float, str, bool]  # indent, step, sign's index or form, space between items
    captions: int = 0

    @property
    def sheet(self) -> Sheet:
        return self.page.sheet

    @property
    def text(self) -> Text:
        return self.page.sheet.text

    @property
    def rng(self) -> random.Random:
        return self.page.sheet.rng


def new_writer(
    rng: random.Random, name: str, size: tuple[float, float] | None = None, *, english: float = 0.5, small: bool = False
) -> Writer:  # fmt: skip
    """An empty page of a look of chance, mostly one that office programs begin with."""
    language = "en" if rng.random() < english else rng.choices(list(_LANGUAGES), list(_LANGUAGES.values()))[0]
    seen = look.sample(
        rng,
        size or rng.choice(((595, 842),) * 6 + ((612, 792),) * 4 + ((420, 595), (842, 595), (612, 1008))),
        small,
    )
    if rng.random() < 0.65:
        seen.body = rng.choice(_OFFICE)
        seen.head = rng.choice((seen.body, seen.body, "Carlito", "Liberation Sans", "Caladea"))
    if language not in ("zh", "ja", "ar"):  # they have fonts of their own
        _let_write(rng, seen, language)
    if not small and rng.random() < 0.5:
        seen.size = rng.choice((10, 10.5, 11, 11, 12))
    if rng.random() < 0.35:
        seen.left = seen.right = seen.top = seen.bottom = rng.choice((56.7, 70.9, 72))
    line_height = rng.choice((100, 100, 100, 106, 108, 115, 115, 120, 130, 150))
    seen.leading = line_height / 100 * 1.22
    seen.indent = rng.choice((0, 0, 0, 1.5, 2)) if seen.gap else rng.choice((0, 1.5, 2))
    if not seen.gap and not seen.indent:
        seen.gap = 0.6
    sheet = Sheet(rng, seen, Text(rng, language))
    page = Page(sheet, name, line_height=line_height)
    step = rng.choice((12, 14, 18, 18, 18, 24, 36))
    return Writer(
        page,
        heading_looks(sheet),
        rng.choice(("", "", "", "1", "1", "1.", "I.", "A.", "§ ")),
        [rng.choice((0, 0, rng.randint(0, 9))), 0, 0],
        (rng.choice((0, 0, 18, 18, 36)), step, "", rng.random() < 0.3),
    )


def _let_write(rng: random.Random, seen: look.Look, language: str) -> None:
    """Other fonts for those without letters of the language: LibreOffice draws what they lack after what they have."""
    able = look.writing(language)
    usual = [family for family in _OFFICE if family in able] or [seen.body]
    seen.body = seen.body if seen.body in able else rng.choice(usual)
    seen.head = seen.head if seen.head in able else rng.choice(usual)
    seen.mono = seen.mono if seen.mono in able else "Liberation Mono"


def heading_looks(sheet: Sheet) -> tuple[Heading, Heading, Heading]:
    """Looks of chance for the headings of a page, as large as they should be beside its text."""
    return _heading_look(sheet, 1), _heading_look(sheet, 2), _heading_look(sheet, 3)


def _heading_look(sheet: Sheet, level: int) -> Heading:
    """How the headings of a level look beside the page's text."""
    rng, seen = sheet.rng, sheet.look
    size = (
        round(
            seen.size * rng.choice(((1.3, 1.5, 1.6, 1.8), (1, 1.15, 1.25, 1.4), (1, 1, 1.1))[level - 1]) * 2
        )
        / 2
    )
    bold = rng.random() < 0.75
    type_face = face(
        family=seen.head, size=size, bold=bold, italic=rng.random() < (0.35 if level == 3 or not bold else 0.05),
        under=rng.random() < 0.06, upper=rng.random() < 0.1, small_caps=rng.random() < 0.03,
    )  # fmt: skip
    props = f'{edges(size * rng.choice((0.5, 0.8, 1, 1.4)), size * rng.choice((0.1, 0.25, 0.5)))} fo:keep-with-next="always" {align("center" if rng.random() < 0.12 else "start")}'
    chance = rng.random()
    if chance < 0.08:
        props += f' fo:border-bottom="{rng.choice((0.5, 1, 1.5))}pt solid #{seen.accent:06x}" fo:padding-bottom="1pt"'
    elif chance < 0.14:
        props += f' fo:background-color="#{rng.choice(_PALE):06x}" fo:padding="2pt" fo:border="0.05pt solid #{rng.choice(_PALE):06x}"'
    return Heading(type_face, props, size, rng.random() < 0.4)


def lines_of(writer: Writer, characters: float, width: float) -> float:
    """About the height that so many characters take in a column of this width."""
    return -(-characters // writer.sheet.look.characters(width)) * writer.sheet.look.pitch


def heading(
    writer: Writer, level: int, words: str = "", *, numbered: bool = True, role: str = "heading"
) -> str:
    """A heading of level 1 to 3, numbered as the page's headings are."""
    page, rng = writer.page, writer.rng
    kind = writer.headings[level - 1]
    label = _label(writer, level) if numbered and writer.numbers else ""
    text = words or writer.text.title(1, 7 if rng.random() < 0.85 else 13)
    color = writer.sheet.look.accent if kind.colored else None
    number = len(writer.sheet.runs) + 1
    hanging = label and writer.lists[3]
    said = page.run(
        role,
        label + ("\t" if hanging else " " if label else "") + text,
        type_face=kind.type_face,
        color=color,
    )
    deep = kind.size * (1.5 + 0.7 * level)
    props, tabs = kind.props, ""
    if hanging:
        props = props.replace('fo:margin-left="0.00pt"', f'fo:margin-left="{deep:.1f}pt"').replace(
            'fo:text-indent="0.00pt"', f'fo:text-indent="{-deep:.1f}pt"'
        )
        tabs = tab_stops((0, "left", ""))
    page.used += kind.size * 1.2 * (1.9 + len(text) * kind.size * 0.5 // writer.sheet.look.wide)
    return page.paragraph(said, number, props=props, type_face=kind.type_face, tabs=tabs)


def _label(writer: Writer, level: int) -> str:
    counts = writer.counts
    counts[level - 1] += 1
    counts[level:] = [0] * (3 - level)
    top = max(counts[0], 1)
    if level == 1:
        roman = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")[top % 13]
        return {"I.": f"{roman}.", "A.": f"{chr(64 + top)}.", "§ ": f"§ {top}", "1.": f"{top}."}.get(
            writer.numbers, str(top)
        )
    return ".".join(str(max(each, 1)) for each in (top, *counts[1:level])) + (
        "." if writer.numbers == "1." else ""
    )


def rich(
    writer: Writer,
    words: str,
    role: str,
    block: int,
    item: int,
    *,
    flow: int = BODY,
    lead: str = "",
    notes: float = 0,
) -> str:
    """Words of which a few are bold, slanted, underlined, links or raised; after ``lead``, a run-in head; with footnotes' marks."""
    page, rng = writer.page, writer.rng
    out = []
    if lead:
        looks = (face(bold=True),) * 4 + (face(italic=True), face(bold=True, italic=True), face(under=True))
        out.append(page.run(role, lead + " ", type_face=rng.choice(looks), block=block, item=item, flow=flow))
    pieces, start = words.split(" "), 0
    while start < len(pieces):
        plain = start + (rng.randint(8, 80) if rng.random() < 0.5 else 400)
        if pieces[start:plain]:
            said = " ".join(pieces[start:plain]) + (" " if plain < len(pieces) else "")
            out.append(page.run(role, said, block=block, item=item, flow=flow))
        special = pieces[plain : plain + rng.randint(1, 3)]
        start = plain + len(special)
        if special:
            link = rng.random() < 0.15
            kind = face(under=True) if link else rng.choice(
                (face(bold=True), face(italic=True), face(italic=True), face(under=True), face(family=writer.sheet.look.mono))
            )  # fmt: skip
            out.append(
                page.run(
                    role,
                    " ".join(special),
                    type_face=kind,
                    color=0x0563C1 if link else None,
                    block=block,
                    item=item,
                    flow=flow,
                )
            )
            if notes and rng.random() < notes:
                out.append(page.span(page.footnote(rng.choice((40, 80, 160))), page.last))
                page.used += writer.sheet.look.pitch * 1.8
            if start < len(pieces):
                out.append(page.run(role, " ", block=block, item=item, flow=flow))
    return "".join(out)


def paragraph(
    writer: Writer, characters: int, *, lead: bool = False, words: str = "", notes: float = 0, role: str = "paragraph",
    width: float = 0, props: str = "", flow: int = BODY, type_face: str = "", counted: bool = False,
) -> str:  # fmt: skip
    """A paragraph; with ``lead`` it begins with a bold run-in head, which is no heading."""
    seen, rng = writer.sheet.look, writer.rng
    block, item = writer.sheet.number(), writer.sheet.number()
    number = len(writer.sheet.runs) + 1
    text = words or writer.text.prose(characters)
    first = writer.text.words(1, 4) + rng.choice((".", ":", ".", " –", "")) if lead else ""
    said = rich(writer, text, role, block, item, lead=first, notes=notes, flow=flow)
    writer.page.used += (
        lines_of(writer, len(text) * (1.9 if writer.text.east else 1), width or seen.wide)
        + seen.gap * seen.size
    )
    base = f"{edges(bottom=seen.gap * seen.size, first=seen.indent * seen.size)} {align('justify' if seen.justify else 'start')}"
    return writer.page.paragraph(said, number, props=props or base, type_face=type_face, counted=counted)


def line(
    writer: Writer, role: str, words: str, *, type_face: str = "", props: str = "", flow: int = BODY, block: int | None = None,
    item: int | None = None, tabs: str = "", color: int | None = None,
) -> str:  # fmt: skip
    """A paragraph of one run."""
    said = writer.page.run(role, words, type_face=type_face, flow=flow, block=block, item=item, color=color)
    size = writer.sheet.look.pitch
    writer.page.used += size
    return writer.page.paragraph(said, writer.page.last, props=props, type_face=type_face, tabs=tabs)


def stack(
    writer: Writer,
    role: str,
    lines: Sequence[str],
    *,
    props: str = "",
    type_face: str = "",
    flow: int = BODY,
    first: str = "",
) -> str:
    """Lines that stand alone in one block, as those of an address; ``first``: the look of the first."""
    block = writer.sheet.number()
    return "".join(
        line(
            writer,
            role,
            words,
            props=props,
            type_face=first if first and index == 0 else type_face,
            flow=flow,
            block=block,
            item=-1,
        )
        for index, words in enumerate(lines)
    )


# Lists.


def bullets(
    writer: Writer, count: int, characters: int, *, numbered: bool = False, depth: int = 1, width: float = 0, form: str = "",
    block: int | None = None, start: int = 1, size: float = 0, role: str = "list", leads: float = 0.1,
) -> str:  # fmt: skip
    """A list with real labels; deeper levels are nested in its items."""
    style = _list_style(writer, numbered, form, start, size or writer.sheet.look.size)
    block = writer.sheet.number() if block is None else block
    return _items(
        writer, style, count, characters, 1, depth, block, width or writer.sheet.look.wide, size, role, leads
    )


def _items(
    writer: Writer, style: str, count: int, characters: int, level: int, depth: int, block: int, width: float, size: float,
    role: str, leads: float,
) -> str:  # fmt: skip
    rng, seen, page = writer.rng, writer.sheet.look, writer.page
    own = size or seen.size
    after = own * (0.35 if writer.lists[3] else rng.choice((0, 0, 0.2))) if level == 1 else own * 0.15
    out = []
    for _ in range(count):
        item, number = writer.sheet.number(), len(writer.sheet.runs) + 1
        words = (
            writer.text.prose(max(8, int(characters * rng.uniform(0.4, 1.6))))
            if characters > 40
            else writer.text.words(2, max(3, characters // 6))
        )
        if rng.random() < 0.4:
            words = words.rstrip(".!?")
        said = rich(
            writer,
            words,
            role,
            block,
            item,
            lead=writer.text.words(1, 3) + ":" if rng.random() < leads else "",
        )
        props = f'fo:margin-top="0pt" fo:margin-bottom="{after:.1f}pt" {align("start")}'
        type_face = face(size=size) if size else ""
        inside = page.paragraph(said, number, props=props, type_face=type_face)
        page.used += (
            lines_of(writer, len(words) * own / seen.size, width - 18 * level) * own / seen.size + after
        )
        if level < depth and rng.random() < 0.45:
            inner = _items(
                writer,
                style,
                rng.randint(1, 3),
                max(12, characters // 2),
                level + 1,
                depth,
                block,
                width,
                size * 0.85,
                role,
                leads,
            )
            inside += f"<text:list>{inner}</text:list>"
        out.append(f"<text:list-item>{inside}</text:list-item>")
    if level > 1:
        return "".join(out)
    return f'<text:list text:style-name="{style}">{"".join(out)}</text:list>{page.gap(own * 0.4)}'


_FORMS = ("1.", "1.", "1)", "(1)", "a)", "a.", "(a)", "i.", "I.", "A.", "1")


def _list_style(writer: Writer, numbered: bool, form: str, start: int, size: float) -> str:
    """The name of a new list style with three levels."""
    rng, page = writer.rng, writer.page
    indent, step, _, _ = writer.lists
    step = max(step, size * 1.1)  # narrower, a sign would push its words to the next tab stop
    name = page.fresh("l")
    out = []
    forms = [
        form or rng.choice(_FORMS),
        rng.choice(("a)", "a.", "(a)", "1.1", "i.")),
        rng.choice(("i.", "(i)", "-")),
    ]
    signs = [rng.choice(_BULLETS) for _ in range(3)]
    follow = rng.choice(("listtab",) * 6 + ("space",))
    for level in range(1, 4):
        left = indent + step * level * (1 if level == 1 else 1.1)
        wide = step * (1.5 if numbered and step < 18 else 1)
        place = (
            '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
            f'<style:list-level-label-alignment text:label-followed-by="{follow}" text:list-tab-stop-position="{left:.1f}pt" fo:text-indent="{-wide:.1f}pt" fo:margin-left="{left:.1f}pt"/>'
            "</style:list-level-properties>"
        )
        shape = forms[level - 1]
        if numbered and shape != "-":
            kind = "1" if shape == "1.1" else shape.strip("().")
            levels = f' text:display-levels="{level}"' if shape == "1.1" else ""
            front = "(" if shape.startswith("(") else ""
            back = shape[len(front) + 1 :] if shape != "1.1" else ""
            begin = f' text:start-value="{start}"' if level == 1 else ""
            out.append(
                f'<text:list-level-style-number text:level="{level}" style:num-format="{kind}" style:num-prefix="{front}" style:num-suffix="{back}"{levels}{begin}>{place}</text:list-level-style-number>'
            )
        else:
            sign, family = signs[level - 1]
            kind = f'<style:text-properties fo:font-family="{family}"/>' if family else ""
            out.append(
                f'<text:list-level-style-bullet text:level="{level}" text:bullet-char="{sign}">{place}{kind}</text:list-level-style-bullet>'
            )
    page.add_style(f'<text:list-style style:name="{name}">{"".join(out)}</text:list-style>')
    return name


# Tables.


def _rule(writer: Writer) -> str:
    rng = writer.rng
    return f"{rng.choice((0.5, 0.5, 0.75, 1))}pt solid #{rng.choice((0, 0, 0x888888, 0xBFBFBF, writer.sheet.look.accent)):06x}"


def cell(
    writer: Writer, words: str, block: int, *, props: str = "", side: str = "start", type_face: str = "", color: int | None = None,
    wide: int = 1, high: int = 1, role: str = "table",
) -> Cell:  # fmt: skip
    """A cell with words of its own item."""
    if not words:
        return Cell("", props, wide, high)
    item, number = writer.sheet.number(), len(writer.sheet.runs) + 1
    if len(words) > 30 and writer.rng.random() < 0.2 and color is None:
        said = rich(writer, words, role, block, item)
    else:
        said = writer.page.run(role, words, block=block, item=item, type_face=type_face, color=color)
    return Cell(
        writer.page.paragraph(said, number, props=align(side), type_face=type_face), props, wide, high
    )


def table(
    writer: Writer, kinds: Sequence[str], rows: int, *, heads: Sequence[str] | None = None, width: float = 0, total: bool = False,
    widths: Sequence[float] | None = None, ruled: str = "", size: float = 0, merged: float = 0.1, blank: float = 0.04,
) -> str:  # fmt: skip
    """A table with a column for each kind (see `training.pages.tables.cell_text`; "label" is words), read row by row."""
    rng, seen, page = writer.rng, writer.sheet.look, writer.page
    width = width or seen.wide
    ruled = ruled or rng.choice(("all", "all", "all", "all", "rows", "rows", "head", "none", "frame"))
    rule, block = _rule(writer), writer.sheet.number()
    pad = f'fo:padding="{rng.choice((1.5, 2, 2, 3))}pt" style:vertical-align="{rng.choice(("top", "top", "middle"))}"'
    inner = {"all": f'fo:border="{rule}"', "rows": f'fo:border-bottom="{rule}"'}.get(ruled, "") + " " + pad
    own = size or round(seen.size * rng.choice((0.8, 0.85, 0.9, 0.9, 1, 1)) * 2) / 2
    plain = face(size=own)
    shade = (
        rng.choice((None, None, *_PALE[:5], *_DARK[:4])) if ruled != "none" or rng.random() < 0.3 else None
    )
    dark = shade in _DARK
    bold = face(size=own, bold=True if rng.random() < 0.8 else None)
    right = rng.choice(("end", "end", "end", "center"))
    sides = [
        right
        if kind in ("number", "integer", "money")
        else "start"
        if kind in ("label", "long", "name")
        else rng.choice(("start", "center"))
        for kind in kinds
    ]
    stripe = rng.choice(_PALE) if rng.random() < 0.2 and not dark else None
    widths = widths or _widths(rng, kinds, width)
    names = heads or [writer.text.words(1, 2) if rng.random() < 0.97 else "" for _ in kinds]
    out: list[list[Cell]] = []
    head_props = (
        inner
        + (f' fo:background-color="#{shade:06x}"' if shade is not None else "")
        + (f' fo:border-bottom="{rule}"' if ruled in ("head", "frame") else "")
    )
    if heads is not None or rng.random() < 0.92:
        light = 0xFFFFFF if dark else None
        if len(kinds) > 3 and heads is None and rng.random() < merged * 2:
            cut = rng.randint(2, len(kinds) - 2)
            out.append([
                cell(writer, words, block, props=head_props, side="center", type_face=bold, color=light, wide=wide)
                for words, wide in ((writer.text.words(1, 2), cut), (writer.text.words(1, 2), len(kinds) - cut))
            ])  # fmt: skip
        out.append(
            [
                cell(writer, name, block, props=head_props, side=side, type_face=bold, color=light)
                for name, side in zip(names, sides)
            ]
        )
    first_bold = rng.random() < 0.2
    tall = 0
    for row in range(rows):
        if rng.random() < merged * 0.5 and rows > 4:
            out.append(
                [cell(writer, writer.text.words(1, 4), block, props=inner, type_face=bold, wide=len(kinds))]
            )
            tall = 0
            continue
        colored = f' fo:background-color="#{stripe:06x}"' if stripe is not None and row % 2 else ""
        cells = []
        for index, kind in enumerate(kinds):
            if index == 0 and tall:
                continue
            words = "" if index and rng.random() < blank else _words(writer, kind)
            look_of = bold if first_bold and index == 0 else plain
            high = 2 if index == 0 and row + 1 < rows and rng.random() < merged * 0.3 else 1
            cells.append(
                cell(
                    writer,
                    words,
                    block,
                    props=inner + colored,
                    side=sides[index],
                    type_face=look_of,
                    high=high,
                )
            )
            if high > 1:
                tall = 2
        tall = max(0, tall - 1)
        out.append(cells)
    if tall:  # a tall cell would reach below the table
        out.append(
            [
                cell(writer, _words(writer, kind), block, props=inner, side=side, type_face=plain)
                for kind, side in zip(kinds[1:], sides[1:])
            ]
        )
    if total:
        closing = inner + f' fo:border-top="{rule}"'
        word = "Total" if writer.text.language == "en" else writer.text.words(1, 1)
        out.append([cell(writer, word if not i else writer.text.money() if kind in ("number", "integer", "money") else "", block, props=closing,
                         side=sides[i], type_face=face(size=own, bold=True)) for i, kind in enumerate(kinds)])  # fmt: skip
    deepest = max(
        1.0,
        max(
            (
                60 / max(6, each / own / 0.5) if kind == "long" else 14 / max(4, each / own / 0.5)
                for kind, each in zip(kinds, widths)
            ),
            default=1,
        ),
    )
    page.used += len(out) * (own * 1.25 * deepest + 5) + 8
    props = f'fo:margin-bottom="{rng.choice((4, 6, 8))}pt"'
    frame = f'fo:border="{rule}"' if ruled == "frame" else ""
    return page.table(
        out,
        widths,
        where=rng.choice(("margins", "left", "center", "center"))
        if sum(widths) < seen.wide - 20
        else "margins",
        props=f"{props} {frame}",
    ) + page.gap(own * 0.6)


def _words(writer: Writer, kind: str) -> str:
    if kind == "money":
        return writer.text.money()
    return cell_text(writer.sheet, kind)


def _widths(rng: random.Random, kinds: Sequence[str], width: float) -> list[float]:
    shares = [
        {"long": 3.2, "label": 1.8, "name": 1.7, "mark": 0.7, "integer": 0.9}.get(kind, 1.1)
        * rng.uniform(0.9, 1.2)
        for kind in kinds
    ]
    if rng.random() < 0.25:
        shares = [1.0] * len(kinds)
    whole = width if rng.random() < 0.75 else width * rng.uniform(0.6, 0.95)
    return [whole * each / sum(shares) for each in shares]


def caption(writer: Writer, kind: int, characters: int = 50) -> str:
    """A caption; ``kind`` is the index of its first word (see `training.pages.text.WORDS`)."""
    rng, seen = writer.rng, writer.sheet.look
    writer.captions += rng.randint(1, 3)
    label = f"{writer.text.named(kind)} {writer.captions}" + rng.choice((":", ".", "", " –"))
    block, item = writer.sheet.number(), writer.sheet.number()
    number = len(writer.sheet.runs) + 1
    size = round(seen.size * rng.choice((0.8, 0.85, 0.9, 1)) * 2) / 2
    base = face(
        size=size, italic=True if rng.random() < 0.35 else None, bold=True if rng.random() < 0.25 else None
    )
    words = writer.text.prose(characters).rstrip(".") if characters < 60 else writer.text.prose(characters)
    first = writer.page.run(
        "caption",
        label + " ",
        type_face=rng.choice((base, face(size=size, bold=True))),
        block=block,
        item=item,
    )
    said = first + writer.page.run("caption", words, type_face=base, block=block, item=item)
    writer.page.used += lines_of(writer, len(words) + 10, seen.wide) + 8
    props = f'{edges(4, 6)} {align(rng.choice(("center", "start", "start")))} fo:keep-with-next="auto"'
    return writer.page.paragraph(said, number, props=props, type_face=base)


# Things around words.


def picture(writer: Writer, wide: float, high: float, side: str = "center") -> str:
    """A picture in a paragraph of its own; its pixels are soft and of chance."""
    page, rng = writer.page, writer.rng
    style = page.style(
        "graphic",
        '<style:graphic-properties style:vertical-pos="top" style:vertical-rel="baseline" fo:border="none" fo:padding="0pt"/>',
    )
    data = f"<draw:image><office:binary-data>{_pixels(rng)}</office:binary-data></draw:image>"
    frame = f'<draw:frame draw:style-name="{style}" draw:name="{page.fresh("p")}" text:anchor-type="as-char" svg:width="{wide:.1f}pt" svg:height="{high:.1f}pt">{data}</draw:frame>'
    page.used += high + 6
    return page.paragraph(frame, 0, props=f"{edges(4, 4)} {align(side)}")


def _pixels(rng: random.Random) -> str:
    """A small PNG of blurred colours, in base64."""
    wide, high = 24, 16
    corners = [[rng.randint(30, 235) for _ in range(3)] for _ in range(4)]
    rows = b""
    for y in range(high):
        rows += b"\0"
        for x in range(wide):
            u, v = x / (wide - 1), y / (high - 1)
            weights = ((1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v)
            noise = rng.randint(-14, 14)
            rows += bytes(
                min(255, max(0, int(sum(w * c[k] for w, c in zip(weights, corners))) + noise))
                for k in range(3)
            )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return base64.b64encode(png).decode()


def boxed(writer: Writer, inside: str) -> str:
    """Parts in a box of the flow: a table of one cell."""
    rng = writer.rng
    fill = f'fo:background-color="#{rng.choice(_PALE):06x}"' if rng.random() < 0.7 else ""
    border = f'fo:border="{_rule(writer)}"' if not fill or rng.random() < 0.4 else ""
    inset = rng.choice((0, 0, 18, 36))
    wide = writer.sheet.look.wide - 2 * inset
    writer.page.used += 18
    made = Cell(inside, f'{fill} {border} fo:padding="{rng.choice((4, 6, 9))}pt"')
    return writer.page.table([[made]], [wide], left=inset) + writer.page.gap(6)


def beside(
    writer: Writer, makers: Sequence[Callable[[float], str]], shares: Sequence[float] = (), *, props: str = "", gutter: float = 8
) -> str:  # fmt: skip
    """Parts side by side in a table without rules, read one after the other; each is made for a width."""
    page, wide = writer.page, writer.sheet.look.wide
    shares = shares or [1] * len(makers)
    widths = [wide * each / sum(shares) for each in shares]
    room = f'fo:padding-right="{gutter}pt" fo:padding-left="0pt" fo:padding-top="0pt" fo:padding-bottom="0pt" fo:border="none"'
    start, highest, cells = page.used, 0.0, []
    for make, width in zip(makers, widths):
        page.used = start
        cells.append(Cell(make(width - gutter), props or room))
        highest = max(highest, page.used - start)
    page.used = start + highest + writer.sheet.look.size
    return page.table([cells], widths, whole_rows=False) + page.gap(writer.sheet.look.size)
