"""A page as pixels, as text spans with boxes, and whether its text layer can be trusted.

All boxes are PDF points, origin top left, in the frame of the *upright* page: after the page's own rotation
and, where the text runs sideways, after turning it so that it reads from left to right.
"""

from __future__ import annotations

import math
import re
import statistics
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from docvlm.boxes import Box, as_box, union
from docvlm.mupdf import pymupdf
from docvlm.schema import TextLayer
from docvlm.spans import Line, Span

Image = npt.NDArray[np.uint8]

# Subset prefixes ("ABCDEF+Times") tell apart fonts whose character maps differ.
pymupdf.TOOLS.set_subset_fontnames(True)

_TEXT_FLAGS = (
    (
        pymupdf.TEXT_PRESERVE_WHITESPACE
        | pymupdf.TEXT_MEDIABOX_CLIP
        | pymupdf.TEXT_COLLECT_STYLES
        | pymupdf.TEXT_PRESERVE_IMAGES
    )
    & ~pymupdf.TEXT_PRESERVE_LIGATURES
    & ~pymupdf.TEXT_PRESERVE_IMAGES
)

# MuPDF's char_flags: a glyph that is neither filled nor stroked is invisible.
_FILLED, _STROKED, _SYNTHETIC_BOLD = 16, 32, 8
_SUPERSCRIPT, _ITALIC, _MONO, _BOLD = 1, 2, 8, 16

_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi|[-,]bd|cmbx|cmssbx|sfbx|-b$|libertinetz", re.I)
_ITALIC_NAME = re.compile(r"ital|obli|cmti|cmsl|sfti|-it$", re.I)
_MONO_NAME = re.compile(r"mono|courier|consol|cmtt|typewriter|menlo|inconsolata|lmtt|sftt", re.I)
MATH_NAME = re.compile(r"cmmi|cmsy|cmex|msam|msbm|eufm|rsfs|math|mt2mi|mt2sy|mtsy|mtmi|symbol", re.I)

# TeX's large delimiters and operators.
_HANGING = re.compile(r"cmex|euex|mathext|[tp]xexs?|-ex-|math-?extension", re.I)

# Private-use codes that symbol fonts give to ordinary list marks and operators.
_SYMBOLS = {
    "\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0fc": "✓", "\uf076": "❖", "\uf06f": "○", "\uf0a8": "□",
    "\uf02d": "−", "\uf0e0": "→", "\uf0b4": "×", "\uf0b1": "±", "\uf0a3": "≤", "\uf0b3": "≥", "\uf0b0": "°",
}  # fmt: skip
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff\u0000-\u0008\u000e-\u001f]|\\(cid:\\d+\\)")
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
    | {"\u202f": " ", "\u200b": None, "\ufeff": None, "\u2060": None, "\u0003": " "}
    | _SYMBOLS
)

# TeX's old fonts draw an accent and its letter as two characters.
_ACCENT = re.compile("(?<=[A-Za-z])([´¨ˆ˜ˇ˚])([A-Za-zı])")
_COMBINING = dict(zip("´¨ˆ˜ˇ˚", "\u0301\u0308\u0302\u0303\u030c\u030a", strict=True))

_MAX_UNMAPPED = 0.05
_GRAY_DPI = 72


def upright(page: pymupdf.Page) -> int:
    """Takes the page's rotation into its content and turns sideways text to read left to right.

    Changes ``page`` in memory. Returns the degrees (clockwise) by which the page as a viewer shows it was
    turned: 0, 90, 180 or 270.
    """
    if page.rotation:
        page.remove_rotation()
    turned = _turn_needed(page)
    if turned:
        page.set_rotation(turned)
        page.remove_rotation()
    return turned


def _turn_needed(page: pymupdf.Page) -> int:
    directions: Counter[tuple[int, int]] = Counter()
    for block in page.get_text("dict", flags=_TEXT_FLAGS)["blocks"]:
        for line in block.get("lines", ()):
            x, y = line["dir"]
            directions[(round(x), round(y))] += sum(len(span["text"].strip()) for span in line["spans"])
    total = sum(directions.values())
    if total < 20:
        return 0
    direction, count = directions.most_common(1)[0]
    if count < 0.7 * total:
        return 0
    # Text running upwards (0, -1) reads left to right once the page is turned a quarter clockwise.
    return {(0, -1): 90, (-1, 0): 180, (0, 1): 270}.get(direction, 0)


@dataclass(slots=True)
class TextPage:
    """The text layer of an upright page. ``hidden`` and ``outside`` count characters left out of ``lines``."""

    lines: list[Line]
    characters: int
    invisible: int
    outside: int
    unmapped: int


