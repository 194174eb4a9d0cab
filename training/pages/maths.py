"""Formulas of chance, and how Typst and LaTeX write them."""

from __future__ import annotations

import random

from training.pages.tree import Math

_GREEK = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "lambda",
    "mu",
    "pi",
    "phi",
    "omega",
    "theta",
    "rho",
    "Omega",
    "Gamma",
)
_FUNCTIONS = ("sin", "log", "exp", "max", "lim", "det", "cos", "min")
_BIG = ("sum", "product", "integral")
_RELATIONS = ("=", "=", "=", "=", "<=", ">=", "approx", "->", "in", "equiv", "<")
# In LaTeX where it is another name than in Typst.
_LATEX = {
    "sum": r"\sum", "product": r"\prod", "integral": r"\int", "<=": r"\le", ">=": r"\ge", "approx": r"\approx", "->": r"\to",
    "in": r"\in", "equiv": r"\equiv", "dot.op": r"\cdot", "times": r"\times", "plus.minus": r"\pm", "infinity": r"\infty",
    "partial": r"\partial", "phi": r"\varphi", "subset": r"\subset",
}  # fmt: skip


def _letter(rng: random.Random) -> Math:
    if rng.random() < 0.25:
        return ("sign", rng.choice(_GREEK))
    return ("letter", rng.choice("abcdefghikmnpqrstuvwxyzABFGHKLMNPRSTUVX"))


def small(rng: random.Random) -> Math:
    """A formula as it stands among words: a letter with an index, a short equation, an interval."""
    one = _letter(rng)
    if rng.random() < 0.45:
        one = (
            rng.choice(("sub", "sup")),
            one,
            rng.choice((("letter", rng.choice("ijkn")), ("number", str(rng.randint(0, 9))))),
        )
    chance = rng.random()
    if chance < 0.4:
        return one
    if chance < 0.65:
        return (
            "row",
            one,
            ("sign", rng.choice(_RELATIONS)),
            rng.choice((("number", str(rng.randint(0, 99))), _letter(rng))),
        )
    if chance < 0.8:
        return ("row", _letter(rng), ("round", _letter(rng)), ("sign", "="), term(rng, 0))
    if chance < 0.9:
        return (
            "row",
            ("number", str(rng.randint(2, 9))),
            one,
            ("sign", rng.choice(("+", "-"))),
            _letter(rng),
        )
    return (
        "row",
        one,
        ("sign", "in"),
        ("square", ("row", ("number", "0"), ("comma",), ("number", str(rng.randint(1, 9))))),
    )


def term(rng: random.Random, depth: int) -> Math:
    """An operand of a sum."""
    chance = rng.random()
    if depth <= 0 or chance < 0.3:
        return _letter(rng) if rng.random() < 0.8 else ("number", str(rng.randint(1, 20)))
    if chance < 0.42:
        return (
            "sub",
            _letter(rng),
            ("row", ("letter", rng.choice("ijkn")), *rng.choice(((), (("sign", "+"), ("number", "1"))))),
        )
    if chance < 0.52:
        return ("sup", _letter(rng), rng.choice((("number", "2"), ("row", ("sign", "-"), _letter(rng)))))
    if chance < 0.67:
        return ("frac", total(rng, depth - 1), total(rng, depth - 1))
    if chance < 0.73:
        return ("root", total(rng, depth - 1))
    if chance < 0.84:
        low: Math = ("row", ("letter", "i"), ("sign", "="), ("number", rng.choice("01")))
        high: Math = rng.choice((("letter", "n"), ("sign", "infinity"), ("letter", "N")))
        return ("row", ("big", rng.choice(_BIG), low, high), term(rng, depth - 1))
    if chance < 0.92:
        return ("row", ("function", rng.choice(_FUNCTIONS)), ("round", total(rng, depth - 1)))
    return ("round", total(rng, depth - 1))


def total(rng: random.Random, depth: int) -> Math:
    """A sum of one to three terms."""
    found: list[Math] = []
    for index in range(rng.randint(1, 3)):
        if index:
            found.append(("sign", rng.choice(("+", "-", "+", "-", "dot.op", "plus.minus"))))
        found.append(term(rng, depth))
    return ("row", *found)


