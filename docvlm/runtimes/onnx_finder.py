"""A glyph finder by the graphs that `docvlm export` wrote: `networks.glyph_finder` without PyTorch, on ONNX Runtime or
TensorRT.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.bundle import load_bundle
from docvlm.formulas.finder import MULTIPLE, Maps
from docvlm.networks.shapes import FinderConfig, finder_config
from docvlm.runtimes.graphs import CPU, Graph, open_graphs


class OnnxFinder:
    """A bundle's glyph finder. Raises as `load_bundle` and `open_graphs` do."""

    def __init__(self, model: str | Path, provider: str = CPU, threads: int | None = None) -> None:
        bundle = load_bundle(model)
        self._config = finder_config(bundle)
        (self._look, self._describe), _ = open_graphs(bundle.path, ("look", "describe"), provider, threads)

    @property
    def config(self) -> FinderConfig:
        return self._config

    def look(self, image: NDArray[np.float32]) -> Maps:
        """``image`` (H, W) is ink in [0, 1], sides multiples of MULTIPLE."""
        down, along = (side // MULTIPLE for side in image.shape)
        out = _run(self._look, {"squares": image.reshape(1, down, MULTIPLE, along, MULTIPLE)})
        return Maps(out["heat"][0], out["rules"][0], out["cells"][0])

    def describe(
        self, maps: Maps, cells: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the glyphs at ``cells`` (n, 2), rows and columns, are: probabilities (n, classes), values (n, VALUES)."""
        out = _run(self._describe, {"windows": windows(maps.cells, cells, self.config.window)})
        return out["scores"], out["values"]


def _run(graph: Graph, inputs: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    out = graph.run({name: graph.put(array) for name, array in inputs.items()})
    return {name: graph.get(array) for name, array in out.items()}


def windows(
    features: NDArray[np.float32], cells: NDArray[np.int64], window: tuple[int, int]
) -> NDArray[np.float32]:
    """Features (C, R, S) -> those around each of ``cells`` (n, 2), as (n, rows * columns * C); zeros beyond the edges."""
    rows, columns = window
    padded = np.pad(features, ((0, 0), (rows // 2, rows // 2), (columns // 2, columns // 2)))
    down, along = (offsets.ravel() for offsets in np.mgrid[:rows, :columns])
    around = padded[:, cells[:, :1] + down, cells[:, 1:] + along]
    flat = around.transpose(1, 2, 0).reshape(len(cells), rows * columns * len(features))
    return np.ascontiguousarray(flat)
