"""Makes the parts of a page's tree, each run noted on its sheet in the order in which it is read."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from training.pages import listings, maths
from training.pages.sheet import BODY, Sheet
from training.pages.tables import HEADS, cell_text
from training.pages.tree import (
    Box,
    Code,
    Display,
    Entry,
    Figure,
    Heading,
    Inline,
    Leader,
    Line,
    Listing,
    Mark,
    Maths,
    Paragraph,
    Part,
    Table,
    Words,
)

_BULLETS = "•••••–—◦▪·*-"
_TINTS = (0xF2F2F2, 0xE8EEF7, 0xFFF8E1, 0xE8F5E9, 0xEEEEEE, 0xFDF3E7, 0xF7F7F7)
_LOOKS = ("plain", "plain", "plain", "frame", "tint", "tint", "both", "bar", "rules")
_LINK = 0x0563C1
_ROMAN = (
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
    "xv",
    "xvi",
)
_WORDS_OF_CODE = (
    "argc", "buffer", "count", "data", "error", "file", "flags", "format", "handler", "index", "key", "length", "list", "mode",
    "name", "node", "offset", "options", "output", "path", "port", "result", "size", "source", "stream", "string", "table",
    "timeout", "type", "value", "width",
)  # fmt: skip
_TYPES = (
    "int",
    "char *",
    "void",
    "const char *",
    "size_t",
    "bool",
    "double",
    "FILE *",
    "struct node *",
    "string",
    "integer",
)
_THEOREMS = ("Theorem", "Lemma", "Proposition", "Corollary", "Definition", "Remark", "Example", "Proof")


@dataclass(slots=True)
class Habits:
    """What all parts of a page have in common."""

    bold_leads: str  # style of run-in heads
    captions: str  # style of a caption's label
    caption_mark: str
    heads: str  # form of heading numbers: "" | "1" | "1." | "§" | "A"
    code: str
    numbered_code: bool
    terms: str  # style of terms and signatures
    math: float  # how often words are a formula
    notes: float  # how often a paragraph has a footnote
    tint: int
    rules: str
    above: bool  # captions of tables


@dataclass(slots=True)
class Writer:
    """Parts for the page of a sheet; ``width`` is a column's, in points."""

    sheet: Sheet
    width: float
    habits: Habits
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[tuple[str, bool]] = field(
        default_factory=list
    )  # marks of footnotes that are still to be written
    note_marks: str = "number"

    @property
    def rng(self) -> random.Random:
        return self.sheet.rng

    def next(self, name: str) -> int:
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]

    def run(
        self, role: str, text: str, style: str = "", *, flow: int = BODY, block: int | None = None, item: int | None = None,
        color: int | None = None,
    ) -> Words:  # fmt: skip
        return Words(self.sheet.note(role, flow=flow, block=block, item=item, color=color), text, style)

    # Words.

    def rich(
        self, text: str, role: str, block: int, item: int, *, flow: int = BODY, notes: float = 0.0
    ) -> list[Inline]:
        """Words of which some are bold, slanted, mono, links or formulas."""
        rng = self.rng
        out: list[Inline] = []
        pieces = text.split(" ")
        start = 0
        while start < len(pieces):
            plain = start + (rng.randint(6, 70) if rng.random() < 0.65 else 400)
            if pieces[start:plain]:
                end = " " if plain < len(pieces) else ""
                out.append(
                    self.run(role, " ".join(pieces[start:plain]) + end, flow=flow, block=block, item=item)
                )
            special = pieces[plain : plain + rng.randint(1, 3)]
            start = plain + len(special)
            if special:
                space = " " if start < len(pieces) else ""
                out += self._special(" ".join(special), space, role, block, item, flow)
        if rng.random() < notes:
            mark = (
                "*†‡§"[len(self.notes)]
                if self.note_marks == "signs" and len(self.notes) < 4
                else str(self.next("note"))
            )
            number = self.sheet.note(role, flow=flow, block=block, item=item)
            out.append(Mark(number, mark, len(self.notes)))
            self.notes.append((mark, rng.random() < 0.2))
        return out

    def _special(self, words: str, space: str, role: str, block: int, item: int, flow: int) -> list[Inline]:
        rng = self.rng
        if rng.random() < self.habits.math:
            number = self.sheet.note(role, flow=flow, block=block, item=item)
            after = self.run(
                role, rng.choice((" ", " ", ", ")) + words + space, flow=flow, block=block, item=item
            )
            return [Maths(number, maths.small(rng)), after]
        kind = rng.choices(("b", "i", "link", "m", "r", "c", "u"), (16, 34, 10, 22, 6, 4, 2))[0]
        if kind == "m" and self.sheet.text.language == "en" and rng.random() < 0.6:
            words = self.name()
        if kind == "r":
            first = self.run(role, words, flow=flow, block=block, item=item)
            return [first, self.run(role, str(rng.randint(1, 60)), "r", flow=flow, block=block, item=item), *([self.run(role, space, flow=flow, block=block, item=item)] if space else [])]  # fmt: skip
        color = _LINK if kind == "link" and rng.random() < 0.7 else None
        return [
            self.run(
                role,
                words + space,
                "" if kind == "link" else kind,
                flow=flow,
                block=block,
                item=item,
                color=color,
            )
        ]

    def name(self) -> str:
        """A name as programs have it."""
        rng = self.rng
        words = [rng.choice(_WORDS_OF_CODE) for _ in range(rng.choice((1, 2, 2)))]
        return rng.choice(
            ("_".join(words), "_".join(words), "-".join(words), "--" + "-".join(words), words[0] + "()", "".join(w.title() for w in words), f"/{'/'.join(words)}", words[0].upper(), f"{words[0]}.{words[-1]}")
        )  # fmt: skip

    # Parts.

    def paragraph(
        self, characters: int, kind: str = "body", lead: str = "", role: str = "paragraph"
    ) -> Paragraph:
        """A paragraph; with ``lead`` it begins with a run-in head, which is no heading."""
        block, item = self.sheet.number(), self.sheet.number()
        out: list[Inline] = []
        if lead:
            out.append(self.run(role, lead + " ", self.habits.bold_leads, block=block, item=item))
        out += self.rich(
            self.sheet.text.prose(characters),
            role,
            block,
            item,
            notes=self.habits.notes if kind == "body" else 0,
        )
        return Paragraph(tuple(out), kind)

    def lead(self) -> str:
        """The words of a run-in head."""
        return self.sheet.text.words(1, 4) + self.rng.choice((".", ":", ".", " –", ""))

    def said(
        self,
        words: str,
        kind: str = "flush",
        style: str = "",
        role: str = "paragraph",
        color: int | None = None,
    ) -> Paragraph:
        """A paragraph of one run."""
        return Paragraph((self.run(role, words, style, color=color),), kind)

    def lines(
        self, words: Sequence[str], kind: str = "lines", style: str = "", role: str = "paragraph"
    ) -> Paragraph:
        """Lines that end where they are meant to."""
        block = self.sheet.number()
        return Paragraph(tuple(self.run(role, each, style, block=block, item=-1) for each in words), kind)

    def heading(self, level: int, words: str | None = None, label: str | None = None) -> Heading:
        """A heading; its number counts on where the page's headings have numbers and ``words`` are not given."""
        rng, text = self.rng, self.sheet.text
        said = words or text.title(1, 7 if rng.random() < 0.88 else 14)
        shown = label if label is not None else "" if words is not None else self._label(level)
        color = self.sheet.look.accent if self.sheet.look.accent % 3 == 0 else None
        block, item = self.sheet.number(), self.sheet.number()
        first = self.run("heading", shown, block=block, item=item, color=color) if shown else None
        inline: list[Inline] = [self.run("heading", said, block=block, item=item, color=color)]
        if words is None and rng.random() < 0.06:
            inline.append(self.run("heading", " " + self.name(), "m", block=block, item=item, color=color))
        return Heading(level, tuple(inline), first)

    def _label(self, level: int) -> str:
        form = self.habits.heads
        if not form:
            return ""
        names = ("h1", "h2", "h3")
        self.next(names[level - 1])
        for below in names[level:]:
            self.counts[below] = 0
        numbers = [max(1, self.counts.get(name, 1)) for name in names[:level]]
        first = {"A": chr(64 + numbers[0] % 26), "§": f"§ {numbers[0]}"}.get(form, str(numbers[0]))
        return ".".join([first, *map(str, numbers[1:])]) + ("." if form == "1." else "")

    def title(self, words: str | None = None) -> Heading:
        return Heading(0, (self.run("title", words or self.sheet.text.title(3, 13)),))

    def items(
        self, count: int, characters: int, numbered: bool = False, nested: bool = False, role: str = "list"
    ) -> Listing:
        """Bullets or numbers, with some items of a second level where ``nested``."""
        rng = self.rng
        block = self.sheet.number()
        form = rng.choice(("{}.", "{}.", "{})", "({})", "[{}]"))
        kind = rng.choice(("1", "1", "1", "a", "i")) if numbered else ""
        sign, second = rng.choice(_BULLETS), rng.choice("–◦*·-")
        lead = rng.random() < 0.15
        entries = []
        for index in range(count):
            shown = {"1": str(index + 1), "a": chr(97 + index % 26), "i": _ROMAN[index % 16]}.get(kind, "")
            entries.append(
                self._item(form.format(shown) if numbered else sign, characters, block, 0, lead, role)
            )
            if nested and rng.random() < 0.45:
                for inner in range(rng.randint(1, 3)):
                    mark = f"({chr(97 + inner)})" if numbered and rng.random() < 0.5 else second
                    entries.append(self._item(mark, characters // 2 + 8, block, 1, False, role))
        wide = rng.choice((1.2, 1.5, 1.5, 2, 2.4)) + (0.8 if kind == "i" else 0)
        return Listing(
            "hanging", tuple(entries), wide, rng.choice((0, 0, 0.3, 0.6)), rng.choice((0, 0.6, 1.2, 2))
        )

    def _item(self, mark: str, characters: int, block: int, depth: int, lead: bool, role: str) -> Entry:
        rng, item = self.rng, self.sheet.number()
        first = self.run(role, mark, block=block, item=item)
        words: list[Inline] = []
        if lead:
            words.append(
                self.run(
                    role, self.sheet.text.words(1, 3) + ": ", self.habits.bold_leads, block=block, item=item
                )
            )
        prose = self.sheet.text.prose(max(8, int(characters * rng.uniform(0.4, 1.6))))
        words += self.rich(prose.rstrip(".!?") if rng.random() < 0.4 else prose, role, block, item)
        return Entry(tuple(words), (first,), depth)

    def definitions(
        self, count: int, characters: int, kind: str | None = None, term: Callable[[], str] | None = None
    ) -> Listing:
        """Terms or signatures and what they mean."""
        rng, text = self.rng, self.sheet.text
        block = self.sheet.number()
        made = kind or rng.choice(("below", "below", "beside", "runin"))
        entries = []
        for _ in range(count):
            item = self.sheet.number()
            name = term() if term else text.words(1, 3)
            first = self.run("list", name, self.habits.terms, block=block, item=item)
            words = self.rich(
                text.prose(max(10, int(characters * rng.uniform(0.3, 1.7)))), "list", block, item
            )
            entries.append(Entry(tuple(words), (first,)))
        return Listing(made, tuple(entries), rng.choice((4, 6, 8)) if made == "beside" else rng.choice((1.5, 2, 2.5, 3, 4)), rng.choice((0, 0.3, 0.6, 1)))  # fmt: skip

    def signature(self) -> str:
        """A function, an option, a command or a variable, as manuals name them."""
        rng = self.rng
        name = "_".join(rng.choice(_WORDS_OF_CODE) for _ in range(rng.choice((1, 2, 2))))
        given = ", ".join(
            f"{rng.choice((*_TYPES, ''))} {rng.choice(_WORDS_OF_CODE)}".strip()
            for _ in range(rng.randint(0, 3))
        )
        return rng.choice(
            (f"{rng.choice(_TYPES)} {name}({given})", f"{name}({given})", f"-{rng.choice('abcdefghijklmnopqrstvwx')}, --{name.replace('_', '-')}", f"--{name.replace('_', '-')}={rng.choice(_WORDS_OF_CODE).upper()}",
             f"{name}", f"{name.replace('_', '-')} {rng.choice(_WORDS_OF_CODE)}", f"class {name.title().replace('_', '')}({rng.choice(_WORDS_OF_CODE)})", f"{name.upper()}")
        )  # fmt: skip

    def code(self, rows: int | None = None, left: float = 0.0) -> Code:
        """A listing."""
        rng, look = self.rng, self.sheet.look
        columns = max(14, int((self.width - left * look.size) / (look.size * 0.6)) - 8)
        found = listings.code_lines(rng, rows or rng.choice((1, 1, 2, 3, 4, 5, 6, 8, 10, 14)), columns)
        number = self.sheet.note("code", item=-1)
        region = self.sheet.note_region("code")
        plain = self.habits.code == "plain"
        return Code(
            number,
            tuple(found),
            region,
            self.habits.code,
            self.habits.numbered_code and len(found) > 3,
            left if plain else 0.0,
        )

    def display(self) -> Display:
        """One to three displayed formulas, with their numbers or without."""
        rng, block = self.rng, self.sheet.number()
        numbered = rng.random() < 0.5
        rows = []
        most = int((self.width - 5 * self.sheet.look.size) / (self.sheet.look.size * 0.8))
        region = self.sheet.note_region("formula")
        for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
            said = Maths(self.sheet.note("formula", block=block, item=-1), maths.equation(rng, most))
            number = None
            if numbered:
                shown = (
                    f"{self.counts.get('h1', 0)}.{self.next('formula')}"
                    if self.habits.heads == "1."
                    else str(self.next("formula"))
                )
                number = self.run("formula", f"({shown})", block=block, item=-1)
            rows.append((said, number))
        return Display(tuple(rows), region, rng.random() < 0.12)

    def theorem(self) -> list[Part]:
        """A theorem, definition or proof, with a displayed formula by chance."""
        rng = self.rng
        name = rng.choice(_THEOREMS)
        number = "" if name == "Proof" else f" {max(1, self.counts.get('h1', 1))}.{self.next('theorem')}"
        block, item = self.sheet.number(), self.sheet.number()
        out: list[Inline] = [self.run("paragraph", name + number + ("" if number and rng.random() < 0.3 else "."), "i" if name == "Proof" else "b", block=block, item=item)]  # fmt: skip
        if rng.random() < 0.3 and name != "Proof":
            out.append(
                self.run(
                    "paragraph",
                    f" ({self.sheet.text.words(1, 4)}).",
                    rng.choice(("", "b")),
                    block=block,
                    item=item,
                )
            )
        out.append(self.run("paragraph", " ", block=block, item=item))
        out += self.rich(self.sheet.text.prose(rng.randint(60, 400)), "paragraph", block, item)
        if name == "Proof":
            out.append(self.run("paragraph", " □", block=block, item=item))
        slanted = name in ("Theorem", "Lemma", "Proposition", "Corollary") and rng.random() < 0.8
        found: list[Part] = [Paragraph(tuple(out), "theorem" if slanted else "flush")]
        if rng.random() < 0.4:
            found += [self.display(), self.paragraph(rng.randint(30, 200), "flush")]
        return found

    def caption(self, name: int, number: str, characters: int) -> Line:
        text = self.sheet.text
        block, item = self.sheet.number(), self.sheet.number()
        label = f"{text.named(name)} {number}{self.habits.caption_mark} "
        words = text.prose(max(12, characters))
        first = self.run("caption", label, self.habits.captions, block=block, item=item)
        return (first, *self.rich(words.rstrip(".") if characters < 40 else words, "caption", block, item))

    def table(
        self, rows: int | None = None, captioned: float = 0.7, kinds: Sequence[str] | None = None
    ) -> Table:
        """A table as papers and manuals have it."""
        rng = self.rng
        if kinds is None:
            most = max(2, min(8, int(self.width / 52)))
            kinds = ["label"] + [rng.choice(("number", "number", "number", "integer", "code", "date", "mark", "words")) for _ in range(rng.randint(1, most - 1))]  # fmt: skip
            if self.width > 150 and rng.random() < 0.3:
                kinds = [rng.choice(("label", "signature", "code"))] + ["long"] * (
                    2 if self.width > 330 and rng.random() < 0.4 else 1
                )
        long = rng.choice((15, 30, 60, 120, 220))
        has, above = rng.random() < captioned, self.habits.above
        number = str(self.next("table")) if has else ""
        caption = self.caption(1, number, long) if has and above else ()
        block = self.sheet.number()
        many = rows or rng.randint(2, 12 if "long" not in kinds else 6)
        heads = 1 if rng.random() < 0.88 else 0
        made = (
            [
                tuple(
                    self._cell(self._head(i), block, "b" if self.habits.tint % 5 else "")
                    for i in range(len(kinds))
                )
            ]
            if heads
            else []
        )
        bold = "b" if rng.random() < 0.15 else ""
        for _ in range(many):
            made.append(
                tuple(
                    self._cell("" if i and rng.random() < 0.04 else self._cell_text(kind), block, "m" if kind == "signature" else bold if not i else "")
                    for i, kind in enumerate(kinds)
                )
            )  # fmt: skip
        turned = "r" if rng.random() < 0.6 else "c"
        align = "".join("p" if kind == "long" else turned if kind in ("number", "integer") else rng.choice("lc") if kind in ("date", "mark") else "l" for kind in kinds)  # fmt: skip
        region = self.sheet.note_region("table")
        if has and not above:
            caption = self.caption(1, number, long)
        tint = rng.choice(_TINTS) if rng.random() < 0.25 else None
        stripe = rng.choice(_TINTS) if rng.random() < 0.15 else None
        return Table(tuple(made), heads, align, self.habits.rules, region, rng.choice((0.8, 0.85, 0.9, 1, 1)), "p" in align or rng.random() < 0.3, tint, stripe, caption, above)  # fmt: skip

    def _head(self, index: int) -> str:
        if index == 0 and self.rng.random() < 0.25:
            return ""
        return self.rng.choice(HEADS) if self.sheet.text.language == "en" else self.sheet.text.words(1, 2)

    def _cell_text(self, kind: str) -> str:
        return self.signature()[:34] if kind == "signature" else cell_text(self.sheet, kind)

    def _cell(self, words: str, block: int, style: str = "") -> Line:
        if not words:
            return ()
        item = self.sheet.number()
        if len(words) > 40 and self.rng.random() < 0.25:
            return tuple(self.rich(words, "table", block, item))
        return (self.run("table", words, style, block=block, item=item),)

    def figure(self, captioned: float = 0.9) -> Figure:
        """A diagram, a chart or a picture without words, each in its own flow."""
        rng = self.rng
        width = self.width * rng.choice((0.5, 0.7, 0.85, 0.95))
        height = min(width * rng.uniform(0.3, 0.7), self.sheet.look.high * 0.3)
        flow, block = self.sheet.number(), self.sheet.number()
        size = rng.choice((5.5, 6, 7, 8))
        kind = rng.choice(("boxes", "boxes", "plot", "plot", "picture"))
        region = self.sheet.note_region("chart" if kind == "plot" else "picture", "labels")
        make = {"boxes": self._boxes, "plot": self._plot, "picture": self._picture}[kind]
        shapes, labels = make(width, height, size)
        placed = tuple(
            (x, y, self.run("figure_label", words, flow=flow, block=block)) for x, y, words in labels
        )
        caption = (
            self.caption(0, str(self.next("figure")), rng.choice((20, 50, 110, 250)))
            if rng.random() < captioned
            else ()
        )
        return Figure(width, height, tuple(shapes), placed, region, caption, size)

    def _boxes(
        self, width: float, height: float, size: float
    ) -> tuple[list[tuple[object, ...]], list[tuple[float, float, str]]]:
        rng, text = self.rng, self.sheet.text
        across, down = rng.randint(2, 4), rng.randint(1, 3)
        wide, high = width / across, height / down
        shapes: list[tuple[object, ...]] = []
        labels = []
        round_ones, fill = rng.random() < 0.3, rng.choice((None, None, *_TINTS))
        for row in range(down):
            for column in range(across):
                x, y = column * wide, row * high
                shapes.append(
                    (
                        "ellipse" if round_ones else "rect",
                        x + wide * 0.12,
                        y + high * 0.2,
                        wide * 0.76,
                        high * 0.6,
                        fill,
                    )
                )
                if column + 1 < across:
                    shapes.append(("line", x + wide * 0.88, y + high * 0.5, x + wide * 1.12, y + high * 0.5))
                if row + 1 < down and rng.random() < 0.6:
                    shapes.append(("line", x + wide * 0.5, y + high * 0.8, x + wide * 0.5, y + high * 1.2))
                most = max(3, int(wide * 0.7 / (size * 0.55)))
                labels.append(
                    (
                        x + wide / 2,
                        y + high / 2,
                        (text.words(1, 2) if rng.random() < 0.7 else self.name())[:most].strip() or "x",
                    )
                )
        return shapes, labels

    def _plot(
        self, width: float, height: float, size: float
    ) -> tuple[list[tuple[object, ...]], list[tuple[float, float, str]]]:
        rng, text = self.rng, self.sheet.text
        left, bottom = size * 3, size * 2.6
        wide, high = width - left - size, height - bottom - size
        shapes: list[tuple[object, ...]] = [("rect", left, size, wide, high, None)] if rng.random() < 0.5 else [("line", left, size, left, size + high), ("line", left, size + high, left + wide, size + high)]  # fmt: skip
        steps = rng.randint(3, 6)
        unit = rng.choice((1, 2, 5, 10, 20, 0.1, 0.2, 100))
        labels = [(left / 2, size + high * (1 - i / steps), f"{i * unit:g}"[:6]) for i in range(steps + 1)]
        labels += [
            (left + wide * (i + 0.5) / steps, size + high + size, str(rng.choice((i, i * 10, i + 1990))))
            for i in range(steps)
        ]
        labels.append((left + wide / 2, height - size * 0.6, text.words(1, 3)[:30]))
        bars = rng.random() < 0.4
        heights = [rng.uniform(0.1, 0.95) for _ in range(steps * (1 if bars else 3))]
        for i, value in enumerate(heights):
            x = left + wide * (i + 0.5) / len(heights)
            if bars:
                shapes.append(("rect", x - wide * 0.3 / len(heights), size + high * (1 - value), wide * 0.6 / len(heights), high * value, rng.choice((0x4472C4, 0x888888, 0xED7D31))))  # fmt: skip
            elif i:
                before = left + wide * (i - 0.5) / len(heights)
                shapes.append(
                    ("line", before, size + high * (1 - heights[i - 1]), x, size + high * (1 - value))
                )
        return shapes, labels

    def _picture(
        self, width: float, height: float, size: float
    ) -> tuple[list[tuple[object, ...]], list[tuple[float, float, str]]]:
        rng = self.rng
        shapes: list[tuple[object, ...]] = [
            ("rect", 0, 0, width, height, rng.choice((0xD0D8E0, 0xC8C0B0, 0xE0E0E0, None)))
        ]
        for _ in range(rng.randint(3, 12)):
            x, y = rng.uniform(0, width * 0.8), rng.uniform(0, height * 0.8)
            shapes.append((rng.choice(("rect", "ellipse")), x, y, rng.uniform(3, width - x), rng.uniform(3, height - y), rng.choice((0x9098A0, 0x606870, 0xB0A890, 0xF0F0F0, None))))  # fmt: skip
        return shapes, []

    def box(self, parts: Callable[[], Sequence[Part]], look: str | None = None) -> Box:
        """Parts in a frame, a tint or between rules."""
        region = self.sheet.note_region("box")
        outer = self.width
        self.width -= 2 * self.sheet.look.size
        inside = tuple(parts())
        self.width = outer
        return Box(inside, look or self.rng.choice(_LOOKS[3:]), region, self.habits.tint)

    def notice(self) -> Box:
        """A note, warning or tip, its head run in or above."""
        rng = self.rng
        name = rng.choice(("Note", "Warning", "Tip", "Caution", "Important", "NOTE", "See also")) if self.sheet.text.language == "en" else self.sheet.text.words(1, 1)  # fmt: skip
        if rng.random() < 0.55:
            return self.box(
                lambda: [
                    self.paragraph(rng.randint(50, 350), "flush", lead=name + rng.choice((":", ".", "")))
                ]
            )
        if rng.random() < 0.6:
            return self.box(
                lambda: [self.heading(3, words=name), self.paragraph(rng.randint(50, 350), "flush")]
            )
        return self.box(lambda: [self.heading(3, words=name), self.items(rng.randint(2, 4), 60)])

    def leaders(self, count: int) -> list[Part]:
        """Lines of a table of contents."""
        rng, text = self.rng, self.sheet.text
        block, page = self.sheet.number(), rng.randint(1, 40)
        numbered, dotted = rng.random() < 0.75, rng.random() < 0.75
        first, second, third = rng.randint(0, 6), 0, 0
        gap, bold = rng.choice((0, 0.5, 1)), "b" if rng.random() < 0.7 else ""
        bare = rng.random() < 0.5  # no dots behind bold entries
        out: list[Part] = []
        depths = rng.choice(((0, 1, 1, 1), (0, 1, 1, 2, 2), (0,), (1, 1, 1, 2)))
        depth = 0
        for index in range(count):
            depth = rng.choice(depths) if index else depths[0]
            if depth == 0:
                first, second, third = first + 1, 0, 0
            elif depth == 1:
                second, third = second + 1, 0
            else:
                third += 1
            number = ".".join(map(str, (first, max(1, second), max(1, third))[: depth + 1]))
            page += rng.randint(0, 4)
            item = self.sheet.number()
            style = bold if depth == 0 else ""
            label = self.run("contents", number, style, block=block, item=item) if numbered else None
            words = self.run(
                "contents", text.title(1, 8 if rng.random() < 0.9 else 16), style, block=block, item=item
            )
            dots = (
                None if not dotted or (style and bare) else self.run("contents", ".", block=block, item=item)
            )
            out.append(Leader(depth, label, words, dots, self.run("contents", str(page), style, block=block, item=item), gap if depth == 0 and index else 0))  # fmt: skip
        return out

    def foot_notes(self) -> list[Line]:
        """The words of the notes whose marks were set, which are read last."""
        found: list[Line] = []
        for mark, link in self.notes:
            block, item = self.sheet.number(), self.sheet.number()
            words = (
                self.sheet.text.url() if link else self.sheet.text.prose(self.rng.choice((30, 70, 140, 260)))
            )
            first = self.run("footnote", mark, "r", block=block, item=item)
            between = self.run("footnote", " ", block=block, item=item)
            found.append((first, between, *self.rich(words, "footnote", block, item)))
        return found


def habits(rng: random.Random, math: float = 0.0, notes: float = 0.0) -> Habits:
    """Habits of chance."""
    return Habits(
        rng.choice(("b", "b", "b", "i", "bi", "c")), rng.choice(("b", "b", "", "", "c", "i")), rng.choice((":", ".", "", ":", " –")),
        rng.choice(("", "", "1", "1", "1", "1.", "A", "§")), rng.choice(_LOOKS), rng.random() < 0.2, rng.choice(("b", "m", "m", "bm", "i", "", "b")),
        math, notes, rng.choice(_TINTS), rng.choice(("all", "booktabs", "booktabs", "rows", "none", "frame", "columns")), rng.random() < 0.65,
    )  # fmt: skip
