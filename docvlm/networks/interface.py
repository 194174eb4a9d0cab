"""The one interface behind which every image-to-text model stands, whatever made it.

A published OneChart or Vary, a bundle of ours and a model that transformers loads are all an
:class:`ImageTextModel` to the readers. This module imports no network library, so readers can be written
and tested without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Format = Literal["markdown", "latex", "text"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model wrote for one image.

    ``text`` is as the model wrote it, special tokens removed; ``log_probs`` holds the natural logarithm of
    each generated token's probability; ``finished`` is false where the length limit or the repetition guard
    stopped the model, and ``repeated`` is true where it was the guard.
    """

    text: str
    log_probs: tuple[float, ...]
    finished: bool
    repeated: bool = False


class ImageTextModel(Protocol):
    """A model that reads images. ``batch_size`` is how many images it likes to be given at once."""

    name: str
    batch_size: int

    def read(
        self, images: Sequence[NDArray[np.uint8]], form: Format = "markdown", max_tokens: int = 4096
    ) -> list[Reading]:
        """Reads RGB images of any sizes, each (height, width, 3), into one :class:`Reading` each."""
        ...
