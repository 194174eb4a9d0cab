"""``docvlm models``: what is here, what a model is, and fetching one from the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Debug

models = typer.Typer(
    name="models", help="List, describe and fetch models.", no_args_is_help=True, add_completion=False
)


@models.command("list")
def list_models(debug: Debug = False) -> None:
    """List the models on this machine: those that come with docvlm, and those fetched from the hub."""
    from docvlm import checkpoints

    found = [(name, "bundled") for name in checkpoints.bundled()]
    found += [(name, "fetched") for name in checkpoints.cached()]
    for name, origin in found:
        typer.echo(f"{name}  ({origin})")
    if not found:
        typer.echo("no model is here; fetch one with 'docvlm models pull HF-ID', or give a folder", err=True)


@models.command("show")
def show(model: Annotated[str, typer.Argument(metavar="NAME|PATH|HF-ID")], debug: Debug = False) -> None:
    """Say what a model is: kind, size, licence, place and files."""
    from docvlm import checkpoints

    found = checkpoints.describe(model)
    for name, value in (
        ("name", found.name),
        ("kind", found.kind),
        ("architecture", found.architecture),
        ("size", f"{found.size / 1e6:.1f} MB"),
        ("licence", found.licence or "not stated; see where it came from"),
        ("folder", found.folder),
        ("files", ", ".join(found.files)),
    ):
        typer.echo(f"{name + ':':<14}{value}")


@models.command("pull")
def pull(
    hub_id: Annotated[str, typer.Argument(metavar="HF-ID", help="Such as stepfun-ai/GOT-OCR-2.0-hf.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="A folder of its own for the files.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Fetch a model from the Hugging Face hub: safetensors and settings, never pickles nor code."""
    from docvlm import checkpoints

    typer.echo(checkpoints.pull(hub_id, output))
