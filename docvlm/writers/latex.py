"""Document -> a complete LaTeX document for pdflatex (Latin text) and xelatex (any script)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from docvlm import inline
from docvlm.schema import Content, Kind
from docvlm.tables import cells
from docvlm.writers import chart_table, flow, latex_characters, latex_table, latex_text

_SECTIONS = ("section", "subsection", "subsubsection", "paragraph", "subparagraph")
_PATH = re.compile(r"[\w ./()+,=@-]+")
_CJK_FONTS = (
    "Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Serif SC", "Source Han Sans SC", "Songti SC",
    "SimSun", "FandolSong", "WenQuanYi Zen Hei",
)  # fmt: skip
_SCRIPT_FONTS = ("DejaVu Sans", "FreeSerif", "Noto Sans", "Arial Unicode MS", "Arial", "Liberation Serif")

_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage{iftex}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,amssymb}
\IfFileExists{mathrsfs.sty}{\usepackage{mathrsfs}}{\let\mathscr\mathcal}
\usepackage{alltt,array,booktabs,longtable,multirow,graphicx}
\usepackage[export]{adjustbox}
\newcommand\docvlmmissing[1]{\mbox{\fboxsep=1pt\fbox{\tiny\ttfamily #1}}}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \usepackage{textcomp}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
  \newcommand\docvlmcjk[1]{#1}
  \newcommand\docvlmscript[1]{#1}
  \newcommand\docvlmprovide[3]{\ifcsname u8:\detokenize{#1}\endcsname\else\DeclareUnicodeCharacter{#2}{#3}\fi}
%(characters)s
\else
  \usepackage{fontspec}
%(fonts)s
\fi
\newcommand\docvlmstrike[1]{#1}
\newcommand\docvlmunderline[1]{#1}
\newcommand\docvlmmark[1]{#1}
\IfFileExists{ulem.sty}{\usepackage[normalem]{ulem}
  \let\docvlmstrike\sout\let\docvlmunderline\uline\let\docvlmmark\uwave}{}
\usepackage[hidelinks]{hyperref}
\setcounter{MaxMatrixCols}{50}
\setlength\parindent{0pt}
\setlength\parskip{.6em plus .2em}
\emergencystretch=3em
\begin{document}
"""


def write(document: Content) -> str:
    """The document as LaTeX source, ending in a newline."""
    stream = flow.of(document)
    parts = [_item(item, stream).strip() for item in stream.items]
    if all(part.startswith("%") for part in parts if part):
        parts.append(r"\mbox{}")  # TeX writes no file without a page
    body = "\n\n".join(part for part in parts if part)
    return f"{_preamble(body)}\n{body}\n\n\\end{{document}}\n"


def _preamble(body: str) -> str:
    fonts = [_font("cjk", _CJK_FONTS, body), _font("script", _SCRIPT_FONTS, body)]
    filled = _PREAMBLE.replace("%(characters)s", latex_characters.declarations(body)).replace(
        "%(fonts)s", "\n".join(fonts)
    )
    return re.sub(r"\n{2,}", "\n", filled)


def _font(name: str, candidates: tuple[str, ...], body: str) -> str:
    """For xelatex: the command that sets a script, in the first font at hand."""
    command = rf"\docvlm{name}"
    if command + "{" not in body:
        return rf"  \newcommand{command}[1]{{#1}}"
    choice = rf"\newcommand{command}font{{}}"
    for font in reversed(candidates):
        choice = rf"\IfFontExistsTF{{{font}}}{{\newfontfamily{command}font{{{font}}}}}{{{choice}}}"
    breaks = r'\XeTeXlinebreaklocale "zh"\XeTeXlinebreakskip=0pt plus 1pt ' if name == "cjk" else ""
    return f"  {choice}\n" + rf"  \newcommand{command}[1]{{{{{command}font{_xetex(breaks)}#1}}}}"


def _xetex(code: str) -> str:
    return rf"\ifXeTeX{code}\fi " if code else " "


def _item(item: flow.Piece | flow.Notice | flow.Anchor | flow.Remark, stream: flow.Flow) -> str:
    if isinstance(item, flow.Remark):
        return rf"\textit{{{latex_text.escape(item.text)}}}"
    if isinstance(item, flow.Anchor):
        return rf"\hypertarget{{{item.name}}}{{}}"
    if isinstance(item, flow.Notice):
        return f"% {latex_characters.clean(item.text)}"
    return _WRITERS[item.kind](item, stream)


def _heading(piece: flow.Piece, _: flow.Flow) -> str:
    level = min(max(piece.block.level or 1, 1), len(_SECTIONS))
    text = latex_text.text(piece.text).replace(r"\newline{}", " ").replace("\n", " ")
    return rf"\{_SECTIONS[level - 1]}*{{{text}}}" if text else ""


def _paragraph(piece: flow.Piece, _: flow.Flow) -> str:
    return latex_text.text(re.sub(r"\n\s*\n", "\n", piece.text))


def _caption(piece: flow.Piece, stream: flow.Flow) -> str:
    text = _paragraph(piece, stream)
    return f"\\begin{{center}}\n\\small {text}\n\\end{{center}}" if text else ""


def _footnote(piece: flow.Piece, stream: flow.Flow) -> str:
    text = _paragraph(piece, stream)
    return f"{{\\footnotesize {text}\\par}}" if text else ""


def _list(piece: flow.Piece, _: flow.Flow) -> str:
    return latex_text.blocks(inline.parser().parse(piece.text))


def _code(piece: flow.Piece, _: flow.Flow) -> str:
    return latex_text.verbatim(piece.text)


def _formula(piece: flow.Piece, stream: flow.Flow) -> str:
    latex = (piece.block.latex or "").strip()
    return latex_text.display(latex) if latex else _figure(piece, stream)


def _table(piece: flow.Piece, stream: flow.Flow) -> str:
    return latex_table.write(piece.table) if piece.table else _figure(piece, stream)


def _figure(piece: flow.Piece, stream: flow.Flow) -> str:
    parts = [_image(piece, stream)]
    if piece.chart:
        numbers = cells.sound(chart_table.from_chart(piece.chart))
        parts += [
            latex_table.write(numbers),
            rf"\textit{{{latex_text.escape(chart_table.reliability(piece.chart))}}}",
        ]
    return "\n\n".join(part for part in [*parts, _paragraph(piece, stream)] if part)


def _image(piece: flow.Piece, stream: flow.Flow) -> str:
    asset = piece.block.asset
    if not asset:
        return ""
    alt = rf"\fbox{{{latex_text.escape(stream.alt(piece, 60))}}}"
    if _PATH.fullmatch(asset):
        picture = rf"\includegraphics[max width=\linewidth,max height=.8\textheight]{{{asset}}}"
        alt = rf"\IfFileExists{{{asset}}}{{{picture}}}{{{alt}}}"
    if piece.link:
        alt = f"{latex_text.link(html.unescape(piece.link))}{alt}}}"
    return f"\\begin{{center}}\n{alt}\n\\end{{center}}"


_WRITERS: dict[Kind, Callable[[flow.Piece, flow.Flow], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "caption": _caption,
    "footnote": _footnote,
    "annotation": _footnote,
    "list": _list,
    "code": _code,
    "formula": _formula,
    "table": _table,
    "picture": _figure,
    "chart": _figure,
}
