"""What the other readers left out: lines that stand in no block become text, and what is missing then is told."""

from __future__ import annotations

from collections.abc import Sequence

from docvlm import checks, completeness, ink
from docvlm.completeness import Witness
from docvlm.draft import Draft
from docvlm.layout.region import cluster
from docvlm.raster import look
from docvlm.readers.prose import read_prose
from docvlm.readers.view import PageView, Part
from docvlm.schema import Check, TextLine


def read_remainder(
    view: PageView, seen: Sequence[Witness], blocks: list[Draft]
) -> tuple[list[Check], list[TextLine]]:
    """Adds the page's lost lines to ``blocks``; gives the page's checks and what is missing all the same.

    ``seen`` are its lines as they were before they were read. Lines within a picture are added to its words, others
    become paragraphs, each behind the block that it follows on the page.
    """
    if view.blank:
        return [], []
    account = completeness.account(seen, blocks, reread=view.reader == "ocr")
    loose = []
    for each in account.lost:
        figure = completeness.figure_around(each, blocks)
        if figure is None:
            loose.append(each.line)
        else:
            figure.text = f"{figure.text} {each.text.strip()}".strip()
            figure.text_lines += view.text_lines([each.line])
    for region in cluster(loose):
        for draft in read_prose(view, [Part.of(region)])[0]:
            completeness.place(draft, blocks)
    image = look(view.page)
    scale = image.shape[1] / max(view.page.rect.width, 1.0)
    covered = [*(block.box for block in blocks), *(each.box for each in seen)]
    share, patches = ink.uncovered(image, scale, covered)
    uncovered = checks.INK_UNCOVERED(share)
    unread = [] if uncovered.passed else [TextLine(text="", box=box) for box in patches]
    return [*account.checks(), uncovered], account.missing + unread
