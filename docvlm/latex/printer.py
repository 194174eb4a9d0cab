"""The canonical spelling of a tree in canonical form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docvlm.latex.commands import OPERATOR_NAMES, OPERATORS, PLACED, WORD_FONTS
from docvlm.latex.tree import Node

# Names of operators that set what is below them.
_BELOW = frozenset({"argmax", "argmin", "esssup", "essinf"})


def spelled(nodes: list[Node], script: bool = False) -> list[str]:
    """The tokens of nodes in canonical form; ``script`` where they are set small, as limits and indices are."""
    return [token for node in nodes for token in _node(node, script)]


def _node(node: Node, script: bool) -> Iterator[str]:
    yield from _base(node, script)
    if node.sub is not None:
        yield from ("_", *_argument_tokens(node.sub))
    yield from "'" * node.primes
    if node.sup is not None:
        yield from ("^", *_argument_tokens(node.sup))


def _argument_tokens(nodes: list[Node]) -> list[str]:
    """A script: without braces where it is one token."""
    written = spelled(nodes, script=True)
    if len(written) == 1 and written[0] not in OPERATORS and written[0] not in ("[", "*", "'"):
        return written
    return ["{", *written, "}"]


def _braced(nodes: list[Node], script: bool) -> list[str]:
    return ["{", *spelled(nodes, script), "}"]


def _base(node: Node, script: bool) -> Iterator[str]:
    if node.head == "":
        yield from "{}"
    elif node.head == "{}":
        yield from _braced(node.arguments[0], script)
    elif node.head in WORD_FONTS or node.head == r"\operatorname":
        yield from _word(node, script)
    elif node.head == r"\text":
        yield from (node.head, "{", *node.words[0], "}")
    elif node.head == r"\left":
        left, right = node.words
        yield from (r"\left", left, *spelled(node.arguments[0], script), r"\right", right)
    elif node.head == r"\begin":
        kind, columns = node.words
        yield from (r"\begin", "{", *kind, "}", *(("{", *columns, "}") if columns else ()))
        yield from _rows(node.rows, script, guarded=kind in PLACED and not columns)
        yield from (r"\end", "{", *kind, "}")
    elif node.head == r"\substack":
        yield from (node.head, "{", *_rows(node.rows, script), "}")
    else:
        yield node.head
        yield from node.words
        if node.option is not None:
            yield from ("[", *spelled(node.option, True), "]")
        for argument in node.arguments:
            yield from _braced(argument, script or node.head in (r"\xrightarrow", r"\xleftarrow"))


def _rows(rows: list[list[list[Node]]], script: bool, guarded: bool = False) -> Iterator[str]:
    """The tokens of rows of cells; ``guarded`` where a bracket could be read as an option before the first, too."""
    for number, row in enumerate(rows):
        if number:
            yield "\\\\"
        for place, cell in enumerate(row):
            if place:
                yield "&"
            written = spelled(cell, script)
            # TeX would read a bracket or a star behind a row's end as that command's own.
            if place == 0 and (number or guarded) and written and written[0] in ("[", "*"):
                yield from "{}"
            yield from written


def _word(node: Node, script: bool) -> Iterator[str]:
    """A word in upright letters, however it was spelled: a named operator, or letters in a font."""
    name = node.words[0]
    if node.head in (r"\mathrm", r"\operatorname"):
        if f"\\{name}" in OPERATORS:
            yield f"\\{name}"
            return
        if node.head == r"\mathrm" and (script or name not in OPERATOR_NAMES or len(name) == 1):
            yield from (r"\mathrm", "{", *_name_pieces(name), "}")
        else:
            star = "*" if name.replace(r"\,", "") in _BELOW else ""
            yield from (rf"\operatorname{star}", "{", *_name_pieces(name), "}")
    elif node.head == r"\mathit" and len(name) == 1:
        yield name
    else:
        yield from (node.head, "{", *name, "}")


def _name_pieces(name: str) -> list[str]:
    return re.findall(r"\\,|.", name)
