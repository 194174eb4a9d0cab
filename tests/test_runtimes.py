"""ONNX Runtime beside PyTorch: the same tokens, without torch; damage is refused; the choice says why."""

from __future__ import annotations

import importlib
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from conftest import ROOT, bound_to_tensors  # noqa: E402

from docvlm.anchors import Anchor, AnchorCodes, encode_anchors  # noqa: E402
from docvlm.bundle import BundleError  # noqa: E402
from docvlm.charts.code import Token  # noqa: E402
from docvlm.charts.interface import ChartConfig, ChartEncoderConfig  # noqa: E402
from docvlm.errors import ModelMissing, UsageError  # noqa: E402
from docvlm.networks.chart import ChartNetwork, save_network  # noqa: E402
from docvlm.networks.graphs import graphs_of  # noqa: E402
from docvlm.options import Options  # noqa: E402
from docvlm.runtimes import chart, choice, device, load_chart, machine, onnx  # noqa: E402
from docvlm.runtimes.chart import ChartGraphs  # noqa: E402
from docvlm.runtimes.manifest import MANIFEST, read_manifest  # noqa: E402

export: Any = importlib.import_module("docvlm.export.onnx")
chart_graphs: Any = importlib.import_module("docvlm.export.chart")
pictures: Any = importlib.import_module("docvlm.export.pictures")

TINY = ChartConfig(
    ChartEncoderConfig(size=64, stem=(4, 8, 8, 8), width=16, depth=1, heads=2, mlp=32, cells=8),
    anchors=12,
    width=16,
    depth=2,
    heads=2,
    mlp=32,
)


