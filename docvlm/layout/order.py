"""Reading order of boxes on a page by recursive cutting (XY-cut, Nagy and Seth 1984), made safe for columns.

A plain XY-cut prefers either rows or columns and fails on pages that mix them. Here a gutter through all
boxes is cut first; otherwise the boxes fall into horizontal bands, and neighbouring bands that share a
gutter are joined again, so that a full-width heading ends the columns above it and nothing else does.
"""

from __future__ import annotations

from docvlm.boxes import Box

_MIN_GUTTER = 5.0  # points
_OVERLAP = -1.0  # points by which bands may overlap: descenders reach into the next line's box
_SPANNER = 1.2  # of the usual width; wider boxes may lie across a gutter
_FEWEST_IN_COLUMN = 2  # boxes that show a column
_REACHES_IN = 0.25  # of a column's width; boxes that reach in less only overhang
_TOUCH = 0.2  # of a box's height that others may share with it where it stands alone

# Rows are one or two lines of text high; taller boxes are paragraphs in columns.
_MAX_ROW = 30.0  # points
_TWO_LINES = 2.2  # heights of the lowest box
_LEVEL = 0.8  # heights; half as far apart may the middles of level boxes be
_IN_PAIRS, _PARTNERS = 0.7, 0.5  # of the first column's boxes that are level with others, and of those


def reading_order(boxes: list[Box]) -> list[int]:
    """Indices of ``boxes`` (points, origin top left) in reading order."""
    return _cut(list(range(len(boxes))), boxes)


def _cut(items: list[int], boxes: list[Box]) -> list[int]:
    if len(items) < 2:
        return items
    parts = _between_spanners(items, boxes)
    if len(parts) > 1:
        return [i for part in parts for i in _cut(part, boxes)]
    columns = _columns(items, boxes)
    if len(columns) > 1:
        return [i for column in columns for i in _cut(column, boxes)]
    bands = _bands(items, boxes)
    if len(bands) == 1:
        return _in_rows(items, boxes)
    return [i for band in _join_bands(bands, boxes) for i in _order_band(band, boxes)]


def _in_rows(items: list[int], boxes: list[Box]) -> list[int]:
    """Boxes that nothing parts, row by row: what is level with the middle of a row's first box stands in that row."""
    rows: list[list[int]] = []
    for i in sorted(items, key=lambda i: (boxes[i][1], boxes[i][0])):
        first = boxes[rows[-1][0]] if rows else None
        if first is not None and boxes[i][1] < (first[1] + first[3]) / 2:
            rows[-1].append(i)
        else:
            rows.append([i])
    return [i for row in rows for i in sorted(row, key=lambda i: boxes[i][0])]


def _between_spanners(items: list[int], boxes: list[Box]) -> list[list[int]]:
    """Cuts at boxes that lie across a gutter of the columns around them, such as a headline over two of three.

    Only where nothing stands beside such a box: otherwise it belongs to its own columns.
    """
    widths = sorted(boxes[i][2] - boxes[i][0] for i in items)
    usual = widths[len(widths) // 2]
    wide = [i for i in items if boxes[i][2] - boxes[i][0] > _SPANNER * usual]
    rest = [i for i in items if i not in wide]
    columns = _split(rest, boxes, 0, _MIN_GUTTER)
    if not wide or len(columns) < 2 or min(len(column) for column in columns) < _FEWEST_IN_COLUMN:
        return [items]
    cuts = sorted(
        (i for i in wide if _crosses(boxes[i], columns, boxes) and _stands_alone(i, items, boxes)),
        key=lambda i: boxes[i][1],
    )
    parts: list[list[int]] = []
    left = list(items)
    for cut in cuts:
        above = [i for i in left if i != cut and boxes[i][1] < boxes[cut][1]]
        parts += [above] if above else []
        parts.append([cut])
        left = [i for i in left if i != cut and i not in above]
    return parts + ([left] if left else [])


def _crosses(box: Box, columns: list[list[int]], boxes: list[Box]) -> bool:
    """Whether a box reaches well into two columns."""
    reached = 0
    for column in columns:
        low, high = min(boxes[i][0] for i in column), max(boxes[i][2] for i in column)
        reached += min(box[2], high) - max(box[0], low) > _REACHES_IN * (high - low)
    return reached >= 2


def _stands_alone(index: int, items: list[int], boxes: list[Box]) -> bool:
    top, bottom = boxes[index][1], boxes[index][3]
    margin = _TOUCH * (bottom - top)
    return not any(i != index and boxes[i][1] < bottom - margin and boxes[i][3] > top + margin for i in items)


def _order_band(band: list[int], boxes: list[Box]) -> list[int]:
    return _cut(band, boxes) if len(band) > 1 else band


def _columns(items: list[int], boxes: list[Box]) -> list[list[int]]:
    """Groups that a vertical gutter separates, left to right; one group where the items form rows."""
    groups = _split(items, boxes, 0, _MIN_GUTTER)
    if len(groups) > 1 and _are_rows(groups, boxes):
        return [items]
    return groups


def _bands(items: list[int], boxes: list[Box]) -> list[list[int]]:
    return _split(items, boxes, 1, _OVERLAP)


def _split(items: list[int], boxes: list[Box], axis: int, gap: float) -> list[list[int]]:
    """Groups along ``axis`` (0 x, 1 y) between which at least ``gap`` points are free."""
    groups: list[list[int]] = []
    end = 0.0
    for i in sorted(items, key=lambda i: boxes[i][axis]):
        low, high = boxes[i][axis], boxes[i][axis + 2]
        if groups and low < end + gap:
            groups[-1].append(i)
        else:
            groups.append([i])
            end = high
        end = max(end, high)
    return groups


def _join_bands(bands: list[list[int]], boxes: list[Box]) -> list[list[int]]:
    """Joins neighbouring bands as long as one gutter runs through all of them."""
    joined: list[list[int]] = []
    for band in bands:
        if joined and _share_gutter(joined[-1], band, boxes):
            joined[-1] = joined[-1] + band
        else:
            joined.append(band)
    # Nothing gained if all bands were joined into what could not be cut: keep them apart then.
    return joined if len(joined) > 1 else bands


def _share_gutter(above: list[int], below: list[int], boxes: list[Box]) -> bool:
    both = _columns(above + below, boxes)
    if len(both) < 2:
        return False
    # At least one of the bands must show the gutter itself; two lone boxes side by side by chance do not.
    return len(_columns(above, boxes)) > 1 or len(_columns(below, boxes)) > 1


def _are_rows(groups: list[list[int]], boxes: list[Box]) -> bool:
    """Whether boxes of different groups stand level in pairs, as labels and their values do."""
    heights = sorted(boxes[i][3] - boxes[i][1] for group in groups for i in group)
    line = heights[0]
    if heights[-1] > _TWO_LINES * line or line > _MAX_ROW:
        return False
    first, rest = groups[0], [i for group in groups[1:] for i in group]
    level = sum(
        1
        for i in first
        if any(abs((boxes[i][1] + boxes[i][3]) - (boxes[j][1] + boxes[j][3])) < _LEVEL * line for j in rest)
    )
    return level >= _IN_PAIRS * max(len(first), 1) and level >= _PARTNERS * len(rest) / max(
        len(groups) - 1, 1
    )
