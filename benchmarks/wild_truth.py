"""What stands in a document by its source: blocks in reading order, from HTML or TeX, and which of them are on a page.

TeX is not run: macros are dropped, what they are given is kept. Words that a page does not have, by its own text layer, are
then struck out of its truth, so what a macro was given but did not print counts for nobody.
"""

from __future__ import annotations

import gzip
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString

from benchmarks.metrics import normalize, words_of

warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)

GAP = ""  # among a block's words: something stands here that is not compared, such as a formula
FLOW = frozenset({"heading", "paragraph", "item", "code"})  # what is read one after the other
RUN = 4  # words in a row by which a place is found
_ENDS = 6  # words at a block's ends that may be unlike the page's, so that no run of them is found


@dataclass(frozen=True)
class Truth:
    """One block. ``kind`` is of FLOW, or "table", "caption" or "footnote"; ``rows`` are a table's cells."""

    kind: str
    text: str
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = field(default=(), compare=False)
    whole: bool = True  # begins on the page


def block(kind: str, text: str, level: int = 0, rows: Sequence[Sequence[str]] = ()) -> Truth:
    words = [
        word for part in text.strip("\ue000 \n").split("\ue000") for word in (*words_of(normalize(part)), GAP)
    ][:-1]
    plain = " ".join(text.replace("\ue000", " ").split()) if kind != "code" else text
    return Truth(kind, plain, level, tuple(tuple(row) for row in rows), tuple(words))


def blocks_of(files: Sequence[Path]) -> list[Truth]:
    """The blocks of HTML files in the order of the first one's links, or of a TeX file with what it includes."""
    if ".htm" not in files[0].name:
        return list(tex_blocks(_text(files[0]), files[0].parent))
    trees = {path.name: BeautifulSoup(_text(path), "lxml") for path in files}
    linked = [str(link["href"]).partition("#")[0] for link in trees[files[0].name].find_all("a", href=True)]
    names = dict.fromkeys([files[0].name, *(name for name in linked if name in trees), *trees])
    return [each for name in names for each in html_blocks(trees[name])]


def _text(path: Path) -> str:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


# --- HTML -----------------------------------------------------------------------------------------

_TAGS = frozenset(["script", "style", "nav", "head"])
_CLASSES = frozenset(
    [
        "navheader",
        "navfooter",
        "header",
        "footer",
        "nav-panel",
        "toc",
        "contents",
        "shortcontents",
        "section-toc",
        "mini-toc",
        "menu",
        "related",
        "sphinxsidebar",
        "navigation",
        "headerlink",
        "copiable-link",
    ]
)
_FORMULAS = frozenset(["math", "tex-math"])
_HEADING = re.compile(r"h[1-6]$")
_SIGNATURE = re.compile(r"\w\(.*\)|->|^\w+/\d+$")
_BLOCKS = (
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "pre",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
)


def html_blocks(tree: BeautifulSoup) -> Iterator[Truth]:
    for tag in tree.find_all(True):
        if tag.decomposed:
            continue
        classes = set(tag.get("class") or ())
        if tag.name in _TAGS or classes & _CLASSES or (tag.name == "sup" and "footnote" in classes):
            tag.decompose()
        elif tag.name in ("math", "img") or classes & _FORMULAS:
            tag.replace_with("\ue000")
    if tree.body is not None:
        holders = {id(parent) for tag in tree.find_all(_BLOCKS) for parent in tag.parents}
        yield from _walk(tree.body, "paragraph", holders)


def _walk(tag: Tag, kind: str, holders: set[int]) -> Iterator[Truth]:
    """The blocks within a tag; loose text between them is of ``kind``, which only the first block keeps.

    ``holders`` are the ids of tags that have blocks within them.
    """
    loose: list[str] = []

    def said() -> Iterator[Truth]:
        text = "".join(loose)
        loose.clear()
        if words_of(normalize(text)):
            yield block(kind, text)

    for child in tag.children:
        if isinstance(child, NavigableString):
            if type(child) is NavigableString:
                loose.append(str(child))
            continue
        if not isinstance(child, Tag):
            continue
        if (
            child.name not in (*_BLOCKS, "li", "dt", "dd", "body", "main", "article")
            and id(child) not in holders
        ):
            loose.append("\n" if child.name == "br" else child.get_text())
            continue
        for each in said():
            yield each
            kind = "paragraph" if kind == "item" else kind
        for each in _of_tag(child, kind, holders):
            yield each
            kind = "paragraph" if kind == "item" else kind
    yield from said()


