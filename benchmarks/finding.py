"""How well glyphs are found in pictures of formulas and lines, on rendered samples that training has not seen.

    python -m training.text.build --out VALIDATION --count 1000 --seed 29 --held-out --dpi 100 300
    python -m benchmarks.finding VALIDATION --model FOLDER [--runtime torch] [--limit N] [--worst 20] [--known-em]

Each picture is read as it is and after each kind of damage that printing and scanning do (`training.text.scans`).
Prints Markdown tables. A glyph is found where a box has its middle within a quarter of an em of the true one's, a rule
where its ends and its height are within a quarter of an em. The character counts as right with another style, too.
"""

from __future__ import annotations

import argparse
import platform
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from docvlm.formulas.codes import em_of
from docvlm.formulas.finder import FinderRuntime, find_glyphs, spread
from docvlm.formulas.glyphs import BOTTOM, LEFT, RIGHT, RULE, STYLES, TOP, Glyphs
from docvlm.runtimes import load_finder
from training.finder_examples import Marks, view_of
from training.reader_examples import shards_of
from training.text.scans import HISTORIES
from training.text.shards import Sample, read_shard

_NEAR = 0.25  # ems
_BANDS = ((100, 150), (150, 200), (200, 301))  # dots per inch, of 10-point type


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture looked at: ``pairs`` (n, 2) are the numbers of true glyphs and of those found for them."""

    sample: Sample
    history: str
    dpi: float
    true: Glyphs
    found: Glyphs
    pairs: NDArray[np.int64]
    seconds: float


def measure(
    network: FinderRuntime, samples: Sequence[Sample], history: str, known_em: bool = False
) -> list[Outcome]:
    """What the finder sees in the samples' pictures after a ``history`` ("clean" for none)."""
    table = {each: row for row, each in enumerate(network.config.classes)}
    outcomes = []
    for number, sample in enumerate(samples):
        rng = random.Random(f"{number} {history}")
        view = view_of(sample, table, rng, turned=0.0 if history == "clean" else 0.25)
        if view is None:
            continue
        grey = view.grey if history == "clean" else HISTORIES[history](view.grey, view.em, rng)
        started = time.perf_counter()
        found = find_glyphs(network, grey, view.em if known_em else None).glyphs
        seconds = time.perf_counter() - started
        true = truth(view.marks, network)
        dpi = 72 * view.em / em_of(sample.glyphs)
        outcomes.append(Outcome(sample, history, dpi, true, found, matched(true, found, view.em), seconds))
    return outcomes


def truth(marks: Marks, network: FinderRuntime) -> Glyphs:
    """The true glyphs, ligatures taken apart as the finder does; those of no known class have the character -1."""
    known = marks.classes >= 0
    glyphs, origin = spread(marks.classes.clip(0), marks.places, marks.pieces, network.config)
    ax, ay, bx, by, thick = marks.rules.T
    x, y = (ax + bx) / 2, (ay + by) / 2
    down = np.abs(by - ay) > np.abs(bx - ax)
    boxes = np.where(
        down,
        [x - thick / 2, ay, x + thick / 2, by, y, 0 * x],
        [ax, y - thick / 2, bx, y + thick / 2, y, 0 * x],
    ).T
    return Glyphs(
        np.concatenate([np.where(known[origin], glyphs.characters, -1), np.zeros(len(boxes), np.int32)]),
        np.concatenate([glyphs.styles, np.full(len(boxes), RULE, np.uint8)]),
        np.concatenate([glyphs.places, boxes]).astype(np.float32),
    )


def matched(true: Glyphs, found: Glyphs, em: float) -> NDArray[np.int64]:
    """Pairs (n, 2) of what is near to each other, the nearest first; each stands in one pair at most."""
    distance = np.full((len(true), len(found)), np.inf)
    for is_rule in (False, True):
        rows, columns = (np.flatnonzero((each.styles == RULE) == is_rule) for each in (true, found))
        a, b = true.places[rows, None], found.places[None, columns]
        if is_rule:
            apart = np.abs(a[..., :4] - b[..., :4]).max(-1)
        else:
            x = np.abs(a[..., [LEFT, RIGHT]].mean(-1) - b[..., [LEFT, RIGHT]].mean(-1))
            y = np.abs(a[..., [TOP, BOTTOM]].mean(-1) - b[..., [TOP, BOTTOM]].mean(-1))
            apart = np.maximum(x, y)
        distance[np.ix_(rows, columns)] = apart
    pairs = []
    while distance.size and distance.min() < _NEAR * em:
        row, column = np.unravel_index(distance.argmin(), distance.shape)
        pairs.append((row, column))
        distance[row], distance[:, column] = np.inf, np.inf
    return np.array(pairs, np.int64).reshape(-1, 2)


