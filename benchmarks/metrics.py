"""How a converted document is compared with its truth: pure functions on two Markdown strings.

Truth and candidate go through the same steps, whoever wrote the candidate:

1. `parse` renders Markdown (GFM tables, HTML allowed) to a tree and walks it once. Indented code and
   underlined (setext) headings are off, since plain-text converters produce both by accident. Pictures,
   comments and rules are dropped. The number of an ordered list item counts as text, a bullet does not.
2. `normalize` folds what no reader would call a difference: NFKC, white space, typographic quotes and dashes,
   white space next to Chinese, Japanese or Korean characters.
3. Formulas count neither for nor against anyone: `$...$` is removed on both sides, and characters that a
   converter writes where the truth has a formula are forgiven, up to about the formula's length
   (`forgive_formulas`).

A score is None where the truth has nothing to compare and the candidate invents nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import NavigableString
from markdown_it import MarkdownIt
from rapidfuzz.distance import Levenshtein

FORMULA = "\ue000"  # stands for one removed formula until the two texts are compared
HEADING_MATCH = 0.8  # edit similarity from which two headings are the same one
CELL_MATCH = 0.9  # edit similarity from which two cells without digits are the same
FURNITURE_MATCH = 0.85  # edit similarity from which a line is a running header or footer (OCR slips)
SHINGLE = 3  # words in a row that locate a block

Grid = list[list[str]]


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass
class ParsedDocument:
    """What the metrics look at. `blocks` are normalized, in reading order, with FORMULA for each formula."""

    blocks: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)
    formula_sizes: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return normalize(" ".join(self.blocks))


@dataclass(frozen=True)
class Scores:
    """One converted document. Scores lie in 0..1, higher is better; `leaked` is a count and should be 0."""

    text: float
    words: float
    order: float | None
    headings: float | None
    heading_levels: float | None
    cells: float | None
    aligned_cells: float | None
    leaked: int


# --- normalization --------------------------------------------------------------------------------

_CJK = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_FOLD = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "―": "-",
        "−": "-",
    }
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_SPACE_BY_CJK = re.compile(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_BULLET = re.compile(r"^[•‣◦▪▫■□●○–·*-]\s+")
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")


def normalize(text: str) -> str:
    """Fold ligatures and width (NFKC), quotes, dashes and invisible characters; collapse white space.

    >>> normalize("ﬁve\\u00a0 “big”\\n—")
    'five "big" -'
    """
    folded = unicodedata.normalize("NFKC", text).translate(_FOLD)
    return _SPACE_BY_CJK.sub("", " ".join(folded.split()))


def words_of(text: str) -> list[str]:
    """The words of normalized text, lower case, without punctuation; each CJK character is a word."""
    return [word.lower() for word in _WORD.findall(text)]


# --- parsing --------------------------------------------------------------------------------------

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(["code", "lheading"])
_CODE = re.compile(r"(^(?P<fence>```+|~~~+).*?^(?P=fence)[ \t]*$|(?P<tick>`+)[^`\n]+(?P=tick))", re.M | re.S)
_MATH = re.compile(
    r"(?<!\\)\$\$(?P<display>.+?)\$\$|(?<![\\$])\$(?P<inline>[^\s$](?:[^$|]*?[^\s$\\])?)\$(?!\d)", re.S
)
_LATEX_SIGN = re.compile(r"[\\^_={}<>+]")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]:?")
_HTML_TABLE = re.compile(r"<table\b.*?</table\s*>", re.S | re.I)
_INLINE_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "del",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "u",
        "var",
    ]
)
_HEADING_TAG = re.compile(r"^h[1-6]$")


def parse(markdown: str) -> ParsedDocument:
    """Markdown (with HTML tables where cells are merged) to the pieces that are compared."""
    source, formula_sizes = _mark_formulas(markdown.replace(FORMULA, ""))
    source = _HTML_TABLE.sub(lambda match: "\n\n" + re.sub(r"\n\s*\n", "\n", match.group()) + "\n\n", source)
    tree = BeautifulSoup(_MARKDOWN.render(_FOOTNOTE.sub(r"\1", source)), "lxml")
    for dropped in tree.find_all(["img", "script", "style", "hr", "head", "title", "svg"]):
        dropped.decompose()
    for comment in tree.find_all(string=lambda string: isinstance(string, Comment)):
        comment.extract()
    for line_break in tree.find_all("br"):
        line_break.replace_with("\n")
    walk = _TreeWalk()
    if tree.body is not None:
        walk.visit(tree.body)
        walk.end_block()
    walk.document.formula_sizes = formula_sizes
    return walk.document


def _mark_formulas(markdown: str) -> tuple[str, list[int]]:
    """Replace each `$...$` outside code with FORMULA; return the visible size of each, in order."""
    sizes: list[int] = []

    def mark(match: re.Match[str]) -> str:
        latex = match["display"] or match["inline"]
        if match["display"] is None and not _is_latex(latex):
            return match.group()
        sizes.append(len(re.sub(r"[{}^_\s&]", "", re.sub(r"\\[A-Za-z]+", "x", latex))))
        return f" {FORMULA} " if match["display"] else FORMULA

    pieces: list[str] = []
    position = 0
    for code in _CODE.finditer(markdown):
        pieces += [_MATH.sub(mark, markdown[position : code.start()]), code.group()]
        position = code.end()
    pieces.append(_MATH.sub(mark, markdown[position:]))
    return "".join(pieces), sizes


def _is_latex(content: str) -> bool:
    """Whether what stands between two dollar signs is a formula and not a sum of money."""
    return "\n\n" not in content and bool(
        _LATEX_SIGN.search(content) or re.fullmatch(r"[A-Za-z0-9.,()'/-]{1,12}", content)
    )


class _TreeWalk:
    """Collects blocks from a rendered tree in document order."""

    def __init__(self) -> None:
        self.document = ParsedDocument()
        self._inline: list[str] = []
        self._item_number = ""

    def visit(self, node: Tag) -> None:
        for child in node.children:
            if isinstance(child, Tag):
                self._visit_tag(child)
            elif isinstance(child, NavigableString):
                self._inline.append(str(child))

    def _visit_tag(self, tag: Tag) -> None:
        if tag.name in _INLINE_TAGS:
            self.visit(tag)
            return
        self.end_block()
        if tag.name == "table":
            self._table(tag)
        elif tag.name == "ol":
            self._ordered_list(tag)
        else:
            self.visit(tag)
            text = self.end_block()
            if _HEADING_TAG.match(tag.name) and text:
                self.document.headings.append(Heading(int(tag.name[1]), text))

    def _ordered_list(self, tag: Tag) -> None:
        start = str(tag.get("start") or "1")
        number = int(start) if start.isdigit() else 1
        for item in tag.find_all("li", recursive=False):
            self._item_number = f"{number}. "
            self.visit(item)
            self.end_block()
            self._item_number = ""
            number += 1

    def _table(self, tag: Tag) -> None:
        grid = expand_spans(tag)
        if any(cell for row in grid for cell in row):
            self.document.tables.append(grid)
        rows = [
            [normalize(cell.get_text()) for cell in row.find_all(["td", "th"])] for row in tag.find_all("tr")
        ]
        caption = tag.find("caption")
        lines = ([normalize(caption.get_text())] if caption else []) + [
            normalize(" ".join(row)) for row in rows
        ]
        self._add("\n".join(lines))

    def end_block(self) -> str:
        """Close the paragraph that is open, if any, and return its text without formulas."""
        raw = "".join(self._inline)
        self._inline.clear()
        if not raw.strip():
            return ""
        raw, self._item_number = self._item_number + raw, ""
        return _without_formulas(self._add(raw))

    def _add(self, raw: str) -> str:
        raw = _BULLET.sub("", raw.strip())
        self.document.lines += [
            line for line in (_without_formulas(line) for line in raw.split("\n")) if line
        ]
        text = normalize(raw)
        if text:
            self.document.blocks.append(text)
        return text


def _without_formulas(text: str) -> str:
    return normalize(text.replace(FORMULA, ""))


def expand_spans(table: Tag) -> Grid:
    """The table as a full grid: the text of a merged cell stands in every slot it covers."""
    slots: dict[tuple[int, int], str] = {}
    for row_index, row in enumerate(table.find_all("tr")):
        column = 0
        for cell in row.find_all(["td", "th"], recursive=False):
            while (row_index, column) in slots:
                column += 1
            text = _without_formulas(cell.get_text())
            height, width = _span(cell, "rowspan"), _span(cell, "colspan")
            slots |= {
                (row_index + down, column + right): text for down in range(height) for right in range(width)
            }
            column += width
    rows = 1 + max((row for row, _ in slots), default=-1)
    columns = 1 + max((column for _, column in slots), default=-1)
    return [[slots.get((row, column), "") for column in range(columns)] for row in range(rows)]


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1")
    return min(max(int(value), 1), 200) if value.isdigit() else 1


# --- text -----------------------------------------------------------------------------------------


def forgive_formulas(truth: str, sizes: Sequence[int], candidate: str) -> tuple[str, str]:
    """Both texts without formulas, and the candidate without what it wrote in the place of a formula.

    `truth` holds one FORMULA per entry of `sizes`. The texts are aligned by edit operations; characters
    that the candidate inserts next to a formula, or puts in its place, are dropped, at most twice the
    formula's visible size.
    """
    candidate = _without_formulas(candidate)
    if FORMULA not in truth:
        return truth, candidate
    kept = [True] * len(candidate)
    remaining_sizes = iter(sizes)
    for run in _changed_runs(truth, candidate):
        markers = sum(truth[start:end].count(FORMULA) for start, end, _, _ in run)
        budget = sum(2 * next(remaining_sizes, 0) + 2 for _ in range(markers))
        for start, end, first, last in run:
            for offset, position in enumerate(range(first, last)):
                replaces_text = start + offset < end and truth[start + offset] != FORMULA
                if budget > 0 and not replaces_text:
                    kept[position] = False
                    budget -= 1
    return _without_formulas(truth), normalize(
        "".join(c for c, keep in zip(candidate, kept, strict=True) if keep)
    )


def _changed_runs(truth: str, candidate: str) -> Iterator[list[tuple[int, int, int, int]]]:
    """Edit operations as (truth start, end, candidate start, end), in runs with at most 2 equal characters
    between two operations.
    """
    run: list[tuple[int, int, int, int]] = []
    for op in Levenshtein.opcodes(truth, candidate):
        if op.tag != "equal":
            run.append((op.src_start, op.src_end, op.dest_start, op.dest_end))
        elif op.src_end - op.src_start > 2 and run:
            yield run
            run = []
    if run:
        yield run


def edit_similarity(truth: str, candidate: str) -> float:
    """1 - Levenshtein distance / length of the longer text: OmniDocBench's text metric, as a similarity."""
    return Levenshtein.normalized_similarity(truth, candidate)


