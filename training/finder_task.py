"""Training the glyph finder: where its examples come from and what it is punished for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from docvlm.formulas.interface import FinderConfig
from docvlm.networks.glyph_finder import GlyphFinder
from training.finder_examples import Batch, Example, collate, examples, load_classes

_CLASSES, _VALUES, _RULES, _EDGES = 1.0, 2.0, 0.5, 1.0
_SURE = 0.3  # the likelihood from which the log counts a glyph as found


@dataclass(frozen=True)
class FinderTask:
    """``data`` is a folder of shards with pictures (`training.text.build --dpi`), ``config`` shapes the network."""

    data: Path
    config: FinderConfig

    @classmethod
    def of(cls, data: Path) -> FinderTask:
        """The task with the model that ships."""
        return cls(data, FinderConfig(load_classes()))

    def build(self) -> GlyphFinder:
        return GlyphFinder(self.config)

    def examples(self, seed: int) -> Iterator[Example]:
        return examples(self.data, self.config, seed)

    def length(self, example: Example) -> int:
        return 0  # all canvases are alike

    def collate(self, batch: list[Example]) -> Batch:
        return collate(batch)

    def loss(self, model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        ink = batch.ink.float() / 255
        if ink.device.type == "cpu":
            ink = ink.contiguous(memory_format=torch.channels_last)
        heat, rules, scores, values = (each.float() for each in model(ink, batch.seen))
        middle = tuple(batch.where.T)
        wanted_heat = (batch.heat.float() / 255).index_put(middle, heat.new_ones(len(batch.where)))
        known = batch.classes >= 0
        canvas, down, row, column = batch.rule_where.T
        rules = rules.unflatten(1, (2, -1))
        is_rule = torch.zeros_like(rules[:, :, 0]).index_put(
            (canvas, down, row, column), rules.new_ones(len(canvas))
        )
        edges = rules[canvas, down, 1:, row, column]
        classes = F.cross_entropy(scores[known], batch.classes[known])
        loss = (
            focal_loss(heat, wanted_heat, len(batch.where))
            + _CLASSES * classes
            + _VALUES * F.smooth_l1_loss(values, batch.values, beta=0.1)
            + _RULES * focal_loss(rules[:, :, 0], is_rule, len(batch.where))
            + _EDGES
            * (F.smooth_l1_loss(edges, batch.rule_values, beta=0.1, reduction="sum") / max(edges.numel(), 1))
        )
        with torch.no_grad():
            hot, lined = heat.sigmoid() > _SURE, rules[:, :, 0].sigmoid() > _SURE
            shown = {
                "classes": classes,
                "class_right": (scores[known].argmax(-1) == batch.classes[known]).float().mean(),
                "found": hot[middle].float().mean(),
                # Glyphs found in the wrong place: hot cells that have no glyph's middle near.
                "wrongly_hot": (wanted_heat[hot] < 0.01).float().mean(),
                "rules_found": lined[is_rule > 0].float().mean(),
                "rules_right": (is_rule[lined] > 0).float().mean(),
                "box_off": (values[:, :4] - batch.values[:, :4]).abs().mean(),
            }
        return loss, shown


def focal_loss(logits: Tensor, wanted: Tensor, count: int) -> Tensor:
    """CenterNet's loss of a heat map (Zhou et al. 2019, equation 1), shared among ``count`` glyphs.

    ``wanted`` is in [0, 1]; near such places being wrong costs less, and places that are nearly right already cost
    little.
    """
    likely = logits.sigmoid()
    is_there = wanted >= 1
    hit = (1 - likely) ** 2 * F.logsigmoid(logits) * is_there
    miss = (1 - wanted) ** 4 * likely**2 * F.logsigmoid(-logits) * ~is_there
    return -(hit.sum() + miss.sum()) / max(count, 1)
