"""The shape of a decoder. Needs no torch: every runtime reads it from a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """Shape of a `docvlm.networks.decoder.CompactDecoder`.

    ``prefix`` says what an element of the prefix sees: "causal" what stands before it, "full" the whole prefix.
    ``max_length`` counts prefix and actions. ``tied`` uses the embedding as output matrix.
    """

    vocabulary: int
    width: int = 256
    depth: int = 6
    heads: int = 4
    kv_heads: int = 2
    mlp: int = 704
    max_length: int = 1024
    rope_base: float = 10000.0
    eps: float = 1e-6
    qkv_bias: bool = False
    tied: bool = True
    prefix: Literal["causal", "full"] = "causal"

    def __post_init__(self) -> None:
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} is not {self.heads} heads of an even size")
        if self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} heads cannot share {self.kv_heads} key-value heads evenly")

    @property
    def head_width(self) -> int:
        return self.width // self.heads
