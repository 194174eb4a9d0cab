"""Pages made for training: the same seed gives the same page, and its truth holds together."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from typing import Any

import pytest

from docvlm import contents
from docvlm.layout.drawn import things_drawn
from docvlm.mupdf import pymupdf
from docvlm.text_layer import read_text
from training.pages import build, chromium, html, latex, look, maths, truth, typst
from training.pages.documents import DOCUMENTS
from training.pages.sheet import BODY, Sheet
from training.pages.sheets import owners
from training.pages.templates import TEMPLATES
from training.pages.text import WORDS, Text

ROLES = {
    "title", "heading", "paragraph", "list", "caption", "footnote", "header", "footer", "page_number", "side_note", "table",
    "formula", "code", "figure_label", "form_label", "form_value", "contents", "stamp",
}  # fmt: skip
needs_latex = pytest.mark.skipif(latex.find_latex() is None, reason="no pdfLaTeX")
needs_typst = pytest.mark.skipif(importlib.util.find_spec("typst") is None, reason="no Typst")
needs_browser = pytest.mark.skipif(chromium.find_browser() is None, reason="no Chromium")


def _sheet() -> Sheet:
    rng = random.Random(1)
    return Sheet(rng, look.sample(rng), Text(rng))


def _page(*words: tuple[float, float, str, int]) -> pymupdf.Page:
    """A page with words at (x, y), each in the colour of its run's number."""
    page = pymupdf.open().new_page(width=400, height=300)
    for x, y, text, color in words:
        page.insert_text(
            (x, y), text, fontsize=10, color=tuple((color >> shift & 255) / 255 for shift in (16, 8, 0))
        )
    return page


def _check(record: dict[str, Any]) -> None:
    count = len(record["lines"])
    assert count
    assert set(record["role"]) <= ROLES
    assert all(len(record[name]) == count for name in ("role", "next", "block", "item"))
    followed = [index for index in record["next"] if index >= 0]
    assert len(followed) == len(set(followed)), "a line is read after two others"
    starts = set(range(count)) - set(followed)
    seen = set()
    for index in starts:
        while index >= 0:
            assert index not in seen
            seen.add(index)
            index = record["next"][index]
    assert len(seen) == count, "lines are read in a circle"
    for number in set(record["item"]) - {-1}:
        of_item = [index for index in range(count) if record["item"][index] == number]
        assert len({record["block"][index] for index in of_item}) == 1
        assert len({record["role"][index] for index in of_item}) == 1
    for line in record["lines"]:
        assert line["text"].strip()
        assert line["size"] > 0


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_seed_gives_one_page(name: str) -> None:
    first, second = (html.make_page(5, [name]) for _ in range(2))
    assert first[2] == second[2]
    assert first[1].runs == second[1].runs
    assert first[2] != html.make_page(6, [name])[2]
    assert {run.role for run in first[1].runs} <= ROLES


def test_every_run_has_its_own_colour() -> None:
    _, sheet, printed = html.make_page(3, ["magazine"])
    assert all(f"color:#{number:06x}" in printed for number in range(1, len(sheet.runs) + 1))


@pytest.mark.parametrize("language", WORDS)
def test_text_is_about_as_long_as_asked(language: str) -> None:
    prose = Text(random.Random(2), language).prose(600)
    assert 250 < len(prose) < 1000
    assert prose == Text(random.Random(2), language).prose(600)


def test_runs_are_read_in_the_order_in_which_they_were_made() -> None:
    sheet = _sheet()
    head = sheet.number()
    sheet.run("heading", "First")
    block, item = sheet.number(), sheet.number()
    sheet.run("paragraph", "left", block=block, item=item)
    sheet.run("header", "running", flow=head)
    sheet.run("paragraph", "right", block=block, item=item)
    page = _page(
        (200, 100, "goes on right", 4),
        (20, 100, "begins left", 2),
        (20, 20, "running", 3),
        (20, 60, "First", 1),
    )
    made = truth.record(page, sheet, "test", 0)
    _check(made)
    assert made["role"] == ["paragraph", "paragraph", "header", "heading"]
    assert made["next"] == [-1, 0, -1, 1]
    assert made["block"][0] == made["block"][1] != made["block"][3]
    assert made["item"][0] == made["item"][1]


