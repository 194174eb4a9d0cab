r"""How right the formulas and words of scientific papers are: papers made with real TeX, converted, compared.

    python -m benchmarks.papers [--count 6] [--seed 9] [--layouts article-two,ieeetran] [--reader ocr] [--keep FOLDER]
        [--worst N]

The papers are drawn by `training.text.papers` from the part held out from training, one layout after the other; some
layouts need TeX's package of publishers' classes. They are compared as `benchmarks.formula_metrics` says, and Markdown
tables are printed. The share that matters counts all true formulas, those that were not found, too: right is a
similarity of at least 0.9. A trivial formula, a letter or a whole number, is also right as plain text; the others have
a row of their own. Exact is the same canonical LaTeX. Precision is the share of written formulas that stand where a
true one is. With ``--keep``, each paper's source, PDF, truth and Markdown stay in a folder. The time of the
first paper includes the loading of models.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import docvlm
from benchmarks.formula_metrics import (
    STREAMS,
    Comparison,
    Formula,
    Pair,
    compare_displays,
    compare_stream,
    said_by,
    said_by_truth,
)
from docvlm.options import ReaderChoice
from training.text import tex
from training.text.papers import LAYOUTS, Paper, draw_paper, rows_of, tex_measure

RIGHT = 0.9  # similarity from which a formula counts as right


@dataclass(frozen=True, slots=True)
class Outcome:
    """A converted paper beside its truth: running text by stream, and displays."""

    paper: Paper
    pages: int
    seconds: float
    streams: dict[str, Comparison]
    displays: Comparison
    unread: int
    present: int  # true words that stand anywhere in what was written

    @property
    def inline(self) -> list[Pair]:
        return [pair for stream in self.streams.values() for pair in stream.pairs]

    @property
    def false_inline(self) -> list[Formula]:
        return [formula for stream in self.streams.values() for formula in stream.false]


def measure(paper: Paper, folder: Path, number: int, reader: ReaderChoice = "auto") -> Outcome:
    """Sets, converts and compares one paper; its files stay in ``folder``."""
    name = f"{number}-{paper.layout}-{paper.font}"
    data, _ = tex.set_document(paper.source)
    path = folder / f"{name}.pdf"
    path.write_bytes(data)
    path.with_suffix(".tex").write_text(paper.source, encoding="utf-8")
    truth = [asdict(passage) for passage in paper.passages]
    path.with_suffix(".truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf-8")
    started = time.perf_counter()
    document = docvlm.convert(path, reader=reader)
    seconds = time.perf_counter() - started
    document.save(path.with_suffix(".md"))
    said, found = said_by_truth(paper.passages), said_by(document)
    streams = {name: compare_stream(said.streams[name], found.streams[name]) for name in STREAMS}
    displays = compare_displays(said.displays, found.displays)
    present = (said.words() & found.words()).total()
    return Outcome(paper, len(document.pages), seconds, streams, displays, found.unread, present)


# --- report ---------------------------------------------------------------------------------------

_HEAD = (
    "| {} | true | found | right (0.9) | exact | similarity | written | precision |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
)


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Rows of Markdown tables."""
    inline = [pair for outcome in outcomes for pair in outcome.inline]
    displays = [pair for outcome in outcomes for pair in outcome.displays.pairs]
    false_inline = [formula for outcome in outcomes for formula in outcome.false_inline]
    false_displays = [formula for outcome in outcomes for formula in outcome.displays.false]
    yield from _headed("formulas")
    yield _row("inline", inline, false_inline)
    for trivial, name in ((False, "inline, not trivial"), (True, "inline, trivial")):
        yield _row(
            name,
            [pair for pair in inline if pair.truth.trivial == trivial],
            [formula for formula in false_inline if formula.trivial == trivial],
        )
    for stream in STREAMS[1:]:
        comparisons = [outcome.streams[stream] for outcome in outcomes]
        yield _row(
            f"inline, {stream}s",
            [pair for each in comparisons for pair in each.pairs],
            [formula for each in comparisons for formula in each.false],
        )
    yield _row("display", displays, false_displays)
    kinds = Counter(kind_of(pair.truth) for pair in displays)
    for kind, _ in kinds.most_common():
        yield _row(f"display, {kind}", [pair for pair in displays if kind_of(pair.truth) == kind])
    yield ""
    yield from _papers(outcomes)
    yield from _facts(outcomes, displays)


def kind_of(formula: Formula) -> str:
    """What a display is made of."""
    if len(rows_of(formula.latex)) > 1:
        return "several rows"
    for mark, kind in ((r"\begin{cases}", "cases"), (r"matrix}", "matrix")):
        if mark in formula.latex:
            return kind
    return "one row"


