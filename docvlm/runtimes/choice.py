"""Which runtime runs a model on this machine, and why."""

from __future__ import annotations

from pathlib import Path

from docvlm.errors import ModelMissing, UsageError
from docvlm.runtimes.interface import ChartRuntime


def load_chart(model: str | Path, runtime: str = "auto", device: str = "auto") -> ChartRuntime:
    """The chart model of a bundle, given as a folder or by a bundled model's name, ready to read.

    Raises ModelMissing where the bundle or what would run it is missing, BundleError where it is damaged, UsageError
    for a runtime or device that cannot be had.
    """
    if runtime not in ("auto", "torch"):
        raise UsageError(f"the bundle {model} does not run on '{runtime}'", "use --runtime torch")
    try:
        import torch

        from docvlm.networks.chart import load_network
    except ImportError as error:
        raise ModelMissing(f"{model} needs PyTorch", "pip install 'docvlm[torch]'") from error
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("PyTorch finds no CUDA device", "use --device cpu")
    return load_network(model, "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")
