"""What of a folder's PDFs is kept: their words, links and check boxes, counted in the files themselves.

    python -m benchmarks.kept FOLDER [--pages 1-20] [--only NAME,...] [--worst 20]

Asks for no truth, so any folder serves. The words are those of MuPDF's own text page, wherever docvlm trusted the text
layer; a word is kept where it stands in a block's text, in a table's cells, in a formula, or among the lines of a picture
or chart, and it may be cut over lines or joined with its neighbour. Accents that a file prints as signs of their own stand
on their letters before words are compared. In a block with formulas, which LaTeX spells anew and orders otherwise
(``x_v^t`` for "xt v"), a word's letters must be among the block's, each as often as the page prints it there. A page
*says so* where it has an error, a check of completeness that did not pass, or names what is missing. Links are the
annotations of the file that lead somewhere safe; check boxes and radio buttons those of its form, with the state that the
file gives. Prints the pages that lost most, and one table.
"""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pymupdf

import docvlm
from docvlm.annotations import links
from docvlm.boxes import Box, as_box, contains, middle
from docvlm.errors import DocvlmError
from docvlm.latex import GREEK, OPERATORS
from docvlm.latex.symbols import SYMBOLS
from docvlm.mupdf import ERRORS
from docvlm.schema import Block, Page

_FORMULA = re.compile(r"(?<!\\)\$(?:[^$\\]|\\.)+\$", re.DOTALL)
_COMMAND = re.compile(r"\\(?:begin|end)\{[^}]*\}(?:\{[^}]*\})?|\\[A-Za-z]+ ?")
_SPELLED = {command: char for char, command in (GREEK | SYMBOLS).items()} | {
    name: name[1:] for name in OPERATORS
}
_ACCENTS = dict(
    zip("`´¨ˆ˜ˇ˘˙˚˝¯", "\u0300\u0301\u0308\u0302\u0303\u030c\u0306\u0307\u030a\u030b\u0304", strict=True)
)
_ACCENTED = re.compile(rf"([{''.join(_ACCENTS)}])([^\W\d_])")
_DOTLESS = str.maketrans("ıȷ", "ij")
_TAG = re.compile(r"</?(?:sup|sub|br|u|s|ins|del|mark|a|span|table|tr|t[dh])\b[^<>]*>")
_DPI = 100
_MOST_PIXELS = 8000  # of a side
_CONTRAST = 16  # grey levels between a word's ink and its ground, at least
_LIMIT = 0.998  # of a page's letters that must be accounted for


@dataclass
class PageCount:
    """What one page has and what of it is kept; letters count words by their length."""

    name: str
    letters: int = 0
    lost: int = 0
    words: str = ""
    links: int = 0
    links_kept: int = 0
    boxes: int = 0
    boxes_right: int = 0
    says_so: bool = False
    by_ocr: bool = False

    @property
    def share(self) -> float:
        return 1 - self.lost / self.letters if self.letters else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", default="1-20")
    parser.add_argument("--only", default="")
    parser.add_argument("--worst", type=int, default=20)
    given = parser.parse_args()
    counted: list[PageCount] = []
    for path in sorted(given.folder.rglob("*.pdf")):
        if any(name in path.name for name in given.only.split(",")):
            counted += count(path, given.pages)
    for page in sorted(counted, key=lambda page: page.share)[: given.worst]:
        if page.lost:
            said = "says so" if page.says_so else "SILENT"
            print(f"{page.share:.4f} {said} {page.name}: {page.words[:200]}")
    print(report(counted))


