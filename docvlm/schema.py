"""The schema: what every reader fills and every writer prints.

Boxes are ``(x0, y0, x1, y1)`` in PDF points, origin at the top left, of the upright page; :attr:`Page.frame` maps them
to the file's own page.
The JSON of a :class:`Content` is docvlm's public format ``docvlm/1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from docvlm.boxes import Box
from docvlm.frames import Frame

SCHEMA: Literal["docvlm/1"] = "docvlm/1"

Kind = Literal[
    "heading",
    "paragraph",
    "list",
    "table",
    "formula",
    "chart",
    "picture",
    "caption",
    "code",
    "footnote",
    "header",
    "footer",
    "annotation",
]
Reader = Literal["text", "ocr", "vlm"]


def _rounded(box: object, digits: int = 2) -> object:
    try:
        return tuple(round(float(v), digits) for v in box) if isinstance(box, (list, tuple)) else box
    except (TypeError, ValueError, OverflowError):
        return box  # no box; pydantic says why


RoundedBox = Annotated[Box, BeforeValidator(_rounded)]
# There are as many of these as lines and cells, so they are written shorter: to a tenth of a point.
LineBox = Annotated[Box, BeforeValidator(partial(_rounded, digits=1))]


# A table's rows or columns, also of one joined over all pages of a document; what counts further is damaged.
_MOST = 1_000_000
# Places in one block's table, each of which writers fill. A page's densest tables have some thousands, the largest
# sheets some ten thousand.
_MOST_PLACES = 100_000

Index = Annotated[int, Field(ge=0, lt=_MOST)]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Extent = Annotated[int, Field(ge=1, le=_MOST)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="null")


class Check(_Model):
    """One test behind a score. ``passed`` already knows whether high or low values are good.

    `docvlm.checks` has every name with its meaning, its limit and what to do where it fails.
    """

    name: str
    value: float | None = None
    threshold: float | None = None
    passed: bool


class Confidence(_Model):
    """``score`` is the estimated probability that the block is right, in [0, 1].

    ``reliable`` means the same for text, OCR, formulas, tables and charts: the score is at least 0.8, and no check that
    is a veto failed. Checks that are evidence are weighed in the score already; one may fail on a reliable block.
    """

    score: float = Field(ge=0.0, le=1.0)
    reliable: bool
    checks: list[Check] = []


class TextLine(_Model):
    """One printed line: its plain ``text``, the box around it, and the score of what was read, as `Confidence` has it."""

    text: str
    box: LineBox
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)


class Cell(_Model):
    """One table cell; ``row`` and ``column`` count from 0, ``text`` is inline Markdown.

    ``box`` is around what is printed in it, ``None`` where that is nothing or is not known; ``confidence`` is the score
    of its words.
    """

    row: Index
    column: Index
    row_span: Extent = 1
    column_span: Extent = 1
    text: str = ""
    header: bool = False
    box: LineBox | None = None
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)


class Table(_Model):
    """A grid of ``rows`` x ``columns``; positions under a spanning cell have no cell of their own."""

    rows: Count
    columns: Count
    header_rows: Count = 0
    cells: list[Cell] = []

    def grid(self) -> list[list[Cell | None]]:
        """Cells by position: a spanning cell stands at its top left, ``None`` under the rest of it."""
        grid: list[list[Cell | None]] = [[None] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            grid[cell.row][cell.column] = cell
        return grid

    @property
    def has_spans(self) -> bool:
        return any(c.row_span > 1 or c.column_span > 1 for c in self.cells)


class Point(_Model):
    """One mark of a chart. ``text`` is the printed label, ``pixel`` its place in the input image."""

    x: str | float | None = None
    y: float | None = None
    text: str | None = None
    pixel: tuple[float, float] | None = None


class Series(_Model):
    name: str | None = None
    points: list[Point] = []


class Reliability(_Model):
    """How far a chart's numbers can be trusted, as :class:`Confidence` says of a block; ``distance`` is OneChart's
    auxiliary L1 distance.
    """

    score: float = Field(ge=0.0, le=1.0)
    reliable: bool
    distance: float | None = None
    checks: list[Check] = []


class Chart(_Model):
    """The data of one chart. ``values`` has the layout of OneChart's dict.

    ``box`` lies on the upright page, to which the file's page was turned by ``rotation`` and ``skew``, as in `Page`; they
    are not there where the chart stands in a document, whose pages say it.
    """

    source: str | None = None
    page: int | None = None
    rotation: int | None = None
    skew: float | None = None
    box: RoundedBox | None = None
    title: str | None = None
    x_title: str | None = None
    y_title: str | None = None
    chart_type: str | None = None
    values: dict[str, float | None] | dict[str, dict[str, float | None]] = {}
    series: list[Series] = []
    reliability: Reliability


class Link(_Model):
    """Words of a block that lead somewhere: ``target`` is an address that opens and runs nothing, or "#page-3"."""

    text: str = ""
    target: str
    box: RoundedBox


class OutlineEntry(_Model):
    """An entry of the file's outline: ``level`` counts from 1, ``page`` too."""

    level: int = Field(ge=1)
    title: str
    page: int = Field(ge=1)


FieldType = Literal["text", "checkbox", "radio", "choice"]


class FormField(_Model):
    """A field of a form. ``label`` is what is printed beside it, else what the file says that it is.

    ``value`` is the text or the choice, of radio buttons the name of the one that is chosen; ``checked`` is there for
    check boxes and radio buttons.
    """

    name: str
    type: FieldType
    label: str | None = None
    value: str | None = None
    checked: bool | None = None
    options: list[str] | None = None
    page: int = Field(ge=1)
    box: RoundedBox


