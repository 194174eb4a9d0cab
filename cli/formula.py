"""``docvlm formula``: the LaTeX of formulas, and the Markdown of lines and paragraphs, printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from docvlm.errors import DocvlmError, ExitCode, UsageError

_FORMATS = ("latex", "json", "markdown")
_TOGETHER = 32  # crops that are read at once
# What a failed check says to a user, and what to do.
_UNREAD = {
    "formula-ink": ("there is no print on it", "give a picture of a formula"),
    "formula-glyphs": ("no glyph was recognized on it", "give a larger or sharper picture"),
    "formula-seen": ("most of it is no print", "crop it to the formula; 'docvlm convert' reads pages"),
    "formula-size": (
        "it has none or too many glyphs",
        "crop it to one formula; 'docvlm convert' reads pages",
    ),
}
_NO_TEXT = ("there is no print on it", "give a picture of a line or a paragraph")
_UNSOUND = ("no sound LaTeX came of it", "give a larger or sharper picture of one formula")


def formula(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE|PDF...", help="Files, folders or globs; - reads a picture's bytes."),
    ],
    to: Annotated[
        str, typer.Option("--to", help="Of formulas: latex, json or markdown; text is Markdown or json.")
    ] = "latex",
    kind: Annotated[
        str, typer.Option("--kind", help="auto, formula or text: a line or paragraph, with formulas or not.")
    ] = "auto",
    pages: Annotated[str | None, typer.Option("--pages", help="Of PDFs, such as 1-3,7.")] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    runtime: Annotated[str, typer.Option("--runtime", help="auto, torch, onnx or tensorrt.")] = "auto",
    password: Annotated[str | None, typer.Option("--password", help="For encrypted PDFs.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Print the LaTeX of formulas, or the Markdown of lines and paragraphs with formulas in them: pictures of one each,
    or PDFs with one on each page.
    """
    from docvlm.options import Options
    from docvlm.transcribing import read_found

    if to not in _FORMATS:
        raise UsageError(f"unknown format '{to}'", f"choose from {', '.join(_FORMATS)}")
    options = Options(
        pages=pages,
        password=password,
        device=device,  # type: ignore[arg-type]
        runtime=runtime,  # type: ignore[arg-type]
    )
    found, read, failed = _crops(inputs, options, kind), 0, 0
    while part := list(islice(found, _TOGETHER)):
        crops = [each for each in part if not isinstance(each[1], DocvlmError)]
        results = iter(read_found([crop for _, crop in crops], options))
        for name, crop in part:
            good = _tell(name, crop) if isinstance(crop, DocvlmError) else _print(name, next(results), to)
            read, failed = read + good, failed + (not good)
    if failed:
        raise typer.Exit(int(ExitCode.SOME_FAILED if read else ExitCode.NOTHING_DONE))


def _crops(inputs: list[str], options: Any, kind: Any) -> Iterator[tuple[str, Any]]:
    """The name of each file with what one of its pages shows, or the error that it met."""
    from docvlm.source import expand
    from docvlm.transcribing import find_crops

    for given in inputs:
        try:
            paths: list[Path | None] = [None] if given == "-" else [*expand([given])]
        except DocvlmError as error:
            yield given, error
            continue
        for path in paths:
            name = "standard input" if path is None else str(path)
            try:
                for crop in find_crops(sys.stdin.buffer.read() if path is None else path, options, kind):
                    yield name if crop.page is None else f"{name}, page {crop.page}", crop
            except DocvlmError as error:
                if error.category in ("usage", "model"):
                    raise
                yield name, error


def _print(name: str, read: list[Any], to: str) -> bool:
    """Prints what was read and tells of what is not sure. Says whether all was read."""
    said = [_said(each, to) for each in read]
    for each, text in zip(read, said):
        if to == "json":
            print(_json(each))
        elif text:
            print(text)
        what = "formula" if hasattr(each, "latex") else "text"
        failed = [check.name for check in each.confidence.checks if not check.passed]
        if not text:
            why, remedy = _NO_TEXT if what == "text" else _UNREAD.get(failed[0], _UNSOUND)
            _tell(name, DocvlmError(f"no {what} could be read: {why}", remedy))
        elif not each.confidence.reliable:
            doubts = f", failed: {', '.join(failed)}" if failed else ""
            typer.echo(
                f"docvlm: {name}: check this {what} (score {each.confidence.score:.2f}{doubts})", err=True
            )
    sys.stdout.flush()
    return all(said)


def _said(read: Any, to: str) -> str:
    """A formula's LaTeX on one line or between dollars, a passage's Markdown; "" where nothing could be read."""
    if not hasattr(read, "latex"):
        return str(read.markdown)
    if not read.latex:
        return ""
    return f"$$\n{read.tagged}\n$$" if to == "markdown" else " ".join(read.tagged.split())


def _json(read: Any) -> str:
    from pydantic import TypeAdapter

    return TypeAdapter(type(read)).dump_json(read).decode()


def _tell(name: str, error: DocvlmError) -> bool:
    line = error.line()
    typer.echo(f"docvlm: {line if line.startswith(name) else f'{name}: {line}'}", err=True)
    return False
