"""The mathematics of a born-digital page -> LaTeX: formulas inside lines of text, and displayed ones.

All formulas of a page go through the model together. Words stay the text layer's: only what fonts and scripts show to
be mathematics is replaced, and only by what passes the checks of `docvlm.formulas.reading`.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from docvlm import checks, contents, fonts, raster
from docvlm.boxes import Box, as_box, overlap_across, overlap_down, union
from docvlm.confidence import combine
from docvlm.fonts import is_mathematical
from docvlm.formulas.cells import may_hold_formulas, needs_markup
from docvlm.formulas.drawn_signs import DrawnSign, drawn_signs
from docvlm.formulas.extract import read_glyphs
from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, TOP, Glyphs, side_by_side
from docvlm.formulas.image import LEAST_SHOWN
from docvlm.formulas.numbers import parted
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.formulas.segments import Segment, has_math, is_displayed, prose_of, segments
from docvlm.layout.region import Region
from docvlm.mupdf import pymupdf
from docvlm.readers.evidence import ADDRESS, letters
from docvlm.readers.scanned_formulas import read_displayed
from docvlm.readers.view import NO_PROSE, PageView, Part
from docvlm.spans import Line, Span
from docvlm.text_layer import mark_scripts
from docvlm.visual_lines import visual_lines

_NUMBERED = re.compile(r"\([A-Z]{0,2}\.?\d[\d.–-]*[a-z]?\)")
_NUMBERED_END = re.compile(_NUMBERED.pattern + r"\s*$")
_ARROWS = frozenset(map(chr, range(0x2190, 0x2200)))
_WORD_BEFORE, _WORD_BEHIND = re.compile(r"[^\W\d_]{3,}\d?[\s%)]*$"), re.compile(r"\s*[^\W\d_]{3,}")
_MARKER = re.compile(r"\s*(?:[a-z]|\d{1,2})\)\s*")
_INSET = 1.5  # ems; what is displayed begins so far inside its column, or ends so far before its other side
_DEEP_INSET = 4.0  # ems; no paragraph's first line begins so much further in
_SAME_MARGIN = 0.5  # ems; lines of text begin no further apart
_MOST_WORDS = 0.5  # of a line's letters; with more of them in words it is text
_DPI = 250  # of a page whose formulas are read from its pixels
_BESIDE = 0.5  # ems between a formula's text and a sign that is drawn
_BLACK_WORD = 3  # letters, at least
_WIDTHLESS = 0.1  # points; accents are drawn without a width


def read_mathematics(view: PageView, parts: Sequence[Part]) -> None:
    """Gives each part of a text layer's page its displayed formulas, and its rows and cells LaTeX where formulas stand
    inside them.

    A region with several equation numbers gets a formula for each. The model is loaded when there is something to read.
    """
    # A Greek letter or the name of a function is a formula on a page that has others.
    mathematical = any(has_math(part.rows) for part in view.parts if part.region.kind not in NO_PROSE)
    own = [part for part in parts if part.region.kind == "formula" and not part.formulas]
    write_formulas(view.page, parts, view.models.formula, mathematical)
    _look_again(view, own)


def _look_again(view: PageView, parts: Sequence[Part]) -> None:
    """Reads displayed formulas from their pixels whose glyphs are not all that is drawn: accents and arrows over several
    letters are outlines on web pages. What has the same letters stands; else the formula has not all that the page shows.
    """
    drawn = [sign.box for sign in contents.once(view.page, drawn_signs) if not sign.character]
    seen = {id(part): [box for box in drawn if _belongs(box, part.region)] for part in parts}
    doubtful = [part for part in parts if part.formulas and seen[id(part)]]
    finder, reader = (view.models.glyphs(), view.models.formula()) if doubtful else (None, None)
    if finder is None or reader is None:
        return
    image = raster.render(view.page, _DPI)
    wanted = [
        Region("formula", union([part.region.box, *seen[id(part)]]), part.region.lines) for part in doubtful
    ]
    others = [part.region for part in view.parts if all(part is not each for each in doubtful)]
    scale = image.shape[1] / view.page.rect.width
    read = read_displayed(image, scale, wanted, [*wanted, *others], finder, reader)
    for part, formulas in zip(doubtful, read, strict=True):
        if all(each.latex for each in formulas) and _says(formulas) == _says(part.formulas):
            part.formulas = formulas
        else:
            part.formulas = [_with_more_drawn(formula) for formula in part.formulas]


def _belongs(box: Box, region: Region) -> bool:
    """Whether an outline stands on, over or under a formula."""
    size = max((line.size for line in region.lines), default=0.0)
    return overlap_across(box, region.box) > 0 and -overlap_down(box, region.box) < _BESIDE * size


def _says(formulas: Sequence[Formula]) -> Counter[str]:
    return Counter(letters(" ".join(formula.latex for formula in formulas)))


def _with_more_drawn(formula: Formula) -> Formula:
    missing = checks.FORMULA_SEEN(0.0)
    return replace(
        formula, confidence=combine(formula.confidence.score, [*formula.confidence.checks, missing])
    )


def write_formulas(
    page: pymupdf.Page,
    parts: Sequence[Part],
    load: Callable[[], FormulaReader | None],
    mathematical: bool,
) -> None:
    """As `read_mathematics`, on any upright page, by the model that ``load`` gives; without a ``mathematical`` text on the
    page only what is displayed or stands in a cell is looked at.
    """
    for part in parts:
        mark_scripts(part.rows)
        for cell in part.cells:
            mark_scripts(cell)
    shown = [part for part in parts if part.region.kind == "formula" and not part.formulas]
    mixed = [part.rows for part in parts if mathematical and part.region.kind not in NO_PROSE]
    tabular = [cell for part in parts for cell in part.cells if may_hold_formulas(cell)]
    reader = load() if shown or mixed or tabular else None
    if reader is None:
        return
    glyphs = read_glyphs(page)
    drawn = contents.once(page, drawn_signs)
    crops = [parted(_glyphs_of(part.region, glyphs, drawn)) for part in shown]
    texts = [*mixed, *tabular]
    inside = {
        (index, row): found
        for index, text in enumerate(texts)
        for row, line in enumerate(text)
        if (found := _found(line, glyphs, in_cell=index >= len(mixed)))
    }
    inside = _without_lone_signs(texts, inside, bool(shown))
    _join_broken(inside)
    numbered = [crop for each in crops for crop in each]
    single = [segment.glyphs for found in inside.values() for segment in found]
    read = [
        each if _is_sound(each) else replace(each, latex="")
        for each in reader.read([crop.glyphs for crop in numbered] + single)
    ]
    formulas, written = iter(read[: len(numbered)]), iter(read[len(numbered) :])
    for part, each in zip(shown, crops):
        part.formulas = [replace(next(formulas), number=crop.number) for crop in each]
    rewritten = {
        (index, row): _with_formulas(texts[index][row], [(segment, next(written)) for segment in found])
        for (index, row), found in inside.items()
    }
    for (index, row), line in rewritten.items():
        texts[index][row] = line


def _is_sound(formula: Formula) -> bool:
    """Whether a formula is not as good as surely wrong, with letters that the page has not: text and pictures are better."""
    invented = any(
        each.name == checks.FORMULA_LETTERS.name and not each.passed for each in formula.confidence.checks
    )
    return not invented or formula.confidence.score >= LEAST_SHOWN


def _found(line: Line, glyphs: Glyphs, in_cell: bool) -> list[Segment]:
    """The formulas of a visual line; in a table's cell only those that text could not say."""
    return [
        each
        for each in segments(line, glyphs)
        if not _is_of_word(line, each) and (not in_cell or needs_markup(line, each))
    ]


