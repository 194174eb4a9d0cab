"""What became of the inputs of a run."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from docvlm import __version__
from docvlm.errors import ExitCode, OutputError
from docvlm.files import write_atomically
from docvlm.schema import Failure

NAME = "run-report.json"


@dataclass(slots=True)
class Result:
    """What became of one input. ``status`` is done, partial (pages failed), skipped, failed or interrupted.

    ``seconds`` adds up the time that its pages took to read in this run. ``errors`` are `failure` entries, ``notes``
    what else a user should know of it.
    """

    source: str
    status: str = "waiting"
    sha256: str = ""
    name: str = ""
    outputs: list[str] = field(default_factory=list)
    pages: int = 0
    seconds: float = 0.0
    blocks: int = 0
    unreliable: int = 0
    readers: dict[str, int] = field(default_factory=dict)
    errors: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Entry = dict[str, Any]


def entry_of(failed: Failure, page: int | None = None, block: str | None = None) -> Entry:
    """The entry for what failed on a page."""
    return failure(failed.stage, failed.category, failed.message, page=page, block=block, trace=failed.trace)


def failure(
    stage: str,
    category: str,
    message: str,
    *,
    page: int | None = None,
    block: str | None = None,
    trace: str | None = None,
) -> Entry:
    """One entry of a result's ``errors``: of a document, of its ``page``, or of the ``block`` of that id.

    ``stage`` is what failed: open, assemble, write, or of reading a module or folder of docvlm. ``trace`` is there with
    `docvlm.options.Options.debug`.
    """
    entry: Entry = {"stage": stage, "category": category, "page": page, "message": message}
    if block is not None:
        entry["block"] = block
    if trace is not None:
        entry["trace"] = trace
    return entry


@dataclass(slots=True)
class Report:
    """The outcome of a run; :meth:`exit_code` is what the command ends with.

    ``unwritten`` says why the report itself could not be written. ``ran`` says by what bundled models were run, and
    why by nothing better (`docvlm.runtimes.choice.RAN`).
    """

    results: list[Result] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False
    ran: dict[str, dict[str, str]] = field(default_factory=dict)
    unwritten: str | None = None

    def count(self, *statuses: str) -> int:
        return sum(1 for result in self.results if result.status in statuses)

    def exit_code(self) -> ExitCode:
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.count("done", "skipped") == len(self.results):
            return ExitCode.OK if self.unwritten is None else ExitCode.SOME_FAILED
        if self.count("done", "skipped", "partial") == 0:
            return ExitCode.NOTHING_DONE
        return ExitCode.SOME_FAILED

    def interrupt(self) -> None:
        """Marks what the user's Ctrl-C has left undone."""
        self.interrupted = True
        for result in self.results:
            if result.status == "waiting":
                result.status = "interrupted"

    def as_dict(self) -> dict[str, Any]:
        totals = Counter(result.status for result in self.results)
        return {
            "docvlm": __version__,
            "exit_code": int(self.exit_code()),
            "seconds": round(self.seconds, 2),
            "totals": {
                "documents": len(self.results),
                **dict(sorted(totals.items())),
                "pages": sum(result.pages for result in self.results),
                "unreliable_blocks": sum(result.unreliable for result in self.results),
            },
            "models": dict(sorted(self.ran.items())),
            "documents": [asdict(result) for result in self.results],
        }

    def write(self, folder: Path) -> None:
        """Writes the report into ``folder``; where it cannot be, ``unwritten`` says why."""
        text = json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n"
        try:
            write_atomically(folder / NAME, text.encode())
        except OutputError as error:
            self.unwritten = error.line()
