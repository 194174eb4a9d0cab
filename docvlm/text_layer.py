"""The text layer of a page: its lines with boxes, and whether they can be believed.

All boxes are PDF points, origin top left, of the *upright* page (see :func:`docvlm.raster.upright`).
"""

from __future__ import annotations

import itertools
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docvlm import contents, directions, fonts, raster, sign_names
from docvlm.annotations.decorations import decorated, drawn
from docvlm.boxes import Box, area, as_box, contains, middle, shared_area, sides, union
from docvlm.mupdf import pymupdf
from docvlm.raster import Image, look
from docvlm.repairs import interrupted, tex_codes, vowel_signs
from docvlm.schema import TextLayer
from docvlm.spans import Decoration, Line, Span

# MuPDF's char_flags: a glyph that is neither filled nor stroked is invisible.
# Pairs of words that fonts name, and the share of them that stands in what replaces them: of another text few do.
_FEWEST_PAIRS, _ALIKE = 6, 0.3
_ONE_WAY = re.compile("[\u0590-\u08ff]+|[^\u0590-\u08ff]+")  # letters from right to left, and others
_FILLED, _STROKED, _SYNTHETIC_BOLD = 16, 32, 8
_SUPERSCRIPT, _ITALIC, _MONO, _BOLD = 1, 2, 8, 16
_OPAQUE = 255

# Private-use codes that symbol fonts give to ordinary list marks and operators.
_SYMBOLS = {
    "\uf0b7": "•", "\uf095": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0fc": "✓", "\uf076": "❖", "\uf06f": "○", "\uf0a8": "□",
    "\uf02d": "−", "\uf0e0": "→", "\uf0b4": "×", "\uf0b1": "±", "\uf0a3": "≤", "\uf0b3": "≥", "\uf0b0": "°",
}  # fmt: skip
_NO_UNICODE = "[\ufffd\ufffe\uffff\ue000-\uf8ff\u0000-\u0008\u000e-\u001f]"
# What has no Unicode counts where it takes the place of letters: a lone sign is an icon or a bullet, and a row of one sign
# longer than words are is a leader.
_LONGEST_WORD = 15
# No Thai letter has a vowel or tone twice; a font's map that names it for a cluster and for its mark says so.
_TWICE = re.compile("([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])\\1+")
_LEADER = re.compile(rf"[\u0000-\u0008]?({_NO_UNICODE})\1{{{_LONGEST_WORD},}}")
# Boxes to tick, as word processors write them.
_TICKS = {"☐": "[ ] ", "☑": "[x] ", "☒": "[x] ", "🗹": "[x] ", "\uf0fd": "[x] ", "\uf0fe": "[x] "}
_WITHOUT_UNICODE = re.compile(rf"{_NO_UNICODE}|\(cid:")
_UNMAPPED = re.compile(rf"(?<=\w){_NO_UNICODE}+|{_NO_UNICODE}+(?=\w)|{_NO_UNICODE}{{2,}}|\(cid:\d+\)")
_LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\u00a0": " ",
        "\u2007": " ",
    }
    | {
        "\u202f": " ",
        "\u200b": None,
        "\ufeff": None,
        "\u2060": None,
        "\u2061": None,
        "\u2062": None,
        "\u2063": None,
        "\u0003": " ",
    }
    | _SYMBOLS
    | _TICKS
)

# TeX's old fonts draw an accent and its letter as two characters. Behind digits they are minutes and seconds. A grave one is
# also how quotes are typed, which end somewhere, and code.
_ACCENT = re.compile(r"(?<![\d´¨ˆ˜ˇ˚])([´¨ˆ˜ˇ˚])([A-Za-zı])")
_GRAVE = re.compile(r"(`)([aeiouAEIOU])(?!.*['`’](?:\W|$))")
_COMBINING = dict(zip("`´¨ˆ˜ˇ˚", "\u0300\u0301\u0308\u0302\u0303\u030c\u030a", strict=True))

# How a glyph that hangs from its baseline reaches above and below it, in ems.
_HANGING_ABOVE, _HANGING_BELOW = 0.05, 0.95

