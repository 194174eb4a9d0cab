"""Tesseract as a second engine, for scripts that PP-OCR was not taught; used where the `tesseract` program is installed.

Only the program is called, with a time limit, and only for a page of which PP-OCR made nothing: it tells the page's script
(its "orientation and script detection"), then reads it in the languages of that script that are installed.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import calibration
from docvlm.boxes import Box, union
from docvlm.directions import is_right_to_left
from docvlm.ocr import latin_words
from docvlm.ocr.deskew import Image
from docvlm.scripts import script_of
from docvlm.spans import Line, Span

LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "Arabic": ("ara", "fas", "urd"),
    "Armenian": ("hye",),
    "Bengali": ("ben", "asm"),
    "Cyrillic": ("rus", "ukr", "bul", "srp", "bel", "mkd", "kaz"),
    "Devanagari": ("hin", "mar", "nep", "san"),
    "Ethiopic": ("amh", "tir"),
    "Georgian": ("kat",),
    "Greek": ("ell",),
    "Gujarati": ("guj",),
    "Gurmukhi": ("pan",),
    "Hangul": ("kor",),
    "Hebrew": ("heb", "yid"),
    "Kannada": ("kan",),
    "Khmer": ("khm",),
    "Korean": ("kor",),
    "Lao": ("lao",),
    "Malayalam": ("mal",),
    "Myanmar": ("mya",),
    "Sinhala": ("sin",),
    "Tamil": ("tam",),
    "Telugu": ("tel",),
    "Thai": ("tha",),
}
"""Tesseract's languages by the script that it tells, those with most readers first."""

_SCRIPTS_OF: Final = {names[0]: script for script, names in reversed(LANGUAGES.items())}
"""Each script once, by its main language."""
_USUALLY_BELIEVED = 0.6  # Tesseract's own mean score; in a wrong language it is below
_BELIEVED: Final = {"Thai": 0.8}
"""Its Thai network takes letters of every script for some of its own, and is sure of them up to 0.72; of Thai, 0.89."""
_SAMPLE, _LEADING = (
    60.0,
    20.0,
)  # points of a page's height that are tried: some lines, and one that is not cut
_BLUR, _BELOW = 4.0, 20  # points around and levels below their mean, from which a pixel is ink

