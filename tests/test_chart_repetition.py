"""A chart model that got stuck: what it points at again is written once, and the chart says that it is no good."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from docvlm.anchors import Anchor, AnchorCodes
from docvlm.calibration import of_bundle
from docvlm.charts.code import TEXT_ROLES, ChartCode, MarkCode, SeriesCode, encode_chart
from docvlm.charts.figure import Figure
from docvlm.charts.interface import ChartConfig, ChartEncoderConfig, ChartReading
from docvlm.charts.kinds import CHART_KINDS
from docvlm.charts.reading import ChartReader
from docvlm.charts.reliability import FEATURES
from docvlm.charts.repetition import said_once
from docvlm.decoding.interface import Generated
from docvlm.schema import Chart

CONFIG = ChartConfig(ChartEncoderConfig(size=128, width=16, depth=2, heads=2, mlp=32, cells=8), anchors=12)
TICKS = [Anchor(str(10 * n), (4.0, 96.0 - 20 * n, 14.0, 104.0 - 20 * n)) for n in range(5)]
RISING = [MarkCode((20.0 + 20 * n, 100.0 - 15 * n)) for n in range(5)]
# A stuck pointer trembles.
STUCK = [MarkCode((60.0 + 0.1 * (n % 3), 50.0 - 0.1 * (n % 2))) for n in range(40)]


class Writer:
    """A runtime whose network writes what it is told: no network gets stuck on purpose."""

    config = CONFIG
    ran_on = "paper"

    def __init__(self, code: ChartCode) -> None:
        self.actions, self.offsets = encode_chart(code, CONFIG.space)

    def read(
        self, images: np.ndarray, codes: Sequence[AnchorCodes], max_actions: int = 0
    ) -> list[ChartReading]:
        count = len(TICKS)
        roles = np.zeros((count, len(TEXT_ROLES)), np.float32)
        roles[:, TEXT_ROLES.index("y_tick")] = 1
        written = Generated(
            tuple(self.actions),
            (0.0,) * len(self.actions),
            finished=True,
            repeated=False,
            offsets=np.asarray(self.offsets, np.float32),
        )
        return [ChartReading(written, roles, np.zeros((count, 2), np.float32), np.zeros(0, np.float32))]


def _read(marks: list[MarkCode]) -> Chart:
    code = ChartCode(CHART_KINDS["scatter"], None, [SeriesCode(marks=marks)])
    image = np.full((128, 128, 3), 255, np.uint8)
    return ChartReader(Writer(code), of_bundle("chart-s", FEATURES)).read([Figure(image, TICKS)])[0]


def test_a_stuck_reading_is_short_and_unreliable() -> None:
    chart = _read([*RISING, *STUCK])
    assert len(chart.series[0].points) == len(RISING) + 1
    assert not chart.reliability.reliable and chart.reliability.score <= 0.5
    (check,) = [check for check in chart.reliability.checks if check.name == "repetition"]
    assert not check.passed and check.value == pytest.approx(39 / 45, abs=1e-3)


def test_a_reading_with_a_place_of_its_own_for_each_mark_says_nothing_of_repetition() -> None:
    chart = _read(RISING)
    assert len(chart.series[0].points) == len(RISING)
    assert "repetition" not in [check.name for check in chart.reliability.checks]


def test_where_marks_stand_for_categories_the_others_keep_their_names() -> None:
    marks = [MarkCode((20.0, 50.0)), MarkCode((40.0, 30.0)), MarkCode((40.2, 30.1)), MarkCode((80.0, 10.0))]
    code, share = said_once(ChartCode(CHART_KINDS["line"], [[0], [1], [2], [3]], [SeriesCode(marks=marks)]))
    assert [mark.point for mark in code.series[0].marks] == [(20.0, 50.0), (40.0, 30.0), None, (80.0, 10.0)]
    assert share == 0.25


def test_what_says_something_new_stays() -> None:
    point = (40.0, 30.0)
    labelled = [MarkCode(point, 5), MarkCode(point, 6), MarkCode((41.2, 30.0), 6)]
    two = ChartCode(
        CHART_KINDS["line"],
        [[0], [1], [2]],
        [SeriesCode([3], labelled), SeriesCode([4], [MarkCode(point), MarkCode(None), MarkCode(None)])],
        labelled=True,
    )
    pie = ChartCode(
        CHART_KINDS["pie"],
        [[0], [1]],
        [SeriesCode(marks=[MarkCode(point), MarkCode(point)])],
        centre=(9.0, 9.0),
    )
    assert said_once(two) == (two, 0.0)
    assert said_once(pie) == (pie, 0.0)
