"""What ``docvlm doctor`` says about this machine."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version


def report() -> Iterator[str]:
    """Lines: versions found, and what each missing piece would need."""
    from docvlm import __version__
    from docvlm.batch import usable_cores

    yield f"docvlm {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield f"cores: {usable_cores()} (one worker process each)"
    for package in ("pymupdf", "rapidocr", "onnxruntime"):
        yield f"{package}: {_version(package) or 'missing; reinstall docvlm'}"
    if _version("onnxruntime") and _version("onnxruntime-gpu"):
        yield "onnxruntime and onnxruntime-gpu overwrite each other: uninstall both, then install the one you want"
    yield "runtime: ONNX Runtime on the CPU"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
