"""An upright page and its lines -> regions, each with a kind, in reading order.

The kinds come from PyMuPDF's layout network (a graph network over text spans); this module repairs what it
misses, splits what it joins and orders the result. Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from docvlm.boxes import Box, area, as_box, shared_area, union
from docvlm.fonts import is_mathematical
from docvlm.layout.order import reading_order
from docvlm.layout.pictures import find_figures, is_figure, whole_figures
from docvlm.mupdf import pymupdf
from docvlm.raster import canvas, render
from docvlm.schema import Kind
from docvlm.spans import Line
from docvlm.text_layer import body_size

_KINDS: dict[str, Kind] = {
    "text": "paragraph",
    "section-header": "heading",
    "title": "heading",
    "list-item": "list",
    "table": "table",
    "picture": "picture",
    "formula": "formula",
    "caption": "caption",
    "page-header": "header",
    "page-footer": "footer",
    "footnote": "footnote",
}

# The network's time grows with the square of the spans: a map with 9,000 labels would take minutes.
_MAX_LINES = 1500

_GUTTER = 8.0  # points between two columns, at least
_IN_COLUMN = 3  # regions on each side that show where a page's gutter is

_WORD = re.compile(r"[^\W\d_]{3,}")
# A rule typed as a row of dots or dashes is no text.
_TYPED_RULE = re.compile(r"^(?:\s*[.·_…*=~–—-]){8,}\s*$")
_NUMERIC = re.compile(r"^[-−+(]?[$€£]?\d[\d,.]*\s?[%kKMB)]?$")


@dataclass(slots=True)
class Region:
    """A part of the page with one kind. ``lines`` are sorted top to bottom, left to right."""

    kind: Kind
    box: Box
    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(line.text.strip() for line in self.lines)


@cache
def _network(images: bool) -> Any:
    """PyMuPDF's layout network, with its picture features or without, on one thread.

    Pages run side by side in one process per core, where ONNX Runtime's own threads would only fight.
    """
    if pymupdf._get_layout is None:
        # Serves PyMuPDF's own table finder, and keeps the package from loading one more network at its import.
        pymupdf._get_layout = lambda page, **options: _network(images=True).predict(page, **options)
    with _single_threaded_sessions():
        from pymupdf.layout import DocumentLayoutAnalyzer

        wrapper = DocumentLayoutAnalyzer.get_model(feature_set_name="imf+rf" if images else "rf")
    return _Network(wrapper)


class _Network:
    """The layout network, whose part for the grids of tables takes most of the time and runs only when asked for."""

    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper
        # The one inside the package's wrapper that knows the part; none in a version that has it elsewhere.
        self._inner = next(
            (v for v in vars(wrapper).values() if getattr(v, "table_grid_extractor", None) is not None), None
        )
        self._grids = getattr(self._inner, "table_grid_extractor", None)

    def predict(self, page: Any, grids: bool = True, **options: Any) -> Any:
        if self._inner is not None:
            self._inner.table_grid_extractor = self._grids if grids else None
        return self._wrapper.predict(page, **options)


@contextlib.contextmanager
def _single_threaded_sessions() -> Iterator[None]:
    # The package makes its sessions itself and offers no thread count, so its default options are replaced.
    import onnxruntime

    original: Callable[[], Any] = onnxruntime.SessionOptions

    def options() -> Any:
        made = original()
        made.intra_op_num_threads = 1
        made.inter_op_num_threads = 1
        return made

    onnxruntime.SessionOptions = options
    try:
        yield
    finally:
        onnxruntime.SessionOptions = original


def analyze(page: pymupdf.Page, lines: list[Line]) -> list[Region]:
    """Regions of an upright ``page`` that hold all of ``lines``, in reading order.

    Leaves the network's raw answer in ``page.layout_information``, without the grids of tables: see :func:`find_grids`.
    """
    lines = [line for line in lines if not _TYPED_RULE.match(line.text)]
    if _is_label_cloud(lines):
        return _map_regions(page, lines)
    detected = _detect(page, lines)
    if all(kind != "table" for kind, _ in detected) and is_figure(page, lines):
        whole = Region("picture", as_box(page.rect), lines)
        whole.kind = "chart" if looks_like_chart(whole) else "picture"
        return [whole]
    found = whole_figures(page, detected)
    found += [("picture", box) for box in find_figures(page, lines, _solid(found))]
    regions = _assign([item for item in found if not _is_page_of_text(item, lines, page)], lines)
    regions = [part for region in regions for part in _repair(region, page)]
    regions = _absorb_into_pictures(regions)
    regions = _join_side_by_side(regions)
    return order([part for region in regions for part in _cut_at_gutter(region, regions)])


def _is_label_cloud(lines: list[Line]) -> bool:
    """Whether a page is a map or plan: thousands of lines, most of them a letter or two."""
    return len(lines) > _MAX_LINES and statistics.median(len(line.text.strip()) for line in lines) <= 3


def _map_regions(page: pymupdf.Page, lines: list[Line]) -> list[Region]:
    """The page as one picture, and what reads as sentences."""
    prose = [line for line in lines if len(line.text.split()) >= 4]
    return order([Region("picture", as_box(page.rect)), *_cluster(prose)])


def order(regions: list[Region]) -> list[Region]:
    """Headers first, footers last, the rest in reading order."""
    ends: dict[str, list[Region]] = {"header": [], "footer": []}
    body: list[Region] = []
    for region in regions:
        ends.get(region.kind, body).append(region)
    for group in ends.values():
        group.sort(key=lambda r: (round(r.box[1] / 4), r.box[0]))
    return ends["header"] + [body[i] for i in reading_order([r.box for r in body])] + ends["footer"]


def find_grids(page: pymupdf.Page, lines: list[Line]) -> None:
    """Adds the grids of the tables to ``page.layout_information``, for PyMuPDF's table finder."""
    with contextlib.suppress(*_NETWORK_ERRORS):
        page.layout_information = _predict(page, lines, grids=True)


