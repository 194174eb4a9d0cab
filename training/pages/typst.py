"""Pages set by Typst, from the trees of `training.pages.documents`.

Each page of a print has a link that names its sheet, so that a document that runs over gives a record for each of its pages.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.pages import maths, truth
from training.pages.documents import DOCUMENTS
from training.pages.sheet import Sheet
from training.pages.sheets import SHARES, new_sheet, owners
from training.pages.tree import (
    Box,
    Code,
    Display,
    Entry,
    Figure,
    Heading,
    Indented,
    Inline,
    Leader,
    Line,
    Listing,
    Mark,
    Maths,
    Page,
    Paragraph,
    Part,
    Space,
    Table,
    Words,
)

__all__ = ["SHARES", "make_batch", "make_page"]

_MATH = ("New Computer Modern Math", "New Computer Modern Math", "Latin Modern Math", "DejaVu Math TeX Gyre")
_OWN = (
    "Libertinus Serif",
    "New Computer Modern",
    "Libertinus Serif",
    "New Computer Modern",
    "DejaVu Sans Mono",
)  # Typst brings them along
_LANGUAGES = {
    "en": 58,
    "de": 8,
    "fr": 7,
    "es": 5,
    "pl": 4,
    "ru": 5,
    "el": 3,
    "he": 3,
    "ar": 2,
    "zh": 3,
    "ja": 2,
}
_SECONDS = 300
_COMPILE = (
    "import sys, typst; sys.stdout.buffer.write(typst.compile(sys.stdin.buffer.read(), pdf_tags=False))"
)
_PREAMBLE = r"""
#let region(n, body) = layout(size => { let m = measure(body, width: size.width); block(breakable: false, width: m.width)[#place(top + left, link("http://r/" + str(n), box(width: m.width, height: m.height)))#body] })
#let mark(w, m) = context { let x = measure(m).width; box(width: calc.max(w.to-absolute(), x + 0.4em.to-absolute()), m) }
#show footnote.entry: it => it.note.body
#show raw: set text(size: 1.25em)
"""


@dataclass(frozen=True, slots=True)
class _Looks:
    """What Typst's own settings are for a page; lengths in ems unless said otherwise."""

    leading: float
    gap: float
    sizes: tuple[float, float, float, float]  # of the title and the headings
    styles: tuple[str, str, str, str]
    align: str  # of headings
    above: float
    below: float
    hung: bool  # headings' numbers stand before a block
    ruled: str  # which of head and foot have a rule
    band: float  # size of head and foot
    math: str
    code: float  # size
    notes: float
    step: float  # of the entries in a table of contents
    grids: bool  # lists as grids
    caption: tuple[str, float]  # alignment, size
    line: float  # thickness of rules, points


def _looks(rng: random.Random, sheet: Sheet) -> _Looks:
    seen = sheet.look
    sizes = (
        rng.choice((1.5, 1.7, 2, 2.4)),
        rng.choice((1.2, 1.4, 1.7, 2)),
        rng.choice((1, 1.15, 1.25, 1.4)),
        rng.choice((1, 1, 1.08, 1.15)),
    )
    styles = [
        rng.choice(('weight:"bold"', 'weight:"bold"', 'weight:"bold"', 'style:"italic"', 'weight:"regular"'))
        for _ in range(4)
    ]
    for index in (1, 2, 3):
        if sizes[index] <= 1 and "regular" in styles[index]:
            styles[index] = 'weight:"bold"'
    return _Looks(
        max(0.32, seen.leading - 0.72), seen.gap, sizes, (styles[0], styles[1], styles[2], styles[3]), "center" if rng.random() < 0.15 else "start", rng.choice((1, 1.3, 1.7, 2.1)),
        rng.choice((0.6, 0.8, 1)), rng.random() < 0.4, rng.choice(("", "", "", "head", "foot", "both")), rng.choice((0.8, 0.85, 0.9, 1)), rng.choice(_MATH), rng.choice((0.8, 0.85, 0.9, 0.95, 1)),
        rng.choice((0.75, 0.8, 0.85)), rng.choice((0, 1, 1.5, 2)), rng.random() < 0.4, (rng.choice(("center", "center", "start")), rng.choice((0.85, 0.9, 1))), rng.choice((0.4, 0.5, 0.75)),
    )  # fmt: skip


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rgb(color: int) -> str:
    return f'rgb("{color:06x}")'


