"""Models by name, folder or hub id: what they are, and how they are loaded.

Nothing is ever downloaded here: a model from the hub must have been fetched by ``docvlm models pull``. Pickled
weights are refused, since loading them runs whatever code they hold. Finding and describing need no torch.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from docvlm import bundle
from docvlm.errors import DamagedModel, ModelMissing, UsageError
from docvlm.networks.published.pickles import refusal
from docvlm.options import Device

if TYPE_CHECKING:
    from docvlm.decoding.interface import ImageTextModel

Kind = Literal["bundle", "onechart", "vary", "transformers"]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_CONVERT = (
    "pickles can run code; where you trust them, convert them once: AutoModelForImageTextToText"
    ".from_pretrained(FOLDER, use_safetensors=False).save_pretrained(NEW_FOLDER), then copy the other files"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A model that is on this machine: ``config`` is its ``config.json``."""

    name: str
    kind: Kind
    folder: Path
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Description:
    """What ``docvlm models show`` says. ``size`` is in bytes; ``licence`` is ``None`` where no card names one."""

    name: str
    kind: Kind
    architecture: str
    folder: str
    size: int
    licence: str | None
    files: list[str]


def bundled() -> list[str]:
    """Names of the models that come with docvlm."""
    return bundle.bundle_names()


def cached() -> list[str]:
    """Hub ids of the models that an earlier ``pull`` (or another program) has left on this machine."""
    return sorted(_snapshots())


def find(model: str) -> Found:
    """What ``model`` is: a folder, a bundled name, or a hub id that has been pulled.

    Raises :class:`ModelMissing` with the way to get it, and :class:`DamagedModel` where it cannot be used.
    """
    folder = _folder(model)
    config = _config(model, folder)
    kind = _kind(model, folder, config)
    if kind != "bundle":
        _refuse_pickles(model, folder)
    return Found(model, kind, folder, config)


def describe(model: str) -> Description:
    """Kind, size, licence, place and files of a model. Raises as :func:`find` does."""
    found = find(model)
    files = sorted(path for path in found.folder.rglob("*") if path.is_file())
    return Description(
        name=found.name,
        kind=found.kind,
        architecture=_architecture(found.config),
        folder=str(found.folder),
        size=sum(path.stat().st_size for path in files),
        licence=_licence(found.folder),
        files=[str(path.relative_to(found.folder)) for path in files],
    )


def fingerprint(model: str) -> str:
    """Changes when the model's files do. Raises as :func:`find` does."""
    files = sorted(path for path in find(model).folder.rglob("*") if path.is_file())
    facts = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def load(model: str, device: Device = "auto") -> ImageTextModel:
    """Loads a model. Raises as :func:`find` does, and where the device or PyTorch is missing."""
    found = find(model)
    try:
        import torch
        import transformers  # noqa: F401
    except ImportError as error:
        raise ModelMissing(
            f"{model} needs PyTorch and transformers", "pip install 'docvlm[torch]'"
        ) from error
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("PyTorch finds no CUDA device", "use --device cpu")
    place = device if device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    return _LOADERS[found.kind](found, place)


def _load_hub(found: Found, device: str) -> ImageTextModel:
    from docvlm.networks.published import hub

    return hub.load(found.folder, found.name, device)


def _load_onechart(found: Found, device: str) -> ImageTextModel:
    from docvlm.networks.published import onechart

    return onechart.load(found.folder, found.name, device)


def _load_vary(found: Found, device: str) -> ImageTextModel:
    from docvlm.networks.published import vary

    return vary.load(found.folder, found.name, device)


def _load_bundle(found: Found, device: str) -> ImageTextModel:
    kind = bundle.load_bundle(found.folder).kind
    raise DamagedModel(
        f"{found.name} is a bundle of kind '{kind}', which reads no pages", "name another model"
    )


_LOADERS: dict[Kind, Callable[[Found, str], ImageTextModel]] = {
    "transformers": _load_hub,
    "onechart": _load_onechart,
    "vary": _load_vary,
    "bundle": _load_bundle,
}


# Finding.


def _folder(model: str) -> Path:
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        raise UsageError(
            f"{model} is a file", "give the folder that holds the model's config.json and weights"
        )
    bundled_here = bundle.find_bundle(model)
    if bundled_here is not None:
        return bundled_here
    if not _HUB_ID.fullmatch(model):
        raise ModelMissing(
            f"no model is called '{model}'",
            "see 'docvlm models list', or give a folder or a hub id such as stepfun-ai/GOT-OCR-2.0-hf",
        )
    snapshot = _snapshots().get(model)
    if snapshot is None:
        raise ModelMissing(
            f"{model} is not on this machine", f"fetch it with 'docvlm models pull {model}', or give a folder"
        )
    return snapshot


