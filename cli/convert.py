"""``docvlm convert``: documents as Markdown, LaTeX, HTML or JSON, as files or on standard output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docvlm.errors import ExitCode

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
    from docvlm.batch.converter import Converter

    from .progress import Display


def convert(
    inputs: Inputs,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="DIR|-", help="Where results go; - prints.")
    ] = None,
    to: Annotated[
        str, typer.Option("--to", help="Comma-separated: markdown, latex, html, json.")
    ] = "markdown",
    pages: Pages = None,
    reader: Annotated[str, typer.Option("--reader", help="auto, text, ocr or vlm.")] = "auto",
    model: Models = None,
    device: Device = "auto",
    runtime: Runtime = "auto",
    tiles: Annotated[
        int,
        typer.Option("--tiles", min=1, max=8, help="Show dense pages to the model in so many tiles at most."),
    ] = 1,
    figure_text: Annotated[
        bool, typer.Option("--figure-text", help="Write the words inside pictures under them.")
    ] = False,
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Write the comments on pages behind their text.")
    ] = False,
    workers: Workers = None,
    page_timeout: PageTimeout = None,
    memory_limit: MemoryLimit = None,
    force: Force = False,
    password: Password = None,
    json_log: JsonLog = False,
    debug: Debug = False,
) -> None:
    """Convert PDFs and images."""
    from docvlm.batch.converter import Converter
    from docvlm.options import Options, models_named

    from .progress import Display, most_memory, one_format, to_folder

    options = Options(
        debug=debug,
        pages=pages,
        reader=reader,  # type: ignore[arg-type]
        password=password,
        models=models_named(model or [], "reading"),
        device=device,  # type: ignore[arg-type]
        runtime=runtime,  # type: ignore[arg-type]
        tiles=tiles,
        figure_text=figure_text,
        annotations=annotations,
    )
    with Display(json_log, debug) as display:
        converter = Converter(
            options,
            workers=workers,
            page_timeout=page_timeout,
            memory_limit=most_memory(memory_limit),
            on_event=display.event,
        )
        formats = converter.formats(to.split(","))
        if output != "-":
            code = to_folder(converter, inputs, Path(output or "."), formats, force, display)
        else:
            code = _print(converter, inputs, one_format(formats), display)
    raise typer.Exit(int(code))


def _print(converter: Converter, inputs: list[str], form: str, display: Display) -> ExitCode:
    """Documents on standard output, one after the other."""
    from docvlm.batch.convert_task import written
    from docvlm.batch.report import Report

    report = Report()
    for _, document in converter.in_order(inputs, report):
        display.say(written(document, form))
    display.failures(report)
    return report.exit_code()
