"""Makes shards of pages with exact truth:

    python -m training.pages.build --out FOLDER --pages N --seed S [--workers 2] [--only TEMPLATE ... | --without TEMPLATE ...]

The same command gives the same shards where fonts, browser and Python are the same; a page printed with other pages may
differ by hundredths of a point, since its fonts are cut to other letters. Each batch of pages is one print of the
browser; a page with words that no run explains is left out and counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from docvlm.mupdf import pymupdf
from training.pages import chromium, truth
from training.pages.sheet import Sheet
from training.pages.templates import TEMPLATES

BATCH = 250  # pages of one print: the browser starts in a second
SHARD = 250  # pages of one file
_GENERAL = (
    "*{box-sizing:border-box}body{margin:0}a.r{position:absolute;inset:0}b.d{display:inline-block;width:.38em;height:.38em;margin-inline-end:.6em;"
    "vertical-align:.15em}.pg{position:relative;overflow:hidden;break-after:page;font-kerning:normal}"
    ".t th,.t td{padding:var(--v) var(--h);vertical-align:var(--a);font-weight:inherit}.t th{font-weight:normal}.t{color:#000}"
)


def make_page(seed: int, names: Sequence[str]) -> tuple[str, Sheet, str]:
    """The template's name, the sheet and the HTML of the page with this seed."""
    rng = random.Random(f"page {seed}")
    name = rng.choices(names, [TEMPLATES[each][1] for each in names])[0]
    sheet, inside = TEMPLATES[name][0](rng)
    look = sheet.look
    direction = "rtl" if sheet.text.rtl else "ltr"
    # Half a point less than the page: rounding must not push a page's foot onto the next.
    size = f"width:{look.width}pt;height:{look.height - 0.5}pt"
    style = f"<style>#p{seed}{{{look.css}}}@page s{look.width:.0f}x{look.height:.0f}{{size:{look.width}pt {look.height}pt;margin:0}}</style>"
    return (
        name,
        sheet,
        f'{style}<section class=pg id=p{seed} dir={direction} lang={sheet.text.language} style="page:s{look.width:.0f}x{look.height:.0f};{size}">{inside}</section>',
    )


def document(sections: Sequence[str]) -> str:
    """The HTML of a print."""
    return (
        f"<!doctype html><meta charset=utf-8><title>pages</title><style>{_GENERAL}</style>{''.join(sections)}"
    )


def make_batch(seeds: Sequence[int], names: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of the pages with these seeds, and why pages were left out."""
    made = [make_page(seed, names) for seed in seeds]
    records, failures = [], []
    with pymupdf.open(
        stream=chromium.print_pdf(document([html for _, _, html in made])), filetype="pdf"
    ) as pdf:
        if len(pdf) != len(made):
            raise RuntimeError(
                f"{len(made)} sections became {len(pdf)} pages, seeds {seeds[0]} to {seeds[-1]}"
            )
        for page, seed, (name, sheet, _) in zip(pdf, seeds, made):
            try:
                record = truth.record(page, sheet, f"html/{name}", seed)
            except truth.Unexplained as error:
                failures.append(f"{name} {seed}: {error}")
                continue
            if record["lines"]:
                records.append(record)
    return records, failures


def make_shard(path: Path, seeds: Sequence[int], names: Sequence[str]) -> tuple[int, Counter[str], list[str]]:
    """Writes one file; the number of its pages, how many of each template, and what was left out."""
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
    parser.add_argument("--only", nargs="+", choices=sorted(TEMPLATES), metavar="TEMPLATE")
    parser.add_argument("--without", nargs="+", choices=sorted(TEMPLATES), default=[], metavar="TEMPLATE")
    given = parser.parse_args()
    names = [name for name in given.only or TEMPLATES if name not in given.without]
    given.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    total, lost, kinds = 0, 0, Counter[str]()
    with ProcessPoolExecutor(given.workers) as pool:
        jobs = []
        for index, start in enumerate(range(0, given.pages, SHARD)):
            seeds = range(given.seed + start, given.seed + min(start + SHARD, given.pages))
            jobs.append(pool.submit(make_shard, given.out / f"pages-{index:05}.jsonl.gz", seeds, names))
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