def word_f1(truth: Iterable[str], candidate: Iterable[str]) -> float:
    """F1 of the two bags of words: what was read, in whatever order."""
    left, right = Counter(truth), Counter(candidate)
    return f1(sum((left & right).values()), left.total(), right.total())


def f1(matched: float, truth: int, candidate: int) -> float:
    """2 * matched / (truth + candidate); 1 when both are empty."""
    return 2 * matched / (truth + candidate) if truth + candidate else 1.0


def order_score(truth_blocks: Sequence[str], candidate_text: str) -> float | None:
    """OmniDocBench's reading order: 1 - normalized edit distance between found and true order of blocks.

    A block is found at the median place of its word triples that occur once in the truth and once in the
    candidate, so it does not matter how a converter cuts paragraphs. Missing blocks are the text metric's
    business.
    """
    shingles = [_shingles(words_of(_without_formulas(block))) for block in truth_blocks]
    truth_counts = Counter(shingle for block in shingles for shingle in block)
    places = _unique_places(_shingles(words_of(candidate_text)))
    found: list[tuple[float, int]] = []
    for index, block in enumerate(shingles):
        at = [places[shingle] for shingle in block if truth_counts[shingle] == 1 and shingle in places]
        if at:
            found.append((median(at), index))
    if len(found) < 2:
        return None
    candidate_order = [index for _, index in sorted(found)]
    return 1 - Levenshtein.distance(sorted(candidate_order), candidate_order) / len(candidate_order)


