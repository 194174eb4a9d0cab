"""Text that was taken for a picture, for its frame or its tint; and pictures with words, which stay pictures."""

import pymupdf

from docvlm.boxes import as_box
from docvlm.layout.region import Region
from docvlm.layout.repair import free_framed_text, repaired
from docvlm.text_layer import read_text

BOX = pymupdf.Rect(50, 50, 350, 150)
NOTES = [
    "1   The register is kept in the town hall and may be seen on workdays",
    "2   Fees are due when the paper is handed over to the applicant",
    "3   A copy of the passport must be added to every application",
    "4   Papers that are not fetched within a year will be destroyed",
]
CODE = ["for name in names:", "    if name:", "        print(name)", "    total += 1", "print(total)"]


def kind_of(page: pymupdf.Page) -> str:
    """What becomes of a picture that holds all of the page's lines."""
    (region,) = free_framed_text([Region("picture", as_box(BOX), read_text(page).lines)], page)
    return region.kind


def blank() -> pymupdf.Page:
    page = pymupdf.open().new_page(width=400, height=300)
    page.owner = page.parent  # a page lives as long as its document
    return page


def written(
    page: pymupdf.Page, rows: list[str], font: str = "tiro", color: tuple[float, ...] = (0,)
) -> pymupdf.Page:
    for row, text in enumerate(rows):
        page.insert_text((58, 68 + 16 * row), text, fontsize=9, fontname=font, color=color)
    return page


def test_a_framed_listing_is_text() -> None:
    page = written(blank(), CODE, "cour")
    page.draw_rect(BOX)
    assert kind_of(page) == "paragraph"


def test_notes_on_a_tint_are_text_be_it_dark() -> None:
    for ground, ink in (((0.9, 0.95, 1), (0, 0, 0)), ((0.1, 0.2, 0.4), (1, 1, 1))):
        page = blank()
        page.draw_rect(BOX, color=ground, fill=ground)
        assert kind_of(written(page, NOTES, color=ink)) == "paragraph"


def test_a_drawing_with_labels_stays_a_picture() -> None:
    page = blank()
    for column, name in enumerate(["Pump", "Valve", "Tank"]):
        page.draw_circle((90 + 100 * column, 90), 30, fill=(0.3, 0.5, 0.7))
        page.insert_text((75 + 100 * column, 140), name, fontsize=9)
    assert kind_of(page) == "picture"


def test_bars_beside_sentences_stay_a_picture() -> None:
    page = written(blank(), [note[:40] for note in NOTES])
    for bar in range(8):
        page.draw_rect(pymupdf.Rect(230 + 14 * bar, 60 + 8 * bar, 241 + 14 * bar, 150), fill=(0.8, 0.2, 0.2))
    assert kind_of(page) == "picture"


def test_labels_side_by_side_stay_a_picture() -> None:
    page = blank()
    for row in range(5):
        for column in range(3):
            page.insert_text((60 + 105 * column, 70 + 17 * row), "is led to", fontsize=9)
    assert kind_of(page) == "picture"


def test_a_scan_of_nothing_but_lines_is_text_and_with_one_rule_a_picture() -> None:
    """On a scan all is an image; its pixels beside the lines tell."""
    for ruled, kind in ((False, "paragraph"), (True, "picture")):
        sheet = written(blank(), ["Ms", "Pia Novak", "Marktgasse 28", "9400 Neudorf"])
        if ruled:
            sheet.draw_line((60, 110), (160, 140))
        page = blank()
        page.insert_image(page.rect, pixmap=sheet.get_pixmap(dpi=150))
        region = Region("picture", (50.0, 50.0, 180.0, 150.0), read_text(sheet).lines)
        assert [part.kind for part in repaired(region, page)] == [kind]
