"""How to read: what a caller may choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

from docvlm.bundle import find_bundle
from docvlm.errors import UsageError

ReaderChoice = Literal["auto", "text", "ocr", "vlm"]
Runtime = Literal["auto", "torch", "onnx", "tensorrt"]
Device = Literal["auto", "cpu", "cuda"]
CropKind = Literal["auto", "formula", "text"]  # what a crop shows
Role = Literal["chart", "formula", "glyphs", "layout", "reading"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""What models do: read charts; write LaTeX of glyphs; find glyphs in pixels; order lines of pages; read pages and crops."""

# Pages that go through a model together: as many as a model may want at once.
_PAGES_PER_MODEL_CALL = 8


@dataclass(frozen=True, slots=True)
class Options:
    """How to read.

    ``pages`` is a selection such as ``1-3,7``; ``ocr_dpi`` the resolution at which OCR and models read pages.
    ``model`` names a model, a folder or a hub id: with the reader ``vlm`` it reads whole pages, with the others
    the formulas and tables that they cannot read. ``models`` names others than the bundled ones for what each role of
    `ROLES` does; ``model`` is short for the role "reading". ``device`` and ``runtime`` say where they run. With
    ``tiles`` above 1 whole pages are shown to it in up to so many overlapping tiles. With ``figure_text`` the words inside
    pictures are written under them, with ``annotations`` the comments on pages behind their text. With ``debug`` failures
    carry their traces.
    """

    pages: str | None = None
    reader: ReaderChoice = "auto"
    password: str | None = None
    ocr_dpi: int = 200
    model: str | None = None
    models: Mapping[Role, str] = field(default_factory=dict)
    device: Device = "auto"
    runtime: Runtime = "auto"
    tiles: int = 1
    figure_text: bool = False
    annotations: bool = False
    debug: bool = False

    def __post_init__(self) -> None:
        check_choice("reader", self.reader, get_args(ReaderChoice))
        check_choice("device", self.device, get_args(Device))
        check_choice("runtime", self.runtime, get_args(Runtime))
        for role in self.models:
            check_choice("role", role, ROLES)
        if self.model is not None and self.models.get("reading", self.model) != self.model:
            raise UsageError("two models are named for reading", "name one")
        if not 1 <= self.tiles <= 8:
            raise UsageError(f"{self.tiles} tiles are too few or too many", "give 1 to 8")
        reading = self.named("reading")
        if self.reader == "vlm" and reading is None:
            way_out = "name one with --model: a folder, a hub id, or a name that 'docvlm models list' shows"
            raise UsageError("the reader 'vlm' needs a model", way_out)
        if self.runtime in ("onnx", "tensorrt") and reading is not None and find_bundle(reading) is None:
            raise UsageError(f"{reading} does not run on '{self.runtime}'", "use --runtime torch")

    def named(self, role: Role) -> str | None:
        """The model that was named for a role; ``None`` where the bundled one serves, if there is one."""
        return self.models.get(role, self.model if role == "reading" else None)

    def with_model_as(self, role: Role) -> Options:
        """These options, with ``model`` as the model of another role than "reading"."""
        if self.model is None:
            return self
        return replace(self, model=None, models={role: self.model, **self.models})

    @property
    def pages_at_once(self) -> int:
        """How many pages are best read together."""
        return _PAGES_PER_MODEL_CALL if self.named("reading") is not None else 1


def options_of(options: Options | None, settings: Mapping[str, Any]) -> Options:
    """The ``options`` of a call, or those that its ``settings`` name. Raises UsageError where both are given."""
    if options is None:
        return Options(**settings)
    if settings:
        raise UsageError(f"options are given and {', '.join(settings)} beside them", "give one or the other")
    return options


def models_named(words: Sequence[str], plain: Role) -> dict[Role, str]:
    """The models that ``ROLE=NAME`` and ``NAME`` name, the latter for the role ``plain``.

    Raises UsageError for a role that there is not, and for one that is named twice.
    """
    named: dict[Role, str] = {}
    for word in words:
        before, equals, after = word.partition("=")
        by_role = bool(equals) and before.isidentifier()  # a path may hold the sign, too
        role, model = (before, after) if by_role else (plain, word)
        check_choice("role", role, ROLES)
        if not model:
            raise UsageError(f"--model {word}: no model is named", "give a name, a folder or a hub id")
        if role in named:
            raise UsageError(f"two models are named for '{role}'", "name one")
        named[role] = model  # type: ignore[index]
    return named


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raises UsageError where ``value`` is none of the ``choices`` that there are for ``name``."""
    if value not in choices:
        raise UsageError(f"unknown {name} '{value}'", f"choose {', '.join(choices[:-1])} or {choices[-1]}")
