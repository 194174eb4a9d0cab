"""Writes samples/truth/ from the same sources as the PDFs, and its index.json.

Usage: ``python samples/make/truth.py``. The rules are as narrow as the sources need. A footnote
follows the paragraph that calls it; floats follow the paragraph that they interrupt.
"""

import csv
import json
import re
from pathlib import Path

import invoice
import memo
import slides
import tables

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "truth"


def gfm(rows: list[list[str]], right: tuple[int, ...] = ()) -> str:
    rule = ["---:" if i in right else "---" for i in range(len(rows[0]))]
    return "\n".join("| " + " | ".join(r) + " |" for r in [rows[0], rule, *rows[1:]])


def html_table(head: list[list[tuple[str, int, int]]], body: list[list[str]]) -> str:
    out = ["<table>", "<thead>"]
    for line in head:
        out.append("<tr>" + "".join(
            "<th" + (f' rowspan="{r}"' if r > 1 else "") + (f' colspan="{c}"' if c > 1 else "") + f">{t}</th>" for t, r, c in line) + "</tr>")
    out += ["</thead>", "<tbody>", *("<tr>" + "".join(f"<td>{t}</td>" for t in row) + "</tr>" for row in body), "</tbody>", "</table>"]
    return "\n".join(out)


# --- Typst ---------------------------------------------------------------------------------------

def typst(name: str, shift: int, numbered: bool = False, title: str | None = None) -> str:
    text = (HERE / f"{name}.typ").read_text(encoding="utf-8")
    text = text.replace("'", "’")
    counters = [0] * 4
    notes = 0
    out: list[str] = [f"# {title}"] if title else []
    code = re.search(r"```.*?```", text, re.S)
    if code:
        text = text.replace(code[0], "@CODE@")
    table = re.search(r"\n(#v\(4pt\)\n)?#figure\(\n?\s*kind: table.*?\n\)\n|\n#figure\(kind: table.*?\]\)\)\n|\n#table\(.*?\]\)\n", text, re.S)
    if table:
        text = text.replace(table[0], "\n\n@TABLE@\n\n")
    text = re.sub(r"#list\(spacing: 5pt, (.*)\)", lambda m: "\n".join("- " + i for i in re.findall(r"\[(.*?)\]", m[1])), text)
    text = re.sub(r"#figure\(image\(\"(.*?)\".*\n", r"![](\1)\n", text)
    for block in re.split(r"\n\s*\n", text):
        lines = [n for n in block.splitlines() if n.strip() and not re.match(r"\s*(//|#(?!footnote)|\]\)?\s*$|(paper|margin|header|footer): |\)$)", n)]
        if not lines:
            continue
        head = re.match(r"(=+) (.*)", lines[0])
        if head:
            level = len(head[1])
            if numbered:
                counters[level - 1] += 1
                counters[level:] = [0] * (4 - level)
                label = ".".join(map(str, counters[:level])) + " "
            else:
                label = ""
            out.append("#" * (level + shift) + " " + label + head[2])
            lines = lines[1:]
            if not lines:
                continue
        if re.match(r"[+-] ", lines[0]):
            out.append("\n".join(listing(lines)))
            continue
        body = " ".join(lines)
        note = re.search(r"#footnote\[(.*?)\]", body)
        if note:
            notes += 1
            body = body.replace(note[0], f"<sup>{notes}</sup>")
        out.append(re.sub(r"(?<!\w)_(.+?)_(?!\w)", r"*\1*", body))
        if note:
            out.append(f"<sup>{notes}</sup> {note[1]}")
    result = "\n\n".join(out) + "\n"
    return result.replace("@CODE@", code[0] if code else "")


def listing(lines: list[str]) -> list[str]:
    """Typst markers to Markdown ones, with numbers counted and nested lines indented for CommonMark."""
    out, stack = [], []
    for line in lines:
        indent, mark, text = re.match(r"( *)([+-]) (.*)", line).groups()
        depth = len(indent) // 2
        stack = stack[: depth + 1]
        while len(stack) <= depth:
            stack.append([0, mark])
        stack[depth][0] += 1
        pad = "".join("   " if m == "+" else "  " for _, m in stack[:depth])
        out.append(pad + (f"{stack[depth][0]}. " if mark == "+" else "- ") + text)
    return out


