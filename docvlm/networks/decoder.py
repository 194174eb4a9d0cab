"""The compact decoder of the bundled models, and the head by which it points instead of spelling.

`CompactDecoder` computes what Llama computes (RMSNorm, rotary positions, SwiGLU, grouped queries; with
``qkv_bias`` what Qwen2 computes), so that transformers' implementation with the same weights can check it. It
reads a *prefix* of embeddings (vision tokens, anchors, a prompt) and then actions. In batches, prefixes of
different lengths are padded on the right and the actions follow each prefix directly, so an element's place in
the sequence is its position and its slot in the key-value cache, in training and in decoding alike.

A decoding step never writes to the cache: it returns the new keys and values and the caller puts them there.
So the step is a pure function of tensors with static shapes, and its exported graph need not copy the cache.

`PointerHead` extends the output from the vocabulary to memory slots (anchors, and cells of a feature map), as
numbered by `docvlm.anchors.ActionSpace`. Pointing is pointer networks' idea.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from docvlm.anchors import ActionSpace
from docvlm.decoding.config import DecoderConfig

StepAttention = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


class DecoderLayer(nn.Module):
    """One layer, in two halves with attention between them, since a sequence and a step attend differently."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads = config.heads, config.kv_heads
        projected = (config.heads + 2 * config.kv_heads) * config.head_width
        self.attention_norm = nn.RMSNorm(config.width, config.eps)
        self.qkv = nn.Linear(config.width, projected, bias=config.qkv_bias)
        self.out = nn.Linear(config.width, config.width, bias=False)
        self.mlp_norm = nn.RMSNorm(config.width, config.eps)
        self.gate_up = nn.Linear(config.width, 2 * config.mlp, bias=False)
        self.down = nn.Linear(config.mlp, config.width, bias=False)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B, T, width), rotation (B or 1, 1, T, head) -> queries (B, heads, T, head), keys and values
        (B, kv heads, T, head).
        """
        turned = self.heads + self.kv_heads
        qkv = self.qkv(self.attention_norm(x)).unflatten(-1, (turned + self.kv_heads, -1)).transpose(1, 2)
        queries_keys = qkv[:, :turned]
        # `sin` carries the sign of rotary embedding's "rotate half", so that a roll does the rest.
        rolled = queries_keys.roll(queries_keys.shape[-1] // 2, -1)
        queries_keys = queries_keys * cos + rolled * sin
        return queries_keys[:, : self.heads], queries_keys[:, self.heads :], qkv[:, turned:]

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """x (B, T, width) and what attention gathered (B, heads, T, head) -> (B, T, width)."""
        x = x + self.out(attended.transpose(1, 2).flatten(2))
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, -1)
        finished: Tensor = x + self.down(F.silu(gate) * up)
        return finished


class CompactDecoder(nn.Module):
    """A small decoder-only transformer, whose key-value cache the caller keeps."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.depth))
        self.norm = nn.RMSNorm(config.width, config.eps)
        self.head = None if config.tied else nn.Linear(config.width, config.vocabulary, bias=False)
        cos, sin = rotation_table(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.cos: Tensor
        self.sin: Tensor
        self.apply(_initialize)
        for layer in self.layers:  # keeps the residual stream's variance independent of depth, as GPT-2 does
            assert isinstance(layer, DecoderLayer)
            for last in (layer.out, layer.down):
                nn.init.normal_(last.weight, std=0.02 / math.sqrt(2 * config.depth))

    def forward(self, prefix: Tensor, lengths: Tensor, tail: Tensor) -> Tensor:
        """Teacher forcing: the states that predict each action.

        ``prefix`` (B, P, width) is padded on the right to P, its rows are ``lengths`` (B,) long; ``tail``
        (B, T, width) holds the embedded actions, padded at will. Returns (B, T + 1, width): state 0 stands at
        the prefix's end and predicts the first action, state t predicts the action behind tail element t - 1.
        """
        states, _, _ = self.run(splice(prefix, lengths, tail), lengths)
        places = lengths[:, None] - 1 + torch.arange(tail.shape[1] + 1, device=prefix.device)
        return _gather(states, places)

    def states(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        """Every state of whole sequences (B, T, width) whose prefixes are ``lengths`` (B,) long: (B, T, width)."""
        return self.run(sequence, lengths)[0]

    def prefill(self, prefix: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The state at each prefix's end (B, width), and keys and values (depth, B, kv heads, P, head).

        ``prefix`` (B, P, width) is padded on the right. What the cache gets behind a row's length is not
        meaningful; it lies ahead of the row's position, where a step does not look before it is overwritten.
        """
        states, keys, values = self.run(prefix, lengths, ends_only=True)
        return states[:, 0], torch.stack(keys), torch.stack(values)

    def decode_step(
        self,
        inputs: Tensor,
        positions: Tensor,
        keys: Sequence[Tensor] | Tensor,
        values: Sequence[Tensor] | Tensor,
        attend: StepAttention | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One more element for each row, which may all be at different positions.

        ``inputs`` (B, width) are embeddings, ``positions`` (B,) the number of elements before them, ``keys`` and
        ``values`` (depth, B, kv heads, L, head) the cache, as one tensor or one for each layer, of which row b's
        first ``positions[b]`` slots are looked at. Returns the states (B, width), and what belongs into slot
        ``positions[b]`` of the cache: keys and values (depth, B, kv heads, head).

        ``attend`` computes what `attend_step` does, in the way that is fastest elsewhere.
        """
        attend = attend or attend_step
        x = inputs[:, None]
        cos, sin = self.cos[positions][:, None, None], self.sin[positions][:, None, None]
        ahead = torch.arange(keys[0].shape[2], device=x.device) >= positions[:, None]
        bias = torch.zeros_like(ahead, dtype=x.dtype).masked_fill(ahead, -torch.inf)[:, None, None]
        new_keys, new_values = [], []
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, DecoderLayer)
            query, key, value = layer.project(x, cos, sin)
            x = layer.finish(x, attend(query, key, value, keys[number], values[number], bias))
            new_keys.append(key)
            new_values.append(value)
        return self.norm(x)[:, 0], torch.stack(new_keys)[:, :, :, 0], torch.stack(new_values)[:, :, :, 0]

    def logits(self, states: Tensor) -> Tensor:
        """States (..., width) -> scores of the vocabulary (..., vocabulary)."""
        return F.linear(states, self.embedding.weight if self.head is None else self.head.weight)

    def run(
        self, x: Tensor, lengths: Tensor, ends_only: bool = False
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Whole sequences (B, T, width) with prefixes of ``lengths`` (B,) -> states (B, T, width), and keys and values
        (B, kv heads, T, head) of each layer.

        With ``ends_only`` the last layer is spared all states but those at the prefixes' ends: states (B, 1, width).
        """
        length = x.shape[1]
        cos, sin = self.cos[None, None, :length], self.sin[None, None, :length]
        places = torch.arange(length, device=x.device)
        mask = None
        if self.config.prefix == "full":
            mask = (places <= places[:, None]) | (places < lengths[:, None, None])
            mask = mask[:, None]
        trains_on_cpu = x.device.type == "cpu" and torch.is_grad_enabled()
        keys, values = [], []
        group = self.config.heads // self.config.kv_heads
        for layer in self.layers:
            assert isinstance(layer, DecoderLayer)
            query, key, value = layer.project(x, cos, sin)
            if ends_only and layer is self.layers[-1]:
                x, query = _gather(x, lengths[:, None] - 1), _at_ends(query, lengths)
                mask = (places < lengths[:, None])[:, None, None]
            wide_key, wide_value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
            if mask is not None and trains_on_cpu:
                attended = _attend_plainly(query, wide_key, wide_value, mask)
            else:
                attended = F.scaled_dot_product_attention(
                    query, wide_key, wide_value, attn_mask=mask, is_causal=mask is None
                )
            x = layer.finish(x, attended)
            keys.append(key)
            values.append(value)
        return self.norm(x), keys, values


def _attend_plainly(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """Attention (B, heads, T, head) spelled out. ``mask`` (B, 1, T, T) is true where an element looks.

    On a processor, and with rows of a few hundred elements, the fused kernel's backward pass takes four times as long.
    """
    scores = (query * query.shape[3] ** -0.5) @ key.transpose(2, 3)
    attended: Tensor = scores.masked_fill(~mask, -torch.inf).softmax(-1) @ value
    return attended


def attend_step(
    query: Tensor, key: Tensor, value: Tensor, past_keys: Tensor, past_values: Tensor, bias: Tensor
) -> Tensor:
    """Attention of one new element to the cache and to itself.

    ``query`` (B, heads, 1, head), ``key`` and ``value`` (B, kv heads, 1, head), cache (B, kv heads, L, head),
    ``bias`` (B, 1, 1, L). Queries that share a key-value head go through one matrix product as its rows.
    """
    query = query.reshape(*key.shape[:2], -1, key.shape[3]) * key.shape[3] ** -0.5
    before = query @ past_keys.transpose(2, 3) + bias
    itself = (query * key).sum(-1, keepdim=True)
    weights = torch.cat([before, itself], -1).softmax(-1, dtype=torch.float32).to(query.dtype)
    attended = weights[..., :-1] @ past_values + weights[..., -1:] * value
    return attended.flatten(1, 2)[:, :, None]


def splice(prefix: Tensor, lengths: Tensor, tail: Tensor) -> Tensor:
    """Puts each row's ``tail`` (B, T, width) directly behind its own prefix of (B, P, width); pads move to the end.

    Returns (B, P + T, width).
    """
    room, extra = prefix.shape[1], tail.shape[1]
    places = torch.arange(room + extra, device=prefix.device)[None]
    behind = places - lengths[:, None]
    # Before the length take the prefix, then the tail; what is left over takes the prefix's pads, in order.
    source = torch.where(behind < 0, places, room + behind)
    source = torch.where(behind >= extra, places - extra, source)
    return _gather(torch.cat([prefix, tail], 1), source)


def pack(parts: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Joins parts (B, N, width), each with a mask (B, N) of what is there, into one prefix without gaps.

    Returns the prefix (B, P, width), P the sum of all N, with pads on the right, and its lengths (B,). Pads would
    otherwise take positions, and attention, between the parts.
    """
    rows = torch.cat([part for part, _ in parts], 1)
    there = torch.cat([mask.expand(rows.shape[0], -1) for _, mask in parts], 1).long()
    lengths = there.sum(1)
    place = torch.where(there > 0, there.cumsum(1) - 1, lengths[:, None] + (1 - there).cumsum(1) - 1)
    packed = torch.zeros_like(rows).scatter(1, place[..., None].expand_as(rows), rows)
    return packed, lengths


def _gather(rows: Tensor, places: Tensor) -> Tensor:
    """(B, N, width) at ``places`` (B, M) -> (B, M, width)."""
    return rows.gather(1, places[..., None].expand(-1, -1, rows.shape[2]))


def _at_ends(heads: Tensor, lengths: Tensor) -> Tensor:
    """(B, heads, T, head) at the last places of prefixes of ``lengths`` (B,) -> (B, heads, 1, head)."""
    places = (lengths - 1)[:, None, None, None]
    return heads.gather(2, places.expand(-1, heads.shape[1], 1, heads.shape[3]))


def rotation_table(config: DecoderConfig) -> tuple[Tensor, Tensor]:
    """Cosine and signed sine of the rotary positions, each (max_length, head)."""
    half = config.head_width // 2
    frequencies = 1.0 / config.rope_base ** (torch.arange(half, dtype=torch.float32) / half)
    angles = torch.arange(config.max_length, dtype=torch.float32)[:, None] * frequencies
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([cos, cos], -1), torch.cat([-sin, sin], -1)


def _initialize(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


# --- Llama's and Qwen2's names --------------------------------------------------------------------


def to_llama(state: Mapping[str, Tensor], config: DecoderConfig) -> dict[str, Tensor]:
    """Our state dict under the names of transformers' Llama and Qwen2 (``...ForCausalLM``)."""
    queries, keys = config.heads * config.head_width, config.kv_heads * config.head_width
    named = {
        "model.embed_tokens.weight": state["embedding.weight"],
        "model.norm.weight": state["norm.weight"],
        "lm_head.weight": state["embedding.weight" if config.tied else "head.weight"],
    }
    for number in range(config.depth):
        ours, theirs = f"layers.{number}.", f"model.layers.{number}."
        for name, split in _FUSED.items():
            for leaf in ("weight", "bias"):
                if ours + f"{name}.{leaf}" in state:
                    sizes = [queries, keys, keys] if len(split) == 3 else [config.mlp] * 2
                    parts = torch.split(state[ours + f"{name}.{leaf}"], sizes)
                    named |= {theirs + f"{part}.{leaf}": tensor for part, tensor in zip(split, parts)}
        named |= {theirs + name: state[ours + plain] for plain, name in _RENAMED.items()}
    return named


_FUSED = {
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
}
_RENAMED = {
    "attention_norm.weight": "input_layernorm.weight",
    "mlp_norm.weight": "post_attention_layernorm.weight",
    "out.weight": "self_attn.o_proj.weight",
    "down.weight": "mlp.down_proj.weight",
}


# --- pointing -------------------------------------------------------------------------------------


@dataclass(slots=True)
class PointerMemory:
    """What the decoder may point at, of a batch of images: A anchors and C cells each."""

    anchors: Tensor  # (B, A, width), embeddings, as they also stand in the prefix
    cells: Tensor  # (B, C, cell_width), features
    keys: Tensor  # (B, A + C, key_width)
    mask: Tensor  # (B, A + C), True where there is something to point at


class PointerHead(nn.Module):
    """Scores anchors and cells by a scaled dot product with the decoder's state.

    A cell's key is made of its features and of its place, an anchor's of its embedding, which knows its box. A
    pointer that was written comes back as input: the anchor's own embedding, or the cell's projected features.
    Points are refined within the cell by an offset from its centre.
    """

    def __init__(self, width: int, space: ActionSpace, cell_width: int, key_width: int = 64) -> None:
        super().__init__()
        self.space = space
        self.scale = key_width**-0.5
        self.query = nn.Linear(width, key_width)
        self.anchor_key = nn.Linear(width, key_width)
        self.cell_key = nn.Linear(cell_width, key_width)
        self.cell_input = nn.Linear(cell_width, width)
        places = place_table(space)
        self.register_buffer("places", places, persistent=False)
        self.places: Tensor
        self.place_key = nn.Linear(places.shape[-1], key_width, bias=False)
        self.place_input = nn.Linear(places.shape[-1], width, bias=False)
        self.offset = nn.Sequential(
            nn.Linear(width + cell_width, key_width), nn.GELU(), nn.Linear(key_width, 2)
        )
        # A softmax over thousands of cells and a few hundred tokens would at first hardly see the tokens.
        self.kind_bias = nn.Parameter(
            torch.tensor([-math.log(max(space.anchors, 1)), -math.log(max(space.cells, 1))])
        )

    def memory(self, anchors: Tensor, anchor_mask: Tensor, cells: Tensor) -> PointerMemory:
        """Anchor embeddings (B, A, width) with mask (B, A), and cell features (B, C, cell_width), row by row."""
        keys = torch.cat([self.anchor_key(anchors), self.cell_key(cells) + self.place_key(self.places)], 1)
        mask = F.pad(anchor_mask, (0, cells.shape[1]), value=True)
        return PointerMemory(anchors, cells, keys, mask)

    def logits(self, states: Tensor, memory: PointerMemory) -> Tensor:
        """States (B, T, width) -> scores (B, T, A + C), minus infinity where there is nothing to point at."""
        scores = (self.query(states) * self.scale) @ memory.keys.transpose(1, 2)
        counts = (self.space.anchors, self.space.cells)
        bias = torch.cat([part.expand(count) for part, count in zip(self.kind_bias, counts)])
        masked: Tensor = (scores + bias).masked_fill(~memory.mask[:, None], -torch.inf)
        return masked

    def embed(self, actions: Tensor, embedding: nn.Embedding, memory: PointerMemory) -> Tensor:
        """Actions (B, T) -> the decoder's inputs (B, T, width)."""
        space = self.space
        inputs: Tensor = embedding(actions.clamp(max=space.vocabulary - 1))
        if space.anchors:
            index = (actions - space.vocabulary).clamp(0, space.anchors - 1)
            is_anchor = (actions >= space.vocabulary) & (actions < space.first_cell)
            inputs = torch.where(is_anchor[..., None], _gather(memory.anchors, index), inputs)
        if space.cells:
            index = (actions - space.first_cell).clamp(0, space.cells - 1)
            cells = self.cell_input(_gather(memory.cells, index)) + self.place_input(self.places[index])
            inputs = torch.where((actions >= space.first_cell)[..., None], cells, inputs)
        return inputs

    def offsets(self, states: Tensor, actions: Tensor, memory: PointerMemory) -> Tensor:
        """Where in its cell each point lies: (B, T, 2), x and y from the centre in cells; 0 for other actions.

        ``states`` (B, T, width) are those that chose ``actions`` (B, T).
        """
        if not self.space.cells:
            return states.new_zeros(*actions.shape, 2)
        index = (actions - self.space.first_cell).clamp(0, self.space.cells - 1)
        offsets: Tensor = self.offset(torch.cat([states, _gather(memory.cells, index)], -1))
        return offsets * (actions >= self.space.first_cell)[..., None]


def action_logits(
    decoder: CompactDecoder, pointers: PointerHead | None, states: Tensor, memory: PointerMemory | None
) -> Tensor:
    """Scores of all actions of the `ActionSpace`: states (B, T, width) -> (B, T, actions), in float32."""
    scores = decoder.logits(states).float()
    if pointers is None or memory is None:
        return scores
    return torch.cat([scores, pointers.logits(states, memory).float()], -1)


def choose(
    decoder: CompactDecoder,
    pointers: PointerHead | None,
    states: Tensor,
    memory: PointerMemory | None,
    forbidden: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """The likeliest action in each state (B, width), of those that are not ``forbidden`` (B, actions).

    Returns actions (B,), their log-probabilities (B,) among all actions, and offsets (B, 2), both float32.
    """
    scores = action_logits(decoder, pointers, states[:, None], memory)[:, 0]
    scores = scores - scores.amax(-1, keepdim=True)
    actions = (scores if forbidden is None else scores.masked_fill(forbidden, -torch.inf)).argmax(-1)
    # Not ReduceLogSumExp, with which ONNX Runtime is four times as slow.
    log_probs = scores.gather(1, actions[:, None])[:, 0] - scores.exp().sum(-1).log()
    if pointers is None or memory is None:
        offsets = scores.new_zeros(len(actions), 2)
    else:
        offsets = pointers.offsets(states[:, None], actions[:, None], memory)[:, 0].float()
    return actions, log_probs, offsets


def fourier(points: Tensor, bands: int = 8) -> Tensor:
    """Points (..., 2) in [0, 1] -> sines and cosines (..., 4 * bands) of wavelengths 2, 1, 1/2, ..."""
    angles = points[..., None] * (math.pi * 2.0 ** torch.arange(bands, device=points.device))
    return torch.cat([angles.sin(), angles.cos()], -1).flatten(-2)


def place_table(space: ActionSpace) -> Tensor:
    """Where each cell lies: sines and cosines (C, 32) of its centre."""
    y = (torch.arange(space.rows) + 0.5) / max(space.rows, 1)
    x = (torch.arange(space.columns) + 0.5) / max(space.columns, 1)
    return fourier(torch.stack([x.repeat(space.rows), y.repeat_interleave(space.columns)], -1))