def _detect(page: pymupdf.Page, lines: list[Line]) -> list[tuple[Kind, Box]]:
    page.layout_information = None
    if len(lines) > _MAX_LINES:
        return []
    try:
        raw = _predict(page, lines, grids=False)
    except _NETWORK_ERRORS:
        # The network fails on some degenerate pages (zero-size spans); geometry alone serves then.
        return []
    page.layout_information = raw
    return [(_KINDS.get(item["class_name"], "paragraph"), as_box(item["group_bbox"])) for item in raw or []]


_NETWORK_ERRORS = (ValueError, IndexError, RuntimeError, KeyError)


def _predict(page: pymupdf.Page, lines: list[Line], grids: bool) -> Any:
    pictures = bool(page.get_image_info()) or _has_drawings(page)
    if _is_shattered(page, lines):
        typeset = _typeset(page, lines)
        return _network(pictures).predict(typeset[0], grids, return_raw=True)
    return _network(pictures or not lines).predict(page, grids, return_raw=True)


def _is_shattered(page: pymupdf.Page, lines: list[Line]) -> bool:
    """Whether the file places words one by one, so that the network, which reads the file's lines, sees rubble."""
    own = sum(len(block.get("lines", ())) for block in page.get_text("dict", flags=0)["blocks"])
    return own > 40 and len(lines) < 0.6 * own


def _typeset(page: pymupdf.Page, lines: list[Line]) -> pymupdf.Document:
    """A stand-in for ``page`` whose text layer holds ``lines`` whole."""
    image = render(page, 100)
    return canvas(image, image.shape[1] / page.rect.width, lines)


def _solid(found: list[tuple[Kind, Box]]) -> list[Box]:
    """Boxes in which no further picture is looked for."""
    return [box for kind, box in found if kind in ("table", "picture", "formula") or box[3] - box[1] > 60]


def _has_drawings(page: pymupdf.Page) -> bool:
    """Whether vector graphics beyond rules and boxes are there, which need the network's picture features."""
    return sum(1 for kind, _ in page.get_bboxlog() if kind in ("fill-path", "stroke-path", "fill-shade")) > 60


