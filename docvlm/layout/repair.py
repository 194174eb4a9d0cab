"""What the layout network misses, takes for something else or joins, put right by the text itself.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import itertools
import statistics

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import contents
from docvlm.boxes import Box, area, shared_area, sides, union
from docvlm.fonts import is_mathematical
from docvlm.layout.region import Region, stacked, words
from docvlm.mupdf import pymupdf
from docvlm.numbers import is_tick_label
from docvlm.raster import look
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.visual_lines import visual_lines

# Headers and footers: how far into the page they reach (share of its height), and how much they say.
_EDGE = 0.12
_MOST_LETTERS, _MOST_LINES = 300, 5
_UPRIGHT = 0.9  # cosine of a line's angle; others are turned
_STAMP = 0.08  # of the page's width, at most, of text that runs up the margin

# Columns.
_GUTTER = 8.0  # points between two columns, at least
_IN_COLUMN = 3  # regions on each side that show where a page's gutter is
_ACROSS_GUTTER = 0.2  # of the page's regions, at most, that reach over it
_FEWEST_LINES = 3  # of a region that may reach over it
_SAME_EDGE = 2.0  # points between the left edges of a heading and of its column

# Columns of a table that are two things: in ems the gutter, and shares of a row's pitch.
_TABLE_GUTTER = 3.0
_OTHER_PITCH, _STEADY = 0.95, 0.1
_ROW = 0.5  # em; what stands nearer is the same row
_FEWEST_GAPS = 2  # between three rows

# Formulas, by what their letters (other characters too, no spaces) are.
_SIGNS = "=∑∫∏√≤≥±×·→∈∞∂∇≈≠"
_SENTENCE_WORDS, _SENTENCE = 4, 0.4  # words, and share of letters in words, of a sentence with formulas in it
_MATHEMATICS = 0.15  # of the letters in fonts of formulas
_TYPESET = 0.5  # of a picture's letters in such fonts; figures' labels have some
_WORDY, _WORDLESS = 0.6, 0.25  # of the letters in words, with a sign of a formula and without one

# Prose that was taken for a picture.
_LONG_LINE, _LONG_LINES, _PROSE = 6, 3, 0.35  # words, lines, and share of the picture's area

# Text in a frame or on a tint, which was taken for a picture: rows of words or of code, and hardly anything beside them.
_ROW_WORDS, _RUNNING = 4, 0.7  # words of a row that reads on, and share of the letters in such rows
_PARTED = 3.0  # ems within a row; what stands farther apart is two labels
_MARKER = 3  # letters before such a gap that number the row
_FIXED_WIDTH = 0.9  # of the letters of code
_FEWEST_ROWS = 2
_FILLED = 0.4  # of the region's height, at least, that its rows take
_BESIDE = 0.25  # of the text's area, at most, inked beside it
_SPECKS = 0.02  # of the text's area, at most, inked beside what is all text: the ends of letters, dust
_OUTREACH = 1  # pixels (points) by which letters reach out of their line's box
_INK = 40  # levels from the region's own ground
_RULE = 15, 4  # pixels (points) that a rule is longer than, and thinner than

# Numbers at a chart's axis: how many stand in one column or row, to within points.
_FEWEST_TICKS = 4
_SAME_COLUMN, _SAME_ROW = 4.0, 2.0

_INSIDE = 0.9  # of a region's area, at least, in a picture that takes it up
_LABEL_WORDS = 8  # of a picture's label, fewer

# Fragments of one visual line, in ems: from overhanging letters to a wide space.
_OVERHANG, _SPACE = -0.3, 1.6
_PROSE_KINDS: frozenset[Kind] = frozenset({"paragraph", "heading", "list", "footnote"})


def repaired(region: Region, page: pymupdf.Page) -> list[Region]:
    """The region with a kind that its text does not contradict, or the parts of what was no one thing."""
    if region.kind == "formula" and not is_formula(region):
        region.kind = "paragraph"
    if region.kind == "picture" and _is_typeset_formula(region, page):
        region.kind = "formula"
    if region.kind == "picture" and region.lines:
        bare = not _has_graphics(page, region.box) or _is_all_text(region, page)
        region.kind = "paragraph" if _is_prose(region) or bare else "picture"
    if region.kind == "picture" and looks_like_chart(region):
        region.kind = "chart"
    if region.kind == "table" and (parts := _unaligned_columns(region)):
        return parts
    if region.kind in ("header", "footer") and not _may_be_furniture(region, page):
        region.kind = "paragraph"
    return _without_turned(region, page) if region.kind == "paragraph" else [region]


def _may_be_furniture(region: Region, page: pymupdf.Page) -> bool:
    height = page.rect.height
    at_edge = (
        region.box[1] < _EDGE * height if region.kind == "header" else region.box[3] > (1 - _EDGE) * height
    )
    return at_edge and len(region.text) <= _MOST_LETTERS and len(region.lines) <= _MOST_LINES


def _without_turned(region: Region, page: pymupdf.Page) -> list[Region]:
    """A paragraph apart from the text that runs up the margin beside it, as a repository's stamp: that is furniture."""
    turned = [line for line in region.lines if abs(line.direction[0]) < _UPRIGHT]
    if not turned:
        return [region]
    upright = [line for line in region.lines if abs(line.direction[0]) >= _UPRIGHT]
    if upright:
        return [Region.around("paragraph", upright), Region.around("header", turned)]
    if sides(region.box)[0] < _STAMP * page.rect.width:
        region.kind = "header"
    return [region]


