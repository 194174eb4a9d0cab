"""Perplexity filtering (POINTS): a trained model says which examples perplex it most, and they are left out.

POINTS keeps the fifth of its web data that perplexes least, since noise perplexes. Drawn charts have no noise in their
truth: what perplexes is hard, or cannot be read at all. So only a small share is worth leaving out here.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from docvlm.networks import chart
from training.chart_examples import Batch, Example, collate
from training.chart_task import ChartTask

_POOL = 40  # charts that are compared with each other
_AT_ONCE = 8
_LENGTH_OF_NONE = 3  # what says that a picture is no chart


@dataclass(frozen=True, slots=True)
class FilteredTask(ChartTask):
    """The charts of each pool that perplex the bundle ``judge`` least, ``keep`` of them; rejects are all kept."""

    judge: Path = Path("models/chart-s")
    keep: float = 0.8

    def examples(self, seed: int) -> Iterator[Example]:
        network = chart.load_network(self.judge)
        rng = random.Random(seed)
        drawn = ChartTask.examples(self, seed)
        while True:
            pool = list(itertools.islice(drawn, _POOL))
            charts = [example for example in pool if len(example.actions) > _LENGTH_OF_NONE]
            ranked = sorted(zip(perplexities(network, charts), range(len(charts))))
            kept = [charts[number] for _, number in ranked[: round(self.keep * len(charts))]]
            kept += [example for example in pool if len(example.actions) <= _LENGTH_OF_NONE]
            rng.shuffle(kept)
            yield from kept


@torch.inference_mode()
def perplexities(network: chart.ChartNetwork, examples: Sequence[Example]) -> list[float]:
    """How much each example's actions perplex the network: the exponential of their mean negative log-likelihood."""
    found = [0.0] * len(examples)
    order = sorted(range(len(examples)), key=lambda number: len(examples[number].actions))
    for start in range(0, len(order), _AT_ONCE):
        numbers = order[start : start + _AT_ONCE]
        batch = collate([examples[number] for number in numbers])
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(batch.images.float() / 255, batch.codes, batch.actions).scores
        for number, value in zip(numbers, _perplexity(scores.float(), batch).tolist(), strict=True):
            found[number] = value
    return found


def _perplexity(scores: Tensor, batch: Batch) -> Tensor:
    """(B, T, actions) -> (B,). The auxiliary token stands first in every chart and perplexes nobody."""
    surprise = F.cross_entropy(scores.transpose(1, 2), batch.actions, reduction="none")
    places = torch.arange(batch.actions.shape[1])
    counted = (places > 0) & (places < batch.counts[:, None])
    return ((surprise * counted).sum(1) / counted.sum(1)).exp()