def test_a_line_of_two_runs_is_of_the_one_with_most_letters() -> None:
    sheet = _sheet()
    sheet.run("form_label", "Name")
    sheet.run("form_value", "Somebody", color=0x0000FF)
    page = _page((20, 50, "Name", 1), (46, 50, "Somebody", 2))
    made = truth.record(page, sheet, "test", 0)
    assert made["role"] == ["form_value"]
    assert made["lines"][0]["color"] == 0x0000FF


def test_words_of_no_run_are_an_error() -> None:
    sheet = _sheet()
    sheet.run("paragraph", "known")
    with pytest.raises(truth.Unexplained, match="stray"):
        truth.record(_page((20, 50, "known", 1), (20, 90, "stray", 9)), sheet, "test", 0)


def test_what_is_drawn() -> None:
    page = _page((20, 50, "words", 1))
    page.draw_rect(page.rect, color=None, fill=(1, 1, 0.9))
    page.draw_line((20, 100), (200, 100), width=0.5)
    page.draw_rect((20, 120, 80, 160), color=None, fill=(0.5, 0.5, 0.5))
    page.draw_line((20, 200), (23, 200), width=0.5)
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 8, 8))
    pixmap.clear_with(120)
    page.insert_image((100, 120, 160, 160), pixmap=pixmap)
    page = pymupdf.open(stream=page.parent.tobytes())[0]
    assert [thing[0] for thing in things_drawn(page)] == ["rule", "fill", "image"]


def test_lines_are_the_same_without_looking_for_underlines() -> None:
    def lines() -> list[tuple[str, tuple[float, float, float, float]]]:
        return [(line.text, line.box) for line in read_text(page).lines]

    page = _page((20, 50, "plain and underlined words", 0))
    page.draw_line((20, 52), (120, 52), width=0.5)
    with_styles = lines()
    contents.forget(page)
    contents.skip_styles(page)
    assert lines() == with_styles


@needs_browser
def test_truth_of_printed_pages_holds_together(tmp_path: Path) -> None:
    names = list(TEMPLATES)
    seeds = range(40, 40 + 30)
    records, failures = html.make_batch(seeds, names)
    assert not failures
    assert len(records) == len(seeds)
    for record in records:
        _check(record)
        for region in record["regions"]:
            x0, y0, x1, y1 = region["box"]
            assert 0 <= x0 < x1 <= record["width"] + 1
            assert 0 <= y0 < y1 <= record["height"] + 1
    assert {region["kind"] for record in records for region in record["regions"]} >= {"table", "picture"}
    count, _, _ = build.make_shard(tmp_path / "pages-00000.jsonl.gz", "html", seeds[:4], names)
    again = list(build.read_shards(tmp_path))
    assert count == len(again) == 4
    assert again == html.make_batch(seeds[:4], names)[0]
    # The height of type depends on which of its letters the print has, by hundredths of a point.
    for first, second in zip(records, again):
        assert first["next"] == second["next"]
        assert [line["text"] for line in first["lines"]] == [line["text"] for line in second["lines"]]
        for line, other in zip(first["lines"], second["lines"]):
            assert line["box"] == pytest.approx(other["box"], abs=0.2)


