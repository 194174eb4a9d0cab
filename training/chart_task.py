"""Training the chart model: where its examples come from and what it is punished for."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from docvlm.charts.interface import ChartConfig
from docvlm.networks.chart import ChartNetwork
from training.chart_examples import Batch, Example, collate, example_of
from training.charts import negatives
from training.charts.sample import Renderer, Sample
from training.charts.stream import drawable_languages, painter, stream

# The painter is fast and draws most; the libraries are slow and keep the model from learning the painter's habits.
_WEIGHTS = {"painter": 0.75, "negatives": 0.08, "other_figures": 0.04, "matplotlib": 0.1, "vega": 0.03}
# Roles and values are side tasks: they help the features along and must not outweigh the chart itself.
_ROLES, _VALUES, _OFFSETS = 0.3, 0.5, 0.5
_KIND, _NAMES, FIRST_MARKS = 6.0, 1.5, 2.5


@dataclass(frozen=True, slots=True)
class ChartTask:
    """``fonts`` is the folder that the painter takes its fonts from, ``pictures`` one of photographs and clip art that
    are no charts; ``heat`` weighs the heat map of all marks; ``mixture`` how often each renderer draws.
    """

    config: ChartConfig = field(default_factory=ChartConfig)
    fonts: Path | None = None
    pictures: Path | None = None
    heat: float = 0.3
    mixture: Mapping[str, float] = field(default_factory=lambda: _WEIGHTS)

    def build(self) -> ChartNetwork:
        return ChartNetwork(self.config)

    def examples(self, seed: int) -> Iterator[Example]:
        rng = np.random.default_rng([seed, 77])
        for sample in self.samples(seed):
            example = self.example(sample, rng)
            if example is not None:
                yield example

    def example(self, sample: Sample, rng: np.random.Generator) -> Example | None:
        """What is learned from a drawn chart; ``None`` where it is too large."""
        return example_of(sample, self.config, rng)

    def samples(self, seed: int) -> Iterator[Sample]:
        """Drawn charts without end."""
        folders = None if self.fonts is None else (str(self.fonts),)
        files = () if self.pictures is None else tuple(sorted(self.pictures.glob("*.jpg")))
        renderers: dict[str, Renderer] = {
            **painter(folders),
            "negatives": functools.partial(negatives.draw, folders=folders, pictures=files),
        }
        languages = drawable_languages(folders)
        for name in ("render_matplotlib", "render_vega", "other_figures"):
            with suppress(ImportError):  # a machine without the library draws with the others
                module = importlib.import_module(f"training.charts.{name}")
                renderers[name.removeprefix("render_")] = module.draw
        yield from stream(seed, renderers, self.mixture, languages=languages)

    def length(self, example: Example) -> int:
        return len(example.actions)

    def collate(self, examples: list[Example]) -> Batch:
        return collate(examples)

    def loss(self, model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        space = self.config.space
        images = batch.images.float() / 255
        if images.device.type == "cpu":
            images = images.contiguous(memory_format=torch.channels_last)
        out = model(images, batch.codes, batch.actions)
        places = torch.arange(batch.actions.shape[1], device=images.device)
        # The auxiliary token stands first in every chart, so there is nothing to learn from it.
        written = (places < batch.counts[:, None]) & (places > 0)
        scores, actions = out.scores[written].float(), batch.actions[written]
        is_cell = actions >= space.first_cell
        is_anchor = (actions >= space.vocabulary) & ~is_cell
        weights = self._weights(batch.actions)[written]
        spelled = (F.cross_entropy(scores, actions, reduction="none") * weights).sum() / weights.sum()
        off = F.smooth_l1_loss(
            out.offsets[written].float(), batch.offsets[written], beta=0.25, reduction="none"
        ).sum(-1)
        offset = (off * is_cell).sum() / is_cell.sum().clamp(min=1)
        roles = F.cross_entropy(
            out.roles.float().flatten(0, 1), batch.roles.flatten(), ignore_index=-1
        ).nan_to_num()
        placed = batch.places.isfinite()
        away = F.smooth_l1_loss(out.places.float(), batch.places.nan_to_num(), beta=0.1, reduction="none")
        places = (away * placed).sum() / placed.sum().clamp(min=1)
        known = batch.values.isfinite()
        distance = (out.values.float() - batch.values.nan_to_num()).abs() * known
        values = distance.sum() / known.sum().clamp(min=1)
        heat = self._heat(out.heat.float(), batch.actions)
        side = _OFFSETS * offset + _ROLES * (roles + places) + _VALUES * values + self.heat * heat
        loss = spelled + side
        with torch.no_grad():
            chosen = scores.argmax(-1)
            near = self._steps(chosen, actions) <= 1
            right = chosen == actions
            shown = {
                "actions": spelled.detach(),
                "tokens_right": _mean(right, ~is_cell & ~is_anchor),
                "anchors_right": _mean(right, is_anchor),
                "cells_near": _mean(near, is_cell),
                "offset": offset.detach(),
                "roles_right": _mean(
                    out.roles.argmax(-1).flatten() == batch.roles.flatten(), batch.roles.flatten() >= 0
                ),
                "places": places.detach(),
                "values": values.detach(),
                "heat": heat.detach(),
            }
        return loss, shown

    def _weights(self, actions: Tensor) -> Tensor:
        """How much each action (B, T) counts. A chart has one kind and a hundred marks, of which the first of a series
        is the hardest and the others follow from it; on the mean alone the few would be learned last.
        """
        space = self.config.space
        is_cell = actions >= space.first_cell
        # The first mark stands behind its series' token and name, and no mark stands just before it.
        before = F.pad(is_cell, (2, 0))[:, :-2] | F.pad(is_cell, (1, 0))[:, :-1]
        weights = torch.ones(actions.shape, device=actions.device)
        weights[(actions >= space.vocabulary) & ~is_cell] = _NAMES
        weights[is_cell & ~before] = FIRST_MARKS
        weights[:, 1] = _KIND
        return weights

    def _heat(self, scores: Tensor, actions: Tensor) -> Tensor:
        """The loss of a heat map (B, C) that shows every mark of the chart at once: focal, for marks are few (Lin et
        al. 2017), with the cells around a mark left out, since a mark may lie on the edge of its cell.
        """
        space = self.config.space
        index = (actions - space.first_cell).clamp(min=-1) + 1
        marked = scores.new_zeros(len(scores), space.cells + 1).scatter(1, index, 1.0)[:, 1:]
        grid = marked.view(-1, 1, space.rows, space.columns)
        around = F.max_pool2d(grid, 3, stride=1, padding=1).flatten(1)
        likely = scores.sigmoid()
        hits = -F.logsigmoid(scores) * (1 - likely) ** 2 * marked
        misses = -F.logsigmoid(-scores) * likely**2 * (1 - around)
        return (hits + misses).sum() / marked.sum().clamp(min=1)

    def _steps(self, chosen: Tensor, actions: Tensor) -> Tensor:
        """Cells between two pointed cells, along the axis where they are farther apart; many where one is none."""
        space = self.config.space
        a, b = chosen - space.first_cell, actions - space.first_cell
        apart = torch.maximum(
            (a % space.columns - b % space.columns).abs(),
            (a.div(space.columns, rounding_mode="floor") - b.div(space.columns, rounding_mode="floor")).abs(),
        )
        return torch.where(a >= 0, apart, space.columns)


def _mean(values: Tensor, where: Tensor) -> Tensor:
    """The share of ``values`` among ``where``; NaN where there are none."""
    return (values & where).sum() / where.sum()
