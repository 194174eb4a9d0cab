"""What this machine has to run models with. Looking loads neither PyTorch nor a model."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec


def installed(package: str) -> str | None:
    """The version of a distribution, or ``None``."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache
def gpus() -> int:
    """How many NVIDIA GPUs the driver offers."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if hasattr(ctypes, "windll") else "libcuda.so.1")
        count = ctypes.c_int(0)
        return (
            count.value if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 else 0
        )
    except (OSError, AttributeError):
        return 0


@cache
def providers() -> tuple[str, ...]:
    """What the installed ONNX Runtime says that it can compute on; nothing where it cannot be loaded."""
    try:
        import onnxruntime

        return tuple(onnxruntime.get_available_providers())
    except Exception:  # half of one package under half of another fails in any way
        return ()


def has_torch() -> bool:
    return find_spec("torch") is not None


def onnxruntime_clash() -> str | None:
    """What to do where two packages have written ONNX Runtime into the same folder, over each other."""
    plain, gpu = installed("onnxruntime"), installed("onnxruntime-gpu")
    if plain is None or gpu is None:
        return None
    wanted = "onnxruntime-gpu" if gpus() else "onnxruntime"
    return (
        f"onnxruntime {plain} and onnxruntime-gpu {gpu} overwrite each other: pip uninstall -y onnxruntime "
        f"onnxruntime-gpu, then pip install {wanted}"
    )
