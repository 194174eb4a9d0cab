"""Formulas from a model as LaTeX that compiles: known commands only, everything balanced.

A model may write anything, and a document may make it do so. Commands that are not known to only print are printed, not
run; a formula that cannot be balanced is refused, and its source is shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from docvlm.latex.commands import (
    SET_DELIMITERS,
    SET_ENVIRONMENTS,
    SET_OPERATORS,
    SET_PUNCTUATION,
    SET_SYMBOLS,
    SET_TEXTS,
    SET_WITH_ARGUMENTS,
    SIZES,
    SUBSTITUTES,
    TAKES,
)
from docvlm.latex.parser import Parser
from docvlm.latex.tokens import LatexError, gap, stripped
from docvlm.latex.tree import Node, inside

_SCRIPTS = ("^", "_", "'")
_BLANK_LINES = re.compile(r"\n\s*\n")
_PERCENT = re.compile(r"(\\.)|%", re.DOTALL)
_TAGS = (r"\tag", r"\tag*")
_SILENT = frozenset(
    [r"\nonumber", r"\notag", r"\hline", r"\(", r"\)", r"\[", r"\]", r"\middle", r"\displaylimits", r"\label"]
)
# What is printed and not run takes nothing: what stands behind it is printed, too. Operators' names may be math.
_TAKES = {name: TAKES[name].replace("w", "m") for name in SET_WITH_ARGUMENTS} | {
    name: TAKES[name] for name in (*SET_TEXTS, *SIZES, *_TAGS, r"\label")
}

Escape = Callable[[str], str]


def sound(latex: str, escape: Escape) -> str | None:
    """``latex`` (math mode, without its delimiters) made to compile, or None where that is impossible.

    ``escape`` turns plain text into LaTeX; it is used for words and characters that are not LaTeX.
    A formula that needs no change keeps its author's spaces and braces.
    """
    source = _BLANK_LINES.sub("\n", stripped(latex))
    printer = _Printer(escape)
    try:
        rows = printer.rows(Parser(_typed(source), _TAKES).rows())
    except LatexError:
        return None
    if len(rows) > 1 or len(rows[0]) > 1:
        return printer.environment("aligned" if any(len(row) > 1 for row in rows) else "gathered", rows)
    written = rows[0][0] or "{}"
    unchanged = source != "" and not printer.mended and _bare(written) == _bare(source)
    return source if unchanged else written


def _typed(source: str) -> str:
    """One line without comments: a model's percent sign is one."""
    return _PERCENT.sub(lambda match: match[1] or r"\%", source).replace("\n", " ")


def _bare(latex: str) -> str:
    return re.sub(r"[\s{}]", "", latex)


def _joined(parts: list[str]) -> str:
    """Parts in a row, with a space only where a command's name would run into a letter."""
    out = ""
    for part in parts:
        out += gap(out, part) + part
    return out


