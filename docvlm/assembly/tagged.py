"""What a tagged PDF says of its blocks, compared with what was found: headings and their levels, and the check `tags`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from docvlm import checks, inline
from docvlm.assembly.headings import says_heading
from docvlm.draft import Draft, PageDraft
from docvlm.schema import Kind
from docvlm.tags import level_of
from docvlm.tags.structure_tree import HEADINGS

_MOST_OF_TEXT = 0.5  # of a document's letters in headings, at most; who tags more so means type, not headings
_LARGER = 1.06  # times the type, of a heading that is larger than another

_TEXT: Final = frozenset[Kind]({"paragraph", "footnote", "caption", "code", "formula", "annotation"})
_KINDS: Final[Mapping[str, frozenset[Kind]]] = {
    "P": _TEXT,
    **dict.fromkeys(HEADINGS, frozenset[Kind]({"heading"})),
    "LI": frozenset({"list"}),
    "TOCI": frozenset({"list"}),
    "TH": frozenset({"table"}),
    "Caption": frozenset({"caption"}),
    "Note": frozenset({"footnote"}),
    "FENote": frozenset({"footnote"}),
    "Code": frozenset({"code"}),
    "Artifact": frozenset({"header", "footer"}),
}
"""The kinds that agree with a role; others say too little: cells without headers may but place text."""

_APART: Final = frozenset({"LI", "Artifact"})


def find_in_tags(pages: Sequence[PageDraft]) -> None:
    """Makes headings of what the tree calls so, where they are few enough to be any, and gives them its levels where the
    file's outline gives none and larger type stands higher.
    """
    tagged = [draft for draft in _drafts(pages) if draft.tag]
    named = [draft for draft in tagged if draft.tag in HEADINGS]
    letters = sum(len(draft.text) for draft in named)
    if letters > _MOST_OF_TEXT * sum(map(_letters, _drafts(pages))):
        return
    named = [draft for draft in named if draft.kind in ("heading", "paragraph")]
    named = [draft for draft in named if says_heading(inline.plain(draft.text), draft)]
    for draft in named:
        draft.kind = "heading"
    if not any(draft.outline_level for draft in _drafts(pages)) and _are_by_size(named):
        for draft in named:
            draft.outline_level = level_of(draft.tag)


def _are_by_size(headings: Sequence[Draft]) -> bool:
    """Whether there are levels, and type grows with them oftener than it shrinks."""
    levels = [(level, draft.size) for draft in headings if (level := level_of(draft.tag))]
    for_it = against = 0
    for (level, size), (other, other_size) in itertools.combinations(sorted(set(levels)), 2):
        if level != other:
            for_it += size > _LARGER * other_size
            against += other_size > _LARGER * size
    return len({level for level, _ in levels}) > 1 and for_it >= against


def _letters(draft: Draft) -> int:
    return len(draft.text) + sum(len(item.text) for item in draft.items)


def _drafts(pages: Sequence[PageDraft]) -> Iterator[Draft]:
    return (draft for page in pages for draft in page.drafts)


def compare(pages: Sequence[PageDraft]) -> None:
    """Gives the blocks the check `tags`: whether the tree says the same of their role, place and cells. A tree that calls
    all text of a document the same says nothing of roles.
    """
    used = {draft.tag for draft in _drafts(pages)}
    tells_roles = len(used - {"", "Artifact"}) > 1
    # Who tags no headings or lists anywhere calls them paragraphs.
    plain = _TEXT.union(*(_KINDS[role] for role in _APART - used))
    plain |= frozenset({"heading"} if not used.intersection(HEADINGS) else ())
    for draft in _drafts(pages):
        kinds = (plain if draft.tag == "P" else _KINDS.get(draft.tag)) if tells_roles else None
        said = [draft.kind in kinds] if kinds is not None else []
        said += [draft.told] if draft.told is not None else []
        if said and draft.confidence is not None:
            made = [*draft.confidence.checks, checks.TAGS(passed=all(said))]
            draft.confidence = draft.confidence.model_copy(update={"checks": made})
