"""Other designs of the chart model, for comparison: names spelled instead of pointed to, marks as tokens or as values.

They share the shipped model's examples, decoder and sentence (`docvlm.charts.code`). They differ in how a name and a
mark are written in it, and one in where its encoder begins:

    pointers    names and marks are pointed to: the shipped design
    backbone    the same, and the encoder begins as PP-OCRv6's detector (`training.ocr_encoder`)
    locations   marks are a column and a row of the same grid as tokens, as in Pix2Seq; no stride-4 map is pointed at
    spelled     no anchors: names, the title and two ticks with their places are written as bytes
    text        OneChart's way: no anchors and no places; names, title and all values are written as bytes

Without anchors there is nothing that ticks and titles could be roles of, so the designs that spell write them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import Final, Literal

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor

from docvlm.anchors import ActionSpace, Anchor, encode_anchors
from docvlm.charts.code import (
    TEXT_ROLES,
    VOCABULARY,
    ChartCode,
    Token,
    chart_sentence,
    decode_chart,
    encode_chart,
)
from docvlm.charts.data import ChartData, chart_data
from docvlm.charts.interface import MAX_ACTIONS, STRIDE, ChartConfig, ChartEncoderConfig, ChartReading
from docvlm.decoding.config import DecoderConfig
from docvlm.decoding.grammar import (
    ANCHOR,
    CELL,
    EMPTY,
    Automaton,
    compile_grammar,
    literal,
    one_of,
    optional,
    repeat,
    sequence,
)
from docvlm.networks.chart import ChartNetwork
from docvlm.networks.decoder import PointerMemory
from training.chart_examples import Example, chart_of, example_of, written_values
from training.chart_task import FIRST_MARKS, ChartTask
from training.charts.sample import Kind, Sample, Span
from training.charts.stream import make, painter
from training.charts.ticks import Undrawable
from training.charts.truth import printed_scale
from training.ocr_encoder import OcrChartEncoder, detector

# Behind the shipped model's vocabulary: what begins a title, a tick and a value, what ends a text, and its bytes.
_TITLE, _TICK, _VALUE, _TEXT_END = range(VOCABULARY, VOCABULARY + 4)
_FIRST_BYTE: Final = VOCABULARY + 4
_FIRST_COLUMN: Final = _FIRST_BYTE + 256
_TEXTS: Final = 1024  # at most in one chart

Offset = tuple[float, float]
Names = Literal["anchors", "bytes"]
Marks = Literal["cells", "locations", "values"]


@dataclass(frozen=True, slots=True)
class DesignConfig(ChartConfig):
    """The shipped model's shape, but for how names and marks are written. Longer sentences are cut to ``longest``
    actions.
    """

    names: Names = "bytes"
    marks: Marks = "cells"
    longest: int = 768

    @property
    def plain(self) -> ActionSpace:
        """The space in which charts are encoded and decoded: every text is an anchor, every mark a cell."""
        return ActionSpace(_FIRST_BYTE, _TEXTS, *self.encoder.cell_grid, STRIDE)

    @property
    def space(self) -> ActionSpace:
        """What the network writes; without cells where marks are no pointers."""
        rows, columns = self.encoder.cell_grid
        grid = (rows, columns) if self.marks == "cells" else (0, 0)
        return ActionSpace(_FIRST_COLUMN + columns + rows, self.anchors, *grid, STRIDE)

    @property
    def decoder(self) -> DecoderConfig:
        longest = self.encoder.tokens + self.anchors + self.longest
        shipped = ChartConfig(
            self.encoder, self.anchors, self.width, self.depth, self.heads, self.mlp
        ).decoder
        return replace(shipped, vocabulary=self.space.vocabulary, max_length=longest)


def takes_anchors(config: ChartConfig) -> bool:
    return not isinstance(config, DesignConfig) or config.names == "anchors"


def takes_places(config: ChartConfig) -> bool:
    """Whether marks have places in what is written."""
    return not isinstance(config, DesignConfig) or config.marks != "values"


def longest(config: ChartConfig) -> int:
    """Actions of a chart at most."""
    return config.longest if isinstance(config, DesignConfig) else MAX_ACTIONS


def texts_and_marks(config: ChartConfig, actions: Tensor) -> list[tuple[Tensor, Tensor]]:
    """For texts and then for marks: which ``actions`` (any shape) write one, and which of these end it."""
    space = config.space
    is_anchor = (actions >= space.vocabulary) & (actions < space.first_cell)
    is_cell = actions >= space.first_cell
    if not isinstance(config, DesignConfig):
        return [(is_anchor, is_anchor), (is_cell, is_cell)]
    first_row = _FIRST_COLUMN + config.plain.columns
    is_byte = (actions >= _FIRST_BYTE) & (actions < _FIRST_COLUMN)
    is_place = (actions >= _FIRST_COLUMN) & (actions < space.vocabulary)
    text_ends = is_anchor | (actions == _TEXT_END)
    return [
        (is_byte | text_ends, text_ends),
        (is_place | is_cell, is_cell | (is_place & (actions >= first_row))),
    ]


# --- sentences ------------------------------------------------------------------------------------


@cache
def grammar(config: DesignConfig) -> Automaton:
    """The automaton of the charts that a design can write."""
    space = config.space
    spelled = sequence(repeat(one_of(range(_FIRST_BYTE, _FIRST_COLUMN)), at_least=1), literal([_TEXT_END]))
    text = spelled if config.names == "bytes" else ANCHOR
    first_row = _FIRST_COLUMN + config.plain.columns
    location = sequence(one_of(range(_FIRST_COLUMN, first_row)), one_of(range(first_row, space.vocabulary)))
    mark = {"cells": CELL, "locations": location, "values": literal([_VALUE])}[config.marks]
    preface = EMPTY
    if config.names == "bytes":
        ticks = repeat(sequence(literal([_TICK]), text, mark), at_most=2 if config.marks == "cells" else 0)
        preface = sequence(optional(sequence(literal([_TITLE]), text)), ticks)
    return compile_grammar(chart_sentence(text, mark, preface), space, Token.END)


def written(
    config: DesignConfig,
    source: ActionSpace,
    actions: Sequence[int],
    offsets: Sequence[Offset],
    texts: Sequence[str] = (),
) -> tuple[list[int], list[Offset]]:
    """A sentence of pointers, numbered as in ``source``, as the design writes it, with its offsets."""
    space = config.space
    out: list[int] = []
    placed: list[Offset] = []
    for action, offset in zip(actions, offsets, strict=True):
        kind = source.kind(action)
        if kind == "token":
            words = [action]
        elif kind == "anchor" and config.names == "anchors":
            words = [space.anchor(action - source.vocabulary)]
        elif kind == "anchor":
            spelled = texts[action - source.vocabulary].encode("utf-8", "replace")
            words = [*(_FIRST_BYTE + byte for byte in spelled), _TEXT_END]
        elif config.marks == "cells":
            words = [action - source.first_cell + space.first_cell]
        elif config.marks == "locations":
            row, column = divmod(action - source.first_cell, source.columns)
            words = [_FIRST_COLUMN + column, _FIRST_COLUMN + source.columns + row]
        else:
            words = [_VALUE]
        out += words
        placed += [offset] * len(words)
    return out[: config.longest], placed[: config.longest]


def pointed(
    config: DesignConfig, words: Sequence[int], offsets: NDArray[np.float32]
) -> tuple[list[int], NDArray[np.float32], list[str]]:
    """What `written` made, back as pointers: actions of ``config.plain``, their offsets, and the texts spelled."""
    plain, space = config.plain, config.space
    actions: list[int] = []
    kept: list[int] = []
    texts: list[str] = []
    spelled = bytearray()
    column = 0
    for place, word in enumerate(words):
        if _FIRST_BYTE <= word < _FIRST_COLUMN:
            spelled.append(word - _FIRST_BYTE)
            continue
        if _FIRST_COLUMN <= word < _FIRST_COLUMN + plain.columns:
            column = word - _FIRST_COLUMN
            continue
        if word == _TEXT_END:
            action = plain.anchor(len(texts))
            texts.append(spelled.decode("utf-8", "ignore"))
            spelled.clear()
        elif word == _VALUE:
            action = plain.first_cell
        elif word < _FIRST_COLUMN:
            action = word
        elif word < space.vocabulary:
            row = word - _FIRST_COLUMN - plain.columns
            action = plain.first_cell + row * plain.columns + column
        elif word < space.first_cell:
            action = plain.anchor(word - space.vocabulary)
        else:
            action = word - space.first_cell + plain.first_cell
        actions.append(action)
        kept.append(place)
    return actions, offsets[kept], texts


@dataclass(frozen=True, slots=True)
class Said:
    """What a network said of a chart."""

    code: ChartCode  # points are pixels of the network's image; none where values are spelled
    data: ChartData | None  # None for a picture that is no chart


def said(config: ChartConfig, reading: ChartReading, anchors: Sequence[Anchor]) -> Said:
    """A design's reading of one image whose ``anchors`` it was shown."""
    generated = reading.generated
    if not isinstance(config, DesignConfig):
        code = decode_chart(generated.actions, config.space, generated.offsets)
        return Said(code, _data(code, anchors, reading.roles, reading.places))
    actions, offsets, texts = pointed(config, generated.actions, generated.offsets)
    if config.names == "anchors":
        code = decode_chart(actions, config.plain, offsets)
        return Said(code, _data(code, anchors, reading.roles, reading.places))
    spelled = [Anchor(text, (0.0, 0.0, 1.0, 1.0)) for text in texts]
    roles = np.zeros((len(texts), len(TEXT_ROLES)), np.float32)
    roles[:, TEXT_ROLES.index("other")] = 0.5
    while len(actions) > 2 and actions[2] in (_TITLE, _TICK):
        number = actions[3] - config.plain.vocabulary
        taken = 2 if actions[2] == _TITLE else 3
        roles[number, TEXT_ROLES.index("title" if taken == 2 else "y_tick")] = 1
        if taken == 3:
            x, y = (float(v) for v in config.plain.decode_points(actions[4], offsets[4]))
            spelled[number] = Anchor(texts[number], (x, y, x, y))
        del actions[2 : 2 + taken]
        offsets = np.delete(offsets, slice(2, 2 + taken), axis=0)
    code = decode_chart(actions, config.plain, offsets)
    if config.marks == "values":
        code.centre = None
        for mark in [mark for series in code.series for mark in series.marks]:
            mark.point = None
    return Said(code, _data(code, spelled, roles, np.zeros((len(texts), 2), np.float32)))


