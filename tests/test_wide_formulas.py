"""Formulas that are set wider than TeX sets them, and those of scans that the layout took for text or cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from docvlm.confidence import combine
from docvlm.decoding.interface import Reading
from docvlm.formulas.codes import GlyphCodes
from docvlm.formulas.glyphs import ITALIC, LEFT, RIGHT, Glyphs, Kind, closed_up
from docvlm.formulas.interface import ReaderConfig
from docvlm.formulas.reading import Formula, FormulaReader
from docvlm.layout.region import Region
from docvlm.readers.scanned_displays import agree, looks_displayed, whole_displays
from docvlm.spans import Line, Span


def _glyphs(text: str, lefts: Sequence[float]) -> Glyphs:
    left = np.array(lefts, np.float32)
    places = np.column_stack([left, left * 0 + 2, left + 5, left * 0 + 10, left * 0 + 10, left * 0 + 10])
    return Glyphs(np.array([*map(ord, text)], np.int32), np.full(len(text), ITALIC, np.uint8), places)


def test_wide_gaps_close_up_and_order_and_widths_stay() -> None:
    wide = _glyphs("b=a", (60, 30, 0))  # drawn from right to left
    closed = closed_up(wide)
    assert closed.places[:, LEFT].tolist() == [22, 11, 0]
    assert (closed.places[:, RIGHT] - closed.places[:, LEFT] == 5).all()
    tight = _glyphs("a=b", (0, 8, 16))
    assert closed_up(tight) is tight


class _NarrowReader:
    """Sure of formulas without wide gaps, and lost in others."""

    def __init__(self) -> None:
        self.config, self.ran_on, self.asked = ReaderConfig(vocabulary=1), "a test", 0

    def read(
        self, crops: Sequence[GlyphCodes], kinds: Sequence[Kind], only_shown: bool = False
    ) -> list[Reading]:
        self.asked += len(crops)
        return [Reading("a=b", (-0.01 if self.asked > 1 else -3.0,), True, False) for _ in crops]


def test_a_doubtful_formula_with_wide_gaps_is_read_again_closed_up() -> None:
    for lefts, asked, sure in (((0, 30, 60), 2, True), ((0, 8, 16), 1, False)):
        runtime = _NarrowReader()
        (formula,) = FormulaReader(runtime).read([_glyphs("a=b", lefts)])
        assert (runtime.asked, formula.confidence.score > 0.1) == (asked, sure)
        assert formula.latex == "a=b"


# Scans.


def _region(text: str, left: float, right: float, top: float, kind: str = "paragraph") -> Region:
    box = (left, top, right, top + 10.0)
    line = Line(box, [Span(text, box, 10.0, baseline=top + 8, score=0.9)])
    return Region(kind, box, [line])  # type: ignore[arg-type]


def test_pieces_of_a_formula_on_one_level_are_one() -> None:
    text = _region("The law says that", 50, 400, 80)
    pieces = [
        _region("F(x + h)", 100, 140, 110, "formula"),
        _region("=", 160, 168, 110),
        _region("G(x)", 190, 215, 110),
    ]
    whole = whole_displays([text, *pieces])
    assert [region.kind for region in whole] == ["paragraph", "formula"]
    assert whole[1].text == "F(x + h) = G(x)"
    assert list(whole[1].box) == [100, 110, 215, 120]
    words = _region("as every reader knows", 230, 330, 110)
    assert len(whole_displays([pieces[0], words])) == 2


def test_what_stands_in_the_middle_and_says_no_sentence_looks_displayed() -> None:
    text = _region("A line of the text as wide as its column", 50, 400, 80)
    shown = _region("Q = Av ≈ bhv = const.", 180, 270, 110)
    assert looks_displayed(shown, [text, shown])
    for other in (
        _region("Q = Av ≈ bhv", 50, 120, 110),  # at the margin
        _region("The depth is = 3 here", 150, 300, 110),
        _region("42", 220, 230, 110),
    ):
        assert not looks_displayed(other, [text, other])


@pytest.mark.parametrize(
    ("latex", "said", "same"),
    [
        (r"\alpha=\pi\neq3", "α = π ≠ 3", True),
        (r"\alpha=\pi=3", "α = π ≠ 3", False),  # a sign is lost
        ("a+b=c", "a + b = cdefgh", False),
        ("", "a = b", False),
    ],
)
def test_a_display_has_what_ocr_saw(latex: str, said: str, same: bool) -> None:
    assert agree([Formula(latex, None, combine(0.9, []))], said) is same
