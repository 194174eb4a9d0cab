"""Prints HTML by headless Chromium. One process per print: there is nothing to keep alive, and a crash loses one batch."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--no-pdf-header-footer",
    "--disable-pdf-tagging",  # MuPDF takes twice the time to read tagged pages
)  # fmt: skip
_LIMIT = 1200  # seconds a print may take on a busy machine


def find_browser() -> str | None:
    """The browser's program, or None where there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def print_pdf(html: str) -> bytes:
    """The document as PDF, with the page sizes of its style sheet and its backgrounds.

    Raises RuntimeError where there is no browser, or it writes nothing in time.
    """
    browser = find_browser()
    if browser is None:
        raise RuntimeError("no Chromium found: install Debian's package chromium")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pages.html").write_text(html, encoding="utf-8")
        made = folder / "pages.pdf"
        call = [browser, *_SWITCHES, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={made}"]
        try:
            done = subprocess.run(
                [*call, (folder / "pages.html").as_uri()], capture_output=True, timeout=_LIMIT, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"Chromium took more than {_LIMIT} s") from error
        if not made.is_file():
            raise RuntimeError(f"Chromium printed nothing: {done.stderr[-500:].decode(errors='replace')}")
        return made.read_bytes()
