"""Calibrations: in the bundle that they belong to, with the features that the code computes, or none."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from docvlm import calibration
from docvlm.bundle import BundleError, find_bundle
from docvlm.calibration import FILE, Calibration, load, of_bundle, save
from docvlm.charts import reliability as chart_reliability
from docvlm.charts.code import Certainty
from docvlm.charts.data import Evidence
from docvlm.charts.kinds import CHART_KINDS
from docvlm.formulas import reliability as formula_reliability
from docvlm.formulas import sight
from docvlm.formulas.glyphs import Glyphs
from docvlm.layout import structure
from docvlm.ocr import lines as ocr_lines
from docvlm.ocr import tesseract
from docvlm.ocr.lines import Character, Reading
from training import logistic

FEATURES = {
    "chart-s": chart_reliability.FEATURES,
    "reader-s": formula_reliability.FEATURES,
    "finder-s": sight.FEATURES,
    "page-s": structure.FEATURES,
}
GLYPHS = Glyphs(np.array([120, 0xFFFD], np.int32), np.zeros(2, np.uint8), np.zeros((2, 6), np.float32))


def test_a_map_is_logistic() -> None:
    fitted = Calibration(1.0, {"a": 2.0, "b": -0.5})
    assert fitted.probability({"a": 0.5, "b": 4.0}) == pytest.approx(0.5)
    assert fitted.probability({"a": 1.0, "b": 0.0}) == pytest.approx(1 / (1 + math.exp(-3)))
    assert 0 < fitted.probability({"a": -1e6, "b": 0.0}) < 1e-12
    assert fitted.probability({"a": 1e6, "b": 0.0}) < 1


@pytest.mark.parametrize("model", FEATURES)
def test_each_bundled_model_has_its_own(model: str) -> None:
    fitted = of_bundle(model, FEATURES[model])
    assert fitted is not None and tuple(fitted.weights) == FEATURES[model]
    assert fitted.command.startswith("python -m training.calibrate_") and " right" in fitted.measured


def test_the_code_computes_the_named_features() -> None:
    assert tuple(chart_reliability.features_of(Evidence(CHART_KINDS["vertical_bar"]))) == FEATURES["chart-s"]
    assert tuple(formula_reliability.features_of([-0.1], 1.0, GLYPHS)) == FEATURES["reader-s"]
    assert tuple(sight.Doubt(np.ones(2, np.float32)).features(0.5)) == FEATURES["finder-s"]
    assert tuple(ocr_lines.features_of(Reading([Character("a", 0.5, 0.9)]))) == ocr_lines.FEATURES


def test_what_the_bundled_calibrations_say() -> None:
    """Pinned, so that moving a number to another file changes no score; a new fit changes them."""
    charts = of_bundle("chart-s", FEATURES["chart-s"])
    known = Evidence(
        CHART_KINDS["vertical_bar"],
        Certainty(-0.2, -0.1, -0.5, -0.3),
        6,
        labelled=0.95,
        outside=0.1,
        auxiliary=0.04,
        seen=0.9,
        missing=0.1,
    )
    assert chart_reliability.of_chart(known, charts).score == 0.9197
    assert chart_reliability.of_chart(Evidence(CHART_KINDS["line"], read=True), charts).score == 0.3903
    formulas = of_bundle("reader-s", FEATURES["reader-s"])
    assert formulas is not None
    features = formula_reliability.features_of([-0.1, -0.3, -0.01], 0.9, GLYPHS)
    assert formulas.probability(features) == pytest.approx(0.8665060, abs=1e-7)
    pictures = sight.Doubt(
        np.array([0.9, 0.8, 0.99], np.float32), of_bundle("finder-s", FEATURES["finder-s"])
    )
    assert pictures.judged(0.7)[0] == pytest.approx(0.7939359, abs=1e-7)
    line = Reading([Character("a", 0.1, 0.99), Character("b", 0.5, 0.9), Character("c", 0.9, 0.999)])
    assert ocr_lines.score_of(line) == 0.7357 and ocr_lines.score_of(Reading([])) == 0.0


def test_one_is_read_as_it_was_written(tmp_path: Path) -> None:
    for model in ("", "abc"):
        fitted = Calibration(-0.25, {"a": 0.5, "b-c": -1.0}, "python -m x", "10 lines", model)
        save(tmp_path / FILE, fitted)
        assert load(tmp_path / FILE, ("b-c", "a")) == fitted


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("{", "is no calibration"),
        ("[]", "is no calibration"),
        ('{"bias": 1.0}', "is no calibration"),
        ('{"bias": "x", "weights": {}}', "is no calibration"),
        ('{"bias": NaN, "weights": {"a": 1, "b": 1}}', "not finite"),
        ('{"bias": 0, "weights": {"a": 1, "b": Infinity}}', "not finite"),
        ('{"bias": 0, "weights": {"a": 1}}', r"missing \['b'\]"),
        ('{"bias": 0, "weights": {"a": 1, "b": 1, "c": 1}}', r"surplus \['c'\]"),
    ],
)
def test_a_damaged_one_or_one_of_other_features_is_refused(tmp_path: Path, stored: str, said: str) -> None:
    (tmp_path / FILE).write_text(stored)
    with pytest.raises(BundleError, match=said) as refused:
        load(tmp_path / FILE, ("a", "b"))
    assert "fit it again" in refused.value.line()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle of the user's own: its config and calibration are chart-s's; nothing here opens its weights."""
    found = find_bundle("chart-s")
    assert found is not None
    for name in ("config.json", FILE):
        shutil.copy(found / name, tmp_path / name)
    return tmp_path


