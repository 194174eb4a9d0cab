"""Accuracy, speed and memory of docvlm beside other converters, on `samples/`, in one run.

    python -m benchmarks.documents [--sets born-digital,scan] [--only NAME,...] [--peers NAME,...]
                                   [--repeat N]

Prints Markdown tables and writes them to `benchmarks/results/documents.md` (and every score to
`documents.json` beside it). Each converter runs in a process of its own, one after the other. The metrics
are defined in `benchmarks/metrics.py`, the converters and their settings in `benchmarks/peers.py`.

Speed: pages per second over the whole set, median of the rounds. Library calls are timed after one document
of warm-up; the rows that start a pool (command, batch) include its start and convert `--copies` copies of every
file as one batch, so that the start weighs as it does in a real batch. Documents with a password are
scored, and left out of the timing, since not every converter can open them. Memory: highest sum of resident
sizes of the converter's processes.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

import psutil

from benchmarks.metrics import ParsedDocument, Scores, parse, score
from benchmarks.peers import PEERS, Job, Peer

ROOT = Path(__file__).resolve().parent.parent
SETS = ("born-digital", "scan")
BASELINE = "pymupdf4llm"
TIME_LIMIT_S = 1800
CJK_SHARE = 0.2  # share of CJK characters in the truth from which Tesseract is told to read Chinese


@dataclass(frozen=True)
class Sample:
    """One document with its truth, from `samples/truth/index.json`."""

    name: str
    path: Path
    truth: str
    kind: str
    pages: int
    password: str | None
    furniture: tuple[str, ...]

    def job(self) -> Job:
        cjk = len(re.findall(r"[\u3400-\u9fff]", self.truth)) > CJK_SHARE * max(len(self.truth), 1)
        return Job(str(self.path), self.password, "chi_sim+eng" if cjk else "eng")


@dataclass
class Run:
    """What one converter did with one set."""

    peer: Peer
    kind: str
    version: str = ""
    scores: dict[str, Scores] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    pages: int = 0
    seconds: list[float] = field(default_factory=list)
    peak_mib: float = 0.0

    @property
    def pages_per_second(self) -> float | None:
        return self.pages / median(self.seconds) if self.seconds and self.pages else None


def load_samples(folder: Path, kinds: Iterable[str], only: Sequence[str]) -> list[Sample]:
    """Samples of the given kinds whose name contains one of `only` (all when empty)."""
    index = json.loads((folder / "truth" / "index.json").read_text(encoding="utf-8"))
    return [
        Sample(
            name=name,
            path=folder / name,
            truth=(folder / "truth" / entry["truth"]).read_text(encoding="utf-8"),
            kind=entry["kind"],
            pages=entry["pages"],
            password=entry.get("password"),
            furniture=tuple(entry.get("furniture") or ()),
        )
        for name, entry in sorted(index.items())
        if entry["kind"] in kinds and (not only or any(part in name for part in only))
    ]


# --- running --------------------------------------------------------------------------------------


class PeakMemory(threading.Thread):
    """Samples the resident size of a process and its children until stopped."""

    def __init__(self, pid: int, interval_s: float = 0.05) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._interval_s = interval_s
        self._stopped = threading.Event()
        self.peak_mib = 0.0

    def run(self) -> None:
        while not self._stopped.wait(self._interval_s):
            try:
                tree = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self.peak_mib = max(self.peak_mib, sum(_resident_mib(process) for process in tree))

    def stop(self) -> float:
        self._stopped.set()
        self.join()
        return self.peak_mib


def _resident_mib(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


def run_worker(
    peer: Peer, jobs: Sequence[Job], rounds: int, copies: int
) -> tuple[list[dict[str, Any]], float, str]:
    """Start the peer's process; return its JSON lines, its peak MiB and its last line of standard error."""
    with tempfile.TemporaryDirectory() as folder:
        jobs_file, log_file = Path(folder) / "jobs.json", Path(folder) / "log.txt"
        jobs_file.write_text(json.dumps([asdict(job) for job in jobs]), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "benchmarks.peers",
            peer.name,
            str(jobs_file),
            "--rounds",
            str(rounds),
            "--copies",
            str(copies),
        ]
        with log_file.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
            memory = PeakMemory(process.pid)
            memory.start()
            try:
                output, _ = process.communicate(timeout=TIME_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
            peak_mib = memory.stop()
        lines = log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return (
        [json.loads(line) for line in output.splitlines() if line.startswith("{")],
        peak_mib,
        " ".join(lines[-1:]),
    )


def measure(peer: Peer, kind: str, samples: Sequence[Sample], rounds: int, copies: int) -> Run:
    """Score every sample of one set; time those without a password."""
    run = Run(peer, kind)
    open_samples = [sample for sample in samples if sample.password is None]
    locked = [sample for sample in samples if sample.password is not None]
    if open_samples:
        lines, run.peak_mib, log = run_worker(peer, [sample.job() for sample in open_samples], rounds, copies)
        _take(run, open_samples, lines, log)
        run.pages = sum(sample.pages for sample in open_samples if sample.name not in run.errors)
        for line in lines:
            if line.get("done"):
                run.seconds = [float(seconds) / line["copies"] for seconds in line["seconds"]]
    if locked:
        lines, _, log = run_worker(peer, [sample.job() for sample in locked], 1, 1)
        _take(run, locked, lines, log)
    return run


def _take(run: Run, samples: Sequence[Sample], lines: Sequence[dict[str, Any]], log: str) -> None:
    """Score the worker's answers; a document without one failed, and the log's last line says why."""
    answers = {str(line["path"]): line for line in lines if "path" in line}
    run.version = next((str(line["version"]) for line in lines if line.get("done")), run.version)
    for sample in samples:
        answer = answers.get(str(sample.path), {"error": f"its process ended: {log}"})
        if answer.get("error"):
            run.errors[sample.name] = str(answer["error"])
            run.scores[sample.name] = failed_scores(sample)
        else:
            run.scores[sample.name] = score(sample.truth, str(answer["markdown"]), sample.furniture)


@functools.cache
def parsed_truth(markdown: str) -> ParsedDocument:
    return parse(markdown)


def failed_scores(sample: Sample) -> Scores:
    """0 wherever the truth holds something."""
    truth = parsed_truth(sample.truth)
    headings = 0.0 if truth.headings else None
    cells = 0.0 if truth.tables else None
    order = 0.0 if len(truth.blocks) > 1 else None
    return Scores(0.0, 0.0, order, headings, headings, cells, cells, 0)


# --- reporting ------------------------------------------------------------------------------------

COLUMNS: dict[str, str] = {
    "text": "text",
    "words": "words",
    "order": "order",
    "headings": "headings",
    "heading_levels": "headings with level",
    "cells": "table cells",
    "aligned_cells": "table cells, aligned",
}


def mean_score(run: Run, metric: str, samples: Sequence[Sample]) -> float | None:
    """Mean over the documents whose truth has something to compare; an unread document counts 0."""
    values: list[float] = []
    for sample in samples:
        if _applies(metric, sample):
            values.append(getattr(run.scores[sample.name], metric) or 0.0)
    return fmean(values) if values else None


def _applies(metric: str, sample: Sample) -> bool:
    truth = parsed_truth(sample.truth)
    if metric.startswith("heading"):
        return bool(truth.headings)
    if metric.endswith("cells"):
        return bool(truth.tables)
    return len(truth.blocks) > 1 if metric == "order" else True


def number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(header)} |", "|" + "---|" + "---:|" * (len(header) - 1)]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def accuracy_table(runs: Sequence[Run], samples: Sequence[Sample], notes: list[str]) -> str:
    rows = []
    for run in runs:
        leaked = sum(scores.leaked for scores in run.scores.values())
        values = [number(mean_score(run, metric, samples)) for metric in COLUMNS]
        rows.append([run.peer.label + _footnote(run, notes), *values, str(leaked)])
    return table(["converter", *COLUMNS.values(), "leaked headers and footers"], rows)


