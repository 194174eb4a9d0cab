"""The tensors of a published checkpoint: read without unpickling, and every one of them accounted for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from docvlm.errors import DamagedModel
from docvlm.networks.published.pickles import refusal

_NAMED = 5  # keys that an error lists before it only counts

# Where a wanted tensor lies: its published name and, for one that is published joined with others, which
# part of how many along its first axis.
Place = tuple[str, int, int]


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors of ``model.safetensors`` or of the shards that ``model.safetensors.index.json`` names.

    Raises :class:`~docvlm.errors.DamagedModel` for pickles, and for a missing, damaged or unnamed shard.
    """
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        return _read_shards(folder, index)
    whole = folder / "model.safetensors"
    if whole.is_file():
        return _read_file(whole)
    pickles = [path.name for path in folder.glob("*.bin")]
    if pickles:
        raise refusal(folder, pickles)
    raise DamagedModel(f"no model.safetensors in {folder}", "fetch the model again")


def _read_shards(folder: Path, index: Path) -> dict[str, Tensor]:
    try:
        homes: dict[str, str] = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedModel(f"{index}: not an index of shards: {error}", "fetch the model again") from None
    tensors: dict[str, Tensor] = {}
    for name in sorted(set(homes.values())):
        # A name is a file beside the index; nothing else is followed.
        shard = folder / Path(name).name
        if shard.suffix != ".safetensors":
            raise refusal(folder, [shard.name])
        if not shard.is_file():
            raise DamagedModel(
                f"{index.name} names {name}, which is missing in {folder}", "fetch the model again"
            )
        tensors |= _read_file(shard)
    absent = sorted(homes.keys() - tensors.keys())
    if absent:
        raise DamagedModel(f"{index}: no shard holds {_listed(absent)}", "fetch the model again")
    return tensors


def _read_file(path: Path) -> dict[str, Tensor]:
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise DamagedModel(f"{path}: damaged: {error}", "fetch the model again") from None
    return tensors


def shapes(build: Callable[[], nn.Module]) -> dict[str, torch.Size]:
    """Name and shape of each parameter of the module that ``build`` makes; nothing is allocated."""
    with torch.device("meta"):
        return {name: tensor.shape for name, tensor in build().state_dict().items()}


class Weights:
    """A checkpoint's tensors, taken part by part; :meth:`close` refuses what is missing or left over."""

    def __init__(self, tensors: Mapping[str, Tensor], origin: str) -> None:
        self._tensors = tensors
        self._origin = origin
        self._used: set[str] = set()
        self._missing: set[str] = set()
        self._misshapen: set[str] = set()

    def under(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose name starts with ``prefix``, by the rest of their name; none counts as taken."""
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self._tensors.items()
            if name.startswith(prefix)
        }

    def take(self, wanted: Mapping[str, torch.Size], place: Callable[[str], Place]) -> dict[str, Tensor]:
        """The tensors of one part, by the part's own names; ``place`` says where each one is published."""
        taken: dict[str, Tensor] = {}
        for name, shape in wanted.items():
            published, part, parts = place(name)
            tensor = self._tensors.get(published)
            if tensor is None:
                self._missing.add(published)
                continue
            self._used.add(published)
            if parts > 1 and tensor.shape[0] % parts == 0:
                tensor = tensor.chunk(parts)[part]
            if tensor.shape != shape:
                self._misshapen.add(f"{published} {tuple(tensor.shape)} instead of {tuple(shape)}")
            taken[name] = tensor
        return taken

    def take_prefixed(self, wanted: Mapping[str, torch.Size], prefix: str) -> dict[str, Tensor]:
        """As :meth:`take`, for a part whose published names are its own behind a prefix."""
        return self.take(wanted, lambda name: (prefix + name, 0, 1))

    def close(self, ignored: Callable[[str], bool] = lambda name: False) -> None:
        """Raises :class:`~docvlm.errors.DamagedModel` naming keys that are missing, left over or misshapen.

        ``ignored`` says which surplus keys hold no weights, such as constants that old versions saved.
        """
        surplus = {name for name in self._tensors.keys() - self._used if not ignored(name)}
        faults = [
            f"{what} {_listed(sorted(names))}"
            for what, names in (
                ("missing", self._missing),
                ("surplus", surplus),
                ("of another shape:", self._misshapen),
            )
            if names
        ]
        if faults:
            raise DamagedModel(
                f"{self._origin}: weights do not fit the architecture: {'; '.join(faults)}",
                "fetch the model again, or load it as what it is",
            )


def _listed(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
