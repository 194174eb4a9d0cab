"""Unicode characters as LaTeX that both pdflatex and xelatex can set, and what else they need declared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from docvlm.latex import symbols

_OTHER = {
    "″": r"\ensuremath{{}''}", "⁄": "/", "∕": "/", "‐": "-", "‑": "-", "‒": "--",
    "―": "---", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
    "\u2028": " ", "\u2029": " ", "\u202f": "~", "\u205f": " ", "\u3000": r"\quad{}", "\u00a0": "~",
    "\u2001": r"\quad{}", "\u2003": r"\quad{}",
    "\u2000": " ", "\u2002": " ", "\u2004": " ", "\u2005": " ", "\u2006": " ", "\u2007": "~", "\u2008": " ",
    "\u2009": r"\,", "\u200a": r"\,", "\u1680": " ",
}  # fmt: skip
_SCRIPTS = {
    **{chr(0x2080 + digit): rf"\textsubscript{{{digit}}}" for digit in range(10)},
    **{char: rf"\textsuperscript{{{n}}}" for char, n in zip("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿⁱ", "0123456789ni", strict=True)},
    "⁺": r"\textsuperscript{+}", "⁻": r"\textsuperscript{\ensuremath{-}}", "₊": r"\textsubscript{+}",
    "₋": r"\textsubscript{\ensuremath{-}}",
}  # fmt: skip


def _in_text(commands: Mapping[str, str]) -> dict[str, str]:
    return {char: rf"\ensuremath{{{command}}}" for char, command in commands.items()}


GREEK = _in_text(symbols.GREEK)
SYMBOLS = _in_text(symbols.SYMBOLS) | _OTHER | _SCRIPTS

_IGNORED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)

# Characters that the default fonts of both engines hold, beside SYMBOLS.
_KNOWN = "\x00-\u017f\u0218-\u021b\u1e00-\u1eff\u2010-\u205e€™"
_CJK = "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_SYMBOL_SET = "".join(map(re.escape, SYMBOLS))
CJK_RUN = f"[{_CJK}]+"
SCRIPT_RUN = f"[^{_KNOWN}{_CJK}{_SYMBOL_SET}]+"


def clean(text: str) -> str:
    """``text`` composed (NFC) and without characters that print nothing."""
    return _IGNORED.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))


def declarations(body: str) -> str:
    """For pdflatex: what to print for each character of ``body`` that it does not know itself."""
    used = sorted({c for c in body if ord(c) > 0x7F})
    return "\n".join(rf"  \docvlmprovide{{{c}}}{{{ord(c):04X}}}{{{_stand_in(c)}}}" for c in used)


def _stand_in(character: str) -> str:
    known = GREEK.get(character) or SYMBOLS.get(character)
    if known:
        return known
    base = unicodedata.normalize("NFKD", character)
    if base.isascii() and base.isalnum():
        return base
    return rf"\docvlmmissing{{{ord(character):04X}}}"
