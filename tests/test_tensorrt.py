"""Engines by TensorRT for RTX, which builds them without a GPU. What they compute cannot be tried here.

What runs them can be tried up to the point where a device is needed: what is in the engines, which are taken, and what is
said and done where none can be run.
"""

from __future__ import annotations

import importlib
import json
import logging
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
if not (find_spec("tensorrt_rtx") or find_spec("tensorrt_rtx_bindings")):
    pytest.skip("TensorRT for RTX is not installed", allow_module_level=True)

import onnxruntime  # noqa: E402

from benchmarks import onechart_size  # noqa: E402
from docvlm.bundle import BundleError, find_bundle, load_bundle  # noqa: E402
from docvlm.charts.interface import ChartConfig, ChartEncoderConfig  # noqa: E402
from docvlm.errors import ModelMissing, UsageError  # noqa: E402
from docvlm.formulas import codes  # noqa: E402
from docvlm.formulas.interface import ReaderConfig  # noqa: E402
from docvlm.networks import reader  # noqa: E402
from docvlm.networks.chart import ChartNetwork, save_network  # noqa: E402
from docvlm.runtimes import choice, engine, load_chart, machine, tensorrt  # noqa: E402
from docvlm.runtimes.manifest import ENGINES, MANIFEST, read_manifest  # noqa: E402

onnx: Any = importlib.import_module("docvlm.export.onnx")
export: Any = importlib.import_module("docvlm.export.tensorrt")
files: Any = importlib.import_module("docvlm.export.graph_files")
half: Any = importlib.import_module("docvlm.export.half")
sources: Any = importlib.import_module("docvlm.export.sources")

TINY = ChartConfig(
    ChartEncoderConfig(size=64, stem=(8, 8, 8, 8), width=32, depth=1, heads=2, mlp=32, cells=8),
    anchors=12,
    width=32,
    depth=2,
    heads=2,
    mlp=32,
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    return save_network(ChartNetwork(TINY), tmp_path_factory.mktemp("models") / "chart-t")


@pytest.fixture(scope="module")
def engines(bundle: Path) -> list[Path]:
    """Building takes most of this file's time, so it is done once."""
    return list(export.export_tensorrt(bundle, None, "fp16", ["sm80", "sm89"]))


@pytest.fixture
def exported(engines: list[Path], bundle: Path, tmp_path: Path) -> Path:
    """A copy of the bundle with its engines for one kind of GPU."""
    folder = shutil.copytree(bundle, tmp_path / "chart-t", ignore=shutil.ignore_patterns("*-sm80-*"))
    assert len(list((folder / ENGINES).glob("*.engine"))) == 2
    return folder


def test_a_chart_model_becomes_engines_for_two_kinds_of_gpu(bundle: Path, engines: list[Path]) -> None:
    assert [path.name.rsplit("-", 1)[0] for path in engines] == [
        "read-sm80",
        "read-sm89",
        "step-sm80",
        "step-sm89",
    ]
    for path in engines:
        assert path.parent == bundle / "engines" and path.stat().st_size > 10_000
        found = tensorrt.inspect(path)
        assert found.layers > 50
        inputs = {name: (dtype, shape) for name, dtype, shape in found.inputs}
        outputs = {name: (dtype, shape) for name, dtype, shape in found.outputs}
        if path.name.startswith("read"):
            assert inputs["images"] == ("half", [-1, 3, 64, 64])
            assert inputs["mask"] == ("bool", [-1, -1])
            assert outputs["cells"][0] == "half"
        else:
            assert inputs["keys.1"] == ("half", [-1, 1, -1, 16])
            assert inputs["forbidden"] == ("bool", [-1, TINY.space.size])
            assert outputs["log_prob"][0] == "float"


@pytest.mark.parametrize("model", ["chart-s", "reader-s", "finder-s"])
def test_the_bundled_models_become_engines_without_torch(model: str, tmp_path: Path) -> None:
    """From the graphs that they come with."""
    script = (
        "import sys; sys.modules.update(torch=None, onnxscript=None); from docvlm.cli.main import run; run()"
    )
    asked = ["export", model, "--to", "tensorrt", "--target", "sm89", "-o", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", script, *asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    folder = find_bundle(model)
    assert folder is not None
    of_the_model, of_the_engines = read_manifest(folder), json.loads((tmp_path / MANIFEST).read_text())
    built = [Path(line) for line in done.stdout.splitlines()]
    assert [path.name.split("-")[0] for path in built] == list(of_the_model.graphs)
    for path, (name, forms) in zip(built, of_the_model.graphs.items()):
        inputs = {name: shape for name, _, shape in tensorrt.inspect(path).inputs}
        assert inputs == {
            name: [-1 if isinstance(size, str) else size for size in shape]
            for name, _, shape in forms[0].inputs
        }
        assert of_the_engines["ranges"][name].keys() == of_the_model.ranges[name].keys()
        assert of_the_engines["graphs"][name][0]["products"] == "fp16"


@pytest.mark.parametrize("model", ["chart-s", "reader-s", "finder-s"])
def test_a_graph_in_half_precision_computes_nearly_the_same(model: str) -> None:
    folder = find_bundle(model)
    assert folder is not None
    for name, source in sources.sources_of(load_bundle(model)).items():
        exact = files.read_graph(folder / f"{name}.onnx")
        given = {name: tensor.numpy() for name, tensor in source.inputs.items()}
        wanted = _run(exact, given)
        got = _run(
            half.in_precision(exact, "fp16"),
            {name: each.astype("f2") if each.dtype.kind == "f" else each for name, each in given.items()},
        )
        assert wanted.keys() == got.keys() == set(source.outputs)
        rounded = 0
        for output, array in wanted.items():
            away = np.abs(got[output].astype(float) - array.astype(float)).max()
            assert away <= 3e-3 * max(1.0, np.abs(array).max()), output
            rounded += away > 0
        assert rounded  # something was computed in half precision


def _run(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs)))


