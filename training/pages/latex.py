"""Pages set by pdfLaTeX, from the trees of `training.pages.documents`.

Some seeds that follow each other share a run, with a class, fonts and a size of type; margins, page sizes, headings and
lists are each sheet's own. Each page has a link that names its sheet, so that a document that runs over gives a record for
each of its pages. It needs Debian's texlive-latex-extra, texlive-fonts-extra and lm.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.pages import maths, truth
from training.pages.documents import DOCUMENTS
from training.pages.sheets import SHARES, new_sheet, owners
from training.pages.tree import (
    Box,
    Code,
    Display,
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

_RUN = 25  # seeds of a run of pdfLaTeX
_SECONDS = 120
_LANGUAGES = {"en": 66, "de": 11, "fr": 9, "es": 8, "pl": 6}
_PATTERNS = {"de": "ngerman", "fr": "french", "es": "spanish", "pl": "polish"}
_CLASSES = ("article",) * 8 + ("report", "book", "book", "scrartcl", "scrbook", "amsart", "memoir")
_SIZES = (10, 10, 10, 11, 11, 12)
_LATIN = r"\usepackage[T1]{fontenc}\renewcommand\ttdefault{lmtt}\renewcommand\sfdefault{lmss}"
_FIRST = r"\def\textdollar{\char36 }\def\textsection{$\mathsection$}"
_FONTS = (
    *(_LATIN + r"\usepackage{lmodern}",) * 5,
    *(_FIRST,) * 4,  # Computer Modern as TeX had it first, in English only
    *(_LATIN + r"\usepackage{mathptmx}\usepackage[scaled=.92]{helvet}\usepackage{courier}",) * 3,
    _LATIN + r"\usepackage{newtxtext,newtxmath}\renewcommand\sfdefault{lmss}",
    _LATIN + r"\usepackage{mathpazo}",
    _LATIN + r"\usepackage{newpxtext,newpxmath}\renewcommand\sfdefault{lmss}",
    _LATIN + r"\usepackage{libertine}\usepackage[libertine]{newtxmath}",
    _LATIN + r"\usepackage{charter}",
    _LATIN + r"\usepackage{bookman}",
    _LATIN + r"\usepackage{fourier}",
    _LATIN + r"\usepackage{kpfonts}",
    _LATIN + r"\usepackage{helvet}\renewcommand\familydefault{\sfdefault}",
    _LATIN + r"\usepackage{lmodern}\renewcommand\familydefault{\sfdefault}",
    _LATIN + r"\usepackage[default]{sourcesanspro}",
    _LATIN + r"\usepackage{ebgaramond}",
)
_THEMES = (
    "default",
    "default",
    "Madrid",
    "Boadilla",
    "Frankfurt",
    "Singapore",
    "CambridgeUS",
    "Pittsburgh",
    "metropolis",
)
_MACROS = r"""
\usepackage{xcolor}\let\Bbbk\relax\usepackage{amsmath,amssymb,booktabs,graphicx}
\makeatletter
\long\def\K#1#2{\ifmmode\else\leavevmode\fi\pdfcolorstack0 push{#1 rg #1 RG}#2\pdfcolorstack0 pop\relax}
\def\link#1#2#3#4{\pdfannot width #2 height #3 depth #4{/Subtype/Link/Border[0 0 0]/A<</S/URI/URI(http://#1)>>}}
\long\def\R#1#2{{\setbox0\hbox{#2}\leavevmode\hbox{\link{r/#1}{\wd0}{\ht0}{\dp0}\box0}}}
\long\def\fit#1{{\setbox0\hbox{#1}\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\box0}\else\box0\fi}}
\long\def\wideenough#1#2{{\setbox0\hbox{#2\hskip.4em}\ifdim\wd0>#1 \box0\else\hbox to#1{#2\hfil}\fi}}
\long\def\band#1#2#3{\hbox to\textwidth{\rlap{#1}\hfil#2\hfil\llap{#3}}}
\def\leftlabel#1{#1\hfil}\def\rightlabel#1{\hfil#1}
\def\theheadband{}\def\thefootband{}\def\thesheet{0}
\AddToHook{shipout/background}{\put(0,-9){\link{s/\thesheet}{9pt}{5pt}{0pt}}}
"""
_LAYOUT = r"""
\def\ps@own{\def\@oddhead{\theheadband}\let\@evenhead\@oddhead\def\@oddfoot{\thefootband}\let\@evenfoot\@oddfoot}
\def\layout#1#2#3#4#5#6#7{\pdfpagewidth#1bp\pdfpageheight#2bp\paperwidth#1bp\paperheight#2bp
  \oddsidemargin\dimexpr#3bp-1in\relax\evensidemargin\oddsidemargin\textwidth\dimexpr#1bp-#3bp-#4bp\relax
  \headheight12pt\headsep.35\dimexpr#5bp\relax\topmargin\dimexpr#5bp-1in-\headheight-\headsep\relax\textheight\dimexpr#2bp-#5bp-#6bp\relax\footskip.5\dimexpr#6bp\relax
  \columnsep16pt\@colht\textheight\@colroom\textheight\vsize\textheight\columnwidth\textwidth
  \ifnum#7=2 \@twocolumntrue\advance\columnwidth-\columnsep\divide\columnwidth2 \@firstcolumntrue\else\@twocolumnfalse\fi
  \hsize\columnwidth\linewidth\hsize}