def _of_tag(tag: Tag, kind: str, holders: set[int]) -> Iterator[Truth]:
    if _HEADING.match(tag.name):
        text = tag.get_text().replace("¶", "")
        # A function that is described, and the word "Types" below it, are headings in some manuals' HTML, and in no print.
        ours = _SIGNATURE.search(text) or "func-types-title" in (tag.get("class") or ())
        yield block("paragraph" if ours else "heading", text, int(tag.name[1]))
    elif any("footnote" in name for name in tag.get("class") or ()):
        yield from (replace(each, kind="footnote") for each in _walk(tag, "paragraph", holders))
    elif tag.name == "pre":
        yield block("code", tag.get_text())
    elif tag.name == "li":
        yield from _walk(tag, "item", holders)
    elif tag.name == "table" and (rows := _rows(tag)):
        yield block("table", "\n".join(" ".join(row) for row in rows), rows=rows)
    else:
        yield from _walk(tag, kind, holders)


def _rows(table: Tag) -> list[list[str]]:
    """The cells of a table of data; nothing for one that only places things."""
    if table.find(["table", "pre", "ul", "ol", "dl", "h1", "h2", "h3"]):
        return []
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.find_all(["td", "th"])]
        for row in table.find_all("tr")
    ]
    return rows if len(rows) > 1 and sum(len(row) > 1 for row in rows) > len(rows) / 2 else []


# --- TeX ------------------------------------------------------------------------------------------

_CODE = r"verbatim\*?|Verbatim|lstlisting|minted|LVerbatim|alltt|BVerbatim|codebox"
_FLOATS = r"figure\*?|table\*?|wrapfigure|sidewaystable|marginfigure"
_MATH = (
    r"equation\*?|align\*?|eqnarray\*?|gather\*?|multline\*?|displaymath|math|flalign\*?|alignat\*?|widetext"
)
_LEVELS = {
    "part": 1,
    "chapter": 2,
    "section": 3,
    "subsection": 4,
    "subsubsection": 5,
    "paragraph": 6,
    "subparagraph": 7,
}
_GIVEN = r"(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*"  # braces within three others
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "c": "\u0327",
    "v": "\u030c",
}
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "l": "ł",
}
_NAMES = {
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "BibTeX": "BibTeX",
    "LaTeXe": "\ue000",
    "dots": "...",
    "ldots": "...",
    "&": "&",
}
_SILENT = (
    r"(?:cite[a-z]*\*?|ref|eqref|pageref|autoref|cref|Cref|label|index|vspace\*?|hspace\*?|includegraphics\*?|input|include|"
    r"bibliography|bibliographystyle|usepackage|setcounter|addtocounter|setlength|(?:re)?newcommand\*?|providecommand|def|"
    r"pagestyle|thispagestyle|begin|end|email|affiliation|institution|markboth|hypertarget|ccsdesc|nocite)"
)


def tex_blocks(source: str, folder: Path) -> Iterator[Truth]:
    source = _included(re.sub(r"(?<!\\)%.*", "", source.replace("\\%", "\ue001")), folder).replace(
        "\ue001", "\\%"
    )
    for title in re.finditer(rf"\\title\s*(?:\[[^\]]*\])?\s*\{{({_GIVEN})\}}", source):
        yield block("heading", plain(title[1]))
    source = source.partition("\\begin{document}")[2].rpartition("\\end{document}")[0] or source
    source = re.sub(
        rf"\\begin\{{({_MATH})\}}.*?\\end\{{\1\}}|\\\[.*?\\\]|\$\$.*?\$\$", "\n\n", source, flags=re.S
    )
    apart = rf"\\begin\{{({_CODE}|{_FLOATS}|tabular[x*]?|longtable)\}}(.*?)\\end\{{\1\}}"
    start = 0
    for match in re.finditer(apart, source, re.S):
        yield from _prose(source[start : match.start()])
        start = match.end()
        if re.fullmatch(_CODE, match[1]):
            yield block("code", re.sub(r"\A\s*\[[^\]]*\]|\A\s*\{[^{}]*\}", "", match[2]).strip("\n"))
        else:
            yield from _float(match.group())
    yield from _prose(source[start:])


