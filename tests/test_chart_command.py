"""`docvlm chart` and charts inside `docvlm convert`, with the bundled model, on charts of programs it never saw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from conftest import SAMPLES, Command, events, make_pdf, report_of, statuses
from PIL import Image

import docvlm as library
from docvlm.document import Document
from training.charts.score import overlap, triples

TRUTH: dict[str, list[dict[str, Any]]] = json.loads((SAMPLES / "truth" / "charts.json").read_text())


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What the command prints for each sample."""
    docvlm = Command(tmp_path_factory.mktemp("chart"))
    found = {}
    for name in TRUTH:
        done = docvlm("chart", SAMPLES / name)
        assert done.returncode == 0, done.stderr
        lines = [done.stdout] if len(TRUTH[name]) == 1 else done.stdout.splitlines()
        found[name] = [json.loads(line) for line in lines]
    return found


@pytest.mark.parametrize("name", TRUTH)
def test_numbers_are_right_or_not_called_reliable(
    name: str, printed: dict[str, list[dict[str, Any]]]
) -> None:
    assert len(printed[name]) == len(TRUTH[name])
    for chart, truth in zip(printed[name], TRUTH[name]):
        assert chart["source"] == name and chart["page"] == truth["page"]
        right = overlap(triples(chart["values"]), triples(truth["values"]), "slight") >= 0.75
        assert right or not chart["reliability"]["reliable"], chart
        assert 0 <= chart["reliability"]["score"] <= 1 and chart["reliability"]["checks"]


def test_charts_drawn_with_paths_are_read_to_the_printed_digit(
    printed: dict[str, list[dict[str, Any]]],
) -> None:
    for chart, truth in zip(printed["charts.pdf"], TRUTH["charts.pdf"], strict=True):
        assert overlap(triples(chart["values"]), triples(truth["values"]), "strict") == 1.0, chart["values"]


def test_a_chart_of_pixels_is_read_with_all_its_series(printed: dict[str, list[dict[str, Any]]]) -> None:
    (chart,), (truth,) = printed["chart.png"], TRUTH["chart.png"]
    assert chart["chart_type"] == truth["chart_type"]
    assert overlap(triples(chart["values"]), triples(truth["values"]), "slight") == 1.0, chart["values"]


def test_marks_lie_inside_the_picture(printed: dict[str, list[dict[str, Any]]]) -> None:
    with Image.open(SAMPLES / "chart.png") as image:
        width, height = image.size
    places = [point["pixel"] for series in printed["chart.png"][0]["series"] for point in series["points"]]
    assert places
    for x, y in places:
        assert 0 <= x <= width and 0 <= y <= height


def test_a_chart_says_how_its_page_was_turned(tmp_path: Path) -> None:
    with pymupdf.open(SAMPLES / "charts.pdf") as file:
        file.select([1])
        file[0].set_rotation(90)
        file.save(tmp_path / "turned.pdf")
    (chart,) = library.read_charts(tmp_path / "turned.pdf")
    (page,) = library.convert(tmp_path / "turned.pdf").pages
    assert chart.rotation == page.rotation == 270 and chart.skew == page.skew == 0.0


def test_files_for_every_format(docvlm: Command, tmp_path: Path) -> None:
    formats = "json,csv,markdown,png"
    done = docvlm("chart", SAMPLES / "charts.pdf", "--pages", "2", "-o", tmp_path, "--to", formats)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.glob("charts*")) == [
        "charts-p2-1.csv",
        "charts-p2-1.json",
        "charts-p2-1.md",
        "charts-p2-1.png",
    ]
    assert "Timber,132" in (tmp_path / "charts-p2-1.csv").read_text()
    assert "| Timber | 132 |" in (tmp_path / "charts-p2-1.md").read_text()
    with Image.open(tmp_path / "charts-p2-1.png") as picture:
        assert picture.width > 400


def _sky(folder: Path) -> Path:
    """A picture of a sky with hills: smooth colours and no numbers."""
    y, x = np.mgrid[0:300, 0:480]
    hills = y > 190 + 30 * np.sin(x / 60) + 12 * np.sin(x / 17)
    pixels = np.stack([120 + y // 3, 160 + y // 4, 230 - y // 5], -1)
    pixels[hills] = (50, 90, 40)
    noise = np.random.default_rng(3).normal(0, 5, pixels.shape)
    Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8)).save(folder / "sky.jpg")
    return folder / "sky.jpg"


