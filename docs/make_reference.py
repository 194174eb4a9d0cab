"""The pages of the reference that are made from the code when the documentation is built; none is stored."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from typer.testing import CliRunner

from docvlm import checks, errors
from docvlm.cli.main import app
from docvlm.document import Document

README = Path(__file__).resolve().parents[1] / "README.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """What MkDocs calls when it has gathered the pages that are written by hand."""
    pages = {"command": command(), "json": json_format(), "checks": checks_table(), "errors": error_tables()}
    for name, lines in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content="\n".join(lines) + "\n"))
    return files


def on_page_content(html: str, **_: Any) -> str:
    """What MkDocs calls with each page: docstrings say ``:class:`` and the like, which Markdown does not know."""
    return re.sub(r":(?:class|func|meth|mod):(?=<code>)", "", html)


def command() -> Iterator[str]:
    """What each command says of itself."""
    yield "# The command"
    yield from _help(typer.main.get_command(app), ())


def _help(command: Any, words: tuple[str, ...]) -> Iterator[str]:
    said = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"}).invoke(
        app, [*words, "--help"], prog_name="docvlm"
    )
    yield from ("", f"## `{' '.join(('docvlm', *words))}`", "", "```text", said.output.strip(), "```")
    for name, inner in getattr(command, "commands", {}).items():
        yield from _help(inner, (*words, name))


def json_format() -> Iterator[str]:
    """Every object of the JSON with its keys, from the schema."""
    schema = Document.model_json_schema(mode="serialization")
    yield from ("# The JSON", "")
    yield "`docvlm convert --to json` writes one Document. Keys are added in later versions, never renamed."
    for name, part in {"Document": schema, **schema["$defs"]}.items():
        yield from ("", f"## {name}", "", _prose(part.get("description", "")), "")
        if "properties" in part:
            keys = (
                (f"`{key}`", _type(of), of.get("description", "")) for key, of in part["properties"].items()
            )
            yield from _table(("key", "type", ""), keys)
        else:
            yield _type(part)


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema's type in words, with a link where it is an object of its own."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if schema.get("type") == "array":
        if "prefixItems" in schema:
            return f"[{', '.join(map(_type, schema['prefixItems']))}]"
        return f"list of {_type(schema['items'])}"
    if schema.get("type") == "object":
        return f"object of {_type(schema['additionalProperties'])}"
    low, high = (schema.get(key) for key in ("minimum", "maximum"))
    bounds = "" if low is None else f" ≥ {low:g}" if high is None else f" {low:g} to {high:g}"
    return f"{schema['type']}{bounds}"


def checks_table() -> Iterator[str]:
    """The checks behind a confidence, from their registry."""
    yield from ("# Checks", "", _prose(checks.__doc__ or ""), "")
    columns = ("check", "what it asks", "limit", "role", "what to do where it fails")
    yield from _table(columns, ((f"`{name}`", *rest) for name, *rest in checks.rows()))


def error_tables() -> Iterator[str]:
    """Exit codes, and every error that a user can meet."""
    yield from ("# Exit codes and errors", "")
    yield from _readme_table("exit code")
    yield from (
        "",
        f"Every error is a `docvlm.errors.DocvlmError`. {_prose(errors.DocvlmError.__doc__ or '')}",
        "",
    )
    rows = (
        (
            f"`{kind.__name__}`",
            f"`{kind.category}`",
            str(kind.exit_code.value),
            _prose(kind.__doc__ or ""),
            kind.remedy,
        )
        for kind in _below(errors.DocvlmError)
    )
    yield from _table(("error", "category", "exit code", "when", "the way out"), rows)


def _below(kind: type[errors.DocvlmError]) -> Iterator[type[errors.DocvlmError]]:
    """All errors of `docvlm.errors` below one, each before those that it comprises."""
    for sub in kind.__subclasses__():
        if sub.__module__ == errors.__name__:
            yield sub
            yield from _below(sub)


def _readme_table(first_column: str) -> Iterator[str]:
    """The README's table that starts with this column."""
    lines = iter(README.read_text().splitlines())
    head = next(line for line in lines if line.startswith(f"| {first_column} |"))
    yield from (head, *takewhile(lambda line: line.startswith("|"), lines))


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in row) + " |"


def _prose(docstring: str) -> str:
    """A docstring as Markdown."""
    return re.sub(r":\w+:`[~.]?([^`]+)`", r"`\1`", inspect.cleandoc(docstring)).replace("``", "`")
