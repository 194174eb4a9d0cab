"""Documents -> files. Each appears whole or not at all, and pictures before the text that links to them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from docvlm.errors import OutputError, UsageError
from docvlm.files import write_atomically
from docvlm.schema import Content
from docvlm.writers import html, json, latex, markdown

FORMATS = {"markdown": ".md", "latex": ".tex", "html": ".html", "json": ".json"}

_WRITERS = {"markdown": markdown.write, "latex": latex.write, "html": html.write, "json": json.write}
_FORMAT_OF = {suffix: name for name, suffix in FORMATS.items()}


def save(document: Content, path: Path) -> list[Path]:
    """Writes ``document`` to ``path`` in the format of its suffix, and its pictures beside it.

    Returns the paths written, pictures first. Raises UsageError for another suffix, OutputError where
    writing fails.
    """
    name = _FORMAT_OF.get(path.suffix.lower())
    if name is None:
        known = ", ".join(FORMATS.values())
        raise UsageError(f"{path}: no format has the suffix '{path.suffix}'", f"use one of {known}")
    return _write(document, path.parent, {path: name})


def write_results(document: Content, folder: Path, name: str, formats: Iterable[str]) -> list[Path]:
    """Writes ``folder/name.md`` and so on, one per format, and the pictures that they link to.

    Returns the paths written, pictures first. Raises UsageError for an unknown format, OutputError where
    writing fails.
    """
    wanted = list(dict.fromkeys(formats))
    for each in wanted:
        if each not in FORMATS:
            raise UsageError(f"unknown format '{each}'", f"use one of {', '.join(FORMATS)}")
    return _write(document, folder, {folder / (name + FORMATS[each]): each for each in wanted})


def _write(document: Content, folder: Path, files: dict[Path, str]) -> list[Path]:
    texts = {path: _WRITERS[name](document).encode("utf-8", "replace") for path, name in files.items()}
    written: list[Path] = []
    if set(files.values()) - {"html"}:  # a page holds its pictures itself
        written += [write_atomically(_inside(folder, asset), data) for asset, data in document.assets.items()]
    return written + [write_atomically(path, data) for path, data in texts.items()]


def _inside(folder: Path, asset: str) -> Path:
    parts = PurePosixPath(asset).parts
    if not parts or asset.startswith("/") or ".." in parts or "\\" in asset:
        raise OutputError(f"cannot write {folder / asset}: it lies outside {folder}")
    return folder.joinpath(*parts)
