"""OCR of a page image: PP-OCRv6's detector and recognizer, driven for one core per process.

RapidOCR's wheel carries the weights; nothing is ever downloaded. What this module adds: a detection size
chosen from the page's size in points, recognition of exact-width crops cut from the full resolution (on one
core a batch gains nothing and its padding costs), orientation and skew, cells from the gaps in the ink, font
sizes, bold type, and a calibrated score.

Frames: *pixels* of the page image, and *points* (pixels / scale), both with the origin at the top left.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import ink
from docvlm.boxes import Box, as_box, padded, sides
from docvlm.errors import ModelMissing
from docvlm.ocr import deskew
from docvlm.ocr.deskew import Image, Quads
from docvlm.ocr.gutters import parted_at_gutters
from docvlm.ocr.lines import Character, Reading, line_of, mark_bold
from docvlm.ocr.text_boxes import LEAST_MEAN, text_boxes
from docvlm.scripts import script_of
from docvlm.spans import Line

_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNIZER = "PP-OCRv6_rec_small.onnx"
# The scripts of the languages that the recognizer was taught. It lists Greek letters too, as formulas have them.
_TAUGHT = (
    "LATIN",
    "FULLWIDTH",
    "HALFWIDTH",
    "CJK",
    "IDEOGRAPHIC",
    "HIRAGANA",
    "KATAKANA",
    "KATAKANA-HIRAGANA",
)

# Detection at this many pixels per point (about 100 dpi) finds 6 pt text; finer costs time and finds no more.
DETECT_SCALE = 1.3
_DETECT_SIDES = (320, 2016)  # pixels of the longer side
_MOST_ENLARGED = 2.0  # small pictures get no sharper by more
# What is printed on a page where the detector sees no text, as it overlooks a lone word: sizes in points.
_LONE_HEIGHTS, _MOST_LONE = (5.0, 60.0), 12
_LONE_MARGIN = 2.0
_FEWEST_LETTERS = 2
_DETECT_STEP = 32  # pixels; the detector halves its picture five times
_CROP_HEIGHT = 48  # pixels, as the recognizer was trained
_CROP_WIDTHS = (16, 3200)
_SHRUNK = 1.3  # crops higher than this many times the network's are averaged, others interpolated
# A recognizer that reads the first lines at least this surely is reading them the right way up.
_SURE = 0.9
_PROBES, _FEWEST_PROBES = 8, 3  # lines that are read to see it, at most and at least
_PROBE_LENGTH = 25.0  # heights; of longer lines the rest says no more
_CHANCE = 0.5  # mean probability at which a reading says nothing
_NO_INK = 24.0  # levels between a crop's darkest and lightest pixels
_OUTLIERS = 0.5  # percent of a crop's pixels that are left out as noise


@dataclass(slots=True)
class OcrPage:
    """What OCR read on a page.

    ``lines`` are in points of ``upright``: the page turned clockwise by ``rotation`` and straightened by
    ``skew`` degrees (positive: lines fell to the right). ``upright`` is the input itself when neither was
    needed; ``skew`` is 0.0 then, also where the lines were not quite level. ``places`` are the boxes in which text was
    seen, ``by_tesseract`` says which engine read the lines, ``calibrated`` whether their
    scores are probabilities, ``unread`` why there are none.
    """

    lines: list[Line]
    rotation: int
    skew: float
    blank: bool
    upright: Image = field(repr=False)
    places: list[Box] = field(default_factory=list)
    by_tesseract: bool = False
    calibrated: bool = True
    unread: str = ""


class OcrEngine:
    """Detector and recognizer on ``threads`` threads, loaded on first use."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    @cached_property
    def _detector(self) -> Any:
        return _session(_DETECTOR, self.threads, arena=True)

    @cached_property
    def _recognizer(self) -> Any:
        return _session(_RECOGNIZER, self.threads)

    @cached_property
    def _alphabet(self) -> list[str]:
        """Characters by class number: 0 is CTC's blank, the last one the space."""
        stored = self._recognizer.get_modelmeta().custom_metadata_map["character"]
        return ["", *stored.splitlines(), " "]

    @cached_property
    def _letters(self) -> frozenset[str]:
        return frozenset(self._alphabet)

    def reads(self, letter: str) -> bool:
        """Whether the recognizer knows a letter and the script that it is of."""
        return letter in self._letters and script_of(letter) in _TAUGHT

    def read_page(self, image: Image, scale: float) -> OcrPage:
        """Reads a page image (H, W, 3) uint8 RGB of ``scale`` pixels per point."""
        if deskew.is_blank(image, scale):
            return OcrPage([], 0, 0.0, True, image)
        quads = self.detect(image, scale)
        if not len(quads):
            quads = self._lone_words(image, scale)
        if not len(quads):
            return OcrPage([], 0, 0.0, False, image)
        rotation = 90 if deskew.lies_sideways(quads) else 0
        image, quads = deskew.turn(image, quads, rotation)
        skew = deskew.skew_of(quads)
        if deskew.needs_deskew(skew):
            image, quads = deskew.straighten(image, quads, skew)
        else:
            skew = 0.0
        quads = parted_at_gutters(image, quads)
        readings, upside_down = self._read_probes(image, quads)
        if upside_down:
            image, quads = deskew.turn(image, quads, 180)
        lines = self._read_lines(image, quads, readings, scale)
        mark_bold(lines, image, scale)
        rotation = (rotation + 180) % 360 if upside_down else rotation
        places = [as_box(edge / scale for edge in _bounds(quad, image)) for quad in quads]
        return OcrPage(lines, rotation, skew, False, image, places)

    def detect(self, image: Image, scale: float, least_mean: float = LEAST_MEAN) -> Quads:
        """Text boxes as quads (N, 4, 2) float32 in the image's pixels, in no order; see `text_boxes`."""
        height, width = image.shape[:2]
        small = self._for_detection(image, scale)
        blob = cv2.dnn.blobFromImage(small, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)
        (probability,) = self._detector.run(None, {"x": blob})
        likely = probability[0, 0]
        quads = text_boxes(likely, least_mean) * np.array(
            [width / likely.shape[1], height / likely.shape[0]], np.float32
        )
        return np.asarray(quads.round().clip(0, (width - 1, height - 1)), np.float32)

    def _lone_words(self, image: Image, scale: float) -> Quads:
        """Quads as `detect` has them around the patches of a nearly empty page that the recognizer surely reads."""
        size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        _, patches = ink.uncovered(small, 1.0, [])
        low, high = _LONE_HEIGHTS
        likely = [padded(box, _LONE_MARGIN, _LONE_MARGIN) for box in patches if low <= sides(box)[1] <= high]
        quads = [
            np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32) * np.float32(scale)
            for x0, y0, x1, y1 in likely[:_MOST_LONE]
        ]
        return np.array([quad for quad in quads if self._is_word(crop_of(image, quad))], np.float32).reshape(
            -1, 4, 2
        )

    def _is_word(self, crop: Image) -> bool:
        read = self.recognize(crop)
        return sum(map(str.isalnum, read.text)) >= _FEWEST_LETTERS and read.mean > _SURE

    def _for_detection(self, image: Image, scale: float) -> Image:
        """The image at detection resolution, both sides multiples of 32 as the network requires."""
        height, width = image.shape[:2]
        low, high = _DETECT_SIDES
        target = min(max(max(height, width) * DETECT_SCALE / scale, low), high)
        factor = min(target / max(height, width), _MOST_ENLARGED)
        step = _DETECT_STEP
        size = (
            max(step, round(width * factor / step) * step),
            max(step, round(height * factor / step) * step),
        )
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)

    def recognize_lines(self, crops: list[Image]) -> list[tuple[str, float]]:
        """Text and mean probability of crops (h, w, 3) uint8 RGB that hold one upright line each."""
        readings = [self.recognize(crop) for crop in crops]
        return [(reading.text, reading.mean) for reading in readings]

    def recognize(self, crop: Image) -> Reading:
        """Greedy CTC reading of one upright line (h, w, 3) at its natural width."""
        height, width = crop.shape[:2]
        natural = width * _CROP_HEIGHT / max(1, height)
        target = round(min(max(natural, _CROP_WIDTHS[0]), _CROP_WIDTHS[1]))
        shrinks = height > _SHRUNK * _CROP_HEIGHT
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        small = cv2.resize(crop, (target, _CROP_HEIGHT), interpolation=method)
        blob = cv2.dnn.blobFromImage(small, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)
        probability = self._recognizer.run(None, {"x": blob})[0][0]
        best = probability.argmax(axis=1)
        keep = best != 0
        keep[1:] &= best[1:] != best[:-1]
        steps = np.flatnonzero(keep)
        places = (steps + 0.5) / len(best)
        sure = probability[steps, best[steps]]
        return Reading(
            [
                Character(self._alphabet[best[s]], float(x), float(p))
                for s, x, p in zip(steps, places, sure, strict=True)
            ]
        )

    def _read_probes(self, image: Image, quads: Quads) -> tuple[dict[int, Reading], bool]:
        """Readings (by index) of some of the longest lines, and whether the page is upside down.

        Both ways are read only while the first is not sure; readings of an upside-down page are of no use.
        """
        wide, high = deskew.sizes(quads)
        # Half of a very long line says as much about its direction, but its reading is needed anyway.
        order = np.argsort(-np.minimum(wide / np.maximum(high, 1), _PROBE_LENGTH), kind="stable")[:_PROBES]
        crops = {int(i): crop_of(image, quads[i]) for i in order}
        readings: dict[int, Reading] = {}
        for index, crop in crops.items():
            readings[index] = self.recognize(crop)
            if len(readings) >= _FEWEST_PROBES and _middle(readings.values()) > _SURE:
                return readings, False
        if readings and _middle(readings.values()) > _SURE:
            return readings, False
        turned = [self.recognize(np.ascontiguousarray(crop[::-1, ::-1])) for crop in crops.values()]
        if _evidence(turned) > _evidence(readings.values()):
            return {}, True
        return readings, False

    def _read_lines(self, image: Image, quads: Quads, known: dict[int, Reading], scale: float) -> list[Line]:
        lines: list[Line] = []
        for index, quad in enumerate(quads):
            crop = crop_of(image, quad)
            if _is_empty(crop):
                continue
            reading = known.get(index) or self.recognize(crop)
            lines += line_of(reading, crop, _bounds(quad, image), scale)
        return sorted(lines, key=lambda line: (round(line.box[1]), line.box[0]))


