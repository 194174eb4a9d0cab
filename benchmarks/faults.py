"""Runs that are killed, that meet on one folder, and that are given bombs: whether anything is lost.

    python -m benchmarks.faults [--kills 40] [--pairs 10] [--bombs 60] [--seed 0]

- Kills: a run is killed whole, or one of its processes is, at a random moment. What the next run leaves must be equal,
  byte for byte, to what an undisturbed one does.
- Pairs: two runs are begun on one folder at once. One may be told that the other has it; nothing is lost.
- Bombs (`benchmarks/bombs.py`): files that ask for much stand among sound ones. All of these must be complete, no process
  may have more than its memory, and none may read a page for 5 s longer than its time.

Prints a table and writes it to `benchmarks/results/faults.md`. Exit code 1 where something is lost.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import psutil

from benchmarks.bombs import bombs
from benchmarks.inputs import Sound, documents
from docvlm import Converter
from docvlm.batch import process as processes

_COMMAND = (sys.executable, "-m", "docvlm.cli.main", "convert", "in")
_OPTIONS = ("--reader", "text", "--to", "markdown,json,html")
_TAKEN = 3  # the exit code of a run whose folder another has
_KILLED = ("slides.pdf", "base14.pdf", "streams.pdf", "form.pdf", "invoice.pdf")
_PAGE_SECONDS, _MEMORY = 30.0, 900 << 20
_LATE = 5.0  # seconds beyond the limit that a page may take
_LOOK_SECONDS = 0.02
_BATCH = 10  # bombs a run
_RESULT = Path(__file__).parent / "results" / "faults.md"


@dataclass(slots=True)
class Outcome:
    """How many trials there were of each sort, and what went wrong in them."""

    trials: dict[str, int] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, sort: str, fault: str | None) -> None:
        self.trials[sort] = self.trials.get(sort, 0) + 1
        if fault:
            self.faults.setdefault(sort, []).append(fault)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """What a run has written for its user, but for its report, which tells the time."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".docvlm" not in path.parts)
    found = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    found.pop("run-report.json", None)
    return found


def _given(folder: Path, wanted: Sequence[Sound]) -> Path:
    (folder / "in").mkdir(parents=True)
    for each in wanted:
        (folder / "in" / each.name).write_bytes(each.data)
    return folder


def _command(out: str, workers: int = 2, *options: str) -> list[str]:
    return [*_COMMAND, "-o", out, *_OPTIONS, "--workers", str(workers), *options]


def _run(folder: Path, out: str, workers: int = 2, *options: str) -> int:
    done = subprocess.run(_command(out, workers, *options), cwd=folder, capture_output=True, timeout=600)
    return done.returncode


def same_bytes(folder: Path, outcome: Outcome) -> dict[str, bytes]:
    """The results of one, two and four workers, which must be the same; gives them."""
    started = time.monotonic()
    for workers in (1, 2, 4):
        code = _run(folder, f"by{workers}", workers)
        same = bytes_of(folder / f"by{workers}") == bytes_of(folder / "by1")
        outcome.count("workers", None if same and not code else f"{workers} workers: exit code {code}")
    outcome.notes.append(f"undisturbed: {(time.monotonic() - started) / 3:.1f} s")
    return bytes_of(folder / "by1")


