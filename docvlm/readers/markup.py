"""What a model writes (Markdown, Mathpix Markdown, LaTeX, HTML tables) -> pieces of one kind each.

Models mix dialects: Nougat and GOT write ``\\(x\\)``, ``\\section*{}`` and ``tabular``; others GFM or HTML tables,
and some wrap the whole answer in a code fence. All of it becomes docvlm's own dialect (see :mod:`docvlm.inline`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from markdown_it.token import Token

from docvlm import inline
from docvlm.draft import Item
from docvlm.schema import Cell, Kind, Table
from docvlm.tables.cells import sound
from docvlm.tables.text import from_text

_WRAPPED = re.compile(r"\s*```(?:markdown|md|latex|tex|html)?[ \t]*\n(.*?)(?:\n```\s*)?", re.DOTALL)
_DISPLAYED = ("equation", "align", "gather", "multline", "eqnarray", "displaymath")
# Blocks that Markdown's own rules would tear apart, and code, in which nothing is to be found.
_BLOCK = re.compile(
    r"(?P<code>^```.*?(?:^```[ \t]*$|\Z))"
    r"|(?P<html><table\b.*?(?:</table>|\Z))"
    r"|(?P<tabular>\\begin\{(?P<env>tabularx?|longtable)\*?\}.*?(?:\\end\{(?P=env)\*?\}|\Z))"
    r"|\$\$(?P<dollars>.+?)\$\$"
    r"|\\\[(?P<brackets>.+?)\\\]"
    rf"|\\begin\{{(?P<named>(?:{'|'.join(_DISPLAYED)})\*?)\}}(?P<body>.+?)\\end\{{(?P=named)\}}",
    re.DOTALL | re.MULTILINE,
)
_SECTIONS = {"title": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_SECTION = re.compile(rf"\\({'|'.join(_SECTIONS)})\*?\s*\{{((?:[^{{}}]|\{{[^{{}}]*\}})*)\}}")
_UNWRAPPED = re.compile(r"\\(?:author|caption|footnotetext|footnote|date)\*?\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_NOISE = re.compile(
    r"\\(?:begin|end)\{(?:abstract|table|figure|center|document|itemize|enumerate|flushleft)\*?\}(?:\[[^\]]*\])?"
    r"|\\(?:centering|maketitle|hline|noindent|includegraphics(?:\[[^\]]*\])?\{[^}]*\}|label\{[^}]*\})"
    r"|</?(?:div|center|p|span|img|figure|figcaption|html|body|page)\b[^>]*>"
    r"|!\[[^\]]*\]\([^)]*\)"
)
_ITEM = re.compile(r"^\s*\\item\b(?:\[[^\]]*\])?\s*", re.MULTILINE)
_INLINE_MATH = re.compile(r"\\\((.+?)\\\)", re.DOTALL)
_MATH = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$|\\\(.+?\\\)", re.DOTALL)
_TAG = re.compile(r"\\tag\*?\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_INDENT = 20.0  # points by which a level of a list is taken to be indented


@dataclass(slots=True)
class Piece:
    """One block as the model wrote it. ``text`` is in docvlm's inline dialect, the bare source for code.

    ``level`` is a heading's; ``latex`` a formula's, without its delimiters.
    """

    kind: Kind
    text: str = ""
    level: int | None = None
    latex: str | None = None
    table: Table | None = None
    items: list[Item] = field(default_factory=list)

    def words(self) -> str:
        """All visible words, markup removed, on one line."""
        if self.table is not None:
            return " ".join(inline.plain(cell.text) for cell in self.table.cells)
        if self.items:
            return " ".join(f"{item.marker} {inline.plain(item.text)}" for item in self.items)
        return self.text if self.kind == "code" else inline.plain(self.text)


def parse(text: str) -> list[Piece]:
    """The pieces of a model's answer, in its order; empty ones are left out."""
    text = _CONTROL.sub("", text)
    wrapped = _WRAPPED.fullmatch(text)
    text = wrapped[1] if wrapped and "\n```" not in wrapped[1] else text
    pieces: list[Piece] = []
    end = 0
    for match in _BLOCK.finditer(text):
        pieces += _markdown(text[end : match.start()])
        pieces += _block(match)
        end = match.end()
    pieces += _markdown(text[end:])
    return [piece for piece in pieces if piece.latex or piece.table or piece.words().strip()]


