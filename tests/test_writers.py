"""Writers, checked by real readers of what they write: markdown-it, html5lib, TeX."""

from __future__ import annotations

import csv as csv_reader
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import html5lib
import pymupdf
import pytest
from conftest import SAMPLES, needs_latex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import docvlm as library
from docvlm import inline
from docvlm.document import Document
from docvlm.latex.commands import (
    KNOWN,
    SET_DELIMITERS,
    SET_OPERATORS,
    SET_SYMBOLS,
    SET_TEXTS,
    SET_WITH_ARGUMENTS,
    TAKES,
)
from docvlm.schema import (
    Block,
    Cell,
    Chart,
    Confidence,
    Failure,
    Kind,
    Page,
    Point,
    Reliability,
    Series,
    Table,
)
from docvlm.tables import text as tables
from docvlm.tables.cells import by_row, sound
from docvlm.writers import chart_table, csv
from docvlm.writers import json as json_writer

_ASSET = "a_assets/x y.png"
# Wider than a line of text, whatever resolution TeX takes it to have.
_WIDE_PICTURE = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 3000, 200)).tobytes("png")
SURE = Confidence(score=0.97, reliable=True)
MARKUP = "*_`[]<>$\\|~#-+=!&;:()1.9ab é漢\u00ad\u2028"
TEXT = st.text(
    st.one_of(st.sampled_from(MARKUP), st.characters(exclude_categories=["Cs", "Cc"])), max_size=40
)


def block(kind: Kind, text: str = "", id: str = "b", **fields: object) -> Block:
    return Block.model_validate(
        {"id": id, "kind": kind, "box": (0, 0, 10, 10), "text": text, "confidence": SURE, **fields}
    )


def document(*blocks: Block, error: Failure | None = None) -> Document:
    page = Page(number=1, width=612, height=792, blocks=list(blocks), error=error)
    return Document(source="a.pdf", sha256="0", pages=[page])


def simple_table(rows: list[list[str]], header_rows: int = 1) -> Table:
    cells = [
        Cell(row=r, column=c, text=text, header=r < header_rows)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    return Table(rows=len(rows), columns=len(rows[0]), header_rows=header_rows, cells=cells)


def squeezed(text: str) -> str:
    return " ".join(text.split())


# Inline Markdown


@given(TEXT)
@settings(max_examples=500)
def test_escaped_text_reads_back_as_itself(text: str) -> None:
    assert inline.plain(inline.escape(text)) == squeezed(text)


@given(TEXT)
@settings(max_examples=500)
def test_escaped_text_is_one_plain_paragraph(text: str) -> None:
    tokens = inline.parser().parse(inline.escape(text))
    kinds = [token.type for token in tokens]
    assert kinds == (["paragraph_open", "inline", "paragraph_close"] if text.strip(" \t\n\r\f\v") else [])
    assert all(child.type == "text" for token in tokens for child in token.children or [])


@pytest.mark.parametrize(
    "text",
    [
        "It cost 5 or 6 euros (see [12], p. 3).",
        "snake_case and 2 * 3 < 7",
        "a-b, C#, x|y, ~5, R&D",
        "1 2. item",
    ],
)
def test_ordinary_text_gets_no_backslash(text: str) -> None:
    assert inline.escape(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("$5", "\\$5"),
        ("# a", "\\# a"),
        ("1. a", "1\\. a"),
        ("- a", "\\- a"),
        ("> a", "\\> a"),
        ("*a*", "\\*a\\*"),
    ],
)
def test_markup_is_escaped(text: str, escaped: str) -> None:
    assert inline.escape(text) == escaped


@given(TEXT, st.booleans(), st.booleans(), st.booleans())
def test_style_keeps_words(text: str, mono: bool, superscript: bool, subscript: bool) -> None:
    assert inline.plain(
        inline.styled(text, mono=mono, superscript=superscript, subscript=subscript)
    ) == squeezed(text)