def kills(folder: Path, count: int, seed: int, whole: dict[str, bytes], outcome: Outcome) -> None:
    random = Random(seed)
    for number in range(count):
        out = f"killed{number}"
        process = subprocess.Popen(
            _command(out, 2, "--json-log"),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        # At a random event of the run: time says little on a busy machine.
        assert process.stderr
        for _ in range(random.randint(1, 12)):
            process.stderr.readline()
        time.sleep(random.random() * 0.3)
        what = _kill(process, random, is_group=bool(number % 2))
        process.stderr.read()
        process.wait()
        code = _run(folder, out)
        same = bytes_of(folder / out) == whole
        print(f"kill {number}: {what}, {code}, {same}", file=sys.stderr, flush=True)
        outcome.count("kills", None if same and not code else f"{number}: {what}, then exit code {code}")


def _kill(process: subprocess.Popen[str], random: Random, is_group: bool) -> str:
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return "over"
    if is_group or not children:
        process.kill()
        gone = psutil.wait_procs(children, timeout=10)[1]
        return f"group, of which {len(gone)} went on" if gone else "group"
    try:
        random.choice(children).send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return "over"
    return "worker"


def pairs(folder: Path, count: int, whole: dict[str, bytes], outcome: Outcome) -> None:
    for number in range(count):
        out = f"pair{number}"
        both = [
            subprocess.Popen(_command(out), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(2)
        ]
        codes = sorted(each.wait() for each in both)
        again = _run(folder, out)
        right = codes in ([0, 0], [0, _TAKEN]) and again == 0 and bytes_of(folder / out) == whole
        outcome.count("pairs", None if right else f"{number}: exit codes {codes} and {again}")


class _Timed(processes._Watch):
    """The watch on a process, which notes by how much it came too late."""

    latest = 0.0

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory: int) -> None:
        super().__init__(process, seconds, memory)
        self._limit, self._begun = seconds, time.monotonic()

    def run(self) -> None:
        super().run()
        if self.killed_for is not None:
            self._process.wait()
        _Timed.latest = max(_Timed.latest, time.monotonic() - self._begun - self._limit)


class _Memory:
    """Looks at the largest resident size that one of this process' children has."""

    def __init__(self) -> None:
        self.most = 0

    def look(self) -> None:
        for child in psutil.Process().children(recursive=True):
            try:
                self.most = max(self.most, child.memory_info().rss)
            except psutil.Error:
                continue


def explosions(folder: Path, count: int, outcome: Outcome) -> None:
    """Bombs among sound files, in batches; the limits are watched from outside of what keeps them."""
    import threading

    processes._Watch = _Timed  # type: ignore[misc]
    memory, stopped = _Memory(), threading.Event()

    def watch() -> None:
        while not stopped.wait(_LOOK_SECONDS):
            memory.look()

    threading.Thread(target=watch, daemon=True).start()
    sound = [each for each in documents() if each.name in _KILLED]
    armed = list(islice(bombs(), count))
    for start in range(0, len(armed), _BATCH):
        given = _given(folder / f"bombs{start}", [*armed[start : start + _BATCH], *sound])
        converter = Converter(workers=1, page_timeout=_PAGE_SECONDS, memory_limit=_MEMORY)
        report = converter.to_folder([given / "in"], given / "out")
        for result in report.results:
            name = Path(result.source).name
            if any(name == each.name for each in sound):
                outcome.count("sound files among bombs", None if result.status == "done" else name)
            else:
                crash = next((e["message"] for e in result.errors if "internal error" in e["message"]), None)
                outcome.count("bombs", crash)
                outcome.notes.append(f"{name}: {result.status} {_why(result.errors)}")
        print(
            f"{start + _BATCH} bombs, {memory.most >> 20} MiB, {outcome.faults}", file=sys.stderr, flush=True
        )
    stopped.set()
    over, late = memory.most > _MEMORY, _Timed.latest > _LATE
    outcome.count("memory", f"{memory.most >> 20} MiB" if over else None)
    outcome.count("time", f"{_Timed.latest:.1f} s beyond" if late else None)
    outcome.notes.append(
        f"most memory of a process {memory.most >> 20} MiB of {_MEMORY >> 20}; latest end"
        f" {_Timed.latest:.1f} s beyond the limit of {_PAGE_SECONDS:.0f} s"
    )


def _why(errors: list[dict[str, Any]]) -> str:
    return errors[0]["message"][:120] if errors else ""


def table(outcome: Outcome) -> str:
    lines = ["| trial | number | as they must be |", "|---|---:|---:|"]
    for sort, count in outcome.trials.items():
        lines.append(f"| {sort} | {count} | {count - len(outcome.faults.get(sort, []))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--bombs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = _given(Path(name), [each for each in documents() if each.name in _KILLED])
        if given.kills or given.pairs:
            whole = same_bytes(folder, outcome)
            kills(folder, given.kills, given.seed, whole, outcome)
            pairs(folder, given.pairs, whole, outcome)
        if given.bombs:
            explosions(folder, given.bombs, outcome)
    for each in outcome.notes:
        print(each)
    print(json.dumps(outcome.faults, indent=1))
    print(table(outcome))
    numbers = " ".join(f"--{name} {value}" for name, value in vars(given).items())
    how = f"`python -m benchmarks.faults {numbers}`"
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_text(f"# Kills, pairs and bombs\n\n{how}\n\n{table(outcome)}\n")
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    main()