def _data(
    code: ChartCode, anchors: Sequence[Anchor], roles: NDArray[np.float32], places: NDArray[np.float32]
) -> ChartData | None:
    return None if code.kind is None else chart_data(code, anchors, roles, places)


def _spelled_chart(sample: Sample, config: DesignConfig) -> tuple[list[int], list[Offset], list[str]]:
    """The sentence about a chart whose texts are to be spelled; raises ValueError as `encode_chart` does."""
    scale = config.encoder.size / max(sample.image.shape[:2])
    code = chart_of(sample, [(span, 0) for span in sample.spans], scale)
    texts: list[str] = []

    def text(words: str) -> int:
        texts.append(words)
        return len(texts) - 1

    def name(numbers: Sequence[int]) -> list[int]:
        return [text(" ".join(sample.spans[n].text for n in numbers))] if numbers else []

    if code.categories is not None:
        code.categories = [name(numbers) for numbers in code.categories]
    values = written_values(sample)
    for series, row in zip(code.series, values, strict=False):
        series.name = name(series.name)
        for mark, value in zip(series.marks, row, strict=True):
            if config.marks == "values":
                mark.label = text(_digits(value / printed_scale(sample))) if mark.point else None
            elif mark.label is not None:
                mark.label = text(sample.spans[mark.label].text)
    if config.marks == "values":
        code.labelled = True
    actions, offsets = encode_chart(code, config.plain)
    if code.kind is not None:
        preface, placed = _preface(sample, config, scale, text)
        actions[2:2], offsets[2:2] = preface, placed
    return actions, offsets, texts


