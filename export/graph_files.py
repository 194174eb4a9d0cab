"""ONNX graphs as files: written with what a manifest says of them, and read with their weights inside."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from docvlm.errors import DamagedModel, ModelMissing
from docvlm.files import write_atomically
from docvlm.runtimes.manifest import Graph, Value

try:
    import onnx
    from onnx import NodeProto, TensorProto, helper, numpy_helper
except ImportError as error:
    raise ModelMissing(f"building engines needs {error.name}", "pip install 'docvlm[rtx]'") from error

OPSET: Final = 20


def write_graph(
    name: str,
    model: onnx.ModelProto,
    folder: Path,
    products: str = "fp32",
    device: Literal["any", "cpu", "cuda"] = "any",
) -> Graph:
    """Writes a graph, whose inputs and outputs have names and sizes, and says what it is. Raises OutputError."""
    data = model.SerializeToString()
    write_atomically(folder / f"{name}.onnx", data)
    values = [[_value(value) for value in values] for values in (model.graph.input, model.graph.output)]
    inputs, outputs = map(tuple, values)
    return Graph(f"{name}.onnx", sha256(data).hexdigest(), products, device, inputs, outputs)


def _value(value: onnx.ValueInfoProto) -> Value:
    kind = value.type.tensor_type
    shape = tuple(size.dim_param or size.dim_value for size in kind.shape.dim)
    return value.name, str(helper.tensor_dtype_to_np_dtype(kind.elem_type)), shape


def read_graph(path: Path) -> onnx.ModelProto:
    """The graph of a bundle with its weights inside, in float32: what is stored as int8 or fp16 is unpacked."""
    model = onnx.load(str(path), load_external_data=False)
    for tensor in model.graph.initializer:
        _load_weights(tensor, path.parent)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type in ("DequantizeLinear", "Cast") and all(name in tensors for name in node.input):
            unpacked = _unpacked(node, [numpy_helper.to_array(tensors[name]) for name in node.input])
            tensors[node.output[0]] = numpy_helper.from_array(unpacked, node.output[0])
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(tensor for name, tensor in tensors.items() if name in used)
    return model


def _load_weights(tensor: TensorProto, folder: Path) -> None:
    """Takes a tensor's bytes in from the file of the bundle that has them.

    The onnx package refuses links, as which installers and caches of models keep files. Raises DamagedModel where
    they would lie elsewhere or are not there.
    """
    if tensor.data_location != TensorProto.EXTERNAL:
        return
    told = {entry.key: entry.value for entry in tensor.external_data}
    name, start, size = told.get("location", ""), int(told.get("offset", 0)), int(told.get("length", 0))
    if name != Path(name).name:
        raise DamagedModel(f"{folder}: a graph has weights outside of the folder", "get the model anew")
    with (folder / name).open("rb") as file:
        file.seek(start)
        data = file.read(size)
    if len(data) != size:
        raise DamagedModel(f"{folder / name}: the weights are cut short", "get the model anew")
    tensor.raw_data = data
    tensor.data_location = TensorProto.DEFAULT
    del tensor.external_data[:]


def _unpacked(node: NodeProto, stored: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """What a node makes of weights as `docvlm.bundle` stores them: one scale for each row, or none."""
    if node.op_type == "Cast":
        (to,) = (attribute.i for attribute in node.attribute if attribute.name == "to")
        return np.asarray(stored[0].astype(helper.tensor_dtype_to_np_dtype(to)))
    codes, scale = stored
    return np.asarray(codes.astype(np.float32) * scale.reshape(-1, *[1] * (codes.ndim - 1)))
