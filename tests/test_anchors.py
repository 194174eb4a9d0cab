"""Anchors and pointers: what goes in comes out, in training and in inference alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docvlm.anchors import (
    ANCHOR_KINDS,
    NUMBER_FEATURES,
    ActionSpace,
    Anchor,
    AnchorConfig,
    bytes_text,
    dequantize,
    dequantize_boxes,
    encode_anchors,
    number_features,
    quantize,
    text_bytes,
)

_CONFIG = AnchorConfig(width=512, height=384, capacity=6, bins=200, text_bytes=12, styles=4)

_x = st.floats(0, _CONFIG.width, allow_nan=False)
_y = st.floats(0, _CONFIG.height, allow_nan=False)
_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_anchor = st.builds(
    Anchor, _text, st.tuples(_x, _y, _x, _y), st.sampled_from(ANCHOR_KINDS), st.integers(0, 3)
)


@given(st.lists(_anchor, max_size=_CONFIG.capacity))
def test_anchors_survive_encoding(anchors: list[Anchor]) -> None:
    codes = encode_anchors(anchors, _CONFIG)
    boxes = dequantize_boxes(codes.boxes, _CONFIG)
    assert len(anchors) == codes.mask.sum()
    back = [
        Anchor(bytes_text(codes.text[row]), tuple(boxes[row]), each.kind, each.style)
        for row, each in enumerate(anchors)
    ]
    half = max(_CONFIG.width, _CONFIG.height) / _CONFIG.bins / 2
    for row, (before, after) in enumerate(zip(anchors, back, strict=True)):
        assert np.abs(np.subtract(before.box, after.box)).max() <= half + 1e-9
        assert (ANCHOR_KINDS[codes.kinds[row]], codes.styles[row]) == (before.kind, before.style)
        assert before.text.startswith(after.text)
        if len(before.text.encode()) <= _CONFIG.text_bytes:
            assert before.text == after.text
    again = encode_anchors(back, _CONFIG)
    for name in ("boxes", "text", "kinds", "styles", "mask"):
        np.testing.assert_array_equal(getattr(codes, name), getattr(again, name))


def test_rows_behind_the_last_anchor_are_empty() -> None:
    codes = encode_anchors([Anchor("7", (1, 2, 3, 4))], _CONFIG)
    for name in ("boxes", "text", "numbers", "kinds", "styles", "mask"):
        assert getattr(codes, name).shape[0] == _CONFIG.capacity
        assert not getattr(codes, name)[1:].any(), name


def test_too_many_anchors_are_not_dropped_silently() -> None:
    with pytest.raises(ValueError, match="7 anchors do not fit"):
        encode_anchors([Anchor("", (0, 0, 1, 1))] * 7, _CONFIG)


@given(st.integers(1, 2000), st.floats(1, 5000), st.floats(-100, 6000))
def test_a_coordinate_goes_to_the_nearest_bin(bins: int, extent: float, value: float) -> None:
    code = quantize(value, extent, bins)
    assert 0 <= code < bins
    inside = min(max(value, 0.0), extent)
    assert abs(dequantize(code, extent, bins) - inside) <= extent / bins / 2 * (1 + 1e-6)
    assert quantize(dequantize(code, extent, bins), extent, bins) == code


@given(_text, st.integers(1, 16))
def test_text_is_cut_at_a_characters_end(text: str, length: int) -> None:
    kept = bytes_text(text_bytes(text, length))
    assert text.startswith(kept)
    dropped = text[len(kept) : len(kept) + 1]
    assert not dropped or len((kept + dropped).encode()) > length


# --- pointers -------------------------------------------------------------------------------------

_SPACE = ActionSpace(vocabulary=50, anchors=10, rows=12, columns=16, stride=4)


@given(st.floats(0, 63.99), st.floats(0, 47.99))
def test_points_as_pointers_to_cells(x: float, y: float) -> None:
    actions, offsets = _SPACE.encode_points([x, y])
    assert _SPACE.kind(int(actions)) == "cell"
    assert np.abs(offsets).max() <= 0.5 + 1e-6
    np.testing.assert_allclose(_SPACE.decode_points(actions, offsets), [x, y], atol=1e-4)
    assert np.abs(_SPACE.decode_points(actions) - [x, y]).max() <= 2 + 1e-6


def test_points_outside_the_map_keep_their_place() -> None:
    points = np.array([[[-3.0, 10.0], [70.0, 60.0]]])
    actions, offsets = _SPACE.encode_points(points)
    assert actions.shape == (1, 2)
    assert actions[0, 1] == _SPACE.size - 1
    np.testing.assert_allclose(_SPACE.decode_points(actions, offsets), points, atol=1e-4)


@settings(max_examples=50)
@given(st.integers(0, 49), st.integers(0, 9))
def test_every_action_is_one_of_three(token: int, anchor: int) -> None:
    assert _SPACE.kind(token) == "token"
    assert _SPACE.kind(_SPACE.anchor(anchor)) == "anchor"
    assert _SPACE.anchor(anchor) - _SPACE.vocabulary == anchor
    assert _SPACE.size == 50 + 10 + 192


def test_actions_outside_the_space_are_refused() -> None:
    for wrong in (-1, _SPACE.size):
        with pytest.raises(ValueError, match="outside"):
            _SPACE.kind(wrong)
    with pytest.raises(ValueError, match="outside"):
        _SPACE.anchor(10)


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "abc", "2019-20", "k"])
def test_what_is_no_number_has_no_features(text: str) -> None:
    assert not number_features(text).any()


@given(st.floats(-1e15, 1e15, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-6))
def test_features_of_numbers_are_bounded(value: float) -> None:
    features = number_features(f"{value:.8f}")
    assert features.shape == (NUMBER_FEATURES,)
    assert np.isfinite(features).all() and np.abs(features).max() <= 1