def _snapshots() -> dict[str, Path]:
    """Folders in the hub's cache that hold a model's weights, by hub id."""
    try:
        from huggingface_hub.constants import HF_HUB_CACHE
    except ImportError:
        return {}
    return dict(_in_cache(Path(HF_HUB_CACHE)))


def _in_cache(cache: Path) -> Iterator[tuple[str, Path]]:
    for repository in cache.glob("models--*--*"):
        reference = repository / "refs" / "main"
        commit = reference.read_text().strip() if reference.is_file() else ""
        folder = repository / "snapshots" / commit
        if commit and (folder / "config.json").is_file():
            yield "/".join(repository.name.split("--", 2)[1:]), folder


# Knowing.


def _config(model: str, folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        raise DamagedModel(f"{model}: no config.json in {folder}", "give the folder that holds a model")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedModel(f"{path}: not JSON: {error}", "fetch the model again") from None
    if not isinstance(config, dict):
        raise DamagedModel(f"{path}: not an object", "fetch the model again")
    return config


def _refuse_pickles(model: str, folder: Path) -> None:
    names = [path.name for path in folder.iterdir()]
    if any(name.endswith(".safetensors") for name in names):
        return
    found = [name for name in names if name.endswith(_PICKLES)]
    if found:
        raise refusal(folder, found)
    raise DamagedModel(f"{model} has no weights in {folder}", "fetch the model again")


def _kind(model: str, folder: Path, config: dict[str, Any]) -> Kind:
    if bundle.is_bundle(folder):
        return "bundle"
    named = f"{_architecture(config)} {config.get('model_type', '')}".lower()
    if "onechart" in named:
        return "onechart"
    if "vary" in named:
        return "vary"
    if "model_type" not in config:
        raise DamagedModel(
            f"{model}: config.json names no model_type", "give a model of a kind that docvlm knows"
        )
    return "transformers"


def _architecture(config: dict[str, Any]) -> str:
    """The classes that a published config names, or the kind of a bundle."""
    named = config.get("architectures") or [config.get("kind") or config.get("model_type") or ""]
    return " ".join(map(str, named))


def _licence(folder: Path) -> str | None:
    """The licence that the model card's front matter names."""
    card = folder / "README.md"
    if not card.is_file():
        return None
    match = re.match(r"---\n(.*?)\n---", card.read_text(encoding="utf-8", errors="replace"), re.DOTALL)
    line = re.search(r"^licen[cs]e:[ \t]*(\S.*?)\s*$", match[1], re.MULTILINE) if match else None
    return line[1].strip("'\"") if line else None


# Fetching.

_WANTED = [
    "*.safetensors",
    "*.safetensors.index.json",
    "*.json",
    "*.txt",
    "*.model",
    "*.jinja",
    "*.md",
    "LICENSE*",
]


def pull(hub_id: str, folder: Path | None = None) -> Path:
    """Fetches a model from the hub into its cache or ``folder``; returns where it lies.

    Only safetensors, settings, tokenizers and papers are fetched, never pickles nor code. Raises
    :class:`ModelMissing` where the hub cannot be reached or has no such model, :class:`DamagedModel` where
    the model has no safetensors.
    """
    if not _HUB_ID.fullmatch(hub_id):
        raise UsageError(f"'{hub_id}' is no hub id", "give OWNER/NAME, such as stepfun-ai/GOT-OCR-2.0-hf")
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import (
            HfHubHTTPError,
            LocalEntryNotFoundError,
            OfflineModeIsEnabled,
            RepositoryNotFoundError,
        )
    except ImportError as error:
        raise ModelMissing("fetching needs huggingface_hub", "pip install 'docvlm[torch]'") from error
    try:
        fetched = Path(snapshot_download(hub_id, allow_patterns=_WANTED, local_dir=folder))
    except RepositoryNotFoundError:
        raise ModelMissing(
            f"the hub has no public model {hub_id}", "check its name, or log in with 'hf'"
        ) from None
    except (LocalEntryNotFoundError, OfflineModeIsEnabled):
        raise ModelMissing(
            f"{hub_id} is not on this machine, and the hub cannot be reached",
            "go online, or copy the model's folder here and give its path",
        ) from None
    except (HfHubHTTPError, OSError, ValueError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelMissing(
            f"{hub_id} could not be fetched: {reason}", "check the name and the connection"
        ) from None
    if not any(fetched.rglob("*.safetensors")):
        raise DamagedModel(f"{hub_id} has no safetensors, only weights that docvlm refuses", _CONVERT)
    return fetched
