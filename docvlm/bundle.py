"""Our own models on disk: a folder with `config.json`, `tokenizer.json` and `model.safetensors`.

Weights are safetensors, never pickles; matrices are int8 with a scale per row, or fp16. `config.json` says what
kind of model it is, how its networks are set, in which precision each tensor is stored,
and the SHA-256 of the other two files, which are checked before anything in them is used. Opening a bundle
needs no torch.

    {"format": "docvlm-bundle", "version": 1, "kind": "chart", "networks": {...},
     "precision": {"decoder.norm.weight": "fp32", ...}, "sha256": {"tokenizer.json": "...", "model.safetensors": "..."}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from docvlm.errors import DamagedModel, ModelMissing
from docvlm.files import write_atomically

FORMAT: Final = "docvlm-bundle"
VERSION: Final = 1
CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "model.safetensors"

Precision = Literal["int8", "fp16", "fp32", "exact"]
_PRECISIONS: Final = ("int8", "fp16", "fp32", "exact")
_SCALE: Final = "::scale"  # behind the name of an int8 tensor, names the tensor of its rows' scales
_INT8_FROM: Final = 1024  # elements; below, a matrix is not worth its rounding


class BundleError(DamagedModel):
    """A bundle is damaged, incomplete, or of another version."""

    remedy = "fetch the bundle again, or install docvlm again if the model came with it"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle. ``tensors`` are float32 (and integers as they were); ``tokenizer`` is the text of
    `tokenizer.json`, or None where the model has none.
    """

    path: Path
    kind: str
    networks: dict[str, Any]
    tensors: dict[str, NDArray[Any]]
    tokenizer: str | None = None
    precision: dict[str, str] = field(default_factory=dict)


# --- finding --------------------------------------------------------------------------------------


def bundle_names() -> list[str]:
    """Names of the models that came with docvlm."""
    return sorted(path.name for path in _models_folder().iterdir() if (path / CONFIG).is_file())


def find_bundle(name: str | Path) -> Path | None:
    """The folder of a bundle, given as a path or by the name of a bundled model; None where there is none."""
    path = Path(name)
    if (path / CONFIG).is_file() and is_bundle(path):
        return path
    return _models_folder() / str(name) if str(name) in bundle_names() else None


def is_bundle(path: Path) -> bool:
    """Whether the folder's config calls itself a bundle of ours; a folder of transformers' does not."""
    try:
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(config, dict) and config.get("format") == FORMAT


def _models_folder() -> Path:
    return Path(str(resources.files("docvlm.models").joinpath("__init__.py"))).parent


# --- writing --------------------------------------------------------------------------------------


def default_precision(name: str, tensor: NDArray[Any]) -> Precision:
    """int8 for matrices worth it, fp32 for vectors (norms and biases weigh nothing), integers exact."""
    if tensor.dtype.kind != "f":
        return "exact"
    return "int8" if tensor.ndim >= 2 and tensor.size >= _INT8_FROM else "fp32"


def half_precision(name: str, tensor: NDArray[Any]) -> Precision:
    """fp16 for whatever `default_precision` makes int8."""
    chosen = default_precision(name, tensor)
    return "fp16" if chosen == "int8" else chosen


