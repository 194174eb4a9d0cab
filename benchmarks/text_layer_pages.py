"""Pages with healthy text layers in many scripts, made by several producers: PDF bytes of one page each, by seed."""

from __future__ import annotations

import html
import random
import shutil
import string
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pymupdf

from benchmarks.text_layer_words import LANGUAGES, Language, faces, text, words

_SIMPLE: Final = (
    "LATIN",
    "CYRILLIC",
    "GREEK",
    "GEORGIAN",
    "ARMENIAN",
)  # no shaping: fonts' letters one by one
_CLUSTERED: Final = ("DEVANAGARI", "BENGALI", "TAMIL")
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_TEX: Final = (
    "\\documentclass{article}\\usepackage[a5paper,margin=15mm]{geometry}\\usepackage{fontspec}\\pagestyle{empty}"
    "\\begin{document}\n%s\\end{document}"
)


class Sheet(NamedTuple):
    """One page to be made: ``kind`` names what is on it, ``producer`` what writes it."""

    kind: str
    language: str
    producer: str
    seed: int


def producers(code: str) -> list[str]:
    """Those that can set a language and map it: MuPDF's stories and XeTeX map joined letters to glyphs' numbers."""
    language = LANGUAGES[code]
    simple, shaped = language.script in _SIMPLE, language.script in _CLUSTERED
    known = ["writer", "reportlab"] if simple else []
    known += [] if shaped or language.script == "ARABIC" else ["story"]
    known += ["chromium"] if _browser() else []
    return known + (["xelatex"] if shutil.which("xelatex") and not (shaped or language.right_to_left) else [])


def made(sheets: Sequence[Sheet]) -> list[bytes]:
    """The pages in the order of their sheets; those of a browser or of TeX are set in one go each."""
    pages: dict[Sheet, bytes] = {}
    for producer, together in (("chromium", _by_browser), ("xelatex", _by_xelatex)):
        chosen = [sheet for sheet in sheets if sheet.producer == producer]
        if chosen:
            pages |= dict(zip(chosen, together(chosen), strict=True))
    for sheet in sheets:
        if sheet not in pages:
            pages[sheet] = _ALONE[sheet.producer](sheet)
    return [pages[sheet] for sheet in sheets]


def face_of(sheet: Sheet, rng: random.Random) -> tuple[str, Path, int]:
    known = faces(sheet.language)
    if sheet.producer in ("writer", "reportlab", "story"):  # collections of fonts are no files of theirs
        known = [face for face in known if face[1].suffix == ".ttf"] or known
    return rng.choice(known)


# Kinds of pages.


def paragraphs(sheet: Sheet, rng: random.Random) -> list[str]:
    """The running text of a page."""
    short = sheet.kind == "short"
    return [
        text(rng, sheet.language, rng.randint(4, 8) if short else rng.randint(30, 60))
        for _ in range(1 if short else 4)
    ]


def _rows(rng: random.Random, count: int, cells: Callable[[], Sequence[str]]) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in cells())}</tr>" for _ in range(count))
    return f"<table>{rows}</table>"


def body(sheet: Sheet, rng: random.Random) -> str:
    """The page as HTML."""

    def say(count: int) -> str:
        return html.escape(text(rng, sheet.language, count))

    def word() -> str:
        return rng.choice(words(sheet.language))

    made: Callable[[], str] | None = {
        "numbers": lambda: _rows(rng, 25, lambda: [f"{rng.uniform(-9, 9) * 10 ** rng.randint(0, 5):,.2f}" for _ in range(5)]),  # noqa: E501
        "codes": lambda: _rows(rng, 25, lambda: ["".join(rng.choices(string.ascii_uppercase + string.digits, k=11)) for _ in range(3)]),  # noqa: E501
        "hex": lambda: "<pre>" + "\n".join(rng.randbytes(24).hex(" ") for _ in range(30)) + "</pre>",
        "code": lambda: "<pre>" + "\n".join(
            f"{'    ' * (i % 3)}if (x_{rng.randint(0, 99)} >= {rng.randint(0, 99)}) {{ return f[{i}]->call(&amp;y); }} // {say(3)}" for i in range(25)  # noqa: E501
        ) + "</pre>",
        "leaders": lambda: "".join(f"<p>{say(3)} {'.' * rng.randint(40, 60)} {rng.randint(1, 400)}</p>" for _ in range(18)),
        "spaced leaders": lambda: "".join(f"<p>{say(3)} {'. ' * rng.randint(20, 30)} {rng.randint(1, 400)}</p>" for _ in range(18)),  # noqa: E501
        "small caps": lambda: f"<div style='font-variant:small-caps'><p>{say(30)}<p>{say(30)}</div>",
        "capitals": lambda: f"<p>{say(30).upper()}<p>{say(30).upper()}",
        "spaced": lambda: f"<div style='letter-spacing:.35em'><p>{say(25)}<p>{say(25)}</div>",
        "tiny": lambda: f"<div style='font-size:4pt'><p>{say(90)}<p>{say(90)}</div>",
        "huge": lambda: f"<div style='font-size:70pt'>{say(3)}</div>",
        "light": lambda: f"<div style='color:#aaa;font-weight:200'><p>{say(40)}<p>{say(40)}</div>",
        "inverse": lambda: f"<div style='background:#123;color:#fff;-webkit-print-color-adjust:exact'><p>{say(40)}<p>{say(40)}</div>",  # noqa: E501
        "bold": lambda: f"<b><p>{say(40)}<p>{say(40)}</b>",
        "italic": lambda: f"<i><p>{say(40)}<p>{say(40)}</i>",
        "underlined": lambda: f"<p><u>{say(40)}</u><p><s>{say(30)}</s>",
        "form": lambda: "".join(f"<p>{word()}: ________________ &#9744; {word()} &#9745; {word()}</p>" for _ in range(14)),
        "names": lambda: _rows(rng, 25, lambda: [word().title(), word().title(), f"{rng.randint(1, 99)}"]),
        "links": lambda: "".join(f"<p>https://{''.join(rng.choices(string.ascii_lowercase, k=9))}.example/{rng.randint(1, 9999)}?q={word()}" for _ in range(15)),  # noqa: E501
        "symbols": lambda: f"<p>{'→ ✓ ★ ● ■ ◆ ☐ ☑ ' * 4}<p>{say(25)}<p>{'♠ ♣ ♥ ♦ € £ ¥ § ¶ † ‡ ' * 3}",
        "ornamented": lambda: f"<div style='text-shadow:1px 1px 2px #888'><p>{say(40)}<p>{say(40)}</div>",
        "narrow": lambda: f"<div style='width:90px;text-align:justify'>{say(80)}</div>",
        "mixed": lambda: "".join(f"<p>{html.escape(text(rng, c, 14))}" for c in rng.sample(sorted(LANGUAGES), 5)),
    }.get(sheet.kind)  # fmt: skip
    if made:
        return made()
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs(sheet, rng))


