"""The chart model as everything else knows it: how it is shaped, what it is given and what it says. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import ActionSpace, AnchorCodes, AnchorConfig
from docvlm.bundle import Bundle, BundleError
from docvlm.charts.code import VOCABULARY
from docvlm.decoding.config import DecoderConfig
from docvlm.decoding.interface import Generated

STRIDE = 4  # pixels of a cell
MAX_ACTIONS = 320  # of a chart, the end token counted
_TOKEN_STRIDE = 32


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
class ChartReading:
    """What the network says of one image; ``roles`` are probabilities (anchors, roles), ``values`` (100,).

    ``places`` (anchors, 2) lead from the middle of each anchor's box to what it belongs to (a tick label's tick), in
    heights of the box.
    """

    generated: Generated
    roles: NDArray[np.float32]
    places: NDArray[np.float32]
    values: NDArray[np.float32]


class ChartRuntime(Protocol):
    """A chart model that can be asked. ``ran_on`` says in words what computes, for reports."""

    @property
    def config(self) -> ChartConfig: ...

    @property
    def ran_on(self) -> str: ...

    def read(
        self, images: NDArray[np.float32], codes: Sequence[AnchorCodes], max_actions: int = MAX_ACTIONS
    ) -> list[ChartReading]:
        """``images`` (B, 3, size, size) in [0, 1] and their anchors -> what the model says of each.

        ``max_actions`` counts the end; with room for three, all that can be said is that there is no chart.
        Raises ValueError where the grammar has nothing that short.
        """
        ...