def test_a_model_of_ones_own_does_not_get_another_models(bundle: Path) -> None:
    assert of_bundle(bundle, FEATURES["chart-s"]) is not None
    config = json.loads((bundle / "config.json").read_text())
    config["sha256"]["model.safetensors"] = "0" * 64  # trained on
    (bundle / "config.json").write_text(json.dumps(config))
    assert of_bundle(bundle, FEATURES["chart-s"]) is None
    (bundle / FILE).unlink()
    assert of_bundle(bundle, FEATURES["chart-s"]) is None


def test_without_one_nothing_is_reliable_and_says_so() -> None:
    sure = chart_reliability.of_chart(
        Evidence(CHART_KINDS["vertical_bar"], Certainty(), 6, labelled=1.0), None
    )
    assert not sure.reliable and sure.score == 0.5
    assert [check.name for check in sure.checks if not check.passed] == ["probability", "calibrated"]
    unsure = chart_reliability.of_chart(
        Evidence(CHART_KINDS["vertical_bar"], Certainty(least=math.log(0.3)), 6), None
    )
    assert unsure.score == pytest.approx(0.3)
    score, (told,) = sight.Doubt(np.array([0.9, 0.6], np.float32)).judged(0.7)
    assert score == pytest.approx(0.6) and told.name == "calibrated" and not told.passed
    assert calibration.judged(Calibration(0.0, {}), {}, 0.9) == (0.5, [])


def test_a_fit_is_written_into_the_bundle_for_its_weights(bundle: Path) -> None:
    (bundle / FILE).unlink()
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 2))
    y = (rng.random(4000) < 1 / (1 + np.exp(-(0.5 + 2 * x[:, 0] - x[:, 1])))).astype(np.float64)
    assert logistic.row({"b": 2.0, "a": 1.0}, ("a", "b")) == [1.0, 2.0]
    fitted = logistic.named(logistic.fit(x, y), ("a", "b"), "python -m x", "4000 readings")
    assert logistic.write(bundle, fitted) == bundle / FILE
    found = of_bundle(bundle, ("a", "b"))
    assert found is not None and found.command == "python -m x"
    assert found.bias == pytest.approx(0.5, abs=0.15)
    assert found.weights == pytest.approx({"a": 2.0, "b": -1.0}, abs=0.15)
    p = logistic.predict(np.array([found.bias, *found.weights.values()]), x[:1])
    assert found.probability({"a": x[0, 0], "b": x[0, 1]}) == pytest.approx(p[0])


def test_the_wheel_takes_them_along() -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    assert '"docvlm.ocr" = ["calibration.json", "tesseract_calibration.json"]' in settings
    assert ocr_lines.CALIBRATION.is_file() and tesseract.CALIBRATION.is_file()
