"""What a person (or a log reader) sees on standard error while files are converted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from docvlm.batch.converter import Report

_MOST_FAILURES = 5  # lines per document; the run report has all


class Display:
    """A progress bar on a terminal, JSON lines with ``json_log``, silence otherwise."""

    def __init__(self, json_log: bool) -> None:
        self._json = json_log
        self._console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Display:
        if sys.stderr.isatty() and not self._json:
            self._bar = Progress(
                TextColumn("{task.description}"),
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
            print(json.dumps({"event": name, **fields}, ensure_ascii=False), file=sys.stderr, flush=True)
        elif self._bar is not None:
            self._advance(self._bar, name, fields)

    def _advance(self, bar: Progress, name: str, fields: dict[str, Any]) -> None:
        if name == "total":
            self._task = bar.add_task("docvlm", total=fields["pages"], rate="")
        elif name == "page" and self._task is not None:
            speed = next((task.speed for task in bar.tasks if task.id == self._task), None)
            rate = f"{speed:.1f}/s" if speed else ""
            bar.update(self._task, advance=1, description=Path(fields["source"]).name[:32], rate=rate)

    def failures(self, report: Report) -> None:
        """One line per input or page that failed."""
        self._stop()
        if self._json:
            return
        for result in report.results:
            for error in result.errors[:_MOST_FAILURES]:
                where = f"{result.source}: page {error['page']}"
                known = not error["page"] or error["message"].startswith(where)
                print(f"docvlm: {'' if known else where + ': '}{error['message']}", file=sys.stderr)
            more = len(result.errors) - _MOST_FAILURES
            if more > 0:
                print(
                    f"docvlm: {result.source}: {more} more pages failed (the run report names them)",
                    file=sys.stderr,
                )

    def summary(self, report: Report, folder: Path) -> None:
        """Failures, then a short table of what was done."""
        self.failures(report)
        if self._json:
            print(json.dumps({"event": "end", **report.as_dict()["totals"]}), file=sys.stderr)
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
        print(
            f"{counts or 'nothing to do'} in {report.seconds:.1f} s{rate}; see {folder / 'run-report.json'}",
            file=sys.stderr,
        )


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
            Path(result.source).name,
            result.status,
            str(result.pages),
            str(result.blocks),
            str(result.unreliable),
        )
    if len(report.results) > most:
        table.add_row(f"... {len(report.results) - most} more", "", "", "", "")
    return table
