r"""The reading model's tokens: units of LaTeX, and pieces of words for what stands between and inside formulas.

In a formula a token is what TeX's author thinks of as one thing: ``\frac{``, ``}{``, ``\mathbf{x}``, ``\left(``, a
letter. Words, in running text and in ``\text{...}``, are cut by byte-pair encoding. So ``ab`` are two tokens in a
formula and one in a word. The tokenizers library holds both: the units as added tokens, the words as its model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tokenizers import AddedToken, Tokenizer, models, trainers

from docvlm.formulas.detokenizer import SPECIALS, UNKNOWN, Detokenizer
from docvlm.formulas.glyphs import Kind
from docvlm.latex import KNOWN

_UNIT = re.compile(
    r"\\(?:begin|end)\{[a-zA-Z]+\}"
    r"|\\(?:mathbf|mathbb|mathcal|mathscr|mathfrak|boldsymbol)\{(?:\w|\\[A-Za-z]+)\}"
    r"|\\(?:left|right|middle|[bB]igg?[lr]?)(?:\\[A-Za-z]+|\\.|[^A-Za-z\\])"
    r"|(?P<words>\\(?:text|mathrm|mathsf|mathtt|mathit|operatorname\*?)\{(?P<inside>(?:\\,|[^{}\\])*)\})"
    r"|\\[A-Za-z]+\{?|\\.|[_^]\{|\}\{|\S"
)
_PART = re.compile(r"\\[A-Za-z]+\{?|\\.|.")
_WORD = re.compile(r" ?[^\W\d_]+| ?.", re.DOTALL)
_MATH = re.compile(r"(?<!\\)(\$[^$]*\$)")
# Latin letters and the marks of print, whether they were met or not.
_LETTERS = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0x180)))) + "‐–—‘’“”„…•†‡€™"


class LatexTokenizer:
    """Canonical LaTeX (kind "formula"), or Markdown with ``$`` math (kind "line"), to token ids and back."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.vocabulary: dict[str, int] = tokenizer.get_vocab()
        self.size = len(self.vocabulary)
        self.detokenizer = Detokenizer({number: token for token, number in self.vocabulary.items()})
        self.end, self.starts = self.detokenizer.end, self.detokenizer.starts

    @classmethod
    def from_text(cls, text: str) -> LatexTokenizer:
        """From the text of a `tokenizer.json`."""
        return cls(Tokenizer.from_str(text))

    @property
    def text(self) -> str:
        """The text of a `tokenizer.json`."""
        return str(self.tokenizer.to_str(pretty=False))

    def encode(self, text: str, kind: Kind) -> list[int]:
        """Token ids of ``text``, without an end."""
        return self.encode_all([text], [kind])[0]

    def encode_all(self, texts: Sequence[str], kinds: Sequence[Kind]) -> list[list[int]]:
        """As `encode`, for many at once."""
        cut = [
            [part for unit in units(text, kind) for part in self._known(unit)]
            for text, kind in zip(texts, kinds, strict=True)
        ]
        return [each.ids for each in self.tokenizer.encode_batch(cut, is_pretokenized=True)]

    def _known(self, unit: str) -> list[str]:
        """A unit, or where it is not in the vocabulary, what it is made of; commands are never spelled."""
        if unit[0] != "\\" or unit in self.vocabulary:
            return [unit]
        parts = _PART.findall(unit)
        return [part if part[0] != "\\" or part in self.vocabulary else SPECIALS[UNKNOWN] for part in parts]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of token ids up to the first end."""
        return self.detokenizer.decode(ids)


def units(text: str, kind: Kind) -> Iterator[str]:
    """The pieces that tokens never cross."""
    if kind == "formula":
        yield from _math(text)
        return
    for number, part in enumerate(_MATH.split(text)):
        if number % 2:
            yield "$"
            yield from _math(part[1:-1])
            yield "$"
        else:
            yield from _WORD.findall(part)


def _math(text: str) -> Iterator[str]:
    for match in _UNIT.finditer(text):
        if match["words"] is None:
            yield match[0]
        else:
            inside = match["inside"]
            yield match[0][: -1 - len(inside)]
            for piece in re.split(r"(\\,)", inside):
                yield from [piece] if piece == r"\," else _WORD.findall(piece)
            yield "}"


def train_tokenizer(texts: Iterable[tuple[str, Kind]], words: int = 1000, least: int = 10) -> LatexTokenizer:
    """A tokenizer for such texts: every unit of formulas seen ``least`` times, and ``words`` entries for words."""
    counted: Counter[str] = Counter()
    for text, kind in texts:
        counted.update(units(text, kind))
    is_math = {
        piece
        for piece in counted
        if len(piece) > 1 and not piece.lstrip(" ")[:1].isalpha() and piece[0] != " "
    }
    plain = [piece for piece in counted if piece not in is_math]
    alphabet = sorted({char for piece in counted for char in piece} | set(_LETTERS))
    tokenizer = Tokenizer(models.BPE(unk_token=SPECIALS[UNKNOWN]))
    trainer = trainers.BpeTrainer(
        vocab_size=len(SPECIALS) + len(alphabet) + words,
        min_frequency=least,
        special_tokens=list(SPECIALS),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator((piece for piece in sorted(plain) for _ in range(counted[piece])), trainer)
    # Whatever is rare can still be written: by its parts, or as one of the commands that are known by name.
    parts = {part for piece in is_math for part in _PART.findall(piece) if len(part) > 1}
    kept = sorted({piece for piece in is_math if counted[piece] >= least} | parts | KNOWN)
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in kept])
    return LatexTokenizer(tokenizer)
