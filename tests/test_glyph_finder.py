"""From pixels to glyphs: what the finder is taught, what it makes of its network's maps, and that it learns."""

from __future__ import annotations

import io
import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from docvlm.bundle import BundleError
from docvlm.formulas import glyphs as g
from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.finder import CELL, Maps, find_glyphs, ink_of, read_maps, spread
from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, TOP, Glyphs
from docvlm.formulas.interface import FinderConfig
from docvlm.mupdf import pymupdf
from docvlm.networks.glyph_finder import GlyphFinder, load_network, save_network
from docvlm.runtimes.finder import FinderGraphs
from docvlm.runtimes.torch import eager
from training import trainer
from training.finder_examples import (
    CANVAS,
    Crop,
    Example,
    Marks,
    collate,
    encoded,
    examples,
    heat_of,
    load_classes,
    merged,
    packed,
    view_of,
)
from training.finder_task import FinderTask, focal_loss
from training.text.scans import HISTORIES
from training.text.shards import Sample, write_shard

_CLASSES = (*((chr(c), g.ITALIC) for c in range(97, 123)), ("fi", g.ROMAN), ("\uf8f4", g.EXTENSION))
_CONFIG = FinderConfig(_CLASSES, widths=(8, 16, 16, 16), cells=16, hidden=32)


def _page(text: str = "abc", dpi: int = 150) -> Sample:
    """Letters and a rule below them, as a page shows them."""
    with pymupdf.open() as document:
        page = document.new_page(width=80, height=40)
        page.insert_text((15, 22), text, fontname="tiit", fontsize=10)
        page.draw_line((14, 27), (50, 27), width=0.6)
        pixmap = page.get_pixmap(dpi=dpi, colorspace="gray")
        grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[
            :, : pixmap.width
        ]
        stream = io.BytesIO()
        Image.fromarray(grey).save(stream, "PNG", dpi=(dpi, dpi))
        return Sample("formula", text, read_glyphs(page), "times", "", stream.getvalue())


def _table(config: FinderConfig = _CONFIG) -> dict[tuple[str, int], int]:
    return {each: row for row, each in enumerate(config.classes)}


