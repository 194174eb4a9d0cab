"""How a page looks: its size, margins, type and colours, and the style sheet that says so."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass
from functools import cache

# TrueType first: of other fonts the browser writes Type 3, which says neither weight nor slant.
_SERIF = ("Liberation Serif", "Tinos", "Caladea", "DejaVu Serif", "FreeSerif", "Noto Serif", "Noto Serif Display",
          "DejaVu Serif Condensed", "GFS Didot")  # fmt: skip
_SANS = ("Liberation Sans", "Arimo", "Carlito", "DejaVu Sans", "Open Sans", "Roboto", "Lato", "Noto Sans", "FreeSans",
         "Liberation Sans Narrow", "Roboto Condensed", "DejaVu Sans Condensed", "Noto Sans Display")  # fmt: skip
_OTHER = ("EB Garamond", "Linux Libertine O", "C059", "P052", "URW Bookman", "Nimbus Roman", "Nimbus Sans", "URW Gothic",
          "Latin Modern Roman", "Latin Modern Sans", "Linux Biolinum O", "Cantarell", "Bitstream Charter")  # fmt: skip
_MONO = ("Liberation Mono", "DejaVu Sans Mono", "Cousine", "FreeMono", "Noto Mono", "Noto Sans Mono")
_SIZES = {
    (595, 842): 46, (612, 792): 26, (420, 595): 5, (499, 709): 6, (612, 1008): 2, (842, 1191): 2, (432, 648): 5,
    (540, 720): 3, (482, 680): 3, (595, 780): 2,
}  # fmt: skip
_INKS = (0x000000,) * 6 + (0x222222, 0x333333, 0x231F20, 0x1A1A2E, 0x404040)
_ACCENTS = (0x1F4E79, 0xC00000, 0x2E7D32, 0x6A1B9A, 0xE65100, 0x00838F, 0x8B0000, 0x003366, 0x795548, 0xAD1457, 0x000000,
            0x2F5496, 0x365F91, 0x0563C1)  # fmt: skip


@cache
def _installed() -> frozenset[str]:
    return _listed(":")


def _listed(pattern: str) -> frozenset[str]:
    try:
        listed = subprocess.run(
            ["fc-list", pattern, "family"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return frozenset()
    return frozenset(name.strip() for line in listed.splitlines() for name in line.split(","))


@cache
def families(kind: str) -> tuple[str, ...]:
    """The installed families of a kind ("serif", "sans", "mono" or "other"); the generic one where there are none."""
    known = {"serif": _SERIF, "sans": _SANS, "mono": _MONO, "other": _OTHER}[kind]
    there = tuple(name for name in known if name in _installed())
    return there or ({"serif": "serif", "sans": "sans-serif", "mono": "monospace", "other": "serif"}[kind],)


@cache
def writing(language: str) -> frozenset[str]:
    """The installed families that have all letters of a language."""
    return _listed(f":lang={language}")


@dataclass(slots=True)
class Look:
    """All lengths in points. ``body``, ``head`` and ``mono`` are font families."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    size: float
    leading: float  # of the size
    body: str
    head: str
    mono: str
    ink: int
    accent: int
    indent: float  # of a paragraph's first line, ems
    gap: float  # between paragraphs, ems
    justify: bool
    css: str = ""

    @property
    def wide(self) -> float:
        return self.width - self.left - self.right

    @property
    def high(self) -> float:
        return self.height - self.top - self.bottom

    @property
    def pitch(self) -> float:
        """From one baseline to the next."""
        return self.size * self.leading

    def lines(self, share: float = 1.0) -> int:
        """How many lines of text fill this share of the page's height."""
        return max(1, int(self.high * share / self.pitch))

    def characters(self, width: float) -> int:
        """About how many characters a line of this width has."""
        return max(6, int(width / (self.size * 0.47)))


def sample(rng: random.Random, size: tuple[float, float] | None = None, small: bool = False) -> Look:
    """A look of chance. ``size`` is the page's, ``small`` asks for dense type."""
    width, height = size or rng.choices(list(_SIZES), list(_SIZES.values()))[0]
    body = rng.choice(families(rng.choices(("serif", "sans", "other"), (44, 48, 8))[0]))
    head = (
        body
        if rng.random() < 0.55
        else rng.choice(families(rng.choices(("serif", "sans", "other"), (25, 65, 10))[0]))
    )
    point = (
        rng.choice((7, 7.5, 8, 8, 8.5, 9, 9))
        if small
        else rng.choice((8.5, 9, 9.5, 10, 10, 10, 10.5, 11, 11, 12, 13))
    )
    across = min(width, height) / 595
    margin = rng.uniform(28, 95) * across
    gap, indent = rng.choice(
        ((0, 1.5), (0, 1), (0, 2.2), (0.5, 0), (0.8, 0), (1, 0), (0.3, 1.2), (0, 0), (0.6, -1.5))
    )
    look = Look(
        width, height, margin * rng.uniform(0.8, 1.2), margin * rng.uniform(0.8, 1.2),
        rng.uniform(48, 92) * across, rng.uniform(48, 92) * across, point, rng.choice((1.12, 1.2, 1.2, 1.25, 1.3, 1.4, 1.5, 1.65)),
        body, head, rng.choice(families("mono")), rng.choice(_INKS), rng.choice(_ACCENTS), indent, gap, rng.random() < 0.55,
    )  # fmt: skip
    look.css = _style(rng, look)
    return look


