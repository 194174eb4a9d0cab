"""A network's graphs run by PyTorch as they are, without being exported."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from docvlm.bundle import Bundle
from docvlm.decoding.graph import Graphs
from docvlm.errors import ModelMissing
from docvlm.networks import chart, glyph_finder, page, reader
from docvlm.networks.graphs import NetworkGraph, graphs_of
from docvlm.runtimes.device import OnDevice


class EagerGraph(OnDevice):
    """One graph (`docvlm.decoding.graph.Graph`) with tensors on the device that its module is on."""

    def __init__(self, module: NetworkGraph, device: torch.device) -> None:
        self.module, self.device = module, device
        self.inputs = module.inputs
        self.poll = 1 if device.type == "cpu" else OnDevice.poll  # a processor is never waited for

    @torch.inference_mode()
    def run(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """All outputs by name. Waits for nothing."""
        return dict(zip(self.module.outputs, self.module(*(inputs[name] for name in self.inputs))))


def eager(network: nn.Module) -> Graphs:
    """The graphs of a network of `docvlm.networks`, where it is."""
    device = next(network.parameters()).device
    graphs = {name: EagerGraph(module, device) for name, module in graphs_of(network.eval()).items()}
    return Graphs(graphs, f"PyTorch {torch.__version__} on {device.type}")


def open_eagerly(bundle: Bundle, device: str) -> Graphs:
    """The graphs of a bundle's network. Raises ModelMissing where this PyTorch cannot compute on the ``device``."""
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelMissing("this PyTorch finds no CUDA device", "install PyTorch for CUDA")
    network_of = {
        "chart": chart.network_of,
        "reader": reader.network_of,
        "glyphs": glyph_finder.network_of,
        "page": page.network_of,
    }
    return eager(network_of[bundle.kind](bundle).to(device))
