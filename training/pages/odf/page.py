"""Writes one page as flat OpenDocument text: its styles, its words in their runs' colours, paragraphs, tables and frames.

All lengths are in points. Words that LibreOffice writes itself (labels of lists, numbers of notes and lines, leaders of
tabs) take the colour of the paragraph or the span they stand in, so each paragraph has the colour of its first run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from training.pages.sheet import BODY, Sheet

_EAST = {"zh": ("Noto Sans CJK SC", "Noto Serif CJK SC"), "ja": ("Noto Sans CJK JP", "Noto Serif CJK JP")}
_COMPLEX = {
    "ar": ("DejaVu Sans", "Amiri")
}  # fonts with the marks of the West, which would else come from another one


def face(
    *, family: str = "", size: float = 0, bold: bool | None = None, italic: bool | None = None, under: bool = False,
    raised: bool = False, upper: bool = False, small_caps: bool = False,
) -> str:  # fmt: skip
    """Attributes of type, for the scripts of the West, of East Asia and the complex ones alike."""
    out = []
    if family:
        out.append(f'fo:font-family="{family}"')
    for name, value in (
        ("font-size", f"{size:g}pt" if size else ""),
        ("font-weight", "" if bold is None else "bold" if bold else "normal"),
        ("font-style", "" if italic is None else "italic" if italic else "normal"),
    ):
        if value:
            out.append(f'fo:{name}="{value}" style:{name}-asian="{value}" style:{name}-complex="{value}"')
    if under:
        out.append(
            'style:text-underline-style="solid" style:text-underline-width="auto" style:text-underline-color="font-color"'
        )
    if raised:
        out.append('style:text-position="super 62%"')
    if upper:
        out.append('fo:text-transform="uppercase"')
    if small_caps:
        out.append('fo:font-variant="small-caps"')
    return " ".join(out)


def edges(top: float = 0, bottom: float = 0, left: float = 0, right: float = 0, first: float = 0) -> str:
    """Attributes of a paragraph's margins and of its first line's indent."""
    return (
        f'fo:margin-top="{top:.2f}pt" fo:margin-bottom="{bottom:.2f}pt" fo:margin-left="{left:.2f}pt" '
        f'fo:margin-right="{right:.2f}pt" fo:text-indent="{first:.2f}pt"'
    )


def align(side: str) -> str:
    """The attribute that aligns a paragraph: start, end, center or justify."""
    return f'fo:text-align="{side}" style:justify-single-word="false"'


def tab_stops(*stops: tuple[float, str, str]) -> str:
    """Stops at a distance from the paragraph's left edge, with their kind (left, right, center) and leader ("" for none)."""
    out = []
    for place, kind, leader in stops:
        filled = (
            f' style:leader-style="{"solid" if leader == "_" else "dotted"}" style:leader-text="{leader}"'
            if leader
            else ""
        )
        out.append(f'<style:tab-stop style:position="{place:.2f}pt" style:type="{kind}"{filled}/>')
    return f"<style:tab-stops>{''.join(out)}</style:tab-stops>"


