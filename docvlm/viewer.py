"""Page beside text, in a browser: every block with its place, and what should not be trusted.

A small web server on this machine alone. The pages' pictures are drawn from the source files when they are looked at,
turned and straightened as the pages were before they were read, so that every block's frame stands around its text; the
text comes from what a conversion left in the results' hidden folder, whatever formats were asked for.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import cv2

from docvlm import raster
from docvlm.document import Document
from docvlm.errors import DamagedInput, DocvlmError
from docvlm.failures import failure_of
from docvlm.kept import Viewed, results
from docvlm.mupdf import ALONE
from docvlm.ocr import deskew
from docvlm.schema import Page
from docvlm.source import Source
from docvlm.writers import html

_DPI = 110
_PATIENCE = 10.0  # seconds until a connection that asks for nothing is closed
_drawing = threading.Lock()  # MuPDF draws in one thread at a time


class Viewer(ThreadingHTTPServer):
    """Serves the results in ``folder`` on 127.0.0.1; ``port`` 0 takes a free one. ``password`` opens their sources.

    Only someone who knows :attr:`url`, which holds a random word, gets an answer. Raises as :func:`docvlm.kept.results`
    does, and ``OSError`` where the port is taken.
    """

    def __init__(self, folder: Path, port: int = 0, password: str | None = None) -> None:
        self.found = results(folder)
        self.password = password
        self.word = secrets.token_urlsafe(9)
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{self.word}/"

    def index(self) -> str:
        """All documents, those with doubtful blocks marked; a single one is shown at once."""
        if len(self.found) == 1:
            return self.document(0)
        rows = "".join(self._row(number, viewed) for number, viewed in enumerate(self.found))
        head = "<tr><th>document</th><th>pages</th><th>blocks</th><th>not reliable</th><th>pages not whole</th></tr>"
        return _page("docvlm", f'<main class="index"><h1>Results</h1><table>{head}{rows}</table></main>')

    def _row(self, number: int, viewed: Viewed) -> str:
        try:
            document, _ = viewed.load()
        except DamagedInput:
            return f"<tr><td>{escape(viewed.name)}</td><td colspan=4>damaged; convert it again</td></tr>"
        blocks = list(document.blocks())
        doubtful = sum(1 for block in blocks if not block.confidence.reliable)
        broken = sum(1 for page in document.pages if _failed(page))
        mark, mark_page = (' class="doubt"' if count else "" for count in (doubtful, broken))
        return (
            f'<tr><td><a href="d/{number}">{escape(viewed.name)}</a></td><td>{len(document.pages)}</td>'
            f"<td>{len(blocks)}</td><td{mark}>{doubtful}</td><td{mark_page}>{broken}</td></tr>"
        )

    def document(self, number: int) -> str:
        """One document, page by page. Raises ``IndexError`` for a number that is not there."""
        viewed = self.found[number]
        document, _ = viewed.load()
        parts = "\n".join(self._sheet(number, document, page) for page in document.pages)
        doubtful = sum(1 for block in document.blocks() if not block.confidence.reliable)
        doubt = f'<button id="next">{doubtful} not reliable</button>' if doubtful else ""
        every = f'<a href="/{self.word}/">all</a> ' if len(self.found) > 1 else ""
        bar = f"<header>{every}<b>{escape(document.source)}</b>{doubt}</header>"
        return _page(document.source, f"{bar}<main>{parts}</main>")

    def _sheet(self, number: int, document: Document, page: Page) -> str:
        """A page's picture, its blocks' frames on it, and its text."""
        alone = page.model_copy(
            update={"blocks": [b.model_copy(update={"continues": None, "asset": None}) for b in page.blocks]}
        )
        text = html.body(Document(source=document.source, sha256=document.sha256, pages=[alone]))
        width, height = page.width or 612.0, page.height or 792.0
        frames = "".join(
            f'<a class="frame{"" if block.confidence.reliable else " doubt"}" href="#" data-for="{escape(block.id)}" '
            f'title="{escape(_told(block))}" style="left:{100 * block.box[0] / width:.2f}%;'
            f"top:{100 * block.box[1] / height:.2f}%;width:{100 * (block.box[2] - block.box[0]) / width:.2f}%;"
            f'height:{100 * (block.box[3] - block.box[1]) / height:.2f}%"></a>'
            for block in page.blocks
        )
        failed = ": " + ", ".join(_failed(page)) if _failed(page) else ""
        image = f'<img loading="lazy" src="/{self.word}/p/{number}/{page.number}" alt="page {page.number}">'
        return (
            f'<section><div class="sheet" style="--ratio:{width / height:.4f}">{image}{frames}</div>'
            f'<article><p class="number">page {page.number}{escape(failed)}</p>{text}</article></section>'
        )

    def picture(self, number: int, page_number: int) -> bytes:
        """A page as PNG, upright as the boxes are. Raises :class:`DocvlmError` where the source is gone,
        ``KeyError`` for a page that was not converted.
        """
        document, path = self.found[number].load()
        page = {page.number: page for page in document.pages}[page_number]
        with _drawing:
            return _drawn(str(path), self.password, page_number, page.rotation, page.skew)


def _failed(page: Page) -> list[str]:
    """What the checks of a page as a whole found wrong with it."""
    return [f"{check.name} failed" for check in page.checks if not check.passed]


def _told(block: Any) -> str:
    checks = ", ".join(f"{c.name} {'ok' if c.passed else 'failed'}" for c in block.confidence.checks)
    return f"{block.kind}, {block.confidence.score:.0%}" + (f": {checks}" if checks else "")


@lru_cache(maxsize=64)
def _drawn(path: str, password: str | None, number: int, rotation: int, skew: float) -> bytes:
    with ALONE, Source(Path(path), path, password) as source:
        image = raster.render(source.page(number), _DPI, max_pixels=8e6)
    image = deskew.upright(image, rotation, skew)
    _, encoded = cv2.imencode(".png", image[:, :, ::-1])
    return encoded.tobytes()


@cache
def _template() -> str:
    return (resources.files("docvlm") / "viewer.html").read_text(encoding="utf-8")


def _page(title: str, content: str) -> str:
    return Template(_template()).substitute(title=escape(title), content=content)


@cache
def _policy() -> str:
    """What a browser may load for a page: its one script, known by its hash, its styles, and pictures from here."""
    script = _template().partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class _Handler(BaseHTTPRequestHandler):
    server: Viewer
    timeout = _PATIENCE

    def do_GET(self) -> None:
        with suppress(ConnectionError, TimeoutError):  # the browser no longer waits for an answer
            self._respond()

    def _respond(self) -> None:
        try:
            kind, body = self._answer()
        except (IndexError, ValueError, KeyError):
            self.send_error(404)
        except DocvlmError as error:
            self.send_error(404, "cannot be shown", error.line())
        except Exception as error:  # a source may fail in any way while it is drawn
            self.send_error(500, "cannot be shown", failure_of(error).message)
        else:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store" if kind != "image/png" else "max-age=600")
            self.send_header("Content-Security-Policy", _policy())
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")  # links in a document must not tell the word
            self.end_headers()
            self.wfile.write(body)

    def _answer(self) -> tuple[str, bytes]:
        word, *rest = self._parts()
        if not secrets.compare_digest(word.encode(), self.server.word.encode()):
            raise KeyError(word)
        match rest:
            case []:
                return "text/html; charset=utf-8", self.server.index().encode("utf-8", "replace")
            case ["d", number]:
                return "text/html; charset=utf-8", self.server.document(int(number)).encode(
                    "utf-8", "replace"
                )
            case ["p", number, page]:
                return "image/png", self.server.picture(int(number), int(page))
        raise KeyError(self.path)

    def _parts(self) -> Iterator[str]:
        parts = [part for part in self.path.split("?")[0].split("/") if part]
        return iter(parts or [""])

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: the command's own output is the address alone."""
