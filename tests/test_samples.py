"""Conversions of the samples against their truth: what the README promises must hold for every producer."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pymupdf
import pytest

import docvlm
from benchmarks.metrics import Scores, score
from docvlm.document import Document
from docvlm.schema import Block

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
INDEX: dict[str, dict[str, Any]] = json.loads((SAMPLES / "truth" / "index.json").read_text())
BORN_DIGITAL = [name for name, entry in INDEX.items() if entry["kind"] == "born-digital"]
SCANS = [name for name, entry in INDEX.items() if entry["kind"] == "scan"]


@cache
def converted(name: str) -> Document:
    return docvlm.convert(SAMPLES / name, password=INDEX[name]["password"])


@cache
def scored(name: str) -> Scores:
    truth = (SAMPLES / "truth" / INDEX[name]["truth"]).read_text()
    return score(truth, converted(name).to_markdown(), INDEX[name]["furniture"])


def blocks(name: str, kind: str) -> list[Block]:
    return [block for block in converted(name).blocks() if block.kind == kind]


@pytest.mark.parametrize("name", BORN_DIGITAL)
def test_born_digital_text_is_right(name: str) -> None:
    assert scored(name).text >= 0.97
    assert scored(name).leaked == 0


@pytest.mark.parametrize("name", SCANS)
def test_scanned_words_are_right(name: str) -> None:
    assert scored(name).words >= 0.97
    assert scored(name).leaked == 0


@pytest.mark.parametrize("name", [name for name in BORN_DIGITAL if name != "wrong-text.pdf"])
def test_headings_have_their_levels(name: str) -> None:
    levels = scored(name).heading_levels
    assert levels is None or levels >= 0.95


@pytest.mark.parametrize("name", BORN_DIGITAL)
def test_table_cells_are_exact(name: str) -> None:
    cells = scored(name).cells
    assert cells is None or cells >= 0.9


def test_every_page_is_there_and_none_failed() -> None:
    for name, entry in INDEX.items():
        document = converted(name)
        assert [page.number for page in document.pages] == list(range(1, entry["pages"] + 1))
        assert [page.error for page in document.pages] == [None] * entry["pages"]
        assert not [block.id for block in document.blocks() if block.error]


def test_furniture_is_kept_in_the_json() -> None:
    said = {block.text for kind in ("header", "footer") for block in blocks("report.pdf", kind)}
    assert {"Harrow Vale Libraries", "Page 2 of 4"} <= said
    assert "Harrow Vale Libraries" not in converted("report.pdf").to_markdown()


def test_table_over_two_pages_is_joined_once() -> None:
    markdown = converted("report.pdf").to_markdown()
    assert markdown.count("| Branch | Half | Loans |") == 1
    assert [block.continues is not None for block in blocks("report.pdf", "table")] == [False, True]


def test_paragraph_over_a_column_is_joined() -> None:
    document = converted("paper.pdf")
    going_on = [block for block in document.blocks() if block.kind == "paragraph" and block.continues]
    assert going_on
    by_id = {block.id: block for block in document.blocks()}
    assert all(block.continues in by_id for block in going_on)


def test_footnote_stands_after_its_call() -> None:
    pieces = converted("paper.pdf").to_markdown().split("\n\n")
    note = next(i for i, piece in enumerate(pieces) if piece.startswith("<sup>1</sup>"))
    assert "<sup>1</sup>" in pieces[note - 1]


def test_formulas_are_latex_with_their_numbers() -> None:
    formulas = blocks("paper.pdf", "formula")
    assert [block.latex and block.latex.partition(r"\tag")[2] for block in formulas] == ["{1}", "{2}", "{3}"]
    assert formulas[0].latex == r"h_i(t)=z_i(t)+d_i(t)+\varepsilon_i(t). \tag{1}"
    assert all(block.reader == "vlm" for block in formulas)
    text = converted("paper.pdf").to_markdown()
    assert r"$q=\sigma_d^2/\sigma_\varepsilon^2$" in text and r"we use $q=10^{-5}$ for" in text


@pytest.mark.parametrize(
    "name", ["invoice.pdf", "report.pdf", "financial.pdf", "newsletter.pdf", "slides.pdf"]
)
def test_no_mathematics_is_seen_where_there_is_none(name: str) -> None:
    assert not re.search(r"(?<!\\)\$[^$]+(?<!\\)\$", converted(name).to_markdown())


def test_captions_name_their_targets() -> None:
    by_id = {block.id: block for block in converted("paper.pdf").blocks()}
    targets = {
        block.text.split()[0]: by_id[block.target].kind
        for block in blocks("paper.pdf", "caption")
        if block.target
    }
    assert targets["Table"] == "table"
    assert targets["Figure"] in ("picture", "chart")


def test_code_keeps_its_indentation() -> None:
    code = blocks("report.pdf", "code")
    assert len(code) == 1
    assert "\n                total[row" in code[0].text


def test_wrong_text_layer_is_found_out() -> None:
    layer = converted("wrong-text.pdf").pages[0].text_layer
    assert layer is not None and not layer.trusted and "agree" in layer.reason
    assert {block.reader for block in converted("wrong-text.pdf").blocks()} == {"ocr"}


def test_good_text_layers_are_trusted_and_checked() -> None:
    for name in ("paper.pdf", "report.pdf", "chinese.pdf", "sideways.pdf", "rotated.pdf"):
        for page in converted(name).pages:
            assert page.text_layer is not None and page.text_layer.trusted, name
        checks = [check.name for block in blocks(name, "paragraph") for check in block.confidence.checks]
        assert "text-agreement" in checks, name


def test_sideways_page_is_turned_upright() -> None:
    page = converted("sideways.pdf").pages[0]
    assert page.width > page.height
    for block in page.blocks:
        x0, y0, x1, y1 = block.box
        assert -1 <= x0 < x1 <= page.width + 1 and -1 <= y0 < y1 <= page.height + 1


def test_blank_page_stays_empty() -> None:
    assert [bool(page.blocks) for page in converted("blank-page.pdf").pages] == [True, False, True]


def test_json_round_trip_gives_the_same_markdown() -> None:
    for name in INDEX:
        document = converted(name)
        assert Document.from_json(document.to_json()).to_markdown() == document.to_markdown()


def test_reader_text_believes_the_layer_and_reader_ocr_does_not() -> None:
    wrong = docvlm.convert(SAMPLES / "wrong-text.pdf", reader="text")
    assert {block.reader for block in wrong.blocks()} == {"text"}
    right = docvlm.convert(SAMPLES / "rotated.pdf", reader="ocr", pages="1")
    assert {block.reader for block in right.blocks()} == {"ocr"}


def test_plain_and_ruled_tables_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the network for grids was asked")

    monkeypatch.setattr("docvlm.tables.grid.find_grids", fail)
    document = docvlm.convert(SAMPLES / "norules.pdf")
    tables = [block.table for block in document.blocks() if block.table]
    assert [(table.rows, table.columns, table.has_spans) for table in tables] == [
        (6, 5, False),
        (7, 4, False),
    ]
    ruled = docvlm.convert(SAMPLES / "financial.pdf")
    assert [block.table.has_spans for block in ruled.blocks() if block.table] == [True]
    # Merged header cells without rules are neither.
    merged = pymupdf.open()
    page = merged.new_page()
    for x, y, text in (
        (200, 100, "Revenue of the years"),
        (100, 100, "Segment"),
        (200, 120, "2024"),
        (300, 120, "2023"),
    ):
        page.insert_text((x, y), text)
    for row, name in enumerate(("North", "South", "Both coasts", "Islands")):
        for x, text in ((100, name), (200, str(412 + 7 * row)), (300, str(388 - 9 * row))):
            page.insert_text((x, 140 + 20 * row), text)
    found = docvlm.convert(merged.tobytes())
    assert any("the network for grids was asked" in str(block.error) for block in found.blocks())
