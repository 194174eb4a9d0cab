"""Trains the designs of the chart model for the same processor time each, and tables what they have learned.

    python -m training.compare_charts --out RUNS --minutes 1                        # each design for so much longer
    python -m training.compare_charts --out RUNS --minutes 0 --validation VALIDATION

VALIDATION is what `training.charts.validation` stores; besides it,
fresh charts of the painter that draws the training data are read. Exact text spans are given to the designs that take
any. What is read is the network's own answer, without the measuring in the picture that the reader does behind it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors import safe_open

from docvlm.anchors import Anchor, encode_anchors
from docvlm.charts.code import ChartCode
from docvlm.charts.interface import STRIDE, ChartConfig
from docvlm.charts.letterbox import letterbox
from docvlm.charts.reading import chart_of as public
from docvlm.networks.chart import ChartNetwork
from docvlm.runtimes.chart import ChartGraphs
from docvlm.runtimes.torch import eager
from training import trainer
from training.chart_designs import (
    DESIGNS,
    DesignConfig,
    PointersTask,
    Said,
    grammar,
    longest,
    said,
    takes_anchors,
    takes_places,
    texts_and_marks,
)
from training.chart_examples import chart_of, written_values
from training.charts.sample import Sample
from training.charts.score import average_precision, overlap, title_similarity, triples
from training.charts.truth import printed_scale, truth_of
from training.charts.validation import HELD_OUT, read

BATCH = 2
_READ_AT_ONCE = 8
_FRESH = 999  # seed of the painter's charts that no run has seen
_CLOSE = 0.05


def main() -> None:
    given = _arguments()
    torch.set_num_threads(1)
    next(DESIGNS["pointers"].samples(_FRESH))  # finds the fonts, which is no design's business
    for name in given.designs:
        if given.minutes:
            train(name, given.out / name, given.minutes)
    if given.validation is None:
        return
    groups = {
        "painter": list(itertools.islice(DESIGNS["pointers"].samples(_FRESH), 2 * given.limit)),
        "plotly and pygal": list(held_out(given.validation, given.limit)),
    }
    networks = {name: load(name, given.out / name) for name in given.designs}
    for group, samples in groups.items():
        print(f"\n{len(samples)} charts of {group}\n\n| design | {_COLUMNS} |")
        print("|---" + "|---:" * (_COLUMNS.count("|") + 1) + "|")
        for name, network in networks.items():
            print(row(name, network, samples, given.out / name), flush=True)


def train(name: str, out: Path, minutes: float) -> None:
    """Everything in this process, drawing included, so that its processor time is all that the run cost."""
    settings = trainer.Settings(
        out, minutes, BATCH, 7e-4, 50, workers=0, device="cpu", clock=time.process_time
    )
    trainer.train(DESIGNS[name], settings)


def load(name: str, run: Path) -> ChartNetwork:
    network = DESIGNS[name].build()
    network.load_state_dict(trainer.averaged_weights(run))
    return network.eval()


def held_out(folder: Path, limit: int) -> Iterable[Sample]:
    """Charts of the kinds that the designs learn, by renderers that are left out of all training."""
    kinds = DESIGNS["pointers"].kinds
    left = dict.fromkeys(HELD_OUT, limit)
    for group, sample in read(folder):
        if not any(left.values()):
            return
        if group == "held_out" and sample.content.kind in kinds and left[sample.renderer]:
            left[sample.renderer] -= 1
            yield sample


# --- reading and scoring --------------------------------------------------------------------------


def readings(network: ChartNetwork, samples: Sequence[Sample]) -> list[Said]:
    """What the network says of each chart."""
    found: list[Said] = []
    config: ChartConfig = network.config
    rules = grammar(config) if isinstance(config, DesignConfig) else None
    model = ChartGraphs(config, eager(network), rules)
    for start in range(0, len(samples), _READ_AT_ONCE):
        boxed = [letterbox(s.image, config.encoder.size) for s in samples[start : start + _READ_AT_ONCE]]
        shown = [
            _anchors(sample, scale, config)
            for sample, (_, scale) in zip(samples[start:], boxed, strict=False)
        ]
        pixels = np.stack([image for image, _ in boxed]).transpose(0, 3, 1, 2).astype(np.float32)
        codes = [encode_anchors(each, config.anchor_config) for each in shown]
        read_at_once = model.read(pixels / np.float32(255), codes, longest(config))
        found += [said(config, reading, each) for reading, each in zip(read_at_once, shown, strict=True)]
    return found


@torch.inference_mode()
def surprise(task: PointersTask, network: ChartNetwork, samples: Sequence[Sample]) -> list[float]:
    """Nats for each text and for each mark that is written, given the true actions before it: however many actions one
    takes in a design, this is how unsure the network is of it. NaN where nothing is written.
    """
    nats, ends = torch.zeros(2), torch.zeros(2)
    rng = np.random.default_rng(_FRESH)
    examples = [e for sample in samples if (e := task.example(sample, rng)) is not None]
    for start in range(0, len(examples), _READ_AT_ONCE):
        batch = task.collate(examples[start : start + _READ_AT_ONCE])
        scores = network(batch.images.float() / 255, batch.codes, batch.actions).scores
        loss = F.cross_entropy(scores.float().transpose(1, 2), batch.actions, reduction="none")
        for part, (within, last) in enumerate(texts_and_marks(network.config, batch.actions)):
            nats[part] += loss[within].sum()
            ends[part] += last.sum()
    found: list[float] = (nats / ends).tolist()
    return found


def _anchors(sample: Sample, scale: float, config: ChartConfig) -> list[Anchor]:
    if not takes_anchors(config):
        return []
    spans = sorted(sample.spans, key=lambda span: (round(span.box[1] / 4), span.box[0]))
    anchors = []
    for span in spans[: config.anchors]:
        x0, y0, x1, y1 = (value * scale for value in span.box)
        anchors.append(Anchor(span.text, (x0, y0, x1, y1)))
    return anchors


@dataclass(frozen=True, slots=True)
class Score:
    """How right one chart is. All but ``overlaps`` (at slight and at high tolerance) are shares; NaN where there is
    nothing to be right about.
    """

    kind: float
    title: float
    names: float
    marks: float
    values: float
    overlaps: tuple[float, float]


def score(answer: Said, sample: Sample, size: int) -> Score:
    chart = None if answer.data is None else public(answer.data)
    truth = truth_of(sample)
    scale = size / max(sample.image.shape[:2])
    code = chart_of(sample, [(span, 0) for span in sample.spans], scale)
    true, predicted = triples(truth), triples(chart.values if chart else {})
    names = {name for triple in true for name in triple[:2]} - {""}
    title = sample.content.title
    return Score(
        float(answer.code.kind == code.kind),
        title_similarity(chart.title if chart else None, title) if title else math.nan,
        len(names & {name for triple in predicted for name in triple[:2]}) / len(names)
        if names
        else math.nan,
        _marks_near(_points(answer.code), _points(code)),
        _values_close(answer, sample),
        (overlap(predicted, true, "slight"), overlap(predicted, true, "high")),
    )


def _points(code: ChartCode) -> list[tuple[float, float]]:
    return [mark.point for series in code.series for mark in series.marks if mark.point is not None]


def _marks_near(predicted: Sequence[tuple[float, float]], true: Sequence[tuple[float, float]]) -> float:
    """Marks within one cell of a true one, each counted once, over those predicted or those true, whichever are more."""
    left = list(true)
    for x, y in predicted:
        near = [p for p in left if max(abs(p[0] - x), abs(p[1] - y)) <= STRIDE]
        if near:
            left.remove(min(near, key=lambda p: math.dist(p, (x, y))))
    most = max(len(predicted), len(true))
    return (len(true) - len(left)) / most if most else math.nan


def _values_close(answer: Said, sample: Sample) -> float:
    """True values to which the answer has one within 5% at the same place of the same series, whatever their names."""
    rows = [] if answer.data is None else [[point.y for point in points] for _, points in answer.data.series]
    said_at = {(s, p): y for s, row in enumerate(rows) for p, y in enumerate(row) if y is not None}
    scale = printed_scale(sample)
    true = {(s, p): v / scale for s, row in enumerate(written_values(sample)) for p, v in enumerate(row)}
    known = {place: value for place, value in true.items() if math.isfinite(value)}
    close = [
        abs(said_at.get(place, math.inf) - value) <= _CLOSE * (abs(value) + 1e-6)
        for place, value in known.items()
    ]
    return float(np.mean(close)) if close else math.nan


_COLUMNS = "CPU seconds | examples | nats a text | nats a mark | kind | title | names | marks | values | AP slight | AP high"


def row(name: str, network: ChartNetwork, samples: Sequence[Sample], run: Path) -> str:
    size = network.config.encoder.size
    scores = [
        score(answer, sample, size)
        for answer, sample in zip(readings(network, samples), samples, strict=True)
    ]
    shares = [
        float(np.nanmean([getattr(each, column) for each in scores]))
        for column in ("kind", "title", "names", "marks", "values")
    ]
    if not takes_places(network.config):
        shares[3] = math.nan
    unsure = surprise(DESIGNS[name], network, samples)
    precisions = [average_precision([each.overlaps[level] for each in scores]) for level in (0, 1)]
    with safe_open(run / trainer.STATE, "pt") as file:
        run_so_far = json.loads(file.metadata()["run"])
    cells = ["" if math.isnan(value) else f"{value:.2f}" for value in unsure + shares + precisions]
    return f"| {name} | {run_so_far['seconds']:.0f} | {run_so_far['examples']} | " + " | ".join(cells) + " |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs, one a design")
    parser.add_argument(
        "--minutes", type=float, default=6.0, help="processor time for each design, in which it goes on"
    )
    parser.add_argument("--designs", type=lambda names: names.split(","), default=list(DESIGNS))
    parser.add_argument("--validation", type=Path)
    parser.add_argument("--limit", type=int, default=20, help="charts of each held-out renderer")
    return parser.parse_args()


if __name__ == "__main__":
    main()
