"""The benchmark's metrics on cases small enough to count by hand."""

from __future__ import annotations

import pytest

pytest.importorskip("markdown_it")
pytest.importorskip("bs4")
pytest.importorskip("rapidfuzz")

from benchmarks import metrics
from benchmarks.metrics import FORMULA, Heading

ORDER_BLOCKS = [
    "alpha beta gamma delta",
    "one two three four",
    "red green blue yellow",
    "north east south west",
]


def test_normalize_folds_ligatures_quotes_dashes_and_space() -> None:
    assert metrics.normalize("ﬁve\u00a0 “big”\n— co\u00adop") == 'five "big" - coop'


def test_normalize_drops_space_next_to_cjk() -> None:
    assert metrics.normalize("文档\n转换 PDF 文件") == "文档转换PDF文件"


def test_words_take_cjk_characters_one_by_one() -> None:
    assert metrics.words_of("Read 文档, v2.") == ["read", "文", "档", "v2"]


def test_parse_strips_markup_and_keeps_order() -> None:
    parsed = metrics.parse(
        "# A *b*\n\nText **bold** `code`\nmore ![alt](x.png)\n\n- one\n- two\n\n3. three\n4. four\n"
    )
    assert parsed.blocks == ["A b", "Text bold code more", "one", "two", "3. three", "4. four"]
    assert parsed.headings == [Heading(1, "A b")]


def test_parse_numbers_in_text_and_in_lists_are_the_same_text() -> None:
    assert metrics.parse("1\\. first").text == metrics.parse("1. first").text == "1. first"


def test_parse_keeps_text_of_a_loose_list_item_with_its_number() -> None:
    assert metrics.parse("1. first\n\n   second\n\n2. third").blocks == ["1. first", "second", "2. third"]


def test_parse_footnotes_and_superscripts_are_the_same_text() -> None:
    assert (
        metrics.parse("word[^1]\n\n[^1]: The note").text
        == metrics.parse("word<sup>1</sup>\n\n1 The note").text
    )


def test_parse_ignores_indentation_comments_and_rules() -> None:
    assert metrics.parse("    indented\n\n<!-- page 2 -->\n\n---\n\nlast").blocks == ["indented", "last"]


def test_parse_expands_merged_cells() -> None:
    html = (
        "<table><tr><th rowspan=2>Item</th><th colspan=2>Year</th></tr>\n\n"
        "<tr><th>2023</th><th>2024</th></tr><tr><td>Sales</td><td>1,204</td><td>1,310</td></tr></table>"
    )
    parsed = metrics.parse(html)
    assert parsed.tables == [
        [["Item", "Year", "Year"], ["Item", "2023", "2024"], ["Sales", "1,204", "1,310"]]
    ]
    assert parsed.text == "Item Year 2023 2024 Sales 1,204 1,310"


def test_parse_removes_formulas_but_not_money() -> None:
    parsed = metrics.parse("From $5 million to $6 million, $x_1$ and $n$.\n\n$$\n\\frac{a}{b}\n$$\n\n`$y^2$`")
    assert metrics.normalize(parsed.text.replace(FORMULA, "")) == "From $5 million to $6 million, and . $y^2$"
    assert parsed.formula_sizes == [2, 1, 3]


def test_formula_read_skipped_or_pictured_scores_the_same() -> None:
    truth = "The energy of a body is $E = mc^2$ as everyone was taught."
    for shown in ("$E = mc^2$", "E = mc 2", "", "![formula](f.png)"):
        assert metrics.score(truth, truth.replace("$E = mc^2$", shown)).text == 1.0


def test_text_beyond_the_formula_is_not_forgiven() -> None:
    truth = "Where $x$ is known."
    assert metrics.score(truth, "Where somebody invented a sentence is known.").text < 0.7


def test_edit_similarity() -> None:
    assert metrics.edit_similarity("abcd", "abxd") == 0.75
    assert metrics.edit_similarity("abcd", "") == 0.0
    assert metrics.edit_similarity("", "") == 1.0


def test_word_f1_ignores_order_and_counts_repeats() -> None:
    assert metrics.word_f1(["a", "b", "b"], ["b", "a", "b"]) == 1.0
    assert metrics.word_f1(["a", "b", "b"], ["b", "c"]) == pytest.approx(2 * 1 / 5)


