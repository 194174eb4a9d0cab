"""The page model: what it sees of lines, how its scores become an order, and that every runtime says the same."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from docvlm.boxes import Box
from docvlm.layout.features import LINE, PAIR, Look, encode, looks
from docvlm.layout.flow import path_cover, read
from docvlm.layout.interface import ROLES, PageScores
from docvlm.spans import Line, Span

PAGE = 600.0, 800.0


def look(text: str, box: Box, size: float = 10.0, **others: object) -> Look:
    return Look(box, text, size, **{"bold": False, "italic": False, "mono": False, "color": 0} | others)  # type: ignore[arg-type]


def column(left: float, top: float, count: int, size: float = 10.0) -> list[Look]:
    rows = (top + 1.2 * size * row for row in range(count))
    return [look("some words of a line", (left, y, left + 20 * size, y + size), size) for y in rows]


# Features.


def test_lines_and_pairs_have_their_numbers() -> None:
    codes = encode(column(50, 100, 5), *PAGE, [("rule", (50, 95, 250, 96)), ("image", (300, 100, 500, 300))])
    assert codes.lines.shape == (5, LINE) and codes.pairs.shape == (5, 5, PAIR)
    assert codes.lines.dtype == codes.pairs.dtype == np.float32
    assert np.isfinite(codes.lines).all() and np.isfinite(codes.pairs).all()
    assert encode([], *PAGE, []).pairs.shape == (0, 0, PAIR)


def test_the_size_of_page_and_type_does_not_matter() -> None:
    small = [*column(50, 100, 4), *column(300, 100, 4)]
    large = [*column(100, 200, 4, 20.0), *column(600, 200, 4, 20.0)]
    drawn: list[tuple[str, Box]] = [("fill", (40, 90, 270, 160)), ("rule", (280, 50, 281, 300))]
    doubled: list[tuple[str, Box]] = [("fill", (80, 180, 540, 320)), ("rule", (560, 100, 562, 600))]
    ours, theirs = encode(small, *PAGE, drawn), encode(large, 1200.0, 1600.0, doubled)
    np.testing.assert_allclose(ours.lines, theirs.lines, atol=1e-3)
    np.testing.assert_allclose(ours.pairs, theirs.pairs, atol=1e-3)


def test_what_a_line_says_counts_by_its_kinds_of_characters() -> None:
    one, other, bullet, russian = (
        encode([look(text, (50, 100, 250, 110))], *PAGE, []).lines[0]
        for text in ("Some words here.", "Fine words, too.", "• words of an item", "Слова на строке.")
    )
    assert np.abs(one - other).max() < np.abs(one - bullet).max()
    assert np.abs(one - russian).max() < 0.2  # a script that has capitals looks the same


def test_a_rule_between_two_lines_parts_them() -> None:
    two = [
        look("one", (50, 100, 90, 110)),
        look("two", (50, 114, 90, 124)),
        look("far", (300, 114, 340, 124)),
    ]
    plain = encode(two, *PAGE, []).pairs
    ruled = encode(two, *PAGE, [("rule", (40, 111.5, 200, 112.5))]).pairs
    changed = np.abs(ruled - plain).max(2) > 0
    assert changed[0, 1] and changed[1, 0] and not changed[0, 2] and not changed[1, 2]


def test_ocr_says_nothing_of_weight_and_colour() -> None:
    box = (50.0, 100.0, 250.0, 110.0)
    (layer,) = looks([Line(box, [Span("words", box, 10.0, font="Times-Bold", bold=True, color=0xFF0000)])])
    (read_line,) = looks([Line(box, [Span("words", box, 10.0, score=0.9)])])
    assert (layer.bold, layer.color) == (True, 0xFF0000)
    assert (read_line.bold, read_line.italic, read_line.color) == (None, None, None)


# Decoding.


@st.composite
def log_probabilities(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    count, seed = draw(st.integers(1, 30)), draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    raw = rng.normal(0, draw(st.sampled_from([0.1, 2.0, 8.0])), (2, count, count + 1)).astype(np.float32)
    raw[:, np.arange(count), np.arange(count)] = -1e4
    follows, precedes = raw - np.log(np.exp(raw).sum(2, keepdims=True))
    return follows, precedes


@given(log_probabilities())
@settings(max_examples=200, deadline=None)
def test_a_path_cover_is_disjoint_paths_through_all_lines(
    given_scores: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    follows, precedes = given_scores
    count = len(follows)
    successor = path_cover(follows, precedes)
    linked = [int(each) for each in successor if each < count]
    assert len(linked) == len(set(linked)) and all(line != other for line, other in enumerate(successor))
    seen: set[int] = set()
    for start in set(range(count)) - set(linked):
        line = start
        while line < count:
            assert line not in seen
            seen.add(line)
            line = int(successor[line])
    assert seen == set(range(count))  # what no path reaches would go round in a circle


@given(log_probabilities(), st.data())
@settings(max_examples=50, deadline=None)
def test_a_reading_holds_every_line_once(
    given_scores: tuple[NDArray[np.float32], NDArray[np.float32]], data: st.DataObject
) -> None:
    follows, precedes = given_scores
    count = len(follows)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))
    roles = rng.dirichlet(np.ones(len(ROLES)), count).astype(np.float32)
    joined = rng.random((count, count, 2), np.float32)
    reading = read(PageScores(roles, follows, precedes, joined))
    assert sorted(line for path in reading.paths for line in path) == list(range(count))
    assert sorted(line for block in reading.blocks for line in block.lines) == list(range(count))
    assert sorted(reading.place) == list(range(count))
    assert all(0 <= block.sure <= 1 for block in reading.blocks)
    assert all(line in reading.blocks[reading.block_of[line]].lines for line in range(count))


def test_the_surest_links_make_the_order() -> None:
    """Two columns of two lines each, read one after the other, and a page number that stands alone."""
    wanted = {0: 2, 2: 1, 1: 3, 3: None, 4: None}
    scores = np.full((5, 6), -8.0, np.float32)
    back = scores.copy()
    for line, following in wanted.items():
        scores[line, 5 if following is None else following] = -0.01
        if following is not None:
            back[following, line] = -0.01
    back[0, 5] = back[4, 5] = -0.01
    roles = np.full((5, len(ROLES)), 0.01, np.float32)
    roles[:, ROLES.index("paragraph")] = 0.9
    joined = np.zeros((5, 5, 2), np.float32)
    joined[0, 2] = joined[1, 3] = 0.9
    reading = read(PageScores(roles, scores, back, joined))
    assert reading.paths == [[0, 2, 1, 3], [4]]
    assert [block.lines for block in reading.blocks] == [[0, 2], [1, 3], [4]]


# Runtimes.


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    import importlib

    from docvlm.layout.interface import PageConfig
    from docvlm.networks.page import PageNetwork, save_network

    torch.manual_seed(7)
    torch.set_num_threads(1)
    network = PageNetwork(PageConfig(LINE, PAIR, width=32, depth=2, heads=4, mlp=48, hidden=8, pointer=16))
    folder = save_network(network.eval(), tmp_path_factory.mktemp("models") / "page-t")
    assert importlib.import_module("docvlm.export.onnx").export_onnx(folder) == folder
    return folder


@pytest.mark.parametrize("count", [1, 2, 17, 90])
def test_onnx_sees_what_torch_sees(bundle: Path, count: int) -> None:
    from docvlm.runtimes import load_page

    rng = random.Random(count)
    page = [
        look("w" * rng.randint(1, 60), (x := rng.uniform(0, 400), y := rng.uniform(0, 780), x + 90, y + 10))
        for _ in range(count)
    ]
    codes = encode(page, *PAGE, [("fill", (100, 100, 400, 300))])
    theirs, ours = (load_page(bundle, runtime).look(codes) for runtime in ("torch", "onnx"))
    for name in ("roles", "joined"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=1e-4)
    for name in ("follows", "precedes"):
        one, other = getattr(ours, name), getattr(theirs, name)
        assert one.shape == (count, count + 1)
        np.testing.assert_allclose(np.exp(one), np.exp(other), atol=1e-4)


def test_a_page_with_more_lines_than_the_network_sees_is_refused(bundle: Path) -> None:
    from docvlm.layout.features import PageCodes
    from docvlm.runtimes import load_page

    network = load_page(bundle, "onnx")
    many = network.config.lines + 1
    codes = PageCodes(np.zeros((many, LINE), np.float32), np.zeros((many, many, 1), np.float32))
    with pytest.raises(ValueError, match="more than 600 lines"):
        network.look(codes)
