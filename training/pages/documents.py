"""The documents that Typst and LaTeX set: papers, manuals, laws, books, slides, letters, lists, as trees of parts.

A document is a little longer than a page, so that pages end where the engine breaks them; what goes over is a page too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from training.pages import furniture
from training.pages.sheet import Sheet
from training.pages.tree import (
    Box,
    Code,
    Entry,
    Indented,
    Line,
    Listing,
    Page,
    Paragraph,
    Part,
    Space,
    Table,
    Words,
)
from training.pages.writer import Writer, habits

Document = Callable[[Sheet], Page]
_SECTIONS = (
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "OPTIONS",
    "RETURN VALUE",
    "ERRORS",
    "EXAMPLES",
    "SEE ALSO",
    "NOTES",
    "BUGS",
    "FILES",
    "AUTHORS",
)
_FIELDS = (
    "Type",
    "Default",
    "Parameters",
    "Returns",
    "Range",
    "Since",
    "See also",
    "Syntax",
    "Raises",
    "Units",
    "Supply voltage",
    "Weight",
    "Dimensions",
    "Interface",
    "Memory",
    "Operating temperature",
)


def _writer(sheet: Sheet, columns: int = 1, math: float = 0.0, notes: float = 0.0) -> Writer:
    """A writer for columns of the sheet's look."""
    width = (sheet.look.wide - (columns - 1) * 16) / columns
    made = Writer(sheet, width, habits(sheet.rng, math, notes))
    rng = sheet.rng
    made.counts = {"h1": rng.randint(0, 8), "h2": rng.randint(0, 5), "figure": rng.randint(0, 20), "table": rng.randint(0, 9), "formula": rng.randint(0, 40),
                   "theorem": rng.randint(0, 9), "note": rng.choice((0, 0, rng.randint(0, 80)))}  # fmt: skip
    made.note_marks = "signs" if rng.random() < 0.1 else "number"
    return made