def _preface(
    sample: Sample, config: DesignConfig, scale: float, text: Callable[[str], int]
) -> tuple[list[int], list[Offset]]:
    """The title, and the outermost ticks of the values' axis with their places."""
    plain = config.plain
    actions: list[int] = []
    offsets: list[Offset] = []
    title = " ".join(span.text for span in sample.spans if span.role == "title")
    if title:
        actions += [_TITLE, plain.anchor(text(title))]
        offsets += [(0.0, 0.0)] * 2
    if config.marks == "cells":
        for span in _outermost(sample):
            assert span.point is not None
            cell, offset = plain.encode_points(np.asarray(span.point) * scale)
            actions += [_TICK, plain.anchor(text(span.text)), int(cell)]
            offsets += [(0.0, 0.0), (0.0, 0.0), (float(offset[0]), float(offset[1]))]
    return actions, offsets


def _outermost(sample: Sample) -> list[Span]:
    ticks = [s for s in sample.spans if s.role == "y_tick" and s.axis == 0 and s.point is not None]
    ticks.sort(key=lambda span: span.point or (0.0, 0.0))
    if not sample.content.horizontal:
        ticks.sort(key=lambda span: (span.point or (0.0, 0.0))[1])
    return [ticks[0], ticks[-1]] if len(ticks) > 1 else []


def _digits(value: float) -> str:
    """Four significant digits, as OneChart's answers have them at most."""
    return np.format_float_positional(float(f"{value:.4g}"), trim="-")


