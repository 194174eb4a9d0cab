"""Anchors: the pieces of text that a small model is shown beside the image, and points at in its output.

An anchor is a text span, a glyph or a rule with its box, from the PDF's own text layer or from OCR. Its box is
quantized, so that training and inference see the same numbers. What a decoder writes is an *action*: a token of
its vocabulary, a pointer to an anchor, or a pointer to a cell of the feature map. `ActionSpace` numbers them. The
idea of quantized boxes is from Pix2Seq and Kosmos-2, that of text spans beside the image from InstructBLIP and olmOCR.

All boxes and points are pixels of the letterboxed image that the encoder sees: origin top left, x to the
right, (x0, y0, x1, y1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from docvlm.boxes import Box
from docvlm.numbers import parse_number

AnchorKind = Literal["text", "glyph", "rule"]
ANCHOR_KINDS: tuple[AnchorKind, ...] = ("text", "glyph", "rule")

NUMBER_FEATURES = 6


@dataclass(frozen=True, slots=True)
class Anchor:
    """A piece of text, or a rule (fraction bar, radical) without text, and where it lies.

    ``style`` is a class of fonts, numbered by whoever trains the model; 0 means unknown.
    """

    text: str
    box: Box
    kind: AnchorKind = "text"
    style: int = 0


@dataclass(frozen=True, slots=True)
class AnchorConfig:
    """How anchors become numbers; part of a bundle's config."""

    width: int  # pixels of the letterboxed image
    height: int
    capacity: int = 128  # anchors per image
    bins: int = 1000  # of a coordinate
    text_bytes: int = 32  # of UTF-8 kept per anchor
    styles: int = 16


@dataclass(frozen=True, slots=True)
class AnchorCodes:
    """The anchors of one image as arrays of a fixed length ``capacity`` (A); rows beyond the last anchor are 0."""

    boxes: NDArray[np.int64]  # (A, 4), bins
    text: NDArray[np.int64]  # (A, text_bytes), UTF-8 byte + 1, 0 behind the end
    numbers: NDArray[np.float32]  # (A, NUMBER_FEATURES), see `number_features`
    kinds: NDArray[np.int64]  # (A,), index into ANCHOR_KINDS
    styles: NDArray[np.int64]  # (A,)
    mask: NDArray[np.bool_]  # (A,), True where there is an anchor


# --- boxes ----------------------------------------------------------------------------------------


def quantize(values: ArrayLike, extent: float, bins: int) -> NDArray[np.int64]:
    """Coordinates in [0, extent] -> bins 0..bins-1. What lies outside goes to the nearest bin."""
    scaled = np.floor(np.asarray(values, np.float64) / extent * bins)
    return np.clip(scaled, 0, bins - 1).astype(np.int64)


def dequantize(codes: ArrayLike, extent: float, bins: int) -> NDArray[np.float64]:
    """The middle of each bin, in the unit of ``extent``."""
    return (np.asarray(codes, np.float64) + 0.5) / bins * extent


def quantize_boxes(boxes: ArrayLike, config: AnchorConfig) -> NDArray[np.int64]:
    """Boxes (n, 4) in pixels -> (n, 4) bins."""
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    x = quantize(boxes[:, 0::2], config.width, config.bins)
    y = quantize(boxes[:, 1::2], config.height, config.bins)
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)


def dequantize_boxes(codes: ArrayLike, config: AnchorConfig) -> NDArray[np.float64]:
    """Bins (n, 4) -> boxes (n, 4) in pixels, each coordinate in the middle of its bin."""
    codes = np.asarray(codes).reshape(-1, 4)
    x = dequantize(codes[:, 0::2], config.width, config.bins)
    y = dequantize(codes[:, 1::2], config.height, config.bins)
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)


# --- text and numbers -----------------------------------------------------------------------------


def text_bytes(text: str, length: int) -> NDArray[np.int64]:
    """UTF-8 bytes + 1, cut at a character's end to at most ``length``, 0 behind them. Shape (length,)."""
    data = text.encode("utf-8", "replace")[:length].decode("utf-8", "ignore").encode("utf-8")
    codes = np.zeros(length, np.int64)
    codes[: len(data)] = np.frombuffer(data, np.uint8).astype(np.int64) + 1
    return codes


def bytes_text(codes: ArrayLike) -> str:
    """The text that `text_bytes` kept."""
    codes = np.asarray(codes)
    return bytes((codes[codes > 0] - 1).astype(np.uint8)).decode("utf-8", "ignore")


