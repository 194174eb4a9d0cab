"""The chart network: training and reading see the same, bundles keep it, damage is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from docvlm.anchors import Anchor, encode_anchors  # noqa: E402
from docvlm.bundle import BundleError  # noqa: E402
from docvlm.charts.code import Token, chart_grammar  # noqa: E402
from docvlm.charts.figure import Figure  # noqa: E402
from docvlm.charts.interface import ChartConfig, ChartEncoderConfig  # noqa: E402
from docvlm.charts.reading import ChartReader  # noqa: E402
from docvlm.networks.anchor_embedding import stack_codes  # noqa: E402
from docvlm.networks.chart import ChartNetwork, load_network, save_network  # noqa: E402
from docvlm.runtimes.chart import ChartGraphs  # noqa: E402
from docvlm.runtimes.torch import eager  # noqa: E402

TINY = ChartConfig(
    ChartEncoderConfig(size=128, stem=(4, 8, 8, 8), width=16, depth=2, heads=2, mlp=32, cells=8),
    anchors=12,
    width=16,
    depth=2,
    heads=2,
    mlp=32,
)
ANCHORS = [
    Anchor("2019", (10, 100, 30, 110)),
    Anchor("Sales", (40, 5, 80, 15)),
    Anchor("7.5", (5, 50, 15, 58)),
]


@pytest.fixture
def network() -> ChartNetwork:
    torch.manual_seed(3)
    return ChartNetwork(TINY).eval()


def _model(network: ChartNetwork) -> ChartGraphs:
    return ChartGraphs(network.config, eager(network))


def test_reading_says_what_training_sees(network: ChartNetwork) -> None:
    rng = np.random.default_rng(1)
    images = rng.random((2, 3, 128, 128), np.float32)
    codes = [encode_anchors(ANCHORS[: 2 + row], TINY.anchor_config) for row in range(2)]
    readings = _model(network).read(images, codes)
    assert len(readings) == 2
    for row, reading in enumerate(readings):
        actions = [*reading.generated.actions, Token.END]
        assert chart_grammar(TINY.space).accepts(actions[:-1])
        with torch.inference_mode():
            out = network(
                torch.from_numpy(images[row : row + 1]), stack_codes([codes[row]]), torch.tensor([actions])
            )
        log_probs = out.scores[0].log_softmax(-1)[torch.arange(len(actions)), torch.tensor(actions)]
        count = len(reading.generated.log_probs)
        np.testing.assert_allclose(log_probs[:count], reading.generated.log_probs, atol=2e-4)
        np.testing.assert_allclose(out.values[0], reading.values, atol=1e-4)
        roles = out.roles[0, : 2 + row].softmax(-1)
        np.testing.assert_allclose(roles, reading.roles, atol=1e-4)


def test_room_for_no_chart_only_tells_how_likely_it_is_none(network: ChartNetwork) -> None:
    image = np.random.default_rng(2).random((1, 3, 128, 128), np.float32)
    codes = [encode_anchors([], TINY.anchor_config)]
    (short,) = _model(network).read(image, codes, 3)
    assert short.generated.actions == (Token.AUXILIARY, Token.NO_CHART)
    with torch.inference_mode():
        scores = network(
            torch.from_numpy(image), stack_codes(codes), torch.tensor([[*short.generated.actions, Token.END]])
        ).scores[0, 1]
    # Among everything else that the network might have written.
    assert short.generated.log_probs[1] == pytest.approx(
        float(scores.log_softmax(-1)[Token.NO_CHART]), abs=2e-4
    )
    with pytest.raises(ValueError, match="at least 3"):
        _model(network).read(image, codes, 2)


def test_a_bundle_gives_the_network_back(network: ChartNetwork, tmp_path: Path) -> None:
    again = load_network(save_network(network, tmp_path / "chart-t"))
    assert again.config == TINY
    pixels = torch.rand(1, 3, 128, 128)
    tokens, cells = network.encoder(pixels)
    same, alike = again.encoder(pixels)
    # int8 rows are within half a step of their largest entry.
    assert torch.nn.functional.cosine_similarity(tokens.flatten(), same.flatten(), dim=0) > 0.999
    assert torch.nn.functional.cosine_similarity(cells.flatten(), alike.flatten(), dim=0) > 0.999


def test_a_bundle_of_another_shape_is_refused(network: ChartNetwork, tmp_path: Path) -> None:
    folder = save_network(network, tmp_path / "chart-t")
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace('"kind": "chart"', '"kind": "reader"'))
    with pytest.raises(BundleError, match="not a chart model"):
        load_network(folder)
    deeper = config.replace('"depth": 2,\n  "heads": 2,\n  "mlp"', '"depth": 3,\n  "heads": 2,\n  "mlp"')
    assert deeper != config
    (folder / "config.json").write_text(deeper)
    with pytest.raises(BundleError, match=r"layers\.2"):
        load_network(folder)


def test_an_untrained_network_still_gives_a_whole_chart(network: ChartNetwork) -> None:
    image = np.full((90, 140, 3), 250, np.uint8)
    charts = ChartReader(_model(network)).read([Figure(image, ANCHORS), Figure(image, [])])
    assert len(charts) == 2
    for chart in charts:
        assert 0 <= chart.reliability.score <= 1
        assert chart.reliability.checks


def test_an_image_must_hold_whole_tokens() -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        replace(TINY.encoder, size=100)