def report(counted: list[PageCount]) -> str:
    """The table of all pages."""
    read = [page for page in counted if not page.by_ocr]
    letters, lost = sum(page.letters for page in read), sum(page.lost for page in read)
    below = [page for page in read if page.share < _LIMIT]
    links, kept = sum(page.links for page in counted), sum(page.links_kept for page in counted)
    boxes, right = sum(page.boxes for page in counted), sum(page.boxes_right for page in counted)
    rows = [
        ("pages, of these by OCR", f"{len(counted)}, {len(counted) - len(read)}"),
        ("letters of words kept", f"{1 - lost / max(letters, 1):.5f} of {letters}"),
        (f"pages below {_LIMIT}", f"{len(below)}, of these silent {sum(not page.says_so for page in below)}"),
        ("links kept", f"{kept} of {links}"),
        ("check boxes right", f"{right} of {boxes}"),
    ]
    return "\n".join(["", "| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)])


def count(path: Path, pages: str) -> Iterator[PageCount]:
    """Converts a file and counts its pages; nothing of a file that nobody can open."""
    with pymupdf.open(path) as file:
        first, _, last = pages.partition("-")
        numbers = f"{first}-{min(int(last or first), max(file.page_count, 1))}"
        try:
            document = docvlm.convert(path, pages=numbers)
        except DocvlmError as error:
            print(f"{path.name}: {error}")
            return
        for page in document.pages:
            name = f"{path.name} p{page.number}"
            try:
                shown = file[page.number - 1]
            except ERRORS:
                yield PageCount(name, says_so=page.error is not None)
                continue
            yield _count_page(name, shown, page)


def _count_page(name: str, file_page: pymupdf.Page, page: Page) -> PageCount:
    made = PageCount(name, by_ocr=page.text_layer is None or not page.text_layer.trusted)
    made.says_so = (
        page.error is not None or bool(page.missing) or any(not check.passed for check in page.checks)
    )
    own = f"#page-{page.number}"  # where a mark of a note leads
    targets = {link.link for link in links.on_page(file_page)} - {own}
    held = {link.target for block in page.blocks for link in block.links or ()}
    made.links, made.links_kept = len(targets), len(targets & held)
    known = [(field.box, field.checked) for field in page.fields or () if field.checked is not None]
    for box, checked in _ticks(file_page):
        made.boxes += 1
        made.boxes_right += any(state is checked and contains(place, middle(box)) for place, state in known)
    if made.by_ocr:
        return made
    shown = [(word, place) for text, place in _shown(file_page) for word in _words(text)]
    lost = _lost(shown, page.blocks)
    made.letters = sum(len(word) for word, _ in shown)
    made.lost, made.words = sum(letters for _, letters in lost), " ".join(word for word, _ in lost)
    return made


def _lost(shown: list[tuple[str, Box]], blocks: list[Block]) -> list[tuple[str, int]]:
    """The words of a page, each with its place, that its blocks do not hold, and how many letters of each are lost."""
    texts = [_text(block) for block in blocks]
    written = Counter(word for text in texts for word in _words(text))
    stream = "".join(_words(" ".join(texts)))
    printed = Counter(word for word, _ in shown)
    # What was cut or joined differently stands in the letters; a word that is there too seldom does not count twice.
    fewer = {word: times for word, times in (printed - written).items() if stream.count(word) < printed[word]}
    spelled = [block for block in blocks if _spells(block)]
    lacking = {block.id: _lacking(block, shown) for block in spelled}
    lost = []
    for word, place in shown:
        over = [lacking[block.id] for block in spelled if contains(block.box, middle(place))]
        gone = len(word)
        if over and word in fewer:
            gone = min((Counter(word) & letters).total() for letters in over)
            for letters in over:
                letters -= Counter(word)
        if gone and fewer.get(word, 0) > 0:
            fewer[word] -= 1
            lost.append((word, gone))
    return lost


def _spells(block: Block) -> bool:
    """Whether a block has formulas in LaTeX, or what was read in a formula's place."""
    return block.kind == "formula" or bool(block.latex) or _FORMULA.search(_said(block)) is not None


def _lacking(block: Block, shown: list[tuple[str, Box]]) -> Counter[str]:
    """The letters that the page prints in the place of a block more often than the block has them."""
    printed = Counter("".join(word for word, place in shown if contains(block.box, middle(place))))
    return printed - Counter("".join(_words(_said(block))))


def _shown(page: pymupdf.Page) -> Iterator[tuple[str, Box]]:
    """The words of the text page that leave ink, with their boxes on the upright page: white text and text under pictures
    is not the page's.
    """
    scale = min(_DPI / 72, _MOST_PIXELS / max(page.rect.width, page.rect.height))
    drawn = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY)
    pixels = np.frombuffer(drawn.samples, np.uint8).reshape(drawn.height, drawn.stride)[:, : drawn.width]
    ticks = [box for box, _ in _ticks(page)]  # whose check marks are letters of a symbol font
    level = {
        (number, row): abs(line["dir"][0]) > abs(line["dir"][1])
        for number, block in enumerate(page.get_text("dict", flags=_FLAGS)["blocks"])
        for row, line in enumerate(block["lines"])
    }
    for *corners, text, block, row, _ in page.get_text("words", flags=_FLAGS):
        place = pymupdf.Rect(corners) * page.rotation_matrix
        left, top, right, bottom = _core(
            as_box(place * scale), level.get((block, row), True) == (page.rotation % 180 == 0)
        )
        seen = pixels[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
        ticked = any(contains(box, middle(as_box(corners))) for box in ticks)
        if not ticked and seen.size and int(seen.max()) - int(seen.min()) > _CONTRAST:
            yield text, as_box(place)


def _core(box: Box, level: bool) -> tuple[int, int, int, int]:
    """Where a word has its ink: the middle half of a box across the writing, whose edges reach into other lines."""
    x0, y0, x1, y1 = box
    rise, run = ((y1 - y0) / 4, 0.0) if level else (0.0, (x1 - x0) / 4)
    return int(x0 + run), int(y0 + rise), int(x1 - run), int(y1 - rise)


def _ticks(page: pymupdf.Page) -> Iterator[tuple[Box, bool]]:
    """The check boxes and radio buttons of a page's form, with their places on the upright page and their states."""
    for widget in page.widgets():
        if widget.field_type in (pymupdf.PDF_WIDGET_TYPE_CHECKBOX, pymupdf.PDF_WIDGET_TYPE_RADIOBUTTON):
            state = page.parent.xref_get_key(widget.xref, "AS")[1]
            yield as_box(widget.rect * page.rotation_matrix), state not in ("/Off", "null")


_FLAGS = pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_DEHYPHENATE


def _text(block: Block) -> str:
    lines = block.lines if block.kind in ("picture", "chart") else []
    return " ".join([_said(block), *(line.text for line in lines)])


def _said(block: Block) -> str:
    """What a block's output says: its Markdown, with formulas as the characters that they print."""
    if block.table is not None:
        parts = [cell.text for cell in block.table.cells]
    elif block.latex:
        return _printed(block.latex)
    else:
        parts = [block.text]
    return _FORMULA.sub(lambda formula: _printed(formula[0]), " ".join(parts)).replace(
        "`", ""
    )  # marks of code


def _printed(latex: str) -> str:
    """The characters that LaTeX prints, in its order."""
    return _COMMAND.sub(lambda command: _SPELLED.get(command[0].rstrip(), ""), latex)


def _words(text: str) -> list[str]:
    set_on = _ACCENTED.sub(lambda pair: pair[2] + _ACCENTS[pair[1]], _TAG.sub("", text).translate(_DOTLESS))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFC", set_on)).casefold()
    return re.findall(r"[^\W_]+", folded)


if __name__ == "__main__":
    main()
