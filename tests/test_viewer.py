"""Looking at results: the page's picture beside its text, in a real browser where there is one."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import BROWSER, SAMPLES, Command, needs_browser

from docvlm import checks
from docvlm.batch.converter import Converter
from docvlm.document import Block, Confidence, Document, Page
from docvlm.errors import MissingInput
from docvlm.kept import save_for_viewing
from docvlm.ocr.engine import engine
from docvlm.options import Options
from docvlm.pipeline import convert
from docvlm.viewer import Viewer


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    folder = tmp_path_factory.mktemp("results")
    source = folder / "in" / "slides.pdf"
    source.parent.mkdir()
    shutil.copy(SAMPLES / "slides.pdf", source)
    shutil.copy(SAMPLES / "rotated.pdf", source.parent)
    Converter(Options(), workers=1).to_folder([source.parent], folder / "out", ["markdown"])
    with Viewer(folder / "out") as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        data: bytes = answer.read()
        return data


def test_the_index_leads_to_every_document(viewer: Viewer) -> None:
    index = fetch(viewer.url).decode()
    assert 'href="d/0">rotated' in index and 'href="d/1">slides' in index


def test_every_block_has_a_frame_and_a_text(viewer: Viewer) -> None:
    shown = fetch(viewer.url + "d/1").decode()
    document, _ = viewer.found[1].load()
    for block in document.blocks():
        assert f'data-for="{block.id}"' in shown
        if block.kind not in ("header", "footer"):
            assert f'data-id="{block.id}"' in shown
    assert fetch(viewer.url + "p/1/1").startswith(b"\x89PNG")


def test_a_page_that_is_not_whole_is_marked(tmp_path: Path) -> None:
    for name, value in (("whole", 1.0), ("torn", 0.9)):
        page = Page(number=1, width=100, height=100, checks=[checks.COMPLETENESS(value)])
        document = Document(source=f"{name}.pdf", sha256="0" * 64, pages=[page])
        save_for_viewing(document, tmp_path / f"{name}.pdf", tmp_path / ".docvlm" / name)
    with Viewer(tmp_path) as server:
        index = server.index()
        assert re.findall(r'href="d/\d">(\w+)<.*?<td( class="doubt")?>(\d)</td></tr>', index) == [
            ("torn", ' class="doubt"', "1"),
            ("whole", "", "0"),
        ]
        assert "completeness failed" in server.document(0) and "failed" not in server.document(1)


@pytest.mark.parametrize("path", ["d/7", "d/x", "p/0/99", "nothing", "../etc"])
def test_other_addresses_have_nothing(viewer: Viewer, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(viewer.url + path)


def test_who_does_not_know_the_address_gets_nothing(viewer: Viewer) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(viewer.url.rsplit("/", 2)[0] + "/")


def seen_by_browser(url: str, folder: Path) -> str:
    """The page as a browser has it once its scripts ran; the browser keeps its files in ``folder``."""
    assert BROWSER
    return subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    ).stdout


@needs_browser
def test_a_browser_shows_the_text_beside_the_page(viewer: Viewer, tmp_path: Path) -> None:
    assert "Care of the tower clock" in seen_by_browser(viewer.url + "d/0", tmp_path)


def test_a_folder_without_results_is_said_so(docvlm: Command) -> None:
    with pytest.raises(MissingInput, match="holds no results"):
        Viewer(docvlm.folder)
    done = docvlm("view", ".", "--no-browser")
    assert done.returncode == 3
    assert done.stderr.startswith("docvlm: .: holds no results of docvlm")


# The page's picture


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    """An invoice whose lines fall to the right, and a page of a report that was scanned upside down."""
    folder = tmp_path_factory.mktemp("scans")
    for name, pages in (("scan-invoice", None), ("scan-report", "3")):
        document = convert(SAMPLES / f"{name}.pdf", pages=pages)
        save_for_viewing(document, SAMPLES / f"{name}.pdf", folder / ".docvlm" / name)
    with Viewer(folder) as server:
        yield server


@pytest.mark.parametrize(
    ("number", "page", "lines"),
    [
        (0, 1, ["Invoice", "Payment", "Warranty"]),
        (1, 3, ["3 Technology", "3.1 Network and printers", "3.2 Digital lessons"]),
    ],
)
def test_frames_stand_around_their_text(scans: Viewer, number: int, page: int, lines: list[str]) -> None:
    picture = cv2.imdecode(np.frombuffer(scans.picture(number, page), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert picture is not None
    document, _ = scans.found[number].load()
    ids = {block.text.lstrip("# "): block.id for block in document.blocks()}
    html = scans.document(number)
    for line in lines:
        style = re.search(rf'data-for="{ids[line]}"[^>]*style="([^"]*)"', html)
        assert style
        left, top, width, height = (float(share) / 100 for share in re.findall(r"([\d.]+)%", style[1]))
        high, wide = picture.shape[:2]
        x0, y0 = round(left * wide), round(top * high)
        crop = picture[y0 - 2 : y0 + round(height * high) + 2, x0 - 2 : x0 + round(width * wide) + 2]
        (text, sure), *_ = engine().recognize_lines([crop])
        assert text == line and sure > 0.9


# A server that nothing stops


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Viewer]:
    """A handmade document with a formula beside files that hold none."""
    state = tmp_path / ".docvlm"
    trust = Confidence(score=1.0, reliable=True)
    block = Block(id="p1b1", kind="paragraph", box=(0, 0, 9, 9), text="It is $+3$ today.", confidence=trust)
    document = Document(source="a.pdf", sha256="0", pages=[Page(number=1, width=9, height=9, blocks=[block])])
    save_for_viewing(document, SAMPLES / "slides.pdf", state / "a")
    kept = json.loads((state / "a.view.json").read_text())
    damaged = [b"", b"\xff\x00", b"null", b"[]", b"[" * 100_000, b'{"path": "a.pdf"}']
    damaged += [json.dumps(kept | {"path": 3}).encode(), json.dumps(kept | {"document": []}).encode()]
    for index, content in enumerate(damaged):
        (state / f"b{index}.view.json").write_bytes(content)
    with Viewer(tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_damaged_results_are_named_and_the_others_shown(made: Viewer) -> None:
    index = fetch(made.url).decode()
    assert index.count("damaged; convert it again") == len(made.found) - 1 == 8
    assert "It is" in fetch(made.url + "d/0").decode()
    for number in range(1, 9):
        with pytest.raises(urllib.error.HTTPError, match="404") as raised:
            fetch(made.url + f"d/{number}")
        assert b"convert it again" in raised.value.read()


def test_a_page_that_cannot_be_drawn_says_why(made: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no such font")

    monkeypatch.setattr("docvlm.raster.render", fail)
    with pytest.raises(urllib.error.HTTPError, match="500") as raised:
        fetch(made.url + "p/0/1")
    assert b"no such font" in raised.value.read()


def test_connections_that_ask_for_nothing_keep_no_one_waiting(
    made: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docvlm.viewer._Handler.timeout", 0.5)
    idle = [socket.create_connection(("127.0.0.1", made.server_port), timeout=30) for _ in range(3)]
    assert "It is" in fetch(made.url + "d/0").decode()
    for connection in idle:
        assert connection.recv(1) == b""  # closed by the server
        connection.close()


def test_a_page_may_load_only_what_is_its_own(made: Viewer) -> None:
    with urllib.request.urlopen(made.url, timeout=30) as answer:
        policy = dict(
            part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
        )
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].startswith("'sha256-") and policy["img-src"] == "'self'"


@needs_browser
def test_the_script_runs_and_shows_formulas_without_marks(made: Viewer, tmp_path: Path) -> None:
    assert '<span class="math">+3</span>' in seen_by_browser(made.url + "d/0", tmp_path)
