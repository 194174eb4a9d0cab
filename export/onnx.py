"""A bundle's networks as ONNX graphs that point into the bundle's own weights.

The weights stay in `model.safetensors`, which ONNX can name as external data, since each tensor lies there in one
piece. An int8 tensor gets a DequantizeLinear behind it and an fp16 one a Cast; runtimes fold both when they load the
graph. So a bundle is hardly larger with its graphs than without, and every runtime computes with the same numbers.
"""

from __future__ import annotations

import json
import logging
import struct
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from docvlm.bundle import (
    WEIGHTS,
    Bundle,
    Precision,
    default_precision,
    half_precision,
    load_bundle,
    save_bundle,
    stored_precision,
)
from docvlm.errors import DocvlmError, ModelMissing, UsageError
from docvlm.runtimes import machine
from docvlm.runtimes.manifest import Graph, Manifest, config_hash, write_manifest

try:
    import onnx
    import onnxscript.optimizer
    import torch
    from onnx import TensorProto, helper, numpy_helper
    from onnx_ir.passes import common

    from .graph_files import OPSET, write_graph
    from .graphs import GraphSource, example
    from .integer import ranges_of, use_integers
    from .sources import sources_of
except ImportError as error:
    raise ModelMissing(f"exporting needs {error.name}", "pip install 'docvlm[export]'") from error

# Of the largest output or 1: float32 sums in another order differ by about 1e-6, a wrong graph by far more.
TOLERANCE: Final = 1e-3
_INTEGER_TOLERANCE: Final = 0.25  # a wrong graph is away by as much as there is
_STORED: Final[dict[str, Callable[[str, NDArray[Any]], Precision]]] = {
    "int8": default_precision,
    "fp16": half_precision,
    "fp32": lambda name, tensor: "fp32" if tensor.dtype.kind == "f" else "exact",
}


class ExportFailed(DocvlmError):
    """A graph does not compute what the network computes."""

    category = "export"
    remedy = "report it with the versions that 'docvlm doctor' prints"


def export_onnx(model: str | Path, folder: Path | None = None, precision: str | None = None) -> Path:
    """Writes a bundle's graphs and their manifest; returns the bundle's folder.

    Without ``folder`` they go into the bundle itself. Else ``folder`` becomes a bundle of its own, whose weights are
    stored in ``precision`` ("fp32", "fp16" or "int8"; as in the model unless given). Graphs compute in float32; where
    weights are int8 and that pays (`GraphSource.integer`), each has a second form for processors that multiplies int8
    by int8 (`export.integer`).

    Raises as `load_bundle` does, UsageError for a precision that cannot be had, ExportFailed where a graph differs
    from PyTorch on random inputs or drawn ones, OutputError where writing fails. A form that this processor cannot multiply
    exactly is not tried.
    """
    bundle = load_bundle(model)
    stored = stored_precision(bundle.precision)
    precision = precision or stored
    if precision not in _STORED:
        raise UsageError(f"unknown precision '{precision}'", f"choose from {', '.join(_STORED)}")
    if folder is not None and folder.resolve() != bundle.path.resolve():
        settings = bundle.kind, bundle.networks, bundle.tensors, bundle.tokenizer
        bundle = load_bundle(save_bundle(folder, *settings, _STORED[precision]))
    elif precision != stored:
        raise UsageError(f"{bundle.path} stores its weights as {stored}", "name another folder with -o")
    graphs: dict[str, tuple[Graph, ...]] = {}
    sources = sources_of(bundle)
    for name, source in sources.items():
        random = [example(source, rows) for rows in ((0, 1), (1,))]
        drawn = [] if source.drawn is None else [source.drawn()]
        model = model_of(source)
        ranges = ranges_of(model, _arrays(drawn[0])) if drawn else {}
        _point_into(bundle, model)
        plain = write_graph(name, model, bundle.path)
        away = _difference(bundle.path / plain.file, source, [*random, *drawn])
        graphs[name] = (replace(plain, difference=away),)
        if source.integer and precision == "int8":
            use_integers(model, bundle.path, ranges)
            whole = write_graph(f"{name}-int8", model, bundle.path, "int8", "cpu")
            # Rounding may choose another action than PyTorch where it is free to, which the first row is not.
            batches = drawn or [example(source, (0,))]
            if machine.multiplies_int8():  # else its sums overflow here, and it is not what runs here either
                away = _difference(bundle.path / whole.file, source, batches, _INTEGER_TOLERANCE)
                whole = replace(whole, difference=away)
            graphs[name] += (whole,)
    sizes = {name: source.ranges for name, source in sources.items()}
    config = config_hash(bundle.path)
    manifest = Manifest(bundle.kind, precision, OPSET, config, graphs, made_by(), sizes)
    write_manifest(bundle.path, manifest)
    return bundle.path


def made_by() -> dict[str, str]:
    """The versions that graphs depend on."""
    versions = {package: version(package) for package in ("onnx", "onnxscript", "onnxruntime")}
    return {"torch": str(torch.__version__), **versions}


