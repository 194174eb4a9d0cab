"""Text layers in many scripts stand, whatever OCR can read of them, and are read in the order of their script."""

from __future__ import annotations

import random
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from conftest import needs_browser, needs_latex
from languages import LANGUAGES, Language, browser_pdf, families, font_file, needs_fonts

import docvlm
from docvlm import calibration, scripts
from docvlm.document import Page
from docvlm.ocr import tesseract
from docvlm.ocr.engine import engine
from docvlm.repairs import vowel_signs, word_spaces
from docvlm.spans import Line, Span
from docvlm.text_layer import _TWICE

_READ_BY_OCR = {"pl", "tr", "vi", "ja", "zh", "en"}


def _likeness(page: Page, *texts: str) -> float:
    said, meant = (
        "".join(" ".join(parts).replace("\\", "").split())
        for parts in ([block.text for block in page.blocks], texts)
    )
    return SequenceMatcher(None, said, meant, autojunk=False).ratio()


def _checks(page: Page) -> set[str]:
    return {check.name for block in page.blocks for check in block.confidence.checks if not check.passed}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Page]]:
    """The pages of all languages as a browser prints them."""
    path = browser_pdf(tmp_path_factory.mktemp("browser"), LANGUAGES.values())
    yield dict(zip(LANGUAGES, docvlm.convert(path).pages, strict=True))


