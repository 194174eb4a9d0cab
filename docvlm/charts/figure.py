"""A picture as chart readers are given it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import Anchor, Box
from docvlm.charts.vector import Shapes


@dataclass(frozen=True, slots=True)
class Figure:
    """RGB pixels (h, w, 3) uint8; the text in them with boxes in pixels, ``None`` where only OCR can tell; the paths
    that drew them, in pixels, where they came from a PDF. ``box`` (points) and ``page`` say where it stands.
    """

    image: NDArray[np.uint8]
    anchors: list[Anchor] | None = None
    shapes: Shapes | None = None
    page: int | None = None
    box: Box | None = None