def formula(text: str) -> str:
    """The LaTeX of an answer that is one formula: without delimiters, fences and the words around it."""
    pieces = parse(text)
    shown = [piece.latex for piece in pieces if piece.latex]
    if shown:
        return " \\\\ ".join(shown)
    wrapped = _WRAPPED.fullmatch(text)
    body = _CONTROL.sub("", wrapped[1] if wrapped else text).strip()
    between = re.fullmatch(r"\$(.+)\$|\\\((.+)\\\)", body, re.DOTALL)
    return (between[1] or between[2] if between else body).strip()


def _block(match: re.Match[str]) -> list[Piece]:
    if match["code"] is not None:
        lines = match["code"].splitlines()
        closed = len(lines) > 1 and lines[-1].startswith("```")
        return [Piece("code", "\n".join(lines[1:-1] if closed else lines[1:]))]
    if match["html"] is not None or match["tabular"] is not None:
        table = _html_table(match["html"]) if match["html"] is not None else tabular(match["tabular"])
        return [Piece("table", table=table)] if table is not None else []
    latex = match["dollars"] or match["brackets"] or match["body"]
    if match["named"] and match["named"].rstrip("*") in ("align", "eqnarray", "gather") and "\\\\" in latex:
        inner = "gathered" if match["named"].startswith("gather") else "aligned"
        latex = f"\\begin{{{inner}}}{latex}\\end{{{inner}}}"
    # Numbers of equations are furniture to the formula; as text they are searched for in vain.
    return [Piece("formula", latex=_TAG.sub("", latex).strip())]


# Markdown.


def _markdown(source: str) -> list[Piece]:
    source = _outside_math(source, _styled)
    source = _SECTION.sub(lambda m: f"\n\n{'#' * _SECTIONS[m[1]]} {' '.join(m[2].split())}\n\n", source)
    source = _UNWRAPPED.sub(lambda m: f"\n\n{m[1]}\n\n", source)
    source = _ITEM.sub("- ", _NOISE.sub("", source))
    # Leading blanks are layout here, never code: models fence code.
    source = re.sub(r"^[ \t]{4,}(?![-*+\d])", "   ", source, flags=re.MULTILINE)
    return list(_pieces(inline.parser().parse(source), source.splitlines()))


def _pieces(tokens: Sequence[Token], lines: list[str]) -> Iterator[Piece]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _closing(tokens, at)
        if token.type == "heading_open":
            yield Piece("heading", _flow(tokens[at + 1].content), level=int(token.tag[1:]))
        elif token.type == "paragraph_open":
            yield Piece("paragraph", _flow(tokens[at + 1].content))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            yield Piece("list", items=list(_items(tokens[at : end + 1])))
        elif token.type == "table_open" and token.map:
            yield Piece("table", table=from_text("\n".join(lines[token.map[0] : token.map[1]])))
        elif token.type in ("fence", "code_block"):
            yield Piece("code", token.content.rstrip("\n"))
        elif token.type.startswith("math_block"):
            yield Piece("formula", latex=token.content.strip())
        elif token.type == "blockquote_open":
            yield from _pieces(tokens[at + 1 : end], lines)
        at = end + 1


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Index of the token that closes the one at ``at``, itself where it stands alone."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth <= 0:
            return index
    return len(tokens) - 1


def _items(tokens: Sequence[Token]) -> Iterator[Item]:
    """The entries of a list and of those within it; an entry's paragraphs become one."""
    markers: list[str] = []
    depth = 0
    fresh = False
    current: Item | None = None
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "list_item_open":
            markers.append(f"{token.info}{token.markup}" if token.info else "-")
            fresh = True
        elif token.type == "inline":
            text = _flow(token.content)
            if fresh or current is None:
                if current is not None:
                    yield current
                current = Item(_INDENT * max(depth - 1, 0), markers[-1] if markers else "-", text)
            else:
                current = replace(current, text=inline.join(current.text, text))
            fresh = False
    if current is not None:
        yield current


def _flow(content: str) -> str:
    """Inline source of several lines as one in docvlm's dialect, words that hyphens cut made whole."""
    return inline.rewritten(reduce(inline.join, (line.strip() for line in content.splitlines()), ""))


