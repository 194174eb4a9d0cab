"""A chart encoder that begins as the backbone by which PP-OCRv6 finds text: PP-LCNetV4, from RapidOCR's wheel.

The weights are PaddleOCR's (Apache-2.0), read from the wheel's ONNX file and stored nowhere. There the batch norms are
folded into the convolutions, and so they stay. The backbone has the strides and widths of the encoder's own
convolutions (48, 96 and 192 channels at strides 4, 8 and 16), so it takes their places and the rest stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from docvlm.charts.interface import ChartEncoderConfig
from docvlm.networks.chart_encoder import ChartEncoder

WIDTHS = (48, 96, 192, 384)  # at strides 4, 8, 16 and 32


class OcrChartEncoder(ChartEncoder):
    """A `ChartEncoder` whose convolutions down to stride 32 are PP-OCRv6's. Raises ValueError for other widths."""

    def __init__(self, config: ChartEncoderConfig) -> None:
        super().__init__(config)
        four, eight, sixteen, coarse = WIDTHS
        if config.stem[1:] != (four, eight, sixteen):
            raise ValueError(f"the backbone's widths are {WIDTHS[:3]}, not {config.stem[1:]}")
        self.to_four = nn.Sequential(_Stem(), _Block(four, four, squeezed=True), _Block(four, four))
        self.to_eight = _stage(four, eight, "sp")
        self.to_sixteen = _stage(eight, sixteen, "spsp")
        self.to_tokens = nn.Sequential(  # type: ignore[assignment]
            _stage(sixteen, coarse, "sp"), nn.Conv2d(coarse, config.width, 1)
        )

    def begin(self, onnx: Path) -> None:
        """Takes over the backbone's weights from the detector's ONNX file.

        Raises ValueError where its convolutions are not this backbone's.
        """
        backbone = [self.to_four, self.to_eight, self.to_sixteen, self.to_tokens[0]]  # type: ignore[index]
        ours = [m for part in backbone for m in part.modules() if isinstance(m, nn.Conv2d)]
        for convolution, (weight, bias) in zip(ours, _convolutions(onnx)):
            if convolution.weight.shape != weight.shape or convolution.bias is None:
                raise ValueError(
                    f"{onnx.name} has {weight.shape} where {convolution.weight.shape} is expected"
                )
            convolution.weight.data.copy_(weight)
            convolution.bias.data.copy_(bias)
        # The detector sees blue, green, red in [-1, 1]; this encoder's convolutions see red, green, blue in +-0.5.
        first = ours[0].weight
        first.data.copy_(2 * first.data.flip(1))


def detector() -> Path:
    """PP-OCRv6's detector in RapidOCR's wheel. Raises FileNotFoundError where the wheel has another."""
    import rapidocr

    path = Path(rapidocr.__file__).parent / "models" / "PP-OCRv6_det_small.onnx"
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


def _convolutions(path: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """Weight and bias of each convolution, in the order in which they are computed."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    stored = {each.name: each for each in graph.initializer}
    reader = {name: node for node in graph.node if node.op_type == "Add" for name in node.input}
    for node in graph.node:
        if node.op_type == "Conv":
            (bias,) = (name for name in reader[node.output[0]].input if name in stored)
            arrays = [
                numpy_helper.to_array(stored[name]).astype(np.float32) for name in (node.input[1], bias)
            ]
            yield torch.from_numpy(arrays[0].copy()), torch.from_numpy(arrays[1].reshape(-1).copy())


class _Stem(nn.Module):
    """Images -> (B, 48, H/4, W/4): two ways to stride 2, joined."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 24, 3, stride=2, padding=1)
        self.narrow = nn.Conv2d(24, 12, 2)
        self.wide = nn.Conv2d(12, 24, 2)
        self.join = nn.Conv2d(48, 24, 3, stride=2, padding=1)
        self.last = nn.Conv2d(24, WIDTHS[0], 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(F.relu(self.first(x)), (0, 1, 0, 1))
        fine = F.relu(self.wide(F.pad(F.relu(self.narrow(x)), (0, 1, 0, 1))))
        joined = F.relu(self.join(torch.cat([F.max_pool2d(x, 2, stride=1), fine], 1)))
        return F.relu(self.last(joined))


class _Squeeze(nn.Module):
    """Squeeze and excitation: every channel times what all channels say of it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(width, width // 4, 1)
        self.up = nn.Conv2d(width // 4, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * F.hardsigmoid(self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))))


class _Block(nn.Module):
    """A depthwise convolution, then an MLP at every place; halves the map where the width changes."""

    def __init__(self, before: int, after: int, squeezed: bool = False) -> None:
        super().__init__()
        self.narrows = before != after
        stride = 2 if self.narrows else 1
        self.around = nn.Conv2d(before, before, 3, stride=stride, padding=1, groups=before)
        self.squeeze = _Squeeze(before) if squeezed else nn.Identity()
        self.expand = nn.Conv2d(before, 2 * before, 1)
        self.project = nn.Conv2d(2 * before, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(self.around(x))
        mixed: Tensor = self.project(F.gelu(self.expand(x)))
        return mixed if self.narrows else x + mixed


def _stage(before: int, after: int, kinds: str) -> nn.Sequential:
    """A block that halves the map, then one for each of ``kinds``: "s" squeezed, "p" plain."""
    return nn.Sequential(_Block(before, after), *(_Block(after, after, kind == "s") for kind in kinds))