def _network(seed: int = 7) -> ChartNetwork:
    """Random weights, larger than a trained start's, so that preferences are clear and no layer does nothing."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    network = ChartNetwork(TINY)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
        elif isinstance(module, torch.nn.Linear):
            module.weight.data.mul_(3)
    network.looks.weight.data.normal_(0, 0.5)  # starts as zeros
    # What is written depends on what was written before.
    network.decoder.embedding.weight.data.mul_(50)
    # Some images are charts and others are none, so that rows leave at different times.
    network.decoder.embedding.weight.data[Token.FIRST_KIND :] *= 0.01
    return network.eval()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_network(_network(), tmp_path_factory.mktemp("models") / "chart-t")
    assert export.export_onnx(folder) == folder
    return folder


def _inputs(seed: int, counts: Sequence[int]) -> tuple[np.ndarray[Any, Any], list[AnchorCodes]]:
    """Noise, with as many anchors anywhere on it."""
    rng = np.random.default_rng(seed)
    size = TINY.encoder.size
    images = rng.random((len(counts), 3, size, size), np.float32)
    codes = []
    for count in counts:
        corners = np.sort(rng.random((count, 2, 2)) * size, axis=1).reshape(count, 4)
        anchors = [Anchor(str(rng.integers(10**6)), (x0, y0, x1, y1)) for x0, y0, x1, y1 in corners]
        codes.append(encode_anchors(anchors, TINY.anchor_config))
    return images, codes


@pytest.mark.parametrize("bound", [False, True], ids=["arrays", "bound to tensors"])
@pytest.mark.parametrize("seed", range(5))
def test_onnx_writes_what_torch_writes(
    bundle: Path, seed: int, bound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "multiplies_int8", lambda: False)
    inputs = _inputs(seed, np.random.default_rng(seed).integers(0, TINY.anchors + 1, 1 + seed).tolist())
    if seed % 2:
        monkeypatch.setattr(chart, "_SLOTS", 2)  # rows wait for others to leave
    if bound:
        monkeypatch.setattr(chart, "open_graphs", bound_to_tensors)
    room = 3 if seed == 3 else 320
    wanted, got = (
        load_chart(bundle, "torch").read(*inputs, room),
        ChartGraphs.open(bundle).read(*inputs, room),
    )
    for theirs, ours in zip(wanted, got, strict=True):
        assert ours.generated.actions == theirs.generated.actions
        assert ours.generated.finished == theirs.generated.finished
        for name in ("log_probs", "offsets"):
            np.testing.assert_allclose(
                getattr(ours.generated, name), getattr(theirs.generated, name), atol=1e-4
            )
        for name in ("roles", "places", "values"):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=1e-4)
    if seed == 4:
        assert len({len(each.generated.actions) for each in got}) > 1  # rows left at different times


def test_the_manifest_chooses_by_device_and_products(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    chosen = [
        manifest.form("step", device, whole_numbers)
        for device in get_args(Literal["cpu", "cuda"])
        for whole_numbers in (False, True)
    ]
    assert [form and form.products for form in chosen] == ["fp32", "int8", "fp32", "fp32"]
    assert manifest.form("nothing", "cpu") is None


def test_graphs_run_eagerly_have_the_names_of_the_exported_ones(bundle: Path) -> None:
    network = _network()
    for name, graph in graphs_of(network).items():
        (stated, _) = read_manifest(bundle).graphs[name]
        assert graph.inputs == [name for name, _, _ in stated.inputs]
        assert graph.outputs == [name for name, _, _ in stated.outputs]


def test_sizes_of_outputs_are_those_that_a_run_gives(bundle: Path) -> None:
    graph = onnx.Session(bundle / "read.onnx")
    images, codes = _inputs(0, [3, 7, 2])
    stacked = {
        name: np.stack([getattr(each, name)[:7] for each in codes])
        for name in graph.inputs
        if name != "images"
    }
    stated = {value.name: value.shape for value in graph.inference.get_outputs()}
    for name, array in graph.run({"images": images, **stacked}).items():
        sizes = {"batch": 3, "anchors": 7}
        assert tuple(device.size_of(size, sizes) for size in stated[name]) == array.shape
    assert "anchors + 4" in stated["keys"]
    assert device.size_of("4 * down", {"down": 6}) == 24


def test_no_image_gives_no_reading(bundle: Path) -> None:
    assert ChartGraphs.open(bundle).read(*_inputs(0, [])[:1], []) == []


def test_graphs_hold_no_weights(bundle: Path) -> None:
    import onnx as onnx_format

    for name in ("read", "step"):
        model = onnx_format.load(str(bundle / f"{name}.onnx"), load_external_data=False)
        kept = [each for each in model.graph.initializer if not each.external_data]
        assert sum(int(np.prod(each.dims)) for each in kept) < 3000  # small constants; the network has 30000
        assert {entry.value for each in model.graph.initializer for entry in each.external_data[:1]} == {
            "model.safetensors"
        }


def test_the_manifest_says_what_the_graphs_are(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    assert (manifest.kind, manifest.precision) == ("chart", "int8")
    (plain, whole), (read_plain, _) = manifest.graphs["step"], manifest.graphs["read"]
    assert [(form.products, form.device) for form in (plain, whole)] == [("fp32", "any"), ("int8", "cpu")]
    assert plain.difference is not None and read_plain.difference is not None
    assert max(plain.difference, read_plain.difference) < 1e-4
    step = {name: (dtype, shape) for name, dtype, shape in plain.inputs}
    assert step["keys.1"] == ("float32", ("batch", 1, "length", 8))
    assert step["forbidden"] == ("bool", ("batch", TINY.space.size))
    read = {name: (dtype, shape) for name, dtype, shape in read_plain.outputs}
    assert read["keys"] == ("float32", (2, "batch", 1, "anchors + 4", 8))


@pytest.mark.parametrize("precision", ["fp16", "fp32"])
def test_export_in_another_precision(bundle: Path, tmp_path: Path, precision: str) -> None:
    command = [sys.executable, "-m", "docvlm.cli.main", "export", str(bundle), "--to", "onnx"]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / precision), "--precision", precision], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / precision)
    assert read_manifest(tmp_path / precision).precision == precision
    inputs = _inputs(1, [4, 9])
    wanted, got = (
        load_chart(tmp_path / precision, "torch").read(*inputs),
        load_chart(tmp_path / precision).read(*inputs),
    )
    assert [each.generated.actions for each in got] == [each.generated.actions for each in wanted]
    refused = subprocess.run([*command, "--precision", precision], capture_output=True, text=True)
    assert refused.returncode == 2 and "-o" in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_a_graph_that_differs_from_torch_is_not_exported(bundle: Path) -> None:
    other = chart_graphs.sources(_network(seed=4))["step"]
    with pytest.raises(export.ExportFailed, match="away from PyTorch's"):
        export._difference(bundle / "step.onnx", other, [other.inputs])
    for name, source in chart_graphs.sources(_network(seed=4)).items():  # as different as rounding may not be
        with pytest.raises(export.ExportFailed, match="away from PyTorch's"):
            batches = [source.drawn() if source.drawn else export.example(source, (0,))]
            export._difference(bundle / f"{name}-int8.onnx", source, batches, export._INTEGER_TOLERANCE)


# Without VNNI the products overflow, and docvlm itself multiplies in float32: see machine.multiplies_int8.
@pytest.mark.skipif(not machine.multiplies_int8(), reason="int8 is not multiplied exactly here")
def test_the_bundled_model_sees_nearly_the_same_in_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    rounded = ChartGraphs.open("chart-s")
    monkeypatch.setattr(machine, "multiplies_int8", lambda: False)
    exact = ChartGraphs.open("chart-s")
    assert rounded.ran_on == f"{exact.ran_on} and products"
    code = encode_anchors(
        [Anchor("20", (20, 60, 35, 70)), Anchor("A", (90, 340, 99, 350))], exact.config.anchor_config
    )
    given = {name: getattr(code, name)[None, :2] for name in exact._read.inputs if name != "images"}
    given["images"] = pictures.charts(exact.config.encoder.size)[:1]
    wanted, got = exact._read.run(given), rounded._read.run(given)
    for name in ("cells", "pointers", "state", "keys"):
        away = np.sqrt(((got[name] - wanted[name]) ** 2).mean())
        assert 0 < away < 0.15 * wanted[name].std(), name


# --- damage ---------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _edit(path: Path, change: Any) -> None:
    stated = json.loads(path.read_text())
    change(stated)
    path.write_text(json.dumps(stated))


_DAMAGE: dict[str, Callable[[Path], object]] = {
    "a truncated graph": lambda folder: _cut(folder / "step.onnx"),
    "a missing graph": lambda folder: (folder / "read.onnx").unlink(),
    "truncated weights": lambda folder: _cut(folder / "model.safetensors"),
    "a truncated manifest": lambda folder: _cut(folder / MANIFEST),
    "another version": lambda folder: _edit(folder / MANIFEST, lambda m: m.update(version=9)),
    "no hashes": lambda folder: _edit(folder / MANIFEST, lambda m: m["graphs"]["read"][0].pop("sha256")),
    "not an object": lambda folder: (folder / MANIFEST).write_text("[]"),
    "a graph elsewhere": lambda folder: _edit(
        folder / MANIFEST, lambda m: m["graphs"]["read"][0].update(file="../read.onnx")
    ),
    "too few graphs": lambda folder: _edit(folder / MANIFEST, lambda m: m["graphs"].pop("step")),
    "other weights": lambda folder: save_network(_network(seed=5), folder),
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_damage_is_told_in_one_line(bundle: Path, tmp_path: Path, damage: str) -> None:
    folder = shutil.copytree(bundle, tmp_path / "chart-t")
    _DAMAGE[damage](folder)
    with pytest.raises(BundleError) as told:
        load_chart(folder)
    assert "\n" not in told.value.line() and told.value.remedy
    assert str(folder) in told.value.line()


def test_a_graph_that_onnx_runtime_does_not_take(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no graph")
    with pytest.raises(BundleError, match="cannot load"):
        onnx.Session(tmp_path / "bad.onnx")


# --- without torch --------------------------------------------------------------------------------


_WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
sys.modules["transformers"] = None
import numpy as np
from docvlm.anchors import Anchor
from docvlm.charts.figure import Figure
from docvlm.charts.reading import ChartReader
from docvlm.runtimes import load_chart
model = load_chart(sys.argv[1])
assert model.ran_on.startswith("ONNX Runtime") and " on CPU, int8 weights" in model.ran_on, model.ran_on
image = np.full((90, 140, 3), 250, np.uint8)
charts = ChartReader(model).read([Figure(image, [Anchor("7", (5, 50, 15, 58))]), Figure(image, [])])
assert len(charts) == 2 and all(chart.reliability.checks for chart in charts)
"""


