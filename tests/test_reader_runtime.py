"""The reading model on ONNX Runtime beside PyTorch: the same tokens, without torch; what int8 changes; what is refused."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")
pytest.importorskip("onnxscript")

from conftest import bound_to_tensors  # noqa: E402

from docvlm.bundle import BundleError  # noqa: E402
from docvlm.decoding.interface import Reading  # noqa: E402
from docvlm.errors import ModelMissing  # noqa: E402
from docvlm.formulas.codes import FEATURES, ROWS, GlyphCodes  # noqa: E402
from docvlm.formulas.detokenizer import KINDS  # noqa: E402
from docvlm.formulas.glyphs import STYLES, Kind  # noqa: E402
from docvlm.formulas.interface import ReaderConfig  # noqa: E402
from docvlm.formulas.tokens import LatexTokenizer, train_tokenizer  # noqa: E402
from docvlm.latex import normalize  # noqa: E402
from docvlm.networks.reader import ReaderNetwork, save_network  # noqa: E402
from docvlm.runtimes import choice, load_reader, machine, reader  # noqa: E402
from docvlm.runtimes.manifest import read_manifest  # noqa: E402
from docvlm.runtimes.reader import ReaderGraphs  # noqa: E402

export: Any = importlib.import_module("docvlm.export.onnx")


@pytest.fixture(scope="module")
def tokenizer() -> LatexTokenizer:
    return train_tokenizer([(r"\frac{a}{b}+x^{2}\left(y\right)", "formula"), ("we say", "line")], 40, 1)


@pytest.fixture(scope="module")
def network(tokenizer: LatexTokenizer) -> ReaderNetwork:
    """Random weights, larger than a trained start's, so that preferences are clear and no layer does nothing."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = ReaderNetwork(
        ReaderConfig(tokenizer.size, glyphs=40, tokens=60, width=32, depth=2, heads=4, mlp=48)
    )
    for module in network.modules():
        if isinstance(module, torch.nn.Linear):
            module.weight.data.mul_(16)
    network.glyphs.characters.weight.data.mul_(50)
    # What is written depends on what was written before, and rows end at different times.
    network.decoder.embedding.weight.data.mul_(20)
    network.decoder.embedding.weight.data[tokenizer.end] *= 3
    return network.eval()


