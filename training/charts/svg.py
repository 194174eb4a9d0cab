"""Reading a drawing back from its SVG: where elements lie, and the exact box of every line of text.

Coordinates are pixels of the picture at the given scale, origin top left. Text boxes are measured, not computed: the
texts alone are drawn by the same rasterizer, each in a colour of its own.
"""

from __future__ import annotations

import copy
import io
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from docvlm.boxes import Box, Point

Matrix = NDArray[np.float64]  # (3, 3)
Rasterize = Callable[[str], bytes]  # SVG -> PNG

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")
_COMMAND = re.compile(r"([MLHVZCSQTAmlhvzcsqta])([^MLHVZCSQTAmlhvzcsqta]*)")
# Numbers that each path command takes.
_TAKES = {"M": 2, "L": 2, "T": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "A": 7, "Z": 0}
_DRAWN = {"path", "line", "rect", "circle", "ellipse", "polygon", "polyline", "image"}
# Colours of texts are told apart by multiples of _STEP, and dark: resvg gives no channel of a half-covered pixel more
# than its alpha.
_STEP = 9
_LEVELS = 7
_SPREAD = 131  # coprime to the number of colours: neighbours' mixtures are mostly nobody's colour
_GAP = 14  # pixels; a part of a text beyond this and small is none
_COVERED = 62  # of 255: from here on a pixel counts as ink


@dataclass(frozen=True, slots=True)
class Node:
    """An element with the matrix to pixels of its own coordinates, and the elements around it."""

    element: ElementTree.Element
    matrix: Matrix
    parents: tuple[ElementTree.Element, ...]

    @property
    def name(self) -> str:
        return _bare(self.element.tag)

    def get(self, key: str, default: str = "") -> str:
        return self.element.get(key, default)

    def inside(self, part: str) -> bool:
        """Whether an element around this one has ``part`` among its classes."""
        return any(part in parent.get("class", "").split() for parent in self.parents)

    def at(self, x: float, y: float) -> Point:
        return apply(self.matrix, x, y)

    @property
    def hidden(self) -> bool:
        """Whether this or an element around it is invisible."""
        return any(
            e.get("opacity") == "0" or e.get("display") == "none" or "opacity: 0;" in e.get("style", "")
            for e in (self.element, *self.parents)
        )


@dataclass(frozen=True, slots=True)
class TextLine:
    """One drawn line of text; ``node`` is the text element, ``line`` counts the lines within it."""

    text: str
    box: Box
    angle: float
    node: Node
    line: int


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def nodes(root: ElementTree.Element, scale: float = 1.0) -> Iterator[Node]:
    """All elements in drawing order, without those in ``defs``."""
    start = np.diag([scale, scale, 1.0])

    def walk(
        element: ElementTree.Element, matrix: Matrix, parents: tuple[ElementTree.Element, ...]
    ) -> Iterator[Node]:
        if _bare(element.tag) in ("defs", "clipPath", "style", "script"):
            return
        own = element.get("transform")
        matrix = matrix @ transform(own) if own else matrix
        if _bare(element.tag) == "svg" and parents:
            shift = np.eye(3)
            shift[:2, 2] = float(element.get("x", 0)), float(element.get("y", 0))
            matrix = matrix @ shift
        yield Node(element, matrix, parents)
        for child in element:
            yield from walk(child, matrix, (*parents, element))

    yield from walk(root, start, ())


