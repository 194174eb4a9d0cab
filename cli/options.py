"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

Inputs = Annotated[list[str], typer.Argument(metavar="INPUT...", help="Files, folders or globs.")]
Pages = Annotated[str | None, typer.Option("--pages", help="Such as 1-3,7.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")]
Runtime = Annotated[str, typer.Option("--runtime", help="auto, torch, onnx or tensorrt.")]
Password = Annotated[str | None, typer.Option("--password", help="For encrypted PDFs.")]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="[ROLE=]NAME|PATH|HF-ID",
        help="Instead of the bundled ones. Roles are chart, formula, glyphs, layout and reading (whole pages with "
        "--reader vlm, else formulas and unclear tables); without one it is the command's own, of convert reading. "
        "May be repeated.",
    ),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes; one per core, or one with a model.")
]
PageTimeout = Annotated[
    float | None, typer.Option("--page-timeout", min=1.0, help="Seconds per page; 120, or 900 with a model.")
]
MemoryLimit = Annotated[
    str | None,
    typer.Option("--memory-limit", help="For each process, such as 2G; its share of three quarters of all."),
]
Force = Annotated[bool, typer.Option("--force", help="Read again what is done.")]
JsonLog = Annotated[bool, typer.Option("--json-log", help="Log events as JSON lines on stderr.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