class _Truthful:
    """A finder that says what it was taught."""

    def __init__(self, example: Example) -> None:
        self.config, self.example = _CONFIG, example
        rows, columns = (side // unit for side, unit in zip(example.ink.shape, CELL))
        self.rules = np.full((2, 5, rows, columns), -9.0, np.float32)
        direction, row, column = example.rule_cells.T
        self.rules[direction, 0, row, column] = 9
        self.rules[direction, 1:, row, column] = example.rule_values
        self.heat = heat_of(example.cells, (rows, columns))

    def look(self, image: NDArray[np.float32]) -> Maps:
        return Maps(self.heat, self.rules.reshape(10, *self.heat.shape), None)

    def describe(
        self, maps: Maps, cells: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        known = {tuple(cell): number for number, cell in enumerate(self.example.seen.tolist())}
        numbers = [known[tuple(cell)] for cell in cells.tolist()]
        return np.eye(len(_CLASSES), dtype=np.float32)[self.example.classes[numbers]], self.example.values[
            numbers
        ]


def _scattered(seed: int) -> Marks:
    """Glyphs on a grid with rules between, everything a little out of place."""
    rng = np.random.default_rng(seed)
    y, x = (
        each.ravel() for each in np.meshgrid(np.arange(4) * 30.0 + 16, np.arange(9) * 14.0 + 9, indexing="ij")
    )
    x, y = x + rng.uniform(-2, 2, len(x)), y + rng.uniform(-3, 3, len(y))
    half, high = rng.uniform(1, 5, len(x)), rng.uniform(1, 9, len(x))
    classes = rng.integers(0, 26, len(x))
    places = np.column_stack([x - half, y - high, x + half, y + high, y + high, rng.uniform(8, 30, len(x))])
    along = np.array([[rng.uniform(0, 40), 31.5 + 30 * row, 0, 0, rng.uniform(0.5, 2)] for row in range(3)])
    along[:, 2], along[:, 3] = along[:, 0] + rng.uniform(4, 80, 3), along[:, 1]
    down = np.array([[134.2, 20.0, 134.2, 90.0, 1.5]])
    return Marks(
        classes,
        places.astype(np.float32),
        np.ones(len(x), np.int64),
        np.concatenate([along, down]).astype(np.float32),
    )


@pytest.mark.parametrize("seed", range(8))
def test_what_was_encoded_is_decoded(seed: int) -> None:
    marks = _scattered(seed)
    found = read_maps(
        network := _Truthful(encoded(np.zeros((128, 160), np.uint8), marks, _CONFIG)),
        network.look(np.zeros((1, 1), np.float32)),
    )
    assert (np.diff(found.glyphs.places[:, LEFT]) >= 0).all()
    is_rule = found.glyphs.styles == g.RULE
    glyphs, rules = found.glyphs.take(~is_rule), found.glyphs.take(is_rule)
    order = np.argsort(marks.places[:, LEFT], kind="stable")
    assert glyphs.text == "".join(_CLASSES[row][0] for row in marks.classes[order])
    np.testing.assert_allclose(glyphs.places, marks.places[order], atol=1e-3)
    ax, ay, bx, by, thick = marks.rules[np.argsort(marks.rules[:, 0])].T
    down = by > ay
    boxes = np.where(
        down, [ax - thick / 2, ay, bx + thick / 2, by], [ax, ay - thick / 2, bx, by + thick / 2]
    ).T
    np.testing.assert_allclose(rules.places[:, :4], boxes, atol=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_a_skewed_rule_is_one_rule(seed: int) -> None:
    angle = np.random.default_rng(seed).uniform(-0.02, 0.02)
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 60]])
    bar = Marks(
        np.zeros(0, np.int64),
        np.zeros((0, 6), np.float32),
        np.zeros(0, np.int64),
        np.array([[9, 2, 300, 2, 1]], np.float32),
    )
    marks = bar.moved(turn)
    found = read_maps(
        network := _Truthful(encoded(np.zeros((128, 320), np.uint8), marks, _CONFIG)),
        network.look(np.zeros((1, 1), np.float32)),
    )
    assert len(found.glyphs) == 1
    x0, y0, x1, y1 = found.glyphs.places[0, :4]
    ax, ay, bx, by, thick = marks.rules[0]
    assert x0 == pytest.approx(ax, abs=0.01) and x1 == pytest.approx(bx, abs=0.01)
    assert (y0 + y1) / 2 == pytest.approx((ay + by) / 2, abs=0.1) and y1 - y0 == pytest.approx(thick, abs=0.1)


def _column(texts: str, boxes: list[tuple[float, float, float, float]], style: int) -> Glyphs:
    places = [(*box, 20.0, 10.0) for box in boxes]
    return Glyphs(
        np.array([ord(c) for c in texts], np.int32),
        np.full(len(texts), style, np.uint8),
        np.array(places, np.float32),
    )


def test_a_ligature_is_one_glyph_and_two_letters() -> None:
    letters = _column("fin", [(0, 10, 6, 20), (6, 10, 6, 20), (6, 13, 11, 20)], g.ROMAN)
    whole = merged(letters)
    assert whole is not None
    texts, places, pieces = whole
    assert texts == [("fi", g.ROMAN), ("n", g.ROMAN)]
    back, origin = spread(np.array([_table()["fi", g.ROMAN]]), places[:1], pieces[:1], _CONFIG)
    assert back.text == "fi" and origin.tolist() == [0, 0]
    np.testing.assert_array_equal(back.places, letters.places[:2])


def test_a_ligature_of_unknown_width_is_not_taught() -> None:
    assert merged(_column("fi", [(6, 10, 6, 20), (6, 10, 6, 20)], g.ROMAN)) is None


