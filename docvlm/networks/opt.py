"""OPT with a vision vocabulary before it: what OneChart and Vary-tiny are, apart from OneChart's head."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import OPTConfig, OPTForCausalLM

from docvlm.errors import DamagedModel
from docvlm.networks.prompted import Images, PromptedDecoder, assembled
from docvlm.networks.state import Weights, shapes
from docvlm.networks.tokenizer import load_tokenizer
from docvlm.networks.vision import VisionConfig, VisionVocabulary, config_of

_FIELDS = (
    "hidden_size", "num_hidden_layers", "ffn_dim", "max_position_embeddings", "do_layer_norm_before",
    "word_embed_proj_dim", "num_attention_heads", "activation_function", "enable_bias", "vocab_size",
    "layer_norm_elementwise_affine", "_remove_final_layer_norm", "bos_token_id", "eos_token_id", "pad_token_id",
)  # fmt: skip


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's ``config.json``. Raises :class:`~docvlm.errors.DamagedModel` where it cannot be read."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedModel(f"{path}: cannot be read: {error}", "fetch the model again") from None
    if not isinstance(config, dict):
        raise DamagedModel(f"{path}: not an object", "fetch the model again")
    return config


def vision_config(tensors: Mapping[str, Tensor], preprocessing: VisionConfig, origin: str) -> VisionConfig:
    """The vision vocabulary's configuration, read from its published tensors."""
    try:
        return config_of(tensors, preprocessing)
    except KeyError as error:
        name = error.args[0]
        raise DamagedModel(
            f"{origin}: missing {name} of the vision vocabulary", "fetch the model again"
        ) from None


@dataclass(frozen=True, slots=True)
class OptWithVision:
    """A loaded decoder, asked through ``prompted``; ``encode`` is its vision side."""

    prompted: PromptedDecoder
    width: int
    device: torch.device
    dtype: torch.dtype


class _Encoder:
    def __init__(self, vision: VisionVocabulary, projector: nn.Linear) -> None:
        self._vision = vision
        self._projector = projector

    def __call__(self, images: Images) -> Tensor:
        """RGB images -> (batch, tokens, decoder width)."""
        weight = self._projector.weight
        pixels = torch.from_numpy(self._vision.config.preprocess(images)).to(weight.device, weight.dtype)
        return self._projector(self._vision(pixels))  # type: ignore[no-any-return]


def load_opt(
    folder: Path, weights: Weights, preprocessing: VisionConfig, device: str, extra: Mapping[str, nn.Module]
) -> OptWithVision:
    """Builds the decoder, vision vocabulary and projector of ``folder``, and fills the modules in ``extra``.

    ``extra`` maps published prefixes to further modules. Raises :class:`~docvlm.errors.DamagedModel` where a
    key is missing or left over.
    """
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    described = read_config(folder)
    settings = {name: described[name] for name in _FIELDS if name in described}
    config = OPTConfig(**settings, tie_word_embeddings=False)
    tower = "model.vision_tower."
    seeing = vision_config(weights.under(tower), preprocessing, str(folder))

    def vision() -> VisionVocabulary:
        return VisionVocabulary(seeing)

    def projector() -> nn.Linear:
        return nn.Linear(seeing.token_width, config.hidden_size)

    decoder_state = weights.take_prefixed(shapes(lambda: OPTForCausalLM(config)), "")
    states = {
        tower: weights.take_prefixed(shapes(vision), tower),
        "model.mm_projector.": weights.take_prefixed(shapes(projector), "model.mm_projector."),
    } | {
        prefix: weights.take_prefixed({k: v.shape for k, v in module.state_dict().items()}, prefix)
        for prefix, module in extra.items()
    }
    weights.close()
    modules = {tower: vision(), "model.mm_projector.": projector(), **extra}
    for prefix, module in modules.items():
        module.load_state_dict(states[prefix], assign=True)
        module.to(device, dtype).eval()
    decoder = assembled(OPTForCausalLM, config, decoder_state, dtype).to(device)
    prompted = PromptedDecoder(
        decoder=decoder,
        tokenizer=load_tokenizer(folder),
        folder=folder,
        encode=_Encoder(modules[tower], modules["model.mm_projector."]),  # type: ignore[arg-type]
        image_tokens=seeing.tokens,
        ends=["</s>"],
        start="</s>",
        most=config.max_position_embeddings,
    )
    return OptWithVision(prompted, config.hidden_size, decoder.device, dtype)