# Columns.


def cut_at_gutter(region: Region, regions: list[Region]) -> list[Region]:
    """Text that the network took across the gutter of a page's columns, as paragraphs of their own on both sides."""
    if region.kind not in ("paragraph", "list") or len(region.lines) < _FEWEST_LINES:
        return [region]
    by_left, right_edges = _by_left(region.lines)
    width, index = max((by_left[i].box[0] - right_edges[i - 1], i) for i in range(1, len(by_left)))
    low, high = right_edges[index - 1], by_left[index].box[0]
    others = [other.box for other in regions if other is not region]
    left, right = sum(box[2] < high for box in others), sum(box[0] > low for box in others)
    across = len(others) - left - right
    if width < _GUTTER or min(left, right) < _IN_COLUMN or across > _ACROSS_GUTTER * len(others):
        return [region]
    return [part for side in (by_left[:index], by_left[index:]) for part in stacked(side)]


def headings_apart(region: Region, regions: list[Region]) -> list[Region]:
    """The headings of two columns that stand on one level and were taken for one line: each begins where the text of its
    own column does, which does not reach over to the other.
    """
    if region.kind not in ("paragraph", "heading"):
        return [region]
    by_left, right_edges = _by_left(region.lines)
    for index in range(1, len(by_left)):
        low, high = right_edges[index - 1], by_left[index].box[0]
        if high - low < _TABLE_GUTTER * by_left[index].size:
            continue
        if len(visual_lines(region.lines)) != 1:
            break
        below = [other for other in regions if other is not region and other.box[1] > region.box[1]]
        left = [each for each in below if _begins_at(each, region.box[0]) and each.box[2] < high]
        right = [each for each in below if _begins_at(each, high)]
        if left and right:
            return [Region.around(region.kind, part) for part in (by_left[:index], by_left[index:])]
    return [region]


def _begins_at(region: Region, left: float) -> bool:
    return region.kind in _PROSE_KINDS and abs(region.box[0] - left) < _SAME_EDGE


def _by_left(lines: list[Line]) -> tuple[list[Line], list[float]]:
    """Lines by their left edges, and how far right each and those before it reach."""
    by_left = sorted(lines, key=lambda line: line.box[0])
    return by_left, list(itertools.accumulate((line.box[2] for line in by_left), max))


def _unaligned_columns(region: Region) -> list[Region]:
    """Splits what was taken for one table at a gutter whose sides keep different line pitches.

    An address beside a list of facts is two things side by side; the rows of one table are level.
    """
    by_left, right_edges = _by_left(region.lines)
    for i in range(1, len(by_left)):
        if by_left[i].box[0] - right_edges[i - 1] < _TABLE_GUTTER * by_left[i].size:
            continue
        pair = by_left[:i], by_left[i:]
        left, right = map(_pitch, pair)
        if left is not None and right is not None and min(left, right) < _OTHER_PITCH * max(left, right):
            sorted_pair = (sorted(side, key=lambda line: (line.box[1], line.box[0])) for side in pair)
            return [_paragraph_or_table(side) for side in sorted_pair]
    return []


def _pitch(lines: list[Line]) -> float | None:
    """The distance of the rows in points, where there are at least three and it is the same throughout."""
    middles = sorted((line.box[1] + line.box[3]) / 2 for line in lines)
    gaps = [b - a for a, b in itertools.pairwise(middles) if b - a > _ROW * lines[0].size]
    if len(gaps) < _FEWEST_GAPS or max(gaps) - min(gaps) > _STEADY * max(gaps):
        return None
    return statistics.mean(gaps)


