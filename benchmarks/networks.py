"""Speed of docvlm's networks beside transformers' own, with the same random weights, in one run.

    python -m benchmarks.networks [--devices cpu,cuda] [--precisions float32,bfloat16] [--only encoder,decoder]
                                  [--threads N] [--rounds N]

Encoder: images per second of `VisionVocabulary` and of transformers' GOT-OCR2 encoder with its two
convolutions, at SAM-B size (1024 pixels). Decoder: tokens per second of 16 regions, written by `generate` as one
batch and by transformers' `generate` with the same weights in a Llama, one region at a time as well as in one
batch (all prefixes here have one length, so that needs no padding). Both write until `--tokens`; the rows say
how far results agree.

Every contender is warmed up, contenders take turns within a round, the device is synchronized before each
look at the clock, and medians count. Prints Markdown and writes it to `benchmarks/results/networks.md`.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import torch
import transformers
from torch import Tensor, nn
from transformers.models.got_ocr2.configuration_got_ocr2 import GotOcr2VisionConfig
from transformers.models.got_ocr2.modeling_got_ocr2 import GotOcr2VisionEncoder

from benchmarks.documents import ROOT, cores, processor, table
from docvlm.decoding.config import DecoderConfig
from docvlm.decoding.graph import Arrays
from docvlm.decoding.rows import Plan, Rows, plan
from docvlm.decoding.schedule import write_all
from docvlm.networks.decoder import CompactDecoder, to_llama
from docvlm.networks.graphs import StepGraph
from docvlm.networks.vision import VisionConfig, VisionVocabulary
from docvlm.runtimes.torch import EagerGraph

REGIONS = 16
PREFIX = 256
DECODER = DecoderConfig(vocabulary=4096, width=256, depth=6, heads=4, kv_heads=2, mlp=704, max_length=1024)
END = 0

_PUBLISHED_TO_TRANSFORMERS = {
    "patch_embed.proj": "patch_embed.projection",
    "blocks.": "layers.",
    "norm1": "layer_norm1",
    "norm2": "layer_norm2",
    "neck.0": "neck.conv1",
    "neck.1": "neck.layer_norm1",
    "neck.2": "neck.conv2",
    "neck.3": "neck.layer_norm2",
}


@dataclass
class Contender:
    """One way of doing the work: ``run`` does all of it once and returns its result."""

    label: str
    run: Callable[[], Any]
    share: float = 1.0  # of the work that `run` does, where the whole would take too long
    seconds: list[float] = field(default_factory=list)
    result: Any = None

    @property
    def total_s(self) -> float:
        """Seconds for the whole work."""
        return median(self.seconds) / self.share


def measure(contenders: Sequence[Contender], device: torch.device, rounds: int) -> None:
    """Times the contenders in turns, after one warm-up each."""
    for contender in contenders:
        contender.result = contender.run()
    for _ in range(rounds):
        for contender in contenders:
            _synchronize(device)
            start = time.perf_counter()
            contender.run()
            _synchronize(device)
            contender.seconds.append(time.perf_counter() - start)


def _synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


# --- encoder --------------------------------------------------------------------------------------


class TransformersEncoder(nn.Module):
    """transformers' GOT-OCR2 encoder and the two convolutions of its projector."""

    def __init__(self, ours: VisionVocabulary) -> None:
        super().__init__()
        config = ours.config
        self.encoder = GotOcr2VisionEncoder(
            GotOcr2VisionConfig(
                hidden_size=config.width,
                output_channels=config.neck,
                num_hidden_layers=config.depth,
                num_attention_heads=config.heads,
                image_size=config.image_size[0],
                window_size=config.window[0],
                global_attn_indexes=list(config.global_blocks),
                mlp_dim=int(config.width * config.mlp_ratio),
            )
        )
        state = {}
        for name, tensor in ours.state_dict().items():
            for published, theirs in _PUBLISHED_TO_TRANSFORMERS.items():
                name = name.replace(published, theirs)
            state[name] = tensor
        reducers = [state.pop("net_2.weight"), state.pop("net_3.weight")]
        self.encoder.load_state_dict(state)
        self.reducers = nn.Sequential(
            *(nn.Conv2d(w.shape[1], w.shape[0], 3, stride=2, padding=1, bias=False) for w in reducers)
        )
        self.reducers.load_state_dict({f"{n}.weight": weight for n, weight in enumerate(reducers)})

    def forward(self, pixels: Tensor) -> Tensor:
        reduced: Tensor = self.reducers(self.encoder(pixels).last_hidden_state)
        return reduced.flatten(2).transpose(1, 2)


