"""Training the page model: where its examples come from and what it is punished for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from docvlm.layout.features import LINE, PAIR
from docvlm.layout.interface import PageConfig
from docvlm.networks.page import PageNetwork
from training.page_examples import Batch, Example, collate, examples

_ROLES, _ORDER, _JOINED = 1.0, 1.0, 0.5
_ELSEWHERE = 0.2  # what pairs of lines weigh that do not follow each other


@dataclass(frozen=True)
class PageTask:
    """``data`` is a folder of folders of shards, ``config`` shapes the network."""

    data: Path
    config: PageConfig

    @classmethod
    def of(cls, data: Path) -> PageTask:
        """The task with the model that ships."""
        return cls(data, PageConfig(LINE, PAIR))

    def build(self) -> PageNetwork:
        return PageNetwork(self.config)

    def examples(self, seed: int) -> Iterator[Example]:
        return examples(self.data, seed)

    def length(self, example: Example) -> int:
        return len(example.roles)

    def collate(self, batch: list[Example]) -> Batch:
        return collate(batch)

    def loss(self, model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        roles, follows, precedes, joined = (
            each.float() for each in model(batch.lines, batch.pairs, batch.mask)
        )
        there = batch.mask
        lines = there.sum()
        # Where the padding stands in another batch does not matter: the index of "none" is the last of this one's.
        role = F.cross_entropy(roles[there], batch.roles[there], label_smoothing=0.02)
        succeed = F.cross_entropy(follows[there], batch.next[there])
        precede = F.cross_entropy(precedes[there], batch.previous[there])
        pairs = there[:, :, None] & there[:, None, :] & ~torch.eye(there.shape[1], dtype=torch.bool)
        follow = F.one_hot(batch.next, there.shape[1] + 1)[..., :-1].bool() & pairs
        wrong = F.binary_cross_entropy_with_logits(joined, batch.joined.float(), reduction="none").mean(-1)
        linked = wrong[follow].mean()
        together = linked + _ELSEWHERE * wrong[pairs].mean()
        loss = _ROLES * role + _ORDER * (succeed + precede) + _JOINED * together
        with torch.no_grad():
            right = follows.argmax(-1) == batch.next
            shown = {
                "role": role,
                "succeed": succeed,
                "role_right": (roles.argmax(-1) == batch.roles)[there].float().mean(),
                "next_right": right[there].float().mean(),
                "first_right": (precedes.argmax(-1) == batch.previous)[there].float().mean(),
                "block_right": ((joined[..., 0] > 0) == batch.joined[..., 0])[follow].float().mean(),
                "item_right": ((joined[..., 1] > 0) == batch.joined[..., 1])[follow].float().mean(),
                "lines": lines / len(there),
            }
        return loss, shown
