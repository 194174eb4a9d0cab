"""The text layer against its witnesses: its letters' shapes, OCR of a few words, and letters that speak for themselves.

A permuted character map gives plausible letters that are all wrong, and no look at their codes shows it. The drawn letters
do (`docvlm.outlines`): where they look like what they are said to be, the map is right. Where they do so by half, as in
ornamented type or under a map that is wrong in part, OCR is asked, if it knows the script. Where it does not, its reading
is no evidence against the text, but four things are: shapes that agree as by chance, a sure reading of what the layer has
in another script, letters that follow each other as in no language of theirs, and words with letters of two scripts.

What is found depends on the page alone, so neither the number of processes nor the order of pages changes a result.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from docvlm import confidence, outlines, raster, scripts
from docvlm.boxes import Box, middle, padded, union
from docvlm.mupdf import pymupdf
from docvlm.schema import TextLayer
from docvlm.spans import Line, Span

_FONTS = 2  # of a page, those with most letters
_SETTLED = 0.97  # where shapes agree: as much as OCR agrees with what is right, since it reads a letter wrong now and then
# Shapes settle a font whose letters rank so high, so far above chance (standard deviations). Enough letters that rank lower
# than any right map's, at a half or little more, are no better than chance.
_ALIKE, _BEYOND_CHANCE = 0.85, 4.0
_BY_CHANCE, _TELLING = 0.64, 10
# Where nothing else judges a font: on 800 made pages wrong maps reach 0.652, and right ones fall to 0.694.
_BY_CHANCE_ALONE = 0.67
# One sample that agrees settles a font; one that does not may be OCR's own mistake, so more are taken.
_SAMPLES_IN_DOUBT = 3
_AGREES = 0.85
# OCR takes time by the width; two words tell a wrong character map from a right one.
_LETTERS = 7
_SHORT = 1.5  # times as many letters as are read; shorter pieces are read whole
_FEWEST = 6  # letters and digits; of fewer a single mistake of OCR's is a large part
_SAMPLE_EM = 21.0  # pixels; of 10 points at 150 dpi
_UPRIGHT = 0.99  # cosine of a line's angle
_MARGIN_ACROSS, _MARGIN_DOWN = 0.2, 0.1  # ems around a sample
_READABLE = 2 / 3  # of a sample's letters, which OCR must know to be asked
_SQUARE = 1.15  # of their pitch, the room across a column that its letters take
# A reading of letters in another script than the layer's: as many, and surer than OCR is of what it does not know.
_AS_MANY, _SURE = 0.8, 0.95
_FEW_LETTERS = 8  # of a font; of fewer shapes cannot tell
_MOSTLY = 0.5  # of a block's letters, whose fonts must have been asked about
_LETTERS_OF_PAGE = 10  # fewer are a number and a unit


class _Sample(NamedTuple):
    text: str
    box: Box
    size: float  # points
    fonts: frozenset[str]

    @classmethod
    def of(cls, spans: Sequence[Span]) -> _Sample:
        boxes, size = [span.box for span in spans], max(span.size for span in spans)
        text = "".join(span.text for span in spans)
        return cls(text, union(boxes), size, frozenset(span.font for span in spans))

    @property
    def is_telling(self) -> bool:
        return sum(c.isalnum() for c in self.text) >= _FEWEST


@dataclass(frozen=True, slots=True)
class FontCheck:
    """How far each font of a page agrees with its witnesses, 0 to 1, by its name; without those that none could judge."""

    agreements: Mapping[str, float]

    def of(self, lines: Iterable[Line]) -> float | None:
        """Mean agreement of the lines' fonts, weighted by characters; ``None`` where most have no witness."""
        total = weight = everything = 0.0
        for span in (span for line in lines for span in line.spans):
            size = len(span.text.strip())
            everything += size
            if span.font in self.agreements:
                total += size * self.agreements[span.font]
                weight += size
        return total / weight if weight and weight >= _MOSTLY * everything else None

    def verdict(self, lines: list[Line], layer: TextLayer) -> TextLayer:
        """``layer``, or a verdict against it; without a witness it stands, and says so."""
        judged = [line for line in lines if any(span.font in self.agreements for span in line.spans)]
        agreement = self.of(judged)
        if agreement is not None and confidence.disagrees([agreement]):
            return TextLayer(
                trusted=False, reason=f"the text layer and the pixels agree by only {agreement:.0%}"
            )
        letters = Counter(map(scripts.script_of, scripts.letters(line.text for line in lines)))
        if not judged and letters.total() >= _LETTERS_OF_PAGE:
            script = letters.most_common(1)[0][0].capitalize()
            return TextLayer(trusted=True, reason=f"mapped and visible; {script} text, not compared by OCR")
        return layer


