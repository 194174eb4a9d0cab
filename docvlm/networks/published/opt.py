"""OPT with a vision vocabulary before it: what OneChart and Vary-tiny are, apart from OneChart's head."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import OPTConfig, OPTForCausalLM

from docvlm.errors import DamagedModel
from docvlm.networks.published.prompted import Images, PromptedDecoder, assembled
from docvlm.networks.published.state import Weights, shapes
from docvlm.networks.published.tokenizer import load_tokenizer
from docvlm.networks.vision import VisionConfig, VisionVocabulary, config_of

_FIELDS = (
    "hidden_size", "num_hidden_layers", "ffn_dim", "max_position_embeddings", "do_layer_norm_before",
    "word_embed_proj_dim", "num_attention_heads", "activation_function", "enable_bias", "vocab_size",
    "layer_norm_elementwise_affine", "_remove_final_layer_norm", "bos_token_id", "eos_token_id", "pad_token_id",
)  # fmt: skip

_TOWER = "model.vision_tower."
_PROJECTOR = "model.mm_projector."
_NEEDED = ("hidden_size", "num_hidden_layers", "ffn_dim", "num_attention_heads", "vocab_size")


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


def load_opt(
    folder: Path,
    weights: Weights,
    preprocessing: VisionConfig,
    device: str,
    extra: Mapping[str, Callable[[int], nn.Module]],
) -> tuple[PromptedDecoder, dict[str, nn.Module]]:
    """The decoder of ``folder`` behind its vision vocabulary and projector, and its modules by prefix.

    ``extra`` makes further modules, by published prefix, from the decoder's width. Raises
    :class:`~docvlm.errors.DamagedModel` where a key is missing or left over.
    """
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    described = read_config(folder)
    settings = {name: described[name] for name in _FIELDS if name in described}
    absent = [name for name in _NEEDED if name not in settings]
    if absent:
        raise DamagedModel(f"{folder / 'config.json'}: no {absent[0]}", "fetch the model again")
    config = OPTConfig(**settings, tie_word_embeddings=False)
    seeing = vision_config(weights.under(_TOWER), preprocessing, str(folder))

    builds: dict[str, Callable[[], nn.Module]] = {
        _TOWER: lambda: VisionVocabulary(seeing),
        _PROJECTOR: lambda: nn.Linear(seeing.token_width, config.hidden_size),
    } | {prefix: partial(build, config.hidden_size) for prefix, build in extra.items()}
    decoder_state = weights.take_prefixed(shapes(lambda: OPTForCausalLM(config)), "")
    states = {prefix: weights.take_prefixed(shapes(build), prefix) for prefix, build in builds.items()}
    weights.close()
    modules = {prefix: build() for prefix, build in builds.items()}
    for prefix, module in modules.items():
        module.load_state_dict(states[prefix], assign=True)
        module.to(device, dtype).eval()
    seer, projector = modules[_TOWER], modules[_PROJECTOR]

    def encode(images: Images) -> Tensor:
        pixels = torch.from_numpy(seeing.preprocess(images)).to(device, dtype)
        return projector(seer(pixels))  # type: ignore[no-any-return]

    prompted = PromptedDecoder(
        decoder=assembled(OPTForCausalLM, config, decoder_state, dtype).to(device),
        tokenizer=load_tokenizer(folder),
        folder=folder,
        encode=encode,
        image_tokens=seeing.tokens,
        ends=["</s>"],
        start="</s>",
        most=config.max_position_embeddings,
    )
    return prompted, modules
