"""Mathematics in cells of tables: what becomes LaTeX, and what stays text."""

from __future__ import annotations

import pytest
from conftest import needs_latex

from docvlm import convert
from docvlm.document import Document
from docvlm.roles import Models
from docvlm.schema import Block
from training.text import tex

needs_tex = needs_latex("tables")

_WORDS = (
    "A few words of text come first and fill a line or two of the page, so that there is more than a table."
)


def _table(rows: str, columns: str = "llrr", rule: str = r"\hline") -> tuple[Document, Block]:
    source = rf"""\documentclass{{article}}\usepackage{{booktabs,amsmath,amssymb}}\pagestyle{{empty}}
\begin{{document}}{_WORDS}
\begin{{center}}\begin{{tabular}}{{{columns}}}{rule} {rows}{rule}\end{{tabular}}\end{{center}}
{_WORDS}\end{{document}}"""
    data, _ = tex.set_document(source)
    document = convert(data)
    (block,) = (block for block in document.blocks() if block.kind == "table")
    return document, block


def _texts(block: Block) -> list[list[str]]:
    assert block.table is not None
    return [[cell.text if cell else "" for cell in row] for row in block.table.grid()]


@needs_tex
def test_formulas_in_cells_become_latex_and_numbers_stay() -> None:
    document, block = _table(
        r"""Parameter & Meaning & $\alpha=0.1$ & $R^2$ \\ \hline
        $\lambda_i$ & decay of $x_i$ & $0.31\pm0.02$ & $0.95^{*}$ \\
        $\hat\beta$ & slope & $-1.25$ & $0.87^{**}$ \\
        $\sigma^2$ & variance & $1.5\times10^{-3}$ & $0.12^{a}$ \\
        $p$-value & of the test & $<0.001$ & 12\,\% \\"""
    )
    assert _texts(block) == [
        ["Parameter", "Meaning", r"$\alpha=0.1$", "$R^2$"],
        [r"$\lambda_i$", "decay of $x_i$", "0.31 ± 0.02", "0.95<sup>∗</sup>"],
        [r"$\hat{\beta}$", "slope", "−1.25", "0.87<sup>∗∗</sup>"],
        [r"$\sigma^2$", "variance", r"$1.5\times10^{-3}$", "0.12<sup>a</sup>"],
        ["$p$-value", "of the test", "< 0.001", "12 %"],
    ]
    assert any(check.name == "formulas" for check in block.confidence.checks)
    assert r"decay of $x_i$ |" in document.to_markdown()
    assert r"decay of \(x_i\)" in document.to_latex().replace("$x_i$", r"\(x_i\)")
    assert r'<td>decay of <span class="math">\(x_i\)</span></td>' in document.to_html()


@needs_tex
def test_a_table_with_rules_keeps_its_grid() -> None:
    _, block = _table(
        r"""Case & $x<0$ & $x\geq0$ \\ \hline First & $\sin x$ & $\frac{1}{1+e^{-x}}$ \\ \hline
        Second & $\sum_{i=1}^n x_i$ & $\mathcal{O}(n\log n)$ \\""",
        "|l|c|c|",
    )
    assert _texts(block) == [
        ["Case", "$x<0$", r"$x\geq0$"],
        ["First", r"$\sin x$", r"$\frac{1}{1+e^{-x}}$"],
        ["Second", r"$\sum_{i=1}^nx_i$", r"$\mathcal{O}(n\log n)$"],
    ]


@needs_tex
def test_a_plain_table_asks_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = r"""Method & Accuracy & Error & Time \\ \hline
        Ours & $93.1\pm0.2$ & $-0.31$ & $3\times3$ \\ Base & $91.0\pm0.4$ & $<0.01$ & 12\,\% \\
        Other & $90.2^{*}$ & $\geq 3$ & 5\,$\mu$m \\ Last & $88.5^{\dagger}$ & $\sim 2$ & 2\,k$\Omega$ \\"""
    monkeypatch.setattr(Models, "formula", lambda _: pytest.fail("there is nothing to read"))
    _, block = _table(rows, "lrrr")
    assert _texts(block)[1:] == [
        ["Ours", "93.1 ± 0.2", "−0.31", "3 × 3"],
        ["Base", "91.0 ± 0.4", "< 0.01", "12 %"],
        ["Other", "90.2<sup>∗</sup>", "≥ 3", "5 µm"],
        ["Last", "88.5<sup>†</sup>", "∼ 2", "2 k\u2126"],
    ]
