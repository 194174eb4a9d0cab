"""Pages in many languages and scripts by three producers: what comes out of their text layers, and of scans of them.

    python -m benchmarks.languages [--only he,ar] [--seed 1] [--keep FOLDER]

Each page has a heading, two paragraphs and a list, of words from Debian's `iso-codes` and `hunspell-*` packages, in one of
the fonts that Debian's fonts-noto-* and fonts-dejavu have. They are printed by a browser and set by XeLaTeX (with
texlive-lang-arabic for what runs from right to left) and by typst (`pip install typst`), whichever are there. A scan is the
browser's page at 200 dpi as JPEG. Prints a Markdown table of the similarity of all characters but marks of Markdown, spaces
between words with them, 0 to 1.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import platform
import random
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pymupdf
from rapidfuzz.distance import Levenshtein

import docvlm
from benchmarks.text_layer_words import text

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_FAMILIES: Final = {
    "he": "Noto Sans Hebrew",
    "ar": "Noto Naskh Arabic",
    "hi": "Noto Sans Devanagari",
    "th": "Noto Sans Thai",
    "ka": "Noto Sans Georgian",
    "ta": "Noto Sans Tamil",
    "ko": "Noto Sans CJK KR",
    "ja": "Noto Sans CJK JP",
}
_USUAL: Final = "DejaVu Sans"
# Families with digits and punctuation, too: XeTeX borrows no letters of other fonts.
_WHOLE: Final = {
    "he": _USUAL,
    "ar": _USUAL,
    "ka": _USUAL,
    "hi": "FreeSerif",
    "th": "FreeSerif",
}
_UNSPACED: Final = ("th", "ja")  # TeX and typst part their lines by rules of the language
_RIGHT_TO_LEFT: Final = ("he", "ar")
_DPI: Final = 200
_MARKS: Final = re.compile(r"[#*\\•◦▪·-]|^\d+\. ", re.M)
_EAST: Final = (
    "[\u0e00-\u0e7f\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"  # Thai and Japanese, which part no words
)
_NO_SPACE: Final = re.compile(rf"(?<={_EAST}) | (?={_EAST})")


class Sheet(NamedTuple):
    """A page: the main language's code, its parts as (language, text), and whether it is set in columns from the right."""

    name: str
    code: str
    heading: str
    paragraphs: list[tuple[str, str]]
    items: list[str]
    vertical: bool = False

    @property
    def said(self) -> str:
        return "\n".join([self.heading, *(each for _, each in self.paragraphs), *self.items])


def sheets(seed: int) -> list[Sheet]:
    """All pages of the table."""
    plain = ["ru", "uk", "el", "he", "ar", "hi", "th", "ka", "ta", "ko", "vi", "pl", "tr", "ja"]
    made = [_sheet(code, code, [(code, 45), (code, 25)], seed) for code in plain]
    made.append(_sheet("ja vertical", "ja", [("ja", 45), ("ja", 25)], seed)._replace(vertical=True))
    made.append(_sheet("en + ru + ja", "en", [("en", 25), ("ru", 25), ("ja", 12), ("el", 12)], seed))
    for code in _RIGHT_TO_LEFT:
        page = _sheet(f"{code} + en, digits", code, [(code, 45), (code, 25)], seed)
        rng = random.Random(f"{seed} {page.name}")
        made.append(page._replace(paragraphs=[(code, _sprinkled(said, rng)) for _, said in page.paragraphs]))
    return made


def _sheet(name: str, code: str, parts: list[tuple[str, int]], seed: int) -> Sheet:
    rng = random.Random(f"{seed} {name}")
    paragraphs = [(each, text(rng, each, count)) for each, count in parts]
    return Sheet(
        name, code, text(rng, code, 3).rstrip(".,"), paragraphs, [text(rng, code, 4) for _ in range(3)]
    )


def _sprinkled(said: str, rng: random.Random) -> str:
    """A text with every sixth word after it an English one, a number or a date."""
    foreign = ("PDF", "Open Source", "1948", "3.14", "12/05/2024", "Paris", "ISO 9001", "75%")
    words = said.split()
    for place in range(len(words) - 1, 0, -6):
        words.insert(place, rng.choice(foreign))
    return " ".join(words)


def bare(said: str) -> str:
    """Words in logical order, without marks of Markdown and of directions."""
    kept = _MARKS.sub("", unicodedata.normalize("NFKC", said))
    spaced = " ".join("".join(c for c in kept if unicodedata.category(c) != "Cf").split())
    return _NO_SPACE.sub("", spaced)


def likeness(got: str, said: str) -> float:
    return float(Levenshtein.normalized_similarity(bare(got), bare(said)))


# Producers: a PDF of one page of each sheet, or None where they cannot set it.


