"""Document -> CommonMark with GFM tables and ``$`` math."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from docvlm import inline
from docvlm.schema import Chart, Content, Kind
from docvlm.tables import text as tables
from docvlm.writers import chart_table, flow

_NO_LIST = re.compile(r"^(\d{1,9})\\(?=[.)])")  # a number that begins a heading begins no list
_FLOW_TEXT = re.compile(r"\s*\n\s*")


def write(document: Content) -> str:
    """The document as Markdown, ending in one newline (an empty document is empty)."""
    stream = flow.of(document)
    parts = [_item(item, stream).strip("\n") for item in stream.items]
    text = "\n\n".join(part for part in parts if part.strip())
    return text + "\n" if text else ""


def chart(chart: Chart) -> str:
    """A chart's numbers as a table, and how far they can be trusted."""
    return f"{tables.markdown(chart_table.from_chart(chart))}\n\n*{chart_table.reliability(chart)}*"


def _item(item: flow.Piece | flow.Notice | flow.Anchor | flow.Remark, stream: flow.Flow) -> str:
    if isinstance(item, flow.Remark):
        return f"*{inline.escape(item.text, line_start=False)}*"
    if isinstance(item, flow.Anchor):
        return f'<a id="{item.name}"></a>'
    if isinstance(item, flow.Notice):
        return f"<!-- {re.sub('-(?=-)', '- ', item.text)} -->"
    return _WRITERS[item.kind](item, stream)


def _heading(piece: flow.Piece, _: flow.Flow) -> str:
    level = min(max(piece.block.level or 1, 1), 6)
    text = _NO_LIST.sub(r"\1", inline.one_line(piece.text))
    # A closing run of # is markup in a heading: "Item #" must stay whole.
    return f"{'#' * level} " + re.sub(r"(?<= )(#+)$", r"\\\1", text) if text else ""


def _paragraph(piece: flow.Piece, _: flow.Flow) -> str:
    return re.sub(r"\n\s*\n", "\n", piece.text.strip())


def _annotation(piece: flow.Piece, _: flow.Flow) -> str:
    return f"> {inline.one_line(piece.text)}"


def _as_is(piece: flow.Piece, _: flow.Flow) -> str:
    return piece.text.rstrip()


def _code(piece: flow.Piece, _: flow.Flow) -> str:
    longest = max((len(run) for run in re.findall("`+", piece.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{inline.without_controls(piece.text).rstrip()}\n{fence}"


def _formula(piece: flow.Piece, stream: flow.Flow) -> str:
    latex = piece.block.latex
    if latex and latex.strip():
        return f"$$\n{_FLOW_TEXT.sub(chr(10), inline.inert(latex).strip())}\n$$"
    return _figure(piece, stream)


def _figure(piece: flow.Piece, stream: flow.Flow) -> str:
    parts = [_image(piece, stream), chart(piece.chart) if piece.chart else "", piece.text.strip()]
    return "\n\n".join(part for part in parts if part)


def _image(piece: flow.Piece, stream: flow.Flow) -> str:
    asset = piece.block.asset
    if not asset:
        return ""
    shown = f"![{_alt(stream.alt(piece))}]({quote(asset, safe='/-._~')})"
    return f"[{shown}]({piece.link})" if piece.link else shown


def _alt(text: str) -> str:
    # Brackets nest inside a label only when balanced, so each is escaped.
    return re.sub(r"\\?([\[\]])", r"\\\1", inline.escape(text, line_start=False))


def _table(piece: flow.Piece, stream: flow.Flow) -> str:
    if piece.table is not None:
        return tables.markdown(piece.table)
    return _as_is(piece, stream) or _image(piece, stream)


_WRITERS: dict[Kind, Callable[[flow.Piece, flow.Flow], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "caption": _paragraph,
    "footnote": _paragraph,
    "annotation": _annotation,
    "list": _as_is,
    "table": _table,
    "code": _code,
    "formula": _formula,
    "picture": _figure,
    "chart": _figure,
}
