"""How right lines of print are read, plain ones and ones with formulas, beside RapidOCR and Tesseract on the same crops.

    python -m training.text.build --out VALIDATION --count 4000 --seed 31 --held-out --lines --dpi 150 300
    python -m benchmarks.lines VALIDATION [--count 100] [--without rapidocr,tesseract] [--worst 20]

Lines in fonts and of shapes that training has not seen, cut out with little margin, as they are and after one of the
histories of `training.text.scans`. docvlm is `docvlm.transcribe` of the kind "auto"; RapidOCR has its own defaults;
Tesseract is told that a crop is one line (`--psm 7`); each has one thread. Prints a Markdown table of character error
rates: edits over the characters of the truth, formulas as canonical LaTeX between dollars. The peers write no LaTeX, so in
lines with formulas they cannot be right. "Words" counts the letters and digits outside formulas alone, where the reader
says which these are. Quotation marks, dashes and spaces of all kinds are the same.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import random
import re
import subprocess
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz.distance import Levenshtein

import docvlm
from benchmarks.reading import canonical
from docvlm import inline
from training.finder_examples import view_of
from training.reader_examples import shards_of
from training.text.scans import HISTORIES
from training.text.shards import Sample, read_shard

_SAME = str.maketrans(
    {"‘": "'", "’": "'", "′": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "‐": "-"}
)
_FORMULA = re.compile(r"\$([^$]*)\$")


@dataclass(frozen=True, slots=True)
class Crop:
    """A line's picture (H, W) and its truth as Markdown."""

    grey: NDArray[np.uint8]
    text: str
    degraded: bool

    @property
    def mixed(self) -> bool:
        """Whether it has formulas."""
        return "$" in self.text


@dataclass(frozen=True, slots=True)
class Outcome:
    """A crop as one reader read it."""

    crop: Crop
    written: str
    seconds: float

    @property
    def edits(self) -> int:
        return int(Levenshtein.distance(self.crop.text, self.written))

    @property
    def word_edits(self) -> int:
        return int(Levenshtein.distance(words_of(self.crop.text), words_of(self.written)))


def crops_of(samples: Sequence[Sample]) -> list[Crop]:
    """Each sample's picture twice: as it is, and after a history drawn for it."""
    crops = []
    for number, sample in enumerate(samples):
        for degraded in (False, True):
            rng = random.Random(f"{number} {degraded}")
            view = view_of(sample, {}, rng, turned=0.25 if degraded else 0.0)
            if view is not None:
                history = HISTORIES[rng.choice(list(HISTORIES))]
                grey = history(view.grey, view.em, rng) if degraded else view.grey
                crops.append(Crop(grey, alike(sample.text), degraded))
    return crops


# --- readers --------------------------------------------------------------------------------------


def by_docvlm(grey: NDArray[np.uint8]) -> str:
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG")
    (read,) = docvlm.transcribe(stream.getvalue())[:1]
    if isinstance(read, docvlm.Formula):
        return f"${read.latex}$" if read.latex else ""
    return "".join(
        f"${canonical(token.content)}$" if token.type == "math_inline" else token.content
        for token in inline.children(" ".join(read.markdown.split()))
    )


def by_rapidocr() -> Callable[[NDArray[np.uint8]], str]:
    from rapidocr import RapidOCR

    # As many threads as docvlm has.
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1})

    def read(grey: NDArray[np.uint8]) -> str:
        texts = engine(np.repeat(grey[..., None], 3, -1)).txts
        return " ".join(texts or ())

    return read


def by_tesseract(grey: NDArray[np.uint8]) -> str:
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG")
    command = ["tesseract", "stdin", "stdout", "--psm", "7"]
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(command, input=stream.getvalue(), capture_output=True, check=True, env=environment)
    return done.stdout.decode()


def measure(read: Callable[[NDArray[np.uint8]], str], crops: Sequence[Crop]) -> list[Outcome]:
    """What ``read`` makes of the crops, the first of them once more so that what loads at first use is not timed."""
    read(crops[0].grey)
    outcomes = []
    for crop in crops:
        started = time.perf_counter()
        written = read(crop.grey)
        outcomes.append(Outcome(crop, alike(written), time.perf_counter() - started))
    return outcomes


# --- comparison -----------------------------------------------------------------------------------


def alike(markdown: str) -> str:
    """The text in one spelling of quotation marks, dashes and spaces; formulas as they are."""
    parts = _FORMULA.split(markdown)
    for number in range(0, len(parts), 2):
        parts[number] = unicodedata.normalize("NFKC", parts[number]).translate(_SAME)
    for number in range(1, len(parts), 2):
        parts[number] = f"${parts[number]}$"
    return " ".join("".join(parts).split())


def words_of(text: str) -> str:
    """The letters and digits outside formulas."""
    return "".join(char for char in _FORMULA.sub("", text) if char.isalnum())


# --- report ---------------------------------------------------------------------------------------


def report(outcomes: dict[str, list[Outcome]]) -> Iterator[str]:
    """Rows of a Markdown table."""
    yield "| lines | crops | reader | character error rate | words | exact | ms a crop |"
    yield "|---|---:|---|---:|---:|---:|---:|"
    for mixed in (False, True):
        for degraded in (False, True):
            name = f"{'with formulas' if mixed else 'plain'}, {'degraded' if degraded else 'clean'}"
            for reader, read in outcomes.items():
                part = [each for each in read if (each.crop.mixed, each.crop.degraded) == (mixed, degraded)]
                if not part:
                    continue
                length = sum(len(each.crop.text) for each in part)
                letters = sum(len(words_of(each.crop.text)) for each in part)
                rate = sum(each.edits for each in part) / length
                words = (
                    ""
                    if mixed and reader != "docvlm"
                    else f"{sum(each.word_edits for each in part) / letters:.2%}"
                )
                exact = sum(each.written == each.crop.text for each in part) / len(part)
                milliseconds = 1000 * sum(each.seconds for each in part) / len(part)
                yield f"| {name} | {len(part)} | {reader} | {rate:.2%} | {words} | {exact:.1%} | {milliseconds:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of shards with pictures")
    parser.add_argument("--count", type=int, default=100, help="plain lines, and as many with formulas")
    parser.add_argument("--without", default="", help="readers to leave out, with commas")
    parser.add_argument("--worst", type=int, default=0, help="how many wrong lines of docvlm's to print")
    given = parser.parse_args()
    samples = [
        sample
        for path in shards_of(given.data)
        if path.name.startswith("lines")
        for sample in read_shard(path)
    ]
    random.Random(1).shuffle(samples)
    plain, mixed = (
        [sample for sample in samples if ("$" in sample.text) == has][: given.count] for has in (False, True)
    )
    crops = crops_of(plain + mixed)
    readers: dict[str, Callable[[], Callable[[NDArray[np.uint8]], str]]] = {
        "docvlm": lambda: by_docvlm,
        "rapidocr": by_rapidocr,
        "tesseract": lambda: by_tesseract,
    }
    outcomes = {
        name: measure(load(), crops) for name, load in readers.items() if name not in given.without.split(",")
    }
    for line in report(outcomes):
        print(line)
    print(
        f"\n{platform.machine()}; rapidocr {version('rapidocr')}, fonts {sorted({s.font for s in plain + mixed})}"
    )
    wrong = sorted(outcomes.get("docvlm", []), key=lambda each: -each.edits)
    for each in wrong[: given.worst]:
        print(
            f"\n{each.edits} {'degraded' if each.crop.degraded else 'clean'}\n  {each.crop.text}\n  {each.written}"
        )


if __name__ == "__main__":
    main()