def marked(words: str) -> str:
    """Words as XML: tabs, breaks and repeated spaces have their own elements."""
    text = escape(words).replace("\t", "<text:tab/>").replace("\n", "<text:line-break/>")
    return re.sub(r"(?<= ) +|^ +", lambda found: f'<text:s text:c="{len(found.group())}"/>', text)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its paragraphs, attributes of its style, and how many columns and rows it spans."""

    inside: str
    props: str = ""
    wide: int = 1
    high: int = 1


@dataclass(slots=True)
class Page:
    """A page while it is written. ``name`` begins the names of its styles; no other page of a print has it."""

    sheet: Sheet
    name: str
    columns: int = 1
    numbered_lines: bool = False
    line_height: int = 100  # percent
    background: str = ""
    header: str = ""
    footer: str = ""
    body: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)  # placed on the page, outside its text
    used: float = 0.0  # about how much of the page's height its text takes
    last: int = 1  # the number of the last run
    _styles: list[str] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)
    _notes: list[tuple[str, int]] = field(default_factory=list)
    _names: int = 0

    # Words.

    def style(self, family: str, inside: str, attributes: str = "") -> str:
        """The name of an automatic style; the same one for the same properties."""
        key = f"{family}{attributes}{inside}"
        if key not in self._known:
            self._known[key] = f"{self.name}s{len(self._known)}"
            self._styles.append(
                f'<style:style style:name="{self._known[key]}" style:family="{family}" {attributes}>{inside}</style:style>'
            )
        return self._known[key]

    def add_style(self, xml: str) -> None:
        self._styles.append(xml)

    def fresh(self, kind: str) -> str:
        """A name that nothing else of the print has."""
        self._names += 1
        return f"{self.name}{kind}{self._names}"

    def run(
        self, role: str, words: str, *, type_face: str = "", color: int | None = None, flow: int = BODY,
        block: int | None = None, item: int | None = None,
    ) -> str:  # fmt: skip
        """Words of a run; without a ``block`` or an ``item`` they are one of their own."""
        self.last = self.sheet.note(role, color=color, flow=flow, block=block, item=item)
        return self.span(marked(words), self.last, type_face)

    def span(self, inside: str, number: int, type_face: str = "") -> str:
        name = self.style("text", f'<style:text-properties fo:color="#{number:06x}" {type_face}/>')
        return f'<text:span text:style-name="{name}">{inside}</text:span>'

    def paragraph(
        self, inside: str, number: int, *, props: str = "", type_face: str = "", tabs: str = "",
        counted: bool = False, master: str = "",
    ) -> str:  # fmt: skip
        """A paragraph, whose own signs have the colour ``number``; ``counted``: its lines may have numbers."""
        count = ' text:number-lines="true"' if counted and self.numbered_lines else ""
        first = f'style:master-page-name="{master}"' if master else ""
        name = self.style(
            "paragraph",
            f'<style:paragraph-properties {props}{count}>{tabs}</style:paragraph-properties><style:text-properties fo:color="#{number:06x}" {type_face}/>',
            f'style:parent-style-name="{self.name}b" {first}',
        )
        return f'<text:p text:style-name="{name}">{inside}</text:p>'

    def gap(self, high: float) -> str:
        """An empty line of this height."""
        return self.paragraph(
            "", 0, props=f'fo:line-height="{max(high, 2):.1f}pt" {edges()}', type_face=face(size=2)
        )

    def footnote(self, characters: int) -> str:
        """A note's mark; the note is written when the page is finished, since notes are read last."""
        key = f"\0note{len(self._notes)}\0"
        self._notes.append((key, characters))
        return key

    # Things.

    def table(self, rows: Sequence[Sequence[Cell]], widths: Sequence[float], *, left: float = 0, where: str = "margins",
              whole_rows: bool = True, props: str = "") -> str:  # fmt: skip
        """A table of cells, row by row; ``where`` is "margins" (from ``left`` on), "left", "center" or "right"."""
        name = self.fresh("t")
        wide = sum(widths)
        place = (
            f'table:align="left" fo:margin-left="{left:.1f}pt"'
            if where == "margins"
            else f'table:align="{where}"'
        )
        style = self.style(
            "table",
            f'<style:table-properties style:width="{wide:.1f}pt" {place} table:border-model="collapsing" style:may-break-between-rows="true" style:writing-mode="page" {props}/>',
        )
        out = [
            f'<table:table-column table:style-name="{self.style("table-column", f"""<style:table-column-properties style:column-width="{each:.1f}pt"/>""")}"/>'
            for each in widths
        ]
        kept = "always" if whole_rows else "auto"
        row_style = self.style("table-row", f'<style:table-row-properties fo:keep-together="{kept}"/>')
        held: dict[int, int] = {}  # column: rows that a cell above still spans
        for row in rows:
            cells, at = [], 0
            for cell in row:
                while held.get(at, 0):
                    held[at] -= 1
                    cells.append("<table:covered-table-cell/>")
                    at += 1
                props_of = self.style("table-cell", f"<style:table-cell-properties {cell.props}/>")
                span = (
                    f' table:number-columns-spanned="{cell.wide}" table:number-rows-spanned="{cell.high}"'
                    if cell.wide * cell.high > 1
                    else ""
                )
                inside = cell.inside or self.paragraph(
                    "", 0, type_face=face(size=max(2, self.sheet.look.size - 2))
                )
                cells.append(
                    f'<table:table-cell table:style-name="{props_of}" office:value-type="string"{span}>{inside}</table:table-cell>'
                )
                cells += ["<table:covered-table-cell/>"] * (cell.wide - 1)
                for each in range(at, at + cell.wide):
                    held[each] = cell.high - 1
                at += cell.wide
            while held.get(at, 0) and at < len(widths):
                held[at] -= 1
                cells.append("<table:covered-table-cell/>")
                at += 1
            out.append(f'<table:table-row table:style-name="{row_style}">{"".join(cells)}</table:table-row>')
        return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(out)}</table:table>'

    def section(
        self, inside: str, columns: int, *, gutter: float = 18, balanced: bool = True, rule: bool = False
    ) -> str:
        """A part of the text in columns."""
        line = (
            '<style:column-sep style:width="0.5pt" style:color="#888888" style:height="100%" style:style="solid"/>'
            if rule
            else ""
        )
        style = self.style(
            "section",
            f'<style:section-properties text:dont-balance-text-columns="{str(not balanced).lower()}" style:editable="false">{_columns(columns, gutter, line)}</style:section-properties>',
        )
        return (
            f'<text:section text:style-name="{style}" text:name="{self.fresh("c")}">{inside}</text:section>'
        )

    def frame(
        self,
        inside: str,
        x: float,
        y: float,
        wide: float,
        high: float = 0,
        *,
        fill: int | None = None,
        border: str = "none",
        pad: float = 0,
    ) -> str:
        """A frame of paragraphs at a place of the page, over its text; as high as they are where ``high`` is 0."""
        # Without an opacity LibreOffice paints a frame white that has no fill.
        color = "" if fill is None else f"#{fill:06x}"
        paint = (
            f'draw:fill="solid" draw:fill-color="{color}" fo:background-color="{color}" draw:opacity="100%"'
            if color
            else 'draw:fill="none" draw:opacity="0%"'
        )
        style = self.style(
            "graphic",
            f'<style:graphic-properties draw:stroke="none" style:wrap="run-through" style:run-through="foreground" style:number-wrapped-paragraphs="no-limit" style:vertical-pos="from-top" style:vertical-rel="page" style:horizontal-pos="from-left" style:horizontal-rel="page" fo:padding="{pad}pt" fo:border="{border}" {paint}/>',
            'style:parent-style-name="Frame"',
        )
        size = f'svg:width="{wide:.1f}pt"' + (f' svg:height="{high:.1f}pt"' if high else "")
        least = f' fo:min-height="{high or 2:.1f}pt"'
        return f'<draw:frame draw:style-name="{style}" draw:name="{self.fresh("f")}" text:anchor-type="paragraph" svg:x="{x:.1f}pt" svg:y="{y:.1f}pt" {size} draw:z-index="{self._names}"><draw:text-box{least}>{inside}</draw:text-box></draw:frame>'

    # The whole.

    def finish(self) -> tuple[str, str, str, str]:
        """Named styles, automatic styles, the master page and the text."""
        body = "".join(self.body)
        for key, characters in self._notes:
            if key in body:
                body = body.replace(key, self._note(characters))
        master = f"{self.name}m"
        start = f'<text:bookmark text:name="{self.name}"/>'
        small = f'fo:line-height="1pt" {edges()}'
        anchor = self.paragraph(
            start + "".join(self.frames), 0, props=small, type_face=face(size=1), master=master
        )
        return self._base(), "".join(self._styles) + self._layout(), self._master(master), anchor + body

    def _note(self, characters: int) -> str:
        rng, look = self.sheet.rng, self.sheet.look
        block, item = self.sheet.number(), self.sheet.number()
        number = len(self.sheet.runs) + 1
        words = self.run("footnote", self.sheet.text.prose(characters), block=block, item=item)
        size = max(6, look.size - rng.choice((1.5, 2, 2, 3)))
        inside = self.paragraph(words, number, props=edges(left=12, first=-12), type_face=face(size=size))
        identity = self.fresh("n")
        return f'<text:note text:id="{identity}" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>{inside}</text:note-body></text:note>'

    def _base(self) -> str:
        """The style that all paragraphs of the page go back to."""
        look, text = self.sheet.look, self.sheet.text
        size = f"{look.size:g}pt"
        east = _EAST.get(text.language, _EAST["zh"])[look.body in ("Liberation Serif", "Caladea")]
        far = _COMPLEX.get(text.language, ("DejaVu Sans",))
        return (
            f'<style:style style:name="{self.name}b" style:family="paragraph">'
            f'<style:paragraph-properties {edges()} fo:line-height="{self.line_height}%" text:number-lines="false" text:line-number="0" '
            f'style:writing-mode="{"rl-tb" if text.rtl else "lr-tb"}" fo:orphans="2" fo:widows="2"/>'
            f'<style:text-properties fo:font-family="{look.body}" style:font-family-asian="{east}" style:font-family-complex="{far[int(look.left * 7) % len(far)]}" '
            f'fo:font-size="{size}" style:font-size-asian="{size}" style:font-size-complex="{size}" fo:hyphenate="false" fo:language="{text.language if not (text.east or text.rtl) else "en"}"/></style:style>'
        )

    def _layout(self) -> str:
        look = self.sheet.look
        top = look.top * (0.5 if self.header else 1)
        bottom = look.bottom * (0.5 if self.footer else 1)
        parts = []
        for there, kind, side, room in (
            (self.header, "header", "bottom", look.top - top),
            (self.footer, "footer", "top", look.bottom - bottom),
        ):
            inside = f'<style:header-footer-properties fo:min-height="{room:.1f}pt" fo:margin-{side}="{room * 0.35:.1f}pt" fo:margin-left="0pt" fo:margin-right="0pt"/>'
            parts.append(f"<style:{kind}-style>{inside if there else ''}</style:{kind}-style>")
        columns = _columns(self.columns, 18, "") if self.columns > 1 else ""
        turned = ' style:print-orientation="landscape"' if look.width > look.height else ""
        return (
            f'<style:page-layout style:name="{self.name}l"><style:page-layout-properties fo:page-width="{look.width}pt" fo:page-height="{look.height}pt"{turned} '
            f'fo:margin-left="{look.left:.1f}pt" fo:margin-right="{look.right:.1f}pt" fo:margin-top="{top:.1f}pt" fo:margin-bottom="{bottom:.1f}pt" '
            f'style:writing-mode="{"rl-tb" if self.sheet.text.rtl else "lr-tb"}" {self.background}>{columns}'
            '<style:footnote-sep style:width="0.5pt" style:distance-before-sep="4pt" style:distance-after-sep="3pt" style:line-style="solid" style:adjustment="left" style:rel-width="25%" style:color="#000000"/>'
            f"</style:page-layout-properties>{''.join(parts)}</style:page-layout>"
        )

    def _master(self, name: str) -> str:
        head = f"<style:header>{self.header}</style:header>" if self.header else ""
        foot = f"<style:footer>{self.footer}</style:footer>" if self.footer else ""
        return f'<style:master-page style:name="{name}" style:page-layout-name="{self.name}l">{head}{foot}</style:master-page>'