BROWSER_KINDS: Final = (
    "numbers", "codes", "hex", "code", "leaders", "spaced leaders", "small caps", "capitals", "spaced", "tiny", "huge",
    "light", "inverse", "bold", "italic", "underlined", "form", "names", "links", "symbols", "ornamented", "narrow", "mixed",
)  # fmt: skip


# Producers.


@cache
def _browser() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def _way(language: Language) -> str:
    return "rtl" if language.right_to_left else "ltr"


def _by_browser(sheets: Sequence[Sheet]) -> list[bytes]:
    sections = []
    for sheet in sheets:
        rng = random.Random(sheet.seed)
        family, language = face_of(sheet, rng)[0], LANGUAGES[sheet.language]
        style = f"font-family:'{family}';font-size:{rng.choice((9, 10, 11, 12))}pt"
        sections.append(
            f'<section lang="{sheet.language}" dir="{_way(language)}" style="{style}"><div class=all>{body(sheet, rng)}</div></section>'  # noqa: E501
        )
    style = (
        "@page{size:A5;margin:12mm} body{margin:0} section{break-after:page;height:180mm;overflow:hidden}"
        "pre,td{font-size:85%;white-space:pre} td{padding:2px 9px}"
    )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(
            f'<meta charset="utf-8"><style>{style}</style>{"".join(sections)}', encoding="utf-8"
        )
        command = [_browser() or "", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run(
            [*command, f"--print-to-pdf={target}", source.as_uri()],
            check=True,
            capture_output=True,
            timeout=600,
        )
        return _parted(target.read_bytes(), len(sheets))


_SPECIAL: Final = str.maketrans({c: f"\\{c}" for c in "#$%&_{}"} | {"\\": "", "^": "", "~": ""})
_TEX_KINDS: Final[dict[str, Callable[[random.Random, Callable[[int], str]], str]]] = {
    "formulas": lambda rng, say: " ".join(
        f"{say(4)} $\\displaystyle\\sum_{{k={rng.randint(0, 9)}}}^n \\frac{{\\alpha_k x^{{{rng.randint(2, 9)}}}}}{{\\sqrt{{y+\\beta}}}} \\leq \\int_0^\\infty f(t)\\,dt$\\par"  # noqa: E501
        for _ in range(12)
    ),
    "only formulas": lambda rng, say: "".join(
        f"\\[ x_{{{rng.randint(1, 9)}}} = \\frac{{a+{rng.randint(1, 9)}}}{{b}} \\pm \\Gamma(\\lambda) \\]"
        for _ in range(9)
    ),
    "small caps": lambda rng, say: f"\\textsc{{{say(30)}}}\\par\\textsc{{{say(30)}}}",
    "dotted": lambda rng, say: "".join(f"{say(3)}\\dotfill {rng.randint(1, 300)}\\par " for _ in range(20)),
    "slanted": lambda rng, say: f"\\textsl{{{say(30)}}}\\par\\textsf{{{say(30)}}}\\par\\texttt{{{say(20)}}}",
    "icons": lambda rng, say: "".join(
        f"\\{rng.choice(('faHome', 'faPhone', 'faEnvelope', 'faStar', 'faCheck'))}\\ {say(4)}\\par "
        for _ in range(14)
    ),
    "chancery": lambda rng, say: f"{{\\fontfamily{{pzc}}\\selectfont {say(50)}}}",
}
TEX_KINDS: Final = (*_TEX_KINDS, "text")


def _tex(sheet: Sheet, rng: random.Random) -> str:

    def say(count: int) -> str:
        return text(rng, sheet.language, count).translate(_SPECIAL)

    drawn = _TEX_KINDS.get(sheet.kind)
    return (
        drawn(rng, say)
        if drawn
        else "\\par ".join(part.translate(_SPECIAL) for part in paragraphs(sheet, rng))
    )


def _by_xelatex(sheets: Sequence[Sheet]) -> list[bytes]:
    pages = []
    for sheet in sheets:
        rng = random.Random(sheet.seed)
        _, file, index = face_of(sheet, rng)
        breaks = f'\\XeTeXlinebreaklocale "{sheet.language}"' if sheet.language in ("th", "ja", "zh") else ""
        pages.append(
            f"{{\\fontspec{{{file.name}}}[Path={file.parent}/,FontIndex={index}]{breaks}\\sloppy%\n"
            f"\\vbox to\\textheight{{{_tex(sheet, rng)}\\par\\vss}}}}\\newpage\n"
        )
    return _run_tex("xelatex", _TEX % "".join(pages), len(sheets))


def _by_pdflatex(sheet: Sheet) -> bytes:
    rng = random.Random(sheet.seed)
    encoding = rng.choice(("OT1", "T1"))
    packages = "\\usepackage[utf8]{inputenc}" + (
        "\\usepackage{fontawesome5}" if sheet.kind == "icons" else ""
    )
    packages += (
        ""
        if encoding == "OT1"
        else "\\usepackage[T1]{fontenc}" + rng.choice(("", "\\usepackage{lmodern}", "\\usepackage{mathptmx}"))
    )
    maps = rng.choice(("", "\\input{glyphtounicode}\\pdfgentounicode=1"))
    page = f"{packages}{maps}\\pagestyle{{empty}}\\begin{{document}}{_tex(sheet, rng)}\\end{{document}}"
    return _run_tex("pdflatex", f"\\documentclass{{article}}{page}", 1)[0]


def _run_tex(program: str, source: str, count: int) -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.tex").write_text(source, encoding="utf-8")
        command = [program, "-interaction=nonstopmode", "page.tex"]
        subprocess.run(command, cwd=folder, capture_output=True, timeout=600, check=False)
        return _parted(Path(folder, "page.pdf").read_bytes(), count)


def _parted(stored: bytes, count: int) -> list[bytes]:
    """Each page of a document as one of its own, the first pages where there are more than ``count``."""
    with pymupdf.open(stream=stored) as document:
        if document.page_count < count:
            raise RuntimeError(f"{document.page_count} pages came of {count}")
        pages = []
        for number in range(count):
            with pymupdf.open() as single:
                single.insert_pdf(document, from_page=number, to_page=number)
                pages.append(single.tobytes(garbage=3))
        return pages


def _by_story(sheet: Sheet) -> bytes:
    rng = random.Random(sheet.seed)
    _, file, _ = face_of(sheet, rng)
    css = f"@font-face {{font-family: x; src: url({file.name})}} * {{font-family: x; font-size: {rng.choice((9, 11, 13))}pt}}"  # noqa: E501
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=595)
        content = f'<div dir="{_way(LANGUAGES[sheet.language])}">{body(sheet, rng)}</div>'
        page.insert_htmlbox((36, 36, 384, 560), content, css=css, archive=pymupdf.Archive(str(file.parent)))
        return bytes(document.tobytes())


