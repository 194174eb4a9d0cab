"""What a page says, made HTML by Markdown engines and shown by a real browser: nothing of it runs.

The engines of Python come with the tests. Those of JavaScript run in the browser itself; they are asked where
``MARKDOWN_JS`` names a folder in which ``npm install marked showdown markdown-it`` was run.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import BROWSER, needs_browser
from test_active_content import ATTACKS, ENGINES, block, page_of

from docvlm import inline
from docvlm.readers import markup
from docvlm.tables import text as tables

pytestmark = needs_browser
_MODULES = Path(os.environ.get("MARKDOWN_JS", "nowhere")) / "node_modules"
# The file of each, and the function that makes HTML.
_JAVASCRIPT = {
    "marked": ("marked/lib/marked.umd.js", "text => marked.parse(text)"),
    "showdown": (
        "showdown/dist/showdown.min.js",
        "text => new showdown.Converter({tables: true, simplifiedAutoLink: true}).makeHtml(text)",
    ),
    "markdown-it": (
        "markdown-it/dist/browser/markdown-it.umd.min.js",
        "text => markdownit({html: true, linkify: true}).render(text)",
    ),
}
# Every way to run something calls alert; links are followed as far as a click does.
_PAGE = """<!doctype html><meta charset="utf-8"><body><script>
window.fired = [];
window.alert = said => fired.push(String(said));
</script>{script}<div id="shown"></div><script>
const make = {make};
const texts = {texts};
for (const text of texts) {{
    const part = document.createElement("div");
    part.innerHTML = make(text);
    document.getElementById("shown").append(part);
    for (const link of part.querySelectorAll("a")) {{
        if (/^\\s*(javascript|data|vbscript):/i.test(link.protocol)) link.click();
    }}
    for (const each of part.querySelectorAll("[onclick], [ontoggle], [onload]")) fired.push(each.outerHTML);
}}
let ticks = 0;
setInterval(() => {{
    // What hangs on a picture runs when this has failed to load.
    if ([...document.images].every(each => each.complete) && ++ticks > 5) document.title = "fired " + fired.length;
}}, 100);
</script>"""


def _fired(folder: Path, texts: list[str], script: str = "", make: str = "text => text") -> int:
    """How often something of the texts ran."""
    # A script in a text would end the one that holds it.
    data = json.dumps(texts).replace("<", "\\u003c")
    file = folder / "page.html"
    file.write_text(_PAGE.format(script=script, make=make, texts=data), encoding="utf-8")
    assert BROWSER
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=9000", "--dump-dom"]
    shown = subprocess.run(
        [BROWSER, *words, f"--user-data-dir={folder / 'profile'}", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=180,
    ).stdout
    assert "<title>fired " in shown, shown[:500]
    return int(shown.partition("<title>fired ")[2].partition("<")[0])


def _written() -> list[str]:
    """The attacks as docvlm writes them: said by a page in blocks of several kinds, and by a model."""
    texts = []
    for attack in ATTACKS:
        text = inline.escape(attack)
        texts += [page_of(block(kind, text, level=1)).to_markdown() for kind in ("heading", "paragraph")]
        for answer in (attack, f"| a |\n| --- |\n| {attack} |"):
            for piece in markup.parse(answer):
                texts.append(piece.text if piece.table is None else tables.markdown(piece.table))
    return texts


def test_the_browser_would_run_it(tmp_path: Path) -> None:
    assert _fired(tmp_path, ["<img src=x onerror=alert(1)>"]) == 1
    assert _fired(tmp_path, [ENGINES["mistune"](attack) for attack in ATTACKS]) > 1


@pytest.mark.parametrize("name", ENGINES)
def test_nothing_runs_of_what_an_engine_of_python_makes(tmp_path: Path, name: str) -> None:
    assert _fired(tmp_path, [ENGINES[name](text) for text in _written()]) == 0


@pytest.mark.parametrize("name", _JAVASCRIPT)
def test_nothing_runs_of_what_an_engine_of_javascript_makes(tmp_path: Path, name: str) -> None:
    file, make = _JAVASCRIPT[name]
    if not (_MODULES / file).is_file():  # .ci/full installs them; the project keeps no code of others
        pytest.skip("MARKDOWN_JS names no folder with the engines of npm")
    script = f'<script src="{(_MODULES / file).absolute().as_uri()}"></script>'
    assert _fired(tmp_path, ATTACKS, script, make) > 0, "the engine lets HTML through"
    assert _fired(tmp_path, _written(), script, make) == 0
