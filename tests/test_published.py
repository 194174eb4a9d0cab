"""OneChart and Vary directories as published: the right tokens, every key accounted for, no pickles."""

from __future__ import annotations

import base64
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch.nn.functional as F  # noqa: E402, N812
from safetensors.torch import load_file, save_file  # noqa: E402
from tokenizers import pre_tokenizers  # noqa: E402
from transformers import CLIPVisionConfig, CLIPVisionModel  # noqa: E402

from docvlm import checkpoints  # noqa: E402
from docvlm.decoding.interface import Format  # noqa: E402
from docvlm.errors import DamagedModel  # noqa: E402
from docvlm.networks.published import onechart, prompted, vary  # noqa: E402
from docvlm.networks.published.tokenizer import load_tokenizer  # noqa: E402
from docvlm.networks.vision import CLIP_MEAN, CLIP_STD  # noqa: E402

State = dict[str, Any]
Image = NDArray[np.uint8]

_WIDTH, _LAYERS, _HEADS, _FFN = 32, 2, 2, 48
_SIDE, _VISION_WIDTH, _VISION_HEADS, _WINDOW, _GLOBAL = 128, 32, 2, 3, (1,)
_LIMIT = 24
_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
_BASE = ["<s>", "<pad>", "</s>", "<unk>", *_BYTES]
_NUMBER = len(_BASE) + 3
_OPT_VOCABULARY = len(_BASE) + 4


# A plain implementation of what the published checkpoints compute, written from their description: one
# image, one step at a time, no cache, tensors by their published names.


def _plain_vision(state: State, pixels: Any) -> Any:
    """SAM's encoder with Vary's two convolutions: (3, side, side) -> (tokens, width)."""
    x = F.conv2d(pixels[None], state["patch_embed.proj.weight"], state["patch_embed.proj.bias"], stride=16)
    x = x[0].permute(1, 2, 0) + state["pos_embed"][0]
    block = 0
    while f"blocks.{block}.norm1.weight" in state:
        part = {k.removeprefix(f"blocks.{block}."): v for k, v in state.items()}
        y = F.layer_norm(x, x.shape[-1:], part["norm1.weight"], part["norm1.bias"], 1e-6)
        x = x + (_plain_attention(part, y) if block in _GLOBAL else _plain_windows(part, y))
        y = F.layer_norm(x, x.shape[-1:], part["norm2.weight"], part["norm2.bias"], 1e-6)
        y = F.gelu(F.linear(y, part["mlp.lin1.weight"], part["mlp.lin1.bias"]))
        x = x + F.linear(y, part["mlp.lin2.weight"], part["mlp.lin2.bias"])
        block += 1
    x = F.conv2d(x.permute(2, 0, 1)[None], state["neck.0.weight"])
    x = _plain_norm2d(x, state["neck.1.weight"], state["neck.1.bias"])
    x = F.conv2d(x, state["neck.2.weight"], padding=1)
    x = _plain_norm2d(x, state["neck.3.weight"], state["neck.3.bias"])
    x = F.conv2d(x, state["net_2.weight"], stride=2, padding=1)
    x = F.conv2d(x, state["net_3.weight"], stride=2, padding=1)
    return x[0].flatten(1).T


def _plain_norm2d(x: Any, weight: Any, bias: Any) -> Any:
    x = (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True, unbiased=False) + 1e-6).sqrt()
    return x * weight[:, None, None] + bias[:, None, None]