def test_styles() -> None:
    assert inline.styled(" a ", bold=True) == " **a** "
    assert inline.styled("a", bold=True, italic=True) == "***a***"
    assert inline.styled("`", mono=True) == "`` ` ``"
    assert inline.styled("2", superscript=True) == "<sup>2</sup>"
    assert inline.styled("  ", bold=True) == " "


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ("exam-", "ple", "example"),
        ("exam\u00ad", "ple", "example"),
        ("self-", "aware", "self-aware"),
        ("state-of-", "the-art", "state-of-the-art"),
        ("Jean-", "Paul", "Jean- Paul"),
        ("3-", "a", "3- a"),
        ("one", "two", "one two"),
        ("漢字", "かな", "漢字かな"),
        ("漢字", "abc", "漢字 abc"),
        ("", "a", "a"),
        ("a", " ", "a"),
    ],
)
def test_join(left: str, right: str, joined: str) -> None:
    assert inline.join(left, right) == joined


def test_known_tags_balance_and_others_are_text() -> None:
    kinds = [t.type for t in inline.children("a<sup>1</sup> <sub>x <script>y</script> *<sup>z*</sup>")]
    assert kinds.count("sup_open") == kinds.count("sup_close") == 1
    assert not {"sub_open", "html_inline"} & set(kinds)


# The flow


def test_a_paragraph_continues_over_a_footnote() -> None:
    result = document(
        block("paragraph", "first exam-", "p"),
        block("footnote", "1 note", "f"),
        block("header", "running head", "h"),
        block("paragraph", "ple and", "q", continues="p"),
        block("paragraph", "the end", "r", continues="q"),
    ).to_markdown()
    assert result == "first example and the end\n\n1 note\n"


def test_a_continued_table_loses_its_repeated_header() -> None:
    first, second = simple_table([["a", "b"], ["1", "2"]]), simple_table([["a", "b"], ["3", "4"]])
    result = document(
        block("table", id="t", table=first), block("table", id="u", table=second, continues="t")
    )
    assert result.to_markdown().splitlines() == ["| a | b |", "| --- | --- |", "| 1 | 2 |", "| 3 | 4 |"]
    assert csv.tables(result) == {"t": "a,b\n1,2\n3,4\n"}


def test_blocks_of_unlike_kinds_stay_apart() -> None:
    result = document(block("picture", id="p", asset="a b.png"), block("paragraph", "x", continues="p"))
    assert result.to_markdown() == "![picture](a%20b.png)\n\nx\n"


# Markdown


def test_markdown_of_each_kind() -> None:
    chart = Chart(
        series=[Series(points=[Point(x="2019", y=4.0)])], reliability=Reliability(score=0.93, reliable=True)
    )
    doc = document(
        block("heading", "Title #", level=2),
        block("list", "- a\n  - b"),
        block("code", "```\nx"),
        block("formula", latex="x\n\ny"),
        block("chart", id="c", chart=chart, asset="a_assets/c.png"),
        block("caption", "Figure 1: *sales* [all]", target="c"),
        error=Failure(stage="layout", category="crash", message="a --> b"),
    )
    assert doc.to_markdown() == (
        "## Title \\#\n\n- a\n  - b\n\n````\n```\nx\n````\n\n$$\nx\ny\n$$\n\n"
        "![Figure 1: sales \\[all\\]](a_assets/c.png)\n\n| x | y |\n| --- | --- |\n| 2019 | 4 |\n\n"
        "*chart data, reliability 0.93*\n\nFigure 1: *sales* [all]\n\n"
        "<!-- page 1: a - -> b (layout, crash) -->\n"
    )


CELLS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(TEXT, min_size=n, max_size=n), min_size=1, max_size=4)
)


@given(CELLS)
def test_gfm_tables_parse_back(rows: list[list[str]]) -> None:
    table = simple_table([[inline.escape(text) for text in row] for row in rows])
    parsed = tables.from_text(tables.markdown(table))
    assert parsed is not None
    assert [[inline.plain(c.text) for c in row] for row in by_row(parsed)] == [
        [squeezed(text) for text in row] for row in rows
    ]


@st.composite
def spanning_tables(draw: st.DrawFn) -> Table:
    cells = st.builds(
        Cell,
        row=st.integers(0, 4),
        column=st.integers(0, 4),
        row_span=st.integers(1, 3),
        column_span=st.integers(1, 3),
        text=TEXT.map(inline.escape),
    )
    drawn = draw(st.lists(cells, min_size=1, max_size=8))
    headers = draw(st.sampled_from([0, 2]))
    table = Table(rows=5, columns=5, header_rows=headers, cells=drawn)
    for cell in table.cells:
        cell.header = cell.row < headers
    return sound(table)


