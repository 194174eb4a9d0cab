"""The fields of a form: their values and labels, and the lines of text that show them.

Boxes are PDF points of the upright page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from docvlm.boxes import Box, as_box, contains, middle, overlap_across, overlap_down, sides, union
from docvlm.mupdf import pymupdf, whole
from docvlm.schema import FieldType, FormField
from docvlm.spans import Line, Span, words

_TYPES: dict[int, FieldType] = {
    pymupdf.PDF_WIDGET_TYPE_TEXT: "text",
    pymupdf.PDF_WIDGET_TYPE_CHECKBOX: "checkbox",
    pymupdf.PDF_WIDGET_TYPE_RADIOBUTTON: "radio",
    pymupdf.PDF_WIDGET_TYPE_COMBOBOX: "choice",
    pymupdf.PDF_WIDGET_TYPE_LISTBOX: "choice",
}
_TICKS = ("checkbox", "radio")
_TICK = re.compile(r"\[[x ]\]")
_NAME = re.compile(r"#([0-9A-Fa-f]{2})")  # how a PDF writes other characters in names

_ROW = 0.5  # of the lower of a field and a word, at least, that is level with the other
_BESIDE = 2.5  # ems from a tick's box to its label
_BEFORE = 15.0  # ems from a label to its field; forms leave wide gaps
_OVER = 1.2  # ems from a label down to the field below it; it may also reach into the field's frame
_INTO = 1.0  # ems
_ALIGNED = 2.0  # ems by which a label above may begin before its field, or behind its begin
_LABEL_WORDS = 4  # before a blank in running text, at most, that say what it is
_WORD_GAP = 1.0  # ems; wider gaps part what is printed in one line


def find_fields(page: pymupdf.Page, number: int) -> list[FormField]:
    """The fields of an upright page in the file's order, without labels that are printed; buttons are none."""
    if not page.first_widget:
        return []
    return [_field(widget, number) for widget in page.widgets(types=list(_TYPES))]


def _field(widget: pymupdf.Widget, number: int) -> FormField:
    kind, value = _TYPES[widget.field_type], widget.field_value
    options = [
        whole(str(each[0] if isinstance(each, (list, tuple)) else each))
        for each in widget.choice_values or ()
    ]
    values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    said = whole(", ".join(map(str, values)))
    name, label = whole(widget.field_name), whole(widget.field_label) or None
    if kind in _TICKS:
        on = str(widget.on_state() or "")
        chosen = said not in ("", "Off") and (said == on or _plain(said) == _plain(on) or kind == "checkbox")
        return FormField(
            name=name,
            type=kind,
            label=label,
            value=_plain(on) if kind == "radio" and chosen else None,
            checked=chosen,
            page=number,
            box=as_box(widget.rect),
        )
    return FormField(
        name=name,
        type=kind,
        label=label,
        value=said if said.strip() else None,
        options=options or None,
        page=number,
        box=as_box(widget.rect),
    )


def _plain(name: str) -> str:
    return _NAME.sub(lambda match: bytes.fromhex(match[1]).decode("latin-1"), name)


def of_document(fields: Iterable[FormField]) -> list[FormField]:
    """One field for each name: of radio buttons the one that is chosen."""
    found: dict[str, FormField] = {}
    for each in fields:
        if each.name not in found or (each.checked and not found[each.name].checked):
            found[each.name] = each
    return list(found.values())


# The lines that show them.


@dataclass(slots=True)
class Filled:
    """The lines of a page, with ticks as ``[x]`` and ``[ ]``; ``rows`` are those that are labels of fields, with
    their values, and ``ticks`` those that begin with a tick.
    """

    lines: list[Line]
    fields: Sequence[FormField]
    rows: list[Line] = field(default_factory=list)
    ticks: list[Line] = field(default_factory=list)


def fill_in(lines: list[Line], fields: Sequence[FormField]) -> Filled:
    """Puts values behind their labels and ticks before theirs. Gives ``fields`` the labels that are printed for them."""
    printed = _without_values(lines, fields)
    blanks = [
        each
        for each in fields
        if each.type not in _TICKS and (line := _around(each, printed)) and _fill_blank(each, line)
    ]
    apart = [each for each in fields if not any(each is blank for blank in blanks)]
    filled = Filled([part for line in printed for part in _cut(line, apart)], fields)
    _fill_ticks(filled, apart)
    _fill_values(filled, apart)
    return filled


def _around(blank: FormField, lines: list[Line]) -> Line | None:
    """The line in which a field is a blank to be filled in: it goes on behind it."""
    x0, _, x1, _ = blank.box
    level = (line for line in lines if _is_level(blank.box, line.box))
    return next((line for line in level if line.box[0] < x0 and x1 < line.box[2]), None)