def check_fonts(page: pymupdf.Page, lines: list[Line], vertical: bool) -> FontCheck:
    """Compares the fonts that most of the page is set in: their letters' shapes first, OCR where these do not settle it.

    On a ``vertical`` page letters lie on their side (`docvlm.text_layer.TextPage`).
    """
    texts = _texts(lines)
    # What looks alike is not told by shapes, and what OCR reads of it is like it.
    told = {font: 0.0 for font, text in texts.items() if scripts.are_mixed(text)}
    shown = page.get_displaylist()
    shapes = {} if vertical else _shapes(page, shown, lines)
    for font, seen in shapes.items():
        if font not in told and seen.rank >= _ALIKE and seen.above_chance >= _BEYOND_CHANCE:
            told[font] = _SETTLED
    for fonts, value in _read(page, shown, lines, vertical, told.keys()):
        by_chance = any(font in shapes and _is_by_chance(shapes[font]) for font in fonts)
        # Neither witness agrees: a reading that is right by half has other letters than the layer.
        told |= dict.fromkeys(fonts - told.keys(), value / 2 if by_chance and value < _AGREES else value)
    for font, text in texts.items():
        if font in told:
            continue
        found = shapes.get(font)
        if (found and _is_by_chance(found, _BY_CHANCE_ALONE)) or scripts.is_implausible(text):
            told[font] = 0.0
        elif found and found.above_chance >= _BEYOND_CHANCE:
            told[font] = _SETTLED
    return FontCheck(told)


def _is_by_chance(seen: outlines.Shapes, limit: float = _BY_CHANCE) -> bool:
    return seen.letters >= _TELLING and seen.rank < limit


def _shapes(page: pymupdf.Page, shown: pymupdf.DisplayList, lines: list[Line]) -> dict[str, outlines.Shapes]:
    """What the shapes of letters say of the page's main fonts; of all its fonts together where each has few letters, as
    those have that browsers make of Chinese.
    """
    used = {font: len({*scripts.letters(texts)}) for font, texts in _texts(lines).items()}
    main = _main_fonts(lines)
    if main and max(used[font] for font in main) < _FEW_LETTERS:
        rows = outlines.glyphs_of(page, lines, used)
        together = outlines.compared(page, shown, outlines.richest([*itertools.chain(*rows.values())]))
        return dict.fromkeys(used, together) if together else {}
    rows = outlines.glyphs_of(page, lines, main)
    found = {font: outlines.compared(page, shown, outlines.richest(each)) for font, each in rows.items()}
    return {font: seen for font, seen in found.items() if seen}


def _main_fonts(lines: list[Line]) -> list[str]:
    weight: Counter[str] = Counter()
    for span in (span for line in lines for span in line.spans):
        weight[span.font] += len(span.text.strip())
    return [font for font, count in weight.most_common(_FONTS) if count]


def _read(
    page: pymupdf.Page,
    shown: pymupdf.DisplayList,
    lines: list[Line],
    vertical: bool,
    settled: Collection[str],
) -> Iterator[tuple[frozenset[str], float]]:
    """How far OCR reads samples of the fonts that are not ``settled`` as the layer has them; without what it cannot read."""
    for taken in _samples(page, lines, settled).values():
        values: list[float] = []
        for sample in taken:
            value = _agreement(shown, page, sample, vertical)
            if value is None:
                break
            values.append(value)
            if values[0] >= _AGREES:
                break
        if values:
            yield frozenset().union(*(s.fonts for s in taken)), sum(values) / len(values)


def _texts(lines: list[Line]) -> dict[str, list[str]]:
    """The texts of each font, whole where a line goes on in it."""
    texts: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        for font, run in itertools.groupby(line.spans, key=lambda span: span.font):
            texts[font].append("".join(span.text for span in run))
    return texts


