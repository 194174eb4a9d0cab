"""OneChart's score on cases counted by hand."""

from __future__ import annotations

import pytest

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