def measure_encoder(device: torch.device, dtype: torch.dtype, batch: int, rounds: int) -> list[list[str]]:
    torch.manual_seed(0)
    ours = VisionVocabulary(VisionConfig()).eval()
    with torch.no_grad():
        for parameter in ours.parameters():  # as much spread as trained weights, everywhere
            fan = max(1, parameter[0].numel()) if parameter.dim() > 1 else 100
            parameter.normal_(std=fan**-0.5)
            parameter.add_(1.0 if parameter.dim() == 1 else 0.0)
    theirs = TransformersEncoder(ours).eval()
    pixels = torch.rand(batch, 3, 1024, 1024).to(device, dtype)
    networks = {"docvlm VisionVocabulary": ours, "transformers GotOcr2VisionEncoder": theirs}
    contenders = [
        Contender(label, _encoding(network.to(device, dtype), pixels)) for label, network in networks.items()
    ]
    measure(contenders, device, rounds)
    first, second = (contender.result.float() for contender in contenders)
    off = f"{(first - second).abs().max() / second.abs().max():.1e}"
    return [
        [
            contender.label,
            str(device.type),
            _name(dtype),
            str(batch),
            f"{contender.total_s:.3f}",
            f"{batch / contender.total_s:.2f}",
            f"{contenders[1].total_s / contender.total_s:.2f}",
            off if contender is contenders[0] else "",
        ]
        for contender in contenders
    ]


def _encoding(network: nn.Module, pixels: Tensor) -> Callable[[], Tensor]:
    def run() -> Tensor:
        with torch.inference_mode():
            tokens: Tensor = network(pixels)
        return tokens

    return run


# --- decoder --------------------------------------------------------------------------------------


def measure_decoder(
    device: torch.device, dtype: torch.dtype, tokens: int, one_by_one: int, rounds: int
) -> list[list[str]]:
    torch.manual_seed(0)
    decoder = CompactDecoder(DECODER).eval()
    with torch.no_grad():
        for parameter in decoder.parameters():  # larger than at the start of training: clear preferences
            parameter.mul_(4.0 if parameter.dim() > 1 else 1.0)
        decoder.embedding.weight[END] = 0.0  # never the best: every row is `tokens` long
    decoder.to(device, dtype)
    peer = llama(decoder).to(device, dtype).eval()
    prefixes = torch.randn(REGIONS, PREFIX, DECODER.width).to(device, dtype) * 0.1
    contenders = [
        Contender(f"docvlm, batch of {REGIONS}", _ours(decoder, prefixes, tokens)),
        Contender(
            "transformers generate, one by one",
            _theirs(peer, prefixes[:one_by_one], tokens, 1),
            one_by_one / REGIONS,
        ),
        Contender(f"transformers generate, batch of {REGIONS}", _theirs(peer, prefixes, tokens, REGIONS)),
    ]
    measure(contenders, device, rounds)
    return [
        [
            contender.label,
            str(device.type),
            _name(dtype),
            f"{contender.total_s:.2f}",
            f"{REGIONS * tokens / contender.total_s:.0f}",
            f"{contenders[1].total_s / contender.total_s:.1f}",
            f"{agreement(contender.result, contenders[0].result):.0%}",
        ]
        for contender in contenders
    ]


def llama(decoder: CompactDecoder) -> Any:
    """transformers' Llama with the decoder's weights."""
    config = decoder.config
    peer = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=config.vocabulary,
            hidden_size=config.width,
            intermediate_size=config.mlp,
            num_hidden_layers=config.depth,
            num_attention_heads=config.heads,
            num_key_value_heads=config.kv_heads,
            max_position_embeddings=config.max_length,
            rms_norm_eps=config.eps,
            rope_parameters={"rope_type": "default", "rope_theta": config.rope_base},
            tie_word_embeddings=config.tied,
            eos_token_id=END,
            pad_token_id=END,
        )
    )
    peer.load_state_dict(to_llama(decoder.state_dict(), config))
    return peer


