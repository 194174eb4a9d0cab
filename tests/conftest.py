"""The command as users run it, and documents made for one test."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from hypothesis import HealthCheck, settings

# Speed is measured in benchmarks/, never here: a busy machine must not fail a test.
# Continuous integration tries the same examples every time: what a new one finds belongs to whoever looks for it.
settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("untimed")

# Test processes that run side by side share the cores; libraries read these when they are first loaded.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"

# The base install has no torch: what these test belongs to training or to networks from their first import on.
if find_spec("torch") is None:
    collect_ignore = [
        f"test_{name}.py"
        for name in ("chart_metrics", "formula_glyphs", "formula_grammar", "glyph_finder", "mined")
    ]

_COMMAND = shutil.which("docvlm", path=str(Path(sys.executable).parent)) or "docvlm"

# Loads in every Python process that has its folder on PYTHONPATH, and changes how pages are read.
_SITE = """
import sys, time, os
if any("docvlm" in word for word in sys.orig_argv):
    import docvlm.pipeline as pipeline
    _read = pipeline.read_page
    def read_page(source, number, options):
        {fault}
        return _read(source, number, options)
    pipeline.read_page = read_page
"""


class Command:
    """Runs ``docvlm`` in a folder of its own; ``env`` is what every run of it sees."""

    path = _COMMAND

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}

    def inject(self, fault: str) -> None:
        """Runs the statement ``fault`` before each page is read; it sees ``source``, ``number`` and ``options``."""
        site = self.folder / "site"
        site.mkdir(exist_ok=True)
        (site / "sitecustomize.py").write_text(_SITE.format(fault=fault))
        self.env["PYTHONPATH"] = str(site)

    def __call__(self, *words: str | Path, **settings: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_COMMAND, *map(str, words)],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=100,
            **settings,
        )

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [_COMMAND, *map(str, words)],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever starts the tests in the background has them, and what they start, ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


@pytest.fixture
def docvlm(tmp_path: Path) -> Command:
    return Command(tmp_path)


def make_pdf(path: Path, pages: Iterable[str] = ("A plain page.",), picture: bytes | None = None) -> Path:
    """A born-digital PDF with one paragraph per page, and ``picture`` on the first where given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open() as document:
        for index, text in enumerate(pages):
            page = document.new_page(width=400, height=500)
            page.insert_textbox((50, 50, 350, 250), text, fontsize=11)
            if picture and not index:
                page.insert_image((50, 280, 350, 450), stream=picture)
        document.save(path)
    return path


def report_of(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "run-report.json").read_text())
    return report


def statuses(folder: Path) -> dict[str, str]:
    """Status by file name, from the run report."""
    return {Path(d["source"]).name: d["status"] for d in report_of(folder)["documents"]}


def events(stderr: str, name: str | None = None) -> list[dict[str, Any]]:
    """The events of ``--json-log``, every line of which must be one."""
    parsed = [json.loads(line) for line in stderr.splitlines()]
    return [event for event in parsed if name in (None, event["event"])]


def bound_to_tensors(*asked: Any, **options: Any) -> Any:
    """What `docvlm.runtimes.graphs.open_graphs` gives on the CPU, with tensors that stay there as they would on a GPU."""
    from docvlm.decoding.graph import Graphs
    from docvlm.runtimes.graphs import open_graphs
    from docvlm.runtimes.onnx import Session
    from docvlm.runtimes.onnx_bound import BoundSession

    opened = open_graphs(*asked, **options)
    graphs = {
        name: BoundSession(graph, "cpu") if isinstance(graph, Session) else graph
        for name, graph in opened.by_name.items()
    }
    return Graphs(graphs, opened.ran_on)


# What of TeX the tests take: programs, packages and fonts, and the package of Debian that has each. Fonts are asked for
# where their packages come without them: TeX then draws letters as bitmaps, and nobody can say which they are.
_TEX = {
    "pieces": {"mathtools.sty": "texlive-latex-recommended", "rsfs10.pfb": "texlive-fonts-recommended"},
    "tables": {"booktabs.sty": "texlive-latex-recommended"},
    "output": {"adjustbox.sty": "texlive-latex-extra", "xcolor.sty": "texlive-latex-recommended"},
    "xelatex": {"xelatex": "texlive-xetex", "fontspec.sty": "texlive-latex-recommended"},
    "cm": {"sfrm1000.pfb": "cm-super-minimal"},
    "lm": {"lmodern.sty": "lmodern"},
    "times": {"utmr8a.pfb": "texlive-fonts-recommended"},
    "palatino": {"uplr8a.pfb": "texlive-fonts-recommended"},
    "charter": {"mathdesign.sty": "texlive-fonts-extra", "bchr8a.pfb": "texlive-fonts-recommended"},
    "newtx": {"newtxmath.sty": "texlive-fonts-extra", "binhex.tex": "texlive-plain-generic"},
    "stix2": {"stix2.sty": "texlive-fonts-extra"},
    "euler": {"eulervm.sty": "texlive-fonts-extra"},
    "libertinus": {"libertinust1math.sty": "texlive-fonts-extra"},
    "latinmodern-otf": {
        "unicode-math.sty": "texlive-latex-recommended",
        "latinmodern-math.otf": "fonts-lmodern",
    },
}


@cache
def _is_there(file: str) -> bool:
    """Whether TeX finds a file of its own; a name without a suffix is a program."""
    if "." not in file:
        return shutil.which(file) is not None
    finder = shutil.which("kpsewhich")
    return finder is not None and not subprocess.run([finder, file], capture_output=True).returncode


def needs_latex(*names: str) -> pytest.MarkDecorator:
    """Skips a test where LaTeX is absent, or what a name of ``_TEX`` stands for."""
    asked = {"pdflatex": "texlive-latex-base"}
    for name in names:
        asked |= _TEX[name]
    lacking = {package for file, package in asked.items() if not _is_there(file)}
    reason = f"TeX lacks Debian's {', '.join(sorted(lacking))}"
    return pytest.mark.skipif(bool(lacking), reason=reason)


_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, _BROWSERS)), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no browser, such as Debian's chromium")


@pytest.fixture(scope="session")
def long_pages() -> list[str]:
    return [
        f"Page {n} of thirty tells of day {n}. " + "Nothing much happened in the town. " * 5
        for n in range(1, 31)
    ]
