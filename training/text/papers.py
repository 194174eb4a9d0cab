r"""Scientific papers, drawn at random and set by TeX, with what they say.

A paper has a class, a font, a title, an abstract, sections of prose with formulas in its sentences, displays with and
without numbers, theorems, footnotes, lists, a table, a figure and a bibliography. Its truth is a list of passages in
the order of the source. Formulas are tried in TeX before they are used: what TeX cannot set, or what is wider than the
column, goes into no paper.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from docvlm.latex import normalize
from training.text import tex
from training.text.formulas import Sampler
from training.text.prose import Writer

PassageKind = Literal[
    "title", "author", "heading", "body", "item", "reference", "footnote", "caption", "display"
]
Size = tuple[float, float]  # width and height in points
# Formulas in horizontal mode to their sizes; None where TeX stumbles.
Measure = Callable[[Sequence[str]], Sequence[Size | None]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph in Markdown, or a display: its canonical LaTeX and its printed numbers from top to bottom.

    A footnote and a caption stand where TeX meets them, not where the page shows them. The label of a caption and the
    number of a section are left out, since classes print them in their own ways.
    """

    kind: PassageKind
    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A document class as authors use it. ``column`` is the width of a column in points."""

    preamble: str
    column: float
    columns: int
    points: int = 10
    institution: str = ""  # TeX behind \author{}
    printed: str = ""  # words that the class prints below the authors
    abstract_first: bool = False  # stands before \maketitle
    abstract: str = "Abstract"  # as the class prints it
    references: str = "References"
    own_font: str | None = None  # a font of tex.FONTS as wide as the class's own
    own_share: float = 0.0  # how often the class's own font is kept
    own_symbols: str = r"\usepackage{amssymb}\usepackage{mathrsfs}"  # what that font lacks
    sectioned: bool = False  # equations may be numbered within sections


LAYOUTS = {
    "article-two": Layout(
        r"\documentclass[10pt,twocolumn]{article}\usepackage[textwidth=500pt,textheight=690pt,columnsep=20pt]{geometry}",
        240.0,
        2,
        sectioned=True,
    ),
    "ieeetran": Layout(
        r"\documentclass[journal]{IEEEtran}\IEEEoverridecommandlockouts",
        252.0,
        2,
        own_font="cm",
        own_share=0.7,
    ),
    "revtex": Layout(
        r"\documentclass[aps,prd,twocolumn,nofootinbib,10pt]{revtex4-2}",
        246.0,
        2,
        abstract_first=True,
        abstract="",
        references="",
        printed="(Dated:)",
        own_font="cm",
        own_share=0.7,
    ),
    "acmart": Layout(
        r"\documentclass[sigconf,nonacm]{acmart}\settopmatter{printfolios=true}",
        241.0,
        2,
        institution=r"\affiliation{\institution{University of Bath}\country{United Kingdom}}",
        printed="University of Bath United Kingdom",
        abstract_first=True,
        own_font="newtx",
        own_share=1.0,
        own_symbols=r"\usepackage{mathrsfs}",
    ),
    "amsart": Layout(r"\documentclass{amsart}", 360.0, 1, abstract_first=True, sectioned=True),
    "article-one": Layout(
        r"\documentclass[11pt]{article}\usepackage[margin=1.1in]{geometry}",
        452.0,
        1,
        points=11,
        sectioned=True,
    ),
    "llncs": Layout(
        r"\documentclass{llncs}",
        347.0,
        1,
        institution=r"\institute{University of Bath}",
        printed="University of Bath",
        own_font="cm",
        own_share=0.5,
    ),
}

_TEXT = r"""
\usepackage{booktabs,graphicx}
\renewcommand{\labelitemi}{$\bullet$} % not every text font brings its own
\newtheorem{thm}{Theorem}\newtheorem{lem}{Lemma}\newtheorem{dfn}{Definition}
\tolerance=2000 \emergencystretch=2em \hbadness=10000 \raggedbottom
"""
_TAG_ROOM = 34.0  # points that a number takes from a column
_INLINE_SHARE = 0.45  # of the column; longer formulas are displayed
_INLINE_HEIGHT = 2.4  # font sizes
_DISPLAY_HEIGHT = 150.0  # points
_ROWED = 0.15  # share of displays of several rows, beside those that the sampler draws itself
_SHAPED = 0.5  # share of formulas from held-out shapes, which are few
_SYMBOL = 12  # characters of TeX up to which a formula may come again
_STATEMENTS = {"thm": "Theorem", "lem": "Lemma", "dfn": "Definition"}
_HEADINGS = [
    "Introduction",
    "Related work",
    "Preliminaries",
    "Main results",
    "The model",
    "Method",
    "Numerical experiments",
    "Discussion",
    "Proof of the main theorem",
    "Conclusion",
]
_TITLES = ["On the {} {} of {} {}s", "A {} {} for {} {}s", "{} {} and {} {}s", "Towards {} {}s with {} {}"]
_END_OF_ROW = r"\\\relax "  # a bracket behind it is not its option
# Environments for a display of one row, with how many numbers they print, and of several.
_ONE_ROW = [
    (r"\begin{equation}", r"\end{equation}", 1),
    (r"\begin{equation}", r"\end{equation}", 1),
    (r"\begin{equation*}", r"\end{equation*}", 0),
    (r"\[", r"\]", 0),
]
_MANY_ROWS = {
    "aligned": [
        ("align", "each"),
        ("align", "each"),
        ("align*", "none"),
        ("align", "last"),
        ("split", "one"),
    ],
    "gathered": [("gather", "each"), ("gather*", "none"), ("multline", "one")],
}
_EMPHASIZED, _NOTED = 0.015, 0.2  # shares of words in italics, of paragraphs with a footnote
_ROWS = re.compile(r"\\begin\{(aligned|gathered)\}(.*)\\end\{\1\}([^a-zA-Z&]*)", re.DOTALL)
_ROW_TOKEN = re.compile(r"\\begin\b|\\end\b|\\\\(?:\[\dpt\]|\\relax )?|\\.|.", re.DOTALL)


class FittingSampler(Sampler):
    """Draws formulas that TeX sets without complaint and that are no larger than they may be.

    ``inline`` and ``display`` are the largest allowed. A paper states nothing twice, so only short formulas come again.
    """

    _BATCH = 200

    def __init__(self, rng: random.Random, measure: Measure, inline: Size, display: Size) -> None:
        super().__init__(rng, held_out=True)
        self.shaped = _SHAPED
        self._measure = measure
        self._largest = (inline, display)
        self._known: set[str] = set()
        self._stock: tuple[list[str], list[str]] = ([], [])

    def inline(self) -> str:
        """A formula for running text."""
        return self._drawn(0, super().inline, "${}$")

    def display(self) -> str:
        """A displayed formula, perhaps of several lines."""
        return self._drawn(1, self._any_display, r"$\displaystyle {}$")

    def _any_display(self) -> str:
        return self._aligned() if self._chance(_ROWED) else super().display()

    def _drawn(self, kind: int, draw: Callable[[], str], pattern: str) -> str:
        stock = self._stock[kind]
        while not stock:
            drawn = [source for source in (draw() for _ in range(self._BATCH)) if self._is_new(source)]
            sizes = self._measure([pattern.replace("{}", source) for source in drawn])
            stock += [
                source for source, size in zip(drawn, sizes) if size is not None and self._fits(size, kind)
            ]
        return stock.pop()

    def _is_new(self, source: str) -> bool:
        is_new = source not in self._known
        if len(source) > _SYMBOL:
            self._known.add(source)
        return is_new

    def _fits(self, size: Size, kind: int) -> bool:
        return all(found <= largest for found, largest in zip(size, self._largest[kind]))


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: its source for pdflatex and what it says."""

    layout: str
    font: str  # of training.text.tex, or "own" for the class's own
    source: str
    passages: list[Passage]

    @property
    def columns(self) -> int:
        return LAYOUTS[self.layout].columns


