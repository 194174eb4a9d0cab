"""A page's blocks against what the page shows.

Correct blocks do not show what is missing. Here every line that the text layer or OCR gave is looked for in what was
written. Lines that nobody wrote are given back, to be written. Formulas are spelled anew, so that of what stands in a block
with formulas each letter must be in the block, in whatever order. The other witness is the page's ink (`docvlm.ink`).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docvlm import checks, fonts
from docvlm.boxes import Box, contains, middle
from docvlm.draft import Draft
from docvlm.latex import GREEK, OPERATORS
from docvlm.layout.order import reading_order
from docvlm.schema import Check, TextLine
from docvlm.spans import Line

_NO_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+")
# Marks with letters in them: tags (an address in angles is none) and where links lead to.
_MARK = re.compile(r"</?(?:sup|sub|br|u|s|ins|del|mark|span|a)\b[^<>]*>|(?<=\])\([^()\s]*\)")
_COMMAND = re.compile(r"\\(?:begin|end)\{[^}]*\}(?:\{[^}]*\})?|\\[A-Za-z]+")
_SPELLED = {command: char for char, command in GREEK.items()} | {name: name[1:] for name in OPERATORS}
# Letters that fonts draw alike or call by each other's names; accents that Unicode counts among letters.
_ALIKE = str.maketrans("ϵϑϖϱςϕℓ\u2126µ", "εθπρσφlωμ", "ˆˇ")
_SURE = 12  # letters; a line that long and found in the text did not get there by chance
_LONG = 20  # letters that do not come twice by chance
_SURPLUS = 0.1  # of a draft's printed letters, more than which it says only where it repeats itself
_LOST = 0.5  # of a line's letters in words that are nowhere: the line is lost
_SHORTEST = 3  # letters of a word that is looked for alone; shorter ones are everywhere


@dataclass(frozen=True, slots=True)
class Witness:
    """One line that a page shows: its text as it was before anything was read from it, and where it came from. ``letters``
    are those of the text but for the signs of fonts that call their large operators and brackets by letters.
    """

    text: str
    line: Line
    letters: str

    @property
    def box(self) -> Box:
        return self.line.box


@dataclass(slots=True)
class Account:
    """What became of a page's lines: which are ``lost``, and which words are ``missing`` of others; in letters how many
    there are, how many those words have, and how many were written more often than they are printed.
    """

    lost: list[Witness] = field(default_factory=list)
    missing: list[TextLine] = field(default_factory=list)
    letters: int = 0
    gone: int = 0
    repeated: int = 0

    def checks(self) -> list[Check]:
        """How much of the page's words was written, and how much of it twice."""
        if not self.letters:
            return []
        return [
            checks.COMPLETENESS(1 - self.gone / self.letters),
            checks.REPEATED_TEXT(self.repeated / self.letters),
        ]


def witnesses(lines: Iterable[Line]) -> list[Witness]:
    """The lines as they stand now: reading changes their spans."""
    return [Witness(line.text, line, _letters_of(line)) for line in lines]


def _letters_of(line: Line) -> str:
    return "".join(span.text for span in line.spans if not fonts.look_of(span.font).hangs)


def account(seen: Sequence[Witness], drafts: Sequence[Draft], reread: bool = False) -> Account:
    """Looks for every line in the drafts. What stands in the place of a draft with formulas may have been spelled anew, so
    its letters are looked for; with ``reread``, as for OCR's lines, what stands in the place of any draft with words counts
    as written.
    """
    said = [_plain(" ".join(_texts(draft))) for draft in drafts]
    folded = [_folded(text) for text in said]
    written = "".join(folded)
    printed = [_folded(each.text.casefold()) for each in seen]
    everything = "".join(printed)
    made = Account(letters=len(everything), repeated=_repeated(drafts, folded))
    for draft, text in zip(drafts, said):
        if draft.table is not None and "$" not in text:
            _add_missing_cells(made, draft, text)
    words = Counter(word for text in said for word in _WORD.findall(text))
    needed = Counter(word for each in seen for word in _words(each.text))
    spelled: list[Witness] = []
    for each, text in zip(seen, printed):
        if not text:
            continue
        have, need = written.count(text), everything.count(text)
        if have >= need and (len(text) >= _SURE or all(words[w] >= needed[w] for w in _words(each.text))):
            continue
        over = (draft for draft in drafts if contains(draft.box, middle(each.box)))
        covering = [draft for draft in over if any(map(str.strip, _texts(draft)))]
        if covering and reread:
            continue
        if any(map(_has_formulas, covering)):
            spelled.append(each)
            continue
        if have and len(text) >= _SURE:  # printed more often than written
            made.lost += [] if covering else [each]
            continue
        gone = [w for w in _words(each.text) if w not in words and (len(w) >= _SHORTEST and w not in written)]
        letters = sum(map(len, gone))
        if letters > _LOST * len(text):
            made.lost.append(each)
        elif gone:
            made.gone += letters
            made.missing.append(TextLine(text=" ".join(gone), box=each.box))
    _add_missing_letters(made, spelled, seen, drafts)
    return made


