"""Matrix products in whole numbers, for processors: what a bundle stores as int8 is multiplied as int8.

Weights have a scale for each row, which is that of an output. Inputs are rounded as they come, each row (a token, a glyph)
to its own 255 steps, so that what a row becomes depends on no neighbour (dynamic quantization by token, as in
LLM.int8 and ZeroQuant). Everything else, attention among it, stays float32.
"""

from __future__ import annotations

from typing import Final

import onnx
from onnx import helper

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


def use_integer_products(model: onnx.ModelProto) -> None:
    """Replaces each product with a weight that was stored as int8 and dequantized."""
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
    _drop_unused(model)
    model.functions.append(onnx.parser.parse_function(_PRODUCT))
    model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))


def _drop_unused(model: onnx.ModelProto) -> None:
    used = {value.name for value in model.graph.output}
    kept = []
    for node in reversed(model.graph.node):
        if used.intersection(node.output):
            kept.append(node)
            used.update(node.input)
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))
