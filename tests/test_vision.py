"""The vision vocabulary against transformers' GOT-OCR2, and two vocabularies side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import CLIPVisionConfig, CLIPVisionModel, GotOcr2Config  # noqa: E402
from transformers.models.got_ocr2.configuration_got_ocr2 import GotOcr2VisionConfig  # noqa: E402
from transformers.models.got_ocr2.modeling_got_ocr2 import (  # noqa: E402
    GotOcr2MultiModalProjector,
    GotOcr2VisionEncoder,
)

from docvlm.networks import vision  # noqa: E402
from docvlm.networks.published.dual import DualVocabulary, clip_pixels  # noqa: E402
from docvlm.networks.vision import CLIP_MEAN, CLIP_STD, VisionConfig, VisionVocabulary, config_of  # noqa: E402

# Max absolute difference in fp32 to another implementation holding the same weights.
_SAME = 1e-4

_PARTS = (
    ("patch_embed.proj", "patch_embed.projection"),
    ("blocks.", "layers."),
    ("norm1", "layer_norm1"),
    ("norm2", "layer_norm2"),
    ("neck.0", "neck.conv1"),
    ("neck.1", "neck.layer_norm1"),
    ("neck.2", "neck.conv2"),
    ("neck.3", "neck.layer_norm2"),
)


def _their_name(name: str) -> str:
    """The published name of a tensor of the encoder, as transformers' GOT-OCR2 calls it."""
    for ours, theirs in _PARTS:
        name = name.replace(ours, theirs)
    return name


def _random_state(config: VisionConfig, seed: int = 0) -> dict[str, Any]:
    """Weights of the published names and shapes, every one of them random and felt in the output."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, tensor in VisionVocabulary(config).state_dict().items():
        scale = max(1, tensor[0].numel()) ** -0.5 if tensor.ndim > 1 else 0.1
        state[name] = torch.randn(tensor.shape, generator=generator) * scale
        if name.endswith("weight") and tensor.ndim == 1:
            state[name] += 1
    return state


def _theirs(config: VisionConfig, state: dict[str, Any], width: int) -> tuple[Any, Any]:
    """transformers' encoder and projector with the published tensors; the last linear is the identity."""
    settings = GotOcr2VisionConfig(
        hidden_size=config.width,
        output_channels=config.neck,
        num_hidden_layers=config.depth,
        num_attention_heads=config.heads,
        image_size=config.image_size[0],
        patch_size=config.patch,
        window_size=config.window[0],
        global_attn_indexes=list(config.global_blocks),
        mlp_dim=int(config.width * config.mlp_ratio),
    )
    encoder = GotOcr2VisionEncoder(settings).eval()
    encoder.load_state_dict({_their_name(k): v for k, v in state.items() if not k.startswith("net_")})
    text = {"model_type": "qwen2", "hidden_size": width, "num_hidden_layers": 1, "vocab_size": 8}
    projector = GotOcr2MultiModalProjector(GotOcr2Config(vision_config=settings, text_config=text)).eval()
    projector.load_state_dict(
        {
            "conv_upsampler1.weight": state["net_2.weight"],
            "conv_upsampler2.weight": state["net_3.weight"],
            "multimodal_projector.weight": torch.eye(width) * 0.5,
            "multimodal_projector.bias": torch.linspace(-1, 1, width),
        }
    )
    return encoder, projector