\long\def\@makefntext#1{\noindent#1}
\def\head#1#2#3#4{\@startsection{section}{9}{0pt}{-#1}{#2}{#3}*{#4}}
\flushbottom\frenchspacing\interfootnotelinepenalty10000\emergencystretch2em\hbadness10000\vbadness10000\hfuzz100pt\vfuzz100pt
"""
_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "•": r"$\bullet$", "◦": r"$\circ$", "▪": r"{\tiny$\blacksquare$}", "·": r"$\cdot$", "□": r"$\Box$", "–": "--", "—": "---", "✓": r"\checkmark{}",
    "✗": r"$\times$", "±": r"$\pm$", "°": r"$^\circ$", "€": "EUR", "£": "GBP ", "“": "``", "”": "''", "„": r"\quotedblbase{}", "’": "'",
    "§": r"\S{}", "†": r"$\dagger$", "‡": r"$\ddagger$", "×": r"$\times$", "÷": r"$\div$", "\u2003": r"\quad{}", "−": "$-$", "µ": r"$\mu$", "μ": r"$\mu$", "Ω": r"$\Omega$", "²": r"$^2$", "³": r"$^3$", "©": "(c)",
}  # fmt: skip
_KNOWN = re.compile(r"[\x20-\x7eÀ-ſ¿¡«»]")
_ALIGN = {"centre": r"\centering", "right": r"\raggedleft"}
_LEVELS = (r"\section*", r"\subsection*", r"\subsubsection*")


def _tex(text: str, mono: bool = False) -> str:
    """Words as LaTeX's source; signs that its fonts have not become question marks."""
    made = "".join(_SIGNS.get(sign) or (sign if _KNOWN.match(sign) else "?") for sign in text)
    if mono:
        made = made.replace("-", "-{}").replace("'", "'{}").replace("`", "`{}")
    return made


def _ink(number: int) -> str:
    """A run's number as PDF writes a colour."""
    return " ".join(f"{(number >> shift & 255) / 255:.4f}" for shift in (16, 8, 0))


@dataclass(frozen=True, slots=True)
class _Setup:
    """What the sheets of a run share."""

    cls: str
    size: int
    fonts: str
    theme: str
    languages: Mapping[str, float]


def _setup(seed: int, names: Sequence[str]) -> _Setup:
    rng = random.Random(f"latex run {seed // _RUN}")
    total = sum(SHARES[name] for name in names)
    slides = rng.random() * total < (SHARES["slide"] if "slide" in names else 0)
    fonts = rng.choice(_FONTS)
    languages = {"en": 1.0} if fonts == _FIRST else _LANGUAGES
    if slides:
        return _Setup("beamer", 11, _LATIN if fonts == _FIRST else fonts, rng.choice(_THEMES), _LANGUAGES)
    return _Setup(rng.choice(_CLASSES), rng.choice(_SIZES), fonts, "", languages)


