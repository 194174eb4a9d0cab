"""Formulas in one canonical form, so that they can be learned, compared and counted.

Math mode is read into a tree that has one form for each construct: one name a symbol (``\\le`` is ``\\leq``), no braces
that change nothing, scripts at their base, one kind of fraction, one thin space, matrices as ``pmatrix`` and not as arrays
in fences, no sizes, labels or colours. What is kept is what a reader can see; what is dropped is what only a typesetter
sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from docvlm.latex.commands import (
    DROPPED,
    ENVIRONMENTS,
    INFIX,
    KNOWN,
    LETTERS,
    ROW_ENDS,
    SAME,
    SIZES,
    SPACES,
    SWITCH,
    SYMBOL_FONTS,
    TAKES,
    TALL,
    WORD_FONTS,
    commands,
    names,
)
from docvlm.latex.parser import Parser
from docvlm.latex.printer import spelled
from docvlm.latex.symbols import GREEK, SYMBOLS
from docvlm.latex.tokens import LatexError, join, stripped
from docvlm.latex.tree import Node, inside

_ESCAPED = frozenset({r"\{", r"\}", r"\%", r"\&", r"\_", r"\#", r"\$", r"\|"})
_POINTS = frozenset(",.;")
_UNSEEN = commands(
    """label tag tag* vspace vspace* phantom hphantom vphantom color textcolor ref eqref cite vskip tiny rule"""
)
_SPACES_OF_A_SIZE = commands("hspace hspace* mspace hskip mskip kern mkern")
_UNWRAPPED = commands(
    "mathop mathrel mathbin mathord mathopen mathclose mathpunct mathinner ensuremath smash hbox"
)
_FONT_NAMES = {
    r"\textbf": r"\mathbf", r"\textit": r"\mathit", r"\textsf": r"\mathsf", r"\texttt": r"\mathtt",
    r"\emph": r"\mathit", r"\bf": r"\mathbf", r"\rm": r"\mathrm", r"\it": r"\mathit", r"\sf": r"\mathsf",
    r"\tt": r"\mathtt", r"\cal": r"\mathcal", r"\frak": r"\mathfrak", r"\mit": r"\mathit",
    r"\mathnormal": r"\mathit", r"\symbf": r"\mathbf", r"\symup": r"\mathrm", r"\boldmath": r"\boldsymbol",
}  # fmt: skip
# In a formula, words in a font are letters in it. A command without an entry is not known, and takes the groups behind it.
_TAKES = (
    dict.fromkeys(KNOWN | DROPPED | ROW_ENDS | SAME.keys(), "")
    | TAKES
    | {old: TAKES[new] for old, new in SAME.items() if new in TAKES}
    | {name: "m" for name in _FONT_NAMES if TAKES[name] == "w"}
)
_FRACTIONS = {r"\over": r"\frac", r"\choose": r"\binom"}
_TEXTS = frozenset({r"\text", r"\textrm", r"\mbox", r"\textnormal", r"\textup"})
_PLAIN_WORDS = names(
    """if and or for all otherwise where with when such that is in on of to at as by from else then subject s.t.
    a.s. a.e. i.e. e.g. so not only but while since thus hence we have let some any every each unless odd
    even if, and, where, for, is, the a an it are be no there exists can also given"""
)
_MATRICES = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix", (r"\|", r"\|"): "Vmatrix",
    (r"\{", r"\}"): "Bmatrix",
}  # fmt: skip
_OPENING = frozenset({"(", "[", r"\{", r"\langle", r"\lfloor", r"\lceil"})
_CLOSING = frozenset({")", "]", r"\}", r"\rangle", r"\rfloor", r"\rceil"})
_DELIMITERS = (
    _OPENING
    | _CLOSING
    | {"|", r"\|", "/", ".", r"\backslash", r"\uparrow", r"\downarrow", r"\updownarrow", r"\Uparrow"}
)
_NEGATED = {"=": r"\neq", r"\in": r"\notin", r"\exists": r"\nexists", r"\mid": r"\nmid"}
_UNICODE = GREEK | SYMBOLS | {
    "…": r"\ldots", "·": r"\cdot", "’": "'", "″": "''", "−": "-", "¬": r"\neg", "√": r"\surd",
}  # fmt: skip


def normalize(latex: str) -> str:
    """``latex`` (math mode, with or without its delimiters) in the canonical spelling; normalizing twice changes nothing.

    Raises LatexError where braces, fences or environments do not balance.
    """
    return join(spelled(parse(latex)))


def parse(latex: str) -> list[Node]:
    """The formula as a tree in canonical form. Raises LatexError as `normalize` does."""
    rows = _rows(Parser("".join(map(_ascii, _undelimited(latex))), _TAKES, adopts=True).rows())
    if len(rows) == 1:
        return _tidied([node for cell in rows[0] for node in cell])
    return _tidied([_environment("aligned" if any(len(row) > 1 for row in rows) else "gathered", rows)])


def _undelimited(latex: str) -> str:
    text = stripped(latex)
    for begin, end in (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)")):
        inner = text[len(begin) : len(text) - len(end)]
        if len(text) >= len(begin + end) and text.startswith(begin) and text.endswith(end):
            return stripped(inner)
    return text


def _ascii(char: str) -> str:
    known = _UNICODE.get(char, char)
    return known + " " if known.startswith("\\") and known[-1].isalpha() else known


# --- from what was written to the canonical form ---


def _rows(rows: list[list[list[Node]]]) -> list[list[list[Node]]]:
    """Rows of cells without those at their ends that are empty."""
    canonical = [[_sequence(cell) for cell in row] for row in rows]
    while len(canonical) > 1 and not any(canonical[-1]):
        canonical.pop()
    for row in canonical:
        while len(row) > 1 and not row[-1]:
            row.pop()
    return canonical


def _sequence(nodes: list[Node]) -> list[Node]:
    out: list[Node] = []
    for node in nodes:
        if node.head in ("^", "_", "'"):
            _add_script(out, node)
        else:
            out += _atom(node)
    return _tidied(out)


def _add_script(out: list[Node], node: Node) -> None:
    """Gives a script to the last node, or to an empty one where that has its like already."""
    if not out or out[-1].head in SPACES:
        out.append(Node(""))
    base = out[-1]
    if node.head == "'":
        if base.sup is not None:
            out.append(Node("", primes=1))
        else:
            base.primes += 1
        return
    script = _argument(node.arguments[0])
    while node.head == "^" and script and script[0].symbol and script[0].head == r"\prime":
        base.primes += 1
        script = script[1:]
        if not script:
            return
    if node.head == "_" and base.sub is None:
        base.sub = script
    elif node.head == "^" and base.sup is None:
        base.sup = script
    else:
        out.append(Node("", sub=script) if node.head == "_" else Node("", sup=script))


def _argument(argument: list[Node]) -> list[Node]:
    [node] = argument
    if node.head == "{}":
        return _sequence(node.arguments[0])
    return [Node("", primes=1)] if node.head == "'" else _tidied(_atom(node))


def _atom(node: Node) -> list[Node]:
    """What one node that is no script stands for."""
    name = SAME.get(node.head, node.head)
    return _FORMS.get(name, _as_named)(name, node)


def _as_named(name: str, node: Node) -> list[Node]:
    is_sign = name[:-1].startswith("\\") and not name[1:].isalpha()
    if is_sign and name not in _ESCAPED and name not in SPACES:
        raise LatexError(f"{name} means nothing in a formula")
    option = None if node.option is None else _sequence(node.option) or None
    return [Node(name, [_argument(each) for each in node.arguments], option)]


def _dropped(_: str, node: Node) -> list[Node]:
    """Without the words that it takes, and with its math."""
    for words in node.words:
        inside(words)
    return _spliced(_argument(node.arguments[0])) if node.arguments else []


def _group(_: str, node: Node) -> list[Node]:
    return _spliced(_sequence(node.arguments[0]))


def _unwrapped(_: str, node: Node) -> list[Node]:
    return _spliced(_argument(node.arguments[0]))


def _space(_: str, __: Node) -> list[Node]:
    return [Node(r"\,")]


def _number_sign(_: str, __: Node) -> list[Node]:
    return [Node(r"\#")]


def _switch(name: str, node: Node) -> list[Node]:
    return _in_font(_FONT_NAMES[name], *_halves(name, node))


def _infix(name: str, node: Node) -> list[Node]:
    parts = _halves(name, node)
    return [
        Node(_FRACTIONS[name], parts)
        if name in _FRACTIONS
        else Node(r"\substack", rows=[[each] for each in parts])
    ]


def _halves(name: str, node: Node) -> list[list[Node]]:
    if not node.arguments:
        raise LatexError(f"{name} stands where it cannot")
    return [_sequence(part) for part in node.arguments]


def _words(_: str, node: Node) -> list[Node]:
    return _text(inside(node.words[0]))


def _operator_name(_: str, node: Node) -> list[Node]:
    return [_operator(inside(node.words[0]))]


def _font(name: str, node: Node) -> list[Node]:
    return _in_font(_FONT_NAMES.get(name, name), _argument(node.arguments[0]))


def _fence(_: str, node: Node) -> list[Node]:
    left, right = map(_delimiter, node.words)
    return _fenced(left, _sequence(node.arguments[0]), right)


def _middle(name: str, node: Node) -> list[Node]:
    return [Node(name, words=(_delimiter(node.words[0]),))]


def _sized(name: str, node: Node) -> list[Node]:
    delimiter = _delimiter(node.words[0])
    side = "l" if delimiter in _OPENING else "r" if delimiter in _CLOSING else ""
    return [Node(name.rstrip("lrm") + side, words=(delimiter,))]


def _delimiter(token: str) -> str:
    token = {"<": r"\langle", ">": r"\rangle"}.get(token, SAME.get(token, token))
    if token not in _DELIMITERS:
        raise LatexError(f"{token} is no delimiter")
    return token


def _begin(_: str, node: Node) -> list[Node]:
    name, columns = node.words
    kind = ENVIRONMENTS.get(name)
    if kind is None:
        raise LatexError(f"{name} is no environment of math mode")
    rows = _rows(node.rows)
    if kind in ("aligned", "gathered") and len(rows) == 1:
        return _spliced([each for cell in rows[0] for each in cell])
    aligned = re.sub(r"@\{.*?\}|[^lcr|]", "", columns[1:-1]) if kind == "array" else ""
    return [_environment(kind, rows, aligned)]


def _substack(name: str, node: Node) -> list[Node]:
    return [Node(name, rows=_rows(node.rows))]


def _not(name: str, node: Node) -> list[Node]:
    [*before, negated] = _argument(node.arguments[0]) or [Node("=")]
    known = _NEGATED.get(negated.head)
    return [*before, replace(negated, head=known) if known else Node(name, [[negated]])]


# How each command becomes canonical; those without an entry stay what they are.
_FORMS: Mapping[str, Callable[[str, Node], list[Node]]] = (
    dict.fromkeys(DROPPED | _UNSEEN | {"$"}, _dropped)
    | dict.fromkeys(_UNWRAPPED, _unwrapped)
    | dict.fromkeys(_SPACES_OF_A_SIZE, _space)
    | dict.fromkeys(_TEXTS, _words)
    | dict.fromkeys(SYMBOL_FONTS | WORD_FONTS | _FONT_NAMES.keys(), _font)
    | dict.fromkeys([name for name, takes in TAKES.items() if takes == SWITCH], _switch)
    | dict.fromkeys([name for name, takes in TAKES.items() if takes == INFIX], _infix)
    | dict.fromkeys(SIZES, _sized)
    | {
        "{}": _group, "#": _number_sign, r"\operatorname": _operator_name, r"\operatorname*": _operator_name,
        r"\left": _fence, r"\middle": _middle, r"\begin": _begin, r"\substack": _substack, r"\not": _not,
    }
)  # fmt: skip


# --- words ---


def _text(source: str) -> list[Node]:
    """Words in a formula; the math that they hold becomes math again, and blanks at their ends thin spaces."""
    out: list[Node] = []
    for number, part in enumerate(re.split(r"(?<!\\)\$|\\[()]", source)):
        if number % 2:
            out += parse(part)
            continue
        for words in re.split(r"(\\[#%&_$])", part):
            out += [Node(words)] if words in _ESCAPED else _plain_words(words)
    return out


def _plain_words(source: str) -> Iterator[Node]:
    words = re.sub(r"\\(?:quad|qquad|[ ,;:])|~", " ", source)
    words = re.sub(r"\\[A-Za-z]+\*?|[\\{}#%&_$^]", "", words)
    inner = " ".join(words.split())
    if words[:1].isspace():
        yield Node(r"\,")
    if inner.isalpha() and inner.lower() not in _PLAIN_WORDS:
        yield Node(r"\mathrm", words=(inner,))
    elif inner:
        yield Node(r"\text", words=(inner,))
    if inner and words[-1].isspace():
        yield Node(r"\,")


def _operator(source: str) -> Node:
    name = re.sub(r"\\[,;: ]|~", r"\\,", source)
    name = re.sub(r"\\(?:mathrm|rm|text|!)|[{}\s]", "", name)
    if not re.fullmatch(r"(?:[\w.*-]|\\,)+", name):
        raise LatexError(f"{source} is no name of an operator")
    return Node(r"\operatorname", words=(name,))


# --- what is the same in one form ---


def _spliced(nodes: list[Node]) -> list[Node]:
    """A group's content in its surroundings: without braces unless scripts behind it would then mean another thing."""
    if not nodes:
        return [Node("")]
    return nodes if nodes[-1].plain else [Node("{}", [nodes])]


