"""Names of places along an axis on which only some are printed: years, months, quarters, days, numbers.

A dense axis prints every third label or so. Where the printed ones are a sequence that advances evenly with the
place in pixels, the others follow from their places.
"""

from __future__ import annotations

import datetime
import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from docvlm.numbers import number_within

# English, German, French, Spanish; abbreviations are beginnings of three letters or more.
_MONTHS = (
    ("january", "januar", "janvier", "enero"),
    ("february", "februar", "février", "febrero"),
    ("march", "märz", "mars", "marzo"),
    ("april", "april", "avril", "abril"),
    ("may", "mai", "mai", "mayo"),
    ("june", "juni", "juin", "junio"),
    ("july", "juli", "juillet", "julio"),
    ("august", "august", "août", "agosto"),
    ("september", "september", "septembre", "septiembre"),
    ("october", "oktober", "octobre", "octubre"),
    ("november", "november", "novembre", "noviembre"),
    ("december", "dezember", "décembre", "diciembre"),
)
# Printed places may lie this far from where an even sequence has them, in steps of the sequence.
_TOLERANCE = 0.45
_TWO_DIGITS, _CENTURY = 99, 100  # years: the last one of two digits, and what these leave out
_LAST_CENTURY = 70  # of two digits, from which on months are of the 1900s: charts tell more of the past


def period(names: Sequence[str]) -> int:
    """How many months or quarters lie between a name and the next, where it is the same number for all; else 1.

    Of numbers and days this would say nothing: a census comes every ten years, a market report every seven days.
    """
    steps = _steps(names, (_months, _quarters))
    return max(1, *steps) if len(steps) == 1 else 1


def divisions(names: Sequence[str]) -> list[int]:
    """Into how many parts the way from a name to the next can be divided: divisors of the number of years, months,
    days or quarters that lie between. Any number up to a dozen where the names say nothing.
    """
    most = math.gcd(*_steps(names, (_months, _days, _quarters, _seasons, _numbers)))
    return [n for n in range(1, 32) if most % n == 0] if most else list(range(1, 13))


def _steps(names: Sequence[str], kinds: Sequence[Callable[[Sequence[str]], _Scale | None]]) -> set[int]:
    """The distances between a name and the next, in the first of some kinds of sequence that all belong to."""
    for make in kinds if len(names) > 1 else ():
        scale = make(names)
        numbers = [None if scale is None else scale.number(name) for name in names]
        if None not in numbers:
            return {round(b - a) for a, b in itertools.pairwise(n for n in numbers if n is not None)}
    return set()


@dataclass(frozen=True, slots=True)
class _Scale:
    """A way to read names as numbers, one apart from each other at least, and back."""

    number: Callable[[str], float | None]
    name: Callable[[float], str]


def fill(names: Sequence[str | None], places: Sequence[float]) -> list[str | None]:
    """``names`` with those that are ``None`` filled in where the others say what they are.

    ``places`` are pixels along the axis. What cannot be told stays ``None``.
    """
    known = [i for i, name in enumerate(names) if name]
    if len(known) < 2 or len(known) == len(names):
        return list(names)
    printed = [str(names[i]).strip() for i in known]
    for make in (_months, _days, _quarters, _seasons, _numbers):
        scale = make(printed)
        if scale is None:
            continue
        values = [scale.number(text) for text in printed]
        filled = _fitted(names, places, known, values, scale)
        if filled is not None:
            return filled
    return list(names)


def _fitted(
    names: Sequence[str | None],
    places: Sequence[float],
    known: Sequence[int],
    values: Sequence[float | None],
    scale: _Scale,
) -> list[str | None] | None:
    if None in values:
        return None
    at = np.array([places[i] for i in known], np.float64)
    numbers = np.array(values, np.float64)
    if np.ptp(at) <= 0 or len(np.unique(numbers)) < len(numbers):
        return None
    slope, offset = np.polyfit(at, numbers, 1)
    if np.abs(slope * at + offset - numbers).max() > _TOLERANCE:
        return None
    filled: list[str | None] = [
        name or scale.name(float(round(slope * places[i] + offset))) for i, name in enumerate(names)
    ]
    return filled if len(set(filled)) == len(filled) else None


def _numbers(printed: Sequence[str]) -> _Scale | None:
    """Numbers with the same words around them, in units of their last digit."""
    found = [within for text in printed if (within := number_within(text)) is not None]
    if len(found) < len(printed) or len({within[1:] for within in found}) != 1:
        return None

    def number(text: str) -> float | None:
        within = number_within(text)
        return None if within is None else within.value

    return _Scale(number, found[0].printed)


