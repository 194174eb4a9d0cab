"""The reading model: tokens of LaTeX, a network that reads what it was trained to write, damage, bundles."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from docvlm.bundle import BundleError, load_bundle  # noqa: E402
from docvlm.formulas.codes import encode_glyphs  # noqa: E402
from docvlm.formulas.glyphs import ITALIC, RULE, Glyphs  # noqa: E402
from docvlm.formulas.interface import ReaderConfig  # noqa: E402
from docvlm.formulas.tokens import LatexTokenizer, train_tokenizer, units  # noqa: E402
from docvlm.latex import normalize  # noqa: E402
from docvlm.networks.reader import ReaderNetwork, load_network, save_network  # noqa: E402
from docvlm.runtimes.reader import ReaderGraphs  # noqa: E402
from docvlm.runtimes.torch import eager  # noqa: E402
from training import trainer  # noqa: E402
from training.reader_examples import Example, collate, damaged, encoded  # noqa: E402
from training.reader_task import TOKENIZER, ReaderTask, load_tokenizer  # noqa: E402
from training.text.formulas import Sampler  # noqa: E402
from training.text.prose import Writer  # noqa: E402
from training.text.shards import Sample, write_shard  # noqa: E402


def _sample(text: str, kind: str = "formula") -> Sample:
    """Not set by TeX: the text's letters side by side, which is enough to learn by heart."""
    letters = [ord(char) for char in text if char.isalnum()] or [0x3F]
    left = np.arange(len(letters)) * 5.0
    ones = np.ones(len(letters))
    places = np.column_stack([left, 3 * ones, left + 4, 10 * ones, 9 * ones, 10 * ones]).astype(np.float32)
    glyphs = Glyphs(np.array(letters, np.int32), np.full(len(letters), ITALIC, np.uint8), places)
    return Sample(kind, text, glyphs, "none")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tokenizer() -> LatexTokenizer:
    return load_tokenizer()


@pytest.fixture(scope="module")
def config(tokenizer: LatexTokenizer) -> ReaderConfig:
    return ReaderConfig(tokenizer.size, glyphs=64, tokens=48, width=32, depth=2, heads=2, mlp=48)


@pytest.fixture
def network(config: ReaderConfig) -> ReaderNetwork:
    torch.manual_seed(1)
    return ReaderNetwork(config).eval()


def _model(network: ReaderNetwork, tokenizer: LatexTokenizer) -> ReaderGraphs:
    return ReaderGraphs(network.config, tokenizer.detokenizer, eager(network))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small only wait for their threads on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


# --- tokens ---------------------------------------------------------------------------------------


def test_what_was_encoded_is_decoded(tokenizer: LatexTokenizer) -> None:
    sampler, writer = Sampler(random.Random(4)), Writer(random.Random(5))
    texts = [normalize(sampler.display()) for _ in range(200)]
    decoded = [tokenizer.decode(ids) for ids in tokenizer.encode_all(texts, ["formula"] * 200)]
    assert sum(a == b for a, b in zip(texts, decoded)) == 200
    lines = [writer.line()[0] for _ in range(100)]
    assert [tokenizer.decode(tokenizer.encode(line, "line")) for line in lines] == lines


def test_letters_of_a_formula_are_no_word() -> None:
    assert list(units("for", "formula")) == ["f", "o", "r"]
    assert list(units(r"\text{for all}x", "formula")) == [r"\text{", "for", " all", "}", "x"]
    assert list(units("we let $ab$ be", "line")) == ["we", " let", " ", "$", "a", "b", "$", " be"]
    assert list(units(r"\leftrightarrow\left(\frac{a}{b}\mathbf{x}", "formula")) == [
        r"\leftrightarrow", r"\left(", r"\frac{", "a", "}{", "b", "}", r"\mathbf{x}",
    ]  # fmt: skip


def test_rare_units_are_written_by_their_parts_and_unknown_commands_are_not_spelled() -> None:
    small = train_tokenizer([(r"\mathbf{x}+\alpha", "formula")] * 20, words=10)
    assert small.decode(small.encode(r"\mathbf{q}", "formula")) == r"\mathbf{q}"
    assert small.decode(small.encode(r"\nosuchthing x", "formula")) == "x"
    again = LatexTokenizer.from_text(small.tokenizer.to_str())
    assert again.encode(r"\alpha\mathbf{x}", "formula") == small.encode(r"\alpha\mathbf{x}", "formula")


# --- network --------------------------------------------------------------------------------------


def test_reading_says_what_training_sees(network: ReaderNetwork, tokenizer: LatexTokenizer) -> None:
    crops = [encode_glyphs(_sample(text).glyphs) for text in ("abc", "x", "abcdefgh")]
    start = tokenizer.starts["line"]  # of which everything may be written
    for crop, each in zip(crops, _model(network, tokenizer).written(crops, "line")):
        tokens = [*each.actions, tokenizer.end][: len(each.log_probs)]
        batch = collate([Example(crop, start, tokens)], tokenizer.end)
        with torch.inference_mode():
            places = torch.arange(batch.tokens.shape[1]) < batch.counts[:, None]
            scores = network(batch.codes, batch.starts, batch.tokens, places, batch.longest)
        chosen = scores.log_softmax(-1)[torch.arange(len(tokens)), torch.tensor(tokens)]
        np.testing.assert_allclose(chosen, each.log_probs, atol=2e-4)


