"""Pages in Hebrew and Arabic as a browser prints them: lists, tables and columns from the right, Latin words and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from conftest import needs_browser
from languages import LANGUAGES, browser_pdf, needs_fonts

import docvlm
from docvlm import list_marks
from docvlm.directions import in_reading_order
from docvlm.document import Page
from docvlm.spans import Line, Span

_WORDS: dict[str, dict[str, Any]] = {
    "he": {
        "title": "מדריך למשתמש",
        "head": "רשימת הציוד הנדרש",
        "items": ["מחברת וגם עט כחול", "שלושה ספרים מן הספרייה", "מחשב נייד עם 16 GB זיכרון", "אוהל לשני אנשים"],
        "below": ["אוהל קל לקיץ", "אוהל חם לחורף"],
        "steps": ["לפתוח את הקופסה בזהירות", "להוציא את כל החלקים", "לחבר את הכבל לחשמל"],
        "rows": [["שם", "עיר", "שנה"], ["דוד כהן", "ירושלים", "1948"],
                 ["שרה לוי", "חיפה", "1952"], ["משה פרץ", "באר שבע", "1961"]],
        "lines": [
            "מחיר (5) שקל", "(7)", "12-15", "המחיר עלה ב-20% מאז 1948-1950 (ראו סעיף 3.2).", "[12] ספר",
            "נמכרו 1,250 יחידות ב-$99.90 כל אחת, ראו https://example.org/a?b=1 לפרטים.", "גרסה Windows 10 ו-ISO 9001",
        ],
    },
    "ar": {
        "title": "دليل المستخدم",
        "head": "قائمة المعدات المطلوبة",
        "items": ["دفتر وقلم أزرق", "ثلاثة كتب من المكتبة", "حاسوب محمول بذاكرة 16 GB", "خيمة لشخصين"],
        "below": ["خيمة خفيفة للصيف", "خيمة دافئة للشتاء"],
        "steps": ["افتح الصندوق بحذر", "أخرج جميع القطع", "صل الكابل بالكهرباء"],
        "rows": [["الاسم", "المدينة", "السنة"], ["أحمد علي", "القاهرة", "1948"],
                 ["فاطمة حسن", "بغداد", "1952"], ["يوسف سالم", "دمشق", "1961"]],
        "lines": [
            "السعر (5) دنانير", "(7)", "12-15", "ارتفع السعر 20% منذ 1948-1950 (انظر القسم 3.2).", "[12] كتاب",
            "بيع نحو 1,250 وحدة بسعر $99.90 للواحدة، انظر https://example.org/a?b=1 للتفاصيل.",
            "الإصدار Windows 10 و ISO 9001",
        ],
    },
}  # fmt: skip
_STYLE = """section{break-after:page} table{border-collapse:collapse} td{padding:3px 14px} .ruled td{border:1px solid}
    .open{border-top:1px solid;border-bottom:1px solid} .open tr:first-child td{border-bottom:1px solid}"""


@pytest.fixture(scope="module", params=["he", "ar"])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Page]]:
    """A language's code and its pages: lists, tables, columns and lines."""
    language, words = LANGUAGES[request.param], _WORDS[request.param]

    def tagged(tag: str, texts: Iterable[str]) -> str:
        return "".join(f"<{tag}>{text}</{tag}>" for text in texts)

    prose = f"<p>{language.text}</p>"
    head = f"<h1>{words['title']}</h1>{prose}"
    inner = f"<ul>{tagged('li', words['below'])}</ul>"
    lists = f"<ul>{tagged('li', words['items'])[:-5]}{inner}</li></ul>{prose}<ol>{tagged('li', words['steps'])}</ol>"
    rows = "".join(f"<tr>{tagged('td', row)}</tr>" for row in words["rows"])
    tables = f"<table class=ruled>{rows}</table>{prose}<table class=open>{rows}</table>"
    columns = f"{prose}<h2>{words['head']}</h2><p>{language.text * 2}</p>{prose * 3}"
    columns = f"<div style='columns:2;column-gap:24px'>{columns}</div>"
    sections = [f"{head}<h2>{words['head']}</h2>{lists}{prose}", f"{head}{tables}{prose}", head + columns]
    sections.append(tagged("p", words["lines"]))
    families = f"'{language.font}','DejaVu Sans'"
    body = f'<body lang={language.code} dir=rtl style="font-family:{families}">{tagged("section", sections)}'
    folder = tmp_path_factory.mktemp(language.code)
    return language.code, docvlm.convert(browser_pdf(folder, [], _STYLE, body)).pages


pytestmark = [needs_browser, needs_fonts("he", "ar", "ru")]


