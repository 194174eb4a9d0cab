"""Fits the confidence in a block's place: how what the page model says becomes P(lines and order right).

Reads pages whose templates training has not seen, damaged as in training, and arranges their lines in two ways: as the
page model does, and by geometry alone, whose faults a witness must see. A block is right when its lines follow each other
in the truth within one block, and the line written next is the true next one, or a flow ends there. Half of the pages
are fitted to; the calibration error is that of the other half.

    python -m training.pages.build --out SHARDS --templates flyer,invoice,newspaper,bill --count 500
    python -m training.calibrate_pages SHARDS --count 300 --write
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.layout.arrangement import in_rows
from docvlm.layout.features import encode
from docvlm.layout.flow import Reading, read
from docvlm.layout.interface import ROLES
from docvlm.layout.order import reading_order
from docvlm.layout.region import cluster
from docvlm.layout.structure import FEATURES, features_of
from docvlm.runtimes import load_page
from docvlm.spans import Line, Span
from training.charts.score import auroc
from training.logistic import calibration_error, fit, named, predict, row, table, write
from training.page_examples import Truth, damaged, read_shard, shards_of

_PROSE = frozenset(
    ROLES.index(role)
    for role in ("title", "heading", "paragraph", "list", "caption", "footnote", "side_note")
)
_RUNNING = frozenset(
    ROLES.index(role) for role in ("header", "footer", "page_number", "stamp", "figure_label")
)


def pages_of(data: Path, count: int) -> Iterator[Truth]:
    """Up to ``count`` pages from all shards in turn, every other one damaged."""
    rng = random.Random(0)
    shards = [read_shard(path) for path in shards_of(data)]
    turns = (page for pages in itertools.zip_longest(*shards) for page in pages if page is not None)
    for number, page in enumerate(itertools.islice(turns, count)):
        yield damaged(page, rng) if number % 2 else page


def by_geometry(page: Truth) -> list[list[int]]:
    """Blocks of lines that stand closely below each other, ordered by cutting the page."""
    kept = [number for number, role in enumerate(page.roles) if role not in _RUNNING]
    lines = {number: _line(page, number) for number in kept}
    number_of = {id(line): number for number, line in lines.items()}
    regions = cluster(list(lines.values()))
    order = reading_order([region.box for region in regions])
    return [[number_of[id(line)] for line in in_rows(regions[index].lines)] for index in order]


def _line(page: Truth, number: int) -> Line:
    look = page.looks[number]
    return Line(look.box, [Span(look.text, look.box, look.size)], look.direction)


def by_model(reading: Reading) -> list[list[int]]:
    return [block.lines for block in reading.blocks if ROLES.index(block.role) not in _RUNNING]


def judged(
    blocks: Sequence[Sequence[int]], page: Truth, reading: Reading
) -> Iterator[tuple[dict[str, float], bool]]:
    """The features of each block of prose, and whether it is right."""
    for index, lines in enumerate(blocks):
        before = blocks[index - 1][-1] if index else None
        behind = blocks[index + 1][0] if index + 1 < len(blocks) else None
        if any(page.roles[line] not in _PROSE for line in lines):
            continue
        ordered = all(
            page.next[a] == b and page.blocks[a] == page.blocks[b] for a, b in itertools.pairwise(lines)
        )
        placed = page.next[lines[-1]] in (-1, behind) or page.roles[page.next[lines[-1]]] in _RUNNING
        yield features_of(lines, before, behind, reading), ordered and placed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of shards of templates that training has not seen")
    parser.add_argument("--model", default="page-s")
    parser.add_argument("--count", type=int, default=300, help="pages")
    parser.add_argument("--write", action="store_true", help="put the map into the model's bundle")
    given = parser.parse_args()
    network = load_page(given.model)
    rows: list[list[float]] = []
    right: list[bool] = []
    half: list[bool] = []
    for number, page in enumerate(pages_of(given.data, given.count)):
        if not 0 < len(page.looks) <= network.config.lines:
            continue
        reading = read(network.look(encode(page.looks, page.width, page.height, page.drawn)))
        for blocks in (by_model(reading), by_geometry(page)):
            for features, is_right in judged(blocks, page, reading):
                rows.append(row(features, FEATURES))
                right.append(is_right)
                half.append(number // 2 % 2 == 0)
    x: NDArray[np.float64] = np.array(rows, np.float64)
    y, fitted = np.array(right, np.float64), np.array(half)
    w = fit(x[fitted], y[fitted])
    p, held = predict(w, x[~fitted]), y[~fitted]
    error = calibration_error(p, held)
    said = (
        f"{fitted.sum()} blocks, {y[fitted].mean():.2f} right; of {len(p)} others {held.mean():.2f} right, ECE"
        f" {error:.3f}, AUROC {auroc(p.tolist(), (held > 0).tolist()):.2f}"
    )
    print(said)
    for least in (0.5, 0.8):
        print(f"{(p >= least).mean():.2f} have {least} or more, {held[p >= least].mean():.2f} of them right")
    made = named(w, FEATURES, f"python -m training.calibrate_pages --count {given.count}", said)
    print(table(made))
    if given.write:
        print(write(given.model, made))


if __name__ == "__main__":
    main()
