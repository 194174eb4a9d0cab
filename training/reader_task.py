"""Training the reading model: where its examples come from and what it is punished for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from docvlm.formulas.interface import ReaderConfig
from docvlm.formulas.tokens import LatexTokenizer
from docvlm.networks.reader import ReaderNetwork
from training.reader_examples import Batch, Example, collate, examples

TOKENIZER = Path(__file__).parent / "text" / "tokenizer.json"


@dataclass(frozen=True)
class ReaderTask:
    """``data`` is a folder of shards (`training.text.build`), ``config`` shapes the network."""

    data: Path
    config: ReaderConfig
    tokenizer: Path = TOKENIZER

    @classmethod
    def of(cls, data: Path) -> ReaderTask:
        """The task with the model that ships."""
        return cls(data, ReaderConfig(load_tokenizer().size))

    def build(self) -> ReaderNetwork:
        return ReaderNetwork(self.config)

    def examples(self, seed: int) -> Iterator[Example]:
        # Workers are processes already; more threads would only stand in the network's way.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        return examples(self.data, load_tokenizer(self.tokenizer), self.config, seed)

    def length(self, example: Example) -> int:
        return len(example.codes.characters) + len(example.tokens)

    def collate(self, batch: list[Example]) -> Batch:
        return collate(batch, batch[0].tokens[-1])

    def loss(self, model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        places = torch.arange(batch.tokens.shape[1], device=batch.tokens.device)
        written = places < batch.counts[:, None]
        scores = model(batch.codes, batch.starts, batch.tokens, written, batch.longest)
        wanted = batch.tokens[written]
        loss = F.cross_entropy(scores.float(), wanted)
        with torch.no_grad():
            right = scores.argmax(-1) == wanted
            whole = torch.ones_like(written).masked_scatter(written, right).all(1)
            shown = {"tokens_right": right.float().mean(), "whole_right": whole.float().mean()}
        return loss, shown


def load_tokenizer(path: Path = TOKENIZER) -> LatexTokenizer:
    """The tokenizer that training writes with; a bundle carries a copy."""
    return LatexTokenizer.from_text(path.read_text(encoding="utf-8"))