def _is_page_of_text(item: tuple[Kind, Box], lines: list[Line], page: pymupdf.Page) -> bool:
    """Whether a "picture" is the page itself, as the network sees some scans and handwriting."""
    kind, box = item
    if kind != "picture" or area(box) < 0.5 * page.rect.width * page.rect.height:
        return False
    return (
        sum(
            1
            for line in lines
            if shared_area(line.box, box) > 0.5 * area(line.box) and len(line.text.split()) > 3
        )
        > 5
    )


def _assign(found: list[tuple[Kind, Box]], lines: list[Line]) -> list[Region]:
    """Puts every line into the region it lies in; lines that none holds become paragraphs of their own."""
    regions = [Region(kind, box) for kind, box in found]
    loose: list[Line] = []
    for line in lines:
        shares = [
            (shared_area(line.box, r.box) / max(area(line.box), 1e-6), -area(r.box), i)
            for i, r in enumerate(regions)
        ]
        held = [share for share in shares if share[0] > 0.4]
        if held:
            # Of regions that hold the line whole, the smallest is the most specific.
            best = max(held, key=lambda s: (min(s[0], 0.9), s[1]))
            regions[best[2]].lines.append(line)
        else:
            loose.append(line)
    regions.extend(_cluster(loose))
    for region in regions:
        region.lines.sort(key=lambda line: (line.box[1] + line.box[3], line.box[0]))
        if region.lines and region.kind not in ("picture", "table", "formula"):
            region.box = union([line.box for line in region.lines])
        elif region.lines and region.kind == "picture":
            region.box = union([region.box, *(line.box for line in region.lines)])  # cuts no label off
    return [
        r
        for r in regions
        if r.lines or (r.kind == "picture" and min(r.box[2] - r.box[0], r.box[3] - r.box[1]) > 8)
    ]


def _cut_at_gutter(region: Region, regions: list[Region]) -> list[Region]:
    """Text that the network took across the gutter of a page's columns, as paragraphs of their own on both sides."""
    if region.kind not in ("paragraph", "list") or len(region.lines) < 3:
        return [region]
    by_left = sorted(region.lines, key=lambda line: line.box[0])
    right_edges = list(itertools.accumulate((line.box[2] for line in by_left), max))
    gaps = [
        (line.box[0] - right, index) for index, (right, line) in enumerate(zip(right_edges, by_left[1:]), 1)
    ]
    width, index = max(gaps)
    low, high = right_edges[index - 1], by_left[index].box[0]
    others = [other.box for other in regions if other is not region]
    left, right = sum(box[2] < high for box in others), sum(box[0] > low for box in others)
    if width < _GUTTER or min(left, right) < _IN_COLUMN or len(others) - left - right > 0.2 * len(others):
        return [region]
    return [part for side in (by_left[:index], by_left[index:]) for part in _stacked(side)]


def _stacked(lines: list[Line]) -> list[Region]:
    """Paragraphs of one column's lines, parted where more than a line's leading is free."""
    regions: list[Region] = []
    for line in sorted(lines, key=lambda line: line.box[1]):
        if regions and line.box[1] - regions[-1].box[3] < 0.7 * line.size:
            regions[-1].lines.append(line)
            regions[-1].box = union([regions[-1].box, line.box])
        else:
            regions.append(Region("paragraph", line.box, [line]))
    return regions


def _cluster(lines: list[Line]) -> list[Region]:
    """Paragraphs of lines that follow each other closely with the same size and overlapping columns."""
    regions: list[Region] = []
    near: list[Region] = []  # those that a line this far down can still follow
    for line in sorted(lines, key=lambda line: (round(line.box[1]), line.box[0])):
        near = [r for r in near if line.box[1] - r.lines[-1].box[3] < 0.7 * max(line.size, r.lines[-1].size)]
        home = next((r for r in reversed(near) if _follows(r.lines[-1], line)), None)
        if home is None:
            home = Region("paragraph", line.box, [line])
            regions.append(home)
            near.append(home)
        else:
            home.lines.append(line)
            home.box = union([home.box, line.box])
    return regions