def _plain_windows(part: State, x: Any) -> Any:
    side, w = x.shape[0], _WINDOW
    padded = torch.zeros(-(-side // w) * w, -(-side // w) * w, x.shape[-1])
    padded[:side, :side] = x
    out = torch.zeros_like(padded)
    for i in range(0, padded.shape[0], w):
        for j in range(0, padded.shape[1], w):
            out[i : i + w, j : j + w] = _plain_attention(part, padded[i : i + w, j : j + w])
    return out[:side, :side]


def _plain_attention(part: State, x: Any) -> Any:
    rows, columns, width = x.shape
    each = width // _VISION_HEADS
    qkv = F.linear(x, part["attn.qkv.weight"], part["attn.qkv.bias"]).reshape(rows * columns, 3, -1, each)
    mixed = []
    for head in range(_VISION_HEADS):
        q, k, v = qkv[:, 0, head], qkv[:, 1, head], qkv[:, 2, head]
        scores = q @ k.T / math.sqrt(each)
        for i in range(rows * columns):
            for j in range(rows * columns):
                down = i // columns - j // columns + rows - 1
                across = i % columns - j % columns + columns - 1
                scores[i, j] += q[i] @ (part["attn.rel_pos_h"][down] + part["attn.rel_pos_w"][across])
        mixed.append(scores.softmax(-1) @ v)
    y = torch.cat(mixed, dim=-1).reshape(rows, columns, width)
    return F.linear(y, part["attn.proj.weight"], part["attn.proj.bias"])


def _plain_opt(state: State, x: Any) -> Any:
    """OPT's decoder over (positions, width) embeddings -> normalized last hidden states."""
    x = x + state["model.decoder.embed_positions.weight"][2 : 2 + len(x)]
    for layer in range(_LAYERS):
        part = {k.removeprefix(f"model.decoder.layers.{layer}."): v for k, v in state.items()}
        y = _norm(x, part, "self_attn_layer_norm")
        q, k, v = (_linear(y, part, f"self_attn.{name}_proj") for name in "qkv")
        x = x + _linear(_causal(q, k, v, _HEADS), part, "self_attn.out_proj")
        y = _linear(_norm(x, part, "final_layer_norm"), part, "fc1").relu()
        x = x + _linear(y, part, "fc2")
    return _norm(x, state, "model.decoder.final_layer_norm")


def _norm(x: Any, part: State, name: str) -> Any:
    return F.layer_norm(x, x.shape[-1:], part[f"{name}.weight"], part[f"{name}.bias"], 1e-5)


def _linear(x: Any, part: State, name: str) -> Any:
    return F.linear(x, part[f"{name}.weight"], part.get(f"{name}.bias"))


def _causal(q: Any, k: Any, v: Any, heads: int) -> Any:
    hidden = torch.ones(len(q), len(q)).triu(1).bool()
    mixed = []
    for a, b, c in zip(q.chunk(heads, -1), k.chunk(heads, -1), v.chunk(heads, -1)):
        scores = (a @ b.T / math.sqrt(a.shape[-1])).masked_fill(hidden, -math.inf)
        mixed.append(scores.softmax(-1) @ c)
    return torch.cat(mixed, dim=-1)


def _plain_qwen(state: State, x: Any) -> Any:
    """The first Qwen over (positions, width) embeddings -> normalized last hidden states."""
    each = _WIDTH // _HEADS
    angles = torch.outer(torch.arange(len(x)).float(), 10000 ** -(torch.arange(0, each, 2) / each))
    turn = torch.cat([angles, angles], dim=-1)

    def rotated(y: Any) -> Any:
        heads = []
        for part in y.chunk(_HEADS, -1):
            first, second = part.chunk(2, -1)
            heads.append(part * turn.cos() + torch.cat([-second, first], -1) * turn.sin())
        return torch.cat(heads, -1)

    def normed(y: Any, weight: Any) -> Any:
        return y * (y.pow(2).mean(-1, keepdim=True) + 1e-6).rsqrt() * weight

    for layer in range(_LAYERS):
        part = {k.removeprefix(f"transformer.h.{layer}."): v for k, v in state.items()}
        q, k, v = _linear(normed(x, part["ln_1.weight"]), part, "attn.c_attn").chunk(3, -1)
        x = x + _linear(_causal(rotated(q), rotated(k), v, _HEADS), part, "attn.c_proj")
        y = normed(x, part["ln_2.weight"])
        x = x + _linear(_linear(y, part, "mlp.w1") * F.silu(_linear(y, part, "mlp.w2")), part, "mlp.c_proj")
    return normed(x, state["transformer.ln_f.weight"])


def _plain_greedy(
    state: State, x: Any, forward: Callable[[State, Any], Any], table: Any, end: int
) -> tuple[list[int], list[float], Any]:
    """Tokens, their log-probabilities, and all hidden states of the last pass over them."""
    tokens: list[int] = []
    log_probs: list[float] = []
    while True:
        hidden = forward(state, x)
        if len(tokens) == _LIMIT or end in tokens:
            return tokens, log_probs, hidden
        scores = (state["lm_head.weight"] @ hidden[-1]).log_softmax(-1)
        tokens.append(int(scores.argmax()))
        log_probs.append(float(scores.max()))
        x = torch.cat([x, table[tokens[-1]][None]])


# Tiny checkpoints with random weights, laid out as published.


def _vision_shapes(prefix: str) -> dict[str, tuple[int, ...]]:
    width, grid, neck, each = _VISION_WIDTH, _SIDE // 16, 16, _VISION_WIDTH // _VISION_HEADS
    shapes: dict[str, tuple[int, ...]] = {
        "patch_embed.proj.weight": (width, 3, 16, 16),
        "patch_embed.proj.bias": (width,),
        "pos_embed": (1, grid, grid, width),
        "neck.0.weight": (neck, width, 1, 1),
        "neck.1.weight": (neck,),
        "neck.1.bias": (neck,),
        "neck.2.weight": (neck, neck, 3, 3),
        "neck.3.weight": (neck,),
        "neck.3.bias": (neck,),
        "net_2.weight": (24, neck, 3, 3),
        "net_3.weight": (40, 24, 3, 3),
    }
    for block in range(3):
        span = 2 * (grid if block in _GLOBAL else _WINDOW) - 1
        for name, shape in {
            "norm1.weight": (width,),
            "norm1.bias": (width,),
            "attn.qkv.weight": (3 * width, width),
            "attn.qkv.bias": (3 * width,),
            "attn.proj.weight": (width, width),
            "attn.proj.bias": (width,),
            "attn.rel_pos_h": (span, each),
            "attn.rel_pos_w": (span, each),
            "norm2.weight": (width,),
            "norm2.bias": (width,),
            "mlp.lin1.weight": (4 * width, width),
            "mlp.lin1.bias": (4 * width,),
            "mlp.lin2.weight": (width, 4 * width),
            "mlp.lin2.bias": (width,),
        }.items():
            shapes[f"blocks.{block}.{name}"] = shape
    return {prefix + name: shape for name, shape in shapes.items()}


def _opt_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "model.decoder.embed_tokens.weight": (_OPT_VOCABULARY, _WIDTH),
        "model.decoder.embed_positions.weight": (514, _WIDTH),
        "model.decoder.final_layer_norm.weight": (_WIDTH,),
        "model.decoder.final_layer_norm.bias": (_WIDTH,),
        "lm_head.weight": (_OPT_VOCABULARY, _WIDTH),
        "model.mm_projector.weight": (_WIDTH, 40),
        "model.mm_projector.bias": (_WIDTH,),
    }
    for layer in range(_LAYERS):
        at = f"model.decoder.layers.{layer}."
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes |= {
                f"{at}self_attn.{name}.weight": (_WIDTH, _WIDTH),
                f"{at}self_attn.{name}.bias": (_WIDTH,),
            }
        for name in ("self_attn_layer_norm", "final_layer_norm"):
            shapes |= {f"{at}{name}.weight": (_WIDTH,), f"{at}{name}.bias": (_WIDTH,)}
        shapes |= {f"{at}fc1.weight": (_FFN, _WIDTH), f"{at}fc1.bias": (_FFN,)}
        shapes |= {f"{at}fc2.weight": (_WIDTH, _FFN), f"{at}fc2.bias": (_WIDTH,)}
    return shapes | _vision_shapes("model.vision_tower.")


def _head_shapes() -> dict[str, tuple[int, ...]]:
    half = _WIDTH // 2
    return {
        "num_decoder.0.weight": (half, _WIDTH),
        "num_decoder.0.bias": (half,),
        "num_decoder.2.weight": (half, half),
        "num_decoder.2.bias": (half,),
        "num_decoder.4.weight": (256, half),
        "num_decoder.4.bias": (256,),
    }


def _random(shapes: dict[str, tuple[int, ...]], seed: int) -> State:
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in shapes.items():
        size = math.prod(shape[1:]) if len(shape) > 1 else 25
        state[name] = torch.randn(shape, generator=generator) * size**-0.5
        if name.endswith("weight") and len(shape) == 1:
            state[name] += 1
    # What comes from the image must weigh as much as the many words: sharp attention.
    for name in state:
        if name.endswith(("q_proj.weight", "c_attn.weight")):
            state[name] *= 3
    return state


def _opt_folder(folder: Path, architecture: str, state: State) -> Path:
    folder.mkdir(exist_ok=True)
    config = {
        "architectures": [architecture], "model_type": "OneChart" if "Chart" in architecture else "vary",
        "hidden_size": _WIDTH, "ffn_dim": _FFN,
        "num_hidden_layers": _LAYERS, "num_attention_heads": _HEADS, "vocab_size": _OPT_VOCABULARY,
        "word_embed_proj_dim": _WIDTH, "max_position_embeddings": 512, "image_token_len": 4,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.json").write_text(json.dumps({token: k for k, token in enumerate(_BASE)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    added = {"<imgpad>": _NUMBER - 3, "<img>": _NUMBER - 2, "</img>": _NUMBER - 1, "<Number>": _NUMBER}
    (folder / "added_tokens.json").write_text(json.dumps(added))
    save_file(state, folder / "model.safetensors")
    return folder


def _images(count: int) -> list[Image]:
    """Stripes of different colours, widths and directions."""
    random = np.random.default_rng(5)
    images = []
    for k in range(count):
        y, x = np.mgrid[: 60 + 9 * k, : 150 - 7 * k]
        stripes = (x * (k % 2) + y * (1 - k % 2)) // (8 * (k + 1)) % 2
        images.append(random.integers(0, 256, (2, 3)).astype(np.uint8)[stripes])
    return images


def _opt_words(asked: str) -> list[int]:
    """Ids of OPT's start token and the vicuna turn around an image and ``asked``."""
    before = (
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
        "detailed, and polite answers to the user's questions. USER: "
    )
    letters = {" ": "Ġ", "\n": "Ċ"}

    def ids(text: str) -> list[int]:
        return [_BASE.index(letters.get(letter, letter)) for letter in text]

    return [2, *ids(before), _NUMBER - 2, *[_NUMBER - 3] * 4, _NUMBER - 1, *ids(f"{asked} ASSISTANT:")]


def _plain_start(state: State, words: list[int], features: Any, table: Any, pad: int) -> Any:
    x = table[torch.tensor(words)].clone()
    first = words.index(pad)
    x[first : first + len(features)] = features
    return x


def _stretched(image: Image, mean: Any = 0.0, std: Any = 1.0, bicubic: bool = False) -> Any:
    if bicubic:
        from PIL import Image as Pillow

        small = np.asarray(Pillow.fromarray(image).resize((_SIDE, _SIDE), Pillow.Resampling.BICUBIC))
    else:
        import cv2

        small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
    return torch.from_numpy(((small / 255 - mean) / std).astype(np.float32)).permute(2, 0, 1)


def _plain_onechart(state: State, image: Image) -> tuple[list[int], list[float], Any]:
    """Tokens, log-probabilities, and the head's 100 outputs or ``None``."""
    table = state["model.decoder.embed_tokens.weight"]
    tower = {k.removeprefix("model.vision_tower."): v for k, v in state.items() if "vision_tower" in k}
    features = _linear(_plain_vision(tower, _stretched(image)), state, "model.mm_projector")
    words = _opt_words("Convert the key information of the chart to a python dict:\n")
    x = _plain_start(state, words, features, table, _NUMBER - 3)
    tokens, log_probs, hidden = _plain_greedy(state, x, _plain_opt, table, 2)
    if _NUMBER not in tokens:
        return tokens, log_probs, None
    y = hidden[len(words) + tokens.index(_NUMBER)]
    y = _linear(_linear(y, state, "num_decoder.0").relu(), state, "num_decoder.2").relu()
    return tokens, log_probs, _linear(y, state, "num_decoder.4")[:100]


def _chart_state(seed: int) -> State:
    state = _random(_opt_shapes() | _head_shapes(), seed)
    # So that answers begin with the auxiliary token or end by themselves, as a trained model's do.
    state["lm_head.weight"][_NUMBER] *= 2.5
    state["lm_head.weight"][2] *= 2.5
    return state


# OneChart.


# Weights under which all five answers begin with the auxiliary token, differ, and end at different
# lengths; and some under which two answers of five write it, later.
@pytest.mark.parametrize(("seed", "numbered"), [(25, 5), (26, 2)])
def test_onechart_is_what_the_description_says(
    seed: int, numbered: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = _chart_state(seed)
    model = onechart.load(_opt_folder(tmp_path, "OneChartOPTForCausalLM", state), "chart", "cpu")
    written: list[prompted.Answer] = []

    def noted(answer: prompted.Answer, tokenizer: Any) -> Any:
        written.append(answer)
        return prompted.reading(answer, tokenizer)

    monkeypatch.setattr(onechart, "reading", noted)
    images = _images(5)
    charts = model.read_charts(images, max_tokens=_LIMIT)  # a batch of four, then one of one
    with torch.inference_mode():
        expected = [_plain_onechart(state, image) for image in images]
    assert [list(answer.tokens) for answer in written] == [tokens for tokens, _, _ in expected]
    assert len({answer.tokens for answer in written}) > 1
    assert sum(numbers is not None for _, _, numbers in expected) == numbered
    for chart, (tokens, log_probs, numbers) in zip(charts, expected):
        assert chart.finished == (2 in tokens) and not chart.repeated
        assert np.allclose(chart.log_probs, log_probs, atol=1e-4)
        assert chart.numbers.shape == ((0,) if numbers is None else (100,))
        assert numbers is None or np.allclose(chart.numbers, numbers, atol=1e-4)
        assert "<Number>" not in chart.text and "</s>" not in chart.text
    assert [r.text for r in model.read(images[:2], max_tokens=_LIMIT)] == [c.text for c in charts[:2]]


@pytest.mark.parametrize("every", [1, 7])
def test_a_batch_reads_what_each_image_alone_reads(
    every: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where rows that are over are only looked for every few tokens, as on an accelerator."""
    model = onechart.load(_opt_folder(tmp_path, "OneChartOPTForCausalLM", _chart_state(25)), "chart", "cpu")
    images = _images(5)
    alone = [model.read_charts([image], max_tokens=_LIMIT)[0] for image in images]
    assert len({len(chart.log_probs) for chart in alone}) > 1
    monkeypatch.setattr(prompted, "_looks", lambda device: every)
    model.batch_size = 5
    for one, together in zip(alone, model.read_charts(images, max_tokens=_LIMIT)):
        assert together.text == one.text and together.finished == one.finished
        assert np.allclose(together.log_probs, one.log_probs, atol=1e-4)
        assert np.allclose(together.numbers, one.numbers, atol=1e-4)


def test_a_decoder_that_repeats_itself_is_stopped(tmp_path: Path) -> None:
    state = _chart_state(25)
    # Whatever was read or written, the last state is all ones, and word 100 the only one with a logit above 0.
    state["model.decoder.final_layer_norm.weight"] *= 0
    state["model.decoder.final_layer_norm.bias"].fill_(1)
    state["lm_head.weight"] *= 0
    state["lm_head.weight"][100] = 1
    model = onechart.load(_opt_folder(tmp_path, "OneChartOPTForCausalLM", state), "chart", "cpu")
    (chart,) = model.read_charts(_images(1), max_tokens=200)
    assert chart.repeated and not chart.finished
    assert len(chart.log_probs) == 1  # a word once, not for ever


def test_the_sequence_stops_where_positions_end(tmp_path: Path) -> None:
    state = _chart_state(25)
    # Never an end: the answer grows until the 512 positions are full.
    state["lm_head.weight"][2] = 0
    folder = _opt_folder(tmp_path, "OneChartOPTForCausalLM", state)
    config = json.loads((folder / "config.json").read_text())
    words = len(_opt_words("Convert the key information of the chart to a python dict:\n"))
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": words + 9}))
    state["model.decoder.embed_positions.weight"] = state["model.decoder.embed_positions.weight"][
        : words + 11
    ].clone()
    save_file(state, folder / "model.safetensors")
    (chart,) = onechart.load(folder, "chart", "cpu").read_charts(_images(1), max_tokens=400)
    assert len(chart.log_probs) == 9 and not chart.finished


# Keys.


@pytest.mark.parametrize(
    "key",
    [
        "num_decoder.2.bias",
        "lm_head.weight",
        "model.mm_projector.weight",
        "model.vision_tower.blocks.1.attn.rel_pos_h",
        "model.vision_tower.pos_embed",
        "model.decoder.layers.1.fc2.bias",
    ],
)
def test_a_missing_key_is_named(key: str, tmp_path: Path) -> None:
    state = _chart_state(25)
    del state[key]
    folder = _opt_folder(tmp_path, "OneChartOPTForCausalLM", state)
    with pytest.raises(
        DamagedModel, match=rf"missing .*{key.removeprefix('model.vision_tower.')}"
    ) as refusal:
        onechart.load(folder, "chart", "cpu")
    assert refusal.value.remedy


def test_a_surplus_key_is_named(tmp_path: Path) -> None:
    state = _chart_state(25) | {"model.vision_tower.net_4.weight": torch.zeros(1)}
    folder = _opt_folder(tmp_path, "OneChartOPTForCausalLM", state)
    with pytest.raises(DamagedModel, match=r"surplus model\.vision_tower\.net_4\.weight"):
        onechart.load(folder, "chart", "cpu")
    # A OneChart is no Vary-tiny: its head would be lost.
    save_file(_chart_state(25), folder / "model.safetensors")
    with pytest.raises(DamagedModel, match=r"surplus num_decoder\.0\.bias"):
        vary.load(folder, "tiny", "cpu")


def test_a_tensor_of_another_shape_is_named(tmp_path: Path) -> None:
    state = _chart_state(25) | {"model.mm_projector.bias": torch.zeros(_WIDTH + 1)}
    folder = _opt_folder(tmp_path, "OneChartOPTForCausalLM", state)
    with pytest.raises(
        DamagedModel, match=r"another shape: model\.mm_projector\.bias \(33,\) instead of \(32,\)"
    ):
        onechart.load(folder, "chart", "cpu")


def test_shards_are_read_and_a_missing_one_is_named(tmp_path: Path) -> None:
    state = _chart_state(25)
    folder = _opt_folder(tmp_path, "OneChartOPTForCausalLM", state)
    whole = onechart.load(folder, "chart", "cpu").read_charts(_images(1), max_tokens=4)
    (folder / "model.safetensors").unlink()
    homes = {name: f"model-0000{1 + k % 2}-of-00002.safetensors" for k, name in enumerate(sorted(state))}
    for shard in set(homes.values()):
        save_file({name: state[name] for name in state if homes[name] == shard}, folder / shard)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": homes}))
    parts = onechart.load(folder, "chart", "cpu").read_charts(_images(1), max_tokens=4)
    assert parts[0].log_probs == whole[0].log_probs
    (folder / "model-00002-of-00002.safetensors").write_bytes(b"12345678 no header")
    with pytest.raises(DamagedModel, match=r"model-00002-of-00002\.safetensors: damaged"):
        onechart.load(folder, "chart", "cpu")
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(DamagedModel, match=r"names model-00002-of-00002\.safetensors, which is missing"):
        onechart.load(folder, "chart", "cpu")


def test_pickles_are_refused_with_the_command_that_converts_them(tmp_path: Path) -> None:
    state = _chart_state(25)
    folder = _opt_folder(tmp_path, "OneChartOPTForCausalLM", state)
    (folder / "model.safetensors").unlink()
    torch.save(state, folder / "pytorch_model.bin")
    with pytest.raises(DamagedModel, match="is a pickle, which is refused") as refusal:
        onechart.load(folder, "chart", "cpu")
    # The command in the remedy does what it says.
    code = refusal.value.remedy.split('python -c "')[1].removesuffix('"')
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    assert load_file(folder / "model.safetensors").keys() == state.keys()
    onechart.load(folder, "chart", "cpu")


def test_an_index_of_pickles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../pytorch_model.bin"}}')
    with pytest.raises(DamagedModel, match="is a pickle, which is refused"):
        onechart.load(tmp_path, "chart", "cpu")


def test_published_folders_are_known_and_loaded(tmp_path: Path) -> None:
    """As ``--model FOLDER`` finds them."""
    chart = _opt_folder(tmp_path / "chart", "OneChartOPTForCausalLM", _chart_state(25))
    tiny = _opt_folder(tmp_path / "tiny", "varyOPTForCausalLM", _random(_opt_shapes(), 18))
    toy, _, _ = _qwen_folder(tmp_path / "toy", 3)
    for folder, kind in ((chart, onechart.OneChart), (tiny, vary.Vary), (toy, vary.Vary)):
        model = checkpoints.load(str(folder), "cpu")
        assert isinstance(model, kind)
        for form in get_args(Format):
            (read,) = model.read(_images(1), form, 3)
            assert 0 < len(read.log_probs) <= 3 and max(read.log_probs) <= 0


# Vary.


def test_vary_tiny_is_what_the_description_says(tmp_path: Path) -> None:
    state = _random(_opt_shapes(), 18)
    state["lm_head.weight"][2] *= 2.5
    model = vary.load(_opt_folder(tmp_path, "varyOPTForCausalLM", state), "tiny", "cpu")
    table = state["model.decoder.embed_tokens.weight"]
    tower = {k.removeprefix("model.vision_tower."): v for k, v in state.items() if "vision_tower" in k}
    words = _opt_words("\nProvide the OCR results of this image.")
    images = _images(3)
    for image, read in zip(images, model.read(images, "text", _LIMIT)):
        with torch.inference_mode():
            pixels = _stretched(image, CLIP_MEAN, CLIP_STD, bicubic=True)
            features = _linear(_plain_vision(tower, pixels), state, "model.mm_projector")
            x = _plain_start(state, words, features, table, _NUMBER - 3)
            tokens, log_probs, _ = _plain_greedy(state, x, _plain_opt, table, 2)
        assert read.finished == (2 in tokens)
        assert len(read.log_probs) == len(tokens)
        assert np.allclose(read.log_probs, log_probs, atol=1e-4)


_EXTRAS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *(f"<|extra_{i}|>" for i in range(205))]
_MARKS = ["<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>", "<img>", "</img>", "<imgpad>"]
_QWEN_IDS = {token: 257 + k for k, token in enumerate([*_EXTRAS, *_MARKS])}
_QWEN_VOCABULARY = 257 + len(_QWEN_IDS)


def _qwen_folder(folder: Path, seed: int) -> tuple[Path, State, Any]:
    """A tiny Vary-toy; also transformers' CLIP with the same weights."""
    torch.manual_seed(seed)
    clip = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=64, intermediate_size=80, num_hidden_layers=3, num_attention_heads=1, image_size=28,
            patch_size=14,
        )
    ).eval()  # fmt: skip
    shapes: dict[str, tuple[int, ...]] = {
        "transformer.wte.weight": (_QWEN_VOCABULARY, _WIDTH),
        "transformer.ln_f.weight": (_WIDTH,),
        "lm_head.weight": (_QWEN_VOCABULARY, _WIDTH),
        "transformer.mm_projector.weight": (_WIDTH // 2, 64),
        "transformer.mm_projector.bias": (_WIDTH // 2,),
        "transformer.mm_projector_vary.weight": (_WIDTH // 2, 40),
        "transformer.mm_projector_vary.bias": (_WIDTH // 2,),
    }
    for layer in range(_LAYERS):
        shapes |= {
            f"transformer.h.{layer}.{name}": shape
            for name, shape in {
                "ln_1.weight": (_WIDTH,),
                "attn.c_attn.weight": (3 * _WIDTH, _WIDTH),
                "attn.c_attn.bias": (3 * _WIDTH,),
                "attn.c_proj.weight": (_WIDTH, _WIDTH),
                "ln_2.weight": (_WIDTH,),
                "mlp.w1.weight": (_FFN, _WIDTH),
                "mlp.w2.weight": (_FFN, _WIDTH),
                "mlp.c_proj.weight": (_WIDTH, _FFN),
            }.items()
        }
    state = _random(shapes | _vision_shapes("transformer.vision_tower_high."), seed)
    state |= {f"transformer.vision_tower.vision_model.{k}": v.clone() for k, v in clip.state_dict().items()}
    # Saved by old versions of transformers; a constant.
    state["transformer.vision_tower.vision_model.embeddings.position_ids"] = torch.arange(5)[None]
    config = {
        "architectures": ["varyQwenForCausalLM"], "model_type": "vary", "vocab_size": _QWEN_VOCABULARY,
        "hidden_size": _WIDTH, "num_hidden_layers": _LAYERS, "num_attention_heads": _HEADS,
        "intermediate_size": 2 * _FFN, "layer_norm_epsilon": 1e-6, "max_position_embeddings": 2048,
        "seq_length": 512, "rotary_emb_base": 10000,
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    ranks = [bytes([byte]) for byte in range(256)] + [b"ab"]
    lines = [base64.b64encode(token) + b" %d" % rank for rank, token in enumerate(ranks)]
    (folder / "qwen.tiktoken").write_bytes(b"\n".join(lines))
    save_file(state, folder / "model.safetensors")
    return folder, state, clip


def test_vary_toy_is_what_the_description_says(tmp_path: Path) -> None:
    folder, state, clip = _qwen_folder(tmp_path, 3)
    model = vary.load(folder, "toy", "cpu")
    tower = {k.removeprefix("transformer.vision_tower_high."): v for k, v in state.items() if "_high." in k}
    text = (
        "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail."
        "<|im_end|><|im_start|>user\n<img>????</img>\nProvide the ocr results of this image."
        "<|im_end|><|im_start|>assistant\n"
    )
    words = _qwen_words(text)
    images = _images(3)
    found = model.read(images, "text", _LIMIT)
    assert len({read.log_probs for read in found}) == 3
    for image, read in zip(images, found):
        with torch.inference_mode():
            seen = clip(_clip_square(image)[None], output_hidden_states=True).hidden_states[-2][0, 1:]
            high = _plain_vision(tower, _stretched(image, CLIP_MEAN, CLIP_STD, bicubic=True))
            features = torch.cat(
                [
                    _linear(seen, state, "transformer.mm_projector"),
                    _linear(high, state, "transformer.mm_projector_vary"),
                ],
                dim=-1,
            )
            table = state["transformer.wte.weight"]
            x = _plain_start(state, words, features, table, _QWEN_IDS["<imgpad>"])
            _, log_probs, _ = _plain_greedy(state, x, _plain_qwen, table, _QWEN_IDS["<|im_end|>"])
        assert np.allclose(read.log_probs, log_probs, atol=1e-4)


def _qwen_words(text: str) -> list[int]:
    """Ids of a text whose only merged pair is "ab"; each ? stands for the image's token."""
    ids: list[int] = []
    while text:
        token = next((token for token in _QWEN_IDS if text.startswith(token)), None)
        if token is None:
            token = "ab" if text.startswith("ab") else text[0]
            ids.append(256 if token == "ab" else _QWEN_IDS["<imgpad>"] if token == "?" else ord(token))
        else:
            ids.append(_QWEN_IDS[token])
        text = text.removeprefix(token)
    return ids


def _clip_square(image: Image) -> Any:
    from transformers import CLIPImageProcessorPil

    processor = CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    return processor(image, return_tensors="pt")["pixel_values"][0]


def test_a_missing_part_of_vary_is_named_as_published(tmp_path: Path) -> None:
    folder, state, _ = _qwen_folder(tmp_path, 3)
    for key in (
        "transformer.h.1.attn.c_attn.bias",
        "transformer.vision_tower.vision_model.pre_layrnorm.bias",
    ):
        save_file(
            {name: tensor for name, tensor in state.items() if name != key}, folder / "model.safetensors"
        )
        with pytest.raises(DamagedModel, match=f"missing {key}"):
            vary.load(folder, "toy", "cpu")


def test_qwens_vocabulary_gets_its_published_ids(tmp_path: Path) -> None:
    folder, _, _ = _qwen_folder(tmp_path, 3)
    tokenizer = load_tokenizer(folder)
    text = "<|im_start|>cab  x1\u0065\u0301<imgpad>"
    encoded = tokenizer.encode(text, add_special_tokens=False)
    letters = [_QWEN_IDS["<|im_start|>"], ord("c"), 256, ord(" "), ord(" "), ord("x"), ord("1"), 0xC3, 0xA9]
    assert encoded.ids == [*letters, _QWEN_IDS["<imgpad>"]]
    assert tokenizer.decode(encoded.ids) == "cab  x1\u00e9"
    assert _QWEN_IDS["<img>"] - _QWEN_IDS["<|endoftext|>"] == 151857 - 151643


def test_a_broken_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedModel, match="no tokenizer"):
        load_tokenizer(tmp_path)
    (tmp_path / "qwen.tiktoken").write_text("no ranks here")
    with pytest.raises(DamagedModel, match="broken tokenizer"):
        load_tokenizer(tmp_path)