def read_text(page: pymupdf.Page) -> TextPage:
    """The visible text of an upright page, as lines of spans in the order in which the file draws them."""
    bounds = page.rect
    result = TextPage([], 0, 0, 0, 0)
    for block in page.get_text("dict", flags=_TEXT_FLAGS)["blocks"]:
        for raw in block.get("lines", ()):
            spans = [span for span in (_span(raw_span, bounds, result) for raw_span in raw["spans"]) if span]
            if any(span.text.strip() for span in spans):
                direction = (float(raw["dir"][0]), float(raw["dir"][1]))
                result.lines.extend(_split_at_gaps(spans, direction))
    result.lines = _mend(result.lines)
    return result


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
    if last.direction != line.direction or line.direction[0] < 0.99:
        return False
    size = max(last.size, line.size, 1.0)
    end = next(span for span in reversed(last.spans) if span.text.strip())
    start = next(span for span in line.spans if span.text.strip())
    level = abs(end.baseline - start.baseline) < 0.1 * size and abs(last.size - line.size) < 0.35 * size
    return level and -0.3 * size < line.box[0] - last.box[2] < 1.0 * size


def _span(raw: dict, bounds: pymupdf.Rect, counts: TextPage) -> Span | None:
    text: str = raw["text"]
    size = len(text.strip())
    counts.characters += size
    box = as_box(raw["bbox"])
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    if not bounds.contains(middle):
        counts.outside += size
        return None
    if not raw["char_flags"] & (_FILLED | _STROKED) or raw.get("alpha", 255) == 0:
        counts.invisible += size
        return None
    text = _ACCENT.sub(_composed, text.translate(_LIGATURES))
    name, flags = raw["font"], raw["flags"]
    if not _HANGING.search(name):  # large delimiters have no Unicode in any file
        counts.unmapped += len(_UNMAPPED.findall(text))
    if text.strip() == "√" or _HANGING.search(name):
        # These glyphs hang from their baseline; the font's box would put them into the line above.
        base, height = raw["origin"][1], raw["size"]
        box = (box[0], base - 0.05 * height, box[2], base + 0.95 * height)
    return Span(
        text=text,
        box=box,
        size=round(raw["size"], 1),
        font=name,
        bold=bool(flags & _BOLD or raw["char_flags"] & _SYNTHETIC_BOLD or _BOLD_NAME.search(name)),
        italic=bool(flags & _ITALIC or _ITALIC_NAME.search(name)) and not MATH_NAME.search(name),
        mono=bool(flags & _MONO or _MONO_NAME.search(name)),
        superscript=bool(flags & _SUPERSCRIPT),
        color=raw["color"],
        baseline=raw["origin"][1],
    )


def _composed(match: re.Match[str]) -> str:
    letter = match.group(2).replace("ı", "i")
    whole = unicodedata.normalize("NFC", letter + _COMBINING[match.group(1)])
    return whole if len(whole) == 1 else match.group(0)


def _split_at_gaps(spans: list[Span], direction: tuple[float, float]) -> list[Line]:
    """One line per run of spans without a gap as wide as a column gutter (2 em)."""
    if abs(direction[0]) < 0.9:
        return [Line(union([span.box for span in spans]), spans, direction)]
    runs: list[list[Span]] = []
    for span in spans:
        if not span.text.strip() and not (runs and runs[-1]):
            continue
        previous = next((s for s in reversed(runs[-1]) if s.text.strip()), None) if runs else None
        if previous is None or (
            span.text.strip() and span.box[0] - previous.box[2] > 2.0 * max(span.size, 4)
        ):
            runs.append([])
        runs[-1].append(span)
    return [
        Line(union([s.box for s in run if s.text.strip()] or [run[0].box]), run, direction) for run in runs
    ]


def render(page: pymupdf.Page, dpi: float, box: Box | None = None, max_pixels: float = 30e6) -> Image:
    """Pixels of the page or of ``box``, (H, W, 3) uint8 RGB on white, at ``dpi`` or less.

    The resolution is lowered where the picture would exceed ``max_pixels``, so a page of any size is safe.
    """
    clip = pymupdf.Rect(box) & page.rect if box is not None else page.rect
    area = max(clip.width * clip.height, 1.0) * (dpi / 72) ** 2
    zoom = dpi / 72 * min(1.0, math.sqrt(max_pixels / area))
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, alpha=False, annots=True)
    return (
        np.frombuffer(pixmap.samples, np.uint8)
        .reshape(pixmap.height, pixmap.width, pixmap.n)[:, :, :3]
        .copy()
    )


def drop_hidden(page: pymupdf.Page, text: TextPage) -> None:
    """Removes lines that no pixel shows: white on white, or covered by something drawn later."""
    if not text.lines:
        return
    image = render(page, _GRAY_DPI, max_pixels=4e6)
    least = _least_contrast(image)
    zoom = image.shape[1] / max(page.rect.width, 1.0)
    kept = []
    for line in text.lines:
        x0, y0, x1, y1 = (round(v * zoom) for v in line.box)
        crop = image[max(y0, 0) : max(y1, y0 + 1), max(x0, 0) : max(x1, x0 + 1)].reshape(-1, 3)
        # Every channel counts: black on yellow differs in red and green only.
        if crop.size and int((crop.max(axis=0).astype(int) - crop.min(axis=0)).max()) < least:
            text.invisible += len(line.text.strip())
        else:
            kept.append(line)
    text.lines = kept


