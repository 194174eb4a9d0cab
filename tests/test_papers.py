"""How papers with formulas are drawn and compared; nothing here needs TeX."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks import formula_metrics as metrics
from benchmarks.formula_metrics import Comparison, Formula, Token
from docvlm import inline
from docvlm.document import Document
from docvlm.latex import normalize
from docvlm.schema import Block, Confidence, Kind, Page
from training.text.papers import LAYOUTS, Measure, Paper, Passage, draw_paper, rows_of


def any_size(font: str, points: int) -> Measure:
    return lambda sources: [(40.0, 10.0)] * len(sources)


def paper(seed: str = "1", layout: str = "article-two") -> Paper:
    return draw_paper(layout, seed, any_size)


def document(*blocks: tuple[Kind, str]) -> Document:
    """Blocks of one page; a formula is given in LaTeX."""
    made = [
        Block(
            id=f"p1b{number}",
            kind=kind,
            box=(0, 0, 1, 1),
            text="" if kind == "formula" else text,
            latex=text if kind == "formula" and text else None,
            confidence=Confidence(score=1.0, reliable=True),
        )
        for number, (kind, text) in enumerate(blocks, 1)
    ]
    return Document(
        source="a.pdf", sha256="0", pages=[Page(number=1, width=600.0, height=800.0, blocks=made)]
    )


def compared(truth: str, found: str) -> Comparison:
    """The body of a paper of one paragraph against one that was found."""
    said = metrics.said_by_truth([Passage("body", truth)])
    return metrics.compare_stream(
        said.streams["body"], metrics.said_by(document(("paragraph", found))).streams["body"]
    )


# --- drawing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_seed_draws_the_same_paper(layout: str) -> None:
    assert paper("1", layout) == paper("1", layout)
    assert paper("1", layout).source != paper("2", layout).source


def test_the_truth_is_canonical_and_reads_back() -> None:
    passages = paper().passages
    displays = [passage for passage in passages if passage.kind == "display"]
    assert {"title", "heading", "body", "item", "reference", "caption", "display"} <= {
        p.kind for p in passages
    }
    assert all(normalize(passage.text) == passage.text for passage in displays)
    formulas = [
        token.content
        for passage in passages
        if passage.kind != "display"
        for token in inline.children(passage.text)
        if token.type == "math_inline"
    ]
    assert len(formulas) > 100
    assert all(normalize(formula) == formula for formula in formulas)


def test_equations_are_numbered_from_one_as_tex_will() -> None:
    drawn = [paper(str(seed)) for seed in range(8)]
    tags = [[tag for passage in each.passages for tag in passage.tags] for each in drawn]
    within = [r"\numberwithin" in each.source for each in drawn]
    assert {True, False} == set(within)
    for numbers, by_section in zip(tags, within):
        if by_section:
            assert numbers[0].endswith(".1")
        else:
            assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_what_tex_refuses_or_finds_too_large_is_in_no_paper() -> None:
    def measure(font: str, points: int) -> Measure:
        def sizes(sources: Sequence[str]) -> list[tuple[float, float] | None]:
            known = {"frac": None, "sqrt": (900.0, 10.0), "sum": (40.0, 900.0)}
            return [next((size for name, size in known.items() if name in s), (40.0, 10.0)) for s in sources]

        return sizes

    source = draw_paper("ieeetran", "1", measure).source
    assert not any(name in source for name in (r"\frac", r"\sqrt", r"\sum"))


def test_rows_are_split_at_the_top_only() -> None:
    assert rows_of(
        r"\begin{aligned}a&=\begin{cases}1\\2\end{cases}\\[2pt]&=\substack{b\\c}\end{aligned},"
    ) == [
        r"a&=\begin{cases}1\\2\end{cases}",
        r"&=\substack{b\\c},",
    ]
    assert rows_of(r"x=\begin{cases}1\\2\end{cases}") == [r"x=\begin{cases}1\\2\end{cases}"]


# --- comparing ------------------------------------------------------------------------------------


def test_a_document_that_says_the_truth_is_right_throughout() -> None:
    kinds: dict[str, Kind] = {"display": "formula", "footnote": "footnote", "caption": "caption"}
    passages = paper().passages
    said = metrics.said_by_truth(passages)
    found = metrics.said_by(document(*[(kinds.get(p.kind, "paragraph"), p.text) for p in passages]))
    for stream in metrics.STREAMS:
        result = metrics.compare_stream(said.streams[stream], found.streams[stream])
        assert result.words and not result.wrong_words and not result.false
        assert result.pairs and all(pair.written == pair.truth.latex for pair in result.pairs)
    result = metrics.compare_displays(said.displays, found.displays)
    assert result.pairs and all(pair.written == pair.truth.latex for pair in result.pairs)


def test_spellings_of_the_same_formula_are_equal() -> None:
    (pair,) = compared(r"Let $x\leq\frac{1}{2}$ be.", r"Let $x \le \dfrac12$ be.").pairs
    assert pair.similarity == 1.0


def test_an_unread_formula_is_missed_but_its_letters_are_no_wrong_words() -> None:
    result = compared("Suppose that $x_i=3$ is large.", "Suppose that *x*<sub>i</sub> = 3 is large.")
    assert [pair.written for pair in result.pairs] == [None]
    assert (result.words, result.wrong_words) == (4, 0)


def test_a_letter_or_number_is_right_as_plain_text() -> None:
    result = compared("Here $n$ is $3$ and $k$ is $m$.", "Here *n* is 3 and $k$ is.")
    assert [(pair.plain, pair.similarity) for pair in result.pairs] == [
        (True, 1.0),
        (True, 1.0),
        (False, 1.0),
        (False, 0.0),
    ]


def test_a_formula_counts_only_between_the_words_where_it_stands() -> None:
    result = compared(
        r"First $\alpha$ is given and then $\beta$ follows.", r"First is given and then $\alpha$ follows."
    )
    assert [(pair.truth.latex, pair.written) for pair in result.pairs] == [
        (r"\alpha", None),
        (r"\beta", r"\alpha"),
    ]
    assert not result.false


def test_math_where_there_is_none_is_false_and_costs_its_words() -> None:
    result = compared("We ran it for a long time.", "We ran $it$ for a long time.")
    assert [formula.latex for formula in result.false] == ["it"]
    assert (result.words, result.wrong_words) == (7, 1)


def test_wrong_words_are_edits() -> None:
    assert compared("one two three four", "one tow three").wrong_words == 2
    assert compared("one two", "one 7 8 9 two").wrong_words == 3


def test_footnotes_and_captions_are_compared_on_their_own() -> None:
    said = metrics.said_by_truth(
        [Passage("footnote", "<sup>1</sup> Note $a$."), Passage("caption", "A curve.")]
    )
    found = metrics.said_by(
        document(("caption", "FIG. 2. A curve."), ("table", "cells"), ("footnote", "<sup>1</sup> Note $a$."))
    )
    expected: dict[str, list[Token]] = {
        "body": [],
        "footnote": ["1", "note", Formula("a")],
        "caption": ["a", "curve"],
    }
    assert said.streams == expected == found.streams


def test_displays_are_paired_in_order_and_strangers_left_over() -> None:
    truth = [Formula("a=b+c", ("1",)), Formula(r"\frac{x}{y}>0"), Formula("u=v+w", ("2",))]
    found = [metrics.display(r"a=b+d\tag{1}"), metrics.display("QQQQQQ"), metrics.display(r"u=v+w\tag{2}")]
    result = metrics.compare_displays(truth, found)
    assert [pair.written for pair in result.pairs] == ["a=b+d", None, "u=v+w"]
    assert [pair.similarity for pair in result.pairs] == [0.8, 0.0, 1.0]
    assert [pair.tags for pair in result.pairs] == [("1",), (), ("2",)]
    assert [formula.latex for formula in result.false] == ["QQQQQQ"]


def test_rows_found_as_displays_of_their_own_are_one_display() -> None:
    truth = [Formula(normalize(r"\begin{aligned}a&=b\\&=c+d\end{aligned}"), ("4", "5")), Formula("x=y")]
    found = [metrics.display(r"a=b\tag{4}"), metrics.display(r"=c+d \tag{5}"), metrics.display("x=y")]
    first, second = metrics.compare_displays(truth, found).pairs
    assert (first.similarity, first.tags) == (1.0, ("4", "5"))
    assert (second.similarity, second.written) == (1.0, "x=y")


def test_displays_are_read_from_blocks_and_from_between_words() -> None:
    said = metrics.said_by(
        document(("formula", r"a=b \tag{2.1}"), ("formula", ""), ("paragraph", "so $$c=d$$ then"))
    )
    assert said.displays == [Formula("a=b", ("2.1",)), Formula("c=d")]
    assert said.unread == 1
    assert said.streams["body"] == ["so", "then"]