def model_of(source: GraphSource) -> onnx.ModelProto:
    """The module as ONNX, still with its weights inside, under the names that PyTorch knows them by.

    Constants are folded only where they are small: neither are weights transposed nor are normalizations fused into
    them, so that each remains what the bundle holds. Runtimes do both when they load the graph.
    """
    dynamic = tuple(dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for axes in _axes(source))
    # PyTorch's exporter tells of deprecations within itself, and of a missing torchvision.
    exporter = logging.getLogger("torch.onnx")
    level = exporter.level
    exporter.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                source.module,
                tuple(source.inputs.values()),
                dynamo=True,
                dynamic_shapes=(dynamic,),
                input_names=list(source.inputs),
                output_names=list(source.outputs),
                opset_version=OPSET,
                optimize=False,
                verbose=False,
            )
    finally:
        exporter.setLevel(level)
    assert program is not None
    onnxscript.optimizer.fold_constants(
        program.model,
        onnx_shape_inference=True,
        input_size_limit=1024,
        output_size_limit=1024,
        should_fold=lambda node: False if node.op_type == "Transpose" else None,
    )
    onnxscript.optimizer.remove_unused_nodes(program.model)
    common.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)(program.model)
    common.CommonSubexpressionEliminationPass()(program.model)
    model = program.model_proto
    _divide_by_roots(model)
    _tidy(model, source)
    return model


def _axes(source: GraphSource) -> list[dict[int, str]]:
    return [source.dynamic.get(name, {}) for name in source.inputs]


def _divide_by_roots(model: onnx.ModelProto) -> None:
    """Writes x * (1 / sqrt(y)) as x / sqrt(y): only so ONNX Runtime finds the norms and computes each in one go."""
    made_by = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        factors = [made_by.get(name) for name in node.input]
        if node.op_type == "Mul" and factors[1] is not None and factors[1].op_type == "Reciprocal":
            node.CopyFrom(helper.make_node("Div", [node.input[0], factors[1].input[0]], node.output))


def _tidy(model: onnx.ModelProto, source: GraphSource) -> None:
    """Gives dynamic sizes their names, and drops stack traces and intermediate shapes."""
    shapes = {
        name: tuple(axes.get(axis, size) for axis, size in enumerate(tensor.shape))
        for (name, tensor), axes in zip(source.inputs.items(), _axes(source))
    } | source.outputs
    for value in (*model.graph.input, *model.graph.output):
        kind = value.type.tensor_type.elem_type
        value.CopyFrom(helper.make_tensor_value_info(value.name, kind, shapes[value.name]))
    del model.graph.value_info[:], model.metadata_props[:], model.graph.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for tensor in model.graph.initializer:
        tensor.doc_string = ""
        del tensor.metadata_props[:]


def _point_into(bundle: Bundle, model: onnx.ModelProto) -> None:
    """Replaces initializers by references into the bundle's weights."""
    places = _places(bundle.path / WEIGHTS)
    initializers = list(model.graph.initializer)
    nodes = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    for initializer in initializers:
        name = initializer.name.removeprefix("inner.").removeprefix("network.")
        held = bundle.tensors.get(name)
        if held is None or not np.array_equal(numpy_helper.to_array(initializer), held):
            model.graph.initializer.append(initializer)
            continue
        if bundle.precision[name] in ("fp32", "exact"):
            model.graph.initializer.append(_reference(initializer.name, places[name]))
            continue
        stored = [f"{initializer.name}::stored"]
        model.graph.initializer.append(_reference(stored[0], places[name]))
        if bundle.precision[name] == "int8":
            stored.append(f"{initializer.name}::scale")
            model.graph.initializer.append(_reference(stored[1], places[f"{name}::scale"]))
            node = helper.make_node("DequantizeLinear", stored, [initializer.name], axis=0)
        else:
            node = helper.make_node("Cast", stored, [initializer.name], to=TensorProto.FLOAT)
        model.graph.node.append(node)
    model.graph.node.extend(nodes)


_TYPES: Final = {
    "I8": TensorProto.INT8,
    "F16": TensorProto.FLOAT16,
    "F32": TensorProto.FLOAT,
    "I64": TensorProto.INT64,
}


def _places(path: Path) -> dict[str, dict[str, Any]]:
    """Where each tensor lies in a safetensors file: eight bytes of length, as much JSON, and then the tensors."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header: dict[str, dict[str, Any]] = json.loads(file.read(length))
    header.pop("__metadata__", None)
    for place in header.values():
        place["data_offsets"] = [8 + length + offset for offset in place["data_offsets"]]
    return header


def _reference(name: str, place: Mapping[str, Any]) -> onnx.TensorProto:
    start, end = place["data_offsets"]
    tensor = TensorProto(name=name, data_type=_TYPES[place["dtype"]], dims=place["shape"])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", WEIGHTS), ("offset", str(start)), ("length", str(end - start))):
        tensor.external_data.add(key=key, value=value)
    return tensor


def _difference(
    path: Path, source: GraphSource, batches: Sequence[dict[str, torch.Tensor]], tolerance: float = TOLERANCE
) -> float:
    """The largest difference between graph and module for inputs by name. Raises ExportFailed."""
    from docvlm.runtimes.onnx import Session

    session = Session(path)
    largest = 0.0
    for inputs in batches:
        with torch.inference_mode():
            wanted = dict(zip(source.outputs, source.module(*inputs.values())))
        got = session.run(_arrays(inputs))
        for name, tensor in wanted.items():
            ours, theirs = got[name].astype(np.float64), tensor.numpy().astype(np.float64)
            same_shape = ours.shape == theirs.shape
            away = np.abs(ours - theirs).max() / max(1.0, np.abs(theirs).max()) if same_shape else np.inf
            if not away <= tolerance:
                raise ExportFailed(f"{path}: output '{name}' is {away:.2g} away from PyTorch's")
            largest = max(largest, float(away))
    return largest


def _arrays(inputs: Mapping[str, torch.Tensor]) -> dict[str, NDArray[Any]]:
    return {name: tensor.numpy() for name, tensor in inputs.items()}
