"""From pictures to LaTeX: what is checked on the way, `docvlm formula`, and displayed formulas of scanned pages.

The pictures in `tests/formulas` were set by TeX and rendered at 150 dpi.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, SAMPLES, Command, statuses
from numpy.typing import NDArray
from PIL import Image

import docvlm as library
from docvlm.calibration import Calibration
from docvlm.formulas import glyphs as g
from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.finder import CELL, Maps
from docvlm.formulas.glyphs import Glyphs
from docvlm.formulas.image import Crop, crop_of, read_crops
from docvlm.formulas.interface import FinderConfig
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.sight import Doubt, GlyphReader
from docvlm.layout.region import Region
from docvlm.mupdf import pymupdf
from docvlm.readers import scanned_formulas
from docvlm.schema import Confidence

PICTURES = ROOT / "tests" / "formulas"


class Blind:
    """A finder that says the same of every cell: that there is no glyph, or a small ``x`` in every tenth."""

    config = FinderConfig((("x", g.ITALIC),))

    def __init__(self, likely: float) -> None:
        self.likely = likely

    def look(self, image: NDArray[np.float32]) -> Maps:
        rows, columns = (side // unit for side, unit in zip(image.shape, CELL))
        heat = np.zeros((rows, columns), np.float32)
        heat[::10, ::10] = self.likely
        return Maps(heat, np.full((10, rows, columns), -9.0, np.float32), None)

    def describe(
        self, maps: Maps, cells: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        box = np.array([-0.2, -0.2, 0.2, 0.2, 0.2, 0.0, 0.0], np.float32)
        return np.ones((len(cells), 1), np.float32), np.tile(box, (len(cells), 1))


class Echo(FormulaReader):
    """Reads a formula as its characters, so that what goes where can be seen."""

    def __init__(self, score: float = 0.9) -> None:
        self.score = score

    def read(self, crops: Sequence[Glyphs]) -> list[Formula]:
        sure = Confidence(score=self.score, reliable=True)
        return [Formula(crop.text, None, sure) for crop in crops]


def _noise() -> NDArray[np.uint8]:
    """A picture of nothing that was printed: smooth colours with noise."""
    y, x = np.mgrid[0:200, 0:300]
    pixels = np.stack([120 + y // 3, 160 + y // 4, 230 - x // 5], -1)
    return (pixels + np.random.default_rng(3).normal(0, 12, pixels.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "likely", "failed"),
    [
        (np.full((40, 90, 3), 255, np.uint8), 0.9, "formula-ink"),
        (np.full((40, 90, 3), 17, np.uint8), 0.9, "formula-ink"),
        (_noise(), 0.0, "formula-glyphs"),
        (_noise(), 0.9, "formula-seen"),
    ],
)
def test_what_is_no_formula_says_why(picture: NDArray[np.uint8], likely: float, failed: str) -> None:
    crop = crop_of(GlyphReader(Blind(likely)), picture)
    ((formula,),) = read_crops(Echo(), [crop])
    assert not formula.latex and formula.confidence.score == 0 and not formula.confidence.reliable
    (check,) = formula.confidence.checks
    assert check.name == failed and not check.passed
    assert check.value is not None and check.threshold is not None and check.value < check.threshold


def _page() -> Crop:
    """A born-digital page with two formulas and their numbers."""
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=90)
        for baseline, words in ((30, ("a+b=c", "(1)")), (70, ("d=e+f", "(2)"))):
            for left, text in zip((20, 150), words):
                page.insert_text((left, baseline), text, fontname="tiit", fontsize=10)
        return Crop(read_glyphs(page))


def test_each_number_has_its_formula() -> None:
    ((first, second),) = read_crops(Echo(), [_page()])
    assert [first.tagged, second.tagged] == [r"a+b=c \tag{1}", r"d=e+f \tag{2}"]
    assert first.confidence == second.confidence == Confidence(score=0.9, reliable=True)


def test_crops_keep_their_order() -> None:
    nothing = crop_of(GlyphReader(Blind(0.0)), _noise())
    read = read_crops(Echo(), [nothing, _page(), nothing])
    assert [[formula.number for formula in each] for each in read] == [[None], ["1", "2"], [None]]


FITTED = Calibration(1.2, {"glyphs": 0.06, "least": 0.9, "read": 0.4})


def test_doubts_about_glyphs_are_doubts_about_the_formula() -> None:
    page = _page()

    def read(probabilities: list[float], score: float = 0.9) -> Formula:
        doubt = Doubt(np.array(probabilities, np.float32), FITTED)
        return read_crops(Echo(score), [Crop(page.glyphs, doubt)])[0][0]

    sure = read([0.9] * 9)
    for less in (read([0.9] * 8 + [0.2]), read([0.8] * 9), read([0.9] * 9, 0.3)):
        assert less.confidence.score < sure.confidence.score
    hopeless = read([0.1] * 9).confidence
    assert not hopeless.reliable and not hopeless.checks[-1].passed
    assert hopeless.checks[-1].name == "formula-probability"


def test_a_box_grows_to_the_ink_that_it_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = np.full((300, 400, 3), 250, np.uint8)
    paper[100:120, 60:200] = 20  # the line that OCR saw
    paper[60:160, 50:58] = 20  # an integral sign before it, higher than the line
    paper[124:134, 120:150] = 20  # a limit below it
    paper[164:180, 40:300] = 20  # the next line of text
    paper[100:120, 330:360] = 20  # something else on this level
    shown: list[NDArray[np.uint8]] = []

    def seen(finder: GlyphReader, image: NDArray[np.uint8]) -> Crop:
        shown.append(image)
        return crop_of(GlyphReader(Blind(0.0)), image)

    monkeypatch.setattr(scanned_formulas, "crop_of", seen)
    regions = [Region("paragraph", (20, 82, 150, 90)), Region("formula", (30, 50, 100, 60))]
    ((read,),) = scanned_formulas.read_displayed(
        paper, 2.0, regions[1:], regions, GlyphReader(Blind(0.0)), Echo()
    )
    assert not read.latex
    (picture,) = shown
    np.testing.assert_array_equal(picture, paper[56:164, 46:204])


# --- with the bundled models ----------------------------------------------------------------------

_TRUTH = {
    "sum.png": r"\sum_{n=1}^\infty\frac{1}{n^2}=\frac{\pi^2}{6}",
    "integral.png": r"\int_0^\infty e^{-x^2}\,dx=\frac{\sqrt{\pi}}{2}",
    "energy.png": "E=mc^2",
    "argmax.png": r"\hat{\theta}=\operatorname*{argmax}_\theta\sum_{i=1}^N\log p(x_i\mid\theta) \tag{12}",
}


def test_pictures_are_read_rightly_or_not_called_reliable() -> None:
    read = library.read_formulas([PICTURES / name for name in _TRUTH])
    assert [formula.source for formula in read] == list(_TRUTH)
    right = [formula.tagged == truth for formula, truth in zip(read, _TRUTH.values(), strict=True)]
    assert sum(right) >= 2, [formula.tagged for formula in read]
    for formula, is_right in zip(read, right):
        assert is_right or not formula.confidence.reliable, formula


def test_the_command_prints_latex(docvlm: Command) -> None:
    done = docvlm("formula", PICTURES / "energy.png")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "E=mc^2\n"
    done = docvlm("formula", PICTURES / "energy.png", "--to", "markdown")
    assert done.stdout == "$$\nE=mc^2\n$$\n"
    done = docvlm("formula", PICTURES, "--to", "json")
    said = {each["source"]: each for each in map(json.loads, done.stdout.splitlines())}
    assert said.keys() == _TRUTH.keys() and said["argmax.png"]["number"] == "12"
    unsure = [name for name, each in said.items() if not each["confidence"]["reliable"]]
    assert all(f"{PICTURES / name}: " in done.stderr for name in unsure)
    assert len(done.stderr.splitlines()) == len(unsure)


def test_a_picture_comes_by_standard_input(docvlm: Command) -> None:
    with (PICTURES / "energy.png").open("rb") as picture:
        done = docvlm("formula", "-", stdin=picture)
    assert done.returncode == 0 and done.stdout == "E=mc^2\n"


def test_files_in_a_folder_and_nothing_to_do_the_second_time(docvlm: Command) -> None:
    words = ("formula", PICTURES / "energy.png", PICTURES / "sum.png", "-o", "out", "--to", "latex,json")
    for expected in ("done", "skipped"):
        done = docvlm(*words)
        assert done.returncode == 0 and done.stdout == "", done.stderr
        assert set(statuses(docvlm.folder / "out").values()) == {expected}
    assert (docvlm.folder / "out/energy.tex").read_text() == "E=mc^2\n"
    (said,) = json.loads((docvlm.folder / "out/energy.json").read_text())
    assert said["latex"] == "E=mc^2" and said["source"] == "energy.png"


def test_what_cannot_be_read_is_named_in_one_line(docvlm: Command, tmp_path: Path) -> None:
    Image.new("RGB", (300, 80), "white").save(tmp_path / "blank.png")
    Image.fromarray(_noise()).save(tmp_path / "sky.jpg")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    names = ["blank.png", "sky.jpg", "broken.png", "missing.png"]
    done = docvlm("formula", *names)
    assert done.returncode == 3 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == len(names) and "Traceback" not in done.stderr
    for name, line in zip(names, lines):
        assert line.startswith(f"docvlm: {name}: ") and line.endswith(")")  # the way out
    assert docvlm("formula", "blank.png", PICTURES / "energy.png").returncode == 1
    assert docvlm("formula", PICTURES / "energy.png", "--to", "xml").returncode == 2
    assert docvlm("formula", SAMPLES / "page.jpg", "--kind", "formula").returncode == 3


def test_displayed_formulas_of_scans_are_read_or_stay_pictures() -> None:
    document = library.convert(SAMPLES / "scan-paper.pdf", pages="1")
    formulas = [block for block in document.blocks() if block.kind == "formula"]
    assert formulas
    for block in formulas:
        if block.latex is None:
            assert block.asset in document.assets and not block.confidence.reliable
        else:
            assert block.asset is None and block.reader == "vlm"
            failed = {check.name for check in block.confidence.checks if not check.passed}
            assert failed <= {"formula-probability"}  # doubtful ones are shown, and say so
            assert block.confidence.reliable == (not failed and (block.confidence.score or 0) >= 0.8)
