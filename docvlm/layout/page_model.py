"""The page model at work: a page and its lines in, their order, blocks and roles out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from docvlm.calibration import Calibration
from docvlm.directions import disguised, mirrored, runs_right_to_left
from docvlm.layout.drawn import things_drawn
from docvlm.layout.features import Look, encode, looks
from docvlm.layout.flow import Reading, read
from docvlm.layout.interface import PageRuntime
from docvlm.mupdf import pymupdf
from docvlm.spans import Line

_NEVER = -20.0  # logarithm of a probability
_LEVEL = 0.9  # cosine of a line's angle
_SHARED = 0.5  # of the shorter line's width


@dataclass(frozen=True, slots=True)
class PageModel:
    """Reads pages with a page network on any runtime; ``fitted`` says what its certainty is worth."""

    network: PageRuntime
    fitted: Calibration | None = None

    def read(self, page: pymupdf.Page, lines: list[Line]) -> Reading | None:
        """The reading of an upright page's lines; None where there are none, or more than the network sees at once.

        A page that runs from right to left is shown in a mirror, in which its margins, columns and markers are where the
        network learned them.
        """
        if not 0 < len(lines) <= self.network.config.lines:
            return None
        seen, things, width = looks(lines), things_drawn(page), page.rect.width
        if runs_right_to_left(lines):
            seen = [replace(look, box=mirrored(look.box, width), text=disguised(look.text)) for look in seen]
            things = [(kind, mirrored(box, width)) for kind, box in things]
        scores = self.network.look(encode(seen, width, page.rect.height, things))
        upwards = _upwards(seen)
        scores.follows[:, : len(seen)][upwards] = _NEVER
        scores.precedes[:, : len(seen)][upwards.T] = _NEVER
        return read(scores)


def _upwards(seen: Sequence[Look]) -> NDArray[np.bool_]:
    """(N, N) whether the second of two level lines stands above the first in its column: nobody reads on there."""
    boxes = np.array([look.box for look in seen], np.float32)
    level = np.array([abs(look.direction[0]) > _LEVEL for look in seen])
    x0, y0, x1, y1 = boxes.T
    shared = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    one_column = shared > _SHARED * np.minimum((x1 - x0)[:, None], x1 - x0)
    above = y1[None, :] < ((y0 + y1) / 2)[:, None]
    return np.asarray(one_column & above & level[:, None] & level)
