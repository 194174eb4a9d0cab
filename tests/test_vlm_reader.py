"""Pages and regions read by a model: its words, the page's places, and how far the two agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pymupdf
import pytest
from conftest import SAMPLES, Command, events, make_pdf
from numpy.typing import NDArray

import docvlm
from docvlm import confidence
from docvlm.decoding.interface import Format, Reading
from docvlm.document import Document
from docvlm.draft import Draft, PageDraft
from docvlm.errors import UsageError
from docvlm.readers import markup, vlm
from docvlm.readers.align import similarity
from docvlm.schema import Block

_SURE = (math.log(0.99),) * 20


class Fake:
    """Answers what it was given to say, page by page; an exception among the answers is raised."""

    name = "fake"
    batch_size = 4

    def __init__(self, *answers: str | Reading | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Format, int]] = []

    def read(
        self, images: Sequence[NDArray[np.uint8]], form: Format = "markdown", max_tokens: int = 4096
    ) -> list[Reading]:
        assert all(image.ndim == 3 and image.dtype == np.uint8 for image in images)
        self.asked.append((form, len(images)))
        faults = [answer for answer in self.answers[: len(images)] if isinstance(answer, Exception)]
        if faults:
            if len(images) == 1:
                self.answers.pop(0)
            raise faults[0]
        said = [self.answers.pop(0) for _ in images]
        return [text if isinstance(text, Reading) else _reading(str(text)) for text in said]


def _reading(text: str) -> Reading:
    return Reading(text, _SURE, finished=True)


Read = Callable[..., Document]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Converts ``path`` with a fake model that gives ``answers``."""

    def convert(path: Path, *answers: str | Reading | Exception, **settings: Any) -> Document:
        fake = settings.pop("fake", None) or Fake(*answers)
        monkeypatch.setattr("docvlm.roles.Models.needed", lambda self, role: fake)
        return docvlm.convert(path, **({"reader": "vlm"} | settings), model="fake")

    return convert


def _checks(block: Block) -> dict[str, bool]:
    return {check.name: check.passed for check in block.confidence.checks}


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


_BODY = [
    "The harbour was built in eighteen hundred and twelve by two brothers from the north.",
    "Its walls of granite have withstood every storm since then, even that of last winter.",
    "Nobody knows who laid the first stone, but the name of the mason stands on the last.",
]


def _page(path: Path, paragraphs: Sequence[str] = _BODY, pages: int = 1) -> Path:
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=400, height=500)
            page.insert_text((50, 60), f"The harbour, part {number}", fontsize=20)
            for index, text in enumerate(paragraphs):
                page.insert_textbox((50, 100 + 80 * index, 350, 170 + 80 * index), text, fontsize=11)
        document.save(path)
    return path


def test_a_right_reading_has_the_boxes_of_the_text_and_is_reliable(read: Read, tmp_path: Path) -> None:
    path = _page(tmp_path / "a.pdf")
    answer = "# The harbour, part 1\n\n" + "\n\n".join(_BODY)
    (page,) = read(path, answer).pages
    plain = docvlm.convert(path, reader="text").pages[0]
    assert [block.kind for block in page.blocks] == ["heading"] + ["paragraph"] * 3
    assert page.blocks[0].level == 1
    for block, other in zip(page.blocks, plain.blocks, strict=True):
        assert block.text == other.text and block.reader == "vlm"
        assert _overlap(block.box, other.box) > 0.95
        assert block.confidence.reliable and block.confidence.score > 0.95
        assert _checks(block) == {"token-probability": True, "repetition": True, "text-agreement": True}


@pytest.mark.parametrize("name", ["invoice", "report"])
def test_a_samples_own_text_as_answer_gives_the_sample_back(read: Read, name: str) -> None:
    plain = docvlm.convert(SAMPLES / f"{name}.pdf", pages="1")
    (page,) = read(SAMPLES / f"{name}.pdf", plain.to_markdown(), pages="1").pages
    boxes = {
        block.text: block.box for block in plain.pages[0].blocks if block.kind in ("paragraph", "heading")
    }
    found = {block.text: block for block in page.blocks if block.reader == "vlm"}
    shared = boxes.keys() & found.keys()
    assert len(shared) >= 0.8 * len(boxes) > 2
    assert all(_overlap(boxes[text], found[text].box) > 0.8 for text in shared)
    assert sum(found[text].confidence.reliable for text in shared) >= 0.9 * len(shared)
    for kind in ("table", "picture", "chart"):
        count = [sum(block.kind == kind for block in p.blocks) for p in (plain.pages[0], page)]
        assert count[0] == count[1], kind
    tables = [[b for b in p.blocks if b.kind == "table"] for p in (plain.pages[0], page)]
    for one, other in zip(*tables, strict=True):
        assert one.table and other.table and _overlap(one.box, other.box) > 0.7
        assert [c.text for c in one.table.cells] == [c.text for c in other.table.cells]


