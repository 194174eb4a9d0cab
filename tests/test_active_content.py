"""Nothing that a page or a model says runs in a browser, whichever engine makes HTML of the Markdown.

The engines disagree on escapes, on spaces in links, on where code begins and on attributes in braces, so each property is
asked of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import cmarkgfm
import commonmark
import html5lib
import markdown
import mistune
import pytest
from cmarkgfm.cmark import Options as CmarkOptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docvlm import inline
from docvlm.document import Document
from docvlm.readers import markup
from docvlm.running_text import flow
from docvlm.schema import Block, Confidence, Kind, Page
from docvlm.spans import Line, Span
from docvlm.tables import text as tables

_MISTUNE = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url", "footnotes"])
# Each lets HTML through, as docvlm's own tags need.
ENGINES: dict[str, Callable[[str], str]] = {
    "markdown-it": MarkdownIt("gfm-like", {"html": True, "linkify": False}).render,
    "cmark-gfm": lambda text: cmarkgfm.github_flavored_markdown_to_html(
        text, options=CmarkOptions.CMARK_OPT_UNSAFE
    ),
    "commonmark": commonmark.commonmark,
    "Python-Markdown": lambda text: markdown.markdown(text, extensions=["extra", "sane_lists"]),
    "Python-Markdown, bare": markdown.markdown,
    "mistune": lambda text: str(_MISTUNE(text)),
}
# What Markdown itself makes, and docvlm's tags; and attributes that run or fetch something.
TAGS = re.compile(
    "html|head|body|p|[bh]r|em|strong|del|[sbiau]|code|pre|blockquote|[uod]l|li|h[1-6]|su[pb]|mark|table|thead|tbody|t[rhd]"
    "|section|div|d[td]|abbr"
)
ACTIVE = re.compile("on[a-z]+|src(set|doc)?|(form)?action|poster|background|data|.*:href", re.IGNORECASE)
RUNNING = re.compile(r"\s*(?:javascript|vbscript|data|file)\s*:", re.IGNORECASE)

ATTACKS = [
    "https://x/<img src=x onerror=alert(1)>",
    "www.x.org/<svg/onload=alert(1)>",
    "<script>alert(1)</script>",
    "\\<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x] (javascript:alert(1))",
    "![x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)",
    "`<b onclick=alert(1)>`",
    "`` ` <img src=x onerror=alert(1)> `",
    "$<img src=x onerror=alert(1)>$",
    "$[x](javascript:alert(1))$",
    "Title {: onclick=alert(1) }",
    "*a*{: onclick=alert(1) }",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<!-- --><img src=x onerror=alert(1)>",
    "a\n\n<img src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "\x02klzzwxh:0000\x03",
]
PIECES = st.sampled_from(
    [
        *ATTACKS,
        "<", ">", "[", "]", "(", ")", "`", "``", "$", "\\", "!", "*", "**", "_", "{", "}", ":", "=", "~~", "&", "&lt;",
        "javascript:", "img", "script", " onerror=alert(1)", "https://",
        " ", "\n", "|", "#", "a", "x", "<sup>", "</sup>", '"',
    ]
)  # fmt: skip
HOSTILE = st.lists(PIECES, max_size=12).map("".join)
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def active(html: str) -> list[str]:
    """What could run in, or be fetched by, a page of this HTML: foreign tags and attributes, and targets that run."""
    found = []
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        if not TAGS.fullmatch(str(element.tag)) and "Comment" not in str(element.tag):
            found.append(f"<{element.tag}>")
        for name, value in element.items():
            if ACTIVE.fullmatch(name) or (name == "href" and RUNNING.match(value)):
                found.append(f"{element.tag} {name}={value}")
    return found


def block(kind: Kind, text: str, **fields: object) -> Block:
    sure = Confidence(score=0.97, reliable=True)
    return Block.model_validate(
        {"id": "b", "kind": kind, "box": (0, 0, 1, 1), "text": text, "confidence": sure, **fields}
    )


def page_of(*blocks: Block) -> Document:
    return Document(
        source="a.pdf", sha256="0", pages=[Page(number=1, width=9, height=9, blocks=list(blocks))]
    )


def assert_inert(text: str) -> None:
    for name, engine in ENGINES.items():
        assert active(engine(text)) == [], (name, text)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", ["heading", "paragraph", "caption", "list"])
def test_a_page_that_says_markup_shows_it(attack: str, kind: Kind) -> None:
    text = inline.escape(attack)
    written = page_of(block(kind, f"- {text}" if kind == "list" else text, level=1)).to_markdown()
    assert_inert(written)
    # cmark-gfm takes a reference inside an address for a part of it.
    shown = unescape("".join(html5lib.parse(ENGINES["cmark-gfm"](written)).itertext()))
    assert unescape("".join(inline.without_controls(attack).split())) in "".join(shown.split())


@given(HOSTILE)
@many
def test_escaped_text_is_inert(text: str) -> None:
    assert_inert(inline.escape(text))


@given(st.lists(st.tuples(HOSTILE, st.booleans(), st.booleans()), min_size=1, max_size=4))
@many
def test_markup_that_fonts_part_is_inert(runs: list[tuple[str, bool, bool]]) -> None:
    spans = [
        Span(text, (0, 0, 1, 1), 10, italic=italic, mono=mono) for text, italic, mono in runs if text.strip()
    ]
    assert_inert(flow([Line((0, 0, 1, 1), spans)]))


@given(HOSTILE)
@many
def test_what_a_model_writes_is_inert(text: str) -> None:
    blocks = []
    for piece in markup.parse(text):
        said = "\n".join(f"- {item.text}" for item in piece.items) or piece.text
        blocks.append(block(piece.kind, said, level=piece.level, table=piece.table, latex=piece.latex))
    assert_inert(page_of(*blocks).to_markdown().replace("$$\n", "$$ "))


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_model_that_writes_markup_shows_it(attack: str) -> None:
    for answer in (attack, f"| a |\n| --- |\n| {attack} |", f"<table><tr><td>{attack}</td></tr></table>"):
        for piece in markup.parse(answer):
            assert_inert(piece.text if piece.table is None else tables.markdown(piece.table))


@given(HOSTILE)
@many
def test_a_link_runs_nothing(text: str) -> None:
    assert_inert(inline.link(text, text))
    assert_inert(inline.link("here", text))


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", " JavaScript:x", "java\tscript:x", "\x01javascript:x", "data:text/html,x", "vbscript:x",
     "file:///etc/passwd", "jar:http://x!/", ""],
)  # fmt: skip
def test_what_runs_is_no_target(target: str) -> None:
    assert inline.link("here", target) == "here"


@pytest.mark.parametrize(
    "target",
    ["https://example.org/a?b=1&c=2#d", "http://x.org/a_(b)", "mailto:a@b.org", "#section-2", "www.example.org",
     "b.pdf#page=3"],
)  # fmt: skip
def test_a_link_keeps_its_target(target: str) -> None:
    for name, engine in ENGINES.items():
        html = html5lib.parse(engine(inline.link("a [b] *c*", target)), namespaceHTMLElements=False)
        (anchor,) = html.iter("a")
        assert anchor.get("href", "").replace("%28", "(").replace("%29", ")") == target, name
        assert "".join(anchor.itertext()) == "a [b] *c*", name


def test_ordinary_text_of_a_model_stays_as_it_was() -> None:
    said = "**Bold** and *slanted* `code`, H<sub>2</sub>O, $x^2$, ~~no~~ and [a link](https://x.org), 3 < 5."
    assert inline.rewritten(said) == said


def test_a_formula_opens_and_writes_nothing() -> None:
    assert inline.math(r"\href{javascript:alert(1)}{x} + a<b") == r"$\text{javascript:alert(1)}{x} + a< b$"