@needs_browser
@needs_fonts(*LANGUAGES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_browsers_text_stands_in_every_script(printed: dict[str, Page], code: str) -> None:
    page, text = printed[code], LANGUAGES[code].text
    assert page.text_layer is not None and page.text_layer.trusted
    assert _likeness(page, text, text) > 0.99
    assert all(block.confidence.reliable for block in page.blocks)
    # Chromium sets Korean in Type 3 fonts of a few letters each, which are one font by their descriptors' names.
    assert "text-compared" not in _checks(page)


@needs_fonts("ru", "el", "ka", "ko", "he")
@pytest.mark.parametrize("code", ["ru", "uk", "el", "ka", "ko", "he"])
def test_mupdfs_own_text_stands(tmp_path: Path, code: str) -> None:
    language = LANGUAGES[code]
    page = docvlm.convert(_written(tmp_path / "a.pdf", language)).pages[0]
    assert page.text_layer is not None and page.text_layer.trusted
    assert _likeness(page, language.text) > 0.99


def _written(path: Path, language: Language, mapping: dict[str, str] | None = None) -> Path:
    """A page that shows a language's article twice; with ``mapping``, whose codes stand for other letters than are drawn."""
    with pymupdf.open() as document:
        page = document.new_page()
        file, way = font_file(language.font), "rtl" if language.right_to_left else "ltr"
        page.insert_htmlbox(
            (72, 72, 500, 700),
            f'<p dir="{way}">{language.text}</p>',
            css=f"@font-face {{font-family: x; src: url({file.name})}} * {{font-family: x; font-size: 11pt}}",
            archive=pymupdf.Archive(str(file.parent)),
        )
        if mapping:
            _remap(document, mapping, {*language.text})
        document.save(path)
    return path


def _remap(document: pymupdf.Document, mapping: dict[str, str], used: set[str]) -> None:
    """Makes the glyphs of the letters ``used`` stand for others in all character maps of a document."""
    for xref in range(1, document.xref_length()):
        kind, reference = document.xref_get_key(xref, "ToUnicode")
        if kind != "xref":
            continue
        stream = int(reference.split()[0])
        stored = document.xref_stream(stream).decode()
        glyphs: dict[int, str] = {}
        for row in re.findall(r"^((?:<[0-9a-f]+> ?){2,3})$", stored, re.M | re.I):
            codes = [int(code, 16) for code in re.findall(r"<(\w+)>", row)]
            glyphs |= (
                {codes[0] + more: chr(codes[-1] + more) for more in range(codes[-2] - codes[0] + 1)}
                if len(codes) == 3
                else {codes[0]: chr(min(codes[1], 0x10FFFF))}
            )
        rows = [f"<{glyph:04x}> <{ord(mapping.get(c, c)):04x}>" for glyph, c in glyphs.items() if c in used]
        head = stored[: stored.index("endcodespacerange")] + "endcodespacerange\n"
        body = "\n".join([f"{len(rows)} beginbfchar", *rows, "endbfchar", "endcmap", "end end"])
        document.update_stream(stream, (head + body).encode())


def _permutation(text: str, seed: int = 1) -> dict[str, str]:
    letters = sorted({c for c in text if c.isalpha()})
    return dict(zip(letters, random.Random(seed).sample(letters, len(letters))))


@needs_fonts("ru")
def test_text_of_few_letters_stands_and_says_that_nothing_compared_it(tmp_path: Path) -> None:
    language = LANGUAGES["ru"]._replace(text="мама мама мама ам ам")
    page = docvlm.convert(_written(tmp_path / "a.pdf", language)).pages[0]
    assert page.text_layer is not None and page.text_layer.trusted
    assert "not compared" in page.text_layer.reason
    assert "text-compared" in _checks(page)


@needs_fonts("en", "ru", "el", "ka", "he", "ko", "zh")
@pytest.mark.parametrize("code", ["en", "pl", "ru", "uk", "el", "ka", "he", "ko", "ja", "zh"])
def test_permuted_letters_are_found_out_in_scripts_that_ocr_knows_and_others(
    tmp_path: Path, code: str
) -> None:
    language = LANGUAGES[code]
    path = _written(tmp_path / "a.pdf", language, _permutation(language.text))
    layer = docvlm.convert(path).pages[0].text_layer
    assert layer is not None and not layer.trusted


@needs_fonts("en")
def test_a_sure_reading_refutes_a_layer_in_another_script(tmp_path: Path) -> None:
    to_cyrillic = {chr(code): chr(code - ord("a") + 0x430) for code in range(ord("a"), ord("z") + 1)}
    page = docvlm.convert(_written(tmp_path / "a.pdf", LANGUAGES["en"], to_cyrillic)).pages[0]
    assert page.text_layer is not None and not page.text_layer.trusted
    assert _likeness(page, LANGUAGES["en"].text) > 0.95


def test_letters_of_a_language_are_plausible_and_permuted_ones_are_not() -> None:
    caught = []
    for language in LANGUAGES.values():
        assert not scripts.is_implausible([language.text] * 2), language.code
        if language.code in _READ_BY_OCR | {
            "ko"
        }:  # Korean syllables stay syllables, wherever they are moved to
            continue
        used = sorted({c for c in language.text if unicodedata.category(c)[0] in "LM"})
        for seed in range(20):
            moved = {ord(c): other for c, other in zip(used, random.Random(seed).sample(used, len(used)))}
            caught.append(scripts.is_implausible([language.text.translate(moved)]))
    assert sum(caught) > 0.9 * len(caught)


def test_words_of_two_scripts_are_of_no_language() -> None:
    latin_in_cyrillic = str.maketrans("aceopxy", "асеорху")
    assert scripts.are_mixed([LANGUAGES["en"].text.translate(latin_in_cyrillic)])
    for language in LANGUAGES.values():
        assert not scripts.are_mixed([language.text, "αβ 5 μm ΔT PDF-файл 2ος", "Bücher, naïve words"]), (
            language.code
        )


@needs_fonts("en")
def test_letters_of_another_script_that_look_alike_are_not_believed(tmp_path: Path) -> None:
    """Their shapes are right, and OCR reads them so."""
    alike = dict(zip("aceopxyiks", "асеорхуікѕ"))
    layer = docvlm.convert(_written(tmp_path / "a.pdf", LANGUAGES["en"], alike)).pages[0].text_layer
    assert layer is not None and not layer.trusted


def test_the_recognizer_knows_which_letters_it_reads() -> None:
    assert all(map(engine().reads, "aZéß漢あア"))
    assert not any(map(engine().reads, "жαשعहก한ệ"))


# Its icons and dots are this font's; .ci/prerequisites installs it.
@pytest.mark.skipif(
    "DejaVu Sans" not in families(), reason="no DejaVu Sans; Debian's fonts-dejavu-core, fontconfig"
)
def test_icons_and_leaders_leave_a_page_trusted(tmp_path: Path) -> None:
    """Codes without Unicode count where they stand for letters, not where they are bullets or rows of dots."""
    leader, icons = "\ue000" * 40, "\ue001 \ue002 \ue003"
    rows = [f"Chapter number {n} of the book {leader} {n}" for n in range(1, 9)]
    for lines, trusted in (
        (rows, True),
        ([f"{icons} A line of words" for _ in rows], True),
        (["\ue010\ue011\ue012\ue013\ue014 words"] * 8, False),
        (["\ue010|\ue011|\ue012|\ue013|\ue014 words"] * 8, False),  # each set on its own
    ):
        with pymupdf.open() as document:
            page = document.new_page()
            page.insert_font("x", str(font_file("DejaVu Sans")))
            for index, line in enumerate(lines):
                for place, piece in enumerate(line.split("|")):
                    page.insert_text(
                        (40 + 8 * place, 60 + 20 * index), piece, fontname="x", fontsize=9 + place % 2
                    )
            layer = docvlm.convert(document.tobytes()).pages[0].text_layer
        assert layer is not None and layer.trusted is trusted, layer


def test_small_and_large_type_and_long_lines_are_compared(tmp_path: Path) -> None:
    for size, text in ((3.5, "Very small type that a magnifier shows"), (60.0, "Poster type")):
        with pymupdf.open() as document:
            document.new_page(width=800).insert_text((40, 200), text, fontsize=size)
            page = docvlm.convert(document.tobytes()).pages[0]
        assert "text-compared" not in _checks(page), size


@needs_browser
@needs_fonts("he")
def test_hebrew_with_latin_words_numbers_and_tables(tmp_path: Path) -> None:
    body = """<div dir="rtl" style="font-family: 'Noto Sans Hebrew', 'DejaVu Sans'">
      <h2>מגילת הזכויות 1948</h2>
      <p>נולד ב-10 בדצמבר 1948 בעיר Paris, צרפת (UN General Assembly) ונקרא <b>גם</b> UDHR.</p>
      <p>{text}</p>
      <table border="1" style="border-collapse: collapse">{rows}</table><p>{text}</p></div>"""
    cells = [
        ("שם", "שנה", "עיר"),
        ("דוד", "1948", "ירושלים"),
        ("שרה", "1952", "חיפה"),
        ("משה", "1961", "אילת"),
    ]
    rows = "".join(f"<tr>{''.join(f'<td style=padding:6px>{c:　^12}' for c in row)}" for row in cells)
    path = browser_pdf(tmp_path, [], body=body.format(text=LANGUAGES["he"].text, rows=rows))
    blocks = [*docvlm.convert(path).blocks()]
    texts = [block.text for block in blocks]
    assert texts[0] == "מגילת הזכויות 1948"
    assert texts[1] == "נולד ב-10 בדצמבר 1948 בעיר Paris, צרפת (UN General Assembly) ונקרא **גם** UDHR."
    (table,) = (block.table for block in blocks if block.table)
    assert [[cell.text for cell in row if cell] for row in table.grid()] == [[*row] for row in cells]


@needs_browser
@needs_fonts("ja")
def test_columns_of_japanese_are_read_from_the_right(tmp_path: Path) -> None:
    text = LANGUAGES["ja"].text
    body = f"<div style=\"writing-mode:vertical-rl;height:500px;font-family:'Noto Sans CJK JP'\"><p>{text}<p>{text}</div>"
    page = docvlm.convert(browser_pdf(tmp_path, [], body=body)).pages[0]
    assert page.text_layer is not None and page.text_layer.trusted
    assert [block.text for block in page.blocks] == [text, text]
    assert "text-compared" not in _checks(page)


@needs_latex("xelatex")
@needs_fonts("ru", "el", "th", "ja", "ka", "ko")
def test_xelatexs_text_stands(tmp_path: Path) -> None:
    """Its words are parted by paper alone, also where MuPDF writes no spaces."""
    codes = ["ru", "el", "th", "ja", "ka", "ko"]
    pages = "".join(
        f'{{\\XeTeXlinebreaklocale "{code}" \\fontspec{{{LANGUAGES[code].font}}}{LANGUAGES[code].text}\\par}}\\newpage\n'
        for code in codes
    )
    source = "\\documentclass{article}\\usepackage{fontspec}\\pagestyle{empty}\\begin{document}\n"
    (tmp_path / "a.tex").write_text(source + pages + "\\end{document}")
    subprocess.run(
        ["xelatex", "-interaction=nonstopmode", "a.tex"], cwd=tmp_path, capture_output=True, check=True
    )
    for code, page in zip(codes, docvlm.convert(tmp_path / "a.pdf").pages, strict=True):
        assert page.text_layer is not None and page.text_layer.trusted, code
        assert _likeness(page, LANGUAGES[code].text) > 0.98, code
        said = " ".join(block.text for block in page.blocks).split()
        # The Georgian font has no full stop, and a Korean word may be cut at the end of a line.
        assert code in ("th", "ja") or abs(len(LANGUAGES[code].text.split()) - len(said)) < 2, code


def test_paper_is_a_space_only_where_a_file_has_no_spaces() -> None:
    def said(*letters: tuple[str, float]) -> str:
        """Letters with the paper before each, in ems of 10 points."""
        characters, x = [], 0.0
        for letter, paper in letters:
            x += 10 * paper
            characters.append({"c": letter, "bbox": (x, 0.0, x + 5, 10.0)})
            x += 5
        line = {"dir": (1.0, 0.0), "spans": [{"size": 10.0, "chars": characters}]}
        found = word_spaces.found(line) if word_spaces.are_lost([word_spaces.with_text(line)]) else line
        return str(word_spaces.with_text(found)["spans"][0]["text"])

    assert said(("ყ", 0), ("ვ", 0), ("ე", 0.3)) == "ყვ ე"
    assert said(("ყ", 0), (" ", 0), ("ე", 0), ("ვ", 0.3)) == "ყ ევ"
    assert said(("ி", 0), ("\ufffd", 0), ("ப", 0.3), ("\ufffd", 0)) == "ி\ufffd ப\ufffd"
    assert said(("ไ", 0), ("ท", 0.3)) == "ไท"


def test_vowel_signs_that_stand_as_they_are_drawn_are_put_behind_their_consonants() -> None:
    said = LANGUAGES["ta"].text
    apart = unicodedata.normalize("NFD", said)
    drawn = re.sub("([\u0b95-\u0bb9])([\u0bc6-\u0bc8])", r"\2\1", apart)
    assert drawn != apart

    def read(text: str) -> str:
        box = (0.0, 0.0, 500.0, 12.0)
        return vowel_signs.reordered([Line(box, [Span(text, box, 11.0)])])[0].text

    assert read(drawn) == said
    assert read(said) == said


@needs_fonts("en")
def test_the_result_depends_on_neither_workers_nor_the_choice_of_pages(tmp_path: Path) -> None:
    """A wrong character map on a later page only: a font's name alone does not carry a verdict from page to page."""
    good, bad = (tmp_path / name for name in ("good.pdf", "bad.pdf"))
    english = LANGUAGES["en"]
    _written(good, english)
    _written(bad, english, _permutation(english.text))
    with pymupdf.open() as document:
        for path in (bad, good, bad, good):
            document.insert_pdf(pymupdf.open(path))
        document.save(tmp_path / "both.pdf")
    results = []
    for workers in (1, 2, 4):
        report = docvlm.Converter(workers=workers).to_folder(
            [tmp_path / "both.pdf"], tmp_path / str(workers), ["json"]
        )
        assert report.count("done") == 1
        results.append((tmp_path / str(workers) / "both.json").read_bytes())
    assert results[0] == results[1] == results[2]
    whole = docvlm.convert(tmp_path / "both.pdf").pages
    trusted = [page.text_layer.trusted for page in whole if page.text_layer]
    assert trusted == [False, True, False, True]
    for number in (4, 1, 3):
        (alone,) = docvlm.convert(tmp_path / "both.pdf", pages=str(number)).pages
        assert [block.text for block in alone.blocks] == [block.text for block in whole[number - 1].blocks]
        assert alone.text_layer == whole[number - 1].text_layer


def _scan(path: Path, language: Language) -> Path:
    """The article of a language as pixels only."""
    shown = pymupdf.open(_written(path.with_suffix(".layer.pdf"), language))[0]
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image(page.rect, stream=shown.get_pixmap(dpi=200).tobytes("jpg"))
        document.save(path)
    return path


needs_tesseract = pytest.mark.skipif(
    not {"osd", "rus", "heb", "ell"} <= {*tesseract.languages()},
    reason="no Tesseract with Debian's tesseract-ocr-rus, -heb and -ell",
)


@needs_tesseract
@needs_fonts("ru", "he", "el")
@pytest.mark.parametrize("code", ["ru", "he", "el"])
def test_scans_in_other_scripts_are_read_by_tesseract(tmp_path: Path, code: str) -> None:
    page = docvlm.convert(_scan(tmp_path / "a.pdf", LANGUAGES[code])).pages[0]
    assert _likeness(page, LANGUAGES[code].text) > 0.9
    assert all(0 < block.confidence.score < 1 for block in page.blocks)
    assert "calibrated" not in _checks(page)


@needs_tesseract
@needs_fonts("he")
def test_a_hebrew_scan_keeps_its_latin_words_and_numbers(tmp_path: Path) -> None:
    words = LANGUAGES["he"].text.split()
    mixed = " ".join([*words[:4], "Open Source", *words[4:8], "ISO 9001", *words[8:]])
    page = docvlm.convert(_scan(tmp_path / "a.pdf", LANGUAGES["he"]._replace(text=mixed))).pages[0]
    text = " ".join(block.text for block in page.blocks)
    assert "Open Source" in text and "ISO 9001" in text
    assert _likeness(page, mixed) > 0.9


@needs_tesseract
@needs_fonts("he")
def test_scores_in_a_script_that_was_not_measured_are_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tesseract, "FITTED", tesseract.FITTED - {"Hebrew"})
    page = docvlm.convert(_scan(tmp_path / "a.pdf", LANGUAGES["he"])).pages[0]
    assert "calibrated" in _checks(page)
    assert not any(block.confidence.reliable for block in page.blocks)