@needs_browser
def test_columns_are_read_one_after_the_other() -> None:
    sheet = _sheet()
    words = sheet.run("paragraph", " ".join(f"word{number}" for number in range(120)), flow=BODY)
    columns = f'<div style="columns:2;height:180pt;column-fill:auto;font:9pt serif">{words}</div>'
    style = "<style>@page s{size:300pt 300pt;margin:0}</style>"
    section = f'{style}<section class=pg style="width:300pt;height:299pt;page:s">{columns}</section>'
    with pymupdf.open(stream=chromium.print_pdf(html.document([section])), filetype="pdf") as pdf:
        made = truth.record(pdf[0], sheet, "test", 0)
    order = [made["next"].index(-1)]
    while order[0] in made["next"]:
        order.insert(0, made["next"].index(order[0]))
    read = " ".join(made["lines"][index]["text"].strip() for index in order)
    assert read.split() == [f"word{number}" for number in range(120)]
    assert len({round(made["lines"][index]["box"][0]) for index in order}) == 2


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_seed_gives_one_document(name: str) -> None:
    first, second = (typst.make_page(7, [name])[1] for _ in range(2))
    assert first.parts == second.parts
    assert first.sheet.runs == second.sheet.runs
    assert first.parts != typst.make_page(8, [name])[1].parts
    assert {run.role for run in first.sheet.runs} <= ROLES
    assert latex.make_page(7, [name])[1].parts == latex.make_page(7, [name])[1].parts


def test_formulas_are_written_for_both_engines() -> None:
    tree = (
        "row",
        ("frac", ("letter", "a"), ("number", "2")),
        ("sign", "<="),
        ("big", "sum", ("letter", "i"), ("letter", "n")),
    )
    assert maths.typst(tree) == "frac(a, 2) <= sum_(i)^(n)"
    assert maths.latex(tree) == r"\frac{a}{2}\le \sum_{i}^{n}"
    assert all(maths.signs(maths.equation(random.Random(seed), 14)) <= 14 for seed in range(40))


def _check_documents(records: list[dict[str, Any]], engine: str) -> None:
    for record in records:
        assert record["source"].startswith(f"{engine}/")
        _check(record)
        for region in record["regions"]:
            x0, y0, x1, y1 = region["box"]
            assert 0 <= x0 < x1 <= record["width"] + 1
            assert 0 <= y0 < y1 <= record["height"] + 1
    kinds = {region["kind"] for record in records for region in record["regions"]}
    assert "table" in kinds
    assert len(kinds) > 2
    assert {role for record in records for role in record["role"]} >= {
        "heading",
        "paragraph",
        "list",
        "table",
        "code",
    }


@needs_typst
def test_truth_of_typst_pages_holds_together() -> None:
    records, failures = typst.make_batch(range(40, 70), list(typst.SHARES))
    assert not failures
    assert len({record["seed"] for record in records}) == 30
    _check_documents(records, "typst")
    assert typst.make_batch(range(40, 44), list(typst.SHARES)) == typst.make_batch(
        range(40, 44), list(typst.SHARES)
    )


@needs_latex
def test_truth_of_latex_pages_holds_together() -> None:
    records, failures = latex.make_batch(range(100, 125), list(latex.SHARES))
    assert not failures
    assert len({record["seed"] for record in records}) == 25
    _check_documents(records, "latex")


@needs_latex
def test_what_latex_says_of_a_fault_is_told() -> None:
    with pytest.raises(RuntimeError, match="Undefined control sequence"):
        latex.compile_pdf(r"\documentclass{article}\begin{document}\nosuchthing\end{document}")


@needs_typst
def test_pages_that_run_over_belong_to_their_sheet() -> None:
    link = 'link("http://s/{}", box(width: 9pt, height: 5pt))'
    source = "".join(
        f"#page(width: 300pt, height: 300pt, background: {link.format(index)})[#lorem({words})]\n"
        for index, words in enumerate((3, 400, 3))
    )
    found = owners(typst.compile_pdf(source))
    assert found == sorted(found)
    assert [found.count(index) for index in (0, 2)] == [1, 1]
    assert found.count(1) > 1


@needs_typst
def test_columns_of_typst_are_read_one_after_the_other() -> None:
    names = ["paper"]
    records, _ = typst.make_batch(range(12), names)
    jumps = 0
    for record in records:
        boxes = [line["box"] for line in record["lines"]]
        for index, following in enumerate(record["next"]):
            if following >= 0 and record["role"][index] == record["role"][following] == "paragraph":
                up = boxes[following][3] < boxes[index][1] - 50
                jumps += up
                assert not up or boxes[following][0] > boxes[index][0], (
                    "the text goes up where no column begins"
                )
    assert jumps