def test_what_is_sensitive_stays_float32() -> None:
    """Norms of large values, and a difference of two large logarithms."""
    parser = importlib.import_module("onnx.parser")
    graph = parser.parse_model(
        """<ir_version: 9, opset_import: ["" : 20]>
        g (float[n, 4] x) => (float[n, 4] normed, float[n, 4] log_prob)
           <float two = {2}, int64[1] last = {-1}, float[4, 4] weight = {1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1}> {
           squares = Pow (x, two)
           mean = ReduceMean (squares, last)
           root = Sqrt (mean)
           normed = Div (x, root)
           scores = MatMul (x, weight)
           sums = ReduceLogSumExp (scores, last)
           log_prob = Sub (scores, sums)
        }"""
    )
    x = np.array([[1000, 500, -200, 0.5]], np.float32)
    got = _run(half.in_precision(graph, "fp16"), {"x": x.astype("f2")})
    wanted = _run(graph, {"x": x})
    for name in ("normed", "log_prob"):
        assert got[name].dtype == np.float32
        np.testing.assert_allclose(got[name], wanted[name], rtol=1e-3, atol=1e-3)


def test_a_bundle_without_sizes_for_engines_says_what_to_do(tmp_path: Path) -> None:
    folder = find_bundle("finder-s")
    assert folder is not None
    shutil.copytree(folder, tmp_path / "finder")
    path = tmp_path / "finder" / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"ranges": {}}))
    with pytest.raises(BundleError) as told:
        list(export.export_tensorrt(tmp_path / "finder", None, "fp16", ["sm89"]))
    assert "--to onnx" in told.value.remedy


def _say_that_there_is_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "gpus", lambda: 1)
    monkeypatch.setattr(machine, "providers", lambda: ("CPUExecutionProvider",))


