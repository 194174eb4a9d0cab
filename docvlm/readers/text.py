"""Spans of a region -> Markdown. Works alike on the text layer's spans and on OCR's."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace

from docvlm import inline
from docvlm.layout.analysis import Region, typical_leading
from docvlm.spans import Line, Rect, Span, union

_BULLET = re.compile(r"^\s*([•▪‣◦●○■□➢✓❖·∙»⁃–—]|[-*](?=\s))\s*(?=\S|$)")
_NUMBER = re.compile(r"^\s*(\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,5}|[IVX]{2,5})[.)])\s+(?=\S)")
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


@dataclass(slots=True)
class Item:
    """One entry of a list: ``indent`` is its marker's left edge in points, ``marker`` "-" or "3."."""

    indent: float
    marker: str
    text: str


def visual_lines(lines: Iterable[Line]) -> list[Line]:
    """Joins lines that share a baseline, left to right; sorted top to bottom.

    PDF producers cut what a reader sees as one line at every change of font or position.
    """
    rows: list[list[Line]] = []
    for line in sorted(_set_drop_caps(list(lines)), key=lambda line: (line.box[1] + line.box[3]) / 2):
        home = next((row for row in reversed(rows[-4:]) if _level(row, line)), None)
        if home is None:
            rows.append([line])
        else:
            home.append(line)
    rows = sorted(_gather_fractions(rows), key=lambda row: min(line.box[1] + line.box[3] for line in row))
    return [_merge(row) for row in rows]


def _set_drop_caps(lines: list[Line]) -> list[Line]:
    """Puts a large initial that reaches over several lines back before the first of them."""
    for cap in [line for line in lines if len(line.text.strip()) == 1 and line.text.strip().isalpha()]:
        beside = [
            line
            for line in lines
            if line is not cap
            and 2 * line.size < cap.size
            and cap.box[1] - 0.5 * line.size < (line.box[1] + line.box[3]) / 2 < cap.box[3]
            and -line.size < line.box[0] - cap.box[2] < 1.5 * line.size
        ]
        if len(beside) < 2:
            continue
        first = min(beside, key=lambda line: line.box[1])
        initial = replace(first.spans[0], text=cap.text.strip() + first.spans[0].text.lstrip())
        lines = [line for line in lines if line is not cap and line is not first]
        lines.append(Line(first.box, [initial, *first.spans[1:]], first.direction))
    return lines


def _level(row: list[Line], line: Line) -> bool:
    anchor = max(row, key=lambda member: member.box[3] - member.box[1])
    shared = min(anchor.box[3], line.box[3]) - max(anchor.box[1], line.box[1])
    smaller = min(anchor.box[3] - anchor.box[1], line.box[3] - line.box[1])
    if shared <= 0.5 * smaller:
        return False
    # Two lines one above the other never share a baseline, even where tall boxes overlap. What stands above each
    # other in a line with a fraction does not either, but the text around it does.
    if any(_continues(member, line) for member in row):
        return True
    return all(min(m.box[2], line.box[2]) - max(m.box[0], line.box[0]) < 0.5 * line.size + 2 for m in row)


def _continues(one: Line, other: Line) -> bool:
    """Whether two lines have type of the same size on one baseline, side by side."""
    size = max(one.size, other.size)
    pairs = [
        (a, b)
        for a, b in itertools.product(one.spans, other.spans)
        if a.text.strip() and b.text.strip() and abs(a.baseline - b.baseline) < 0.1 * size
    ]
    if any(min(a.box[2], b.box[2]) - max(a.box[0], b.box[0]) > 0.3 * size for a, b in pairs):
        return False
    return any(min(a.size, b.size) > 0.9 * size for a, b in pairs)


