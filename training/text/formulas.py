r"""Formulas as authors write them, drawn at random: LaTeX sources for `training.text.tex` to set.

Half of them fill the places of real formulas' shapes (`training.text.templates`), the others grow from a grammar. A
formula belongs to one field, keeps to a few symbols, and has its author's habits (how fences are sized, whether a
differential is upright). What is drawn is a source; what a model shall write is its normal form (`docvlm.latex`).
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Sequence
from typing import TypeVar

from training.text.fields import FIELDS, SCRIPT_WORDS, TEXT_WORDS, UNITS, words
from training.text.templates import TRAINING, VALIDATION

_T = TypeVar("_T")
_PLACE = re.compile(r"<([a-zA-Z])(\d?)>(?=(.?))", re.DOTALL)
_FIELD_WEIGHTS = {
    "calculus": 20,
    "physics": 22,
    "learning": 16,
    "probability": 12,
    "algebra": 12,
    "logic": 8,
    "economics": 5,
    "engineering": 9,
}
_INDICES = words(
    r"i j k n t 0 1 2 i n m 3 \ell s p r l a b \alpha \mu \nu x N T d 4 q \lambda c u v w f e h z \infty 5"
)
_LIMITS = words(r"n N \infty m k T K n M d p L t r N-1 n-1 k-1 J d_k")
_ACCENTS = words(
    r"\hat \bar \tilde \dot \vec \ddot \widehat \widetilde \overline \check \underline \breve \mathring"
)
_ACCENT_WEIGHTS = [20, 16, 14, 9, 8, 3, 5, 5, 6, 1, 1, 0.5, 0.5]
_FENCES = [
    ("(", ")"),
    ("[", "]"),
    (r"\{", r"\}"),
    ("|", "|"),
    (r"\|", r"\|"),
    (r"\langle", r"\rangle"),
    (r"\lfloor", r"\rfloor"),
    (r"\lceil", r"\rceil"),
    ("(", "]"),
    ("[", ")"),
]
_FENCE_WEIGHTS = [62, 16, 7, 9, 4, 3, 1, 1, 0.5, 0.5]
_ONSETS = words(
    "b c d f g h k l m n p r s t v w x z bl br ch cl cr dr fl gr pl pr qu sc sh sp st str th tr wh j"
)
_RHYMES = words(
    "a e i o u y an ar at ed el em en er es et ic il im in ing ion ip is it ol om on or os ot ow um un up us"
)
_END_OF_ROW = r"\\\relax "  # a bracket behind it is not its option
_OVERSET = ["=", "=", r"\to", r"\leq"]
_UNDERSET = [
    r"\operatorname{minimize}",
    r"\operatorname{maximize}",
    r"\mathbb{E}",
    r"\operatorname{minimize}",
]
_STARTS = words(r"1 1 1 0 0 2 m -\infty")
_DOMAINS = words(r"\Omega C \gamma V S \partial\Omega \mathbb{R}^n \mathbb{R} D")
_ARROWS = words(
    r"\to \mapsto \Rightarrow \longrightarrow \Longrightarrow \leftrightarrow \Leftrightarrow \iff \implies"
)


class Sampler:
    """Draws formulas. The same ``rng`` gives the same formulas; ``held_out`` takes shapes kept for validation."""

    def __init__(self, rng: random.Random, held_out: bool = False) -> None:
        self.rng = rng
        self.templates = {
            name: [line for line in shapes.strip().splitlines() if line]
            for name, shapes in (VALIDATION if held_out else TRAINING).items()
        }
        self.shaped = 0.8 if held_out else 0.45
        self._new_author()

    def display(self) -> str:
        """A displayed formula, perhaps of several lines."""
        self._new_author()
        kind = self._weighted([78, 14, 4, 4])
        if kind == 0:
            formula = self._line(self._size())
        elif kind == 1:
            formula = self._aligned()
        elif kind == 2:
            formula = f"{self._simple()}={self._cases()}"
        else:
            formula = f"{self._simple()}={self._matrix()}"
        return formula + self._pick(["", "", ",", ".", "", r"\,,", r"\,."])

    def inline(self) -> str:
        """A formula as it stands in running text: mostly a symbol or a short statement."""
        if self._chance(0.25):
            self._new_author()
        kind = self._weighted([30, 22, 14, 10, 8, 6, 6, 4])
        if kind == 0:
            return self.symbol()
        if kind == 1:
            return f"{self._simple()}{self._relation()}{self._expression(self.rng.randint(1, 3))}"
        if kind == 2:
            return self._decorated()
        if kind == 3:
            return self._expression(self.rng.randint(1, 4))
        if kind == 4:
            return self._shape(short=True)
        if kind == 5:
            relation = self._pick([r"\in", r"\in", ">", r"\geq", r"\to", r"\sim", r"\ll"])
            return f"{self._letter()}{relation} {self._styled()}"
        if kind == 6:
            return self._call(2)
        return rf"{self._letter()}_1,\ldots,{self._letter()}_{{{self._limit()}}}"

    # --- an author --------------------------------------------------------------------------------

    def _new_author(self) -> None:
        names = list(_FIELD_WEIGHTS)
        self.name = self.rng.choices(names, list(_FIELD_WEIGHTS.values()))[0]
        field = FIELDS[self.name]
        self.letters = self._few(field.of("letters"), self.rng.randint(3, 7))
        self.greek = self._few(field.of("greek"), self.rng.randint(1, 4))
        self.styles = self._few(field.of("styled"), self.rng.randint(1, 3))
        self.functions = self._few(field.of("functions"), self.rng.randint(1, 4))
        if self._chance(0.25):
            # Any field has operators that no list knows: they can only be read letter by letter.
            self.functions += [rf"\operatorname{{{self._coined()}}}"] * self.rng.randint(1, 3)
        self.relations = [*self._few(field.of("relations"), 5), "=", "="]
        self.binary = [*self._few(field.of("binary"), 1), "+", "-", "+", "-", "+"]
        self.big = self._few(field.of("big"), 2)
        self.symbol_weights = [10.0, self._pick([2.0, 5.0, 9.0]), self._pick([0.5, 2.0, 6.0])]
        self.fencing = self._weighted([6, 2, 1])  # \left ... \right; as it comes; by hand
        self.differential = self._pick(["d", "d", "d", r"\mathrm{d}"])
        self.thin = self._pick([r"\,", r"\,", "", r"\;"])
        self.prime_rate = self._pick([0.0, 0.02, 0.1])
        self.word_rate = self._pick([0.0, 0.05, 0.15])
        self.small_fractions = self._chance(0.05)

    # --- words ------------------------------------------------------------------------------------

    def _coined(self) -> str:
        """A name that nobody has seen, as pronounceable or as capital as names are."""
        if self._chance(0.3):
            return "".join(self.rng.choices(string.ascii_uppercase, k=self.rng.randint(2, 4)))
        name = "".join(self._pick(_ONSETS) + self._pick(_RHYMES) for _ in range(self._pick([1, 1, 2, 2, 3])))
        return name.capitalize() if self._chance(0.25) else name

    def _script_word(self) -> str:
        return self._coined() if self._chance(0.15) else self._pick(SCRIPT_WORDS)

    def _words(self) -> str:
        """What stands in a display in the text's own type."""
        if self._chance(0.75):
            return self._pick(TEXT_WORDS)
        return " ".join(self._coined() for _ in range(self._pick([1, 1, 2, 3])))

    # --- symbols ----------------------------------------------------------------------------------

    def _letter(self) -> str:
        return self._pick(self.letters)

    def _greek(self) -> str:
        return self._pick(self.greek)

    def _styled(self) -> str:
        if self._chance(0.12):
            accent = self.rng.choices(_ACCENTS, _ACCENT_WEIGHTS)[0]
            base = self._letter() if self._chance(0.75) else self._greek()
            return f"{accent}{{{base}}}"
        return self._pick(self.styles)

    def symbol(self) -> str:
        """A letter, a Greek one, or one in a style, without scripts."""
        return self._pick([self._letter, self._greek, self._styled], self.symbol_weights)()

    def _index(self) -> str:
        kind = self._weighted([70, 6, 6, 6, 4, 2, 3, 2])
        i = self.rng.choices(_INDICES, _zipf(_INDICES))[0]
        if kind == 0:
            return i
        if kind == 1:
            return f"{i}{self._pick([' ', ','])}{self._pick(_INDICES)}"
        if kind == 2:
            return f"{i}{self._pick('+-')}{self._pick(['1', '1', '2', 'k', 'j'])}"
        if kind == 3:
            word = self._script_word()
            return rf"\mathrm{{{word}}}" if self._chance(0.7) else rf"\text{{{word}}}"
        if kind == 4:
            return self._letter()
        if kind == 5:
            return self._pick(words(r"* \pm + - \perp \parallel \star \circ \bullet"))
        if kind == 6:
            return str(self.rng.randint(0, 20))
        return f"{self._letter()}_{self._pick(_INDICES)}"

    def _limit(self) -> str:
        return self._pick(_LIMITS) if self._chance(0.85) else self._decorated()

    def _power(self) -> str:
        kind = self._weighted([40, 12, 8, 10, 8, 6, 5, 4, 3, 4])
        if kind == 0:
            return self._pick(words("2 2 2 3 -1 4 n 1 k -2"))
        if kind == 1:
            return self._index()
        if kind == 2:
            return f"{self._letter()}{self._pick('+-')}{self._pick(['1', '2', 'k', '1'])}"
        if kind == 3:
            return self._pick(
                words(r"* \top \prime \dagger T \ast \circ + - \star \mathsf{T} \times \perp \vee \infty")
            )
        if kind == 4:
            return f"({self._pick(_INDICES)})"
        if kind == 5:
            return f"{self._pick(['', '-'])}{self._pick('123n')}/{self._pick('2345p')}"
        if kind == 6:
            return f"-{self._factor(1)}"
        if kind == 7:
            return self._expression(2)
        if kind == 8:
            return rf"\frac{{{self._pick(['1', 'n', '3', 'p'])}}}{{{self._pick('234pnq')}}}"
        return self._letter()

    def _decorated(self) -> str:
        """A symbol, perhaps with scripts."""
        base = self.symbol()
        if self._chance(self.prime_rate):
            base += self._pick(["'", "'", "''"])
            return base + (f"_{{{self._index()}}}" if self._chance(0.2) else "")
        kind = self._weighted([48, 30, 10, 6, 1.2])
        if kind == 0:
            return base
        if kind == 1:
            if self._chance(self.word_rate):
                word = self._script_word()
                return (
                    base + "_{" + (rf"\mathrm{{{word}}}" if self._chance(0.6) else rf"\text{{{word}}}") + "}"
                )
            return f"{base}_{{{self._index()}}}"
        if kind == 2:
            return f"{base}^{{{self._power()}}}"
        if kind == 3:
            return f"{base}_{{{self._index()}}}^{{{self._power()}}}"
        return f"{base}_{{{self._index()}_{{{self._index()}}}}}"

    def _number(self) -> str:
        kind = self._weighted([60, 14, 12, 1.5, 1, 0.7])
        if kind == 0:
            return str(self.rng.choices(range(10), [3, 8, 8, 5, 4, 2, 2, 1, 2, 1])[0])
        if kind == 1:
            return str(self.rng.randint(10, 10 ** self.rng.randint(2, 4)))
        if kind == 2:
            return f"{self.rng.uniform(0, 10 ** self.rng.randint(0, 3)):.{self.rng.randint(1, 4)}f}"
        if kind == 3:
            comma = self._pick(["{,}", ",", r"\,"])
            return f"{self.rng.randint(1, 999)}{comma}{self.rng.randint(0, 999):03d}"
        if kind == 4:
            return rf"{self.rng.uniform(1, 10):.{self.rng.randint(0, 2)}f}\times10^{{{self.rng.randint(-30, 30)}}}"
        return rf"{self.rng.randint(1, 100)}\%"

    def _unit(self) -> str:
        unit = self._pick(UNITS)
        return unit if self._chance(0.75) else f"{unit}^{{{self._pick(['2', '3', '-1', '-2'])}}}"

    # --- expressions ------------------------------------------------------------------------------

    def _size(self) -> int:
        """How many symbols, roughly: many short formulas, few long ones."""
        return max(1, min(28, round(self.rng.lognormvariate(1.75, 0.65))))

    def _line(self, size: int) -> str:
        if self._chance(self.shaped):
            return self._shape()
        kind = self._weighted([74, 6, 6, 5, 5, 4])
        if kind == 0 or size < 3:
            line = self._statement(size)
        elif kind == 1:
            separator = self._pick([r",\quad ", r",\qquad ", r"\quad ", r",\;"])
            line = self._statement(size // 2 + 1) + separator + self._statement(size // 2 + 1)
        elif kind == 2:
            word = self._words()
            place = self._pick(
                [rf"\quad\text{{{word}}}\quad ", rf"\text{{ {word} }}", rf",\qquad\text{{{word}}}\ "]
            )
            line = self._statement(size // 2 + 1) + place + self._statement(2)
        elif kind == 3:
            line = self._statement(size - 1) + self._pick([r",\quad ", r",\ ", r"\qquad "]) + self._range()
        elif kind == 4:
            line = self._statement(size // 2) + self._pick(_ARROWS) + " " + self._statement(size // 2)
        else:
            line = self._expression(size)
        return line

    def _range(self) -> str:
        i = self._pick("ijknt")
        return self._pick(
            [
                rf"{i}=1,\ldots,{self._limit()}",
                rf"{i}=1,2,\dots,{self._limit()}",
                rf"{i}\in {self._styled()}",
                rf"\forall {i}\in {self._styled()}",
                rf"{i}\geq{self._pick('012')}",
                rf"0\leq {i}\leq {self._limit()}",
                rf"{i}\neq {self._letter()}",
                rf"\forall {i}",
            ]
        )

    def _statement(self, size: int) -> str:
        left = self._simple() if self._chance(0.6) else self._expression(max(1, size // 3))
        statement = f"{left}{self._relation()}{self._expression(max(1, size - 2))}"
        while self._chance(0.12):
            statement += f"{self._relation()}{self._expression(max(1, size // 2))}"
        return statement

    def _relation(self) -> str:
        return self._pick(self.relations) + " "

    def _simple(self) -> str:
        """What stands left of an equals sign."""
        kind = self._weighted([50, 25, 6, 5])
        if kind == 0:
            return self._decorated()
        if kind == 1:
            arguments = ",".join(self._decorated() for _ in range(self._pick([1, 1, 1, 2, 2, 3])))
            return f"{self._decorated()}({arguments})"
        if kind == 2:
            return self._derivative()
        return self._call(1)

    def _expression(self, size: int) -> str:
        if size <= 1:
            return self._atom()
        count = min(self._pick([1, 1, 2, 2, 2, 3, 3, 4]), size)
        terms = [self._term(share) for share in self._split(size, count)]
        out = self._pick(["", "", "", "", "", "-"]) + terms[0]
        for term in terms[1:]:
            out += f"{self._pick(self.binary)} {term}"
        if count > 1 and self._chance(0.04):
            out += self._pick("+-") + self._pick([r"\cdots", r"\cdots", r"\ldots"])
            out += f"{self._pick('+-')}{self._atom()}" if self._chance(0.6) else ""
        return out

    def _term(self, size: int) -> str:
        if size >= 2 and self._chance(0.12):
            return self._big_operator(size)
        count = min(self._pick([1, 1, 2, 2, 3]), size)
        first, *others = self._split(size, count)
        factors = [self._factor(first), *(self._factor(n) if n > 1 else self._decorated() for n in others)]
        if self._chance(0.12) and not factors[0][0].isdigit():
            factors.insert(0, self._pick(["2", "2", "3", "4", "n", "k", self._number()]))
        return self._pick([" ", " ", " ", " ", " ", r"\,", r"\cdot "]).join(factors)

    def _factor(self, size: int) -> str:
        if size <= 1:
            return self._atom()
        kind = self._weighted([20, 19, 9, 17, 7, 4, 4, 3, 3, 1.6, 2, 2.5, 1.2, 1])
        makers: list[Callable[[int], str]] = [
            self._call,
            self._fraction,
            self._root,
            self._group,
            self._applied,
            self._norm,
            self._exponential,
            lambda _: self._derivative(),
            self._evaluated,
            self._braced,
            lambda _: self._binomial(),
            self._over,
            lambda size: self._matrix() if size > 4 else self._atom(),
            self._bracket,
        ]
        return makers[kind](size)

    def _atom(self) -> str:
        return self._decorated() if self._chance(0.85) else self._number()

    def _fraction(self, size: int) -> str:
        above = max(1, self.rng.randint(1, max(1, size - 1)))
        name = r"\tfrac" if self.small_fractions and size < 4 else r"\frac"
        name = r"\dfrac" if self._chance(0.03) else name
        return f"{name}{{{self._expression(above)}}}{{{self._expression(max(1, size - above))}}}"

    def _root(self, size: int) -> str:
        option = f"[{self._pick(['3', 'n', '4', 'k', '3', 'p'])}]" if self._chance(0.15) else ""
        return rf"\sqrt{option}{{{self._expression(size - 1)}}}"

    def _fence(self, left: str, content: str, right: str) -> str:
        tall = any(
            name in content for name in (r"\frac", r"\sum", r"\int", r"\prod", r"\begin", r"\sqrt", r"\dfrac")
        )
        how = self.fencing
        if how == 0 and (tall or self._chance(0.4)):
            return rf"\left{left} {content}\right{right} "
        if how == 2 and (tall or self._chance(0.3)):
            size = self._pick([r"\Big", r"\bigg", r"\Bigg"] if tall else [r"\big", r"\big", r"\Big"])
            return f"{size}l{left} {content}{size}r{right} "
        if tall and self._chance(0.85):
            return rf"\left{left} {content}\right{right} "
        return f"{left} {content}{right} "

    def _group(self, size: int) -> str:
        left, right = self.rng.choices(_FENCES, _FENCE_WEIGHTS)[0]
        group = self._fence(left, self._expression(size), right)
        return f"{group}^{{{self._power()}}}" if self._chance(0.25) else group

    def _bracket(self, size: int) -> str:
        """Commutators, brackets of physics, intervals, sets."""
        a, b = self._expression(max(1, size // 2)), self._expression(max(1, size // 2))
        kind = self._weighted([3, 3, 3, 2, 2, 2])
        if kind == 0:
            return f"[{a},{b}]"
        if kind == 1:
            return rf"\langle {a},{b}\rangle "
        if kind == 2:
            return rf"\{{{a}" + self._pick([":", r"\mid", "|", ","]) + rf" {b}\}}"
        if kind == 3:
            return rf"\langle {self.symbol()}|{self.symbol()}|{self.symbol()}\rangle "
        if kind == 4:
            return rf"\left\langle {a}\,\middle|\,{b}\right\rangle "
        return rf"|{self.symbol()}\rangle\langle {self.symbol()}|"

    def _norm(self, size: int) -> str:
        left, right = self._pick([("|", "|"), (r"\|", r"\|"), (r"\|", r"\|"), (r"\lVert", r"\rVert")])
        norm = self._fence(left, self._expression(size), right)
        norm += self._pick(
            ["", "", "_2", "_1", "_F", r"_{\infty}", f"_{{{self._index()}}}", f"_{{{self._styled()}}}"]
        )
        return norm + self._pick(["", "", "^2", "^p"])

    def _exponential(self, size: int) -> str:
        if self._chance(0.6):
            base = self._pick(["e", "e", "e", r"\mathrm{e}", "2", self._letter()])
            return f"{base}^{{{self._signed(self._expression(min(size, 5)))}}}"
        left, right = self._pick([("(", ")"), ("(", ")"), (r"\{", r"\}"), ("[", "]")])
        return r"\exp" + self._fence(left, self._signed(self._expression(size)), right)

    def _signed(self, expression: str) -> str:
        """The exponent of an exponential function."""
        return (
            expression if expression.startswith("-") else self._pick(["", "-", "-", "i"]) + f" {expression}"
        )

    def _call(self, size: int) -> str:
        """A named function of something."""
        name = self._pick(self.functions)
        if name in (r"\max", r"\min", r"\sup", r"\inf", r"\lim", r"\limsup", r"\liminf") or name.startswith(
            r"\operatorname*"
        ):
            name += f"_{{{self._below(name)}}}" if self._chance(0.7) or "lim" in name else ""
        elif self._chance(0.15):
            name += self._pick(["^2", "^{-1}", "_2", "_{10}", f"_{{{self._index()}}}"])
        if size <= 2 and self._chance(0.4):
            return f"{name} {self._decorated()}"
        return name + self._fence("(", self._expression(max(1, size - 1)), ")")

    def _below(self, name: str) -> str:
        x = self.symbol()
        if "lim" in name:
            return rf"{x}\to " + self._pick(["0", r"\infty", r"\infty", "0^+", self._decorated(), r"-\infty"])
        return self._pick(
            [x, x, rf"{x}\in {self._styled()}", rf"0\leq {x}\leq {self._atom()}", rf"{x}\neq {self._atom()}"]
        )

    def _applied(self, size: int) -> str:
        """A symbol as a function."""
        count = self._pick([1, 1, 1, 2, 2, 3])
        arguments = self._pick([",", ",", ",", ";", "|", r"\mid "]).join(
            self._expression(share) for share in self._split(max(size - 1, count), count)
        )
        return self._decorated() + self._fence("(", arguments, ")")

    def _derivative(self) -> str:
        d = self._pick([r"\partial ", r"\partial ", self.differential, self.differential, r"\delta "])
        above, below = self._decorated(), self._letter()
        kind = self._weighted([40, 16, 16, 8, 10])
        if kind == 0:
            return rf"\frac{{{d} {above}}}{{{d} {below}}}"
        if kind == 1:
            return rf"\frac{{{d}}}{{{d} {below}}}"
        if kind == 2:
            power = self._pick(["2", "2", "3", "n"])
            return rf"\frac{{{d}^{power} {above}}}{{{d} {below}^{power}}}"
        if kind == 3:
            return rf"\frac{{\partial^2 {above}}}{{\partial {below}\,\partial {self._letter()}}}"
        return self._pick(
            [
                rf"\partial_{{{below}}}{above}",
                rf"\nabla {above}",
                rf"\nabla^2{above}",
                rf"\nabla\cdot {above}",
                rf"\nabla_{{{below}}}{above}",
                rf"{d} {above}/{d} {below}",
                rf"\Delta {above}",
            ]
        )

    def _evaluated(self, size: int) -> str:
        content = self._expression(size) if self._chance(0.5) else self._derivative()
        return rf"\left.{content}\right|_{{{self._letter()}={self._atom()}}}"

    def _braced(self, size: int) -> str:
        name = self._pick([r"\underbrace", r"\underbrace", r"\overbrace"])
        label = rf"\text{{{self._words()}}}" if self._chance(0.5) else self._decorated()
        mark = "_" if name == r"\underbrace" else "^"
        return f"{name}{{{self._expression(size)}}}{mark}{{{label}}}"

    def _binomial(self) -> str:
        return rf"\binom{{{self._expression(self._pick([1, 1, 2]))}}}{{{self._atom()}}}"

    def _over(self, size: int) -> str:
        kind = self._weighted([5, 3, 3, 2])
        if kind == 0:
            wide = [r"\overline", r"\widehat", r"\widetilde", r"\underline", r"\overline", r"\overrightarrow"]
            return f"{self._pick(wide)}{{{self._expression(min(size, 3))}}}"
        if kind == 1:
            above = self._pick(words(r"! ? \circ d \mathrm{def} \sim (a) 1"))
            return rf"\overset{{{above}}}{{{self._pick(_OVERSET)}}}{self._atom()}"
        if kind == 2:
            return rf"\underset{{{self._below('')}}}{{{self._pick(_UNDERSET)}}}\,{self._atom()}"
        option = f"[{self._atom()}]" if self._chance(0.2) else ""
        return rf"\xrightarrow{option}{{{self._decorated()}}}{self._atom()}"

    def _big_operator(self, size: int) -> str:
        name = self._pick(self.big)
        body = max(1, size - 1)
        if "int" in name:
            return self._integral(name, body)
        i = self._pick(words(r"i j k n i k t m l s \ell p x"))
        kind = self._weighted([45, 16, 12, 6, 6, 4, 3])
        limit = self._limit()
        if kind == 0:
            marks = f"_{{{i}={self._pick(_STARTS)}}}^{{{limit}}}"
        elif kind == 1:
            marks = f"_{{{i}}}"
        elif kind == 2:
            marks = rf"_{{{i}\in {self._styled()}}}"
        elif kind == 3:
            j = self._pick("jklm")
            between = self._pick([",", "<", r"\neq ", r"\mid "])
            marks = f"_{{{i}{between}{j}}}"
        elif kind == 4:
            marks = ""
        elif kind == 5:
            first = self._pick([rf"{i}\in {self._styled()}", rf"1\leq {i}\leq {limit}"])
            second = i + self._pick([r"\neq", "<", ">", r"\sim"]) + self._pick([" j", " k", " 0"])
            marks = rf"_{{\substack{{{first}\\{second}}}}}"
        else:
            marks = rf"_{{{i}\leq {limit}}}"
        content = self._term(body)
        if self._chance(0.12):
            content = self._big_operator(max(2, body))
        elif self._chance(0.2):
            content = self._fence("(", self._expression(body), ")")
        return f"{name}{marks} {content}"

    def _integral(self, name: str, size: int) -> str:
        kind = self._weighted([45, 22, 12, 10])
        x = self._letter()
        if kind == 0 and name == r"\int":
            low = self._pick(["0", "0", "a", r"-\infty", "-1", "1", self._decorated(), "t_0", r"-\pi"])
            high = self._pick(
                ["1", r"\infty", r"\infty", "b", "T", "t", self._decorated(), r"2\pi", r"\pi", "x"]
            )
            marks = f"_{{{low}}}^{{{high}}}"
        elif kind <= 1:
            marks = f"_{{{self._styled() if self._chance(0.3) else self._pick(_DOMAINS)}}}"
        else:
            marks = ""
        limits = r"\limits" if marks and self._chance(0.04) else ""
        d = self.differential
        measure = self._pick(
            [
                f"{d} {x}",
                f"{d} {x}",
                f"{d} {x}",
                f"{d} {x}{self.thin} {d} {self._letter()}",
                rf"{d}\mu({x})",
                f"{d}^3{x}",
                rf"{d}\mathbf{{{x}}}",
                f"{d} {self._greek()}",
            ]
        )
        if self._chance(0.1):
            return rf"{name}{limits}{marks} {measure}\,{self._term(size)}"
        if self._chance(0.12):
            return rf"{name}{limits}{marks}\frac{{{measure}}}{{{self._expression(size)}}}"
        return f"{name}{limits}{marks} {self._term(size)}{self.thin} {measure} "

    # --- grids ------------------------------------------------------------------------------------

    def _matrix(self) -> str:
        rows, columns = self.rng.choices(
            [(2, 2), (3, 3), (2, 1), (3, 1), (2, 3), (1, 3), (4, 4), (3, 2), (4, 1)],
            [30, 16, 12, 10, 6, 4, 3, 3, 2],
        )[0]
        kind = self._weighted([45, 20, 15, 10, 5])
        base = self._letter()
        size = self._pick([1, 1, 1, 2])

        def cell(row: int, column: int) -> str:
            if kind == 0:
                return self._expression(size) if self._chance(0.8) else "0"
            if kind == 1:
                return f"{base}_{{{row + 1}{column + 1}}}" if columns > 1 else f"{base}_{row + 1}"
            if kind == 2:
                return self._pick(["0", "1", "-1", "0", self._number(), str(self.rng.randint(-9, 9))])
            if kind == 3:
                return ("1" if row == column else "0") if self._chance(0.8) else self._atom()
            middle = (r"\vdots" if row == rows - 2 else "") if column in (0, columns - 1) else ""
            if rows > 2 and row == rows - 2:
                return middle or r"\ddots"
            if columns > 2 and column == columns - 2:
                return r"\cdots"
            return f"{base}_{{{'n' if row == rows - 1 else row + 1}{'n' if column == columns - 1 else column + 1}}}"

        name = self._pick(
            words("pmatrix bmatrix pmatrix bmatrix vmatrix matrix Vmatrix Bmatrix smallmatrix"),
            [34, 34, 8, 8, 7, 1, 1, 0.7, 1.5],
        )
        body = _END_OF_ROW.join(
            "&".join(cell(row, column) for column in range(columns)) for row in range(rows)
        )
        if name == "smallmatrix":
            return rf"\left(\begin{{smallmatrix}}{body}\end{{smallmatrix}}\right)"
        if name == "bmatrix" and columns > 2 and self._chance(0.1):
            return rf"\left[\begin{{array}}{{{'c' * (columns - 1)}|c}}{body}\end{{array}}\right]"
        power = self._pick([r"^\top", "^T", "^{-1}", "^2", r"^{\dagger}"]) if self._chance(0.08) else ""
        return rf"\begin{{{name}}}{body}\end{{{name}}}{power}"

    def _cases(self) -> str:
        rows = []
        count = self._pick([2, 2, 2, 3, 3, 4])
        for number in range(count):
            value = self._expression(self._pick([1, 1, 2, 3, 4]))
            condition = self._statement(2)
            if number == count - 1 and self._chance(0.45):
                where = r"\text{otherwise}" + self._pick(["", "."])
            else:
                word = self._pick(["", "", r"\text{if }", r"\text{if }", r"\text{for }", r"\text{when }"])
                where = word + condition + self._pick(["", ","])
            rows.append(f"{value}{self._pick(['', ','])}&{where}")
        name = self._pick(["cases", "cases", "cases", "dcases"])
        body = _END_OF_ROW.join(rows)
        return rf"\begin{{{name}}}{body}\end{{{name}}}"

    def _aligned(self) -> str:
        """Rows that stand below each other's relations, go on in the next row, or are only centred."""
        count = self._pick([2, 2, 2, 3, 3, 4, 5])
        kind = self._weighted([48, 22, 15, 11, 4])
        lines = []
        for number in range(count):
            size = max(2, self._size() // 2 + 1)
            right = f"&{self._relation()}{self._expression(size)}"
            end = self._pick(["", "", ",", "."]) if number == count - 1 else self._pick(["", "", ","])
            if kind == 2:
                lines.append(self._statement(size) + end)
            elif kind == 3 and number and self._chance(0.7):
                indent = self._pick([r"\quad ", r"\quad ", r"\qquad ", ""])
                lines.append(f"&{indent}{self._pick(self.binary)} {self._expression(size)}{end}")
            elif kind in (0, 3) and number:
                lines.append(right + end)
            elif kind == 4:
                reason = (
                    rf"\text{{{self._words()}}}" if self._chance(0.5) else f"{self._simple()}={self._atom()}"
                )
                lines.append(f"{self._simple()}{right}&&{reason}{end}")
            else:
                lines.append(self._simple() + right + end)
        name = "gathered" if kind == 2 else "aligned"
        body = self._pick([_END_OF_ROW, _END_OF_ROW, r"\\[2pt]", r"\\[4pt]"]).join(lines)
        return rf"\begin{{{name}}}{body}\end{{{name}}}"

    # --- shapes -----------------------------------------------------------------------------------

    def _shape(self, short: bool = False) -> str:
        shapes = self.templates[self.name]
        if short:
            shapes = [shape for shape in shapes if len(shape) < 26 and r"\int" not in shape] or shapes
        known: dict[str, str] = {}
        makers: dict[str, Callable[[], str]] = {
            "v": self._decorated,
            "x": self._letter,
            "g": self._greek,
            "S": self._styled,
            "i": lambda: self._pick([*"ijkmn", r"\ell", r"\alpha", r"\mu", "s", "t"]),
            "n": self._limit,
            "k": lambda: str(self.rng.choices([2, 3, 4, 6, 1, 5, 8, 12], [8, 4, 3, 1, 2, 1, 1, 1])[0]),
            "r": self._number,
            "e": lambda: self._expression(self._pick([1, 1, 2, 2, 3])),
            "E": lambda: self._expression(self._pick([2, 3, 4, 5, 7])),
            "f": lambda: self._pick(self.functions),
            "A": lambda: self._pick([self._call, self._applied])(self._pick([1, 2, 3])),
            "w": self._script_word,
            "t": self._words,
            "U": self._unit,
        }

        def fill(match: re.Match[str]) -> str:
            kind, number, after = match.groups()
            if kind == "v" and after in ("^", "_", "'"):
                kind = "x"
            if not number:
                made = makers[kind]()
                signed = match.start() and match.string[match.start() - 1] in "+-"
                return f" {made.removeprefix('-') if signed else made} "
            if kind + number not in known:
                others = known.values()
                made = makers[kind]()
                for _ in range(5):
                    made = makers[kind]() if made in others else made
                known[kind + number] = made
            return " " + known[kind + number] + ("" if after in ("^", "_", "'") else " ")

        return _PLACE.sub(fill, self._pick(shapes))

    # --- chance -----------------------------------------------------------------------------------

    def _chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def _weighted(self, weights: Sequence[float]) -> int:
        return self.rng.choices(range(len(weights)), weights)[0]

    def _pick(self, of: Sequence[_T], weights: Sequence[float] | None = None) -> _T:
        return self.rng.choices(of, weights)[0] if weights else self.rng.choice(of)

    def _few(self, symbols: list[str], count: int) -> list[str]:
        """Some symbols, the first of the list most likely, each with its own likelihood to come again."""
        drawn = self.rng.choices(symbols, _zipf(symbols), k=3 * count)
        return drawn[:count] + list(dict.fromkeys(drawn))[:count]

    def _split(self, size: int, count: int) -> list[int]:
        shares = [1] * count
        for _ in range(size - count):
            shares[self.rng.randrange(count)] += 1
        return shares


def _zipf(symbols: Sequence[str]) -> list[float]:
    return [1 / (rank + 4) for rank in range(len(symbols))]
