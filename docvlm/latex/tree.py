"""The tree of a formula."""

from __future__ import annotations

from dataclasses import dataclass, field

from docvlm.latex.tokens import LatexError


@dataclass(slots=True)
class Node:
    """One piece of a formula: a symbol, or a command with what it takes.

    ``head`` is a character, a command with its backslash, "{}" for a group, ``\\left`` for fences (``words`` are the
    delimiters) or ``\\begin`` for an environment (``words`` are its name and its columns; ``rows`` its cells). Plain words
    that a command takes stand in ``words``, math in ``arguments``.

    As the parser makes it, a tree says what was written: scripts are nodes of their own behind their base ("^", "_" and
    "'"), an argument is one node, a group where it had braces, and words keep theirs. In canonical form scripts belong to
    their base, "" is an empty base, arguments are without braces, and "{}" is only a group that must stay.
    """

    head: str
    arguments: list[list[Node]] = field(default_factory=list)
    option: list[Node] | None = None
    words: tuple[str, ...] = ()
    rows: list[list[list[Node]]] = field(default_factory=list)
    sub: list[Node] | None = None
    sup: list[Node] | None = None
    primes: int = 0

    @property
    def plain(self) -> bool:
        """Whether it carries no script."""
        return self.sub is None and self.sup is None and not self.primes

    @property
    def symbol(self) -> bool:
        """Whether it is one token without scripts."""
        return self.plain and not self.arguments and not self.words and not self.rows and self.head != ""


def inside(words: str) -> str:
    """What a command takes as words, without its braces. Raises LatexError where a sign stands for words."""
    if words.startswith("{"):
        return words[1:-1]
    if not words.isalnum():
        raise LatexError(f"{words} stands where words are wanted")
    return words
