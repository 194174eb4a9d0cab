"""The compact decoder against transformers' Llama and Qwen2, its cache, its pointers and batched generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from docvlm.anchors import ActionSpace, Anchor, AnchorConfig, encode_anchors  # noqa: E402
from docvlm.decoding.config import DecoderConfig  # noqa: E402
from docvlm.decoding.grammar import ANCHOR, CELL, choice, compile_grammar, literal, repeat, sequence  # noqa: E402
from docvlm.decoding.graph import Arrays  # noqa: E402
from docvlm.decoding.interface import Generated  # noqa: E402
from docvlm.decoding.rows import Plan, Rows, plan  # noqa: E402
from docvlm.decoding.schedule import write_all  # noqa: E402
from docvlm.networks.anchor_embedding import AnchorEmbedding, stack_codes  # noqa: E402
from docvlm.networks.decoder import (  # noqa: E402
    CompactDecoder,
    PointerHead,
    PointerMemory,
    action_logits,
    pack,
    splice,
    to_llama,
)
from docvlm.networks.graphs import MEMORY, StepGraph  # noqa: E402
from docvlm.runtimes.torch import EagerGraph  # noqa: E402

_END = 1
_PLAIN = DecoderConfig(vocabulary=40, width=32, depth=3, heads=4, kv_heads=2, mlp=48, max_length=200)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def _decoder(config: DecoderConfig = _PLAIN, seed: int = 0, sharpness: float = 8.0) -> CompactDecoder:
    """A random decoder. Weights larger than a trained start's give it clear and varied preferences."""
    torch.manual_seed(seed)
    decoder = CompactDecoder(config).eval()
    for parameter in decoder.parameters():
        parameter.data *= sharpness if parameter.dim() > 1 else 1.0
        if parameter.dim() == 1:
            parameter.data += 0.2 * torch.randn_like(parameter)
    return decoder


def _prefixes(lengths: Sequence[int], width: int = 32, seed: int = 1) -> list[Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(length, width, generator=random) for length in lengths]


def _peer(decoder: CompactDecoder) -> Any:
    """transformers' decoder with the same weights."""
    transformers = pytest.importorskip("transformers")
    config = decoder.config
    shape = {
        "vocab_size": config.vocabulary,
        "hidden_size": config.width,
        "intermediate_size": config.mlp,
        "num_hidden_layers": config.depth,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "max_position_embeddings": config.max_length,
        "rms_norm_eps": config.eps,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_base},
        "tie_word_embeddings": config.tied,
        "pad_token_id": 0,
        "bos_token_id": 2,
        "eos_token_id": _END,
    }
    if config.qkv_bias:
        peer = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**shape))
    else:
        peer = transformers.LlamaForCausalLM(transformers.LlamaConfig(**shape))
    peer.load_state_dict(to_llama(decoder.state_dict(), config), strict=True)
    return peer.eval()


@pytest.mark.parametrize(
    "changes", [{}, {"qkv_bias": True, "tied": False}, {"kv_heads": 4, "rope_base": 500.0}]
)
def test_a_sequence_gives_what_transformers_gives(changes: dict[str, Any]) -> None:
    config = DecoderConfig(**{**_fields(_PLAIN), **changes})
    decoder = _decoder(config)
    peer = _peer(decoder)
    prefix, tail = torch.stack(_prefixes([7, 7])), torch.stack(_prefixes([5, 5], seed=2))
    with torch.no_grad():
        theirs = peer(inputs_embeds=torch.cat([prefix, tail], 1)).logits[:, 6:]
        ours = decoder.logits(decoder(prefix, torch.tensor([7, 7]), tail))
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def _fields(config: DecoderConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="heads of an even size"):
        DecoderConfig(vocabulary=10, width=36, heads=4)
    with pytest.raises(ValueError, match="share"):
        DecoderConfig(vocabulary=10, heads=4, kv_heads=3)


def test_splice_puts_the_tail_behind_each_prefix() -> None:
    prefix = torch.tensor([[1.0, 2.0, 3.0], [4.0, -1.0, -2.0]])[..., None]
    tail = torch.tensor([[10.0, 11.0], [20.0, 21.0]])[..., None]
    spliced = splice(prefix, torch.tensor([3, 1]), tail)[..., 0]
    assert spliced.tolist() == [[1, 2, 3, 10, 11], [4, 20, 21, -1, -2]]


