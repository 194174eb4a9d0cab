"""Token ids of the reading model -> text. Needs no tokenizers library: a table of names is enough to write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from docvlm.formulas.glyphs import Kind
from docvlm.latex import join

KINDS: Final[tuple[Kind, ...]] = ("formula", "line")
END, UNKNOWN = 0, 1
SPECIALS: Final = ("<end>", "<unknown>", "<formula>", "<line>")


class Detokenizer:
    """``tokens`` are by id, ``vocabulary`` the ids by token; ``end`` is the id that ends a text, ``starts`` are those that
    say what is to be written.
    """

    def __init__(self, tokens: dict[int, str]) -> None:
        self.tokens = tokens
        self.vocabulary = {token: number for number, token in tokens.items()}
        self.end = END
        self.starts: dict[Kind, int] = {kind: SPECIALS.index(f"<{kind}>") for kind in KINDS}

    @classmethod
    def from_text(cls, text: str) -> Detokenizer:
        """From the text of a `tokenizer.json`. Raises ValueError where it holds no such table."""
        try:
            stated = json.loads(text)
            names = {number: name for name, number in stated["model"]["vocab"].items()}
            names |= {each["id"]: each["content"] for each in stated["added_tokens"]}
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no table of tokens: {error}") from error
        return cls(names)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of token ids up to the first end."""
        tokens = []
        for number in ids:
            if number == self.end:
                break
            tokens.append(self.tokens.get(number, ""))
        return join([token for token in tokens if token not in SPECIALS])