def draw_paper(layout: str, seed: str, measure: Callable[[str, int], Measure]) -> Paper:
    """A paper of one layout; the same seed gives the same paper. Its formulas are of the part held out from training.

    ``measure`` makes a measure of a font's name and a size in points, as :func:`tex_measure` does.
    """
    rng = random.Random(f"{seed} {layout}")
    form = LAYOUTS[layout]
    fonts = tex.FONTS | tex.HELD_OUT_FONTS
    font = rng.choices(list(fonts), [weight for _, weight in fonts.values()])[0]
    own = form.own_font if rng.random() < form.own_share else None
    sampler = FittingSampler(
        rng,
        measure(own or font, form.points),
        (_INLINE_SHARE * form.column, _INLINE_HEIGHT * form.points),
        (form.column - _TAG_ROOM, _DISPLAY_HEIGHT),
    )
    preamble = [form.preamble, r"\usepackage{amsmath,mathtools}"]
    if own is None:
        # Half of the authors with TeX's own fonts keep its old encoding.
        preamble += [] if font == "cm" and rng.random() < 0.5 else [r"\usepackage[T1]{fontenc}"]
        preamble.append(fonts[font][0])
    else:
        preamble.append(form.own_symbols)
    author = _Author(rng, form, sampler)
    body = "\n\n".join(author.paper())
    head = "\n".join(preamble) + tex.PROVIDED + _TEXT
    source = f"{head}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    return Paper(layout, "own" if own else font, source, author.passages)