def _shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)]


def _unique_places(shingles: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    counts = Counter(shingles)
    return {shingle: place for place, shingle in enumerate(shingles) if counts[shingle] == 1}


# --- headings -------------------------------------------------------------------------------------


def heading_scores(
    truth: Sequence[Heading], candidate: Sequence[Heading]
) -> tuple[float | None, float | None]:
    """F1 of headings whose texts agree by HEADING_MATCH; also with matches worth 1 / (1 + level gap)."""
    if not truth and not candidate:
        return None, None
    similarity = {
        (i, j): edit_similarity(left.text, right.text) - 1e-6 * abs(i - j)
        for i, left in enumerate(truth)
        for j, right in enumerate(candidate)
    }
    pairs = _best_pairs({pair: value for pair, value in similarity.items() if value >= HEADING_MATCH - 1e-3})
    levels = sum(1 / (1 + abs(truth[i].level - candidate[j].level)) for i, j in pairs)
    return f1(len(pairs), len(truth), len(candidate)), f1(levels, len(truth), len(candidate))


def _best_pairs(values: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """One-to-one pairs, greedily by value."""
    pairs: list[tuple[int, int]] = []
    used_left: set[int] = set()
    used_right: set[int] = set()
    for left, right in sorted(values, key=lambda pair: (-values[pair], pair)):
        if left not in used_left and right not in used_right:
            pairs.append((left, right))
            used_left.add(left)
            used_right.add(right)
    return pairs


# --- tables ---------------------------------------------------------------------------------------


def cells_agree(truth: str, candidate: str) -> bool:
    """Cells with a digit on either side must be equal but for spaces; others may differ by a tenth."""
    left, right = truth.replace(" ", ""), candidate.replace(" ", "")
    if left == right:
        return True
    if any(character.isdigit() for character in left + right):
        return False
    return edit_similarity(left, right) >= CELL_MATCH


def table_scores(truth: Sequence[Grid], candidate: Sequence[Grid]) -> tuple[float | None, float | None]:
    """F1 over all non-empty cells: at the very same row and column, and after aligning rows and columns.

    Tables are paired one to one by the cells that they share; cells of a table without a partner count as
    missed or invented. Alignment follows GriTS (Smock et al. 2022): rows first, then columns, each keeping
    its order.
    """
    if not truth and not candidate:
        return None, None
    sizes = _cell_count(truth), _cell_count(candidate)
    return f1(_matched(truth, candidate, same_place), *sizes), f1(_matched(truth, candidate, aligned), *sizes)


def _cell_count(tables: Sequence[Grid]) -> int:
    return sum(1 for grid in tables for row in grid for cell in row if cell)


def _matched(truth: Sequence[Grid], candidate: Sequence[Grid], count: Callable[[Grid, Grid], int]) -> int:
    shared = {(i, j): float(count(a, b)) for i, a in enumerate(truth) for j, b in enumerate(candidate)}
    return int(sum(shared[pair] for pair in _best_pairs(shared)))


def same_place(truth: Grid, candidate: Grid) -> int:
    """Non-empty cells that agree at the same row and column."""
    rows = zip(truth, candidate, strict=False)
    return sum(_row_agreement(left, right) for left, right in rows)


def aligned(truth: Grid, candidate: Grid) -> int:
    """Non-empty cells that agree in the best order-keeping alignment of rows, then of columns."""
    rows = _align([[_lcs(left, right) for right in candidate] for left in truth])
    if not rows:
        return 0
    left = _columns([truth[i] for i, _ in rows])
    right = _columns([candidate[j] for _, j in rows])
    agreement = [[_row_agreement(a, b) for b in right] for a in left]
    return sum(agreement[i][j] for i, j in _align(agreement))


def _row_agreement(left: Sequence[str], right: Sequence[str]) -> int:
    return sum(1 for a, b in zip(left, right, strict=False) if a and b and cells_agree(a, b))


def _columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _lcs(left: Sequence[str], right: Sequence[str]) -> int:
    """Most cells of two rows that agree in order."""
    return len(_align([[int(bool(a) and bool(b) and cells_agree(a, b)) for b in right] for a in left]))


def _align(gain: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Increasing pairs (i, j) with the highest total gain; pairs that gain nothing are left out."""
    height, width = len(gain), len(gain[0]) if gain else 0
    best = [[0] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], gain[i][j] + best[i + 1][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < height and j < width:
        if gain[i][j] and best[i][j] == gain[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


# --- furniture ------------------------------------------------------------------------------------


def leaked_furniture(furniture: Sequence[str], truth: ParsedDocument, candidate: ParsedDocument) -> int:
    """How often running headers, footers and page numbers appear, beyond what the truth itself holds.

    A string leaks as a line of its own (edit similarity `FURNITURE_MATCH`; digits and short strings must be
    equal), or, from 8 characters on, inside other text.
    """
    distinct = sorted({normalize(text) for text in furniture if normalize(text)})
    return sum(max(0, _occurrences(text, candidate) - _occurrences(text, truth)) for text in distinct)


def _occurrences(furniture: str, document: ParsedDocument) -> int:
    own_lines = [line for line in document.lines if _is_furniture_line(furniture, line)]
    if len(furniture) < 8:
        return len(own_lines)
    inside = len(re.findall(rf"(?<!\w){re.escape(furniture)}(?!\w)", _without_formulas(document.text)))
    return inside + sum(1 for line in own_lines if furniture not in line)


def _is_furniture_line(furniture: str, line: str) -> bool:
    if len(furniture) < 8:
        return line == furniture
    same_digits = re.findall(r"\d+", furniture) == re.findall(r"\d+", line)
    return same_digits and edit_similarity(furniture, line) >= FURNITURE_MATCH


# --- all of them ----------------------------------------------------------------------------------


def score(truth_markdown: str, candidate_markdown: str, furniture: Sequence[str] = ()) -> Scores:
    """Every metric for one document."""
    truth, candidate = parse(truth_markdown), parse(candidate_markdown)
    truth_text, candidate_text = forgive_formulas(truth.text, truth.formula_sizes, candidate.text)
    headings, heading_levels = heading_scores(truth.headings, candidate.headings)
    cells, aligned_cells = table_scores(truth.tables, candidate.tables)
    return Scores(
        text=edit_similarity(truth_text, candidate_text),
        words=word_f1(words_of(truth_text), words_of(candidate_text)),
        order=order_score(truth.blocks, candidate_text),
        headings=headings,
        heading_levels=heading_levels,
        cells=cells,
        aligned_cells=aligned_cells,
        leaked=leaked_furniture(furniture, truth, candidate),
    )