class _Setter:
    """Writes the parts of one page."""

    def __init__(self, page: Page, setup: _Setup) -> None:
        self.page, self.setup, self.rng = page, setup, page.sheet.rng
        rng = self.rng
        self.code = rng.choice((r"\small", r"\small", r"\footnotesize", r"\normalsize"))
        self.caption = rng.choice((r"\small", r"\normalsize", r"\footnotesize"))
        self.centred = rng.random() < 0.6
        self.own_heads = setup.cls == "amsart" or rng.random() < 0.35
        shapes = (
            r"\bfseries",
            r"\bfseries",
            r"\sffamily\bfseries",
            r"\itshape",
            r"\scshape",
            r"\bfseries\itshape",
        )
        self.heads = tuple(
            (rng.choice((1.2, 1.8, 2.4)), rng.choice((0.3, 0.6, 1)), size + rng.choice(shapes) + rng.choice(("", "", r"\centering", r"\raggedright")))
            for size in (rng.choice((r"\LARGE", r"\Large", r"\large")), rng.choice((r"\large", r"\normalsize")), r"\normalsize")
        )  # fmt: skip
        self.title = rng.choice(
            (r"\LARGE", r"\LARGE\bfseries", r"\huge\bfseries", r"\Large\sffamily\bfseries")
        )
        self.tight = rng.random() < 0.4
        self.rule = rng.choice((0, 0, 1, 2, 3))
        self.skip = rng.random() < 0.25  # space between paragraphs instead of indents
        self.frame = rng.choice(("0.5", "0", "0.7"))
        self.band = rng.choice((r"\small", r"\normalsize", r"\footnotesize"))

    def _run(self, number: int, inside: str) -> str:
        return f"\\K{{{_ink(number)}}}{{{inside}}}"

    # Words.

    def words(self, line: Line) -> str:
        return "".join(self.inline(each) for each in line)

    def inline(self, said: Inline) -> str:
        if isinstance(said, Maths):
            return self._run(said.color, f"${maths.latex(said.tree)}$")
        if isinstance(said, Mark):
            mark = self._run(said.color, f"\\textsuperscript{{{_tex(said.text)}}}")
            return f"{mark}\\footnotetext{{{self.words(self.page.notes[said.note])}}}"
        made = _tex(said.text, "m" in said.style)
        spaces = len(made) - len(made.rstrip(" "))
        made, after = made.rstrip(" "), " " * min(1, spaces)
        if made.startswith(" "):
            made = r"\ " + made.lstrip(" ")
        for letter, name in (
            ("b", "textbf"),
            ("i", "textit"),
            ("m", "texttt"),
            ("c", "textsc"),
            ("r", "textsuperscript"),
        ):
            if letter in said.style:
                made = f"\\{name}{{{made}}}"
        if "u" in said.style and " " not in made:
            made = f"\\underline{{{made}}}"
        if "s" in said.style:
            made = f"{{\\small {made}}}"
        return self._run(said.color, made) + after

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
                return self._listing(part)
            case Code():
                return self._code(part)
            case Display():
                return self._display(part)
            case Table():
                return self._table(part)
            case Figure():
                return self._figure(part)
            case Box():
                return self._spaced(
                    f"\\R{{{part.region}}}{{{self._framed(part.look, part.tint, self.parts(part.parts))}}}"
                )
            case Leader():
                return self._leader(part)
            case Space():
                return f"\\par\\vspace*{{{part.ems}em}}" + (
                    r"\noindent\rule{\linewidth}{.5pt}\par" if part.rule else ""
                )
            case Indented():
                return self._inward(part.left, self.parts(part.parts))

    @staticmethod
    def _inward(left: float, inside: str) -> str:
        return f"\\begin{{list}}{{}}{{\\leftmargin{left}em\\rightmargin0pt\\listparindent0pt\\parsep\\parskip\\topsep.3em\\partopsep0pt}}\\item\\relax\n{inside}\n\\end{{list}}"

    def _heading(self, part: Heading) -> str:
        said = self.words(part.words)
        if part.label:
            said = self.inline(part.label) + r"\quad " + said
        if part.level == 0:
            align = r"\centering" if self.centred or self.page.columns > 1 else r"\raggedright"
            return f"{{{align}{self.title} {said}\\par}}\\vspace{{.6em}}"
        if self.setup.cls == "beamer":
            return f"{{\\bfseries {said}\\par}}"
        if self.own_heads:
            above, below, style = self.heads[part.level - 1]
            return f"\\head{{{above}em plus -.4em}}{{{below}em}}{{\\normalfont{style}}}{{{said}}}"
        return f"{_LEVELS[part.level - 1]}{{{said}}}"

    def _paragraph(self, part: Paragraph) -> str:
        kind, lines = part.kind.removesuffix("-lines"), part.kind.endswith("lines")
        said = "\\\\\n".join(self.inline(each) for each in part.words) if lines else self.words(part.words)
        if kind == "body":
            return said + r"\par"
        if kind == "theorem":
            return f"\\par\\smallskip\\noindent{{\\itshape {said}\\par}}\\smallskip"
        if kind == "abstract":
            return self._both_sides(f"\\small {said}\\par", "1.5em" if self.centred else "0pt")
        if kind == "quote":
            return self._both_sides(said, "2.5em")
        if kind in ("centre", "right"):
            return f"{{{_ALIGN[kind]} {said}\\par}}\\smallskip"
        return f"\\noindent {said}\\par"

    @staticmethod
    def _both_sides(inside: str, margin: str) -> str:
        return f"\\begin{{list}}{{}}{{\\leftmargin{margin}\\rightmargin{margin}\\listparindent0pt\\parsep0pt}}\\item\\relax {inside}\\end{{list}}"

    def _listing(self, part: Listing) -> str:
        gap = f"\\itemsep{part.gap if self.tight else part.gap + 0.15}em\\parsep0pt\\topsep.4em\\partopsep0pt"
        if part.kind == "below":
            items = "".join(
                f"\\item[]\\hskip-{part.wide}em{self.words(entry.mark)}\\\\*\n{self.words(entry.words)}" for entry in part.entries
            )  # fmt: skip
            return f"\\begin{{list}}{{}}{{\\leftmargin{part.wide}em\\labelwidth0pt\\labelsep0pt\\itemindent0pt{gap}}}{items}\\end{{list}}"
        if part.kind == "beside":
            items = "".join(
                f"\\item[{{{self.words(entry.mark)}}}] {self.words(entry.words)}\n" for entry in part.entries
            )
            return f"\\begin{{list}}{{}}{{\\leftmargin{part.wide + 0.8}em\\labelwidth{part.wide}em\\labelsep.8em\\let\\makelabel\\leftlabel {gap}}}{items}\\end{{list}}"
        if part.kind == "runin":
            items = "".join(
                f"\\item[]{self.words(entry.mark)} {self.words(entry.words)}\n" for entry in part.entries
            )
            return f"\\begin{{list}}{{}}{{\\leftmargin1.5em\\itemindent-1.5em\\labelwidth0pt\\labelsep0pt{gap}}}{items}\\end{{list}}"
        if part.kind == "plain":
            return "\n\n".join(f"{{\\leftskip{entry.depth * part.wide}em\\noindent {self.words(entry.mark)} {self.words(entry.words)}\\par}}\\vspace{{{part.gap}em}}" for entry in part.entries)  # fmt: skip
        if part.kind == "hung":
            return "\n\n".join(
                f"{{\\leftskip{(entry.depth + 1) * part.wide}em\\parindent-{part.wide}em\\rightskip0pt plus4em {self.words(entry.mark)}{self.words(entry.words)}\\par}}\\vspace{{{part.gap}em}}"
                for entry in part.entries
            )
        return self._hanging(part, gap)

    def _hanging(self, part: Listing, gap: str) -> str:
        """Marks before the text, each to the right or the left of its place, in two levels."""
        align = "right" if self.centred else "left"
        begin = "\\begin{{list}}{{}}{{\\leftmargin{}em\\labelwidth{}em\\labelsep.5em\\let\\makelabel\\{}label {}}}"
        out, depth = [begin.format(part.wide + part.left + 0.5, part.wide, align, gap)], 0
        for entry in part.entries:
            if entry.depth > depth:
                out.append(begin.format(part.wide + 0.5, part.wide, align, gap))
            elif entry.depth < depth:
                out.append(r"\end{list}")
            depth = entry.depth
            out.append(f"\\item[{{{self.words(entry.mark)}}}] {self.words(entry.words)}")
        return "\n".join(out) + r"\end{list}" * (depth + 1)

    def _framed(self, kind: str, tint: int, inside: str) -> str:
        """Parts in a box as wide as the column."""
        pad = {"plain": "0pt", "rules": "3pt"}.get(kind, "6pt")
        width = (
            r"\dimexpr\linewidth-2\fboxsep"
            + (r"-2\fboxrule" if kind in ("frame", "both") else "")
            + r"\relax"
        )
        page = f"\\begin{{minipage}}{{{width}}}\\parindent0pt {inside}\\end{{minipage}}"
        color = f"{tint:06X}"
        rule = self.frame if self.frame != "0" else "0.4"
        made = {
            "plain": page, "frame": f"\\fbox{{{page}}}", "tint": f"\\colorbox[HTML]{{{color}}}{{{page}}}", "both": f"\\fcolorbox[HTML]{{888888}}{{{color}}}{{{page}}}",
            "bar": f"\\vrule width2pt\\hskip6pt\\begin{{minipage}}{{\\dimexpr\\linewidth-10pt\\relax}}{inside}\\end{{minipage}}",
            "rules": f"\\begin{{minipage}}{{\\linewidth}}\\hrule height{rule}pt\\vskip3pt\\parindent0pt {inside}\\par\\vskip3pt\\hrule height{rule}pt\\end{{minipage}}",
        }[kind]  # fmt: skip
        return f"\\fboxsep{pad}\\fboxrule{rule}pt {made}"

    @staticmethod
    def _spaced(inside: str) -> str:
        return f"\\par\\addvspace{{.6em}}{{\\parskip0pt\\noindent{inside}\\par}}\\addvspace{{.6em}}"

    def _code(self, part: Code) -> str:
        lines = []
        for index, line in enumerate(part.lines, 1):
            shown = _tex((f"{index:>3}  " if part.numbered else "") + line, mono=True).replace(" ", r"\ ")
            lines.append(f"\\hbox{{{self._run(part.color, shown)}}}")
        body = "\n".join(lines)
        inside = f"{{{self.code}\\ttfamily\\baselineskip1.15em\\lineskip0pt\\leavevmode\\vbox{{\\parindent0pt {body}}}}}"
        left = f"\\hskip{part.left}em" if part.left else ""
        width = f"\\linewidth\\dimexpr\\linewidth-{part.left}em\\relax"
        return self._spaced(
            f"{left}{{{width}\\R{{{part.region}}}{{{self._framed(part.look, 0xF0F0F0, inside)}}}}}"
        )

    def _display(self, part: Display) -> str:
        rows = []
        for said, number in part.rows:
            formula = self._run(said.color, f"$\\displaystyle {maths.latex(said.tree)}$")
            left = r"\hskip2em" if part.left else r"\hfil"
            side = f"\\llap{{{self.inline(number)}}}" if number else ""
            rows.append(f"\\hbox to\\linewidth{{{left}{formula}\\hfil{side}}}")
        return self._spaced(
            f"\\R{{{part.region}}}{{\\vbox{{\\lineskip.5em\\lineskiplimit.5em {chr(10).join(rows)}}}}}"
        )

    def _table(self, part: Table) -> str:
        columns = len(part.align)
        long = part.align.count("p")
        share = (0.9 - 0.22 * (columns - long)) / long if long else 0
        kinds = [f"p{{{max(0.2, share):.2f}\\linewidth}}" if kind == "p" else kind for kind in part.align]
        bar = "|" if part.rules in ("all", "columns") else ""
        outer = "|" if part.rules == "frame" else bar
        stretch = "@{\\extracolsep{\\fill}}" if part.wide and not long and not bar else ""
        spec = outer + stretch + bar.join(kinds) + outer
        line = r"\hline" if part.rules in ("all", "rows") else ""
        top, middle, bottom = {"booktabs": (r"\toprule", r"\midrule", r"\bottomrule"), "all": (r"\hline", "", ""), "frame": (r"\hline", r"\hline", r"\hline"),
                               "columns": (r"\hline", r"\hline", r"\hline")}.get(part.rules, ("", "", ""))  # fmt: skip
        rows = [top]
        for index, row in enumerate(part.rows):
            fill = part.tint if index < part.heads else part.stripe if index % 2 else None
            shade = f"\\rowcolor[HTML]{{{fill:06X}}}" if fill is not None and not stretch else ""
            rows.append(shade + " & ".join(f"{{{self.words(cell)}}}" for cell in row) + r"\\" + line)
            if index == part.heads - 1:
                rows.append(middle)
        rows.append(bottom)
        name, width = ("tabular*", r"{\linewidth}") if stretch else ("tabular", "")
        size = {0.8: r"\footnotesize", 0.85: r"\footnotesize", 0.9: r"\small"}.get(part.size, "")
        made = f"\\begin{{{name}}}{width}{{{spec}}}{chr(10).join(filter(None, rows))}\\end{{{name}}}"
        pad = (6, 4, 5)[part.region % 3]
        stretch_rows = (1, 1.15, 1, 1.3)[part.region % 4]
        table = f"{{\\tabcolsep{pad}pt\\def\\arraystretch{{{stretch_rows}}}{size}\\R{{{part.region}}}{{\\fit{{{made}}}}}}}"
        return self._captioned(table, part.caption, part.above)

    def _captioned(self, inside: str, caption: Line, above: bool) -> str:
        centre = _ALIGN["centre"] if self.centred else ""
        said = f"{{{self.caption}{centre} {self.words(caption)}\\par}}"
        rows = [said, r"\vskip.5em", inside] if above else [inside, r"\par\vskip.5em", said]
        body = "\n".join(rows if caption else [inside])
        return self._spaced(
            f"\\begin{{minipage}}{{\\linewidth}}\\parindent0pt{centre} {body}\\end{{minipage}}"
        )

    def _figure(self, part: Figure) -> str:
        high = part.height
        drawn = []
        for kind, *numbers in part.shapes:
            x, y, u, v = numbers[:4]
            if kind == "line":
                drawn.append(f"{x:.2f} {high - y:.2f} m {u:.2f} {high - v:.2f} l S")
                continue
            fill = numbers[4]
            paint = f"{_ink(fill)} rg" if fill is not None else ""
            drawn.append(
                f"q {paint} {_outline(kind, x, high - y - v, u, v)} {'f' if fill is not None else 'S'} Q"
            )
        labels = "".join(
            f"\\put({x:.2f},{high - y:.2f}){{\\makebox(0,0){{{self.inline(words)}}}}}"
            for x, y, words in part.labels
        )
        font = f"\\fontsize{{{part.size}}}{{{part.size * 1.2:.1f}}}\\selectfont" + (
            r"\sffamily" if self.centred else ""
        )
        picture = f"{{\\unitlength1bp{font}\\begin{{picture}}({part.width:.2f},{high:.2f})\\put(0,0){{\\pdfliteral{{q .6 w {' '.join(drawn)} Q}}}}{labels}\\end{{picture}}}}"
        return self._captioned(f"\\R{{{part.region}}}{{{picture}}}", part.caption, False)

    def _leader(self, part: Leader) -> str:
        left = part.depth * 1.5
        label = (
            f"\\wideenough{{{1.8 + part.depth * 0.8}em}}{{{self.inline(part.label)}}}" if part.label else ""
        )
        wide = (0.44, 0.3, 0.6)[self.page.sheet.look.accent % 3]
        dots = (
            self._run(part.dots.color, f"\\leaders\\hbox to{wide}em{{\\hss.\\hss}}\\hfill")
            if part.dots
            else r"\hfill"
        )
        return f"\\addvspace{{{part.gap}em}}{{\\leftskip{left}em\\rightskip2.5em\\parfillskip-2.5em\\parindent0pt\\parskip0pt\\leavevmode {label}{self.inline(part.words)}\\nobreak\\ {dots}\\nobreak\\hbox to2em{{\\hfil{self.inline(part.number)}}}\\par}}"

    # The page.

    def _band(self, band: tuple[Words | None, ...], above: bool) -> str:
        said = "".join(f"{{{self.inline(each) if each else ''}}}" for each in band)
        rule = self.rule & (1 if above else 2) and any(band)
        line = r"\hrule height.4pt"
        made = f"\\band{said}"
        if rule:
            made = f"\\vbox{{{made}\\vskip3pt{line}}}" if above else f"\\vbox{{{line}\\vskip4pt{made}}}"
        return f"{{{self.band}{made}}}"

    def source(self, index: int) -> str:
        """The page as LaTeX's source; ``index`` is the sheet's in its print."""
        page, seen = self.page, self.page.sheet.look
        name = _PATTERNS.get(page.sheet.text.language, "english")
        start = f"\\clearpage\\gdef\\thesheet{{{index}}}\\gdef\\theheadband{{{self._band(page.above, True)}}}\\gdef\\thefootband{{{self._band(page.below, False)}}}"
        if self.setup.cls == "beamer":
            title = "".join(self.words(part.words) for part in page.head if isinstance(part, Heading))
            return f"{start}\n\\begin{{frame}}[t]{{{title}}}\n{self.parts(page.parts)}\n\\end{{frame}}\n"
        layout = "".join(
            f"{{{value:.1f}}}"
            for value in (seen.width, seen.height, seen.left, seen.right, seen.top, seen.bottom)
        )
        paragraphs = (
            r"\parskip.5em plus.1em\parindent0pt" if self.skip else r"\parskip0pt plus.1em\parindent1.5em"
        )
        ragged = "" if seen.justify or self.rng.random() < 0.7 else r"\rightskip0pt plus4em\relax"
        body = f"{paragraphs}{ragged}\n{self.parts(page.parts)}"
        head = self.parts(page.head)
        if page.columns == 2 and head:
            body = f"\\twocolumn[{{{head}\\vspace{{1em}}}}]{body}"
        elif page.columns == 3:
            body = f"{head}\n\\begin{{multicols}}{{3}}{body}\\end{{multicols}}"
        elif head:
            body = f"{head}\n\n{body}"
        patterns = f"\\ifcsname l@{name}\\endcsname\\language\\csname l@{name}\\endcsname\\fi"
        return f"{start}\\layout{layout}{{{2 if page.columns == 2 else 1}}}{{{patterns}{body}\n\n}}\n"