def test_pack_leaves_no_gaps() -> None:
    vision, anchors = torch.arange(1.0, 7).reshape(2, 3, 1), torch.arange(10.0, 16).reshape(2, 3, 1)
    start = torch.full((2, 1, 1), 99.0)
    every = torch.ones(1, 3, dtype=torch.bool)
    there = torch.tensor([[True, False, True], [False, False, False]])
    prefix, lengths = pack([(vision, every), (anchors, there), (start, every[:, :1])])
    assert lengths.tolist() == [6, 4]
    rows = [row[:length, 0].tolist() for row, length in zip(prefix, lengths.tolist())]
    assert rows == [[1, 2, 3, 10, 12, 99], [4, 5, 6, 99]]
    assert prefix.shape == (2, 7, 1)


@pytest.mark.parametrize("prefix", ["causal", "full"])
def test_steps_with_a_cache_give_what_the_whole_sequence_gives(prefix: str) -> None:
    config = DecoderConfig(**{**_fields(_PLAIN), "prefix": prefix})
    decoder = _decoder(config)
    lengths = torch.tensor([9, 4, 6])
    padded = torch.nn.utils.rnn.pad_sequence(_prefixes(lengths.tolist()), batch_first=True)
    tail = torch.stack(_prefixes([8, 8, 8], seed=3))
    with torch.no_grad():
        wanted = decoder(padded, lengths, tail)
        state, *prefilled = decoder.prefill(padded, lengths)
        cache = [torch.nn.functional.pad(each, (0, 0, 0, 11)) for each in prefilled]
        torch.testing.assert_close(state, wanted[:, 0], atol=1e-5, rtol=1e-4)
        for step in range(8):
            positions = lengths + step
            state, *new = decoder.decode_step(tail[:, step], positions, *cache)
            for whole, part in zip(cache, new):
                whole[:, torch.arange(3), :, positions] = part.transpose(0, 1)
            torch.testing.assert_close(state, wanted[:, step + 1], atol=1e-5, rtol=1e-4)
        # What pads hold must not matter.
        noise = torch.where(
            torch.arange(9)[None, :, None] < lengths[:, None, None], padded, torch.randn_like(padded)
        )
        torch.testing.assert_close(decoder(noise, lengths, tail), wanted, atol=1e-5, rtol=1e-4)


def test_a_full_prefix_sees_what_comes_later_and_a_causal_one_does_not() -> None:
    first, other = torch.stack(_prefixes([5])), torch.stack(_prefixes([5]))
    other[0, 4] += 1.0
    for prefix, changes in (("causal", False), ("full", True)):
        decoder = _decoder(DecoderConfig(**{**_fields(_PLAIN), "prefix": prefix}))
        lengths = torch.tensor([5])
        with torch.no_grad():
            keys = [decoder.prefill(each, lengths)[1][1, 0, :, 2] for each in (first, other)]
        assert torch.allclose(*keys) is not changes


# --- generation -----------------------------------------------------------------------------------


@dataclass
class Prompt:
    """A prefix (length, width), and what may be pointed at."""

    prefix: Tensor
    memory: PointerMemory | None = None


class _Prompts(Rows):
    """Rows whose prefixes are there already."""

    def __init__(
        self, decoder: CompactDecoder, step: EagerGraph, prompts: Sequence[Prompt], plans: Sequence[Plan],
        slots: int, automaton: Any,
    ) -> None:  # fmt: skip
        super().__init__(step, plans, slots, decoder.config.vocabulary, automaton)
        self.prompts, self.decoder = prompts, decoder

    def prefill(self, numbers: Sequence[int]) -> Arrays:
        chosen = [self.prompts[number] for number in numbers]
        lengths = torch.tensor([len(prompt.prefix) for prompt in chosen])
        padded = torch.nn.utils.rnn.pad_sequence([prompt.prefix for prompt in chosen], batch_first=True)
        with torch.inference_mode():
            prefilled = self.decoder.prefill(padded, lengths)
        memories = [astuple(prompt.memory) for prompt in chosen if prompt.memory is not None]
        memory = dict(zip(MEMORY, (torch.cat(parts) for parts in zip(*memories))))
        return memory | dict(zip(("state", "keys", "values"), prefilled))


