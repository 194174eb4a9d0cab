"""A long run over pages of many kinds: memory, handles and speed from its beginning to its end.

    python -m benchmarks.soak [--pages 10000] [--workers 1] [--quick] [--overhead 200]

Converts copies of the sound files of `benchmarks/inputs.py`, cycle after cycle, in one run, and looks at its processes
while it goes on: the memory of all of them together, their open handles, and the processor's seconds for a page, which
tell the speed on a busy machine too. Prints a table and writes it to `benchmarks/results/soak.md`, with a plot,
`soak.png`. Exit code 1 where after page 500 memory grows by more than 5 %, handles grow, or a page takes 5 % more.

``--quick`` takes only the kinds that take well below a second a page. ``--overhead`` compares the run with a plain loop
in one process over as many pages, by processor time without its start.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil

import docvlm
from benchmarks.inputs import Sound, documents, pictures
from docvlm import Converter

_SETTLED = 500  # pages, after which nothing may grow
_GROWTH = 0.05
_LOOK_SECONDS = 2.0
_LOOKS_TOLD = 30  # of which each is told while the run goes on
_RESULTS = Path(__file__).parent / "results"


@dataclass(slots=True)
class Look:
    """One look at the run: the pages that were done, bytes, handles and processor seconds of all its processes."""

    pages: int
    memory: int
    handles: int
    seconds: float


@dataclass(slots=True)
class Watch:
    """Looks at this process and its children until it is stopped."""

    looks: list[Look] = field(default_factory=list)
    pages: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def event(self, name: str, fields: dict[str, Any]) -> None:
        self.pages += name == "page"

    def run(self) -> None:
        while not self.stopped.wait(_LOOK_SECONDS):
            look = self._look()
            self.looks.append(look)
            if not len(self.looks) % _LOOKS_TOLD:
                told = f"{look.pages} pages, {look.memory >> 20} MiB, {look.handles} handles, {look.seconds:.0f} s"
                print(told, file=sys.stderr, flush=True)

    def _look(self) -> Look:
        here = psutil.Process()
        memory = handles = 0
        seconds = here.cpu_times().children_user + here.cpu_times().children_system
        for each in (here, *here.children(recursive=True)):
            try:
                with each.oneshot():
                    memory += each.memory_info().rss
                    handles += each.num_fds() if hasattr(each, "num_fds") else each.num_handles()
                    seconds += each.cpu_times().user + each.cpu_times().system
            except psutil.Error:
                continue
        return Look(self.pages, memory, handles, seconds)


def soak(pages: int, workers: int, is_quick: bool) -> tuple[list[Look], str]:
    """Runs over so many pages at least; gives the looks at it, and what the run says of itself."""
    watch = Watch()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        given = _copies(Path(name) / "in", pages, is_quick)
        thread = threading.Thread(target=watch.run, daemon=True)
        thread.start()
        started = time.monotonic()
        converter = Converter(workers=workers, on_event=watch.event)
        report = converter.to_folder([given], Path(name) / "out", ["markdown", "json"])
        seconds = time.monotonic() - started
        watch.stopped.set()
        thread.join()
    done = report.count("done")
    return watch.looks, f"{watch.pages} pages, {done} of {len(report.results)} files done, {seconds:.0f} s"


def _copies(folder: Path, pages: int, is_quick: bool) -> Path:
    """Files with so many pages, in an order in which each kind comes again after all the others."""
    folder.mkdir()
    found: list[Sound] = [each for each in (*documents(), *pictures()) if each.is_quick or not is_quick]
    counts = {each.name: _pages(each) for each in found}
    cycle = 0
    while pages > 0:
        for each in found:
            (folder / f"{cycle:05d}-{each.name}").write_bytes(each.data)
            pages -= counts[each.name]
        cycle += 1
    return folder


def _pages(sound: Sound) -> int:
    from docvlm.source import Source

    with Source(sound.data, sound.name) as source:
        return source.page_count


def table(looks: list[Look], parts: int = 10) -> str:
    """Memory, handles and speed in each part of the run."""
    lines = [
        "| pages | memory, MiB | handles | processor seconds a page |",
        "|---|---:|---:|---:|",
    ]
    last = looks[-1].pages
    for part in range(parts):
        low, high = last * part // parts, last * (part + 1) // parts
        inside = [each for each in looks if low <= each.pages <= high]
        if len(inside) > 1 and inside[-1].pages > inside[0].pages:
            taken = (inside[-1].seconds - inside[0].seconds) / (inside[-1].pages - inside[0].pages)
            memory, handles = (
                median(each.memory for each in inside),
                median(each.handles for each in inside),
            )
            lines.append(f"| {low} to {high} | {memory / 2**20:.0f} | {handles:.0f} | {taken:.2f} |")
    return "\n".join(lines)


def growth(looks: list[Look]) -> dict[str, float]:
    """By how much of it each grows from the first third after page 500 to the last third; nothing of a shorter run."""
    settled = [each for each in looks if each.pages >= _SETTLED]
    third = len(settled) // 3
    if third < 2:
        return {}
    first, last = settled[:third], settled[-third:]

    def seconds(part: list[Look]) -> float:
        return (part[-1].seconds - part[0].seconds) / max(1, part[-1].pages - part[0].pages)

    return {
        "memory": median(each.memory for each in last) / median(each.memory for each in first) - 1,
        "handles": median(each.handles for each in last) / median(each.handles for each in first) - 1,
        "seconds a page": seconds(last) / seconds(first) - 1,
    }


def plot(looks: list[Look], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 1, sharex=True, figsize=(8, 6))
    pages = [each.pages for each in looks]
    axes[0].plot(pages, [each.memory / 2**20 for each in looks])
    axes[0].set_ylabel("memory, MiB")
    axes[1].plot(pages, [each.handles for each in looks])
    axes[1].set_ylabel("handles")
    axes[2].plot(pages, [each.seconds for each in looks])
    axes[2].set_ylabel("processor s")
    axes[2].set_xlabel("pages")
    for each in axes:
        each.set_ylim(bottom=0)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def overhead(pages: int, is_quick: bool) -> float:
    """What isolation and limits take beside the reading itself, as a share of this, by processor time."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        files = sorted(_copies(Path(name) / "in", pages, is_quick).iterdir())
        docvlm.convert(files[0])  # loads what is loaded once
        started = _own_seconds()
        for each in files:
            docvlm.convert(each).to_markdown()
        plain = _own_seconds() - started
        begun = _pool_seconds(files[:1], Path(name) / "first")
        pooled = _pool_seconds(files, Path(name) / "all") - begun
    return pooled / plain - 1


