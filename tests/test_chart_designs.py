"""The designs that the chart model is compared with can learn and write what the shipped one can."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from docvlm.anchors import Anchor, bytes_text, dequantize_boxes  # noqa: E402
from docvlm.charts.code import TEXT_ROLES  # noqa: E402
from docvlm.charts.interface import ChartConfig, ChartEncoderConfig, ChartReading  # noqa: E402
from docvlm.decoding.interface import Generated  # noqa: E402
from docvlm.networks import chart  # noqa: E402
from training import trainer  # noqa: E402
from training.chart_designs import DESIGNS, PointersTask, said, takes_places  # noqa: E402
from training.chart_examples import Example  # noqa: E402
from training.chart_filter import FilteredTask, perplexities  # noqa: E402
from training.chart_task import ChartTask  # noqa: E402
from training.charts.sample import Sample  # noqa: E402
from training.compare_charts import Score, readings, score  # noqa: E402
from training.ocr_encoder import OcrChartEncoder, detector  # noqa: E402
from training.soup import mean_weights  # noqa: E402

# The widths of the backbone's convolutions are given; all else is as small as can be.
SMALL = ChartEncoderConfig(size=96, stem=(8, 48, 96, 192), width=16, depth=1, heads=2, mlp=32, cells=8)

CLEAN = 3  # a generator of this seed leaves the spans as a text layer has them


def small(name: str) -> PointersTask:
    task = DESIGNS[name]
    shape: dict[str, Any] = {"encoder": SMALL, "width": 16, "depth": 1, "heads": 2, "mlp": 32}
    if name in ("spelled", "text", "locations"):
        shape["longest"] = 96
    return replace(task, config=replace(task.config, **shape))


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return list(itertools.islice(DESIGNS["pointers"].samples(7), 12))


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_learns_and_reads(name: str, samples: list[Sample], tmp_path: Path) -> None:
    task = small(name)
    before = {weight: value.clone() for weight, value in task.build().state_dict().items()}
    ticks = itertools.count().__next__  # a clock by which a minute is 60 steps
    settings = trainer.Settings(tmp_path, 0.05, batch=2, workers=0, warm_up=1, device="cpu", clock=ticks)
    network = trainer.train(task, settings, before)
    after = network.state_dict()
    assert all(torch.isfinite(value).all() for value in after.values())
    assert not torch.equal(before["decoder.embedding.weight"], after["decoder.embedding.weight"])
    assert isinstance(network, chart.ChartNetwork)
    for answer, sample in zip(readings(network, samples[:2]), samples):
        assert 0 <= score(answer, sample, SMALL.size).overlaps[1] <= 1


@pytest.mark.parametrize("name", ["locations", "spelled", "text"])
def test_what_a_design_writes_says_what_pointers_say(name: str, samples: list[Sample]) -> None:
    """The true sentence of each chart, read back. Names that are not printed nobody can say."""
    for sample in samples:
        expected, found = _true(DESIGNS["pointers"], sample), _true(DESIGNS[name], sample)
        assert found.kind == 1
        assert found.title >= expected.title or math.isnan(found.title)
        assert found.names >= expected.names or math.isnan(found.names)
        if takes_places(DESIGNS[name].config):
            assert found.marks == 1
        else:
            assert found.values == 1


def _true(task: PointersTask, sample: Sample) -> Score:
    """How right a design is that writes exactly what it should."""
    example = task.example(sample, np.random.default_rng(CLEAN))
    assert example is not None
    shown = _shown(example, task.config)
    roles = np.eye(len(TEXT_ROLES), dtype=np.float32)[example.roles[: len(shown)]]
    places = np.nan_to_num(example.places[: len(shown)])
    actions = tuple(example.actions[:-1].tolist())
    generated = Generated(actions, (), example.offsets[:-1], True)
    answer = said(task.config, ChartReading(generated, roles, places, np.zeros(100, np.float32)), shown)
    return score(answer, sample, task.config.encoder.size)


def _shown(example: Example, config: ChartConfig) -> list[Anchor]:
    codes = example.codes
    boxes = dequantize_boxes(codes.boxes, config.anchor_config)
    return [Anchor(bytes_text(codes.text[row]), tuple(boxes[row])) for row in np.flatnonzero(codes.mask)]


def test_the_backbone_computes_what_the_detector_does() -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("rapidocr")
    import onnxruntime

    encoder = OcrChartEncoder(ChartEncoderConfig())
    encoder.begin(detector())
    model = onnx.load(detector())
    # Where the detector's neck takes the backbone's map at stride 16.
    name = "p2o.pd_op.add.50.0"
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, 1, None))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    image = np.random.default_rng(2).random((1, 3, 96, 96), np.float32)
    (expected,) = session.run([name], {session.get_inputs()[0].name: image[:, ::-1] * 2 - 1})
    with torch.inference_mode():
        found = encoder.to_sixteen(encoder.to_eight(encoder.to_four(torch.from_numpy(image) - 0.5)))
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-3)


def test_what_perplexes_a_model_is_left_out(tmp_path: Path) -> None:
    plain = small("pointers")
    network = plain.build().eval()
    judge = chart.save_network(network, tmp_path / "judge")
    mixture = {"painter": 1.0}
    filtered = FilteredTask(plain.config, mixture=mixture, judge=judge, keep=0.25)
    kept = list(itertools.islice(filtered.examples(3), 8))
    drawn = list(itertools.islice(ChartTask(plain.config, mixture=mixture).examples(3), 40))
    judged = chart.load_network(judge)
    assert max(perplexities(judged, kept)) <= np.quantile(perplexities(judged, drawn), 0.3)


def test_a_soup_is_the_mean() -> None:
    one, other = small("pointers").build().state_dict(), small("pointers").build().state_dict()
    mixed = mean_weights([one, other])
    for name in ("heat.weight", "decoder.embedding.weight"):
        torch.testing.assert_close(mixed[name], (one[name] + other[name]) / 2)
    with pytest.raises(ValueError, match="different networks"):
        mean_weights([one, small("text").build().state_dict() | {"more": torch.zeros(1)}])
