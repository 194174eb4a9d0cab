"""From features of a reading to the probability that it is right: a logistic map, kept beside the weights it is of.

How sure a network is of itself is no probability of being right until it is fitted to readings with known truth
(Platt scaling, with more than one feature). A bundle's map lies in its `calibration.json`, which `training/calibrate_*.py`
write; it names each feature, and the weights that it was fitted for by the hash that `config.json` has of them:

    {"model": "<sha256 of model.safetensors>", "command": "python -m ...", "measured": "595 charts, 0.54 right; ...",
     "bias": 0.544, "weights": {"tokens": 0.363, ...}}

A bundle without one, or one whose map was fitted for other weights, is *uncalibrated*: its readings have the network's
own probability for a score, fail the check "calibrated", and are never called reliable.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docvlm import checks
from docvlm.bundle import CONFIG, WEIGHTS, BundleError, find_bundle
from docvlm.files import write_atomically
from docvlm.schema import Check

FILE: Final = "calibration.json"
_AGAIN: Final = (
    "fit it again with training/calibrate_*.py, or delete it: the model then counts as uncalibrated"
)
_STEEPEST: Final = 30.0  # a logit beyond it is certainty in float64 and must not overflow


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic map: the bias and the weight of each feature by its name. ``command`` fitted it, ``measured`` says in
    words on what and how well; ``model`` is the hash of the weights that it belongs to, "" where they are not ours.
    """

    bias: float
    weights: Mapping[str, float]
    command: str = ""
    measured: str = ""
    model: str = ""

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability in (0, 1) that a reading with these features is right."""
        logit = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-_STEEPEST, min(_STEEPEST, logit))))


def judged(
    calibration: Calibration | None, features: Mapping[str, float], own: float
) -> tuple[float, list[Check]]:
    """The probability that a reading is right; where no calibration tells it, the network's ``own``, and the check that
    says so.
    """
    if calibration is None:
        return own, [checks.CALIBRATED(passed=False)]
    return calibration.probability(features), []


def of_bundle(model: str | Path, features: Sequence[str]) -> Calibration | None:
    """The calibration of a bundle, given as a folder or by the name of a bundled model; ``None`` where it has none for
    its weights.

    ``features`` are the names of what the code computes. Raises BundleError for a calibration that is damaged or has
    other features.
    """
    folder = find_bundle(model)
    if folder is None or not (folder / FILE).is_file():
        return None
    found = load(folder / FILE, features)
    return found if found.model == weights_of(folder) else None


def weights_of(folder: Path) -> str:
    """The hash that a bundle's config states of its weights."""
    config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return str(config.get("sha256", {}).get(WEIGHTS, ""))


def load(path: Path, features: Sequence[str]) -> Calibration:
    """The calibration that a file holds. Raises BundleError as `of_bundle` does."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        weights = {str(name): float(weight) for name, weight in stored["weights"].items()}
        said = (str(stored.get(name, "")) for name in ("command", "measured", "model"))
        found = Calibration(float(stored["bias"]), weights, *said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"{path} is no calibration: {type(error).__name__}: {error}", _AGAIN) from error
    if not all(map(math.isfinite, (found.bias, *weights.values()))):
        raise BundleError(f"{path} holds a weight that is not finite", _AGAIN)
    missing, surplus = sorted(set(features) - weights.keys()), sorted(weights.keys() - set(features))
    if missing or surplus:
        raise BundleError(
            f"{path} is of other features than this docvlm computes: missing {missing}, surplus {surplus}",
            _AGAIN,
        )
    return found


def save(path: Path, calibration: Calibration) -> None:
    """Writes a calibration as `load` reads it. Raises OutputError where that fails."""
    stored: dict[str, Any] = {"model": calibration.model} if calibration.model else {}
    stored |= {"command": calibration.command, "measured": calibration.measured}
    stored |= {"bias": calibration.bias, "weights": dict(calibration.weights)}
    write_atomically(path, (json.dumps(stored, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
