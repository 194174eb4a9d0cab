"""Labels of a chart from what the recognizer read in one crop.

A detector made for running text takes the labels along an axis for one line, and tick marks and legend keys for
dashes and bullets of the text beside them. The gaps in the ink and the evenness of what lies between them tell.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm.boxes import Box
from docvlm.numbers import is_grouped_by_space, parse_number
from docvlm.ocr.deskew import Image
from docvlm.ocr.lines import Character, Reading, gaps_of, ink_of, rows_of

Gap = tuple[int, int]  # columns without ink: the first, and the first behind them

# Gaps between labels, in heights of the text's ink. A space between words is about half as wide as capitals are high.
_SURELY = 1.15
_EVEN_WORDS, _EVEN_NUMBERS, _EVEN_HAN = (0.9, 0.45), 0.4, 0.2
_ALIKE = 0.25  # labels that differ in digits only
_PAIR, _SINGLE = 0.45, 0.8
_CLEARLY = 0.7  # gaps inside labels are at most this part of those between them
_SAME_GAPS = 0.3  # of the difference between words' widths: such gaps are a sentence's, whose words are not placed evenly
_UNEVEN = 0.08  # share of their distance by which evenly placed labels may be off
_BLUR = 1.5  # pixels by which they may be off in any case
_INK_REACH = 0.6  # heights of the line from a character's middle to the end of its ink, at most
_SHORT = 3  # characters; labels no longer that differ in digits only are judged as all numbers are
_FEW_WORDS = 3  # of a sentence may be evenly placed by chance, four hardly
_APART = 0.3  # a tick mark or a key stands at least this far from its label; a minus sign stands nearer
# A key between two names: its width in heights of the line, and how far its colour is from the letters'.
_NARROWEST_KEY, _WIDEST_KEY, _OTHER_COLOUR = 0.3, 4.0, 20.0
_DIGIT = re.compile(r"\d")
_DASHES, _MARKS = "-–—−_~=", "□■▪▫●○•·◆◇▲△Δ▼▽★|"
# What a recognizer makes of keys: dashes for lines, letters or bullets for the marks on them.
_KEY = re.compile(
    rf"[{_DASHES}](?=[{_DASHES}]\d)|[{_DASHES}]+[0Oo+xX*ΔAV{_MARKS}]?[{_DASHES}]+|[{_DASHES}{_MARKS}]"
)
_HAN = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
# Mean probabilities below which a text, a lone digit and another lone sign are taken for marks.
_DOUBTFUL, _LONE_DIGIT, _LONE_LETTER = 0.6, 0.65, 0.93
_WIDE, _WIDE_HAN = 1.2, 2.0
_UNITS = "%‰$€£¥₹°"
_DRAWN = "十一口"  # crosses, dashes and squares, read as Chinese
_MENDED = re.compile("(?<=[\\d[(])%[6áàäaò](?=\\W?$)")  # the second ring of a percent sign
_DANGLING = re.compile(rf"(?<=[\w%)\]])(\s*([{_DASHES}]+|\|)|\s+\+)$|^[■□▪●◆▲▼]\s*")


def labels_of(reading: Reading, pixels: Image) -> list[tuple[str, Box]]:
    """The labels of an upright crop (h, w, 3) with the boxes of their ink in its pixels, from left to right."""
    ink = ink_of(pixels)
    top, bottom = rows_of(ink)
    keys = _around_keys(reading.characters, ink, pixels, bottom - top)
    cuts = sorted({*_cuts(reading.characters, ink, bottom - top), *keys})
    labels = []
    for part, left, right in _parts(reading.characters, [0, *cuts, ink.shape[1]]):
        said = "".join(c.text for c in part).strip()
        text = _MENDED.sub("%", _DANGLING.sub("", said).strip())
        if not text or (cuts and _KEY.fullmatch(said)):
            continue
        box = _box(ink, part, left, right)
        if box is not None and not _is_mark(text, Reading(part).mean, box):
            labels.append((text, box))
    return labels


def _is_mark(text: str, mean: float, box: Box) -> bool:
    """Whether what was read with a ``mean`` probability is rather one of the plot's marks, a key or a piece of a line."""
    if text in _DRAWN or not any(c.isalnum() for c in text):
        return text not in _UNITS
    if len(text) > 1:
        return mean < _DOUBTFUL
    # Round and square marks are as wide as high; digits and most letters are narrower.
    square = box[2] - box[0] > (_WIDE_HAN if _HAN.match(text) else _WIDE) * (box[3] - box[1])
    return square or mean < (_LONE_DIGIT if text.isdigit() else _LONE_LETTER)


def _parts(
    characters: Sequence[Character], cuts: Sequence[int]
) -> Iterator[tuple[list[Character], int, int]]:
    """The characters between each two cuts (columns), with the cuts."""
    width = cuts[-1]
    for left, right in itertools.pairwise(cuts):
        part = [c for c in characters if left <= c.place * width < right]
        if any(c.text.strip() for c in part):
            yield part, left, right