@given(spanning_tables())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_html_tables_parse_back(table: Table) -> None:
    text = tables.markdown(table)
    assert "\n\n" not in text
    parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(text)
    rows = list(parsed.iter("tr"))
    found = [
        [(int(c.get("rowspan", 1)), int(c.get("colspan", 1)), squeezed("".join(c.itertext()))) for c in row]
        for row in rows
    ]
    assert found == [
        [(c.row_span, c.column_span, inline.plain(c.text)) for c in row] for row in by_row(table)
    ]


def test_a_broken_table_is_made_sound() -> None:
    cells = [Cell(row=0, column=0, row_span=9, column_span=9, text="a"), Cell(row=1, column=1, text="b")]
    table = sound(Table(rows=0, columns=0, cells=cells))
    assert [(c.row, c.column, c.row_span, c.column_span) for c in table.cells] == [(0, 0, 2, 2)]


@pytest.mark.parametrize(
    "damage",
    [
        {"rows": 10**9},
        {"columns": 10**9},
        {"rows": 1000, "columns": 1000},
        {"cells": [{"row": 10**9, "column": 0}]},
        {"cells": [{"row": 999, "column": 0}, {"row": 0, "column": 999}]},
        {"cells": [{"row": 0, "column": 0, "row_span": 10**9}]},
    ],
)
def test_a_table_larger_than_any_page_is_refused(damage: dict[str, Any]) -> None:
    kept = json.loads(document(block("table", "a", table=simple_table([["a"]]))).to_json())
    kept["pages"][0]["blocks"][0]["table"] |= damage
    with pytest.raises(ValidationError, match="table"):
        Document.from_json(json.dumps(kept))


def test_html_text_becomes_a_table() -> None:
    text = "<table><tr><th colspan=2>a<th>b<tr><td rowspan=2>1<td>*2*<br>x<td>3<tr><td>4<td>5</table>"
    table = tables.from_text(text)
    assert table is not None
    assert (table.rows, table.columns, table.header_rows) == (3, 3, 1)
    assert [c.column for c in table.cells] == [0, 2, 0, 1, 2, 1, 2]
    assert table.cells[3].text == "\\*2\\*\nx"


# Charts


def test_chart_tables() -> None:
    sure = Reliability(score=0.5, reliable=False)
    several = Chart.model_validate(
        {"values": {"N": {"a": 1.0, "b": None}, "S": {"b": 2.5}}, "x_title": "k", "reliability": sure}
    )
    assert csv.chart(several) == "k,N,S\na,1,\nb,,2.5\n"
    scatter = Chart(series=[Series(points=[Point(x=1.0, y=2.0), Point(x=1.0, y=3.0)])], reliability=sure)
    assert csv.chart(scatter) == "series,x,y\n,1,2\n,1,3\n"
    assert chart_table.reliability(several) == "chart data, reliability 0.50, unreliable"
    assert '"title": null' in json_writer.chart(several)


@pytest.mark.parametrize(("score", "printed"), [(0.05, False), (0.3, True)])
def test_numbers_that_are_hardly_likely_are_not_printed(score: float, printed: bool) -> None:
    seen = Chart(
        series=[Series(points=[Point(x="CASE", y=53.6)])],
        reliability=Reliability(score=score, reliable=False),
    )
    written = document(block("picture", chart=seen, asset=_ASSET))
    for text in (written.to_markdown(), written.to_html(), written.to_latex()):
        assert ("53.6" in text) == printed
    assert "53.6" in written.to_json()


@given(CELLS)
def test_csv_parses_back(rows: list[list[str]]) -> None:
    table = simple_table([[inline.escape(text) for text in row] for row in rows])
    found = list(csv_reader.reader(io.StringIO(csv.table(table), newline="")))
    assert [row or [""] for row in found] == [[squeezed(text) for text in row] for row in rows]


# Whole documents


