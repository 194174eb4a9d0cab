"""Printed numbers: what a text says as a number, and which texts are numbers at all.

What counts as one depends on who asks, and each has its own function:

* `parse_number`: a text that is a number and nothing else, with its sign, currency, percent sign and scale;
* `number_with_unit`: the same with a unit or words about it, or as a power of ten, as axes and marks print it;
* `leaf_number`: a value in a model's JSON, which may be a number already, say nothing, or carry a footnote;
* `is_number_cell` and `is_tick_label`: whether a text looks like one, whatever its separators mean;
* `named_value`: a number at the end of a name; `number_within`: one in the middle of it;
* `is_grouped_by_space`: two numbers that may as well be one.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-", "．": ".", "，": ",", "’": "'"})
_SCALES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "mn": 1e6, "bn": 1e9, "B": 1e9, "b": 1e9}
_SCALES |= {"G": 1e9, "tn": 1e12, "T": 1e12, "万": 1e4, "亿": 1e8}
_NUMBER = re.compile(
    r"(?P<open>\()?[$€£¥₹]?\s?(?P<sign>[-+])?\s?[$€£¥₹]?\s?"
    r"(?P<digits>\d[\d.,'\u00a0\u2009\u202f ]*\d|\d|[.,]\d+)(?P<power>[eE][-+]?\d{1,2})?"
    r"\s?(?P<scale>mn|bn|tn|[kKMmBbGT万亿])?\s?[%‰$€£¥₹°]?\)?"
)
_GAP = re.compile(r"[ '\u00a0\u2009\u202f]")  # between thousands
_GROUPED_BY_GAPS = re.compile(r"\d{1,3}([ '\u00a0\u2009\u202f]\d{3})+([.,]\d+)?")
_GROUPED = {
    ",": re.compile(r"[1-9]\d{0,2}(,\d{3})+|[1-9]\d?(,\d{2})+,\d{3}"),  # thousands; lakhs and crores
    ".": re.compile(r"[1-9]\d{0,2}(\.\d{3}){2,}"),
}
_WHOLE = {  # before a decimal mark, grouped by the other one
    ",": re.compile(r"\d{1,3}(,\d{3})+"),
    ".": re.compile(r"\d{1,3}(\.\d{3})+"),
}


def parse_number(text: str) -> float | None:
    """The number that a label spells, or None where it spells something else.

    Reads signs, currencies, a percent sign (``4%`` is 4), k/M/bn, thousands separators and decimal commas.
    ``1,234`` is taken for one thousand, ``1.234`` for one and a bit: English first, the rest of the chart may
    know better.
    """
    match = _NUMBER.fullmatch(text.strip().translate(_MINUS))
    if match is None:
        return None
    digits = _plain_digits(match["digits"])
    if digits is None:
        return None
    value = float(digits + (match["power"] or "")) * _SCALES[match["scale"] or ""]
    negative = match["sign"] == "-" or (match["open"] is not None and text.strip().endswith(")"))
    return -value if negative else value


def _plain_digits(digits: str) -> str | None:
    """Digits with separators -> digits with at most a decimal point; None where the separators make no sense."""
    if _GAP.search(digits):
        return _GAP.sub("", digits).replace(",", ".") if _GROUPED_BY_GAPS.fullmatch(digits) else None
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0:
        return digits
    for mark, grouped in _GROUPED.items():
        if grouped.fullmatch(digits):
            return digits.replace(mark, "")
    mark, whole, fraction = digits[last], digits[:last], digits[last + 1 :]
    other = "." if mark == "," else ","
    if mark in whole or (other in whole and not _WHOLE[other].fullmatch(whole)):
        return None
    return f"{whole.replace(other, '')}.{fraction}"


# With a unit, as on axes.

_SWAPPED = str.maketrans(",.", ".,")
_WITH_UNIT = re.compile(
    r"^[^\d+.,()−–-]{0,12}(?P<number>[+−–-]?\(?[\d.,].*?\)?)(?P<unit>\s?[^\d\s]{1,4}[23]?|\s\D{1,14})?$"
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWER = re.compile(
    r"(?:(?P<factor>\d+(?:[.,]\d+)?)\s?[×x·*]\s?)?10(?:\^)?(?P<exponent>[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|(?<=\^)-?\d{1,2})"
)
_WORD = re.compile(r"[a-z]+")
_SCALE_WORDS = {
    "tsd": 1e3, "thousand": 1e3,
    "lakh": 1e5,
    "mio": 1e6, "mln": 1e6, "mill": 1e6, "million": 1e6, "millions": 1e6,
    "cr": 1e7, "crore": 1e7,
    "mrd": 1e9, "mds": 1e9, "mld": 1e9, "bln": 1e9, "billion": 1e9,
}  # fmt: skip


def number_with_unit(text: str, continental: bool = False) -> float | None:
    """The number on a tick or a mark, with or without a unit; ``continental`` takes a comma for the decimal point.

    Where `parse_number` finds no number, words before and behind it count as its unit (``12 Mio. t``), and a power of
    ten as what it is (``3×10⁴``).
    """
    if continental:
        text = text.translate(_SWAPPED)
    if power := _POWER.fullmatch(text.strip()):
        factor = float((power["factor"] or "1").replace(",", "."))
        return factor * 10.0 ** int(power["exponent"].translate(_RAISED))
    number = parse_number(text)
    if number is None and (match := _WITH_UNIT.match(text.strip())):
        number = parse_number(match["number"])
        words = _WORD.findall((match["unit"] or "").casefold())
        if number is not None and words:
            number *= _SCALE_WORDS.get(words[0], 1.0)
    return number


_MULTIPLIER = re.compile(
    r"(?:[×x*·]\s?)?(?:1[eE]\+?(?P<plain>-?\d{1,2})|10\^?(?P<raised>[-⁻]?\d|[⁻⁰¹²³⁴-⁹]+))"
)


def multiplier(text: str) -> float | None:
    """The power of ten that stands beside an axis and multiplies its labels: ``1e6``, ``×10⁶``. ``10`` alone is a label."""
    match = _MULTIPLIER.fullmatch(text.strip().translate(_MINUS))
    if match is None or (
        match["raised"] and text.strip()[:1] == "1" and "^" not in text and match["raised"].isascii()
    ):
        return None
    exponent = int(str(match["plain"] or match["raised"]).translate(_RAISED))
    return 10.0**exponent if exponent else None


# In a model's answer.

_FOOTNOTE = re.compile(r"\(\d+\)|\[\d+\]")
_SILENT = {"", "-", "*", "none", "null", "nan", "n/a"}
_AROUND = re.compile(r"[,\s%$\u20ac\u00a3\u00a5]")
_NO_PART = re.compile(r"[^\d.-]")


def leaf_number(leaf: object) -> float | None:
    """The number of a value in a chart's JSON; ``None`` where it says nothing, NaN where it cannot be understood.

    Percent signs, currencies, thousands' commas and footnotes such as "(1)" do not count, as in OneChart's training.
    Models write English, so that a comma parts thousands and is never decimal, unlike in `parse_number`.
    """
    if leaf is None:
        return None
    if isinstance(leaf, int | float) and not isinstance(leaf, bool):
        return float(leaf)
    text = _FOOTNOTE.sub("", str(leaf)).replace("\u2212", "-").strip()
    if text.casefold() in _SILENT:
        return None
    bare = _AROUND.sub("", text)
    for candidate in (bare, _NO_PART.sub("", bare)):
        try:
            return float(candidate)
        except ValueError:
            continue
    return math.nan


# What looks like a number.

_CURRENCY = (
    r"(?:[$€£¥₹]|Fr\.|Rs\.|USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|RUB|UAH|TRY|ILS|AED|ZAR|BRL"
    r"|MXN|KRW|SGD|HKD|THB)"
)
_NUMBER_CELL = re.compile(
    rf"^[-−–+(]?\s?{_CURRENCY}?\s?[-−–+]?[\d.,][\d.,'’`\u00a0\u2009\u202f]*(?: \d{{3}})*(?:[.,]\d+)?"
    rf"\s?(?:[%)]?[a-zA-Z*†]{{0,3}}|{_CURRENCY})$"
)
_TICK_LABEL = re.compile(r"^[-−+(]?[$€£]?\d[\d,.]*\s?[%kKMB)]?$")


def is_number_cell(text: str) -> bool:
    """Whether a table's cell holds a number: with its currency, a unit of few letters or the mark of a note, and dots for
    nothing.
    """
    return _NUMBER_CELL.match(text) is not None


def is_tick_label(text: str) -> bool:
    """Whether a line of a page's text may be a tick's label: a number with no more than a sign or letter of scale."""
    return _TICK_LABEL.match(text) is not None


# Numbers beside words.

_NAMED_VALUE = re.compile(
    r"^(?P<name>.*?\S)(?:\s*[:,–—-]\s*|\s+)\(?(?P<value>[$€£¥]?\s?\d[\d.,  ]*\s?%?)\)?$"
)
_WITHIN = re.compile(r"(?P<before>\D*?)(?P<number>-?\d+(?:(?P<point>[.,])(?P<decimals>\d+))?)(?P<after>\D*)")
_THOUSANDS = re.compile(r"[-+]?\d{1,3} \d{3}")


def named_value(text: str) -> tuple[str, str] | None:
    """Name and printed value of a text that ends with one, as in ``Deer: 43.6%`` or ``Rent (35%)``."""
    match = _NAMED_VALUE.match(text)
    return None if match is None else (match["name"].strip(), match["value"])


class NumberWithin(NamedTuple):
    """The only number in a text, in units of its last digit, and how it is printed there."""

    value: int
    before: str
    after: str
    point: str  # "" without decimals
    decimals: int

    def printed(self, value: float) -> str:
        """The text with another number in its place."""
        digits = f"{value / 10**self.decimals:.{self.decimals}f}"
        return self.before + digits.replace(".", self.point or ".") + self.after


def number_within(text: str) -> NumberWithin | None:
    """The only number in a name such as ``Week 12`` or ``0.5 m``; a separator in it is the decimal one."""
    match = _WITHIN.fullmatch(text)
    if match is None:
        return None
    decimals = len(match["decimals"] or "")
    value = round(float(match["number"].replace(",", ".")) * 10**decimals)
    return NumberWithin(value, match["before"], match["after"], match["point"] or "", decimals)


def is_grouped_by_space(text: str) -> bool:
    """Whether what may be two labels, such as ``12 500``, may as well be one number whose thousands a space parts."""
    return _THOUSANDS.fullmatch(text) is not None
