"""A page too fine for a model's encoder, read in tiles (POINTS' CATTY) and put together again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from docvlm.decoding.interface import Format, ImageTextModel, Reading
from docvlm.layout.tiling import Tile, catty_tiles, merge_texts

_SIZE = 1024  # pixels of a tile: the side at which the published encoders see


class TiledModel:
    """An `ImageTextModel` that shows another one each image in at most ``most`` undistorted, overlapping tiles."""

    def __init__(self, model: ImageTextModel, most: int) -> None:
        self.model, self.most = model, most
        self.name = model.name
        self.batch_size = max(1, model.batch_size // most)

    def read(
        self, images: Sequence[NDArray[np.uint8]], form: Format = "markdown", max_tokens: int = 4096
    ) -> list[Reading]:
        """Reads RGB images of any sizes, each (height, width, 3); ``max_tokens`` holds for each tile."""
        cut = [catty_tiles(image, _SIZE, self.most, thumbnail=False) for image in images]
        answers = iter(self._read([tile.pixels for tiles in cut for tile in tiles], form, max_tokens))
        return [_together(tiles, [next(answers) for _ in tiles]) for tiles in cut]

    def _read(self, tiles: list[NDArray[np.uint8]], form: Format, max_tokens: int) -> list[Reading]:
        size = max(1, self.model.batch_size)
        batches = (tiles[start : start + size] for start in range(0, len(tiles), size))
        return [reading for batch in batches for reading in self.model.read(batch, form, max_tokens)]


def _together(tiles: Sequence[Tile], readings: Sequence[Reading]) -> Reading:
    """One reading of a page from those of its tiles."""
    return Reading(
        merge_texts(tiles, [reading.text for reading in readings]),
        tuple(value for reading in readings for value in reading.log_probs),
        all(reading.finished for reading in readings),
        any(reading.repeated for reading in readings),
    )