def _fill_blank(blank: FormField, line: Line) -> bool:
    """Puts a value in the place of the dots of its blank. Gives the field what stands before it for a label."""
    found = [word for span in line.spans for word in words(span)]
    before = [
        word for word in found if word.box[2] < blank.box[0] + word.size and any(map(str.isalnum, word.text))
    ]
    blank.label = " ".join(word.text.strip() for word in before[-_LABEL_WORDS:]) or blank.label
    if blank.value:
        dots = (
            word
            for word in found
            if contains(blank.box, middle(word.box)) and not any(map(str.isalnum, word.text))
        )
        dropped = {id(word) for word in dots}
        look = before[-1] if before else found[0]
        value = replace(
            look, text=f"{blank.value} ", box=(blank.box[0], look.box[1], blank.box[2], look.box[3])
        )
        line.spans = sorted(
            (w for w in [*found, value] if id(w) not in dropped), key=lambda word: word.box[0]
        )
    return True


def _without_values(lines: list[Line], fields: Sequence[FormField]) -> list[Line]:
    """Lines without what fields show themselves: their values are written by their labels."""
    kept = []
    for line in lines:
        near = [
            each
            for each in fields
            if overlap_across(each.box, line.box) > 0 and overlap_down(each.box, line.box) > 0
        ]
        spans = [span for span in line.spans if not any(_shows(each, span) for each in near)]
        if len(spans) == len(line.spans):
            kept.append(line)
        elif any(span.text.strip() for span in spans):
            kept.append(Line(union([span.box for span in spans if span.text.strip()]), spans, line.direction))
    return kept


def _shows(shown: FormField, span: Span) -> bool:
    if not contains(shown.box, middle(span.box)):
        return False
    if shown.type in _TICKS:
        return len(span.text.strip()) == 1
    return "".join(span.text.split()) in "".join((shown.value or "").split())


def _cut(line: Line, fields: Sequence[FormField]) -> list[Line]:
    """The parts of a line between fields that stand in it, and between wide gaps beside fields."""
    within = [each.box for each in fields if _is_level(each.box, line.box)]
    if not within:
        return [line]
    parts: list[list[Span]] = []
    for span in [word for each in line.spans for word in words(each)]:
        previous = parts[-1][-1] if parts else None
        apart = previous is None or span.box[0] - previous.box[2] > _WORD_GAP * span.size
        crossed = previous is not None and any(
            middle(previous.box)[0] < (box[0] + box[2]) / 2 < middle(span.box)[0] for box in within
        )
        if apart or crossed:
            parts.append([])
        parts[-1].append(span)
    return [Line(union([span.box for span in part]), part, line.direction) for part in parts]


def _is_level(a: Box, b: Box) -> bool:
    return overlap_down(a, b) > _ROW * min(sides(a)[1], sides(b)[1])


def _fill_ticks(filled: Filled, fields: Sequence[FormField]) -> None:
    for each in fields:
        if each.type not in _TICKS:
            continue
        label = _beside(each, filled.lines, fields)
        mark = "[x] " if each.checked else "[ ] "
        if label is None:
            size = sides(each.box)[1]
            filled.lines.append(Line(each.box, [Span(mark, each.box, size, baseline=each.box[3])]))
            continue  # in a table, where rows and columns say what it means
        each.label = " ".join(_TICK.sub("", label.text).split())
        first = label.spans[0]
        x0, x1 = each.box[0], each.box[2]
        tick = replace(
            first, text=mark, box=(x0, first.box[1], x1, first.box[3]), bold=False, italic=False, mono=False
        )
        if each.box[0] > label.box[0]:
            label.spans.append(replace(tick, text=f" {mark.strip()}"))
            filled.rows.append(label)
        else:
            label.spans.insert(0, tick)
            filled.ticks.append(label)
        label.box = union([label.box, tick.box])


def _beside(tick: FormField, lines: list[Line], fields: Sequence[FormField]) -> Line | None:
    """The line that a tick's box stands before, or behind where those of its row do."""
    behind = _labels_lead(tick, lines, fields)
    found = _neighbours(tick, lines, fields)
    return min(found, key=lambda each: (each[0] != behind, each[1]), default=(False, 0.0, None))[2]


