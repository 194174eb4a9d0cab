"""Pages and regions read by an image-to-text model.

Whole pages: the model's answer gives the words and their structure, the page's own lines (text layer or OCR)
give the places and the check. What the model left out of a page that it otherwise read is filled in from
those lines, and pictures are kept. Regions: formulas, and tables whose grid nobody finds, are cropped and read.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from docvlm import checks, confidence
from docvlm.boxes import Box, union
from docvlm.decoding.interface import Format, ImageTextModel, Reading
from docvlm.draft import Draft, PageDraft
from docvlm.latex import sound
from docvlm.layout.region import Region
from docvlm.readers import markup
from docvlm.readers.align import folded, owners, similarity
from docvlm.readers.markup import Piece
from docvlm.readers.registry import read_regions
from docvlm.readers.view import PageView, Part
from docvlm.schema import Check, Confidence
from docvlm.spans import Line
from docvlm.tables.text import markdown as markdown_table
from docvlm.text_layer import body_size

_Answer = Reading | Exception
_FURNITURE = ("header", "footer")
_PAGE_TOKENS, _REGION_TOKENS = 4096, 1024
# A model that says less than this share of a page's letters speaks of something else: nothing is filled in.
_SAME_PAGE = 0.5
# A region counts as left out when less than this share of its letters stands in the answer.
_LEFT_OUT = 0.3
_TABLE_AGREEMENT = 0.6


def read_pages(model: ImageTextModel, views: Sequence[PageView]) -> list[_Answer | None]:
    """The model's answer for each page; ``None`` for blank ones, on which any text would be invented."""
    images = [view.image for view in views if not view.blank and view.image is not None]
    answers = iter(_ask(model, images, "markdown", _PAGE_TOKENS))
    return [None if view.blank or view.image is None else next(answers) for view in views]


def _ask(
    model: ImageTextModel, images: Sequence[NDArray[np.uint8]], form: Format, max_tokens: int
) -> list[_Answer]:
    """Answers to a batch; where it fails, each image is tried alone, so that only the bad one is lost."""
    if not images:
        return []
    try:
        return [*model.read(images, form, max_tokens)]
    except Exception as error:
        if len(images) == 1:
            return [error]
    return [answer for image in images for answer in _ask(model, [image], form, max_tokens)]


# Whole pages.


def merge(view: PageView, answer: _Answer | None) -> PageDraft:
    """The page's draft from the model's answer, with places and checks from the page's lines.

    Raises the exception with which the model failed.
    """
    if isinstance(answer, Exception):
        raise answer
    if answer is None:
        return view.draft([])
    parts = read_regions(view)
    pieces = markup.parse(answer.text)
    if not pieces:
        return view.draft([block for part in parts for block in part.blocks])
    return view.draft(_Page(view, answer, pieces, parts).drafts())