# A box less high than this part of an em has no letters in it; these have their usual reach, in ems.
_LEAST_HEIGHT = 0.3
_ASCENT, _DESCENT = 0.75, 0.25

_NARROW = 0.5  # em; the width of a digit

# Lines, by their direction: cosines of its angle to the horizontal.
_LEVEL = 0.99
_ACROSS = 0.9

_GUTTER = 2.0  # em; wider gaps part columns
_SMALLEST_EM = 4.0  # points; type without a size of its own is no smaller
# Pieces of one line that were placed apart: they are level, of one size, and a space apart at most (em).
_OFF_LEVEL = 0.1
_OFF_SIZE = 0.35
_KERNED, _WORD_SPACE = -0.3, 1.0

# Scripts beside the type that most of their line has.
_FULL_SIZE = 0.9  # of the line's; what is as large stands on its baseline
_SCRIPT_SIZE = 0.86  # of the line's; no script is larger: browsers set them at five sixths
_RAISED, _LOWERED = 0.15, 0.08  # em; a subscript may stand nearly level
_NOTE_MARK = re.compile(r"\d{1,3}")


@dataclass(slots=True)
class TextPage:
    """The text layer of an upright page. ``invisible`` and ``outside`` count the characters left out of ``lines``.

    With ``vertical`` the page is set in columns and was turned, so that its lines lie level and its letters on their side.
    """

    lines: list[Line]
    characters: int
    invisible: int
    outside: int
    unmapped: int
    vertical: bool = False


# Reading.


def read_text(page: pymupdf.Page, decorations: Sequence[Decoration] = ()) -> TextPage:
    """The visible text of an upright page, as lines of spans in the order in which the file draws them.

    Spans are cut where ``decorations`` begin and end.
    """
    bounds = as_box(page.rect)
    result = TextPage([], 0, 0, 0, 0, raster.is_vertical(page))
    known = [*decorations, *drawn(page)]
    raws = decorated(page, known) if known else contents.text_lines(page)
    for raw in tex_codes.repaired(sign_names.renamed(raws, sign_names.tables(page))):
        spans = [span for span in (_span(each, bounds, result) for each in raw["spans"]) if span]
        result.unmapped += _unmapped(spans)
        if any(span.text.strip() for span in spans):
            direction = (float(raw["dir"][0]), float(raw["dir"][1]))
            if result.vertical and raster.is_lone_glyph(raw):
                direction = (1.0, 0.0)
            result.lines.extend(_split_at_gaps(spans, direction))
    lines = [_in_reading_order(line) for line in interrupted.joined(_mend(result.lines))]
    result.lines = vowel_signs.reordered(lines)
    return result


def _in_reading_order(line: Line) -> Line:
    return replace(line, spans=directions.in_reading_order(line.spans))


def _mend(lines: list[Line]) -> list[Line]:
    """Joins lines that go on where the one drawn before them ended: some producers place every word on its own."""
    mended: list[Line] = []
    for line in lines:
        if mended and _goes_on(mended[-1], line):
            last = mended[-1]
            mended[-1] = Line(union([last.box, line.box]), last.spans + line.spans, last.direction)
        else:
            mended.append(line)
    return mended


def _goes_on(last: Line, line: Line) -> bool:
    if last.direction != line.direction or line.direction[0] < _LEVEL:
        return False
    size = max(last.size, line.size, 1.0)
    end = next(span for span in reversed(last.spans) if span.text.strip())
    start = next(span for span in line.spans if span.text.strip())
    level = abs(end.baseline - start.baseline) < _OFF_LEVEL * size
    alike = abs(last.size - line.size) < _OFF_SIZE * size
    space = line.box[0] - last.box[2]
    if space <= _KERNED * size and directions.runs_right_to_left([last, line]):
        space = last.box[0] - line.box[2]
    return level and alike and _KERNED * size < space < _WORD_SPACE * size