def _gather_fractions(rows: list[list[Line]]) -> list[list[Line]]:
    """Puts rows of small type, above and below the bars of fractions in a line, into that line's row."""
    if len(rows) < 2:
        return rows
    # Not the largest: OCR makes a line larger that a script or a bracket makes higher.
    size = statistics.median(line.size for row in rows for line in row for _ in line.text)
    whole = [row for row in rows if any(line.size > 0.85 * size and line.text.strip() != "√" for line in row)]
    for row in rows:
        if any(row is other for other in whole):
            continue
        middle = statistics.fmean((line.box[1] + line.box[3]) / 2 for line in row)
        near = [(abs(_axis(other) - middle), index) for index, other in enumerate(whole)]
        distance, index = min(near)
        if distance < 0.9 * size and _between_words(whole[index], row, size):
            whole[index].extend(row)
        else:
            whole.append(row)
    return whole


def _axis(row: list[Line]) -> float:
    """The height of a row's bars of fractions: a quarter of an em above the baseline of its largest type."""
    span = max((span for line in row for span in line.spans if span.text.strip()), key=lambda span: span.size)
    return span.baseline - 0.25 * span.size


def _between_words(row: list[Line], small: list[Line], size: float) -> bool:
    """Whether small type stands where nothing of the row's own size does."""
    left, right = min(line.box[0] for line in small), max(line.box[2] for line in small)
    return all(
        min(span.box[2], right) - max(span.box[0], left) < 0.4 * size
        for line in row
        for span in line.spans
        if span.size > 0.85 * size and span.text.strip()
    )


def _merge(row: list[Line]) -> Line:
    if len(row) == 1:
        return row[0]
    row = sorted(row, key=lambda line: line.box[0])
    spans = [span for line in row for span in line.spans]
    if any(b.box[0] < a.box[2] - 0.3 * a.size for a, b in itertools.pairwise(row)):
        spans.sort(key=lambda span: span.box[0])  # half a fraction stands where the other half's line goes on
    return Line(union([line.box for line in row]), spans, row[0].direction)


def line_runs(line: Line) -> list[tuple[str, Style]]:
    """The line's text by style, with the spaces that gaps between spans mean."""
    runs: list[tuple[str, Style]] = []
    previous: Span | None = None
    for span in line.spans:
        text = span.text
        if previous is not None and span.box[0] - previous.box[2] > _GAP * min(span.size, previous.size):
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
        kept = Style(
            style.bold and not common.bold,
            style.italic and not common.italic,
            style.mono and not common.mono,
            style.superscript,
            style.subscript,
            style.math,
        )
        _append(merged, text, kept)
    for text, style in merged:
        if style == _MATH:
            parts.append(_in_dollars(text, parts))
            continue
        # Emphasis inside a word, or of punctuation alone, is an artefact of fonts and would not parse.
        wordless = not any(c.isalnum() for c in text)
        if wordless:
            style = Style(superscript=style.superscript, subscript=style.subscript)
        parts.append(
            inline.styled(text, style.bold, style.italic, style.mono, style.superscript, style.subscript)
            if style != Style()
            else _escaped(text, not parts)
        )
    return _SPACES.sub(" ", "".join(parts)).strip()


def _in_dollars(latex: str, before: list[str]) -> str:
    lead = " " if latex[:1].isspace() or (before and before[-1].endswith("$")) else ""
    return f"{lead}${latex.strip()}${' ' if latex[-1:].isspace() else ''}"


def _escaped(text: str, first: bool) -> str:
    lead = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{lead}{inline.escape(text.strip(), line_start=first)}{tail}"


def paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Cuts a region's visual lines where a paragraph begins: a wider gap, an indent, or a short line before it."""
    if len(lines) < 2:
        return [lines]
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    leading = typical_leading(lines)
    groups = [[lines[0]]]
    lefts = sorted(line.box[0] for line in lines)
    margin = lefts[len(lefts) // 3]
    for previous, line in itertools.pairwise(lines):
        size = max(line.size, 1.0)
        wide = line.box[1] - previous.box[1] > 1.45 * leading and line.box[1] - previous.box[3] > 0.5 * size
        indented = 0.7 * size < line.box[0] - margin < 4 * size and previous.box[0] - margin < 0.5 * size
        short = previous.box[2] < right - 0.12 * (right - left)
        ended = previous.text.rstrip()[-1:] in ".!?:;”\"')。！？："
        # OCR's sizes are estimates from the ink, so they part nothing.
        resized = (
            not _is_read(line)
            and abs(line.size - previous.size) > 0.15 * size
            and min(len(line.text), len(previous.text)) > 3
        )
        # Forms set every line far from the next; so does a double-spaced page, but its lines are full.
        loose = short and line.box[1] - previous.box[1] > 1.8 * size
        if wide or resized or loose or (indented and (ended or short)):
            groups.append([])
        groups[-1].append(line)
    return groups


def _is_read(line: Line) -> bool:
    return any(span.score is not None and not span.math for span in line.spans)


def marker_of(line: Line) -> tuple[str, str] | None:
    """(Markdown marker, rest of the text) where the line begins a list item."""
    text = line.text
    bullet = _BULLET.match(text)
    if bullet:
        return "-", text[bullet.end() :]
    number = _NUMBER.match(text)
    if number:
        return number.group(1), text[number.end() :]
    return None


def items(lines: list[Line]) -> list[Item]:
    """List items of a region's visual lines; a line without a marker goes on with the item before it."""
    groups: list[list[Line]] = []
    for line in lines:
        if marker_of(line) is not None or not groups:
            groups.append([line])
        else:
            groups[-1].append(line)
    found = []
    for group in groups:
        marked = marker_of(group[0])
        marker = marked[0] if marked else ""
        body = [_without_marker(group[0]), *group[1:]] if marked else group
        found.append(Item(group[0].box[0], marker, flow(body, Style())))
    return found


def _without_marker(line: Line) -> Line:
    match = _BULLET.match(line.text) or _NUMBER.match(line.text)
    cut = match.end() if match else 0
    spans: list[Span] = []
    for span in line.spans:
        if cut >= len(span.text):
            cut -= len(span.text)
            continue
        if cut:
            text = span.text[cut:]
            x0 = span.box[0] + (span.box[2] - span.box[0]) * cut / len(span.text)
            span = Span(
                text, (x0, *span.box[1:]), span.size, span.font, span.bold, span.italic, span.mono,
                span.superscript, span.subscript, span.color, span.baseline, span.score,
            )  # fmt: skip
            cut = 0
        spans.append(span)
    return Line(line.box, spans, line.direction)


def is_code(lines: list[Line]) -> bool:
    """Whether nearly all characters are set in a fixed-width font."""
    spans = [span for line in lines for span in line.spans if span.text.strip()]
    total = sum(len(span.text.strip()) for span in spans)
    return total > 0 and sum(len(s.text.strip()) for s in spans if s.mono) > 0.9 * total


def code(lines: list[Line]) -> str:
    """Source text with its indentation and blank lines, from the lines' places."""
    widths = [
        (s.box[2] - s.box[0]) / len(s.text)
        for line in lines
        for s in line.spans
        if len(s.text) > 2 and s.box[2] > s.box[0]
    ]
    pitch = statistics.median(widths) if widths else 6.0
    left = min(line.box[0] for line in lines)
    leading = typical_leading(lines)
    out: list[str] = []
    for index, line in enumerate(lines):
        if index:
            skipped = round((line.box[1] - lines[index - 1].box[1]) / max(leading, 1.0)) - 1
            out.extend([""] * min(max(skipped, 0), 3))
        text = ""
        for span in line.spans:
            column = round((span.box[0] - left) / pitch)
            text = text.ljust(column) + span.text if len(text) <= column else text + span.text
        out.append(text.rstrip())
    return "\n".join(out)


def tight_box(region: Region) -> Rect:
    """The box around the region's lines, or its own where it has none."""
    return union([line.box for line in region.lines]) if region.lines else region.box
