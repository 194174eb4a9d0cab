"""Words and inline Markdown as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markdown_it.token import Token

from docvlm import inline
from docvlm.latex import sound
from docvlm.writers.latex_characters import CJK_RUN, GREEK, SCRIPT_RUN, SYMBOLS, clean

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "`": r"\textasciigrave{}", '"': r"\textquotedbl{}",
    # Brackets and stars would be read as arguments of the command before them.
    "[": "{[}", "]": "{]}", "*": "{*}",
}  # fmt: skip
_PATTERN = re.compile(
    rf"(?P<ligature>(?P<_same>[-<>,'])(?=(?P=_same)))|(?P<special>[{re.escape(''.join(_SPECIAL))}])"
    rf"|(?P<symbol>[{re.escape(''.join(SYMBOLS))}])|(?P<cjk>{CJK_RUN})|(?P<script>{SCRIPT_RUN})"
)
_VERBATIM = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"}
_TAGS = {
    "strong_open": r"\textbf{", "em_open": r"\textit{", "s_open": r"\docvlmstrike{",
    "sup_open": r"\textsuperscript{", "sub_open": r"\textsubscript{", "code_open": r"\texttt{",
    "u_open": r"\docvlmunderline{", "mark_open": r"\docvlmmark{",
}  # fmt: skip


def escape(text: str) -> str:
    """Plain text as LaTeX that prints exactly it."""
    return _PATTERN.sub(_escaped, clean(text))


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    if match["ligature"]:
        return found + "{}"
    if match["special"]:
        return _SPECIAL[found]
    return SYMBOLS[found] if match["symbol"] else _foreign(found, bool(match["cjk"]))


def _foreign(run: str, cjk: bool) -> str:
    if run in GREEK:  # a lone letter is a symbol, a run of them a word
        return GREEK[run]
    return rf"\docvlm{'cjk' if cjk else 'script'}{{{run}}}"


def verbatim(code: str) -> str:
    """Source code as an ``alltt`` environment: no word of it can end the environment."""
    code = clean(code).expandtabs(4).strip("\n")
    body = re.sub(
        rf"(?P<special>[\\{{}}])|(?P<cjk>{CJK_RUN})|(?P<script>{SCRIPT_RUN})",
        lambda m: _VERBATIM.get(m[0]) or _foreign(m[0], bool(m["cjk"])),
        code,
    )
    return f"\\begin{{alltt}}\n{body}\n\\end{{alltt}}"


def text(markdown: str) -> str:
    """Inline Markdown as LaTeX without blank lines."""
    return spans(inline.children(markdown)).strip()


def spans(tokens: Iterable[Token]) -> str:
    """Inline tokens as LaTeX."""
    return "".join(map(_span, tokens))


def _span(token: Token) -> str:
    if token.type in _TAGS:
        return _TAGS[token.type]
    if token.type == "link_open":
        return link(str(token.attrGet("href") or ""))
    if token.type.endswith("_close"):
        return "}"
    if token.type == "code_inline":
        return rf"\texttt{{{escape(token.content)}}}"
    if token.type.startswith("math_inline"):
        return math(token.content)
    if token.type in ("hardbreak", "break"):
        return "\\newline{}"
    return "\n" if token.type == "softbreak" else escape(token.content)


def link(target: str) -> str:
    """How a link begins; a brace ends it."""
    if re.fullmatch(r"#page-\d+", target):
        return rf"\hyperlink{{{target[1:]}}}{{"
    return rf"\href{{{_url(target)}}}{{"


def _url(url: str) -> str:
    # The parser has percent-encoded all that is not plain ASCII.
    return re.sub(r"[%#&_$]", r"\\\g<0>", re.sub(r"[\\{}^~\s]", "", url))


def math(latex: str) -> str:
    """A formula in the line; its source in typewriter where it is not sound LaTeX."""
    safe = sound(latex, escape)
    return f"${safe}$" if safe is not None else rf"\texttt{{{escape(latex)}}}"


def display(latex: str) -> str:
    """A formula on lines of its own; its source as code where it is not sound LaTeX."""
    safe = sound(latex, escape)
    return f"\\[\n{safe}\n\\]" if safe is not None else verbatim(latex)


def blocks(tokens: Sequence[Token]) -> str:
    """Block tokens (of a list, mostly) as LaTeX."""
    return re.sub(r"\n{3,}", "\n\n", "".join(_Blocks().render(tokens))).strip()


class _Blocks:
    """Walks block tokens; LaTeX nests lists only four deep, so deeper ones join the fourth."""

    _MAX_DEPTH = 4
    _COUNTERS = ("enumi", "enumii", "enumiii", "enumiv")

    def __init__(self) -> None:
        self.open: list[str] = []

    def render(self, tokens: Sequence[Token]) -> list[str]:
        return [self._block(token) for token in tokens]

    def _block(self, token: Token) -> str:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            return self._open_list(token)
        if token.type in ("bullet_list_close", "ordered_list_close"):
            return self._close_list()
        if token.type == "list_item_open":
            return "\n\\item {}"
        if token.type == "inline":
            return spans(token.children or [])
        if token.type in ("fence", "code_block"):
            return f"\n{verbatim(token.content)}\n"
        if token.type == "math_block":
            return f"\n{display(token.content)}\n"
        return (
            "\n\n"
            if token.type in ("paragraph_close", "heading_close", "tr_close", "hr")
            else _BLOCKS.get(token.type, "")
        )

    def _open_list(self, token: Token) -> str:
        name = "itemize" if token.type == "bullet_list_open" else "enumerate"
        self.open.append(name)
        if len(self.open) > self._MAX_DEPTH:
            return "\n"
        start = token.attrGet("start")
        counter = self._COUNTERS[self.open.count("enumerate") - 1]
        begin = (
            rf"\setcounter{{{counter}}}{{{int(start) - 1}}}"
            if name == "enumerate" and start is not None
            else ""
        )
        return f"\n\\begin{{{name}}}{begin}"

    def _close_list(self) -> str:
        depth, name = len(self.open), self.open.pop()
        return "\n" if depth > self._MAX_DEPTH else f"\n\\end{{{name}}}\n"


_BLOCKS = {"td_close": " ", "th_close": " "}
