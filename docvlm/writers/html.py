"""Document -> one self-contained HTML5 page.

Words reach the page only through :mod:`docvlm.inline`'s parser or :func:`html.escape`, so nothing in a
document can become active HTML.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import quote

from docvlm import inline
from docvlm.schema import Content, Kind
from docvlm.tables import text as tables
from docvlm.writers import chart_table, flow

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
    title = escape(inline.without_controls(document.title or document.source))
    language = escape(document.language or "und")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body(document)}\n</main>\n</body>\n</html>\n"
    )


def body(document: Content) -> str:
    """The document's elements alone. Each carries its page, box, kind, id, score and reliability as data attributes."""
    page = _Page(document)
    return "\n".join(part for part in map(page.item, page.stream.items) if part)


def _inline(text: str) -> str:
    return inline.to_html(text, _MATH)


class _Page:
    """What the elements need to know of their document: its pictures and captions."""

    def __init__(self, document: Content) -> None:
        self.assets = document.assets
        self.stream = flow.of(document)
        self.inside = {id(c) for captions in self.stream.captions.values() for c in captions}

    def item(self, item: flow.Piece | flow.Notice | flow.Anchor | flow.Remark) -> str:
        if isinstance(item, flow.Anchor):
            return f'<a id="{item.name}"></a>'
        if isinstance(item, (flow.Notice, flow.Remark)):
            return f'<p class="page-error">{escape(inline.without_controls(item.text))}</p>'
        # A caption that names its figure stands inside that figure.
        return "" if id(item) in self.inside else _ELEMENTS[item.kind](self, item)

    def heading(self, piece: flow.Piece) -> str:
        return _element(f"h{min(max(piece.block.level or 1, 1), 6)}", piece, _inline(piece.text))

    def paragraph(self, piece: flow.Piece) -> str:
        return _element("p", piece, _inline(piece.text))

    def footnote(self, piece: flow.Piece) -> str:
        return _element("aside", piece, _inline(piece.text))

    def listing(self, piece: flow.Piece) -> str:
        return _element(
            "div", piece, inline.parser().render(inline.without_controls(piece.text), {"math": _MATH})
        )

    def code(self, piece: flow.Piece) -> str:
        # The parser drops one newline that follows <pre>.
        return _element("pre", piece, f"\n<code>{escape(inline.without_controls(piece.text))}</code>")

    def formula(self, piece: flow.Piece) -> str:
        latex = (piece.block.latex or "").strip()
        if not latex:
            return self.figure(piece)
        return self._figure(piece, f'<div class="math">\\[{escape(inline.without_controls(latex))}\\]</div>')

    def table(self, piece: flow.Piece) -> str:
        return self._figure(piece, tables.html(piece.table, _MATH)) if piece.table else self.figure(piece)

    def figure(self, piece: flow.Piece) -> str:
        parts = [self._image(piece)]
        if piece.chart:
            mark = escape(chart_table.reliability(piece.chart))
            parts += [tables.html(chart_table.from_chart(piece.chart)), f'<p class="mark"><i>{mark}</i></p>']
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
        image = f'<img src="{escape(link)}" alt="{escape(inline.without_controls(self.stream.alt(piece)))}">'
        return f'<a href="{escape(unescape(piece.link))}">{image}</a>' if piece.link else image


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
    attributes = "".join(
        f' data-{name}="{escape(inline.without_controls(value))}"' for name, value in data.items()
    )
    return f"<{tag}{attributes}>{content}</{tag}>"


_ELEMENTS: dict[Kind, Callable[[_Page, flow.Piece], str]] = {
    "heading": _Page.heading,
    "paragraph": _Page.paragraph,
    "caption": _Page.paragraph,
    "footnote": _Page.footnote,
    "annotation": _Page.footnote,
    "list": _Page.listing,
    "table": _Page.table,
    "code": _Page.code,
    "formula": _Page.formula,
    "picture": _Page.figure,
    "chart": _Page.figure,
}