def _is_of_word(line: Line, segment: Segment) -> bool:
    """Whether a font of formulas lends a sign to an address ("~", "{}") or to a word ("a_b"), which are text."""
    start, end = _place(line, segment.first, segment.start), _place(line, segment.last, segment.end)
    text = line.text
    if any(match.start() < end and start < match.end() for match in ADDRESS.finditer(text)):
        return True
    sign, before, behind = text[start:end], text[start - 1 : start], text[end : end + 1]
    if _is_black_letter(line.spans[segment.first : segment.last + 1], sign):
        return True
    return len(sign) == 1 and sign.isascii() and not sign.isalnum() and before.isalnum() and behind.isalnum()


def _is_black_letter(spans: Sequence[Span], text: str) -> bool:
    """Whether a text is words in the black letters of formulas, as names of types are; algebras have two letters."""
    written = [span for span in spans if span.text.strip()]
    black = all(fonts.FRAKTUR.search(fonts.face(span.font)) for span in written)
    return black and all(word.isalpha() and len(word) >= _BLACK_WORD for word in text.split())


def _place(line: Line, span: int, character: int) -> int:
    """Where a character of a span stands in the line's text."""
    return sum(len(each.text) for each in line.spans[:span]) + character


def _without_lone_signs(
    texts: Sequence[Sequence[Line]], inside: dict[tuple[int, int], list[Segment]], shown: bool
) -> dict[tuple[int, int], list[Segment]]:
    """What stands inside lines, without arrows between words, and without signs that have a name where that is all there is:
    marks of affiliations. With formulas ``shown`` apart they may be parts of these.
    """
    said = {
        id(each): _said(texts[index][row], each) for (index, row), found in inside.items() for each in found
    }
    others = shown or any(len(text) > 1 and any(map(str.isalnum, text)) for text in said.values())
    kept = {
        (index, row): [
            each
            for each in found
            if not (
                _points(texts[index][row], each, said[id(each)]) if others else _is_lone_sign(said[id(each)])
            )
        ]
        for (index, row), found in inside.items()
    }
    return {place: found for place, found in kept.items() if found}


