"""The reading model, whatever computes its graphs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from docvlm.bundle import load_bundle
from docvlm.decoding.grammar import Automaton, Stock
from docvlm.decoding.graph import Arrays, Graph, Graphs
from docvlm.decoding.interface import Generated, Reading
from docvlm.decoding.rows import Plan, Rows, plan
from docvlm.decoding.schedule import write_all
from docvlm.formulas.codes import GlyphCodes, stack_glyphs
from docvlm.formulas.detokenizer import Detokenizer
from docvlm.formulas.glyphs import Kind
from docvlm.formulas.grammar import latex_automaton
from docvlm.formulas.interface import ReaderConfig, reader_config
from docvlm.formulas.supply import letter_stock, printed_letters
from docvlm.runtimes.graphs import ONNX_CPU, Backend, open_graphs
from docvlm.threads import usable_threads

_SLOTS = 64
_LEAST = 16  # crops that are worth a worker


class ReaderGraphs:
    """A reading model (`docvlm.formulas.interface.ReaderRuntime`) as two graphs: "prefill" sees the glyphs of crops, "step"
    writes a token. So many ``workers`` write crops at the same time.
    """

    def __init__(
        self, config: ReaderConfig, detokenizer: Detokenizer, graphs: Graphs, workers: int = 1
    ) -> None:
        self.config, self.ran_on, self._workers = config, graphs.ran_on, workers
        self._prefill, self._step = graphs["prefill"], graphs["step"]
        self._detokenizer = detokenizer
        self._automaton = latex_automaton(detokenizer.vocabulary, detokenizer.end)
        self._printed = printed_letters(detokenizer.vocabulary)

    @classmethod
    def open(cls, model: str | Path, backend: Backend = ONNX_CPU, threads: int | None = None) -> ReaderGraphs:
        """A bundle's reading model. Raises as `load_bundle` and `open_graphs` do."""
        bundle = load_bundle(model)
        config = reader_config(bundle)
        assert bundle.tokenizer is not None
        # Products of a few rows are too small to be shared out: each core writes crops of its own instead.
        workers = (threads or usable_threads()) if backend == ONNX_CPU else 1
        graphs = open_graphs(bundle, ("prefill", "step"), backend, threads=1)
        return cls(config, Detokenizer.from_text(bundle.tokenizer), graphs, workers)

    def read(
        self, crops: Sequence[GlyphCodes], kinds: Sequence[Kind], only_shown: bool = False
    ) -> list[Reading]:
        """What each crop says, in their order: LaTeX of a formula, Markdown of a line.

        ``only_shown`` lets formulas have only the letters that their glyphs have (`docvlm.formulas.supply`).
        Raises ValueError for a crop with more than ``config.glyphs`` glyphs.
        """
        if max((len(crop.characters) for crop in crops), default=0) > self.config.glyphs:
            raise ValueError(f"a crop has more than {self.config.glyphs} glyphs")
        # Crops of like length stand in one batch. Short ones come first: what a step looks at is as long as its longest
        # row, and that is then one that has just entered.
        order = sorted(range(len(crops)), key=lambda number: len(crops[number].characters))
        parts: list[tuple[list[int], Kind]] = []
        for kind in sorted(set(kinds)):
            numbers = [number for number in order if kinds[number] == kind]
            count = max(1, min(self._workers, len(numbers) // _LEAST))
            parts += [(numbers[first::count], kind) for first in range(count)]

        def read(part: tuple[list[int], Kind]) -> list[Reading]:
            return self._read_kind([crops[number] for number in part[0]], part[1], only_shown)

        with ThreadPoolExecutor(self._workers) as workers:
            read_parts = workers.map(read, parts)
            readings = {
                number: reading
                for (numbers, _), part in zip(parts, read_parts)
                for number, reading in zip(numbers, part)
            }
        return [readings[number] for number in range(len(crops))]

    def _read_kind(self, crops: Sequence[GlyphCodes], kind: Kind, only_shown: bool) -> list[Reading]:
        return [
            Reading(self._detokenizer.decode(each.actions), each.log_probs, each.finished, each.repeated)
            for each in self.written(crops, kind, only_shown)
        ]

    def written(self, crops: Sequence[GlyphCodes], kind: Kind, only_shown: bool = False) -> list[Generated]:
        """The tokens of each crop, all of which are of one kind."""
        config, detokenizer = self.config, self._detokenizer
        automaton = self._automaton if kind == "formula" else None
        stock = letter_stock(self._printed, crops) if automaton is not None and only_shown else None
        plans = [
            plan(len(crop.characters) + 1, config.tokens, config.decoder.max_length, automaton)
            for crop in crops
        ]
        start = detokenizer.starts[kind]
        rows = _Crops(self._prefill, self._step, crops, start, plans, config.vocabulary, automaton, stock)
        return write_all(rows, detokenizer.end)


class _Crops(Rows):
    """Rows that are crops of one kind."""

    def __init__(
        self,
        prefill: Graph,
        step: Graph,
        crops: Sequence[GlyphCodes],
        start: int,
        plans: Sequence[Plan],
        actions: int,
        automaton: Automaton | None,
        stock: Stock | None,
    ) -> None:
        super().__init__(step, plans, min(_SLOTS, len(crops)), actions, automaton, stock)
        self.prefill_graph, self.crops, self.start = prefill, crops, start

    def prefill(self, numbers: Sequence[int]) -> Arrays:
        codes = stack_glyphs([self.crops[number] for number in numbers])
        codes["starts"] = np.full(len(numbers), self.start)
        return self.prefill_graph.run({name: self.prefill_graph.put(each) for name, each in codes.items()})
