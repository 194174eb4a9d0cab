"""Tiles cover the image undistorted and know their place; what they say is merged without loss or repetition."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from docvlm.decoding.interface import Format, Reading
from docvlm.layout import tiling
from docvlm.layout.tiling import Tile, catty_tiles, merge_texts
from docvlm.readers.tiled import TiledModel

_SIDE = st.integers(1, 400)
_WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9)


def _ramp(height: int, width: int) -> tiling.Image:
    """An image whose red and green say where a pixel lies, as a share of 255."""
    across = np.linspace(0, 255, width, dtype=np.float32)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height, dtype=np.float32)[:, None].repeat(width, 1)
    return np.stack([across, down, np.zeros_like(across)], axis=2).round().astype(np.uint8)


def _covered(tiles: list[Tile], height: int, width: int) -> np.ndarray:
    seen = np.zeros((height, width), dtype=bool)
    for tile in tiles:
        x0, y0, x1, y1 = tile.box
        # A pixel counts where its middle lies in the box.
        seen[round(y0) : max(round(y1), 0), round(x0) : max(round(x1), 0)] = True
    return seen


@given(_SIDE, _SIDE, st.sampled_from([16, 48, 64]), st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_catty_covers_the_image_by_few_undistorted_tiles(
    height: int, width: int, size: int, most: int
) -> None:
    tiles = tiling.catty_tiles(np.zeros((height, width, 3), np.uint8), size, most)
    whole = [tile for tile in tiles if not tile.thumbnail]
    assert 1 <= len(whole) <= most
    assert len(tiles) - len(whole) == (len(whole) > 1)
    assert all(tile.pixels.shape == (size, size, 3) for tile in tiles)
    assert _covered(whole, height, width).all()
    for tile in tiles:
        across, down = (round(side * scale, 6) for side, scale in zip((width, height), tile.scale))
        # One factor explains both sides of the resized image, up to the rounding to whole pixels (one at least).
        low = max((across - 0.5) / width, (down - 0.5) / height)
        high = min((across + 0.5) / width, (down + 0.5) / height)
        assert low <= high + 1e-6 or min(across, down) == 1
    places = [(tile.row, tile.column) for tile in whole]
    assert places == sorted(set(places))


def test_gots_grid_is_the_one_that_transformers_chooses() -> None:
    got = pytest.importorskip("transformers.models.got_ocr2.image_processing_pil_got_ocr2")
    for seed in range(300):
        draw = random.Random(seed)
        height, width, most = draw.randint(1, 3000), draw.randint(1, 3000), draw.randint(1, 12)
        theirs = got.get_optimal_tiled_canvas((height, width), (384, 384), 1, most)
        assert tiling.nearest_grid(height, width, 384, 1, most) == theirs, (height, width, most)


@pytest.mark.parametrize(("height", "width"), [(300, 200), (128, 500), (90, 100)])
def test_tiles_show_what_they_say(height: int, width: int) -> None:
    for tile in tiling.catty_tiles(_ramp(height, width), 64):
        for x, y in ((10.5, 10.5), (30.5, 20.5), (tile.pixels.shape[1] - 9.5, tile.pixels.shape[0] - 9.5)):
            at_x, at_y = tile.to_image(x, y)
            if not (2 < at_x < width - 2 and 2 < at_y < height - 2):
                continue  # padding
            red, green, _ = tile.pixels[int(y), int(x)]
            step = max(255 / width, 255 / height) * max(1.0, 1 / min(tile.scale))
            assert float(red) == pytest.approx(255 * (at_x - 0.5) / (width - 1), abs=step + 2)
            assert float(green) == pytest.approx(255 * (at_y - 0.5) / (height - 1), abs=step + 2)


def test_an_image_thinner_than_a_window_is_padded_with_white() -> None:
    tiles = tiling.catty_tiles(np.zeros((10, 1000, 3), np.uint8), 64)
    assert len(tiles) == 9 and all((tile.pixels[-1] == 255).all() for tile in tiles)


# Merging.


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_lines_split_with_an_overlap_are_put_together_exactly(data: st.DataObject) -> None:
    # Few different lines, so that the overlap is often ambiguous.
    line = st.lists(st.sampled_from(["alpha", "beta", "12", "7"]), min_size=1, max_size=3).map(" ".join)
    lines = data.draw(st.lists(line, min_size=2, max_size=30))
    end = data.draw(st.integers(1, len(lines)))
    start = data.draw(st.integers(0, end))
    assert tiling.join_lines(lines[:end], lines[start:], end - start) == lines


@given(st.lists(st.lists(_WORD, min_size=3, max_size=8).map(" ".join), min_size=8, max_size=40), st.data())
@settings(max_examples=100, deadline=None)
def test_a_page_read_in_tiles_is_the_page(lines: list[str], data: st.DataObject) -> None:
    numbered = [f"{index} {line}" for index, line in enumerate(lines)]
    most = data.draw(st.integers(2, 8))
    tiles = tiling.catty_tiles(np.zeros((data.draw(st.integers(100, 900)), 100, 3), np.uint8), 32, most)
    height = max(tile.box[3] for tile in tiles if not tile.thumbnail)
    pitch = height / len(numbered)
    texts = []
    for tile in tiles:
        inside = [
            line
            for index, line in enumerate(numbered)
            if index * pitch >= tile.box[1] - 1e-6 and (index + 1) * pitch <= tile.box[3] + 1e-6
        ]
        texts.append("a thumbnail says nothing new" if tile.thumbnail else "\n".join(inside))
    merged = tiling.merge_texts(tiles, texts).splitlines()
    assert len(merged) == len(set(merged)) and set(merged) == {
        line for text in texts for line in text.splitlines()
    } - {"a thumbnail says nothing new"}
    assert merged == sorted(merged, key=lambda line: int(line.split()[0]))


def test_a_line_that_an_edge_cuts_is_taken_from_the_tile_that_shows_it_whole() -> None:
    upper = ["one and two", "three and four", "five and six", "sovcn end clght"]
    lower = ["throe ond fcur", "five and six", "seven and eight", "nine and ten"]
    assert tiling.join_lines(upper, lower, 3) == [
        "one and two", "three and four", "five and six", "seven and eight", "nine and ten"
    ]  # fmt: skip


def test_nothing_is_joined_where_tiles_share_nothing() -> None:
    assert tiling.join_lines(["a", "b"], ["b", "c"], 0) == ["a", "b", "b", "c"]
    assert tiling.join_lines(["one thing"], ["another matter"], 1) == ["one thing", "another matter"]
    assert tiling.join_words("one thing", "another matter") is None


@given(st.lists(_WORD, min_size=3, max_size=12, unique=True), st.data())
@settings(max_examples=200, deadline=None)
def test_a_line_cut_between_two_tiles_is_put_together(words: list[str], data: st.DataObject) -> None:
    line = " ".join(words)
    kept = data.draw(st.integers(0, len(words) - 1))
    begin = line.index(words[kept])
    # Both tiles show the kept word whole; where else they cut is free.
    end = data.draw(st.integers(begin + len(words[kept]), len(line)))
    start = data.draw(st.integers(0, begin))
    left, right = line[:end], line[start:]
    if any(a != b and (a in b) for a in [*left.split(), *right.split()] for b in words if a not in words):
        # A stump that is also a part of another word may fit twice; the sample says nothing then.
        stumps = {left.split()[-1], right.split()[0]} - set(words)
        if any(sum(word.startswith(s) or word.endswith(s) for word in words) > 1 for s in stumps):
            return
    assert tiling.join_words(left, right) == line


def test_columns_pair_the_lines_that_go_on() -> None:
    left = ["The quick brown fox", "A short one", "jumps over the la"]
    right = ["brown fox ran away", "only on the right", "the lazy dog again"]
    assert tiling.join_columns(left, right) == [
        "The quick brown fox ran away", "A short one", "only on the right", "jumps over the lazy dog again"
    ]  # fmt: skip


def test_rows_that_differ_in_their_number_alone_are_not_one() -> None:
    upper, lower = ["2 aaaa aaaa aaaa", "3 aaaa aaaa aaaa"], ["4 aaaa aaaa aaaa", "5 aaaa aaaa aaaa"]
    assert tiling.join_lines(upper, lower, 1) == [*upper, *lower]


class _Lines:
    """A model that reads the numbered black rows of a page: white pages give nothing."""

    name, batch_size = "lines", 2

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def read(
        self, images: Sequence[NDArray[np.uint8]], form: Format = "markdown", max_tokens: int = 4096
    ) -> list[Reading]:
        assert len(images) <= self.batch_size
        self.seen += [image.shape for image in images]
        return [Reading("\n".join(_rows(image)), (-0.1,), True) for image in images]


def _rows(image: NDArray[np.uint8]) -> list[str]:
    """The grey levels of the image's stripes from top to bottom, as words."""
    grey = image[:, image.shape[1] // 2, 0].astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], grey < 225, [False]]).astype(int)))
    runs = [(begin, end) for begin, end in zip(edges[::2], edges[1::2]) if end - begin > 12]
    return [f"the stripe that is numbered {round(np.median(grey[a:b]) / 10) * 10}" for a, b in runs]


def test_a_tall_page_is_read_in_tiles_and_every_line_once() -> None:
    page = np.full((2600, 1000, 3), 255, np.uint8)
    for number in range(20):
        page[60 + 125 * number : 95 + 125 * number] = 10 * number + 10
    model = _Lines()
    whole = TiledModel(model, 4).read([page])[0]
    assert len(model.seen) > 1 and all(shape == (1024, 1024, 3) for shape in model.seen)
    assert whole.text.splitlines() == [f"the stripe that is numbered {10 * n + 10}" for n in range(20)]
    assert len(whole.log_probs) == len(model.seen) and whole.finished


def test_paragraphs_stay_apart_where_tiles_meet() -> None:
    tiles = catty_tiles(np.zeros((1500, 1000, 3), np.uint8), 1024, 4, thumbnail=False)
    assert len(tiles) == 2
    words = [f"paragraph {n} speaks of {word}" for n, word in enumerate(("ships", "tides", "winds", "ports"))]
    merged = merge_texts(tiles, ["\n\n".join(words[:3]), "\n\n".join(words[2:])])
    assert merged == "\n\n".join(words)