def _least_contrast(image: Image) -> int:
    """The difference of levels below which a patch counts as blank: a twentieth of the page's own range."""
    return max(4, (int(image.max()) - int(image.min())) // 20)


def image_cover(page: pymupdf.Page) -> float:
    """Share of the page that its largest image covers, 0 to 1."""
    area = max(abs(page.rect.width * page.rect.height), 1.0)
    covers = [abs(pymupdf.Rect(info["bbox"]) & page.rect) for info in page.get_image_info()]
    return max(covers, default=0.0) / area


def is_under_image(page: pymupdf.Page) -> bool:
    """Whether most text is drawn before an image that covers nearly all of the page, and so lies beneath it."""
    area = max(abs(page.rect.width * page.rect.height), 1.0)
    if any(info.get("has-mask") for info in page.get_image_info()):
        return False  # layers of a compressed scan: what lies beneath shows through
    below = total = 0
    for kind, box in page.get_bboxlog():
        if kind.endswith("-text"):
            total += 1
        elif kind == "fill-image" and abs(pymupdf.Rect(box) & page.rect) > 0.8 * area:
            below = total
    return below > 0.5 * total > 0


def verdict(text: TextPage, cover: float, under_image: bool) -> TextLayer:
    """Whether the text layer can be trusted, from the layer alone; pixels are asked later.

    ``cover`` is the share of the page under its largest image, ``under_image`` whether that hides the text.
    """
    visible = sum(len(line.text.strip()) for line in text.lines)
    if text.characters == 0:
        return TextLayer(trusted=False, reason="no text layer")
    if visible == 0 and text.invisible:
        where = "over a scan" if cover > 0.5 else "on the page"
        return TextLayer(trusted=False, reason=f"invisible text {where}")
    if visible == 0:
        return TextLayer(trusted=False, reason="all text lies outside the page")
    if text.invisible > 2 * visible and cover > 0.5:
        return TextLayer(trusted=False, reason="mostly invisible text over a scan")
    if under_image:
        return TextLayer(trusted=False, reason="text hidden under a scan")
    if text.unmapped > _MAX_UNMAPPED * visible:
        return TextLayer(
            trusted=False, reason=f"{text.unmapped / visible:.0%} of the characters are unmapped"
        )
    sizeless = sum(len(line.text.strip()) for line in text.lines if _is_sizeless(line))
    if sizeless > 0.5 * visible:
        return TextLayer(trusted=False, reason="the characters have boxes far larger than their type")
    if cover > 0.85 and visible < 60:
        return TextLayer(trusted=False, reason="a scan with only a stamp of text")
    return TextLayer(trusted=True, reason="mapped and visible")


def _is_sizeless(line: Line) -> bool:
    """Whether a line's box has nothing to do with its font size: some Type 3 fonts tell MuPDF neither."""
    return abs(line.direction[0]) > 0.9 and line.box[3] - line.box[1] > 5 * line.size


def body_size(lines: list[Line]) -> float:
    """Font size (points) of most characters; 10 where there are none."""
    weight: Counter[float] = Counter()
    for line in lines:
        for span in line.spans:
            weight[round(span.size * 2) / 2] += len(span.text.strip())
    return weight.most_common(1)[0][0] if weight else 10.0


def mark_scripts(lines: list[Line]) -> None:
    """Marks super- and subscript spans by size and baseline relative to their line; MuPDF's own flag misses many."""
    for line in lines:
        full = [s for s in line.spans if s.text.strip()]
        if len(full) < 2:
            continue
        size = line.size
        base = statistics.median(s.baseline for s in full if s.size >= 0.9 * size)
        for index, span in enumerate(line.spans):
            small = span.size <= 0.82 * size and span.text.strip()
            rise = base - span.baseline
            line.spans[index] = replace(
                span,
                superscript=bool(small and rise > 0.15 * size),
                subscript=bool(small and rise < -0.08 * size),
            )


def canvas(image: Image, scale: float, lines: list[Line]) -> pymupdf.Document:
    """A one-page document that shows ``image`` (``scale`` pixels per point) over ``lines`` as invisible text.

    Layout and table analysis work on text spans, which a scan does not have.
    """
    import cv2

    document = pymupdf.open()
    page = document.new_page(width=image.shape[1] / scale, height=image.shape[0] / scale)
    _, encoded = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    page.insert_image(page.rect, stream=encoded.tobytes())
    latin, wide = pymupdf.Font("helv"), None
    writer = pymupdf.TextWriter(page.rect)
    for line in lines:
        for span in line.spans:
            if not span.text.strip():
                continue
            font = latin
            if any(ord(c) > 0x2E80 for c in span.text):
                font = wide = wide or pymupdf.Font("cjk")
            natural = font.text_length(span.text, 1.0)
            size = min(max((span.box[2] - span.box[0]) / max(natural, 0.1), 3.0), 1.5 * max(span.size, 3.0))
            writer.append((span.box[0], span.baseline or span.box[3]), span.text, font, size)
    writer.write_text(page, render_mode=3)
    return document
