"""How much memory a process of the pool may have, and how much it has."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from docvlm.errors import UsageError

_SHARE = 0.75  # of the machine's memory for all of a run's processes
_LEAST = 512 << 20  # bytes; a worker takes 400 MB for any page
_PREFIXES = {"": 20, "K": 10, "M": 20, "G": 30, "T": 40}  # powers of two
_SIZE = re.compile(r"(?P<number>[0-9]{1,15}(\.[0-9]{1,3})?)\s*(?P<prefix>[KMGT]?)(I?B)?", re.IGNORECASE)
_CONTAINERS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def bytes_of(text: str) -> int:
    """The bytes that ``2G``, ``1500M`` or ``1500`` (MB) means. Raises UsageError where it means none, or too few to read."""
    match = _SIZE.fullmatch(text.strip())
    size = float(match["number"]) * 2 ** _PREFIXES[match["prefix"].upper()] if match else 0.0
    if size < _LEAST:
        raise UsageError(
            f"--memory-limit {text}: not enough, or no size", f"give {told(_LEAST)} or more, such as 2G"
        )
    return int(size)


def told(size: float) -> str:
    """A number of bytes as a person reads it."""
    return f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{size / 2**20:.0f} MB"


def limit_for(workers: int) -> int:
    """What each of so many processes may have on this machine or in this container, in bytes; 0 where nobody says."""
    total = _total()
    return max(_LEAST, int(_SHARE * total / workers)) if total else 0


def _total() -> int:
    """The memory of the machine, or of the container where that has less."""
    sizes = []
    with suppress(ValueError, OSError, AttributeError):  # not on Windows
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in _CONTAINERS:
        with suppress(OSError, ValueError):  # "max" where there is no limit
            sizes.append(int(Path(path).read_text()))
    return min(sizes, default=0)


def resident(process: int) -> float:
    """The bytes that a process has in memory; 0 where the system does not say, or it is gone."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return float(pages * os.sysconf("SC_PAGE_SIZE"))