_MONTH = re.compile(r"(?P<month>[^\W\d_]{3,})\.?(?P<gap>[\s’'/-]*)(?P<year>\d{4}|\d{2})")
_MONTH_NUMBER = re.compile(r"(?P<month>0?[1-9]|1[0-2])(?P<gap>[/.-])(?P<year>\d{4})")
_MONTH_SHORT = re.compile(
    r"(?P<month>0?[1-9]|1[0-2])(?P<gap>[/.-])(?P<year>1[3-9]|[2-9]\d)"
)  # years no months
_CHINESE_MONTH = re.compile(r"(?P<year>\d{4})(?P<gap>年)(?P<month>0?[1-9]|1[0-2])月")
_YEAR_MONTH = re.compile(r"(?P<year>\d{4})(?P<gap>[/.-])(?P<month>0[1-9]|1[0-2])")


def _months(printed: Sequence[str]) -> _Scale | None:
    """``June 2017``, ``Jun 17``, ``06/2017``, ``6/17``, ``2017-06``, ``2017年6月``."""
    first = printed[0]
    for pattern in (_MONTH_NUMBER, _MONTH_SHORT, _YEAR_MONTH, _CHINESE_MONTH):
        if pattern.fullmatch(first):
            return _numbered_months(printed, pattern)
    match = _MONTH.fullmatch(first)
    if match is None:
        return None
    spelled = _spelling(printed, _MONTH)
    if spelled is None:
        return None
    gap, short, dot = match["gap"], len(match["year"]) == 2, "." if "." in first else ""

    def name(value: float) -> str:
        year, month = divmod(int(value), 12)
        return f"{spelled[month]}{dot}{gap}{year % _CENTURY if short else year:0{2 if short else 4}d}"

    return _Scale(_month_reader(_MONTH, _month_of), name)


def _numbered_months(printed: Sequence[str], pattern: re.Pattern[str]) -> _Scale:
    """Months as numbers, written as those of the ``printed`` names that ``pattern`` fits."""
    found = [match for text in printed if (match := pattern.fullmatch(text))]
    gap, short = found[0]["gap"], len(found[0]["year"]) == 2
    wide = all(len(match["month"]) == 2 for match in found)

    def name(value: float) -> str:
        year, month = divmod(int(value), 12)
        digits = f"{month + 1:02d}" if wide else f"{month + 1}"
        years = f"{year % _CENTURY:02d}" if short else f"{year}"
        if pattern is _CHINESE_MONTH:
            return f"{years}{gap}{digits}月"
        return f"{years}{gap}{digits}" if pattern is _YEAR_MONTH else f"{digits}{gap}{years}"

    return _Scale(_month_reader(pattern, int), name)


def _month_reader(
    pattern: re.Pattern[str], month_of: Callable[[str], int | None]
) -> Callable[[str], float | None]:
    def number(text: str) -> float | None:
        match = pattern.fullmatch(text)
        month = month_of(match["month"]) if match else None
        if match is None or month is None:
            return None
        year = int(match["year"])
        return (
            12 * (year if year > _TWO_DIGITS else 2000 + year if year < _LAST_CENTURY else 1900 + year)
            + month
            - 1
        )

    return number


def _month_of(word: str) -> int | None:
    folded = word.casefold()
    found = {n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(folded) for name in names)}
    return found.pop() if len(found) == 1 else None


def _spelling(printed: Sequence[str], pattern: re.Pattern[str]) -> list[str] | None:
    """The twelve months as the printed names spell theirs: language, length and case."""
    words = [match["month"] for text in printed if (match := pattern.fullmatch(text))]
    for language in range(4):
        names = [months[language] for months in _MONTHS]
        for length in (99, 3, 4):
            for case in (str.capitalize, str.lower, str.upper):
                spelled = [case(name[:length]) for name in names]
                if words and all(word in spelled for word in words):
                    return spelled
    return None


_DATES = (
    ("%d/%m/%Y"),
    ("%m/%d/%Y"),
    ("%Y-%m-%d"),
    ("%d.%m.%Y"),
    ("%Y/%m/%d"),
    ("%d/%m/%y"),
    ("%m/%d/%y"),
    ("%d.%m.%y"),
    ("%d/%m"),
    ("%m/%d"),
    ("%d.%m."),
)
_ANY_MONTH = re.compile("(?P<month>.*)")
_DAY = re.compile(
    r"(?P<month>[^\W\d_]{3,})\.? (?P<day>\d{1,2})|(?P<day_first>\d{1,2})\.? (?P<month_last>[^\W\d_]{3,})\.?"
)


