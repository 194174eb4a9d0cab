"""Which files the inputs of a run name, and what the results of each are called."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docvlm.errors import MissingInput
from docvlm.source import expand

_REPORT = "run-report"  # the run's own
_LONGEST = 200  # bytes of a name; file systems take 255, of which suffixes take the rest


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
    taken = {_REPORT}
    return [
        Input(each[0], readable(each[0]), _name(each[1], stems, taken)) if isinstance(each, tuple) else each
        for each in found.values()
    ]


def _name(path: Path, stems: Counter[Path], taken: set[str]) -> str:
    """``path`` without its suffix where no other has this, and with a number where the whole was taken."""
    base = path if stems[path.with_suffix("")] > 1 else path.with_suffix("")
    name = next(name for name in numbered(readable(base)) if name.casefold() not in taken)
    taken.add(name.casefold())  # one file, where the file system does not tell cases apart
    return name


def numbered(name: str) -> Iterator[str]:
    """``name``, shortened where a file could not be called so, and then the same with the numbers from 2 on."""
    folder, _, last = name.rpartition("/")
    encoded = last.encode()
    if len(encoded) > _LONGEST:
        digest = hashlib.sha256(encoded).hexdigest()[:8]  # keeps names apart that begin alike
        last = f"{encoded[:_LONGEST].decode(errors='ignore')}-{digest}"
    base = f"{folder}/{last}" if folder else last
    yield base
    for count in itertools.count(2):
        yield f"{base}-{count}"


def readable(path: str | Path) -> str:
    """A path as text that can be written; names that are not UTF-8 get replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")
