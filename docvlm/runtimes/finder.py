"""The glyph finder, whatever computes its graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.bundle import load_bundle
from docvlm.decoding.graph import Array, Arrays, Graph, Graphs
from docvlm.formulas.finder import MULTIPLE, Maps
from docvlm.formulas.interface import FinderConfig, finder_config
from docvlm.runtimes.graphs import ONNX_CPU, Backend, open_graphs


class FinderGraphs:
    """A glyph finder (`docvlm.formulas.finder.FinderRuntime`) as two graphs: "look" sees a picture of any size,
    "describe" says what the glyphs are whose windows were cut out of the features.
    """

    def __init__(self, config: FinderConfig, graphs: Graphs) -> None:
        self.config, self.ran_on = config, graphs.ran_on
        self._look, self._describe = graphs["look"], graphs["describe"]

    @classmethod
    def open(cls, model: str | Path, backend: Backend = ONNX_CPU, threads: int | None = None) -> FinderGraphs:
        """A bundle's glyph finder. Raises as `load_bundle` and `open_graphs` do."""
        bundle = load_bundle(model)
        config = finder_config(bundle)
        return cls(config, open_graphs(bundle, ("look", "describe"), backend, threads))

    def look(self, image: NDArray[np.float32]) -> Maps:
        """``image`` (H, W) is ink in [0, 1], sides multiples of MULTIPLE."""
        down, along = (side // MULTIPLE for side in image.shape)
        squares = self._look.put(image.reshape(1, down, MULTIPLE, along, MULTIPLE))
        out = self._look.run({"squares": squares})
        return Maps(self._look.get(out["heat"][0]), self._look.get(out["rules"][0]), out["cells"][0])

    def describe(
        self, maps: Maps, cells: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the glyphs at ``cells`` (n, 2), rows and columns, are: probabilities (n, classes), values (n, VALUES)."""
        windows = _windows(self._describe, maps.cells, cells, self.config.window)
        out: Arrays = self._describe.run({"windows": windows})
        return self._describe.get(out["scores"]), self._describe.get(out["values"])


def _windows(graph: Graph, features: Array, cells: NDArray[np.int64], window: tuple[int, int]) -> Array:
    """Features (C, R, S) -> those around each of ``cells`` (n, 2), as (n, rows * columns * C); zeros beyond the edges."""
    (rows, columns), (channels, height, width) = window, features.shape
    down, along = rows // 2, columns // 2
    padded = graph.zeros((channels, height + 2 * down, width + 2 * along), features)
    padded[:, down : down + height, along : along + width] = features
    below, beside = (offsets.ravel() for offsets in np.mgrid[:rows, :columns])
    around = padded[:, graph.put(cells[:, :1] + below), graph.put(cells[:, 1:] + beside)]
    return around.swapaxes(0, 1).swapaxes(1, 2).reshape(len(cells), rows * columns * channels)
