"""The converters that are measured, each behind one small class and run in a process of its own.

`python -m benchmarks.peers NAME JOBS.json [--rounds N]` converts the jobs (a JSON list of `Job` fields) and
prints JSON lines: one per document (`path`, `markdown` or `error`), then one `{"done": true, "version":
..., "seconds": [per round]}`. A crash or a memory leak of a converter stays in its process, and its peak
memory can be watched from outside.

Every converter gets its best documented settings for Markdown; those are stated in its docstring.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar, TextIO

BATCH_WORKERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
OCR_DPI = 300  # what Tesseract's documentation recommends


@dataclass(frozen=True)
class Job:
    """One document to convert. `language` is a Tesseract code; only Tesseract needs it."""

    path: str
    password: str | None = None
    language: str = "eng"


@dataclass(frozen=True)
class Outcome:
    """Markdown of one document, or the reason why there is none."""

    path: str
    markdown: str = ""
    error: str | None = None


class Peer:
    """A converter. Subclasses give `convert`, or `convert_all` where it has a batch mode of its own."""

    name: str
    label: str
    packages: tuple[str, ...]
    sets: tuple[str, ...] = ("born-digital", "scan")
    warm_up: bool = True  # library peers convert one document before the clock starts

    def version(self) -> str:
        return ", ".join(f"{package} {_installed(package)}" for package in self.packages)

    def convert(self, job: Job) -> str:
        """The document as Markdown or HTML. Peers with a batch mode give `convert_all` instead and never get here."""
        raise TypeError(f"{self.name} converts in batches only: call convert_all")

    def convert_all(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        for job in jobs:
            try:
                yield Outcome(job.path, self.convert(job))
            except Exception as error:  # a peer's failure is a result: it scores 0 and the reason is printed
                yield Outcome(job.path, error=_reason(error))


class Docvlm(Peer):
    """`docvlm.convert(path).to_markdown()`: the library call, one process."""

    name = "docvlm"
    label = "docvlm (library)"
    packages = ("docvlm",)

    def convert(self, job: Job) -> str:
        import docvlm

        return str(docvlm.convert(job.path, password=job.password).to_markdown())


class DocvlmCommand(Peer):
    """`docvlm convert FILES -o DIR --workers N`: the whole command, interpreter and pool start included."""

    name = "docvlm-command"
    label = f"docvlm (command, {BATCH_WORKERS} workers)"
    packages = ("docvlm",)
    warm_up = False

    def convert_all(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        with tempfile.TemporaryDirectory() as folder:
            for number, password in enumerate(sorted({job.password or "" for job in jobs})):
                group = [job for job in jobs if (job.password or "") == password]
                yield from self._run(group, password, Path(folder) / str(number))

    def _run(self, jobs: Sequence[Job], password: str, folder: Path) -> Iterator[Outcome]:
        command = [_docvlm_command(), "convert", *(job.path for job in jobs), "-o", str(folder)]
        command += ["--to", "markdown", "--workers", str(BATCH_WORKERS)]
        command += ["--password", password] if password else []
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        for job in jobs:
            result = folder / f"{Path(job.path).stem}.md"
            if result.exists():
                yield Outcome(job.path, result.read_text(encoding="utf-8"))
            else:
                yield Outcome(job.path, error=f"exit code {done.returncode}: {done.stderr.strip()[-200:]}")


class PyMuPdf4Llm(Peer):
    """`to_markdown(header=False, footer=False)`: layout analysis on (version 2's default), page furniture
    left out, RapidOCR where a page needs it (chosen by itself when `rapidocr` is installed).
    """

    name = "pymupdf4llm"
    label = "pymupdf4llm + RapidOCR"
    packages = ("pymupdf4llm", "rapidocr")
    options: ClassVar[dict[str, Any]] = {"header": False, "footer": False}

    def convert(self, job: Job) -> str:
        import pymupdf
        import pymupdf4llm

        with pymupdf.open(job.path) as document:
            if job.password is not None and not document.authenticate(job.password):
                raise ValueError("wrong password")
            return str(pymupdf4llm.to_markdown(document, **self.options))


class PyMuPdf4LlmHtml(PyMuPdf4Llm):
    """The same with `table_output="html"`, which keeps merged cells."""

    name = "pymupdf4llm-html"
    label = "pymupdf4llm + RapidOCR, HTML tables"
    options: ClassVar[dict[str, Any]] = {"header": False, "footer": False, "table_output": "html"}


class PyMuPdf4LlmBatch(PyMuPdf4Llm):
    """`convert_batch(workers=N, persistent=True)`: its pool of one process per core, pool start included.

    The pool takes file names only, so documents with a password fail. Its default options leave headers and
    footers out.
    """

    name = "pymupdf4llm-batch"
    label = f"pymupdf4llm + RapidOCR, batch of {BATCH_WORKERS}"
    warm_up = False

    def convert_all(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        import pymupdf4llm

        with tempfile.TemporaryDirectory() as folder:
            results = pymupdf4llm.convert_batch(
                [job.path for job in jobs], workers=BATCH_WORKERS, persistent=True, out_dir=folder
            )
            for job, result in zip(jobs, results, strict=True):
                if result.success:
                    yield Outcome(job.path, result.output)
                else:
                    yield Outcome(job.path, error=_reason(result.error))


class MarkItDown(Peer):
    """`MarkItDown().convert(path).markdown`: no PDF options, no password, no OCR without a hosted model."""

    name = "markitdown"
    label = "markitdown"
    packages = ("markitdown",)

    def __init__(self) -> None:
        self._converter: Any = None

    def convert(self, job: Job) -> str:
        if self._converter is None:
            from markitdown import MarkItDown as Converter

            self._converter = Converter()
        return str(self._converter.convert(job.path).markdown)


class Tesseract(Peer):
    """Pages at 300 dpi, `--psm 1` (page segmentation with orientation detection) and the document's language.

    It writes plain text, which is escaped so that Markdown gives back the same characters.
    """

    name = "tesseract"
    label = "Tesseract"
    packages = ("pytesseract",)
    sets = ("scan",)

    def version(self) -> str:
        import pytesseract

        return f"Tesseract {pytesseract.get_tesseract_version()}"

    def convert(self, job: Job) -> str:
        import pymupdf

        with pymupdf.open(job.path) as document:
            if job.password is not None and not document.authenticate(job.password):
                raise ValueError("wrong password")
            return "\n\n".join(self._read(page.get_pixmap(dpi=OCR_DPI), job.language) for page in document)

    def _read(self, pixmap: Any, language: str) -> str:
        import pytesseract
        from PIL import Image

        image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
        try:
            text = pytesseract.image_to_string(image, lang=language, config="--psm 1")
        except pytesseract.TesseractError:  # no orientation found, as on a page with few words
            text = pytesseract.image_to_string(image, lang=language, config="--psm 3")
        return re.sub(r"([\\`*_\[\]<>#$|~&])", r"\\\1", text)


PEERS: dict[str, Callable[[], Peer]] = {
    peer.name: peer
    for peer in (
        Docvlm,
        DocvlmCommand,
        PyMuPdf4Llm,
        PyMuPdf4LlmHtml,
        PyMuPdf4LlmBatch,
        MarkItDown,
        Tesseract,
    )
}


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _docvlm_command() -> str:
    """The command of this interpreter's environment, else the one on the path."""
    beside = Path(sys.executable).with_name("docvlm")
    return str(beside) if beside.exists() else shutil.which("docvlm") or "docvlm"


def _reason(error: BaseException) -> str:
    """Type and first line; for wrapped errors that is enough to tell a user why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines)[:160]}" if lines else type(error).__name__


def run_worker(peer: Peer, jobs: Sequence[Job], rounds: int, copies: int, out: TextIO) -> None:
    """Convert the jobs `rounds` times; write the first round's outcomes, then the seconds of each round.

    Peers that start a pool get `copies` copies of every file, as one batch.
    """
    if peer.warm_up and jobs:
        list(peer.convert_all(jobs[:1]))
    with tempfile.TemporaryDirectory() as folder:
        batch = list(jobs) if peer.warm_up else [*jobs, *_copied(jobs, copies - 1, Path(folder))]
        seconds, outcomes = _timed(peer, batch, rounds)
    for outcome in outcomes[: len(jobs)]:
        print(json.dumps(outcome.__dict__), file=out)
    done = {
        "done": True,
        "version": peer.version(),
        "seconds": seconds,
        "copies": 1 if peer.warm_up else copies,
    }
    print(json.dumps(done), file=out, flush=True)


def _copied(jobs: Sequence[Job], copies: int, folder: Path) -> Iterator[Job]:
    for number in range(copies):
        for job in jobs:
            path = Path(job.path)
            copy = folder / f"{path.stem}-copy{number}{path.suffix}"
            shutil.copy(path, copy)
            yield replace(job, path=str(copy))


def _timed(peer: Peer, jobs: Sequence[Job], rounds: int) -> tuple[list[float], list[Outcome]]:
    seconds: list[float] = []
    outcomes: list[Outcome] = []
    for _ in range(rounds):
        start = time.perf_counter()
        latest = list(peer.convert_all(jobs))
        seconds.append(time.perf_counter() - start)
        outcomes = outcomes or latest
    return seconds, outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(PEERS))
    parser.add_argument("jobs", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--copies", type=int, default=1)
    arguments = parser.parse_args()
    jobs = [Job(**fields) for fields in json.loads(arguments.jobs.read_text(encoding="utf-8"))]
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # what converters print themselves goes to standard error
        with contextlib.redirect_stdout(sys.stderr):
            run_worker(PEERS[arguments.name](), jobs, arguments.rounds, arguments.copies, out)


if __name__ == "__main__":
    main()