def _tidied(nodes: list[Node]) -> list[Node]:
    """Without empty bases, with one space where there were several and none at the ends, and words joined."""
    out: list[Node] = []
    for node in nodes:
        if node.head == "{}" and node.plain:
            out += node.arguments[0]
            continue
        if node.head == "" and node.plain:
            continue
        last = out[-1] if out else None
        if last is not None and last.head == r"\," and node.head in _POINTS:
            out[-1] = node  # fonts differ as much in what they leave before a point
            continue
        if node.head in SPACES:
            if last is None:
                continue
            if last.head in SPACES:
                out[-1] = max(last, node, key=lambda space: SPACES.index(space.head))
                continue
        if last is not None and node.head == last.head and node.head in WORD_FONTS and last.plain:
            out[-1] = replace(node, words=(last.words[0] + node.words[0],))
            continue
        out.append(node)
    while out and out[-1].head in SPACES:
        out.pop()
    return out


def _environment(kind: str, rows: list[list[list[Node]]], columns: str = "") -> Node:
    width = max(map(len, rows))
    if kind == "gathered" and width > 1:
        kind = "aligned"
    if kind == "aligned" and width == 1:
        kind = "gathered"
    if kind == "array":
        count = sum(column != "|" for column in columns)
        columns += "c" * (width - count)
        if "|" not in columns and set(columns) == {"c"}:
            kind, columns = "matrix", ""
    return Node(r"\begin", words=(kind, columns), rows=rows)


