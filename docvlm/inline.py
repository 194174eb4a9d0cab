"""Inline Markdown: the one dialect that readers produce and writers print.

The dialect is CommonMark with GFM tables and strikethrough, ``$`` math, and the tags ``<sup>``, ``<sub>``, ``<u>``,
``<mark>``, ``<code>`` and ``<br>``. Any other HTML is ordinary text, so that a document's words can never become active
markup: here and nowhere else plain text is escaped (`escape`), a target becomes a link (`link`), and what a model wrote
becomes this dialect (`rewritten`). The other Markdown engines are minded, too: ``\\<`` is no escape for all of them, but
``&lt;`` is; some read attributes in braces, and some see no code where another does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType
from mdit_py_plugins.dollarmath import dollarmath_plugin

SOFT_HYPHEN = "\u00ad"

_SPACES = re.compile(r"[ \t\n\r\f\v]+")
_SPECIAL = re.compile(r"[\\`*_\]<$~&{]")
_LINE_START = re.compile(
    r"( ?)(?:(?=#{1,6}(?: |$)|>|[-+](?: |$)|-{2,} *$|=+ *$|\[[^\[\]]*\]:)|(\d{1,9})(?=[.)](?: |$)))"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_TAG = re.compile(r"<(/?)(sup|sub|u|mark|code|br) ?/?>", re.IGNORECASE)
_TARGET = re.compile(r"\]\s*\([^\s()]*[:&]")  # a link for engines that allow a space before its target
_ATTRIBUTES = re.compile(r"\{[^{}]*=")  # as Python-Markdown's attr_list has them
_TAG_IN_CODE = re.compile(r"<[A-Za-z/!?]|\][(\[:]")
_ENTITIES = {"<": "&lt;", "&": "&amp;"}

# Targets that open something, but run nothing. Without a scheme a target is a place in the document or beside it.
_SCHEMES = frozenset(("http", "https", "mailto", "tel", "ftp", "ftps", "doi", "urn"))
_SCHEME = re.compile(r"([^/?#]*?):")
_KEPT_IN_TARGETS = frozenset("%/:?#@!&+,;=~-._")
_BRACKET = re.compile(r"\\?([\[\]])")

# LaTeX that opens pages or writes HTML where MathJax or KaTeX are told to trust it.
_RUNNING = re.compile(
    r"\\(?:href|url|html[A-Za-z]*|class|style|cssId|data|require|includegraphics)(?![A-Za-z])"
)
_TAG_IN_MATH = re.compile(r"<(?=[A-Za-z/!?])")
_LINK_IN_MATH = re.compile(r"\](?=\s*\([^\s()]*[:&])")
_HANDLER_IN_MATH = re.compile(r"\bon[a-z]+(?=\s*=)", re.IGNORECASE)
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "s": "~~"}

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAK = re.compile(r"\s*\n\s*")

# What stands before and behind a formula, by its token's type.
MathMarks = Mapping[str, tuple[str, str]]

# Left halves that keep their hyphen when a line breaks after them: "self-" + "aware" is "self-aware".
_COMPOUND = frozenset(
    ("self", "non", "well", "cross", "high", "low", "long", "short", "half", "two", "three", "four", "quasi")
)
_ENDING = 3  # letters; "self-" is no word of its own before fewer
_CJK = re.compile(
    "[\u2e80-\u2fdf\u3000-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003ffff]"
)


def escape(text: str, line_start: bool = True) -> str:
    """Plain text as inline Markdown on one line, with a backslash or a reference only where markup would begin or end.

    Runs of whitespace become one space, and control characters go. Escape whole runs of text rather than single
    characters, since neighbours decide. With ``line_start`` false, marks of headings, quotes and lists are left alone.
    """
    text = without_controls(_SPACES.sub(" ", text))
    body = _SPECIAL.sub(lambda match: _escaped(text, match.start()), text)
    return _escape_line_start(body, text) if line_start else body


def _escaped(text: str, at: int) -> str:
    character = text[at]
    before, after = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
    if not _is_markup(character, before, after, text, at):
        return character
    if character == "]" and (_TARGET.match(text, at) or _is_in_address(text, at)):
        return "&#93;"
    return _ENTITIES.get(character) or "\\" + character


def _is_in_address(text: str, at: int) -> bool:
    """Whether a web address holds the place: engines that make links of these take backslashes for parts of them."""
    word = text[text.rfind(" ", 0, at) + 1 : at]
    return "://" in word or "www." in word


def _is_markup(character: str, before: str, after: str, text: str, at: int) -> bool:
    if character in "`$":
        return True
    if character == "\\":
        return after in _PUNCTUATION or at + 1 == len(text)
    if character == "*":
        return not (before == after == " ") or not text[:at].strip()
    if character == "_":
        return not (before == after == " " or (before.isalnum() and after.isalnum())) or not text[:at].strip()
    if character == "~":
        return before != " " or after == "~"
    if character == "]":
        return after in "([:" or _TARGET.match(text, at) is not None
    if character == "{":
        return _ATTRIBUTES.match(text, at) is not None
    if character == "<":
        # A tag's name may stand in the next run, whose font differs.
        return after in "/!?" or (after.isascii() and after.isalpha()) or at + 1 == len(text)
    return character == "&" and _ENTITY.match(text, at) is not None


def _escape_line_start(body: str, text: str) -> str:
    match = _LINE_START.match(text)
    if match is None:
        return body
    return body[: match.end()] + "\\" + body[match.end() :]


def styled(
    text: str,
    bold: bool = False,
    italic: bool = False,
    mono: bool = False,
    superscript: bool = False,
    subscript: bool = False,
    struck: bool = False,
    underlined: bool = False,
    highlighted: bool = False,
) -> str:
    """Plain ``text`` as inline Markdown in the given style; spaces at its ends stay outside the markers."""
    text = without_controls(_SPACES.sub(" ", text))
    inner = text.strip()
    if not inner:
        return text
    lead, tail = (" " if text[0] != inner[0] else ""), (" " if text[-1] != inner[-1] else "")
    marked = (
        _code(inner)
        if mono
        else escape(
            inner,
            line_start=not (
                bold or italic or superscript or subscript or struck or underlined or highlighted
            ),
        )
    )
    stars = "*" * (2 * bold + italic)
    tildes = "~~" * struck
    marked = f"{tildes}{stars}{marked}{stars}{tildes}"
    for tag in ("sup",) * superscript + ("sub",) * subscript + ("u",) * underlined + ("mark",) * highlighted:
        marked = f"<{tag}>{marked}</{tag}>"
    return f"{lead}{marked}{tail}"


def _code(text: str) -> str:
    text = without_controls(_SPACES.sub(" ", text)) or " "
    if _TAG_IN_CODE.search(text):
        return f"<code>{escape(text, line_start=False)}</code>"
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def link(text: str, target: str) -> str:
    """A link from plain ``text`` to ``target``, both escaped; the text alone where the target may not be opened."""
    return linked(escape(text, line_start=False), target)


def linked(markdown: str, target: str) -> str:
    """A link from inline ``markdown``, which has none itself, to ``target``; the words alone where that may not be opened.

    Targets are web and mail addresses and the like, and places in the document or beside it; nothing that runs
    (``javascript:``, ``data:``) or reaches into the reader's machine (``file:``).
    """
    safe = address(target)
    # Brackets nest inside a label only when balanced, so each is escaped; marked sees pictures there all the same.
    label = _BRACKET.sub(r"\\\1", markdown).replace("!\\[", "\\!\\[")
    return f"[{label}]({safe})" if safe else markdown


def address(target: str) -> str:
    """``target`` as it may stand in a link, "" where it may not."""
    # Browsers overlook white space and controls inside a scheme.
    bare = "".join(char for char in target if char.isprintable() and not char.isspace())
    scheme = _SCHEME.match(bare)
    if scheme is not None and scheme[1].lower() not in _SCHEMES:
        return ""
    address = "".join(c if c.isalnum() or c in _KEPT_IN_TARGETS else quote(c, safe="") for c in bare)
    return _ENTITY.sub(lambda match: f"&amp;{match[0][1:]}", address)


def math(latex: str) -> str:
    """A formula inside a line."""
    return f"${inert(latex).strip()}$"


def inert(latex: str) -> str:
    """LaTeX in which no engine sees a tag or a link, be it one that knows no formulas, and no formula runs anything."""
    latex = _TAG_IN_MATH.sub("< ", _RUNNING.sub(r"\\text", without_controls(latex)))
    return _HANDLER_IN_MATH.sub(r"\g<0>{}", _LINK_IN_MATH.sub("]{}", latex))


def rewritten(markdown: str) -> str:
    """Inline Markdown of another's making in this dialect: its words, styles and formulas, and links that run nothing.

    All other markup becomes text that shows it.
    """
    return _Rewriter().write(children(markdown))


class _Rewriter:
    """Writes inline tokens; neighbouring pieces of text are escaped as one."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.text = ""
        self.links: list[tuple[int, str]] = []

    def write(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            if token.type == "text":
                self.text += token.content
            elif token.type == "softbreak":
                self.text += " "
            else:
                self._flush()
                self._mark(token)
        self._flush()
        return "".join(self.parts)

    def _flush(self) -> None:
        if self.text:
            self.parts.append(escape(self.text, line_start=not self.parts))
            self.text = ""

    def _mark(self, token: Token) -> None:
        if token.type == "code_inline":
            self.parts.append(_code(token.content))
        elif token.type.startswith("math"):
            self.parts.append(math(token.content))
        elif token.type in ("break", "hardbreak"):
            self.parts.append("<br>")
        elif token.type == "link_open":
            if self.parts and self.parts[-1].endswith("!"):  # no picture
                self.parts[-1] = self.parts[-1][:-1] + "\\!"
            self.links.append((len(self.parts), str(token.attrGet("href") or "")))
        elif token.type == "link_close":
            start, target = self.links.pop()
            self.parts[start:] = [linked("".join(self.parts[start:]), target)]
        elif token.tag in _MARKS:
            self.parts.append(_MARKS[token.tag])
        else:
            self.parts.append(f"<{'/' if token.nesting < 0 else ''}{token.tag}>")


def plain(markdown: str) -> str:
    """The words of inline Markdown without any markup, on one line; math stays as its LaTeX source."""
    return " ".join(words(children(markdown)).split())


def words(tokens: Sequence[Token]) -> str:
    """The visible text of inline tokens."""
    return "".join(" " if t.type in ("softbreak", "hardbreak", "break") else t.content for t in tokens)


def children(markdown: str) -> list[Token]:
    """The inline tokens of ``markdown``; see :func:`parser` for those that CommonMark does not have."""
    return parser().parseInline(markdown)[0].children or []


@cache
def parser() -> MarkdownIt:
    """The parser of docvlm's dialect.

    It makes, beside CommonMark's, ``math_inline``, ``math_block``, ``s_open``, ``sup_open``, ``sub_open``, ``u_open``,
    ``mark_open`` and ``code_open`` (with their ``_close``, always balanced) and ``break``. It never makes raw HTML or
    images.
    """
    md = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    md.disable(["html_block", "image"])
    md.use(dollarmath_plugin, allow_labels=False, double_inline=True)
    md.core.ruler.push("docvlm_tags", _name_tags)
    md.add_render_rule("break", lambda *_: "<br>")
    md.add_render_rule("math_inline", _render_math)
    md.add_render_rule("math_inline_double", _render_math)
    md.add_render_rule("math_block", _render_math)
    return md


def to_html(markdown: str, marks: MathMarks | None = None) -> str:
    """Inline Markdown as HTML. ``marks`` go around its formulas, by the token's type, by default dollars."""
    rendered: str = parser().renderInline(without_controls(markdown).strip(), {"math": marks or {}})
    return rendered


def without_controls(text: str) -> str:
    """``text`` without control characters, which HTML forbids even as references."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(markdown: str) -> str:
    """Markdown of several lines on one."""
    return _LINE_BREAK.sub(" ", markdown.strip())


def _render_math(_: object, tokens: Sequence[Token], index: int, options: object, env: EnvType) -> str:
    """Math as its LaTeX source between the marks that ``env["math"]`` names, by default dollars."""
    token = tokens[index]
    marks = env.get("math", {}).get(token.type) or (
        ("$", "$") if token.type == "math_inline" else ("$$", "$$")
    )
    return f"{marks[0]}{escapeHtml(token.content.strip())}{marks[1]}"


def _name_tags(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            _balance(token.children)


def _balance(tokens: list[Token]) -> None:
    """Gives the few known tags a token type of their own, and turns all other HTML into text."""
    opened: list[tuple[str, Token]] = []
    for token in tokens:
        # What is read is only how words look, so <b> and <i> say it better than <strong> and <em>.
        token.tag = {"strong": "b", "em": "i"}.get(token.tag, token.tag)
        if token.type.endswith("_open"):
            opened.append(("", token))
        elif token.type.endswith("_close"):
            _drop_to_markup(opened)
        elif token.type == "html_inline":
            token.type = "text"
            _name_tag(token, opened)


def _drop_to_markup(opened: list[tuple[str, Token]]) -> None:
    # Tags left open inside emphasis or a link stay text: markup must nest.
    while opened and opened.pop()[0]:
        pass


def _name_tag(token: Token, opened: list[tuple[str, Token]]) -> None:
    match = _TAG.fullmatch(token.content)
    if match is None:
        return
    tag = match[2].lower()
    if tag == "br":
        _rename(token, "break", tag, 0)
    elif not match[1]:
        opened.append((tag, token))
    elif opened and opened[-1][0] == tag:
        _rename(opened.pop()[1], f"{tag}_open", tag, 1)
        _rename(token, f"{tag}_close", tag, -1)


def _rename(token: Token, kind: str, tag: str, nesting: int) -> None:
    token.type, token.tag, token.content = kind, tag, ""
    token.nesting = 1 if nesting > 0 else -1 if nesting < 0 else 0


def join(previous: str, following: str) -> str:
    """One text from two that a line, column or page break parted.

    A hyphen before a lowercase letter goes, unless the word before it is a usual first half of a compound;
    Chinese and Japanese join without a space.
    """
    left, right = previous.rstrip(), following.lstrip()
    if not left or not right:
        return left or right
    for rule in (_join_hyphen, _join_range, _join_cjk):
        joined = rule(left, right)
        if joined is not None:
            return joined
    return f"{left} {right}"


def _join_hyphen(left: str, right: str) -> str | None:
    if left[-1] not in "-\u2010" + SOFT_HYPHEN or not left[-2:-1].isalpha() or not right[0].islower():
        return None
    first = re.split(r"[^\w-]", left[:-1])[-1]
    second = re.split(r"[^\w-]", right)[0]
    # "well-known" but "low-er"; what has one hyphen ("state-of-") mostly has all.
    is_compound = first.lower() in _COMPOUND and len(second) > _ENDING
    keeps = left[-1] != SOFT_HYPHEN and (is_compound or "-" in first or "-" in second)
    return left + right if keeps else left[:-1] + right


def _join_range(left: str, right: str) -> str | None:
    """A range of numbers that broke after its dash: "77–" + "86"."""
    return left + right if left[-1] == "–" and left[-2:-1].isdigit() and right[0].isdigit() else None


def _join_cjk(left: str, right: str) -> str | None:
    return left + right if _CJK.match(left[-1]) and _CJK.match(right[0]) else None
