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
HELD_OUT_FONTS = {
    "libertinus": (
        r"\usepackage{amssymb}\usepackage{libertinus}\usepackage{libertinust1math}\usepackage{mathrsfs}",
        1.0,
    ),
    "palatino": (r"\usepackage{mathpazo}" + _AMS, 1.0),
}
# Names that AMS's packages have and some font packages lack, or name otherwise.
PROVIDED = r"""
\providecommand{\mathfrak}[1]{\mathcal{#1}}\providecommand{\mathscr}[1]{\mathcal{#1}}
\providecommand{\leqslant}{\leq}\providecommand{\geqslant}{\geq}\providecommand{\nmid}{\not\mid}
"""
_HEAD = r"""\documentclass[%s]{article}
\usepackage[T1]{fontenc}\usepackage{amsmath,mathtools}%s%s
\pdfcompresslevel0 \pdfobjcompresslevel0 \pdfhorigin0pt \pdfvorigin0pt \hoffset10bp \voffset10bp
\makeatletter
\def\B#1{\setbox0\hbox\bgroup#1}
\def\E{\egroup\pdfpagewidth\dimexpr\wd0+20bp\relax\pdfpageheight\dimexpr\ht0+\dp0+20bp\relax
\csname tex_shipout:D\endcsname\box0 }
\begin{document}
"""
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
    head = _HEAD % (f"{points}pt", preamble, PROVIDED.replace("\n", ""))
    first = head.count("\n") + 1
    lines = [rf"\B{piece.size} {piece.source}\E" for piece in pieces]
    assert not any("\n" in line for line in lines), "a piece is one line, so that errors can be told apart"
    with tempfile.TemporaryDirectory() as folder:
        data, log = _run(head + "\n".join(lines) + "\n\\end{document}\n", folder)
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


def _run(source: str, folder: str) -> tuple[bytes, str]:
    """The PDF that one run makes in ``folder``, empty where it makes none, and the log."""
    path = Path(folder, "source.tex")
    path.write_text(source, encoding="utf-8")
    subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", path.name],
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