def number_features(text: str) -> NDArray[np.float32]:
    """What a network should know of a label's number: (NUMBER_FEATURES,), all within [-1, 1].

    Is it a number; are there only digits; sign; magnitude (log10 over 12); leading digits (1 to 10, over 10);
    does it look like a year.
    """
    value = parse_number(text)
    digits_only = float(text.strip().isascii() and text.strip().isdigit())
    if value is None:
        return np.zeros(NUMBER_FEATURES, np.float32)
    size = abs(value)
    exponent = math.floor(math.log10(size)) if size else 0
    leading = size / 10.0**exponent / 10.0 if size else 0.0
    year = float(bool(digits_only) and 1800 <= value <= 2100)
    magnitude = math.log10(size) / 12 if size else -1.0
    features = [1.0, digits_only, float(np.sign(value)), magnitude, leading, year]
    return np.clip(np.asarray(features, np.float32), -1, 1)


# --- anchors --------------------------------------------------------------------------------------


def encode_anchors(anchors: Sequence[Anchor], config: AnchorConfig) -> AnchorCodes:
    """Anchors of one image -> arrays of length ``config.capacity``, in the given order.

    Raises ValueError where there are more than fit: which ones to leave out, the caller knows best.
    """
    count = len(anchors)
    if count > config.capacity:
        raise ValueError(f"{count} anchors do not fit into {config.capacity}: leave some out first")
    codes = AnchorCodes(
        boxes=np.zeros((config.capacity, 4), np.int64),
        text=np.zeros((config.capacity, config.text_bytes), np.int64),
        numbers=np.zeros((config.capacity, NUMBER_FEATURES), np.float32),
        kinds=np.zeros(config.capacity, np.int64),
        styles=np.zeros(config.capacity, np.int64),
        mask=np.arange(config.capacity) < count,
    )
    if count:
        codes.boxes[:count] = quantize_boxes([anchor.box for anchor in anchors], config)
    for row, anchor in enumerate(anchors):
        codes.text[row] = text_bytes(anchor.text, config.text_bytes)
        codes.numbers[row] = number_features(anchor.text)
        codes.kinds[row] = ANCHOR_KINDS.index(anchor.kind)
        codes.styles[row] = min(max(anchor.style, 0), config.styles - 1)
    return codes


# --- actions --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActionSpace:
    """What a decoder can write, numbered: ``vocabulary`` tokens, then ``anchors`` pointers to anchors, then
    one pointer to each cell of a feature map of ``rows`` x ``columns``, row by row. A cell covers ``stride``
    pixels each way.
    """

    vocabulary: int
    anchors: int = 0
    rows: int = 0
    columns: int = 0
    stride: int = 4

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    @property
    def first_cell(self) -> int:
        return self.vocabulary + self.anchors

    @property
    def pointers(self) -> int:
        return self.anchors + self.cells

    @property
    def size(self) -> int:
        return self.vocabulary + self.pointers

    def kind(self, action: int) -> Literal["token", "anchor", "cell"]:
        """What an action is. Raises ValueError outside the space."""
        if not 0 <= action < self.size:
            raise ValueError(f"action {action} lies outside 0..{self.size - 1}")
        if action < self.vocabulary:
            return "token"
        return "anchor" if action < self.first_cell else "cell"

    def anchor(self, index: int) -> int:
        """The action that points at the ``index``-th anchor."""
        if not 0 <= index < self.anchors:
            raise ValueError(f"anchor {index} lies outside 0..{self.anchors - 1}")
        return self.vocabulary + index

    def encode_points(self, points: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Points (..., 2), x and y in pixels -> the actions (...) of the cells that hold them, and the offsets
        (..., 2) from the cells' centres in cells. Points outside the map go to the nearest cell, with an offset
        beyond half a cell.
        """
        scaled = np.asarray(points, np.float64) / self.stride
        cells = np.clip(np.floor(scaled), 0, [self.columns - 1, self.rows - 1])
        actions = self.first_cell + (cells[..., 1] * self.columns + cells[..., 0]).astype(np.int64)
        return actions, (scaled - cells - 0.5).astype(np.float32)

    def decode_points(self, actions: ArrayLike, offsets: ArrayLike = 0.0) -> NDArray[np.float64]:
        """Actions (...) that point at cells, and offsets (..., 2) in cells -> points (..., 2) in pixels."""
        cells = np.asarray(actions, np.int64) - self.first_cell
        centres = np.stack([cells % self.columns, cells // self.columns], axis=-1) + 0.5
        return np.asarray((centres + np.asarray(offsets, np.float64)) * self.stride, np.float64)
