"""The reading model and the glyph finder as everything else knows them: their shapes, and what the reading model says.
Needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from docvlm.bundle import Bundle, BundleError
from docvlm.decoding.config import DecoderConfig
from docvlm.decoding.interface import Reading
from docvlm.formulas.codes import GlyphCodes
from docvlm.formulas.glyphs import Kind


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """Shape of a `ReaderNetwork`. ``glyphs`` and ``tokens`` are the most that a crop may have, and may become."""

    vocabulary: int
    glyphs: int = 320
    tokens: int = 256
    width: int = 256
    depth: int = 4
    heads: int = 4
    mlp: int = 704

    @property
    def decoder(self) -> DecoderConfig:
        return DecoderConfig(
            self.vocabulary,
            self.width,
            self.depth,
            self.heads,
            kv_heads=self.heads // 2,
            mlp=self.mlp,
            max_length=self.glyphs + 1 + self.tokens,
            prefix="full",
        )


def reader_config(bundle: Bundle) -> ReaderConfig:
    """The shape of a bundle's reading network. Raises BundleError for a bundle of something else."""
    if bundle.kind != "reader" or bundle.tokenizer is None:
        raise BundleError(
            f"{bundle.path} holds a {bundle.kind} model, not a reading model", "name another model"
        )
    try:
        return ReaderConfig(**bundle.networks)
    except TypeError as error:
        raise BundleError(f"{bundle.path} describes no reading network: {error}") from error


@dataclass(frozen=True, slots=True)
class FinderConfig:
    """Shape of a `GlyphFinder`. ``classes`` are what it tells apart, as text (the letters of a ligature, else one
    character) and style (an index of `docvlm.formulas.glyphs.STYLES`); ``em`` how many pixels an em should have;
    ``widths`` the channels at strides 2, 4, 8 and 16; ``cells`` those of the finest map; ``window`` how many of its
    rows and columns around a glyph's middle say what the glyph is, ``hidden`` how many units read them.
    """

    classes: tuple[tuple[str, int], ...]
    em: float = 24.0
    widths: tuple[int, int, int, int] = (32, 64, 96, 128)
    cells: int = 64
    window: tuple[int, int] = (3, 5)
    hidden: int = 256


def finder_config(bundle: Bundle) -> FinderConfig:
    """The shape of a bundle's glyph finder. Raises BundleError for a bundle of something else."""
    if bundle.kind != "glyphs":
        raise BundleError(
            f"{bundle.path} holds a {bundle.kind} model, not a glyph finder", "name another model"
        )
    try:
        shape = dict(bundle.networks)
        classes = tuple((str(text), int(style)) for text, style in shape.pop("classes"))
        first, second, third, fourth = shape.pop("widths")
        rows, columns = shape.pop("window")
        return FinderConfig(classes, widths=(first, second, third, fourth), window=(rows, columns), **shape)
    except (TypeError, ValueError, KeyError) as error:
        raise BundleError(f"{bundle.path} describes no glyph finder: {error}") from error


class ReaderRuntime(Protocol):
    """A reading model that can be asked. ``config`` says how many glyphs a crop may have and how many tokens it may
    become; ``ran_on`` says in words what computes, for reports.
    """

    @property
    def config(self) -> ReaderConfig: ...

    @property
    def ran_on(self) -> str: ...

    def read(
        self, crops: Sequence[GlyphCodes], kinds: Sequence[Kind], only_shown: bool = False
    ) -> list[Reading]:
        """What each crop says, in their order: LaTeX of a formula, Markdown of a line.

        ``only_shown`` lets formulas have only the letters that their glyphs have (`docvlm.formulas.supply`).
        Raises ValueError for a crop with more than ``config.glyphs`` glyphs.
        """
        ...
