"""The glyph finder on ONNX Runtime: what PyTorch sees, in pictures of any size, without torch; what int8 changes; engines
of its graphs.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from docvlm.formulas import glyphs as g  # noqa: E402
from docvlm.formulas.finder import find_glyphs, peaks  # noqa: E402
from docvlm.formulas.interface import FinderConfig  # noqa: E402
from docvlm.networks.glyph_finder import GlyphFinder, save_network  # noqa: E402
from docvlm.runtimes import load_finder, machine  # noqa: E402
from docvlm.runtimes.finder import FinderGraphs  # noqa: E402
from docvlm.runtimes.manifest import read_manifest  # noqa: E402

export: Any = importlib.import_module("docvlm.export.onnx")
lines: Any = importlib.import_module("docvlm.export.pictures").lines

_CLASSES = (*((chr(c), g.ITALIC) for c in range(97, 123)), ("fi", g.ROMAN), ("\uf8f4", g.EXTENSION))
_CONFIG = FinderConfig(_CLASSES, widths=(8, 16, 16, 16), cells=16, hidden=32)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(5)
    torch.set_num_threads(1)
    network = GlyphFinder(_CONFIG)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    norm = network.get_submodule("to_four.0.1")
    assert isinstance(norm, torch.nn.BatchNorm2d)
    norm.weight.data[:2] = torch.tensor([-1.0, 0.0])  # one turned over, one that is its bias
    norm.bias.data[:2] = 0.5
    network.heat.weight.data.mul_(20)  # so that noise has glyphs in some places and none in others
    torch.nn.init.constant_(network.heat.bias, 0.0)
    folder = save_network(network.eval(), tmp_path_factory.mktemp("models") / "finder-t")
    assert export.export_onnx(folder) == folder
    return folder


@pytest.mark.parametrize("shape", [(16, 16), (64, 320), (48, 800), (128, 16)])
def test_onnx_sees_what_torch_sees(
    bundle: Path, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "multiplies_int8", lambda: False)
    image = np.random.default_rng(sum(shape)).random(shape, np.float32)
    theirs, ours = (load_finder(bundle, runtime) for runtime in ("torch", "onnx"))
    assert isinstance(ours, FinderGraphs) and ours.ran_on.startswith("ONNX Runtime")
    assert isinstance(theirs, FinderGraphs) and theirs.ran_on.startswith("PyTorch")
    wanted, got = theirs.look(image), ours.look(image)
    np.testing.assert_allclose(got.heat, wanted.heat, atol=1e-4)
    np.testing.assert_allclose(got.rules, wanted.rules, atol=1e-4)
    corners = np.array([(0, 0), (shape[0] // 4 - 1, shape[1] // 2 - 1)])
    for cells in (peaks(wanted.heat), corners, np.zeros((0, 2), np.int64)):
        for one, other in zip(ours.describe(got, cells), theirs.describe(wanted, cells), strict=True):
            assert one.shape == other.shape
            np.testing.assert_allclose(one, other, atol=1e-4)
    assert len(peaks(wanted.heat))


# Without VNNI the products overflow, and docvlm itself multiplies in float32: see machine.multiplies_int8.
@pytest.mark.skipif(not machine.multiplies_int8(), reason="int8 is not multiplied exactly here")
def test_int8_sees_nearly_what_float32_sees(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = lines(_CONFIG.em)[3]
    rounded = load_finder(bundle, "onnx").look(image)
    monkeypatch.setattr(machine, "multiplies_int8", lambda: False)
    exact = load_finder(bundle, "onnx").look(image)
    for name in ("heat", "rules", "cells"):
        wanted, got = getattr(exact, name), getattr(rounded, name)
        assert 0 < np.abs(got - wanted).max() < 0.2 * np.abs(wanted).max()
        assert np.sqrt(((got - wanted) ** 2).mean()) < 0.1 * wanted.std()


def test_convolutions_are_in_whole_numbers(bundle: Path, tmp_path: Path) -> None:
    import onnx as onnx_format

    def kinds(folder: Path, name: str) -> list[str]:
        model = onnx_format.load(str(folder / f"{name}.onnx"), load_external_data=False)
        kept = [each for each in model.graph.initializer if not each.external_data]
        assert sum(int(np.prod(each.dims)) for each in kept) < 3000  # scales and biases, no weights
        return [node.op_type for node in model.graph.node]

    whole, exact = kinds(bundle, "look-int8"), kinds(bundle, "look")
    norms = exact.count("BatchNormalization")
    # All but the first, whose weights are too few to be stored as int8; those without a batch norm stay, too.
    assert (whole.count("QLinearConv"), whole.count("BatchNormalization")) == (norms - 1, 1)
    assert whole.count("Conv") == exact.count("Conv") - norms + 1
    assert "QLinearConv" not in exact
    export.export_onnx(bundle, tmp_path, "fp16")
    assert set(read_manifest(tmp_path).graphs) == {"look", "describe"}


def test_the_manifest_says_what_the_graphs_are(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    assert (manifest.kind, manifest.precision) == ("glyphs", "int8")
    (look, whole), (describe,) = manifest.graphs["look"], manifest.graphs["describe"]
    assert [(form.products, form.device) for form in (look, whole)] == [("fp32", "any"), ("int8", "cpu")]
    assert look.difference is not None and describe.difference is not None
    assert max(look.difference, describe.difference) < 1e-4
    # What int8 costs is measured only where it is multiplied exactly.
    assert (whole.difference is not None) == machine.multiplies_int8()
    assert whole.difference is None or 1e-4 < whole.difference < 0.25
    ((name, dtype, shape),) = look.inputs
    assert (name, dtype, shape) == ("squares", "float32", ("batch", "down", 16, "along", 16))
    assert (bundle / "look.onnx").stat().st_size + (bundle / "describe.onnx").stat().st_size < 60_000


_WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
import numpy as np
from docvlm.formulas.finder import find_glyphs
from docvlm.runtimes import load_finder
picture = np.random.default_rng(1).integers(0, 256, (50, 120, 3), np.uint8)
print(len(find_glyphs(load_finder(sys.argv[1]), picture).glyphs))
"""