# --- networks and tasks ---------------------------------------------------------------------------


class DesignNetwork(ChartNetwork):
    """The shipped network in another design's space of actions."""

    config: DesignConfig

    def memory(self, anchors: Tensor, mask: Tensor, cells: Tensor) -> PointerMemory:
        return super().memory(anchors, mask, cells[:, : self.config.space.cells])


class BackboneNetwork(ChartNetwork):
    """The shipped network, its encoder begun as PP-OCRv6's detector."""

    encoder: OcrChartEncoder

    def __init__(self, config: ChartConfig) -> None:
        super().__init__(config)
        self.encoder = OcrChartEncoder(config.encoder)


@dataclass(frozen=True, slots=True)
class PointersTask(ChartTask):
    """The shipped design on undamaged English charts of two kinds: minutes are not enough for all that there is."""

    kinds: tuple[Kind, ...] = ("vertical_bar", "line")

    def samples(self, seed: int) -> Iterator[Sample]:
        folders = None if self.fonts is None else (str(self.fonts),)
        for number in count(seed << 40):
            kind = random.Random(number).choice(self.kinds)
            try:
                yield make(number, painter(folders), kind=kind, languages=("en",), degraded=0.0)
            except Undrawable:
                continue


@dataclass(frozen=True, slots=True)
class BackboneTask(PointersTask):
    def build(self) -> ChartNetwork:
        network = BackboneNetwork(self.config)
        network.encoder.begin(detector())
        return network


@dataclass(frozen=True, slots=True)
class DesignTask(PointersTask):
    """A design that spells names or writes marks otherwise. Its examples are the shipped design's, said otherwise."""

    config: DesignConfig = field(default_factory=DesignConfig)

    def build(self) -> ChartNetwork:
        return DesignNetwork(self.config)

    def example(self, sample: Sample, rng: np.random.Generator) -> Example | None:
        config = self.config
        shown = ChartConfig(config.encoder, config.anchors)
        example = example_of(sample, shown, rng)
        if example is None:
            return None
        if config.names == "anchors":
            offsets = [(float(x), float(y)) for x, y in example.offsets]
            actions, offsets = written(config, shown.space, example.actions.tolist(), offsets)
        else:
            actions, offsets = written(config, config.plain, *_spelled_chart(sample, config))
            example = replace(
                example,
                codes=encode_anchors([], config.anchor_config),
                roles=np.full_like(example.roles, -1),
                places=np.full_like(example.places, np.nan),
            )
        return replace(
            example, actions=np.asarray(actions, np.int64), offsets=np.asarray(offsets, np.float32)
        )

    def _weights(self, actions: Tensor) -> Tensor:
        weights = ChartTask._weights(self, actions)
        first_row = _FIRST_COLUMN + self.config.encoder.cell_grid[1]
        is_row = (actions >= first_row) & (actions < self.config.space.vocabulary)
        # As a first cell: no mark ends one or two actions before its column.
        before = F.pad(is_row, (2, 0))[:, :-2] | F.pad(is_row, (1, 0))[:, :-1]
        first = (actions >= _FIRST_COLUMN) & (actions < first_row) & ~before
        weights[first | F.pad(first, (1, 0))[:, :-1]] = FIRST_MARKS
        return weights

    def _heat(self, scores: Tensor, actions: Tensor) -> Tensor:
        return ChartTask._heat(self, scores, actions) if self.config.space.cells else scores.new_zeros(())

    def _steps(self, chosen: Tensor, actions: Tensor) -> Tensor:
        return (
            ChartTask._steps(self, chosen, actions) if self.config.space.cells else torch.ones_like(actions)
        )


# Smaller than the shipped model, so that minutes of one processor show something; the same for all.
_SHAPE: Final = {
    "encoder": ChartEncoderConfig(size=256, width=128, depth=2, mlp=256),
    "width": 128,
    "depth": 3,
    "mlp": 256,
}
_SHIPPED = ChartConfig(**_SHAPE)  # type: ignore[arg-type]

DESIGNS: dict[str, PointersTask] = {
    "pointers": PointersTask(_SHIPPED),
    "backbone": BackboneTask(_SHIPPED),
    "locations": DesignTask(DesignConfig(**_SHAPE, names="anchors", marks="locations", longest=512)),  # type: ignore[arg-type]
    "spelled": DesignTask(DesignConfig(**_SHAPE)),  # type: ignore[arg-type]
    "text": DesignTask(DesignConfig(**_SHAPE, marks="values")),  # type: ignore[arg-type]
}