def test_the_runtime_finds_what_was_exported(exported: Path) -> None:
    """From the manifest it makes the same engine's name, so that it builds none anew."""
    manifest = read_manifest(exported, ENGINES)
    assert (manifest.kind, manifest.precision) == ("chart", "fp16")
    library, folder = tensorrt.Library(), exported / ENGINES
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.engine")}
    for name, (graph,) in manifest.graphs.items():
        assert (graph.products, graph.device) == ("fp16", "cuda")
        ranges = tensorrt.ranges_of(graph, manifest.ranges[name])
        given = (folder / graph.file).read_bytes()
        path = tensorrt.cached_engine(library, folder, name, given, ranges, "sm89")
        assert before[path] == path.stat().st_mtime_ns
        inputs = {name: shape for name, _, shape in tensorrt.inspect(path).inputs}
        assert inputs.keys() == ranges.keys()
        for name, shape in inputs.items():
            fixed = [least if least == largest else -1 for least, _, largest in ranges[name]]
            assert shape == fixed


def test_every_dtype_of_an_engine_is_known(exported: Path) -> None:
    kinds = tensorrt.Library().module.DataType.__members__
    engines = list((exported / ENGINES).glob("*.engine"))
    assert engines
    for path in engines:
        found = tensorrt.inspect(path)
        for _, dtype, _ in (*found.inputs, *found.outputs):
            assert isinstance(engine.torch_dtype(kinds[dtype.upper()]), torch.dtype)