def test_order_score_counts_moved_blocks() -> None:
    first, second, third, fourth = ORDER_BLOCKS
    assert metrics.order_score(ORDER_BLOCKS, " ".join(ORDER_BLOCKS)) == 1.0
    # [0, 2, 1, 3] against [0, 1, 2, 3]: two edits in four
    assert metrics.order_score(ORDER_BLOCKS, " ".join([first, third, second, fourth])) == 0.5


def test_order_score_leaves_missing_blocks_to_the_text_metric() -> None:
    assert metrics.order_score(ORDER_BLOCKS, " ".join(ORDER_BLOCKS[1:])) == 1.0
    assert metrics.order_score(ORDER_BLOCKS, ORDER_BLOCKS[0]) is None


def test_heading_scores() -> None:
    truth = [Heading(1, "Introduction"), Heading(2, "Related work")]
    candidate = [Heading(1, "Introductlon"), Heading(3, "Related work"), Heading(2, "Page furniture")]
    plain, levels = metrics.heading_scores(truth, candidate)
    assert plain == pytest.approx(2 * 2 / 5)
    assert levels == pytest.approx(2 * 1.5 / 5)


def test_heading_scores_without_headings() -> None:
    assert metrics.heading_scores([], []) == (None, None)
    assert metrics.heading_scores([Heading(1, "A")], []) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("truth", "candidate", "agree"),
    [
        ("1,204.5", "1,204.5", True),
        ("1,204.5", "1,204.6", False),
        ("$ 12", "$12", True),
        ("Total operating", "Total operatlng", True),
        ("Net", "Nat", False),
    ],
)
def test_cells_agree(truth: str, candidate: str, agree: bool) -> None:
    assert metrics.cells_agree(truth, candidate) is agree


def test_table_scores_equal_and_empty() -> None:
    grid = [["a", "b"], ["1", ""]]
    assert metrics.table_scores([grid], [grid]) == (1.0, 1.0)
    assert metrics.table_scores([], []) == (None, None)
    assert metrics.table_scores([grid], []) == (0.0, 0.0)


def test_table_scores_lost_row_breaks_places_but_not_alignment() -> None:
    truth = [["item", "year"], ["x", "1"], ["y", "2"], ["z", "3"]]
    candidate = [truth[0], truth[2], truth[3]]
    exact, aligned = metrics.table_scores([truth], [candidate])
    assert exact == pytest.approx(2 * 2 / 14)
    assert aligned == pytest.approx(2 * 6 / 14)


def test_table_scores_extra_column() -> None:
    truth = [["a", "b"], ["1", "2"]]
    candidate = [["a", "", "b"], ["1", "", "2"]]
    assert metrics.table_scores([truth], [candidate]) == pytest.approx((0.5, 1.0))


def test_tables_are_paired_by_content() -> None:
    one, two = [["a", "1"]], [["b", "2"]]
    assert metrics.table_scores([one, two], [two, one]) == (1.0, 1.0)


def test_invented_table_counts() -> None:
    assert metrics.table_scores([[["a"]]], [[["a"]], [["x", "y"]]])[0] == pytest.approx(2 * 1 / 4)


def leaks(furniture: list[str], truth: str, candidate: str) -> int:
    return metrics.leaked_furniture(furniture, metrics.parse(truth), metrics.parse(candidate))


def test_furniture_on_its_own_line_or_inside_text_leaks() -> None:
    furniture = ["Annual Report 2024", "Page 3"]
    assert leaks(furniture, "Body.", "Body.\nAnnual Report 2024\n\nPage 3") == 2
    assert leaks(furniture, "Body.", "Body and Annual Report 2024 more body, see Page 3.") == 1


def test_furniture_that_the_truth_holds_is_no_leak() -> None:
    assert leaks(["Annual Report 2024"], "# Annual Report 2024", "# Annual Report 2024") == 0
    assert (
        leaks(["Annual Report 2024"], "# Annual Report 2024", "# Annual Report 2024\n\nAnnual Report 2024")
        == 1
    )


def test_furniture_with_ocr_slips_leaks_but_another_year_does_not() -> None:
    assert (
        leaks(["Annual Report 2024"], "", "Annua1 Report 2024") == 0
    )  # a digit that differs may be another text
    assert leaks(["Annual Report 2024"], "", "Annual Rcport 2024") == 1
    assert leaks(["Annual Report 2024"], "", "Annual Report 2023") == 0


def test_score_of_a_perfect_copy() -> None:
    markdown = (
        "# Title\n\nSome first words here.\n\nThen other words follow.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    scores = metrics.score(markdown, markdown, ["Footer line"])
    assert scores == metrics.Scores(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0)