def _footnote(run: Run, notes: list[str]) -> str:
    if not run.errors:
        return ""
    by_reason: dict[str, list[str]] = {}
    for name, reason in run.errors.items():
        by_reason.setdefault(reason.replace(str(ROOT) + os.sep, ""), []).append(name)
    parts = [f"{', '.join(names)}: {reason}" for reason, names in by_reason.items()]
    notes.append(f"{run.peer.label}, {run.kind}: failed, counted as 0: {'; '.join(parts)}")
    return f" ({len(notes)})"


def speed_table(runs: Sequence[Run]) -> str:
    base = next((run for run in runs if run.peer.name == BASELINE), None)
    rows = []
    for run in runs:
        speed = run.pages_per_second
        speed_ratio = _ratio(speed, base.pages_per_second if base else None)
        memory_ratio = _ratio(run.peak_mib or None, base.peak_mib if base else None)
        rows.append([run.peer.label, number(speed, 2), speed_ratio, f"{run.peak_mib:.0f}", memory_ratio])
    return table(["converter", "pages/s", f"× {BASELINE}", "peak MiB", f"× {BASELINE}"], rows)


def _ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.2f}" if value and base else "–"


def per_document_table(runs: Sequence[Run], samples: Sequence[Sample], metric: str) -> str:
    rows = [
        [sample.name, *(number(getattr(run.scores[sample.name], metric)) for run in runs)]
        for sample in samples
        if _applies(metric, sample)
    ]
    return table(["document", *(run.peer.label for run in runs)], rows)


