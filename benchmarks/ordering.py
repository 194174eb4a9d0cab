"""How well the page model orders the lines of pages and says what they are, on templates that training has not seen.

    python -m benchmarks.ordering SHARDS [--model FOLDER|--run RUN] [--limit N] [--damaged]

Prints a Markdown table with a row for each kind of page: roles right (micro F1, since each line has one), lines whose
successor is right once decoded, blocks right (the same lines, in the same order, with the same role), and milliseconds a
page for its features, the network and the decoding. ``--damaged`` damages pages as in training.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from docvlm.layout.features import encode
from docvlm.layout.flow import Reading, read
from docvlm.layout.interface import ROLES, PageRuntime
from docvlm.runtimes import load_page
from training.page_examples import Truth, damaged, read_shard, shards_of


@dataclass(slots=True)
class Tally:
    """Counts of one kind of page. ``confused`` are pairs of the true role and the one that was said."""

    pages: int = 0
    lines: int = 0
    roles: int = 0
    successors: int = 0
    blocks: int = 0
    blocks_right: int = 0
    milliseconds: list[float] = field(default_factory=list)
    confused: dict[tuple[str, str], int] = field(default_factory=dict)


def measure(network: PageRuntime, pages: Iterator[Truth]) -> dict[str, Tally]:
    """What the network says of pages, by their sources."""
    tallies: dict[str, Tally] = {}
    for page in pages:
        if not 0 < len(page.looks) <= network.config.lines:
            continue
        started = time.perf_counter()
        reading = read(network.look(encode(page.looks, page.width, page.height, page.drawn)))
        seconds = time.perf_counter() - started
        for name in (page.source, "all"):
            _count(tallies.setdefault(name, Tally()), page, reading, 1000 * seconds)
    return tallies


def _count(tally: Tally, page: Truth, reading: Reading, milliseconds: float) -> None:
    said = [ROLES.index(reading.blocks[block].role) for block in reading.block_of]
    following = [-1] * len(said)
    for one, other in itertools.chain.from_iterable(itertools.pairwise(path) for path in reading.paths):
        following[one] = other
    tally.pages += 1
    tally.lines += len(said)
    tally.roles += sum(a == b for a, b in zip(said, page.roles))
    tally.successors += sum(a == b for a, b in zip(following, page.next))
    for true, other in zip(page.roles, said):
        if true != other:
            pair = ROLES[true], ROLES[other]
            tally.confused[pair] = tally.confused.get(pair, 0) + 1
    true_blocks = blocks_of(page)
    tally.blocks += len(true_blocks)
    tally.blocks_right += sum((tuple(b.lines), b.role) in true_blocks for b in reading.blocks)
    tally.milliseconds.append(milliseconds)


def blocks_of(page: Truth) -> set[tuple[tuple[int, ...], str]]:
    """The true blocks of a page: their lines in reading order and their roles."""
    has_predecessor = {line for line in page.next if line >= 0}
    found: dict[tuple[int, int], list[int]] = {}
    for start in range(len(page.next)):
        if start in has_predecessor:
            continue
        line, run, last = start, 0, None
        while line >= 0:
            run += last is not None and page.blocks[line] != last
            last = page.blocks[line]
            found.setdefault((start, run), []).append(line)
            line = page.next[line]
    return {(tuple(lines), ROLES[page.roles[lines[0]]]) for lines in found.values()}


def table(tallies: dict[str, Tally]) -> str:
    rows = [
        "| pages | number | lines | role right | successor right | blocks right | ms a page |",
        "|---|" + "---:|" * 6,
    ]
    for name, each in sorted(tallies.items()):
        rows.append(
            f"| {name} | {each.pages} | {each.lines} | {each.roles / each.lines:.4f} | {each.successors / each.lines:.4f}"
            f" | {each.blocks_right / each.blocks:.3f} | {np.median(each.milliseconds):.1f} |"
        )
    return "\n".join(rows)


def pages_of(data: Path, limit: int, is_damaged: bool) -> Iterator[Truth]:
    """Up to ``limit`` pages, from all shards in turn."""
    rng = random.Random(0)
    shards = [read_shard(path) for path in shards_of(data)]
    turns = (page for pages in itertools.zip_longest(*shards) for page in pages if page is not None)
    for page in itertools.islice(turns, limit):
        yield damaged(page, rng) if is_damaged else page


def runtime_of(model: str, run: Path | None) -> PageRuntime:
    """A bundle's network, or that of a training run as it stands."""
    if run is None:
        return load_page(model)
    from docvlm.layout.features import LINE, PAIR
    from docvlm.layout.interface import PageConfig
    from docvlm.networks.page import PageNetwork
    from docvlm.runtimes.page import PageGraphs
    from docvlm.runtimes.torch import eager
    from training.trainer import averaged_weights

    network = PageNetwork(PageConfig(LINE, PAIR))
    network.load_state_dict(averaged_weights(run))
    return PageGraphs(network.config, eager(network))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of shards")
    parser.add_argument("--model", default="page-s")
    parser.add_argument("--run", type=Path, help="a run of training.train, instead of a bundle")
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--damaged", action="store_true")
    given = parser.parse_args(arguments)
    network = runtime_of(given.model, given.run)
    tallies = measure(network, pages_of(given.data, given.limit, given.damaged))
    print(f"{network.ran_on}; {platform.processor() or platform.machine()}\n\n{table(tallies)}\n")
    most = sorted(tallies["all"].confused.items(), key=lambda item: -item[1])[:12]
    print("; ".join(f"{true} as {said} {count}" for (true, said), count in most))


if __name__ == "__main__":
    main()
