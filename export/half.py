"""Graphs that compute in half precision, made from those that compute in float32.

The rules are those of PyTorch's autocast: products and convolutions are in half precision; what is sensitive (norms,
softmax, logarithms, sines of positions) is in float32; all else computes in the widest type of what it is given. Only
constants follow: they take the type of what they meet.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

FLOAT: Final[int] = TensorProto.FLOAT
KINDS: Final = {"fp32": FLOAT, "fp16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}

_NARROW: Final = {"MatMul", "Gemm", "Conv", "ConvTranspose"}
_WIDE: Final = {"Pow", "ReduceMean", "Sqrt", "Reciprocal", "Exp", "Log", "ReduceLogSumExp", "Sin", "Cos"}
_BACK: Final = {"Softmax", "LayerNormalization"}
"""Computed in float32; but what they give is of the order of 1, so it fits half precision."""
_ALWAYS_FLOAT: Final = {"Resize": {1, 2}, "BatchNormalization": {1, 2, 3, 4}}
"""Inputs by number that are float32 whatever the first one is."""


def in_precision(model: onnx.ModelProto, precision: str) -> onnx.ModelProto:
    """A float32 graph with its weights inside, computing in ``precision``, one of `KINDS`.

    Inputs are of that type, too; outputs are of the type that they come in.
    """
    if KINDS[precision] == FLOAT:
        return model
    return _Converter(model, KINDS[precision]).converted()


class _Converter:
    def __init__(self, model: onnx.ModelProto, half: int) -> None:
        self.model, self.half = model, half
        inferred = onnx.shape_inference.infer_shapes(model).graph
        kinds: dict[str, int] = {
            value.name: value.type.tensor_type.elem_type
            for value in (*inferred.value_info, *inferred.input, *inferred.output)
        }
        self.tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        self.kinds = kinds | {name: tensor.data_type for name, tensor in self.tensors.items()}
        self.constant = set(self.tensors)
        self.nodes: list[NodeProto] = []
        self.made: set[str] = set()

    def converted(self) -> onnx.ModelProto:
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for value in model.graph.input:
            if self.kinds[value.name] == FLOAT:
                self.kinds[value.name] = value.type.tensor_type.elem_type = self.half
        for node in list(model.graph.node):
            self._convert(node)
        for value in model.graph.output:
            value.type.tensor_type.elem_type = self.kinds[value.name]
        used = {name for node in self.nodes for name in node.input}
        del model.graph.node[:], model.graph.initializer[:], model.graph.value_info[:]
        model.graph.node.extend(self.nodes)
        model.graph.initializer.extend(tensor for name, tensor in self.tensors.items() if name in used)
        return model

    def _convert(self, node: NodeProto) -> None:
        given = [name for name in node.input if name]
        if node.op_type == "Shape" or all(name in self.constant for name in given):
            self.constant.update(node.output)
            self.nodes.append(node)
            return
        floats = [name for name in given if self._is_float(name)]
        kind = self._computed_in(node, [name for name in floats if name not in self.constant])
        kept = _ALWAYS_FLOAT.get(node.op_type, set())
        for number, name in enumerate(node.input):
            if name in floats:
                node.input[number] = self._as(name, FLOAT if number in kept else kind)
        gives = [name for name in node.output if self._is_float(name)]
        for name in gives:
            self.kinds[name] = kind
        if node.op_type == "Cast" and gives:
            node.attribute[0].i = kind
        self.nodes.append(node)
        if node.op_type in _BACK:
            for number, name in enumerate(node.output):
                node.output[number] = f"{name}::float32"
                self.nodes.append(helper.make_node("Cast", [node.output[number]], [name], to=self.half))
                self.kinds[name] = self.half

    def _computed_in(self, node: NodeProto, floats: list[str]) -> int:
        if node.op_type in _NARROW:
            return self.half
        if node.op_type in _WIDE | _BACK:
            return FLOAT
        if node.op_type == "Cast" and not floats:  # a mask follows what it meets; a position is a number
            return self.half if self.kinds[node.input[0]] == TensorProto.BOOL else FLOAT
        return FLOAT if any(self.kinds[name] == FLOAT for name in floats) else self.half

    def _is_float(self, name: str) -> bool:
        return self.kinds.get(name) in (FLOAT, self.half)

    def _as(self, name: str, kind: int) -> str:
        """The name of a value in another type, made where it is needed first."""
        if self.kinds[name] == kind:
            return name
        other = f"{name}::{TensorProto.DataType.Name(kind).lower()}"
        if other in self.made:
            return other
        self.made.add(other)
        self.kinds[other] = kind
        if name in self.constant:
            self.constant.add(other)
        if name in self.tensors:
            self.tensors[other] = _cast(self.tensors[name], other, kind)
        else:
            self.nodes.append(helper.make_node("Cast", [name], [other], to=kind))
        return other


def _cast(tensor: TensorProto, name: str, kind: int) -> TensorProto:
    """Finite numbers stay finite: float32's least one stands for "forbidden"."""
    dtype: Any = helper.tensor_dtype_to_np_dtype(kind)
    values = numpy_helper.to_array(tensor)
    largest = float(np.finfo(np.float16).max) if kind == TensorProto.FLOAT16 else 3.38e38
    bounded = np.where(np.isfinite(values), values.clip(-largest, largest), values)
    return numpy_helper.from_array(bounded.astype(dtype), name)
