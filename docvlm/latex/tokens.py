"""LaTeX as tokens, and back."""

from __future__ import annotations

import re

TOKEN = re.compile(r"\\(?:operatorname|tag|[hv]space)\*|\\[A-Za-z]+|\\.|%[^\n]*\n?|\s+|.", re.DOTALL)
# A blank behind a backslash belongs to it.
_AROUND = re.compile(r"\A\s+|(?<!\\)\s+\Z")
_NAME_END = re.compile(r"\\[A-Za-z]+$")


class LatexError(ValueError):
    """What was given is not a formula: something does not balance, or stands where it cannot."""


def pieces(canonical: str) -> list[str]:
    """The tokens of TeX in a formula, without its spaces between them (words of ``\\text`` keep theirs)."""
    out: list[str] = []
    for part in re.split(r"(\\text\{[^{}]*\})", canonical):
        if part.startswith("\\text{"):
            out += ["\\text", "{", *part[6:-1], "}"]
        else:
            out += [token for token in TOKEN.findall(part) if not token.isspace()]
    return out


def join(tokens: list[str]) -> str:
    """Tokens as text, with spaces only where TeX needs them, and around the marks of rows and cells."""
    out = ""
    for token in tokens:
        if token in ("&", "\\\\"):
            out = out.rstrip(" ") + f" {token} "
        else:
            out += gap(out, token) + token
    return out.strip(" ")


def stripped(latex: str) -> str:
    """LaTeX without the blanks around it."""
    return _AROUND.sub("", latex)


def gap(before: str, after: str) -> str:
    """The space that keeps a command's name at the end of ``before`` from running into a letter."""
    return " " if after[:1].isalpha() and _NAME_END.search(before) else ""
