"""Charts as actions: what is encoded comes back, and the grammar allows nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docvlm.anchors import ActionSpace
from docvlm.charts.code import (
    VOCABULARY,
    ChartCode,
    MarkCode,
    SeriesCode,
    Token,
    chart_grammar,
    decode_chart,
    encode_chart,
)
from docvlm.charts.kinds import CHART_KINDS

SPACE = ActionSpace(VOCABULARY, anchors=40, rows=24, columns=32)

anchors = st.integers(0, 39)
names = st.lists(anchors, max_size=4)
points = st.tuples(st.floats(0, 127.9), st.floats(0, 95.9))


@st.composite
def charts(draw: st.DrawFn) -> ChartCode:
    labelled = draw(st.booleans())
    mark = st.builds(MarkCode, points, st.none() | anchors if labelled else st.none())
    marks = st.lists(mark | st.builds(MarkCode, st.none()), min_size=1, max_size=6)
    series = st.builds(SeriesCode, names, marks, st.sampled_from(["plain", "line", "right"]))
    return ChartCode(
        draw(st.sampled_from(list(CHART_KINDS.values()))),
        draw(st.none() | st.lists(names, min_size=1, max_size=5)),
        draw(st.lists(series, min_size=1, max_size=3)),
        labelled,
        draw(st.none() | points),
    )


@settings(max_examples=150, deadline=None)
@given(charts())
def test_a_chart_comes_back_as_it_went(chart: ChartCode) -> None:
    actions, offsets = encode_chart(chart, SPACE)
    assert chart_grammar(SPACE).accepts(actions[:-1])
    back = decode_chart(actions, SPACE, offsets)
    assert (back.kind, back.categories, back.labelled) == (chart.kind, chart.categories, chart.labelled)
    assert (back.centre is None) == (chart.centre is None)
    assert [series.name for series in back.series] == [series.name for series in chart.series]
    assert [series.style for series in back.series] == [series.style for series in chart.series]
    for ours, theirs in zip(back.series, chart.series, strict=True):
        for mark, original in zip(ours.marks, theirs.marks, strict=True):
            assert mark.label == original.label
            assert (mark.point is None) == (original.point is None)
            if mark.point is not None and original.point is not None:
                assert mark.point == pytest.approx(original.point, abs=1e-3)


def test_a_picture_that_is_no_chart_is_two_tokens() -> None:
    actions, _ = encode_chart(ChartCode(None), SPACE)
    assert actions == [Token.AUXILIARY, Token.NO_CHART, Token.END]
    assert decode_chart(actions, SPACE).kind is None


def test_probabilities_become_certainty() -> None:
    chart = ChartCode(CHART_KINDS["line"], None, [SeriesCode([3], [MarkCode((5.0, 6.0), 7)])], labelled=True)
    actions, offsets = encode_chart(chart, SPACE)
    log_probs = np.log(np.linspace(0.1, 1.0, len(actions)))
    sure = decode_chart(actions, SPACE, offsets, list(log_probs)).certainty
    written = [(a, p) for a, p in zip(actions[1:-1], log_probs[1:-1], strict=True)]
    assert sure.cells == pytest.approx(np.mean([p for a, p in written if a >= SPACE.first_cell]))
    assert sure.anchors == pytest.approx(
        sum(p for a, p in written if SPACE.vocabulary <= a < SPACE.first_cell)
    )
    assert sure.tokens == pytest.approx(sum(p for a, p in written if a < SPACE.vocabulary))
    assert sure.least == pytest.approx(log_probs[1])


@pytest.mark.parametrize(
    "actions",
    [
        [],
        [Token.AUXILIARY],
        [Token.AUXILIARY, Token.FIRST_KIND, Token.NUMERIC, Token.UNLABELLED, Token.SERIES, Token.UNNAMED],
        [Token.AUXILIARY, Token.NO_CHART, Token.SERIES],
    ],
)
def test_what_is_no_sentence_is_refused(actions: list[int]) -> None:
    with pytest.raises(ValueError, match="no chart"):
        decode_chart(actions, SPACE)


def test_a_series_without_marks_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="mark"):
        encode_chart(ChartCode(CHART_KINDS["line"], None, [SeriesCode([1])]), SPACE)