def _add_missing_letters(
    made: Account, spelled: Sequence[Witness], seen: Sequence[Witness], drafts: Sequence[Draft]
) -> None:
    """Counts the letters of lines that no text holds in their order, and that the drafts over them do not have as often as
    the page prints them there. A word is missing where that is so of one of its letters.
    """
    lacking = [Counter[str]() for _ in drafts]
    said = [""] * len(drafts)
    over = [
        [index for index, draft in enumerate(drafts) if contains(draft.box, middle(each.box))]
        for each in spelled
    ]
    anew = set(map(id, spelled))
    for index in {index for each in over for index in each}:
        text = said[index] = _letters(_spelled_out(" ".join(_texts(drafts[index]))))
        inside = (each for each in seen if contains(drafts[index].box, middle(each.box)))
        own = (_letters(each.letters) for each in inside if id(each) in anew or _letters(each.text) in text)
        lacking[index] = Counter("".join(own)) - Counter(text)
    for each, indices in zip(spelled, over):
        index = min(indices, key=lambda index: lacking[index].total())
        gone = _without(_WORD.findall(each.letters), lacking[index], said[index])
        made.gone += sum(letters for _, letters in gone)
        if gone:
            made.missing.append(TextLine(text=" ".join(word for word, _ in gone), box=each.box))


def _without(words: Sequence[str], lacking: Counter[str], said: str) -> list[tuple[str, int]]:
    """The words with letters that are ``lacking`` in what was ``said``, and how many; these are taken off. Words that are
    nowhere come first: the letters are theirs.
    """
    gone = {}
    for index in sorted(range(len(words)), key=lambda index: _letters(words[index]) in said):
        lost = Counter(_letters(words[index])) & lacking
        lacking -= lost
        gone[index] = lost.total()
    return [(words[index], letters) for index, letters in sorted(gone.items()) if letters]


def _has_formulas(draft: Draft) -> bool:
    return bool(draft.latex) or any("$" in text for text in _texts(draft))


def _spelled_out(markdown: str) -> str:
    """What Markdown with formulas says, these by the letters that they print, in the order of their LaTeX."""
    return _COMMAND.sub(lambda command: _SPELLED.get(command[0], ""), html.unescape(_MARK.sub("", markdown)))


def _letters(text: str) -> str:
    """The letters and digits of a text, with those that look alike as one, and without accents, of which LaTeX makes
    commands.
    """
    return _folded(unicodedata.normalize("NFKD", text.translate(_ALIKE)).casefold())


def _add_missing_cells(made: Account, draft: Draft, said: str) -> None:
    """Counts the words of a table's lines that none of its cells has: figures come again all over a page, so only the
    table itself can tell. Words that a cell has in pieces, or joined to others, are there.
    """
    stream = _folded(said)
    printed = Counter(word for line in draft.text_lines for word in _words(line.text))
    fewer = printed - Counter(_WORD.findall(said))
    gone = [w for w, times in fewer.items() if stream.count(w) < printed[w] for _ in range(times)]
    if gone:
        made.gone += sum(map(len, gone))
        made.missing.append(TextLine(text=" ".join(gone), box=draft.box))


def _repeated(drafts: Iterable[Draft], said: Iterable[str]) -> int:
    """Letters that were written more often than they are printed: of lines in two drafts, and of drafts that ``said``, in
    letters and digits, more than their lines do. LaTeX has letters of its own.
    """
    repeated, known = 0, set()
    for draft, folded in zip(drafts, said, strict=True):
        printed = [_folded(line.text.casefold()) for line in draft.text_lines]
        for line, text in zip(draft.text_lines, printed):
            if len(text) >= _LONG:
                repeated += len(text) if (line.box, text) in known else 0
                known.add((line.box, text))
        if printed and draft.latex is None and "$" not in " ".join(_texts(draft)):
            letters = sum(map(len, printed))
            surplus = len(folded) - letters
            repeated += surplus if surplus > max(_LONG, _SURPLUS * letters) else 0
    return repeated


def _texts(draft: Draft) -> list[str]:
    """What a draft says, as it will be written."""
    if draft.items:
        return [f"{item.marker} {item.text}" for item in draft.items]
    if draft.table is not None:
        return [cell.text for cell in sorted(draft.table.cells, key=lambda cell: (cell.row, cell.column))]
    return [draft.latex or draft.text]


def _plain(markdown: str) -> str:
    """What Markdown says, without the marks that hold letters."""
    return html.unescape(_MARK.sub("", markdown.replace("<br>", " "))).casefold()


def _folded(text: str) -> str:
    """The letters and digits of a text."""
    return _NO_WORD.sub("", text)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


# Writing what was lost.


def place(found: Draft, drafts: list[Draft]) -> None:
    """Puts a draft that nobody placed behind the one that it follows on the page."""
    boxes = [draft.box for draft in drafts]
    order = reading_order([*boxes, found.box])
    before = order[: order.index(len(boxes))]
    drafts.insert(before[-1] + 1 if before else 0, found)


def figure_around(each: Witness, drafts: Iterable[Draft]) -> Draft | None:
    """The picture, chart or formula in which a line stands: its words belong to it."""
    held = (draft for draft in drafts if draft.kind in ("picture", "chart", "formula"))
    return next((draft for draft in held if contains(draft.box, middle(each.box))), None)
