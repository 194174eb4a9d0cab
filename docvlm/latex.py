"""LaTeX formulas in one canonical spelling, so that they can be learned, compared and counted.

`normalize` reads math mode into a small tree and writes it again with one spelling for each construct: one name a
symbol (``\\le`` is ``\\leq``), no braces that change nothing, subscript before primes before superscript, one kind
of fraction, one thin space, matrices as ``pmatrix`` and not as arrays in fences, no sizes, labels or colours. What is
kept is what a reader can see; what is dropped is what only a typesetter sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from docvlm.writers.latex_symbols import GREEK, SYMBOLS

_TOKEN = re.compile(r"\\(?:operatorname|tag|[hv]space)\*|\\[A-Za-z]+|\\.|%[^\n]*\n?|\s+|.", re.DOTALL)
_MAX_DEPTH = 60


class LatexError(ValueError):
    """What was given is not a formula: something does not balance, or stands where it cannot."""


@dataclass(slots=True)
class Node:
    """One piece of a formula: a symbol, or a command with arguments, and its scripts.

    ``head`` is a character, a command with its backslash, "" for an empty base, "{}" for a group that must stay,
    ``\\left`` for fences (``words`` are the delimiters) and ``\\begin`` for an environment (``words`` are its name
    and its columns; ``rows`` its cells). Commands around plain words (``\\text``) hold them in ``words``.
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


def normalize(latex: str) -> str:
    """``latex`` (math mode, with or without its delimiters) in the canonical spelling; normalizing twice changes nothing.

    Raises LatexError where braces, fences or environments do not balance.
    """
    return join(_written(parse(latex)))


def parse(latex: str) -> list[Node]:
    """The formula as a tree in canonical form. Raises LatexError as `normalize` does."""
    return _Reader(_undelimited(latex)).read()


def pieces(canonical: str) -> list[str]:
    """The tokens of TeX in a formula, without its spaces between them (words of ``\\text`` keep theirs)."""
    out: list[str] = []
    for part in re.split(r"(\\text\{[^{}]*\})", canonical):
        if part.startswith("\\text{"):
            out += ["\\text", "{", *part[6:-1], "}"]
        else:
            out += [token for token in _TOKEN.findall(part) if not token.isspace()]
    return out


def join(tokens: list[str]) -> str:
    """Tokens as text, with spaces only where TeX needs them, and around the marks of rows and cells."""
    out = ""
    for token in tokens:
        if token in ("&", "\\\\"):
            out = out.rstrip(" ") + f" {token} "
        else:
            out += (" " if token[:1].isalpha() and _NAME_END.search(out) else "") + token
    return out.strip(" ")


_NAME_END = re.compile(r"\\[A-Za-z]+$")


def _undelimited(latex: str) -> str:
    text = latex.strip()
    for begin, end in (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)")):
        inner = text[len(begin) : len(text) - len(end)]
        if len(text) >= len(begin + end) and text.startswith(begin) and text.endswith(end):
            return inner.strip()
    return text


# --- what is known of commands --------------------------------------------------------------------


def _words(text: str) -> list[str]:
    return text.split()


def _commands(text: str) -> frozenset[str]:
    return frozenset(f"\\{name}" for name in text.split())


def _pairs(text: str) -> dict[str, str]:
    split = (pair.partition(":")[::2] for pair in text.split())
    return {f"\\{old}": f"\\{new}" if new[0].isalpha() else new for old, new in split}