def test_an_invented_paragraph_is_kept_and_doubted(read: Read, tmp_path: Path) -> None:
    invented = "In other news the weather on the moon has been remarkably mild for weeks."
    answer = "\n\n".join([*_BODY[:1], invented, *_BODY[1:]])
    blocks = read(_page(tmp_path / "a.pdf"), answer).pages[0].blocks
    (doubted,) = [block for block in blocks if block.text == invented]
    assert not doubted.confidence.reliable
    assert _checks(doubted)["box-interpolated"] is False and _checks(doubted)["text-agreement"] is False
    others = {block.text: block for block in blocks}
    assert others[_BODY[0]].box[3] <= doubted.box[1] < doubted.box[3] <= others[_BODY[1]].box[1]
    assert all(others[text].confidence.reliable for text in _BODY)


def test_what_the_model_leaves_out_is_filled_in_at_its_place(read: Read, tmp_path: Path) -> None:
    answer = "# The harbour, part 1\n\n" + "\n\n".join([_BODY[0], _BODY[2]])
    blocks = read(_page(tmp_path / "a.pdf"), answer).pages[0].blocks
    assert [(block.text, block.reader) for block in blocks[1:]] == [
        (_BODY[0], "vlm"), (_BODY[1], "text"), (_BODY[2], "vlm")
    ]  # fmt: skip


def test_a_model_that_speaks_of_something_else_is_not_mixed_with_the_page(read: Read, tmp_path: Path) -> None:
    blocks = (
        read(_page(tmp_path / "a.pdf"), "All of this is about quite another matter, namely fish.")
        .pages[0]
        .blocks
    )
    assert [block.reader for block in blocks] == ["vlm"] and not blocks[0].confidence.reliable
    assert (_checks(blocks[0]))["text-agreement"] is False


def test_a_model_that_says_nothing_leaves_the_text_layer(read: Read, tmp_path: Path) -> None:
    blocks = read(_page(tmp_path / "a.pdf"), " \n").pages[0].blocks
    assert [block.reader for block in blocks] == ["text"] * 4


def test_a_misread_word_lowers_the_score_and_a_wrong_text_fails(read: Read, tmp_path: Path) -> None:
    small = _BODY[0].replace("granite", "granito").replace("twelve", "twelvc")
    wrong = "Its walls were of wood and fell in the very first storm, as every child here knows since then."
    blocks = read(_page(tmp_path / "a.pdf"), "\n\n".join([small, wrong, _BODY[2]])).pages[0].blocks
    by_text = {block.text: block for block in blocks}
    assert by_text[small].confidence.reliable
    assert by_text[small].confidence.score < by_text[_BODY[2]].confidence.score
    assert not by_text[wrong].confidence.reliable


def test_a_stopped_reading_is_doubted_at_its_end_only(read: Read, tmp_path: Path) -> None:
    for repeated in (True, False):
        answer = Reading("\n\n".join(_BODY), _SURE, finished=False, repeated=repeated)
        blocks = [b for b in read(_page(tmp_path / "a.pdf"), answer).pages[0].blocks if b.reader == "vlm"]
        assert [block.confidence.reliable for block in blocks] == [True, True, False]
        assert _checks(blocks[-1])["finished"] is False
        assert _checks(blocks[-1])["repetition"] is not repeated


def test_an_unsure_reading_is_not_reliable(read: Read, tmp_path: Path) -> None:
    answer = Reading("\n\n".join(_BODY), (math.log(0.6),) * 9, finished=True)
    blocks = [b for b in read(_page(tmp_path / "a.pdf"), answer).pages[0].blocks if b.reader == "vlm"]
    assert blocks and not any(block.confidence.reliable for block in blocks)
    assert all(_checks(block)["token-probability"] is False for block in blocks)


