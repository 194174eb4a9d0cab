"""The rules of the house: who may import whom, what a wheel holds, what git tracks."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT

_OURS = {"docvlm", "cli", "export", "models", "training", "benchmarks"}
_MAY_IMPORT = {
    "docvlm": {"docvlm"},
    "cli": {"docvlm", "cli", "export"},
    "export": {"docvlm", "export"},
    "models": set(),
}


def _home(path: Path) -> str:
    """The name by which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "docvlm" else ("docvlm", *parts)
    return ".".join(parts).removesuffix(".__init__")


def _imports(path: Path, nodes: list[ast.AST]) -> Iterator[str]:
    package = _home(path) if path.name == "__init__.py" else _home(path).rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{module}.{alias.name}"


def _layer(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] == "docvlm" and len(parts) > 1 and parts[1] in _MAY_IMPORT:
        return parts[1]
    return parts[0] if parts[0] in _OURS else None


@pytest.mark.parametrize("folder", list(_MAY_IMPORT))
def test_a_layer_imports_only_what_lies_below_it(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for path in files:
        used = set(_imports(path, list(ast.walk(ast.parse(path.read_text())))))
        strangers = {name for name in used if (layer := _layer(name)) and layer not in _MAY_IMPORT[folder]}
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


def test_no_module_of_the_library_imports_itself_in_a_circle() -> None:
    files = {_home(path): path for path in (ROOT / "docvlm").rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        found = _imports(path, list(ast.parse(path.read_text()).body))
        near = {full if full in files else full.rpartition(".")[0] for full in found}
        graph[name] = near & (files.keys() - {name, "docvlm"})
    assert any(graph.values())
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_the_layers_of_the_library_hold(tmp_path: Path) -> None:
    """Those of pyproject.toml, as in a wheel: there the command and the export are parts of the package."""
    pytest.importorskip("importlinter")
    for folder in _MAY_IMPORT:
        inside = tmp_path / "docvlm" / ("" if folder == "docvlm" else folder)
        for path in (ROOT / folder).rglob("*.py"):
            copy = inside / path.relative_to(ROOT / folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    call = "from importlinter.cli import lint_imports_command as run; run()"
    words = ["--no-cache", "--no-logo", str(ROOT / "pyproject.toml")]
    done = subprocess.run([sys.executable, "-c", call, *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:  # an unpacked archive: which of its files are the project's is not known
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_the_wheel_holds_one_package(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for path in _tracked():
        if path.relative_to(ROOT).parts[0] in {*_MAY_IMPORT, "pyproject.toml", "README.md", "LICENSE"}:
            copy = tree / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "d")]
    built = subprocess.run([*command, str(tree)], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    names = zipfile.ZipFile(next((tmp_path / "d").glob("*.whl"))).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"docvlm"}
    expected = {
        str(Path("docvlm", *path.relative_to(ROOT).parts[path.relative_to(ROOT).parts[0] == "docvlm" :]))
        for path in _tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in _MAY_IMPORT
    }
    assert "docvlm/cli/main.py" in expected and expected <= set(names), expected - set(names)
    assert "docvlm/py.typed" in names


def test_no_pickles_nor_paths_of_one_machine_are_tracked() -> None:
    pickles = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib"}
    assert not [path for path in _tracked() if path.suffix in pickles]
    words = [f"/{folder}/" for folder in ("work/main", "home/user", "Users", "tmp/dev")]
    for path in _tracked():
        if path.suffix in {".py", ".toml", ".md", ".json", ".sh", ""}:
            text = path.read_text(errors="replace")
            assert not [word for word in words if word in text], path


_LAZY = ["pymupdf", "numpy", "torch", "cv2", "onnxruntime", "pydantic", "PIL", "rapidocr"]


def _loaded_by(code: str) -> set[str]:
    asked = f"{code}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT / "tests")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_heavy() -> None:
    loaded = _loaded_by(
        "import sys; sys.argv = ['docvlm', '--help']\n"
        "from docvlm.cli.main import run\n"
        "try: run()\nexcept SystemExit as end: assert not end.code"
    )
    assert "docvlm.cli.main" in loaded
    assert not loaded & set(_LAZY)


def test_a_born_digital_pdf_is_read_without_torch() -> None:
    loaded = _loaded_by(f"import docvlm; docvlm.convert({str(ROOT / 'samples' / 'invoice.pdf')!r})")
    assert "pymupdf" in loaded
    assert not loaded & {"torch", "transformers"}


def test_training_needs_neither_opencv_nor_the_document_schema() -> None:
    """A machine that is lent for training has torch, NumPy, Pillow, safetensors and tokenizers, and little else."""
    pytest.importorskip("torch")
    loaded = _loaded_by(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import training.train\n"
        "from training.chart_task import ChartTask\n"
        "next(ChartTask().examples(1))"
    )
    assert "torch" in loaded
    assert not loaded & {
        "cv2",
        "pymupdf",
        "pydantic",
        "markdown_it",
        "onnxruntime",
        "rapidocr",
        "transformers",
    }