def _columns(count: int, gutter: float, line: str) -> str:
    each = []
    for index in range(count):
        left, right = (0 if index == 0 else gutter / 2), (0 if index == count - 1 else gutter / 2)
        each.append(
            f'<style:column style:rel-width="1000*" fo:start-indent="{left:.1f}pt" fo:end-indent="{right:.1f}pt"/>'
        )
    return f'<style:columns fo:column-count="{count}" fo:column-gap="{gutter:.1f}pt">{line}{"".join(each)}</style:columns>'


_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
    for name, full in (
        ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"), ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"), ("number", "datastyle"),
    )
)  # fmt: skip
_GENERAL = (
    '<style:default-style style:family="paragraph"><style:paragraph-properties text:number-lines="false" style:tab-stop-distance="36pt"/></style:default-style>'
    '<style:style style:name="Standard" style:family="paragraph"/>'
    '<style:style style:name="Frame" style:family="graphic"><style:graphic-properties text:anchor-type="paragraph" draw:stroke="none" draw:fill="none" draw:opacity="0%" fo:padding="0pt" fo:border="none"/></style:style>'
    '<style:style style:name="Raised" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="Counted" style:family="text"><style:text-properties fo:color="#000001" fo:font-size="8pt"/></style:style>'
    '<text:notes-configuration text:note-class="footnote" text:citation-style-name="Raised" text:citation-body-style-name="Raised" style:num-format="1" text:start-value="0" text:footnotes-position="page" text:start-numbering-at="page"/>'
    '<text:linenumbering-configuration text:style-name="Counted" text:number-lines="true" style:num-format="1" text:number-position="left" text:increment="1" text:offset="14pt" text:count-empty-lines="false" text:count-in-text-boxes="false" text:restart-on-page="true"/>'
)


def document(pages: Sequence[tuple[str, str, str, str]]) -> str:
    """The flat OpenDocument text of a print of finished pages."""
    named, automatic, masters, texts = ("".join(each) for each in zip(*pages))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_SPACES} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">'
        f"<office:styles>{_GENERAL}{named}</office:styles><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:master-styles>{masters}</office:master-styles><office:body><office:text>{texts}</office:text></office:body></office:document>"
    )