def _cuts(characters: Sequence[Character], ink: NDArray[np.bool_], height: int) -> list[int]:
    """The columns, ascending, at which one label ends and the next begins; ``height`` is that of the line's ink."""
    inked, width = np.flatnonzero(ink.any(axis=0)), ink.shape[1]
    if not characters or height < 1 or not len(inked):
        return []
    ends = int(inked[0]), int(inked[-1]) + 1
    gaps = [(int(a), int(b)) for a, b in gaps_of(ink) if ends[0] < a and b < ends[1]]
    words = len("".join(c.text for c in characters).split())
    chosen = [gap for gap in gaps if gap[1] - gap[0] >= _SURELY * height]
    for least in sorted({b - a for a, b in gaps if b - a >= _EVEN_HAN * height}):
        some = _over_ticks([gap for gap in gaps if gap[1] - gap[0] >= least], characters, width)
        rest = max((b - a for a, b in gaps if b - a < least), default=0)
        texts = [
            "".join(c.text for c in part).strip()
            for part, _, _ in _parts(characters, [0, *((a + b) // 2 for a, b in some), width])
        ]
        starts, stops = [ends[0], *(b for _, b in some)], [*(a for a, _ in some), ends[1]]
        if (
            rest <= _CLEARLY * least
            and len(texts) == len(starts)
            and _are_labels(texts, words, np.array([starts, stops]), least, height)
        ):
            chosen = some
            break
    return sorted({(a + b) // 2 for a, b in [*chosen, *_beside_keys(characters, gaps, width, height)]})


def _over_ticks(gaps: Sequence[Gap], characters: Sequence[Character], width: int) -> list[Gap]:
    """The gaps, those made one that only a tick mark parts: ink that was not read."""
    joined: list[Gap] = []
    for start, end in gaps:
        if joined and not any(joined[-1][1] <= c.place * width < start for c in characters):
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def _are_labels(texts: Sequence[str], words: int, ends: NDArray[np.int64], gap: int, height: int) -> bool:
    """Whether texts at least a ``gap`` apart are labels along an axis: evenly placed, or two numbers side by side.

    ``ends`` (2, N) are their first columns and those behind their last. ``words`` were read in all: a one stands far
    from the digits beside it, but without a space.
    """
    if (
        len({_DIGIT.sub("0", text) for text in texts}) == 1
        and len(texts[0]) > _SHORT
        and any(c.isdigit() for c in texts[0])
    ):
        return gap >= _ALIKE * height and not is_grouped_by_space(" ".join(texts))
    if len(texts) == 2:
        if words < 2:
            return False
        alike = (
            all(parse_number(text) is not None for text in texts) and abs(len(texts[0]) - len(texts[1])) < 2
        )
        return alike and gap >= _PAIR * height and not is_grouped_by_space(" ".join(texts))
    if max(map(len, texts)) == 1:
        return gap >= _SINGLE * height
    if all(any(c.isdigit() for c in text) for text in texts):
        if 2 * words <= len(texts):
            return False
        least = _EVEN_NUMBERS
    elif all(_HAN.fullmatch(text) for text in texts):
        least = _EVEN_HAN
    else:
        least = _EVEN_WORDS[len(texts) > _FEW_WORDS]
        if np.ptp(ends[0, 1:] - ends[1, :-1]) < _SAME_GAPS * np.ptp(ends[1] - ends[0]):
            return False
    steps = np.diff(ends.mean(axis=0))
    return gap >= least * height and bool(
        np.abs(steps - steps.mean()).max() <= max(_UNEVEN * steps.mean(), _BLUR)
    )


def _beside_keys(characters: Sequence[Character], gaps: Sequence[Gap], width: int, height: int) -> list[Gap]:
    """The gaps between a tick mark or a legend's key, at either end, and the label."""
    visible = [c for c in characters if c.text.strip()]
    text = "".join(c.text for c in visible)
    key = _KEY.match(text)
    pairs = [(key.end() - 1, key.end())] if key and key.end() < len(text) else []
    if len(text) > 1 and text[-1] in _DASHES:
        pairs.append((len(text) - 2, len(text) - 1))
    between = [(visible[a].place * width, visible[b].place * width) for a, b in pairs]
    return [
        gap
        for left, right in between
        for gap in gaps
        if left < sum(gap) / 2 < right and gap[1] - gap[0] >= _APART * height
    ]


def _around_keys(
    characters: Sequence[Character], ink: NDArray[np.bool_], pixels: Image, height: int
) -> Iterator[int]:
    """The columns at both sides of each of a legend's keys that stand between its names: ink that was not read, in a
    colour that the letters do not have.
    """
    gaps, width = gaps_of(ink).tolist(), ink.shape[1]
    places = [c.place * width for c in characters if c.text.strip()]
    if not places:
        return
    colours = cv2.cvtColor(pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    letters = np.median(colours[ink], axis=0) if ink.any() else np.zeros(3)
    for (left, start), (end, right) in itertools.pairwise(gaps):
        between = places[0] < start and end < places[-1]
        if not between or any(start - 1 < place < end + 1 for place in places):
            continue
        key = colours[:, start:end][ink[:, start:end]]
        is_key = _NARROWEST_KEY * height < end - start < _WIDEST_KEY * height and len(key)
        # Thin strokes are paler than thick ones, but of the same hue.
        if is_key and np.linalg.norm((np.median(key, axis=0) - letters)[1:]) > _OTHER_COLOUR:
            yield from ((left + start) // 2, (end + right) // 2)


def _box(ink: NDArray[np.bool_], part: Sequence[Character], left: int, right: int) -> Box | None:
    """The box of the ink between two columns that belongs to some characters; ``None`` without any."""
    height, width = ink.shape
    places = [c.place * width for c in part if c.text.strip()]
    reach = _INK_REACH * height
    left, right = max(left, round(places[0] - reach)), min(right, round(places[-1] + reach))
    columns = np.flatnonzero(ink[:, left:right].any(axis=0))
    if not len(columns):
        return None
    first, last = left + int(columns[0]), left + int(columns[-1]) + 1
    top, bottom = rows_of(ink[:, first:last])
    return float(first), float(top), float(last), float(bottom)
