"""What becomes a graph, whatever network it comes from: a module, inputs to try it with, and names for its sizes.

Each network has a file here. The modules are those of `docvlm.networks.graphs`, which stay free of export's needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.func import functional_call

from docvlm.networks.decoder import CompactDecoder, rotation_table
from docvlm.runtimes.manifest import Range


@dataclass(frozen=True, slots=True)
class GraphSource:
    """A module to export. Inputs and their dynamic sizes go by name; so do the outputs with their shapes, and the
    ``ranges`` of dynamic sizes that engines are built for. ``drawn`` gives inputs like those that the model meets. With
    ``integer`` a processor is to multiply in whole numbers (`export.integer`): where that was measured to be faster,
    and hardly less right.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    dynamic: dict[str, dict[int, str]]
    outputs: dict[str, tuple[int | str, ...]]
    ranges: dict[str, Range]
    drawn: Callable[[], dict[str, Tensor]] | None = None
    integer: bool = False


class WithTables(nn.Module):
    """Computes the tables of sines and cosines inside the graph: they would weigh more than the graph itself, and
    runtimes fold them when they load it. ``tables`` are by the names of the inner module's buffers.
    """

    def __init__(self, inner: nn.Module, tables: Callable[[], dict[str, Tensor]]) -> None:
        super().__init__()
        self.inner, self.tables = inner, tables

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        outputs: tuple[Tensor, ...] = functional_call(self.inner, self.tables(), inputs)
        return outputs


def decoder_tables(decoder: CompactDecoder, name: str) -> dict[str, Tensor]:
    """The rotary tables of a decoder that goes by ``name``."""
    dtype = decoder.embedding.weight.dtype
    cos, sin = rotation_table(decoder.config)
    return {f"{name}.cos": cos.to(dtype), f"{name}.sin": sin.to(dtype)}


def attend_by_head(
    query: Tensor, key: Tensor, value: Tensor, past_keys: Tensor, past_values: Tensor, bias: Tensor
) -> Tensor:
    """`attend_step` with a product for each head: ONNX Runtime is faster with one row than with the two of a shared
    key-value head, and lets both read the same keys, which PyTorch would copy.
    """
    width = key.shape[3]
    # Scaled first: right before a product, ONNX Runtime would make the scale part of it, and then be slow again.
    query = (query * width**-0.5).reshape(*key.shape[:2], -1, 1, width)
    key, value, past_keys, past_values = (each.unsqueeze(2) for each in (key, value, past_keys, past_values))
    before = query @ past_keys.transpose(3, 4) + bias[:, None]
    itself = (query * key).sum(-1, keepdim=True)
    weights = torch.cat([before, itself], -1).softmax(-1, dtype=torch.float32).to(query.dtype)
    attended = weights[..., :-1] @ past_values + weights[..., -1:] * value
    return attended.flatten(1, 2)


def cache_shape(decoder: CompactDecoder, length: int | str) -> tuple[int | str, ...]:
    """Keys, or values, of all layers."""
    config = decoder.config
    return config.depth, "batch", config.kv_heads, length, config.head_width


def new_shape(decoder: CompactDecoder) -> tuple[int | str, ...]:
    """What a step adds to the keys, or the values, of all layers."""
    depth, batch, heads, _, head = cache_shape(decoder, 1)
    return depth, batch, heads, head


def cache_inputs(
    decoder: CompactDecoder, rows: int, length: int, random: torch.Generator
) -> dict[str, Tensor]:
    """Random keys and values of each layer, as a step takes them."""
    config = decoder.config
    shape = rows, config.kv_heads, length, config.head_width
    return {
        f"{name}.{layer}": torch.randn(shape, generator=random)
        for name in ("keys", "values")
        for layer in range(config.depth)
    }


def in_dtype(source: GraphSource, dtype: torch.dtype) -> GraphSource:
    """With inputs that are numbers in another precision."""
    inputs = {
        name: tensor.to(dtype) if tensor.is_floating_point() else tensor
        for name, tensor in source.inputs.items()
    }
    return replace(source, inputs=inputs)


def example(source: GraphSource, rows: Sequence[int]) -> dict[str, Tensor]:
    """The source's inputs, of these rows only: another batch size."""
    return {name: tensor[list(rows)] for name, tensor in source.inputs.items()}
