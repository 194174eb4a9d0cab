"""The tokenizer in a published folder: ``tokenizer.json``, GPT-2's two files, or Qwen's one.

Built with the tokenizers library, so that no code of a checkpoint runs and an unknown model type in
``config.json`` does no harm.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE

from docvlm.errors import DamagedModel

# In this order after the mergeable tokens: Qwen's own, then those Qwen-VL and Vary gave ids to.
_QWEN_SPECIALS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", *(f"<|extra_{i}|>" for i in range(205)),
    "<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>", "<img>", "</img>", "<imgpad>",
)  # fmt: skip
_QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_OPT_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")


def load_tokenizer(folder: Path) -> Tokenizer:
    """The folder's tokenizer. Raises :class:`~docvlm.errors.DamagedModel` where there is none or it is broken."""
    try:
        if (folder / "tokenizer.json").is_file():
            return Tokenizer.from_file(str(folder / "tokenizer.json"))
        if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
            return _gpt2(folder)
        if (folder / "qwen.tiktoken").is_file():
            return _qwen(folder / "qwen.tiktoken")
    except DamagedModel:
        raise
    except Exception as error:  # tokenizers raises bare Exception
        raise DamagedModel(f"{folder}: broken tokenizer: {error}", "fetch the model again") from None
    raise DamagedModel(
        f"{folder}: no tokenizer (tokenizer.json, vocab.json with merges.txt, or qwen.tiktoken)",
        "fetch the model again",
    )


def token_id(tokenizer: Tokenizer, token: str, folder: Path) -> int:
    """The id of a token without which the model cannot be asked."""
    found = tokenizer.token_to_id(token)
    if found is None:
        raise DamagedModel(f"{folder}: its tokenizer has no {token}", "fetch the model again")
    return int(found)


def _gpt2(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer(BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    known = [token for token in _OPT_SPECIALS if tokenizer.token_to_id(token) is not None]
    added = folder / "added_tokens.json"
    ids: dict[str, int] = json.loads(added.read_text(encoding="utf-8")) if added.is_file() else {}
    _add(tokenizer, [*known, *sorted(ids, key=lambda token: ids[token])])
    wrong = [token for token in ids if tokenizer.token_to_id(token) != ids[token]]
    if wrong:
        raise DamagedModel(f"{added}: {wrong[0]} does not follow the vocabulary", "fetch the model again")
    return tokenizer


def _qwen(file: Path) -> Tokenizer:
    """A byte-level BPE from tiktoken's list of (base64 bytes, rank): a token's rank is its id."""
    ranks: dict[bytes, int] = {}
    for line in file.read_bytes().splitlines():
        if line:
            token, rank = line.split()
            ranks[base64.b64decode(token)] = int(rank)
    letters = _byte_letters()
    written = {token: "".join(letters[byte] for byte in token) for token in ranks}
    merges: list[tuple[str, str]] = []
    for token in sorted(ranks, key=lambda token: ranks[token]):
        splits = [
            (token[:cut], token[cut:])
            for cut in range(1, len(token))
            if token[:cut] in ranks and token[cut:] in ranks
        ]
        # tiktoken merges whatever pair forms the token of lowest rank, so each split is a merge.
        splits.sort(key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
        merges += [(written[left], written[right]) for left, right in splits]
    vocabulary = {written[token]: rank for token, rank in ranks.items()}
    tokenizer = Tokenizer(BPE(vocabulary, merges, ignore_merges=True))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_QWEN_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    _add(tokenizer, _QWEN_SPECIALS)
    return tokenizer


def _add(tokenizer: Tokenizer, tokens: list[str] | tuple[str, ...]) -> None:
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in tokens])


def _byte_letters() -> dict[int, str]:
    """GPT-2's printable letter for each byte, as the byte-level pre-tokenizer writes it."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + k) for k, byte in enumerate(rest)}
