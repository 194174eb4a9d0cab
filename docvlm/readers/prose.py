"""Running text -> blocks: paragraphs, headings, lists and code of visual lines."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace

from docvlm import confidence
from docvlm.boxes import lies_in, union
from docvlm.directions import mirrored, runs_right_to_left
from docvlm.draft import Draft, Item
from docvlm.layout.region import Hint, typical_leading
from docvlm.readers.contents_list import entries
from docvlm.readers.tagged import items_of
from docvlm.readers.view import PageView, Part, formula_scores
from docvlm.running_text import Style, flow
from docvlm.schema import Confidence, Kind
from docvlm.spans import Line, Span

_BULLET = re.compile(r"^\s*([•▪‣◦●○■□➢✓❖·∙»⁃–—]|[-*¦](?=\s))\s*(?=\S|$)")
_LETTER_BULLET, _MARKER_GAP = re.compile(r"\s*o\s*"), 0.4  # ems behind it
_TICK = re.compile(r"^\s*(?=\[[x ]\] )")  # which stays: "- [x] text" is an item with a box
_NUMBER = re.compile(r"^\s*(\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,5}|[IVX]{2,5})[.)]|\d{1,2}-)(?=(\s*))\2(?=\S)")

_WIDE_STEP = 1.45  # of the usual leading; a step as wide begins a paragraph
_PAPER = 0.5  # ems of paper between two lines, without which no step counts as wide
_INDENT = (0.7, 4.0)  # ems; less is chance, more is another column
_AT_MARGIN = 0.5  # ems; a line that begins so near to the margin is not indented
_SHORT = 0.12  # of the column's width left free by a line that ends a paragraph
_RESIZED = 0.15  # ems; type that differs by more says something else
_FEW_LETTERS = 3  # of a line whose size says nothing: a number, a sign
_TERMINAL = ".!?:;”\"')。！？：؟۔।"
_LIKELY, _SURELY = (
    0.5,
    0.99,
)  # probability from which on a line goes on with the one before it: as it looks, and if it does not
_SLACK = 0.5  # points by which a line may reach out of its visual line
_LOOSE = 1.8  # ems from line to line; forms are set so, and double-spaced pages, whose lines are full
_FIXED_WIDTH = 0.9  # of the letters of code
_MONO_PITCH = 6.0  # points of a letter, where no span is long enough to measure
_MOST_BLANK = 3  # lines of code left blank in one place


def read_prose(view: PageView, parts: Sequence[Part]) -> list[list[Draft]]:
    """The blocks of each part, made of its visual lines."""
    return [_blocks(view, part) for part in parts]


def _blocks(view: PageView, part: Part) -> list[Draft]:
    kind, rows = part.region.kind, part.rows
    if part.contents:
        draft = block("list", rows, "", view)
        draft.items = entries(rows)
        draft.confidence = _judged(rows, " ".join(item.text for item in draft.items), view)
        return [draft]
    if kind in ("paragraph", "list", "table", "heading") and is_code(rows):
        return [block("code", rows, code(rows), view)]
    told = items_of(rows, view.tags, has_marker) if kind in ("paragraph", "list") else None
    if told is not None:
        draft = block("list", rows, "", view)
        draft.items = _items(told)
        draft.confidence = _judged(rows, " ".join(item.text for item in draft.items), view)
        return [draft]
    hints = part.region.hints
    if kind not in ("paragraph", "heading", "footnote", "table", "list"):
        return [block(kind, rows, flow(rows), view)]
    drafts = []
    for is_listing, own in _listings(rows, hints):
        if is_listing:
            drafts.append(block("code", own, code(own), view))
        elif _is_list(kind, own):
            runs = _runs(own, hints)
            drafts += [
                draft for is_list, run in runs for draft in (_list if is_list else _text)(run, hints, view)
            ]
        elif part.region.is_column:
            drafts.append(block(kind, own, flow(own), view))
        else:
            drafts += _text(own, hints, view, "paragraph" if kind in ("table", "list") else kind)
    return drafts


def _listings(rows: list[Line], hints: Sequence[Hint]) -> list[tuple[bool, list[Line]]]:
    """Rows in a fixed-width font apart from the others, where the page model sees that neither goes on with the other."""
    runs = [(mono, list(run)) for mono, run in itertools.groupby(rows, key=lambda row: is_code([row]))]
    parted: list[tuple[bool, list[Line]]] = []
    for mono, run in runs:
        goes_on = _goes_on(run[0], hints)
        if parted and (goes_on is None or goes_on >= _LIKELY):
            parted[-1] = (parted[-1][0] and mono, parted[-1][1] + run)
        else:
            parted.append((mono, run))
    return parted


def _runs(rows: list[Line], hints: Sequence[Hint]) -> list[tuple[bool, list[Line]]]:
    """A list's rows, those of items with markers apart from what the page model takes for parts without: terms with what
    they mean, and what goes on from the page before. All of it is a list where the page model was not asked.
    """
    if not hints:
        return [(True, rows)]
    runs: list[tuple[bool, list[Line]]] = []
    for index, row in enumerate(rows):
        marked = has_marker(row)
        begins = not runs or marked or _begins(rows[index - 1], row, hints)
        if begins and (not runs or runs[-1][0] != marked):
            runs.append((marked, []))
        runs[-1][1].append(row)
    return runs


def _begins(previous: Line, line: Line, hints: Sequence[Hint]) -> bool:
    """Whether the page model thinks that a line begins something, and the text before it does not want to go on."""
    probability = _goes_on(line, hints)
    return probability is not None and probability < _LIKELY and not _is_unfinished(previous, line)


def _is_unfinished(previous: Line, line: Line) -> bool:
    """Whether no sentence ends before a line, and none begins with it."""
    first = line.text.lstrip()[:1]
    return not _ends(previous) and (first.islower() or first.isdigit())


def _ends(line: Line) -> bool:
    return line.text.rstrip()[-1:] in _TERMINAL


def _list(rows: list[Line], hints: Sequence[Hint], view: PageView) -> list[Draft]:
    end = _list_end(rows, hints)
    draft = block("list", rows[:end], "", view)
    draft.items = items(rows[:end])
    draft.confidence = _judged(rows[:end], " ".join(item.text for item in draft.items), view)
    return [draft, *(_text(rows[end:], hints, view) if end < len(rows) else [])]


def _text(rows: list[Line], hints: Sequence[Hint], view: PageView, kind: Kind = "paragraph") -> list[Draft]:
    groups = paragraphs(rows, hints)
    blocks = [block(kind, group, flow(group), view) for group in groups]
    for draft, group in zip(blocks, groups):
        own = _hints_of(group, hints)
        draft.heading = statistics.fmean(each.heading for each in own) if own else None
    return blocks


def _is_list(kind: Kind, rows: list[Line]) -> bool:
    """Whether a region is a list: the network says so and it has a marker, or its own markers say so.

    A paragraph needs a bullet, or two numbered lines: one number may be a date or a heading.
    """
    if kind == "list":
        return any(marker_of(line) for line in rows)
    if kind != "paragraph":
        return False
    markers = [marker[0] for line in rows if (marker := marker_of(line))]
    begins = marker_of(rows[0]) is not None
    return begins and ("-" in markers[:1] or len(markers) >= 2)


def _list_end(rows: list[Line], hints: Sequence[Hint]) -> int:
    """The row, behind a list's last marker, where text begins that is no item's: further out than the markers, or level with
    them below a wider gap; no row that the page model thinks to go on with an item.
    """
    markers = [index for index, line in enumerate(rows) if marker_of(line)]
    if not markers:
        return len(rows)
    turned = runs_right_to_left(rows)
    lefts = [mirrored(row.box)[0] if turned else row.box[0] for row in rows]
    leading, margin = typical_leading(rows), min(lefts[index] for index in markers)
    for index in range(markers[-1] + 1, len(rows)):
        before, line = rows[index - 1].box, rows[index]
        wide = line.box[1] - before[1] > _WIDE_STEP * leading and line.box[1] - before[3] > _PAPER * line.size
        probability = _goes_on(line, hints)
        if probability is not None and probability > _LIKELY:
            continue
        if lefts[index] < margin + (_AT_MARGIN if wide else -_INDENT[0]) * line.size:
            return index
    return len(rows)


def block(kind: Kind, rows: list[Line], text: str, view: PageView) -> Draft:
    """The block that these rows make, with the confidence in its words."""
    sizes = sorted(size for line in rows for size in [line.size] * max(1, len(line.text)))
    spans = [span for line in rows for span in line.spans if span.text.strip()]
    return Draft(
        kind=kind,
        box=union([line.box for line in rows]),
        text=text,
        confidence=_judged(rows, text, view),
        reader=view.reader,
        size=sizes[len(sizes) // 2],
        bold=bool(spans) and all(span.bold for span in spans),
        lines=len(rows),
        text_lines=view.text_lines(rows),
    )


def _judged(rows: list[Line], text: str, view: PageView) -> Confidence:
    """The confidence in a block's words and the formulas between them."""
    return confidence.with_formulas(view.judge(rows, text), formula_scores(rows, view.reader))