def _included(source: str, folder: Path) -> str:
    def put(match: re.Match[str]) -> str:
        found = [folder / f"{match[1]}{ending}" for ending in ("", ".tex", ".tex.gz")]
        path = next((path for path in found if path.is_file()), None)
        return re.sub(r"(?<!\\)%.*", "", _text(path)) if path else ""

    return re.sub(r"\\(?:input|include)\s*\{([\w./-]+)\}", put, source)


def _float(source: str) -> Iterator[Truth]:
    for caption in re.finditer(rf"\\caption\*?(?:\[[^\]]*\])?\{{({_GIVEN})\}}", source):
        yield block("caption", plain(caption[1]))
    for table in re.finditer(r"\\begin\{(tabular[x*]?|longtable)\}(.*?)\\end\{\1\}", source, re.S):
        body = re.sub(rf"\A(?:\{{{_GIVEN}\}}|\[[^\]]*\])+", "", table[2].strip())
        body = re.sub(
            r"\\(?:[a-z]*rule|hline|cline|cmidrule)(?:\([^)]*\))?(?:\{[^}]*\})?(?:\[[^\]]*\])?", "", body
        )
        rows = [
            [plain(cell).replace("\ue000", "").strip() for cell in re.split(r"(?<!\\)&", row)]
            for row in re.split(r"\\\\", body)
        ]
        rows = [row for row in rows if any(row)]
        if rows:
            yield block("table", "\n".join(" ".join(row) for row in rows), rows=rows)


def _prose(source: str) -> Iterator[Truth]:
    notes: list[str] = []

    def noted(match: re.Match[str]) -> str:
        notes.append(match[1])
        return "\ue000"

    source = re.sub(rf"\\(?:foot|end|side)note(?:text)?(?:\[[^\]]*\])?\{{({_GIVEN})\}}", noted, source)
    heads = rf"\\({'|'.join(_LEVELS)})\*?\s*(?:\[[^\]]*\])?\s*\{{({_GIVEN})\}}"
    kind, start = "paragraph", 0
    marks = rf"{heads}|\\item\b|\\bibitem|\n\s*\n|\\par\b|\\begin\{{[a-z]+\*?\}}|\\end\{{[a-z]+\*?\}}|\\\\"
    for match in (*re.finditer(marks, source), None):
        text = plain(source[start : match.start() if match else len(source)])
        if words_of(text):
            yield block(kind, text)
            kind = "paragraph"
        if match:
            start = match.end()
            if match[1]:
                yield block("heading", plain(match[2]), _LEVELS[match[1]])
            kind = "item" if match.group().startswith("\\item") else kind if not match[1] else "paragraph"
    yield from (block("footnote", plain(note)) for note in notes)


def plain(source: str) -> str:
    """TeX's text as it is printed, with U+E000 for each formula and each reference."""
    text = re.sub(r"\$[^$]*\$|\\\(.*?\\\)", "\ue000", source, flags=re.S)
    text = re.sub(r"\\verb\*?([^\w\s])(.*?)\1", lambda match: match[2].replace("\\", "\ue002"), text)
    text = re.sub(rf"\\{_SILENT}\s*(?:\[[^\]]*\])*(?:\{{{_GIVEN}\}})*", "\ue000", text)
    text = re.sub(r"\\href\s*\{[^{}]*\}", "", text)
    text = re.sub(r"\\(['`^\"~])\s*\{?\\?([A-Za-z])\}?|\\([cv])\s*\{([A-Za-z])\}", _accented, text)
    text = re.sub(
        rf"\\({'|'.join(_LETTERS)})(?![A-Za-z])\s*(?:\{{\}})?", lambda match: _LETTERS[match[1]], text
    )
    text = re.sub(
        r"\\(LaTeXe|LaTeX|BibTeX|TeX|l?dots)(?![A-Za-z])(?:\{\})?", lambda match: _NAMES[match[1]], text
    )
    text = re.sub(r"\\[A-Za-z@]+\*?(?:\[[^\]]*\])?|\\[\\,;:!/ ]|\\(?=[#$%&_{}-])", " ", text)
    return re.sub(r"\s+", " ", re.sub(r"[{}]|\\-", "", text).replace("~", " ").replace("\ue002", "\\"))


