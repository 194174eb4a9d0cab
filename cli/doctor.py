"""What ``docvlm doctor`` says about this machine."""

from __future__ import annotations

import platform
from collections.abc import Iterator


def report() -> Iterator[str]:
    """Lines: versions found, which runtime will be used and why not another, and how to mend what is broken."""
    from docvlm import __version__
    from docvlm.batch.runner import usable_cores
    from docvlm.bundle import find_bundle
    from docvlm.runtimes import machine
    from docvlm.runtimes.choice import ways

    yield f"docvlm {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield f"cores: {usable_cores()} (one worker process each)"
    for package in ("pymupdf", "rapidocr"):
        yield f"{package}: {machine.installed(package) or 'missing; reinstall docvlm'}"
    runtime = machine.installed("onnxruntime") or machine.installed("onnxruntime-gpu")
    yield f"onnxruntime: {runtime or 'missing; reinstall docvlm'}"
    if runtime:
        offered = [name.removesuffix("ExecutionProvider") for name in machine.providers()]
        yield f"  computes on: {', '.join(offered) or 'nothing: it cannot be loaded; reinstall it'}"
    for package in ("torch", "tensorrt", "tensorrt-rtx-cu13-bindings"):
        yield f"{package}: {machine.installed(package) or 'not installed'}"
    yield f"NVIDIA GPUs: {machine.gpus()}"
    yield f"multiplies int8 exactly: {'yes' if machine.multiplies_int8() else 'no; models use float32'}"
    yield f"Tesseract, for scripts that OCR does not know: {_languages()}"
    clash = machine.onnxruntime_clash()
    if clash:
        yield f"! {clash}"
    used = False
    yield "bundled models run on:"
    for way in ways(find_bundle("chart-s")):
        state = way.hindrance or ("possible" if used else "used by --runtime auto")
        used = used or way.hindrance is None
        yield f"  {way.name}: {state}"


def _languages() -> str:
    from docvlm.ocr import tesseract

    named = [name for name in tesseract.languages() if name != "osd"]
    if not tesseract.languages():
        return "not installed (Debian: tesseract-ocr, and tesseract-ocr-rus, -ara, -kor ... for languages)"
    return ", ".join(named) + ("" if "osd" in tesseract.languages() else "; tesseract-ocr-osd is missing")
