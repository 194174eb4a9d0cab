"""OneChart's score on cases counted by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks.chart_failures import sheet, worst
from benchmarks.charts import Outcome
from docvlm.schema import Chart, Reliability
from training.charts.sample import Content, Sample, Series
from training.charts.score import (
    auroc,
    average_precision,
    overlap,
    title_similarity,
    triples,
    value_error,
)


def test_a_chart_matches_itself_at_every_level() -> None:
    found = triples({"North": {"2019": 4.1, "2020": 5.3}, "South": {"2019": None, "2020": 2.0}})
    assert len(found) == 3
    assert [overlap(found, found, level) for level in ("strict", "slight", "high")] == [1.0, 1.0, 1.0]


def test_tolerances() -> None:
    truth = triples({"Apples": 100.0, "Pears": 50.0})
    near = triples({"Aples": 104.0, "Pears": 54.0})
    assert overlap(near, truth, "strict") == 0.0
    assert overlap(near, truth, "slight") == pytest.approx(1 / 3)
    assert overlap(near, truth, "high") == 1.0


def test_names_on_both_sides_match_only_themselves() -> None:
    truth = triples({"2015": 10.0, "2016": 20.0})
    swapped = triples({"2015": 20.0, "2016": 10.0})
    assert overlap(swapped, truth, "high") == 0.0


def test_matching_is_one_to_one() -> None:
    truth = triples({"a": 1.0, "b": 1.0})
    assert overlap(triples({"x": 1.0, "y": 1.0, "z": 1.0}), truth, "high") == pytest.approx(2 / 3)


def test_average_precision_counts_thresholds() -> None:
    assert average_precision([1.0, 0.0]) == pytest.approx(0.5)
    assert average_precision([0.75]) == pytest.approx(0.6)


def test_auroc() -> None:
    assert auroc([0.9, 0.8, 0.2, 0.5], [True, True, False, False]) == 1.0
    assert auroc([0.5, 0.5], [True, False]) == 0.5


def test_titles_and_errors() -> None:
    assert title_similarity(None, None) == 1.0
    assert title_similarity("Sales", None) == 0.0
    assert value_error({"a": 11.0, "c": 3.0}, {"a": 10.0, "b": 2.0}) == pytest.approx(0.1, rel=1e-3)
    assert value_error({}, {"a": 1.0}) is None


def _outcome(kind: str, score: float, value: float) -> Outcome:
    content = Content(kind, (Series("a", np.array([5.0])),), ("North",))  # type: ignore[arg-type]
    sample = Sample(np.full((60, 90, 3), 255, np.uint8), content, (), (), (0, 0, 90, 60), "painter", {}, 1)
    values: dict[str, float | None] = {"North": value}
    chart = Chart(values=values, reliability=Reliability(score=score, reliable=score > 0.8))
    return Outcome(sample, "training", chart, {"North": 5.0}, 0.1)


def test_the_worst_failures_are_those_that_were_believed_most() -> None:
    bars = [_outcome("vertical_bar", score, 9.0) for score in (0.2, 0.9, 0.5)]
    right, pie = _outcome("line", 0.99, 5.0), _outcome("pie", 0.3, 7.0)
    found = list(worst([*bars, right, pie, _outcome("scatter", 0.95, 8.0)], 6))
    assert [(o.sample.content.kind, o.chart.reliability.score) for o in found] == [
        ("vertical_bar", 0.9),
        ("vertical_bar", 0.5),
        ("pie", 0.3),
    ]
    assert len(list(worst(bars, 1))) == 1
    dark = np.zeros((60, 90, 3), np.uint8)
    black = dataclasses.replace(pie, sample=dataclasses.replace(pie.sample, image=dark))
    assert np.asarray(sheet([black])).min() == 0