def _accented(match: re.Match[str]) -> str:
    accent, letter = (match[1], match[2]) if match[1] else (match[3], match[4])
    return normalize(letter + _ACCENTS[accent])


# --- on a page ------------------------------------------------------------------------------------


class Places:
    """Where runs of RUN words stand in a document's truth."""

    def __init__(self, blocks: Sequence[Truth]) -> None:
        self.blocks = list(blocks)
        self.owner = [number for number, each in enumerate(blocks) for _ in each.words]
        self.first: list[int] = []
        self.words: list[str] = []
        for each in blocks:
            self.first.append(len(self.words))
            self.words += each.words
        self.places: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, run in _runs(self.words):
            self.places[run].append(place)

    def on_page(self, words: Sequence[str], known: Counter[str]) -> list[Truth]:
        """The blocks, or their parts, that the ``words`` of a page are of, in the truth's order.

        Runs that stand once in the truth say where the page is; the others count near to them only.
        """
        found = [self.places.get(run, []) for _, run in _runs(words)]
        sure = sorted(places[0] for places in found if len(places) == 1)
        covered = {place + offset for place in sure for offset in range(RUN)}
        close = {near for place in sure for near in range((place - 40) // 40, (place + 80) // 40)}
        for places in found:
            if len(places) > 1:
                covered |= {place + k for place in places if place // 40 in close for k in range(RUN)}
        here: dict[int, list[int]] = defaultdict(list)
        for place in sorted(covered):
            if place < len(self.owner):
                here[self.owner[place]].append(place)
        self._add_short(here, words)
        return [self._part(number, places, known) for number, places in sorted(here.items())]

    def _add_short(self, here: dict[int, list[int]], words: Sequence[str]) -> None:
        """Blocks that are too short for a run: where the page has their words, before or between blocks that are on it."""
        text = f" {' '.join(words)} "
        for number in [near for each in sorted(here, reverse=True) for near in (each - 1, each + 1)]:
            if 0 <= number < len(self.blocks) and number not in here:
                each = self.blocks[number]
                near = number + 1 in here and (each.kind == "heading" or number - 1 in here)
                if near and 0 < len(each.words) < RUN and f" {' '.join(each.words)} " in text:
                    here[number] = list(range(self.first[number], self.first[number] + len(each.words)))

    def _part(self, number: int, places: list[int], known: Counter[str]) -> Truth:
        each, first = self.blocks[number], self.first[number]
        low, high = self._bounds([place - first for place in places], len(each.words))
        words = [word if known[word] else GAP for word in each.words[low:high]]
        whole = low == 0 and (words[0] != GAP or each.words[0] == GAP)
        while words and words[0] == GAP:
            del words[0]
        rows = each.rows
        if rows and (low, high) != (0, len(each.words)):
            rows = tuple(
                row for row in rows if all(known[word] for cell in row for word in words_of(normalize(cell)))
            )
        return replace(each, words=tuple(words), whole=whole, rows=rows)

    @staticmethod
    def _bounds(places: list[int], length: int) -> tuple[int, int]:
        """A block is on one page, but for its beginning or its end."""
        low, high = places[0], places[-1] + 1
        return (0 if low <= _ENDS else low), (length if length - high <= _ENDS else high)


def _runs(words: Sequence[str]) -> Iterable[tuple[int, tuple[str, ...]]]:
    for place in range(len(words) - RUN + 1):
        run = tuple(words[place : place + RUN])
        if GAP not in run:
            yield place, run