def test_lists_have_their_bullets_numbers_and_levels(shown: tuple[str, list[Page]]) -> None:
    code, pages = shown
    words = _WORDS[code]
    bullets, steps = (block.text for block in pages[0].blocks if block.kind == "list")
    assert bullets.split("\n") == [f"- {i}" for i in words["items"]] + [f"  - {i}" for i in words["below"]]
    assert steps.split("\n") == [f"{number}. {step}" for number, step in enumerate(words["steps"], 1)]


def test_the_first_column_of_a_table_is_the_one_on_the_right(shown: tuple[str, list[Page]]) -> None:
    code, pages = shown
    tables = [block.table for block in pages[1].blocks if block.table]
    assert len(tables) == 2
    for table in tables:
        assert [[cell.text for cell in row if cell] for row in table.grid()] == _WORDS[code]["rows"]


def test_the_column_on_the_right_is_read_first(shown: tuple[str, list[Page]]) -> None:
    code, pages = shown
    words, text = _WORDS[code], LANGUAGES[code].text
    texts = [block.text for block in pages[2].blocks]
    assert texts[0] == words["title"] and words["head"] in texts
    if (
        code != "ar"
    ):  # the page model takes two Arabic paragraphs for one block: their order is right, their cut is not
        assert texts[:4] == [words["title"], text, text, words["head"]]
    read = words["title"] + text * 2 + words["head"] + text * 5
    assert "".join(texts).replace(" ", "") == read.replace(" ", "")


def test_latin_words_numbers_and_signs_stand_where_they_are_read(shown: tuple[str, list[Page]]) -> None:
    code, pages = shown
    said = " ".join(block.text.replace("\\", "") for block in pages[3].blocks)
    assert said == " ".join(_WORDS[code]["lines"])


def _ordered(*shown: str) -> str:
    """Pieces of a line, given as they stand from the left, in the order in which they are read."""
    spans = [Span(text, (10.0 * i, 0.0, 10.0 * i + 9, 10.0), 10.0) for i, text in enumerate(shown)]
    return "".join(span.text for span in in_reading_order(spans))


def test_signs_of_numbers_are_read_with_them() -> None:
    assert _ordered("ד", " ", "75", "%", " ", "ג") == "ג 75% ד"
    assert _ordered("د", " ", "%", "75", " ", "ج") == "ج 75% د"
    assert _ordered("د", " ", "75", "%", " ", "ج") == "ج 75% د"
    assert _ordered("ד", " ", "$", "75", " ", "ג") == "ג $75 ד"
    assert _ordered("ד", " ", "10", "-", "12", " ", "ג") == "ג 10-12 ד"
    assert _ordered("د", " ", "12", "-", "10", " ", "ج") == "ج 10-12 د"


def test_numbers_behind_latin_words_are_theirs_and_units_are_their_numbers() -> None:
    assert _ordered("ד", " ", "ISO", " ", "9001", " ", "447", " ", "ג") == "ג ISO 9001 447 ד"
    assert _ordered("ד", " ", "GB", " ", "16", " ", "ג") == "ג 16 GB ד"


@pytest.mark.parametrize(("color", "shift", "marks"), [(0.0, 0, "•"), (0.6, 0, ""), (0.0, 40, "")])
def test_drawn_bullets_are_written_and_marks_of_plots_are_not(color: float, shift: float, marks: str) -> None:
    """In another colour than the words, or where there are no words, small discs are a plot's."""
    with pymupdf.open() as document:
        page = document.new_page()
        rows = []
        for y in (100.0, 120.0, 140.0):
            page.insert_text((60, y), "An item", fontsize=11)
            page.draw_circle((52 - shift, y - 3), 1.8, color=None, fill=(color, 0, 0))
            span = Span("An item", (60, y - 9, 100, y + 3), 11.0, baseline=y)
            rows.append(Line(span.box, [span]))
        list_marks.write(page, rows)
        assert [row.text for row in rows] == [f"{marks} An item".strip()] * 3


@pytest.mark.parametrize("name", ["disc", "circle", "square"])
def test_a_browsers_lists_are_lists_from_the_left_too(tmp_path: Path, name: str) -> None:
    items = ["A blue pen", "Three books", "A tent for two"]
    body = f"<p>What to bring on the way:</p><ul style='list-style:{name}'>{''.join(f'<li>{i}' for i in items)}</ul>"
    blocks = [*docvlm.convert(browser_pdf(tmp_path, [], body=body)).blocks()]
    assert [block.text for block in blocks if block.kind == "list"] == ["\n".join(f"- {i}" for i in items)]
