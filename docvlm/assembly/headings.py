"""Which lines are headings, and their levels over the whole document."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docvlm import checks, inline
from docvlm.assembly.captions import begins_caption
from docvlm.boxes import overlap_across, union
from docvlm.draft import Draft, PageDraft
from docvlm.file_knowledge import folded
from docvlm.numbers import is_number_cell

# Of what the layout network takes for a heading.
_MOST_LETTERS, _MOST_LINES = 220, 4
_SENTENCE = 90  # letters; what ends in a full stop and is longer is a sentence
_LARGER = 1.08  # of the body's type; the estimate of a size is off by less
_UNLIKELY = 0.2  # probability of what the page model takes for something else
# Of text that the network takes for a paragraph, which must look more like a heading.
_MOST_LETTERS_FOUND, _MOST_LINES_FOUND = 120, 2
_LARGER_FOUND = 1.15  # of the body's type
_BOLD_SIZE = 0.95  # of the body's type, at least; smaller bold type names columns and axes
_GUESSED = 0.1  # score of OCR's text; what is less sure says no heading

# Of a title page.
_FRONT_LINES = 8  # of a block between title and abstract, at most; with more it is text
_TITLE_SIZE = 0.95  # of the largest heading's type; what is smaller is no title
_BELOW_TITLE = 0.8  # of the title's type; names of authors are smaller
_NAMES_LINES = 2  # of a block of names, at most

# Lines of one heading, in ems.
_OVERLAP, _LEADING = -0.3, 1.6
_SAME_SIZE = 0.08
# Sizes of one level differ by less, in shares and in points; OCR estimates them from the ink, to about a tenth.
_SAME_LOOK, _SAME_LOOK_READ, _SAME_POINTS = 0.06, 0.12, 0.6
_DEEPEST = 6  # levels that Markdown and HTML have

_NUMBERING = re.compile(r"^((?:\d+|[A-Z])(?:\.\d+)*)[.)]?\s+\S")
_NUMBER = re.compile(
    r"^\s*(?:(?:chapter|section|part|appendix)\s+)?(?:\d+|[A-Z]|[IVX]+)(?:\.\d+)*[.):]?\s+", re.IGNORECASE
)
_NAMED = 0.5  # of an outline's entries, at least, that are printed on their pages
_FIRST_SECTION = re.compile(
    r"^\W*(?:1\.?\s+)?(abstract|summary|introduction|contents|foreword|preface|摘要|引言)\b", re.IGNORECASE
)
_UNFINISHED = re.compile(
    r"(?:\b(?:of|for|and|or|the|a|an|in|on|to|with|by|from|und|der|des|die|de|la)|[-–,])$", re.IGNORECASE
)
_ADDRESS = re.compile(r"\bhttps?://|\bwww\.|^doi\b|\S@\S+\.\w", re.IGNORECASE)
# Signs, stray letters and ticks of a map are no headings; a word in Chinese or Japanese may have one character.
_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff]|\b[A-Z]{2}\b")


def find_headings(page: PageDraft, body: float) -> None:
    """Makes headings of what looks like one beside text of ``body`` points, and text of what does not."""
    for draft in page.drafts:
        if draft.reader == "vlm":
            continue  # it has seen the page, and says what is a heading
        text = inline.plain(draft.text)
        if draft.kind == "heading" and not _may_be_heading(text, draft, body):
            draft.kind = "paragraph"
        elif draft.kind == "paragraph" and _is_heading(text, draft, body) and not _is_known_not_to_be(draft):
            draft.kind = "heading"


def _is_known_not_to_be(draft: Draft) -> bool:
    return draft.heading is not None and draft.heading < _UNLIKELY


def _may_be_heading(text: str, draft: Draft, body: float) -> bool:
    marked = draft.bold or draft.size > _LARGER * body or text.isupper() or _NUMBERING.match(text)
    return bool(marked) and says_heading(text, draft)


def says_heading(text: str, draft: Draft) -> bool:
    """Whether a draft's plain text may be a heading's, whatever it looks like."""
    if _is_guessed(draft):
        return False
    if not _WORD.search(text) or is_number_cell(text) or _ADDRESS.search(text) or len(text) > _MOST_LETTERS:
        return False
    if draft.lines > _MOST_LINES:
        return False
    return not (text.endswith((",", ";")) or (text.endswith(".") and len(text) > _SENTENCE))


def _is_guessed(draft: Draft) -> bool:
    """Whether OCR believes next to nothing of what it read, as where it takes a logo for large type."""
    judged = draft.confidence
    return draft.reader == "ocr" and judged is not None and judged.score < _GUESSED


def _is_heading(text: str, draft: Draft, body: float) -> bool:
    if not _may_be_heading(text, draft, body) or begins_caption(text):
        return False
    if text.endswith((".", ":")) or len(text) > _MOST_LETTERS_FOUND or not text[:1].isalnum():
        return False
    if draft.lines > _MOST_LINES_FOUND:
        return False
    bold = draft.bold and draft.size > _BOLD_SIZE * body and not text[:1].islower()
    return draft.size > _LARGER_FOUND * body or bold


def demote_authors(page: PageDraft) -> None:
    """On a paper's first page what stands between title and abstract names people and places, not sections.

    Without an abstract only larger lines right below the title that no numbering or bold type marks do.
    """
    body = [draft for draft in page.drafts if draft.kind not in ("header", "footer")]
    if any(draft.level for draft in body):
        return
    first = next((i for i, draft in enumerate(body) if _FIRST_SECTION.match(inline.plain(draft.text))), 0)
    front = [draft for draft in body[:first] if draft.kind == "heading"]
    if front and all(draft.lines <= _FRONT_LINES for draft in body[:first]):
        title = max(draft.size for draft in front)
        for draft in front:
            if draft.size < _TITLE_SIZE * title:
                draft.kind = "paragraph"
    elif len(body) > 1 and body[0].kind == "heading":
        _demote_below_title(body)


def _demote_below_title(body: list[Draft]) -> None:
    for draft in body[1:]:
        if draft.kind != "heading":
            if draft.lines > _NAMES_LINES:
                break
            continue
        if draft.bold or draft.size > _BELOW_TITLE * body[0].size or _depth(draft):
            break
        draft.kind = "paragraph"


def join_headings(drafts: list[Draft]) -> list[Draft]:
    """Joins lines of one heading that were found apart: same type, right below each other, mid-sentence."""
    joined: list[Draft] = []
    for draft in drafts:
        last = joined[-1] if joined else None
        if last and last.kind == draft.kind == "heading" and _goes_on(last, draft):
            last.text = inline.join(last.text, draft.text)
            last.box = union([last.box, draft.box])
            last.lines += draft.lines
            last.text_lines += draft.text_lines
            last.links += draft.links
            last.failure = last.failure or draft.failure
            if last.confidence and draft.confidence and draft.confidence.score < last.confidence.score:
                last.confidence = draft.confidence
        else:
            joined.append(draft)
    return joined


def _goes_on(above: Draft, below: Draft) -> bool:
    near = _OVERLAP * above.size < below.box[1] - above.box[3] < _LEADING * above.size
    alike = abs(above.size - below.size) < _SAME_SIZE * above.size and above.bold == below.bold
    across = overlap_across(above.box, below.box) > 0
    unfinished = below.text[:1].islower() or _UNFINISHED.search(above.text)
    return bool(near and alike and across and unfinished) and above.level is None and below.level is None


def find_in_outline(pages: Sequence[PageDraft]) -> None:
    """Makes headings of what the file's outline names on its page, and gives them its levels.

    An outline that names little of what is printed is of another document, or of its own words, and says nothing.
    """
    found = [
        (entry, _named(entry.title, page))
        for page in pages
        for entry in (page.knowledge.outline if page.knowledge else ())
    ]
    if sum(draft is not None for _, draft in found) < _NAMED * len(found):
        return
    for entry, draft in found:
        if draft is not None:
            draft.kind, draft.outline_level = "heading", entry.level
            if draft.confidence is not None:
                made = [*draft.confidence.checks, checks.OUTLINE(passed=True)]
                draft.confidence = draft.confidence.model_copy(update={"checks": made})


def _named(title: str, page: PageDraft) -> Draft | None:
    """The heading or short paragraph of a page that says a title, with or without its number."""
    sought = {folded(title), folded(_NUMBER.sub("", title))} - {""}
    for draft in page.drafts:
        if draft.kind not in ("heading", "paragraph") or draft.lines > _MOST_LINES or draft.reader == "vlm":
            continue
        said = inline.plain(draft.text)
        if sought & {folded(said), folded(_NUMBER.sub("", said))}:
            return draft
    return None


@dataclass(frozen=True, slots=True)
class _Look:
    size: float
    bold: bool


def heading_levels(headings: Iterable[Draft]) -> dict[int, int]:
    """Level (1 to 6) of every heading, by ``id(draft)``, consistent over the whole document.

    Larger type stands higher; the depth of a section number ("2.3.1") overrules type below the first level.
    What a reader says itself stays.
    """
    found = list(headings)
    told = {id(draft): draft.level for draft in found if draft.level}
    drafts = [draft for draft in found if not draft.level]
    looks = _distinct_looks(drafts)
    rank = {id(draft): _rank(draft, looks) for draft in drafts}
    numbered = {id(draft): depth for draft in drafts if (depth := _depth(draft))}
    firsts = [rank[key] for key, depth in numbered.items() if depth == 1]
    if firsts:
        base = statistics.mode(firsts)
        for key, depth in numbered.items():
            rank[key] = base + depth - 1
    levels = _nested([(rank[id(draft)], id(draft) in numbered) for draft in drafts])
    by_looks = {key: levels[value] for key, value in rank.items()}
    return told | {key: min(level, _DEEPEST) for key, level in _by_outline(drafts, by_looks).items()}


def _by_outline(drafts: list[Draft], by_looks: dict[int, int]) -> dict[int, int]:
    """The levels, where the file's outline names headings its own, below a title that it leaves out.

    What looks like a heading that it names is as deep.
    """
    named = {id(draft): draft.outline_level for draft in drafts if draft.outline_level}
    if not named:
        return by_looks
    first = next(index for index, draft in enumerate(drafts) if id(draft) in named)
    highest = min(by_looks[key] for key in named)
    below = int(any(by_looks[id(draft)] < highest for draft in drafts[:first]))
    alike: dict[int, list[int]] = {}
    for key, level in named.items():
        alike.setdefault(by_looks[key], []).append(level + below)
    return {
        key: named[key] + below if key in named else statistics.mode(alike.get(level, [level]))
        for key, level in by_looks.items()
    }


def _nested(headings: Sequence[tuple[int, bool]]) -> dict[int, int]:
    """A level for every rank: one below the deepest under which it stands anywhere, so that few levels are skipped.

    ``headings`` are ranks, and whether a number says them. Numbered headings stand below each other and below what comes
    before the first of them: larger type between them, as in a diagram, makes none deeper.
    """
    above: dict[int, set[int]] = {rank: set() for rank, _ in headings}
    open_ranks: list[tuple[int, bool]] = []  # and whether numbered headings may stand below them
    seen_number = False
    for rank, is_numbered in headings:
        while open_ranks and open_ranks[-1][0] >= rank:
            open_ranks.pop()
        over = [each for each, counts in open_ranks if counts or not is_numbered]
        above[rank].update(over[-1:])
        open_ranks.append((rank, is_numbered or not seen_number))
        seen_number = seen_number or is_numbered
    levels: dict[int, int] = {}
    for rank in sorted(above):
        levels[rank] = 1 + max((levels[parent] for parent in above[rank]), default=0)
    return levels


def _distinct_looks(drafts: list[Draft]) -> list[_Look]:
    looks: list[_Look] = []
    for draft in sorted(drafts, key=lambda d: (-d.size, not d.bold)):
        if not any(_same_look(draft, look) for look in looks):
            looks.append(_Look(draft.size, draft.bold))
    return looks


def _same_look(draft: Draft, look: _Look) -> bool:
    noise = _SAME_LOOK_READ if draft.reader == "ocr" else _SAME_LOOK
    return draft.bold == look.bold and abs(draft.size - look.size) <= max(_SAME_POINTS, noise * look.size)


def _rank(draft: Draft, looks: list[_Look]) -> int:
    return next(i for i, look in enumerate(looks) if _same_look(draft, look)) + 1


def _depth(draft: Draft) -> int:
    match = _NUMBERING.match(inline.plain(draft.text))
    return match.group(1).count(".") + 1 if match and not match.group(1).isalpha() else 0