def _outline(kind: str, x: float, y: float, width: float, height: float) -> str:
    """A rectangle or an ellipse as a path of PDF; y is upwards."""
    if kind == "rect":
        return f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re"
    a, b, k = width / 2, height / 2, 0.5523
    mx, my = x + a, y + b
    corners = ((1, k, k, 1, 0, 1), (-k, 1, -1, k, -1, 0), (-1, -k, -k, -1, 0, -1), (k, -1, 1, -k, 1, 0))
    curves = " ".join(
        " ".join(f"{mx + a * each[i]:.2f} {my + b * each[i + 1]:.2f}" for i in (0, 2, 4)) + " c"
        for each in corners
    )
    return f"{mx + a:.2f} {my:.2f} m {curves}"


def _document(setup: _Setup, pages: Sequence[str]) -> str:
    if setup.cls == "beamer":
        footer = r"\setbeamertemplate{footline}{\hbox to\paperwidth{\hskip.8em\textwidth\dimexpr\paperwidth-1.6em\relax\thefootband\hss}\vskip4pt}"
        header = r"\setbeamertemplate{headline}{}\setbeamertemplate{navigation symbols}{}"
        start = f"\\PassOptionsToPackage{{table}}{{xcolor}}\\documentclass{{beamer}}{setup.fonts}{_MACROS}\\usetheme{{{setup.theme}}}{header}{footer}\\makeatother"
        return f"{start}\\begin{{document}}\\makeatletter\n{''.join(pages)}\\end{{document}}"
    options = f"{setup.size}pt" + (",oneside,openany" if setup.cls in ("book", "scrbook", "memoir") else "")
    start = f"\\PassOptionsToPackage{{table}}{{xcolor}}\\documentclass[{options}]{{{setup.cls}}}{setup.fonts}{_MACROS}\\usepackage{{multicol}}{_LAYOUT}"
    return f"{start}\\pagestyle{{own}}\\begin{{document}}\\pagestyle{{own}}\\makeatletter\\global\\@specialpagefalse\n{''.join(pages)}\\end{{document}}"


