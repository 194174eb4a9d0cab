"""Why pickled weights are refused, and the command that converts them. Imports no torch."""

from __future__ import annotations

from pathlib import Path

from docvlm.errors import DamagedModel

_CONVERT = (
    "pickles can run code when loaded; where you trust this one, convert it once, in its folder: "
    'python -c "import torch; from safetensors.torch import save_file; '
    "s = torch.load('{name}', map_location='cpu', weights_only=True); "
    "save_file({{k: v.clone().contiguous() for k, v in s.items()}}, '{to}')\""
)


def refusal(folder: Path, pickles: list[str]) -> DamagedModel:
    """The error that refuses ``pickles``, files of ``folder``, and tells how to convert the first of them."""
    name = min(pickles)
    to = "model.safetensors" if len(pickles) == 1 else f"{Path(name).stem}.safetensors"
    remedy = _CONVERT.format(name=name, to=to)
    if len(pickles) > 1:
        remedy += (
            f"; likewise the other {len(pickles) - 1}, and name the new files in model.safetensors.index.json"
        )
    return DamagedModel(f"{folder / name} is a pickle, which is refused", remedy)
