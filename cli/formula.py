"""``docvlm formula``: the LaTeX of formulas, and the Markdown of lines and paragraphs, on standard output or as files."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docvlm.errors import ExitCode

from .options import (
    Debug,
    Device,
    Force,
    JsonLog,
    MemoryLimit,
    Models,
    Pages,
    PageTimeout,
    Password,
    Runtime,
    Workers,
)

if TYPE_CHECKING:
    from docvlm.batch.inputs import Input
    from docvlm.batch.runner import Runner

    from .progress import Display

_STANDARD_INPUT = "-"


def formula(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Files, folders or globs; - reads a picture's bytes."),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR|-", help="Where results go; - prints.")
    ] = "-",
    to: Annotated[
        str, typer.Option("--to", help="Of formulas: latex, json or markdown; text is Markdown or json.")
    ] = "latex",
    kind: Annotated[
        str, typer.Option("--kind", help="auto, formula or text: a line or paragraph, with formulas or not.")
    ] = "auto",
    pages: Pages = None,
    model: Models = None,
    device: Device = "auto",
    runtime: Runtime = "auto",
    workers: Workers = None,
    page_timeout: PageTimeout = None,
    memory_limit: MemoryLimit = None,
    force: Force = False,
    password: Password = None,
    json_log: JsonLog = False,
    debug: Debug = False,
) -> None:
    """Read the LaTeX of formulas, or the Markdown of lines and paragraphs with formulas in them: pictures of one each,
    or PDFs with one on each page.
    """
    from docvlm.batch.formula_task import FormulaTask
    from docvlm.batch.runner import Runner
    from docvlm.options import Options, models_named

    from .progress import Display, most_memory, one_format, to_folder

    options = Options(
        debug=debug,
        pages=pages,
        password=password,
        models=models_named(model or [], "formula"),
        device=device,  # type: ignore[arg-type]
        runtime=runtime,  # type: ignore[arg-type]
    )
    with Display(json_log, debug) as display, _files(inputs) as given:
        runner: Runner[Any, Any] = Runner(
            FormulaTask(kind),  # type: ignore[arg-type]
            options,
            workers=workers,
            page_timeout=page_timeout,
            memory_limit=most_memory(memory_limit),
            on_event=display.event,
        )
        formats = runner.formats(to.split(","))
        if output != "-":
            code = to_folder(runner, given, Path(output), formats, force, display)
        else:
            code = _print(runner, given, one_format(formats), display)
    raise typer.Exit(int(code))


@contextmanager
def _files(inputs: Sequence[str]) -> Iterator[list[str | Input]]:
    """The inputs, those bytes that come by standard input as a file."""
    from docvlm.batch.inputs import Input

    with tempfile.TemporaryDirectory(prefix="docvlm-") as folder:
        path = Path(folder) / "picture"
        if _STANDARD_INPUT in inputs:
            path.write_bytes(sys.stdin.buffer.read())
        piped = Input(path, "standard input", "standard-input")
        yield [piped if name == _STANDARD_INPUT else name for name in inputs]


def _print(runner: Runner[Any, Any], inputs: list[str | Input], form: str, display: Display) -> ExitCode:
    """Each formula on a line of its own, passages as they are."""
    from docvlm.batch.formula_task import text_of
    from docvlm.batch.report import Report

    report = Report()
    for _, said in runner.in_order(inputs, report):
        for text in (text_of(each, form) for each in said):
            if text:
                display.say(f"{text}\n".encode("utf-8", "replace"))
    display.failures(report)
    return report.exit_code()
