"""Real documents beside their sources: what converters keep of a page's words, order and structure.

    python -m benchmarks.wild --folder FOLDER [--sample] [--looks NAME,...] [--pages 8] [--converters docvlm,pymupdf4llm,...]
        [--worst 10] [--write] [--score-only]

The looks are those of `benchmarks.wild_looks`; ``--sample`` takes a few. Of each, runs of four pages in a row are chosen
that its source covers, spread over the document, up to ``--pages``. Outputs are kept in FOLDER/outputs, so that
``--score-only`` scores again the pages that all the converters were given. Shares are of all pages' words, lines, pairs or
cells.

- recall: of the truth's words on a page, those in the output. precision: of the output's words, those that the page's
  text layer has, as often; so words written twice count against it.
- order: of five words in a row in the truth's paragraphs, items, captions and notes, those that stand so in the output.
- sequence: of two blocks that follow each other in the truth, those that begin in this order, nothing else between them.
- parts: of the truth's paragraphs and items, those that begin and end as a paragraph or item of the output does.
- headings, levels, lists, code, cells: F1 of headings by their text; of neighbouring headings those whose levels go the
  right way; F1 of list items by their first words, of lines of code in code, and of cells in place (`benchmarks.metrics`).
- leaks: running heads, feet and page numbers in the text, a page.
- gone: of a text layer's words, those that are neither in the text nor in a header, footer or figure. Only docvlm's JSON
  says the latter.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.wild_looks import LOOKS, SAMPLE, Look, fetch
from benchmarks.wild_pages import PageTruth, pages_of
from benchmarks.wild_scores import Counts, count

RESULT = Path(__file__).parent / "results" / "wild.md"
RUN_OF_PAGES = 4
CONVERTERS = ("docvlm", "pymupdf4llm", "markitdown", "pdftotext")
_USED = 0.75  # share of a page's words that its source must cover
_NOTES = "## Seen on the worst pages\n"  # is written by hand, and kept
_FEWEST = 60  # words of a page
_NESTED = 20_000  # elements within each other: some generators of HTML forget to close them


@dataclass
class Case:
    """The chosen pages of a look."""

    look: Look
    pdf: Path
    pages: dict[int, PageTruth]


@dataclass(frozen=True)
class Converted:
    """Markdown by page number, from 1; ``others`` is all that the converter's own format has; seconds."""

    texts: dict[int, str]
    others: dict[int, str]
    seconds: float


def chosen(look: Look, folder: Path, wanted: int) -> Case:
    """Runs of pages that the source covers, from `wanted` pages spread over the document."""
    cache = folder / "truth" / f"{look.name}.json"
    pdf, sources = fetch(look, folder)
    if cache.exists():
        every = {
            int(number): PageTruth.of(stated) for number, stated in json.loads(cache.read_text()).items()
        }
    else:
        every = pages_of(pdf, sources, look.name)
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps({number: asdict(page) for number, page in every.items()}))
    good = [number for number, page in every.items() if page.covered >= _USED and len(page.layer) >= _FEWEST]
    runs = list(_runs(good))
    random.Random(look.name).shuffle(runs)
    taken: list[int] = []
    for run in runs:
        if len(taken) < wanted:
            taken += run[: wanted - len(taken)]
    return Case(look, pdf, {number: every[number] for number in sorted(taken)})


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for number in numbers:
        if run and (number != run[-1] + 1 or len(run) == RUN_OF_PAGES):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def convert(cases: Sequence[Case], converter: str, folder: Path) -> None:
    """Has a converter convert the cases' pages in a process of its own, which keeps what it makes in ``folder``."""
    asked = [
        {"pdf": str(case.pdf), "pages": sorted(case.pages), "to": str(_kept(case, converter, folder))}
        for case in cases
    ]
    for each in asked:
        Path(str(each["to"])).parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.wild_converters", converter, json.dumps(asked)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _kept(case: Case, converter: str, folder: Path) -> Path:
    return folder / "outputs" / converter / f"{case.look.name}.json"


def made_of(case: Case, converter: str, folder: Path) -> Converted:
    kept = _kept(case, converter, folder)
    if not kept.exists():
        return Converted({}, {}, 0.0)
    stated = json.loads(kept.read_text())
    texts, others = ({int(page): text for page, text in stated[name].items()} for name in ("pages", "others"))
    return Converted(texts, others, stated["seconds"])


def kept_by_all(case: Case, converters: Sequence[str], folder: Path) -> Case:
    """With those pages only that every one of the converters has been given."""
    given = [made_of(case, converter, folder).texts for converter in converters]
    return replace(
        case, pages={n: page for n, page in case.pages.items() if all(n in each for each in given)}
    )


