"""From features of a reading to the probability that it is right: logistic regression, and how well it is calibrated.

The fitted map is written as `docvlm.calibration` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm import calibration
from docvlm.bundle import find_bundle
from docvlm.calibration import Calibration


def fit(x: NDArray[np.float64], y: NDArray[np.float64], ridge: float = 0.5) -> NDArray[np.float64]:
    """Logistic regression by Newton's method: weights (1 + features), the bias first and not shrunk."""
    a = np.column_stack([np.ones(len(x)), x])
    w = np.zeros(a.shape[1])
    shrink = ridge * np.diag([0.0] + [1.0] * x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-a @ w))
        gradient = a.T @ (p - y) + shrink @ w
        hessian = (a.T * (p * (1 - p))) @ a + shrink + 1e-6 * np.eye(len(w))
        w -= np.linalg.solve(hessian, gradient)
    return w


def predict(w: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-(w[0] + x @ w[1:]))))


def calibration_error(p: NDArray[np.float64], y: NDArray[np.float64], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins; prints the reliability table."""
    total = 0.0
    for low in np.arange(bins) / bins:
        inside = (p >= low) & (p < low + 1 / bins + 1e-9 * (low + 1 / bins >= 1))
        if inside.any():
            said, was = float(p[inside].mean()), float(y[inside].mean())
            total += abs(said - was) * float(inside.mean())
            print(f"  {low:.1f}-{low + 1 / bins:.1f}  n {inside.sum():4d}  said {said:.3f}  was {was:.3f}")
    return total


def row(features: Mapping[str, float], names: Sequence[str]) -> list[float]:
    """The features of one reading in the order of ``names``."""
    return [features[name] for name in names]


def named(w: NDArray[np.float64], features: Sequence[str], command: str, measured: str) -> Calibration:
    """The weights of `fit` by their features' names, to three decimals: the data tell them no finer."""
    bias, *weights = (round(float(each), 3) for each in w)
    return Calibration(bias, dict(zip(features, weights, strict=True)), command, measured)


def table(fitted: Calibration) -> str:
    """The weights, one to a line."""
    return "\n".join(f"  {name:14} {weight:7.3f}" for name, weight in fitted.weights.items())


def write(model: str | Path, fitted: Calibration) -> Path:
    """Puts a calibration into the bundle of a model, fitted for the weights that are there; returns its file."""
    folder = find_bundle(model)
    assert folder is not None, f"{model} has just been read"
    path = folder / calibration.FILE
    calibration.save(path, replace(fitted, model=calibration.weights_of(folder)))
    return path