class _Printer:
    """Prints what was written, and knows whether it ``mended`` what TeX would take for something else."""

    def __init__(self, escape: Escape) -> None:
        self.escape = escape
        self.mended = False

    def rows(self, rows: list[list[list[Node]]]) -> list[list[str]]:
        return [[self._sequence(cell) for cell in row] for row in rows]

    def environment(self, name: str, rows: list[list[str]]) -> str:
        width = max(map(len, rows))
        if (name == "cases" and width > 2) or (name == "gathered" and width > 1):
            name = "aligned"
        columns = f"{{{'c' * width}}}" if name == "array" else ""
        lines = " \\\\\n".join(" & ".join(map(self._guarded, row)) or "{}" for row in rows)
        return f"\\begin{{{name}}}{columns}\n{lines}\n\\end{{{name}}}"

    def _guarded(self, cell: str) -> str:
        """TeX would take a bracket or a star behind a row's end for that command's own."""
        if cell[:1] not in ("[", "*"):
            return cell
        self.mended = True
        return "{}" + cell

    def _sequence(self, nodes: list[Node]) -> str:
        out: list[str] = []
        for is_script, run in groupby(nodes, lambda node: node.head in _SCRIPTS):
            if is_script:
                out.append(self._scripts(run))
            else:
                for node in run:
                    out.append(self._atom(node, out[-1] if out else ""))
        return _joined(out)

    def _scripts(self, run: Iterator[Node]) -> str:
        """A run of scripts; a second one of the same kind gets an empty base of its own."""
        out, used = "", set[str]()
        for node in run:
            mark = "^" if node.head == "'" else node.head
            if mark in used and not (node.head == "'" and out.endswith("'")):
                out, used, self.mended = out + "{}", set(), True
            used.add(mark)
            out += node.head + "".join(map(self._argument, node.arguments))
        return out

    def _argument(self, argument: list[Node]) -> str:
        [node] = argument
        if node.head == "{}":
            return self._atom(node)
        if node.head == "'":
            raise LatexError("a prime is no argument")
        # TeX takes only a command's name as the argument, and a bracket as an option: both need braces.
        is_name = node.head.startswith("\\") and node.head not in SET_SYMBOLS
        self.mended = self.mended or is_name or node.head in ("[", "*")
        return f"{{{self._atom(node)}}}"

    def _atom(self, node: Node, before: str = "") -> str:
        head = node.head
        if head == "{}":
            return f"{{{self._sequence(node.arguments[0])}}}"
        if head.startswith("\\"):
            return self._command(node, before)
        if head in "#$":
            return "\\" + head
        if head == "~":
            return "\\ "
        return head if head.isascii() else self._text(head)

    def _text(self, words: str) -> str:
        return f"\\text{{{self.escape(words)}}}"

    def _command(self, node: Node, before: str) -> str:
        head = node.head
        if head in SET_PUNCTUATION:
            return head
        if head in SET_WITH_ARGUMENTS:
            return self._with_arguments(node)
        if head in SET_SYMBOLS or head in SET_OPERATORS:
            return SUBSTITUTES.get(head, head)
        if head in SIZES:
            return head + _delimiter(node.words[0])
        if head == r"\left":
            left, right = map(_delimiter, node.words)
            return rf"\left{left}{self._sequence(node.arguments[0])}\right{right}"
        if head == r"\begin":
            return self._environment(node)
        if head == r"\substack":
            lines = [" ".join(row) for row in self.rows(node.rows)]
            return "\\substack{" + "\\\\ ".join(f"{{{line}}}" for line in lines) + "}"
        return self._words(node, before)

    def _with_arguments(self, node: Node) -> str:
        option = "" if node.option is None else f"[{{{self._sequence(node.option)}}}]"
        arguments = "".join(map(self._argument, node.arguments))
        return SUBSTITUTES.get(node.head, node.head) + option + arguments

    def _environment(self, node: Node) -> str:
        name = SET_ENVIRONMENTS.get(node.words[0])
        if name is None:
            raise LatexError(f"{node.words[0]} is no environment of math mode")
        return self.environment(name, self.rows(node.rows))

    def _words(self, node: Node, before: str) -> str:
        """What prints words, or nothing, or is printed itself."""
        head = node.head
        if head in SET_TEXTS:
            # Of a letter beyond ASCII pdfTeX would take only the first byte.
            self.mended = self.mended or not node.words[0].startswith("{")
            return self._text(_plain(node.words[0]))
        if head in _TAGS:
            return self._text(f"({_plain(node.words[0]).strip()})")
        if head in (r"\limits", r"\nolimits"):
            return head if before in SET_OPERATORS else ""
        return "" if head in _SILENT else self._text(head)


def _plain(words: str) -> str:
    """Words without the commands and the marks of math in them."""
    plain = re.sub(r"\\[A-Za-z]+\*?|[\\{}$]", "", inside(words).replace("~", " "))
    return re.sub(r"\s+", " ", plain)


def _delimiter(token: str) -> str:
    if token not in SET_DELIMITERS:
        raise LatexError(f"{token} is no delimiter")
    return token + (" " if token[-1:].isalpha() else "")