# --- tables ---------------------------------------------------------------------------------------

_COLUMNS = (
    "recall",
    "precision",
    "order",
    "sequence",
    "parts",
    "headings",
    "levels",
    "lists",
    "code",
    "cells",
)


def row_of(counts: Counts) -> list[str]:
    shares = [counts.share(name) for name in _COLUMNS]
    cells = ["" if share is None else f"{100 * share:.1f}" for share in shares]
    gone = counts.share("gone")
    return [*cells, f"{counts.leaks / max(1, counts.pages):.2f}", "" if gone is None else f"{100 * gone:.2f}"]


def table(rows: dict[str, Counts], first: str) -> list[str]:
    names = [first, "pages", *_COLUMNS, "leaks", "gone"]
    lines = ["| " + " | ".join(names) + " |", "|---" + "|---:" * (len(names) - 1) + "|"]
    lines += [
        f"| {name} | {counts.pages} | " + " | ".join(row_of(counts)) + " |" for name, counts in rows.items()
    ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="for packages, truth and outputs")
    parser.add_argument("--looks", default="")
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--pages", type=int, default=8, help="of each look")
    parser.add_argument("--converters", default="docvlm")
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--write", action="store_true", help=f"write {RESULT.name}")
    parser.add_argument("--score-only", action="store_true")
    given = parser.parse_args()
    sys.setrecursionlimit(_NESTED)
    names = (
        given.looks.split(",") if given.looks else SAMPLE if given.sample else [look.name for look in LOOKS]
    )
    cases = []
    for look in (look for look in LOOKS if look.name in names):
        try:
            cases.append(chosen(look, given.folder, given.pages))
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{look.name}: {error}", file=sys.stderr)
    converters = given.converters.split(",")
    for converter in () if given.score_only else converters:
        convert(cases, converter, given.folder)
    if given.score_only:
        cases = [kept_by_all(case, converters, given.folder) for case in cases]
        cases = [case for case in cases if case.pages]
    lines = report(cases, converters, given.folder, given.worst)
    print("\n".join(lines))
    if given.write:
        notes = RESULT.read_text().partition(_NOTES)[2] if RESULT.exists() else ""
        RESULT.write_text(
            "\n".join(
                ["# Real documents beside their sources", "", *(__doc__ or "").splitlines(), "", *lines]
            )
        )
        with RESULT.open("a") as file:
            file.write(f"\n\n{_NOTES}{notes or chr(10)}")


def report(cases: Sequence[Case], converters: Sequence[str], folder: Path, worst: int) -> list[str]:
    by_converter: dict[str, Counts] = {}
    by_class: dict[str, dict[str, Counts]] = defaultdict(dict)
    by_look: dict[str, Counts] = {}
    each: list[tuple[float, str, Counts]] = []
    speeds: dict[str, str] = {}
    for converter in converters:
        total, seconds = Counts(), 0.0
        for case in cases:
            made = made_of(case, converter, folder)
            seconds += made.seconds * len(case.pages) / max(1, len(made.texts))
            look = Counts()
            for number, truth in case.pages.items():
                counts = count(truth, made.texts.get(number, ""), made.others.get(number))
                look.add(counts)
                if converter == converters[0]:
                    each.append((counts.fault, f"{case.look.name} {number}", counts))
            total.add(look)
            by_class[case.look.kind].setdefault(converter, Counts()).add(look)
            if converter == converters[0]:
                by_look[case.look.name] = look
        by_converter[converter] = total
        speeds[converter] = f"{converter} {seconds / max(1, total.pages):.2f}"
    pages = sum(len(case.pages) for case in cases)
    lines = [f"{len(cases)} looks, {pages} pages; {platform.machine()}, {time.strftime('%Y-%m-%d')}.", ""]
    lines += table(by_converter, "converter")
    lines += [
        "",
        f"Seconds of a processor for a page, models' loading included: {', '.join(speeds.values())}.",
        "",
    ]
    for kind, rows in sorted(by_class.items()):
        lines += [*table(rows, kind), ""]
    lines += table(by_look, f"look, {converters[0]}")
    lines += ["", f"The worst pages of {converters[0]}:", ""]
    names = ["page", "faults", *_COLUMNS, "leaks", "gone"]
    lines += ["| " + " | ".join(names) + " |", "|---" + "|---:" * (len(names) - 1) + "|"]
    for fault, name, counts in sorted(each, key=lambda item: -item[0])[:worst]:
        lines.append(f"| {name} | {fault:.2f} | " + " | ".join(row_of(counts)) + " |")
    return lines


if __name__ == "__main__":
    main()
