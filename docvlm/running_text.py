"""Visual lines -> inline Markdown. Works alike on the text layer's spans and on OCR's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from docvlm import inline
from docvlm.directions import gap, is_right_to_left
from docvlm.emphasis import flanked
from docvlm.spans import Line, Span

_SPACES = re.compile(" {2,}")
_STOPS = ".,;:!?)]"  # which end no address, though some may
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
    struck: bool = False
    underlined: bool = False
    highlighted: bool = False
    link: str = ""


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
    mirrored = line.spans if is_right_to_left(span.text for span in line.spans) else ()
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
    return Style(
        span.bold,
        span.italic,
        span.mono and not (span.struck or span.underlined),  # code is not
        span.superscript,
        span.subscript,
        struck=span.struck,
        underlined=span.underlined and not span.link,  # how links look
        highlighted=span.highlighted,
        link=span.link,
    )


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
    merged: list[tuple[str, Style]] = []
    for text, style in runs:
        # Emphasis inside a word, or of punctuation alone, is an artefact of fonts and would not parse.
        worded = any(c.isalnum() for c in text)
        kept = replace(
            style,
            bold=style.bold and worded and not common.bold,
            italic=style.italic and worded and not common.italic,
            mono=style.mono and worded and not common.mono,
            struck=style.struck and worded,
            underlined=style.underlined and worded,
            highlighted=style.highlighted and worded,
        )
        _append(merged, text, kept)
    safe: list[tuple[str, Style]] = []
    for text, style in flanked(merged):
        _append(safe, text, style)
    parts: list[str] = []
    for target, group in itertools.groupby(safe, key=lambda run: run[1].link):
        if target:
            _append_link(parts, list(group), target)
        else:
            _append_marked(parts, group)
    return _SPACES.sub(" ", "".join(parts)).strip()


def _append_marked(parts: list[str], runs: Iterable[tuple[str, Style]]) -> None:
    for text, style in runs:
        if style == _MATH:
            parts.append(_in_dollars(text, parts))
            continue
        style = replace(style, link="")
        parts.append(_marked(text, style) if style != Style() else _escaped(text, not parts))


def _marked(text: str, style: Style) -> str:
    return inline.styled(
        text,
        style.bold,
        style.italic,
        style.mono,
        style.superscript,
        style.subscript,
        style.struck,
        style.underlined,
        style.highlighted,
    )


def _append_link(parts: list[str], runs: list[tuple[str, Style]], target: str) -> None:
    words = "".join("".join(text for text, _ in runs).split())
    label: list[str] = []
    # A note's own mark, which leads back to where it is noted, is known by standing bare.
    is_mark = not "".join(parts).strip() and all(style.superscript for _, style in runs)
    _append_marked(label, runs)
    written = "".join(label)
    inner = written.strip()
    if is_mark or not inner:
        parts.append(written)
        return
    bare = words.rstrip(_STOPS)
    if target in (bare, f"mailto:{bare}"):
        # An address that lines or fonts cut is whole again; the sentence's stops behind it are none of it.
        lead, tail = " " * written[0].isspace(), inline.escape(words[len(bare) :], line_start=False)
        parts.append(f"{lead}<{bare}>{tail}{' ' * written[-1].isspace()}")
        return
    if words == target or f"mailto:{words}" == target:
        inner = f"<{words}>"
    else:
        inner = inline.linked(inner, target)
        if parts and parts[-1].endswith("!"):
            parts[-1] = parts[-1][:-1] + "\\!"  # or it would be a picture
    lead, tail = " " * written[0].isspace(), " " * written[-1].isspace()
    parts.append(f"{lead}{inner}{tail}")


def _in_dollars(latex: str, before: list[str]) -> str:
    lead = " " if latex[:1].isspace() or (before and before[-1].endswith("$")) else ""
    return f"{lead}{inline.math(latex)}{' ' if latex[-1:].isspace() else ''}"


def _escaped(text: str, first: bool) -> str:
    lead = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{lead}{inline.escape(text.strip(), line_start=first)}{tail}"