def test_a_stack_of_pieces_is_one_glyph() -> None:
    pieces = _column("\uf8f4" * 3, [(0, 0, 4, 6), (0, 6, 4, 12), (0, 12, 4, 18)], g.EXTENSION)
    whole = merged(pieces)
    assert whole is not None and whole[0] == [("\uf8f4", g.EXTENSION)] and whole[2].tolist() == [3]
    back, _ = spread(np.array([27]), whole[1], whole[2], _CONFIG)
    np.testing.assert_allclose(back.places[:, :4], pieces.places[:, :4])
    dots = _column("...", [(0, 0, 2, 1), (0, 4, 2, 5), (0, 8, 2, 9)], g.ROMAN)
    assert (merged(dots) or ([],))[0] == [(".", g.ROMAN)] * 3


# --- pictures -------------------------------------------------------------------------------------


def test_paper_is_no_ink_in_any_light() -> None:
    grey = np.full((40, 60), 200, np.uint8)
    grey[10:20, 10:30] = 40
    ink = ink_of(grey)
    assert ink[0, 0] == 0 and ink[15, 15] == 1
    np.testing.assert_allclose(ink_of(255 - grey), ink)
    assert ink_of(np.full((5, 5), 90, np.uint8)).max() == 0


@pytest.mark.parametrize("turned", [0.0, 1.0])
def test_truth_moves_with_the_print(turned: float) -> None:
    sample = _page()
    for seed in range(5):
        view = view_of(sample, _table(), random.Random(seed), turned)
        assert view is not None and len(view.marks.classes) == 3 and len(view.marks.rules) == 1
        ink = view.grey < 128
        for x0, y0, x1, y1 in view.marks.places[:, :4]:
            inside = ink[max(0, round(y0 - 1)) : round(y1 + 1), max(0, round(x0 - 1)) : round(x1 + 1)]
            rows = np.flatnonzero(inside.any(1))
            assert rows[0] <= 3 and rows[-1] >= len(inside) - 4  # the ink reaches from the top to the bottom
        ax, ay, bx, by, _ = view.marks.rules[0]
        for share in (0.05, 0.5, 0.95):
            x, y = ax + share * (bx - ax), ay + share * (by - ay)
            assert view.grey[int(y) - 1 : int(y) + 2, int(x)].min() < 160


