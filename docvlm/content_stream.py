"""Whether a page's content is whole, by its own syntax (ISO 32000-1, 7.8.2 and 9.4.1).

A stream that was cut off decodes without complaint where it was not compressed, or where it was compressed again. What
is left of it mostly ends amid operands or in a text object that nobody closes.
"""

from __future__ import annotations

import re

from docvlm.mupdf import pymupdf

_LARGEST = 2 << 20  # bytes; larger content is drawing, and only its end is looked at
_END = 4096  # bytes
_STRING = rb"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\))*+\)"  # three deep
_TOKEN = re.compile(
    rb"%[^\r\n]*+|" + _STRING + rb"|<<|>>|<[0-9A-Fa-f\s]*+>|(?<![^\s])ID\s.*?\sEI(?=\s|$)"
    rb"|[\[\]{}]|/[^\s()<>\[\]{}/%]*+|[^\s()<>\[\]{}/%]++|[()<>]",
    re.DOTALL,
)
_OPERATOR = re.compile(rb"[A-Za-z'\"][A-Za-z0-9*]{0,2}|ID\s.*EI", re.DOTALL)


def of_page(page: pymupdf.Page) -> bytes:
    """A page's content, its streams one after another; none where it cannot be read."""
    try:
        content: bytes = page.read_contents()
    except (RuntimeError, ValueError):
        return b""
    return content


def broken(content: bytes) -> str | None:
    """What shows that a part of the content is not there; ``None`` where nothing does."""
    last, is_text = b"", False
    for match in _TOKEN.finditer(content if len(content) <= _LARGEST else content[-_END:]):
        token = match[0]
        if token[:1] == b"%":
            continue
        if token == b"BT":
            if is_text:
                return "a text object begins within another"
            is_text = True
        elif token == b"ET":
            is_text = False
        last = token
    if is_text:
        return "its content ends within a text object"
    if last and not _OPERATOR.fullmatch(last):
        return "its content ends before an operator"
    return None
