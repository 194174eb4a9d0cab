"""``docvlm export``: a model's networks as ONNX graphs or TensorRT engines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docvlm.errors import UsageError

from .options import Debug


def export(
    model: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A bundle, such as chart-s.")],
    to: Annotated[str, typer.Option("--to", help="onnx or tensorrt.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="A folder of its own; else the model's folder."),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision",
            help="onnx: how weights are stored, fp32, fp16 or int8 (a scale for each row); as in the model unless "
            "given. Computed is in fp32, but with int8 a CPU that can multiplies int8 by int8. "
            "tensorrt: what is computed in, fp32, fp16 (unless given) or bf16.",
        ),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", help="tensorrt: comma-separated GPU kinds, such as sm80,sm89.")
    ] = "",
    debug: Debug = False,
) -> None:
    """Export a model as ONNX graphs, checked against PyTorch, or as TensorRT engines."""
    if to == "onnx":
        from docvlm.export.onnx import export_onnx

        if target:
            raise UsageError("--target is for TensorRT", "leave it out")
        typer.echo(export_onnx(model, output, precision))
    elif to == "tensorrt":
        from docvlm.export.tensorrt import export_tensorrt

        targets = [name.strip() for name in target.split(",") if name.strip()]
        for path in export_tensorrt(model, output, precision or "fp16", targets):
            typer.echo(path)
    else:
        raise UsageError(f"cannot export to '{to}'", "give --to onnx or --to tensorrt")
