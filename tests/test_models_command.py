"""``docvlm models``: what is here, what it is, and what cannot be had, each in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES, Command

import docvlm
from docvlm import checkpoints
from docvlm.errors import DamagedModel, ModelMissing, UsageError

_CARD = "---\nlicense: apache-2.0\ntags: [ocr]\n---\n# A model\n"


def _model(folder: Path, weights: str = "model.safetensors", **config: Any) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "got_ocr2"} | config))
    (folder / weights).write_bytes(b"0" * 2_000_000)
    return folder


@pytest.fixture
def cache(docvlm: Command) -> Path:
    """The hub's cache with one model in it, for every run of the command, which is offline."""
    pytest.importorskip("huggingface_hub")
    cache: Path = docvlm.folder / "cache"
    home = cache / "models--someone--reader"
    _model(home / "snapshots" / "abc")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc")
    docvlm.env |= {"HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    return cache


def test_list_names_what_was_fetched(docvlm: Command, cache: Path) -> None:
    done = docvlm("models", "list")
    assert done.returncode == 0
    assert "someone/reader  (fetched)" in done.stdout.splitlines()
    named = {line.split()[0] for line in done.stdout.splitlines()}
    assert named == {"someone/reader", *checkpoints.bundled()}


def test_show_says_what_a_model_is(docvlm: Command, cache: Path) -> None:
    folder = _model(docvlm.folder / "mine", architectures=["GotOcr2ForConditionalGeneration"])
    (folder / "README.md").write_text(_CARD)
    done = docvlm("models", "show", "mine")
    said = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert done.returncode == 0
    assert {name: value.strip() for name, value in said.items()} == {
        "name": "mine", "kind": "transformers", "architecture": "GotOcr2ForConditionalGeneration", "size": "2.0 MB",
        "licence": "apache-2.0", "folder": "mine", "files": "README.md, config.json, model.safetensors",
    }  # fmt: skip
    by_id = docvlm("models", "show", "someone/reader")
    assert by_id.returncode == 0 and str(cache) in by_id.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("models", "show", "someone/else"), 3, "fetch it with 'docvlm models pull someone/else'"),
        (("models", "show", "nothing"), 3, "no model is called 'nothing' (see 'docvlm models list'"),
        (("models", "pull", "someone/else", "-o", "there"), 3, "the hub cannot be reached (go online"),
        (("models", "pull", "noid"), 2, "give OWNER/NAME"),
        (
            ("convert", "a.pdf", "--reader", "vlm", "--model", "someone/else"),
            3,
            "docvlm models pull someone/else",
        ),
        (("convert", "a.pdf", "--reader", "vlm"), 2, "--model"),
        (("convert", "a.pdf", "--model", "x", "--runtime", "tensorrt"), 2, "use --runtime torch"),
    ],
)
def test_what_cannot_be_had_is_one_line(
    docvlm: Command, cache: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = docvlm(*words)
    assert done.returncode == code
    assert said in done.stderr and done.stderr.startswith("docvlm: ") and len(done.stderr.splitlines()) == 1
    assert not (docvlm.folder / "there").exists()


def test_pickles_are_refused_with_the_way_to_convert_them(tmp_path: Path) -> None:
    folder = _model(tmp_path / "a", "pytorch_model.bin")
    with pytest.raises(DamagedModel) as error:
        checkpoints.find(str(folder))
    assert "pytorch_model.bin" in str(error.value) and "safetensors" in error.value.remedy
    (folder / "model.safetensors").write_bytes(b"0")
    assert checkpoints.find(str(folder)).kind == "transformers"


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"architectures": ["OneChartOPTForCausalLM"], "model_type": "OneChart"}, "onechart"),
        ({"architectures": ["varyQwenForCausalLM"], "model_type": "vary"}, "vary"),
        ({"architectures": ["varyOPTForCausalLM"], "model_type": "vary"}, "vary"),
        ({"model_type": "vision-encoder-decoder"}, "transformers"),
        ({"format": "docvlm-bundle", "version": 1, "kind": "chart"}, "bundle"),
    ],
)
def test_a_folder_tells_what_it_holds(tmp_path: Path, config: dict[str, Any], kind: str) -> None:
    assert checkpoints.describe(str(_model(tmp_path / "a", **config))).kind == kind


def test_a_folder_that_holds_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(DamagedModel, match=r"no config\.json"):
        checkpoints.find(str(tmp_path))
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(DamagedModel, match="not JSON"):
        checkpoints.find(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(DamagedModel, match="names no model_type"):
        checkpoints.find(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "got_ocr2"}')
    with pytest.raises(DamagedModel, match="no weights"):
        checkpoints.find(str(tmp_path))
    with pytest.raises(UsageError, match="is a file"):
        checkpoints.find(str(tmp_path / "config.json"))
    with pytest.raises(ModelMissing):
        checkpoints.find(str(tmp_path / "elsewhere"))


def test_the_fingerprint_follows_the_files(tmp_path: Path) -> None:
    folder = _model(tmp_path / "a")
    before = checkpoints.fingerprint(str(folder))
    assert checkpoints.fingerprint(str(folder)) == before
    (folder / "model.safetensors").write_bytes(b"1")
    assert checkpoints.fingerprint(str(folder)) != before


def test_only_safetensors_and_settings_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    asked: dict[str, Any] = {}

    def snapshot(name: str, **settings: Any) -> str:
        asked.update(settings, name=name)
        return str(tmp_path)

    monkeypatch.setattr(hub, "snapshot_download", snapshot)
    with pytest.raises(DamagedModel, match="no safetensors"):
        checkpoints.pull("someone/reader", tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"0")
    assert checkpoints.pull("someone/reader", tmp_path) == tmp_path
    assert asked["name"] == "someone/reader" and asked["local_dir"] == tmp_path
    assert "*.safetensors" in asked["allow_patterns"]
    assert not [pattern for pattern in asked["allow_patterns"] if pattern.endswith((".bin", ".py", ".pt", "*"))
                and pattern != "LICENSE*"]  # fmt: skip


def test_a_published_onechart_reads_a_page(tmp_path: Path) -> None:
    published = pytest.importorskip("test_published")
    folder = published._opt_folder(tmp_path, "OneChartOPTForCausalLM", published._chart_state(1))
    page = docvlm.convert(SAMPLES / "invoice.pdf", reader="vlm", model=str(folder), device="cpu").pages[0]
    assert page.error is None
    assert any(
        check.name == "token-probability" for block in page.blocks for check in block.confidence.checks
    )
