"""Trains a bundled model, or exports a run as a bundle.

    python -m training.train chart --out RUN --minutes 30 [--batch 32] [--rate 1e-3] [--workers 1] [--fonts FOLDER]
    python -m training.train chart --out RUN --export models/chart-s

A run goes on where the folder holds one. Needs torch, numpy, Pillow and safetensors; the plot also matplotlib.
"""

from __future__ import annotations

import argparse
import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from docvlm.networks.chart import save_network
from docvlm.networks.shapes import ChartConfig
from training import trainer
from training.chart_task import ChartTask
from training.trainer import Settings


def main() -> None:
    given = _arguments()
    task = ChartTask(ChartConfig(), given.fonts, given.pictures)
    settings = Settings(given.out, given.minutes)
    chosen = {name: getattr(given, name) for name in _SETTINGS if getattr(given, name) is not None}
    settings = replace(settings, **chosen)
    if given.recipe:
        recipe = tomllib.loads(given.recipe.read_text())
        settings = replace(settings, **{n: v for n, v in recipe["settings"].items() if n not in chosen})
    if given.export is None:
        trainer.train(task, settings)
        with suppress(ImportError):
            trainer.plot(given.out)
    else:
        network = task.build()
        network.load_state_dict(trainer.averaged_weights(given.out))
        print(save_network(network, given.export))


_SETTINGS = ("batch", "rate", "warm_up", "workers", "seed", "device", "save_every", "compile")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", choices=["chart"])
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--recipe", type=Path, help="settings as TOML, such as models/chart-s/recipe.toml")
    parser.add_argument("--fonts", type=Path, help="folder of fonts; this machine's own by default")
    parser.add_argument("--pictures", type=Path, help="folder of JPEGs that are no charts")
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write the run's averaged weights as a bundle"
    )
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--warm-up", type=int)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--save-every", type=float, metavar="SECONDS")
    parser.add_argument("--compile", action="store_true", default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
