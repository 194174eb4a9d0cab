r"""Formulas that people wrote, mined from the sources of documentation: TeX files and pages that MathJax sets.

    python -m training.text.build --mined FOLDER --out SHARDS [--held-out]

FOLDER holds unpacked documentation, of Debian packages for instance (`apt-get download PACKAGE`, `dpkg-deb -x`). What
is mined stays on the machine that mines it; it is never part of the repository. These packages of Debian 12 ("main",
so free by Debian's guidelines) have been mined:

- LaTeX Project Public License, GPL, GFDL, Creative Commons and others, file by file: texlive-{latex-base,
  latex-recommended,latex-extra,science,publishers,humanities,metapost,fonts-extra,fonts-recommended}-doc;
- GPL: vignettes of r-cran-{bbmle,coin,expm,flexmix,gsl,gstat,lme4,maptools,matrix,multcomp,mvtnorm,ordinal,party,pscl,
  psych,rmpfr,sandwich,strucchange,surveillance,survival,zoo}; pari-doc, python-cvxopt-doc, lammps-doc, libdune-*-doc,
  libgudhi-doc, libitpp-doc, sagemath-doc, yade-doc; AGPL: r-cran-glmmtmb;
- LGPL: libdeal.ii-doc, libflint-doc, libflint-arb-doc; MPL: libeigen3-doc;
- BSD and MIT: python-{scipy,statsmodels,sympy,sklearn,skimage,mpmath,astropy,lmfit,qutip,dipy,nipy,sasmodels}-doc,
  ceres-solver-doc, nlopt-doc, pymca-doc, slepc3.18-doc, trilinos-doc, r-cran-mcmc.

A file's own macros are expanded where they are plain replacements. A formula that then holds a command which the
canonical form (`docvlm.latex`) does not know is left out, and so is whatever is set verbatim.
"""

from __future__ import annotations

import gzip
import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docvlm.formulas.detokenizer import SPECIALS, UNKNOWN
from docvlm.formulas.tokens import LatexTokenizer
from docvlm.latex import LatexError, normalize, pieces

