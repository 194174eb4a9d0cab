"""Whether two formulas look the same: TeX sets both, and their ink is compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.text import tex

_DPI = 150
_INK = 128  # grey level below which a pixel is ink


def rendered_alike(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Whether TeX sets the two formulas of each pair alike; what it cannot set is like nothing."""
    alike = []
    for first in range(0, len(pairs), 200):
        part = pairs[first : first + 200]
        pictures = _pictures([formula for pair in part for formula in pair])
        alike += [same_ink(pictures[2 * n], pictures[2 * n + 1]) for n in range(len(part))]
    return alike


def _pictures(formulas: Sequence[str]) -> list[NDArray[np.bool_] | None]:
    """The ink of each formula, cropped to it; None where TeX stumbles."""
    from docvlm.mupdf import pymupdf

    pieces = [tex.Piece(rf"$\displaystyle {formula}$".replace("\n", " ")) for formula in formulas]
    try:
        data, wrong = tex.set_pages(pieces, tex.FONTS["cm"][0])
    except RuntimeError:
        return _halves(formulas)
    with pymupdf.open(stream=data) as document:
        if len(document) == len(pieces):
            return [None if number in wrong else _ink(page) for number, page in enumerate(document)]
    return _halves(formulas)


def _halves(formulas: Sequence[str]) -> list[NDArray[np.bool_] | None]:
    """As `_pictures`, where a stray brace has shifted everything behind it: in ever smaller runs, to find it."""
    if len(formulas) == 1:
        return [None]
    middle = len(formulas) // 2
    return _pictures(formulas[:middle]) + _pictures(formulas[middle:])


def _ink(page: object) -> NDArray[np.bool_]:
    from docvlm.mupdf import pymupdf

    pixmap = page.get_pixmap(dpi=_DPI, colorspace=pymupdf.csGRAY)  # type: ignore[attr-defined]
    ink = (
        np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]
        < _INK
    )
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    cropped: NDArray[np.bool_] = (
        ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink[:0, :0]
    )
    return cropped


def same_ink(left: NDArray[np.bool_] | None, right: NDArray[np.bool_] | None) -> bool:
    """Whether no ink of one lies more than a pixel from ink of the other."""
    if left is None or right is None or not left.size or not right.size:
        return False
    if max(abs(a - b) for a, b in zip(left.shape, right.shape)) > 2:
        return False
    shape = [max(a, b) + 2 for a, b in zip(left.shape, right.shape)]
    first, second = (np.zeros(shape, np.bool_) for _ in range(2))
    first[1 : 1 + left.shape[0], 1 : 1 + left.shape[1]] = left
    second[1 : 1 + right.shape[0], 1 : 1 + right.shape[1]] = right
    return not (first & ~_thick(second)).any() and not (second & ~_thick(first)).any()


def _thick(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    grown = ink.copy()
    for axis in (0, 1):
        once = grown.copy()
        for shift in (1, -1):
            once |= np.roll(grown, shift, axis)
        grown = once
    return grown
