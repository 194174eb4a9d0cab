"""Makes shards of pages with exact truth:

    python -m training.pages.build --out FOLDER --pages N --seed S [--engine html] [--workers 2]
        [--only TEMPLATE ... | --without TEMPLATE ...]

The same command gives the same shards where fonts, engine and Python are the same; a page printed with other pages may
differ by hundredths of a point, since its fonts are cut to other letters. Each engine is a module here with
`SHARES`, how often each of its templates is taken, and `make_batch`, which makes the records of the pages with some seeds;
a page with words that no run explains is left out and counted.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

ENGINES = ("html", "office", "typst", "latex")
BATCH = 250  # pages of one run of an engine
SHARD = 250  # pages of one file


def make_shard(
    path: Path, engine: str, seeds: Sequence[int], names: Sequence[str]
) -> tuple[int, Counter[str], list[str]]:
    """Writes one file; the number of its pages, how many of each template, and what was left out."""
    make_batch = importlib.import_module(f"training.pages.{engine}").make_batch
    records, failures = [], []
    for start in range(0, len(seeds), BATCH):
        part, left = make_batch(seeds[start : start + BATCH], names)
        records += part
        failures += left
    unfinished = path.with_suffix(".part")
    with gzip.open(unfinished, "wt", encoding="utf-8", compresslevel=6) as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    unfinished.rename(path)
    return len(records), Counter(record["source"] for record in records), failures


def read_shards(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of all shards in a folder."""
    for path in sorted(folder.glob("pages-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0, help="pages with seeds from here on are made")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", choices=ENGINES, default="html")
    parser.add_argument("--only", nargs="+", default=[], metavar="TEMPLATE")
    parser.add_argument("--without", nargs="+", default=[], metavar="TEMPLATE")
    given = parser.parse_args()
    templates = importlib.import_module(f"training.pages.{given.engine}").SHARES
    if unknown := [name for name in given.only + given.without if name not in templates]:
        parser.error(f"no template {unknown[0]} of {given.engine}; there are {', '.join(sorted(templates))}")
    names = [name for name in given.only or templates if name not in given.without]
    given.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    total, lost, kinds = 0, 0, Counter[str]()
    with ProcessPoolExecutor(given.workers) as pool:
        jobs = []
        for index, start in enumerate(range(0, given.pages, SHARD)):
            seeds = range(given.seed + start, given.seed + min(start + SHARD, given.pages))
            jobs.append(
                pool.submit(make_shard, given.out / f"pages-{index:05}.jsonl.gz", given.engine, seeds, names)
            )
        for job in jobs:
            try:
                count, found, failures = job.result()
            except RuntimeError as error:
                print("a shard was lost:", error, file=sys.stderr)
                lost += 1
                continue
            total += count
            kinds += found
            for failure in failures:
                print("left out:", failure, file=sys.stderr)
    seconds = time.monotonic() - started
    spent = sum(os.times()[:4])
    print(
        f"{total} pages in {seconds:.0f} s, {total / spent:.1f} for each second of one core:",
        ", ".join(f"{name} {count}" for name, count in kinds.most_common()),
    )
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