def _points(line: Line, segment: Segment, said: str) -> bool:
    """Whether an arrow stands between words, as in instructions: "expression ⇒ list"."""
    if len(said) != 1 or said not in _ARROWS:
        return False
    start, end = _place(line, segment.first, segment.start), _place(line, segment.last, segment.end)
    return (
        _WORD_BEFORE.search(line.text[:start]) is not None and _WORD_BEHIND.match(line.text[end:]) is not None
    )


def _is_lone_sign(text: str) -> bool:
    """Whether a text layer's characters are one sign or Greek letter that plain text can say."""
    return (
        len(text) == 1 and not text.isascii() and unicodedata.category(text) in ("Sm", "Ll", "Lu", "So", "Po")
    )


def _said(line: Line, segment: Segment) -> str:
    return line.text[
        _place(line, segment.first, segment.start) : _place(line, segment.last, segment.end)
    ].strip()


def displayed_apart(region: Region) -> list[Region]:
    """A region of a text layer, with formulas that were taken for lines of a paragraph as regions of their own."""
    if region.kind == "formula" and _is_item(region):
        region.kind = "paragraph"
        return [region]
    if region.kind == "formula":
        return _without_prose(region)
    if region.kind not in ("paragraph", "table") or not has_math(region.lines):
        return [region]
    lines = visual_lines(region.lines)
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    alone = any(map(is_displayed, lines)) and all(is_displayed(line) or not prose_of(line) for line in lines)
    # An equation and its number look like the columns of a table.
    if region.kind == "table" and not (alone and any(_NUMBERED_END.search(line.text) for line in lines)):
        return [region]
    shown = [alone or (is_displayed(line) and _stands_apart(line, left, right)) for line in lines]
    if not any(shown):
        return [region]
    for index, line in enumerate(lines):  # rows of a matrix, parts of a tall fraction
        beside = any(shown[max(index - 1, 0) : index + 2])
        shown[index] |= beside and not prose_of(line) and line.box[0] > left + _INSET * line.size
    parts = [
        (is_formula, [line for _, line in group])
        for is_formula, group in itertools.groupby(zip(shown, lines), key=lambda pair: pair[0])
    ]
    return [
        Region("formula" if is_formula else "paragraph", union([line.box for line in part]), part)
        for is_formula, part in parts
    ]


def _is_item(region: Region) -> bool:
    """Whether a formula is an exercise: it begins with its letter or number, "a)", in the type of the text."""
    first = next(span for span in visual_lines(region.lines)[0].spans if span.text.strip())
    return _MARKER.fullmatch(first.text) is not None and not is_mathematical(first.font)


def _without_prose(region: Region) -> list[Region]:
    """A displayed formula's region, with lines of the text above, below and between formulas as paragraphs again."""
    lines = visual_lines(region.lines)
    displayed = [index for index, line in enumerate(lines) if is_displayed(line)]
    if not displayed:
        return [region]
    left = min(line.box[0] for line in lines)
    inset = min(lines[index].box[0] - lines[index].size for index in displayed)
    is_text: list[bool] = []
    for index, line in enumerate(lines):
        prose = 0 if index in displayed else prose_of(line)
        # Text begins left of what is displayed, unless a long formula reaches to the margin, too.
        begins = prose > 2 and line.box[0] < inset
        goes_on = bool(is_text) and is_text[-1] and line.box[0] < min(left + _SAME_MARGIN * line.size, inset)
        outside = not displayed[0] <= index <= displayed[-1]
        wordy = outside and prose > _MOST_WORDS * len("".join(line.text.split()))
        is_text.append(index not in displayed and (begins or goes_on or wordy))
    parts = [
        ("paragraph" if text else "formula", [line for _, line in group])
        for text, group in itertools.groupby(zip(is_text, lines), key=lambda pair: pair[0])
    ]
    return [Region(kind, union([line.box for line in part]), part) for kind, part in parts]  # type: ignore[arg-type]