_SAME = _pairs(
    r"""le:leq ge:geq ne:neq rightarrow:to gets:leftarrow owns:ni land:wedge lor:vee lnot:neg iff:Longleftrightarrow
    implies:Longrightarrow impliedby:Longleftarrow lvert:| rvert:| vert:| lVert:\| rVert:\| Vert:\| lbrace:\{ rbrace:\}
    lbrack:[ rbrack:] lt:< gt:> colon:: dots:ldots dotsc:ldots dotso:ldots hdots:ldots dotsb:cdots dotsm:cdots
    dotsi:cdots ast:* thinspace:\, dfrac:frac tfrac:frac cfrac:frac dbinom:binom tbinom:binom stackrel:overset
    bm:boldsymbol pmb:boldsymbol mathbfit:boldsymbol mathbold:boldsymbol Bbb:mathbb doteqdot:Doteq hslash:hbar
    thicksim:sim thickapprox:approx intop:int smallint:int varlimsup:limsup
    varliminf:liminf ldotp:. cdotp:cdot mathdollar:\$ smallsetminus:setminus
    nobreakspace:\, enspace:quad enskip:quad longleftrightarrow:leftrightarrow longrightarrow:longrightarrow
    i:imath j:jmath vDash:models"""
) | {r"\:": r"\,", r"\;": r"\,", r"\>": r"\,", r"\ ": r"\,", "~": r"\,", "*": "*", r"\|": r"\|"}  # fmt: skip
_ESCAPED = frozenset({r"\{", r"\}", r"\%", r"\&", r"\_", r"\#", r"\$", r"\|"})
_POINTS = frozenset(",.;")
_SPACES = (r"\,", r"\quad", r"\qquad")  # from narrow to wide
_DROPPED = _commands(
    """! displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits displaylimits nonumber notag
    mathstrut strut hline allowbreak nobreak relax left. null break cr hfill hfil mathsurround noindent /
    - normalfont upshape centering protect"""
)
_DROPPED_WITH = {
    name: count
    for count, names in (
        (1, "label tag tag* vspace vspace* phantom hphantom vphantom color ref eqref cite vskip tiny"),
        (2, "rule"),
    )
    for name in (f"\\{each}" for each in names.split())
}
_SPACE_WITH = _commands("hspace hspace* mspace hskip mskip kern mkern")
_UNWRAPPED = _commands(
    "mathop mathrel mathbin mathord mathopen mathclose mathpunct mathinner ensuremath smash hbox"
)
_ONE = _commands(
    """sqrt hat widehat tilde widetilde bar overline underline vec dot ddot dddot check acute grave breve
    mathring overrightarrow overleftarrow overleftrightarrow overbrace underbrace boxed cancel pmod
    xrightarrow xleftarrow"""
)
_TWO = frozenset({r"\frac", r"\binom", r"\overset", r"\underset"})
# Fonts that mark single symbols, and fonts that set words.
_SYMBOL_FONTS = _commands("mathbf mathbb mathcal mathscr mathfrak boldsymbol")
_WORD_FONTS = frozenset({r"\mathrm", r"\mathsf", r"\mathtt", r"\mathit"})
_FONT_NAMES = {
    r"\textbf": r"\mathbf", r"\textit": r"\mathit", r"\textsf": r"\mathsf", r"\texttt": r"\mathtt",
    r"\emph": r"\mathit", r"\bf": r"\mathbf", r"\rm": r"\mathrm", r"\it": r"\mathit", r"\sf": r"\mathsf",
    r"\tt": r"\mathtt", r"\cal": r"\mathcal", r"\frak": r"\mathfrak", r"\mit": r"\mathit",
    r"\mathnormal": r"\mathit", r"\symbf": r"\mathbf", r"\symup": r"\mathrm", r"\boldmath": r"\boldsymbol",
}  # fmt: skip
_SWITCHES = frozenset({r"\bf", r"\rm", r"\it", r"\sf", r"\tt", r"\cal", r"\frak", r"\mit"})
_INFIX = {r"\over": r"\frac", r"\choose": r"\binom", r"\atop": r"\substack"}
_TEXTS = frozenset({r"\text", r"\textrm", r"\mbox", r"\textnormal", r"\textup"})
OPERATORS = _commands(
    """arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln
    log max min Pr sec sin sinh sup tan tanh"""
)
# Names that authors spell with \mathrm, \text or \operatorname as they like; the last two set what is below them.
OPERATOR_NAMES = frozenset(
    _words(
        """Tr tr rank diag Var Cov Corr E softmax sigmoid ReLU sgn sign span Re Im Hom End Aut Ker ker im Res res
    div curl grad rot erf erfc erfi sinc cosec cot arccot arsinh arcosh artanh sech csch ord lcm mod vol
    vec supp dom ran id conv cl int diam dist Spec Proj GL SL SO SU Sp Ad ad KL MSE logit poly polylog Li
    Ei Si Ci Bernoulli Poisson Binomial Beta Gamma Uniform Exp cov var std median mean prox proj card adj
    coker Ext Tor Gal Frac Ind LayerNorm Attention FFN MLP Concat argmax argmin esssup essinf"""
    )
)
_BELOW = frozenset({"argmax", "argmin", "esssup", "essinf"})
_WORDS = frozenset(
    _words(
        """if and or for all otherwise where with when such that is in on of to at as by from else then subject s.t.
    a.s. a.e. i.e. e.g. so not only but while since thus hence we have let some any every each unless odd
    even if, and, where, for, is, the a an it are be no there exists can also given"""
    )
)
_TALL = _commands(
    """frac binom overset underset overbrace underbrace substack left begin sum prod coprod int iint iiint
    oint bigcup bigcap bigoplus bigotimes bigodot bigvee bigwedge bigsqcup
    biguplus sqrt lim limsup liminf"""
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
_BIG = re.compile(r"\\(big|Big|bigg|Bigg)[lrm]?$")
_ENVIRONMENTS = (
    {
        name: name
        for name in _words("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix cases array aligned gathered")
    }
    | dict.fromkeys(
        _words("align align* split eqnarray eqnarray* alignat alignat* alignedat flalign flalign*"),
        "aligned",
    )
    | dict.fromkeys(
        _words("gather gather* multline multline* multlined equation equation* displaymath math"),
        "gathered",
    )
    | {"smallmatrix": "matrix", "dcases": "cases", "psmallmatrix": "pmatrix", "bsmallmatrix": "bmatrix"}
)
# Environments that may be followed by where they stand in their line, in brackets.
_PLACED = ("aligned", "gathered", "array")
_COLUMN_COUNTED = frozenset({"alignat", "alignat*", "alignedat"})
_NEGATED = {"=": r"\neq", r"\in": r"\notin", r"\exists": r"\nexists", r"\mid": r"\nmid"}
_UNICODE = {
    char: re.sub(r"^\\ensuremath\{(.*)\}$", r"\1", latex)
    for char, latex in (GREEK | SYMBOLS).items()
    if latex.startswith("\\ensuremath")
} | {"…": r"\ldots", "·": r"\cdot", "’": "'", "″": "''", "−": "-", "¬": r"\neg", "√": r"\surd"}


# --- reading --------------------------------------------------------------------------------------


class _Reader:
    """A recursive reader; ``at`` is the next token."""

    def __init__(self, latex: str) -> None:
        plain = "".join(_unicode(char) for char in latex)
        self.tokens: list[str] = [t for t in _TOKEN.findall(plain) if not t.isspace() or "\n" not in t]
        self.at = 0
        self.depth = 0

    def read(self) -> list[Node]:
        rows = self._cells(None)
        if len(rows) == 1:
            return _tidied([node for cell in rows[0] for node in cell])
        return _tidied([_environment("aligned" if any(len(row) > 1 for row in rows) else "gathered", rows)])

    def _peek(self) -> str | None:
        """The next token that is not blank."""
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
        stops = {"&", "\\\\", r"\cr", r"\newline", end or ""}
        while True:
            rows[-1].append(self._sequence(stops))
            token = self._peek()
            if token is None and end is None:
                break
            if self._next() == end:
                break
            if token != "&":
                self._skip_length()
                rows.append([])
        while len(rows) > 1 and not any(rows[-1]):
            rows.pop()
        for row in rows:
            while len(row) > 1 and not row[-1]:
                row.pop()
        return rows

    def _skip_length(self) -> None:
        """The distance behind ``\\\\``, in brackets."""
        if self._peek() == "*":
            self._next()
        rest = "".join(self.tokens[self.at : self.at + 14])
        if re.match(r"\[\s*-?[\d.]*\s*(pt|em|ex|mm|cm|in|\\[a-z]+)", rest):
            while self._next() != "]":
                pass

    def _sequence(self, stops: set[str]) -> list[Node]:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise LatexError("nested too deeply")
        out: list[Node] = []
        while (token := self._peek()) is not None and token not in stops:
            if token in ("^", "_", "'"):
                self._script(out)
            elif token in _SWITCHES:
                self._next()
                out += _in_font(_FONT_NAMES[token], self._sequence(stops))
            elif token in _INFIX:
                self._next()
                below = self._sequence(stops)
                head = _INFIX[token]
                if head == r"\substack":
                    out = [Node(head, rows=[[_tidied(out)], [below]])]
                else:
                    out = [Node(head, [_tidied(out), below])]
            else:
                out += self._atom()
        self.depth -= 1
        return _tidied(out)

    def _script(self, out: list[Node]) -> None:
        mark = self._next()
        if not out or out[-1].head in _SPACES or out[-1].head == "&":
            out.append(Node(""))
        base = out[-1]
        if mark == "'":
            if base.sup is not None:
                out.append(Node("", primes=1))
            else:
                base.primes += 1
            return
        script = self._argument()
        while mark == "^" and script and script[0].symbol and script[0].head == r"\prime":
            base.primes += 1
            script = script[1:]
            if not script:
                return
        if mark == "_" and base.sub is None:
            base.sub = script
        elif mark == "^" and base.sup is None:
            base.sup = script
        else:
            out.append(Node("", sub=script) if mark == "_" else Node("", sup=script))

    def _argument(self) -> list[Node]:
        token = self._peek()
        if token is None or token in ("}", "&", "\\\\", "^", "_", r"\right", r"\end"):
            raise LatexError(f"an argument is missing before {token or 'the end'}")
        if token == "{":
            return self._group()
        if token == "'":
            self._next()
            return [Node("", primes=1)]
        return _tidied(self._atom())

    def _group(self) -> list[Node]:
        self._next()
        content = self._sequence({"}"})
        self._next()
        return content

    def _atom(self) -> list[Node]:
        token = self._next()
        if token == "{":
            self.at -= 1
            return _spliced(self._group())
        if token == "}":
            raise LatexError("a brace closes what was not opened")
        if token in ("&", "\\\\") or token in _INFIX or token in _SWITCHES:
            raise LatexError(f"{token} stands where it cannot")
        if token[0] == "\\" and len(token) > 1:
            return self._command(token)
        if token in "#$":
            return [] if token == "$" else [Node("\\#")]
        return [Node(_SAME.get(token, token))]

    def _command(self, token: str) -> list[Node]:
        name = _SAME.get(token, token)
        if big := _BIG.match(name):
            return self._sized(big[1])
        if name in _DROPPED:
            return []
        if name in _DROPPED_WITH:
            for _ in range(_DROPPED_WITH[name]):
                self._raw()
            return []
        if name in _SPACE_WITH:
            if self._peek() == "{":
                self._raw()
            return [Node(r"\,")]
        if name in _UNWRAPPED:
            return _spliced(self._argument())
        if name == r"\textcolor":
            self._raw()
            return _spliced(self._argument())
        if name in _ONE or name in _TWO:
            option = self._option() if name in (r"\sqrt", r"\xrightarrow", r"\xleftarrow") else None
            return [Node(name, [self._argument() for _ in range(1 + (name in _TWO))], option)]
        return self._structure(name)

    def _structure(self, name: str) -> list[Node]:
        if name in _TEXTS:
            return _text(self._raw())
        if name in (r"\operatorname", r"\operatorname*"):
            return [_operator(self._raw())]
        name = _FONT_NAMES.get(name, name)
        if name in _SYMBOL_FONTS or name in _WORD_FONTS:
            return _in_font(name, self._argument())
        if name == r"\left":
            return self._fence()
        if name == r"\begin":
            return self._begin()
        if name == r"\substack":
            if self._next() != "{":
                raise LatexError("\\substack needs braces")
            return [Node(name, rows=self._cells("}"))]
        if name == r"\not":
            [*before, negated] = self._argument() or [Node("=")]
            known = _NEGATED.get(negated.head)
            return [*before, replace(negated, head=known)] if known else [*before, Node(name, [[negated]])]
        if name == r"\middle":
            return [Node(name, words=(self._delimiter(),))]
        if name in (r"\right", r"\end"):
            raise LatexError(f"{name} closes what was not opened")
        if name[0] != "\\":
            return [Node(name)]
        if name in _ESCAPED or name in _SPACES or name[1:].rstrip("*").isalpha():
            return [Node(name, self._unknown_arguments(name))]
        raise LatexError(f"{name} means nothing in a formula")

    def _unknown_arguments(self, name: str) -> list[list[Node]]:
        """Groups directly behind a command that is not known belong to it."""
        if name in KNOWN or not name[1:].isalpha():
            return []
        found: list[list[Node]] = []
        while self.at < len(self.tokens) and self.tokens[self.at] == "{":
            found.append(self._group())
        return found

    def _option(self) -> list[Node] | None:
        if self._peek() != "[":
            return None
        self._next()
        content = self._sequence({"]"})
        self._next()
        return content or None

    def _delimiter(self) -> str:
        token = self._next()
        token = {"<": r"\langle", ">": r"\rangle"}.get(token, _SAME.get(token, token))
        if token not in _DELIMITERS:
            raise LatexError(f"{token} is no delimiter")
        return token

    def _sized(self, size: str) -> list[Node]:
        delimiter = self._delimiter()
        side = "l" if delimiter in _OPENING else "r" if delimiter in _CLOSING else ""
        return [Node(f"\\{size}{side}", words=(delimiter,))]

    def _fence(self) -> list[Node]:
        left = self._delimiter()
        content = self._sequence({r"\right"})
        self._next()
        right = self._delimiter()
        return _fenced(left, content, right)

    def _raw(self) -> str:
        """The source of a brace group, or the next token."""
        token = self._next()
        if token != "{":
            if not token.isalnum():
                raise LatexError(f"{token} stands where words are wanted")
            return token
        depth, words = 1, []
        while depth:
            if self.at >= len(self.tokens):
                raise LatexError("a brace is never closed")
            token = self.tokens[self.at]
            self.at += 1
            depth += (token == "{") - (token == "}")
            words.append(token)
        return "".join(words[:-1])

    def _begin(self) -> list[Node]:
        name = self._raw()
        kind = _ENVIRONMENTS.get(name)
        if kind is None:
            raise LatexError(f"{name} is no environment of math mode")
        columns = ""
        if kind in _PLACED and "".join(self.tokens[self.at : self.at + 3]) in ("[t]", "[c]", "[b]"):
            self.at += 3
        if kind == "array" or name in _COLUMN_COUNTED:
            columns = re.sub(r"@\{.*?\}|[^lcr|]", "", self._raw())
        rows = self._cells(r"\end")
        if self._raw() != name:
            raise LatexError(f"{name} is not closed")
        if kind in ("aligned", "gathered") and len(rows) == 1:
            return _spliced([node for cell in rows[0] for node in cell])
        return [_environment(kind, rows, columns if kind == "array" else "")]


def _unicode(char: str) -> str:
    if char.isascii():
        return char
    known = _UNICODE.get(char)
    return char if known is None else known + (" " if known[-1].isalpha() else "")


# --- the canonical form ---------------------------------------------------------------------------


def _spliced(nodes: list[Node]) -> list[Node]:
    """A group's content in its surroundings: without braces unless scripts behind it would then mean another thing."""
    if not nodes:
        return [Node("")]
    return nodes if nodes[-1].plain or (len(nodes) > 1 and nodes[-1].plain) else [Node("{}", [nodes])]


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
        if node.head in _SPACES:
            if last is None:
                continue
            if last.head in _SPACES:
                out[-1] = max(last, node, key=lambda space: _SPACES.index(space.head))
                continue
        if last is not None and node.head == last.head and node.head in _WORD_FONTS and last.plain:
            out[-1] = replace(node, words=(last.words[0] + node.words[0],))
            continue
        out.append(node)
    while out and out[-1].head in _SPACES:
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
    if node.head in _TALL or node.head == r"\middle" or node.sup is not None or node.primes:
        return True
    return any(_tall(each) for argument in node.arguments for each in argument)


def _in_font(font: str, nodes: list[Node]) -> list[Node]:
    """The font on every letter, wherever it stands."""
    out: list[Node] = []
    for node in nodes:
        if (
            node.head in _WORD_FONTS
            or node.head in _SYMBOL_FONTS
            or node.head in (r"\text", r"\operatorname")
        ):
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
        return letter or node.head.isdigit() or node.head in _LETTER_COMMANDS
    if font in (r"\mathbf", r"\mathbb"):
        return letter or node.head.isdigit()
    return letter


def _lettered(font: str, node: Node) -> Node:
    if font in _SYMBOL_FONTS:
        return replace(node, head=font, arguments=[[Node(node.head)]])
    if font == r"\mathit" and node.plain:
        return Node(font, words=(node.head,))
    return replace(node, head=font, words=(node.head,))


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
    if inner.isalpha() and inner.lower() not in _WORDS:
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


_LETTER_COMMANDS = frozenset(GREEK[char][len(r"\ensuremath{") : -1] for char in GREEK) | {
    r"\nabla", r"\partial", r"\ell", r"\hbar", r"\imath", r"\jmath", r"\infty", r"\cdot", r"\times",
}  # fmt: skip
# Commands that take no argument, so that a group behind them is not theirs.
KNOWN = (
    _LETTER_COMMANDS
    | OPERATORS
    | _TALL
    | {latex for latex in _UNICODE.values() if latex.startswith("\\") and latex[1:].isalpha()}
    | {new for new in _SAME.values() if new.startswith("\\")}
    | _commands(
        """emptyset varnothing aleph beth Re Im wp prime top bot angle triangle backslash forall exists neg flat
    natural sharp clubsuit diamondsuit heartsuit spadesuit pm mp setminus cdot times star diamond circ
    bullet div cap cup uplus sqcap sqcup triangleleft triangleright wr bigcirc vee wedge oplus ominus
    otimes oslash odot dagger ddagger amalg leq prec preceq ll subset subseteq sqsubseteq in vdash smile
    frown geq succ succeq gg supset supseteq sqsupseteq ni dashv mid parallel equiv sim simeq asymp
    approx cong bowtie propto models doteq perp leftarrow Leftarrow to Rightarrow leftrightarrow
    Leftrightarrow mapsto hookleftarrow hookrightarrow leftharpoonup rightharpoonup rightleftharpoons
    longleftarrow Longleftarrow longrightarrow Longrightarrow Longleftrightarrow longmapsto uparrow
    Uparrow downarrow Downarrow updownarrow nearrow searrow swarrow nwarrow leadsto ldots cdots vdots
    ddots lesssim gtrsim leqslant geqslant nleq ngeq subsetneq supsetneq nsubseteq blacksquare square
    lozenge bigstar therefore because complement coloneqq eqqcolon ltimes rtimes quad qquad langle rangle
    lfloor rfloor lceil rceil bmod S P dag ddag copyright pounds digamma varkappa eth mho Bbbk triangleq
    circledast boxplus boxtimes upharpoonright lessgtr curlyeqprec precsim succsim Doteq checkmark
    maltese surd"""
    )
)


# --- writing --------------------------------------------------------------------------------------


def _written(nodes: list[Node], script: bool = False) -> list[str]:
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
    written = _written(nodes, script=True)
    if len(written) == 1 and written[0] not in OPERATORS and written[0] not in ("[", "*", "'"):
        return written
    return ["{", *written, "}"]


def _braced(nodes: list[Node], script: bool) -> list[str]:
    return ["{", *_written(nodes, script), "}"]


def _base(node: Node, script: bool) -> Iterator[str]:
    if node.head == "":
        yield from "{}"
    elif node.head == "{}":
        yield from _braced(node.arguments[0], script)
    elif node.head in _WORD_FONTS or node.head == r"\operatorname":
        yield from _word(node, script)
    elif node.head == r"\text":
        yield from (node.head, "{", *node.words[0], "}")
    elif node.head == r"\left":
        left, right = node.words
        yield from (r"\left", left, *_written(node.arguments[0], script), r"\right", right)
    elif node.head == r"\begin":
        kind, columns = node.words
        yield from (r"\begin", "{", *kind, "}", *(("{", *columns, "}") if columns else ()))
        yield from _rows(node.rows, script, guarded=kind in _PLACED and not columns)
        yield from (r"\end", "{", *kind, "}")
    elif node.head == r"\substack":
        yield from (node.head, "{", *_rows(node.rows, script), "}")
    else:
        yield node.head
        yield from node.words
        if node.option is not None:
            yield from ("[", *_written(node.option, True), "]")
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
            written = _written(cell, script)
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
