"""What a person (or a log reader) sees of a run: its progress and failures on standard error, its results elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from docvlm.batch.inputs import Input
from docvlm.batch.memory import bytes_of
from docvlm.batch.report import NAME, Report, Result
from docvlm.batch.runner import Runner
from docvlm.errors import ExitCode, UsageError

from .terminal import complain, plain, say

_MOST_FAILURES = 5  # lines per document; the run report has all


def to_folder(
    runner: Runner[Any, Any],
    inputs: Sequence[str | Input],
    folder: Path,
    formats: list[str],
    force: bool,
    display: Display,
) -> ExitCode:
    """Runs into a folder and says what came of it."""
    report = runner.to_folder(inputs, folder, formats, force)
    display.summary(report, folder)
    return report.exit_code()


def one_format(formats: list[str]) -> str:
    """The format in which to print. Raises UsageError where there are several."""
    if len(formats) != 1:
        raise UsageError("-o - prints one format", "name one with --to, or write to a folder")
    return formats[0]


def most_memory(text: str | None) -> int | None:
    """The bytes that ``--memory-limit`` means. Raises UsageError."""
    return None if text is None else bytes_of(text)


class Display:
    """A progress bar on a terminal, JSON lines with ``json_log``, silence otherwise; with ``debug`` tracebacks, too."""

    def __init__(self, json_log: bool, debug: bool = False) -> None:
        self._json, self._debug = json_log, debug
        self._console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Display:
        if sys.stderr.isatty() and not self._json:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("pages  {task.fields[rate]}"),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def event(self, name: str, fields: dict[str, Any]) -> None:
        """Shows one event of the converter."""
        if self._json:
            complain(json.dumps({"event": name, **fields}))
        elif self._bar is not None:
            self._advance(self._bar, name, fields)

    def _advance(self, bar: Progress, name: str, fields: dict[str, Any]) -> None:
        if name == "total" and self._task is None:
            self._task = bar.add_task("docvlm", total=fields["pages"], rate="")
        elif self._task is None:
            return
        elif name == "total":
            bar.update(self._task, total=fields["pages"])
        elif name == "page":
            speed = next((task.speed for task in bar.tasks if task.id == self._task), None)
            rate = f"{speed:.1f}/s" if speed else ""
            bar.update(self._task, advance=1, description=plain(Path(fields["source"]).name)[:32], rate=rate)

    def say(self, data: bytes) -> None:
        """Writes a result to standard output, which may be the terminal that shows the bar."""
        if self._bar is not None:
            self._bar.stop()
        say(data)
        if self._bar is not None:
            self._bar.start()

    def failures(self, report: Report, most: int | None = None) -> None:
        """One line per input or page that failed, at ``most`` so many for an input, and one for each note."""
        self._stop()
        if self._json:
            return
        for result in report.results:
            for error in result.errors[:most]:
                _tell(_line(result, error))
                if self._debug and "trace" in error:
                    complain(error["trace"])
            more = len(result.errors[most:]) if most is not None else 0
            if more:
                _tell(f"{result.source}: {more} more failures (the run report names them)")
            for note in result.notes if result.status != "skipped" else ():
                _tell(f"{result.source}: {note}")
        if report.unwritten is not None:
            _tell(report.unwritten)

    def summary(self, report: Report, folder: Path) -> None:
        """Failures, then a short table of what was done."""
        self.failures(report, _MOST_FAILURES)
        if self._json:
            complain(json.dumps({"event": "end", **report.as_dict()["totals"]}))
            return
        if sys.stderr.isatty():
            self._console.print(_table(report))
        pages = sum(result.pages for result in report.results if result.status in ("done", "partial"))
        rate = f", {pages / report.seconds:.1f} pages/s" if pages and report.seconds > 0 else ""
        counts = ", ".join(
            f"{report.count(status)} {status}"
            for status in ("done", "partial", "skipped", "failed", "interrupted")
            if report.count(status)
        )
        see = f"; see {plain(str(folder / NAME))}" if report.unwritten is None else ""
        complain(f"{counts or 'nothing to do'} in {report.seconds:.1f} s{rate}{see}")


def _tell(line: str) -> None:
    complain(f"docvlm: {plain(line)}")


def _line(result: Result, error: dict[str, Any]) -> str:
    """What failed, and where, unless the message begins with it."""
    message: str = error["message"]
    place = result.source if error["page"] is None else f"{result.source}: page {error['page']}"
    if "block" in error:
        place += f", block {error['block']}"
    return message if message.startswith(place) else f"{place}: {message}"


def _table(report: Report, most: int = 20) -> Table:
    table = Table(box=None, header_style="bold")
    for name, side in (
        ("document", "left"),
        ("status", "left"),
        ("pages", "right"),
        ("blocks", "right"),
        ("unreliable", "right"),
    ):
        table.add_column(name, justify="right" if side == "right" else "left")
    shown = sorted(report.results, key=lambda r: r.status in ("done", "skipped"))[:most]
    for result in shown:
        table.add_row(
            escape(plain(Path(result.source).name)),
            result.status,
            str(result.pages),
            str(result.blocks),
            str(result.unreliable),
        )
    if len(report.results) > most:
        table.add_row(f"... {len(report.results) - most} more", "", "", "", "")
    return table