@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU they run")
def test_where_engines_cannot_run_one_line_says_so_and_something_else_runs(
    exported: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _say_that_there_is_a_gpu(monkeypatch)
    ways = {way.name: way.hindrance for way in choice.ways(exported)}
    assert ways["TensorRT"] is None

    def said() -> str:
        caplog.clear()
        with caplog.at_level(logging.WARNING, "docvlm"):
            assert load_chart(exported).ran_on.startswith("PyTorch")
        (record,) = caplog.records
        assert "\n" not in record.message
        return str(record.message)

    assert "is run by PyTorch on the CPU, since TensorRT: this PyTorch finds no CUDA device" in said()
    graph = exported / ENGINES / "step.onnx"
    graph.write_bytes(graph.read_bytes()[:-100])
    assert f"since TensorRT: {graph}" in said()
    (exported / ENGINES / MANIFEST).write_text("{")
    assert "since TensorRT: " in said() and MANIFEST in said()
    with pytest.raises(UsageError, match="TensorRT: "):
        load_chart(exported, "tensorrt")
    (exported / ENGINES / MANIFEST).unlink()
    assert "TensorRT: the model was not exported for it" in said()


@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU the library takes the engine")
def test_an_engine_that_the_library_does_not_take_is_built_once_more(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a GPU it takes none: not even its own."""
    manifest, folder, library = read_manifest(exported, ENGINES), exported / ENGINES, tensorrt.Library()
    with pytest.raises(ModelMissing, match="no CUDA device"):
        engine.open_engine(library, folder, manifest, "step")
    (path,) = folder.glob("step-*.engine")
    with pytest.raises(tensorrt.EngineFailed, match="does not take"):
        engine.Engine(library, path)
    built: list[str | None] = []
    build = tensorrt.Library.build

    def counted(*asked: Any) -> Any:
        built.append(asked[3])
        return build(*asked)

    monkeypatch.setattr(tensorrt.Library, "build", counted)
    monkeypatch.setattr(machine, "compute_capability", lambda: (8, 9))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with pytest.raises(ModelMissing, match="its own engine"):
        engine.open_engine(library, folder, manifest, "step")
    assert built == ["sm89"]  # the exported one was there, and was refused


def test_engines_do_not_overwrite_the_models_own_graphs(bundle: Path) -> None:
    with pytest.raises(UsageError, match="own graphs"):
        list(export.export_tensorrt(bundle, bundle, "fp16", ["sm89"]))


def test_a_reading_model_becomes_engines(tmp_path: Path) -> None:
    tokens = pytest.importorskip("docvlm.formulas.tokens")
    tokenizer = tokens.train_tokenizer([("x", "formula")], 10)
    torch.manual_seed(0)
    config = ReaderConfig(tokenizer.size, glyphs=40, tokens=60, width=64, depth=2, heads=4, mlp=48)
    folder = reader.save_network(reader.ReaderNetwork(config), tokenizer.text, tmp_path / "reader-t")
    prefill, step = export.export_tensorrt(folder, None, "fp16", ["sm89"])
    found = {path: tensorrt.inspect(path) for path in (prefill, step)}
    assert all(path.stat().st_size > 10_000 and found[path].layers > 50 for path in found)
    inputs = [{name: (dtype, shape) for name, dtype, shape in each.inputs} for each in found.values()]
    assert inputs[0]["characters"] == ("int64", [-1, -1])
    assert inputs[0]["features"] == ("half", [-1, -1, codes.FEATURES])
    assert inputs[1]["keys.1"] == ("half", [-1, 2, -1, 16])
    assert inputs[1]["forbidden"] == ("bool", [-1, tokenizer.size])
    assert [name for name, _, _ in found[step].outputs][:3] == ["action", "log_prob", "next_state"]


@pytest.mark.parametrize("name", ["encoder", "step"])
def test_a_model_of_onecharts_size_becomes_engines(tmp_path: Path, name: str) -> None:
    source = getattr(onechart_size, name)(torch.float16)
    stated = files.write_graph(name, onnx.model_of(source), tmp_path)
    graph, ranges = (tmp_path / stated.file).read_bytes(), tensorrt.ranges_of(stated, source.ranges)
    path = tensorrt.cached_engine(tensorrt.Library(across=True), tmp_path, name, graph, ranges, "sm89")
    found = tensorrt.inspect(path)
    if name == "encoder":
        assert found.inputs == [("images", "half", [-1, 3, 1024, 1024])]
        assert found.outputs == [("tokens", "half", [-1, 256, 1024])]
    else:
        inputs = {name: (dtype, shape) for name, dtype, shape in found.inputs}
        assert inputs["keys.11"] == ("half", [-1, 6, -1, 64])
        assert inputs["forbidden"] == ("bool", [-1, 50272])
    weights = sum(each.numel() for each in source.module.parameters())
    assert weights > 90e6 and path.stat().st_size > 1.9 * weights  # two bytes each


def test_a_finished_engine_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tensorrt.Library(across=True)
    built: list[str | None] = []

    def build(
        self: Any, graph: bytes, ranges: Any, target: str | None, timings: Path | None
    ) -> tuple[bytes, Any]:
        built.append(target)
        return b"engine of " + graph, tensorrt.Inspection(1, [], [])

    monkeypatch.setattr(tensorrt.Library, "build", build)

    def made(graph: bytes = b"graph", target: str = "sm89") -> Path:
        path: Path = tensorrt.cached_engine(library, tmp_path, "step", graph, {}, target)
        return path

    path = made()
    assert made() == path and len(built) == 1
    for damage in (b"engine", b"", b"another library's engine"):
        path.write_bytes(damage)
        assert made().read_bytes() == b"engine of graph"
    assert len(built) == 4
    path.with_name(path.name + ".json").write_text("{")
    assert made() == path and len(built) == 5
    assert len({made(), made(b"other"), made(target="sm80")}) == 3
    monkeypatch.setattr(library, "version", "0")
    assert made() != path


def test_a_graph_that_tensorrt_does_not_take() -> None:
    with pytest.raises(tensorrt.EngineFailed, match="does not take the graph"):
        tensorrt.Library(across=True).build(b"no graph", {}, "sm89")


def test_what_cannot_be_built_for_is_refused(bundle: Path) -> None:
    for precision, target in (("int3", "sm89"), ("fp16", "sm10")):
        with pytest.raises(UsageError, match="unknown"):
            list(export.export_tensorrt(bundle, None, precision, [target]))
