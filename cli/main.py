"""``docvlm``: parses, calls the library, prints. Heavy imports wait until a command runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from docvlm import __version__
from docvlm.errors import DocvlmError, ExitCode, UsageError

from .chart import chart
from .export import export
from .formula import formula
from .models import models

app = typer.Typer(
    help="PDFs and images in; Markdown, LaTeX, HTML and JSON out, each piece with a confidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"docvlm {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def convert(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="Files, folders or globs.")],
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="DIR|-", help="Where results go; - prints.")
    ] = None,
    to: Annotated[
        str, typer.Option("--to", help="Comma-separated: markdown, latex, html, json.")
    ] = "markdown",
    pages: Annotated[str | None, typer.Option("--pages", help="Such as 1-3,7.")] = None,
    reader: Annotated[str, typer.Option("--reader", help="auto, text, ocr or vlm.")] = "auto",
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME|PATH|HF-ID",
            help="Reads whole pages with --reader vlm, else the formulas and unclear tables.",
        ),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    runtime: Annotated[str, typer.Option("--runtime", help="auto, torch, onnx or tensorrt.")] = "auto",
    tiles: Annotated[
        int,
        typer.Option("--tiles", min=1, max=8, help="Show dense pages to the model in so many tiles at most."),
    ] = 1,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; one per core, or one with a model.")
    ] = None,
    page_timeout: Annotated[
        float | None,
        typer.Option("--page-timeout", min=1.0, help="Seconds per page; 120, or 900 with a model."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Convert again what is done.")] = False,
    password: Annotated[str | None, typer.Option("--password", help="For encrypted PDFs.")] = None,
    json_log: Annotated[bool, typer.Option("--json-log", help="Log events as JSON lines on stderr.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Convert PDFs and images."""
    from docvlm.batch.converter import Converter
    from docvlm.options import Options

    from .progress import Display

    options = Options(
        pages=pages,
        reader=reader,  # type: ignore[arg-type]
        password=password,
        model=model,
        device=device,  # type: ignore[arg-type]
        runtime=runtime,  # type: ignore[arg-type]
        tiles=tiles,
    )
    formats = [name.strip() for name in to.split(",") if name.strip()]
    with Display(json_log) as display:
        converter = Converter(options, workers=workers, page_timeout=page_timeout, on_event=display.event)
        if output == "-":
            code = _print(converter, inputs, formats, display)
        else:
            report = converter.to_folder(inputs, output or ".", formats, force)
            display.summary(report, Path(output or "."))
            code = report.exit_code()
    raise typer.Exit(int(code))


def _print(converter: Any, inputs: list[str], formats: list[str], display: Any) -> ExitCode:
    """Converts into a folder of its own and copies the results to standard output."""
    import tempfile

    from docvlm.writers.output import FORMATS

    if len(formats) != 1:
        raise UsageError("-o - prints one format", "name one with --to, or write to a folder")
    with tempfile.TemporaryDirectory(prefix="docvlm-") as folder:
        report = converter.to_folder(inputs, folder, formats)
        for result in report.results:
            for name in result.outputs:
                if name.endswith(FORMATS[formats[0]]) and "_assets" not in Path(name).parts[0:-1]:
                    sys.stdout.buffer.write((Path(folder) / name).read_bytes())
        sys.stdout.flush()
        display.failures(report)
        code: ExitCode = report.exit_code()
        return code


app.command()(chart)
app.command()(formula)
app.add_typer(models)
app.command()(export)


@app.command()
def view(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where results were written.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    password: Annotated[str | None, typer.Option("--password", help="For encrypted PDFs.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Check pages against their text, side by side in a browser."""
    import webbrowser

    from docvlm.viewer import Viewer

    try:
        viewer = Viewer(folder, port, password)
    except OSError as error:
        raise UsageError(f"port {port}: {error.strerror}", "give another --port, or none") from None
    with viewer:
        typer.echo(viewer.url)
        typer.echo("Ctrl-C ends it", err=True)
        if browser:
            webbrowser.open(viewer.url)
        viewer.serve_forever()


@app.command()
def doctor() -> None:
    """Say what was found on this machine and what will be used."""
    from .doctor import report

    for line in report():
        typer.echo(line)


def run() -> None:
    """The command's entry point: errors become one line on stderr and the right exit code."""
    debug = "--debug" in sys.argv
    try:
        # Outside standalone mode the code of typer.Exit is returned.
        sys.exit(app(standalone_mode=False) or 0)
    except DocvlmError as error:
        if debug:
            raise
        print(f"docvlm: {error.line()}", file=sys.stderr)
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        sys.exit(int(ExitCode.INTERRUPTED))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(int(ExitCode.OK))
    except Exception as error:
        _usage_or_crash(error, debug)


def _usage_or_crash(error: Exception, debug: bool) -> None:
    # Typer carries its own copy of Click or uses the installed one; both show usage errors the same way.
    if hasattr(error, "format_message") and hasattr(error, "show"):
        error.show()
        sys.exit(int(ExitCode.USAGE))
    if type(error).__name__ in ("Exit", "Abort"):
        code = getattr(error, "exit_code", int(ExitCode.INTERRUPTED))
        sys.exit(code)
    if debug:
        raise error
    print(
        f"docvlm: internal error: {type(error).__name__}: {error} (run again with --debug)", file=sys.stderr
    )
    sys.exit(int(ExitCode.NOTHING_DONE))


if __name__ == "__main__":
    run()