def _days(printed: Sequence[str]) -> _Scale | None:
    """Dates with a year, or ``Jun 28`` and ``28 Jun`` within one year."""
    for form in _DATES:
        if all(_date(text, form) is not None for text in printed):
            return _Scale(
                lambda text, form=form: _date(text, form),  # type: ignore[misc]
                lambda value, form=form: datetime.date.fromordinal(int(value)).strftime(form),  # type: ignore[misc]
            )
    words = [match["month"] or match["month_last"] for text in printed if (match := _DAY.fullmatch(text))]
    if len(words) < len(printed):
        return None
    spelled = _spelling(words, _ANY_MONTH)
    if spelled is None:
        return None
    first = _DAY.fullmatch(printed[0])
    month_leads = first is not None and first["month"] is not None

    def number(text: str) -> float | None:
        match = _DAY.fullmatch(text)
        if match is None:
            return None
        month = spelled.index(match["month"] or match["month_last"]) + 1
        try:
            return datetime.date(2001, month, int(match["day"] or match["day_first"])).toordinal()
        except ValueError:
            return None

    def name(value: float) -> str:
        date = datetime.date.fromordinal(int(value))
        month = spelled[date.month - 1]
        return f"{month} {date.day}" if month_leads else f"{date.day} {month}"

    return _Scale(number, name)


def _date(text: str, form: str) -> float | None:
    try:
        if "y" not in form.lower():  # as `number` below has it, a year that has no 29 February
            text, form = f"{text} 2001", f"{form} %Y"
        return datetime.datetime.strptime(text, form).date().toordinal()
    except ValueError:
        return None


_QUARTERS = (
    (re.compile(r"Q(?P<quarter>[1-4])(?P<gap>[\s/’'-]*)(?P<year>\d{4}|\d{2})"), "Q{quarter}{gap}{year}"),
    (re.compile(r"(?P<quarter>[1-4])Q(?P<gap>[\s/’'-]*)(?P<year>\d{4}|\d{2})"), "{quarter}Q{gap}{year}"),
    (re.compile(r"(?P<year>\d{4})(?P<gap>[\s/’'-]*)Q(?P<quarter>[1-4])"), "{year}{gap}Q{quarter}"),
    (re.compile(r"(?P<year>\d{4})(?P<gap>年第?)(?P<quarter>[1-4])季度"), "{year}{gap}{quarter}季度"),
    (re.compile(r"T(?P<quarter>[1-4])(?P<gap>[\s/’'-]*)(?P<year>\d{4}|\d{2})"), "T{quarter}{gap}{year}"),
)


def _quarters(printed: Sequence[str]) -> _Scale | None:
    """``Q1 2017``, ``1Q17``, ``2017 Q1``, ``2017年1季度``, ``T1 2017``."""
    for pattern, form in _QUARTERS:
        first = pattern.fullmatch(printed[0])
        if first is None:
            continue
        gap, short = first["gap"], len(first["year"]) == 2

        def number(text: str, pattern: re.Pattern[str] = pattern) -> float | None:
            match = pattern.fullmatch(text)
            if match is None:
                return None
            year = int(match["year"])
            return 4 * (year if year > _TWO_DIGITS else 2000 + year) + int(match["quarter"]) - 1

        def name(value: float, form: str = form, gap: str = gap, short: bool = short) -> str:
            year, quarter = divmod(int(value), 4)
            return form.format(quarter=quarter + 1, gap=gap, year=f"{year % _CENTURY:02d}" if short else year)

        return _Scale(number, name)
    return None


_SEASON = re.compile(r"(?P<year>\d{4})(?P<gap>[/–-])(?P<next>\d{2})")


def _seasons(printed: Sequence[str]) -> _Scale | None:
    """``2013/14``, as schools and leagues count."""
    first = _SEASON.fullmatch(printed[0])
    if first is None:
        return None
    gap = first["gap"]

    def number(text: str) -> float | None:
        match = _SEASON.fullmatch(text)
        follows = match is not None and (int(match["year"]) + 1) % _CENTURY == int(match["next"])
        return int(match["year"]) if match is not None and follows else None

    def name(value: float) -> str:
        return f"{int(value)}{gap}{(int(value) + 1) % _CENTURY:02d}"

    return _Scale(number, name)
