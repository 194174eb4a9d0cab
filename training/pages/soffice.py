"""Prints flat OpenDocument text by LibreOffice. One process per print, with a user profile of its own, so that prints can run
side by side; the profile is kept in the process that prints, since making one takes seconds."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_LIMIT = 1200  # seconds a print may take on a busy machine
# Bookmarks become named destinations, by which a print's sheets are found again. Lossless: pictures keep their pixels.
_FILTER = (
    'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"},'
    '"UseTaggedPDF":{"type":"boolean","value":"false"},"ExportBookmarks":{"type":"boolean","value":"false"},'
    '"ExportFormFields":{"type":"boolean","value":"false"}}'
)


def find_office() -> str | None:
    """The program, or None where there is none or where it lacks Writer."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        return None
    beside = Path(program).resolve().parent
    return program if any(beside.glob("libswlo.*")) else None


@cache
def _profile() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="office-profile-")


def print_pdf(document: str) -> bytes:
    """The document (flat OpenDocument text) as PDF.

    Raises RuntimeError where there is no LibreOffice, or it writes nothing in time.
    """
    program = find_office()
    if program is None:
        raise RuntimeError("no LibreOffice found: install Debian's package libreoffice-writer")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pages.fodt").write_text(document, encoding="utf-8")
        call = [
            program,
            f"-env:UserInstallation={Path(_profile().name).as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            _FILTER,
            "--outdir",
            name,
            str(folder / "pages.fodt"),
        ]
        try:
            done = subprocess.run(call, capture_output=True, timeout=_LIMIT, check=False)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"LibreOffice took more than {_LIMIT} s") from error
        made = folder / "pages.pdf"
        if not made.is_file():
            raise RuntimeError(f"LibreOffice printed nothing: {done.stderr[-500:].decode(errors='replace')}")
        return made.read_bytes()
