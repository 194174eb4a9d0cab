"""Drawn charts become training examples that say what was drawn, and a run goes on where it stopped."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.charts import geometry  # noqa: E402
from docvlm.charts.code import Token, chart_grammar, decode_chart  # noqa: E402
from docvlm.charts.interface import ChartConfig, ChartEncoderConfig  # noqa: E402
from training import trainer  # noqa: E402
from training.chart_examples import collate, example_of  # noqa: E402
from training.chart_task import ChartTask  # noqa: E402
from training.charts import negatives  # noqa: E402
from training.charts.sample import Sample  # noqa: E402
from training.charts.score import overlap, triples  # noqa: E402
from training.charts.stream import drawable_languages, painter, stream  # noqa: E402
from training.charts.truth import truth_of  # noqa: E402

CONFIG = ChartConfig()
TINY = ChartConfig(
    ChartEncoderConfig(size=128, stem=(4, 8, 8, 8), width=16, depth=1, heads=2, mlp=32, cells=8),
    anchors=96,
    width=16,
    depth=1,
    heads=2,
    mlp=32,
)


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return list(itertools.islice(stream(11, painter(), languages=drawable_languages(), degraded=0.0), 40))


def test_examples_are_sentences_about_the_marks(samples: list[Sample]) -> None:
    rng = np.random.default_rng(1)
    examples = [(sample, example_of(sample, CONFIG, rng)) for sample in samples]
    said = [(sample, example) for sample, example in examples if example is not None]
    assert len(said) > 0.8 * len(samples)
    for sample, example in said:
        actions = example.actions.tolist()
        assert chart_grammar(CONFIG.space).accepts(actions[:-1])
        code = decode_chart(actions, CONFIG.space, example.offsets)
        scale = CONFIG.encoder.size / max(sample.image.shape[:2])
        places = [mark.base if sample.content.is_pie else mark.pixel for mark in sample.marks if mark.visible]
        written = [mark.point for series in code.series for mark in series.marks if mark.point is not None]
        # A pie drawn the other way round begins its slices elsewhere; every point is on the list all the same.
        for point in written:
            nearest = min(math.dist(point, (p[0] * scale, p[1] * scale)) for p in places if p)
            assert nearest < 0.02
        known = example.values[np.isfinite(example.values)]
        assert ((known >= 0) & (known <= 1)).all()


def test_true_pointers_give_the_true_numbers(samples: list[Sample]) -> None:
    """What a perfect network would reach; charts without any scale say no numbers."""
    named = [sample for sample in samples if sample.content.kind != "scatter"]
    scores = [overlap(triples(geometry(s).values), triples(truth_of(s)), "high") for s in named]
    assert sum(score >= 0.9 for score in scores) >= 0.8 * len(scores)


def test_a_picture_that_is_no_chart_is_said_so(samples: list[Sample]) -> None:
    import random

    rng = random.Random(4)
    pictures = [negatives.draw(sample.content, rng) for sample in samples[:12]]
    examples = [example_of(picture, CONFIG, np.random.default_rng(2)) for picture in pictures]
    said = [example for example in examples if example is not None]
    assert len(said) > 6
    for example in said:
        assert example.actions.tolist() == [Token.AUXILIARY, Token.NO_CHART, Token.END]
        assert np.isnan(example.values).all()


def test_batches_are_padded_with_the_end_token(samples: list[Sample]) -> None:
    rng = np.random.default_rng(3)
    examples = [e for e in (example_of(s, CONFIG, rng) for s in samples[:6]) if e is not None]
    batch = collate(examples)
    for row, example in enumerate(examples):
        assert batch.counts[row] == len(example.actions)
        assert (batch.actions[row, len(example.actions) :] == Token.END).all()


def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    task = ChartTask(TINY, mixture={"painter": 1.0})
    ticks = itertools.count().__next__  # a clock by which a minute is 60 steps
    settings = trainer.Settings(
        tmp_path / "run", minutes=0.1, batch=2, workers=0, warm_up=2, device="cpu", clock=ticks
    )
    trainer.train(task, settings)
    first = trainer.averaged_weights(tmp_path / "run")
    assert _steps(tmp_path / "run") == 5
    trainer.train(task, replace(settings, seed=2))
    assert _steps(tmp_path / "run") == 10
    again = trainer.averaged_weights(tmp_path / "run")
    assert first.keys() == again.keys()
    assert any(not torch.equal(first[name], again[name]) for name in first)
    with pytest.raises(ValueError, match="another network"):
        trainer.train(ChartTask(replace(TINY, width=32)), settings)


def _steps(run: Path) -> int:
    return int((run / "log.csv").read_text().splitlines()[-1].split(",")[0])
