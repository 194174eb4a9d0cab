"""Looking at results: the page's picture beside its text, in a real browser where there is one."""

from __future__ import annotations

import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SAMPLES, Command

from docvlm.batch.converter import Converter
from docvlm.errors import MissingInput
from docvlm.options import Options
from docvlm.viewer import Viewer

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


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


@pytest.mark.parametrize("path", ["d/7", "d/x", "p/0/99", "nothing", "../etc"])
def test_other_addresses_have_nothing(viewer: Viewer, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(viewer.url + path)


def test_who_does_not_know_the_address_gets_nothing(viewer: Viewer) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(viewer.url.rsplit("/", 2)[0] + "/")


@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
def test_a_browser_shows_the_text_beside_the_page(viewer: Viewer, tmp_path: Path) -> None:
    assert BROWSER
    dom = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            viewer.url + "d/0",
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    ).stdout
    assert "Care of the tower clock" in dom


def test_a_folder_without_results_is_said_so(docvlm: Command) -> None:
    with pytest.raises(MissingInput, match="holds no results"):
        Viewer(docvlm.folder)
    done = docvlm("view", ".", "--no-browser")
    assert done.returncode == 3
    assert done.stderr.startswith("docvlm: .: holds no results of docvlm")