KINDS = st.sampled_from(
    ["heading", "paragraph", "list", "table", "formula", "picture", "caption", "code", "footnote"]
)
NAMES = st.sampled_from(["p1b1", "p1b2", "p2b1", "t"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    blocks = st.builds(
        block,
        kind=KINDS,
        text=TEXT,
        id=NAMES,
        latex=st.none() | TEXT,
        table=st.none() | spanning_tables(),
        asset=st.none() | st.just(_ASSET),
        continues=st.none() | NAMES,
        target=st.none() | NAMES,
        level=st.none() | st.integers(-1, 9),
    )
    pages = draw(st.lists(st.lists(blocks, max_size=4), max_size=3))
    error = Failure(stage="s", category="crash", message=draw(TEXT))
    return Document(
        source=draw(TEXT),
        sha256="",
        pages=[Page(number=n, width=1, height=1, blocks=b, error=error) for n, b in enumerate(pages, 1)],
    )


@given(documents())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_document_survives_json_and_is_valid_html(doc: Document) -> None:
    again = Document.from_json(doc.to_json())
    assert again == doc
    assert again.to_markdown() == doc.to_markdown()
    html5lib.HTMLParser(strict=True).parse(doc.to_html())
    assert doc.to_latex().endswith("\\end{document}\n")


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1)) ![y](http://tracker/p.png)",
    "</pre></style><svg/onload=alert(1)>",
    "<sup onclick=alert(1)>x</sup>",
]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize(
    "kind", ["heading", "paragraph", "list", "table", "formula", "picture", "code", "footnote"]
)
def test_words_never_become_active_html(kind: Kind, evil: str) -> None:
    table = simple_table([[evil]]) if kind == "table" else None
    doc = document(
        block(kind, evil, id=evil, latex=evil, table=table, asset=evil), block("caption", evil, target=evil)
    )
    doc.source = evil
    parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(doc.to_html())
    assert not [e for e in parsed.iter() if e.tag in ("script", "svg")]
    assert not [name for e in parsed.iter() for name in e.attrib if str(name).startswith("on")]
    assert not [e for e in parsed.iter("a") if "javascript" in e.get("href", "")]
    assert not [e for e in parsed.iter("img") if e.get("src", "").startswith("http")]


def test_html_holds_pictures_and_provenance() -> None:
    doc = document(block("picture", id="i", asset="a_assets/i.png"), block("caption", "Fig. 1", target="i"))
    doc.assets["a_assets/i.png"] = b"\x89PNG"
    page = doc.to_html()
    assert 'src="data:image/png;base64,iVBORw==" alt="Fig. 1"' in page
    assert (
        'data-box="0 0 10 10" data-kind="picture" data-id="i" data-score="0.97" data-reliable="true"' in page
    )
    assert page.index("<figcaption>") < page.index("</figure>")


# LaTeX

RICH = [
    block("heading", "Specials \\# % & _ { } ^ \\~ \\\\ \\$ “q” `a_b`", level=1),
    block(
        "paragraph",
        "α Ελλάδα Привет ≤ → ½ € x<sup>2</sup> ~~s~~ 😀 [l](http://a.b/c_d%20#x) $a_1^2$ ﬁ é̋ -- ,, <<",
    ),
    block(
        "list",
        "3. [a]\n   - b\n     1. c\n        - d\n          - e\n\n            ```\n            x\n",
    ),
    block("code", "\\end{alltt} \\end{verbatim}\n\t{--}$%&#_^~ 漢"),
    block("table", table=simple_table([["[a]", "*b*"], ["x " * 90, "1\n2"]])),
    block("table", table=simple_table([[str(n), "*"] for n in range(60)])),
    block("picture", asset="no such_assets/x#1%.png"),
    block("footnote", "1 note"),
]
FORMULAS = [
    r"\frac{a}{b} + x^2^3 + x'' ^2 \sum\limits_{i=1}^n \left( a \middle| b \right]",
    r"\begin{pmatrix} a & b \\ c \end{pmatrix}",
    r"a &= b \\ [c] &= d",
    r"\begin{array}{c} a & b & c \\ \hline [1] \end{array}",
    r"\input{/etc/passwd}",
    r"\frac{1}",
    r"}{",
    r"\left(",
    r"\begin{align*} x &= 1 \tag{3} \end{align*}",
    r"\write18{ls} \foo_a",
    r"\text{if $x$ 漢 50%}",
    r"\sqrt[3]{x} \operatorname*{argmin}_x \mathbb{R} \bigl( \bigr) ≤ é # $ % ~",
    r"x^",
    r"\\",
    "",
    r"\cases{a}",
    r"\substack{a \\ b} \overset{a}{=} \xrightarrow{f} \bmod 3 \degree",
    r"\end{document}",
    r"\catcode`\%=1",
    r"\hat\frac",
    r"\begin{cases} a & b & c \\ d \end{cases}",
    r"\left. x \right\rangle_a^b",
    r"\mathrm d x \, \mathbf{v}",
    "a\n\nb",
]