def generate(
    decoder: CompactDecoder,
    prompts: Sequence[Prompt],
    limit: int,
    pointers: PointerHead | None = None,
    automaton: Any = None,
    slots: int = 16,
    poll: int = 1,
    guard: bool = True,
) -> list[Generated]:
    """What the one loop writes of ``prompts``, by PyTorch."""
    plans = []
    for prompt in prompts:
        points: tuple[bool, ...] = ()
        if prompt.memory is not None and automaton is not None:
            mask, anchors = prompt.memory.mask, automaton.space.anchors
            points = bool(mask[:, :anchors].any()), bool(mask[:, anchors:].any())
        plans.append(plan(len(prompt.prefix), limit, decoder.config.max_length, automaton, *points))
    step = EagerGraph(StepGraph(decoder, pointers), torch.device("cpu"))
    step.poll = poll
    return write_all(
        _Prompts(decoder, step, prompts, plans, min(slots, len(prompts)), automaton), _END, guard
    )


def _by_hand(decoder: CompactDecoder, prefix: Tensor, limit: int) -> tuple[list[int], list[float]]:
    """Greedy decoding without cache or batch, from the training forward: the slow and simple way."""
    written: list[int] = []
    log_probs: list[float] = []
    while len(log_probs) < limit and (not written or written[-1] != _END):
        tail = decoder.embedding(torch.tensor([written], dtype=torch.long))
        states = decoder(prefix[None], torch.tensor([len(prefix)]), tail)
        scores = decoder.logits(states[0, -1]).log_softmax(-1)
        written.append(int(scores.argmax()))
        log_probs.append(float(scores.max()))
    return written, log_probs


_LENGTHS = [3, 11, 1, 7, 5, 20, 2, 13, 9]


def _eager_to_end(decoder: CompactDecoder, end: float) -> CompactDecoder:
    """So that some rows end early and some not at all: the end token's embedding is made larger."""
    decoder.embedding.weight.data[_END] *= end
    return decoder


@pytest.mark.parametrize("prefix", ["causal", "full"])
@pytest.mark.parametrize(("slots", "poll"), [(1, 1), (4, 1), (3, 5), (16, 7)])
def test_batches_write_what_rows_alone_would_write(prefix: str, slots: int, poll: int) -> None:
    decoder = _eager_to_end(_decoder(DecoderConfig(**{**_fields(_PLAIN), "prefix": prefix})), 1.6)
    prefixes = _prefixes(_LENGTHS)
    results = generate(decoder, [Prompt(each) for each in prefixes], 24, slots=slots, poll=poll, guard=False)
    assert len({len(result.actions) for result in results}) > 2, "the rows should end at different times"
    assert {result.finished for result in results} == {True, False}
    with torch.no_grad():
        for result, each in zip(results, prefixes, strict=True):
            written, log_probs = _by_hand(decoder, each, 24)
            assert [*result.actions, *([_END] if result.finished else [])] == written
            np.testing.assert_allclose(result.log_probs, log_probs, atol=1e-4)
            assert result.offsets.shape == (len(result.actions), 2)


def test_batches_write_what_transformers_generates() -> None:
    decoder = _eager_to_end(_decoder(), 1.6)
    peer = _peer(decoder)
    prefixes = _prefixes(_LENGTHS)
    results = generate(decoder, [Prompt(each) for each in prefixes], 30, slots=4, guard=False)
    for result, each in zip(results, prefixes, strict=True):
        theirs = peer.generate(inputs_embeds=each[None], max_new_tokens=30, do_sample=False)[0].tolist()
        assert [*result.actions, *([_END] if result.finished else [])] == theirs


def test_the_length_of_the_cache_is_a_limit() -> None:
    decoder = _decoder(DecoderConfig(**{**_fields(_PLAIN), "max_length": 16}))
    decoder.embedding.weight.data[_END] = 0  # never the highest score
    (long, short) = generate(decoder, [Prompt(each) for each in _prefixes([14, 3])], 99)
    assert (len(long.actions), len(short.actions)) == (2, 13)
    assert not long.finished and not long.repeated
    with pytest.raises(ValueError, match="prefix of 16"):
        generate(decoder, [Prompt(each) for each in _prefixes([16])], 99)
    with pytest.raises(ValueError, match="prefix of 0"):
        generate(decoder, [Prompt(each) for each in _prefixes([0])], 99)


