"""Whether a page's content is whole, by its own syntax (ISO 32000-1, 7.8.2, 9.4.1 and annex A).

A stream that was cut off or written over may decode without complaint where it was not compressed, or was compressed
again. What is left of it mostly has operators that lack operands, or ends in a text object that nobody closes.
"""

from __future__ import annotations

import re

_LARGEST = 2 << 20  # bytes; larger content is drawing, and only its end is looked at
_END = 4096  # bytes
STRING = rb"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\))*+\)"  # three deep
_TOKEN = re.compile(
    rb"%[^\r\n]*+|" + STRING + rb"|<<|>>|<[0-9A-Fa-f\s]*+>|(?<![^\s])ID\s.*?\sEI(?=\s|$)"
    rb"|[\[\]{}]|/[^\s()<>\[\]{}/%]*+|[^\s()<>\[\]{}/%]++|[()<>]",
    re.DOTALL,
)
_OPERATOR = re.compile(rb"[A-Za-z'\"][A-Za-z0-9*]*+|ID\s.*EI", re.DOTALL)  # unknown ones, too
# How many operands they have; of those whose number is not the same everywhere nothing is asked.
_OPERANDS = {
    b"Tj": 1, b"TJ": 1, b"'": 1, b'"': 3, b"Td": 2, b"TD": 2, b"Tm": 6, b"Tf": 2, b"re": 4, b"m": 2, b"l": 2, b"c": 6,
    b"v": 4, b"y": 4, b"cm": 6, b"Do": 1,
}  # fmt: skip
_TEXT = {b"Tj", b"TJ", b"Td", b"TD", b"Tm", b"T*", b"'", b'"'}  # stand in text objects


def broken(content: bytes) -> str | None:
    """What shows that a part of the content is not there; ``None`` where nothing does."""
    last, is_text, operands, depth = b"", False, 0, 0
    is_whole = len(content) <= _LARGEST
    for match in _TOKEN.finditer(content if is_whole else content[-_END:]):
        token = last = match[0]
        first = token[:1]
        if b"+" <= first <= b"9":  # a number or a name, as most are
            operands += depth == 0
            continue
        if first == b"%":
            continue
        if first in b"[<{" and token in b"[<<{":
            depth += 1
        elif token in (b"]", b">>", b"}"):
            depth -= 1
            operands += depth == 0
        elif depth > 0 or first in b"(<" or not _OPERATOR.fullmatch(token):
            operands += depth == 0
        else:
            if is_whole and operands < _OPERANDS.get(token, 0):
                return f"an operator lacks operands ({token.decode()})"
            if is_whole and token in _TEXT and not is_text:
                return "text stands outside of text objects"
            if token == b"BT":
                if is_text:
                    return "a text object begins within another"
                is_text = True
            elif token == b"ET":
                is_text = False
            operands = 0
    if is_text:
        return "its content ends within a text object"
    if last and last[:1] != b"%" and not _OPERATOR.fullmatch(last):
        return "its content ends before an operator"
    return None
