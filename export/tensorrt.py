"""A bundle's networks as TensorRT engines: the graphs in the precision to compute in, and engines built from them.

Precision is in a graph, so graphs are exported anew from the network in fp16, bf16 or fp32, their weights inside. They
stay beside the engines with a manifest, so that the runtime can build what is missing or was damaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from docvlm.bundle import load_bundle
from docvlm.errors import UsageError
from docvlm.runtimes.manifest import ENGINES, Graph, Manifest, config_hash, write_manifest

# First what says which extra is missing.
from .onnx import OPSET, made_by, model_of, write_graph  # isort: skip

import torch

from docvlm.runtimes.tensorrt import Library, cached_engine, ranges_of

from .sources import sources_of

_PRECISIONS: Final = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}


def export_tensorrt(
    model: str | Path, folder: Path | None = None, precision: str = "fp16", targets: Sequence[str] = ()
) -> Iterator[Path]:
    """Builds the engines of a bundle's graphs for each target, and yields where they lie: in ``folder``, else in the
    bundle's folder ``engines``, where ``--runtime tensorrt`` looks. Engines that are there are not built again.

    Without ``targets`` they are for the GPU of this machine. Raises as `load_bundle` does, UsageError for a precision
    or target that does not exist, ModelMissing without TensorRT, EngineFailed where it takes no graph.
    """
    if precision not in _PRECISIONS:
        raise UsageError(f"unknown precision '{precision}'", f"choose from {', '.join(_PRECISIONS)}")
    bundle = load_bundle(model)
    library = Library(across=bool(targets))
    unknown = [target for target in targets if target not in library.targets()]
    if unknown:
        raise UsageError(f"unknown target '{unknown[0]}'", f"choose from {', '.join(library.targets())}")
    folder = folder or bundle.path / ENGINES
    if folder.resolve() == bundle.path.resolve():
        raise UsageError(f"{folder} holds the model's own graphs", "name another folder with -o, or none")
    graphs: dict[str, tuple[Graph, ...]] = {}
    ranges = {}
    for name, source in sources_of(bundle, _PRECISIONS[precision]).items():
        stated = write_graph(name, model_of(source), folder, precision, "cuda")
        graphs[name], ranges[name] = (stated,), source.ranges
        graph = (folder / stated.file).read_bytes()
        for target in targets or (library.target_here(),):
            yield cached_engine(library, folder, name, graph, ranges_of(stated, source.ranges), target)
    manifest = Manifest(bundle.kind, precision, OPSET, config_hash(bundle.path), graphs, made_by(), ranges)
    write_manifest(folder, manifest)