def _paragraph_or_table(lines: list[Line]) -> Region:
    """A table where some lines stand side by side."""
    rows = itertools.pairwise(sorted(lines, key=lambda line: line.box[1] + line.box[3]))
    level = any(abs((a.box[1] + a.box[3]) - (b.box[1] + b.box[3])) < a.size for a, b in rows)
    return Region.around("table" if level else "paragraph", lines)


# Formulas, prose, pictures and charts.


def is_formula(region: Region) -> bool:
    """Whether a region's text may be a displayed formula, by its words, signs and fonts."""
    spans = [span for line in region.lines for span in line.spans]
    letters = max(sum(len(s.text.strip()) for s in spans), 1)
    said = words(region.text)
    in_words = sum(len(word) for word in said)
    if in_words > _SENTENCE * letters and len(said) >= _SENTENCE_WORDS:
        return False
    if sum(len(s.text.strip()) for s in spans if is_mathematical(s.font)) > _MATHEMATICS * letters:
        return True
    has_sign = any(sign in region.text for sign in _SIGNS)
    return (has_sign and in_words < _WORDY * letters) or in_words < _WORDLESS * letters


def _is_typeset_formula(region: Region, page: pymupdf.Page) -> bool:
    """Whether a picture is text in fonts of formulas, and shows no more than that and the bars of fractions."""
    spans = [span for line in region.lines for span in line.spans]
    letters = sum(len(span.text.strip()) for span in spans)
    own = sum(len(span.text.strip()) for span in spans if is_mathematical(span.font))
    if (
        not own
        or own < _TYPESET * letters
        or any(len(words(line.text)) >= _SENTENCE_WORDS for line in region.lines)
    ):
        return False
    return _inked_beside(region, page) < _BESIDE * sum(area(line.box) for line in region.lines)


def _is_prose(region: Region) -> bool:
    """Whether a picture's lines are running text: long lines of words that cover most of it."""
    long_lines = [line for line in region.lines if len(words(line.text)) >= _LONG_LINE]
    covered = sum(area(line.box) for line in long_lines)
    return len(long_lines) >= _LONG_LINES and covered > _PROSE * area(region.box)


def free_framed_text(regions: list[Region], page: pymupdf.Page) -> list[Region]:
    """Text in a frame or on a tint that was taken for a picture is a paragraph: its words would be lost in it."""
    for region in regions:
        if region.kind in ("picture", "chart") and region.lines and _is_framed_text(region, page):
            region.kind = "paragraph"
            region.lines.sort(key=lambda line: (line.box[1] + line.box[3], line.box[0]))
    return regions


def _is_framed_text(region: Region, page: pymupdf.Page) -> bool:
    """Whether a picture's lines are text that reads on, as a framed listing or a box of notes, and its pixels show no more
    than that: a frame, a tint, rules.
    """
    rows = visual_lines(region.lines)
    spans = [span for line in rows for span in line.spans if span.text.strip()]
    letters = sum(len(span.text.strip()) for span in spans)
    fixed = sum(len(span.text.strip()) for span in spans if span.mono)
    reading_on = sum(len("".join(row.text.split())) for row in rows if _reads_on(row))
    if len(rows) < _FEWEST_ROWS or max(fixed / _FIXED_WIDTH, reading_on / _RUNNING) < letters:
        return False
    height, covered = sum(sides(row.box)[1] for row in rows), sum(area(row.box) for row in rows)
    return height > _FILLED * sides(region.box)[1] and _inked_beside(region, page) < _BESIDE * covered


def _is_all_text(region: Region, page: pymupdf.Page) -> bool:
    """Whether the pixels show nothing beside a picture's lines, not even a rule: a scan's address, a title in large type."""
    ink, scale = _ink(region, page)
    covered = sum(area(line.box) for line in region.lines)
    return float(ink.sum()) / scale**2 < _SPECKS * covered


def _reads_on(row: Line) -> bool:
    """Whether a row is words one after the other, be it with a marker before them."""
    spans = [span for span in row.spans if span.text.strip()]
    gaps = [i for i in range(1, len(spans)) if spans[i].box[0] - spans[i - 1].box[2] > _PARTED * row.size]
    marked = len(gaps) == 1 and len("".join(span.text for span in spans[: gaps[0]]).strip()) <= _MARKER
    return (not gaps or marked) and len(row.text.split()) >= _ROW_WORDS