def leak_table(runs: Sequence[Run], samples: Sequence[Sample]) -> str:
    rows = [[s.name, *(str(run.scores[s.name].leaked) for run in runs)] for s in samples if s.furniture]
    return table(["document", *(run.peer.label for run in runs)], rows)


def processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def conditions(runs: Sequence[Run]) -> str:
    versions = sorted({part for run in runs for part in run.version.split(", ") if part})
    memory_gib = psutil.virtual_memory().total / 2**30
    python = platform.python_version()
    machine = f"{processor()}, {cores()} cores, {memory_gib:.0f} GiB, no GPU used"
    return f"{machine}; {platform.system()}, Python {python}; {', '.join(versions)}."


def report(runs: Sequence[Run], samples: Sequence[Sample], rounds: int) -> str:
    notes: list[str] = []
    parts: list[str] = []
    for kind in SETS:
        of_kind = [run for run in runs if run.kind == kind]
        inputs = [sample for sample in samples if sample.kind == kind]
        if of_kind and inputs:
            parts += _section(kind, of_kind, inputs, notes)
    parts += [f"{place}. {note}" for place, note in enumerate(notes, 1)]
    parts.append(f"Measured in one run, {rounds} round{'s' * (rounds > 1)}, on {conditions(runs)}")
    return "\n\n".join(parts) + "\n"


def _section(kind: str, runs: Sequence[Run], samples: Sequence[Sample], notes: list[str]) -> list[str]:
    pages = sum(sample.pages for sample in samples)
    parts = [f"### {kind}: {len(samples)} documents, {pages} pages"]
    parts += [accuracy_table(runs, samples, notes), speed_table(runs)]
    details = [f"#### {kind}, per document"]
    for metric in ("text", "order", "headings", "cells", "aligned_cells"):
        if any(_applies(metric, sample) for sample in samples):
            details += [f"{COLUMNS[metric].capitalize()}:", per_document_table(runs, samples, metric)]
    if any(sample.furniture for sample in samples):
        details += ["Leaked headers and footers:", leak_table(runs, samples)]
    return parts + details


def as_json(runs: Sequence[Run]) -> str:
    rows = [
        {
            "peer": run.peer.name,
            "kind": run.kind,
            "version": run.version,
            "pages_per_second": run.pages_per_second,
            "seconds": run.seconds,
            "peak_mib": round(run.peak_mib),
            "errors": run.errors,
            "scores": {name: asdict(scores) for name, scores in run.scores.items()},
        }
        for run in runs
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=Path, default=ROOT / "samples", help="folder with truth/index.json")
    parser.add_argument("--sets", type=_names, default=list(SETS), help="born-digital, scan or both")
    parser.add_argument("--only", type=_names, default=[], help="documents whose name contains one of these")
    parser.add_argument("--peers", type=_names, default=list(PEERS), help=", ".join(PEERS))
    parser.add_argument("--repeat", type=int, default=1, help="timed rounds; the median counts")
    parser.add_argument("--copies", type=int, default=4, help="copies of every file in a timed batch")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "documents.md")
    chosen = parser.parse_args()
    for name in set(chosen.peers) - set(PEERS):
        parser.error(f"no converter is called {name!r}; choose from {', '.join(PEERS)}")
    return chosen


def main() -> None:
    chosen = arguments()
    samples = load_samples(chosen.samples.resolve(), chosen.sets, chosen.only)
    runs: list[Run] = []
    for kind in chosen.sets:
        of_kind = [sample for sample in samples if sample.kind == kind]
        for peer in [PEERS[name]() for name in chosen.peers]:
            if of_kind and kind in peer.sets:
                start = time.perf_counter()
                runs.append(measure(peer, kind, of_kind, chosen.repeat, chosen.copies))
                print(
                    f"{kind}: {peer.label}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True
                )
    text = report(runs, samples, chosen.repeat)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(text, encoding="utf-8")
    chosen.output.with_suffix(".json").write_text(as_json(runs), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