def test_a_loop_is_stopped_and_cut() -> None:
    decoder = _decoder(sharpness=0.0)
    # Without attention and MLP a token's successor depends on itself alone: 5 -> 6 -> 7 -> 5 -> ...
    with torch.no_grad():
        decoder.norm.weight.fill_(1.0)
        weight = torch.eye(40)[:, :32].clone()
        decoder.embedding.weight.copy_(weight)
    untied = CompactDecoder(DecoderConfig(**{**_fields(_PLAIN), "tied": False})).eval()
    untied.load_state_dict({**decoder.state_dict(), "head.weight": torch.zeros(40, 32)}, strict=True)
    assert untied.head is not None
    with torch.no_grad():
        for token, following in {4: 5, 5: 6, 6: 7, 7: 5}.items():
            untied.head.weight[following, token] = 1.0
    prefix = decoder.embedding.weight[4:5].detach()
    for slots, poll in ((1, 1), (2, 9)):
        results = generate(untied, [Prompt(prefix)] * 3, 150, slots=slots, poll=poll)
        for result in results:
            assert result.actions == (5, 6, 7)
            assert result.repeated and not result.finished
            assert len(result.log_probs) == len(result.offsets) == 3
    (free,) = generate(untied, [Prompt(prefix)], 150, guard=False)
    assert len(free.actions) == 150 and not free.repeated


# --- pointers -------------------------------------------------------------------------------------

_SPACE = ActionSpace(vocabulary=40, anchors=5, rows=4, columns=6)


def _pointing(seed: int = 0) -> tuple[CompactDecoder, PointerHead]:
    decoder = _decoder(seed=seed)
    torch.manual_seed(seed + 100)
    pointers = PointerHead(32, _SPACE, cell_width=8, key_width=16).eval()
    for parameter in pointers.parameters():
        parameter.data *= 3.0 if parameter.dim() > 1 else 0.0
    return decoder, pointers


def _memories(pointers: PointerHead, counts: Sequence[int], seed: int = 4) -> list[PointerMemory]:
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        return [
            pointers.memory(
                torch.randn(1, 5, 32, generator=random) * 2,
                torch.arange(5)[None] < count,
                torch.randn(1, 24, 8, generator=random) * 2,
            )
            for count in counts
        ]


def test_actions_come_back_as_what_they_point_at() -> None:
    decoder, pointers = _pointing()
    (memory,) = _memories(pointers, [5])
    actions = torch.tensor([[3, _SPACE.anchor(2), _SPACE.first_cell + 7, _SPACE.first_cell + 8]])
    with torch.no_grad():
        inputs = pointers.embed(actions, decoder.embedding, memory)
        assert torch.equal(inputs[0, 0], decoder.embedding.weight[3])
        assert torch.equal(inputs[0, 1], memory.anchors[0, 2])
        wanted = pointers.cell_input(memory.cells[0, 7]) + pointers.place_input(pointers.places[7])
        torch.testing.assert_close(inputs[0, 2], wanted)
        offsets = pointers.offsets(torch.randn(1, 4, 32), actions, memory)
    assert not offsets[0, :2].any()
    assert (offsets[0, 2:] != 0).all()


def test_cells_lie_where_the_action_space_says() -> None:
    """The network's places and the numpy encoding must number the cells alike."""
    _, pointers = _pointing()
    actions, _ = _SPACE.encode_points([[21.0, 2.0], [1.0, 13.0]])
    first_sine = pointers.places[actions - _SPACE.first_cell][:, [0, 16]]
    centres = _SPACE.decode_points(actions) / (6 * 4, 4 * 4)
    np.testing.assert_allclose(first_sine[:, 0], np.sin(np.pi * centres[:, 0]), atol=1e-6)
    np.testing.assert_allclose(first_sine[:, 1], np.sin(np.pi * centres[:, 1]), atol=1e-6)


def test_gradients_reach_every_weight() -> None:
    decoder, pointers = _pointing()
    decoder.train()
    anchors, cells = torch.randn(2, 5, 32), torch.randn(2, 24, 8)
    memory = pointers.memory(anchors, torch.arange(5) < torch.tensor([[5], [2]]), cells)
    actions = torch.tensor([[3, 41, 50, 4], [51, 40, 7, 60]])
    inputs = pointers.embed(actions, decoder.embedding, memory)
    states = decoder(torch.randn(2, 6, 32), torch.tensor([6, 3]), inputs)[:, :-1]
    logits = action_logits(decoder, pointers, states, memory)
    assert logits.shape == (2, 4, _SPACE.size)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), actions.flatten())
    loss = loss + pointers.offsets(states, actions, memory).abs().sum()
    loss.backward()
    for module in (decoder, pointers):
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None and parameter.grad.isfinite().all(), name
            assert parameter.grad.any(), name