def _span(raw: dict[str, Any], bounds: Box, counts: TextPage) -> Span | None:
    text: str = raw["text"]
    size = len(text.strip())
    counts.characters += size
    box = _with_height(as_box(raw["bbox"]), raw)
    if box[2] - box[0] > bounds[2] - bounds[0] and contains(bounds, raw["origin"]):
        # A letter's width is broken: MuPDF's box begins or ends far from the page.
        left = raw["origin"][0]
        box = left, box[1], max(min(box[2], bounds[2]), left + _NARROW * raw["size"]), box[3]
    if not contains(bounds, middle(box)):
        counts.outside += size
        return None
    if not raw["char_flags"] & (_FILLED | _STROKED) or raw.get("alpha", _OPAQUE) == 0:
        counts.invisible += size
        return None
    text = _LEADER.sub(" ", _ACCENT.sub(_composed, _TWICE.sub(r"\1", text.translate(_LIGATURES))))
    flags, look = raw["flags"], fonts.look_of(raw["font"])
    if "`" in text and not (flags & _MONO or look.mono):
        text = _GRAVE.sub(_composed, text)
    if text.strip() == "√" or look.hangs:
        # The font's box would put these glyphs into the line above.
        base, em = raw["origin"][1], raw["size"]
        box = (box[0], base - _HANGING_ABOVE * em, box[2], base + _HANGING_BELOW * em)
    return Span(
        text=text,
        box=box,
        size=round(raw["size"], 1),
        font=raw["font"],
        bold=bool(flags & _BOLD or raw["char_flags"] & _SYNTHETIC_BOLD or look.bold),
        italic=bool(flags & _ITALIC or look.italic) and not fonts.is_mathematical(raw["font"]),
        mono=bool(flags & _MONO or look.mono),
        superscript=bool(flags & _SUPERSCRIPT),
        color=raw["color"],
        **raw.get("decoration", {}),
        baseline=raw["origin"][1],
    )


def _unmapped(spans: Sequence[Span]) -> int:
    """How many characters without Unicode take the place of letters in a line. Some producers set each on its own."""
    if not any(_WITHOUT_UNICODE.search(span.text) for span in spans):
        return 0
    runs = [
        "".join(span.text for span in run)
        for font, run in itertools.groupby(spans, key=lambda span: span.font)
        if not fonts.look_of(font).hangs  # large delimiters have no Unicode in any file
    ]
    return sum(map(len, itertools.chain(*map(_UNMAPPED.findall, runs))))


def _with_height(box: Box, raw: dict[str, Any]) -> Box:
    """A span's box; where a font says that its letters have no height, as high as type of its size is."""
    wide, high = sides(box)
    if min(wide, high) >= _LEAST_HEIGHT * raw["size"] or not raw["text"].strip():
        return box
    base, em = raw["origin"][1], raw["size"]
    return (
        (box[0], base - _ASCENT * em, max(box[2], box[0] + 1.0), base + _DESCENT * em) if wide > high else box
    )


def _composed(match: re.Match[str]) -> str:
    letter = match.group(2).replace("ı", "i")
    whole = unicodedata.normalize("NFC", letter + _COMBINING[match.group(1)])
    return whole if len(whole) == 1 else match.group(0)


def _split_at_gaps(spans: list[Span], direction: tuple[float, float]) -> list[Line]:
    """One line per run of spans without a gap as wide as a column gutter."""
    if abs(direction[0]) < _ACROSS:
        return [Line(union([span.box for span in spans]), spans, direction)]
    runs: list[list[Span]] = []
    if directions.is_right_to_left(span.text for span in spans):
        gutter = _GUTTER * max(*(span.size for span in spans), _SMALLEST_EM)
        runs, spans = directions.parted(spans, gutter), []
    for span in spans:
        if not span.text.strip() and not (runs and runs[-1]):
            continue
        previous = next((s for s in reversed(runs[-1]) if s.text.strip()), None) if runs else None
        gutter = _GUTTER * max(span.size, _SMALLEST_EM)
        if previous is None or (span.text.strip() and span.box[0] - previous.box[2] > gutter):
            runs.append([])
        runs[-1].append(span)
    return [
        Line(union([s.box for s in run if s.text.strip()] or [run[0].box]), run, direction) for run in runs
    ]