def signs(tree: Math) -> int:
    """How many signs a formula has, about."""
    return (
        1 + sum(signs(part) for part in tree[1:] if isinstance(part, tuple))
        if isinstance(tree[0], str)
        else sum(map(signs, tree))
    )


def equation(rng: random.Random, most: int) -> Math:
    """A formula to be displayed, of about ``most`` signs at most."""
    for _ in range(20):
        found = _equation(rng)
        if signs(found) <= most:
            return found
    return ("row", _letter(rng), ("sign", "="), ("frac", _letter(rng), _letter(rng)))


def _equation(rng: random.Random) -> Math:
    chance = rng.random()
    left = total(rng, 1)
    if chance < 0.07:
        size = rng.choice((2, 2, 3))
        rows = tuple(tuple(term(rng, 0) for _ in range(size)) for _ in range(size))
        return ("row", ("letter", rng.choice("ABM")), ("sign", "="), ("matrix", rows))
    if chance < 0.14:
        rows = tuple(
            (total(rng, 0), ("row", _letter(rng), ("sign", rng.choice(("<", ">=", "="))), ("number", "0")))
            for _ in range(rng.choice((2, 2, 3)))
        )
        return ("row", _letter(rng), ("round", _letter(rng)), ("sign", "="), ("cases", rows))
    right = total(rng, 2)
    more: Math = () if rng.random() < 0.75 else (("sign", "="), total(rng, 1))
    end: Math = (("comma",),) if rng.random() < 0.15 else (("stop",),) if rng.random() < 0.15 else ()
    return ("row", left, ("sign", rng.choice(_RELATIONS)), right, *more, *end)


def typst(tree: Math) -> str:
    """The formula in Typst's mathematical mode."""
    kind, *parts = tree
    if kind in ("letter", "number", "sign", "function"):
        return str(parts[0])
    if kind in ("comma", "stop"):
        return "\\," if kind == "comma" else "."
    if kind == "row":
        return " ".join(typst(part) for part in parts)
    if kind in ("sub", "sup"):
        return f"{typst(parts[0])}{'_' if kind == 'sub' else '^'}({typst(parts[1])})"
    if kind == "frac":
        return f"frac({typst(parts[0])}, {typst(parts[1])})"
    if kind == "root":
        return f"sqrt({typst(parts[0])})"
    if kind == "big":
        return f"{parts[0]}_({typst(parts[1])})^({typst(parts[2])})"
    if kind in ("round", "square"):
        return f"lr({'(' if kind == 'round' else '['}{typst(parts[0])}{')' if kind == 'round' else ']'})"
    if kind == "matrix":
        return f"mat({'; '.join(', '.join(typst(cell) for cell in row) for row in parts[0])})"
    return f"cases({', '.join(' & '.join(typst(cell) for cell in row) for row in parts[0])})"


def latex(tree: Math) -> str:
    """The formula in LaTeX's mathematical mode; matrices and cases are amsmath's."""
    kind, *parts = tree
    if kind in ("letter", "number"):
        return str(parts[0])
    if kind == "sign":
        return _LATEX.get(parts[0], parts[0] if not parts[0].isalpha() else f"\\{parts[0]}") + " "
    if kind == "function":
        return f"\\{parts[0]} "
    if kind in ("comma", "stop"):
        return "," if kind == "comma" else "."
    if kind == "row":
        return "".join(latex(part) for part in parts)
    if kind in ("sub", "sup"):
        return f"{{{latex(parts[0])}}}{'_' if kind == 'sub' else '^'}{{{latex(parts[1])}}}"
    if kind == "frac":
        return f"\\frac{{{latex(parts[0])}}}{{{latex(parts[1])}}}"
    if kind == "root":
        return f"\\sqrt{{{latex(parts[0])}}}"
    if kind == "big":
        return f"{_LATEX[parts[0]]}_{{{latex(parts[1])}}}^{{{latex(parts[2])}}}"
    if kind in ("round", "square"):
        return f"\\left{'(' if kind == 'round' else '['}{latex(parts[0])}\\right{')' if kind == 'round' else ']'}"
    inside = r" \\ ".join(" & ".join(latex(cell) for cell in row) for row in parts[0])
    name = "pmatrix" if kind == "matrix" else "cases"
    return f"\\begin{{{name}}}{inside}\\end{{{name}}}"