@pytest.mark.parametrize("history", list(HISTORIES))
def test_damage_moves_nothing_and_comes_again(history: str) -> None:
    view = view_of(_page(), _table(), random.Random(1), 0.0)
    assert view is not None
    once, again = (HISTORIES[history](view.grey, view.em, random.Random(5)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert once.shape == view.grey.shape and (once != view.grey).any()
    assert np.corrcoef(once.ravel(), view.grey.ravel())[0, 1] > 0.6


def test_the_stream_depends_on_its_seed_alone(tmp_path: Path) -> None:
    write_shard(
        tmp_path / "s.npz", [_page(text, dpi) for text in ("abc", "xyz", "pqrst") for dpi in (110, 250)]
    )
    first, again, other = (next(examples(tmp_path, _CONFIG, seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.ink, again.ink)
    np.testing.assert_array_equal(first.values, again.values)
    assert (first.ink != other.ink).any()
    assert first.ink.shape == CANVAS and (first.classes >= 0).all() and len(first.rule_cells)


def test_crops_in_a_canvas_lie_side_by_side() -> None:
    nothing = Marks(
        np.zeros(0, np.int64),
        np.zeros((0, 6), np.float32),
        np.zeros(0, np.int64),
        np.zeros((0, 5), np.float32),
    )
    rng = random.Random(2)
    crops = [
        Crop(np.full((rng.randint(20, 90), rng.randint(50, 400)), 1, np.uint8), nothing) for _ in range(60)
    ]
    canvases, left = packed(crops, rng)
    assert canvases and left
    # Nothing covers anything: all of the ink is there.
    assert sum(int(ink.sum()) for ink, _ in canvases) == sum(c.ink.size for c in crops) - sum(
        c.ink.size for c in left
    )


# --- the network ----------------------------------------------------------------------------------


def test_the_table_of_classes_holds_what_formulas_are_made_of() -> None:
    table = load_classes()
    assert len(set(table)) == len(table)
    assert {("x", g.ITALIC), ("2", g.ROMAN), ("∑", g.EXTENSION), ("√", g.SYMBOL), ("fi", g.ROMAN)} <= set(
        table
    )


def test_being_wrong_near_a_glyph_costs_less() -> None:
    wanted = torch.tensor([[1.0, 0.6, 0.0]])
    right = focal_loss(torch.tensor([[9.0, -9.0, -9.0]]), wanted, 1)
    near = focal_loss(torch.tensor([[9.0, 3.0, -9.0]]), wanted, 1)
    far = focal_loss(torch.tensor([[9.0, -9.0, 3.0]]), wanted, 1)
    missed = focal_loss(torch.tensor([[-3.0, -9.0, -9.0]]), wanted, 1)
    assert right < 1e-3 < near < far and missed > 1


def test_a_bundle_gives_back_the_network(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = GlyphFinder(_CONFIG).eval()
    save_network(network, tmp_path)
    again = load_network(tmp_path)
    assert again.config == _CONFIG
    image = torch.rand(1, 1, 32, 64)
    where = torch.tensor([[0, 3, 9], [0, 7, 31]])
    with torch.no_grad():
        for one, other in zip(network(image, where), again(image, where)):
            assert (one - other).abs().max() < 0.05 * one.abs().max()  # matrices are stored as int8


def test_a_bundle_of_something_else_is_refused() -> None:
    with pytest.raises(BundleError, match="not a glyph finder"):
        load_network("chart-s")


@pytest.mark.parametrize("shape", [(7, 3), (1, 1), (40, 200), (33, 61, 3)])
def test_any_picture_can_be_looked_at(shape: tuple[int, ...]) -> None:
    torch.manual_seed(2)
    rng = np.random.default_rng(3)
    image = rng.integers(0, 256, shape, np.uint8)
    found = find_glyphs(FinderGraphs(_CONFIG, eager(GlyphFinder(_CONFIG))), image)
    assert len(found.glyphs) == len(found.probabilities)
    blank = find_glyphs(
        FinderGraphs(_CONFIG, eager(GlyphFinder(_CONFIG))), np.full(shape, 255, np.uint8), em=20
    )
    assert np.isfinite(blank.glyphs.places).all()


def test_it_learns_a_page_by_heart(tmp_path: Path) -> None:
    write_shard(tmp_path / "s.npz", [_page("abcd")])
    view = view_of(_page("abcd"), _table(), random.Random(1), 0.0)
    assert view is not None
    ink = np.zeros((64, 176), np.uint8)
    ink[: view.grey.shape[0], : view.grey.shape[1]] = np.rint(ink_of(view.grey) * 255)
    task = FinderTask(tmp_path, _CONFIG)
    rng = random.Random(1)
    torch.manual_seed(1)
    network = task.build()
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(110):
        batch = collate([encoded(ink, view.marks, _CONFIG, rng)])
        loss, shown = task.loss(network, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert shown["class_right"] == 1 and shown["found"] == 1
    finder = FinderGraphs(_CONFIG, eager(network))
    found = read_maps(finder, finder.look((ink / 255).astype(np.float32)))
    letters = found.glyphs.take(found.glyphs.styles != g.RULE)
    assert letters.text == "abcd" and len(found.glyphs) == 5
    assert (
        np.abs(
            letters.places[:, [LEFT, RIGHT, TOP, BOTTOM]] - view.marks.places[:, [LEFT, RIGHT, TOP, BOTTOM]]
        ).max()
        < 3
    )


def test_the_trainer_takes_the_task(tmp_path: Path) -> None:
    write_shard(tmp_path / "s.npz", [_page(text) for text in ("abc", "def", "ghi")])
    task = FinderTask(tmp_path, _CONFIG)
    batches = [task.collate(list(itertools.islice(task.examples(1), 2)))]
    assert batches[0].ink.shape == (2, 1, *CANVAS)
    ticks = itertools.count().__next__  # a clock by which a minute is 60 steps
    settings = trainer.Settings(tmp_path / "run", 0.05, batch=1, workers=0, device="cpu", clock=ticks)
    network = trainer.train(task, settings)
    assert isinstance(network, GlyphFinder)
    GlyphFinder(_CONFIG).load_state_dict(trainer.averaged_weights(tmp_path / "run"))
