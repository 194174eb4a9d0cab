"""PyMuPDF's layout network: a page -> boxes with kinds, by a graph network over the file's text spans.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from docvlm import contents
from docvlm.boxes import Box, area, as_box, clipped
from docvlm.fonts import is_mathematical
from docvlm.mupdf import pymupdf
from docvlm.raster import canvas, render
from docvlm.schema import Kind
from docvlm.spans import Line

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
MOST_LINES = 1500
# Vector graphics beyond rules and boxes need the network's picture features, which take time: paths on a page.
_RULES_AND_BOXES = 60
# A file that places words one by one has more lines than its page: at least some, and for each of ours.
_FEW_LINES, _LEAST_WHOLE = 40, 0.6
_TYPESET_DPI = 100  # of the picture of a page whose lines are joined

_ASKED = "docvlm_asked"  # a key of a table's group: what gives its grid when it is called
# What the network raises on some degenerate pages, such as ones with spans of no size.
_ERRORS = (ValueError, IndexError, RuntimeError, KeyError)


def detect(page: pymupdf.Page, lines: list[Line]) -> list[tuple[Kind, Box]]:
    """What the network finds on ``page``; nothing where it fails or there are too many lines.

    Leaves its raw answer in ``page.layout_information``, without the grids of tables: see :func:`find_grids`.
    """
    page.layout_information = []
    if len(lines) > MOST_LINES:
        return []
    try:
        raw = _predict(page, lines)
    except _ERRORS:
        return []  # geometry alone serves then
    page.layout_information = raw
    bounds = as_box(page.rect)  # which text that a damaged file places anywhere takes the boxes out of
    found = [
        (_KINDS.get(item["class_name"], "paragraph"), clipped(as_box(item["group_bbox"]), bounds))
        for item in raw or []
    ]
    return [(kind, box) for kind, box in found if area(box) > 0]


def find_grids(page: pymupdf.Page) -> None:
    """Adds the grids of the tables to ``page.layout_information``, for PyMuPDF's table finder; asks the network first where
    :func:`detect` has not.

    That finder would run the network again itself where nothing is known, as where it failed or would take minutes.
    """
    if page.layout_information is None:
        page.layout_information = []
        with contextlib.suppress(*_ERRORS):
            page.layout_information = _network(images=True).predict(page, return_raw=True) or []
    for item in page.layout_information:
        asked = item.pop(_ASKED, None)
        if asked is not None:
            with contextlib.suppress(*_ERRORS):
                item["table_grid"], item["table_cells"] = asked()


def _predict(page: pymupdf.Page, lines: list[Line]) -> Any:
    pictures = bool(contents.images(page)) or _has_drawings(page)
    if _is_shattered(page, lines):
        typeset = _typeset(page, lines)
        return _network(pictures).predict(typeset[0], return_raw=True)
    return _network(pictures or not lines).predict(page, return_raw=True)


def _is_shattered(page: pymupdf.Page, lines: list[Line]) -> bool:
    """Whether the file places words one by one, so that the network, which reads the file's lines, sees rubble. Pieces of
    formulas are placed one by one wherever they are set.
    """
    own = sum(
        not all(is_mathematical(s["font"]) for s in line["spans"]) for line in contents.text_lines(page)
    )
    whole = sum(not all(is_mathematical(span.font) for span in line.spans) for line in lines)
    return own > _FEW_LINES and whole < _LEAST_WHOLE * own


def _typeset(page: pymupdf.Page, lines: list[Line]) -> pymupdf.Document:
    """A stand-in for ``page`` whose text layer holds ``lines`` whole."""
    image = render(page, _TYPESET_DPI)
    return canvas(image, image.shape[1] / page.rect.width, lines)


def _has_drawings(page: pymupdf.Page) -> bool:
    """Whether vector graphics beyond rules and boxes are there, which need the network's picture features."""
    drawn = ("fill-path", "stroke-path", "fill-shade")
    return sum(kind in drawn for kind, _ in contents.operations(page)) > _RULES_AND_BOXES


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
    """The layout network. Its part for the grids of tables takes most of the time: :func:`find_grids` runs it, on what it
    was asked when the page was seen.
    """

    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper
        # The one inside the package's wrapper that knows the part; none in a version that has it elsewhere.
        inner = next(
            (v for v in vars(wrapper).values() if getattr(v, "table_grid_extractor", None) is not None), None
        )
        if inner is not None:
            inner.table_grid_extractor = _Later(inner.table_grid_extractor)

    def predict(self, page: Any, **options: Any) -> Any:
        """What the network finds; raw groups that are tables keep under `_ASKED` what gives their grids."""
        found = self._wrapper.predict(page, **options)
        for item in found or []:
            if isinstance(item, dict) and isinstance(item.get("table_grid"), partial):
                item[_ASKED] = item.pop("table_grid")
                del item["table_cells"]
        return found


class _Later:
    """Stands in for the part that finds grids, and gives back the question instead of an answer."""

    def __init__(self, extractor: Any) -> None:
        self._extractor = extractor

    def predict(self, *words: Any, **named: Any) -> tuple[partial[Any], list[Any]]:
        return partial(self._extractor.predict, *words, **named), []


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
