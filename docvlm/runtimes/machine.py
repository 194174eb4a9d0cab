"""What this machine has to run models with. Looking loads neither PyTorch nor a model."""

from __future__ import annotations

import ctypes
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np


def installed(package: str) -> str | None:
    """The version of a distribution, or ``None``."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache
def gpus() -> int:
    """How many NVIDIA GPUs the driver offers."""
    count = ctypes.c_int(0)
    driver = _driver()
    return count.value if driver and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 else 0


@cache
def gpu_name() -> str | None:
    """What the driver calls the first NVIDIA GPU."""
    name = ctypes.create_string_buffer(256)
    driver = _driver() if gpus() else None
    found = driver is not None and driver.cuDeviceGetName(name, len(name), 0) == 0
    return name.value.decode(errors="replace") if found else None


@cache
def compute_capability() -> tuple[int, int] | None:
    """That of the first NVIDIA GPU, such as (8, 9)."""
    driver = _driver() if gpus() else None
    if driver is None:
        return None
    numbers = [ctypes.c_int(0), ctypes.c_int(0)]
    # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of CUDA's driver API
    for number, attribute in zip(numbers, (75, 76)):
        if driver.cuDeviceGetAttribute(ctypes.byref(number), attribute, 0) != 0:
            return None
    return numbers[0].value, numbers[1].value


@cache
def _driver() -> ctypes.CDLL | None:
    """CUDA's driver, ready to be asked; ``None`` where there is none."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if hasattr(ctypes, "windll") else "libcuda.so.1")
        return driver if driver.cuInit(0) == 0 else None
    except (OSError, AttributeError):
        return None


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


def tensorrt_module(across: bool = False) -> str | None:
    """The module of an installed TensorRT, NVIDIA's own before the one for RTX; ``across`` leaves the latter only."""
    names = () if across else ("tensorrt",)
    return next((name for name in (*names, "tensorrt_rtx", "tensorrt_rtx_bindings") if find_spec(name)), None)


@cache
def multiplies_int8() -> bool:
    """Whether ONNX Runtime multiplies int8 exactly here.

    On x86 without VNNI it adds products in pairs of 16 bits, which overflow: measured, a reading model then gets 1% fewer
    formulas right. NumPy does not know the VNNI of processors without AVX-512, so only Linux finds these.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return True
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text()
    except OSError:
        found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
        return bool({"AVX512_CLX", "AVX512_ICL"} & set(found))


def onnxruntime_clash() -> str | None:
    """What to do where two packages have written ONNX Runtime into the same folder, over each other."""
    plain, gpu = installed("onnxruntime"), installed("onnxruntime-gpu")
    if plain is None or gpu is None:
        return None
    wanted = "'onnxruntime-gpu[cuda,cudnn]'" if gpus() else "onnxruntime"
    return (
        f"onnxruntime {plain} and onnxruntime-gpu {gpu} overwrite each other: pip uninstall -y onnxruntime "
        f"onnxruntime-gpu, then pip install {wanted}"
    )