@cache
def engine(threads: int = 1) -> OcrEngine:
    """The process's engine with ``threads`` threads."""
    return OcrEngine(threads)


def _session(name: str, threads: int, arena: bool = False) -> Any:
    """``arena`` keeps memory for the next run: a quarter less time, and less memory, where sizes are few."""
    os.environ.setdefault("ORT_LOGGING_LEVEL", "4")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Every crop has its own width, so planned memory is never reused, and an arena of theirs only grows.
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = arena
    # Idle threads that spin would steal the core of the process beside this one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(_weights(name)), options, providers=["CPUExecutionProvider"])


def _weights(name: str) -> Path:
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModelMissing("OCR needs rapidocr", "pip install rapidocr")
    path = Path(spec.origin).parent / "models" / name
    if not path.is_file():
        raise ModelMissing(f"rapidocr has no {name}", "pip install 'rapidocr>=3.10'")
    return path


def crop_of(image: Image, quad: NDArray[np.float32]) -> Image:
    """The upright rectangle (h, w, 3) around a quad; a view of the image while the quad is nearly level."""
    x0, y0, x1, y1 = _bounds(quad, image)
    return image[y0:y1, x0:x1]


def _bounds(quad: NDArray[np.float32], image: Image) -> tuple[int, int, int, int]:
    """The quad's rectangle in whole pixels inside the image; its height is that of the quad's middle."""
    height, width = image.shape[:2]
    x0, x1 = float(quad[:, 0].min()), float(quad[:, 0].max())
    # The mean of the upper and of the lower corners: a residual slope must not make the crop higher.
    y0, y1 = float(quad[:2, 1].mean()), float(quad[2:, 1].mean())
    left, top = min(max(0, int(x0)), width - 1), min(max(0, int(y0)), height - 1)
    return left, top, max(left + 1, min(width, round(x1))), max(top + 1, min(height, round(y1)))


def _middle(readings: Any) -> float:
    return float(np.median([reading.mean for reading in readings]))


def _evidence(readings: Any) -> float:
    """How much was read how surely: a reading's probability counts by its number of characters."""
    return float(sum((reading.mean - _CHANCE) * len(reading.characters) for reading in readings))


def _is_empty(crop: Image) -> bool:
    """Whether a crop has no ink: what the recognizer would read there is invented."""
    gray = crop[..., 1]
    return float(np.percentile(gray, 100 - _OUTLIERS)) - float(np.percentile(gray, _OUTLIERS)) < _NO_INK
