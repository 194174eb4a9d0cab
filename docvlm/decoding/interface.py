"""What models say, and the interface behind which every image-to-text model stands, whatever made it.

A published OneChart or Vary, a bundle of ours and a model that transformers loads are all an
:class:`ImageTextModel` to the readers. This module imports no network library, so readers can be written
and tested without one, and a bundle can be run by any of `docvlm.runtimes`.
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


@dataclass(frozen=True, slots=True)
class Generated:
    """What a row became.

    ``actions`` are tokens and pointers (`docvlm.anchors.ActionSpace`) without the end token. ``log_probs`` are
    natural logarithms of the probabilities that the network itself gave them among all actions, not only
    among those that the grammar allowed, the end token's last where it was written. ``offsets`` (n, 2) place
    pointed cells' points, in cells from the centre.

    ``finished`` is false where the length limit or the repetition guard ended the row, ``repeated`` is true
    where it was the guard; then the loop's first round is kept and the others are cut off.
    """

    actions: tuple[int, ...]
    log_probs: tuple[float, ...]
    offsets: NDArray[np.float32]
    finished: bool
    repeated: bool = False
