"""How many threads this process may keep busy."""

from __future__ import annotations

import os


def usable_threads() -> int:
    """As many as ``OMP_NUM_THREADS`` says, which docvlm's worker processes set, else one for each usable core."""
    stated = os.environ.get("OMP_NUM_THREADS", "")
    if stated.isdigit() and int(stated) > 0:
        return int(stated)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
