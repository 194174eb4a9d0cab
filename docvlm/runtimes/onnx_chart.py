"""A chart model on ONNX Runtime: `ChartNetwork.read` without PyTorch, from the graphs that `docvlm export` wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import AnchorCodes
from docvlm.bundle import load_bundle
from docvlm.charts.code import Token, chart_grammar
from docvlm.grammar import Automaton
from docvlm.networks.interface import ChartReading
from docvlm.networks.schedule import Plan, plan, write_all
from docvlm.networks.shapes import MAX_ACTIONS, chart_config
from docvlm.runtimes.graph_rows import GraphRows
from docvlm.runtimes.manifest import read_manifest
from docvlm.runtimes.onnx import CPU, Arrays, Session, open_graph, ran_on

_SLOTS = 16
_CODES = ("boxes", "text", "numbers", "kinds", "styles", "mask")


class OnnxChart:
    """A bundle's chart model. Raises as `load_bundle`, `read_manifest` and `Session` do."""

    def __init__(self, model: str | Path, provider: str = CPU, threads: int | None = None) -> None:
        bundle = load_bundle(model)
        self.config = chart_config(bundle)
        manifest = read_manifest(bundle.path)
        self._read = open_graph(bundle.path, manifest, "read", provider, threads)
        self._step = open_graph(bundle.path, manifest, "step", provider, threads)
        self._ran_on = ran_on(self._step, manifest)

    @property
    def ran_on(self) -> str:
        return self._ran_on

    def read(
        self, images: NDArray[np.float32], codes: Sequence[AnchorCodes], max_actions: int = MAX_ACTIONS
    ) -> list[ChartReading]:
        """``images`` (B, 3, size, size) in [0, 1] and their anchors -> what the model says of each."""
        if not len(images):
            return []
        config, automaton = self.config, chart_grammar(self.config.space)
        there = [each.mask for each in codes]
        plans = [
            plan(
                config.encoder.tokens + int(mask.sum()),
                max_actions,
                config.decoder.max_length,
                automaton,
                bool(mask.any()),
                config.space.cells > 0,
            )
            for mask in there
        ]
        slots = min(_SLOTS, len(images))
        rows = _ChartRows(self._read, self._step, images, codes, plans, automaton, slots)
        written = write_all(rows, plans, Token.END, slots, guard=False)
        return [
            ChartReading(
                each,
                rows.anchors[number]["roles"][: there[number].sum()],
                rows.anchors[number]["places"][: there[number].sum()],
                rows.auxiliary[number],
            )
            for number, each in enumerate(written)
        ]


class _ChartRows(GraphRows):
    """Rows that are images."""

    def __init__(
        self,
        read: Session,
        step: Session,
        images: NDArray[np.float32],
        codes: Sequence[AnchorCodes],
        plans: Sequence[Plan],
        automaton: Automaton,
        slots: int,
    ) -> None:
        super().__init__(step, plans, slots, automaton.space.size, automaton)
        self.read, self.images, self.codes = read, images, codes
        self.fresh: dict[int, int] = {}  # row -> number of a prompt whose first action is yet to be read back
        self.anchors: dict[int, Arrays] = {}  # roles and places of each prompt's anchors
        self.firsts: dict[int, NDArray[np.float32]] = {}
        self.auxiliary: dict[int, NDArray[np.float32]] = {}

    def prefill(self, numbers: Sequence[int]) -> Arrays:
        shown = [self.codes[number] for number in numbers]
        most = max(1, *(int(each.mask.sum()) for each in shown))
        codes = {name: np.stack([getattr(each, name)[:most] for each in shown]) for name in _CODES}
        images = np.ascontiguousarray(self.images[np.asarray(numbers)], np.float32)
        out = self.read.run({"images": images, **codes})
        for place, number in enumerate(numbers):
            self.anchors[number] = {name: out[name][place] for name in ("roles", "places")}
        return out

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        super().enter(first, numbers)
        self.fresh.update(enumerate(numbers, first))

    def step(self, count: int, longest: int) -> None:
        out = self.run(count, longest)
        for row, number in self.fresh.items():
            self.firsts[number] = out["next_state"][row]
            self.auxiliary[number] = out["auxiliary"][row]
        self.fresh.clear()

    def first_states(self) -> NDArray[np.float32]:
        return np.stack([self.firsts[number] for number in range(len(self.plans))])