def test_glyphs_are_found_without_torch(bundle: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, str(bundle)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    picture = np.random.default_rng(1).integers(0, 256, (50, 120, 3), np.uint8)
    assert int(done.stdout) == len(find_glyphs(load_finder(bundle, "onnx"), picture).glyphs) > 0


def test_a_huge_picture_is_looked_at_coarsely(bundle: Path) -> None:
    looked: list[tuple[int, ...]] = []
    finder = load_finder(bundle, "onnx")

    class Watched:
        config, describe = finder.config, staticmethod(finder.describe)

        def look(self, image: np.ndarray[Any, Any]) -> Any:
            looked.append(image.shape)
            return finder.look(image)

    noise = np.random.default_rng(2).integers(0, 256, (700, 900), np.uint8)
    find_glyphs(Watched(), noise, em=2.0)  # twelve times as large as it is
    assert len(looked) == 1 and np.prod(looked[0]) < 3.2e6


# A real engine is built, by the extra rtx, which .ci/full installs.
@pytest.mark.skipif(
    not (find_spec("tensorrt_rtx") or find_spec("tensorrt_rtx_bindings")),
    reason="TensorRT for RTX is not installed",
)
def test_a_finder_becomes_engines(bundle: Path, tmp_path: Path) -> None:
    from docvlm.runtimes import tensorrt

    made: Any = importlib.import_module("docvlm.export.tensorrt")
    look, describe = made.export_tensorrt(bundle, tmp_path, "fp16", ["sm89"])
    assert look.name.startswith("look-sm89") and describe.name.startswith("describe-sm89")
    assert tensorrt.inspect(look).inputs == [("squares", "half", [-1, -1, 16, -1, 16])]
    assert {name for name, _, _ in tensorrt.inspect(look).outputs} == {"heat", "rules", "cells"}
    assert tensorrt.inspect(describe).inputs == [("windows", "half", [-1, 16 * 3 * 5])]