def compile_pdf(source: str) -> bytes:
    """Prints LaTeX's source. Raises RuntimeError where it gave no pages."""
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        (Path(folder) / "pages.tex").write_text(source, encoding="utf-8")
        command = ["pdflatex", "-interaction=batchmode", "-no-shell-escape", "pages.tex"]
        try:
            code = subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False, env=os.environ | {"MKTEXPK": "0"}).returncode  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"LaTeX did not end within {_SECONDS} s") from error
        if code:
            log = (Path(folder) / "pages.log").read_text(encoding="utf-8", errors="replace")
            faults = [line for line in log.splitlines() if line.startswith("!")]
            raise RuntimeError(f"LaTeX: {faults[0] if faults else 'no reason given'}")
        return (Path(folder) / "pages.pdf").read_bytes()


def find_latex() -> str | None:
    """The path of pdfLaTeX, where it is installed."""
    return shutil.which("pdflatex")


def make_page(seed: int, names: Sequence[str]) -> tuple[str, Page, _Setup]:
    """The document's name, its tree and what its run shares."""
    setup = _setup(seed, names)
    rng = random.Random(f"latex {seed}")
    those = [name for name in names if (name == "slide") == (setup.cls == "beamer")]
    name = rng.choices(those, [SHARES[each] for each in those])[0]
    sheet = new_sheet(rng, name, setup.languages)
    seen = sheet.look
    seen.size, seen.leading = float(setup.size), 1.2
    if setup.cls == "beamer":
        seen.width, seen.height, seen.left, seen.right, seen.top, seen.bottom = 362.8, 272.1, 28, 28, 40, 24
    return name, DOCUMENTS[name][0](sheet), setup


def make_batch(seeds: Sequence[int], names: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of the pages with these seeds, and why pages were left out."""
    runs: dict[int, list[int]] = defaultdict(list)
    for seed in seeds:
        runs[seed // _RUN].append(seed)
    found: list[dict[str, Any]] = []
    failures: list[str] = []
    for run in runs.values():
        try:
            records, left = _make_run(run, names)
        except RuntimeError as error:
            failures.append(f"latex {run[0]} to {run[-1]}: {error}")
            continue
        found += records
        failures += left
    return found, failures


def _make_run(seeds: Sequence[int], names: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    made = [make_page(seed, names) for seed in seeds]
    pages = [_Setter(page, setup).source(index) for index, (_, page, setup) in enumerate(made)]
    pdf = compile_pdf(_document(made[0][2], pages))
    return truth.records(
        pdf, [(f"latex/{made[index][0]}", seeds[index], made[index][1].sheet) for index in owners(pdf)]
    )
