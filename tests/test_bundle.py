"""Bundles: what is saved comes back, and what was damaged or does not belong is refused by name."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("safetensors")

from docvlm import bundle as bundles
from docvlm.bundle import (
    BundleError,
    Precision,
    bundle_names,
    default_precision,
    find_bundle,
    half_precision,
    load_bundle,
    save_bundle,
)
from docvlm.errors import DocvlmError, ModelMissing
from docvlm.files import write_atomically

_TOKENIZER = '{"version": "1.0", "model": {"vocab": {"ä": 0}}}'


def _tensors() -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(64, 32)).astype(np.float32) * random.uniform(0.01, 10, (64, 1)).astype("f4")
    matrix[3] = 0
    return {
        "matrix": matrix,
        "kernel": random.normal(size=(16, 8, 3, 3)).astype(np.float32),
        "small": random.normal(size=(4, 4)).astype(np.float32),
        "norm.weight": random.normal(size=64).astype(np.float32),
        "counts": np.arange(5, dtype=np.int64),
    }


def _save(folder: Path, tensors: dict[str, NDArray[Any]] | None = None, **options: Any) -> Path:
    networks = {"decoder": {"width": 32}}
    return save_bundle(folder, "chart", networks, tensors or _tensors(), _TOKENIZER, **options)


def test_a_bundle_comes_back(tmp_path: Path) -> None:
    tensors = _tensors()
    opened = load_bundle(_save(tmp_path / "model", tensors))
    assert (opened.kind, opened.networks) == ("chart", {"decoder": {"width": 32}})
    assert opened.tokenizer == _TOKENIZER
    assert opened.tensors.keys() == tensors.keys()
    kinds = {"matrix": "int8", "kernel": "int8", "small": "fp32", "norm.weight": "fp32", "counts": "exact"}
    assert opened.precision == kinds
    for name, tensor in opened.tensors.items():
        assert tensor.shape == tensors[name].shape
        assert tensor.dtype == tensors[name].dtype
        if kinds[name] != "int8":
            np.testing.assert_array_equal(tensor, tensors[name])
    for name in ("matrix", "kernel"):
        rows = tensors[name].reshape(len(tensors[name]), -1)
        step = np.abs(rows).max(1, keepdims=True) / 127
        off = np.abs(opened.tensors[name].reshape(rows.shape) - rows)
        assert (off <= step / 2 * (1 + 1e-4)).all()
    files = {path.name for path in (tmp_path / "model").iterdir()}
    assert files == {"config.json", "tokenizer.json", "model.safetensors"}


def test_int8_is_a_quarter_and_fp16_a_half(tmp_path: Path) -> None:
    tensors: dict[str, NDArray[Any]] = {"m": np.random.default_rng(1).normal(size=(256, 512)).astype("f4")}
    whole = tensors["m"].nbytes
    int8 = _save(tmp_path / "a", tensors) / "model.safetensors"
    fp16 = _save(tmp_path / "b", tensors, precision=half_precision) / "model.safetensors"
    assert int8.stat().st_size < whole / 4 * 1.03
    assert fp16.stat().st_size < whole / 2 * 1.01
    np.testing.assert_array_equal(
        load_bundle(tmp_path / "b").tensors["m"], tensors["m"].astype("f2").astype("f4")
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(1, 40), st.floats(1e-12, 1e12), st.integers(0, 2**32 - 1))
def test_rows_of_any_size_keep_their_precision(rows: int, columns: int, size: float, seed: int) -> None:
    matrix = (np.random.default_rng(seed).normal(size=(rows, columns)) * size).astype(np.float32)
    packed = bundles._pack("m", matrix, "int8")
    back = bundles._unpack(packed["m"], "int8", packed["m::scale"], "m")
    # Half a step, and the rounding of float32 itself.
    limit = np.abs(matrix).max(1, keepdims=True) / 127 * 0.5001
    assert (np.abs(back - matrix) <= limit).all()
    again = bundles._pack("m", back, "int8")
    np.testing.assert_array_equal(again["m"], packed["m"])


def test_no_torch_is_needed_to_open_one(tmp_path: Path) -> None:
    _save(tmp_path)
    code = (
        f"import sys; from docvlm.bundle import load_bundle; load_bundle({str(tmp_path)!r})\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "tests")
    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_changed_or_missing_file_is_named(tmp_path: Path, name: str) -> None:
    path = _save(tmp_path) / name
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    with pytest.raises(BundleError, match=r"damaged or was changed") as caught:
        load_bundle(tmp_path)
    assert str(path) in caught.value.line() and "again" in caught.value.line()
    path.unlink()
    with pytest.raises(BundleError, match="cannot read") as caught:
        load_bundle(tmp_path)
    assert str(path) in str(caught.value)


def _edit(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config.update(changes)
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))


def _rehash(folder: Path) -> dict[str, str]:
    names = ("model.safetensors", "tokenizer.json")
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "has version 2"),
        ({"kind": None}, "lacks 'kind'"),
        ({"sha256": None}, "lacks 'sha256'"),
        ({"sha256": {}}, "does not state the hashes"),
        ({"sha256": {"model.safetensors": "0", "../other": "0"}}, "does not state the hashes"),
        ({"precision": {"matrix": "int8", "other": "fp32"}}, r"missing \['other'\], surplus \['counts'"),
    ],
)
def test_a_wrong_config_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    _edit(_save(tmp_path), **changes)
    with pytest.raises(BundleError, match=message):
        load_bundle(tmp_path)


@pytest.mark.parametrize(
    ("tensor", "kind", "message"),
    [("norm.weight", "fp16", "stored as float32, not as 'fp16'"), ("small", "int4", "not as 'int4'")],
)
def test_a_tensor_in_another_precision_is_refused(
    tmp_path: Path, tensor: str, kind: str, message: str
) -> None:
    precision = json.loads((_save(tmp_path) / "config.json").read_text())["precision"]
    _edit(tmp_path, precision={**precision, tensor: kind})
    with pytest.raises(BundleError, match=message):
        load_bundle(tmp_path)


def test_what_is_no_safetensors_file_is_refused(tmp_path: Path) -> None:
    (_save(tmp_path) / "model.safetensors").write_bytes(b"\x80\x04pickle")
    _edit(tmp_path, sha256=_rehash(tmp_path))
    with pytest.raises(BundleError, match="not a safetensors file"):
        load_bundle(tmp_path)


def _always(kind: Precision) -> Any:
    return lambda name, tensor: kind


@pytest.mark.parametrize(
    ("tensors", "precision", "message"),
    [
        ({"m": np.full((2, 2), np.nan, np.float32)}, default_precision, "m holds values that are not finite"),
        ({"m": np.full((2, 2), 1e6, np.float32)}, _always("fp16"), "m is too large for fp16"),
        ({"m": np.ones(3, np.float32)}, _always("int8"), "m has no rows"),
        ({"m::scale": np.ones(3, np.float32)}, default_precision, "may not be called m::scale"),
    ],
)
def test_what_cannot_be_stored_is_refused(
    tmp_path: Path, tensors: dict[str, NDArray[Any]], precision: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _save(tmp_path / "model", tensors, precision=precision)
    assert not (tmp_path / "model").exists()


def test_an_interrupted_writing_over_a_bundle_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _save(tmp_path)
    write = write_atomically

    def fail_at_config(path: Path, data: bytes) -> Path:
        if path.name == "config.json":
            raise KeyboardInterrupt
        return write(path, data)

    monkeypatch.setattr("docvlm.bundle.write_atomically", fail_at_config)
    with pytest.raises(KeyboardInterrupt):
        _save(tmp_path, {"other": np.ones(3, np.float32)})
    with pytest.raises(BundleError, match="damaged or was changed"):
        load_bundle(tmp_path)


def test_names_are_looked_up_among_the_bundled_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bundle_names() == ["chart-s", "finder-s", "page-s", "reader-s"]
    assert find_bundle("chart-s") == ROOT / "models" / "chart-s"
    _save(tmp_path / "chart-x")
    (tmp_path / "folder-without-config").mkdir()
    (tmp_path / "__init__.py").touch()
    monkeypatch.setattr("docvlm.bundle.resources.files", lambda package: tmp_path)
    assert bundle_names() == ["chart-x"]
    assert find_bundle("chart-x") == tmp_path / "chart-x"
    assert load_bundle("chart-x").kind == "chart"
    assert find_bundle("folder-without-config") is None
    with pytest.raises(ModelMissing, match="no model bundle is called chart-y") as caught:
        load_bundle("chart-y")
    assert "chart-x" in caught.value.remedy
    assert isinstance(caught.value, DocvlmError)


def test_a_folder_of_transformers_is_not_one_of_ours(tmp_path: Path) -> None:
    for text in ('{"model_type": "llama"}', "[]", "not json"):
        (tmp_path / "config.json").write_text(text)
        assert find_bundle(tmp_path) is None
