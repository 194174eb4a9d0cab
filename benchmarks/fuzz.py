"""Damaged files, converted by the command as users run it: what it survives, and what it loses without a word.

    python -m benchmarks.fuzz [--files 3000] [--seed 0] [--workers 1] [--quick] [--keep DIR] [--log FILE]

Sound files (`benchmarks/inputs.py`) are damaged (`benchmarks/mutations.py`), file by file with a seed of its own, and
converted in batches by ``docvlm convert`` under its limits of time and memory. Counted are

- crashes of the command: another exit code than the documented ones, or no run report;
- hangs: a batch that takes longer than its pages' limits allow;
- tracebacks and internal errors in what it says and in the report;
- silent losses: files called done of which nothing is marked, with less than 95 % of the words that the sound file gives.

A mark is a page whose check failed, a note in the report, or more blocks that are not reliable than the sound file has.
Prints tables and writes them to `benchmarks/results/fuzz.md`; ``--keep`` keeps the files that failed, whose names say
seed and mutation. With ``--log`` what was found is kept in a JSON file, and a run that was ended goes on from there.
Exit code 1 where a count is not nought, or the losses are more than 1 %.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.inputs import Sound, documents, pictures
from benchmarks.mutations import mutated
from docvlm.document import Document

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
_BATCH = 40  # files a command
_PAGE_SECONDS = 20
_MEMORY = "1500M"
_START_SECONDS = 60
_KEPT = 0.95  # of the words, from which on nothing is lost
_MOST_LOSSES = 0.01  # of the files called done
_CODES = {0, 1, 3}
_PICTURES, _SLOW = (
    15,
    5,
)  # every so many'th file is a picture, or a PDF of any kind; the others are quick ones
_FAULT = re.compile(r"Traceback|internal error|^[A-Za-z]+Error: ")  # the last of a page that raised
_RESULT = Path(__file__).parent / "results" / "fuzz.md"


@dataclass(frozen=True, slots=True)
class Read:
    """What a conversion gave: the words, and how many blocks are not reliable; ``marks`` say what is wrong with it."""

    words: Counter[str]
    doubtful: int
    marks: tuple[str, ...] = ()
    status: str = "done"


@dataclass(slots=True)
class Verdict:
    """One damaged file, and what came of it."""

    name: str
    sound: str
    done: str
    status: str = ""
    kept: float = 1.0
    is_marked: bool = False
    fault: str = ""

    @property
    def is_silent_loss(self) -> bool:
        return self.status == "done" and not self.is_marked and self.kept < _KEPT


@dataclass(slots=True)
class Outcome:
    """All verdicts, and what befell the commands."""

    files: list[Verdict] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def silent(self) -> list[Verdict]:
        """Files called done without a mark."""
        return [each for each in self.files if each.status == "done" and not each.is_marked]

    @property
    def losses(self) -> list[Verdict]:
        return [each for each in self.files if each.is_silent_loss]

    @property
    def passes(self) -> bool:
        lost = len(self.losses) <= _MOST_LOSSES * len(self.silent)
        return lost and not (self.crashes or self.hangs or self.tracebacks)


def run(
    files: int,
    seed: int,
    workers: int = 1,
    keep: Path | None = None,
    seconds: float = 1e9,
    is_quick: bool = False,
    log: Path | None = None,
) -> Outcome:
    """Damages and converts so many files, of quick kinds alone with ``is_quick``; begins no batch after ``seconds``, and
    none that ``log`` has.
    """
    started, outcome = time.monotonic(), _logged(log)
    before = outcome.seconds
    pdfs, images = (
        [each for each in found if each.is_quick or not is_quick] for found in (documents(), pictures())
    )
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        sound = _convert([(each.name, each.data) for each in (*pdfs, *images)], folder, workers, Outcome())
        for first in range(len(outcome.files), files, _BATCH):
            if time.monotonic() - started > seconds:
                break
            made = {
                each.name: (each, data)
                for each, data in _damaged(range(first, min(files, first + _BATCH)), seed, pdfs, images)
            }
            found = _convert([(name, data) for name, (_, data) in made.items()], folder, workers, outcome)
            for name, (verdict, data) in made.items():
                _judge(verdict, found.get(name), sound[verdict.sound])
                outcome.files.append(verdict)
                if keep and (verdict.is_silent_loss or name not in found):
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / name).write_bytes(data)
            outcome.seconds = before + time.monotonic() - started
            if log:
                _log(log, outcome)
            print(
                f"{len(outcome.files)} files, {time.monotonic() - started:.0f} s, {_told(outcome)}",
                file=sys.stderr,
                flush=True,
            )
    return outcome


def _logged(log: Path | None) -> Outcome:
    """What `_log` has written; nothing found where it has not."""
    if log is None or not log.is_file():
        return Outcome()
    found: dict[str, Any] = json.loads(log.read_text())
    return Outcome(**{**found, "files": [Verdict(**each) for each in found["files"]]})


def _log(log: Path, outcome: Outcome) -> None:
    part = log.with_suffix(".part")
    part.write_text(json.dumps(asdict(outcome)))
    part.replace(log)


def _damaged(
    numbers: Iterable[int], seed: int, pdfs: Sequence[Sound], images: Sequence[Sound]
) -> Iterator[tuple[Verdict, bytes]]:
    for number in numbers:
        random = Random(f"{seed}-{number}")
        quick = [each for each in pdfs if each.is_quick]
        sound = random.choice(images if number % _PICTURES == 0 else pdfs if number % _SLOW == 0 else quick)
        data, done = mutated(sound.data, sound.suffix, random)
        yield Verdict(f"{seed}-{number:05d}-{done}{sound.suffix}", sound.name, done), data


def _convert(
    files: Sequence[tuple[str, bytes]], folder: Path, workers: int, outcome: Outcome
) -> dict[str, Read]:
    """Converts files by one command; gives what came of each by its name, and notes in ``outcome`` what went wrong."""
    given, results = folder / "in", folder / "out"
    for each in (given, results):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir()
    for name, data in files:
        (given / name).write_bytes(data)
    words = [
        "convert",
        str(given),
        "-o",
        str(results),
        "--to",
        "json",
        "--json-log",
        "--workers",
        str(workers),
    ]
    limits = ["--page-timeout", str(_PAGE_SECONDS), "--memory-limit", _MEMORY]
    command = [sys.executable, "-m", "docvlm.cli.main", *words, *limits]
    label = f"{files[0][0]} to {files[-1][0]}"
    # Four times: for each page, its words, and once more, the worker's start.
    most = _START_SECONDS + 4 * _PAGE_SECONDS * len(files)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=most)
    except subprocess.TimeoutExpired:
        outcome.hangs.append(label)
        return {}
    report = _report(results)
    if done.returncode not in _CODES or report is None:
        outcome.crashes.append(f"{label}: exit code {done.returncode} {done.stderr[-300:]}")
        return {}
    if "Traceback" in done.stderr:
        outcome.tracebacks.append(label)
    read = {}
    for document in report["documents"]:
        name = Path(document["source"]).name
        outcome.tracebacks += [
            f"{name}: {error['message']}" for error in document["errors"] if _FAULT.search(error["message"])
        ]
        read[name] = _read(document, results)
    return read


def _report(results: Path) -> dict[str, Any] | None:
    try:
        report: dict[str, Any] = json.loads((results / "run-report.json").read_text())
    except (OSError, ValueError):
        return None
    return report


def _read(told: dict[str, Any], results: Path) -> Read:
    marks = [*told["notes"], *(error["message"] for error in told["errors"])]
    if not told["outputs"]:
        return Read(Counter(), 0, tuple(marks), told["status"])
    document = Document.from_json((results / told["outputs"][-1]).read_bytes())
    marks += [check.name for page in document.pages for check in page.checks if not check.passed]
    doubtful = sum(1 for block in document.blocks() if not block.confidence.reliable)
    return Read(_words(document), doubtful, tuple(marks), told["status"])


def _words(document: Document) -> Counter[str]:
    return Counter(_WORD.findall(document.to_markdown().casefold()))


def _judge(verdict: Verdict, read: Read | None, sound: Read) -> None:
    if read is None:
        verdict.status = "lost"
        return
    verdict.status = read.status
    verdict.is_marked = bool(set(read.marks) - set(sound.marks)) or read.doubtful > sound.doubtful
    verdict.kept = (read.words & sound.words).total() / max(1, sound.words.total())


def _told(outcome: Outcome) -> str:
    return (
        f"{len(outcome.crashes)} crashes, {len(outcome.hangs)} hangs, {len(outcome.tracebacks)} tracebacks, "
        f"{len(outcome.losses)} of {len(outcome.silent)} lost words silently"
    )


def table(outcome: Outcome) -> str:
    """The outcome as Markdown."""
    status = Counter(each.status for each in outcome.files)
    whole = sum(1 for each in outcome.silent if each.kept >= _KEPT)
    rows = [
        ("files", len(outcome.files)),
        ("crashes of the command", len(outcome.crashes)),
        ("hangs", len(outcome.hangs)),
        ("tracebacks and internal errors", len(outcome.tracebacks)),
        ("refused (no page could be read)", status["failed"]),
        ("partial (damaged pages are named)", status["partial"]),
        ("done, with marks in the JSON or the report", status["done"] - len(outcome.silent)),
        ("done without a mark, 95 % of the words or more", whole),
        ("done without a mark, less than 95 % of the words", len(outcome.losses)),
    ]
    lines = ["| | |", "|---|---:|", *(f"| {name} | {count} |" for name, count in rows)]
    by = Counter(each.done for each in outcome.losses)
    if by:
        lines += [
            "",
            "Lost words without a mark: "
            + ", ".join(f"{name} ({count})" for name, count in by.most_common()),
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--quick", action="store_true", help="only kinds that take well below a second a page"
    )
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no batch after so many seconds")
    parser.add_argument("--keep", type=Path, help="a folder for the files that failed")
    parser.add_argument("--log", type=Path, help="a file that a run which was ended goes on from")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    outcome = run(given.files, given.seed, given.workers, given.keep, given.seconds, given.quick, given.log)
    text = table(outcome)
    for name, found in (
        ("crashes", outcome.crashes),
        ("hangs", outcome.hangs),
        ("tracebacks", outcome.tracebacks),
    ):
        for each in found:
            print(f"{name}: {each}")
    for lost in outcome.losses:
        print(f"lost: {lost.name} of {lost.sound}: {lost.kept:.0%} kept")
    print(text)
    _RESULT.parent.mkdir(exist_ok=True)
    quick = " --quick" if given.quick else ""
    how = f"`python -m benchmarks.fuzz --files {given.files} --seed {given.seed}{quick}`, {outcome.seconds:.0f} s"
    _RESULT.write_text(f"# Damaged files\n\n{how}\n\n{text}\n")
    sys.exit(0 if outcome.passes else 1)


if __name__ == "__main__":
    main()
