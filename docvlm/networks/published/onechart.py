"""OneChart: chart images to their data as a dict, checked by one auxiliary token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from docvlm.decoding.interface import Format, Reading
from docvlm.networks.auxiliary import USED, AuxiliaryHead
from docvlm.networks.published.opt import load_opt
from docvlm.networks.published.prompted import Answer, Images, PromptedDecoder, batched, reading, vicuna
from docvlm.networks.published.state import Weights, read_tensors
from docvlm.networks.published.tokenizer import token_id
from docvlm.networks.vision import VisionConfig

_QUESTION = "Convert the key information of the chart to a python dict:\n"
_PREPROCESSING = VisionConfig(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), resample="bilinear")

_HEAD = "num_decoder."


@dataclass(frozen=True, slots=True)
class ChartReading:
    """A chart's answer and what the auxiliary head saw before it was written.

    ``numbers`` (100,) estimates the chart's numbers in the order of the answer, min-max normalized; it is
    empty where the model did not write the auxiliary token. The rest is as in
    :class:`~docvlm.decoding.interface.Reading`.
    """

    text: str
    numbers: NDArray[np.float32]
    log_probs: tuple[float, ...]
    finished: bool
    repeated: bool = False


class OneChart:
    """An :class:`~docvlm.decoding.interface.ImageTextModel` that reads charts only, whatever form is asked."""

    def __init__(
        self, name: str, prompted: PromptedDecoder, head: nn.Module, number: int, batch_size: int
    ) -> None:
        self.name = name
        self.batch_size = batch_size
        self._prompted = prompted
        self._head = head
        self._number = number

    def read(
        self, images: Sequence[NDArray[np.uint8]], form: Format = "markdown", max_tokens: int = 4096
    ) -> list[Reading]:
        """The charts in RGB images (height, width, 3) as dicts in text."""
        return [
            Reading(chart.text, chart.log_probs, chart.finished, chart.repeated)
            for chart in self.read_charts(images, max_tokens)
        ]

    def read_charts(self, images: Images, max_tokens: int = 4096) -> list[ChartReading]:
        """The charts in RGB images (height, width, 3), ``batch_size`` at a time."""
        charts, self.batch_size = batched(
            lambda some: self._charts(some, max_tokens), images, self.batch_size
        )
        return charts

    def _charts(self, images: Images, max_tokens: int) -> list[ChartReading]:
        answers = self._prompted.answer(
            images, lambda image: vicuna(image + _QUESTION), max_tokens, watched=self._number
        )
        return [self._chart(answer) for answer in answers]

    @torch.inference_mode()
    def _chart(self, answer: Answer) -> ChartReading:
        numbers = np.zeros(0, dtype=np.float32)
        if answer.hidden is not None:
            numbers = self._head(answer.hidden[None])[0, :USED].float().cpu().numpy()
        read = reading(answer, self._prompted.tokenizer)
        return ChartReading(read.text, numbers, read.log_probs, read.finished, read.repeated)


def load(folder: Path, name: str, device: str) -> OneChart:
    """Loads OneChart as published from ``folder`` onto ``device`` ("cpu", or "cuda" in bfloat16).

    Raises :class:`~docvlm.errors.DamagedModel` for pickles and for every key that is missing or left over.
    """
    weights = Weights(read_tensors(folder), str(folder))
    prompted, modules = load_opt(folder, weights, _PREPROCESSING, device, {_HEAD: AuxiliaryHead})
    number = token_id(prompted.tokenizer, "<Number>", folder)
    return OneChart(name, prompted, modules[_HEAD], number, batch_size=16 if device == "cuda" else 4)