def bracket_rows(name: str) -> list[list[str]]:
    text = (HERE / f"{name}.typ").read_text(encoding="utf-8")
    found = [re.findall(r"\[(.*?)\]", line) for line in text.splitlines() if line.startswith("  [")]
    return [[c.replace("*", "") for c in row] for row in found]


# --- LaTeX ---------------------------------------------------------------------------------------

def inline(text: str) -> str:
    text = re.sub(r"\\emph\{(.*?)\}", r"*\1*", text)
    text = text.replace("\\,", " ").replace("~", " ").replace("--", "–")
    return " ".join(text.split()).replace("'", "’")


def paper() -> str:
    text = (HERE / "paper.tex").read_text(encoding="utf-8")
    text = text[text.index("\\begin{abstract}"):text.index("\\begin{thebibliography}")]
    text = text.replace("\\begin{abstract}", "\n\n@HEAD@Abstract\n\n").replace("\\end{abstract}", "\n\n").replace("\\noindent ", "")
    text = re.sub(r"\\begin\{(table\*|figure)\}.*?\\end\{\1\}", "", text, flags=re.S)
    out = ["# Estimating Drift in Low-Cost River Gauges from Neighbouring Stations", "Marit Solheim, Daniel Okoro, Hana Veselá",
           "Institute of Applied Hydrology, Western Fjord University"]
    equation = 0

    def display(match: re.Match[str]) -> str:
        nonlocal equation
        equation += 1
        return "\n\n$$" + " ".join(match[1].split()) + f" \\tag{{{equation}}}$$\n\n"

    text = re.sub(r"\\begin\{equation\}(.*?)\\label\{.*?\}\s*\\end\{equation\}", display, text, flags=re.S)
    text = text.replace("Table~\\ref{tab:results}", "Table 1").replace("Figure~\\ref{fig:drift}", "Figure 1")
    numbers = [0, 0]
    for block in re.split(r"\n\s*\n|(?<=\})\n(?=\\?[A-Z])", re.sub(r"(\\(?:sub)?section\{.*?\})", r"\n\n\1\n\n", text)):
        block = block.strip()
        if not block:
            continue
        if block.startswith("@HEAD@"):
            out.append("## " + block[6:])
        elif match := re.match(r"\\(sub)?section\{(.*?)\}", block):
            if match[1]:
                numbers[1] += 1
                out.append(f"### {numbers[0]}.{numbers[1]} {match[2]}")
            else:
                numbers = [numbers[0] + 1, 0]
                out.append(f"## {numbers[0]} {match[2]}")
        elif block.startswith("$$"):
            out.append(block)
        else:
            note = re.search(r"\\footnote\{(.*?)\}", block)
            body = inline(block.replace(note[0], "<sup>1</sup>") if note else block)
            out.append(body)
            if note:
                out.append("<sup>1</sup> " + inline(note[1]))
            if body.startswith("Rainfall comes"):
                out += floats()
    out.append("## References")
    bib = (HERE / "paper.tex").read_text(encoding="utf-8")
    for number, entry in enumerate(re.findall(r"\\bibitem\{.*?\} (.*)", bib), 1):
        out.append(f"[{number}] {inline(entry)}")
    return "\n\n".join(out) + "\n"


def floats() -> list[str]:
    source = (HERE / "paper.tex").read_text(encoding="utf-8")
    captions = [inline(c) for c in re.findall(r"\\caption\{(.*?)\}\n", source)]
    rows = re.findall(r"^([A-Z][\w ]+(?: & [\d.]+){7}) \\\\", source, re.M)
    head = [[("Catchment", 2, 1), ("Gauges", 2, 1), ("Raw", 1, 2), ("Linear", 1, 2), ("Proposed", 1, 2)],
            [(t, 1, 1) for t in ("Spring", "Autumn") * 3]]
    return [f"Table 1: {captions[0]}", html_table(head, [r.split(" & ") for r in rows]), "![](figure-1.png)", f"Figure 1: {captions[1]}"]


