"""How a matplotlib chart looks: font, style sheet, colours, sizes, drawn from a random source.

What matplotlib's settings can hold goes into ``matplotlib.rcParams`` (the caller restores them), the rest into `Look`.
"""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.font_manager import FontEntry, fontManager, get_font
from matplotlib.style import library as style_sheets

from training.charts.sample import Content
from training.charts.ticks import Undrawable

try:
    import seaborn
except ImportError:  # its palettes are a welcome addition, no more
    seaborn = None

_SHEETS = (
    *(["default"] * 5),
    *("classic", "ggplot", "fivethirtyeight", "bmh", "seaborn-v0_8", "seaborn-v0_8-darkgrid"),
    *("seaborn-v0_8-whitegrid", "seaborn-v0_8-white", "seaborn-v0_8-ticks", "seaborn-v0_8-dark", "fast"),
    *("Solarize_Light2", "dark_background", "grayscale", "tableau-colorblind10", "petroff10"),
)
_CYCLES = (
    "tab10",
    "tab20",
    "tab20b",
    "tab20c",
    "Set1",
    "Set2",
    "Set3",
    "Dark2",
    "Accent",
    "Paired",
    "Pastel1",
)
_RAMPS = (
    "Blues",
    "Greens",
    "Oranges",
    "Purples",
    "Reds",
    "Greys",
    "viridis",
    "plasma",
    "cividis",
    "YlGnBu",
    "RdBu",
    "Spectral",
    "coolwarm",
    "YlOrRd",
    "PuRd",
    "cool",
    "magma",
    "terrain",
)
_SEABORN = (
    "deep",
    "muted",
    "bright",
    "pastel",
    "dark",
    "colorblind",
    "husl",
    "hls",
    "rocket",
    "mako",
    "flare",
    "crest",
)
# Families that are no running text: capitals only, symbols, parts of larger characters.
_NO_TEXT = (
    "Math",
    "Caps",
    "Symbol",
    "Display",
    "Last Resort",
    "NonUnicode",
    "Size",
    "cm",
    "Mono Light",
    "Slanted",
)


@dataclass(slots=True)
class Look:
    """The choices that shape the whole figure; lengths in pixels unless said otherwise."""

    sheet: str
    width: int
    height: int
    dpi: float
    size: float  # points
    colors: list[Any]
    legend: str
    labels: str  # where values are printed: "" for nowhere
    zero: bool
    grid: str
    padding: int


def add_fonts(folder: Path) -> None:
    """Lets matplotlib use all fonts below ``folder``."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".ttf", ".otf", ".ttc"}:
            fontManager.addfont(str(path))
    _characters.cache_clear()
    _families_for.cache_clear()
    faces.cache_clear()


@cache
def _characters() -> dict[str, frozenset[int]]:
    """Code points of every family for running text."""
    found: dict[str, frozenset[int]] = {}
    for entry in fontManager.ttflist:
        upright = entry.style == "normal" and str(entry.weight) in {"400", "normal", "regular", "book", "300"}
        if entry.name not in found and upright and not any(part in entry.name for part in _NO_TEXT):
            found[entry.name] = frozenset(get_font(entry.fname).get_charmap())
    return found


@lru_cache(256)
def _families_for(needed: frozenset[int]) -> tuple[str, ...]:
    return tuple(name for name, has in _characters().items() if needed <= has)


@cache
def faces(family: str) -> list[FontEntry]:
    """The family's fonts and those that matplotlib itself needs for formulas."""
    own = (family, "DejaVu Sans")
    return [e for e in fontManager.ttflist if e.name in own or e.name.startswith(("cm", "STIX"))]


def _usual(family: str) -> float:
    """How often a family is taken: people rarely choose, and TeX's come in many sizes."""
    if family == "DejaVu Sans":
        return 6.0
    if "Mono" in family or family.startswith(("LM ", "Latin Modern")):
        return 0.1
    return 3.0 if "Sans" in family else 1.0