@needs_tesseract
@needs_fonts("he")
@pytest.mark.parametrize("script", ["Thai", "Greek", "Han"])
def test_a_script_that_is_told_wrongly_is_found_by_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    told = tesseract.Orientation(script, 180)
    monkeypatch.setattr(tesseract, "orientation", lambda image: told)
    page = docvlm.convert(_scan(tmp_path / "a.pdf", LANGUAGES["he"])).pages[0]
    assert _likeness(page, LANGUAGES["he"].text) > 0.9


@needs_tesseract
@needs_fonts("ru")
def test_paragraphs_in_another_script_are_read_beside_those_that_ocr_reads(tmp_path: Path) -> None:
    texts = [LANGUAGES[code].text for code in ("en", "ru", "pl")]
    mixed = LANGUAGES["ru"]._replace(text="<p>".join(texts))
    page = docvlm.convert(_scan(tmp_path / "a.pdf", mixed)).pages[0]
    assert _likeness(page, *texts) > 0.95


@needs_tesseract
def test_marks_that_no_engine_reads_make_no_latin_page_another_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = pymupdf.open().new_page(width=460, height=345)
    for n in range(24):
        x, y = 75 + n * 89 % 330, 60 + n * 53 % 230
        if n % 2:
            page.draw_circle((x, y), 3.4, color=None, fill=(0.12, 0.47, 0.71))
        else:
            page.draw_rect((x - 3, y - 3, x + 3, y + 3), color=None, fill=(0.84, 0.15, 0.16))
    for text, at in (("control", (95, 45)), ("treated", (195, 45)), ("dose (mg)", (210, 336))):
        page.insert_text(at, text, fontsize=10)
    for n in range(5):
        page.insert_text((38, 60 + 50 * n), str(15 + 5 * n), fontsize=10)
        page.insert_text((70 + 70 * n, 322), str(10 * n + 10), fontsize=10)
    page.get_pixmap(dpi=100).save(tmp_path / "a.png")
    monkeypatch.setattr(tesseract, "orientation", lambda image: tesseract.Orientation("Cyrillic", 0))
    (read,) = docvlm.convert(tmp_path / "a.png").pages
    said = " ".join(block.text for block in read.blocks)
    assert not re.search("[\u0400-\u04ff]", said)


