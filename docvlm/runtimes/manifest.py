"""What a bundle's ONNX graphs are: `onnx.json`, beside the `config.json` of the weights that they point into.

The graphs hold no weights of their own: their initializers lie in the bundle's `model.safetensors`, so that weights are
stored once for every runtime and their precision is the bundle's. The manifest states the SHA-256 of each graph and
of the `config.json` that they were made for; that one in turn states the weights'.

    {"format": "docvlm-onnx", "version": 2, "kind": "chart", "precision": "int8", "opset": 20, "config": "SHA-256",
     "graphs": {"step": [{"file": "step.onnx", "sha256": "...", "products": "fp32", "device": "any", "difference": 1e-06,
                          "inputs": [["state", "float32", ["batch", 192]], ...], "outputs": [...]}, ...], ...},
     "made_by": {"torch": "2.13.0", ...}}

A graph may have several forms, which say what they multiply in and on which devices they pay.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

from docvlm.bundle import CONFIG, BundleError, read_checked
from docvlm.files import write_atomically

MANIFEST: Final = "onnx.json"
ENGINES: Final = "engines"
"""The folder in a bundle's own that holds the graphs which TensorRT's engines are built from, with a manifest of theirs."""
_FORMAT: Final = "docvlm-onnx"
_VERSION: Final = 2

Range = tuple[int, int, int]
"""The least size, the usual one and the largest."""
Value = tuple[str, str, tuple[int | str, ...]]
"""An input or output of a graph: its name, its dtype, and its shape, in which words stand for dynamic sizes."""


@dataclass(frozen=True, slots=True)
class Graph:
    """One form of a graph. ``products`` says what it multiplies in ("fp32", "fp16", "bf16" or "int8"), ``device`` what it
    was made for.

    ``difference`` is the largest one from PyTorch on the inputs that it was tried with, in units of each output's largest
    absolute value or 1, whichever is more; ``None`` where it was not tried.
    """

    file: str
    sha256: str
    products: str
    device: Literal["any", "cpu", "cuda"]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    difference: float | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """``precision`` is that of the stored weights, ``config`` the SHA-256 of the bundle's `config.json`; ``graphs`` are
    the forms of each by name. ``ranges`` are those of each graph's dynamic sizes by name, for which engines are built.
    """

    kind: str
    precision: str
    opset: int
    config: str
    graphs: dict[str, tuple[Graph, ...]]
    made_by: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, dict[str, Range]] = field(default_factory=dict)

    def form(self, name: str, device: Literal["cpu", "cuda"], whole_numbers: bool = True) -> Graph | None:
        """The form of a graph for a ``device``, one that was made for it before one for any; without ``whole_numbers``
        none that multiplies int8.
        """
        forms = [
            form
            for form in self.graphs.get(name, ())
            if form.device in ("any", device) and (whole_numbers or form.products != "int8")
        ]
        return min(forms, key=lambda form: form.device == "any", default=None)


def config_hash(folder: Path) -> str:
    return hashlib.sha256((folder / CONFIG).read_bytes()).hexdigest()


def has_graphs(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def write_manifest(folder: Path, manifest: Manifest) -> Path:
    """Raises OutputError where writing fails."""
    stated = {"format": _FORMAT, "version": _VERSION, **asdict(manifest)}
    text = json.dumps(stated, indent=1, allow_nan=False) + "\n"
    return write_atomically(folder / MANIFEST, text.encode("utf-8"))


def read_manifest(bundle: Path, part: str = "") -> Manifest:
    """The manifest of a bundle's graphs, once it and they are known to belong to the bundle as it is.

    They lie in the bundle's folder, or in the ``part`` of it that is for engines. Raises BundleError where the manifest
    or a graph is missing, damaged, or was made for other weights.
    """
    folder = bundle / part
    path = folder / MANIFEST
    again = f"export it again: docvlm export {bundle} --to {'tensorrt' if part else 'onnx'}"
    try:
        stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if (stated.pop("format"), stated.pop("version")) != (_FORMAT, _VERSION):
            raise ValueError("another format or version")
        graphs = {name: tuple(_form(form) for form in forms) for name, forms in stated.pop("graphs").items()}
        manifest = Manifest(graphs=graphs, ranges=_ranges(stated.pop("ranges", {})), **stated)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"{path} is not a manifest of graphs: {error}", again) from error
    if manifest.config != config_hash(bundle):
        raise BundleError(f"the graphs of {folder} were made for other weights than it holds", again)
    for graph in chain.from_iterable(graphs.values()):
        if Path(graph.file).name != graph.file:
            raise BundleError(f"{path} names a graph outside its folder: {graph.file}", again)
        read_checked(folder / graph.file, graph.sha256, MANIFEST)
    return manifest


def _form(stated: dict[str, Any]) -> Graph:
    if not isinstance(stated["file"], str):
        raise TypeError(f"{stated['file']} is no file's name")
    values = {side: _values(stated[side]) for side in ("inputs", "outputs")}
    return Graph(**{**stated, **values})


def _ranges(stated: dict[str, dict[str, list[int]]]) -> dict[str, dict[str, Range]]:
    return {
        graph: {size: (least, usual, largest) for size, (least, usual, largest) in sizes.items()}
        for graph, sizes in stated.items()
    }


def _values(stated: list[list[Any]]) -> tuple[Value, ...]:
    return tuple((str(name), str(dtype), tuple(shape)) for name, dtype, shape in stated)
