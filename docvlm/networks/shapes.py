"""How the networks of the bundled models are shaped. Needs no torch: every runtime reads these from a bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from docvlm.anchors import ActionSpace, AnchorConfig
from docvlm.bundle import Bundle, BundleError
from docvlm.charts.code import VOCABULARY

STRIDE = 4  # pixels of a cell
MAX_ACTIONS = 320  # of a chart, the end token counted
_TOKEN_STRIDE = 32


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """Shape of a `CompactDecoder`.

    ``prefix`` says what an element of the prefix sees: "causal" what stands before it, "full" the whole prefix.
    ``max_length`` counts prefix and actions. ``tied`` uses the embedding as output matrix.
    """

    vocabulary: int
    width: int = 256
    depth: int = 6
    heads: int = 4
    kv_heads: int = 2
    mlp: int = 704
    max_length: int = 1024
    rope_base: float = 10000.0
    eps: float = 1e-6
    qkv_bias: bool = False
    tied: bool = True
    prefix: Literal["causal", "full"] = "causal"

    def __post_init__(self) -> None:
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} is not {self.heads} heads of an even size")
        if self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} heads cannot share {self.kv_heads} key-value heads evenly")

    @property
    def head_width(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class ChartEncoderConfig:
    """Shape of a `ChartEncoder`. ``size`` is the side of the square image, a multiple of 32; ``stem`` the channels
    at strides 2, 4, 8 and 16; ``width`` and ``depth`` those of the attention at stride 32; ``cells`` the channels
    of the stride-4 output.
    """

    size: int = 384
    stem: tuple[int, int, int, int] = (24, 48, 96, 192)
    width: int = 256
    depth: int = 4
    heads: int = 4
    mlp: int = 768
    cells: int = 64

    def __post_init__(self) -> None:
        if self.size % _TOKEN_STRIDE:
            raise ValueError(f"size {self.size} is not a multiple of {_TOKEN_STRIDE}")

    @property
    def tokens(self) -> int:
        return (self.size // _TOKEN_STRIDE) ** 2

    @property
    def cell_grid(self) -> tuple[int, int]:
        """Rows and columns of the stride-4 map."""
        return self.size // STRIDE, self.size // STRIDE


@dataclass(frozen=True, slots=True)
class ChartConfig:
    """Shape of a `ChartNetwork`: the encoder, the most anchors of an image, and the decoder."""

    encoder: ChartEncoderConfig = field(default_factory=ChartEncoderConfig)
    anchors: int = 128
    width: int = 192
    depth: int = 4
    heads: int = 4
    mlp: int = 512

    @property
    def space(self) -> ActionSpace:
        rows, columns = self.encoder.cell_grid
        return ActionSpace(VOCABULARY, self.anchors, rows, columns, STRIDE)

    @property
    def anchor_config(self) -> AnchorConfig:
        return AnchorConfig(self.encoder.size, self.encoder.size, self.anchors)

    @property
    def decoder(self) -> DecoderConfig:
        return DecoderConfig(
            VOCABULARY,
            self.width,
            self.depth,
            self.heads,
            kv_heads=self.heads // 2,
            mlp=self.mlp,
            max_length=self.encoder.tokens + self.anchors + MAX_ACTIONS,
            prefix="full",
        )


def chart_config(bundle: Bundle) -> ChartConfig:
    """The shape of a bundle's chart network. Raises BundleError for a bundle of something else."""
    if bundle.kind != "chart":
        raise BundleError(
            f"{bundle.path} holds a {bundle.kind} model, not a chart model", "name another model"
        )
    try:
        shape = dict(bundle.networks)
        encoder = dict(shape.pop("encoder"))
        encoder["stem"] = tuple(encoder["stem"])
        return ChartConfig(ChartEncoderConfig(**encoder), **shape)
    except (TypeError, ValueError, KeyError) as error:
        raise BundleError(f"{bundle.path} describes no chart network: {error}") from error


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
