"""``docvlm chart``: the numbers behind charts, on standard output or as files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from docvlm.errors import DocvlmError, ExitCode, UsageError

_SUFFIXES = {"json": ".json", "csv": ".csv", "markdown": ".md", "png": ".png"}


def chart(
    inputs: Annotated[list[str], typer.Argument(metavar="IMAGE|PDF...", help="Files, folders or globs.")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR|-", help="Where results go; - prints.")
    ] = "-",
    to: Annotated[str, typer.Option("--to", help="Comma-separated: json, csv, markdown, png.")] = "json",
    pages: Annotated[str | None, typer.Option("--pages", help="Of PDFs, such as 1-3,7.")] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME|PATH|HF-ID", help="A chart bundle or a OneChart."),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    runtime: Annotated[str, typer.Option("--runtime", help="auto, torch, onnx or tensorrt.")] = "auto",
    password: Annotated[str | None, typer.Option("--password", help="For encrypted PDFs.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Read the numbers out of charts: images, or the charts on the pages of PDFs.

    One JSON object per chart; where there are several, one on each line. The png shows what was read beside
    the original.
    """
    from docvlm.options import Options

    formats = _formats(to, output)
    options = Options(
        pages=pages,
        password=password,
        model=model,
        device=device,  # type: ignore[arg-type]
        runtime=runtime,  # type: ignore[arg-type]
    )
    say = _Printed(formats[0]) if output == "-" else _Files(Path(output), formats)
    failed, paths = 0, list(_files(inputs))
    for path in paths:
        try:
            if isinstance(path, DocvlmError):
                raise path
            _read(path, options, say)
        except DocvlmError as error:
            if error.category in ("usage", "model", "output"):
                raise
            failed += 1
            typer.echo(f"docvlm: {error.line()}", err=True)
    say.end()
    if failed:
        raise typer.Exit(int(ExitCode.NOTHING_DONE if failed == len(paths) else ExitCode.SOME_FAILED))


def _formats(to: str, output: str) -> list[str]:
    formats = list(dict.fromkeys(name.strip() for name in to.split(",") if name.strip()))
    for name in formats:
        if name not in _SUFFIXES:
            raise UsageError(f"unknown format '{name}'", f"choose from {', '.join(_SUFFIXES)}")
    if not formats:
        raise UsageError("no format is named", f"choose from {', '.join(_SUFFIXES)}")
    if output == "-" and len(formats) != 1:
        raise UsageError("standard output takes one format", "name a folder with -o")
    return formats


def _files(inputs: list[str]) -> Iterator[Path | DocvlmError]:
    from docvlm.source import expand

    for name in inputs:
        try:
            yield from expand([name])
        except DocvlmError as error:
            yield error


def _read(path: Path, options: Any, say: _Printed | _Files) -> None:
    from docvlm.charting import find_charts

    count = 0
    for found in find_charts(path, options):
        count += 1
        if not found.is_chart:
            typer.echo(f"docvlm: {path}: no chart was recognized in this picture", err=True)
        say.give(path, found)
    if not count:
        typer.echo(f"docvlm: {path}: no chart was found on its pages", err=True)


def _writer(name: str) -> Callable[[Any], bytes]:
    from docvlm.writers import csv, json, markdown, redraw

    def text(write: Callable[[Any], str]) -> Callable[[Any], bytes]:
        return lambda found: write(found.chart).encode("utf-8", "replace")

    writers: dict[str, Callable[[Any], bytes]] = {
        "json": text(json.chart),
        "csv": text(csv.chart),
        "markdown": text(lambda chart: markdown.chart(chart) + "\n"),
        "png": lambda found: redraw.png(found.chart, found.figure.image),
    }
    return writers[name]


class _Printed:
    """Charts on standard output. The first waits for a second: a single JSON object is indented for people."""

    def __init__(self, form: str) -> None:
        self.form, self.write = form, _writer(form)
        self.first: Any = None
        self.count = 0

    def give(self, path: Path, found: Any) -> None:
        self.count += 1
        if self.count == 1:
            self.first = found
            return
        if self.form == "png":
            raise UsageError("standard output takes one picture", "name a folder with -o")
        if self.count == 2:
            self._line(self.first)
        self._line(found)

    def _line(self, found: Any) -> None:
        if self.form == "json":
            text = found.chart.model_dump_json() + "\n"
        else:
            place = "" if found.chart.page is None else f", page {found.chart.page}"
            text = f"# {found.chart.source}{place}\n\n{self.write(found).decode()}\n"
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()

    def end(self) -> None:
        if self.count == 1:
            sys.stdout.buffer.write(self.write(self.first))
            sys.stdout.flush()


class _Files:
    """Charts as ``NAME.json`` and so on; those of a PDF as ``NAME-p3-1.json``, the first chart on page 3."""

    def __init__(self, folder: Path, formats: list[str]) -> None:
        self.folder, self.formats = folder, formats
        self.counts: dict[tuple[Path, int | None], int] = {}
        self.taken: dict[str, Path] = {}

    def give(self, path: Path, found: Any) -> None:
        from docvlm.files import write_atomically

        name = self._name(path)
        if found.chart.page is not None:
            key = (path, found.chart.page)
            self.counts[key] = self.counts.get(key, 0) + 1
            name += f"-p{found.chart.page}-{self.counts[key]}"
        for form in self.formats:
            write_atomically(self.folder / (name + _SUFFIXES[form]), _writer(form)(found))

    def _name(self, path: Path) -> str:
        """The input's name without its suffix, never the same for two inputs."""
        name, count = path.stem, 1
        while self.taken.setdefault(name, path) != path:
            count += 1
            name = f"{path.stem}-{count}"
        return name

    def end(self) -> None:
        """Files need no end."""
