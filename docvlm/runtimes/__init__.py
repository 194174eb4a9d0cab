"""Run a bundle on PyTorch, ONNX Runtime or TensorRT: the same graphs, behind one small interface."""

from docvlm.runtimes.choice import load_chart, load_finder, load_page, load_reader

__all__ = ["load_chart", "load_finder", "load_page", "load_reader"]
