"""Trains a bundled model, or exports a run as a bundle.

    python -m training.train chart --out RUN --minutes 30 [--batch 32] [--rate 1e-3] [--workers 1] [--fonts FOLDER]
    python -m training.train reader --out RUN --minutes 30 --data SHARDS [--batch 64]
    python -m training.train finder --out RUN --minutes 45 --data SHARDS [--batch 4]
    python -m training.train page --out RUN --minutes 40 --data SHARDS [--batch 16]
    python -m training.train chart --out RUN --export models/chart-s
    python -m training.train chart --out RUN --export FOLDER --exact     # to see what int8 costs

A run goes on where the folder holds one. Needs torch, numpy, Pillow and safetensors; the finder also OpenCV, the plot
matplotlib.
"""

from __future__ import annotations

import argparse
import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from torch import Tensor, nn

from docvlm.bundle import load_bundle, save_bundle
from docvlm.charts.interface import ChartConfig
from docvlm.networks import chart, page, reader
from training import trainer
from training.chart_filter import FilteredTask
from training.chart_task import ChartTask
from training.page_task import PageTask
from training.reader_task import ReaderTask, load_tokenizer
from training.trainer import Settings, Task


def main() -> None:
    given = _arguments()
    task = _task(given)
    settings = Settings(given.out, given.minutes)
    chosen = {name: getattr(given, name) for name in _SETTINGS if getattr(given, name) is not None}
    settings = replace(settings, **chosen)
    if given.recipe:
        recipe = tomllib.loads(given.recipe.read_text())
        settings = replace(settings, **{n: v for n, v in recipe["settings"].items() if n not in chosen})
    if given.export is None:
        trainer.train(task, settings, None if given.start is None else _weights(given))
        with suppress(ImportError):
            trainer.plot(given.out)
    else:
        network = task.build()
        network.load_state_dict(trainer.averaged_weights(given.out))
        folder = _save(network, given.export)
        print(_store_exactly(network, folder) if given.exact else folder)


def _task(given: argparse.Namespace) -> Task:
    if given.model == "chart":
        task = ChartTask(ChartConfig(), given.fonts, given.pictures)
        if given.keep is None:
            return task
        if given.start is None:
            raise SystemExit("--keep needs a model that judges: give it as --start")
        return FilteredTask(task.config, task.fonts, task.pictures, judge=given.start, keep=given.keep)
    if given.data is None and given.export is None:
        raise SystemExit(f"the {given.model} learns from shards: give their folder as --data")
    if given.model == "finder":
        # Its pictures are made with OpenCV, which the others can do without.
        from training.finder_task import FinderTask

        return FinderTask.of(given.data or Path())
    if given.model == "page":
        return PageTask.of(given.data or Path())
    return ReaderTask.of(given.data or Path())


def _weights(given: argparse.Namespace) -> dict[str, Tensor]:
    """Those of a bundle."""
    if given.model == "chart":
        return chart.load_network(given.start).state_dict()
    if given.model == "finder":
        from docvlm.networks import glyph_finder

        return glyph_finder.load_network(given.start).state_dict()
    if given.model == "page":
        return page.load_network(given.start).state_dict()
    return reader.load_network(given.start).state_dict()


def _save(network: nn.Module, folder: Path) -> Path:
    if isinstance(network, reader.ReaderNetwork):
        return reader.save_network(network, load_tokenizer().text, folder)
    if isinstance(network, chart.ChartNetwork):
        return chart.save_network(network, folder)
    if isinstance(network, page.PageNetwork):
        return page.save_network(network, folder)
    from docvlm.networks import glyph_finder

    assert isinstance(network, glyph_finder.GlyphFinder)
    return glyph_finder.save_network(network, folder)


def _store_exactly(network: nn.Module, folder: Path) -> Path:
    """Writes the bundle again, its weights in float32."""
    bundle, state = load_bundle(folder), network.state_dict()
    tensors = {name: state[name].numpy() for name in bundle.tensors}
    parts = bundle.networks, tensors, bundle.tokenizer
    return save_bundle(
        folder, bundle.kind, *parts, lambda _, tensor: "fp32" if tensor.dtype.kind == "f" else "exact"
    )


_SETTINGS = ("batch", "rate", "warm_up", "workers", "seed", "device", "save_every", "compile", "muon")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", choices=["chart", "reader", "finder", "page"])
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--recipe", type=Path, help="settings as TOML, such as models/chart-s/recipe.toml")
    parser.add_argument("--start", type=Path, metavar="BUNDLE", help="begin a new run with its weights")
    parser.add_argument(
        "--keep", type=float, metavar="SHARE", help="of the charts, those that perplex --start least"
    )
    parser.add_argument(
        "--data", type=Path, help="folder of shards that training.text.build or training.pages.build made"
    )
    parser.add_argument("--fonts", type=Path, help="folder of fonts; this machine's own by default")
    parser.add_argument("--pictures", type=Path, help="folder of JPEGs that are no charts")
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write the run's averaged weights as a bundle"
    )
    parser.add_argument("--exact", action="store_true", help="export: store float32")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--warm-up", type=int)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--save-every", type=float, metavar="SECONDS")
    parser.add_argument("--compile", action="store_true", default=None)
    parser.add_argument("--muon", action="store_true", default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
