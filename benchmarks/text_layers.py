"""Which text layers are believed: damaged ones that are caught, and healthy ones that are distrusted.

    python -m benchmarks.text_layers --seed 1 [--damaged 200] [--healthy 400] [--keep FOLDER]

The pages are made for this by MuPDF, a browser, TeX and reportlab, whichever are there, of words from Debian's `iso-codes`
and `hunspell-*` packages in the fonts that are installed. Prints Markdown tables; ``--keep`` keeps the pages, and uses those
that are there. A page is *caught* or *distrusted* when the verdict on its text layer is against it, whatever is read in
its stead.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import text_layer_damage as damage
from benchmarks import text_layer_pages as pages
from benchmarks.text_layer_pages import Sheet
from benchmarks.text_layer_words import LANGUAGES
from docvlm.options import Options
from docvlm.pipeline import text_layer
from docvlm.source import Source

_OF_TEXT = 0.65  # of the healthy pages; the others are of special kinds
_OF_TEX = 0.35  # of these
_SIMPLE = ("en", "de", "pl", "tr", "ru", "uk", "el", "ka", "hy")


class Case(NamedTuple):
    """A page, what was done to it ("" for nothing), and the verdict on it."""

    sheet: Sheet
    damage: str
    trusted: bool
    reason: str
    seconds: float


def plan(seed: int, damaged: int, healthy: int) -> list[tuple[Sheet, str]]:
    """The sheets with their damage, all languages and kinds in turn."""
    rng = random.Random(seed)
    codes = [*LANGUAGES]
    rng.shuffle(codes)
    planned = []
    for number in range(healthy):
        code = codes[number % len(codes)]
        if number < _OF_TEXT * healthy:
            kind = "short" if number % 9 == 0 else "text"
            sheet = Sheet(kind, code, rng.choice(pages.producers(code)), 0)
        elif rng.random() < _OF_TEX:
            sheet = Sheet(pages.TEX_KINDS[number % len(pages.TEX_KINDS)], "en", "pdflatex", 0)
        else:
            sheet = Sheet(pages.BROWSER_KINDS[number % len(pages.BROWSER_KINDS)], code, "chromium", 0)
        planned.append((sheet._replace(seed=rng.randrange(10**9)), ""))
    for number in range(damaged):
        kind = damage.KINDS[number % len(damage.KINDS)]
        code = rng.choice(_SIMPLE) if kind in damage.GLYPH_BY_GLYPH else codes[number // 2 % len(codes)]
        if kind == "look-alikes":
            code = rng.choice(("en", "de", "ru", "uk", "el"))
        # Letters are remapped where the producer has one code for each of them.
        known = [each for each in pages.producers(code) if each != "reportlab"]
        planned.append((Sheet("text", code, rng.choice(known), rng.randrange(10**9)), kind))
    return planned


def measure(planned: Sequence[tuple[Sheet, str]], kept: Path | None = None) -> list[Case]:
    """The verdicts on the pages of a plan."""
    names = [
        f"{number:03d}-{done or 'healthy'}-{'-'.join(map(str, sheet))}.pdf".replace(" ", "_")
        for number, (sheet, done) in enumerate(planned)
    ]
    if kept and all((kept / name).exists() for name in names):
        made = [(kept / name).read_bytes() for name in names]
    else:
        drawn = pages.made([sheet for sheet, _ in planned])
        made = [
            damage.damaged(done, sheet, page) if done else page for (sheet, done), page in zip(planned, drawn)
        ]
    cases = []
    for name, (sheet, done), page in zip(names, planned, made, strict=True):
        if kept:
            (kept / name).write_bytes(page)
        started = time.process_time()
        with Source(page, name) as source:
            layer = text_layer(source, 1, Options())[2]
        cases.append(Case(sheet, done, layer.trusted, layer.reason, time.process_time() - started))
    return cases


def report(cases: Sequence[Case]) -> Iterable[str]:
    """The tables as Markdown."""
    bad, good = [c for c in cases if c.damage], [c for c in cases if not c.damage]
    caught, distrusted = [c for c in bad if not c.trusted], [c for c in good if not c.trusted]
    yield f"Caught: {len(caught)} of {len(bad)} damaged ({len(caught) / max(len(bad), 1):.3f}). "
    yield f"Distrusted: {len(distrusted)} of {len(good)} healthy ({len(distrusted) / max(len(good), 1):.2%}). "
    yield f"Time for a page's verdict: {1000 * sum(c.seconds for c in good) / max(len(good), 1):.0f} ms of processor time.\n"
    yield "| damage | pages | caught | missed in |\n|---|---:|---:|---|"
    for kind in damage.KINDS:
        yield _row(kind, [c for c in bad if c.damage == kind], wrong=True)
    yield "\n| healthy, by language | pages | trusted | distrusted |\n|---|---:|---:|---|"
    for code in LANGUAGES:
        yield _row(code, [c for c in good if c.sheet.language == code], wrong=False)
    yield "\n| healthy, by kind | pages | trusted | distrusted |\n|---|---:|---:|---|"
    for kind in sorted({c.sheet.kind for c in good}):
        yield _row(kind, [c for c in good if c.sheet.kind == kind], wrong=False)
    yield "\n| healthy, by producer | pages | trusted | distrusted |\n|---|---:|---:|---|"
    for producer in sorted({c.sheet.producer for c in good}):
        yield _row(producer, [c for c in good if c.sheet.producer == producer], wrong=False)


def _row(name: str, cases: Sequence[Case], wrong: bool) -> str:
    failed = [case for case in cases if case.trusted is wrong]
    told = "; ".join(
        f"{c.sheet.language} by {c.sheet.producer}" + ("" if wrong else f" ({c.reason})") for c in failed
    )
    return f"| {name} | {len(cases)} | {len(cases) - len(failed)} | {told} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--damaged", type=int, default=200)
    parser.add_argument("--healthy", type=int, default=400)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    cases = measure(plan(options.seed, options.damaged, options.healthy), options.keep)
    print(
        f"`python -m benchmarks.text_layers --seed {options.seed} --damaged {options.damaged} --healthy {options.healthy}`\n"
    )
    print("\n".join(report(cases)))


if __name__ == "__main__":
    main()