def by_browser(sheet: Sheet, folder: Path) -> bytes:
    way = "rtl" if sheet.code in _RIGHT_TO_LEFT else "ltr"
    style = f"font:11pt '{_FAMILIES.get(sheet.code, _USUAL)}','{_USUAL}','{_FAMILIES['ja']}'"
    style += ";writing-mode:vertical-rl;height:520px" if sheet.vertical else ""
    paragraphs = "".join(f"<p lang={code}>{html.escape(said)}</p>" for code, said in sheet.paragraphs)
    items = "".join(f"<li>{html.escape(item)}</li>" for item in sheet.items)
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(
        f'<meta charset=utf-8><body lang={sheet.code} dir={way} style="{style}"><h2>{html.escape(sheet.heading)}</h2>'
        f"{paragraphs}<ul>{items}</ul>",
        encoding="utf-8",
    )
    browser = next(filter(None, map(shutil.which, _BROWSERS)))
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    command += [f"--print-to-pdf={target}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return target.read_bytes()


def by_xelatex(sheet: Sheet, folder: Path) -> bytes:
    turned = sheet.code in _RIGHT_TO_LEFT
    families = _FAMILIES | _WHOLE

    def fonts(code: str) -> str:
        breaks = f'\\XeTeXlinebreaklocale "{code}"' if code in _UNSPACED else ""
        family = families.get(code, _USUAL)
        return f"\\fontspec{{{family}}}{'[Vertical=RotatedGlyphs]' * sheet.vertical}{breaks} "

    def tex(said: str) -> str:
        said = re.sub(r"([%&#$_])", r"\\\1", said)
        return re.sub(r"([A-Za-z0-9]\S*( [A-Za-z0-9]\S*)*)", r"\\LR{\1}", said) if turned else said

    items = "".join(f"\\item {tex(item)}\n" for item in sheet.items)
    body = f"\\section*{{{fonts(sheet.code)} {tex(sheet.heading)}}}\n"
    body += "".join(f"{{{fonts(code)} {tex(said)}\\par}}\n" for code, said in sheet.paragraphs)
    body += f"{{{fonts(sheet.code)}\\begin{{itemize}}{items}\\end{{itemize}}}}"
    if sheet.vertical:
        body = f"\\rotatebox{{-90}}{{\\begin{{minipage}}{{14cm}}{body}\\end{{minipage}}}}"
    (folder / "page.tex").write_text(
        "\\documentclass{article}\\usepackage{fontspec,graphicx}\\pagestyle{empty}\\raggedright"
        + f"\\setmainfont{{{families.get(sheet.code, _USUAL)}}}"
        + "\\usepackage{bidi}\\setRTL" * turned
        + f"\\begin{{document}}{body}\\end{{document}}",
        encoding="utf-8",
    )
    command = ["xelatex", "-interaction=nonstopmode", "page.tex"]
    subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=120)
    return (folder / "page.pdf").read_bytes()


def by_typst(sheet: Sheet, folder: Path) -> bytes | None:
    import typst

    if sheet.vertical:
        return None  # it has no columns from the right

    def said(each: str) -> str:
        return re.sub(r"([#$*_\\<>@`\[\]~/=+-])", r"\\\1", each)

    families = ", ".join(f'"{name}"' for name in (_FAMILIES.get(sheet.code, _USUAL), _USUAL, _FAMILIES["ja"]))
    source = folder / "page.typ"
    source.write_text(
        f'#set text(font: ({families}), size: 11pt, lang: "{sheet.code}")\n= {said(sheet.heading)}\n\n'
        + "\n\n".join(f'#text(lang: "{code}")[{said(each)}]' for code, each in sheet.paragraphs)
        + "\n\n"
        + "\n".join(f"- {said(item)}" for item in sheet.items),
        encoding="utf-8",
    )
    return bytes(typst.compile(str(source)))


def producers() -> dict[str, Callable[[Sheet, Path], bytes | None]]:
    there: dict[str, Callable[[Sheet, Path], bytes | None]] = {}
    if any(map(shutil.which, _BROWSERS)):
        there["chromium"] = by_browser
    if shutil.which("xelatex"):
        there["xelatex"] = by_xelatex
    if importlib.util.find_spec("typst"):
        there["typst"] = by_typst
    return there


def scanned(stored: bytes) -> bytes:
    """The first page of a PDF as pixels only."""
    with pymupdf.open(stream=stored) as shown, pymupdf.open() as document:
        page = document.new_page(width=shown[0].rect.width, height=shown[0].rect.height)
        page.insert_image(page.rect, stream=shown[0].get_pixmap(dpi=_DPI).tobytes("jpg"))
        return bytes(document.tobytes())


def read(stored: bytes) -> tuple[str, str]:
    """What comes out of a document, and how its first page was read."""
    document = docvlm.convert(stored)
    layer = document.pages[0].text_layer
    said = "\n".join(block.text for page in document.pages for block in page.blocks)
    return said, "" if layer is not None and layer.trusted else "distrusted"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="names of pages or codes of languages, with commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to leave the pages and what came of them")
    options = parser.parse_args()
    there = producers()
    print(f"| page | {' | '.join(there)} | scan |\n|---|{'---:|' * (len(there) + 1)}", flush=True)
    for sheet in sheets(options.seed):
        if options.only and not {sheet.name, sheet.code} & {*options.only.split(",")}:
            continue
        cells, scan = [], None
        for name, produce in there.items():
            with tempfile.TemporaryDirectory() as folder:
                stored = produce(sheet, Path(folder))
            scan = scan or (stored and scanned(stored))
            cells.append(_cell(sheet, name, stored, options.keep))
        cells.append(_cell(sheet, "scan", scan, options.keep))
        print(f"| {sheet.name} | {' | '.join(cells)} |", flush=True)
    print(f"\n{platform.machine()}, PyMuPDF {pymupdf.VersionBind}, docvlm {docvlm.__version__}")


def _cell(sheet: Sheet, made_by: str, stored: bytes | None, keep: Path | None) -> str:
    if stored is None:
        return "-"
    said, note = read(stored)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{sheet.name} {made_by}.pdf").write_bytes(stored)
        (keep / f"{sheet.name} {made_by}.md").write_text(said, encoding="utf-8")
        (keep / f"{sheet.name}.txt").write_text(sheet.said, encoding="utf-8")
    return f"{likeness(said, sheet.said):.3f}{f' {note}' if note and made_by != 'scan' else ''}"


if __name__ == "__main__":
    main()
