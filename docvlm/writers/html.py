"""Document -> one self-contained HTML5 page.

Words reach the page only through :mod:`docvlm.inline`'s parser or :func:`html.escape`, so nothing in a
document can become active HTML.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from docvlm import inline
from docvlm.schema import Cell, Content, Kind, Table
from docvlm.writers import flow, grid

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_MATH = {
    "math_inline": ('<span class="math">\\(', "\\)</span>"),
    "math_inline_double": ('<span class="math">\\[', "\\]</span>"),
    "math_block": ('<div class="math">\\[', "\\]</div>"),
}

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1e; --paper: #fdfdfb; --rule: #c9c9c4; --doubt: #c77700; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e0; --paper: #17181a; --rule: #4a4a48; --doubt: #e0a030; }
}
body { margin: 3rem auto; padding: 0 1.25rem; max-width: 44rem; color: var(--ink); background: var(--paper);
  font: 1.05rem/1.6 Charter, "Bitstream Charter", Georgia, serif; overflow-wrap: break-word; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2em 0 .6em; }
figure { margin: 1.5em 0; overflow-x: auto; }
figcaption, aside, .mark { font-size: .88em; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: .92em; font-variant-numeric: tabular-nums; }
th, td { padding: .25em .7em; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th { border-bottom: 2px solid var(--ink); }
pre { padding: .8em 1em; border: 1px solid var(--rule); border-radius: 4px; overflow-x: auto; }
pre, code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .88em; }
.math { font-family: "Latin Modern Math", "Cambria Math", serif; }
div.math { text-align: center; overflow-x: auto; white-space: pre-wrap; }
aside { border-top: 1px solid var(--rule); padding-top: .4em; }
[data-reliable="false"] { border-left: 3px solid var(--doubt); padding-left: .8em; }
.page-error { color: var(--doubt); }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; }
  figure, tr, pre { break-inside: avoid; } }
"""


def write(document: Content) -> str:
    """The document as HTML, ending in a newline; pictures are embedded where ``document.assets`` has them."""
    title = escape(_clean(document.source))
    return (
        '<!DOCTYPE html>\n<html lang="und">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body(document)}\n</main>\n</body>\n</html>\n"
    )


def body(document: Content) -> str:
    """The document's elements alone. Each carries its page, box, kind, id, score and reliability as data attributes."""
    page = _Page(document)
    return "\n".join(part for part in map(page.item, page.stream.items) if part)


def table(table: Table, math: bool = False) -> str:
    """A table as HTML without blank lines, so that it also holds inside Markdown.

    ``math`` puts formulas into elements of their own, which Markdown readers would not understand.
    """
    rows = [_row(cells, math) for cells in grid.by_row(table)]
    head, body = rows[: table.header_rows], rows[table.header_rows :]
    parts = ["<table>", *_section("thead", head), *_section("tbody", body), "</table>"]
    return "\n".join(parts)


def _section(tag: str, rows: list[str]) -> list[str]:
    return [f"<{tag}>", *rows, f"</{tag}>"] if rows else []


def _row(cells: list[Cell], math: bool) -> str:
    return f"<tr>{''.join(_cell(c, math) for c in cells)}</tr>"


def _cell(cell: Cell, math: bool) -> str:
    tag = "th" if cell.header else "td"
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    content = "<br>".join(_inline(line, math).replace("\n", " ") for line in grid.lines(cell) if line)
    return f"<{tag}{spans}>{content}</{tag}>"


def _inline(text: str, math: bool = True) -> str:
    rendered: str = inline.parser().renderInline(_clean(text).strip(), {"math": _MATH if math else {}})
    return rendered


def _clean(text: str) -> str:
    # HTML forbids control characters even as references.
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class _Page:
    """What the elements need to know of their document: its pictures and captions."""

    def __init__(self, document: Content) -> None:
        self.assets = document.assets
        self.stream = flow.of(document)
        self.inside = {id(c) for captions in self.stream.captions.values() for c in captions}

    def item(self, item: flow.Piece | flow.Notice) -> str:
        if isinstance(item, flow.Notice):
            return f'<p class="page-error">{escape(_clean(item.text))}</p>'
        # A caption that names its figure stands inside that figure.
        return "" if id(item) in self.inside else _ELEMENTS[item.kind](self, item)

    def heading(self, piece: flow.Piece) -> str:
        return _element(f"h{min(max(piece.block.level or 1, 1), 6)}", piece, _inline(piece.text))

    def paragraph(self, piece: flow.Piece) -> str:
        return _element("p", piece, _inline(piece.text))

    def footnote(self, piece: flow.Piece) -> str:
        return _element("aside", piece, _inline(piece.text))

    def listing(self, piece: flow.Piece) -> str:
        return _element("div", piece, inline.parser().render(_clean(piece.text), {"math": _MATH}))

    def code(self, piece: flow.Piece) -> str:
        # The parser drops one newline that follows <pre>.
        return _element("pre", piece, f"\n<code>{escape(_clean(piece.text))}</code>")

    def formula(self, piece: flow.Piece) -> str:
        latex = (piece.block.latex or "").strip()
        if not latex:
            return self.figure(piece)
        return self._figure(piece, f'<div class="math">\\[{escape(_clean(latex))}\\]</div>')

    def table(self, piece: flow.Piece) -> str:
        return self._figure(piece, table(piece.table, math=True)) if piece.table else self.figure(piece)

    def figure(self, piece: flow.Piece) -> str:
        parts = [self._image(piece)]
        if piece.chart:
            mark = escape(grid.reliability(piece.chart))
            parts += [table(grid.from_chart(piece.chart)), f'<p class="mark"><i>{mark}</i></p>']
        parts += [f"<p>{_inline(piece.text)}</p>"] if piece.text.strip() else []
        return self._figure(piece, "\n".join(filter(None, parts)))

    def _figure(self, piece: flow.Piece, content: str) -> str:
        captions = self.stream.captions.get(piece.block.id, [])
        caption = "\n".join(self.paragraph(c) for c in captions)
        return _element(
            "figure", piece, f"{content}\n<figcaption>{caption}</figcaption>" if caption else content
        )

    def _image(self, piece: flow.Piece) -> str:
        asset = piece.block.asset
        if not asset:
            return ""
        data = self.assets.get(asset)
        link = (
            f"data:image/png;base64,{base64.b64encode(data).decode()}" if data else quote(asset, safe="/-._~")
        )
        return f'<img src="{escape(link)}" alt="{escape(_clean(self.stream.alt(piece)))}">'


def _element(tag: str, piece: flow.Piece, content: str) -> str:
    block = piece.block
    data = {
        "page": str(piece.page),
        "box": " ".join(f"{v:g}" for v in block.box),
        "kind": block.kind,
        "id": block.id,
        "score": f"{piece.score:.3g}",
        "reliable": str(piece.reliable).lower(),
    }
    if len(piece.parts) > 1:
        data["continued"] = " ".join(part.id for part in piece.parts[1:])
    attributes = "".join(f' data-{name}="{escape(_clean(value))}"' for name, value in data.items())
    return f"<{tag}{attributes}>{content}</{tag}>"


_ELEMENTS: dict[Kind, Callable[[_Page, flow.Piece], str]] = {
    "heading": _Page.heading,
    "paragraph": _Page.paragraph,
    "caption": _Page.paragraph,
    "footnote": _Page.footnote,
    "list": _Page.listing,
    "table": _Page.table,
    "code": _Page.code,
    "formula": _Page.formula,
    "picture": _Page.figure,
    "chart": _Page.figure,
}