def _papers(outcomes: Sequence[Outcome]) -> Iterator[str]:
    selections: dict[str, Callable[[Outcome], bool]] = {
        "two columns": lambda outcome: outcome.paper.columns == 2,
        "one column": lambda outcome: outcome.paper.columns == 1,
    }
    for paper in (outcome.paper for outcome in outcomes):
        selections[f"{paper.layout}, {paper.font}"] = lambda outcome, paper=paper: outcome.paper is paper  # type: ignore[misc]
    for where in ("inline", "display"):
        yield from _headed(f"{where}, by paper")
        for name, selected in selections.items():
            part = [outcome for outcome in outcomes if selected(outcome)]
            if where == "inline":
                pairs = [pair for outcome in part for pair in outcome.inline]
                false = [formula for outcome in part for formula in outcome.false_inline]
            else:
                pairs = [pair for outcome in part for pair in outcome.displays.pairs]
                false = [formula for outcome in part for formula in outcome.displays.false]
            if pairs:
                yield _row(name, pairs, false)
        yield ""


def _headed(name: str) -> Iterator[str]:
    yield _HEAD[0].format(name)
    yield _HEAD[1]


def _row(name: str, pairs: Sequence[Pair], false: Sequence[Formula] | None = None) -> str:
    found = [pair for pair in pairs if pair.written is not None]
    right = sum(pair.similarity >= RIGHT for pair in pairs) / max(1, len(pairs))
    exact = sum(pair.written == pair.truth.latex for pair in pairs) / max(1, len(pairs))
    alike = statistics.fmean(pair.similarity for pair in pairs) if pairs else 0.0
    written = precision = ""
    if false is not None:
        marked = sum(not pair.plain for pair in found)
        written = str(marked + len(false))
        precision = f"{marked / (marked + len(false)):.1%}" if marked or false else ""
    return f"| {name} | {len(pairs)} | {len(found)} | {right:.1%} | {exact:.1%} | {alike:.3f} | {written} | {precision} |"


def _facts(outcomes: Sequence[Outcome], displays: Sequence[Pair]) -> Iterator[str]:
    streams = [stream for outcome in outcomes for stream in outcome.streams.values()]
    words, wrong = sum(each.words for each in streams), sum(each.wrong_words for each in streams)
    tags = sum(len(pair.truth.tags) for pair in displays)
    right_tags = sum((Counter(pair.truth.tags) & Counter(pair.tags)).total() for pair in displays)
    invented = sum((Counter(pair.tags) - Counter(pair.truth.tags)).total() for pair in displays)
    plain = sum(pair.plain for outcome in outcomes for pair in outcome.inline)
    pages, seconds = sum(each.pages for each in outcomes), sum(each.seconds for each in outcomes)
    present = sum(outcome.present for outcome in outcomes)
    yield f"- words outside formulas: {1 - wrong / max(1, words):.2%} of {words} right in their order ({wrong} edits),"
    yield f"  {present / max(1, words):.2%} present anywhere"
    yield f"- equation numbers: {right_tags / max(1, tags):.1%} of {tags} right, {invented} wrong ones written"
    yield f"- trivial formulas right as plain text: {plain}"
    yield f"- displays kept as pictures: {sum(each.unread for each in outcomes)}"
    yield f"- {len(outcomes)} papers, {pages} pages, {seconds / max(1, pages):.2f} seconds a page, {platform.machine()}"


def worst(outcomes: Sequence[Outcome], count: int) -> Iterator[str]:
    """The formulas read worst, and some that were written where there is none."""
    pairs = [
        (pair.similarity, number, outcome.paper.layout, where, pair)
        for outcome in outcomes
        for where, of in (("inline", outcome.inline), ("display", outcome.displays.pairs))
        for number, pair in enumerate(of)
        if pair.similarity < RIGHT
    ]
    for alike, _, layout, where, pair in sorted(pairs, key=lambda each: each[:4])[:count]:
        yield f"\n{layout} {where} {alike:.2f}\n  {pair.truth.latex}\n  {pair.written or ''}"
    for outcome in outcomes:
        for formula in [*outcome.false_inline, *outcome.displays.false][:count]:
            yield f"\n{outcome.paper.layout} false: {formula.latex}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=6, help="papers")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--layouts", default=",".join(LAYOUTS), help="which, with commas: %(default)s")
    parser.add_argument(
        "--reader", choices=("auto", "ocr"), default="auto", help="ocr: as if they were scanned"
    )
    parser.add_argument("--keep", type=Path, help="folder for sources, PDFs, truths and Markdown")
    parser.add_argument("--worst", type=int, default=0, help="how many wrong formulas to print")
    given = parser.parse_args()
    layouts = given.layouts.split(",")
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcomes = []
        for number in range(given.count):
            layout = layouts[number % len(layouts)]
            paper = draw_paper(layout, f"{given.seed} {number}", tex_measure)
            outcomes.append(measure(paper, folder, number, given.reader))
    for line in [*report(outcomes), *worst(outcomes, given.worst)]:
        print(line)


if __name__ == "__main__":
    main()
