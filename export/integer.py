"""Arithmetic in whole numbers, for processors: what a bundle stores as int8 is multiplied as int8.

Weights have a scale for each row, which is that of an output. In products, inputs are rounded as they come, each row (a
token, a glyph) to its own 255 steps, so that what a row becomes depends on no neighbour (dynamic quantization by token, as
in LLM.int8 and ZeroQuant). In convolutions, inputs and outputs are rounded to steps that are chosen when the graph is
made, from what is seen in examples, and batch norms become part of the weights' scales (static quantization, Jacob et
al. 2018): with steps chosen as inputs come, ONNX Runtime is four times slower than in float32. Everything else, attention
and activations among it, stays float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

Range = tuple[float, float]
"""The least and the largest of what a value of a graph holds; 0 lies between them."""

_DOMAIN: Final = "docvlm"
_PRODUCT: Final = """
<opset_import: ["" : 20], domain: "docvlm">
IntegerProduct (x, codes, scale) => (y) {
    axis = Constant <value_ints = [-1]> ()
    least = Constant <value_float = 1e-20> ()
    level = Constant <value_float = 0.007874016> ()
    zero = Constant <value = uint8 {128}> ()
    sizes = Abs (x)
    largest = ReduceMax <keepdims = 1> (sizes, axis)
    size = Max (largest, least)
    parts = Div (x, size)
    rows = QuantizeLinear (parts, level, zero)
    columns = Transpose <perm = [1, 0]> (codes)
    sums = MatMulInteger (rows, columns, zero)
    whole = Cast <to = 1> (sums)
    levels = Mul (scale, level)
    scaled = Mul (whole, levels)
    y = Mul (scaled, size)
}
"""
_WIDER: Final = 1.25
_GELU_FROM: Final = -4.0  # where it is -0.0001
_LARGEST: Final = 2.0**30  # of a bias in whole numbers, which leaves room for the sum that it is added to


def use_integers(model: onnx.ModelProto, folder: Path, ranges: Mapping[str, Range]) -> None:
    """Replaces each product and convolution with a weight that was stored as int8 and dequantized.

    ``folder`` holds the weights, ``ranges`` are those that `ranges_of` gave.
    """
    _use_products(model)
    _use_convolutions(model, folder, ranges)
    _drop_unused(model)


def _use_products(model: onnx.ModelProto) -> None:
    made_by = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        weight = made_by.get(node.input[1]) if len(node.input) == 2 else None
        if node.op_type == "MatMul" and weight is not None and weight.op_type == "Transpose":
            weight = made_by.get(weight.input[0])
        elif node.op_type != "Gemm":  # which transposes what it is given
            continue
        if weight is not None and weight.op_type == "DequantizeLinear":
            inputs = [node.input[0], *weight.input]
            node.CopyFrom(helper.make_node("IntegerProduct", inputs, node.output, domain=_DOMAIN))
    model.functions.append(onnx.parser.parse_function(_PRODUCT))
    model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))


# --- convolutions ---------------------------------------------------------------------------------


def ranges_of(model: onnx.ModelProto, example: Mapping[str, NDArray[Any]]) -> dict[str, Range]:
    """What goes into a model's convolutions and what comes out of their batch norms for ``example``, inputs by name.

    The model holds its weights. Ranges are widened, since other inputs may ask for more than these; but GELU is nearly 0
    for whatever is less than a little.
    """
    normed = list(_normed(model))
    names = list(dict.fromkeys(name for node, norm in normed for name in (node.input[0], norm.output[0])))
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in names
        if name not in {value.name for value in model.graph.output}
    )
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    values = dict(zip(names, session.run(names, dict(example))))
    ranges = {
        name: (_WIDER * min(0.0, each.min()), _WIDER * max(0.0, each.max())) for name, each in values.items()
    }
    for name, takers in _takers(model).items():
        if name in ranges and {taker.op_type for taker in takers} == {"Gelu"}:
            ranges[name] = (max(ranges[name][0], _GELU_FROM), ranges[name][1])
    return ranges


def _normed(model: onnx.ModelProto) -> Iterator[tuple[NodeProto, NodeProto]]:
    """Each convolution whose output a batch norm takes, and nothing else; and that batch norm.

    Others stay as they are: without it, a channel may be so much larger than the rest that no steps suit them all.
    """
    takers_of = _takers(model)
    for node in model.graph.node:
        takers = takers_of.get(node.output[0], [])
        if node.op_type == "Conv" and [taker.op_type for taker in takers] == ["BatchNormalization"]:
            yield node, takers[0]


def _takers(model: onnx.ModelProto) -> dict[str, list[NodeProto]]:
    """The nodes that take a value, by its name."""
    takers: dict[str, list[NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)
    return takers


def _use_convolutions(model: onnx.ModelProto, folder: Path, ranges: Mapping[str, Range]) -> None:
    made_by = {name: node for node in model.graph.node for name in node.output}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}

    def value(name: str) -> NDArray[Any]:
        return np.asarray(numpy_helper.to_array(tensors[name], str(folder)))

    def constant(name: str, array: Any) -> str:
        if name not in tensors:
            tensors[name] = numpy_helper.from_array(np.asarray(array), name)
            model.graph.initializer.append(tensors[name])
        return name

    def steps(name: str) -> tuple[str, str]:
        """Names of how large a step of a value is, and of the code that means 0: 255 steps are its range."""
        least, largest = ranges[name]
        step = np.float32(max(largest - least, 1e-6) / 255)
        return constant(f"{name}::step", step), constant(f"{name}::zero", np.uint8(round(-least / step)))

    replaced: dict[str, list[NodeProto]] = {}  # by what the node gives whose place they take
    coded: set[str] = set()
    for node, norm in _normed(model):
        weight, x, y = made_by.get(node.input[1]), node.input[0], norm.output[0]
        if weight is None or weight.op_type != "DequantizeLinear":
            continue
        gain, offset, mean, variance = (value(name) for name in norm.input[1:])
        gain = gain / np.sqrt(variance + helper.get_node_attr_value(norm, "epsilon"))
        bias = (value(node.input[2]) - mean) * gain + offset
        step = value(steps(x)[0])
        # Where an output hardly depends on the input, a larger scale does no harm, and keeps its bias in bounds.
        least = (np.abs(bias) / step / _LARGEST).clip(1e-30)
        scale = np.copysign(np.maximum(np.abs(value(weight.input[1]) * gain), least), gain)
        whole = np.rint(bias / step / scale.astype(np.float64)).astype(np.int32)
        inputs = [
            f"{x}::codes",
            *steps(x),
            weight.input[0],
            constant(f"{y}::scale", scale.astype(np.float32)),
        ]
        inputs += [constant("::zero", np.int8(0)), *steps(y), constant(f"{y}::bias", whole)]
        convolved = helper.make_node("QLinearConv", inputs, [f"{y}::codes"])
        convolved.attribute.extend(node.attribute)
        first = [] if x in coded else [helper.make_node("QuantizeLinear", [x, *steps(x)], [f"{x}::codes"])]
        coded.add(x)
        replaced[node.output[0]] = [*first, convolved]
        replaced[y] = [helper.make_node("DequantizeLinear", [f"{y}::codes", *steps(y)], [y])]
    nodes = [each for node in model.graph.node for each in replaced.get(node.output[0], [node])]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _drop_unused(model: onnx.ModelProto) -> None:
    used = {value.name for value in model.graph.output}
    kept = []
    for node in reversed(model.graph.node):
        if used.intersection(node.output):
            kept.append(node)
            used.update(node.input)
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))
    tensors = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(tensors)
