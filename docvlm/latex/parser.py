"""Math mode -> the tree of what was written (`docvlm.latex.tree.Node`).

The parser knows how LaTeX is built (groups, scripts, fences, environments, rows of cells) and is told which commands take
what; what a command means, and whether it may stand, is decided by those who read the tree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from docvlm.latex.commands import COLUMNED, ENVIRONMENTS, INFIX, PLACED, ROW_ENDS, SWITCH
from docvlm.latex.tokens import TOKEN, LatexError
from docvlm.latex.tree import Node, inside

_MAX_DEPTH = 60  # groups within groups; each takes up to five of the thousand calls that Python nests
_CLOSING = frozenset({"}", "&", "\\\\", r"\right", r"\end"})
# A distance behind the end of a row.
_LENGTH = (
    r"[\d.]+\s*(?:pt|em|ex|mm|cm|in)|[\d.]*\s*\\(?:jot|[a-z]*(?:skip|skipamount|sep|width|height)(?![a-z]))"
)
_DISTANCE = re.compile(rf"\[\s*-?\s*(?:{_LENGTH})\s*(?:\]|plus|minus)")
_DISTANCE_TOKENS = 14  # enough to hold the beginning of a distance


class Parser:
    """A recursive reader; ``at`` is the next token.

    ``takes`` says what each command takes (see `docvlm.latex.commands.TAKES`). With ``adopts``, groups directly behind a
    command that it does not name belong to that command; else such a command takes nothing.
    """

    def __init__(self, latex: str, takes: Mapping[str, str], adopts: bool = False) -> None:
        # Blanks matter between words only, where a line's end is none.
        self.tokens: list[str] = [t for t in TOKEN.findall(latex) if not t.isspace() or "\n" not in t]
        self.takes = takes
        self.adopts = adopts
        self.at = 0
        self.depth = 0

    def rows(self) -> list[list[list[Node]]]:
        """The whole formula as rows of cells; most have one of one. Raises LatexError where something does not balance."""
        return self._cells(None)

    def argument(self) -> list[Node]:
        """One node: a group in braces, or what stands without. Raises LatexError where there is none."""
        token = self._peek()
        if token is None or token in _CLOSING or token in ("^", "_"):
            raise LatexError(f"an argument is missing before {token or 'the end'}")
        return [self._atom()]

    def _peek(self) -> str | None:
        """The next token that is neither blank nor a comment."""
        while self.at < len(self.tokens) and (
            self.tokens[self.at].isspace() or self.tokens[self.at][0] == "%"
        ):
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> str:
        token = self._peek()
        if token is None:
            raise LatexError("the formula ends too early")
        self.at += 1
        return token

    def _cells(self, end: str | None) -> list[list[list[Node]]]:
        """Rows of cells up to ``end``, which is consumed."""
        rows: list[list[list[Node]]] = [[]]
        row_ends = {"\\\\", *(name for name in ROW_ENDS if name in self.takes)}
        while True:
            rows[-1].append(self._sequence({"&", *row_ends, end or ""}))
            token = self._peek()
            if token is None and end is None:
                return rows
            if self._next() == end:
                return rows
            if token in row_ends:
                self._skip_distance()
                rows.append([])

    def _skip_distance(self) -> None:
        """The distance behind ``\\\\``, in brackets."""
        if self._peek() == "*":
            self._next()
        if _DISTANCE.match("".join(self.tokens[self.at : self.at + _DISTANCE_TOKENS])):
            while self._next() != "]":
                pass

    def _sequence(self, stops: set[str]) -> list[Node]:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise LatexError("nested too deeply")
        out: list[Node] = []
        while (token := self._peek()) is not None and token not in stops:
            if token in _CLOSING:
                raise LatexError(f"{token} closes what was not opened")
            takes = self.takes.get(token)
            if takes == SWITCH:
                out.append(Node(self._next(), [self._sequence(stops)]))
            elif takes == INFIX:
                out = [Node(self._next(), [out, self._sequence(stops)])]
            else:
                out.append(self._script() if token in ("^", "_") else self._atom())
        self.depth -= 1
        return out

    def _script(self) -> Node:
        return Node(self._next(), [self.argument()])

    def _atom(self) -> Node:
        token = self._next()
        if token == "{":
            return self._group()
        if token == r"\left":
            return self._fence()
        if token == r"\begin":
            return self._environment()
        if token == r"\substack":
            return self._substack()
        return self._command(token)

    def _group(self) -> Node:
        content = self._sequence({"}"})
        self._next()
        return Node("{}", [content])

    def _fence(self) -> Node:
        left = self._next()
        content = self._sequence({r"\right"})
        self._next()
        return Node(r"\left", [content], words=(left, self._next()))

    def _environment(self) -> Node:
        name = self._name()
        placed = "".join(self.tokens[self.at : self.at + 3]) in ("[t]", "[c]", "[b]")
        if placed and ENVIRONMENTS.get(name) in PLACED:
            self.at += 3
        columns = self._words() if name in COLUMNED and self._peek() == "{" else ""
        rows = self._cells(r"\end")
        if self._name() != name:
            raise LatexError(f"{name} is not closed")
        return Node(r"\begin", words=(name, columns), rows=rows)

    def _name(self) -> str:
        return re.sub(r"\s", "", inside(self._words()))

    def _substack(self) -> Node:
        if self._next() != "{":
            raise LatexError("\\substack needs braces")
        return Node(r"\substack", rows=self._cells("}"))

    def _command(self, token: str) -> Node:
        node = Node(token)
        for part in self.takes.get(token, ""):
            if part == "o" and self._peek() == "[":
                self._next()
                node.option = self._sequence({"]"})
                self._next()
            elif part == "m":
                node.arguments.append(self.argument())
            elif part == "w" or (part == "g" and self._peek() == "{"):
                node.words += (self._words(),)
            elif part == "d":
                node.words += (self._next(),)
        if self.adopts and token[0] == "\\" and token[1:].isalpha() and token not in self.takes:
            while self.tokens[self.at : self.at + 1] == ["{"]:
                node.arguments.append(self.argument())
        return node

    def _words(self) -> str:
        """The source of a group with its braces, or the next token."""
        words = self._next()
        depth = int(words == "{")
        while depth:
            if self.at >= len(self.tokens):
                raise LatexError("a brace is never closed")
            token = self.tokens[self.at]
            self.at += 1
            depth += (token == "{") - (token == "}")
            words += token
        return words