def minutes() -> str:
    text = (HERE / "minutes.tex").read_text(encoding="utf-8")
    rows = [r.split(" & ") for r in re.findall(r"^([A-Z][\w ]+ & .*?) \\\\", text, re.M)]
    text = text[text.index("\\section*"):text.index("\\end{document}")]
    text = re.sub(r"\\begin\{center\}.*?\\end\{center\}", "@TABLE@", text, flags=re.S)
    text = re.sub(r"\\(sub)?section\*\{(.*?)\}", lambda m: "\n\n" + ("## " if m[1] else "# ") + m[2] + "\n\n", text)
    number = iter(range(1, 9))
    text = re.sub(r"\\(begin|end)\{enumerate\}(\[.*?\])?", "\n", text)
    text = re.sub(r"\\item ", lambda _: f"{next(number)}. ", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip().replace("'", "’")
    return text.replace("@TABLE@", gfm(rows, (1, 2))) + "\n"


# --- the others ----------------------------------------------------------------------------------

def office(name: str, found: dict[str, str]) -> str:
    text = (HERE / f"{name}.html").read_text(encoding="utf-8")
    text = text[text.index("<body>") + 6:text.index("</body>")]
    text = re.sub(r"<table.*?</table>", "@TABLE@", text, flags=re.S).replace("<br>", "")
    for tag, mark in (("h1", "# "), ("h2", "## "), ("p", "")):
        text = re.sub(rf"<{tag}>(.*?)</{tag}>", rf"\n\n{mark}\1\n\n", text)
    for key, table in found.items():
        text = text.replace(key, f"\n\n{table}\n\n")
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def financial() -> str:
    body = [[f"**{t}**" if t and row[0] in ("Total", "Profit for the year") else t for t in row] for row in tables.rows(tables.FINANCIAL)]
    body = [[re.sub(r"\*\*(.*)\*\*", r"<strong>\1</strong>", t) for t in row] for row in body]
    return office("financial", {"@TABLE@": html_table(tables.FINANCIAL_HEAD, body)})


def norules() -> str:
    return office("norules", {"@TABLE1@": gfm(tables.rows(tables.CROSSINGS), (1, 2, 3, 4)), "@TABLE2@": gfm(tables.rows(tables.BIRDS), (2, 3))})


def invoice_text() -> str:
    source = (HERE / "invoice.py").read_text(encoding="utf-8")
    prose = ["".join(re.findall(r'"((?:[^"\\])*)"', m)) for m in re.findall(r'Paragraph\(((?:"[^"]*"\s*)+), BODY\)', source)]
    prose = [p for p in prose if not p.startswith("<b>")]
    rows = [list(r) for r in invoice.LINES]
    rows[-1] = [f"**{t}**" if t else "" for t in rows[-1]]
    return "\n\n".join([
        "# Invoice", prose[0].replace("&amp;", "&"), "**Bill to**\nClara Whitfield\nHafenstrasse 12\n88131 Lindau\nGermany",
        "**Invoice number** 2025-0418\n**Invoice date** 14 May 2025\n**Customer number** K-20931\n**Due date** 13 June 2025",
        prose[1], gfm(rows, (2, 3, 4)), "## Payment", prose[2], "## Warranty", prose[3]]) + "\n"


def deck() -> str:
    out = []
    for number, (title, extra, bullets) in enumerate(slides.SLIDES):
        out.append(("## " if number else "# ") + title)
        if bullets is None:
            out.append(extra or "")
        else:
            out.append("\n".join(line for a, subs in bullets for line in ["- " + a, *("  - " + b for b in subs)]))
            if extra:
                out.append("![](slides-path.png)")
    return "\n\n".join(out) + "\n"


def watch() -> str:
    return "\n\n".join(part for title, paragraphs in (memo.FIRST, memo.SECOND) for part in ["# " + title, *paragraphs]) + "\n"


def report() -> str:
    with (HERE / "report-table.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    text = typst("report", 1, numbered=True, title="Municipal Library Network: Annual Service Report")
    table = gfm([["Branch", "Half", "Loans", "Visits", "Attendance"], *rows], (2, 3, 4))
    return text.replace("@TABLE@", "Table 1: Use of the branches by half-year in 2025.\n\n" + table)


def main() -> None:
    OUT.mkdir(exist_ok=True)
    rows = bracket_rows("chinese")
    chinese = typst("chinese", 0).replace("@TABLE@", "表 1　各季度收成（单位：公斤）\n\n" + gfm(rows, (1, 2, 3)))
    sideways = typst("sideways", 0).replace("@TABLE@", gfm(bracket_rows("sideways"), (1, 2, 3, 4)))
    texts = {"paper": paper(), "report": report(), "financial": financial(), "norules": norules(), "invoice": invoice_text(), "slides": deck(),
             "newsletter": typst("newsletter", 0), "chinese": chinese, "rotated": typst("rotated", 0), "sideways": sideways,
             "wrong-text": typst("wrong-text", 0), "minutes": minutes(), "blank-page": watch()}
    for name, text in texts.items():
        (OUT / f"{name}.md").write_text(text, encoding="utf-8")

    report_lines = ["Harrow Vale Libraries", "Annual Service Report 2025", "Prepared for the Culture Committee", *(f"Page {n} of 4" for n in range(1, 5))]
    paper_lines = ["Sensing Letters, Vol. 12, No. 3", "Drift in low-cost river gauges"]
    invoice_lines = ["Brandt & Sohn Joinery Ltd. | Registered in Lindau, HRB 40217 | VAT ID DE 811 204 553"]
    index: dict[str, dict[str, object]] = {}

    def add(file: str, truth: str, pages: int, producer: str, kind: str = "born-digital", furniture: list[str] | None = None,
            password: str | None = None) -> None:
        index[file] = {"truth": f"{truth}.md", "kind": kind, "pages": pages, "password": password, "furniture": furniture or [], "producer": producer}

    add("paper.pdf", "paper", 2, "pdfLaTeX", furniture=paper_lines)
    add("report.pdf", "report", 4, "Typst", furniture=report_lines)
    add("financial.pdf", "financial", 1, "LibreOffice Writer")
    add("norules.pdf", "norules", 1, "LibreOffice Writer")
    add("invoice.pdf", "invoice", 1, "reportlab", furniture=invoice_lines)
    add("slides.pdf", "slides", 4, "LibreOffice Impress", furniture=[slides.FOOTER])
    add("newsletter.pdf", "newsletter", 1, "Typst", furniture=["The Quayside Courier", "Issue 27, Autumn 2025", "www.quayside-courier.example"])
    add("chinese.pdf", "chinese", 1, "Typst", furniture=["第 1 页"])
    add("rotated.pdf", "rotated", 2, "Typst and PyMuPDF")
    add("sideways.pdf", "sideways", 1, "Typst and PyMuPDF")
    add("wrong-text.pdf", "wrong-text", 1, "Typst and PyMuPDF")
    add("encrypted.pdf", "minutes", 1, "XeLaTeX and PyMuPDF", password="docvlm")
    add("blank-page.pdf", "blank-page", 3, "reportlab")
    add("scan-report.pdf", "report", 4, "Typst, degraded", "scan", report_lines)
    add("scan-paper.pdf", "paper", 2, "pdfLaTeX, degraded", "scan", paper_lines)
    add("scan-invoice.pdf", "invoice", 1, "reportlab, degraded", "scan", invoice_lines)
    add("page.jpg", "minutes", 1, "XeLaTeX, as a JPEG", "scan")
    add("pages.tif", "rotated", 2, "Typst, as a black and white TIFF", "scan")
    (OUT / "index.json").write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