@pytest.fixture(scope="module")
def bundle(
    network: ReaderNetwork, tokenizer: LatexTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = save_network(network, tokenizer.text, tmp_path_factory.mktemp("models") / "reader-t")
    assert export.export_onnx(folder) == folder
    return folder


@pytest.fixture(scope="module")
def exact(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model, whose graphs multiply in float32."""
    folder: Path = export.export_onnx(bundle, tmp_path_factory.mktemp("models") / "reader-x", "fp32")
    return folder


def _crops(seed: int, counts: Sequence[int]) -> tuple[list[GlyphCodes], list[Kind]]:
    """Noise: as many glyphs, of either kind."""
    rng = np.random.default_rng(seed)
    crops = [
        GlyphCodes(
            rng.integers(0, ROWS, count),
            rng.integers(0, len(STYLES), count),
            rng.normal(size=(count, FEATURES)).astype(np.float32),
        )
        for count in counts
    ]
    return crops, [KINDS[number] for number in rng.integers(0, len(KINDS), len(counts))]


def _same(ours: Sequence[Reading], theirs: Sequence[Reading]) -> None:
    for got, wanted in zip(ours, theirs, strict=True):
        assert (got.text, got.finished, got.repeated) == (wanted.text, wanted.finished, wanted.repeated)
        np.testing.assert_allclose(got.log_probs, wanted.log_probs, atol=1e-4)


@pytest.fixture
def few_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows wait for others to leave."""
    monkeypatch.setattr(reader, "_SLOTS", 3)


@pytest.mark.parametrize("bound", [False, True], ids=["arrays", "bound to tensors"])
@pytest.mark.parametrize("seed", range(4))
def test_onnx_writes_what_torch_writes(
    exact: Path, seed: int, bound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bound:
        monkeypatch.setattr(reader, "open_graphs", bound_to_tensors)
    inputs = _crops(seed, np.random.default_rng(seed).integers(0, 41, 2 + 4 * seed).tolist())
    _same(ReaderGraphs.open(exact).read(*inputs), load_reader(exact, "torch").read(*inputs))


@pytest.mark.parametrize("bound", [False, True], ids=["arrays", "bound to tensors"])
def test_rows_that_wait_are_written_alike(
    exact: Path, few_slots: None, bound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bound:
        monkeypatch.setattr(reader, "open_graphs", bound_to_tensors)
    inputs = _crops(5, [3, 40, 0, 12, 40, 7, 25, 1, 18, 33, 2, 9])
    readings = ReaderGraphs.open(exact).read(*inputs)
    _same(readings, load_reader(exact, "torch").read(*inputs))
    assert len({len(each.log_probs) for each in readings}) > 4  # rows left at different times
    for reading, kind in zip(readings, inputs[1]):
        if kind == "formula" and reading.text:
            normalize(reading.text)  # raises where braces or fences do not match


def test_several_cores_write_alike(exact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LEAST", 2)
    inputs = _crops(7, [9, 31, 4, 4, 16, 40, 2, 28, 11])
    _same(
        ReaderGraphs.open(exact, threads=3).read(*inputs),
        ReaderGraphs.open(exact, threads=1).read(*inputs),
    )


def test_int8_is_multiplied_only_where_that_is_exact(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = _crops(4, [7, 0, 33, 15])
    monkeypatch.setattr(machine, "multiplies_int8", lambda: True)
    assert load_reader(bundle).ran_on.endswith("int8 weights and products")
    monkeypatch.setattr(machine, "multiplies_int8", lambda: False)
    exact = load_reader(bundle)
    assert exact.ran_on.endswith("int8 weights")
    _same(exact.read(*inputs), load_reader(bundle, "torch").read(*inputs))


def test_what_int8_reads_depends_on_no_neighbour(
    bundle: Path, few_slots: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "multiplies_int8", lambda: True)
    rounded = ReaderGraphs.open(bundle)
    crops, kinds = _crops(6, [5, 30, 1, 17, 40, 8, 22])
    alone = [rounded.read([crop], [kind])[0] for crop, kind in zip(crops, kinds)]
    _same(rounded.read(crops, kinds), alone)


def test_no_crops_are_nothing_and_too_many_glyphs_are_refused(bundle: Path) -> None:
    model = ReaderGraphs.open(bundle)
    assert model.read([], []) == []
    with pytest.raises(ValueError, match="more than 40"):
        model.read(*_crops(0, [3, 41]))


# --- graphs ---------------------------------------------------------------------------------------


def test_int8_multiplies_in_whole_numbers(bundle: Path, exact: Path) -> None:
    import onnx as onnx_format

    plain, manifest = read_manifest(exact), read_manifest(bundle)
    assert {len(forms) for forms in plain.graphs.values()} == {1}
    assert set(manifest.graphs) == set(plain.graphs) == {"prefill", "step"}
    for name, forms in manifest.graphs.items():
        assert [(form.products, form.device) for form in forms] == [("fp32", "any"), ("int8", "cpu")]
        for form in forms:
            model = onnx_format.load(str(bundle / form.file), load_external_data=False)
            kinds = [node.op_type for node in model.graph.node]
            # 4 of each layer, and 4 that embed glyphs, or the one that scores tokens
            products = {"prefill": 12, "step": 9}[name] if form.products == "int8" else 0
            assert kinds.count("IntegerProduct") == products
            kept = [each for each in model.graph.initializer if not each.external_data]
            assert sum(int(np.prod(each.dims)) for each in kept) < 3000  # small constants, no weights
    step, whole = (form.difference for form in manifest.graphs["step"])
    assert step is not None and step < 1e-4
    # What int8 costs is measured only where it is multiplied exactly.
    assert (whole is not None) == machine.multiplies_int8()
    assert whole is None or 1e-4 < whole < 0.1
    session = ReaderGraphs.open(bundle)._step
    assert session.inputs[:3] == ["state", "forbidden", "positions"]


# Without VNNI docvlm itself multiplies in float32: see machine.multiplies_int8.
@pytest.mark.skipif(not machine.multiplies_int8(), reason="int8 products overflow on this processor")
def test_int8_says_nearly_what_float32_says(bundle: Path) -> None:
    """Of one prefill: its rows, and not what is written, in which a doubtful choice changes all that follows."""
    from docvlm.formulas.codes import stack_glyphs
    from docvlm.runtimes.onnx import Session

    crops, _ = _crops(8, [40, 3, 21, 12])
    inputs = {"starts": np.full(4, 2), **stack_glyphs(crops)}
    plain, rounded = (Session(bundle / f"{name}.onnx").run(inputs) for name in ("prefill", "prefill-int8"))
    for row, length in enumerate(plain["lengths"]):
        for name in ("keys", "values"):
            wanted, got = (each[name][:, row, :, :length] for each in (plain, rounded))
            assert 0 < np.abs(got - wanted).max() < 0.1 * np.abs(wanted).max()


def test_export_in_half_precision(bundle: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "docvlm.cli.main", "export", str(bundle), "--to", "onnx"]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "half"), "--precision", "fp16"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert read_manifest(tmp_path / "half").precision == "fp16"
    inputs = _crops(9, [4, 30])
    _same(load_reader(tmp_path / "half").read(*inputs), load_reader(tmp_path / "half", "torch").read(*inputs))


# --- without torch, and choosing ------------------------------------------------------------------


_WITHOUT_TORCH = """
import sys
sys.modules["torch"] = sys.modules["tokenizers"] = sys.modules["transformers"] = None
import numpy as np
from docvlm.formulas.glyphs import ITALIC, Glyphs
from docvlm.formulas.reading import FormulaReader
from docvlm.runtimes import load_reader
reader = load_reader(sys.argv[1])
assert reader.ran_on.startswith("ONNX Runtime") and " on CPU, int8 weights" in reader.ran_on, reader.ran_on
places = np.array([[0, 3, 4, 10, 9, 10], [5, 3, 9, 10, 9, 10]], np.float32)
glyphs = Glyphs(np.array([97, 98], np.int32), np.full(2, ITALIC, np.uint8), places)
assert len(FormulaReader(reader).read([glyphs, glyphs.take(np.array([0]))])) == 2
"""


def test_a_bundle_with_graphs_is_read_without_torch(bundle: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, str(bundle)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(machine, "has_torch", lambda: False)
    yield


def test_what_is_asked_for_is_taken_or_refused(bundle: Path, tmp_path: Path) -> None:
    assert load_reader(bundle, "torch").ran_on.startswith("PyTorch")
    assert load_reader(bundle, "onnx").ran_on.startswith("ONNX Runtime")
    assert load_reader(bundle).config == load_reader(bundle, "torch").config
    with pytest.raises(BundleError, match="not a reading model"):
        load_reader("chart-s")
    with pytest.raises(BundleError, match="not a chart model"):
        choice.load_chart(bundle)


def test_a_bundle_without_graphs_needs_torch(
    network: ReaderNetwork, tokenizer: LatexTokenizer, tmp_path: Path, without_torch: None
) -> None:
    folder = save_network(network, tokenizer.text, tmp_path / "reader-t")
    with pytest.raises(ModelMissing, match="no ONNX graphs"):
        load_reader(folder)


def test_a_bundle_with_too_few_graphs_is_told(bundle: Path, tmp_path: Path) -> None:
    # Graphs are checked whether they will be used here or not.
    folder = shutil.copytree(bundle, tmp_path / "reader-t")
    (folder / "step-int8.onnx").unlink()
    with pytest.raises(BundleError, match="step-int8"):
        load_reader(folder)


def test_a_reading_model_is_shown(bundle: Path) -> None:
    command = [sys.executable, "-m", "docvlm.cli.main", "models", "show", str(bundle)]
    done = subprocess.run(command, capture_output=True, text=True)
    said = {line.split(":")[0]: line.split(":", 1)[1].strip() for line in done.stdout.splitlines()}
    assert done.returncode == 0 and said["kind"] == "bundle" and said["architecture"] == "reader"
    assert "step-int8.onnx" in said["files"]


def test_letters_that_are_not_shown_are_kept_out_alike(exact: Path) -> None:
    crops, kinds = _crops(5, [3, 9, 17, 30])
    read = ReaderGraphs.open(exact).read(crops, kinds, only_shown=True)
    _same(read, load_reader(exact, "torch").read(crops, kinds, only_shown=True))
