"""The comparison with real documents: what their sources say, which of it is on a page, and what counts."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import pymupdf
import pytest

pytest.importorskip("bs4")
pytest.importorskip("rapidfuzz")

truth: Any = importlib.import_module("benchmarks.wild_truth")
pages: Any = importlib.import_module("benchmarks.wild_pages")
scores: Any = importlib.import_module("benchmarks.wild_scores")

HTML = """<html><body><div class="header">Previous Next</div><h1>2 Rivers</h1>
<p>Rivers carry water from the hills down to the sea.</p>
<ul><li><p>The longest river of the land is the Elbe.</p><p>It has many arms.</p></li><li>A short one.</li></ul>
<pre>flow = rain - loss</pre>
<table><tr><th>River</th><th>Length</th></tr><tr><td>Elbe</td><td>1094</td></tr></table>
<div class="footnotes-segment"><p>As measured in the last century.</p></div></body></html>"""

TEX = r"""\documentclass{article}\title{All about \\ rivers}\begin{document} % a remark
\section[short]{On \emph{Rivers}}\label{s}
Rivers carry 50\% of the water\footnote{In a wet year it is more than that.} as \cite{a} says: $x^2$ is caf\'e.

\begin{itemize}\item First, the \textbf{Elbe}.\item[b)] Then the others.\end{itemize}
\begin{verbatim}
flow = rain % not a remark
\end{verbatim}
\begin{table}\caption{All of them}\begin{tabular}{lr}River & Length \\ \hline Elbe & 1094 \\\end{tabular}\end{table}
\[ a = b \] And so on to the sea.
\end{document}"""


def _seen(blocks: Any) -> list[tuple[str, str]]:
    return [(each.kind, " ".join(word or "_" for word in each.words)) for each in blocks]


def test_blocks_of_html(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(HTML)
    blocks = truth.blocks_of([tmp_path / "a.html"])
    assert _seen(blocks) == [
        ("heading", "2 rivers"),
        ("paragraph", "rivers carry water from the hills down to the sea"),
        ("item", "the longest river of the land is the elbe"),
        ("paragraph", "it has many arms"),
        ("item", "a short one"),
        ("code", "flow rain loss"),
        ("table", "river length elbe 1094"),
        ("footnote", "as measured in the last century"),
    ]
    assert blocks[6].rows == (("River", "Length"), ("Elbe", "1094")) and blocks[0].level == 1


def test_html_files_follow_each_other_as_the_first_one_links_them(tmp_path: Path) -> None:
    for name, text in (
        ("index", '<a href="z.html#1">z</a><a href="b.html">b</a>'),
        ("b", "<p>two</p>"),
        ("z", "<p>one</p>"),
    ):
        (tmp_path / f"{name}.html").write_text(f"<body>{text}</body>")
    blocks = truth.blocks_of([tmp_path / f"{name}.html" for name in ("index", "b", "z")])
    assert [each.text for each in blocks][-2:] == ["one", "two"]


def test_blocks_of_tex(tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(TEX.replace("% not", "- not"))
    blocks = truth.blocks_of([tmp_path / "a.tex"])
    assert _seen(blocks) == [
        ("heading", "all about rivers"),
        ("heading", "on rivers"),
        ("paragraph", "rivers carry 50 of the water _ as _ says _ is café"),
        ("item", "first the elbe"),
        ("item", "b then the others"),
        ("footnote", "in a wet year it is more than that"),
        ("code", "flow rain not a remark"),
        ("caption", "all of them"),
        ("table", "river length elbe 1094"),
        ("paragraph", "and so on to the sea"),
    ]
    assert blocks[8].rows == (("River", "Length"), ("Elbe", "1094"))


def test_a_page_has_the_blocks_whose_words_it_has() -> None:
    blocks = [
        truth.block("paragraph", "Nothing of this one is on the page that is looked at."),
        truth.block("heading", "Short", 2),
        truth.block("paragraph", "This began before and goes on here till it reaches its end at last."),
        truth.block("heading", "Wind", 2),
        truth.block("paragraph", "Wind blows the macro all day long."),
    ]
    words = [
        "here",
        "till",
        "it",
        "reaches",
        "its",
        "end",
        "at",
        "last",
        "wind",
        "wind",
        "blows",
        "the",
        "all",
        "day",
        "long",
    ]
    found = truth.Places(blocks).on_page(words, Counter(words))
    assert _seen(found) == [
        ("paragraph", "here till it reaches its end at last"),
        ("heading", "wind"),
        ("paragraph", "wind blows the _ all day long"),
    ]
    assert [each.whole for each in found] == [False, True, True]


def test_running_heads_are_what_stands_on_pages_nearby(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<p>" + " ".join(f"word{number} of many" for number in range(40)) + "</p>"
    )
    with pymupdf.open() as document:
        for number in range(4):
            page = document.new_page()
            page.insert_text((72, 40), f"Chapter {number}. Rivers")
            page.insert_text(
                (72, 300),
                " ".join(f"word{k} of many" for k in range(number * 10, number * 10 + 10)),
                fontsize=7,
            )
            page.insert_text((300, 820), str(number + 1))
        document.save(tmp_path / "a.pdf")
    found = pages.pages_of(tmp_path / "a.pdf", [tmp_path / "a.html"], "")
    assert found[2].furniture == ("2", "Chapter 1. Rivers") and found[2].covered == 1
    assert "chapter" not in found[2].layer and "chapter" in found[2].everything


def _page(*blocks: Any, furniture: tuple[str, ...] = ()) -> Any:
    words = tuple(word for each in blocks for word in each.words if word)
    return pages.PageTruth(blocks, words, words, furniture, 1.0)


LEFT = truth.block("paragraph", "The left column says one thing and then some more of it.")
RIGHT = truth.block("paragraph", "Another matter is told on the right side of the sheet.")


def test_columns_read_line_by_line_lose_order_and_no_word() -> None:
    right = scores.count(_page(LEFT, RIGHT), f"{LEFT.text}\n\n{RIGHT.text}")
    left, other = LEFT.text.split(), RIGHT.text.split()
    mixed = " ".join(word for k in range(0, 12, 3) for word in (*left[k : k + 3], *other[k : k + 3]))
    wrong = scores.count(_page(LEFT, RIGHT), mixed)
    assert (right.share("recall"), right.share("order"), right.share("sequence")) == (1, 1, 1)
    assert wrong.share("recall") == 1 and wrong.share("order") == 0 and right.fault == 0 < wrong.fault


def test_blocks_out_of_turn_are_not_in_sequence() -> None:
    swapped = scores.count(_page(LEFT, RIGHT), f"{RIGHT.text}\n\n{LEFT.text}")
    assert swapped.share("order") == 1 and swapped.share("sequence") == 0


def test_words_lost_doubled_or_kept_elsewhere() -> None:
    page = _page(LEFT, RIGHT)
    half = scores.count(page, LEFT.text, others=f"{RIGHT.text} {LEFT.text}")
    assert 0.4 < half.share("recall") < 0.7 and half.share("gone") == 0
    assert scores.count(page, LEFT.text, others="").share("gone") > 0.3
    twice = scores.count(page, f"{LEFT.text}\n\n{LEFT.text}\n\n{RIGHT.text}")
    assert twice.share("recall") == 1 and twice.share("precision") < 0.8


def test_structure_is_compared_by_its_kind() -> None:
    head = (truth.block("heading", "Rivers", 1), truth.block("heading", "Their length", 2))
    items = truth.block("item", "The longest is the Elbe."), truth.block("item", "A short one is the Panke.")
    code = truth.block("code", "flow = rain - loss")
    table = truth.block("table", "River Length Elbe 1094", rows=[["River", "Length"], ["Elbe", "1094"]])
    page = _page(*head, *items, code, table, furniture=("Chapter 2. Rivers",))
    good = (
        "# 2 Rivers\n\n## 2.1 Their length\n\n- The longest is the Elbe.\n- A short one is the Panke.\n\n"
        "```\nflow = rain - loss\n```\n\n| River | Length |\n|---|---|\n| Elbe | 1094 |\n"
    )
    names = ("headings", "levels", "lists", "code", "cells")
    counts = scores.count(page, good)
    assert [counts.share(name) for name in names] == [1] * 5 and counts.leaks == 0
    lettered = good.replace("- The", "(a) The").replace("\n- A", "\n\nb) A")
    assert scores.count(page, lettered).share("lists") == 1
    flat = "## Rivers\n\n# Their length\n\nThe longest is the Elbe.\n\nChapter 2. Rivers\n\nflow = rain - loss\n\nElbe 1094"
    counts = scores.count(page, flat)
    assert [counts.share(name) for name in names] == [1, 0, 0, 0, 0] and counts.leaks == 1


def test_counts_of_pages_add_up() -> None:
    total = scores.Counts()
    for text in (LEFT.text, ""):
        total.add(scores.count(_page(LEFT), text))
    assert total.pages == 2 and total.share("recall") == 0.5