def _chart_automaton() -> Any:
    point = sequence(choice(ANCHOR, literal([7])), CELL)
    return compile_grammar(sequence(literal([5]), repeat(point, 1, 8)), _SPACE, _END)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("slots", "poll"), [(1, 1), (3, 1), (2, 4)])
def test_pointing_under_a_grammar(seed: int, slots: int, poll: int) -> None:
    decoder, pointers = _pointing(seed)
    automaton = _chart_automaton()
    counts = [5, 0, 2, 1, 3]
    memories = _memories(pointers, counts)
    prompts = [Prompt(*pair) for pair in zip(_prefixes([4, 2, 9, 6, 3]), memories, strict=True)]

    def write(some: list[Prompt], slots: int, poll: int) -> list[Generated]:
        return generate(decoder, some, 12, pointers=pointers, automaton=automaton, slots=slots, poll=poll)

    together = write(prompts, slots, poll)
    alone = [write([prompt], 1, 1)[0] for prompt in prompts]
    for count, row, single, prompt in zip(counts, together, alone, prompts, strict=True):
        assert row.actions == single.actions
        np.testing.assert_allclose(row.log_probs, single.log_probs, atol=1e-4)
        np.testing.assert_allclose(row.offsets, single.offsets, atol=1e-4)
        assert row.finished and automaton.accepts(row.actions, anchors=count > 0)
        pointed = [action - 40 for action in row.actions if _SPACE.kind(action) == "anchor"]
        assert all(index < count for index in pointed)
        is_cell = [_SPACE.kind(action) == "cell" for action in row.actions]
        assert (row.offsets.any(1) == is_cell).all()
        _assert_log_probs_are_the_networks_own(decoder, pointers, prompt, row)


def _assert_log_probs_are_the_networks_own(
    decoder: CompactDecoder, pointers: PointerHead, prompt: Prompt, row: Generated
) -> None:
    """Teacher forcing over what was written gives the reported probabilities and offsets."""
    assert prompt.memory is not None
    actions = torch.tensor([[*row.actions, _END]])
    with torch.no_grad():
        inputs = pointers.embed(actions, decoder.embedding, prompt.memory)
        states = decoder(prompt.prefix[None], torch.tensor([len(prompt.prefix)]), inputs)
        logits = torch.cat([decoder.logits(states), pointers.logits(states, prompt.memory)], -1)
        log_probs = logits.log_softmax(-1)[0, :-1].gather(1, actions[0, :, None])[:, 0]
        offsets = pointers.offsets(states[:, :-1], actions, prompt.memory)[0, :-1]
    np.testing.assert_allclose(row.log_probs, log_probs.numpy(), atol=1e-4)
    np.testing.assert_allclose(row.offsets, offsets.numpy(), atol=1e-4)


def test_a_model_may_point_at_anchors_only() -> None:
    space = ActionSpace(vocabulary=40, anchors=5)
    decoder = _decoder()
    pointers = PointerHead(32, space, cell_width=8, key_width=16).eval()
    with torch.no_grad():
        memory = pointers.memory(torch.randn(1, 5, 32), torch.arange(5)[None] < 3, torch.zeros(1, 0, 8))
    automaton = compile_grammar(repeat(ANCHOR, 2, 4), space, _END)
    prompt = Prompt(_prefixes([4])[0], memory)
    (row,) = generate(decoder, [prompt], 9, pointers=pointers, automaton=automaton)
    assert 2 <= len(row.actions) <= 4 and all(40 <= action < 43 for action in row.actions)
    assert not row.offsets.any()


def test_half_precision_runs_throughout() -> None:
    decoder, pointers = _pointing()
    decoder.bfloat16()
    pointers.bfloat16()
    config = AnchorConfig(width=64, height=64, capacity=5)
    embed = AnchorEmbedding(config, width=32).bfloat16()
    boxes = [(32.0, 9.0, 40.0, 20.0), (32.1, 9.0, 40.0, 20.0)]
    with torch.no_grad():
        codes = stack_codes([encode_anchors([Anchor("4", box) for box in boxes], config)])
        anchors = embed(codes)
        assert (anchors[0, 0] != anchors[0, 1]).any(), "neighbouring bins must differ"
        memory = pointers.memory(anchors, codes["mask"], torch.randn(1, 24, 8).bfloat16())
    prompts = [Prompt(each.bfloat16(), memory) for each in _prefixes([4, 7])]
    rows = generate(decoder, prompts, 12, pointers=pointers, automaton=_chart_automaton())
    assert all(row.finished and np.isfinite(row.log_probs).all() for row in rows)


