"""The vision vocabulary: a SAM/ViTDet encoder whose neck compresses the image to few tokens.

The network of Vary, OneChart and GOT-OCR2 (segment-anything's ViT-B with two more convolutions), and any
smaller or non-square one of the same kind. Its parameters carry the published names, so a published state
dict loads as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

# Elements of attention bias that a CPU makes at once for an image: 16 MB, which its allocator keeps. At
# SAM-B size all heads together would take 0.8 GB, and fresh memory costs more than the arithmetic in it.
_BIAS_ELEMENTS = 2**22
# Published names of the stride-2 convolutions after the neck.
_REDUCERS = ("net_2", "net_3")


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """Shape and preprocessing of a :class:`VisionVocabulary`; the defaults are SAM ViT-B as Vary uses it.

    Sizes are (height, width): ``image_size`` in pixels, ``window`` in patches. ``reduction`` holds the
    output width of each stride-2 convolution after the neck, so its length says whether the patches are
    reduced 1x, 2x or 4x along each side. ``mean`` and ``std`` are of RGB in [0, 1].

    ``fit`` says how an image meets ``image_size``: "stretch" changes its ratio, as the published models were
    trained; "pad" keeps it and fills right and below with white, which line crops need.
    """

    image_size: tuple[int, int] = (1024, 1024)
    patch: int = 16
    width: int = 768
    depth: int = 12
    heads: int = 12
    mlp_ratio: float = 4.0
    window: tuple[int, int] = (14, 14)
    global_blocks: tuple[int, ...] = (2, 5, 8, 11)
    neck: int = 256
    reduction: tuple[int, ...] = (512, 1024)
    eps: float = 1e-6
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    resample: Literal["bilinear", "bicubic"] = "bilinear"
    fit: Literal["stretch", "pad"] = "stretch"

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of {self.heads} heads")
        if any(side % self.patch for side in self.image_size):
            raise ValueError(f"image size {self.image_size} is not a multiple of the patch {self.patch}")
        if len(self.reduction) > len(_REDUCERS):
            raise ValueError("at most two stride-2 convolutions have published names")

    @property
    def grid(self) -> tuple[int, int]:
        """Patches as (rows, columns)."""
        return self.image_size[0] // self.patch, self.image_size[1] // self.patch

    @property
    def token_grid(self) -> tuple[int, int]:
        """Output tokens as (rows, columns)."""
        rows, columns = self.grid
        for _ in self.reduction:
            rows, columns = (rows + 1) // 2, (columns + 1) // 2
        return rows, columns

    @property
    def tokens(self) -> int:
        return self.token_grid[0] * self.token_grid[1]

    @property
    def token_width(self) -> int:
        return self.reduction[-1] if self.reduction else self.neck

    def preprocess(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """RGB images (height, width, 3) of any sizes -> (batch, 3, *image_size), normalized."""
        height, width = self.image_size
        batch = np.empty((len(images), 3, height, width), dtype=np.float32)
        scale = 1 / (255 * np.asarray(self.std, dtype=np.float32))
        shift = np.asarray(self.mean, dtype=np.float32) / np.asarray(self.std, dtype=np.float32)
        for slot, image in zip(batch, images):
            slot[:] = (self._fitted(image) * scale - shift).transpose(2, 0, 1)
        return batch

    def _fitted(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = self.image_size
        if self.fit == "stretch":
            return self._resized(image, height, width)
        factor = min(height / image.shape[0], width / image.shape[1])
        rows = min(height, max(1, round(image.shape[0] * factor)))
        columns = min(width, max(1, round(image.shape[1] * factor)))
        canvas = np.full((height, width, 3), 255, dtype=np.uint8)
        canvas[:rows, :columns] = self._resized(image, rows, columns)
        return canvas

    def _resized(self, image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
        # Each published model was trained behind one of these two, which differ when shrinking: OpenCV's
        # takes four pixels, Pillow's all that fall into the target pixel.
        if self.resample == "bilinear":
            return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR))
        return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def config_of(tensors: Mapping[str, Tensor], preprocessing: VisionConfig) -> VisionConfig:
    """The configuration whose network has these tensors, with the preprocessing of another one.

    Published checkpoints name no dimensions of their encoder; the shapes say them all. Raises ``KeyError``
    with the name of a tensor that would be needed.
    """
    _, rows, columns, width = tensors["pos_embed"].shape
    patch = tensors["patch_embed.proj.weight"].shape[-1]
    spans = {
        int(name.split(".")[1]): (tensor.shape[0], tensors[name.replace("_h", "_w")].shape[0])
        for name, tensor in sorted(tensors.items())
        if name.startswith("blocks.") and name.endswith("rel_pos_h") and name.replace("_h", "_w") in tensors
    }
    depth = 1 + max((int(name.split(".")[1]) for name in tensors if name.startswith("blocks.")), default=-1)
    whole = (2 * rows - 1, 2 * columns - 1)
    local = next((span for span in spans.values() if span != whole), whole)
    hidden = tensors["blocks.0.mlp.lin1.weight"].shape[0]
    return replace(
        preprocessing,
        image_size=(rows * patch, columns * patch),
        patch=patch,
        width=width,
        depth=depth,
        heads=width // tensors["blocks.0.attn.rel_pos_h"].shape[1],
        mlp_ratio=hidden / width,
        window=((local[0] + 1) // 2, (local[1] + 1) // 2),
        global_blocks=tuple(block for block, span in spans.items() if span == whole),
        neck=tensors["neck.0.weight"].shape[0],
        reduction=tuple(
            tensors[f"{name}.weight"].shape[0] for name in _REDUCERS if f"{name}.weight" in tensors
        ),
    )


class _Windows:
    """Where each patch of a grid lies among windows of equal size, the grid padded below and right.

    Computed once from the configuration: the blocks share two index tensors and derive nothing.
    """

    def __init__(self, grid: tuple[int, int], window: tuple[int, int]) -> None:
        (rows, columns), (height, width) = grid, window
        down, across = -(-rows // height), -(-columns // width)
        self.size = window
        self.count = down * across
        patch = torch.full((down * height, across * width), rows * columns)
        patch[:rows, :columns] = torch.arange(rows * columns).view(rows, columns)
        # The patch in each slot of each window; padding points one past the last patch.
        self.gather = patch.view(down, height, across, width).transpose(1, 2).reshape(-1)
        self.padded = self.gather.numel() > rows * columns
        # The slot of each patch.
        self.scatter = torch.argsort(self.gather, stable=True)[: rows * columns]


def _relative_index(size: int) -> Tensor:
    """(size, size) rows of a relative-position table for each query and key along one axis."""
    position = torch.arange(size)
    return position[:, None] - position[None, :] + size - 1


class _Attention(nn.Module):
    """Self-attention over a small grid with decomposed relative positions (ViTDet, MViTv2)."""

    index_h: Tensor
    index_w: Tensor

    def __init__(self, width: int, heads: int, size: tuple[int, int], windows: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.size = size
        positions = size[0] * size[1]
        self.queries_at_once = min(positions, max(1, _BIAS_ELEMENTS // (windows * positions)))
        self.heads_at_once = min(heads, max(1, _BIAS_ELEMENTS // (windows * positions**2)))
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * size[0] - 1, width // heads))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * size[1] - 1, width // heads))
        self.register_buffer("index_h", _relative_index(size[0]), persistent=False)
        self.register_buffer("index_w", _relative_index(size[1]), persistent=False)

    def attend(self, x: Tensor) -> Tensor:
        """(windows, positions, width) -> the same shape, before the output projection."""
        count, positions, width = x.shape
        qkv = self.qkv(x).view(count, positions, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        # (windows, heads, rows, columns, head width) against tables of (query, head width, key) by axis.
        grid = query.unflatten(2, self.size)
        table_h = self.rel_pos_h[self.index_h].transpose(1, 2)
        table_w = self.rel_pos_w[self.index_w].transpose(1, 2)
        by_row = torch.matmul(grid, table_h).flatten(2, 3)
        by_column = torch.matmul(grid.transpose(2, 3), table_w).transpose(2, 3).flatten(2, 3)
        mixed = self._attended(query, key, value, by_row, by_column)
        return mixed.transpose(1, 2).reshape(count, positions, width)

    def _attended(
        self, query: Tensor, key: Tensor, value: Tensor, by_row: Tensor, by_column: Tensor
    ) -> Tensor:
        """Attention with the bias ``by_row[..., k // columns] + by_column[..., k % columns]`` for key k."""
        heads, positions = query.shape[1:3]
        many, few = self.heads_at_once, self.queries_at_once
        if query.device.type != "cpu" or torch.compiler.is_compiling():
            many, few = heads, positions
        groups = []
        for first in range(0, heads, many):
            some = slice(first, first + many)
            pieces = []
            for start in range(0, positions, few):
                part = slice(start, start + few)
                bias = by_row[:, some, part, :, None] + by_column[:, some, part, None, :]
                pieces.append(
                    F.scaled_dot_product_attention(
                        query[:, some, part], key[:, some], value[:, some], attn_mask=bias.flatten(-2)
                    )
                )
            groups.append(pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=2))
        return groups[0] if len(groups) == 1 else torch.cat(groups, dim=1)


