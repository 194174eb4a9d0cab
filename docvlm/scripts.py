"""What letters tell: the script that they are of, and whether they follow each other as in a language of it.

The pairs of letters that the languages of a script have lie in `letter_pairs.json`, which `training/letter_pairs.py`
makes of word lists: letters that follow each other as in no word come of a wrong character map.
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

PAIRS: Final = Path(__file__).with_name("letter_pairs.json")
EDGE: Final = " "  # stands before and behind each word
RAREST: Final = 20  # bits; pairs that are no likelier, or never occur, have so many
_ALONE: Final = frozenset(
    {
        "LATIN",
        "CYRILLIC",
        "ARMENIAN",
        "GEORGIAN",
        "HEBREW",
        "ARABIC",
        "DEVANAGARI",
        "BENGALI",
        "TAMIL",
        "THAI",
    }
)
"""Scripts of which no word has letters of two. Greek letters stand beside Latin ones in formulas and units."""
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS, _MIXED = (
    8,
    0.2,
)  # words of a text that tells, and the share of mixed ones; a brand or typing slip is one
_FEWEST_PAIRS = 60  # of some ten words; fewer tell one language's habits and not whether it is one


class Pairs(NamedTuple):
    """How likely two letters of a script stand together: ``bits[a][b]`` for letters by their place in ``letters``.

    ``limit`` is the mean of bits above which a text's letters stand in no order of a language.
    """

    letters: str
    bits: list[str]
    limit: float

    def of(self, pair: str) -> int | None:
        """Bits of a pair in base 36; ``None`` where a letter is in no word list."""
        first, second = map(self.letters.find, pair)
        return int(self.bits[first][second], 36) if first >= 0 and second >= 0 else None


@lru_cache(maxsize=20_000)
def script_of(letter: str) -> str:
    """The script of a letter or mark, as the first word of its name in Unicode says it: "CYRILLIC", "CJK"."""
    return unicodedata.name(letter, "UNKNOWN").split()[0]


def letters(texts: Iterable[str]) -> Iterator[str]:
    """The letters of some texts."""
    return (character for text in texts for character in text if character.isalpha())


def pairs_of(text: str) -> Iterator[tuple[str, str]]:
    """Each word's script with each two neighbours in it, its edges too. Accents are left out, syllables taken apart."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    kept = (
        c if unicodedata.category(c)[0] in "LM" else " " for c in decomposed if script_of(c) != "COMBINING"
    )
    for word in "".join(kept).split():
        script = script_of(word[0])
        for first, second in itertools.pairwise(f"{EDGE}{word}{EDGE}"):
            yield script, first + second


def is_implausible(texts: Iterable[str]) -> bool:
    """Whether the letters of most of the texts stand in an order that no known language of their script has."""
    bits: dict[str, list[int]] = defaultdict(list)
    for script, pair in (found for text in texts for found in pairs_of(text)):
        known = _pairs().get(script)
        worth = known.of(pair) if known else None
        bits[script] += [] if worth is None else [worth]
    if not bits:
        return False
    script, values = max(bits.items(), key=lambda item: len(item[1]))
    return len(values) >= _FEWEST_PAIRS and sum(values) / len(values) > _pairs()[script].limit


def are_mixed(texts: Iterable[str]) -> bool:
    """Whether many words of the texts have letters of two scripts, as a map for another alphabet gives them, or OCR in
    another language: such letters look alike.
    """
    words = [word for text in texts for word in _WORD.findall(text)]
    if len(words) < _FEWEST_WORDS or all(map(str.isascii, words)):
        return False
    mixed = sum(len(_ALONE & {*map(script_of, word)}) > 1 for word in words)
    return mixed > _MIXED * len(words)


@cache
def _pairs() -> dict[str, Pairs]:
    stored = json.loads(PAIRS.read_text(encoding="utf-8"))
    return {script: Pairs(**table) for script, table in stored.items()}