def paragraphs(lines: list[Line], hints: Sequence[Hint] = ()) -> list[list[Line]]:
    """Cuts a region's visual lines where a paragraph begins: at a wider gap, an indent, or a short line before it, and where
    the page model's ``hints`` say so.
    """
    if len(lines) < 2:
        return [lines]
    turned = runs_right_to_left(lines)
    boxes = [mirrored(line.box) if turned else line.box for line in lines]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    leading = typical_leading(lines)
    groups = [[lines[0]]]
    lefts = sorted(box[0] for box in boxes)
    margin = lefts[len(lefts) // 3]
    for (previous, before), (line, box) in itertools.pairwise(zip(lines, boxes)):
        size = max(line.size, 1.0)
        wide = (
            line.box[1] - previous.box[1] > _WIDE_STEP * leading
            and line.box[1] - previous.box[3] > _PAPER * size
        )
        indented = (
            _INDENT[0] * size < box[0] - margin < _INDENT[1] * size and before[0] - margin < _AT_MARGIN * size
        )
        short = before[2] < right - _SHORT * (right - left)
        ended = _ends(previous)
        # OCR's sizes are estimates from the ink, so they part nothing.
        resized = (
            not _is_read(line)
            and abs(line.size - previous.size) > _RESIZED * size
            and min(len(line.text), len(previous.text)) > _FEW_LETTERS
        )
        unfinished = not ended and line.text.lstrip()[:1].islower()
        loose = short and not unfinished and line.box[1] - previous.box[1] > _LOOSE * size
        looks_new = loose or (indented and (ended or short))
        begins = looks_new
        if hints:
            probability = _goes_on(line, hints)
            # A term stands in a line of its own above what it means, which is set in as far as one likes.
            is_below_term = len(groups[-1]) == 1 and short and box[0] - before[0] > _INDENT[0] * size
            stays = probability is not None and probability > _SURELY
            begins = is_below_term or (looks_new and not stays) or _begins(previous, line, hints)
        if begins or wide or resized:
            groups.append([])
        groups[-1].append(line)
    return groups


def _goes_on(line: Line, hints: Sequence[Hint]) -> float | None:
    """What is known of the first of a visual line's lines."""
    own = _hints_of([line], hints)
    return min(own, key=lambda each: each.box[0]).goes_on if own else None


def _hints_of(rows: Sequence[Line], hints: Sequence[Hint]) -> list[Hint]:
    return [each for each in hints if any(lies_in(each.box, row.box, slack=_SLACK) for row in rows)]


def _is_read(line: Line) -> bool:
    return any(span.score is not None and not span.math for span in line.spans)


def marker_of(line: Line) -> tuple[str, str] | None:
    """(Markdown marker, rest of the text) where the line begins a list item."""
    text = line.text
    bullet = _BULLET.match(text) or _TICK.match(text) or _drawn_bullet(line)
    if bullet:
        return "-", text[bullet.end() :]
    number = _NUMBER.match(text)
    if number and (number.group(2) or _stands_apart(number.group(1), line)):
        return number.group(1), text[number.end() :]
    return None


def has_marker(line: Line) -> bool:
    """Whether the line begins a list item."""
    return marker_of(line) is not None


def _stands_apart(marker: str, line: Line) -> bool:
    """Whether paper parts a line's marker from its text where the file has no space: it was set at a tab stop."""
    first, *rest = (span for span in line.spans if span.text.strip())
    return first.text.strip() == marker and rest[0].box[0] - first.box[2] > _MARKER_GAP * first.size


def _drawn_bullet(line: Line) -> re.Match[str] | None:
    """The letter o that word processors set as a bullet, in a fixed-width font before text that has none."""
    shown = [span for span in line.spans if span.text.strip()]
    alone = len(shown) > 1 and shown[0].text.strip() == "o" and shown[0].mono and not shown[1].mono
    apart = alone and shown[1].box[0] - shown[0].box[2] > _MARKER_GAP * shown[1].size
    return _LETTER_BULLET.match(line.text) if apart else None


def is_bullet(text: str) -> bool:
    """Whether a text is a bullet and nothing else."""
    match = _BULLET.match(text)
    return match is not None and match.end() == len(text)


def items(lines: list[Line]) -> list[Item]:
    """List items of a region's visual lines; a line without a marker goes on with the item before it."""
    groups: list[list[Line]] = []
    for line in lines:
        if marker_of(line) is not None or not groups:
            groups.append([line])
        else:
            groups[-1].append(line)
    return _items(groups)


def _items(groups: Sequence[list[Line]]) -> list[Item]:
    """The items, each of its rows."""
    found = []
    for group in groups:
        marked = marker_of(group[0])
        marker = marked[0] if marked else ""
        body = [_without_marker(group[0]), *group[1:]] if marked else group
        first = mirrored(group[0].box) if runs_right_to_left(group) else group[0].box
        found.append(Item(first[0], marker, flow(body, Style())))
    return found


def _without_marker(line: Line) -> Line:
    match = (
        _BULLET.match(line.text) or _TICK.match(line.text) or _drawn_bullet(line) or _NUMBER.match(line.text)
    )
    cut = match.end() if match else 0
    spans: list[Span] = []
    for span in line.spans:
        if cut >= len(span.text):
            cut -= len(span.text)
            continue
        if cut:
            text = span.text[cut:]
            x0 = span.box[0] + (span.box[2] - span.box[0]) * cut / len(span.text)
            span = replace(span, text=text, box=(x0, *span.box[1:]))
            cut = 0
        spans.append(span)
    return Line(line.box, spans, line.direction)


def is_code(lines: list[Line]) -> bool:
    """Whether nearly all characters are set in a fixed-width font, and none is struck out or underlined."""
    spans = [span for line in lines for span in line.spans if span.text.strip()]
    if any(span.struck or (span.underlined and not span.link) for span in spans):
        return False
    total = sum(len(span.text.strip()) for span in spans)
    return total > 0 and sum(len(s.text.strip()) for s in spans if s.mono) > _FIXED_WIDTH * total


def code(lines: list[Line]) -> str:
    """Source text with its indentation and blank lines, from the lines' places."""
    widths = [
        (s.box[2] - s.box[0]) / len(s.text)
        for line in lines
        for s in line.spans
        if len(s.text) > 2 and s.box[2] > s.box[0]
    ]
    pitch = statistics.median(widths) if widths else _MONO_PITCH
    left = min(line.box[0] for line in lines)
    leading = typical_leading(lines)
    out: list[str] = []
    for index, line in enumerate(lines):
        if index:
            skipped = round((line.box[1] - lines[index - 1].box[1]) / max(leading, 1.0)) - 1
            out.extend([""] * min(max(skipped, 0), _MOST_BLANK))
        text = ""
        for span in line.spans:
            column = round((span.box[0] - left) / pitch)
            text = text.ljust(column) + span.text if len(text) <= column else text + span.text
        out.append(text.rstrip())
    return "\n".join(out)
