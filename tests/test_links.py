"""Links of PDF pages become links of the text; what runs is never written."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

import docvlm
from docvlm import inline
from docvlm.annotations.decorations import decorate
from docvlm.annotations.links import safe_target
from docvlm.boxes import Box
from docvlm.running_text import flow
from docvlm.spans import Decoration, Line, Span

_FIRST = "The words of this paragraph fill a line, and among them stands the handbook of the"
_SECOND = "house, which goes on here. Write to the office or see the notes, or pay at once."


def _words(page: pymupdf.Page, *words: str) -> list[Box]:
    """The boxes of ``words``, one after the other, where they first stand on the page."""
    boxes = []
    for word in words:
        rect = page.search_for(word)[0]
        boxes.append((rect.x0, rect.y0, rect.x1, rect.y1))
    return boxes


def _convert(tmp_path: Path, *links: tuple[str, str], rotation: int = 0) -> docvlm.Document:
    """A page of two lines on which words lead to addresses, or to page 2 for "#"."""
    document = pymupdf.open()
    other = document.new_page()
    other.insert_text((72, 100), "The second page has a line of its own that says so.", fontsize=11)
    page = document.new_page(0)
    page.insert_text((72, 100), _FIRST, fontsize=11)
    page.insert_text((72, 114), _SECOND, fontsize=11)
    for word, address in links:
        (box,) = _words(page, word)
        if address == "#":
            page.insert_link(
                {"kind": pymupdf.LINK_GOTO, "from": pymupdf.Rect(box), "page": 1, "to": pymupdf.Point(72, 90)}
            )
        else:
            page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(box), "uri": address})
    page.set_rotation(rotation)
    document.save(tmp_path / "links.pdf")
    return docvlm.convert(tmp_path / "links.pdf")


def test_words_lead_where_their_link_does(tmp_path: Path) -> None:
    found = _convert(
        tmp_path, ("office", "mailto:office@example.org"), ("once", "https://example.org/pay?a=1&b=2")
    )
    markdown = found.to_markdown()
    assert "Write to the [office](mailto:office@example.org) or" in markdown
    assert "pay at [once](https://example.org/pay?a=1&b=2)." in markdown
    assert '<a href="https://example.org/pay?a=1&amp;b=2">once</a>' in found.to_html()
    assert r"\href{https://example.org/pay?a=1\&b=2}{once}" in found.to_latex()
    (block,) = found.pages[0].blocks
    assert block.links is not None
    assert [(link.text, link.target) for link in block.links] == [
        ("office", "mailto:office@example.org"),
        ("once", "https://example.org/pay?a=1&b=2"),
    ]


def test_a_link_over_two_lines_is_one(tmp_path: Path) -> None:
    address = "https://example.org/handbook"
    found = _convert(tmp_path, ("handbook of the", address), ("house", address))
    assert f"[handbook of the house]({address})," in found.to_markdown()
    assert [link.text for link in found.pages[0].blocks[0].links or []] == ["handbook of the house"]


def test_a_links_edge_cuts_no_word_and_takes_no_stop_along(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text(
        (72, 100), "The first step is seen in the drawing (Fig. 1). The authors confirm it.", fontsize=11
    )
    (x0, y0, _, y1), (x1, *_) = *_words(page, "Fig"), *_words(page, "authors")
    rect = pymupdf.Rect(x0, y0, page.search_for("The a")[0].x1, y1)  # reaches into the word
    assert rect.x1 > x1
    page.insert_link({"kind": pymupdf.LINK_URI, "from": rect, "uri": "https://example.org/1"})
    rect = pymupdf.Rect(page.search_for("drawing")[0])
    rect.x1 -= 20
    page.insert_link({"kind": pymupdf.LINK_URI, "from": rect, "uri": "https://example.org/2"})
    (block,) = docvlm.convert(document.tobytes()).pages[0].blocks
    assert "([Fig. 1). The](https://example.org/1) authors" in block.text
    assert (
        "the [dra](https://example.org/2)wing" in block.text
    )  # where it has nothing else a part of a word is meant
    page.insert_link(
        {"kind": pymupdf.LINK_URI, "from": page.search_for("Fig. 1).")[0], "uri": "https://example.org/3"}
    )
    (block,) = docvlm.convert(document.tobytes()).pages[0].blocks
    assert "([Fig. 1](https://example.org/3))." in block.text


def test_a_word_in_which_two_links_meet_is_of_one() -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), "It is made by the trade [30] Fig. 3 shows all of it.", fontsize=11)
    mark, figure = page.search_for("[30] F")[0], page.search_for("ig. 3")[0]
    page.insert_link({"kind": pymupdf.LINK_URI, "from": mark, "uri": "https://example.org/30"})
    page.insert_link({"kind": pymupdf.LINK_URI, "from": figure, "uri": "https://example.org/3"})
    (block,) = docvlm.convert(document.tobytes()).pages[0].blocks
    assert r"[\[30\]](https://example.org/30) [Fig. 3](https://example.org/3) shows" in block.text


def test_a_link_to_a_page_leads_to_its_begin(tmp_path: Path) -> None:
    found = _convert(tmp_path, ("notes", "#"))
    markdown = found.to_markdown()
    assert "see the [notes](#page-2)," in markdown
    assert markdown.index('<a id="page-2"></a>') < markdown.index("The second page")
    assert '<a href="#page-2">notes</a>' in found.to_html() and '<a id="page-2"></a>' in found.to_html()
    assert r"\hyperlink{page-2}{notes}" in found.to_latex() and r"\hypertarget{page-2}{}" in found.to_latex()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_links_of_turned_pages_stay_on_their_words(tmp_path: Path, rotation: int) -> None:
    found = _convert(tmp_path, ("office", "https://example.org"), rotation=rotation)
    assert "the [office](https://example.org) or" in found.to_markdown()


def test_links_stand_in_tables_and_lists(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for row, cells in enumerate(
        (("Name", "Price", "Stock"), ("bolt", "1.20", "40"), ("nut", "0.80", "75"), ("washer", "0.10", "90"))
    ):
        for column, text in enumerate(cells):
            page.insert_text((90 + 150 * column, 110 + 20 * row), text)
        page.draw_line((80, 96 + 20 * row), (500, 96 + 20 * row))
    page.draw_line((80, 176), (500, 176))
    for row, text in enumerate(("the first thing", "the second thing", "the last thing")):
        page.insert_text((90, 300 + 16 * row), f"\u2022 {text}")
    for word in ("nut", "second thing"):
        (box,) = _words(page, word)
        page.insert_link(
            {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(box), "uri": "https://example.org/a_b"}
        )
    document.save(tmp_path / "table.pdf")
    markdown = docvlm.convert(tmp_path / "table.pdf").to_markdown()
    assert "| [nut](https://example.org/a_b) | 0.80 | 75 |" in markdown
    assert "- the [second thing](https://example.org/a_b)\n" in markdown


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript\x00:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "jar:http://example.org",
        "blob:https://example.org/1",
        "about:blank",
        "setup.exe",
        "//example.org",
        "",
    ],
)
def test_what_runs_or_is_unknown_is_no_target(address: str) -> None:
    assert safe_target(address) is None


def test_a_link_that_runs_leaves_its_words_alone(tmp_path: Path) -> None:
    found = _convert(tmp_path, ("office", "javascript:alert(1)"), ("once", "data:text/html,x"))
    for text in (found.to_markdown(), found.to_html(), found.to_json()):
        assert "javascript:" not in text and "data:text" not in text
    assert "Write to the office or" in found.to_markdown()


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("www.example.org/a", "http://www.example.org/a"),
        ("HTTPS://example.org/a(b)", "HTTPS://example.org/a%28b%29"),
        ("https://example.org/a b|c<d>\\e`f", "https://example.org/a%20b%7Cc%3Cd%3E%5Ce%60f"),
        ("https://example.org/?a=1&copy;=2", "https://example.org/?a=1&copy;=2"),
        ("tel:+49-30-1", "tel:+49-30-1"),
    ],
)
def test_a_target_holds_nothing_that_ends_a_link(address: str, target: str) -> None:
    assert safe_target(address) == target


def _flow(*runs: tuple[str, str]) -> str:
    spans, x = [], 0.0
    for text, target in runs:
        spans.append(Span(text, (x, 0, x + 5 * len(text), 10), 10.0, link=target))
        x += 5 * len(text)
    return flow([Line((0, 0, x, 10), spans)])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("see [3] there", r"[see \[3\] there](https://a.b/)"),
        ("a ] b", r"[a \] b](https://a.b/)"),
        ("https://a.b/", "<https://a.b/>"),
        ("under_score", "[under_score](https://a.b/)"),
    ],
)
def test_labels_are_closed_by_nothing_in_them(words: str, shown: str) -> None:
    written = _flow((words, "https://a.b/"))
    assert written == shown
    assert inline.to_html(written).count("<a ") == 1
    assert inline.plain(written) == words


def test_a_mark_of_exclamation_makes_no_picture_of_a_link() -> None:
    assert _flow(("Look here!", ""), ("now", "https://a.b/")) == r"Look here\![now](https://a.b/)"


def test_words_that_ocr_read_are_parted_at_links() -> None:
    line = Line((0, 0, 100, 10), [Span("one two three four", (0, 0, 90, 10), 10.0, score=0.9)])
    decorate([line], [Decoration((19, 0, 66, 10), link="https://a.b/")])
    assert [(span.text, span.link) for span in line.spans] == [
        ("one ", ""),
        ("two three ", "https://a.b/"),
        ("four", ""),
    ]


def test_a_picture_that_is_a_link_leads_there(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    pixels = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 60, 40), False)
    pixels.clear_with(120)
    page.insert_image((100, 100, 280, 220), pixmap=pixels)
    page.insert_text((72, 300), _FIRST, fontsize=11)
    rect = pymupdf.Rect(100, 100, 280, 220)
    page.insert_link({"kind": pymupdf.LINK_URI, "from": rect, "uri": "https://example.org/a?b=1&c=2"})
    document.save(tmp_path / "picture.pdf")
    found = docvlm.convert(tmp_path / "picture.pdf")
    assert "[![picture](picture_assets/p1b1.png)](https://example.org/a?b=1&c=2)" in found.to_markdown()
    assert '<a href="https://example.org/a?b=1&amp;c=2"><img' in found.to_html()
    assert r"\href{https://example.org/a?b=1\&c=2}{" in found.to_latex()


def test_a_badge_that_leads_somewhere_is_a_picture_however_small(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), _FIRST, fontsize=11)
        badge = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 30), False)
        badge.set_rect(badge.irect, (40, 90, 200))
        for y in (150, 200):
            page.insert_image(pymupdf.Rect(72, y, 102, y + 15), pixmap=badge)
        page.insert_link(
            {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(72, 150, 102, 165), "uri": "https://a.b/"}
        )
        (read,) = docvlm.convert(document.tobytes()).pages
    (picture,) = (block for block in read.blocks if block.kind == "picture")
    assert [link.target for link in picture.links or []] == ["https://a.b/"]


def test_a_picture_of_a_strange_json_leads_nowhere_that_runs(tmp_path: Path) -> None:
    link = {"text": "", "target": "javascript:alert(1)", "box": [0, 0, 10, 10]}
    confidence = {"score": 1.0, "reliable": True}
    block = {"id": "p1b1", "kind": "picture", "box": [0, 0, 10, 10], "asset": "a.png", "links": [link]}
    page = {"number": 1, "width": 10, "height": 10, "blocks": [block | {"confidence": confidence}]}
    found = docvlm.Document.model_validate({"source": "a.pdf", "sha256": "", "pages": [page]})
    for text in (found.to_markdown(), found.to_html(), found.to_latex()):
        assert "javascript" not in text
