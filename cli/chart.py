"""``docvlm chart``: the numbers behind charts, on standard output or as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docvlm.errors import ExitCode, UsageError

from .options import (
    Debug,
    Device,
    Force,
    Inputs,
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
    from docvlm.batch.chart_task import ReadChart
    from docvlm.batch.runner import Runner

    from .progress import Display


def chart(
    inputs: Inputs,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR|-", help="Where results go; - prints.")
    ] = "-",
    to: Annotated[str, typer.Option("--to", help="Comma-separated: json, csv, markdown, png.")] = "json",
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
    """Read the numbers out of charts: images, or the charts on the pages of PDFs.

    One JSON object per chart; where there are several, one on each line. The png shows what was read beside
    the original.
    """
    from docvlm.batch.chart_task import ChartTask
    from docvlm.batch.runner import Runner
    from docvlm.options import Options, models_named

    from .progress import Display, most_memory, one_format, to_folder

    options = Options(
        debug=debug,
        pages=pages,
        password=password,
        models=models_named(model or [], "chart"),
        device=device,  # type: ignore[arg-type]
        runtime=runtime,  # type: ignore[arg-type]
    )
    with Display(json_log, debug) as display:
        runner: Runner[Any, list[ReadChart]] = Runner(
            ChartTask(),
            options,
            workers=workers,
            page_timeout=page_timeout,
            memory_limit=most_memory(memory_limit),
            on_event=display.event,
        )
        formats = runner.formats(to.split(","))
        if output != "-":
            code = to_folder(runner, inputs, Path(output), formats, force, display)
        else:
            code = _print(runner, inputs, one_format(formats), display)
    raise typer.Exit(int(code))


def _print(runner: Runner[Any, list[ReadChart]], inputs: list[str], form: str, display: Display) -> ExitCode:
    """Charts on standard output. The first waits for a second: a single JSON object is indented for people."""
    from docvlm.batch.chart_task import written
    from docvlm.batch.report import Report

    report = Report()
    first = b""  # until it is printed
    alone: bytes | None = None
    for _, charts in runner.in_order(inputs, report):
        for each in charts:
            if alone is None:
                alone, first = written(each, form), _one_of_several(each, form)
                continue
            if form == "png":
                raise UsageError("standard output takes one picture", "name a folder with -o")
            display.say(first + _one_of_several(each, form))
            first = b""
    if first:
        display.say(alone or b"")
    display.failures(report)
    return report.exit_code()


def _one_of_several(each: ReadChart, form: str) -> bytes:
    """A line of JSON, or a text below a title that says which chart it is."""
    from docvlm.batch.chart_task import written

    if form == "json":
        return each.chart.model_dump_json().encode("utf-8", "replace") + b"\n"
    place = "" if each.chart.page is None else f", page {each.chart.page}"
    title = f"# {each.chart.source}{place}\n\n"
    return title.encode("utf-8", "replace") + written(each, form) + b"\n"
