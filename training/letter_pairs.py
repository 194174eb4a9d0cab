"""Makes `docvlm/letter_pairs.json`: which letters stand together in the words of a script's languages.

    python -m training.letter_pairs rus.words ukr.words ell.words ...

Each file has one word a line, of one language. The published table is of the word lists in Debian's `tesseract-ocr-*`
packages (Apache-2.0), as `dawg2wordlist` prints them. Languages count alike, however many words there are of each.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter, defaultdict
from pathlib import Path

from docvlm.scripts import EDGE, PAIRS, RAREST, Pairs, pairs_of

_WORDS = 20_000  # of each language, drawn evenly from all
_RAREST_LETTER = 1e-4  # of all letters; rarer ones are loans and mistakes
_MOST_LETTERS = 120  # a syllabary has too many pairs for words to show
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SHUFFLES = 40  # permuted alphabets, to see what a wrong character map looks like
_TO_PERMUTED = 0.4  # how far the limit lies on the way from the least likely language to permuted ones
# What OCR reads is compared with the pixels.
_READ = ("LATIN", "CJK", "HIRAGANA", "KATAKANA")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", type=Path, nargs="+")
    counts: dict[str, list[Counter[str]]] = defaultdict(list)
    for path in parser.parse_args().words:
        for script, counted in _counted(path).items():
            counts[script].append(counted)
    tables = {script: table for script, each in sorted(counts.items()) if (table := _table(script, each))}
    stored = {script: table._asdict() for script, table in tables.items()}
    PAIRS.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _counted(path: Path) -> dict[str, Counter[str]]:
    """The pairs of a language's main script."""
    words = path.read_text(encoding="utf-8").splitlines()
    random.Random(0).shuffle(words)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word in words[:_WORDS]:
        for script, pair in pairs_of(word):
            counts[script][pair] += 1
    main = max(counts, key=lambda script: counts[script].total(), default="LATIN")
    return {} if main in _READ else {main: counts[main]}


def _table(script: str, languages: list[Counter[str]]) -> Pairs | None:
    """The mean of the languages' pairs, and the limit between them and permuted ones."""
    total: Counter[str] = Counter()
    for counts in languages:
        for pair, count in counts.items():
            total[pair] += count / counts.total() / len(languages)  # type: ignore[assignment]
    shares: Counter[str] = Counter()
    for pair, share in total.items():
        shares[pair[0]] += share
    letters = "".join(sorted(letter for letter, share in shares.items() if share > _RAREST_LETTER))
    if len(letters) > _MOST_LETTERS:
        return None
    bits = [[min(RAREST, round(-math.log2(total.get(a + b, 1e-9)))) for b in letters] for a in letters]
    table = Pairs(letters, ["".join(_DIGITS[value] for value in row) for row in bits], 0.0)
    right = [_mean(table, counts) for counts in languages]
    wrong = [
        _mean(table, _permuted(counts, letters, seed)) for counts in languages for seed in range(_SHUFFLES)
    ]
    limit = max(right) + _TO_PERMUTED * (min(wrong) - max(right))
    print(
        f"{script}: {len(letters)} letters, languages {min(right):.2f} to {max(right):.2f}, "
        f"permuted {min(wrong):.2f} to {max(wrong):.2f}, limit {limit:.2f}"
    )
    return table._replace(limit=round(limit, 2))


def _mean(table: Pairs, counts: Counter[str]) -> float:
    worth = [(count, bits) for pair, count in counts.items() if (bits := table.of(pair)) is not None]
    return sum(count * bits for count, bits in worth) / sum(count for count, _ in worth)


def _permuted(counts: Counter[str], letters: str, seed: int) -> Counter[str]:
    """The pairs that a permuted alphabet gives."""
    used = [letter for letter in letters if letter != EDGE and any(letter in pair for pair in counts)]
    to = random.Random(seed).sample(used, len(used))
    moved = str.maketrans(dict(zip(used, to)))
    return Counter({pair.translate(moved): count for pair, count in counts.items()})


if __name__ == "__main__":
    main()