class _Mlp(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.lin1 = nn.Linear(width, hidden)
        self.lin2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.lin2(F.gelu(self.lin1(x)))  # type: ignore[no-any-return]


class _Block(nn.Module):
    """A transformer block; with ``windows`` its attention stays inside them, without it sees the grid."""

    def __init__(self, config: VisionConfig, windows: _Windows | None) -> None:
        super().__init__()
        self.windows = windows
        self.norm1 = nn.LayerNorm(config.width, eps=config.eps)
        size, count = (windows.size, windows.count) if windows else (config.grid, 1)
        self.attn = _Attention(config.width, config.heads, size, count)
        self.norm2 = nn.LayerNorm(config.width, eps=config.eps)
        self.mlp = _Mlp(config.width, int(config.width * config.mlp_ratio))

    def forward(self, x: Tensor, gather: Tensor, scatter: Tensor) -> Tensor:
        """(batch, patches, width) -> the same shape."""
        y = self.norm1(x)
        if self.windows is None:
            y = self.attn.attend(y)
        else:
            batch, _, width = y.shape
            if self.windows.padded:
                # SAM pads after the norm: padding takes part in attention as a token of zeros.
                y = torch.cat([y, y.new_zeros(batch, 1, width)], dim=1)
            y = y.index_select(1, gather).view(batch * self.windows.count, -1, width)
            y = self.attn.attend(y).reshape(batch, -1, width).index_select(1, scatter)
        x = x + self.attn.proj(y)
        return x + self.mlp(self.norm2(x))  # type: ignore[no-any-return]


class _LayerNorm2d(nn.Module):
    """Normalizes the channels of (batch, channels, rows, columns)."""

    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        # In channels-last memory, which the encoder keeps throughout, both permutations are free.
        y = F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, self.eps)
        return y.permute(0, 3, 1, 2)