class Failure(_Model):
    """What went wrong with a page or a block: in which ``stage``, of which kind; ``trace`` is for developers."""

    stage: str
    category: Literal["timeout", "crash", "limit", "damaged", "model"]
    message: str
    trace: str | None = None

    @field_validator("message", "trace")
    @classmethod
    def _is_unicode(cls, text: str | None) -> str | None:
        """What a library says of a damaged file may quote its bytes, which no JSON holds."""
        return text and text.encode("utf-8", "replace").decode()


class Block(_Model):
    """One region of a page, in reading order.

    ``text`` is Markdown: inline Markdown for headings, paragraphs, captions and footnotes, a whole
    Markdown list for lists, a GFM or HTML table for tables, and the bare source for code.
    ``reader`` is ``None`` while no reader has read the region (its ``asset`` shows it then).
    """

    id: str
    kind: Kind
    box: RoundedBox
    level: int | None = None
    text: str = ""
    lines: list[TextLine] = Field(default=[], description="the printed lines that it was read from")
    latex: str | None = None
    table: Table | None = None
    chart: Chart | None = None
    asset: str | None = None
    alt: str | None = Field(default=None, description="what a picture shows, in the file's own words")
    reader: Reader | None = None
    confidence: Confidence
    continues: str | None = Field(
        default=None, description="id of the block whose sentence or table this one continues"
    )
    target: str | None = Field(default=None, description="id of the table or picture that this caption names")
    links: list[Link] | None = None
    error: Failure | None = Field(
        default=None, description="why the block's reader failed; its text is the page's own"
    )

    @field_validator("table")
    @classmethod
    def _fits_a_page(cls, table: Table | None) -> Table | None:
        """Refuses a grid that would not fit into memory, which a damaged file may name."""
        if table is not None:
            rows = max([table.rows, *(cell.row + 1 for cell in table.cells)])
            columns = max([table.columns, *(cell.column + 1 for cell in table.cells)])
            if rows * columns > _MOST_PLACES:
                raise ValueError(f"a table of {rows} x {columns} does not fit on a page")
        return table


class TextLayer(_Model):
    """Whether the page's text layer was believed, and why (not)."""

    trusted: bool
    reason: str


class Page(_Model):
    """``number`` counts from 1; ``label`` is the page number printed on or stored with the page.

    ``width``, ``height`` and all boxes are in points of the upright page, which is the file's page (as a PDF viewer
    shows it, after ``/Rotate``) turned clockwise by ``rotation`` degrees, a multiple of 90, and then
    counter-clockwise by ``skew`` degrees about its centre: ``skew`` is positive where lines fell to the right. ``window``
    is there where the file's page is too large to be seen whole, or its type too small or large for its points: the part
    of it, in its points, that ``width`` and ``height`` are of. ``error`` says why the page could not be read, or not whole:
    then it has blocks all the same.
    """

    number: int = Field(ge=1)
    width: float
    height: float
    rotation: int = Field(default=0, ge=0, lt=360, multiple_of=90)
    skew: float = Field(default=0.0, gt=-180.0, lt=180.0)
    window: RoundedBox | None = None
    label: str | None = None
    blocks: list[Block] = []
    text_layer: TextLayer | None = None
    fields: list[FormField] | None = Field(
        default=None, description="the form fields on the page, each button alone"
    )
    error: Failure | None = None
    checks: list[Check] = []
    missing: list[TextLine] = Field(
        default=[], description="words that stand in no block; without text, print that nobody read"
    )

    @property
    def frame(self) -> Frame:
        """Maps points and boxes of this page to the file's own page, and back."""
        return Frame(self.width, self.height, self.rotation, self.skew, self.window)


class Content(_Model):
    """What a document holds, as its writers see it; :class:`docvlm.document.Document` adds what a user does with it."""

    schema_: Literal["docvlm/1"] = Field(default=SCHEMA, alias="schema")
    source: str
    sha256: str
    title: str | None = Field(default=None, description="the file's own, where the first page has it, too")
    author: str | None = Field(default=None, description="the file's own, where the first page has it, too")
    language: str | None = Field(default=None, description="the file's own, where the text is in its script")
    outline: list[OutlineEntry] | None = None
    warnings: list[str] | None = Field(default=None, description="what a reader of the whole should know")
    pages: list[Page] = []
    fields: list[FormField] | None = Field(
        default=None, description="the form fields, one for each name; of radio buttons the chosen one"
    )

    model_config = ConfigDict(extra="forbid", populate_by_name=True, ser_json_inf_nan="null")

    # Pictures that blocks' ``asset`` name, as PNG bytes by that name; never part of the JSON.
    _assets: dict[str, bytes] = {}

    @property
    def assets(self) -> dict[str, bytes]:
        """PNG bytes by the relative name that ``Block.asset`` holds; empty after loading from JSON."""
        return self._assets

    # Whether the writers of text put the words inside a picture under it; never part of the JSON, which has them always.
    _figure_text: bool = False

    @property
    def figure_text(self) -> bool:
        """Whether the words inside pictures are written under them (`docvlm.options.Options.figure_text`)."""
        return self._figure_text

    # Whether the writers of text print readers' comments; never part of the JSON, which has them always.
    _annotations: bool = False

    @property
    def annotations(self) -> bool:
        """Whether comments on the pages are written with their text (`docvlm.options.Options.annotations`)."""
        return self._annotations

    def blocks(self) -> Iterator[Block]:
        """All blocks of all pages in reading order."""
        for page in self.pages:
            yield from page.blocks