def test_the_sign_for_micro_in_greek_and_marks_of_directions_are_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = "level\tblock_num\tpar_num\tline_num\tconf\ttext"
    rows = ["5\t1\t1\t1\t96\t\u00b5\u03b5", "5\t1\t1\t1\t96\t\u200fא\u200f", "5\t1\t1\t1\t96\t\u200f"]
    monkeypatch.setattr(tesseract, "_run", lambda words, image=None: "\n".join([head, *rows]))
    (line,) = tesseract.words_of(np.zeros((8, 8, 3), np.uint8), ["ell"])
    assert [word["text"] for word in line] == ["\u03bc\u03b5", "א"]


def test_a_line_that_tesseract_is_less_sure_of_is_less_likely_right() -> None:
    def likely(*sure: float) -> float:
        words = [{"conf": str(share), "text": "слово"} for share in sure]
        fitted = calibration.load(tesseract.CALIBRATION, tesseract.FEATURES)
        return fitted.probability(tesseract.features_of(words))

    assert likely(96, 96, 96) > likely(96, 70, 96) > likely(40, 30, 50)
    assert likely(96, 96, 96) > 0.6 and likely(40, 30, 50) < 0.2


@needs_fonts("ru")
@pytest.mark.parametrize("there", [(), ("osd", "ell")])
def test_what_nothing_reads_is_no_junk_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...]
) -> None:
    # Only Tesseract itself can read a page as Greek and find junk; .ci/prerequisites installs it.
    if there and not {*there} <= {*tesseract.languages()}:
        pytest.skip("no Tesseract with these languages")
    monkeypatch.setattr(tesseract, "languages", lambda: there)
    page = docvlm.convert(_scan(tmp_path / "a.pdf", LANGUAGES["ru"])).pages[0]
    assert not any(block.text for block in page.blocks)
    assert "script-read" in {check.name for check in page.checks if not check.passed}
    assert page.text_layer is not None
    assert ("tesseract-ocr-rus" if there else "Tesseract") in page.text_layer.reason


def test_no_thai_letter_has_a_mark_twice() -> None:
    """Maps of fonts may name a cluster and then its mark again."""
    assert _TWICE.sub(r"\1", "ดิินดาน เนื้้อ ทิ้ง") == "ดินดาน เนื้อ ทิ้ง"