# --- report ---------------------------------------------------------------------------------------


def report(outcomes: Sequence[Outcome], worst: int) -> Iterator[str]:
    """Rows of Markdown tables."""
    yield "| pictures | number | recall | precision | character | and style | box off | rules recall | precision | ms |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    yield _row("all", outcomes)
    for name in ("clean", *HISTORIES):
        yield _row(name, [each for each in outcomes if each.history == name])
    clean = [each for each in outcomes if each.history == "clean"]
    for low, high in _BANDS:
        yield _row(f"{low} to {high - 1} dpi, clean", [each for each in clean if low <= each.dpi < high])
    for kind in sorted({each.sample.kind for each in outcomes}):
        yield _row(kind, [each for each in outcomes if each.sample.kind == kind])
    for font in sorted({each.sample.font for each in outcomes}):
        yield _row(font, [each for each in outcomes if each.sample.font == font])
    yield ""
    yield from _worst(outcomes, worst)


def _row(name: str, part: Sequence[Outcome]) -> str:
    if not part:
        return f"| {name} | 0 |" + " |" * 8
    counts: Counter[str] = Counter()
    off = []
    for each in part:
        for kind, glyphs in (("true", each.true), ("found", each.found)):
            rules = int((glyphs.styles == RULE).sum())
            counts[f"{kind} rules"] += rules
            counts[f"{kind} glyphs"] += len(glyphs) - rules
        a, b = each.true.take(each.pairs[:, 0]), each.found.take(each.pairs[:, 1])
        is_rule = a.styles == RULE
        counts["rules"] += int(is_rule.sum())
        counts["glyphs"] += int((~is_rule).sum())
        same = (a.characters == b.characters) & ~is_rule
        counts["character"] += int(same.sum())
        counts["style"] += int((same & (a.styles == b.styles)).sum())
        off.append((np.abs(a.places[:, :4] - b.places[:, :4]).mean(1) / (each.dpi / 7.2))[~is_rule])
    shares = [
        ("glyphs", "true glyphs"),
        ("glyphs", "found glyphs"),
        ("character", "glyphs"),
        ("style", "glyphs"),
    ]
    shown = [f"{counts[above] / max(counts[below], 1):.2%}" for above, below in shares]
    shown.append(f"{np.concatenate(off).mean():.3f} em")
    shown += [f"{counts['rules'] / max(counts[f'{kind} rules'], 1):.2%}" for kind in ("true", "found")]
    milliseconds = 1000 * sum(each.seconds for each in part) / len(part)
    return f"| {name} | {len(part)} | " + " | ".join(shown) + f" | {milliseconds:.0f} |"


def _worst(outcomes: Sequence[Outcome], worst: int) -> Iterator[str]:
    """What is missed or taken for something else most often."""
    seen: Counter[tuple[int, int]] = Counter()
    taken: Counter[tuple[tuple[int, int], str]] = Counter()
    for each in outcomes:
        keys = list(zip(each.true.characters.tolist(), each.true.styles.tolist()))
        seen.update(keys)
        partner = dict(each.pairs.tolist())
        for number, key in enumerate(keys):
            other = partner.get(number)
            if other is None:
                taken[key, "nothing"] += 1
            elif each.found.characters[other] != key[0]:
                taken[key, _name(int(each.found.characters[other]), int(each.found.styles[other]))] += 1
    yield "| glyph | taken for | times | of |"
    yield "|---|---|---:|---:|"
    for (key, other), count in taken.most_common(worst):
        yield f"| {_name(*key)} | {other} | {count} | {seen[key]} |"


def _name(character: int, style: int) -> str:
    shown = chr(character) if character > 31 else "" if style == RULE else f"{character:#x}"
    return f"{STYLES[style]} {shown}".strip().replace("|", r"\|")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shards", type=Path)
    parser.add_argument("--model", required=True, help="a bundle: its name or folder")
    parser.add_argument("--runtime", default="torch", help="torch, or onnx: as it runs without PyTorch")
    parser.add_argument("--limit", type=int, default=500, help="samples of each shard that are looked at")
    parser.add_argument("--worst", type=int, default=20)
    parser.add_argument("--known-em", action="store_true", help="tell the finder how large an em is")
    given = parser.parse_args()
    network = load_finder(given.model, given.runtime)
    outcomes: list[Outcome] = []
    for path in shards_of(given.shards):
        samples = list(read_shard(path))[: given.limit]
        for history in ("clean", *HISTORIES):
            outcomes += measure(network, samples, history, given.known_em)
    print(
        f"{given.model} by {given.runtime} on {platform.machine()}, {torch.get_num_threads()} threads, "
        f"torch {torch.__version__}\n"
    )
    for line in report(outcomes, given.worst):
        print(line)


if __name__ == "__main__":
    main()