# Tables.


def _html_table(source: str) -> Table | None:
    """An HTML table whose cells may hold math, which the words around it must not be taken for."""
    formulas: list[str] = []

    def hide(match: re.Match[str]) -> str:
        formulas.append(inline.math(match[0].strip("$").removeprefix("\\(").removesuffix("\\)")))
        return f"\ue000{len(formulas) - 1}\ue001"

    table = from_text(_MATH.sub(hide, source))
    for cell in table.cells if table else ():
        cell.text = re.sub("\ue000(\\d+)\ue001", lambda m: formulas[int(m[1])], cell.text)
    return table


_COLUMNS = re.compile(
    r"\\begin\{(?:tabularx?|longtable)\*?\}(?:\[[^\]]*\])?(?:\{[^{}]*\}(?=\s*\{))?\{(?:[^{}]|\{[^{}]*\})*\}"
)
_RULE = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|cline\{[^}]*\}|cmidrule(?:\([^)]*\))?\{[^}]*\})")
_MULTICOLUMN = re.compile(
    r"\s*\\multicolumn\s*\{(\d{1,3})\}\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*\{(.*)\}\s*", re.DOTALL
)
_MULTIROW = re.compile(r"\s*\\multirow\s*\{(\d{1,3})\}\s*\{[^{}]*\}\s*\{(.*)\}\s*", re.DOTALL)
_STYLES = {"textbf": "**", "textit": "*", "emph": "*"}
_STYLED = re.compile(rf"\\({'|'.join(_STYLES)})\{{([^{{}}]*)\}}")


def tabular(source: str) -> Table | None:
    """The grid of a LaTeX ``tabular``: rules, ``\\multicolumn`` and ``\\multirow`` understood."""
    body = re.sub(r"\\end\{(?:tabularx?|longtable)\*?\}\s*$", "", _COLUMNS.sub("", source, count=1))
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    header_rows = row = 0
    for part in re.split(r"\\\\(?:\[[^\]]*\])?", body):
        if _RULE.search(part) and row and not header_rows:
            header_rows = row
        part = _RULE.sub("", part)
        if not part.strip():
            continue
        column = 0
        for source_cell in re.split(r"(?<!\\)&", part):
            cell = _cell(source_cell, row, column)
            # Below a \\multirow a cell is written too, and empty.
            if (row, column) not in taken:
                cells.append(cell)
                spanned = itertools.product(range(cell.row_span), range(cell.column_span))
                taken |= {(row + r, column + c) for r, c in spanned}
            column += cell.column_span
        row += 1
    if not cells:
        return None
    for cell in cells:
        cell.header = cell.row < header_rows
    columns = max(cell.column + cell.column_span for cell in cells)
    return sound(Table(rows=row, columns=columns, header_rows=header_rows, cells=cells))


def _cell(source: str, row: int, column: int) -> Cell:
    rows = columns = 1
    if match := _MULTICOLUMN.fullmatch(source):
        columns, source = max(1, int(match[1])), match[2]
    if match := _MULTIROW.fullmatch(source):
        rows, source = max(1, int(match[1])), match[2]
    return Cell(row=row, column=column, row_span=rows, column_span=columns, text=_inline(source))


def _inline(source: str) -> str:
    """A cell's LaTeX as inline Markdown: math kept, bold and italic marked, escapes undone."""
    return inline.rewritten(" ".join(_outside_math(source, _words).split()))


def _outside_math(source: str, change: Callable[[str], str]) -> str:
    """``source`` with ``change`` applied to all but its formulas, which come out between dollar signs."""
    parts: list[str] = []
    end = 0
    for match in _MATH.finditer(source):
        parts += [
            change(source[end : match.start()]),
            _INLINE_MATH.sub(lambda m: f"${m[1].strip()}$", match[0]),
        ]
        end = match.end()
    return "".join([*parts, change(source[end:])])


def _words(source: str) -> str:
    source = re.sub(r"\\([&%#_{}])", r"\1", _styled(source))
    return re.sub(r"\\[A-Za-z]+\*?|[{}]", "", source).replace("~", " ")


def _styled(source: str) -> str:
    return _STYLED.sub(lambda m: f"{_STYLES[m[1]]}{m[2].strip()}{_STYLES[m[1]]}", source)