def _neighbours(
    tick: FormField, lines: list[Line], fields: Sequence[FormField]
) -> list[tuple[bool, float, Line]]:
    """The lines right beside a tick's box: whether the box stands behind the line, the gap in points, and the line."""
    found = []
    for line in lines:
        if not _is_level(tick.box, line.box) or line.spans[0].is_tick:
            continue
        before, behind = line.box[0] - tick.box[2], tick.box[0] - line.box[2]
        between = (tick.box[2], line.box[0]) if before > behind else (line.box[2], tick.box[0])
        if max(before, behind) < _BESIDE * line.size and not _parts(between, tick, fields):
            found.append((behind > before, max(before, behind), line))
    return found


def _labels_lead(tick: FormField, lines: list[Line], fields: Sequence[FormField]) -> bool:
    """Whether the labels of a row of boxes stand before these: there is one before the first box that names no choice of
    others, and none behind the last, or the first is a single word ("Yes").
    """
    row = [each for each in fields if each.type in _TICKS and _is_level(each.box, tick.box)]
    first, last = min(row, key=lambda each: each.box[0]), max(row, key=lambda each: each.box[0])
    leading = [line for behind, _, line in _neighbours(first, lines, fields) if behind]
    words = _TICK.sub("", leading[-1].text).split() if leading else []
    if not words or words[-1].endswith((":", "?")):
        return False
    follows = any(not behind for behind, _, _ in _neighbours(last, lines, fields))
    return not follows or len(words) == 1


def _parts(between: tuple[float, float], one: FormField, fields: Sequence[FormField]) -> bool:
    """Whether another field of the row stands in an interval from left to right."""
    return any(
        other is not one and _is_level(other.box, one.box) and between[0] < middle(other.box)[0] < between[1]
        for other in fields
    )


def _fill_values(filled: Filled, fields: Sequence[FormField]) -> None:
    rows: dict[int, Line] = {}
    last: tuple[FormField, Line] | None = None
    for each in fields:
        if each.type in _TICKS:
            continue
        label = _label_of(each, filled, fields)
        if label is not None:
            each.label = " ".join(label.text.split()).rstrip(": .")
        elif last is not None and _goes_on(last[0], each):
            label = last[1]
        if each.value:
            label = _with_value(each, label, filled)
        if label is not None:
            rows[id(label)] = label
            last = (each, label)
    for row in rows.values():
        row.spans = [replace(span, bold=False) for span in row.spans]  # a bold label is no heading
    filled.rows.extend(rows.values())


def _goes_on(before: FormField, each: FormField) -> bool:
    """Whether a field without a label stands right behind another, as the parts of a date do."""
    gap = each.box[0] - before.box[2]
    return _is_level(before.box, each.box) and 0 <= gap < 2 * sides(each.box)[1]


def _with_value(each: FormField, label: Line | None, filled: Filled) -> Line:
    value = " ".join((each.value or "").split())
    if label is None:
        size = min(sides(each.box)[1], 10.0)
        line = Line(each.box, [Span(value, each.box, size, baseline=each.box[3])])
        filled.lines.append(line)
        return line
    last = label.spans[-1]
    x0 = max(each.box[0], last.box[2])
    box = (x0, last.box[1], max(each.box[2], x0), last.box[3])
    label.spans.append(replace(last, text=f" {value}", box=box, bold=False, italic=False))
    label.box = union([label.box, box])
    return label


def _label_of(each: FormField, filled: Filled, fields: Sequence[FormField]) -> Line | None:
    """What is printed before a field, or above it where nothing is or that is nearer."""
    taken = {id(line) for line in filled.ticks}
    lines = [line for line in filled.lines if id(line) not in taken and line.direction[0] > 0]
    before = min(
        (line for line in lines if _is_before(line, each, fields)),
        key=lambda line: each.box[0] - line.box[2],
        default=None,
    )
    above = min(
        (line for line in lines if _is_above(line, each)),
        key=lambda line: (each.box[1] - line.box[1], abs(line.box[0] - each.box[0])),
        default=None,
    )
    if before is None or above is None:
        return before or above
    colon = before.text.rstrip().endswith(":")
    near = each.box[0] - before.box[2] < _BESIDE * before.size
    return before if colon or near else above


def _is_before(line: Line, each: FormField, fields: Sequence[FormField]) -> bool:
    gap = each.box[0] - line.box[2]
    # A field higher than a line has its label by its first line or its middle.
    level = _is_level(line.box, each.box)
    return (
        level
        and -line.size < gap < _BEFORE * line.size
        and not _parts((line.box[2], each.box[0]), each, fields)
    )


def _is_above(line: Line, each: FormField) -> bool:
    gap, shift = each.box[1] - line.box[3], line.box[0] - each.box[0]
    return (
        -_INTO * line.size < gap < _OVER * line.size
        and line.box[1] < each.box[1]
        and abs(shift) < _ALIGNED * line.size
    )