def save_bundle(
    folder: Path,
    kind: str,
    networks: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    tokenizer: str | None = None,
    precision: Callable[[str, NDArray[Any]], Precision] = default_precision,
) -> Path:
    """Writes a bundle to ``folder``, over one that may be there; returns ``folder``.

    ``precision`` says for each tensor how it is stored. Each file appears whole, the config with the hashes last,
    so that a bundle whose writing was interrupted is refused. Raises ValueError for tensors that cannot be
    stored so (not finite, too large for fp16, a name in use), OutputError where writing fails.
    """
    serialize = _safetensors().save
    stored: dict[str, NDArray[Any]] = {}
    precisions: dict[str, Precision] = {}
    for name, tensor in sorted(tensors.items()):
        if _SCALE in name:
            raise ValueError(f"a tensor may not be called {name}: '{_SCALE}' is for scales")
        precisions[name] = precision(name, tensor)
        stored |= _pack(name, tensor, precisions[name])
    files = {WEIGHTS: serialize(stored)}
    if tokenizer is not None:
        files[TOKENIZER] = tokenizer.encode("utf-8")
    config = {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "networks": dict(networks),
        "precision": precisions,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    text = json.dumps(config, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    for name, data in files.items():
        write_atomically(folder / name, data)
    write_atomically(folder / CONFIG, text.encode("utf-8"))
    return folder


def _pack(name: str, tensor: NDArray[Any], precision: Precision) -> dict[str, NDArray[Any]]:
    if precision == "exact":
        return {name: np.ascontiguousarray(tensor)}
    values = np.ascontiguousarray(tensor, np.float32)
    if not np.isfinite(values).all():
        raise ValueError(f"tensor {name} holds values that are not finite")
    if precision == "fp32":
        return {name: values}
    if precision == "fp16":
        if np.abs(values).max(initial=0.0) > float(np.finfo(np.float16).max):
            raise ValueError(f"tensor {name} is too large for fp16: store it as fp32")
        return {name: values.astype(np.float16)}
    if values.ndim < 2:
        raise ValueError(f"tensor {name} has no rows: store it as fp16 or fp32")
    rows = values.reshape(len(values), -1)
    scale = np.abs(rows).max(axis=1, initial=0.0) / np.float32(127)
    codes = np.rint(rows / np.where(scale > 0, scale, 1)[:, None]).clip(-127, 127).astype(np.int8)
    return {name: codes.reshape(values.shape), name + _SCALE: scale.astype(np.float32)}


def stored_precision(precision: Mapping[str, str]) -> str:
    """The least precise of the ways in which a bundle's tensors are stored."""
    return min(precision.values(), key=_PRECISIONS.index, default="exact")


# --- reading --------------------------------------------------------------------------------------


def load_bundle(model: str | Path) -> Bundle:
    """Opens a bundle, given as a folder or by the name of a bundled model.

    Raises ModelMissing where there is no such bundle, BundleError where a file is missing, does not have the hash
    that the config states, or does not hold what the config says.
    """
    folder = find_bundle(model)
    if folder is None:
        known = ", ".join(bundle_names()) or "none is bundled"
        raise ModelMissing(
            f"no model bundle is called {model}", f"give a folder or a bundled model ({known})"
        )
    config = _read_config(folder)
    hashes = config["sha256"]
    data = {name: read_checked(folder / name, expected) for name, expected in hashes.items()}
    try:
        stored = _safetensors().load(data[WEIGHTS])
    except ModelMissing:
        raise
    except Exception as error:  # safetensors' own error class lives in an extension module
        raise BundleError(f"{folder / WEIGHTS} is not a safetensors file: {error}") from error
    tokenizer = data[TOKENIZER].decode("utf-8") if TOKENIZER in data else None
    return Bundle(
        path=folder,
        kind=config["kind"],
        networks=config["networks"],
        tensors=_unpack_all(stored, config["precision"], folder / WEIGHTS),
        tokenizer=tokenizer,
        precision=config["precision"],
    )


_CONFIG_TYPES: Final = {
    "kind": str,
    "networks": dict,
    "precision": dict,
    "sha256": dict,
}


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))  # `is_bundle` has read it before
    if config.get("version") != VERSION:
        remedy = f"this docvlm reads version {VERSION}: install the one that made the bundle"
        raise BundleError(f"{path} has version {config.get('version')}", remedy)
    for name, kind in _CONFIG_TYPES.items():
        if not isinstance(config.get(name), kind):
            raise BundleError(f"{path} lacks '{name}'")
    if WEIGHTS not in config["sha256"] or set(config["sha256"]) - {WEIGHTS, TOKENIZER}:
        raise BundleError(f"{path} does not state the hashes of {WEIGHTS} and {TOKENIZER} alone")
    return config


def read_checked(path: Path, expected: object, stated_in: str = CONFIG) -> bytes:
    """The bytes of a file. Raises BundleError where it cannot be read or its SHA-256 is not the ``expected`` one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror or error}") from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise BundleError(f"{path} is damaged or was changed: its SHA-256 is not the one in {stated_in}")
    return data


def _unpack_all(
    stored: Mapping[str, NDArray[Any]], precision: Mapping[str, str], path: Path
) -> dict[str, NDArray[Any]]:
    wanted = set(precision) | {name + _SCALE for name, kind in precision.items() if kind == "int8"}
    missing, surplus = sorted(wanted - stored.keys()), sorted(stored.keys() - wanted)
    if missing or surplus:
        raise BundleError(
            f"{path} does not hold what {CONFIG} says: missing {missing[:5]}, surplus {surplus[:5]}"
        )
    return {
        name: _unpack(stored[name], kind, stored.get(name + _SCALE), f"{path}: {name}")
        for name, kind in precision.items()
    }


_DTYPES: Final = {"int8": np.int8, "fp16": np.float16, "fp32": np.float32}


def _unpack(tensor: NDArray[Any], kind: str, scale: NDArray[Any] | None, where: str) -> NDArray[Any]:
    if kind not in _PRECISIONS or tensor.dtype != _DTYPES.get(kind, tensor.dtype):
        raise BundleError(f"{where} is stored as {tensor.dtype}, not as '{kind}'")
    if kind == "exact":
        return tensor
    values = tensor.astype(np.float32)
    if kind == "int8":
        if scale is None or tensor.ndim < 2 or scale.shape != tensor.shape[:1]:
            raise BundleError(f"{where} does not have one scale per row")
        values *= scale.astype(np.float32).reshape(-1, *[1] * (tensor.ndim - 1))
    return values


def _safetensors() -> Any:
    try:
        from safetensors import numpy
    except ImportError as error:
        raise ModelMissing("safetensors is not installed", "pip install 'docvlm[torch]'") from error
    return numpy
