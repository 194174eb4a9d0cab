"""Engines by TensorRT for RTX, which builds them without a GPU. What they compute cannot be tried here."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
if not (find_spec("tensorrt_rtx") or find_spec("tensorrt_rtx_bindings")):
    pytest.skip("TensorRT for RTX is not installed", allow_module_level=True)

from docvlm.errors import UsageError  # noqa: E402
from docvlm.formulas import codes  # noqa: E402
from docvlm.networks import reader  # noqa: E402
from docvlm.networks.chart import ChartNetwork, save_network  # noqa: E402
from docvlm.networks.shapes import ChartConfig, ChartEncoderConfig, ReaderConfig  # noqa: E402
from docvlm.networks.vision import VisionConfig, VisionVocabulary  # noqa: E402

graphs: Any = importlib.import_module("docvlm.export.graphs")
onnx: Any = importlib.import_module("docvlm.export.onnx")
tensorrt: Any = importlib.import_module("docvlm.export.tensorrt")

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


def test_a_chart_model_becomes_engines_for_two_kinds_of_gpu(bundle: Path) -> None:
    paths = list(tensorrt.export_tensorrt(bundle, None, "fp16", ["sm80", "sm89"]))
    assert [path.name.rsplit("-", 1)[0] for path in paths] == [
        "read-sm80",
        "read-sm89",
        "step-sm80",
        "step-sm89",
    ]
    for path in paths:
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


def test_a_reading_model_becomes_engines(tmp_path: Path) -> None:
    tokens = pytest.importorskip("docvlm.formulas.tokens")
    tokenizer = tokens.train_tokenizer([("x", "formula")], 10)
    torch.manual_seed(0)
    config = ReaderConfig(tokenizer.size, glyphs=40, tokens=60, width=64, depth=2, heads=4, mlp=48)
    folder = reader.save_network(reader.ReaderNetwork(config), tokenizer, tmp_path / "reader-t")
    prefill, step = tensorrt.export_tensorrt(folder, None, "fp16", ["sm89"])
    found = {path: tensorrt.inspect(path) for path in (prefill, step)}
    assert all(path.stat().st_size > 10_000 and found[path].layers > 50 for path in found)
    inputs = [{name: (dtype, shape) for name, dtype, shape in each.inputs} for each in found.values()]
    assert inputs[0]["characters"] == ("int64", [-1, -1])
    assert inputs[0]["features"] == ("half", [-1, -1, codes.FEATURES])
    assert inputs[1]["keys.1"] == ("half", [-1, 2, -1, 16])
    assert inputs[1]["forbidden"] == ("bool", [-1, tokenizer.size])
    assert [name for name, _, _ in found[step].outputs][:3] == ["action", "log_prob", "next_state"]


class _Encoder(torch.nn.Module):  # type: ignore[misc,name-defined]
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.vocabulary = VisionVocabulary(config)

    def forward(self, *images: Any) -> tuple[Any, ...]:
        return (self.vocabulary(images[0]),)


def test_onecharts_encoder_becomes_an_engine(tmp_path: Path) -> None:
    source = graphs.GraphSource(
        _Encoder(VisionConfig()).eval().half(),
        {"images": torch.zeros(2, 3, 1024, 1024, dtype=torch.float16)},
        {"images": {0: "batch"}},
        {"tokens": ("batch", 256, 1024)},
        {"batch": (1, 4, 8)},
    )
    graph = onnx.model_of(source).SerializeToString()
    ranges = {"images": [(1, 4, 8), (3, 3, 3), (1024, 1024, 1024), (1024, 1024, 1024)]}
    path = tensorrt.cached_engine(tensorrt.Library(across=True), tmp_path, "encoder", graph, ranges, "sm89")
    found = tensorrt.inspect(path)
    assert found.inputs == [("images", "half", [-1, 3, 1024, 1024])]
    assert found.outputs == [("tokens", "half", [-1, 256, 1024])]
    assert path.stat().st_size > 180e6  # 95 million weights in two bytes each


def test_a_finished_engine_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tensorrt.Library(across=True)
    built: list[str | None] = []

    def build(self: Any, graph: bytes, ranges: Any, target: str | None) -> tuple[bytes, Any]:
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
    with pytest.raises(onnx.ExportFailed, match="does not take the graph"):
        tensorrt.Library(across=True).build(b"no graph", {}, "sm89")


def test_what_cannot_be_built_for_is_refused(bundle: Path) -> None:
    for precision, target in (("int3", "sm89"), ("fp16", "sm10")):
        with pytest.raises(UsageError, match="unknown"):
            list(tensorrt.export_tensorrt(bundle, None, precision, [target]))
