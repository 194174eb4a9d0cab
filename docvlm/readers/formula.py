"""Displayed formulas -> blocks: one for each equation number; where one could not be read, its picture stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docvlm.draft import Draft
from docvlm.readers.picture import pictured
from docvlm.readers.view import PageView, Part


def read_formulas(view: PageView, parts: Sequence[Part]) -> list[list[Draft]]:
    """The blocks of each displayed region, by the formulas that were read in it."""
    return [_blocks(pictured(view, part), part) for part in parts]


def _blocks(draft: Draft, part: Part) -> list[Draft]:
    if not part.formulas:
        return [draft]
    if not all(formula.latex for formula in part.formulas):
        draft.confidence = min((formula.confidence for formula in part.formulas), key=lambda each: each.score)
        return [draft]
    return [
        replace(draft, latex=formula.tagged, reader="vlm", confidence=formula.confidence, image=None)
        for formula in part.formulas
    ]
