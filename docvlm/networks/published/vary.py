"""Vary and its smaller kin: dense OCR of pages.

Vary-tiny is OPT behind one vision vocabulary. Vary and Vary-toy are Qwen (the first) behind two; their
weights are renamed onto transformers' Qwen2, which computes the same as long as a sequence is no longer
than the one Qwen was trained with: beyond it, Qwen scales its rotations and logits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPVisionConfig, CLIPVisionModel, Qwen2Config, Qwen2ForCausalLM

from docvlm.decoding.interface import Format, Reading
from docvlm.errors import DamagedModel
from docvlm.networks.published.dual import DualVocabulary
from docvlm.networks.published.opt import load_opt, read_config, vision_config
from docvlm.networks.published.prompted import (
    Images,
    PromptedDecoder,
    assembled,
    batched,
    chatml,
    reading,
    vicuna,
)
from docvlm.networks.published.state import Place, Weights, read_tensors, shapes
from docvlm.networks.published.tokenizer import load_tokenizer
from docvlm.networks.vision import CLIP_MEAN, CLIP_STD, VisionConfig, VisionVocabulary

_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# As the demonstrations that came with each model's weights prepare pages: Vary as its training did,
# Vary-tiny and Vary-toy as BLIP does.
_VARY = VisionConfig(mean=_IMAGENET_MEAN, std=_IMAGENET_STD, resample="bilinear")
_SMALL = VisionConfig(mean=CLIP_MEAN, std=CLIP_STD, resample="bicubic")
_VARY_WIDTH = 4096  # of Qwen-7B; Vary-toy's Qwen-1.8B has 2048

_QUESTIONS: dict[Format, str] = {
    "markdown": "Convert the image to markdown format.",
    "latex": "Convert the image to latex format.",
    "text": "Provide the ocr results of this image.",
}
_CLIP_HEAD = 64

_Prompt = Callable[[str, Format], str]


class Vary:
    """An :class:`~docvlm.decoding.interface.ImageTextModel` around any of the Vary models."""

    def __init__(self, name: str, prompted: PromptedDecoder, prompt: _Prompt, batch_size: int) -> None:
        self.name = name
        self.batch_size = batch_size
        self._prompted = prompted
        self._prompt = prompt

    def read(
        self, images: Sequence[NDArray[np.uint8]], form: Format = "markdown", max_tokens: int = 4096
    ) -> list[Reading]:
        """Reads RGB images (height, width, 3), ``batch_size`` at a time. Vary-tiny knows one form: text."""

        def read(some: Images) -> list[Reading]:
            answers = self._prompted.answer(some, lambda image: self._prompt(image, form), max_tokens)
            return [reading(answer, self._prompted.tokenizer) for answer in answers]

        readings, self.batch_size = batched(read, images, self.batch_size)
        return readings


def load(folder: Path, name: str, device: str) -> Vary:
    """Loads Vary-tiny, Vary-toy or Vary as published from ``folder`` onto ``device`` ("cpu" or "cuda").

    Raises :class:`~docvlm.errors.DamagedModel` for pickles and for every key that is missing or left over.
    """
    tensors = read_tensors(folder)
    weights = Weights(tensors, str(folder))
    if any(key.startswith("transformer.") for key in tensors):
        return _load_qwen(folder, name, device, weights)
    prompted, _ = load_opt(folder, weights, _SMALL, device, {})
    return Vary(name, prompted, _ask_tiny, batch_size=16 if device == "cuda" else 4)


def _ask_tiny(image: str, form: Format) -> str:
    return vicuna(f"{image}\nProvide the OCR results of this image.")


def _ask_toy(image: str, form: Format) -> str:
    return chatml(f"{image}\n{_QUESTIONS[form]}")


def _ask_vary(image: str, form: Format) -> str:
    return chatml(f"{image}{_QUESTIONS[form]}")


def _load_qwen(folder: Path, name: str, device: str, weights: Weights) -> Vary:
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    described = read_config(folder)
    config = _qwen_config(described, folder)
    toy = config.hidden_size < _VARY_WIDTH
    seeing = vision_config(weights.under(_HIGH), _SMALL if toy else _VARY, str(folder))
    clip = _clip_config(weights.under(_CLIP), folder)

    half = config.hidden_size // 2
    builds: dict[str, Callable[[], nn.Module]] = {
        _HIGH: lambda: VisionVocabulary(seeing),
        "transformer.mm_projector.": lambda: nn.Linear(clip.hidden_size, half),
        "transformer.mm_projector_vary.": lambda: nn.Linear(seeing.token_width, config.hidden_size - half),
    }
    decoder_state = weights.take(shapes(lambda: Qwen2ForCausalLM(config)), _qwen_place)
    clip_state = weights.take_prefixed(shapes(lambda: CLIPVisionModel(clip)), _CLIP)
    states = {prefix: weights.take_prefixed(shapes(build), prefix) for prefix, build in builds.items()}
    weights.close(_holds_no_weight)
    parts = [build() for build in builds.values()]
    for part, state in zip(parts, states.values()):
        part.load_state_dict(state, assign=True)
    dual = DualVocabulary(
        assembled(CLIPVisionModel, clip, clip_state, dtype),
        parts[0],  # type: ignore[arg-type]
        parts[1],
        parts[2],
    )
    dual.to(device, dtype).eval()
    decoder = assembled(Qwen2ForCausalLM, config, decoder_state, dtype).to(device)

    def encode(images: Images) -> Tensor:
        small, large = dual.preprocess(images)
        return dual(small.to(device, dtype), large.to(device, dtype))  # type: ignore[no-any-return]

    prompted = PromptedDecoder(
        decoder=decoder,
        tokenizer=load_tokenizer(folder),
        folder=folder,
        encode=encode,
        image_tokens=seeing.tokens,
        ends=["<|im_end|>", "<|endoftext|>"],
        start=None,
        most=int(described.get("seq_length") or config.max_position_embeddings),
    )
    return Vary(name, prompted, _ask_toy if toy else _ask_vary, batch_size=8 if device == "cuda" else 2)


# Qwen's names and transformers' Qwen2's.

_HIGH = "transformer.vision_tower_high."
_CLIP = "transformer.vision_tower.vision_model."
_OUTSIDE = {
    "model.embed_tokens.weight": "transformer.wte.weight",
    "model.norm.weight": "transformer.ln_f.weight",
    "lm_head.weight": "lm_head.weight",
}
_INSIDE = {
    "self_attn.q_proj": ("attn.c_attn", 0, 3),
    "self_attn.k_proj": ("attn.c_attn", 1, 3),
    "self_attn.v_proj": ("attn.c_attn", 2, 3),
    "self_attn.o_proj": ("attn.c_proj", 0, 1),
    "mlp.up_proj": ("mlp.w1", 0, 1),
    "mlp.gate_proj": ("mlp.w2", 0, 1),
    "mlp.down_proj": ("mlp.c_proj", 0, 1),
    "input_layernorm": ("ln_1", 0, 1),
    "post_attention_layernorm": ("ln_2", 0, 1),
}


def _qwen_place(name: str) -> Place:
    """Where Qwen keeps what Qwen2 calls ``name``."""
    if name in _OUTSIDE:
        return _OUTSIDE[name], 0, 1
    _, _, layer, *middle, kind = name.split(".")
    home, part, parts = _INSIDE[".".join(middle)]
    return f"transformer.h.{layer}.{home}.{kind}", part, parts


def _holds_no_weight(name: str) -> bool:
    """Constants that old versions of transformers and Qwen saved beside the weights."""
    return name.endswith(("position_ids", "rotary_emb.inv_freq", "attn.masked_bias"))


def _qwen_config(described: dict[str, Any], folder: Path) -> Qwen2Config:
    try:
        heads = described["num_attention_heads"]
        return Qwen2Config(
            vocab_size=described["vocab_size"],
            hidden_size=described["hidden_size"],
            # Qwen counts both halves of its gated layer.
            intermediate_size=described["intermediate_size"] // 2,
            num_hidden_layers=described["num_hidden_layers"],
            num_attention_heads=heads,
            num_key_value_heads=heads,
            max_position_embeddings=described["max_position_embeddings"],
            rms_norm_eps=described["layer_norm_epsilon"],
            rope_parameters={"rope_type": "default", "rope_theta": described.get("rotary_emb_base", 10000)},
            tie_word_embeddings=False,
        )
    except KeyError as error:
        raise DamagedModel(f"{folder / 'config.json'}: no {error.args[0]}", "fetch the model again") from None


def _clip_config(tensors: Mapping[str, Tensor], folder: Path) -> CLIPVisionConfig:
    """CLIP's configuration, read from its published tensors; its heads are 64 wide."""
    try:
        width, _, patch, _ = tensors["embeddings.patch_embedding.weight"].shape
        places = tensors["embeddings.position_embedding.weight"].shape[0]
        hidden = tensors["encoder.layers.0.mlp.fc1.weight"].shape[0]
    except KeyError as error:
        raise DamagedModel(f"{folder}: missing {_CLIP}{error.args[0]}", "fetch the model again") from None
    layers = [int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layers.")]
    return CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=hidden,
        num_hidden_layers=1 + max(layers),
        num_attention_heads=max(1, width // _CLIP_HEAD),
        image_size=round((places - 1) ** 0.5) * patch,
        patch_size=patch,
    )
