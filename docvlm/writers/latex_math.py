"""Formulas from a model as LaTeX that compiles: known commands only, everything balanced.

A model may write anything, and a document may make it do so. Commands outside the list below are printed, not
run; a formula that cannot be balanced is refused, and its source is shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from docvlm.writers import latex_commands

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\\\n|\s+|.", re.DOTALL)
_SCRIPTS = ("^", "_", "'")
_BLANK_LINES = re.compile(r"\n\s*\n")
_NAME_END = re.compile(r"\\[A-Za-z]+$")
_MAX_DEPTH = 60

Escape = Callable[[str], str]


class _Unsound(Exception):
    """The formula cannot be made to compile."""


def sound(latex: str, escape: Escape) -> str | None:
    """``latex`` (math mode, without its delimiters) made to compile, or None where that is impossible.

    ``escape`` turns plain text into LaTeX; it is used for words and characters that are not LaTeX.
    """
    try:
        return _Formula(latex, escape).read()
    except _Unsound:
        return None


def _bare(latex: str) -> str:
    return re.sub(r"[\s{}]", "", latex)


def _joined(parts: list[str]) -> str:
    """Parts in a row, with a space only where a command's name would run into a letter."""
    out = ""
    for part in parts:
        out += (" " if part[:1].isalpha() and _NAME_END.search(out) else "") + part
    return out