# Believing.

_FAINTEST, _CONTRAST_PART = (
    4,
    20,
)  # levels, and part of the page's own range, in which a patch counts as blank
_FEWEST_ROWS = 2  # pixels; what is lower may be missed by all of them
_COVERED = 0.8  # of the page under an image that hides what was drawn before it
_SCANNED = 0.5  # of the page under its largest image: the page is a scan
_FULLY_SCANNED = 0.85  # and nothing but a scan
_STAMP = 60  # visible characters; a scan's archive mark or page number has fewer
_MOSTLY_INVISIBLE = 2.0  # invisible characters for each visible one: OCR's text below a scan, and a stamp
_MOST_UNMAPPED = 0.05  # of the visible characters; papers have some signs without Unicode
_MOSTLY = 0.5  # of the text
_TALLEST_BOX = 5.0  # em; a box that is higher says nothing of its line


def drop_hidden(page: pymupdf.Page, text: TextPage) -> None:
    """Removes lines that no pixel shows: white on white, or covered by something drawn later."""
    if not text.lines:
        return
    image = look(page)
    least = _least_contrast(image)
    zoom = image.shape[1] / max(page.rect.width, 1.0)
    kept = []
    for line in text.lines:
        x0, y0, x1, y1 = (round(v * zoom) for v in line.box)
        crop = image[max(y0, 0) : max(y1, y0 + 1), max(x0, 0) : max(x1, x0 + 1)].reshape(-1, 3)
        # Every channel counts: black on yellow differs in red and green only.
        shows = (y1 - y0) >= _FEWEST_ROWS  # on a page of a million points no line does
        if shows and crop.size and int((crop.max(axis=0).astype(int) - crop.min(axis=0)).max()) < least:
            text.invisible += len(line.text.strip())
        else:
            kept.append(line)
    text.lines = kept