def tex_measure(font: str, points: int) -> Measure:
    """Sizes by TeX itself. The measure raises RuntimeError where TeX makes no pages."""
    preamble = (tex.FONTS | tex.HELD_OUT_FONTS)[font][0]

    def measure(pieces: Sequence[str]) -> list[Size | None]:
        from docvlm.mupdf import pymupdf

        data, wrong = tex.set_pages([tex.Piece(piece) for piece in pieces], preamble, points)
        with pymupdf.open(stream=data) as document:
            if len(document) != len(pieces):
                raise RuntimeError(f"{len(pieces)} formulas became {len(document)} pages in {font}")
            sizes = [(page.rect.width - 20.0, page.rect.height - 20.0) for page in document]
            return [None if number in wrong else size for number, size in enumerate(sizes)]

    return measure


def rows_of(latex: str) -> list[str]:
    r"""The rows of a display that is ``aligned`` or ``gathered`` as a whole, as they stand; else the display alone.

    >>> rows_of(r"\begin{aligned}a&=b \\ &=c\end{aligned}.")
    ['a&=b ', ' &=c.']
    """
    match = _ROWS.fullmatch(latex.strip())
    if match is None:
        return [latex]
    rows, depth = [""], 0
    for token in _ROW_TOKEN.findall(match[2]):
        depth += (token in ("{", r"\begin")) - (token in ("}", r"\end"))
        if token.startswith(r"\\") and not depth:
            rows.append("")
        else:
            rows[-1] += token
    rows[-1] += match[3]
    return rows