class _Page:
    """One page's pieces beside its regions.

    ``owner`` says for each printed line, and ``holds`` for each region, which pieces speak of it.
    """

    def __init__(self, view: PageView, reading: Reading, pieces: list[Piece], parts: list[Part]) -> None:
        self.view, self.reading, self.pieces, self.parts = view, reading, pieces, parts
        self.lines = [(index, line) for index, part in enumerate(parts) for line in part.region.lines]
        kinds = [parts[index].region.kind for index, _ in self.lines]
        self.owner = owners(pieces, [line for _, line in self.lines], [kind in _FURNITURE for kind in kinds])
        # Letters of a formula stand in every text; its LaTeX is placed by its neighbours.
        self.owner = [None if kind == "formula" else piece for piece, kind in zip(self.owner, kinds)]
        self.holds: list[set[int]] = [set() for _ in parts]
        for (index, _), piece in zip(self.lines, self.owner):
            if piece is not None:
                self.holds[index].add(piece)
        self._place_formulas()

    def _place_formulas(self) -> None:
        """A formula's letters do not stand in its LaTeX, so it takes the next formula region between its neighbours."""
        free = [i for i, part in enumerate(self.parts) if part.region.kind == "formula" and not self.holds[i]]
        for piece, content in enumerate(self.pieces):
            if content.kind != "formula":
                continue
            before = max((i for i, held in enumerate(self.holds) if any(p < piece for p in held)), default=-1)
            after = min(
                (i for i, held in enumerate(self.holds) if held and min(held) > piece),
                default=len(self.parts),
            )
            fitting = [i for i in free if before < i < after]
            if fitting:
                self.holds[fitting[0]].add(piece)
                free.remove(fitting[0])

    def drafts(self) -> list[Draft]:
        """The pieces in the model's order, each followed by what the page has there and the model has not."""
        after: dict[int, list[Draft]] = {}
        last = -1
        for part, held in zip(self.parts, self.holds):
            last = max(held, default=last)
            if self._is_kept(part.region, held):
                after.setdefault(last, []).extend(part.blocks)
        boxes = self._boxes()
        read = [self._draft(index, boxes) for index in range(len(self.pieces))]
        ordered = after.get(-1, [])
        for index, draft in enumerate(read):
            ordered += [draft, *after.get(index, [])]
        return ordered

    def _is_kept(self, region: Region, held: set[int]) -> bool:
        if region.kind in ("picture", "chart"):
            return True
        return self._coverage() >= _SAME_PAGE and self._share_said(region, held) < _LEFT_OUT

    def _share_said(self, region: Region, held: set[int]) -> float:
        if region.kind == "formula":
            return float(bool(held))
        said = {id(line) for (_, line), piece in zip(self.lines, self.owner) if piece is not None}
        total = sum(len(folded(line.text)) for line in region.lines)
        return sum(len(folded(line.text)) for line in region.lines if id(line) in said) / max(total, 1)

    def _coverage(self) -> float:
        """Share of the page's letters, those in pictures left aside, that the answer holds."""
        total = said = 0
        for (index, line), piece in zip(self.lines, self.owner):
            if self.parts[index].region.kind not in ("picture", "chart", "formula"):
                total += len(folded(line.text))
                said += len(folded(line.text)) * (piece is not None)
        return said / max(total, 1)

    def _lines_of(self, piece: int) -> list[Line]:
        return [line for (_, line), owner in zip(self.lines, self.owner) if owner == piece]

    def _boxes(self) -> dict[int, Box]:
        """Boxes of the pieces that lines or regions place."""
        boxes: dict[int, Box] = {}
        for piece, content in enumerate(self.pieces):
            parts = [line.box for line in self._lines_of(piece)]
            if content.kind in ("table", "formula"):
                parts += [part.region.box for part, held in zip(self.parts, self.holds)
                          if piece in held and part.region.kind == content.kind]  # fmt: skip
            if parts:
                boxes[piece] = union(parts)
        return boxes

    def _draft(self, index: int, boxes: dict[int, Box]) -> Draft:
        piece, lines = self.pieces[index], self._lines_of(index)
        spans = [span for line in lines for span in line.spans if span.text.strip()]
        return Draft(
            kind=piece.kind,
            box=boxes[index] if index in boxes else self._between(index, boxes),
            text=markdown_table(piece.table) if piece.table else piece.text,
            confidence=self._judge(index, index in boxes),
            reader="vlm",
            size=statistics.median(line.size for line in lines) if lines else body_size(self.view.lines),
            bold=bool(spans) and all(span.bold for span in spans),
            lines=max(1, len(lines)),
            text_lines=self.view.text_lines(lines),
            items=piece.items,
            table=piece.table,
            latex=piece.latex,
            level=piece.level,
        )

    def _between(self, index: int, boxes: dict[int, Box]) -> Box:
        """A guess for a piece that nothing places: what lies between its placed neighbours, or else the page."""
        width, height = self.view.page.rect.width, self.view.page.rect.height
        above = [boxes[i] for i in range(index) if i in boxes]
        below = [boxes[i] for i in range(index + 1, len(self.pieces)) if i in boxes]
        top = above[-1][3] if above else 0.0
        bottom = below[0][1] if below else height
        return (0.0, top, width, bottom) if bottom > top else (0.0, 0.0, width, height)

    def _judge(self, index: int, placed: bool) -> Confidence:
        piece, last = self.pieces[index], index == len(self.pieces) - 1
        made = [] if placed else [checks.BOX_INTERPOLATED(passed=False)]
        if last and not self.reading.finished:
            made.append(checks.FINISHED(passed=False))
        agreement = None
        if piece.kind == "formula":
            made.append(_sound(piece.latex or ""))
        elif self.view.lines:
            printed = " ".join(line.text for line in self._lines_of(index))
            agreement = similarity(printed, _LATEX_NAME.sub(" ", piece.words()))
        return confidence.of_model(
            self.reading.log_probs,
            "" if piece.table or piece.latex else piece.words(),
            agreement=agreement,
            against=self.view.reader,
            repeated=last and self.reading.repeated,
            others=made,
        )


