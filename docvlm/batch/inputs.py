"""Which files the inputs of a run name, and what the results of each are called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from docvlm.errors import MissingInput
from docvlm.source import expand


@dataclass(frozen=True, slots=True)
class Input:
    """One file: what errors call it (``source``), and the ``name`` of its results, which no other has."""

    path: Path
    source: str
    name: str


@dataclass(frozen=True, slots=True)
class NoInput:
    """What a user named and is not there."""

    source: str
    error: MissingInput


def named(inputs: Iterable[str | Path | Input]) -> list[Input | NoInput]:
    """The files of ``inputs``, each once, in their order. Below a folder a result's name is the path in it."""
    found: dict[str, tuple[Path, Path] | Input | NoInput] = {}  # by what makes two of them the same
    for item in inputs:
        if isinstance(item, Input):
            found.setdefault(os.path.realpath(item.path), item)
            continue
        root = Path(item)
        try:
            for path in expand([item]):
                name = path.relative_to(root) if root.is_dir() else Path(path.name)
                found.setdefault(os.path.realpath(path), (path, name))
        except MissingInput as error:
            found.setdefault(f"missing {item}", NoInput(readable(item), error))
    stems = Counter(each[1].with_suffix("") for each in found.values() if isinstance(each, tuple))
    taken: set[str] = set()
    return [
        Input(each[0], readable(each[0]), _name(each[1], stems, taken)) if isinstance(each, tuple) else each
        for each in found.values()
    ]


def _name(path: Path, stems: Counter[Path], taken: set[str]) -> str:
    """``path`` without its suffix where no other has this, and with a number where the whole was taken."""
    base = path if stems[path.with_suffix("")] > 1 else path.with_suffix("")
    name, count = readable(base), 1
    while name in taken:
        count += 1
        name = f"{readable(base)}-{count}"
    taken.add(name)
    return name


def readable(path: str | Path) -> str:
    """A path as text that can be written; names that are not UTF-8 get replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")
