"""Samples on disk: a few thousand in one compressed file, read without TeX and without a PDF library.

A shard is an `.npz` of arrays: glyphs of all samples one after the other with their counts, and the texts likewise.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from docvlm.formulas.glyphs import Glyphs, Kind

_STEP = 0.02  # points; places are stored as multiples of it


@dataclass(frozen=True, slots=True)
class Sample:
    """A crop that was set by TeX: what it says in canonical LaTeX (Markdown for a line), its glyphs and its font.

    ``source`` is the LaTeX that was set; ``picture`` a grey PNG that says its resolution, where
    pixels were asked for.
    """

    kind: Kind
    text: str
    glyphs: Glyphs
    font: str
    source: str = ""
    picture: bytes = b""


def write_shard(path: Path, samples: Iterable[Sample]) -> None:
    """Writes a shard, whole or not at all."""
    listed = list(samples)
    glyphs = [sample.glyphs for sample in listed]
    texts = {
        name: [getattr(sample, name).encode() for sample in listed]
        for name in ("text", "source", "kind", "font")
    }
    arrays: dict[str, Any] = {
        "counts": np.array([len(each) for each in glyphs], np.int32),
        "characters": np.concatenate([each.characters for each in glyphs]),
        "styles": np.concatenate([each.styles for each in glyphs]),
        "places": np.rint(np.concatenate([each.places for each in glyphs]) / _STEP)
        .clip(-32768, 32767)
        .astype(np.int16),
    }
    for name, parts in (texts | {"picture": [sample.picture for sample in listed]}).items():
        arrays[name] = np.frombuffer(b"".join(parts), np.uint8)
        arrays[f"{name}_counts"] = np.array([len(part) for part in parts], np.int32)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(buffer.getvalue())
    os.replace(part, path)


def read_shard(path: Path) -> Iterator[Sample]:
    """The samples of a shard, in their order."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    texts = {
        name: _split(arrays[name], arrays[f"{name}_counts"])
        for name in ("text", "source", "kind", "font", "picture")
    }
    ends = np.cumsum(arrays["counts"])
    for number, (end, count) in enumerate(zip(ends, arrays["counts"])):
        part = slice(end - count, end)
        glyphs = Glyphs(
            arrays["characters"][part],
            arrays["styles"][part],
            arrays["places"][part].astype(np.float32) * np.float32(_STEP),
        )
        text, source, kind, font = (
            texts[name][number].decode() for name in ("text", "source", "kind", "font")
        )
        yield Sample(kind, text, glyphs, font, source, texts["picture"][number])  # type: ignore[arg-type]


def _split(data: np.ndarray, counts: np.ndarray) -> list[bytes]:
    whole, ends = data.tobytes(), np.cumsum(counts)
    return [whole[end - count : end] for end, count in zip(ends.tolist(), counts.tolist())]