def _assert_same_as_theirs(config: VisionConfig, folder: Path) -> None:
    save_file(_random_state(config), folder / "model.safetensors")
    state = load_file(folder / "model.safetensors")
    encoder, projector = _theirs(config, state, config.token_width)
    pixels = torch.rand(1, 3, *config.image_size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        theirs = projector(encoder(pixels).last_hidden_state)
        del encoder
        ours = VisionVocabulary(config).eval()
        ours.load_state_dict(state)
        linear = projector.multimodal_projector
        found = linear(ours(pixels))
    assert found.shape == theirs.shape == (1, config.tokens, config.token_width)
    assert theirs.std() > 0.1  # the weights make a difference
    assert (found - theirs).abs().max() < _SAME


@pytest.mark.parametrize(
    "config",
    [
        VisionConfig(  # the windows do not divide the grid: padding takes part
            (160, 160),
            width=48,
            depth=3,
            heads=3,
            window=(4, 4),
            global_blocks=(1,),
            neck=16,
            reduction=(32, 64),
        ),
        VisionConfig(  # the windows divide the grid
            (128, 128),
            width=32,
            depth=4,
            heads=2,
            window=(4, 4),
            global_blocks=(0, 3),
            neck=16,
            reduction=(32, 24),
        ),
    ],
    ids=["padded", "even"],
)
def test_the_encoder_is_the_published_one(config: VisionConfig, tmp_path: Path) -> None:
    _assert_same_as_theirs(config, tmp_path)


def test_the_encoder_is_the_published_one_at_full_size(tmp_path: Path) -> None:
    # One block with windows, one without: the other ten repeat their shapes, and transformers would take long.
    config = VisionConfig(depth=2, global_blocks=(1,))
    assert config.tokens == 256 and config.token_width == 1024
    _assert_same_as_theirs(config, tmp_path)


@pytest.mark.parametrize(
    ("config", "tokens"),
    [
        (VisionConfig((32, 1024), width=32, depth=2, heads=2, window=(2, 16), global_blocks=(1,), neck=16), 16),
        (
            VisionConfig(
                (64, 512), width=32, depth=2, heads=2, window=(4, 7), global_blocks=(), neck=16, reduction=(24,)
            ),
            32,
        ),
        (
            VisionConfig((48, 80), width=32, depth=2, heads=1, window=(2, 2), global_blocks=(0,), reduction=()),
            15,
        ),
    ],
    ids=["line", "2x", "1x"],
)  # fmt: skip
def test_any_size_and_reduction(config: VisionConfig, tokens: int) -> None:
    network = VisionVocabulary(config).eval()
    network.load_state_dict(_random_state(config))
    pixels = torch.rand(2, 3, *config.image_size, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        together = network(pixels)
        apart = torch.cat([network(pixels[:1]), network(pixels[1:])])
        rows, columns = config.grid
        assert network.forward_features(pixels).shape == (2, rows, columns, config.width)
        low = network.to(torch.bfloat16)(pixels.to(torch.bfloat16)).float()
    assert together.shape == (2, tokens, config.token_width)
    assert config.tokens == tokens
    assert (together - apart).abs().max() < _SAME
    assert not torch.allclose(together[0], together[1], atol=0.01)
    assert (low - together).abs().mean() < 0.1 * together.abs().mean()


def test_a_bias_made_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    config = VisionConfig((160, 128), width=48, depth=2, heads=3, window=(4, 3), global_blocks=(1,), neck=8)
    state, pixels = _random_state(config), torch.rand(2, 3, 160, 128)
    outputs = []
    # All at once; one head; one head and few queries; one head and one query.
    for elements, heads, queries in ((2**22, 3, 80), (80 * 80, 1, 80), (80 * 7, 1, 7), (1, 1, 1)):
        monkeypatch.setattr(vision, "_BIAS_ELEMENTS", elements)
        network = VisionVocabulary(config).eval()
        network.load_state_dict(state)
        attention: Any = network.blocks[1].attn
        assert (attention.heads_at_once, attention.queries_at_once) == (heads, queries)
        with torch.inference_mode():
            outputs.append(network(pixels))
    for output in outputs[1:]:
        assert (output - outputs[0]).abs().max() < _SAME


def test_far_patches_meet_in_global_blocks_only() -> None:
    """A change in one corner reaches the other corner exactly where a block is global."""
    for blocks, reaches in (((), False), ((1,), True)):
        config = VisionConfig(
            (128, 128), width=32, depth=2, heads=2, window=(4, 4), global_blocks=blocks, neck=8
        )
        network = VisionVocabulary(config).eval()
        network.load_state_dict(_random_state(config))
        pixels = torch.zeros(1, 3, 128, 128)
        changed = pixels.clone()
        changed[..., :16, :16] = 1
        with torch.inference_mode():
            difference = (
                (network.forward_features(pixels) - network.forward_features(changed)).abs().amax(-1)[0]
            )
        assert difference[0, 0] > 0.1
        assert difference[3, 3] > 1e-5  # the same window
        assert (difference[7, 7] > 1e-5) == reaches


def test_shapes_tell_the_configuration() -> None:
    config = VisionConfig(
        (96, 160), width=48, depth=4, heads=3, mlp_ratio=2.0, window=(3, 4), global_blocks=(1, 3), neck=8,
        reduction=(16,), mean=CLIP_MEAN, std=CLIP_STD, resample="bicubic",
    )  # fmt: skip
    plain = VisionConfig(mean=CLIP_MEAN, std=CLIP_STD, resample="bicubic")
    assert config_of(_random_state(config), plain) == config


def test_the_graph_is_static(tmp_path: Path) -> None:
    """The network traces whole, and the traced graph gives the same for other pixels."""
    config = VisionConfig((96, 160), width=32, depth=2, heads=2, window=(4, 4), global_blocks=(1,), neck=8)
    network = VisionVocabulary(config).eval()
    network.load_state_dict(_random_state(config))
    exported = torch.export.export(network, (torch.zeros(1, 3, 96, 160),)).module()
    pixels = torch.rand(1, 3, 96, 160)
    with torch.inference_mode():
        assert (exported(pixels) - network(pixels)).abs().max() < _SAME


def test_preprocessing_follows_the_configuration() -> None:
    image = np.full((40, 100, 3), (255, 0, 127), dtype=np.uint8)
    plain = VisionConfig((32, 64)).preprocess([image, image[:10]])
    assert plain.shape == (2, 3, 32, 64) and plain.dtype == np.float32
    assert np.allclose(plain[:, 0], 1) and np.allclose(plain[:, 1], 0) and np.allclose(plain[:, 2], 127 / 255)
    clip = VisionConfig((32, 64), mean=CLIP_MEAN, std=CLIP_STD, resample="bicubic").preprocess([image])
    assert np.allclose(clip[0, 0], (1 - CLIP_MEAN[0]) / CLIP_STD[0], atol=1e-5)
    padded = VisionConfig((32, 128), fit="pad").preprocess([np.zeros((40, 100, 3), dtype=np.uint8)])
    assert (padded[0, :, :, :80] == 0).all() and (padded[0, :, :, 80:] == 1).all()
    tall = VisionConfig((32, 128), fit="pad").preprocess([np.zeros((4000, 2, 3), dtype=np.uint8)])
    assert (tall[0, :, :, :1] == 0).all() and (tall[0, :, :, 1:] == 1).all()


def test_an_impossible_configuration_is_refused() -> None:
    with pytest.raises(ValueError, match="heads"):
        VisionConfig(width=100, heads=3)
    with pytest.raises(ValueError, match="patch"):
        VisionConfig(image_size=(100, 128))


def test_clip_sees_the_middle() -> None:
    from transformers import CLIPImageProcessorPil

    image = np.random.default_rng(0).integers(0, 256, (61, 97, 3), dtype=np.uint8)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    theirs = processor(image, return_tensors="np")["pixel_values"]
    assert np.abs(clip_pixels([image], 28) - theirs).max() < 1e-5


def _dual(weights: tuple[float, float] | None) -> tuple[Any, Any, DualVocabulary]:
    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=1,
        image_size=28,
        patch_size=14,
    )
    clip = CLIPVisionModel(config).eval()
    again = CLIPVisionModel(config).eval()
    again.load_state_dict(clip.state_dict())
    small = VisionConfig(
        (128, 128), width=32, depth=2, heads=2, window=(4, 4), global_blocks=(1,), neck=8, reduction=(16, 24)
    )
    encoder = VisionVocabulary(small).eval()
    encoder.load_state_dict(_random_state(small))
    dual = DualVocabulary(clip, encoder, torch.nn.Linear(64, 20), torch.nn.Linear(24, 20), weights).eval()
    return again, encoder, dual


@pytest.mark.parametrize("weights", [None, (0.3, 0.7)], ids=["concatenated", "averaged"])
def test_two_vocabularies(weights: tuple[float, float] | None) -> None:
    clip, encoder, dual = _dual(weights)
    images = [np.random.default_rng(k).integers(0, 256, (50, 70, 3), dtype=np.uint8) for k in range(2)]
    small, large = dual.preprocess(images)
    with torch.inference_mode():
        seen = dual.clip_projector(clip(small, output_hidden_states=True).hidden_states[-2][:, 1:])
        written = dual.vision_projector(encoder(large))
        found = dual(small, large)
    if weights is None:
        expected = torch.cat([seen, written], dim=-1)
    else:
        expected = weights[0] * seen + weights[1] * written
    assert found.shape == (2, 4, 40 if weights is None else 20)
    assert (found - expected).abs().max() < 1e-5


def test_two_vocabularies_need_equal_tokens() -> None:
    clip, _, dual = _dual(None)
    wide = VisionVocabulary(
        VisionConfig((128, 256), width=32, depth=1, heads=1, window=(4, 4), global_blocks=())
    )
    with pytest.raises(ValueError, match="4 tokens"):
        DualVocabulary(clip, wide, dual.clip_projector, dual.vision_projector)