def _follows(previous: Line, line: Line) -> bool:
    size = max(previous.size, line.size, 1.0)
    beside = min(previous.box[2], line.box[2]) - max(previous.box[0], line.box[0])
    gap = line.box[1] - previous.box[3]
    same_look = abs(previous.size - line.size) < 0.12 * size
    return (
        same_look and previous.direction == line.direction and beside > 0 and -0.5 * size < gap < 0.7 * size
    )


def _repair(region: Region, page: pymupdf.Page) -> list[Region]:
    """Corrects kinds that the text itself contradicts."""
    height = page.rect.height
    text = region.text
    if region.kind == "formula" and not _is_formula(region):
        region.kind = "paragraph"
    if (
        region.kind == "picture"
        and region.lines
        and (_is_prose(region) or not _has_graphics(page, region.box))
    ):
        region.kind = "paragraph"
    if region.kind == "picture" and looks_like_chart(region):
        region.kind = "chart"
    if region.kind == "table" and (parts := _unaligned_columns(region)):
        return parts
    if region.kind in ("header", "footer"):
        near_top, near_bottom = region.box[1] < 0.12 * height, region.box[3] > 0.88 * height
        if (
            (region.kind == "header" and not near_top)
            or (region.kind == "footer" and not near_bottom)
            or len(text) > 300
            or len(region.lines) > 5
        ):
            region.kind = "paragraph"
    if region.kind == "paragraph" and any(abs(line.direction[0]) < 0.9 for line in region.lines):
        upright = [line for line in region.lines if abs(line.direction[0]) >= 0.9]
        turned = [line for line in region.lines if abs(line.direction[0]) < 0.9]
        if upright:
            return [
                Region("paragraph", union([line.box for line in upright]), upright),
                Region("header", union([line.box for line in turned]), turned),
            ]
        # Text running up the margin (a repository's stamp) is furniture.
        if region.box[2] - region.box[0] < 0.08 * page.rect.width:
            region.kind = "header"
    return [region]


def _unaligned_columns(region: Region) -> list[Region]:
    """Splits what was taken for one table at a gutter whose sides keep different line pitches.

    An address beside a list of facts is two things side by side; the rows of one table are level.
    """
    by_left = sorted(region.lines, key=lambda line: line.box[0])
    right_edges = list(itertools.accumulate((line.box[2] for line in by_left), max))
    for i in range(1, len(by_left)):
        if by_left[i].box[0] - right_edges[i - 1] < 3 * by_left[i].size:
            continue
        pitches = [_pitch(side) for side in (by_left[:i], by_left[i:])]
        if None not in pitches and min(pitches) < 0.95 * max(pitches):  # type: ignore[type-var, operator]
            sides = (
                sorted(side, key=lambda line: (line.box[1], line.box[0]))
                for side in (by_left[:i], by_left[i:])
            )
            return [_paragraph_or_table(side) for side in sides]
    return []


def _pitch(lines: list[Line]) -> float | None:
    """The distance of the rows in points, where there are at least three and it is the same throughout."""
    middles = sorted((line.box[1] + line.box[3]) / 2 for line in lines)
    gaps = [b - a for a, b in itertools.pairwise(middles) if b - a > 0.5 * lines[0].size]
    if len(gaps) < 2 or max(gaps) - min(gaps) > 0.1 * max(gaps):
        return None
    return statistics.mean(gaps)


def _paragraph_or_table(lines: list[Line]) -> Region:
    """A table where some lines stand side by side."""
    rows = itertools.pairwise(sorted(lines, key=lambda line: line.box[1] + line.box[3]))
    level = any(abs((a.box[1] + a.box[3]) - (b.box[1] + b.box[3])) < a.size for a, b in rows)
    return Region("table" if level else "paragraph", union([line.box for line in lines]), lines)


