"""A bundle's networks as TensorRT engines: its graphs in the precision to compute in, and engines built from them.

Precision is in a graph, so engines are built from graphs of their own, made from the bundle's ONNX graphs with their
weights inside. That takes no PyTorch. The graphs stay beside the engines with a manifest, so that the runtime can build
what is missing or was damaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from docvlm.bundle import Bundle, BundleError, load_bundle
from docvlm.errors import UsageError
from docvlm.runtimes.manifest import (
    ENGINES,
    Graph,
    Manifest,
    Range,
    config_hash,
    has_graphs,
    read_manifest,
    write_manifest,
)
from docvlm.runtimes.tensorrt import Library, cached_engine, ranges_of

from .graph_files import OPSET, read_graph, write_graph

# Only behind what says that ONNX is missing.
from .half import KINDS, in_precision  # isort: skip
import onnx  # isort: skip


def export_tensorrt(
    model: str | Path, folder: Path | None = None, precision: str = "fp16", targets: Sequence[str] = ()
) -> Iterator[Path]:
    """Builds the engines of a bundle's graphs for each target, and yields where they lie: in ``folder``, else in the
    bundle's folder ``engines``, where ``--runtime tensorrt`` looks. Engines that are there are not built again.

    Without ``targets`` they are for the GPU of this machine. Raises as `load_bundle` does, UsageError for a precision
    or target that does not exist, ModelMissing without TensorRT, or without PyTorch for a bundle that has no graphs,
    EngineFailed where TensorRT takes no graph.
    """
    if precision not in KINDS:
        raise UsageError(f"unknown precision '{precision}'", f"choose from {', '.join(KINDS)}")
    bundle = load_bundle(model)
    library = Library(across=bool(targets))
    unknown = [target for target in targets if target not in library.targets()]
    if unknown:
        raise UsageError(f"unknown target '{unknown[0]}'", f"choose from {', '.join(library.targets())}")
    folder = folder or bundle.path / ENGINES
    if folder.resolve() == bundle.path.resolve():
        raise UsageError(f"{folder} holds the model's own graphs", "name another folder with -o, or none")
    graphs: dict[str, tuple[Graph, ...]] = {}
    ranges: dict[str, dict[str, Range]] = {}
    for name, exact, sizes in _graphs(bundle):
        stated = write_graph(name, in_precision(exact, precision), folder, precision, "cuda")
        graphs[name], ranges[name] = (stated,), dict(sizes)
        graph = (folder / stated.file).read_bytes()
        for target in targets or (library.target_here(),):
            yield cached_engine(library, folder, name, graph, ranges_of(stated, sizes), target)
    made_by = {"onnx": version("onnx")}
    manifest = Manifest(bundle.kind, precision, OPSET, config_hash(bundle.path), graphs, made_by, ranges)
    write_manifest(folder, manifest)


def _graphs(bundle: Bundle) -> Iterator[tuple[str, onnx.ModelProto, Mapping[str, Range]]]:
    """The float32 graphs by name, weights inside, with the ranges of their dynamic sizes."""
    if not has_graphs(bundle.path):
        from .onnx import model_of
        from .sources import sources_of

        for name, source in sources_of(bundle).items():
            yield name, model_of(source), source.ranges
        return
    manifest = read_manifest(bundle.path)
    for name, forms in manifest.graphs.items():
        exact = next((form for form in forms if form.products == "fp32"), None)
        if exact is None or name not in manifest.ranges:
            again = f"export it again: docvlm export {bundle.path} --to onnx"
            raise BundleError(f"{bundle.path} does not say for which sizes '{name}' is built", again)
        yield name, read_graph(bundle.path / exact.file), manifest.ranges[name]