def _fenced(left: str, content: list[Node], right: str) -> list[Node]:
    if len(content) == 1 and content[0].head == r"\begin" and content[0].plain:
        kind, columns = content[0].words
        if kind == "matrix" and (left, right) in _MATRICES:
            return [replace(content[0], words=(_MATRICES[left, right], ""))]
        is_cases = (kind == "array" and "|" not in columns) or kind == "matrix"
        if is_cases and (left, right) == (r"\{", ".") and max(map(len, content[0].rows)) <= 2:
            return [replace(content[0], words=("cases", ""))]
    if not any(map(_tall, content)):
        opened, closed = ([Node(fence)] if fence != "." else [] for fence in (left, right))
        return [*opened, *content, *closed]
    return [Node(r"\left", [content], words=(left, right))]


def _tall(node: Node) -> bool:
    """Whether it makes fences grow."""
    if node.head in TALL or node.head == r"\middle" or node.sup is not None or node.primes:
        return True
    return any(_tall(each) for argument in node.arguments for each in argument)


def _in_font(font: str, nodes: list[Node]) -> list[Node]:
    """The font on every letter, wherever it stands."""
    out: list[Node] = []
    for node in nodes:
        if node.head in WORD_FONTS or node.head in SYMBOL_FONTS or node.head in (r"\text", r"\operatorname"):
            out.append(node)
            continue
        changed = replace(
            node,
            arguments=[_in_font(font, each) for each in node.arguments],
            rows=[[_in_font(font, cell) for cell in row] for row in node.rows],
            sub=None if node.sub is None else _in_font(font, node.sub),
            sup=None if node.sup is None else _in_font(font, node.sup),
        )
        out.append(_lettered(font, changed) if _takes(font, node) else changed)
    return _tidied(out)


def _takes(font: str, node: Node) -> bool:
    if node.arguments or node.words or node.rows:
        return False
    letter = len(node.head) == 1 and node.head.isalpha()
    if font == r"\boldsymbol":
        return letter or node.head.isdigit() or node.head in LETTERS
    if font in (r"\mathbf", r"\mathbb"):
        return letter or node.head.isdigit()
    return letter


def _lettered(font: str, node: Node) -> Node:
    if font in SYMBOL_FONTS:
        return replace(node, head=font, arguments=[[Node(node.head)]])
    if font == r"\mathit" and node.plain:
        return Node(font, words=(node.head,))
    return replace(node, head=font, words=(node.head,))