def test_a_bundle_with_graphs_is_read_without_torch(bundle: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, str(bundle)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- choosing -------------------------------------------------------------------------------------


def _on_a_machine(
    monkeypatch: pytest.MonkeyPatch,
    gpus: int = 0,
    offered: Sequence[str] = ("CPU",),
    has_torch: bool = True,
    tensorrt: str | None = None,
) -> None:
    monkeypatch.setattr(machine, "tensorrt_module", lambda: tensorrt)
    monkeypatch.setattr(machine, "gpus", lambda: gpus)
    monkeypatch.setattr(machine, "providers", lambda: tuple(f"{name}ExecutionProvider" for name in offered))
    monkeypatch.setattr(machine, "has_torch", lambda: has_torch)


def _best() -> str:
    return next(way.name for way in choice.ways() if way.hindrance is None)


def test_the_best_way_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    _on_a_machine(monkeypatch)
    assert _best() == "ONNX Runtime on the CPU"
    _on_a_machine(monkeypatch, gpus=1, offered=["CUDA", "CPU"], has_torch=False)
    assert _best() == "ONNX Runtime on CUDA"
    _on_a_machine(monkeypatch, gpus=1, offered=["CUDA", "CPU"])
    assert _best() == "PyTorch on CUDA"
    _on_a_machine(monkeypatch, gpus=1, offered=["Tensorrt", "CUDA", "CPU"])
    assert _best() == "TensorRT by ONNX Runtime"
    _on_a_machine(monkeypatch, gpus=1, offered=["Tensorrt", "CUDA", "CPU"], tensorrt="tensorrt_rtx")
    assert _best() == "TensorRT"
    _on_a_machine(monkeypatch, gpus=0, offered=["Tensorrt", "CUDA", "CPU"])
    assert _best() == "ONNX Runtime on the CPU"


def test_a_gpu_that_goes_unused_is_told_in_one_line(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _on_a_machine(monkeypatch, gpus=1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with caplog.at_level(logging.WARNING, "docvlm"):
        assert load_chart(bundle).ran_on.startswith("ONNX Runtime")
    (record,) = caplog.records
    assert "this PyTorch finds no CUDA device" in record.message and "\n" not in record.message
    caplog.clear()
    with caplog.at_level(logging.WARNING, "docvlm"):
        load_chart(bundle, device="cpu")
    assert not caplog.records


def test_what_is_asked_for_is_taken_or_refused(bundle: Path, tmp_path: Path) -> None:
    assert load_chart(bundle, "torch").ran_on.startswith("PyTorch")
    assert load_chart(bundle, "onnx").ran_on.startswith("ONNX Runtime")
    for asked in (("tensorrt", "auto"), ("auto", "cuda"), ("tensorrt", "cpu"), ("vulkan", "auto")):
        with pytest.raises(UsageError):
            load_chart(bundle, *asked)
    with pytest.raises(ModelMissing, match="no model bundle is called"):
        load_chart(tmp_path / "nothing")


def test_a_bundle_without_graphs_needs_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_network(_network(), tmp_path / "chart-t")
    assert load_chart(folder).ran_on.startswith("PyTorch")
    _on_a_machine(monkeypatch, has_torch=False)
    with pytest.raises(ModelMissing) as told:
        load_chart(folder)
    assert "no ONNX graphs" in told.value.line() and "docvlm export" in told.value.remedy


def test_doctor_names_the_way_out_of_a_clash(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = importlib.import_module("docvlm.cli.doctor")
    assert any("used by --runtime auto" in line for line in doctor.report())
    monkeypatch.setattr(machine, "installed", lambda package: "1.2" if "onnxruntime" in package else None)
    (line,) = (line for line in doctor.report() if line.startswith("!"))
    assert "overwrite each other" in line and "pip uninstall" in line and "pip install onnxruntime" in line


def test_bundles_may_be_asked_to_run_on_onnx(bundle: Path) -> None:
    assert Options(model=str(bundle), runtime="onnx").runtime == "onnx"
    with pytest.raises(UsageError, match="does not run on 'onnx'"):
        Options(model="stepfun-ai/GOT-OCR-2.0-hf", runtime="onnx")


_WITHOUT = """
import logging, sys
logging.basicConfig(stream=sys.stdout, format="%(message)s")
import docvlm
from docvlm.runtimes import machine
machine.providers, machine.has_torch = tuple, lambda: False
for name in ("paper", "charts"):
    document = docvlm.convert(f"samples/{name}.pdf", pages="1")
    assert document.pages[0].error is None and len(document.to_markdown()) > 200
assert all(block.latex is None for block in document.blocks() if block.kind == "formula")
"""


def test_a_page_keeps_its_text_where_nothing_runs_a_bundled_model() -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for model in ("chart-s", "reader-s"):
        assert done.stdout.count(f"{model} is run by nothing, since ") == 1, done.stdout
