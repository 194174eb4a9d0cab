"""The chart model: image and anchors in, a chart as actions out (`docvlm.charts.code`).

The decoder's prefix is the image's tokens and then the anchors, and every part of it sees the whole of it. From the
anchors' states a linear head says each one's role (title, tick, legend entry, ...), the decoder writes what the
marks are, and the state behind the first action estimates all values at once (OneChart's auxiliary token).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor, nn

from docvlm.bundle import Bundle, Precision, default_precision, load_bundle, save_bundle
from docvlm.charts.code import TEXT_ROLES
from docvlm.charts.interface import ChartConfig, chart_config
from docvlm.networks.anchor_embedding import AnchorEmbedding
from docvlm.networks.auxiliary import USED, AuxiliaryHead
from docvlm.networks.chart_encoder import ChartEncoder
from docvlm.networks.decoder import (
    CompactDecoder,
    PointerHead,
    PointerMemory,
    action_logits,
    pack,
    splice,
)
from docvlm.networks.weights import arrays_of, with_weights

# Where an anchor looks at the picture: from its box's left end, middle or right end (0, 1, 2), so many of its heights
# to the right and down. Keys of legends stand left or right of their names, marks above or below printed values.
_AROUND = (
    (0, -0.5, 0.0),
    (0, -1.0, 0.0),
    (0, -1.7, 0.0),
    (2, 0.8, 0.0),
    (1, 0.0, 0.0),
    (1, 0.0, -1.2),
    (1, 0.0, 1.2),
)


@dataclass(slots=True)
class ChartOutput:
    """What training compares: action scores (B, T, actions), offsets (B, T, 2), roles (B, A, roles), the way from
    each anchor's middle to its place (B, A, 2) in heights of its box, values (B, 100), heat (B, C): how likely it is,
    as a logit, that a mark lies in a cell.
    """

    scores: Tensor
    offsets: Tensor
    roles: Tensor
    places: Tensor
    values: Tensor
    heat: Tensor


class ChartNetwork(nn.Module):
    def __init__(self, config: ChartConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = ChartEncoder(config.encoder)
        self.vision_input = nn.Linear(config.encoder.width, config.width)
        self.anchor_embedding = AnchorEmbedding(config.anchor_config, config.width)
        self.decoder = CompactDecoder(config.decoder)
        self.pointers = PointerHead(config.width, config.space, config.encoder.cells)
        self.roles = nn.Linear(config.width, len(TEXT_ROLES))
        self.places = nn.Linear(config.width, 2)
        self.auxiliary = AuxiliaryHead(config.width, USED)
        self.heat = nn.Linear(config.encoder.cells, 1)
        nn.init.constant_(self.heat.bias, -4.0)  # marks are rare
        self.looks = nn.Linear(len(_AROUND) * config.encoder.cells, config.width, bias=False)
        nn.init.zeros_(self.looks.weight)

    def forward(self, images: Tensor, codes: dict[str, Tensor], actions: Tensor) -> ChartOutput:
        """Teacher forcing. ``images`` (B, 3, size, size) in [0, 1], ``codes`` of `stack_codes`, ``actions`` (B, T).

        The codes may hold fewer anchors than the model has room for; roles and places are as many.
        """
        tokens, cells, anchors = self.seen(images, codes)
        memory = self.memory(anchors, codes["mask"], cells)
        prefix, lengths = self.prefix(tokens, anchors, codes["mask"])
        tail = self.pointers.embed(actions[:, :-1], self.decoder.embedding, memory)
        all_states = self.decoder.states(splice(prefix, lengths, tail), lengths)
        states = _at(all_states, lengths[:, None] - 1 + torch.arange(actions.shape[1], device=actions.device))
        scores = action_logits(self.decoder, self.pointers, states, memory)
        anchor_states = all_states[:, tokens.shape[1] : tokens.shape[1] + anchors.shape[1]]
        return ChartOutput(
            scores,
            self.pointers.offsets(states, actions, memory),
            self.roles(anchor_states),
            self.places(anchor_states),
            # Behind the auxiliary token, which is the first action.
            self.auxiliary(states[:, 1]),
            self.heat(cells)[..., 0],
        )

    def seen(self, images: Tensor, codes: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """The image's tokens (B, N, width), its cells (B, C, cells) and its anchors (B, A, width).

        An anchor also knows how the picture looks around it: a legend's entry the colour of its key, a printed
        value the mark that it stands by.
        """
        tokens, cells = self.encoder(images)
        looks = self.looks(self._around(codes["boxes"], cells)) * codes["mask"][..., None]
        return self.vision_input(tokens), cells, self.anchor_embedding(codes) + looks

    def _around(self, boxes: Tensor, cells: Tensor) -> Tensor:
        """The cells at fixed places around each box: boxes (B, A, 4) in bins, cells (B, C, c) -> (B, A, places * c)."""
        rows, columns = self.config.encoder.cell_grid
        corners = (boxes.float() + 0.5) / self.config.anchor_config.bins
        x0, y0, x1, y1 = corners.unbind(-1)
        height = y1 - y0
        found = []
        for side, dx, dy in _AROUND:
            x = ((x0, (x0 + x1) / 2, x1)[side] + dx * height) * columns
            y = ((y0 + y1) / 2 + dy * height) * rows
            cell = y.long().clamp(0, rows - 1) * columns + x.long().clamp(0, columns - 1)
            found.append(cells.gather(1, cell[..., None].expand(-1, -1, cells.shape[2])))
        return torch.cat(found, -1)

    def memory(self, anchors: Tensor, mask: Tensor, cells: Tensor) -> PointerMemory:
        """What can be pointed at; anchors up to the number that the actions count with."""
        room = self.config.anchors - anchors.shape[1]
        return self.pointers.memory(F.pad(anchors, (0, 0, 0, room)), F.pad(mask, (0, room)), cells)

    def prefix(self, tokens: Tensor, anchors: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens and anchors as one prefix, padded on the right, and its lengths."""
        return pack([(tokens, torch.ones_like(tokens[:, :, 0], dtype=torch.bool)), (anchors, mask)])


def _at(rows: Tensor, places: Tensor) -> Tensor:
    return rows.gather(1, places[..., None].expand(-1, -1, rows.shape[2]))


def save_network(
    network: ChartNetwork,
    folder: Path,
    precision: Callable[[str, NDArray[Any]], Precision] = default_precision,
) -> Path:
    """Writes the network as a bundle of kind ``chart``; returns ``folder``. Raises as `save_bundle` does."""
    return save_bundle(folder, "chart", asdict(network.config), arrays_of(network), precision=precision)


def network_of(bundle: Bundle) -> ChartNetwork:
    """The network of an opened bundle. Raises BundleError for a bundle of something else."""
    return with_weights(ChartNetwork(chart_config(bundle)), bundle)


def load_network(model: str | Path) -> ChartNetwork:
    """The network of a bundle. Raises as `load_bundle` does, and BundleError for a bundle of something else."""
    return network_of(load_bundle(model))