class _Setter:
    """Writes the parts of one page."""

    def __init__(self, page: Page) -> None:
        self.page, self.rng = page, page.sheet.rng
        self.looks = _looks(page.sheet.rng, page.sheet)

    # Words.

    def words(self, line: Line) -> str:
        return "".join(self.inline(each) for each in line)

    def inline(self, said: Inline) -> str:
        color = _rgb(said.color)
        if isinstance(said, Maths):
            return f"#text(fill:{color})[${maths.typst(said.tree)}$]"
        if isinstance(said, Mark):
            note = self.words(self.page.notes[said.note])
            return f"#footnote(numbering:(..n)=>text(fill:{color},{_quoted(said.text)}))[#set text(size:{self.looks.notes * self.page.sheet.look.size:.2f}pt)\n#set par(first-line-indent:0pt,leading:.45em)\n{note}]"
        given = f"fill:{color}"
        if "b" in said.style:
            given += ',weight:"bold"'
        if "i" in said.style:
            given += ',style:"italic"'
        if "m" in said.style:
            given += f",font:{_quoted(self.page.sheet.look.mono)},size:.9em"
        if "s" in said.style:
            given += ",size:.85em"
        made = f"text({given},{_quoted(said.text)})"
        for letter, name in (("c", "smallcaps"), ("u", "underline"), ("r", "super")):
            if letter in said.style:
                made = f"{name}({made})"
        return "#" + made

    # Parts.

    def parts(self, parts: Sequence[Part]) -> str:
        return "\n\n".join(self.part(each) for each in parts)

    def part(self, part: Part) -> str:
        match part:
            case Heading():
                return self._heading(part)
            case Paragraph():
                return self._paragraph(part)
            case Listing():
                return (
                    "\n".join(self._entry(part, entry) for entry in part.entries)
                    + f"\n#v({self.looks.leading}em, weak:true)"
                )
            case Code():
                return self._code(part)
            case Display():
                return self._display(part)
            case Table():
                return self._table(part)
            case Figure():
                return self._figure(part)
            case Box():
                inside = f"#set par(first-line-indent:0pt)\n{self.parts(part.parts)}"
                return self._spaced(
                    f"#region({part.region}, block(width:100%,inset:.8em,{self._frame(part.look, part.tint)})[{inside}])"
                )
            case Leader():
                return self._leader(part)
            case Space():
                rule = f"#line(length:100%,stroke:{self.looks.line}pt)" if part.rule else ""
                return f"#v({part.ems}em)\n{rule}"
            case Indented():
                return f"#pad(left:{part.left}em)[\n{self.parts(part.parts)}\n]"

    def _heading(self, part: Heading) -> str:
        looks = self.looks
        align = "center" if part.level == 0 and self.page.sheet.look.size * 7 % 3 < 2 else looks.align
        given = f"size:{looks.sizes[part.level]}em,{looks.styles[part.level]},font:{_quoted(self.page.sheet.look.head)}"
        said = self.words(part.words)
        if part.label and looks.hung and align == "start":
            said = f"#grid(columns:(auto,1fr),column-gutter:.8em,[{self.inline(part.label)}],[{said}])"
        elif part.label:
            said = f"{self.inline(part.label)}#h({(0.5, 1, 1)[part.label.color % 3]}em){said}"
        inside = f"#set par(justify:false,first-line-indent:0pt,leading:.5em)\n#text({given})[{said}]"
        return f"#block(above:{looks.above}em,below:{looks.below}em,sticky:true,width:100%)[#set align({align})\n{inside}]"

    def _paragraph(self, part: Paragraph) -> str:
        kind, lines = part.kind.removesuffix("-lines"), part.kind.endswith("lines")
        said = (
            "#linebreak()".join(self.inline(each) for each in part.words) if lines else self.words(part.words)
        )
        if kind == "body":
            return said
        if kind == "theorem":
            return f'#par(first-line-indent:0pt)[#text(style:"italic")[{said}]]'
        flush = f"#par(first-line-indent:0pt{',justify:false' if lines or kind in ('centre', 'right') else ''})[{said}]"
        if kind == "abstract":
            return f"#pad(x:{(0, 1.5, 3)[len(part.words) % 3]}em)[#set text(size:.9em)\n{flush}]"
        if kind == "quote":
            return f"#pad(x:2em)[{flush}]"
        if kind in ("centre", "right"):
            return f"#align({'center' if kind == 'centre' else 'end'})[{flush}]"
        return flush

    def _entry(self, part: Listing, entry: Entry) -> str:
        left = part.left + entry.depth * part.wide
        space = f"above:{self.looks.leading + part.gap:.2f}em,below:{self.looks.leading + part.gap:.2f}em"
        mark, said = self.words(entry.mark), self.words(entry.words)
        if part.kind == "beside":
            return f"#block({space})[#grid(columns:({part.wide}em,1fr),column-gutter:.8em,[{mark}],[{said}])]"
        if part.kind == "below":
            term = f"#block({space},sticky:true)[{mark}]"
            return f"{term}#block(above:{self.looks.leading:.2f}em,below:{self.looks.leading + part.gap:.2f}em)[#pad(left:{part.wide}em)[{said}]]"
        if part.kind == "hanging" and self.looks.grids:
            return f"#block({space})[#pad(left:{left:.2f}em)[#grid(columns:(auto,1fr),mark({part.wide}em,[{mark}]),[{said}])]]"
        if part.kind == "hanging":
            return f"#block({space})[#pad(left:{left:.2f}em)[#par(first-line-indent:0pt,hanging-indent:{part.wide}em)[#mark({part.wide}em,[{mark}]){said}]]]"
        if part.kind == "plain":
            return f"#block({space})[#pad(left:{left if entry.depth else 0:.2f}em)[#par(first-line-indent:0pt)[{mark} {said}]]]"
        between = f"{mark} " if mark else ""
        return f"#block({space})[#pad(left:{left if entry.depth else 0:.2f}em)[#par(first-line-indent:0pt,justify:false,hanging-indent:{part.wide}em)[{between}{said}]]]"

    def _frame(self, kind: str, tint: int) -> str:
        stroke = f"{self.looks.line}pt+luma(60%)" if self.looks.grids else f"{self.looks.line}pt"
        return {
            "plain": "", "frame": f"stroke:{stroke}", "tint": f"fill:{_rgb(tint)}", "both": f"fill:{_rgb(tint)},stroke:{stroke},radius:2pt",
            "bar": "stroke:(left:2pt+luma(50%))", "rules": f"stroke:(top:{stroke},bottom:{stroke})",
        }[kind]  # fmt: skip

    @staticmethod
    def _spaced(inside: str) -> str:
        return f"#block(above:1em,below:1em)[{inside}]"

    def _code(self, part: Code) -> str:
        lines = (
            [f"{index:>3}  {line}" for index, line in enumerate(part.lines, 1)]
            if part.numbered
            else part.lines
        )
        text = _quoted("\n".join(lines)).replace("\n", "\\n")
        inset = "(y:.2em)" if part.look == "plain" else ".6em"
        said = f"#set par(leading:.5em,justify:false)\n#text(fill:{_rgb(part.color)},size:{self.looks.code}em)[#raw({text},block:true)]"
        block = f"#region({part.region},block(width:100%,inset:{inset},{self._frame(part.look, 0xF0F0F0)})[{said}])"
        return self._spaced(f"#pad(left:{part.left}em)[{block}]")

    def _display(self, part: Display) -> str:
        rows = []
        align = "start" if part.left else "center"
        for said, number in part.rows:
            shown = f"#text(fill:{_rgb(said.color)})[$ {maths.typst(said.tree)} $]"
            if number is None:
                rows.append(f"[#align({align})[{shown}]]")
            else:
                first = "0pt" if part.left else "2.5em"
                rows.append(
                    f"grid(columns:({first},1fr,2.5em),align:({align}+horizon,{align}+horizon,end+horizon),[],[{shown}],[{self.inline(number)}])"
                )
        return self._spaced(
            f"#region({part.region},block(width:100%)[#show math.equation: set align({align})\n#stack(spacing:.7em,{','.join(rows)})])"
        )

    def _table(self, part: Table) -> str:
        line = self.looks.line
        strokes = {
            "all": f"{line}pt", "booktabs": "none", "rows": f"(x,y)=>(bottom:{line}pt)", "none": "none", "frame": "none",
            "columns": f"(x,y)=>(left:{line}pt,right:{line}pt)",
        }  # fmt: skip
        columns = ",".join(
            "1fr" if part.wide and (kind == "p" or "p" not in part.align) else "auto" for kind in part.align
        )
        fills = [f"if y < {part.heads} {{{_rgb(part.tint)}}} else" for _ in range(1) if part.tint is not None]
        odd = f"if calc.odd(y) {{{_rgb(part.stripe)}}} else {{none}}" if part.stripe is not None else "{none}"
        aligns = ",".join(
            {"l": "start", "p": "start", "c": "center", "r": "end"}[kind] for kind in part.align
        )
        cells = [f"[{self.words(cell)}]" for row in part.rows for cell in row]
        if part.rules == "booktabs":
            cells.insert(0, f"table.hline(y:0,stroke:{2 * line}pt)")
            cells.append(f"table.hline(y:{len(part.rows)},stroke:{2 * line}pt)")
        if part.heads and part.rules in ("booktabs", "frame", "columns"):
            cells.append(f"table.hline(y:{part.heads},stroke:{line}pt)")
        inset = ("x:.5em,y:.3em", "x:.6em,y:.45em", "x:.4em,y:.25em")[part.region % 3]
        made = f"table(columns:({columns},),stroke:{strokes[part.rules]},inset:({inset}),align:({aligns},),fill:(x,y)=>{' '.join([*fills, odd])},{','.join(cells)})"
        if part.rules == "frame":
            made = f"block(stroke:{line}pt,{made})"
        settings = (
            f"#set text(size:{part.size}em)\n#set par(justify:false,leading:.45em,first-line-indent:0pt)\n"
        )
        table = f"#align({('center', 'center', 'start')[part.region % 3]})[{settings}#region({part.region},{made})]"
        return self._captioned(table, part.caption, part.above)

    def _captioned(self, inside: str, caption: Line, above: bool) -> str:
        align, size = self.looks.caption
        said = f"#block(width:100%,above:.8em,below:.8em)[#set text(size:{size}em)\n#set par(first-line-indent:0pt,justify:false)\n#align({align})[{self.words(caption)}]]"
        rows = [said, inside] if above else [inside, said]
        return f"#block(above:1.4em,below:1.4em,breakable:false,width:100%)[{chr(10).join(rows if caption else [inside])}]"

    def _figure(self, part: Figure) -> str:
        drawn = []
        for kind, *numbers in part.shapes:
            x, y, u, v, *fill = (value if value is None else round(value, 2) for value in numbers)
            if kind == "line":
                drawn.append(f"#place(top+left,line(start:({x}pt,{y}pt),end:({u}pt,{v}pt),stroke:.6pt))")
            else:
                paint = f"fill:{_rgb(fill[0])}" if fill[0] is not None else "stroke:.6pt"
                drawn.append(f"#place(top+left,dx:{x}pt,dy:{y}pt,{kind}(width:{u}pt,height:{v}pt,{paint}))")
        for x, y, words in part.labels:
            drawn.append(
                f"#place(top+left,dx:{x - 60:.2f}pt,dy:{y - 10:.2f}pt,box(width:120pt,height:20pt)[#set align(center+horizon)\n#text(size:{part.size}pt)[{self.inline(words)}]])"
            )
        size = f"width:{part.width:.1f}pt,height:{part.height:.1f}pt"
        link = f'#place(top+left,link("http://r/{part.region}",box({size})))'
        inside = f"#align(center)[#set text(font:{_quoted(self.page.sheet.look.head)})\n#set par(justify:false)\n#block({size})[#set align(left)\n{link}{''.join(drawn)}]]"
        return self._captioned(inside, part.caption, False)

    def _leader(self, part: Leader) -> str:
        label = f"#mark({1.6 + part.depth * 0.8}em,[{self.inline(part.label)}])" if part.label else ""
        dots = (
            f"#box(width:1fr,repeat(gap:{(0, 0.15, 0.4)[self.page.sheet.look.accent % 3]}em)[{self.inline(part.dots)}])"
            if part.dots
            else "#h(1fr)"
        )
        above = self.looks.leading + part.gap
        return f"#block(above:{above:.2f}em,below:{self.looks.leading:.2f}em,width:100%)[#pad(left:{part.depth * self.looks.step}em)[#set par(justify:false,first-line-indent:0pt)\n{label}{self.inline(part.words)} {dots} {self.inline(part.number)}]]"

    # The page.

    def _band(self, band: tuple[Words | None, ...], name: str) -> str:
        if not any(band):
            return ""
        cells = ",".join(f"[{self.inline(each) if each else ''}]" for each in band)
        only = [index for index, each in enumerate(band) if each]
        if len(only) == 1:
            made = f"#align({('start', 'center', 'end')[only[0]]})[{self.inline(band[only[0]])}]"  # type: ignore[arg-type]
        else:
            wide = "auto" if band[1] else "0pt"
            made = f"#grid(columns:(1fr,{wide},1fr),column-gutter:.5em,align:(start,center,end),{cells})"
        rule = f"#line(length:100%,stroke:{self.looks.line}pt)" if self.looks.ruled in (name, "both") else ""
        rows = [made, rule] if name == "head" else [rule, made]
        return f"#set text(size:{self.looks.band}em)\n#set par(spacing:.4em,first-line-indent:0pt)\n#stack(spacing:.4em,{','.join(f'[{row}]' for row in rows if row)})"

    def source(self, index: int) -> str:
        """The page as Typst's source; ``index`` is the sheet's in its print."""
        page, seen, looks, text = self.page, self.page.sheet.look, self.looks, self.page.sheet.text
        body = self.parts(page.parts)
        if page.head and page.columns > 1:
            body = f'#place(top,scope:"parent",float:true,clearance:1.2em)[{self.parts(page.head)}]\n{body}'
        elif page.head:
            body = self.parts(page.head) + "\n\n" + body
        indent = f"(amount:{max(seen.indent, 0)}em,all:{'true' if looks.grids else 'false'})"
        hang = f",hanging-indent:{-seen.indent}em" if seen.indent < 0 else ""
        link = f'place(top+left,link("http://s/{index}",box(width:9pt,height:5pt)))'
        margins = (
            f"left:{seen.left:.1f}pt,right:{seen.right:.1f}pt,top:{seen.top:.1f}pt,bottom:{seen.bottom:.1f}pt"
        )
        return (
            f"#[#set text(font:{_quoted(seen.body)},size:{seen.size}pt,lang:{_quoted(text.language)})\n"
            f"#set par(justify:{'true' if seen.justify else 'false'},leading:{looks.leading:.2f}em,spacing:{looks.leading + looks.gap:.2f}em,first-line-indent:{indent}{hang})\n"
            f"#show math.equation: set text(font:{_quoted(looks.math)})\n#show raw: set text(font:{_quoted(seen.mono)})\n"
            f"#set columns(gutter:16pt)\n"
            f"#page(width:{seen.width}pt,height:{seen.height}pt,margin:({margins}),columns:{page.columns},header:[{self._band(page.above, 'head')}],"
            f"footer:[{self._band(page.below, 'foot')}],background:{link})[\n{body}\n]]\n"
        )


