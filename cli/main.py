"""``docvlm``: parses, calls the library, prints. Heavy imports wait until a command runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from docvlm import __version__
from docvlm.errors import DocvlmError, ExitCode, UsageError, missing_package

from . import signals, terminal
from .chart import chart
from .convert import convert
from .export import export
from .formula import formula
from .models import models
from .options import Debug, Password

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


app.command()(convert)
app.command()(chart)
app.command()(formula)
app.add_typer(models)
app.command()(export)


@app.command()
def view(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where results were written.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    password: Password = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    debug: Debug = False,
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
def doctor(debug: Debug = False) -> None:
    """Say what was found on this machine and what will be used."""
    from .doctor import report

    for line in report():
        typer.echo(line)


def run() -> None:
    """The command's entry point: errors become one line on stderr and the right exit code."""
    debug = "--debug" in sys.argv
    terminal.open_closed()
    signals.end_in_order()
    try:
        # Outside standalone mode the code of typer.Exit is returned.
        code = app(standalone_mode=False) or 0
        terminal.flush()
        sys.exit(code)
    except DocvlmError as error:
        if debug:
            raise
        _fail(error)
    except KeyboardInterrupt:
        sys.exit(int(ExitCode.INTERRUPTED))
    except BrokenPipeError:
        terminal.forget_output()
        sys.exit(int(ExitCode.OK))
    except ModuleNotFoundError as error:
        if debug:
            raise
        _fail(missing_package(error.name or str(error)))
    except Exception as error:
        if isinstance(error, OSError) and terminal.is_of_output(error):
            _fail(terminal.lost_output(error))
        _usage_or_crash(error, debug)


def _fail(error: DocvlmError) -> NoReturn:
    terminal.complain(f"docvlm: {terminal.plain(error.line())}")
    sys.exit(int(error.exit_code))


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
    message = (
        f"internal error: {type(error).__name__}: {' '.join(str(error).split())} (run again with --debug)"
    )
    terminal.complain(f"docvlm: {terminal.plain(message)}")
    sys.exit(int(ExitCode.NOTHING_DONE))


if __name__ == "__main__":
    run()
