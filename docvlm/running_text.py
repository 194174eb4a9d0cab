"""Visual lines -> inline Markdown. Works alike on the text layer's spans and on OCR's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docvlm import inline
from docvlm.directions import gap, is_right_to_left
from docvlm.spans import Line, Span

_SPACES = re.compile(" {2,}")
_GAP = 0.17  # em; wider gaps between spans are spaces


@dataclass(frozen=True, slots=True)
class Style:
    """The look that Markdown can keep."""

    bold: bool = False
    italic: bool = False
    mono: bool = False
    superscript: bool = False
    subscript: bool = False
    math: bool = False


_MATH = Style(math=True)
# How LaTeX ends at which a formula may be parted between lines.
_BREAKABLE = re.compile(
    r"(?:[=<>+/,-]|\\(?:leq|geq|leqslant|geqslant|neq|in|notin|to|subset|subseteq|supset|supseteq|equiv|sim|simeq|cong"
    r"|approx|propto|times|cdot|pm|mp|cup|cap|wedge|vee|circ|otimes|oplus|setminus|mapsto|Rightarrow|Leftrightarrow"
    r"|Longrightarrow|Longleftrightarrow|longrightarrow|prec|succ|preceq|succeq|ll|gg|mid|parallel|perp))\s*$"
)


def line_runs(line: Line) -> list[tuple[str, Style]]:
    """The line's text by style, with the spaces that gaps between spans mean."""
    runs: list[tuple[str, Style]] = []
    previous: Span | None = None
    mirrored = is_right_to_left(span.text for span in line.spans)
    for span in line.spans:
        text = span.text
        if previous is not None and gap(previous, span, mirrored) > _GAP * min(span.size, previous.size):
            touching = not previous.text.endswith(" ") and not text.startswith(" ")
            text = " " + text if touching else text
        _append(runs, text, _style_of(span))
        if span.text.strip():
            previous = span
    return runs


def _style_of(span: Span) -> Style:
    if span.math:
        return Style(math=True)
    return Style(span.bold, span.italic, span.mono, span.superscript, span.subscript)


def _append(runs: list[tuple[str, Style]], text: str, style: Style) -> None:
    if not text:
        return
    if runs and (runs[-1][1] == style != _MATH or not text.strip()):
        runs[-1] = (runs[-1][0] + text, runs[-1][1])
    elif runs and not runs[-1][0].strip():
        runs[-1] = (runs[-1][0] + text, style)
    else:
        runs.append((text, style))


def flow(lines: list[Line], plain_style: Style | None = None) -> str:
    """Lines of one paragraph as inline Markdown: joined, words cut by hyphens made whole.

    ``plain_style`` is a look that all of the text has and that therefore says nothing (a bold heading).
    """
    runs: list[tuple[str, Style]] = []
    for line in lines:
        following = line_runs(line)
        if not following:
            continue
        if runs and _MATH in (runs[-1][1], following[0][1]):
            _join_math(runs, following)
        elif runs:
            (last, last_style), (first, first_style) = runs[-1], following[0]
            joined = inline.join(last, first)
            right = first.lstrip()
            left = joined[: len(joined) - len(right)] if joined.endswith(right) else last
            runs[-1] = (left, last_style)
            following[0] = (right, first_style)
        for text, style in following:
            _append(runs, text, style)
    return _styled(runs, plain_style or _common_style(runs))


def _join_math(runs: list[tuple[str, Style]], following: list[tuple[str, Style]]) -> None:
    """Goes on to the next line where a formula ends the one or begins the other.

    TeX breaks formulas behind a sign, so what ends in one is a half whose other half follows.
    """
    (last, last_style), (first, first_style) = runs[-1], following[0]
    if last_style == first_style and _BREAKABLE.search(last):
        runs[-1] = (f"{last.rstrip()} {first.strip()}", _MATH)
        del following[0]
    elif not last.endswith("-"):
        runs[-1] = (last.rstrip() + " ", last_style)
        following[0] = (first.lstrip(), first_style)


def _common_style(runs: list[tuple[str, Style]]) -> Style:
    """Bold or italic that covers all of the text."""
    real = [s for text, s in runs if text.strip() and not (s.superscript or s.subscript or s.math)]
    if not real:
        return Style()
    return Style(bold=all(s.bold for s in real), italic=all(s.italic for s in real))


def _styled(runs: list[tuple[str, Style]], common: Style) -> str:
    parts: list[str] = []
    merged: list[tuple[str, Style]] = []
    for text, style in runs:
        # Emphasis inside a word, or of punctuation alone, is an artefact of fonts and would not parse.
        worded = any(c.isalnum() for c in text)
        kept = Style(
            style.bold and worded and not common.bold,
            style.italic and worded and not common.italic,
            style.mono and worded and not common.mono,
            style.superscript,
            style.subscript,
            style.math,
        )
        _append(merged, text, kept)
    for text, style in merged:
        if style == _MATH:
            parts.append(_in_dollars(text, parts))
            continue
        parts.append(
            inline.styled(text, style.bold, style.italic, style.mono, style.superscript, style.subscript)
            if style != Style()
            else _escaped(text, not parts)
        )
    return _SPACES.sub(" ", "".join(parts)).strip()


def _in_dollars(latex: str, before: list[str]) -> str:
    lead = " " if latex[:1].isspace() or (before and before[-1].endswith("$")) else ""
    return f"{lead}{inline.math(latex)}{' ' if latex[-1:].isspace() else ''}"


def _escaped(text: str, first: bool) -> str:
    lead = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{lead}{inline.escape(text.strip(), line_start=first)}{tail}"
