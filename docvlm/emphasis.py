"""Where Markdown's marks of emphasis may stand: beside spaces and punctuation, not in the middle of words.

A mark that begins or ends at punctuation inside a word ("**8.**Chairman"), and marks of two styles that meet, are no
emphasis for CommonMark, which shows their asterisks. Fonts change there all the same, so the emphasis gives way.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Protocol, TypeVar


class Marked(Protocol):
    """The part of a style that is written with marks, and what hides them from their neighbours."""

    @property
    def bold(self) -> bool: ...
    @property
    def italic(self) -> bool: ...
    @property
    def struck(self) -> bool: ...
    @property
    def mono(self) -> bool: ...
    @property
    def superscript(self) -> bool: ...
    @property
    def subscript(self) -> bool: ...
    @property
    def underlined(self) -> bool: ...
    @property
    def highlighted(self) -> bool: ...
    @property
    def math(self) -> bool: ...
    @property
    def link(self) -> str: ...


_Style = TypeVar("_Style", bound=Marked)


def flanked(runs: list[tuple[str, _Style]]) -> list[tuple[str, _Style]]:
    """Runs of text in their styles, changed where their marks would not be read as such.

    Runs that touch keep the emphasis that they have in common; punctuation leaves it.
    """
    made = list(runs)
    _share(made)
    for index in range(len(made)):
        if _is_marked(made[index][1]):
            _free_punctuation(made, index)
    _share(made)  # what gave way to one neighbour may now meet the other in two styles
    return made


def _share(runs: list[tuple[str, _Style]]) -> None:
    """Gives runs that touch the emphasis that they have in common; from right to left, too, as one may lose it last."""
    for index in (*range(1, len(runs)), *range(len(runs) - 1, 0, -1)):
        (left, before), (right, style) = runs[index - 1], runs[index]
        if before != style and _is_marked(before) and _is_marked(style) and _touch(left, right):
            both = {name: getattr(before, name) and getattr(style, name) for name in _NAMES}
            runs[index - 1] = left, replace(before, **both)
            runs[index] = right, replace(style, **both)


_NAMES = ("bold", "italic", "struck", "mono")


def _is_marked(style: Marked) -> bool:
    """Whether a run is written with marks that stand bare; within a tag they stand beside its brackets."""
    tagged = style.superscript or style.subscript or style.underlined or style.highlighted
    return not tagged and (style.bold or style.italic or style.struck)


def _free_punctuation(runs: list[tuple[str, _Style]], index: int) -> None:
    text, style = runs[index]
    before = runs[index - 1][0][-1:] if index and _is_bare(runs[index - 1][1], style) else ""
    after = runs[index + 1][0][:1] if index + 1 < len(runs) and _is_bare(runs[index + 1][1], style) else ""
    if style.mono or (style.struck and (style.bold or style.italic)):  # whose inner marks are punctuation
        if before.isalnum() or after.isalnum():
            plain = {"mono": False} if style.struck else {"bold": False, "italic": False}
            if style.struck:
                plain |= {"bold": False, "italic": False}
            style = replace(style, **plain)  # type: ignore[type-var]
            runs[index] = text, style
        if not style.struck:
            return
    if before.isalnum():
        core = _without_leading(text)
        _move(runs, index, index - 1, text[: len(text) - len(core)], core)
        text = core
    if after.isalnum():
        core = _without_leading(text[::-1])[::-1]
        _move(runs, index, index + 1, text[len(core) :], core)


def _is_bare(neighbour: Marked, style: Marked) -> bool:
    """Whether a neighbour's letters stand right beside a run's marks, with no marks, tags or brackets of its own."""
    tagged = neighbour.superscript or neighbour.subscript or neighbour.underlined or neighbour.highlighted
    marked = neighbour.bold or neighbour.italic or neighbour.struck or neighbour.mono
    return not (tagged or marked or neighbour.math or neighbour.link != style.link)


def _move(runs: list[tuple[str, _Style]], index: int, to: int, moved: str, core: str) -> None:
    """Gives ``moved`` to a neighbour, on the side where it stands."""
    runs[index] = core, runs[index][1]
    neighbour, style = runs[to]
    runs[to] = (neighbour + moved if to < index else moved + neighbour), style


def _without_leading(text: str) -> str:
    at = 0
    while at < len(text) and unicodedata.category(text[at])[0] in "PS":
        at += 1
    return text[at:]


def _touch(left: str, right: str) -> bool:
    return bool(left and right) and not left[-1].isspace() and not right[0].isspace()