def compile_pdf(source: str) -> bytes:
    """Prints Typst's source, in a process of its own: Typst keeps what it made. Raises RuntimeError with what it said."""
    said = subprocess.run(
        [sys.executable, "-c", _COMPILE],
        input=source.encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    if said.returncode:
        raise RuntimeError(f"Typst: {said.stderr.decode(errors='replace')[-2000:]}")
    return said.stdout


def make_page(seed: int, names: Sequence[str]) -> tuple[str, Page]:
    """The document's name and its tree."""
    rng = random.Random(f"typst {seed}")
    name = rng.choices(names, [SHARES[each] for each in names])[0]
    sheet = new_sheet(rng, name, _LANGUAGES)
    if rng.random() < 0.3:
        sheet.look.body = rng.choice(_OWN[:4])
    if rng.random() < 0.3:
        sheet.look.head = sheet.look.body
    if rng.random() < 0.25:
        sheet.look.mono = _OWN[4]
    return name, DOCUMENTS[name][0](sheet)


def make_batch(seeds: Sequence[int], names: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of the pages with these seeds, and why pages were left out."""
    made = [make_page(seed, names) for seed in seeds]
    pdf = compile_pdf(
        _PREAMBLE + "".join(_Setter(page).source(index) for index, (_, page) in enumerate(made))
    )
    return truth.records(
        pdf, [(f"typst/{made[index][0]}", seeds[index], made[index][1].sheet) for index in owners(pdf)]
    )
