"""Run a bundle on PyTorch, ONNX Runtime or TensorRT behind one small interface (`docvlm.runtimes.interface`)."""

from docvlm.runtimes.choice import load_chart

__all__ = ["load_chart"]
