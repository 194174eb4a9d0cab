"""Rendered samples -> what the reading model is trained on: damaged glyphs, and the tokens to write."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from docvlm.formulas.codes import GlyphCodes, em_of, encode_glyphs, stack_glyphs
from docvlm.formulas.glyphs import BASELINE, BOTTOM, LEFT, RIGHT, ROMAN, RULE, TOP, Glyphs
from docvlm.formulas.interface import ReaderConfig
from docvlm.formulas.tokens import LatexTokenizer
from training.text.shards import Sample, read_shard

_MIXED = 4  # shards, of which each has a handful of fonts
_NO_CHARACTER = 0xFFFD  # what text layers give where they know nothing
_LOOK_ALIKE = {
    ord(a): ord(b)
    for a, b in (
        "−-",
        "·.",
        "∗*",
        "′'",
        "|l",
        "0O",
        "O0",
        "1l",
        "l1",
        "×x",
        "∼~",
        "µu",
        "νv",
        "ρp",
        "ωw",
        "αa",
        "εe",
        "∈e",
    )
}


@dataclass(frozen=True, slots=True)
class Example:
    """One crop as arrays: ``codes`` of its glyphs, the token that starts it, and the ``tokens`` (T,) with the end."""

    codes: GlyphCodes
    start: int
    tokens: list[int]


def shards_of(folder: Path) -> list[Path]:
    """The shards below ``folder``. Raises FileNotFoundError where there are none."""
    found = sorted(folder.rglob("*.npz"))
    if not found:
        raise FileNotFoundError(f"{folder} holds no shards: render some with training.text.build")
    return found


def examples(folder: Path, tokenizer: LatexTokenizer, config: ReaderConfig, seed: int) -> Iterator[Example]:
    """An endless stream of damaged examples: shard after shard in random order, a few shards mixed at a time.

    Each pass takes the shards that there are then, so that more can be rendered meanwhile.
    """
    rng = random.Random(seed)
    numbers = np.random.default_rng([seed, 5])
    while True:
        shards = shards_of(folder)
        order = rng.sample(shards, len(shards))
        for first in range(0, len(order), _MIXED):
            samples = [sample for path in order[first : first + _MIXED] for sample in read_shard(path)]
            rng.shuffle(samples)
            for start in range(0, len(samples), 256):
                yield from encoded(samples[start : start + 256], tokenizer, config, numbers)


def encoded(
    samples: Sequence[Sample],
    tokenizer: LatexTokenizer,
    config: ReaderConfig,
    rng: np.random.Generator | None = None,
) -> Iterator[Example]:
    """Samples that fit the model, as examples; damaged where there is an ``rng``."""
    written = tokenizer.encode_all([each.text for each in samples], [each.kind for each in samples])
    for sample, ids in zip(samples, written):
        glyphs = sample.glyphs if rng is None else damaged(sample.glyphs, rng)
        if 0 < len(glyphs) <= config.glyphs and len(ids) < config.tokens:
            yield Example(encode_glyphs(glyphs), tokenizer.starts[sample.kind], [*ids, tokenizer.end])


# --- damage ---------------------------------------------------------------------------------------


def damaged(glyphs: Glyphs, rng: np.random.Generator) -> Glyphs:
    """Glyphs as text layers give them: in half of the cases as they are, but for a little noise."""
    chance = rng.random(8)
    if chance[0] < 0.4:
        glyphs = glyphs.take(np.argsort(glyphs.places[:, LEFT], kind="stable"))
    characters, styles, places = glyphs.characters.copy(), glyphs.styles.copy(), glyphs.places.copy()
    em, count = em_of(glyphs), len(glyphs)
    if chance[1] < 0.5:
        noise = rng.normal(0, 0.01 * em, (count, 5)) * (rng.random() ** 2)
        places[:, :5] += noise.astype(np.float32)
        return Glyphs(characters, styles, places)
    places[:, :5] += rng.normal(0, 0.03 * em * rng.random(), (count, 5)).astype(np.float32)
    is_glyph = styles != RULE
    if chance[2] < 0.2:
        _coarse_boxes(places, is_glyph)
    if chance[3] < 0.15:
        _merged(places, is_glyph, rng)
    if chance[4] < 0.1:
        styles[is_glyph] = ROMAN  # fonts whose names say nothing
    elif chance[4] < 0.2:
        styles[is_glyph & (rng.random(count) < 0.1)] = ROMAN
    if chance[5] < 0.5:
        rate = 0.06 * rng.random()
        hit = is_glyph & (rng.random(count) < rate)
        for index in np.flatnonzero(hit):
            old = int(characters[index])
            characters[index] = _LOOK_ALIKE.get(old, _NO_CHARACTER) if rng.random() < 0.6 else _NO_CHARACTER
    if chance[6] < 0.06:  # a font without a character map
        hit = styles == rng.choice(styles)
        characters[hit & is_glyph] = _NO_CHARACTER if rng.random() < 0.5 else 0xE000
    keep = np.ones(count, np.bool_)
    if chance[7] < 0.25 and count > 3:
        keep = rng.random(count) > 0.03
    return Glyphs(characters, styles, places).take(keep if keep.any() else ~keep)


def _coarse_boxes(places: np.ndarray, is_glyph: np.ndarray) -> None:
    """Boxes as high as the font and not as the ink, as other programs and odd fonts give them."""
    size, base = places[is_glyph, 5], places[is_glyph, BASELINE]
    places[is_glyph, TOP] = base - 0.75 * size
    places[is_glyph, BOTTOM] = base + 0.25 * size


def _merged(places: np.ndarray, is_glyph: np.ndarray, rng: np.random.Generator) -> None:
    """Runs of neighbours on one baseline share the width of a span evenly, as where only its box is known."""
    on_line = (
        is_glyph[1:]
        & is_glyph[:-1]
        & (np.abs(np.diff(places[:, BASELINE])) < 0.5)
        & (np.diff(places[:, 5]) == 0)
    )
    joined = on_line & (rng.random(len(on_line)) < 0.8)
    start = 0
    for index in range(1, len(places) + 1):
        if index < len(places) and joined[index - 1]:
            continue
        if index - start > 1:
            edges = np.linspace(places[start, LEFT], places[index - 1, RIGHT], index - start + 1)
            places[start:index, LEFT], places[start:index, RIGHT] = edges[:-1], edges[1:]
        start = index


# --- batches --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Batch:
    """Examples stacked: codes of their glyphs, ``starts`` (B,), ``tokens`` (B, T) padded with the end, ``counts`` (B,).

    ``longest`` is the most elements that a row has, glyphs, start and tokens.
    """

    codes: dict[str, Tensor]
    starts: Tensor
    tokens: Tensor
    counts: Tensor
    longest: int

    def to(self, device: torch.device) -> Batch:
        codes = {name: tensor.to(device, non_blocking=True) for name, tensor in self.codes.items()}
        starts, tokens, counts = (
            each.to(device, non_blocking=True) for each in (self.starts, self.tokens, self.counts)
        )
        return Batch(codes, starts, tokens, counts, self.longest)


def collate(batch: Sequence[Example], end: int) -> Batch:
    longest = -(-max(len(example.tokens) for example in batch) // 8) * 8
    tokens = np.full((len(batch), longest), end, np.int64)
    for row, example in enumerate(batch):
        tokens[row, : len(example.tokens)] = example.tokens
    stacked = stack_glyphs([example.codes for example in batch], multiple=8)
    return Batch(
        {name: torch.from_numpy(value) for name, value in stacked.items()},
        torch.tensor([example.start for example in batch]),
        torch.from_numpy(tokens),
        torch.tensor([len(example.tokens) for example in batch]),
        max(len(example.codes.characters) + len(example.tokens) for example in batch),
    )