_MOST_LANGUAGES = 3  # at once; each makes reading slower
_SECONDS = 60.0  # for one page
_SEGMENTATION = (
    "4"  # lines of any size, one below the other; with its own columns ("3") it loses parts of Korean lines
)
_READING_SCALE = 300 / 72  # pixels per point; its networks were taught at 300 dpi
# Its Greek network writes mu as the sign for micro; signs of direction are for who shows a text.
_LETTERS: Final = {0xB5: "\u03bc"} | dict.fromkeys(
    (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_WORD = "5"  # the level of words in its table
_CELL_GAP = 1.6  # line heights; wider gaps part cells, as in PP-OCR's lines
# Scripts that write no spaces, and Hangul, whose syllables Tesseract tells one by one.
_UNSPACED = {"HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "CJK", "HIRAGANA", "KATAKANA"}
_SPACE = 0.3  # line heights between words of these
_ENVIRONMENT = {"OMP_THREAD_LIMIT": "1"}  # every process of ours has one core


class Orientation(NamedTuple):
    """What Tesseract tells of a page: its script, and by how many degrees it is to be turned clockwise."""

    script: str
    turn: int


class Read(NamedTuple):
    """What was read, and how sure Tesseract says it is, 0 to 1: in a wrong language it is not."""

    lines: list[Line]
    sureness: float


FEATURES: Final = ("doubt", "least", "length")
FITTED: Final = frozenset(
    {"Arabic", "Cyrillic", "Devanagari", "Georgian", "Greek", "Hangul", "Hebrew", "Korean", "Tamil"}
)
"""The scripts on which `CALIBRATION` was fitted and measured; of lines in others it says nothing."""
CALIBRATION: Final = Path(__file__).with_name("tesseract_calibration.json")


@cache
def _fitted() -> calibration.Calibration:
    return calibration.load(CALIBRATION, FEATURES)


def features_of(words: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of the rows of Tesseract's table for one line: log of the expected number of wrong letters, log odds of the least sure
    word, log of the number of letters.
    """
    sure = [(float(word["conf"]) / 100, len(word["text"].strip())) for word in words]
    least = min(max(min(share for share, _ in sure), 1e-3), 1 - 1e-3)
    return {
        "doubt": math.log(sum((1 - share) * length for share, length in sure) + 0.01),
        "least": math.log(least / (1 - least)),
        "length": math.log(sum(length for _, length in sure)),
    }


def _mean(words: Iterable[Mapping[str, Any]]) -> float:
    sure = [(float(word["conf"]) / 100, len(word["text"].strip())) for word in words]
    total = sum(length for _, length in sure)
    return sum(share * length for share, length in sure) / total if total else 0.0


@cache
def languages() -> tuple[str, ...]:
    """The languages that are installed; none where Tesseract is not."""
    if shutil.which("tesseract") is None:
        return ()
    listed = _run(["--list-langs"]) or ""
    return tuple(name for name in listed.split()[1:] if re.fullmatch(r"[a-z]{3}(_[a-z]+)?|osd", name))


def orientation(image: Image) -> Orientation | None:
    """The script of a page (H, W, 3) RGB and which way up it is; ``None`` where Tesseract cannot say."""
    if "osd" not in languages():
        return None
    said = _run(["-", "-", "--psm", "0"], image) or ""
    found = dict(re.findall(r"^(Script|Rotate): (.+)$", said, re.M))
    return Orientation(found["Script"], int(found.get("Rotate", 0)) % 360) if "Script" in found else None


def believes(script: str, sureness: float) -> bool:
    """Whether Tesseract is so sure of what it read as this script that it is of it."""
    return sureness > _BELIEVED.get(script, _USUALLY_BELIEVED)


def tried(image: Image, scale: float) -> str | None:
    """The script of an upright page (H, W, 3) RGB of ``scale`` pixels per point, by trial: of all whose languages are
    installed, the one in which Tesseract is surest of some lines of it; ``None`` where it is sure in none.

    Its networks tell scripts far better than its script detection does, and take far longer.
    """
    strip = _sample(image, scale)
    best, sureness = None, 0.0
    for script in dict.fromkeys(_SCRIPTS_OF.values()):
        names = languages_of(script)[:1]
        read = read_lines(strip, scale, names).sureness if names else 0.0
        if believes(script, read) and read > sureness:
            best, sureness = script, read
    return best


def _sample(image: Image, scale: float) -> Image:
    """Some lines of a page: the band of rows with most edges of ink, cut where there is least."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    ink = (grey < cv2.GaussianBlur(grey, (0, 0), _BLUR * scale) - _BELOW).astype(np.int32)
    edges = np.abs(np.diff(ink, axis=1)).sum(1)
    high = min(round(_SAMPLE * scale), len(edges))
    sums = np.convolve(edges, np.ones(high, np.int64), "valid")
    top = int(sums.argmax())
    reach = round(_LEADING * scale)
    start = _emptiest(edges, top - reach, top)
    end = _emptiest(edges, top + high, top + high + reach)
    return image[start : max(end, start + 1)]


def _emptiest(edges: NDArray[np.int64], low: int, high: int) -> int:
    low, high = max(low, 0), min(high, len(edges))
    return low + int(edges[low:high].argmin()) if low < high else min(max(low, 0), len(edges))


def languages_of(script: str) -> list[str]:
    """The installed languages that read a script."""
    return [name for name in LANGUAGES.get(script, ()) if name in languages()][:_MOST_LANGUAGES]


def package_of(script: str) -> str:
    """Debian's package with the main language of a script."""
    return f"tesseract-ocr-{LANGUAGES[script][0]}"


def read_lines(image: Image, scale: float, names: Iterable[str]) -> Read:
    """The lines of an upright page (H, W, 3) RGB of ``scale`` pixels per point, in points; none where it fails.

    A span's score is the calibrated probability that all of it is right; ``sureness`` is Tesseract's own mean.
    """
    finer = _READING_SCALE / scale
    if finer > 1.0:
        image, scale = (
            cv2.resize(image, None, fx=finer, fy=finer, interpolation=cv2.INTER_CUBIC),
            scale * finer,
        )
    rows = words_of(image, names)
    mended = [latin_words.reread(words, image, _is_from_right(words)) for words in rows]
    return Read(
        [line for words in mended for line in _lines(words, scale)],
        _mean(word for words in rows for word in words),
    )


def _is_from_right(words: Iterable[Mapping[str, Any]]) -> bool:
    return is_right_to_left(word["text"] for word in words)


def words_of(image: Image, names: Iterable[str]) -> list[list[dict[str, Any]]]:
    """The words of each line of a page (H, W, 3) RGB, as rows of Tesseract's table; none where it fails."""
    joined = "+".join(names)
    table = (joined and _run(["-", "-", "-l", joined, "--psm", _SEGMENTATION, "tsv"], image)) or ""
    rows: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        row["text"] = (row["text"] or "").translate(_LETTERS)
        if row["level"] == _WORD and row["text"].strip():
            rows[row["block_num"], row["par_num"], row["line_num"]].append(row)
    return [*rows.values()]


def _lines(words: list[dict[str, Any]], scale: float) -> Iterator[Line]:
    """The cells of one line of words, in the order in which they are read."""
    cells: list[list[dict[str, Any]]] = []
    height = max(int(word["height"]) for word in words) / scale
    for word in words:
        gap = _apart(_box(cells[-1][-1], scale), _box(word, scale)) if cells else 0.0
        if not cells or gap > _CELL_GAP * height:
            cells.append([])
        cells[-1].append(word)
    for cell in cells:
        box = union([_box(word, scale) for word in cell])
        score = round(_fitted().probability(features_of(cell)), 4)
        text = "".join(_joined(word, before, scale) for before, word in zip([None, *cell], cell))
        span = Span(text, box, round(box[3] - box[1], 1), baseline=box[3], score=score)
        yield Line(box, [span])


def _joined(word: dict[str, Any], before: dict[str, Any] | None, scale: float) -> str:
    """A word with the space before it, if there is one."""
    text: str = word["text"].strip()
    if before is None:
        return text
    box = _box(word, scale)
    unspaced = {script_of(text[0]), script_of(before["text"].strip()[-1])} <= _UNSPACED
    near = _apart(_box(before, scale), box) < _SPACE * (box[3] - box[1])
    return text if unspaced and near else f" {text}"


def _apart(one: Box, other: Box) -> float:
    return max(one[0], other[0]) - min(one[2], other[2])


def _box(word: dict[str, Any], scale: float) -> Box:
    left, top = int(word["left"]) / scale, int(word["top"]) / scale
    return left, top, left + int(word["width"]) / scale, top + int(word["height"]) / scale


def _run(words: list[str], image: Image | None = None) -> str | None:
    """What Tesseract prints; ``None`` where it fails or takes too long."""
    given = cv2.imencode(".png", image[:, :, ::-1])[1].tobytes() if image is not None else None
    try:
        done = subprocess.run(
            ["tesseract", *words],
            input=given,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            env=os.environ | _ENVIRONMENT,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
