"""The models that read: one for each role, bundled or named by the user, loaded when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from docvlm import bundle, calibration, checkpoints
from docvlm.errors import DocvlmError, ModelMissing, UsageError
from docvlm.options import Options, Role

if TYPE_CHECKING:
    from docvlm.charts.model import ChartModel
    from docvlm.charts.reading import ChartReader
    from docvlm.decoding.interface import ImageTextModel
    from docvlm.formulas.reading import FormulaReader
    from docvlm.formulas.sight import GlyphReader
    from docvlm.layout.page_model import PageModel

BUNDLED: Final[dict[Role, str]] = {
    "chart": "chart-s",
    "formula": "reader-s",
    "glyphs": "finder-s",
    "layout": "page-s",
}
"""The models that come with docvlm, by what they do."""

# Loaded once per process, whatever asks; what could not be loaded is not tried again for every region.
_loaded: dict[tuple[Role, str | None, str, str], Any] = {}
_lock = threading.RLock()


class Models:
    """One model per role, as ``options`` name them.

    Each method gives the role's model, or ``None`` where nobody named one and none is bundled, or nothing on this
    machine runs the bundled one, as one line of warning says. Raises `docvlm.errors.DocvlmError` where a named model
    cannot be had, or any is damaged.
    """

    def __init__(self, options: Options) -> None:
        self._options = options

    def chart(self) -> ChartModel | None:
        """What reads charts."""
        return cast("ChartModel | None", self._get("chart"))

    def formula(self) -> FormulaReader | None:
        """What writes LaTeX of glyphs and rules."""
        return cast("FormulaReader | None", self._get("formula"))

    def glyphs(self) -> GlyphReader | None:
        """What finds glyphs and rules in pixels."""
        return cast("GlyphReader | None", self._get("glyphs"))

    def layout(self) -> PageModel | None:
        """What says of a page's lines what they are and in which order they are read."""
        return cast("PageModel | None", self._get("layout"))

    def reading(self) -> ImageTextModel | None:
        """What reads whole pages, and the regions that nothing else can read."""
        return cast("ImageTextModel | None", self._get("reading"))

    def needed(self, role: Role) -> Any:
        """The role's model. Raises ModelMissing where there is none."""
        model = self._get(role)
        if model is None:
            raise ModelMissing(f"no model for '{role}' can be run here", f"name one with --model {role}=PATH")
        return model

    def _get(self, role: Role) -> Any:
        named, options = self._options.named(role), self._options
        key = (role, named, options.device, options.runtime)
        with _lock:
            if key not in _loaded:
                try:
                    _loaded[key] = _load(role, named, options)
                except DocvlmError as error:
                    _loaded[key] = error
            found = _loaded[key]
        if isinstance(found, ModelMissing) and named is None:
            return None
        if isinstance(found, DocvlmError):
            raise found.with_traceback(None)
        return found


def _load(role: Role, named: str | None, options: Options) -> Any:
    if named is None:
        default = BUNDLED.get(role)
        folder = bundle.find_bundle(default) if default is not None else None
        return None if folder is None else _LOADERS[role](str(folder), options)
    return _LOADERS[role](named, options)


def _chart(model: str, options: Options) -> ChartModel:
    from docvlm.charts.onechart import OneChartReader

    folder = bundle.find_bundle(model)
    if folder is not None:
        return chart_reader(folder, options.runtime, options.device)
    loaded: Any = checkpoints.load(model, options.device)
    if not hasattr(loaded, "read_charts"):
        raise UsageError(f"{model} reads no charts", "name a chart bundle or a OneChart with --model")
    return OneChartReader(loaded)


def chart_reader(model: str | Path, runtime: str = "auto", device: str = "auto") -> ChartReader:
    """The chart model of a bundle with its calibration. Raises as `docvlm.runtimes.load_chart` does."""
    from docvlm.charts.reading import ChartReader
    from docvlm.charts.reliability import FEATURES
    from docvlm.runtimes import load_chart

    return ChartReader(load_chart(model, runtime, device), calibration.of_bundle(model, FEATURES))


def formula_reader(model: str | Path, runtime: str = "auto", device: str = "auto") -> FormulaReader:
    """The reading model of a bundle with its calibration. Raises as `docvlm.runtimes.load_reader` does."""
    from docvlm.formulas.reading import FormulaReader
    from docvlm.formulas.reliability import FEATURES
    from docvlm.runtimes import load_reader

    return FormulaReader(load_reader(model, runtime, device), calibration.of_bundle(model, FEATURES))


def glyph_reader(model: str | Path, runtime: str = "auto", device: str = "auto") -> GlyphReader:
    """The glyph finder of a bundle with its calibration. Raises as `docvlm.runtimes.load_finder` does."""
    from docvlm.formulas.sight import FEATURES, GlyphReader
    from docvlm.runtimes import load_finder

    return GlyphReader(load_finder(model, runtime, device), calibration.of_bundle(model, FEATURES))


def page_model(model: str | Path, runtime: str = "auto", device: str = "auto") -> PageModel:
    """The page model of a bundle with its calibration. Raises as `docvlm.runtimes.load_page` does."""
    from docvlm.layout.page_model import PageModel
    from docvlm.layout.structure import FEATURES
    from docvlm.runtimes import load_page

    return PageModel(load_page(model, runtime, device), calibration.of_bundle(model, FEATURES))


def _formula(model: str, options: Options) -> FormulaReader:
    return formula_reader(model, options.runtime, options.device)


def _glyphs(model: str, options: Options) -> GlyphReader:
    return glyph_reader(model, options.runtime, options.device)


def _layout(model: str, options: Options) -> PageModel:
    return page_model(model, options.runtime, options.device)


def _reading(model: str, options: Options) -> ImageTextModel:
    return checkpoints.load(model, options.device)


_LOADERS: Final[dict[Role, Callable[[str, Options], Any]]] = {
    "chart": _chart,
    "formula": _formula,
    "glyphs": _glyphs,
    "layout": _layout,
    "reading": _reading,
}
