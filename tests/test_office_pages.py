"""Pages made by LibreOffice for training: the same seed gives the same page, and its truth holds together."""

from __future__ import annotations

import random
from typing import Any

import pytest
from test_page_examples import ROLES, _check

from docvlm.mupdf import pymupdf
from training.pages import look, office, soffice, truth
from training.pages.odf import page, parts
from training.pages.odf.page import edges, tab_stops
from training.pages.odf.parts import Writer
from training.pages.odf.templates import TEMPLATES

needs_office = pytest.mark.skipif(
    soffice.find_office() is None, reason="no LibreOffice Writer, Debian's libreoffice-writer"
)


def _writer(name: str = "one") -> Writer:
    """An empty page in English of usual size."""
    writer = parts.new_writer(random.Random(1), name, (595, 842), english=1)
    look = writer.sheet.look
    look.left = look.right = look.top = look.bottom = 60
    look.size = 10
    return writer


def _record(writer: Writer) -> dict[str, Any]:
    with pymupdf.open(stream=office.first_pages([writer]), filetype="pdf") as pdf:
        made = truth.record(pdf[0], writer.sheet, "test", 0)
    _check(made)
    return made


def _read(made: dict[str, Any]) -> list[int]:
    """The lines of the longest flow, as they are read."""
    flows = []
    for first in set(range(len(made["lines"]))) - set(made["next"]):
        flow = [first]
        while made["next"][flow[-1]] >= 0:
            flow.append(made["next"][flow[-1]])
        flows.append(flow)
    return max(flows, key=len)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_seed_gives_one_page(name: str) -> None:
    first, second, other = (office.make_page(seed, [name])[1] for seed in (5, 5, 6))
    assert first.page.finish()[1:] == second.page.finish()[1:]
    assert first.sheet.runs == second.sheet.runs
    assert first.page.body != other.page.body
    assert {run.role for run in first.sheet.runs} <= ROLES


def test_every_run_has_its_own_colour() -> None:
    writer = office.make_page(4, ["report"])[1]
    styles = writer.page.finish()[1]
    count = len(writer.sheet.runs)
    assert count > 5
    assert all(f'fo:color="#{number:06x}"' in styles for number in range(1, count + 1))


def test_words_keep_their_spaces_tabs_and_breaks() -> None:
    assert page.marked("a  <b>\tc\nd") == 'a <text:s text:c="1"/>&lt;b&gt;<text:tab/>c<text:line-break/>d'


def test_fonts_have_the_letters_of_the_language() -> None:
    able = look.writing("el")
    if "Liberation Serif" not in able or "Caladea" in able:
        pytest.skip("no fonts with and without Greek letters")
    rng = random.Random(3)
    pages = [parts.new_writer(rng, "page", english=0) for _ in range(150)]
    greek = [writer.sheet.look for writer in pages if writer.text.language == "el"]
    assert greek
    assert {seen.body for seen in greek} | {seen.head for seen in greek} <= able


def test_pieces_drawn_out_of_order_are_seen() -> None:
    """Of a font without Greek letters a line's marks would be drawn first."""
    boxes = [(90, 10, 95, 20), (20, 10, 80, 20), (20, 24, 80, 34)]
    made = {"next": [1, 2, -1], "item": [0, 0, 0], "lines": [{"box": box} for box in boxes]}
    assert office.shuffled(made)
    assert not office.shuffled(made | {"next": [2, 0, -1]})
    assert not office.shuffled(made | {"item": [0, 1, 1]})


@needs_office
def test_truth_of_printed_pages_holds_together() -> None:
    made = [office.make_page(seed, [name]) for seed, name in enumerate([*TEMPLATES, *TEMPLATES], 60)]
    pdf = office.first_pages([writer for _, writer in made])
    records, failures = truth.records(
        pdf, [(name, seed, writer.sheet) for seed, (name, writer) in enumerate(made, 60)]
    )
    assert not failures
    assert len(records) == len(made)
    for record in records:
        _check(record)
    assert {role for record in records for role in record["role"]} >= ROLES - {
        "formula",
        "code",
        "figure_label",
    }


@needs_office
def test_a_batch_is_the_same_each_time() -> None:
    first, second = (office.make_batch(range(40, 44), list(TEMPLATES))[0] for _ in range(2))
    assert len(first) == 4
    assert first == second