def transform(text: str) -> Matrix:
    """The matrix of a ``transform`` attribute."""
    total = np.eye(3)
    for kind, arguments in _TRANSFORM.findall(text):
        numbers = [float(n) for n in _NUMBER.findall(arguments)]
        one = np.eye(3)
        if kind == "translate":
            one[:2, 2] = numbers[0], numbers[1] if len(numbers) > 1 else 0.0
        elif kind == "scale":
            one[0, 0], one[1, 1] = numbers[0], numbers[-1]
        elif kind == "matrix":
            one[:2] = np.array(numbers).reshape(3, 2).T
        elif kind == "rotate":
            turn = math.radians(numbers[0])
            one[:2, :2] = [[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]
            if len(numbers) == 3:
                there, back = np.eye(3), np.eye(3)
                there[:2, 2], back[:2, 2] = numbers[1:], [-n for n in numbers[1:]]
                one = there @ one @ back
        else:
            raise ValueError(f"unknown transform {kind}")
        total = total @ one
    return total


def apply(matrix: Matrix, x: float, y: float) -> Point:
    moved = matrix @ (x, y, 1.0)
    return float(moved[0]), float(moved[1])


def path_points(path: str) -> list[Point]:
    """The end points of a path's commands, in the path's own coordinates."""
    points: list[Point] = []
    x = y = 0.0
    start = (0.0, 0.0)
    for letter, arguments in _COMMAND.findall(path):
        kind, relative = letter.upper(), letter.islower()
        if kind == "Z":
            x, y = start
            continue
        numbers = [float(n) for n in _numbers(arguments, kind)]
        size = _TAKES[kind]
        for i in range(0, len(numbers) - size + 1, size):
            chunk = numbers[i : i + size]
            if kind == "H":
                x = chunk[0] + (x if relative else 0.0)
            elif kind == "V":
                y = chunk[0] + (y if relative else 0.0)
            else:
                x, y = (chunk[-2] + x, chunk[-1] + y) if relative else (chunk[-2], chunk[-1])
            if kind == "M" and i == 0:
                start = (x, y)
            points.append((x, y))
    return points


def _numbers(arguments: str, kind: str) -> list[str]:
    """A command's numbers; an arc's two flags may be written without space around them."""
    if kind != "A":
        return _NUMBER.findall(arguments)
    found: list[str] = []
    rest = arguments
    while rest := rest.lstrip(" ,\t\n"):
        flag = len(found) % 7 in (3, 4)
        match = re.match(r"[01]", rest) if flag else _NUMBER.match(rest)
        if match is None:
            break
        found.append(match[0])
        rest = rest[match.end() :]
    return found


def bounds(points: list[Point]) -> Box:
    xs, ys = zip(*points)
    return min(xs), min(ys), max(xs), max(ys)


def text_lines(root: ElementTree.Element, rasterize: Rasterize, scale: float = 1.0) -> list[TextLine]:
    """All visible lines of text with their boxes. ``rasterize`` draws at ``scale`` pixels per unit.

    Lines without ink (characters that no font has) are left out.
    """
    found: list[tuple[Node, ElementTree.Element, int]] = []
    for node in nodes(root, scale):
        if node.name != "text" or node.hidden:
            continue
        spans = [e for e in node.element.iter() if _bare(e.tag) == "tspan" and (e.text or "").strip()]
        for line, holder in enumerate(spans or [node.element]):
            if (holder.text or "").strip():
                found.append((node, holder, line))
    numbers = {holder: number for number, (_, holder, _) in enumerate(found)}
    boxes = _boxes(rasterize(ElementTree.tostring(_only_text(root, numbers), encoding="unicode")))
    return [
        TextLine(
            _flat(holder.text or ""),
            boxes[number],
            math.degrees(math.atan2(-node.matrix[1, 0], node.matrix[0, 0])) % 360,
            node,
            line,
        )
        for number, (node, holder, line) in enumerate(found)
        if number in boxes
    ]


def _flat(text: str) -> str:
    """The text as SVG draws it: runs of blanks are one; other kinds of space stay what they are."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


def _only_text(root: ElementTree.Element, numbers: dict[ElementTree.Element, int]) -> ElementTree.Element:
    """A copy of the drawing that holds only the numbered texts, each in its own colour."""

    def copied(element: ElementTree.Element) -> ElementTree.Element | None:
        if _bare(element.tag) in _DRAWN:
            return None
        twin = ElementTree.Element(element.tag, dict(element.attrib))
        twin.text, twin.tail = element.text, element.tail
        for key in ("opacity", "fill-opacity", "clip-path", "filter", "stroke", "stroke-width"):
            twin.attrib.pop(key, None)
        if "style" in twin.attrib:
            twin.set("style", _COLOURS.sub("", twin.attrib["style"]))
        if _bare(element.tag) in ("text", "tspan"):
            # Not as attributes, which style sheets would overrule.
            fill = _colour(numbers[element]) if element in numbers else "none"
            bare = f"fill:{fill};fill-opacity:1;opacity:1;stroke:none"
            twin.set("style", f"{twin.get('style', '').rstrip('; ')};{bare}".lstrip(";"))
        for child in element:
            kept = copied(child) if _bare(child.tag) not in ("defs", "style") else _groundless(child)
            if kept is not None:
                twin.append(kept)
        return twin

    only = copied(root)
    assert only is not None
    return only


_COLOURS = re.compile(
    r"(?<![\w-])(?:fill|stroke|opacity|fill-opacity|stroke-width|stroke-opacity|text-shadow)\s*:[^;]*;?"
)


def _groundless(element: ElementTree.Element) -> ElementTree.Element:
    """A copy whose style sheets colour no ground, on which the texts' colours would blend."""
    twin = copy.deepcopy(element)
    for part in twin.iter():
        if _bare(part.tag) == "style" and part.text:
            part.text = re.sub(r"background(?:-color)?\s*:[^;}]*;?", "", part.text)
    return twin


def _colour(number: int) -> str:
    if number >= _LEVELS**3:
        raise ValueError("too many texts in one drawing")
    number = number * _SPREAD % _LEVELS**3
    parts = (number % _LEVELS, number // _LEVELS % _LEVELS, number // _LEVELS**2)
    return "#" + "".join(f"{p * _STEP + _STEP // 2:02x}" for p in parts)


def _boxes(png: bytes) -> dict[int, Box]:
    """The box of each colour's pixels."""
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("RGBA"))
    ys, xs = np.nonzero(pixels[..., 3] >= _COVERED)
    colours = pixels[ys, xs, :3].astype(np.int64)
    # Where texts overlap, their colours mix.
    pure = (np.abs(colours % _STEP - _STEP // 2) <= 2).all(1) & (colours < _STEP * _LEVELS).all(1)
    ys, xs, levels = ys[pure], xs[pure], colours[pure] // _STEP
    numbers = levels @ (1, _LEVELS, _LEVELS**2) * pow(_SPREAD, -1, _LEVELS**3) % _LEVELS**3
    if not len(ys):
        return {}
    order = np.argsort(numbers, kind="stable")
    numbers, xs, ys = numbers[order], xs[order], ys[order]
    ends = np.flatnonzero(np.diff(numbers, append=-1)) + 1
    found = {}
    for first, last in zip((0, *ends[:-1]), ends):
        (x0, x1), (y0, y1) = _main_part(xs[first:last]), _main_part(ys[first:last])
        found[int(numbers[first])] = (float(x0), float(y0), float(x1 + 1), float(y1 + 1))
    return found


def _main_part(places: NDArray[np.int64]) -> tuple[int, int]:
    """Lowest and highest place, without the few far away that only mixed colours put there."""
    low, high = int(places.min()), int(places.max())
    if high - low <= _GAP:
        return low, high
    ordered = np.sort(places)
    breaks = np.flatnonzero(np.diff(ordered) > _GAP) + 1
    parts = [p for p in np.split(ordered, breaks) if len(p) > 0.06 * len(ordered)]
    return int(parts[0][0]), int(parts[-1][-1])


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]