_LATEX_NAME = re.compile(r"\\[A-Za-z]+")


def _sound(latex: str) -> Check:
    """Whether LaTeX's braces, commands and environments fit together."""
    return checks.LATEX_SOUND(passed=sound(latex, str) is not None)


# Regions.


def has_unread(drafts: Sequence[PageDraft]) -> bool:
    """Whether any block of these pages waits for a model."""
    return any(_waits(draft) for page in drafts for draft in page.drafts)


def _waits(draft: Draft) -> bool:
    unread = draft.kind == "formula" or (draft.kind == "table" and draft.table is None)
    return unread and draft.latex is None and isinstance(draft.image, bytes)


def fill_unread(pages: Sequence[PageDraft], model: ImageTextModel) -> None:
    """Reads the formulas and unclear tables of these pages, all pages' together; changes the drafts in place."""
    waiting = [draft for page in pages for draft in page.drafts if _waits(draft)]
    forms: tuple[Format, ...] = ("latex", "markdown")
    for form in forms:
        batch = [draft for draft in waiting if (draft.kind == "formula") == (form == "latex")]
        images = [_pixels(draft) for draft in batch]
        for draft, answer in zip(batch, _ask(model, images, form, _REGION_TOKENS)):
            if draft.kind == "formula":
                _fill_formula(draft, answer)
            else:
                _fill_table(draft, answer)


def _pixels(draft: Draft) -> NDArray[np.uint8]:
    assert isinstance(draft.image, bytes)
    image = cv2.imdecode(np.frombuffer(draft.image, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None, "a picture that we encoded"
    return np.ascontiguousarray(image[:, :, ::-1])


def _fill_formula(draft: Draft, answer: _Answer) -> None:
    """Takes the model's LaTeX; the picture stays beside it, to be shown where the LaTeX is doubted."""
    latex = "" if isinstance(answer, Exception) else markup.formula(answer.text)
    if isinstance(answer, Exception) or not latex:
        return
    unfinished = [] if answer.finished else [checks.FINISHED(passed=False)]
    draft.latex, draft.reader = latex, "vlm"
    draft.confidence = confidence.of_model(
        answer.log_probs, "", repeated=answer.repeated, others=[_sound(latex), *unfinished]
    )


def _fill_table(draft: Draft, answer: _Answer) -> None:
    """Takes the model's grid where it holds the region's own words; else the words stay, as a paragraph."""
    pieces = [] if isinstance(answer, Exception) else markup.parse(answer.text)
    piece = next((piece for piece in pieces if piece.table is not None), None)
    agreement = similarity(draft.text, piece.words()) if piece else 0.0
    draft.image = None
    if piece is None or piece.table is None or isinstance(answer, Exception) or agreement < _TABLE_AGREEMENT:
        draft.kind = "paragraph"
        return
    draft.table, draft.text, draft.reader = piece.table, markdown_table(piece.table), "vlm"
    draft.confidence = confidence.of_model(
        answer.log_probs, "", agreement=agreement, against="text", repeated=answer.repeated
    )