def _least_contrast(image: Image) -> int:
    """The difference of levels below which a patch counts as blank: a twentieth of the page's own range."""
    return max(_FAINTEST, (int(image.max()) - int(image.min())) // _CONTRAST_PART)


def image_cover(page: pymupdf.Page) -> float:
    """Share of the page that its largest image covers, 0 to 1."""
    bounds = as_box(page.rect)
    covers = [shared_area(info["bbox"], bounds) for info in contents.images(page)]
    return max(covers, default=0.0) / max(area(bounds), 1.0)


def is_under_image(page: pymupdf.Page) -> bool:
    """Whether most text is drawn before an image that covers nearly all of the page, and so lies beneath it."""
    bounds = as_box(page.rect)
    if any(info.get("has-mask") for info in contents.images(page)):
        return False  # layers of a compressed scan: what lies beneath shows through
    below = total = 0
    for kind, box in contents.operations(page):
        if kind.endswith("-text"):
            total += 1
        elif kind == "fill-image" and shared_area(box, bounds) > _COVERED * max(area(bounds), 1.0):
            below = total
    return below > _MOSTLY * total > 0


def verdict(text: TextPage, cover: float, under_image: bool) -> TextLayer:
    """Whether the text layer can be trusted, from the layer alone; pixels are asked later.

    ``cover`` is the share of the page under its largest image, ``under_image`` whether that hides the text.
    """
    visible = sum(len(line.text.strip()) for line in text.lines)
    if text.characters == 0:
        return TextLayer(trusted=False, reason="no text layer")
    if visible == 0 and text.invisible:
        where = "over a scan" if cover > _SCANNED else "on the page"
        return TextLayer(trusted=False, reason=f"invisible text {where}")
    if visible == 0:
        return TextLayer(trusted=False, reason="all text lies outside the page")
    if text.invisible > _MOSTLY_INVISIBLE * visible and cover > _SCANNED:
        return TextLayer(trusted=False, reason="mostly invisible text over a scan")
    if under_image:
        return TextLayer(trusted=False, reason="text hidden under a scan")
    if text.unmapped > _MOST_UNMAPPED * visible:
        return TextLayer(
            trusted=False, reason=f"{text.unmapped / visible:.0%} of the characters are unmapped"
        )
    sizeless = sum(len(line.text.strip()) for line in text.lines if _is_sizeless(line))
    if sizeless > _MOSTLY * visible:
        return TextLayer(trusted=False, reason="the characters have boxes far larger than their type")
    if cover > _FULLY_SCANNED and visible < _STAMP:
        return TextLayer(trusted=False, reason="a scan with only a stamp of text")
    return TextLayer(trusted=True, reason="mapped and visible")


def is_replaced(page: pymupdf.Page) -> bool:
    """Whether replacements of a page's glyphs (`ActualText`) say quite another text than the fonts do. Accessible files
    replace ligatures, hyphens and formulas, and what their fonts have no Unicode for.
    """
    if not contents.once(page, contents.has_replacements):
        return False
    glyphs, said = (_pairs(lines) for lines in (contents.glyphs_text(page).splitlines(), _texts(page)))
    named = len(glyphs) >= max(
        _FEWEST_PAIRS, len(said) / 2
    )  # else the fonts do not say what their glyphs are
    return named and len(glyphs & said) < _ALIKE * len(glyphs)


def _texts(page: pymupdf.Page) -> list[str]:
    return ["".join(span["text"] for span in line["spans"]) for line in contents.text_lines(page)]


def _pairs(lines: Iterable[str]) -> set[frozenset[str]]:
    """The words that stand beside each other in a line and run the same way, and the letters of words, without an order:
    MuPDF has lines of Hebrew from left to right.
    """
    pairs = set()
    for line in lines:
        # A word with a glyph that has no Unicode says nothing.
        known = (word for word in line.split() if "\ufffd" not in word)
        pieces = (piece for word in known for piece in _ONE_WAY.findall(unicodedata.normalize("NFKC", word)))
        letters = ("".join(sorted(filter(str.isalpha, piece.casefold()))) for piece in pieces)
        for _, run in itertools.groupby(
            filter(None, letters), key=lambda word: "\u0590" <= word[0] <= "\u08ff"
        ):
            words = [*run]
            pairs |= {frozenset(pair) for pair in itertools.pairwise(words)} or {frozenset(words)}
    return pairs


def _is_sizeless(line: Line) -> bool:
    """Whether a line's box has nothing to do with its font size: some Type 3 fonts tell MuPDF neither."""
    return abs(line.direction[0]) > _ACROSS and sides(line.box)[1] > _TALLEST_BOX * line.size


# What the lines say of their type.

_USUAL_SIZE = 10.0  # points


def body_size(lines: list[Line]) -> float:
    """Font size (points, in halves) of most characters; 10 where there are none."""
    weight: Counter[float] = Counter()
    for line in lines:
        for span in line.spans:
            weight[round(span.size * 2) / 2] += len(span.text.strip())
    return weight.most_common(1)[0][0] if weight else _USUAL_SIZE


def mark_scripts(lines: list[Line]) -> None:
    """Marks super- and subscript spans by size and baseline relative to their line; MuPDF's own flag misses many, and sees
    some in cells of tables that stand higher than others.
    """
    for line in lines:
        full = [s for s in line.spans if s.text.strip()]
        if len(full) < 2:
            line.spans = [replace(span, superscript=False, subscript=False) for span in line.spans]
            continue
        size = line.size
        base = statistics.median(s.baseline for s in full if s.size >= _FULL_SIZE * size)
        for index, span in enumerate(line.spans):
            small = span.size <= _SCRIPT_SIZE * size and span.text.strip()
            rise = base - span.baseline
            # Some fonts have raised figures of their own, which stand on the baseline for all that the file says.
            is_note = bool(small) and span is full[0] and _NOTE_MARK.fullmatch(span.text.strip()) is not None
            line.spans[index] = replace(
                span,
                superscript=bool(small and rise > _RAISED * size)
                or (is_note and abs(rise) < _LOWERED * size),
                subscript=bool(small and rise < -_LOWERED * size),
            )
