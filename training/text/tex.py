r"""Formulas set by TeX, hundreds in one run, one a page.

A run costs as much as several hundred formulas, most of it for loading fonts; so each run has one set of fonts. Where
TeX stumbles over a formula, its page is left out and the others stay.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_AMS = r"\usepackage{amssymb}\usepackage{mathrsfs}"
# Preambles by name, each with how often it should be drawn. Some are only for validation.
FONTS = {
    "cm": (_AMS, 22.0),
    "lm": (r"\usepackage{lmodern}" + _AMS, 16.0),
    "newtx": (r"\usepackage{newtxtext,newtxmath}\usepackage{mathrsfs}", 14.0),
    "times": (r"\usepackage{mathptmx}" + _AMS, 8.0),
    "newpx": (r"\usepackage{newpxtext,newpxmath}\usepackage{mathrsfs}", 8.0),
    "stix2": (r"\usepackage{stix2}", 8.0),
    "euler": (_AMS + r"\usepackage{eulervm}", 5.0),
    "kp": (r"\usepackage{kpfonts}", 5.0),
    "charter": (r"\usepackage[charter]{mathdesign}\usepackage{mathrsfs}", 5.0),
    "utopia": (r"\usepackage{amssymb}\usepackage{fourier}\usepackage{mathrsfs}", 5.0),
}
# Only crops are set in these, and no papers: many faces, so that no one's widths and names are learned by heart.
MORE_FONTS = {
    "txfonts": (r"\usepackage{txfonts}\usepackage{mathrsfs}", 2.0),
    "pxfonts": (r"\usepackage{pxfonts}\usepackage{mathrsfs}", 2.0),
    "stix": (r"\usepackage{stix}", 2.0),
    "fouriernc": (r"\usepackage{amssymb}\usepackage{fouriernc}\usepackage{mathrsfs}", 2.0),
    "utopia-md": (r"\usepackage[utopia]{mathdesign}\usepackage{mathrsfs}", 2.0),
    "baskerville": (
        r"\usepackage{baskervillef}\usepackage[baskerville]{newtxmath}\usepackage{mathrsfs}",
        2.0,
    ),
    "cochineal": (r"\usepackage{cochineal}\usepackage[cochineal]{newtxmath}\usepackage{mathrsfs}", 2.0),
    "erewhon": (r"\usepackage{erewhon}\usepackage[utopia]{newtxmath}\usepackage{mathrsfs}", 2.0),
    "xcharter": (r"\usepackage{XCharter}\usepackage[xcharter]{newtxmath}\usepackage{mathrsfs}", 2.0),
    "cmbright": (r"\usepackage{cmbright}" + _AMS, 2.0),
    "noto": (r"\usepackage{notomath}\usepackage{mathrsfs}", 2.0),
    "mathabx": (r"\usepackage{amssymb}\usepackage{mathabx}\usepackage{mathrsfs}", 2.0),
    "fdsymbol": (r"\usepackage{amssymb}\usepackage{fdsymbol}\usepackage{mathrsfs}", 2.0),
    "mnsymbol": (r"\usepackage{amssymb}\usepackage{MnSymbol}\usepackage{mathrsfs}", 2.0),
    "sfmath": (r"\usepackage{helvet}\usepackage{sansmath}\sansmath" + _AMS, 1.0),
}
_BOLD = r"\AtBeginDocument{\renewcommand\boldsymbol[1]{\symbfit{#1}}}"
MORE_FONTS |= {
    name: (rf"\usepackage{{unicode-math}}\setmathfont{{{file}.otf}}{_BOLD}", 1.5)
    for name, file in (
        ("latinmodern-otf", "latinmodern-math"),
        ("newcm-otf", "NewCMMath-Regular"),
        ("stixtwo-otf", "STIXTwoMath-Regular"),
        ("xits-otf", "XITSMath-Regular"),
        ("asana-otf", "Asana-Math"),
        ("erewhon-otf", "Erewhon-Math"),
        ("xcharter-otf", "XCharter-Math"),
        ("garamond-otf", "Garamond-Math"),
        ("kp-otf", "KpMath-Regular"),
    )
}
HELD_OUT_FONTS = {
    "libertinus": (
        r"\usepackage{amssymb}\usepackage{libertinus}\usepackage{libertinust1math}\usepackage{mathrsfs}",
        1.0,
    ),
    "palatino": (r"\usepackage{mathpazo}" + _AMS, 1.0),
}
# Where script and calligraphic letters are the same glyphs, one name is written for both.
ONE_SCRIPT = {
    name: (r"\mathscr", r"\mathcal") for name in [*MORE_FONTS, "stix2"] if name.endswith(("otf", "stix2"))
}
ONE_SCRIPT["times"] = (r"\mathcal", r"\mathscr")
ALL_FONTS = FONTS | MORE_FONTS | HELD_OUT_FONTS
# Names that AMS's packages have and some font packages lack, or name otherwise.
PROVIDED = r"""
\providecommand{\mathfrak}[1]{\mathcal{#1}}\providecommand{\mathscr}[1]{\mathcal{#1}}
\providecommand{\leqslant}{\leq}\providecommand{\geqslant}{\geq}\providecommand{\nmid}{\not\mid}
"""
_HEAD = r"""\documentclass[%s]{article}
%s\usepackage{amsmath,mathtools}%s%s
%s
\makeatletter
\def\B#1{\setbox0\hbox\bgroup#1}
\def\E{\egroup\pdfpagewidth\dimexpr\wd0+20bp\relax\pdfpageheight\dimexpr\ht0+\dp0+20bp\relax
\csname tex_shipout:D\endcsname\box0 \setbox0\vbox{\noindent\par}}
\begin{document}
"""
# What a program needs at the start, and how it is told to put a page's first point ten points from its corner.
_PDFTEX = (
    r"\usepackage[T1]{fontenc}",
    r"\pdfcompresslevel0 \pdfobjcompresslevel0 \pdfhorigin0pt \pdfvorigin0pt \hoffset10bp \voffset10bp",
)
_XETEX = ("", r"\hoffset\dimexpr10bp-1in\relax\voffset\hoffset")
_SECONDS = 20  # of processor time; a thousand formulas take one
_ERROR = re.compile(r"^! .*?^l\.(\d+) ", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A box to set: LaTeX for horizontal mode (math with its dollars) and a command for its size."""

    source: str
    size: str = r"\normalsize"


def available() -> bool:
    """Whether TeX is installed here."""
    return shutil.which("pdflatex") is not None


def set_pages(pieces: Sequence[Piece], preamble: str, points: int = 10) -> tuple[bytes, list[int]]:
    """One PDF with a page for each piece, and the numbers of those that went wrong (their pages are there, too).

    The page is larger than the piece by 10 points each way. Raises RuntimeError where TeX made no PDF at all.
    """
    modern = "unicode-math" in preamble
    encoding, origin = _XETEX if modern else _PDFTEX
    head = _HEAD % (f"{points}pt", encoding, preamble, PROVIDED.replace("\n", ""), origin)
    first = head.count("\n") + 1
    lines = [rf"\B{piece.size} {piece.source}\E" for piece in pieces]
    assert not any("\n" in line for line in lines), "a piece is one line, so that errors can be told apart"
    with tempfile.TemporaryDirectory() as folder:
        source = head + "\n".join(lines) + "\n\\end{document}\n"
        data, log = _run(source, folder, "xelatex" if modern else "pdflatex")
    wrong = {int(number) - first for number in _ERROR.findall(log)}
    if not data or min(wrong, default=0) < 0:
        raise RuntimeError("TeX made no pages: " + log[-800:])
    return data, sorted(wrong)


def set_document(source: str) -> tuple[bytes, str]:
    """A whole document as PDF, and the log of its last run. Raises RuntimeError where TeX finds an error in it."""
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):  # the second run knows the references
            data, log = _run(source, folder)
            if not data or _ERROR.search(log):
                raise RuntimeError("TeX stumbled: " + log[max(0, log.find("\n! ")) :][:800])
    return data, log


def _run(source: str, folder: str, program: str = "pdflatex") -> tuple[bytes, str]:
    """The PDF that one run makes in ``folder``, empty where it makes none, and the log."""
    path = Path(folder, "source.tex")
    path.write_text(source, encoding="utf-8")
    subprocess.run(
        [program, "-interaction=nonstopmode", "-no-shell-escape", path.name],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_limit_time,
        check=False,
    )
    log = path.with_suffix(".log").read_text("latin-1") if path.with_suffix(".log").is_file() else ""
    made = path.with_suffix(".pdf").is_file() and "no output PDF file" not in log
    return path.with_suffix(".pdf").read_bytes() if made else b"", log


def _limit_time() -> None:
    """TeX may loop over an error for ever."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