class _Formula:
    """A recursive reader that writes what it reads; ``at`` is the next token.

    A formula that needs no change keeps its author's spaces and braces.
    """

    def __init__(self, latex: str, escape: Escape) -> None:
        self.source = _BLANK_LINES.sub("\n", latex.strip())
        self.mended = False
        self.tokens: list[str] = [t for t in _TOKEN.findall(self.source) if t.strip() or t.startswith("\\")]
        self.escape = escape
        self.at = 0
        self.depth = 0

    def read(self) -> str:
        cells = self._cells(None)
        if len(cells) == 1 and len(cells[0]) == 1:
            read = cells[0][0] or "{}"
            return self.source if not self.mended and _bare(read) == _bare(self.source) else read
        return self._environment("aligned" if any(len(row) > 1 for row in cells) else "gathered", cells)

    def _peek(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> str:
        if self.at >= len(self.tokens):
            raise _Unsound
        self.at += 1
        return self.tokens[self.at - 1]

    def _cells(self, end: str | None) -> list[list[str]]:
        """Rows of cells up to ``end``, which is consumed."""
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(self._sequence({"&", "\\\\", end or ""}))
            token = self._peek()
            if token is None and end is None:
                return rows
            if self._next() == end:
                return rows
            if token == "\\\\":
                self._skip_optional()
                rows.append([])

    def _skip_optional(self) -> None:
        # "\\[2pt]" is a distance, "\\" before a bracket of the formula is guarded when it is written.
        rest = "".join(self.tokens[self.at : self.at + 12])
        match = re.match(r"\[-?[\d.]+(pt|em|ex|mm|cm|in)\]", rest)
        while match and self._next() != "]":
            pass

    def _sequence(self, stops: set[str]) -> str:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _Unsound
        out: list[str] = []
        while (token := self._peek()) is not None and token not in stops:
            if token in ("}", "&", "\\\\", "\\right", "\\end"):
                raise _Unsound
            out.append(self._scripts() if token in _SCRIPTS else self._atom(out))
        self.depth -= 1
        return _joined(out)

    def _scripts(self) -> str:
        """A run of scripts; a second one of the same kind gets an empty base of its own."""
        out, used = "", set[str]()
        while (token := self._peek()) in _SCRIPTS:
            mark = "^" if token == "'" else str(token)
            if mark in used and not (token == "'" and out.endswith("'")):
                out, used, self.mended = out + "{}", set(), True
            used.add(mark)
            out += self._script()
        return out

    def _script(self) -> str:
        mark = self._next()
        return mark if mark == "'" else f"{mark}{self._argument()}"

    def _argument(self) -> str:
        token = self._peek()
        if token is None or token in ("}", "&", "\\\\", "^", "_", "\\right", "\\end", "'"):
            raise _Unsound
        # TeX takes only a command's name as the argument, and a bracket as an option: both need braces.
        is_name = token.startswith("\\") and token[1:] not in latex_commands.SYMBOLS
        self.mended = self.mended or is_name or token in ("[", "*")
        atom = self._atom([])
        return atom if token == "{" else f"{{{atom}}}"

    def _atom(self, before: list[str]) -> str:
        token = self._next()
        if token == "{":
            return self._group()
        if token.startswith("\\"):
            return self._command(token, before)
        if token in "#%$":
            return "\\" + token
        if token == "~":
            return "\\ "
        return token if token.isascii() else self._text(token)

    def _group(self) -> str:
        content = self._sequence({"}"})
        self._next()
        return f"{{{content}}}"

    def _text(self, words: str) -> str:
        return f"\\text{{{self.escape(words)}}}"

    def _command(self, token: str, before: list[str]) -> str:
        name = token[1:].rstrip("*")
        if token in latex_commands.PUNCTUATION:
            return token
        if name in latex_commands.ARITY:
            return self._with_arguments(name, token)
        if name in latex_commands.SYMBOLS or name in latex_commands.OPERATORS:
            return latex_commands.OWN.get(name, "\\" + name)
        if name in latex_commands.SIZES:
            return f"\\{name}{self._delimiter()}"
        return self._structure(name, before)

    def _structure(self, name: str, before: list[str]) -> str:
        if name == "left":
            return self._fence()
        if name == "begin":
            return self._begin()
        if name in latex_commands.TEXTS or name == "tag":
            words = self._raw_group()
            return self._text(f"({words})" if name == "tag" else words)
        if name == "label":
            return self._raw_group() and ""
        if name == "substack":
            return self._substack()
        if name in ("limits", "nolimits"):
            return f"\\{name}" if before and before[-1].strip("\\") in latex_commands.OPERATORS else ""
        if name in ("nonumber", "notag", "hline", "(", ")", "[", "]", "middle", "displaylimits"):
            return ""
        return self._text(f"\\{name}")

    def _with_arguments(self, name: str, token: str) -> str:
        if name == "operatorname":
            return f"\\{token[1:]}{self._argument()}"
        option = ""
        if name == "sqrt" and self._peek() == "[":
            self._next()
            option = f"[{{{self._sequence({']'})}}}]"
            self._next()
        arguments = "".join(self._argument() for _ in range(latex_commands.ARITY[name]))
        return latex_commands.OWN.get(name, f"\\{name}") + option + arguments

    def _delimiter(self) -> str:
        token = self._next()
        if token not in latex_commands.DELIMITERS:
            raise _Unsound
        return token + (" " if token[-1:].isalpha() else "")

    def _fence(self) -> str:
        left = self._delimiter()
        content = self._sequence({"\\right"})
        self._next()
        return f"\\left{left}{content}\\right{self._delimiter()}"

    def _raw_group(self) -> str:
        """The plain words of a brace group; commands and math marks in it are dropped."""
        if self._next() != "{":
            raise _Unsound
        depth, words = 1, []
        while depth:
            token = self._next()
            depth += (token == "{") - (token == "}")
            words.append(token)
        return " ".join(re.sub(r"\\[A-Za-z]+\*?|[\\{}$]", "", "".join(words[:-1])).split())

    def _substack(self) -> str:
        if self._next() != "{":
            raise _Unsound
        lines = [" ".join(row) for row in self._cells("}")]
        return "\\substack{" + "\\\\ ".join(f"{{{line}}}" for line in lines) + "}"

    def _begin(self) -> str:
        name = self._name()
        if name not in latex_commands.ENVIRONMENTS:
            raise _Unsound
        if name in ("array", "alignat") and self._peek() == "{":
            self._raw_group()
        cells = self._cells("\\end")
        if self._name() != name:
            raise _Unsound
        return self._environment(latex_commands.ENVIRONMENTS[name], cells)

    def _name(self) -> str:
        if self._next() != "{":
            raise _Unsound
        letters: list[str] = []
        while (token := self._next()) != "}":
            letters.append(token)
        return "".join(letters)

    def _environment(self, name: str, cells: list[list[str]]) -> str:
        width = max(map(len, cells))
        if (name == "cases" and width > 2) or (name == "gathered" and width > 1):
            name = "aligned"
        columns = f"{{{'c' * width}}}" if name == "array" else ""
        rows = " \\\\\n".join(" & ".join(map(self._guarded, row)) or "{}" for row in cells)
        return f"\\begin{{{name}}}{columns}\n{rows}\n\\end{{{name}}}"

    def _guarded(self, cell: str) -> str:
        if cell[:1] not in ("[", "*"):
            return cell
        self.mended = True
        return "{}" + cell
