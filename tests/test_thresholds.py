"""What decides about a page has a name: no bare number but the plainest is compared to anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

# Folders and modules of docvlm that are looked at, and those modules of them that may still hold such numbers.
CHECKED = (
    "assembly",
    "charts",
    "formulas",
    "layout",
    "ocr",
    "readers",
    "tables",
    "boxes.py",
    "checks.py",
    "confidence.py",
    "fontcheck.py",
    "numbers.py",
    "raster.py",
    "running_text.py",
    "text_layer.py",
    "visual_lines.py",
)
UNNAMED = ()
# Nothing, one, a pair, and before the first: they count or tell a sign.
_PLAIN = (-1, 0, 1, 2)


def _files() -> list[Path]:
    home = ROOT / "docvlm"
    found = [
        path
        for each in CHECKED
        for path in ((home / each).rglob("*.py") if "." not in each else [home / each])
    ]
    return sorted(path for path in found if path.relative_to(home).as_posix() not in UNNAMED)


def _numbers(side: ast.expr) -> Iterator[ast.Constant]:
    """The numbers on one side of a comparison, also those that are multiplied, added, or the larger of two."""
    match side:
        case ast.Constant(value=int() | float() as value) if (
            not isinstance(value, bool) and value not in _PLAIN
        ):
            yield side
        case ast.BinOp(left=left, right=right):
            yield from (*_numbers(left), *_numbers(right))
        case ast.UnaryOp(operand=operand):
            yield from _numbers(operand)
        case ast.IfExp(body=body, orelse=other):
            yield from (*_numbers(body), *_numbers(other))
        case (
            ast.Call(func=ast.Name(id="max" | "min"), args=parts)
            | ast.Tuple(elts=parts)
            | ast.Set(elts=parts)
        ):
            for part in parts:
                yield from _numbers(part)


def _compared(source: str) -> list[str]:
    """Line and value of every bare number in a comparison."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Compare)]
    sides = [side for node in nodes for side in (node.left, *node.comparators)]
    return [f"line {number.lineno}: {number.value!r}" for side in sides for number in _numbers(side)]


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_numbers_in_comparisons_have_names(path: Path) -> None:
    assert not _compared(path.read_text())


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("a < 0.6 * b", 1),
        ("-3 <= zero <= high + 3", 2),
        ("far > max(1.5, spread)", 1),
        ("len(a) > 1 and b >= 2 and c != -1 and d is True", 0),
        ("share >= LEAST", 0),
        ("size in (3, 4)", 2),
    ],
)
def test_bare_numbers_are_found(source: str, count: int) -> None:
    assert len(_compared(source)) == count