class _Author:
    """Writes one paper: what its methods return is TeX, and what it says is kept in ``passages``."""

    def __init__(self, rng: random.Random, layout: Layout, sampler: FittingSampler) -> None:
        self.rng, self.layout = rng, layout
        self.sampler, self.writer = sampler, Writer(rng, sampler=sampler)
        self.passages: list[Passage] = []
        self.sections = self.equations = self.footnotes = 0
        self.statements = dict.fromkeys(_STATEMENTS, 0)
        self.numbered_within = layout.sectioned and rng.random() < 0.4

    def paper(self) -> Iterator[str]:
        """The paper from its title to its bibliography."""
        if self.numbered_within:
            yield r"\numberwithin{equation}{section}"
        yield from self._front()
        extras = [self._table, self._figure, self._list, self._statement, self._statement]
        self.rng.shuffle(extras)
        for number in sorted(self.rng.sample(range(len(_HEADINGS)), len(extras))):
            yield self._heading(_HEADINGS[number])
            for _ in range(self.rng.randint(3, 4)):
                yield self._argument()
            yield extras.pop()()
            yield self._paragraph()
        yield from self._bibliography()

    def _front(self) -> Iterator[str]:
        title = self.rng.choice(_TITLES).format(*(self.writer.word(kind) for kind in "ANAN"))
        title = title[0].upper() + title[1:]
        self._say("title", title)
        people = ", ".join(self._person() for _ in range(self.rng.randint(1, 3)))
        self._say("author", f"{people} {self.layout.printed}".strip())
        yield rf"\title{{{title}}}\author{{{people}}}{self.layout.institution}\date{{}}"
        if self.layout.abstract:
            self._say("heading", self.layout.abstract)
        text, source = self._sentences(self.rng.randint(4, 6))
        self._say("body", text)
        abstract = rf"\begin{{abstract}}{source}\end{{abstract}}"
        yield from (abstract, r"\maketitle") if self.layout.abstract_first else (r"\maketitle", abstract)

    def _bibliography(self) -> Iterator[str]:
        if self.layout.references:
            self._say("heading", self.layout.references)
        yield r"\begin{thebibliography}{99}"
        for number in range(1, self.rng.randint(8, 14)):
            words = " ".join(self.writer.word(kind) for kind in self.rng.choice(["AN", "ANN", "NANN"]))
            text = f"{self._person()}, The {words}, {self.rng.randint(1950, 2026)}."
            self._say("reference", f"[{number}] {text}")
            yield rf"\bibitem{{b{number}}} {text}"
        yield r"\end{thebibliography}"

    def _person(self) -> str:
        return f"{self.rng.choice('ABCDEFGHJKLMNPRSTW')}. {self.writer.word('P')}"

    # --- passages ---------------------------------------------------------------------------------

    def _say(self, kind: PassageKind, text: str, tags: tuple[str, ...] = ()) -> None:
        self.passages.append(Passage(kind, text, tags))

    def _heading(self, name: str) -> str:
        self.sections += 1
        self.equations = 0 if self.numbered_within else self.equations
        self._say("heading", name)
        return rf"\section{{{name}}}"

    def _sentences(self, count: int) -> tuple[str, str]:
        """Sentences as Markdown and as TeX; now and then a word is emphasized."""
        markdown, source = [], []
        for _ in range(count):
            for said, written in self.writer.sentence():
                markdown.append(said)
                emphasized = said.isalpha() and self.rng.random() < _EMPHASIZED
                source.append(rf"\emph{{{written}}}" if emphasized else written)
        return " ".join(markdown), " ".join(source)

    def _paragraph(self) -> str:
        text, source = self._sentences(self.rng.randint(3, 6))
        if self.rng.random() >= _NOTED:
            self._say("body", text)
            return source
        note, note_source = self._sentences(1)
        self.footnotes += 1
        mark = f"<sup>{self.footnotes}</sup>"
        self._say("body", text + mark)
        self._say("footnote", f"{mark} {note}")
        return rf"{source}\footnote{{{note_source}}}"

    def _argument(self) -> str:
        """Prose that leads to a display and goes on behind it."""
        lines = [self._paragraph()]
        for _ in range(self.rng.choice([1, 1, 2])):
            lines.append(self._display())
            text, source = self._sentences(self.rng.randint(1, 3))
            self._say("body", text)
            lines.append(source)
        return "\n".join(lines)

    def _statement(self) -> str:
        name = self.rng.choice(list(_STATEMENTS))
        self.statements[name] += 1
        text, source = self._sentences(self.rng.randint(1, 3))
        self._say("body", f"{_STATEMENTS[name]} {self.statements[name]}. {text}")
        statement = rf"\begin{{{name}}}{source}\end{{{name}}}"
        if name == "dfn":
            return statement
        text, source = self._sentences(self.rng.randint(2, 4))
        self._say("body", f"Proof. {text}")
        return rf"{statement}\par\noindent\textit{{Proof.}} {source}"

    def _list(self) -> str:
        items = []
        for _ in range(self.rng.randint(2, 4)):
            text, source = self._sentences(1)
            self._say("item", text)
            items.append(rf"\item {source}")
        return "\n".join([r"\begin{itemize}", *items, r"\end{itemize}"])

    def _table(self) -> str:
        """A table of words and numbers, whose cells are no passages."""
        head = " & ".join(["", *(self.writer.word("N") for _ in range(3))])
        rows = "".join(
            " & ".join([self.writer.word("A"), *(f"{self.rng.uniform(0, 100):.2f}" for _ in range(3))])
            + r"\\"
            for _ in range(self.rng.randint(3, 6))
        )
        grid = rf"\begin{{tabular}}{{lrrr}}\toprule {head}\\\midrule {rows}\bottomrule\end{{tabular}}"
        return rf"\begin{{table}}[t]\centering{self._caption()}{grid}\end{{table}}"

    def _figure(self) -> str:
        """A figure of a curve in its axes, without words."""
        heights = [self.rng.randint(5, 75) for _ in range(9)]
        curve = "".join(rf"\put({20 * n},{height}){{\circle*{{3}}}}" for n, height in enumerate(heights, 1))
        axes = r"\put(0,0){\vector(1,0){200}}\put(0,0){\vector(0,1){85}}"
        picture = rf"\begin{{picture}}(200,90){axes}{curve}\end{{picture}}"
        return rf"\begin{{figure}}[t]\centering {picture}{self._caption()}\end{{figure}}"

    def _caption(self) -> str:
        text, source = self._sentences(1)
        self._say("caption", text)
        return rf"\caption[]{{{source}}}"

    # --- displays ---------------------------------------------------------------------------------

    def _display(self) -> str:
        formula = self.sampler.display()
        rows = rows_of(formula)
        if len(rows) == 1:
            return self._single(formula)
        kind = formula[len(r"\begin{") : formula.index("}")]
        joined = _END_OF_ROW.join(rows)
        name, numbers = self.rng.choice(_MANY_ROWS[kind])
        count = {"each": len(rows), "last": 1, "one": 1, "none": 0}[numbers]
        self._say("display", normalize(rf"\begin{{{kind}}}{joined}\end{{{kind}}}"), self._tags(count))
        if numbers == "last":
            joined = (r"\nonumber" + _END_OF_ROW).join(rows)
        grid = rf"\begin{{{name}}}{joined}\end{{{name}}}"
        return rf"\begin{{equation}}{grid}\end{{equation}}" if name == "split" else grid

    def _single(self, formula: str) -> str:
        begin, end, count = self.rng.choice(_ONE_ROW)
        self._say("display", normalize(formula), self._tags(count))
        return begin + formula + end

    def _tags(self, count: int) -> tuple[str, ...]:
        first = self.equations + 1
        self.equations += count
        section = f"{self.sections}." if self.numbered_within else ""
        return tuple(f"{section}{number}" for number in range(first, first + count))
