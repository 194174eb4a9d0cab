"""A reading model on ONNX Runtime: `networks.reader.Reader` without PyTorch, from the graphs that `docvlm export` wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docvlm.bundle import load_bundle
from docvlm.formulas.codes import GlyphCodes, stack_glyphs
from docvlm.formulas.detokenizer import Detokenizer
from docvlm.formulas.glyphs import Kind
from docvlm.networks.interface import Reading
from docvlm.networks.schedule import Plan, plan, write_all
from docvlm.networks.shapes import reader_config
from docvlm.runtimes.graph_rows import GraphRows
from docvlm.runtimes.manifest import read_manifest
from docvlm.runtimes.onnx import Session, open_graph, ran_on

_SLOTS = 32


class OnnxReader:
    """A bundle's reading model. Raises as `load_bundle`, `read_manifest` and `Session` do."""

    def __init__(
        self, model: str | Path, provider: str = "CPUExecutionProvider", threads: int | None = None
    ) -> None:
        bundle = load_bundle(model)
        self.config = reader_config(bundle)
        assert bundle.tokenizer is not None
        self._detokenizer = Detokenizer.from_text(bundle.tokenizer)
        manifest = read_manifest(bundle.path)
        self._prefill = open_graph(bundle.path, manifest, "prefill", provider, threads)
        self._step = open_graph(bundle.path, manifest, "step", provider, threads)
        self._ran_on = ran_on(self._step, manifest)

    @property
    def ran_on(self) -> str:
        return self._ran_on

    def read(self, crops: Sequence[GlyphCodes], kinds: Sequence[Kind]) -> list[Reading]:
        """What each crop says, in their order: LaTeX of a formula, Markdown of a line.

        Raises ValueError for a crop with more than ``config.glyphs`` glyphs.
        """
        counts = [len(crop.characters) for crop in crops]
        if max(counts, default=0) > self.config.glyphs:
            raise ValueError(f"a crop has more than {self.config.glyphs} glyphs")
        if not crops:
            return []
        # Crops of like length stand in one batch, the longest first: what is left over at the end is short.
        order = sorted(range(len(crops)), key=lambda number: -counts[number])
        plans = [
            plan(counts[number] + 1, self.config.tokens, self.config.decoder.max_length) for number in order
        ]
        starts = np.array([self._detokenizer.starts[kinds[number]] for number in order])
        slots = min(_SLOTS, len(crops))
        rows = _ReaderRows(
            self._prefill, self._step, [crops[number] for number in order], starts, plans, slots
        )
        written = dict(zip(order, write_all(rows, plans, self._detokenizer.end, slots)))
        return [
            Reading(self._detokenizer.decode(each.actions), each.log_probs, each.finished, each.repeated)
            for each in (written[number] for number in range(len(crops)))
        ]


class _ReaderRows(GraphRows):
    """Rows that are crops."""

    def __init__(
        self,
        prefill: Session,
        step: Session,
        crops: Sequence[GlyphCodes],
        starts: NDArray[np.int64],
        plans: Sequence[Plan],
        slots: int,
    ) -> None:
        super().__init__(step, slots, plans)
        self.prefill, self.crops, self.starts = prefill, crops, starts

    def enter(self, first: int, numbers: Sequence[int]) -> None:
        codes = stack_glyphs([self.crops[number] for number in numbers])
        self.put(first, self.prefill.run({"starts": self.starts[np.asarray(numbers)], **codes}))

    def step(self, count: int, longest: int) -> None:
        self.run(count, longest, {})

    def first_states(self) -> NDArray[np.float32]:
        return np.zeros((len(self.plans), 0), np.float32)