def _style(rng: random.Random, look: Look) -> str:
    return (
        f"font:{look.size}pt/{look.leading} '{look.body}';"
        f".p{{margin:0 0 {look.gap}em;text-indent:{max(look.indent, 0)}em;"
        f"text-align:{'justify' if look.justify else 'start'};{f'padding-inline-start:{-look.indent}em;text-indent:{look.indent}em' if look.indent < 0 else ''}}}"
        + "".join(_heading_style(rng, look, level) for level in (1, 2, 3))
        + _list_style(rng, look)
        + f".cap{{font-size:{rng.choice((0.8, 0.85, 0.9, 0.95, 1))}em;line-height:1.2;"
        f"font-style:{rng.choice(('normal', 'normal', 'italic'))};text-align:{rng.choice(('center', 'start', 'start', 'justify'))};"
        f"font-family:'{rng.choice((look.body, look.head))}';margin:{rng.choice((0.3, 0.6))}em 0}}"
        f".fig{{margin:{rng.choice((0.6, 1, 1.4))}em 0;break-inside:avoid;position:relative}}"
        f".fn{{font-size:{rng.choice((0.75, 0.8, 0.85))}em;line-height:{rng.choice((1.1, 1.2, 1.3))};margin:0 0 .15em}}"
        f".box{{margin:{rng.choice((0.8, 1.2))}em 0;padding:{rng.choice((0.5, 0.8, 1.2))}em;position:relative;break-inside:avoid}}"
        f".f{{margin:{rng.choice((0.4, 0.7, 1))}em 0;position:relative;break-inside:avoid}}"
        f".c{{font-family:'{look.mono}';font-size:{rng.choice((0.78, 0.85, 0.9, 1))}em;line-height:{rng.choice((1.1, 1.2, 1.3, 1.4))};"
        f"white-space:pre;overflow:hidden;margin:.7em 0;position:relative;break-inside:avoid}}"
    )


def _heading_style(rng: random.Random, look: Look, level: int) -> str:
    size = rng.choice(((1.3, 1.5, 1.8, 2.2), (1, 1.15, 1.25, 1.4), (1, 1, 1.08, 1.15))[level - 1])
    weight = rng.choice(("bold", "bold", "bold", "normal"))
    slant = "italic" if rng.random() < (0.4 if level == 3 or weight == "normal" else 0.08) else "normal"
    style = f"font:{slant} {weight} {size}em/{rng.choice((1.1, 1.2, 1.3))} '{look.head}';"
    style += f"margin:{rng.choice((0.6, 0.9, 1.2, 1.6))}em 0 {rng.choice((0.15, 0.3, 0.5, 0.8))}em;break-after:avoid;"
    style += f"text-align:{'center' if rng.random() < 0.2 else 'start'};"
    chance = rng.random()
    if chance < 0.1:
        style += (
            f"border-bottom:{rng.choice((0.5, 1, 2))}pt solid #{rng.choice((look.accent, 0x888888)):06x};"
        )
    elif chance < 0.16:
        style += f"background:#{rng.choice((0xDDDDDD, 0xE8EEF7, 0xFFF2CC)):06x};padding:.15em .4em;"
    elif chance < 0.2:
        style += f"border-inline-start:4pt solid #{look.accent:06x};padding-inline-start:.5em;"
    if rng.random() < 0.12:
        style += "text-transform:uppercase;"
    if rng.random() < 0.06:
        style += "letter-spacing:.08em;"
    return f".h{level}{{{style}}}"


def _list_style(rng: random.Random, look: Look) -> str:
    step = rng.choice((1, 1.2, 1.5, 2, 2.5, 3.2))
    before = rng.choice((0, 0, 1, 1.5))
    return (
        f".l{{margin:{rng.choice((0.2, 0.5, 0.8))}em 0;padding:0 0 0 0;margin-inline-start:{before}em}}"
        f".i{{padding-inline-start:{step}em;text-indent:-{step}em;margin:0 0 {rng.choice((0, 0, 0.2, 0.4, 0.7))}em}}"
        f".m{{display:inline-block;width:{step}em;text-indent:0}}"
    )
