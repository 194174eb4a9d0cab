"""Compiles a model bundle to ONNX graphs and TensorRT engines."""