for_each_engine = pytest.mark.parametrize(
    "engine",
    [
        pytest.param("pdflatex", marks=needs_latex("output")),
        pytest.param("xelatex", marks=needs_latex("output", "xelatex")),
    ],
)


def compiled(engine: str, doc: Document, folder: Path) -> bytes:
    doc.save(folder / "a.tex")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
    return (folder / "a.pdf").read_bytes()


@for_each_engine
def test_latex_compiles(engine: str, tmp_path: Path) -> None:
    formulas = [block("formula", latex=latex) for latex in FORMULAS]
    spanning = Table(
        rows=3,
        columns=3,
        header_rows=1,
        cells=[
            Cell(row=0, column=0, column_span=2, text="wide", header=True),
            Cell(row=1, column=0, row_span=2, column_span=2, text="both"),
            Cell(row=1, column=2, row_span=2, text="tall"),
        ],
    )
    chart = Chart(
        series=[Series(points=[Point(x="a_b", y=1.0)])], reliability=Reliability(score=0.2, reliable=False)
    )
    blocks = [*RICH, *formulas, block("table", table=spanning), block("chart", chart=chart)]
    error = Failure(stage="s", category="crash", message="100% \\bad\nline")
    assert compiled(engine, document(*blocks, error=error), tmp_path).startswith(b"%PDF")


@for_each_engine
def test_latex_of_a_sample_with_a_picture_compiles_beside_its_assets(engine: str, tmp_path: Path) -> None:
    read = library.convert(SAMPLES / "charts.pdf", pages="1")
    assert read.assets
    pdf = compiled(engine, read, tmp_path)
    with pymupdf.open(stream=pdf, filetype="pdf") as made:
        assert sum(len(page.get_images()) for page in made) >= len(read.assets)


@for_each_engine
def test_whatever_a_formula_may_use_compiles(engine: str, tmp_path: Path) -> None:
    symbols = sorted(KNOWN - {r"\left", r"\begin", r"\substack"} | SET_SYMBOLS | SET_OPERATORS)
    taking = [name + "[a]" * (TAKES[name][0] == "o") + "{a}{b}" for name in sorted(SET_WITH_ARGUMENTS)]
    texts = [f"{name}{{a}}" for name in sorted(SET_TEXTS)]
    fences = [rf"\left{left} a \Big{left} \right." for left in sorted(SET_DELIMITERS)]
    latex = [
        *(symbol if symbol not in TAKES else f"{symbol}{{a}}{{b}}" for symbol in symbols),
        *taking,
        *texts,
        *fences,
    ]
    doc = document(*(block("formula", latex=each) for each in latex))
    assert compiled(engine, doc, tmp_path).startswith(b"%PDF")
    assert r"\textbackslash" not in doc.to_latex()


@for_each_engine
def test_a_picture_is_no_wider_than_the_lines(engine: str, tmp_path: Path) -> None:
    doc = document(block("picture", asset="a_assets/p1 b1.png"))
    doc.assets["a_assets/p1 b1.png"] = _WIDE_PICTURE
    with pymupdf.open(stream=compiled(engine, doc, tmp_path)) as pdf:
        [[image]] = [page.get_image_info() for page in pdf]
        left, _, right, _ = image["bbox"]
        margin = 25 / 25.4 * 72
        assert left == pytest.approx(margin, abs=1)
        assert right == pytest.approx(pdf[0].rect.width - margin, abs=1)


@for_each_engine
def test_an_empty_document_compiles(engine: str, tmp_path: Path) -> None:
    error = Failure(stage="s", category="crash", message="")
    assert compiled(engine, document(error=error), tmp_path).startswith(b"%PDF")


def test_dangerous_latex_is_printed_not_run() -> None:
    doc = document(
        *(block("formula", latex=latex) for latex in FORMULAS), block("paragraph", r"$\input{x}$ \input{y}")
    )
    body = doc.to_latex().split(r"\begin{document}")[1].rsplit(r"\end{document}", 1)[0]
    for command in (r"\input", r"\write", r"\catcode", r"\end{document}", r"\foo"):
        assert command not in body


@for_each_engine
@given(doc=documents())
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_any_document_compiles(engine: str, doc: Document, tmp_path_factory: pytest.TempPathFactory) -> None:
    doc.assets[_ASSET] = _WIDE_PICTURE
    compiled(engine, doc, tmp_path_factory.mktemp("tex"))
