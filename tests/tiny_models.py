"""Tiny models of transformers' own classes with random weights, saved as published ones are.

They write nonsense, but by the same processors, templates and generation as their large sisters.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers


def tokenizer(special: list[str], **named: str) -> Any:
    """A byte-level tokenizer of single letters, with ``special`` tokens beside ``<pad>``, ``<s>`` and ``</s>``."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    merges = [(a, b) for a, b in zip("thiea", "hinrn")]
    for a, b in merges:
        vocabulary[a + b] = len(vocabulary)
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    names = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"} | named
    whole = transformers.PreTrainedTokenizerFast(tokenizer_object=made, **names)
    whole.add_special_tokens({"additional_special_tokens": special})
    return whole


def save_got(folder: Path) -> Path:
    """GOT-OCR2 with a 64-pixel encoder of two layers."""
    torch.manual_seed(1)
    words = tokenizer(["<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>"], eos_token="<|im_end|>")
    pictures = transformers.GotOcr2ImageProcessorPil(size={"height": 64, "width": 64})
    processor = transformers.GotOcr2Processor(pictures, words)
    vision: dict[str, Any] = {
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "output_channels": 8,
        "image_size": 64, "window_size": 2, "global_attn_indexes": [1], "mlp_dim": 32,
    }  # fmt: skip
    text = {
        "model_type": "qwen2", "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 48,
        "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
        "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id, "max_position_embeddings": 256,
    }  # fmt: skip
    config = transformers.GotOcr2Config(
        vision_config=vision,
        text_config=text,
        image_token_index=words.convert_tokens_to_ids("<imgpad>"),
        image_seq_length=1,
        pad_token_id=words.pad_token_id,
    )
    return _save(transformers.GotOcr2ForConditionalGeneration(config), processor, folder)


def save_donut(folder: Path, task: str | None = None) -> Path:
    """Donut: a Swin encoder of two stages and an MBart decoder; ``task`` is a task prompt such as ``<s_cord-v2>``."""
    torch.manual_seed(2)
    words = tokenizer([task, "<s_total>", "</s_total>", "<s_price>", "</s_price>"] if task else [])
    size = {"height": 64, "width": 48}
    pictures = transformers.DonutImageProcessorPil(size=size, do_align_long_axis=False)
    encoder = transformers.DonutSwinConfig(
        image_size=[64, 48], patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[2, 2], window_size=4
    )
    decoder = transformers.MBartConfig(
        vocab_size=len(words), d_model=16, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=32,
        encoder_layers=1, max_position_embeddings=96, is_decoder=True, add_cross_attention=True,
        pad_token_id=words.pad_token_id, bos_token_id=words.bos_token_id, eos_token_id=words.eos_token_id,
    )  # fmt: skip
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id = words.bos_token_id
    config.pad_token_id, config.eos_token_id = words.pad_token_id, words.eos_token_id
    model = transformers.VisionEncoderDecoderModel(config)
    return _save(model, transformers.DonutProcessor(pictures, words), folder)


_CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def save_qwen(folder: Path) -> Path:
    """Qwen2-VL: a chat template, pictures of any size, and a processor that would read videos too."""
    torch.manual_seed(3)
    special = [
        "<|vision_start|>",
        "<|vision_end|>",
        "<|image_pad|>",
        "<|video_pad|>",
        "<|im_start|>",
        "<|im_end|>",
    ]
    words = tokenizer(special, eos_token="<|im_end|>")
    named = {token: words.convert_tokens_to_ids(token) for token in special}
    text = {
        "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 2, "bos_token_id": words.bos_token_id,
        "max_position_embeddings": 448,
        "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id,
        "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1e4},
    }  # fmt: skip
    vision = {"depth": 1, "embed_dim": 16, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2}
    config = transformers.Qwen2VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=named["<|image_pad|>"],
        video_token_id=named["<|video_pad|>"],
        vision_start_token_id=named["<|vision_start|>"],
        vision_end_token_id=named["<|vision_end|>"],
    )
    model = transformers.Qwen2VLForConditionalGeneration(config)
    _liven(model).save_pretrained(folder)
    words.save_pretrained(folder)
    transformers.Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=84 * 84).save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(_CHAT)
    return folder


def _save(model: Any, processor: Any, folder: Path) -> Path:
    _liven(model).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _liven(model: Any) -> Any:
    """Weights so large that what is written depends on the picture, and no two tokens are nearly alike."""
    for weight in model.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.3)
    return model.eval()