def test_pictures_that_are_no_charts_yield_no_numbers(docvlm: Command, tmp_path: Path) -> None:
    Image.new("RGB", (400, 300), "white").save(tmp_path / "blank.png")
    for path in (_sky(tmp_path), tmp_path / "blank.png"):
        done = docvlm("chart", path)
        assert done.returncode == 0, done.stderr
        chart = json.loads(done.stdout)
        assert chart["values"] == {} and chart["series"] == []
        assert chart["reliability"]["checks"][0]["name"] == "is-chart"
        assert f"{path}: no chart was recognized" in done.stderr


def test_bad_input_is_named_in_one_line(docvlm: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    done = docvlm("chart", tmp_path / "broken.png", SAMPLES / "chart.png")
    assert done.returncode == 1 and json.loads(done.stdout)["source"] == "chart.png"
    assert "broken.png" in done.stderr and "Traceback" not in done.stderr
    assert docvlm("chart", tmp_path / "missing.png").returncode == 3
    assert docvlm("chart", SAMPLES / "chart.png", "--to", "xml").returncode == 2
    assert docvlm("chart", SAMPLES / "chart.png", "--to", "json,csv").returncode == 2


def test_a_page_that_one_file_has_not_fails_that_file_alone(docvlm: Command, tmp_path: Path) -> None:
    make_pdf(tmp_path / "one-page.pdf")
    done = docvlm("chart", "one-page.pdf", SAMPLES / "charts.pdf", "--pages", "2")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["source"] == "charts.pdf"
    (line,) = done.stderr.splitlines()
    assert line.startswith("docvlm: one-page.pdf: ") and "has only 1 page" in line
    assert (tmp_path / "one-page.pdf").is_file()  # nothing but temporary files is ever removed


def test_a_second_run_into_a_folder_does_nothing(docvlm: Command) -> None:
    words = ("chart", SAMPLES / "chart.png", "-o", "out", "--json-log")
    assert [len(events(docvlm(*words).stderr, "page")) for _ in range(2)] == [1, 0]
    (told,) = report_of(docvlm.folder / "out")["documents"]
    assert told["status"] == "skipped" and told["outputs"] == ["chart.json"] and told["blocks"] == 1
    assert json.loads((docvlm.folder / "out/chart.json").read_text())["source"] == "chart.png"


def test_options_with_which_nothing_can_run_end_the_call(docvlm: Command) -> None:
    done = docvlm("chart", SAMPLES / "chart.png", "--runtime", "tensorrt", "--device", "cpu")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "cannot run chart-s" in done.stderr


def test_convert_gives_charts_their_numbers_and_keeps_the_drawing() -> None:
    document = library.convert(SAMPLES / "charts.pdf")
    charts = [block for block in document.blocks() if block.chart is not None]
    assert [block.chart.values for block in charts if block.chart] == [
        chart.values for chart in library.read_charts(SAMPLES / "charts.pdf")
    ]
    assert all(block.kind == "chart" and block.asset and block.reader == "vlm" for block in charts)
    drawing = [block for block in document.blocks() if block.kind == "picture"]
    assert len(drawing) == 1 and drawing[0].chart is None
    text = document.to_markdown()
    assert "| Timber | 132 |" in text and "chart data, reliability" in text
    assert Document.model_validate_json(document.to_json()).to_json() == document.to_json()
    assert "Timber & 132" in document.to_latex() and "<td>Timber</td>" in document.to_html()


_HANGS = """
import sys, time
if any("docvlm" in word for word in sys.orig_argv):
    import docvlm.source as source
    _page = source.Source.page
    def page(self, number):
        if "slow" in self.name:
            time.sleep(600)
        return _page(self, number)
    source.Source.page = page
"""


@pytest.mark.parametrize("command", ["chart", "formula"])
def test_a_file_that_hangs_ends_at_the_time_limit_and_the_next_one_is_read(
    docvlm: Command, command: str
) -> None:
    (docvlm.folder / "site").mkdir()
    (docvlm.folder / "site" / "sitecustomize.py").write_text(_HANGS)
    docvlm.env["PYTHONPATH"] = str(docvlm.folder / "site")
    sound = SAMPLES / ("charts.pdf" if command == "chart" else "paper.pdf")
    for name in ("slow.pdf", "sound.pdf"):
        with pymupdf.open(sound) as pdf:
            pdf.select([0])
            pdf.save(docvlm.folder / name)
    done = docvlm(command, "slow.pdf", "sound.pdf", "-o", "out", "--page-timeout", "5", "--workers", "1")
    assert done.returncode == 1
    assert "slow.pdf" in done.stderr and "no result within 5 s" in done.stderr
    assert statuses(docvlm.folder / "out") == {"slow.pdf": "failed", "sound.pdf": "done"}
