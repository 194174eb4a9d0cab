"""Running text poured into columns: what a kind of document is made of, and how its page is divided."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from training.pages import furniture, listings, parts, pictures, tables
from training.pages.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Mix:
    """How often each part comes in a kind of document, relative to the others, and how long paragraphs are."""

    paragraph: float = 50
    lead: float = 3  # a paragraph with a bold run-in head
    heading: float = 10
    subheading: float = 6
    bullets: float = 6
    numbered: float = 3
    nested: float = 1
    definitions: float = 1
    figure: float = 4
    table: float = 3
    formula: float = 0
    code: float = 0
    box: float = 1
    quote: float = 1
    verse: float = 0
    split: float = 1  # a paragraph that a figure interrupts
    exercise: float = 0
    characters: tuple[int, int] = (120, 900)
    lists: tuple[int, int] = (20, 160)  # characters of an item


@dataclass(slots=True)
class Stream:
    """Parts for a column of the given width (points) until ``room`` points of height are full."""

    sheet: Sheet
    mix: Mix
    width: float
    count: parts.Numbering
    used: float = 0.0
    out: list[str] = field(default_factory=list)

    def fill(self, room: float) -> str:
        rng = self.sheet.rng
        names = [name for name in Mix.__dataclass_fields__ if name not in ("characters", "lists")]
        weights = [getattr(self.mix, name) for name in names]
        last = "heading" if rng.random() < 0.5 else ""
        while self.used < room:
            name = rng.choices(names, weights)[0]
            if name in ("heading", "subheading") and last in ("heading", "subheading") and rng.random() < 0.7:
                continue
            if last == "" and name not in ("paragraph", "heading") and rng.random() < 0.5:
                continue
            self.out.append(self._part(name))
            last = name
        return "".join(self.out)

    def _lines(self, characters: float, width: float | None = None) -> float:
        """The height of so many characters."""
        return math.ceil(characters / self.sheet.look.characters(width or self.width)) * self.sheet.look.pitch

    def _part(self, name: str) -> str:
        sheet, rng, mix, look = self.sheet, self.sheet.rng, self.mix, self.sheet.look
        if name in ("paragraph", "lead"):
            characters = rng.randint(*mix.characters)
            self.used += self._lines(characters) + look.gap * look.size
            return parts.paragraph(sheet, characters, lead=name == "lead")
        if name in ("heading", "subheading"):
            self.used += look.pitch * 2.6
            return parts.heading(
                sheet, rng.choice((1, 1, 2)) if name == "heading" else rng.choice((2, 3)), self.count
            )
        if name in ("bullets", "numbered", "nested"):
            many, long = rng.randint(2, 8), rng.randint(*mix.lists)
            self.used += many * self._lines(long + 8) * (1.5 if name == "nested" else 1.15)
            return parts.bullets(sheet, many, long, numbered=name == "numbered", nested=name == "nested")
        if name == "definitions":
            many = rng.randint(2, 6)
            self.used += many * self._lines(110) * 1.3
            return parts.definitions(sheet, many, 80)
        if name == "figure":
            self.used += self.width * 0.5 + look.pitch * 3
            return pictures.figure(sheet, self.count, self.width)
        if name == "table":
            rows = rng.randint(2, 12)
            self.used += rows * look.pitch * 1.3 + look.pitch * 3
            return tables.table(sheet, self.count, self.width, rows)
        return self._rare(name)

    def _rare(self, name: str) -> str:
        sheet, rng, look = self.sheet, self.sheet.rng, self.sheet.look
        if name == "formula":
            self.used += look.pitch * 3
            return listings.formula(sheet, self.count)
        if name == "code":
            rows = rng.randint(2, 14)
            self.used += rows * look.pitch + look.pitch
            return listings.code(sheet, self.width, rows)
        if name == "box":
            characters = rng.randint(60, 400)
            self.used += self._lines(characters) + look.pitch * 3
            return parts.notice(sheet, characters, self.count)
        if name == "verse":
            self.used += 6 * look.pitch
            return parts.verse(sheet, rng.randint(3, 8))
        if name == "split":
            return self._interrupted()
        if name == "exercise":
            return self._exercise()
        characters = rng.randint(80, 400)
        self.used += self._lines(characters) * 1.2 + look.pitch
        return parts.quote(sheet, characters)

    def _interrupted(self) -> str:
        """A paragraph with a figure or table in its midst, which is read behind it."""
        sheet, rng = self.sheet, self.sheet.rng
        block, item = sheet.number(), sheet.number()
        words = sheet.text.prose(rng.randint(200, 700)).split(" ")
        cut = max(1, int(len(words) * rng.uniform(0.3, 0.7)))
        first = sheet.run("paragraph", " ".join(words[:cut]), block=block, item=item)
        second = sheet.run("paragraph", " ".join(words[cut:]), block=block, item=item)
        self.used += self._lines(len(" ".join(words)))
        between = self._part(rng.choice(("figure", "table")))
        last = "text-align-last:justify;" if sheet.look.justify else ""
        return f'<div class=p style="{last}margin-bottom:0">{first}</div>{between}<div class=p style="text-indent:0">{second}</div>'

    def _exercise(self) -> str:
        """A numbered exercise whose parts stand in columns, read row by row."""
        sheet, rng, look = self.sheet, self.sheet.rng, self.sheet.look
        item, block = sheet.number(), sheet.number()
        number = str(self.count.next("item"))
        lead = sheet.run(
            "list",
            rng.choice((f"{number}.", f"{number})", f"Exercise {number}.", f"{number}")),
            css="font-weight:bold",
            block=block,
            item=item,
        )
        asked = sheet.run("list", " " + sheet.text.prose(rng.randint(30, 140)), block=block, item=item)
        columns = max(1, min(rng.randint(1, 4), int(self.width / 75)))
        cells = []
        for index in range(rng.randint(2, 6)):
            part = sheet.number()
            x = rng.choice("abxyz")
            math = rng.choice(
                (
                    f"{rng.randint(2, 99)} + {rng.randint(2, 99)} = ____",
                    f"{rng.randint(2, 9)}<i>{x}</i> − {rng.randint(1, 9)} = {rng.randint(0, 30)}",
                    f"<i>{x}</i><sup>2</sup> = {rng.randint(1, 99)}",
                    sheet.text.words(2, 5),
                )
            )
            mark = sheet.run("list", f"{chr(97 + index)}) ", block=block, item=part)
            cells.append(f"<div>{mark}{sheet.run('list', math, raw=True, block=block, item=part)}</div>")
        self.used += self._lines(100) + look.pitch * (math_rows(len(cells), columns) + 1)
        return f'<div style="margin:.5em 0;break-inside:avoid">{lead}{asked}<div style="display:grid;grid-template-columns:repeat({columns},1fr);gap:.2em 1em;margin:.2em 0 0 1.5em">{"".join(cells)}</div></div>'


def math_rows(cells: int, columns: int) -> int:
    return -(-cells // columns)


def poured(
    sheet: Sheet,
    inside: str,
    columns: int,
    *,
    head: str = "",
    foot: str = "",
    rule: bool = False,
    box: tuple[float, float, float, float] | None = None,
) -> str:
    """Text in columns between the page's margins (or in ``box``: left, top, width, height), ``head`` above and ``foot`` below all of them."""
    rng, look = sheet.rng, sheet.look
    left, top, wide, high = box or (look.left, look.top, look.wide, look.high)
    gutter = max(rng.uniform(1.3, 3) * look.size, 12)
    line = f"column-rule:{rng.choice((0.5, 0.75))}pt solid #{rng.choice((0, 0x999999)):06x};" if rule else ""
    divided = f"columns:{columns};column-gap:{gutter:.1f}pt;column-fill:auto;{line}" if columns else ""
    flow = f'<div style="flex:1 1 0;min-height:0;overflow:hidden;{divided}">{inside}</div>'
    return f'<div style="position:absolute;left:{left:.1f}pt;top:{top:.1f}pt;width:{wide:.1f}pt;height:{high:.1f}pt;display:flex;flex-direction:column"><div style="flex:none">{head}</div>{flow}<div style="flex:none">{foot}</div></div>'


def notes(sheet: Sheet, count: int, columns: int) -> str:
    """Footnotes below all columns, in the first or in each of them."""
    rng = sheet.rng
    rule = (
        f'<div style="border-top:.5pt solid #000;width:{rng.choice((20, 30, 40, 100))}%;margin:.6em 0 .3em"></div>'
        if rng.random() < 0.75
        else '<div style="height:.8em"></div>'
    )
    inside = rule + parts.footnotes(sheet, count, rng.choice((50, 90, 160)))
    if columns > 1:
        wide = f"calc({100 / columns:.2f}% - 8pt)"
        side = "margin-inline-start:auto;" if rng.random() < 0.25 else ""
        return f'<div style="width:{wide};{side}">{inside}</div>'
    return inside


def decorated(
    sheet: Sheet, page: str, stamps: float = 0.03, marks: float = 0.03, badges: float = 0.01
) -> str:
    """The page with a stamp, a watermark or a badge by chance; watermarks are drawn first."""
    before = furniture.watermark(sheet) if sheet.chance(marks) else ""
    after = (furniture.stamp(sheet) if sheet.chance(stamps) else "") + (
        furniture.badge(sheet) if sheet.chance(badges) else ""
    )
    return before + page + after