def _pool_seconds(files: list[Path], out: Path) -> float:
    started = _own_seconds() + _children_seconds()
    Converter(workers=1).to_folder(files, out)
    return _own_seconds() + _children_seconds() - started


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--overhead", type=int, default=0, metavar="PAGES")
    given = parser.parse_args()
    quick = " --quick" if given.quick else ""
    lines = [f"`python -m benchmarks.soak --pages {given.pages} --workers {given.workers}{quick}`"]
    grown: dict[str, float] = {}
    if given.pages:
        looks, said = soak(given.pages, given.workers, given.quick)
        grown = growth(looks)
        told = ", ".join(f"{name} {share:+.1%}" for name, share in grown.items())
        lines += [said, table(looks), f"From page {_SETTLED} on: {told or 'too few pages to tell'}."]
        plot(looks, _RESULTS / "soak.png")
    if given.overhead:
        share = overhead(given.overhead, given.quick)
        lines.append(
            f"Isolation and limits take {share:+.1%} of the reading's processor time ({given.overhead} pages)."
        )
    print("\n\n".join(lines))
    (_RESULTS / "soak.md").write_text("# A long run\n\n" + "\n\n".join(lines) + "\n")
    sys.exit(1 if any(share > _GROWTH for share in grown.values()) else 0)


if __name__ == "__main__":
    main()
