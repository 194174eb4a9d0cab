"""Two vision vocabularies side by side: CLIP for what a picture shows, the vision vocabulary for what is written.

Vary concatenates both encoders' projected tokens along the features; POINTS adds two encoders' tokens with
weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from docvlm.networks.vision import CLIP_MEAN, CLIP_STD, VisionVocabulary


def clip_pixels(images: Sequence[NDArray[np.uint8]], size: int) -> NDArray[np.float32]:
    """RGB images (height, width, 3) -> (batch, 3, size, size) as CLIP expects them.

    The shorter side becomes ``size`` (bicubic), the middle is cut out, CLIP's mean and deviation are applied.
    """
    batch = np.empty((len(images), 3, size, size), dtype=np.float32)
    scale = 1 / (255 * np.asarray(CLIP_STD, dtype=np.float32))
    shift = np.asarray(CLIP_MEAN, dtype=np.float32) / np.asarray(CLIP_STD, dtype=np.float32)
    for slot, image in zip(batch, images):
        height, width = image.shape[:2]
        short = min(height, width)
        wide, high = int(size * width / short), int(size * height / short)
        resized = np.asarray(Image.fromarray(image).resize((wide, high), Image.Resampling.BICUBIC))
        top, left = (high - size) // 2, (wide - size) // 2
        slot[:] = (resized[top : top + size, left : left + size] * scale - shift).transpose(2, 0, 1)
    return batch


class DualVocabulary(nn.Module):
    """CLIP's hidden state -2 without its class token, and a vision vocabulary, token beside token.

    ``clip`` is transformers' ``CLIPVisionModel``; it is cut to the layers that are used. Without ``weights``
    the two projected halves are concatenated along the features (Vary); with them they are added in these
    proportions (POINTS), which needs projections to the same width. Both encoders must give the same number
    of tokens: ``ValueError`` otherwise.
    """

    def __init__(
        self,
        clip: Any,
        vision: VisionVocabulary,
        clip_projector: nn.Module,
        vision_projector: nn.Module,
        weights: tuple[float, float] | None = None,
    ) -> None:
        super().__init__()
        self.image_size = int(clip.config.image_size)
        tokens = (self.image_size // clip.config.patch_size) ** 2
        if tokens != vision.config.tokens:
            raise ValueError(f"CLIP gives {tokens} tokens, the vision vocabulary {vision.config.tokens}")
        clip.encoder.layers = clip.encoder.layers[:-1]
        self.clip = clip
        self.vision = vision
        self.clip_projector = clip_projector
        self.vision_projector = vision_projector
        self.weights = weights

    def preprocess(self, images: Sequence[NDArray[np.uint8]]) -> tuple[Tensor, Tensor]:
        """RGB images (height, width, 3) -> what :meth:`forward` takes."""
        return (
            torch.from_numpy(clip_pixels(images, self.image_size)),
            torch.from_numpy(self.vision.config.preprocess(images)),
        )

    def forward(self, small: Tensor, large: Tensor) -> Tensor:
        """CLIP's and the vision vocabulary's pixels -> (batch, tokens, width)."""
        # Without its last layer, CLIP's last hidden state is hidden state -2.
        seen = self.clip_projector(self.clip(small).last_hidden_state[:, 1:])
        written = self.vision_projector(self.vision(large))
        if self.weights is None:
            return torch.cat([seen, written], dim=-1)
        return self.weights[0] * seen + self.weights[1] * written  # type: ignore[no-any-return]
