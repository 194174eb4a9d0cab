"""How far a chart's numbers can be believed: from what their witnesses say of each other to one probability.

A value has up to three witnesses: the label printed beside its mark, the mark's place between the ticks, and the
auxiliary token (OneChart). Whether they agree, how sure the pointers were and how well the ticks fit one axis are the
features of a logistic map, which `training/calibrate_charts.py` fits to charts with known data.
"""

from __future__ import annotations

import math
from typing import Final

from docvlm.charts.data import Evidence
from docvlm.confidence import AUXILIARY_DISTANCE, is_reliable
from docvlm.schema import Check, Reliability

# By python -m training.calibrate_charts --charts 600 --seed 7:
# 595 charts, 0.54 right; of 198 held out: ECE 0.053, AUROC 0.90, 0.33 called reliable.
BIAS: Final = 0.544
WEIGHTS: Final[dict[str, float]] = {
    "tokens": 0.363,
    "anchors": 0.401,
    "cells": 0.972,
    "least": 0.523,
    "auxiliary": 0.071,
    "no-auxiliary": -1.220,
    "ticks": 1.602,
    "no-axis": -0.960,
    "axis-error": -0.041,
    "label-error": -0.486,
    "labelled": 0.621,
    "outside": -0.174,
    "unnamed": -2.285,
    "repeated": -0.064,
    "uneven": -1.891,
    "values": -0.536,
    "stacked": 0.294,
    "area": -0.822,
    "combined": -0.165,
    "read": -0.703,
    "exact": 0.000,
    "seen": 1.937,
    "unseen": 0.291,
    "missing": -2.284,
}
# A chart is called reliable from this probability on.
RELIABLE: Final = 0.8
# The share of a series that may repeat itself before it counts as a stuck reader; overlapping points are fewer.
_MAX_REPETITION: Final = 0.5


def features_of(evidence: Evidence) -> dict[str, float]:
    """What is known of a chart as numbers of ordinary size, by the names of `WEIGHTS`."""
    sure, axis = evidence.certainty, evidence.axis
    measured = evidence.labelled < 0.9  # some values hang on the axis
    sound = axis is not None and axis.is_sound
    needs_axis = measured and evidence.kind.mark != "slice"
    return {
        "tokens": max(sure.tokens, -4.0),
        "anchors": max(sure.anchors, -4.0),
        "cells": max(sure.cells, -4.0),
        "least": max(sure.least, -4.0),
        "auxiliary": min(evidence.auxiliary or 0.0, 0.5),
        "no-auxiliary": float(evidence.auxiliary is None),
        "ticks": axis.ticks / axis.labels if needs_axis and axis is not None else 1.0,
        "no-axis": float(needs_axis and not sound),
        "axis-error": min(axis.error, 4.0) if needs_axis and axis is not None else 0.0,
        "label-error": min(evidence.label_error or 0.0, 0.3),
        "labelled": evidence.labelled,
        "outside": evidence.outside,
        "unnamed": evidence.unnamed,
        "repeated": evidence.repeated,
        "uneven": evidence.uneven,
        "values": math.log(1 + evidence.values),
        "stacked": float(evidence.kind.stacked),
        "area": float(evidence.kind.mark == "area"),
        "combined": float(evidence.kind.mark == "bar and line"),
        "read": float(evidence.read),
        "exact": evidence.exact or 0.0,
        "seen": evidence.seen or 0.0,
        "unseen": float(evidence.seen is None),
        "missing": evidence.missing,
    }


def of_chart(evidence: Evidence) -> Reliability:
    """The probability that a chart's numbers are right, from what their witnesses say of each other.

    Right means that at least three quarters of the values are there under their names, to 5%. The checks say
    what speaks against it; the verdict is the probability's, which no stuck reader has above one half: such charts
    are too rare to fit a weight to.
    """
    z = BIAS + sum(WEIGHTS[name] * value for name, value in features_of(evidence).items())
    score = round(1 / (1 + math.exp(-max(-30.0, min(30.0, z)))), 4)
    stuck = evidence.stuck > _MAX_REPETITION
    if stuck:
        score = min(score, 0.5)

    def check(name: str, value: float, threshold: float, passed: bool) -> Check:
        return Check(name=name, value=round(value, 4), threshold=threshold, passed=passed)

    sure = math.exp(evidence.certainty.least)
    checks = [
        check("probability", score, RELIABLE, score >= RELIABLE),
        check("least-sure-pointer", sure, 0.2, sure >= 0.2),
        check("values-beyond-axis", evidence.outside, 0.1, evidence.outside <= 0.1),
    ]
    if stuck:
        checks.append(check("repetition", evidence.stuck, _MAX_REPETITION, False))
    if evidence.uneven:
        checks.append(check("series-incomplete", evidence.uneven, 0.0, False))
    if evidence.unnamed:
        checks.append(check("names-missing", evidence.unnamed, 0.0, False))
    if evidence.labelled < 0.9 and evidence.kind.mark != "slice":
        axis = evidence.axis
        share = axis.ticks / axis.labels if axis else 0.0
        checks.append(check("ticks-agree", share, 0.6, axis is not None and axis.is_sound))
    if evidence.label_error is not None:
        checks.append(check("labels-and-marks", evidence.label_error, 0.04, evidence.label_error <= 0.04))
    if evidence.exact is not None:
        checks.append(check("marks-on-paths", evidence.exact, 0.8, evidence.exact >= 0.8))
    if evidence.seen is not None:
        checks.append(check("marks-in-picture", evidence.seen, 0.8, evidence.seen >= 0.8))
    if evidence.auxiliary is not None:
        distance = evidence.auxiliary
        checks.append(check("auxiliary-distance", distance, AUXILIARY_DISTANCE, is_reliable(distance)))
    return Reliability(score=score, reliable=score >= RELIABLE, distance=evidence.auxiliary, checks=checks)