def _agreement(
    shown: pymupdf.DisplayList, page: pymupdf.Page, sample: _Sample, vertical: bool
) -> float | None:
    """How far OCR reads a sample as the layer has it; ``None`` where it cannot say."""
    from docvlm.ocr.engine import engine

    across = 0.0 if vertical else _MARGIN_ACROSS
    margins = across * sample.size, _MARGIN_DOWN * sample.size
    crop = raster.render_part(shown, page, padded(sample.box, *margins), _SAMPLE_EM / sample.size)
    if vertical:
        crop = _level(crop, len("".join(sample.text.split())))
    reading = engine().recognize(crop)
    letters = [*scripts.letters([sample.text])]
    known = sum(map(engine().reads, letters))
    if known >= _READABLE * len(letters):
        text = "".join(c for c in sample.text if not c.isalpha() or engine().reads(c))
        return confidence.agreement(text, reading.text)
    as_many = sum(c.isalpha() for c in reading.text) >= _AS_MANY * len(letters)
    return 0.0 if as_many and reading.mean > _SURE else None


def _level(column: raster.Image, letters: int) -> raster.Image:
    """A column (H, W, 3) of so many letters, which lie on their side, as a line."""
    height, width = column.shape[:2]
    pitch = max(
        round(width / max(letters, 1)), 1
    )  # a font's box may be far higher than its letters are apart
    side = min(round(_SQUARE * pitch), height)
    top = (height - side) // 2
    edges = np.linspace(0, max(width - pitch, 0), letters).round().astype(int)
    return np.hstack([np.rot90(column[top : top + side, edge : edge + pitch], -1) for edge in edges])


def _samples(page: pymupdf.Page, lines: list[Line], settled: Collection[str]) -> dict[str, list[_Sample]]:
    """What OCR is to read of each of the page's main fonts but those ``settled``, the likeliest to be read surely first."""
    pieces: dict[str, list[_Sample]] = defaultdict(list)
    weight: Counter[str] = Counter()
    for line in lines:
        inked = [span for span in line.spans if span.text.strip()]
        for span in inked:
            weight[span.font] += len(span.text)
        if line.direction[0] > _UPRIGHT:
            for font, piece in _pieces(inked):
                pieces[font].append(piece)
    fonts = [font for font, _ in weight.most_common() if font in pieces][:_FONTS]
    fonts = [font for font in fonts if font not in settled]
    words: Sequence[tuple[Any, ...]] = []
    if any(len(piece.text) > _LETTERS for font in fonts for piece in pieces[font]):
        words = sorted(page.get_text("words"), key=lambda word: word[0])
    chosen = {}
    for font in fonts:
        nearest = sorted(pieces[font], key=lambda piece: abs(len(piece.text.strip()) - _LETTERS))
        chosen[font] = [_excerpt(piece, words) for piece in nearest[:_SAMPLES_IN_DOUBT]]
    return chosen


def _pieces(spans: Sequence[Span]) -> Iterator[tuple[str, _Sample]]:
    """The parts of a line in one font each; the line whole, as its main font's, where they are too short to tell.

    Browsers put every few glyphs of Chinese into a font of their own.
    """
    runs = [[*run] for _, run in itertools.groupby(spans, key=lambda span: span.font)]
    told = [sample for run in runs if (sample := _Sample.of(run)).is_telling]
    for sample in told:
        yield next(iter(sample.fonts)), sample
    if not told and runs and (whole := _Sample.of(spans)).is_telling:
        yield max(spans, key=lambda span: len(span.text)).font, whole


def _excerpt(piece: _Sample, words: Iterable[tuple[Any, ...]]) -> _Sample:
    """The first words of a long piece of a line, with their box; a short one whole."""
    if len(piece.text) <= _SHORT * _LETTERS:
        return piece
    x0, y0, x1, y1 = piece.box
    taken: list[tuple[Any, ...]] = []
    for word in words:
        x, y = middle(word[:4])
        if x0 < x < x1 and y0 < y < y1:
            taken.append(word)
        if sum(len(word[4]) for word in taken) >= _LETTERS:
            box = (x0, y0, taken[-1][2], y1)
            return piece._replace(text=" ".join(word[4] for word in taken), box=box)
    return piece