def test_a_blank_page_is_not_shown_to_the_model(read: Read) -> None:
    fake = Fake("Text where there is none.")
    document = read(SAMPLES / "blank-page.pdf", fake=fake, pages="2")
    plain = docvlm.convert(SAMPLES / "blank-page.pdf", pages="2")
    assert [block for page in plain.pages for block in page.blocks] == []
    assert not fake.asked and not list(document.blocks())


def test_a_scan_is_checked_against_ocr(read: Read) -> None:
    truth = (SAMPLES / "truth" / "invoice.md").read_text()
    (page,) = read(SAMPLES / "scan-invoice.pdf", truth).pages
    read_blocks = [block for block in page.blocks if block.reader == "vlm" and block.kind != "table"]
    assert len(read_blocks) >= 5
    assert all("ocr-agreement" in _checks(block) for block in read_blocks)
    assert sum(block.confidence.reliable for block in read_blocks) > 0.7 * len(read_blocks)


def test_one_bad_page_fails_alone(read: Read, tmp_path: Path) -> None:
    path = _page(tmp_path / "a.pdf", pages=3)
    pages = read(path, _BODY[0], ValueError("no sense in it"), _BODY[2]).pages
    assert [bool(page.error) for page in pages] == [False, True, False]
    assert pages[1].error and "no sense in it" in pages[1].error.message
    assert any(block.reader == "vlm" for block in pages[2].blocks)


def test_pages_go_through_the_model_in_its_batches(read: Read, tmp_path: Path) -> None:
    fake = Fake(*[_BODY[0]] * 10)
    assert len(read(_page(tmp_path / "a.pdf", pages=10), fake=fake).pages) == 10
    assert [count for _, count in fake.asked] == [4, 4, 2]


def test_formulas_take_the_formula_regions_between_their_neighbours(read: Read) -> None:
    plain = docvlm.convert(SAMPLES / "paper.pdf")
    number = next(p.number for p in plain.pages if any(b.kind == "formula" for b in p.blocks))
    blocks = plain.pages[number - 1].blocks
    answer = "\n\n".join(
        "$$\n\\int_0^1 x \\, dx\n$$" if block.kind == "formula" else block.text
        for block in blocks
        if block.kind in ("formula", "paragraph", "heading", "list")
    )
    (page,) = read(SAMPLES / "paper.pdf", answer, pages=str(number)).pages
    told = [block for block in page.blocks if block.latex]
    places = [block.box for block in blocks if block.kind == "formula"]
    assert len(told) == len(places)
    assert all(_overlap(block.box, box) > 0.5 for block, box in zip(told, places))
    assert all(_checks(block)["latex-sound"] and "box-interpolated" not in _checks(block) for block in told)


# Regions.