class LookChooser:
    """Draws one chart's look."""

    def __init__(self, content: Content, rng: random.Random) -> None:
        self.content, self.rng = content, rng
        self.pie = content.is_pie

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def look(self) -> Look:
        content, rng = self.content, self.rng
        sheet = rng.choice([s for s in _SHEETS if s in ("default", *style_sheets)])
        if sheet != "default":
            rc = style_sheets[sheet]
            # Sheets' lists of fonts would only empty matplotlib's cache of found files.
            mpl.rcParams.update({name: rc[name] for name in rc if not name.startswith("font.")})
        dpi = rng.choice((60, 72, 80, 96, 100, 100, 110, 120, 144, 150))
        count, longest = content.shape
        width = rng.uniform(260, 720)
        if not self.pie and not content.horizontal and longest > 12:
            width = max(width, rng.uniform(400, 800))
        height = width * rng.triangular(0.4, 1.15, 0.66)
        if content.horizontal:
            height = max(
                height, min(longest * (9 + 7 * min(count, 4) * (content.kind == "grouped_bar")), 800)
            )
        size = rng.triangular(7.5, 15, 10.5) * 72 / dpi * min(max(width / 420, 0.9), 1.5)
        size = even(size)
        self._choose_fonts(size)
        named = count > 1 or self.pie or (content.series[0].name is not None and self.chance(0.25))
        legend = ""
        if named:
            legend = rng.choice(("best", "best", "inside", "right", "right", "below", "above", "direct"))
            if legend == "direct" and (content.kind not in ("line", "pie", "donut") or content.horizontal):
                legend = "best"
            if self.pie and legend in ("best", "inside"):
                legend = rng.choice(("direct", "direct", "right"))
        return Look(
            sheet=sheet,
            width=round(width),
            height=round(height),
            dpi=dpi,
            size=size,
            colors=self._choose_colors(max(longest if self.pie or count == 1 else count, 1)),
            legend=legend,
            labels=self._choose_value_labels(),
            zero=self._starts_at_zero(),
            grid=rng.choice(("sheet", "sheet", "value", "both", "none")),
            padding=rng.randint(2, 36),
        )

    def _choose_fonts(self, size: float) -> None:
        content, rng = self.content, self.rng
        texts = [content.title, content.subtitle, content.x_title, content.y_title, content.second_title]
        texts += [content.source, *content.categories, *(s.name for s in content.series)]
        for form in (content.format, content.x_format, content.second_format):
            texts += [form.prefix, form.suffix, form.decimal, form.thousands, form.minus]
            texts += [unit for _, unit in form.units]
        needed = frozenset(ord(c) for t in texts if t for c in t if c != "\n") | frozenset(
            map(ord, "0123456789,.")
        )
        families = _families_for(needed)
        if not families:
            raise Undrawable(f"no font has all of: {''.join(map(chr, sorted(needed)))}")
        family = rng.choices(families, [_usual(f) for f in families])[0]
        bold = any(str(face.weight) in {"700", "bold"} for face in faces(family) if face.name == family)
        mpl.rcParams.update(
            {
                "font.family": [family],
                "font.size": size,
                "text.parse_math": False,
                "axes.unicode_minus": self.chance(0.8),
                "axes.titlesize": even(size * rng.uniform(1.05, 1.7)),
                "axes.titleweight": rng.choice(("normal", "normal", "bold")) if bold else "normal",
                "axes.labelsize": even(size * rng.uniform(0.9, 1.2)),
                "axes.labelweight": "bold" if bold and self.chance(0.25) else "normal",
                "xtick.labelsize": even(size * rng.uniform(0.85, 1.05)),
                "ytick.labelsize": even(size * rng.uniform(0.85, 1.05)),
                "legend.fontsize": even(size * rng.uniform(0.85, 1.05)),
                "legend.title_fontsize": size,
                "patch.linewidth": rng.choice((0.0, 0.0, 0.5, 1.0, 1.5)),
                "patch.force_edgecolor": self.chance(0.35),
                "patch.edgecolor": rng.choice(("black", "white", "0.3")),
                "lines.linewidth": rng.triangular(0.7, 4.0, 1.6) * 72 / 100 * min(size / 8, 1.6),
                "lines.markersize": rng.triangular(2.5, 9.0, 4.5) * min(size / 9, 1.5),
                "legend.frameon": self.chance(0.6),
                "legend.fancybox": self.chance(0.6),
                "legend.shadow": self.chance(0.08),
                "legend.framealpha": rng.choice((0.3, 0.8, 0.8, 1.0)),
                "legend.handlelength": rng.uniform(0.8, 2.6),
                "legend.labelspacing": rng.uniform(0.25, 0.8),
                "legend.handletextpad": rng.uniform(0.3, 0.9),
                "hatch.linewidth": rng.uniform(0.4, 1.2),
            }
        )
        if self.chance(0.25):
            self._choose_ground()
        if self.chance(0.35):
            for side in ("xtick", "ytick"):
                mpl.rcParams[f"{side}.major.size"] = rng.choice((0.0, 2.0, 3.5, 6.0))
                mpl.rcParams[f"{side}.direction"] = rng.choice(("in", "out", "out", "inout"))
                mpl.rcParams[f"{side}.major.pad"] = rng.uniform(1.5, 8.0)
        if self.chance(0.3):
            mpl.rcParams["axes.linewidth"] = rng.uniform(0.4, 2.0)
            mpl.rcParams["axes.edgecolor"] = rng.choice(("black", "0.3", "0.6", "0.8"))
        mpl.rcParams["axes.axisbelow"] = rng.choice((True, True, "line", False))

    def _choose_ground(self) -> None:
        """Grounds and inks of our own in place of the sheet's."""
        hue, dark = self.rng.random(), self.chance(0.25)
        light = self.rng.uniform(0.05, 0.25) if dark else self.rng.uniform(0.9, 1.0)
        ground = colorsys.hls_to_rgb(hue, light, self.rng.uniform(0.0, 0.6))
        plot = ground if self.chance(0.6) else colorsys.hls_to_rgb(hue, min(light + 0.05, 1.0), 0.2)
        ink = ("white", "0.9", "0.8") if dark else ("black", "0.15", "0.35", "#1a2a4a")
        color = self.rng.choice(ink)
        mpl.rcParams.update(
            {"figure.facecolor": ground, "axes.facecolor": plot, "legend.facecolor": "inherit"}
        )
        for name in ("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color"):
            mpl.rcParams[name] = color
        mpl.rcParams["axes.edgecolor"] = color

    def _choose_colors(self, count: int) -> list[Any]:
        rng = self.rng
        kind = rng.random()
        if kind < 0.3:
            colors = list(mpl.rcParams["axes.prop_cycle"].by_key()["color"])
        elif kind < 0.55:
            cycle: Any = mpl.colormaps[rng.choice(_CYCLES)]
            colors = list(cycle.colors)
        elif kind < 0.75:
            low, high = sorted((rng.uniform(0.1, 0.5), rng.uniform(0.6, 0.95)), reverse=self.chance(0.3))
            ramp = mpl.colormaps[rng.choice(_RAMPS)]
            colors = [ramp(v) for v in np.linspace(low, high, max(count, 2))]
        elif kind < 0.9 and seaborn is not None:
            colors = list(seaborn.color_palette(rng.choice(_SEABORN), max(count, 3)))
        else:
            first, light, rich = rng.random(), rng.uniform(0.3, 0.65), rng.uniform(0.3, 0.95)
            step = rng.choice((0.618, 1 / max(count, 2), 0.08))
            colors = [
                colorsys.hls_to_rgb((first + i * step) % 1.0, light, rich) for i in range(max(count, 3))
            ]
        if self.chance(0.15):
            rng.shuffle(colors)
        ground = mpl.colors.to_rgb(mpl.rcParams["axes.facecolor"])
        return [_visible(colors[i % len(colors)], ground) for i in range(max(count, 1))]

    def _choose_value_labels(self) -> str:
        content = self.content
        total = sum(len(s.values) for s in content.series)
        share = {"scatter": 0.0, "area": 0.08, "line": 0.3, "pie": 0.75, "donut": 0.75}.get(
            content.kind, 0.45
        )
        if total > 40 or not self.chance(share):
            return ""
        if content.stacked:
            return "center"
        if content.kind in ("line", "area", "combined") or self.pie:
            return "outside"
        return self.rng.choice(("outside", "outside", "outside", "inside", "center"))

    def _starts_at_zero(self) -> bool:
        if self.content.kind in ("line", "scatter"):
            return self.chance(0.35)
        if self.content.kind in ("stacked_bar", "area"):
            return True
        return self.chance(0.88)


def _visible(color: Any, ground: tuple[float, float, float]) -> tuple[float, ...]:
    """The colour, moved away from the ground's where it could hardly be seen on it."""
    rgb: tuple[float, ...] = mpl.colors.to_rgb(color)
    if max(abs(a - b) for a, b in zip(rgb, ground)) > 0.18:
        return rgb
    away = 0.0 if sum(ground) > 1.5 else 1.0
    return tuple(0.65 * c + 0.35 * away for c in rgb)


def even(points: float) -> float:
    """Font sizes in half points, as people set them; finding a font's file is cached by size, too."""
    return round(points * 2) / 2
