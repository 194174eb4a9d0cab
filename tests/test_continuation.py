"""Sentences that regions cut are one paragraph again."""

from __future__ import annotations

import pytest

from docvlm.assembly.continuation import mark_continuations
from docvlm.boxes import Box
from docvlm.draft import Draft, PageDraft
from docvlm.schema import Block, Confidence, Page, TextLine

FIRST = "The mill was built where the river is narrow and where the road from the town"


def _continues(last: Box, second: str, box: Box, size: float = 10.0) -> bool:
    """Whether a paragraph goes on with ``FIRST``, whose last line stands in ``last``."""
    first = Draft("paragraph", (50.0, 100.0, 350.0, last[3]), FIRST, size=10.0, lines=3)
    first.text_lines = [TextLine(text="the town", box=last)]
    drafts = [first, Draft("paragraph", box, second, size=size)]
    sure = Confidence(score=1.0, reliable=True, checks=[])
    blocks = [
        Block(id=f"p1b{number}", kind=draft.kind, box=draft.box, text=draft.text, confidence=sure)
        for number, draft in enumerate(drafts)
    ]
    page = Page(number=1, width=400.0, height=600.0, blocks=blocks)
    mark_continuations([page], [PageDraft(1, 400.0, 600.0, drafts)])
    return blocks[1].continues == "p1b0"


@pytest.mark.parametrize(
    ("last", "second", "box", "joined"),
    [
        ((50.0, 126.0, 348.0, 136.0), "crosses it.", (50.0, 138.0, 120.0, 148.0), True),
        ((50.0, 126.0, 180.0, 136.0), "crosses it.", (50.0, 138.0, 350.0, 148.0), False),  # a short line
        ((50.0, 126.0, 348.0, 136.0), "Crosses it.", (50.0, 138.0, 120.0, 148.0), False),  # a new sentence
        ((50.0, 126.0, 348.0, 136.0), "crosses it.", (50.0, 150.0, 120.0, 160.0), False),  # a wider gap
        ((50.0, 126.0, 348.0, 136.0), "crosses it.", (80.0, 138.0, 150.0, 148.0), False),  # further in
    ],
)
def test_a_sentence_goes_on_in_the_next_line_of_its_column(
    last: Box, second: str, box: Box, joined: bool
) -> None:
    assert _continues(last, second, box) is joined


def test_what_is_set_in_other_type_begins_anew() -> None:
    last = (50.0, 126.0, 348.0, 136.0)
    assert not _continues(last, "crosses it.", (50.0, 138.0, 120.0, 148.0), size=8.0)
