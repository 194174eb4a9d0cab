"""What goes wrong with one region stays there: the others are read, and its own text and picture are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from docvlm import checks, inline
from docvlm.boxes import union
from docvlm.confidence import combine
from docvlm.draft import Draft
from docvlm.failures import failure_of
from docvlm.readers.view import PICTURED, PageView, Part
from docvlm.schema import Confidence, Failure

Step = Callable[[PageView, Sequence[Part]], None]


def guarded(stage: str, step: Step, view: PageView, parts: Sequence[Part]) -> None:
    """Runs ``step`` over ``parts`` together; where it fails, over each alone, so that only the bad ones are lost.

    A part with which it fails keeps what it has and the first failure that it met.
    """
    if not parts:
        return
    try:
        step(view, parts)
    except Exception as error:
        if len(parts) > 1:
            for part in parts:
                guarded(stage, step, view, [part])
        elif parts[0].failure is None:
            parts[0].failure = failure_of(error, stage, view.debug)


def with_failures(view: PageView, parts: Sequence[Part]) -> None:
    """Marks the blocks of parts that met a failure; a part without any becomes its own text with its picture."""
    for part in parts:
        if part.failure is None:
            continue
        for block in part.blocks:
            block.failure = part.failure
            block.confidence = _doubted(block.confidence)
        part.blocks = part.blocks or [_as_it_stands(view, part, part.failure)]


def _as_it_stands(view: PageView, part: Part, failure: Failure) -> Draft:
    """A part as nothing but lines and pixels. Nothing here may fail because the part's reader did."""
    region, lines = part.region, part.region.lines
    kind = "paragraph" if region.kind == "table" else region.kind
    words = " ".join(line.text.strip() for line in lines)
    draft = Draft(kind, union([region.box, *(line.box for line in lines)]), failure=failure)
    draft.text = inline.escape(words)
    draft.lines, draft.reader = len(lines), None if region.kind in PICTURED else view.reader
    with suppress(Exception):
        draft.image = view.pixels(region.box)
    with suppress(Exception):
        draft.confidence = view.judge(lines, words)
    with suppress(Exception):
        draft.text_lines = view.text_lines(lines)
    draft.confidence = _doubted(draft.confidence)
    return draft


def _doubted(judged: Confidence | None) -> Confidence:
    failed = checks.READER_FAILED(passed=False)
    return combine(judged.score, [*judged.checks, failed]) if judged else combine(0.0, [failed])
