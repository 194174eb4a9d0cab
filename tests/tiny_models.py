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
        "bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id,
    }  # fmt: skip
    config = transformers.GotOcr2Config(
        vision_config=vision,
        text_config=text,
        image_token_index=words.convert_tokens_to_ids("<imgpad>"),
        image_seq_length=1,
        pad_token_id=words.pad_token_id,
    )
    return _save(transformers.GotOcr2ForConditionalGeneration(config), processor, folder)


def _save(model: Any, processor: Any, folder: Path) -> Path:
    model.eval().save_pretrained(folder, safe_serialization=True)
    processor.save_pretrained(folder)
    return folder
