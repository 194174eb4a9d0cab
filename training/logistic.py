"""From features of a reading to the probability that it is right: logistic regression, and how well it is calibrated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


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


def write_constants(target: Path, bias: float, weights: Mapping[str, float], comment: str) -> None:
    """Replaces ``BIAS`` and ``WEIGHTS`` of a module and the comment above them."""
    table = "".join(f'    "{name}": {value:.3f},\n' for name, value in weights.items())
    source = re.sub(
        r"(?:^# [^\n]*\n)*^BIAS: Final = .*?^}\n",
        lambda _: f"{comment}BIAS: Final = {bias:.3f}\nWEIGHTS: Final[dict[str, float]] = {{\n{table}}}\n",
        target.read_text(encoding="utf-8"),
        flags=re.M | re.S,
    )
    target.write_text(source, encoding="utf-8")