class Regions(Rows):
    """Rows whose prefixes are there already: tensors (length, width)."""

    def __init__(
        self, decoder: CompactDecoder, prefixes: Sequence[Tensor], plans: Sequence[Plan], slots: int
    ) -> None:
        step = EagerGraph(StepGraph(decoder), prefixes[0].device)
        super().__init__(step, plans, slots, decoder.config.vocabulary, None)
        self.decoder, self.prefixes = decoder, prefixes

    @torch.inference_mode()
    def prefill(self, numbers: Sequence[int]) -> Arrays:
        prefixes = [self.prefixes[number] for number in numbers]
        lengths = torch.tensor([len(prefix) for prefix in prefixes], device=prefixes[0].device)
        padded = nn.utils.rnn.pad_sequence(prefixes, batch_first=True)
        return dict(zip(("state", "keys", "values"), self.decoder.prefill(padded, lengths)))


def _ours(decoder: CompactDecoder, prefixes: Tensor, tokens: int) -> Callable[[], list[list[int]]]:
    def run() -> list[list[int]]:
        # Random weights soon write in circles; the guard would end rows that the peer goes on with.
        plans = [plan(len(prefix), tokens, decoder.config.max_length) for prefix in prefixes]
        rows = write_all(Regions(decoder, list(prefixes), plans, REGIONS), END, guard=False)
        return [list(row.actions) for row in rows]

    return run


def _theirs(peer: Any, prefixes: Tensor, tokens: int, batch: int) -> Callable[[], list[list[int]]]:
    def run() -> list[list[int]]:
        rows: list[list[int]] = []
        for some in torch.split(prefixes, batch):
            mask = torch.ones(some.shape[:2], dtype=torch.long, device=some.device)
            rows += peer.generate(
                inputs_embeds=some, attention_mask=mask, max_new_tokens=tokens, do_sample=False
            ).tolist()
        return rows

    return run


def agreement(rows: list[list[int]], reference: list[list[int]]) -> float:
    """Share of rows that are the same to the last token, of those that both have."""
    pairs = list(zip(rows, reference))
    return sum(row == other for row, other in pairs) / len(pairs)


# --- reporting ------------------------------------------------------------------------------------

ENCODER_HEADER = (
    "encoder, 1024 px, SAM-B size", "device", "precision", "batch", "s", "images/s", "× transformers", "max rel. diff."
)  # fmt: skip
DECODER_HEADER = ("decoder", "device", "precision", "s", "tokens/s", "× one by one", "same rows as docvlm")


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def conditions(devices: Sequence[torch.device], rounds: int) -> str:
    """Hardware and versions."""
    parts = [f"{processor()}, {cores()} cores, {torch.get_num_threads()} threads"]
    parts += [torch.cuda.get_device_name(device) for device in devices if device.type == "cuda"]
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}"
    return (
        f"Medians of {rounds} rounds after a warm-up, on {'; '.join(parts)}; {platform.system()}, {versions}."
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    available = "cpu,cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--devices", default=available, help="cpu, cuda or both")
    parser.add_argument("--threads", type=int, default=cores(), help="of the processor")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds; the median counts")
    parser.add_argument("--precisions", default="float32,bfloat16", help="float32, bfloat16 or both")
    parser.add_argument("--only", default="encoder,decoder", help="encoder, decoder or both")
    parser.add_argument("--tokens", type=int, default=128, help="written per region")
    parser.add_argument(
        "--one-by-one",
        type=int,
        default=4,
        help=f"regions that transformers writes one by one; its time is scaled to {REGIONS}",
    )
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "networks.md")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(chosen.threads)
    devices = [torch.device(name) for name in chosen.devices.split(",")]
    encoder: list[list[str]] = []
    decoder: list[list[str]] = []
    for device in devices:
        for dtype in (getattr(torch, name) for name in chosen.precisions.split(",")):
            if "encoder" in chosen.only:
                encoder += measure_encoder(device, dtype, 1 if device.type == "cpu" else 8, chosen.rounds)
            if "decoder" in chosen.only:
                decoder += measure_decoder(device, dtype, chosen.tokens, chosen.one_by_one, chosen.rounds)
    parts = [table(ENCODER_HEADER, encoder)] if encoder else []
    if decoder:
        shape = f"width {DECODER.width}, {DECODER.depth} layers, prefix of {PREFIX}, {chosen.tokens} tokens written"
        scaled = f"one by one: {chosen.one_by_one} regions timed, scaled to {REGIONS}"
        parts += [table(DECODER_HEADER, decoder), f"Decoder: {REGIONS} regions, {shape}; {scaled}."]
    text = "\n\n".join([*parts, conditions(devices, chosen.rounds)]) + "\n"
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