@needs_office
def test_what_does_not_fit_is_left_out_and_the_next_page_is_whole() -> None:
    long, short = _writer("long"), _writer("short")
    for index in range(120):
        long.page.body.append(parts.line(long, "paragraph", f"line{index}"))
    short.page.body.append(parts.line(short, "title", "Short"))
    pdf = office.first_pages([long, short])
    records, failures = truth.records(pdf, [("test", 1, long.sheet), ("test", 2, short.sheet)])
    assert not failures
    words = [records[0]["lines"][index]["text"].strip() for index in _read(records[0])]
    assert 20 < len(words) < 120
    assert words == [f"line{index}" for index in range(len(words))]
    assert [line["text"].strip() for line in records[1]["lines"]] == ["Short"]


@needs_office
def test_labels_of_a_list_belong_to_its_items() -> None:
    writer = _writer()
    writer.page.body.append(parts.bullets(writer, 3, 120, numbered=True, form="(1)"))
    made = _record(writer)
    assert set(made["role"]) == {"list"}
    assert len(set(made["block"])) == 1
    words: dict[int, str] = {}
    for index in _read(made):
        words[made["item"][index]] = words.get(made["item"][index], "") + made["lines"][index]["text"]
    assert [text.strip()[:3] for text in words.values()] == ["(1)", "(2)", "(3)"]


@needs_office
def test_pictures_are_regions() -> None:
    writer = _writer()
    writer.page.body.append(parts.line(writer, "heading", "Above"))
    writer.page.body.append(parts.picture(writer, 200, 100, "start"))
    (region,) = office.pictures(_record(writer))
    assert region["kind"] == "picture"
    x0, y0, x1, y1 = region["box"]
    assert (x0, x1 - x0, y1 - y0) == pytest.approx((60, 200, 100), abs=1)
    assert y0 > 70


@needs_office
def test_footnotes_are_read_last_with_their_numbers() -> None:
    writer = _writer()
    said = writer.page.run("paragraph", "noted")
    mark = writer.page.span(writer.page.footnote(40), writer.page.last)
    writer.page.body.append(writer.page.paragraph(said + mark, writer.page.last))
    writer.page.body.append(parts.line(writer, "paragraph", "after it"))
    made = _record(writer)
    read = _read(made)
    assert [made["role"][index] for index in read][:3] == ["paragraph", "paragraph", "footnote"]
    assert made["lines"][read[0]]["text"].strip() == "noted1"
    assert made["lines"][read[2]]["text"].strip().startswith("1")


@needs_office
def test_numbers_of_lines_are_marks_of_the_page() -> None:
    writer = _writer()
    sheet = writer.sheet
    sheet.note("stamp", flow=sheet.number(), block=sheet.number(), item=-1)
    writer.page.numbered_lines = True
    writer.page.body.append(parts.paragraph(writer, 600, counted=True))
    made = _record(writer)
    numbers = [line["text"].strip() for line, role in zip(made["lines"], made["role"]) if role == "stamp"]
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert len(numbers) == made["role"].count("paragraph")


@needs_office
def test_leaders_have_the_colour_of_their_tabs() -> None:
    writer = _writer()
    said = writer.page.run("contents", "Title\t17")
    writer.page.body.append(
        writer.page.paragraph(said, writer.page.last, props=edges(), tabs=tab_stops((400, "right", ".")))
    )
    made = _record(writer)
    assert set(made["role"]) == {"contents"}
    text = "".join(line["text"] for line in made["lines"])
    assert text.startswith("Title")
    assert text.strip().endswith("17")
    assert text.count(".") > 20


@needs_office
def test_parts_side_by_side_are_read_one_after_the_other() -> None:
    writer = _writer()

    def stack(first: str) -> str:
        return parts.stack(writer, "paragraph", [f"{first}{index}" for index in range(4)])

    writer.page.body.append(parts.beside(writer, [lambda _: stack("left"), lambda _: stack("right")]))
    columns = "".join(parts.line(writer, "paragraph", f"column{index}") for index in range(8))
    writer.page.body.append(writer.page.section(columns, 2))
    made = _record(writer)
    read = [made["lines"][index] for index in _read(made)]
    assert [line["text"].strip() for line in read] == [
        *(f"left{index}" for index in range(4)),
        *(f"right{index}" for index in range(4)),
        *(f"column{index}" for index in range(8)),
    ]
    assert len({round(line["box"][0]) for line in read[8:]}) == 2
