"""How a painted chart looks: sizes, colours, furniture, drawn at random around six ways of making charts."""

from __future__ import annotations

import colorsys
import math
import random
from dataclasses import dataclass

from ..sample import Content
from .canvas import HATCHES, MARKERS, Colour, mixed
from .fonts import Family, FontBook
from .looks import vary_marks


def _hex(text: str) -> tuple[Colour, ...]:
    return tuple((int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in text.split())


PALETTES: dict[str, tuple[tuple[Colour, ...], ...]] = {
    "spreadsheet": (
        _hex("4472c4 ed7d31 a5a5a5 ffc000 5b9bd5 70ad47 264478 9e480e"),
        _hex("4f81bd c0504d 9bbb59 8064a2 4bacc6 f79646 2c4d75 772c2a"),
        _hex("004586 ff420e ffd320 579d1c 7e0021 83caff 314004 aecf00"),
        _hex("4285f4 ea4335 fbbc04 34a853 ff6d01 46bdc6 7baaf7 f07b72"),
        _hex("156082 e97132 196b24 0f9ed5 a02b93 4ea72e 0b3041 7f340d"),
        _hex("9999ff 993366 ffffcc ccffff 660066 ff8080 0066cc ccccff"),
    ),
    "slides": (
        _hex("1f4e79 2e75b6 9dc3e6 ffc000 c55a11 548235 7030a0 7f7f7f"),
        _hex("264653 2a9d8f e9c46a f4a261 e76f51 8ab17d 577590 6d597a"),
        _hex("003f5c 58508d bc5090 ff6361 ffa600 7a5195 2f4b7c a05195"),
        _hex("0b6e4f 08a045 6bbf59 ddb771 c1292e 235789 161925 f1d302"),
        _hex("5e35b1 00897b fdd835 e53935 3949ab 7cb342 fb8c00 8e24aa"),
    ),
    "dashboard": (
        _hex("3366cc dc3912 ff9900 109618 990099 0099c6 dd4477 66aa00"),
        _hex("5470c6 91cc75 fac858 ee6666 73c0de 3ba272 fc8452 9a60b4"),
        _hex("7cb5ec 434348 90ed7d f7a35c 8085e9 f15c80 e4d354 2b908f"),
        _hex("ff6384 36a2eb ffce56 4bc0c0 9966ff ff9f40 c9cbcf 8d99ae"),
        _hex("008ffb 00e396 feb019 ff4560 775dd0 3f51b5 03a9f4 4caf50"),
        _hex("6366f1 22d3ee f472b6 facc15 34d399 fb923c a78bfa 94a3b8"),
        _hex("4e79a7 f28e2b e15759 76b7b2 59a14f edc948 b07aa1 ff9da7"),
    ),
    "news": (
        _hex("e3120b 006ba2 3ebcd2 379a8b ebb434 b4ba39 9a607f d1b07c"),
        _hex("0f5499 990f3d ff7faa 00a0dd 593380 96cc28 f8a45e 33302e"),
        _hex("052962 ff7f0f c70000 0084c6 bb3b80 22874d 6b5840 a1845c"),
        _hex("1a476f 90353b 55752f e37e00 6e8e84 c10534 938dd2 cac27e"),
        _hex("15607a ffc04c 1d81a2 c71e1d fa8c00 09bb9f 18a1cd 4c6a92"),
    ),
    "science": (
        _hex("1f77b4 ff7f0e 2ca02c d62728 9467bd 8c564b e377c2 7f7f7f"),
        _hex("0072bd d95319 edb120 7e2f8e 77ac30 4dbeee a2142f 000000"),
        _hex("f8766d 7cae00 00bfc4 c77cff b79f00 00ba38 619cff f564e3"),
        _hex("e69f00 56b4e9 009e73 f0e442 0072b2 d55e00 cc79a7 000000"),
        _hex("e41a1c 377eb8 4daf4a 984ea3 ff7f00 a65628 f781bf 999999"),
        _hex("66c2a5 fc8d62 8da0cb e78ac3 a6d854 ffd92f e5c494 b3b3b3"),
        _hex("0000ff ff0000 008000 000000 00bfbf bf00bf bfbf00 808080"),
        _hex("440154 414487 2a788e 22a884 7ad151 fde725 35b779 31688e"),
    ),
    "print": (
        _hex("000000 7f7f7f bfbfbf 4d4d4d e0e0e0 262626 999999 d0d0d0"),
        _hex("333333 aaaaaa 666666 dddddd 111111 888888 cccccc 555555"),
        _hex("ffffff 999999 555555 dddddd 222222 bbbbbb 777777 eeeeee"),
    ),
}
PRESETS = ("spreadsheet", "slides", "dashboard", "news", "science", "print")
_PRESET_WEIGHTS = (0.25, 0.15, 0.22, 0.13, 0.19, 0.06)


@dataclass(slots=True)
class Style:
    """One chart's looks; lengths in pixels."""

    preset: str
    width: int
    height: int
    family: Family
    chinese: Family | None
    size: int  # of tick labels
    title_size: int
    colours: tuple[Colour, ...]
    ink: Colour = (60, 60, 60)
    faint: Colour = (120, 120, 120)  # second-rank text
    background: Colour = (255, 255, 255)
    plot_colour: Colour | None = None
    border: Colour | None = None
    axis_colour: Colour = (90, 90, 90)
    axis_width: float = 1.0
    category_line: bool = True
    value_line: bool = False
    frame: bool = False
    ticks: str = "none"  # none, out, in
    grid: str = "value"  # none, value, category, both
    grid_colour: Colour = (217, 217, 217)
    grid_width: float = 1.0
    grid_dash: tuple[float, float] | None = None
    title_align: str = "centre"  # left, centre, right
    title_bold: bool = False
    title_place: str = "top"  # top, bottom, inside
    subtitle: bool = True
    source: bool = True
    tag: bool = False
    logo: bool = False
    note: bool = False
    legend: str = "top"  # top, bottom, right, left, inside, direct
    legend_frame: bool = False
    legend_align: str = "centre"
    y_title_place: str = "rotated"  # rotated, top, none
    axis_side: str = "left"  # of values: left, right; for horizontal bars bottom, top are drawn for these
    value_axis: bool = True
    values_above_grid: bool = False  # tick labels on the grid lines, inside the plot
    labels: str | None = None  # values: outside, inside, centre, base, above
    label_bold: bool = False
    label_colour: str = "ink"  # ink, series, contrast
    label_size: int = 10
    label_fit: bool = False  # made smaller until they fit
    label_turned: bool = False
    label_strong: int | None = None  # the series whose values are printed bold
    zero: bool = True
    broken: bool = False
    tick_count: int = 6
    headroom: float = 0.0
    bar_share: float = 0.6
    bar_overlap: float = 0.0  # of a bar's width; negative leaves gaps
    bar_round: float = 0.0
    bar_effect: str = "flat"  # flat, gradient, bevel, depth, shadow, glossy
    bar_edge: Colour | None = None
    bar_edge_own: bool = False  # outlined in their own colours
    bar_edge_width: float = 1.0
    bar_snap: bool = False
    bar_alpha: float = 1.0
    hatches: tuple[str | None, ...] = ()
    hatch_pen: str = "contrast"  # contrast, white, own: a darker shade of the bar's colour
    hatch_period: int = 0  # pixels; 0: by the size of the text
    colouring: str = "one"  # one, each, highlight: bars of a single series
    line_width: float = 2.0
    dashes: tuple[tuple[float, ...] | None, ...] = (None,)
    markers: tuple[str | None, ...] = (None,)
    marker_size: float = 6.0
    marker_open: bool = False
    smooth: bool = False
    steps: str | None = None  # middle, after: see `courses.stepped`
    rough: float = 0.0  # of dense curves, shares of the plot's height
    vertices: int = 30  # of dense curves, from place to place
    faint_raw: bool = False  # the dense curve faintly behind a smooth one
    past_ends: bool = False  # dense curves begin before the first place and end behind the last one
    error_cap: float = 5.0  # half a cap at most, pixels
    error_width: float = 1.0
    error_colour: str = "ink"  # ink, black, own
    error_upper: bool = False  # no lower half
    band: bool = False  # lines' errors as shaded bands
    axes_coloured: bool = False  # numbers of two value axes in the colours of their series
    area_alpha: float = 1.0
    area_edge: Colour | None = None
    fade: bool = False
    edge_to_edge: bool = False  # lines and areas begin at the plot's sides
    first_on_top: bool = True
    category_angle: int | None = None  # None: as space allows
    category_place: str = "beside"  # beside, above: over each horizontal bar
    category_bold: bool = False
    pie_labels: str = "outside"  # outside, inside, legend
    pie_start: float = 0.0
    pie_clockwise: bool = True
    pie_gap: float = 0.0
    pie_leader: bool = True
    hole: float = 0.55
    dark: bool = False


def sample_style(content: Content, rng: random.Random, book: FontBook) -> Style:
    preset = rng.choices(PRESETS, _PRESET_WEIGHTS)[0]
    width, height = _size(rng, content)
    size = max(8, min(round((width * height) ** 0.5 / rng.uniform(32, 58)), 22))
    family = _family(rng, book, preset)
    style = Style(
        preset=preset,
        width=width,
        height=height,
        family=family,
        chinese=rng.choice(book.chinese) if book.chinese else None,
        size=size,
        title_size=max(size, round(size * rng.choice((1.0, 1.2, 1.35, 1.5, 1.75)))),
        colours=_palette(rng, preset),
    )
    _FURNITURE[preset](style, rng)
    _vary(style, content, rng)
    vary_marks(style, content, rng)
    _tell_apart(style, content)
    return style


def _tell_apart(style: Style, content: Content) -> None:
    """Series must look different: by colour, unless markers, dashes or hatches do it."""
    count = len(content.categories) if content.is_pie else len(content.series)
    lines = content.kind == "line"
    signs: tuple[tuple[object, ...], ...] = (style.hatches,)
    if lines or content.kind == "scatter":
        signs = (style.markers, style.dashes) if lines else (style.markers,)
    if content.kind != "area" and any(len(set(sign[:count])) == count for sign in signs):
        return
    kept: list[Colour] = []
    for colour in style.colours:
        for _ in range(8):
            if all(math.dist(colour, k) >= 40 for k in kept):
                break
            # Lighter or darker until it differs, whichever way is longer.
            colour = mixed(colour, (255, 255, 255) if sum(colour) < 382 else (0, 0, 0), 0.25)
        kept.append(colour)
    style.colours = tuple(kept)


def _size(rng: random.Random, content: Content) -> tuple[int, int]:
    """300 to 1200 pixels, mostly around 560 x 380; between 1:2 and 2:1."""
    ratio = rng.choice((1.33, 1.5, 1.6, 1.78, 1.2, 1.0, 2.0, rng.uniform(0.6, 2.0)))
    if content.horizontal and len(content.categories) > 10:
        ratio = min(ratio, rng.uniform(0.6, 1.2))
    if content.is_pie:
        ratio = min(ratio, 1.7)
    area = (rng.choice((400, 460, 460, 500, 560)) if rng.random() < 0.8 else rng.uniform(330, 900)) ** 2
    if content.kind == "grouped_bar" and content.shape[0] * content.shape[1] > 30 and rng.random() < 0.7:
        # Crowded groups are given room, most of it along the categories.
        ratio = min(ratio, 0.8) if content.horizontal else max(ratio, rng.uniform(1.4, 2.0))
        area = rng.uniform(560, 850) ** 2
    width = round((area * ratio) ** 0.5)
    width = min(max(width, 300), 1200)
    height = min(max(round(width / ratio), 240), 1200, 2 * width)
    return width, max(height, width // 2)


def _family(rng: random.Random, book: FontBook, preset: str) -> Family:
    serif = 0.25 if preset in ("science", "print") else 0.12 if preset == "news" else 0.05
    pool = book.latin
    if rng.random() < 0.03:
        pool = [f for f in pool if f.is_mono] or book.latin
    elif rng.random() < serif:
        pool = [f for f in pool if f.is_serif] or book.latin
    else:
        pool = [f for f in [*pool, *book.chinese[:1]] if not f.is_serif and not f.is_mono] or book.latin
    return rng.choices(pool, [_usual(f.name) for f in pool])[0]


def _usual(name: str) -> float:
    """How often a family is met in charts: most are set in Helvetica's relatives."""
    if name in ("Liberation Sans", "Arial", "Helvetica", "DejaVu Sans", "Roboto", "Open Sans"):
        return 4.0
    return 0.4 if any(w in name for w in ("Narrow", "Cond", "Latin Modern", "Light")) else 1.0


def _palette(rng: random.Random, preset: str) -> tuple[Colour, ...]:
    draw = rng.random()
    if preset == "print":
        return rng.choice(PALETTES["print"])
    if draw < 0.13:
        # Shades of one colour, light to dark or the other way.
        hue, saturation = rng.random(), rng.uniform(0.35, 0.95)
        count = rng.choice((4, 5, 6, 8))
        shades = [
            _rgb(hue, saturation * (1 - 0.5 * i / count), 0.28 + 0.62 * i / count) for i in range(count)
        ]
        return tuple(reversed(shades) if rng.random() < 0.3 else shades)
    if draw < 0.18:
        # Hardly different from each other.
        hue = rng.random()
        return tuple(
            _rgb((hue + rng.gauss(0, 0.03)) % 1.0, rng.uniform(0.5, 0.75), rng.uniform(0.5, 0.85))
            for _ in range(6)
        )
    if draw < 0.3:
        hues = [(rng.random() + 0.382 * i) % 1.0 for i in range(8)]
        return tuple(_rgb(h, rng.uniform(0.3, 1.0), rng.uniform(0.4, 0.95)) for h in hues)
    colours = list(rng.choice(PALETTES[preset if draw < 0.75 else rng.choice(PRESETS[:5])]))
    if rng.random() < 0.2:
        rng.shuffle(colours)
    return tuple(colours)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    r, g, b = colorsys.hsv_to_rgb(hue, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(r * 255), round(g * 255), round(b * 255)


# What each way of making charts usually looks like


def _spreadsheet(s: Style, rng: random.Random) -> None:
    grey = rng.choice((89, 64, 0, 100))
    s.ink = s.faint = (grey, grey, grey)
    s.border = rng.choice(((217, 217, 217), (134, 134, 134), (0, 0, 0), None, None))
    s.grid = rng.choice(("value", "value", "value", "none", "both"))
    s.grid_colour = rng.choice(((217, 217, 217), (134, 134, 134), (179, 179, 179), (0, 0, 0)))
    s.axis_colour = rng.choice(((217, 217, 217), (134, 134, 134), (0, 0, 0)))
    s.value_line = rng.random() < 0.4
    s.ticks = rng.choice(("none", "out", "out"))
    s.legend = rng.choice(("bottom", "right", "right", "top"))
    s.title_bold = rng.random() < 0.4
    s.bar_share = rng.choice((0.31, 0.4, 0.45, 0.55, 0.67))
    s.bar_overlap = rng.choice((0.0, 0.0, -0.12, 0.25))
    s.bar_effect = rng.choices(
        ("flat", "gradient", "bevel", "depth", "glossy", "shadow"), (6, 1, 1, 1, 0.5, 0.7)
    )[0]
    s.markers = rng.choice(((None,), ("diamond", "square", "up", "cross", "circle"), ("circle",)))
    if rng.random() < 0.12:
        s.plot_colour = (192, 192, 192)
        s.frame = True
    s.first_on_top = rng.random() < 0.5


def _slides(s: Style, rng: random.Random) -> None:
    s.ink = rng.choice(((64, 64, 64), (38, 50, 56), (20, 20, 60)))
    s.faint = (110, 110, 110)
    s.grid = rng.choice(("none", "none", "value"))
    s.value_axis = rng.random() < 0.45
    s.labels = "outside"
    s.label_bold = rng.random() < 0.4
    s.title_bold = rng.random() < 0.6
    s.title_align = rng.choice(("left", "centre"))
    s.legend = rng.choice(("top", "bottom", "right", "direct"))
    s.bar_share = rng.uniform(0.5, 0.8)
    s.bar_effect = rng.choices(("flat", "gradient", "shadow", "depth"), (6, 1, 1, 1))[0]
    s.line_width = rng.uniform(2.0, 4.0)
    s.markers = rng.choice(((None,), ("circle",)))
    s.size = round(s.size * rng.uniform(1.0, 1.25))
    s.background = rng.choice(((255, 255, 255), (255, 255, 255), (248, 248, 248), (240, 244, 248)))


def _dashboard(s: Style, rng: random.Random) -> None:
    s.ink = rng.choice(((51, 51, 51), (102, 102, 102), (55, 65, 81)))
    s.faint = rng.choice(((120, 120, 120), (148, 163, 184), (102, 102, 102)))
    s.grid = rng.choice(("value", "value", "none", "both"))
    s.grid_colour = rng.choice(((230, 230, 230), (224, 230, 241), (204, 204, 204), (238, 238, 238)))
    s.grid_dash = rng.choice((None, None, (3.0, 3.0), (1.0, 2.0)))
    s.axis_colour = rng.choice(((110, 112, 121), (204, 214, 235), (200, 200, 200)))
    s.category_line = rng.random() < 0.75
    s.ticks = rng.choice(("none", "none", "out"))
    s.legend = rng.choice(("top", "top", "bottom", "right"))
    s.legend_align = rng.choice(("centre", "left", "right"))
    s.title_align = rng.choice(("left", "centre"))
    s.title_bold = rng.random() < 0.5
    s.bar_share = rng.uniform(0.45, 0.9)
    s.bar_round = rng.choice((0.0, 0.0, 3.0, 6.0, 30.0))
    s.bar_effect = rng.choices(("flat", "gradient"), (8, 1))[0]
    s.bar_alpha = rng.choice((1.0, 1.0, 0.8, 0.5))
    s.markers = rng.choice(((None,), ("circle",), ("circle", "diamond", "square", "up", "down")))
    s.marker_open = rng.random() < 0.4
    s.smooth = rng.random() < 0.3
    s.area_alpha = rng.choice((0.2, 0.4, 0.7, 1.0))
    s.fade = rng.random() < 0.25
    s.edge_to_edge = rng.random() < 0.5
    if rng.random() < 0.16:
        s.dark = True
        s.background = rng.choice(((16, 12, 42), (30, 30, 30), (33, 37, 41), (17, 24, 39)))
        s.ink, s.faint, s.axis_colour = (225, 225, 225), (170, 175, 185), (130, 135, 145)
        s.grid_colour = (62, 66, 76)


def _news(s: Style, rng: random.Random) -> None:
    s.ink = (25, 25, 25)
    s.faint = rng.choice(((95, 95, 95), (118, 118, 118), (51, 48, 46)))
    s.background = rng.choice(
        ((255, 255, 255), (255, 255, 255), (255, 241, 229), (213, 228, 235), (246, 246, 246), (233, 240, 229))
    )
    s.grid_colour = rng.choice(((200, 205, 210), (225, 214, 204), (255, 255, 255), (220, 220, 220)))
    if s.grid_colour == s.background:
        s.grid_colour = (190, 200, 205)
    s.title_align, s.title_bold = "left", rng.random() < 0.85
    s.tag = rng.random() < 0.4
    s.axis_side = rng.choice(("right", "right", "left"))
    s.values_above_grid = rng.random() < 0.3
    s.legend = rng.choice(("direct", "direct", "top", "top"))
    s.legend_align = "left"
    s.y_title_place = rng.choice(("top", "none"))
    s.axis_colour = (30, 30, 30)
    s.ticks = rng.choice(("none", "out"))
    s.bar_share = rng.uniform(0.6, 0.85)
    s.line_width = rng.uniform(1.8, 3.2)
    s.category_place = rng.choice(("beside", "above"))
    s.area_alpha = 1.0
    s.edge_to_edge = rng.random() < 0.6


def _science(s: Style, rng: random.Random) -> None:
    s.ink = s.faint = rng.choice(((0, 0, 0), (38, 38, 38), (77, 77, 77)))
    s.axis_colour = (0, 0, 0) if rng.random() < 0.7 else (38, 38, 38)
    s.frame = rng.random() < 0.6
    s.value_line = not s.frame
    s.ticks = rng.choice(("out", "in", "in", "out"))
    s.grid = rng.choice(("none", "none", "both", "value"))
    s.grid_colour = rng.choice(((222, 222, 222), (176, 176, 176), (200, 200, 200)))
    s.grid_dash = rng.choice((None, None, (2.0, 2.0), (5.0, 3.0), (1.0, 3.0)))
    s.legend = rng.choice(("inside", "inside", "right", "top", "bottom"))
    s.legend_frame = rng.random() < 0.6
    s.bar_share = rng.uniform(0.5, 0.85)
    s.bar_edge = rng.choice((None, (0, 0, 0)))
    s.markers = rng.choice(((None,), MARKERS[:5], MARKERS, ("circle",)))
    s.dashes = rng.choice(((None,), (None, (6.0, 3.0), (2.0, 2.0), (8.0, 3.0, 2.0, 3.0))))
    s.line_width = rng.uniform(1.0, 2.2)
    s.marker_open = rng.random() < 0.3
    s.subtitle = False
    s.source = rng.random() < 0.3
    s.area_alpha = rng.choice((0.3, 0.6, 1.0))
    if rng.random() < 0.25:
        # ggplot's gray panel with white lines.
        s.plot_colour, s.grid_colour, s.grid, s.frame = (235, 235, 235), (255, 255, 255), "both", False
        s.value_line = s.category_line = False
        s.ticks, s.grid_dash = "out", None
    if rng.random() < 0.3:
        s.hatches = _hatching(rng)


def _print(s: Style, rng: random.Random) -> None:
    s.ink = s.faint = s.axis_colour = (0, 0, 0)
    s.frame = rng.random() < 0.5
    s.value_line = True
    s.ticks = rng.choice(("out", "in", "none"))
    s.grid = rng.choice(("none", "value"))
    s.grid_colour = (190, 190, 190)
    s.grid_dash = rng.choice((None, (2.0, 2.0)))
    s.legend = rng.choice(("right", "bottom", "inside", "top"))
    s.legend_frame = rng.random() < 0.6
    s.bar_edge = (0, 0, 0)
    s.hatches = _hatching(rng) if rng.random() < 0.7 else ()
    s.markers = rng.choice(((None,), MARKERS))
    s.dashes = (None, (6.0, 3.0), (2.0, 2.0), (8.0, 3.0, 2.0, 3.0), (12.0, 4.0))
    s.line_width = rng.uniform(1.0, 2.0)


def _tint(rng: random.Random) -> Colour:
    return rng.randint(225, 255), rng.randint(225, 255), rng.randint(225, 255)


def _hatching(rng: random.Random) -> tuple[str | None, ...]:
    kinds: list[str | None] = [None, *HATCHES]
    rng.shuffle(kinds)
    return tuple(kinds)


_FURNITURE = {
    "spreadsheet": _spreadsheet,
    "slides": _slides,
    "dashboard": _dashboard,
    "news": _news,
    "science": _science,
    "print": _print,
}


def _vary(s: Style, content: Content, rng: random.Random) -> None:
    """Deviations that any of them may have."""
    rows = len(content.series)
    columns = len(content.categories)
    s.label_size = max(7, round(s.size * rng.choice((0.85, 0.95, 1.0, 1.1))))
    s.label_colour = rng.choice(("ink", "ink", "series", "contrast"))
    if rng.random() < 0.12:
        s.title_align = rng.choice(("left", "centre", "right"))
    if rng.random() < 0.05:
        s.title_place = rng.choice(("bottom", "inside"))
    if rng.random() < 0.1:
        s.grid = rng.choice(("none", "value", "category", "both"))
    if rng.random() < 0.1:
        s.grid_dash = (rng.uniform(1, 6), rng.uniform(2, 5))
    if rng.random() < 0.05:
        s.axis_side = "right"
    if rng.random() < 0.12:
        s.legend = rng.choice(("top", "bottom", "right", "left", "inside", "direct"))
    if rng.random() < 0.1:
        s.y_title_place = rng.choice(("top", "rotated"))
    if rng.random() < 0.06 and not s.dark:
        s.background = _tint(rng)
    if rng.random() < 0.06 and s.plot_colour is None and not s.dark:
        s.plot_colour = _tint(rng)
    if rng.random() < 0.05:
        s.frame = True
    s.logo = rng.random() < 0.06
    s.note = rng.random() < 0.06
    s.category_bold = rng.random() < 0.06
    draw = rng.random()
    if s.labels is None and draw < (0.45 if columns * rows <= 16 else 0.12):
        s.labels = "outside"
        if rng.random() < 0.2 and rows * columns <= 30:
            s.value_axis = False
    if s.labels == "outside" and content.kind in ("vertical_bar", "horizontal_bar", "grouped_bar"):
        s.labels = rng.choices(("outside", "inside", "centre", "base"), (0.75, 0.12, 0.08, 0.05))[0]
    s.tick_count = rng.choice((4, 5, 6, 6, 8, 10))
    s.headroom = rng.choice((0.0, 0.0, 0.08, 0.2))
    if content.kind in ("line", "scatter"):
        s.zero = rng.random() < 0.4
    elif content.kind in ("vertical_bar", "horizontal_bar", "grouped_bar") and rng.random() < 0.07:
        s.zero = False
        s.broken = rng.random() < 0.5
    if rows == 1 and content.kind in ("vertical_bar", "horizontal_bar"):
        s.colouring = rng.choices(("one", "each", "highlight"), (0.72, 0.14, 0.14))[0]
    if rng.random() < 0.08:
        s.bar_edge = (255, 255, 255) if not s.dark else s.background
    s.bar_snap = rng.random() < 0.4
    if content.kind == "line":
        if rows > 1 and rng.random() < 0.15:
            s.legend = "direct"
        if rng.random() < 0.25:
            s.line_width = rng.uniform(0.8, 1.4)
        if columns > 25 and rng.random() < 0.7:
            s.markers = (None,)
    s.marker_size = rng.uniform(4, 10) * (0.8 if columns > 20 else 1.0)
    if content.kind == "scatter":
        s.markers = rng.choice((("circle",), ("circle",), MARKERS, MARKERS[:4]))
        s.bar_alpha = 1.0
    if rng.random() < 0.15:
        s.category_angle = rng.choice((90, 45, 30, 60))
    s.pie_labels = rng.choices(("outside", "inside", "legend"), (0.4, 0.2, 0.4))[0]
    s.pie_start = rng.choice((0.0, 0.0, 0.0, 90.0, rng.uniform(0, 360)))
    s.pie_clockwise = rng.random() < 0.7
    s.pie_gap = rng.choice((0.0, 0.0, 1.0, 2.0, 3.0))
    s.pie_leader = rng.random() < 0.6
    s.hole = rng.uniform(0.35, 0.75)