def _inked_beside(region: Region, page: pymupdf.Page) -> float:
    """The area in square points that anything but text and straight rules inks in a region."""
    ink, scale = _ink(region, page)
    length, thickness = _RULE
    straight = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    straight |= cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((thickness, thickness), np.uint8))
    return float((ink & ~(straight & ~thick)).sum()) / scale**2


def _ink(region: Region, page: pymupdf.Page) -> tuple[NDArray[np.uint8], float]:
    """1 where anything but a region's lines differs from its ground, and how many pixels go to a point."""
    image = look(page)
    scale = image.shape[1] / max(page.rect.width, 1.0)
    x0, y0, x1, y1 = (round(v * scale) for v in region.box)
    grey = image[max(y0, 0) : y1, max(x0, 0) : x1].mean(2).astype(np.int16)
    if not grey.size:
        return np.zeros((1, 1), np.uint8), scale
    ground = int(np.bincount(grey.ravel()).argmax())
    ink = (np.abs(grey - ground) > _INK).astype(np.uint8)
    for line in region.lines:
        a, b, c, d = (round(v * scale) for v in line.box)
        top, left = b - max(y0, 0) - _OUTREACH, a - max(x0, 0) - _OUTREACH
        ink[max(top, 0) : d - max(y0, 0) + 1 + _OUTREACH, max(left, 0) : c - max(x0, 0) + 1 + _OUTREACH] = 0
    return ink, scale


def _has_graphics(page: pymupdf.Page, box: Box) -> bool:
    """Whether anything but text is drawn within a box: a picture has paths or an image."""
    bounds = pymupdf.Rect(box)
    return any(
        not kind.endswith("text") and kind != "ignore" and bounds.intersects(pymupdf.Rect(drawn))
        for kind, drawn in contents.operations(page)
    )


def looks_like_chart(region: Region) -> bool:
    """Whether numbers stand in a column or a row, as an axis' tick labels do."""
    ticks = [line.box for line in region.lines if is_tick_label(line.text.strip())]
    if len(ticks) < _FEWEST_TICKS:
        return False
    columns = _largest_group([box[2] for box in ticks], _SAME_COLUMN)
    rows = _largest_group([box[3] for box in ticks], _SAME_ROW)
    return max(columns, rows) >= _FEWEST_TICKS


def _largest_group(values: list[float], tolerance: float) -> int:
    return max(sum(1 for other in values if abs(other - value) <= tolerance) for value in values)


def absorb_into_pictures(regions: list[Region]) -> list[Region]:
    """Labels inside a picture belong to it; so do empty pictures inside others."""
    frames = [region for region in regions if region.kind in ("picture", "chart")]
    kept: list[Region] = []
    for region in regions:
        frame = next((each for each in frames if each is not region and _holds(each, region)), None)
        if frame is not None and _is_label(region) and area(frame.box) > area(region.box):
            frame.lines.extend(region.lines)
        else:
            kept.append(region)
    for frame in frames:
        if frame.kind == "picture" and looks_like_chart(frame):
            frame.kind = "chart"
    return kept


def _holds(frame: Region, region: Region) -> bool:
    return shared_area(frame.box, region.box) > _INSIDE * area(region.box) > 0


def _is_label(region: Region) -> bool:
    return region.kind not in ("table", "caption") and len(words(region.text)) < _LABEL_WORDS


# Fragments of one line.


def join_side_by_side(regions: list[Region]) -> list[Region]:
    """Joins fragments of one visual line, which the network often gives apart, to one region.

    Only prose is joined, and only across a gap of about a space.
    """
    joined: list[Region] = []
    for region in sorted(regions, key=lambda region: region.box[0]):
        partner = next((other for other in joined if _same_line(other, region)), None)
        if partner is None:
            joined.append(region)
        else:
            partner.lines.extend(region.lines)
            partner.box = union([partner.box, region.box])
            partner.lines.sort(key=lambda line: line.box[0])
    return joined


def _same_line(left: Region, right: Region) -> bool:
    if not {left.kind, right.kind} <= _PROSE_KINDS or len(left.lines) != 1 or len(right.lines) != 1:
        return False
    a, b = left.lines[0], right.lines[0]
    size = max(a.size, b.size)
    level = abs((a.box[1] + a.box[3]) - (b.box[1] + b.box[3])) < size
    return level and _OVERHANG * size < b.box[0] - a.box[2] < _SPACE * size