def _is_formula(region: Region) -> bool:
    spans = [span for line in region.lines for span in line.spans]
    letters = sum(len(s.text.strip()) for s in spans)
    math = sum(len(s.text.strip()) for s in spans if is_mathematical(s.font))
    words = sum(len(word) for word in _WORD.findall(region.text))
    symbols = sum(region.text.count(c) for c in "=∑∫∏√≤≥±×·→∈∞∂∇≈≠")
    if words > 0.4 * max(letters, 1) and len(_WORD.findall(region.text)) >= 4:
        return False  # a sentence with formulas in it
    if math > 0.15 * max(letters, 1):
        return True
    return (symbols > 0 and words < 0.6 * max(letters, 1)) or words < 0.25 * max(letters, 1)


def _is_prose(region: Region) -> bool:
    """Whether a picture's lines are running text: long lines of words that cover most of it."""
    long_lines = [line for line in region.lines if len(_WORD.findall(line.text)) >= 6]
    return len(long_lines) >= 3 and sum(area(line.box) for line in long_lines) > 0.35 * area(region.box)


def _has_graphics(page: pymupdf.Page, box: Box) -> bool:
    """Whether anything but text is drawn within a box: a picture has paths or an image."""
    area = pymupdf.Rect(box)
    return any(
        not kind.endswith("text") and kind != "ignore" and area.intersects(pymupdf.Rect(drawn))
        for kind, drawn in page.get_bboxlog()
    )


def looks_like_chart(region: Region) -> bool:
    """Whether numbers stand in a column or a row, as an axis' tick labels do."""
    ticks = [line.box for line in region.lines if _NUMERIC.match(line.text.strip())]
    if len(ticks) < 4:
        return False
    columns = _largest_group([box[2] for box in ticks], 4.0)
    rows = _largest_group([box[3] for box in ticks], 2.0)
    return max(columns, rows) >= 4


def _largest_group(values: list[float], tolerance: float) -> int:
    return max(sum(1 for other in values if abs(other - value) <= tolerance) for value in values)


def _absorb_into_pictures(regions: list[Region]) -> list[Region]:
    """Labels inside a picture belong to it; so do empty pictures inside others."""
    frames = [r for r in regions if r.kind in ("picture", "chart")]
    kept: list[Region] = []
    for region in regions:
        frame = next(
            (
                f
                for f in frames
                if f is not region and shared_area(f.box, region.box) > 0.9 * area(region.box) > 0
            ),
            None,
        )
        short = len(_WORD.findall(region.text)) < 8
        if (
            frame is not None
            and region.kind not in ("table", "caption")
            and short
            and area(frame.box) > area(region.box)
        ):
            frame.lines.extend(region.lines)
        else:
            kept.append(region)
    for frame in frames:
        if frame.kind == "picture" and looks_like_chart(frame):
            frame.kind = "chart"
    return kept


def _join_side_by_side(regions: list[Region]) -> list[Region]:
    """Joins fragments of one visual line, which the network often gives apart, to one region.

    Only prose is joined, and only across a gap of about a space.
    """
    joined: list[Region] = []
    for region in sorted(regions, key=lambda r: r.box[0]):
        partner = next((other for other in joined if _same_line(other, region)), None)
        if partner is None:
            joined.append(region)
        else:
            partner.lines.extend(region.lines)
            partner.box = union([partner.box, region.box])
            partner.lines.sort(key=lambda line: line.box[0])
    return joined


def _same_line(left: Region, right: Region) -> bool:
    if (
        {left.kind, right.kind} - {"paragraph", "heading", "list", "footnote"}
        or len(left.lines) != 1
        or len(right.lines) != 1
    ):
        return False
    a, b = left.lines[0], right.lines[0]
    size = max(a.size, b.size)
    level = abs((a.box[1] + a.box[3]) - (b.box[1] + b.box[3])) < size
    return level and -0.3 * size < b.box[0] - a.box[2] < 1.6 * size


def typical_leading(lines: list[Line]) -> float:
    """Median distance (points) between the tops of successive lines; 1.2 em where there is only one."""
    steps = [b.box[1] - a.box[1] for a, b in itertools.pairwise(lines) if b.box[1] - a.box[1] > 1]
    return statistics.median(steps) if steps else 1.2 * body_size(lines)
