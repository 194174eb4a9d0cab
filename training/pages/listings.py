"""Displayed formulas and frames of code."""

from __future__ import annotations

import html
import importlib.util
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

from training.pages.parts import Numbering
from training.pages.sheet import Sheet

_MODULES = ("argparse", "textwrap", "json.decoder", "calendar", "heapq", "shlex", "bisect", "fractions", "statistics", "csv", "difflib", "sched", "queue", "random", "string")  # fmt: skip
_MATH = ("DejaVu Math TeX Gyre", "Noto Sans Math", "DejaVu Math TeX Gyre", "Latin Modern Math")


def _term(rng: random.Random, depth: int) -> str:
    letter = rng.choice("abcdefghikmnpqrstuvwxyzαβγδλμπσφωΓΩ")
    chance = rng.random()
    if depth <= 0 or chance < 0.35:
        return f"<mi>{letter}</mi>" if rng.random() < 0.75 else f"<mn>{rng.randint(1, 20)}</mn>"
    if chance < 0.5:
        return f"<msub><mi>{letter}</mi><mi>{rng.choice('ijkn01')}</mi></msub>"
    if chance < 0.6:
        return f"<msup><mi>{letter}</mi><mn>{rng.randint(2, 4)}</mn></msup>"
    if chance < 0.75:
        return f"<mfrac><mrow>{_sum(rng, depth - 1)}</mrow><mrow>{_sum(rng, depth - 1)}</mrow></mfrac>"
    if chance < 0.83:
        return f"<msqrt><mrow>{_sum(rng, depth - 1)}</mrow></msqrt>"
    if chance < 0.93:
        sign = rng.choice("∑∏∫")
        tag = "msubsup" if sign == "∫" else "munderover"
        return f"<{tag}><mo>{sign}</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></{tag}>{_term(rng, depth - 1)}"
    return f"<mrow><mo>(</mo>{_sum(rng, depth - 1)}<mo>)</mo></mrow>"


def _sum(rng: random.Random, depth: int) -> str:
    return "".join(
        (f"<mo>{rng.choice('+−+−·')}</mo>" if i else "") + _term(rng, depth) for i in range(rng.randint(1, 3))
    )


def formula(sheet: Sheet, count: Numbering) -> str:
    """A displayed formula of one to three lines, with or without its number."""
    rng = sheet.rng
    block = sheet.number()
    where: dict[str, Any] = {"block": block, "item": -1}
    left = rng.random() < 0.25
    rows = []
    numbered = rng.random() < 0.5
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.75:
            math_font = rng.choice(_MATH)
            inner = f'<math display="block" style="font-family:\'{math_font}\';margin:0"><mrow>{_sum(rng, 2)}<mo>{rng.choice("=≤≈<→")}</mo>{_sum(rng, 2)}</mrow></math>'.replace(
                "<mo><</mo>", "<mo>&lt;</mo>"
            )
        else:
            x, y, z = (rng.choice("abcxyzpqrstv") for _ in range(3))
            inner = f"<i>{x}</i> = <i>{y}</i><sub>{rng.randint(0, 9)}</sub> + {rng.randint(2, 99)} <i>{z}</i><sup>2</sup> − {rng.choice(('sin', 'log', 'max'))} <i>{z}</i>"
        said = sheet.run("formula", inner, raw=True, tag="div", **where)
        number = (
            sheet.run("formula", f"({count.next('formula')})", css="font-style:normal", **where)
            if numbered
            else ""
        )
        # The number's place is kept on both sides, so that the formula stands in the middle.
        side = f'<div style="flex:0 0 2.5em;text-align:right">{number}</div>' if numbered else ""
        space = '<div style="flex:0 0 2.5em"></div>' if numbered and not left else ""
        rows.append(
            f'<div style="display:flex;align-items:center;margin:.2em 0">{space}<div style="flex:1;display:flex;justify-content:{"start" if left else "center"}">{said}</div>{side}</div>'
        )
    return f"<div class=f>{sheet.region('formula')}{''.join(rows)}</div>"


@cache
def _sources() -> tuple[tuple[str, ...], ...]:
    """The lines of some modules of Python's library (PSF licence)."""
    found = []
    for name in _MODULES:
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            lines = Path(spec.origin).read_text(encoding="utf-8").replace("\t", "    ").splitlines()
            found.append(tuple(line for line in lines if line.strip()))
    return tuple(found)


def code_lines(rng: random.Random, count: int, columns: int) -> list[str]:
    """About so many lines of a program, a dialogue with a shell or data, at most so many columns wide."""
    kind = rng.random()
    if kind < 0.2:
        tools = (
            "ls -l",
            "git commit -m",
            "cd /usr/share",
            "sudo apt install",
            "python -m",
            "make -j4",
            "grep -rn",
            "curl -O",
            "docker run",
        )
        return [
            f"{rng.choice(('$ ', '$ ', '> ', '# '))}{rng.choice(tools)} {rng.choice(('data', 'src/', 'file.txt', '--help', 'x=3'))}"[
                :columns
            ]
            for _ in range(count)
        ]
    if kind < 0.35:
        return (
            ["{"]
            + [
                f'  "{rng.choice(("name", "size", "id", "path", "kind"))}": {rng.randint(0, 999)},'[:columns]
                for _ in range(max(1, count - 2))
            ]
            + ["}"]
        )
    lines = rng.choice(_sources())
    start = rng.randrange(max(1, len(lines) - count))
    return [line[:columns].rstrip() or "#" for line in lines[start : start + count]]


def code(sheet: Sheet, width: float, rows: int | None = None) -> str:
    """A listing, framed or not, plain or coloured, with or without line numbers."""
    rng = sheet.rng
    block = sheet.number()
    columns = max(12, int(width / (sheet.look.size * 0.62)) - 6)
    lines = code_lines(rng, rows or rng.randint(2, 16), columns)
    where: dict[str, Any] = {"block": block, "item": -1}
    dark = rng.random() < 0.1
    numbered, coloured = rng.random() < 0.2, rng.random() < 0.3
    out = []
    spaced = (
        rng.random() < 0.5
    )  # whether lines are set in by spaces, as browsers do it, or moved, as TeX does it
    for number, line in enumerate(lines, 1):
        if not spaced and not numbered:
            inward = len(line) - len(line.lstrip())
            out.append(f'<div style="padding-left:{inward}ch">')
            line = line.lstrip()
        if numbered:
            out.append(sheet.run("code", f"{number:>3}  ", color=0x888888, **where))
        pieces = (
            re.split(
                r"(#.*|'[^']*'|\"[^\"]*\"|\b(?:def|if|for|in|return|import|class|not|else|raise|while)\b)",
                line,
            )
            if coloured
            else [line]
        )
        for at, piece in enumerate(pieces):
            if piece:
                color = (
                    (0x008000, 0xAA0000, 0x0000BB)[len(piece) % 3] if at % 2 else 0xE0E0E0 if dark else None
                )
                out.append(sheet.run("code", html.escape(piece, quote=False), raw=True, color=color, **where))
        out.append("\n" if spaced or numbered else "</div>")
    css = rng.choice(
        (
            "",
            "",
            "background:#f5f5f5;",
            "border:.5pt solid #999;",
            "background:#eee;border:.5pt solid #bbb;",
            "border-left:2pt solid #888;",
            "border-top:.5pt solid #000;border-bottom:.5pt solid #000;",
        )
    )
    css = "background:#222;" if dark else css
    return f'<div class=c style="{css}padding:.4em .6em">{sheet.region("code")}{"".join(out).rstrip(chr(10))}</div>'