def test_padding_changes_nothing(network: ReaderNetwork, tokenizer: LatexTokenizer) -> None:
    samples = [_sample("ab"), _sample("abcdefghijkl"), _sample("we say $x$", "line")]
    examples = list(encoded(samples, tokenizer, network.config))
    together = collate(examples, tokenizer.end)
    with torch.no_grad():
        places = torch.arange(together.tokens.shape[1]) < together.counts[:, None]
        whole = network(together.codes, together.starts, together.tokens, places, together.longest)
        alone = []
        for example in examples:
            batch = collate([example], tokenizer.end)
            places = torch.arange(batch.tokens.shape[1]) < batch.counts[:, None]
            alone.append(network(batch.codes, batch.starts, batch.tokens, places, batch.longest))
    torch.testing.assert_close(whole, torch.cat(alone), atol=1e-5, rtol=1e-4)


def test_a_bundle_gives_the_network_back(
    network: ReaderNetwork, tokenizer: LatexTokenizer, tmp_path: Path
) -> None:
    folder = save_network(network, tokenizer.text, tmp_path / "reader-t")
    assert load_network(folder).config == network.config
    kept = load_bundle(folder).tokenizer
    assert kept is not None
    assert LatexTokenizer.from_text(kept).encode("x^2", "formula") == tokenizer.encode("x^2", "formula")
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace('"kind": "reader"', '"kind": "chart"'))
    with pytest.raises(BundleError, match="not a reading model"):
        load_network(folder)
    (folder / "config.json").write_text(config.replace('"depth": 2', '"depth": 3'))
    with pytest.raises(BundleError, match=r"layers\.2"):
        load_network(folder)


def test_too_many_glyphs_are_refused_and_none_are_nothing(
    network: ReaderNetwork, tokenizer: LatexTokenizer
) -> None:
    reader = _model(network, tokenizer)
    assert reader.read([], []) == []
    with pytest.raises(ValueError, match="more than 64"):
        reader.read([encode_glyphs(_sample("a" * 65).glyphs)], ["formula"])


# --- training -------------------------------------------------------------------------------------


def test_damage_keeps_what_it_can() -> None:
    glyphs = _sample("abcdefghijklmnop").glyphs
    styles = glyphs.styles.copy()
    styles[3] = RULE
    glyphs = Glyphs(glyphs.characters, styles, glyphs.places)
    rng = np.random.default_rng(1)
    changed = 0
    for _ in range(300):
        hurt = damaged(glyphs, rng)
        assert 1 <= len(hurt) <= len(glyphs) and np.isfinite(hurt.places).all()
        changed += not np.array_equal(np.sort(hurt.characters), np.sort(glyphs.characters))
    assert 20 < changed < 200
    assert np.array_equal(glyphs.styles, styles)


def test_it_learns_by_heart(tmp_path: Path, config: ReaderConfig, tokenizer: LatexTokenizer) -> None:
    torch.manual_seed(2)
    samples = [_sample(text) for text in ("ab^2", "cd_3", r"\frac{e}{f}", r"\sqrt{g}")]
    batch = collate(list(encoded(samples, tokenizer, config)), tokenizer.end)
    task = ReaderTask(tmp_path, config)
    network = task.build()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    for _ in range(120):
        loss, shown = task.loss(network, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert float(loss.detach()) < 0.1 and float(shown["whole_right"]) == 1
    readings = _model(network, tokenizer).read([encode_glyphs(s.glyphs) for s in samples], ["formula"] * 4)
    assert [reading.text for reading in readings] == [sample.text for sample in samples]
    assert all(reading.finished for reading in readings)


def test_a_run_trains_from_shards(tmp_path: Path, config: ReaderConfig) -> None:
    sampler = Sampler(random.Random(6))
    write_shard(tmp_path / "s.npz", [_sample(normalize(sampler.inline())) for _ in range(64)])
    task = ReaderTask(tmp_path, config)
    stream = task.examples(3)
    first = list(itertools.islice(stream, 130))  # more than there are: it goes round
    assert len(first) == 130 and all(task.length(example) <= 112 for example in first)
    again = list(itertools.islice(ReaderTask(tmp_path, config).examples(3), 130))
    assert [example.tokens for example in first] == [example.tokens for example in again]
    ticks = itertools.count().__next__  # a clock by which a minute is 60 steps
    settings = trainer.Settings(
        tmp_path / "run", 0.05, batch=4, workers=0, warm_up=2, device="cpu", muon=True, clock=ticks
    )
    trainer.train(task, settings)
    weights = trainer.averaged_weights(tmp_path / "run")
    trainer.train(task, settings)  # both optimizers go on where they were
    later = trainer.averaged_weights(tmp_path / "run")
    assert any(not torch.equal(weights[name], later[name]) for name in weights)


def test_no_shards_is_said_so(tmp_path: Path, config: ReaderConfig) -> None:
    with pytest.raises(FileNotFoundError, match=r"training\.text\.build"):
        next(ReaderTask(tmp_path, config).examples(1))


def test_the_tokenizer_in_the_repository_knows_the_usual() -> None:
    assert TOKENIZER.is_file()
    vocabulary = load_tokenizer().vocabulary
    for unit in (r"\frac{", "}{", r"\left(", r"\mathbf{x}", r"\sum", "x", " the", r"\begin{pmatrix}"):
        assert unit in vocabulary
