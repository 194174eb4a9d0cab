"""The page model, whatever computes its graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from docvlm.bundle import load_bundle
from docvlm.decoding.graph import Graphs
from docvlm.layout.features import PageCodes
from docvlm.layout.interface import PageConfig, PageScores, page_config
from docvlm.runtimes.graphs import ONNX_CPU, Backend, open_graphs


class PageGraphs:
    """A page model (`docvlm.layout.interface.PageRuntime`) as one graph, "order"."""

    def __init__(self, config: PageConfig, graphs: Graphs) -> None:
        self.config, self.ran_on = config, graphs.ran_on
        self._order = graphs["order"]

    @classmethod
    def open(cls, model: str | Path, backend: Backend = ONNX_CPU, threads: int | None = None) -> PageGraphs:
        """A bundle's page model. Raises as `load_bundle` and `open_graphs` do."""
        bundle = load_bundle(model)
        # Pages are read side by side in one process per core, where threads would only fight.
        return cls(page_config(bundle), open_graphs(bundle, ("order",), backend, threads or 1))

    def look(self, codes: PageCodes) -> PageScores:
        """Raises ValueError for a page with more than ``config.lines`` lines."""
        count = len(codes.lines)
        if count > self.config.lines:
            raise ValueError(f"a page has more than {self.config.lines} lines")
        put = self._order.put
        mask = np.ones((1, count), bool)
        out = self._order.run(
            {"lines": put(codes.lines[None]), "pairs": put(codes.pairs[None]), "mask": put(mask)}
        )
        return PageScores(
            *(self._order.get(out[name][0]) for name in ("roles", "follows", "precedes", "joined"))
        )