_TEX, _PAGE = (".tex", ".ltx", ".dtx", ".rnw"), ".html"
_LARGEST = 8_000_000  # bytes of a file
_FOLDERS = 12  # one folder of sources in so many is kept for validation
_LONGEST = 220  # tokens
_TRIVIAL = 0.04  # of all formulas; single symbols and numbers
_BODIES = {
    **dict.fromkeys(("equation", "displaymath", "math"), ""),
    **dict.fromkeys(("align", "alignat", "flalign", "eqnarray"), "aligned"),
    **dict.fromkeys(("gather", "multline"), "gathered"),
}
_NOT_READ = re.compile(
    r"\\begin\s*\{((?:[bB]?[vV]erbatim|lstlisting|alltt|minted|macrocode|comment|filecontents|tikzpicture|pspicture"
    r"|picture|S(?:input|output|code))\*?)\}.*?\\end\s*\{\1\}"
    r"|\\(?:verb|lstinline)\*?([^\sA-Za-z*{]).*?\2|^<<.*?>>=.*?^@",
    re.DOTALL | re.MULTILINE,
)
_SHORT_VERBATIM = re.compile(r"\|[^|\n]*\|")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*)?")
_FORMULA = re.compile(
    r"\\\\|\\[$%]"
    r"|\$\$(?P<dollars>[^$]+)\$\$|\$(?P<dollar>(?:[^$\\]|\\.)+)\$"
    r"|\\\[(?P<square>.*?)\\\]|\\\((?P<round>.*?)\\\)"
    rf"|\\begin\{{(?P<name>(?:{'|'.join(_BODIES)})\*?)\}}(?P<body>.*?)\\end\{{(?P=name)\}}",
    re.DOTALL,
)
_NOT_SHOWN = re.compile(r"<(pre|script|style|code)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_MARK_UP = re.compile(r"<[^>]*>")
_MACRO = re.compile(
    r"\\(?:new|renew|provide)command\*?\s*\{?\s*\\(?P<new>[A-Za-z]+)\s*\}?\s*(?:\[(?P<count>\d)\])?\s*(?=\{)"
    r"|\\def\s*\\(?P<defined>[A-Za-z]+)(?P<numbers>(?:#\d)*)\s*(?=\{)"
    r"|\\DeclareMathOperator(?P<below>\*?)\s*\{?\s*\\(?P<operator>[A-Za-z]+)\s*\}?\s*(?=\{)"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_WORDS = re.compile(r"\\(?:text[a-z]*|[mhf]box)\s*(?=\{)")
_NAMES = re.compile(r"\\(?:begin|end|text|operatorname\*?|math(?:rm|sf|tt|it))\{[^{}]*\}|\\[A-Za-z]+")
_EXPANSIONS = 100  # in one formula
# What prints nothing of its own, or what only a display may have.
_LEFT_OUT = re.compile(
    r"\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag|displaybreak(?:\[\d\])?|xspace)(?![A-Za-z])"
)
# What the normal form drops or misreads although it prints, and what does things to TeX.
_REFUSED = re.compile(
    r'[#@"`\0]|[^\x00-\x7f]|\\(?:def|let|input|include|write|read|open|catcode|global|newcommand|csname|expandafter|if|fi'
    r"|else|the|par|item|ref|eqref|pageref|cite|color|textcolor|raise|lower|vcenter|[vr]box|vtop|setbox|copy|box|char"
    r"|[hvm]skip|m?kern|[rl]lap|put|index|footnote|strut|rule|font|math(?:choice|palette|surround)|hline|cline|multicolumn"
    r"|intertext|shortintertext|begin\{(?:tabular|CD|picture|minipage))(?![a-z])|\\hbox\s*(?!\{)"
)


@dataclass(frozen=True, slots=True)
class Mined:
    """A formula that someone wrote: its canonical text, a source for math mode, and whether it stood on its own."""

    text: str
    source: str
    shown: bool


def mine(folder: Path, tokenizer: LatexTokenizer, held_out: bool = False) -> list[Mined]:
    """The distinct formulas of all sources below ``folder`` that the tokenizer can write, in a fixed order.

    The sources of one folder belong together, to training or, ``held_out``, to validation; a formula that both have
    is training's. Single symbols are few, however many there were.
    """
    sources: dict[bool, list[Path]] = {False: [], True: []}
    for path in sorted(folder.rglob("*")):
        if _suffix(path) in (*_TEX, _PAGE) and path.is_file() and path.stat().st_size < _LARGEST:
            sources[_is_held_out(path)].append(path)
    found = _distinct(sources[False])
    if held_out:
        known = set(found)
        found = {text: each for text, each in _distinct(sources[True]).items() if text not in known}
    written = [each for each in found.values() if _is_written(each.text, tokenizer)]
    trivial = [each for each in written if _is_trivial(each.text)]
    kept = set(trivial[:: max(1, round(len(trivial) / max(1, _TRIVIAL * len(written))))])
    return [each for each in written if each in kept or not _is_trivial(each.text)]


def formulas_in(text: str, suffix: str = ".tex") -> Iterator[Mined]:
    """The formulas of one source, as often as they stand in it, and the rows of those that have several."""
    for source, shown in _sources(text, suffix):
        for part in (source, *_rows(source)):
            if len(part) < 2000 and (mined := _mined(part, shown)):
                yield mined


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _is_held_out(path: Path) -> bool:
    return zlib.crc32(path.parent.name.encode()) % _FOLDERS == 0


def _distinct(paths: list[Path]) -> dict[str, Mined]:
    """The formulas by their canonical texts, each as it was met first."""
    found: dict[str, Mined] = {}
    for path in paths:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for each in formulas_in(data.decode("utf-8", "replace"), _suffix(path)):
            found.setdefault(each.text, each)
    return found


def _is_written(text: str, tokenizer: LatexTokenizer) -> bool:
    return tokenizer.vocabulary[SPECIALS[UNKNOWN]] not in tokenizer.encode(text, "formula")


def _is_trivial(text: str) -> bool:
    """Whether it is a number, or next to nothing."""
    return len(pieces(text)) < 3 or not re.search(r"[^-+\d.,]", text)


# --- one source -----------------------------------------------------------------------------------


def _sources(text: str, suffix: str) -> Iterator[tuple[str, bool]]:
    """What stands between the marks of math, its macros expanded, and whether it is a display."""
    if suffix == _PAGE:
        if r"\(" not in text and r"\[" not in text:
            return
        text = _MARK_UP.sub("\0", _NOT_SHOWN.sub("\0", text))
        text = html.unescape(text).replace("$", "\0").replace("%", r"\%").replace(r"\\%", r"\%")
    elif suffix == ".dtx":  # documentation is what a program would not read
        lines = (line.lstrip("%").partition("^^A")[0] for line in text.splitlines() if line[:1] == "%")
        text = "\n".join(lines)
    short = suffix == ".dtx" or "MakeShortVerb" in text
    text = _NOT_READ.sub(" ", _COMMENT.sub(r"\1", text))
    macros = _macros(text)
    if short:
        text = _SHORT_VERBATIM.sub(" ", text)
    for match in _paragraphwise(text):
        name = (match["name"] or "").rstrip("*")
        body = match["dollars"] or match["dollar"] or match["square"] or match["round"] or match["body"]
        if body and (source := _expanded(body, macros)):
            yield _as_box(source, name), not (match["dollar"] or match["round"])


def _paragraphwise(text: str) -> Iterator[re.Match[str]]:
    """Formulas in their order; a dollar that no other closes in its paragraph does not swallow the next one's."""
    at = 0
    while match := _FORMULA.search(text, at):
        lost = match["dollar"] is not None and re.search(r"\n[ \t]*\n", match["dollar"])
        at = match.start() + 1 if lost else match.end()
        if not lost:
            yield match


def _as_box(source: str, name: str) -> str:
    """A display's body as math that may stand in a line."""
    if name == "alignat":
        source = re.sub(r"^\s*\{\d+\}", "", source)
    if name == "eqnarray":  # three columns there, two here
        source = re.sub(r"&([^&\\]*(?:\\(?!\\)[^&\\]*)*)&", r"&\1", source)
    source = re.sub(r"\\(begin|end)\{split\}", r"\\\1{aligned}", source)
    source = re.sub(r"(?:\\\\\s*)+$", "", " ".join(_LEFT_OUT.sub("", source).split())).strip()
    several = _BODIES.get(name) and (r"\\" in source or "&" in source)
    return rf"\begin{{{_BODIES[name]}}}{source}\end{{{_BODIES[name]}}}" if several else source


def _rows(source: str) -> Iterator[str]:
    """The rows of a display of several, as pages that number each show them."""
    match = re.fullmatch(r"\\begin\{(aligned|gathered)\}(.*)\\end\{\1\}", source, re.DOTALL)
    if match and r"\begin" not in match[2]:
        rows = re.split(r"\\\\(?:\[[^\]]*\])?", match[2])
        if len(rows) > 1:
            yield from (re.sub(r"(?<!\\)&", " ", row).strip() for row in rows)


def _mined(source: str, shown: bool) -> Mined | None:
    """None for what is no formula, or none that could be set and read."""
    if _REFUSED.search(source) or any("\\" in words for words in _texts(source)):
        return None
    try:
        text = normalize(source)
    except LatexError:
        return None
    if not 0 < len(pieces(text)) <= _LONGEST or text.startswith("{}") or not re.search("[0-9A-Za-z]", text):
        return None
    if re.search("[a-z]{5}", _NAMES.sub(" ", text)):
        return None  # a word in italics, no product
    rows = re.match(r"\\begin\{(aligned|gathered)\}", text)
    if rows and not source.startswith(r"\begin"):
        source = rf"\begin{{{rows[1]}}}{source}\end{{{rows[1]}}}"
    return Mined(text, source, shown)


def _texts(source: str) -> Iterator[str]:
    """The words in a formula, without the math that they hold."""
    for match in _WORDS.finditer(source):
        end = _closing(source, match.end())
        yield re.sub(r"\$[^$]*\$", "", source[match.end() : end])


# --- macros ---------------------------------------------------------------------------------------

_Macros = dict[str, tuple[int, str]]  # how many arguments each takes, and what it stands for


def _macros(text: str) -> _Macros:
    found: _Macros = {}
    for match in _MACRO.finditer(text):
        end = _closing(text, match.end())
        body = text[match.end() + 1 : end - 1]
        if match["operator"]:
            found[match["operator"]] = 0, rf"\operatorname{match['below']}{{{body}}}"
        elif match["new"]:
            found[match["new"]] = int(match["count"] or 0), body
        else:
            found[match["defined"]] = match["numbers"].count("#"), body
    return {name: macro for name, macro in found.items() if len(macro[1]) < 200}


def _expanded(source: str, macros: _Macros) -> str:
    """``source`` with its author's macros written out; empty where that does not end."""
    at = 0
    for _ in range(_EXPANSIONS):
        match = next((each for each in _COMMAND.finditer(source, at) if each[1] in macros), None)
        if match is None:
            return source
        count, body = macros[match[1]]
        given, end = _arguments(source, match.end(), count)
        for number, argument in enumerate(given, 1):
            body = body.replace(f"#{number}", f" {argument}")
        gap = " " if source[end : end + 1].isalpha() else ""
        # What is built on the command that it replaces is not expanded again.
        recurs = re.search(rf"\\{match[1]}(?![A-Za-z])", body)
        at = match.start() + (len(body) if recurs else 0)
        source = source[: match.start()] + body + gap + source[end:]
    return ""


def _arguments(text: str, at: int, count: int) -> tuple[list[str], int]:
    """``count`` arguments of a macro whose name ends at ``at``, and where they end."""
    given = []
    for _ in range(count):
        while text[at : at + 1].isspace():
            at += 1
        start, at = at, _closing(text, at)
        given.append(text[start + 1 : at - 1] if text[start : start + 1] == "{" else text[start:at])
    return given, at


def _closing(text: str, start: int) -> int:
    """Where the argument that begins at ``start`` ends: a group in braces, a command, or a character."""
    if text[start : start + 1] != "{":
        command = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL).match(text, start)
        return command.end() if command else start
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return len(text)
