"""Bundles that are damaged: whatever is wrong with their files is one clear line."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

from docvlm.bundle import load_bundle
from docvlm.errors import DocvlmError
from docvlm.runtimes.manifest import MANIFEST, read_manifest

Link = Callable[[Path, Path], None]
_DEEP = "[" * 100_000
_TEXTS = ["", "null", "[]", "{}", '{"format": 1}', "\ufffd", _DEEP]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT / "models" / "finder-s", tmp_path_factory.mktemp("models") / "finder-s"))


@pytest.mark.parametrize("text", _TEXTS, ids=lambda text: text[:12] or "empty")
@pytest.mark.parametrize("name", ["config.json", MANIFEST])
def test_a_file_that_is_something_else(bundle: Path, name: str, text: str) -> None:
    whole = (bundle / name).read_bytes()
    try:
        (bundle / name).write_text(text)
        with pytest.raises(DocvlmError) as caught:
            load_bundle(bundle)
            read_manifest(bundle)
        assert len(caught.value.line().splitlines()) == 1
    finally:
        (bundle / name).write_bytes(whole)


@pytest.mark.parametrize("value", [None, 3, [], {}, "../look.onnx"])
def test_a_manifest_whose_graph_lies_nowhere(bundle: Path, value: object) -> None:
    path = bundle / MANIFEST
    whole = path.read_text()
    stated = json.loads(whole)
    stated["graphs"]["look"][0]["file"] = value
    try:
        path.write_text(json.dumps(stated))
        with pytest.raises(DocvlmError):
            read_manifest(bundle)
    finally:
        path.write_text(whole)


def test_weights_that_are_cut_short(bundle: Path) -> None:
    path = bundle / "model.safetensors"
    whole = path.read_bytes()
    for kept in (0, 5, 100, len(whole) - 10):
        path.write_bytes(whole[:kept])
        with pytest.raises(DocvlmError):
            load_bundle(bundle)
    path.write_bytes(whole)


@pytest.mark.parametrize("link", [os.link, os.symlink], ids=["hard", "symbolic"])
def test_a_bundle_of_links_as_installers_keep_them_is_exported(
    bundle: Path, tmp_path: Path, link: Link
) -> None:
    pytest.importorskip("onnx")
    from docvlm.export.graph_files import read_graph

    for file in bundle.iterdir():
        link(file, tmp_path / file.name)
    graph = read_manifest(bundle).graphs["look"][0].file
    assert read_graph(tmp_path / graph) == read_graph(ROOT / "models" / "finder-s" / graph)


def test_weights_of_a_graph_that_are_cut_short_or_elsewhere(bundle: Path, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from docvlm.export.graph_files import read_graph

    shutil.copytree(bundle, tmp_path, dirs_exist_ok=True)
    path = tmp_path / read_manifest(bundle).graphs["look"][0].file
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5000])
    with pytest.raises(DocvlmError, match="cut short"):
        read_graph(path)
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../model.safetensors"
    onnx.save(model, path)
    with pytest.raises(DocvlmError, match="outside of the folder"):
        read_graph(path)
