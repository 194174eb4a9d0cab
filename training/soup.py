"""Model soup (Wortsman et al. 2022, as in POINTS): the mean of several checkpoints' weights as one bundle.

    python -m training.soup --export FOLDER RUN|BUNDLE RUN|BUNDLE ...

Of a run its averaged weights are taken. Checkpoints that began from the same weights lie near enough to each other for
their mean to be a network too.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from docvlm.networks import chart
from training import trainer


def mean_weights(checkpoints: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor in float32; what is no float is the first checkpoint's.

    Raises ValueError where the checkpoints' tensors have other names.
    """
    first = checkpoints[0]
    if any(each.keys() != first.keys() for each in checkpoints):
        raise ValueError("the checkpoints are of different networks")
    return {
        name: torch.stack([each[name].float() for each in checkpoints]).mean(0)
        if value.is_floating_point()
        else value
        for name, value in first.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="RUN|BUNDLE")
    parser.add_argument("--export", type=Path, required=True, metavar="FOLDER")
    given = parser.parse_args()
    bundles = [path for path in given.checkpoints if not (path / trainer.STATE).is_file()]
    if not bundles:
        parser.error("one of the checkpoints must be a bundle: it says what the network is like")
    network = chart.load_network(bundles[0])
    network.load_state_dict(mean_weights([_weights(path) for path in given.checkpoints]))
    print(chart.save_network(network, given.export))


def _weights(path: Path) -> dict[str, Tensor]:
    if (path / trainer.STATE).is_file():
        return trainer.averaged_weights(path)
    return chart.load_network(path).state_dict()


if __name__ == "__main__":
    main()