class _Filler:
    """Adds parts until about so many points of height are full."""

    def __init__(self, writer: Writer, columns: int, share: float) -> None:
        self.writer, self.parts = writer, list[Part]()
        self.room = writer.sheet.look.high * columns * share

    def add(self, *parts: Part) -> None:
        for part in parts:
            self.parts.append(part)
            self.room -= self._height(part, self.writer.width)

    def _height(self, part: Part, width: float) -> float:
        look = self.writer.sheet.look
        per_line = look.characters(width)
        match part:
            case Code():
                return (len(part.lines) + 1) * look.pitch
            case Table():
                return (len(part.rows) + 3) * look.pitch * (2 if "p" in part.align else 1.1)
            case Paragraph():
                return (_length(part.words) // per_line + 1) * look.pitch
            case Listing():
                return sum(
                    (_length(entry.words + entry.mark) // per_line + 1.2) * look.pitch
                    for entry in part.entries
                )
            case Indented():
                return sum(self._height(each, width - part.left * look.size) for each in part.parts)
            case Space():
                return part.ems * look.size
        return look.pitch * 2.6 if not hasattr(part, "height") else part.height + look.pitch * 2.5


def _length(words: Line) -> int:
    return sum(len(each.text) if isinstance(each, Words) else 4 for each in words)


def _page(writer: Writer, parts: Sequence[Part], columns: int = 1, head: Sequence[Part] = (), heads: float = 0.6, feet: float = 0.5) -> Page:  # fmt: skip
    """The page with its footnotes and what stands around it."""
    notes = writer.foot_notes()
    above, below = _around(writer, heads, feet)
    return Page(writer.sheet, tuple(parts), columns, tuple(head), notes, above, below)


_Band = tuple[Words | None, Words | None, Words | None]


def _around(writer: Writer, heads: float, feet: float) -> tuple[_Band, _Band]:
    """The running head and foot; each of their parts is a flow of its own."""
    rng, sheet = writer.rng, writer.sheet
    style = rng.choice(("", "", "i", "s", "c", "b", "si"))
    bands = []
    number_above = rng.random() < 0.4
    for role, share, numbered in (("header", heads, number_above), ("footer", feet, not number_above)):
        slots: list[Words | None] = [None, None, None]
        places = [0, 1, 2]
        rng.shuffle(places)
        if (rng.random() < share and numbered) or rng.random() < share * 0.2:
            place = rng.choice((0, 2, 2, 1)) if role == "header" else rng.choice((1, 1, 1, 0, 2))
            slots[place] = writer.run("page_number", furniture.page_number(sheet), style, flow=sheet.number())
            places.remove(place)
        if rng.random() < (share if role == "header" else share * 0.35):
            for place in places[: rng.choice((1, 1, 2))]:
                words = furniture.running(sheet)
                slots[place] = writer.run(role, words[: int(sheet.look.characters(sheet.look.wide) * 0.4)].strip(), style, flow=sheet.number())  # fmt: skip
        bands.append((slots[0], slots[1], slots[2]))
    return bands[0], bands[1]


def _share(rng: random.Random) -> float:
    """How full a page becomes: mostly it runs over."""
    return rng.choice((1.1, 1.1, 1.1, 1.1, 1.3, 0.8, 0.5, 0.25))


def paper(sheet: Sheet) -> Page:
    """A scientific paper: its first page with title and abstract, or a page within."""
    rng = sheet.rng
    columns = rng.choice((1, 1, 2, 2))
    w = _writer(sheet, columns, math=rng.choice((0, 0.4, 0.8)), notes=rng.choice((0, 0, 0.1, 0.2)))
    head: list[Part] = _opening(w) if rng.random() < 0.35 else []
    f = _Filler(w, columns, _share(rng) * (0.75 if head else 1))
    formulas = rng.choice((0, 8, 20))
    theorems = rng.choice((0, 0, 12)) if formulas else 0
    if head:
        f.add(w.heading(1))
    if rng.random() < 0.25:
        f.add(w.figure() if rng.random() < 0.6 else w.table(captioned=1))
    while f.room > 0:
        _prose(
            f,
            rng,
            formulas=formulas,
            theorems=theorems,
            figures=5,
            tables=5,
            lists=5,
            leads=6,
            characters=(150, 1100),
        )
    return _page(w, f.parts, columns, head)


def _opening(w: Writer) -> list[Part]:
    """Title, authors, places and abstract."""
    rng, text = w.rng, w.sheet.text
    out: list[Part] = [w.title()]
    names = [text.name() for _ in range(rng.randint(1, 5))]
    if rng.random() < 0.6:
        out.append(w.said(", ".join(names), "centre"))
        if rng.random() < 0.6:
            out.append(w.lines([f"{text.words(2, 5)}, {text.town()}" for _ in range(rng.randint(1, 3))], "centre-lines", rng.choice(("", "i", "s"))))  # fmt: skip
    else:
        for name in names[:3]:
            out.append(w.lines([name, text.words(2, 5), text.email()][: rng.randint(2, 3)], "centre-lines"))
    if rng.random() < 0.3:
        out.append(w.said(text.date(), "centre"))
    if rng.random() < 0.85:
        long = rng.randint(300, 1000)
        if rng.random() < 0.55:
            out += [w.heading(3, words=text.named(4)), w.paragraph(long, "abstract")]
        else:
            out.append(w.paragraph(long, "abstract", lead=text.named(4) + rng.choice((".", ":", "—"))))
    if rng.random() < 0.3:
        keys = ", ".join(text.words(1, 2).lower() for _ in range(5))
        block, item = w.sheet.number(), w.sheet.number()
        out.append(Paragraph((w.run("paragraph", "Keywords: ", w.habits.bold_leads, block=block, item=item), w.run("paragraph", keys, block=block, item=item)), "abstract"))  # fmt: skip
    out.append(Space(0.5))
    return out


def _prose(f: _Filler, rng: random.Random, *, formulas: float = 0, theorems: float = 0, figures: float = 3, tables: float = 3, lists: float = 6,
           leads: float = 3, codes: float = 0, notices: float = 0, headings: float = 14, quotes: float = 1, characters: tuple[int, int] = (120, 900)) -> None:  # fmt: skip
    """Adds one part of running text, or a few that belong together."""
    w = f.writer
    kind = rng.choices(
        (
            "paragraph",
            "lead",
            "heading",
            "list",
            "formula",
            "theorem",
            "figure",
            "table",
            "code",
            "notice",
            "quote",
        ),
        (50, leads, headings, lists, formulas, theorems, figures, tables, codes, notices, quotes),
    )[0]
    long = rng.randint(*characters)
    if kind == "paragraph":
        f.add(w.paragraph(long))
    elif kind == "lead":
        f.add(w.paragraph(long, "flush", lead=w.lead()))
    elif kind == "heading":
        level = rng.choice((1, 2, 2, 3, 3))
        f.add(w.heading(level))
        if level < 3 and rng.random() < 0.2:
            f.add(w.heading(level + 1))
        f.add(w.paragraph(long, rng.choice(("body", "flush"))))
    elif kind == "list":
        f.add(
            w.items(rng.randint(2, 7), rng.choice((20, 50, 100, 180)), rng.random() < 0.4, rng.random() < 0.2)
        )
    elif kind == "formula":
        f.add(w.paragraph(rng.randint(60, 400)), w.display())
        if rng.random() < 0.7:
            f.add(w.paragraph(rng.randint(30, 300), "flush"))
    elif kind == "theorem":
        f.add(*w.theorem())
    elif kind == "figure":
        f.add(w.figure())
    elif kind == "table":
        f.add(w.table())
    elif kind == "code":
        f.add(w.code())
    elif kind == "notice":
        f.add(w.notice())
    else:
        f.add(w.paragraph(rng.randint(80, 400), "quote"))


def textbook(sheet: Sheet) -> Page:
    """A page of a text book: prose with listings, figures, boxes and formulas."""
    rng = sheet.rng
    w = _writer(sheet, math=rng.choice((0, 0.2, 0.6)), notes=rng.choice((0, 0.1)))
    f = _Filler(w, 1, _share(rng))
    if rng.random() < 0.15:
        _chapter(f)
    kinds = rng.choice(
        (
            {"codes": 14.0, "notices": 3.0},
            {"formulas": 14.0, "theorems": 8.0},
            {"figures": 8.0, "tables": 6.0, "notices": 5.0},
        )
    )
    while f.room > 0:
        _prose(f, rng, **kinds)  # type: ignore[arg-type]
    return _page(w, f.parts, heads=0.75)


def _chapter(f: _Filler) -> None:
    """The opening of a chapter: its number above its name, or both in a line."""
    w, rng, text = f.writer, f.writer.rng, f.writer.sheet.text
    number = rng.randint(1, 20)
    f.add(Space(rng.choice((1, 3, 6))))
    if rng.random() < 0.6:
        f.add(w.heading(2, words=f"{text.named(2)} {number}"))
        f.add(w.heading(1, words=text.title(1, 6)))
    else:
        f.add(w.heading(1, words=text.title(1, 6), label=str(number)))
    f.add(Space(rng.choice((1, 2))))


def manual(sheet: Sheet) -> Page:
    """A page of a software manual: sections, short listings between paragraphs, definitions, options, notes."""
    rng = sheet.rng
    w = _writer(sheet, notes=rng.choice((0, 0, 0.05)))
    if rng.random() < 0.7:
        w.habits.heads = rng.choice(("1", "1", "1.", "A"))
    if rng.random() < 0.6:
        w.habits.code = rng.choice(("plain", "plain", "tint", "frame"))
    f = _Filler(w, 1, _share(rng))
    left = rng.choice((0, 1, 2, 2.5, 3))
    if rng.random() < 0.08:
        _chapter(f)
    while f.room > 0:
        kind = rng.choices(("section", "paragraph", "code", "options", "list", "notice", "table", "steps", "figure", "lead"), (16, 30, 24, 16, 9, 6, 5, 6, 2, 3))[0]  # fmt: skip
        if kind == "section":
            f.add(w.heading(rng.choice((1, 2, 2, 3, 3))), w.paragraph(rng.randint(60, 500), "flush"))
        elif kind == "paragraph":
            f.add(w.paragraph(rng.randint(40, 600)))
        elif kind == "code":
            f.add(w.paragraph(rng.randint(20, 250)), w.code(left=left))
        elif kind == "options":
            f.add(w.definitions(rng.randint(2, 8), rng.choice((40, 90, 160)), rng.choice(("below", "below", "below", "beside")), term=rng.choice((w.signature, w.signature, w.name, None))))  # fmt: skip
        elif kind == "list":
            f.add(w.items(rng.randint(2, 7), rng.choice((20, 50, 110)), nested=rng.random() < 0.2))
        elif kind == "notice":
            f.add(w.notice())
        elif kind == "table":
            f.add(w.table(kinds=rng.choice((None, ("signature", "long"), ("signature", "code", "long")))))
        elif kind == "steps":
            f.add(w.paragraph(rng.randint(20, 120)), w.items(rng.randint(2, 6), 90, numbered=True))
        elif kind == "figure":
            f.add(w.figure())
        else:
            f.add(w.paragraph(rng.randint(60, 400), "flush", lead=w.lead()))
    return _page(w, f.parts, heads=0.75)


def reference(sheet: Sheet) -> Page:
    """A reference of functions: a signature, its description set in below it, fields, examples."""
    rng = sheet.rng
    w = _writer(sheet)
    f = _Filler(w, 1, _share(rng))
    left = rng.choice((1.5, 2, 3, 4))
    ruled, framed = rng.random() < 0.15, rng.random() < 0.1
    headed = rng.random() < 0.35  # a section for each function
    if rng.random() < 0.4:
        f.add(w.heading(rng.choice((1, 2))), w.paragraph(rng.randint(60, 400), "flush"))
    while f.room > 0:
        if ruled:
            f.add(Space(0.5, rule=True))
        name = w.signature()
        if headed:
            f.add(w.heading(3, words=name))
            if rng.random() < 0.5:
                f.add(w.said(w.signature(), "flush", "m"))
            f.add(*_described(w))
        elif framed:
            f.add(_framed_signature(w, name), Indented(tuple(_described(w)), left))
        else:
            block, item = sheet.number(), sheet.number()
            term = w.run("list", name, w.habits.terms or "b", block=block, item=item)
            words = w.rich(sheet.text.prose(rng.randint(30, 350)), "list", block, item)
            f.add(Listing("below", (Entry(tuple(words), (term,)),), left))
            if rng.random() < 0.35:
                f.add(Indented(tuple(_described(w)), left))
        if rng.random() < 0.12:
            f.add(w.heading(2), w.paragraph(rng.randint(40, 300), "flush"))
    return _page(w, f.parts, heads=0.75)


def _framed_signature(w: Writer, name: str) -> Box:
    said = w.said(name, "flush", w.habits.terms or "m")
    return w.box(lambda: [said])


def _described(w: Writer) -> list[Part]:
    """What is said of a function: prose, fields, an example."""
    rng = w.rng
    out: list[Part] = [w.paragraph(rng.randint(30, 350), "flush")]
    if rng.random() < 0.4:
        out.append(w.definitions(rng.randint(1, 4), 50, rng.choice(("beside", "below", "runin")), term=rng.choice((w.name, lambda: rng.choice(_FIELDS[:9]) + ":"))))  # fmt: skip
    if rng.random() < 0.4:
        out += [
            w.code(rng.randint(1, 6)),
            *([w.paragraph(rng.randint(30, 160), "flush")] if rng.random() < 0.4 else []),
        ]
    return out


def unix(sheet: Sheet) -> Page:
    """A manual page: heads in capitals, all else set in."""
    rng = sheet.rng
    w = _writer(sheet)
    w.habits.heads, w.habits.code = "", "plain"
    w.habits.terms = rng.choice(("b", "b", "i", ""))
    f = _Filler(w, 1, _share(rng))
    left = rng.choice((2.5, 4, 5))
    at = rng.randrange(6)
    while f.room > 0:
        inside: list[Part] = []
        f.add(w.heading(rng.choice((1, 2)) if not f.parts else 2, words=_SECTIONS[at % len(_SECTIONS)]))
        at += 1
        for _ in range(rng.randint(1, 4)):
            kind = rng.random()
            if kind < 0.5:
                inside.append(w.paragraph(rng.randint(30, 500), "flush"))
            elif kind < 0.85:
                inside.append(w.definitions(rng.randint(2, 6), 90, "below", term=w.signature))
            else:
                inside.append(w.code(rng.randint(1, 5)))
        f.add(Indented(tuple(inside), left))
    return _page(w, f.parts, heads=0.8, feet=0.8)


def law(sheet: Sheet) -> Page:
    """A law or a contract: articles with numbered paragraphs and their points."""
    rng, text = sheet.rng, sheet.text
    columns = rng.choice((1, 1, 1, 2))
    w = _writer(sheet, columns, notes=rng.choice((0, 0.05)))
    f = _Filler(w, columns, _share(rng))
    article = rng.randint(1, 300)
    name = rng.choice(("Article {}", "Art. {}", "§ {}", "Section {}", "{}.", "{}"))
    beside, centred = rng.random() < 0.4, rng.random() < 0.3
    form = rng.choice(("({})", "{}.", "{})", "{a}.{}", "({})"))
    if rng.random() < 0.2:
        f.add(w.title(), w.said(text.date(), "centre"))
    while f.room > 0:
        if rng.random() < 0.12:
            f.add(w.heading(1, words=rng.choice((f"{text.named(2)} {rng.randint(1, 20)}", f"TITLE {rng.choice('IVX')}", text.title(2, 6).upper()))))  # fmt: skip
        head = name.format(article)
        if beside:
            f.add(w.heading(2, words=text.title(1, 7), label=head))
        else:
            f.add(w.heading(2, words=head))
            if rng.random() < 0.7:
                f.add(w.heading(3, words=text.title(1, 6)))
        many = rng.choice((1, 2, 3, 4, 5))
        if many == 1:
            f.add(w.paragraph(rng.randint(80, 600), "flush" if centred else "body"))
        else:
            block = sheet.number()
            entries: list[Entry] = []
            for index in range(many):
                item = sheet.number()
                mark = w.run("list", form.format(index + 1, a=article), block=block, item=item)
                entries.append(
                    Entry(tuple(w.rich(text.prose(rng.randint(50, 500)), "list", block, item)), (mark,))
                )
                if rng.random() < 0.25:
                    for inner in range(rng.randint(2, 4)):
                        item = sheet.number()
                        point = w.run(
                            "list",
                            rng.choice(("({})", "{})")).format(chr(97 + inner)),
                            block=block,
                            item=item,
                        )
                        entries.append(Entry(tuple(w.rich(text.prose(rng.randint(20, 160)).rstrip(".") + ";", "list", block, item)), (point,), 1))  # fmt: skip
            f.add(
                Listing(
                    rng.choice(("hanging", "hanging", "plain")),
                    tuple(entries),
                    rng.choice((1.8, 2.2, 3)),
                    rng.choice((0, 0.4, 0.7)),
                )
            )
        article += 1
    return _page(w, f.parts, columns)


def contents(sheet: Sheet) -> Page:
    """A table of contents."""
    rng, text = sheet.rng, sheet.text
    w = _writer(sheet)
    head: list[Part] = (
        [w.heading(1, words=text.named(7) if rng.random() < 0.8 else text.title(1, 3))]
        if rng.random() < 0.7
        else []
    )
    many = int(sheet.look.lines(rng.choice((1.05, 1.05, 0.8, 0.5))))
    return _page(w, head + w.leaders(max(5, many)))


def bibliography(sheet: Sheet) -> Page:
    """The end of a paper or a book: the works that it cites."""
    rng, text = sheet.rng, sheet.text
    columns = rng.choice((1, 1, 2))
    w = _writer(sheet, columns)
    f = _Filler(w, columns, _share(rng))
    if rng.random() < 0.35:
        f.add(w.paragraph(rng.randint(150, 700)))
    if rng.random() < 0.7:
        f.add(w.heading(1, words=text.named(5)))
    form = rng.choice(("[{}]", "[{}]", "{}.", "", "[{a}{y}]"))
    block, number = sheet.number(), rng.choice((1, 1, rng.randint(2, 80)))
    entries: list[Entry] = []
    for _ in range(max(3, int(f.room / (sheet.look.pitch * 2.6)))):
        item = sheet.number()
        names = ", ".join(f"{rng.choice('ABCDEFGHJKLM')}. {text.surname()}" for _ in range(rng.randint(1, 5)))
        year = rng.randint(1950, 2026)
        mark = form.format(number, a=names[3:6], y=f"{year % 100:02}")
        number += 1
        marks = (w.run("list", mark, block=block, item=item),) if mark else ()
        title = text.words(4, 12)
        words = [w.run("list", f"{names}. ", block=block, item=item)]
        words.append(w.run("list", title + ". ", rng.choice(("", "i")), block=block, item=item))
        words.append(w.run("list", text.title(2, 4), rng.choice(("i", "")), block=block, item=item))
        tail = f", {rng.randint(1, 90)}({rng.randint(1, 12)}):{rng.randint(1, 400)}–{rng.randint(401, 900)}, {year}."
        words.append(
            w.run("list", tail + (f" {text.url()}." if rng.random() < 0.2 else ""), block=block, item=item)
        )
        entries.append(Entry(tuple(words), marks))
    wide = 3.6 if "a" in form else 2.2
    f.add(
        Listing(
            "hanging" if form else "hung", tuple(entries), wide if form else 1.5, rng.choice((0, 0.3, 0.6))
        )
    )
    return _page(w, f.parts, columns)


def index(sheet: Sheet) -> Page:
    """An index in two or three columns."""
    rng, text = sheet.rng, sheet.text
    columns = rng.choice((2, 2, 3))
    w = _writer(sheet, columns)
    f = _Filler(w, columns, rng.choice((1.1, 1.1, 0.8)))
    head: list[Part] = [w.heading(1, words=text.named(8))] if rng.random() < 0.4 else []
    letters, letter = rng.random() < 0.6, rng.randrange(20)
    mono = "m" if rng.random() < 0.25 else ""
    leaders = rng.random() < 0.25
    while f.room > 0:
        if letters:
            f.add(w.heading(3, words=chr(65 + letter % 26)))
            letter += 1
        block = sheet.number()
        entries: list[Entry] = []
        for _ in range(rng.randint(4, 18)):
            depth = 1 if entries and rng.random() < 0.25 else 0
            item = sheet.number()
            words = w.name() if mono and depth == 0 else text.words(1, 3).lower()
            pages = ", ".join(str(rng.randint(1, 400)) for _ in range(rng.choice((1, 1, 1, 2, 3))))
            between = " " + "." * rng.randint(3, 12) + " " if leaders else ", "
            said = (
                w.run("list", words, mono, block=block, item=item),
                w.run("list", between + pages, block=block, item=item),
            )
            entries.append(Entry(said, (), depth))
        f.add(Listing("hung", tuple(entries), 1.5))
    return _page(w, f.parts, columns, head)


def slide(sheet: Sheet) -> Page:
    """A slide: a title, bullets of two levels, a block, a figure, formulas."""
    rng, text = sheet.rng, sheet.text
    w = _writer(sheet, math=rng.choice((0, 0.3)))
    f = _Filler(w, 1, 0.62)
    title = w.title(text.title(1, 7))
    w.habits.code = rng.choice(("tint", "frame", "plain"))
    while f.room > 0 and len(f.parts) < 5:
        kind = rng.choices(
            ("items", "block", "figure", "formula", "paragraph", "code", "table"), (34, 14, 10, 8, 14, 8, 8)
        )[0]
        if kind == "items":
            f.add(
                w.items(rng.randint(2, 5), rng.choice((25, 50, 90)), rng.random() < 0.2, rng.random() < 0.4)
            )
        elif kind == "block":
            f.add(
                w.box(
                    lambda: [
                        w.heading(3, words=text.title(1, 4)),
                        w.paragraph(rng.randint(30, 150), "flush"),
                    ],
                    "tint",
                )
            )
        elif kind == "figure":
            f.add(w.figure(captioned=0.25))
        elif kind == "formula":
            f.add(w.display())
        elif kind == "code":
            f.add(w.code(rng.randint(2, 6)))
        elif kind == "table":
            f.add(w.table(rng.randint(2, 4), captioned=0.2))
        else:
            f.add(w.paragraph(rng.randint(20, 180), "flush"))
    page = _page(w, f.parts, head=[title], heads=0.15, feet=0.7)
    page.slide = True
    return page


def letter(sheet: Sheet) -> Page:
    """A letter."""
    rng, text = sheet.rng, sheet.text
    w = _writer(sheet)
    out: list[Part] = []
    if rng.random() < 0.8:
        out.append(w.lines([text.firm(), *text.address()[1:], text.phone()][: rng.randint(2, 5)], rng.choice(("right-lines", "lines", "centre-lines"))))  # fmt: skip
        out.append(Space(1.5))
    out.append(w.lines(text.address()))
    out.append(Space(rng.choice((1, 2))))
    out.append(
        w.said(
            f"{text.town()}, {text.date()}" if rng.random() < 0.4 else text.date(),
            rng.choice(("flush", "right")),
        )
    )
    if rng.random() < 0.6:
        out += [
            Space(0.8),
            w.said(("Re: " if rng.random() < 0.4 else "") + text.title(2, 7), "flush", "b", role="heading"),
        ]
    out += [Space(0.8), w.said(f"Dear {text.name()},", "flush")]
    for _ in range(rng.randint(2, 6)):
        out.append(w.paragraph(rng.randint(80, 600), "flush" if rng.random() < 0.7 else "body"))
        if rng.random() < 0.12:
            out.append(w.items(rng.randint(2, 4), 60))
    out += [
        Space(0.5),
        w.said("Yours sincerely," if text.language == "en" else text.words(2, 3) + ",", "flush"),
        Space(2.5),
    ]
    out.append(w.lines([text.name(), text.words(1, 3)]))
    return _page(w, out, heads=0.1, feet=0.3)


def datasheet(sheet: Sheet) -> Page:
    """A data sheet or a price list: values with their names, tables of a specification, short texts."""
    rng, text = sheet.rng, sheet.text
    columns = rng.choice((1, 1, 2))
    w = _writer(sheet, columns)
    f = _Filler(w, columns, _share(rng))
    head: list[Part] = [w.title(f"{text.code()} {text.title(1, 4)}")] if rng.random() < 0.5 else []
    while f.room > 0:
        kind = rng.choices(("values", "table", "prices", "list", "text", "figure"), (25, 25, 14, 16, 16, 5))[
            0
        ]
        if rng.random() < 0.6:
            f.add(w.heading(rng.choice((2, 3))))
        if kind == "values":
            f.add(_values(w))
        elif kind == "table":
            f.add(w.table(kinds=rng.choice((("label", "code", "number", "number", "number", "mark"), ("label", "number", "mark"), ("label", "long"), None)) if columns == 1 else None))  # fmt: skip
        elif kind == "prices":
            f.add(
                w.table(
                    rng.randint(4, 14),
                    0.2,
                    ("code", "label", "integer", "number") if columns == 1 else ("label", "number"),
                )
            )
        elif kind == "list":
            f.add(w.items(rng.randint(3, 8), rng.choice((20, 45))))
        elif kind == "figure":
            f.add(w.figure())
        else:
            f.add(w.paragraph(rng.randint(60, 400), "flush"))
    return _page(w, f.parts, columns, head)


def _values(w: Writer) -> Listing:
    """Names and their values, side by side or run in."""
    rng, text = w.rng, w.sheet.text
    block = w.sheet.number()
    entries = []
    style = rng.choice(("b", "b", "", "i"))
    for _ in range(rng.randint(3, 9)):
        item = w.sheet.number()
        name = rng.choice(_FIELDS) if text.language == "en" else text.words(1, 2)
        value = rng.choice(
            (text.number() + rng.choice((" mm", " V", " kg", " °C", "")), text.words(1, 5), text.code())
        )
        term = w.run("list", name + rng.choice((":", "")), style, block=block, item=item)
        entries.append(Entry((w.run("list", value, block=block, item=item),), (term,)))
    return Listing(
        rng.choice(("beside", "beside", "runin")),
        tuple(entries),
        rng.choice((6, 8, 10)),
        rng.choice((0, 0.2, 0.4)),
    )


def exercises(sheet: Sheet) -> Page:
    """A sheet of exercises: numbered questions with parts, formulas and tables."""
    rng, text = sheet.rng, sheet.text
    w = _writer(sheet, math=rng.choice((0.3, 0.8)))
    f = _Filler(w, 1, _share(rng))
    if rng.random() < 0.5:
        f.add(
            w.title(text.title(1, 5)),
            w.said(f"{text.name()}, {text.date()}", rng.choice(("centre", "flush", "right"))),
        )
    if rng.random() < 0.3:
        f.add(w.paragraph(rng.randint(60, 300), "flush"))
    number = rng.randint(1, 30)
    form = rng.choice(("{}.", "Exercise {}.", "Problem {}.", "{})", "({})", "Question {}:"))
    headed = rng.random() < 0.25
    while f.room > 0:
        if headed:
            f.add(
                w.heading(
                    3,
                    words=form.format(number).rstrip(".:")
                    + (f" ({rng.randint(1, 12)} points)" if rng.random() < 0.4 else ""),
                )
            )
            f.add(w.paragraph(rng.randint(40, 400), "flush"))
        else:
            block, item = sheet.number(), sheet.number()
            mark = w.run("list", form.format(number), rng.choice(("b", "")), block=block, item=item)
            asked = w.rich(text.prose(rng.randint(30, 350)), "list", block, item)
            entries = [Entry(tuple(asked), (mark,))]
            for inner in range(rng.choice((0, 0, 2, 3, 4))):
                item = sheet.number()
                point = w.run("list", f"({chr(97 + inner)})", block=block, item=item)
                entries.append(
                    Entry(tuple(w.rich(text.prose(rng.randint(10, 120)), "list", block, item)), (point,), 1)
                )
            f.add(Listing("hanging" if len(form) < 5 else "plain", tuple(entries), 2.2, 0.3))
        number += 1
        if rng.random() < 0.3:
            f.add(w.display())
        if rng.random() < 0.08:
            f.add(w.figure(captioned=0.4))
        if rng.random() < 0.08:
            f.add(w.table(captioned=0.3))
        if rng.random() < 0.1:
            f.add(w.code())
    return _page(w, f.parts)


def book(sheet: Sheet) -> Page:
    """A page of prose, with quotations and notes."""
    rng = sheet.rng
    w = _writer(sheet, notes=rng.choice((0, 0.1, 0.3)))
    f = _Filler(w, 1, _share(rng))
    if rng.random() < 0.15:
        _chapter(f)
    while f.room > 0:
        _prose(f, rng, figures=1, tables=1, lists=1, leads=0, headings=4, quotes=6, characters=(150, 1500))
        if rng.random() < 0.04:
            f.add(w.lines([sheet.text.words(3, 8) for _ in range(rng.randint(3, 8))], "quote-lines"))
    return _page(w, f.parts, heads=0.8)


def report(sheet: Sheet) -> Page:
    """A page of a report: headings, tables, figures, lists, boxes."""
    rng = sheet.rng
    columns = rng.choice((1, 1, 1, 2, 3))
    w = _writer(sheet, columns, notes=rng.choice((0, 0.1)))
    f = _Filler(w, columns, _share(rng))
    head: list[Part] = [w.title(), Space(0.5)] if rng.random() < 0.15 else []
    while f.room > 0:
        _prose(f, rng, figures=7, tables=10, lists=10, notices=4, headings=18, characters=(100, 700))
    return _page(w, f.parts, columns, head)


def glossary(sheet: Sheet) -> Page:
    """Terms and their meanings."""
    rng, text = sheet.rng, sheet.text
    columns = rng.choice((1, 1, 2))
    w = _writer(sheet, columns)
    out: list[Part] = [w.heading(1, words=text.named(9))] if rng.random() < 0.6 else []
    out.append(w.definitions(max(4, int(sheet.look.lines() * columns / 4)), rng.choice((60, 110, 180))))
    return _page(w, out, columns)


# name: document, share
DOCUMENTS: dict[str, tuple[Document, float]] = {
    "paper": (paper, 15),
    "textbook": (textbook, 10),
    "manual": (manual, 20),
    "reference": (reference, 12),
    "unix": (unix, 4),
    "law": (law, 7),
    "contents": (contents, 5),
    "bibliography": (bibliography, 4),
    "index": (index, 3),
    "slide": (slide, 6),
    "letter": (letter, 3),
    "datasheet": (datasheet, 6),
    "exercises": (exercises, 5),
    "book": (book, 6),
    "report": (report, 8),
    "glossary": (glossary, 2),
}