def _by_writer(sheet: Sheet) -> bytes:
    rng = random.Random(sheet.seed)
    font = pymupdf.Font(fontfile=str(face_of(sheet, rng)[1]))
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=595)
        writer = pymupdf.TextWriter(page.rect)
        writer.fill_textbox(
            (36, 36, 384, 560), "\n".join(paragraphs(sheet, rng)), font=font, fontsize=rng.choice((8, 10, 12))
        )
        writer.write_text(page)
        return bytes(document.tobytes())


def _by_reportlab(sheet: Sheet) -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont
    from reportlab.pdfgen.canvas import Canvas

    rng = random.Random(sheet.seed)
    name = "Helvetica" if sheet.language == "en" and rng.random() < 0.5 else "face"
    while name == "face":
        try:
            pdfmetrics.registerFont(TTFont(name, str(face_of(sheet, rng)[1])))
            break
        except TTFError:
            continue
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        canvas = Canvas(file.name, pagesize=(420, 595), invariant=1)
        canvas.setFont(name, 10)
        said = " ".join(paragraphs(sheet, rng)).split()
        for row in range(0, min(len(said), 200), 6):
            canvas.drawString(36, 550 - 15 * row / 6, " ".join(said[row : row + 6]))
        canvas.save()
        return Path(file.name).read_bytes()


_ALONE: Final[dict[str, Callable[[Sheet], bytes]]] = {
    "story": _by_story,
    "writer": _by_writer,
    "reportlab": _by_reportlab,
    "pdflatex": _by_pdflatex,
}
