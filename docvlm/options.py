"""How to read: what a caller may choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from docvlm.bundle import find_bundle
from docvlm.errors import UsageError

ReaderChoice = Literal["auto", "text", "ocr", "vlm"]
Runtime = Literal["auto", "torch", "onnx", "tensorrt"]
Device = Literal["auto", "cpu", "cuda"]

# Pages that go through a model together: as many as a model may want at once.
_PAGES_PER_MODEL_CALL = 8


@dataclass(frozen=True, slots=True)
class Options:
    """How to read.

    ``pages`` is a selection such as ``1-3,7``; ``ocr_dpi`` the resolution at which OCR and models read pages.
    ``model`` names a model, a folder or a hub id: with the reader ``vlm`` it reads whole pages, with the others
    the formulas and tables that they cannot read. ``device`` and ``runtime`` say where it runs. With ``tiles`` above 1
    whole pages are shown to it in up to so many overlapping tiles.
    """

    pages: str | None = None
    reader: ReaderChoice = "auto"
    password: str | None = None
    ocr_dpi: int = 200
    model: str | None = None
    device: Device = "auto"
    runtime: Runtime = "auto"
    tiles: int = 1

    def __post_init__(self) -> None:
        _check("reader", self.reader, get_args(ReaderChoice))
        _check("device", self.device, get_args(Device))
        _check("runtime", self.runtime, get_args(Runtime))
        if not 1 <= self.tiles <= 8:
            raise UsageError(f"{self.tiles} tiles are too few or too many", "give 1 to 8")
        if self.reader == "vlm" and self.model is None:
            way_out = "name one with --model: a folder, a hub id, or a name that 'docvlm models list' shows"
            raise UsageError("the reader 'vlm' needs a model", way_out)
        if (
            self.runtime in ("onnx", "tensorrt")
            and self.model is not None
            and find_bundle(self.model) is None
        ):
            raise UsageError(f"{self.model} does not run on '{self.runtime}'", "use --runtime torch")

    @property
    def pages_at_once(self) -> int:
        """How many pages are best read together."""
        return _PAGES_PER_MODEL_CALL if self.model is not None else 1


def _check(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UsageError(f"unknown {name} '{value}'", f"choose {', '.join(choices[:-1])} or {choices[-1]}")