def test_impossible_wishes_are_refused() -> None:
    decoder, pointers = _pointing()
    automaton = _chart_automaton()
    prefix = _prefixes([4])[0]
    memory = _memories(pointers, [1])[0]
    with pytest.raises(ValueError, match="at least 4 tokens, 3 are allowed"):
        generate(decoder, [Prompt(prefix, memory)], 3, pointers=pointers, automaton=automaton)
    with pytest.raises(ValueError, match="without anchors or without cells"):
        generate(decoder, [Prompt(prefix)], 9, automaton=automaton)


# --- anchors --------------------------------------------------------------------------------------


def test_anchor_embeddings_tell_text_order_box_and_kind_apart() -> None:
    torch.manual_seed(0)
    config = AnchorConfig(width=512, height=512, capacity=8, text_bytes=12)
    embed = AnchorEmbedding(config, width=32).eval()
    box = (10.0, 20.0, 60.0, 40.0)
    anchors = [
        Anchor("2019", box),
        Anchor("2019", box),
        Anchor("2091", box),
        Anchor("2019", (10.0, 120.0, 60.0, 140.0)),
        Anchor("2019", box, style=3),
        Anchor("", box, "rule"),
    ]
    codes = stack_codes([encode_anchors(anchors, config), encode_anchors(anchors[2:3], config)])
    with torch.no_grad():
        embedded = embed(codes)
    assert embedded.shape == (2, 8, 32)
    first = embedded[0]
    assert torch.equal(first[0], first[1])
    for other in (2, 3, 4, 5):
        assert (first[0] - first[other]).abs().max() > 1e-3, anchors[other]
    torch.testing.assert_close(embedded[1, 0], first[2])
    assert not first[6:].any() and not embedded[1, 1:].any()


# --- export ---------------------------------------------------------------------------------------


def _compare_with_onnx(module: Any, arguments: tuple[Tensor, ...], path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    torch.onnx.export(module.eval(), arguments, path, dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feed = {item.name: tensor.numpy() for item, tensor in zip(session.get_inputs(), arguments, strict=True)}
    with torch.no_grad():
        wanted = module(*arguments)
    for ours, theirs in zip(session.run(None, feed), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-4, rtol=1e-4)


def test_a_step_exports_to_onnx(tmp_path: Path) -> None:
    decoder, pointers = _pointing()
    memories = _memories(pointers, [5, 2])
    tensors = [torch.cat(parts) for parts in zip(*(astuple(memory) for memory in memories), strict=True)]

    class Step(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.decoder, self.pointers = decoder, pointers

        def forward(
            self, actions: Tensor, positions: Tensor, keys: Tensor, values: Tensor, *memory: Tensor
        ) -> tuple[Tensor, ...]:
            slots = PointerMemory(*memory)
            inputs = self.pointers.embed(actions[:, None], self.decoder.embedding, slots)[:, 0]
            state, new_keys, new_values = self.decoder.decode_step(inputs, positions, keys, values)
            return action_logits(self.decoder, self.pointers, state[:, None], slots), new_keys, new_values

    random = torch.Generator().manual_seed(5)
    keys, values = (torch.randn(3, 2, 2, 24, 8, generator=random) for _ in range(2))
    arguments = (torch.tensor([42, 50]), torch.tensor([5, 17]), keys, values, *tensors)
    _compare_with_onnx(Step(), arguments, tmp_path / "step.onnx")


def test_a_prefill_exports_to_onnx(tmp_path: Path) -> None:
    decoder = _decoder(DecoderConfig(**{**_fields(_PLAIN), "prefix": "full", "depth": 2}))

    class Prefill(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.decoder = decoder

        def forward(self, prefix: Tensor, there: Tensor) -> tuple[Tensor, ...]:
            return self.decoder.prefill(*pack([(prefix, there)]))

    there = torch.tensor([[True, False, True, True, True], [True, True, False, False, False]])
    _compare_with_onnx(Prefill(), (torch.stack(_prefixes([5, 5])), there), tmp_path / "prefill.onnx")