def test_a_model_reads_the_formulas_that_nobody_else_reads(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docvlm.roles.Models.formula", lambda self: None)  # as where no model is bundled
    plain = docvlm.convert(SAMPLES / "paper.pdf")
    unread = [block for block in plain.blocks() if block.kind == "formula"]
    assert unread and all(block.reader is None for block in unread)
    fake = Fake(*[f"$$\\frac{{a_{i}}}{{b}}$$" for i in range(len(unread))])
    document = read(SAMPLES / "paper.pdf", fake=fake, reader="auto")
    formulas = [block for block in document.blocks() if block.kind == "formula"]
    assert [block.latex for block in formulas] == [f"\\frac{{a_{i}}}{{b}}" for i in range(len(unread))]
    assert {form for form, _ in fake.asked} == {"latex"}
    for block, before in zip(formulas, unread):
        assert block.reader == "vlm" and block.box == before.box and block.asset
        assert block.confidence.reliable and _checks(block)["latex-sound"]
    rest = [[block.text for block in d.blocks() if block.kind != "formula"] for d in (plain, document)]
    assert rest[0] == rest[1]
    assert "$$\n\\frac{a_0}{b}\n$$" in document.to_markdown()


def _region(kind: Any, text: str) -> PageDraft:
    _, encoded = cv2.imencode(".png", np.full((20, 60, 3), 255, np.uint8))
    draft = Draft(kind, (10, 10, 70, 30), text, confidence.unread("formula"), image=encoded.tobytes())
    return PageDraft(1, 100, 100, [draft])


@pytest.mark.parametrize("latex", ["\\frac{a}{", "x^{2", "\\begin{matrix} a", "{"])
def test_unsound_latex_is_doubted(latex: str) -> None:
    page = _region("formula", "a b")
    vlm.fill_unread([page], Fake(latex))
    (draft,) = page.drafts
    assert draft.confidence is not None and not draft.confidence.reliable and draft.image


def test_a_model_that_fails_leaves_the_formula_unread() -> None:
    page = _region("formula", "a b")
    vlm.fill_unread([page], Fake(RuntimeError("broken")))
    assert page.drafts[0].latex is None and page.drafts[0].reader is None


def test_an_unclear_table_is_taken_where_it_holds_the_regions_words() -> None:
    words = "Year Sales 2019 14 2020 15"
    answer = "\\begin{tabular}{ll} Year & Sales \\\\ \\hline 2019 & 14 \\\\ 2020 & 15 \\end{tabular}"
    page, other = _region("table", words), _region("table", words)
    vlm.fill_unread([page, other], Fake(answer, "| Fish | Chips |\n|---|---|\n| none | left |"))
    (taken,), (refused,) = page.drafts, other.drafts
    assert taken.table is not None and taken.table.header_rows == 1 and taken.reader == "vlm"
    assert [cell.text for cell in taken.table.cells] == ["Year", "Sales", "2019", "14", "2020", "15"]
    assert refused.kind == "paragraph" and refused.text == words and refused.table is None
    assert taken.image is refused.image is None


# What models write.


def test_dialects_become_one() -> None:
    pieces = markup.parse(
        "\\title{Of Waves}\n\\section*{1 \\textbf{Sea}}\nA wave \\(x_1\\) breaks hyphen-\nated.\n\n"
        "\\[ E = mc^2 \\tag{3} \\]\n\\begin{align*} a &= b \\\\ c &= d \\end{align*}\n"
        "- one\n  more\n- two\n  1. inner\n\n| a | b |\n|---|---|\n| 1 | $y$ |\n\n"
        "<table><tr><th>h</th><th>i</th></tr><tr><td colspan='2'>$x_1$ and \\(y\\)</td></tr></table>\n"
        "```python\nx = 1\n\n    y\n```\n![a picture](p.png)\n\\begin{abstract}End.\\end{abstract}"
    )
    assert [(piece.kind, piece.level) for piece in pieces] == [
        ("heading", 1), ("heading", 2), ("paragraph", None), ("formula", None), ("formula", None), ("list", None),
        ("table", None), ("table", None), ("code", None), ("paragraph", None),
    ]  # fmt: skip
    assert pieces[1].text == "1 **Sea**"
    assert pieces[2].text == "A wave $x_1$ breaks hyphenated."
    assert pieces[3].latex == "E = mc^2"
    assert pieces[4].latex is not None and pieces[4].latex.startswith("\\begin{aligned}")
    assert [(item.marker, item.text) for item in pieces[5].items] == [
        ("-", "one more"),
        ("-", "two"),
        ("1.", "inner"),
    ]
    assert pieces[5].items[2].indent > pieces[5].items[1].indent
    assert pieces[7].table is not None
    assert [cell.text for cell in pieces[7].table.cells] == ["h", "i", "$x_1$ and $y$"]
    assert pieces[8].text == "x = 1\n\n    y"


def test_a_tabular_with_spans() -> None:
    table = markup.tabular(
        "\\begin{tabular}{|l|c|r|}\\hline \\multicolumn{2}{|c|}{\\textbf{Both}} & C \\\\ \\hline"
        "\\multirow{2}{*}{x} & 10\\% & $a & b$ \\\\ & R\\&D & \\\\ \\hline\\end{tabular}".replace(
            "$a & b$", "$a_b$"
        )
    )
    assert table is not None and (table.rows, table.columns, table.header_rows) == (3, 3, 1)
    cells = [(c.row, c.column, c.row_span, c.column_span, c.text) for c in table.cells]
    assert cells == [
        (0, 0, 1, 2, "**Both**"), (0, 2, 1, 1, "C"), (1, 0, 2, 1, "x"), (1, 1, 1, 1, "10%"),
        (1, 2, 1, 1, "$a_b$"), (2, 1, 1, 1, "R&D"), (2, 2, 1, 1, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["```markdown\n# A\n\nb\n```", "# A\n\nb", "# A\n\n<div style='x'>b</div>\n", "\\section*{A}\nb"]
)
def test_wrappings_are_taken_off(text: str) -> None:
    assert [(piece.kind, piece.text) for piece in markup.parse(text)] == [
        ("heading", "A"),
        ("paragraph", "b"),
    ]


@pytest.mark.parametrize(
    "text",
    ["x^2", "$x^2$", "$$x^2$$", "\\[x^2\\]", "\\( x^2 \\)", "```latex\nx^2\n```", "Here:\n\n$$\nx^2\n$$"],
)
def test_a_formula_is_found_in_its_answer(text: str) -> None:
    assert markup.formula(text) == "x^2"


def test_a_table_that_was_cut_off_keeps_its_rows() -> None:
    (piece,) = markup.parse("<table><tr><td>a</td><td>b</td></tr><tr><td>c")
    assert piece.table is not None and [cell.text for cell in piece.table.cells if cell.text] == [
        "a",
        "b",
        "c",
    ]


def test_similarity_follows_the_letters() -> None:
    assert similarity("The lost hyphen-", "the losthyphen") == 1.0
    assert similarity("", "x") == similarity("x", "") == 0.0
    assert 0.9 < similarity("a word misread here", "a word misreod here") < 1.0
    assert similarity("ab" * 2000, "cd" * 2000) == 0.0


# The call.


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"reader": "vlm"}, "needs a model"),
        ({"reader": "nobody"}, "choose auto, text, ocr or vlm"),
        ({"device": "tpu"}, "choose auto, cpu or cuda"),
        ({"runtime": "pytorch"}, "choose auto, torch, onnx or tensorrt"),
        ({"model": "x", "runtime": "onnx"}, "use --runtime torch"),
    ],
)
def test_wrong_options_are_one_line_with_the_way_out(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as error:
        docvlm.Options(**settings)
    assert said in error.value.line()


# Replaces the model in every docvlm process: it says one thing, and dies of pages with a dark picture.
_SITE = f"""
import os, sys
if any("docvlm" in word for word in sys.orig_argv):
    import docvlm.checkpoints
    from docvlm.decoding.interface import Reading
    class Model:
        name, batch_size = "dying", 4
        def read(self, images, form="markdown", max_tokens=4096):
            if any(image.mean() < 150 for image in images):
                os._exit(7)
            return [Reading({_BODY[0]!r}, (-0.01,), True)] * len(images)
    docvlm.checkpoints.load = lambda model, device="auto": Model()
"""


def test_a_page_that_kills_the_model_is_lost_alone(docvlm: Command) -> None:
    (docvlm.folder / "site").mkdir()
    (docvlm.folder / "site" / "sitecustomize.py").write_text(_SITE)
    docvlm.env["PYTHONPATH"] = str(docvlm.folder / "site")
    model = docvlm.folder / "model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "any"}')
    (model / "model.safetensors").write_bytes(b"")
    path = make_pdf(docvlm.folder / "a.pdf", [_BODY[0]] * 4)
    with pymupdf.open(path) as pdf:
        pdf[1].draw_rect((0, 120, 400, 500), fill=(0, 0, 0))
        pdf.saveIncr()
    words = ("convert", "a.pdf", "--reader", "vlm", "--model", "model", "-o", "out", "--json-log")
    done = docvlm(*words)
    pages = events(done.stderr, "page")
    assert done.returncode == 1
    assert sorted(event["page"] for event in pages) == [1, 2, 3, 4]
    assert [(event["page"], event["error"]) for event in pages if "error" in event] == [
        (2, "the reading process died (exit code 7)")
    ]
    # The pages that were read are not read again, until the model's files change.
    again = events(docvlm(*words).stderr, "page")
    assert [event["page"] for event in again] == [2]
    (model / "model.safetensors").write_bytes(b"other")
    assert len(events(docvlm(*words).stderr, "page")) == 4


def test_a_model_that_cannot_be_loaded_ends_the_call_with_one_line(docvlm: Command) -> None:
    model = docvlm.folder / "model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "unheard-of"}')
    (model / "model.safetensors").write_bytes(b"nothing")
    make_pdf(docvlm.folder / "a.pdf")
    done = docvlm("convert", "a.pdf", "--reader", "vlm", "--model", "model", "-o", "out")
    assert done.returncode == 3 and "Traceback" not in done.stderr
    assert "transformers cannot load it" in done.stderr or "docvlm[torch]" in done.stderr