class _PatchEmbed(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, config.width, kernel_size=config.patch, stride=config.patch)

    def forward(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) -> (batch, rows, columns, width)."""
        return self.proj(pixels).permute(0, 2, 3, 1)  # type: ignore[no-any-return]


class VisionVocabulary(nn.Module):
    """Image -> tokens: patches, blocks of windowed and global attention, a convolutional neck.

    Shapes follow from the configuration alone, so the network exports with static shapes.
    """

    pos_embed: nn.Parameter
    gather: Tensor
    scatter: Tensor

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.config = config
        windows = _Windows(config.grid, config.window)
        self.register_buffer("gather", windows.gather, persistent=False)
        self.register_buffer("scatter", windows.scatter, persistent=False)
        self.patch_embed = _PatchEmbed(config)
        self.pos_embed = nn.Parameter(torch.zeros(1, *config.grid, config.width))
        self.blocks = nn.ModuleList(
            _Block(config, None if index in config.global_blocks else windows)
            for index in range(config.depth)
        )
        self.neck = nn.Sequential(
            nn.Conv2d(config.width, config.neck, kernel_size=1, bias=False),
            _LayerNorm2d(config.neck, config.eps),
            nn.Conv2d(config.neck, config.neck, kernel_size=3, padding=1, bias=False),
            _LayerNorm2d(config.neck, config.eps),
        )
        widths = (config.neck, *config.reduction)
        for name, before, after in zip(_REDUCERS, widths, widths[1:]):
            self.add_module(name, nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1, bias=False))

    def forward_features(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) -> (batch, rows, columns, width): what the blocks see, before the neck."""
        x = self.patch_embed(pixels) + self.pos_embed
        rows, columns = self.config.grid
        x = x.reshape(-1, rows * columns, self.config.width)
        for block in self.blocks:
            x = block(x, self.gather, self.scatter)
        return x.unflatten(1, (rows, columns))  # type: ignore[no-any-return]

    def forward_map(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) -> (batch, token width, token rows, token columns)."""
        x = self.neck(self.forward_features(pixels).permute(0, 3, 1, 2))
        for name in _REDUCERS[: len(self.config.reduction)]:
            x = self.get_submodule(name)(x)
        return x  # type: ignore[no-any-return]

    def forward(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) from ``config.preprocess`` -> (batch, tokens, token width), row by row."""
        return self.forward_map(pixels).flatten(2).transpose(1, 2)
