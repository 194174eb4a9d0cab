"""Models of transformers' own, tiny and random, read through one interface and through the command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SAMPLES, Command
from hypothesis import given, settings
from hypothesis import strategies as st

from docvlm.decoding.repetition import WINDOW, stuck_period, without_repetition
from docvlm.errors import DamagedModel

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_models  # noqa: E402

from docvlm.decoding.interface import Format  # noqa: E402
from docvlm.networks.published import hub  # noqa: E402

_SAVE: dict[str, Callable[[Path], Path]] = {
    "got": tiny_models.save_got,
    "donut": tiny_models.save_donut,
    "qwen": tiny_models.save_qwen,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    torch.set_num_threads(1)
    return {name: save(tmp_path_factory.mktemp(name)) for name, save in _SAVE.items()}


def _images() -> list[np.ndarray]:
    shapes = [(100, 80, 3), (200, 300, 3), (10, 300, 3)]
    return [np.random.RandomState(i).randint(0, 255, shape, np.uint8) for i, shape in enumerate(shapes)]


@pytest.mark.parametrize("name", _SAVE)
def test_a_batch_reads_as_its_images_do_alone(folders: dict[str, Path], name: str) -> None:
    model = hub.load(folders[name], name, "cpu")
    model.batch_size = 2
    forms: tuple[Format, ...] = ("markdown", "text")
    for form in forms:
        together = model.read(_images(), form, max_tokens=60)
        alone = [model.read([image], form, max_tokens=60)[0] for image in _images()]
        assert [reading.text for reading in together] == [reading.text for reading in alone]
        for one, other in zip(together, alone):
            assert one.log_probs == pytest.approx(other.log_probs, abs=1e-3)
            assert 1 <= len(one.log_probs) <= 60 and max(one.log_probs) <= 0
            assert one.finished == other.finished and one.repeated == other.repeated
    assert len({reading.text for reading in together}) > 1


def test_the_form_asked_for_reaches_the_model(folders: dict[str, Path]) -> None:
    got = hub.load(folders["got"], "got", "cpu")
    image = [hub._pillow(_images()[0])]
    prompts = {
        form: got._tokenizer.decode(got._ask(image, form)["input_ids"][0]) for form in ("markdown", "text")
    }
    assert "OCR with format: " in prompts["markdown"] and "OCR: " in prompts["text"]
    qwen = hub.load(folders["qwen"], "qwen", "cpu")
    prompt = qwen._tokenizer.decode(qwen._ask(image, "latex")["input_ids"][0])
    assert "Write the formula" in prompt and prompt.endswith("<|im_start|>assistant\n")
    assert prompt.count("<|image_pad|>") == 6


def test_log_probabilities_are_those_of_the_models_own_scores(folders: dict[str, Path]) -> None:
    model = hub.load(folders["donut"], "donut", "cpu")
    image = _images()[1]
    reading = model.read([image], max_tokens=12)[0]
    asked = model._ask([hub._pillow(image)], "markdown")
    output = model._model.generate(
        **asked, max_new_tokens=12, do_sample=False, return_dict_in_generate=True, output_scores=True
    )
    tokens = output.sequences[0, 1:]
    expected = [float(scores[0].log_softmax(-1)[token]) for scores, token in zip(output.scores, tokens)]
    assert reading.log_probs == pytest.approx(expected, abs=1e-4)


def test_a_donut_starts_with_its_task_and_its_form_becomes_a_list(tmp_path: Path) -> None:
    model = hub.load(tiny_models.save_donut(tmp_path, "<s_cord-v2>"), "donut", "cpu")
    asked = model._ask([hub._pillow(_images()[0])], "markdown")
    assert model._tokenizer.decode(asked["decoder_input_ids"][0]) == "<s_cord-v2>"
    written = "<s_total><s_price>3.50</s_price></s_total><s_price>2</s_price></s>"
    tokens = np.array(model._tokenizer(written, add_special_tokens=False)["input_ids"])
    assert model._text_of(tokens) == "- **total**\n  - **price**: 3.50\n- **price**: 2"
    assert all(isinstance(reading.text, str) for reading in model.read(_images(), max_tokens=40))


def test_a_row_that_repeats_is_ended_and_the_others_go_on(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = hub.load(folders["donut"], "donut", "cpu")
    generate = model._model.generate
    letter = model._tokenizer.convert_tokens_to_ids("x")

    def forced(input_ids: Any, scores: Any) -> Any:
        if input_ids.shape[1] > 4:
            scores[0] = -9.0
            scores[0, letter] = 0.0
        scores[:, model._ends] = -99.0
        return scores

    def stuck(*args: Any, **settings: Any) -> Any:
        settings["logits_processor"].insert(0, forced)
        return generate(*args, **settings)

    monkeypatch.setattr(model._model, "generate", stuck)
    first, second = model.read(_images()[:2], max_tokens=90)
    assert first.repeated and not first.finished and len(first.log_probs) == 5
    assert first.text.endswith("x") and not first.text.endswith("xx")
    assert not second.repeated and len(second.log_probs) == 90


def test_where_memory_ends_fewer_images_are_read_at_once(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = hub.load(folders["donut"], "donut", "cpu")
    whole = model.read(_images(), max_tokens=8)
    read = model._read_batch

    def little_memory(images: Any, *rest: Any) -> Any:
        if len(images) > 1:
            raise torch.cuda.OutOfMemoryError
        return read(images, *rest)

    monkeypatch.setattr(model, "_read_batch", little_memory)
    assert [reading.text for reading in model.read(_images(), max_tokens=8)] == [
        reading.text for reading in whole
    ]
    assert model.batch_size == 1
    monkeypatch.setattr(model, "_read_batch", lambda *_: little_memory(_images()))
    with pytest.raises(torch.cuda.OutOfMemoryError):
        model.read(_images(), max_tokens=8)


@given(
    st.lists(st.integers(0, 5), max_size=80), st.lists(st.integers(6, 9), min_size=1, max_size=12), st.data()
)
@settings(max_examples=150, deadline=None)
def test_a_phrase_over_and_over_is_noticed_and_kept_once(
    before: list[int], phrase: list[int], data: st.DataObject
) -> None:
    period = len(phrase)
    while period > 1 and any(
        phrase == phrase[:p] * (period // p) for p in range(1, period) if period % p == 0
    ):
        phrase, period = phrase[:-1], period - 1
    times = max(8, -(-64 // period)) + 1 + data.draw(st.integers(0, 3))
    tokens = np.array(before + phrase * times)
    assert stuck_period(tokens) == period
    assert tokens[: without_repetition(tokens, period)].tolist() == before + phrase
    few = np.array(before + phrase * min(6, 60 // period))
    assert stuck_period(few) is None or stuck_period(np.array(before)) is not None
    assert stuck_period(np.arange(WINDOW)) is None


@pytest.mark.parametrize("name", _SAVE)
def test_a_page_is_read_through_the_command(folders: dict[str, Path], name: str, docvlm: Command) -> None:
    done = docvlm(
        "convert", SAMPLES / "invoice.pdf", "--reader", "vlm", "--model", folders[name], "--device", "cpu",
        "-o", "out", "--to", "json,markdown",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = json.loads((docvlm.folder / "out" / "invoice.json").read_text())["pages"][0]
    read = [block for block in page["blocks"] if block.get("reader") == "vlm"]
    assert read and not page.get("error")
    for block in read:
        checks = {check["name"]: check["passed"] for check in block["confidence"]["checks"]}
        assert "token-probability" in checks and not block["confidence"]["reliable"]
        x0, y0, x1, y1 = block["box"]
        assert 0 <= x0 < x1 <= page["width"] + 1 and 0 <= y0 < y1 <= page["height"] + 1


def test_a_broken_checkpoint_is_one_line(folders: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folders["got"], broken)
    (broken / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(DamagedModel, match="broken: transformers cannot load it: "):
        hub.load(broken, "broken", "cpu")
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))
    with pytest.raises(DamagedModel):
        hub.load(broken, "broken", "cpu")
