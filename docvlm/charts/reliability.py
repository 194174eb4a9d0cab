"""How far a chart's numbers can be believed: from what their witnesses say of each other to one probability.

A value has up to three witnesses: the label printed beside its mark, the mark's place between the ticks, and the
auxiliary token (OneChart). Whether they agree, how sure the pointers were and how well the ticks fit one axis are the
features of a logistic map, which `training/calibrate_charts.py` fits to charts with known data (`docvlm.calibration`).
"""

from __future__ import annotations

import math
from typing import Final

from docvlm import calibration, checks
from docvlm.calibration import Calibration
from docvlm.charts import auxiliary
from docvlm.charts.coverage import Coverage
from docvlm.charts.data import Evidence
from docvlm.confidence import combine
from docvlm.schema import Check, Confidence, Reliability

FEATURES: Final = (
    "tokens",
    "anchors",
    "cells",
    "least",
    "auxiliary",
    "no-auxiliary",
    "ticks",
    "no-axis",
    "axis-error",
    "label-error",
    "labelled",
    "outside",
    "unnamed",
    "repeated",
    "uneven",
    "values",
    "stacked",
    "area",
    "combined",
    "read",
    "exact",
    "seen",
    "unseen",
    "missing",
)
_LABELLED = 0.9  # of the values; with fewer printed labels the numbers hang on the axis


def features_of(evidence: Evidence) -> dict[str, float]:
    """What is known of a chart as numbers of ordinary size, by the names of `FEATURES`."""
    sure, axis = evidence.certainty, evidence.axis
    measured = evidence.labelled < _LABELLED
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


def of_chart(evidence: Evidence, fitted: Calibration | None) -> Reliability:
    """The probability that a chart's numbers are right, from what their witnesses say of each other.

    Right means that at least three quarters of the values are there under their names, to 5%. The checks say
    what speaks against it; what they say is inside the probability already. Only a stuck reader is a veto: such
    charts are too rare to fit a weight to. Uncalibrated, a chart is as sure as the least sure of its steps.
    """
    sure = math.exp(evidence.certainty.least)
    score, unknown = calibration.judged(fitted, features_of(evidence), sure)
    judged = combine(score, [*unknown, *_checks(evidence, sure)])
    judged.checks.insert(0, checks.PROBABILITY(judged.score))
    return reliability(judged, evidence.auxiliary)


def _checks(evidence: Evidence, sure: float) -> list[Check]:
    made = [checks.LEAST_SURE_POINTER(sure), checks.VALUES_BEYOND_AXIS(evidence.outside)]
    stuck = checks.REPETITION(evidence.stuck)
    if not stuck.passed:
        made.append(stuck)
    if evidence.uneven:
        made.append(checks.SERIES_INCOMPLETE(evidence.uneven))
    if evidence.unnamed:
        made.append(checks.NAMES_MISSING(evidence.unnamed))
    if evidence.labelled < _LABELLED and evidence.kind.mark != "slice":
        axis = evidence.axis
        share = axis.ticks / axis.labels if axis else 0.0
        made.append(checks.TICKS_AGREE(share, passed=axis is not None and axis.is_sound))
    if evidence.label_error is not None:
        made.append(checks.LABELS_AND_MARKS(evidence.label_error))
    if evidence.exact is not None:
        made.append(checks.MARKS_ON_PATHS(evidence.exact))
    if evidence.seen is not None:
        made.append(checks.MARKS_IN_PICTURE(evidence.seen))
    made += _coverage(evidence.coverage)
    if evidence.auxiliary is not None:
        made.append(auxiliary.check(evidence.auxiliary))
    return made


def _coverage(coverage: Coverage) -> list[Check]:
    """What of the picture has a value: nothing inside of a reading can show what it lacks, so these are vetoes."""
    shares = (
        (checks.BARS_CLAIMED, coverage.bars),
        (checks.LINES_CLAIMED, coverage.lines),
        (checks.PRINTED_VALUES_USED, coverage.values),
        (checks.ENTRIES_NAMED, coverage.entries),
    )
    made = [rule(1 - share) for rule, share in shares if share is not None]
    return made + ([checks.ONE_PANEL(passed=False)] if coverage.panels else [])


def no_chart(*failed: Check) -> Reliability:
    """Of what is no chart, or gave none, as the checks say."""
    return reliability(combine(0.0, failed))


def reliability(judged: Confidence, distance: float | None = None) -> Reliability:
    """A confidence in the form that charts have; ``distance`` is the auxiliary token's."""
    return Reliability(score=judged.score, reliable=judged.reliable, distance=distance, checks=judged.checks)