def _stands_apart(line: Line, left: float, right: float) -> bool:
    """Whether a line begins further in than its paragraph, or with an equation's number, and ends before it or so."""
    shown = [span for span in line.spans if span.text.strip()]
    if _NUMBERED.fullmatch(shown[0].text.strip()) and len(shown) > 1:
        return shown[1].box[0] > shown[0].box[2] + _INSET * line.size
    inset = (line.box[0] - left) / line.size
    return inset > _DEEP_INSET or (
        inset > _INSET
        and (line.box[2] < right - _INSET * line.size or _NUMBERED_END.search(line.text) is not None)
    )


def _glyphs_of(region: Region, glyphs: Glyphs, drawn: Sequence[DrawnSign]) -> Glyphs:
    """The glyphs of a displayed formula, with all of its radicals, whose bars stand above all lines of text, and with the
    signs ``drawn`` as outlines, which no line has.
    """
    bounds = _bounds(region)
    size = max((line.size for line in region.lines), default=0.0)
    for sign in sorted(drawn, key=lambda each: each.box[2]):
        if overlap_down(sign.box, bounds) > 0 and -overlap_across(sign.whole, bounds) < _BESIDE * size:
            bounds = union([bounds, sign.whole])
    found = glyphs.within(bounds)
    roots = found.places[found.characters == ord("√"), LEFT : BOTTOM + 1]
    return glyphs.within(union([bounds, *(as_box(root.tolist()) for root in roots)])) if len(roots) else found


def _bounds(region: Region) -> Box:
    """The region's box with all of its lines, and a point around them."""
    x0, y0, x1, y1 = union([region.box, *(line.box for line in region.lines)])
    return x0 - 1, y0 - 1, x1 + 1, y1 + 1


def _join_broken(inside: dict[tuple[int, int], list[Segment]]) -> None:
    """Makes one crop of the halves of a formula that TeX parted between two lines, in the place of the second half."""
    for (index, row), found in inside.items():
        following = inside.get((index, row + 1))
        if following and found[-1].goes_on and following[0].leads:
            following[0] = replace(following[0], glyphs=side_by_side(found[-1].glyphs, following[0].glyphs))
            found[-1] = replace(found[-1], glyphs=found[-1].glyphs.take(np.zeros(0, np.intp)))


def _with_formulas(line: Line, found: Sequence[tuple[Segment, Formula]]) -> Line:
    """The line with spans of LaTeX in place of its formulas; one that could not be read leaves its spans, marked."""
    spans: list[Span] = []
    number, place = 0, 0
    for segment, formula in found:
        spans += _between(line.spans, (number, place), (segment.first, segment.start))
        covered = _between(line.spans, (segment.first, segment.start), (segment.last, segment.end))
        score = formula.confidence.score
        if segment.goes_on and not len(segment.glyphs):
            pass  # read with its other half
        elif formula.latex and not _is_refuted(formula, covered):
            box = _ink(segment) or union([span.box for span in covered])
            look = replace(covered[0], size=line.size, bold=False, italic=False, mono=False)
            spans.append(replace(look, text=formula.latex, box=box, score=score, math=True))
        else:
            spans += [replace(span, score=score) for span in covered]
        number, place = segment.last, segment.end
    spans += _between(line.spans, (number, place), (len(line.spans) - 1, len(line.spans[-1].text)))
    return Line(line.box, spans, line.direction)


def _is_refuted(formula: Formula, covered: Sequence[Span]) -> bool:
    """Whether LaTeX that ran away, or has other letters than a word of the text layer, is worse than the text itself."""
    failed = {check.name for check in formula.confidence.checks if not check.passed}
    is_word = "".join(span.text for span in covered).strip().isalpha()
    return checks.FORMULA_LENGTH.name in failed or (is_word and checks.FORMULA_LETTERS.name in failed)


def _ink(segment: Segment) -> Box | None:
    """The box of a formula's glyphs; accents without a width, which stand anywhere, do not count."""
    places = segment.glyphs.places
    places = places[places[:, RIGHT] > places[:, LEFT] + _WIDTHLESS]
    if not len(places):
        return None
    (x0, y0), (x1, y1) = places[:, [LEFT, TOP]].min(0), places[:, [RIGHT, BOTTOM]].max(0)
    return float(x0), float(y0), float(x1), float(y1)


def _between(spans: Sequence[Span], start: tuple[int, int], end: tuple[int, int]) -> list[Span]:
    """The spans from one (span, character) to before another, the first and last cut to size."""
    parts: list[Span] = []
    for number in range(start[0], end[0] + 1):
        span = spans[number]
        low = start[1] if number == start[0] else 0
        high = end[1] if number == end[0] else len(span.text)
        if low >= high:
            continue
        x0, y0, x1, y1 = span.box
        step = (x1 - x0) / len(span.text)
        parts.append(replace(span, text=span.text[low:high], box=(x0 + low * step, y0, x0 + high * step, y1)))
    return parts
