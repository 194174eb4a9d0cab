"""Samples what a chart could say: topic, names, number format and values, by code alone.

Names are composed, so that tens of thousands of different ones occur and none is worth memorizing.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import random
from collections.abc import Callable, Collection, Sequence

import numpy as np

from . import words
from .measures import MEASURES, Measure
from .sample import Content, Kind, NumberFormat, Series

KIND_WEIGHTS: dict[Kind, float] = {
    "vertical_bar": 0.13,
    "horizontal_bar": 0.11,
    "grouped_bar": 0.15,
    "stacked_bar": 0.12,
    "line": 0.19,
    "area": 0.09,
    "pie": 0.06,
    "donut": 0.03,
    "scatter": 0.05,
    "combined": 0.07,
}
_LANGUAGE_WEIGHTS = {"en": 0.72, "zh": 0.1, "de": 0.07, "fr": 0.055, "es": 0.055}
LANGUAGES = tuple(_LANGUAGE_WEIGHTS)
# How legends say that a line is measured on the other side.
_RIGHT = {
    "en": (" (right axis)", " (right)", " (RHS)"),
    "zh": ("（右轴）",),
    "de": (" (rechte Achse)", " (rechts)"),
    "fr": (" (axe droit)", " (échelle de droite)"),
    "es": (" (eje derecho)", " (der.)"),
}
# Kinds whose x places are naturally in order of time.
_TIMELY = ("line", "area", "combined")


def sample_content(
    rng: random.Random,
    kind: Kind | None = None,
    languages: Collection[str] = LANGUAGES,
    max_marks: int = 96,
) -> Content:
    """One chart's content in one of ``languages``; ``kind`` is drawn when not given; about ``max_marks`` values."""
    kind = kind or rng.choices(list(KIND_WEIGHTS), list(KIND_WEIGHTS.values()))[0]
    weights = {name: weight for name, weight in _LANGUAGE_WEIGHTS.items() if name in languages}
    language = rng.choices(list(weights), list(weights.values()))[0]
    return _Sampler(rng, kind, language, max_marks).content()


class _Sampler:
    """The draws for one chart: what is measured, where, by which series, how printed."""

    def __init__(self, rng: random.Random, kind: Kind, language: str, max_marks: int) -> None:
        self.rng = rng
        self.kind = kind
        self.language = language
        self.measure = self._measure()
        self.counts = _counts(rng, kind, max_marks)

    def content(self) -> Content:
        if self.kind == "scatter":
            return self._scatter()
        rng, kind = self.rng, self.kind
        rows, columns = self.counts
        ordered, categories, positions = self._places(columns)
        columns = len(categories)
        names = self._series_names(rows, ordered)
        rows = len(names)
        parts = kind in ("pie", "donut") or (
            kind in ("stacked_bar", "area") and rows > 1 and rng.random() < 0.35
        )
        values = self._values(rows, columns, ordered, parts)
        style, values = self._number_format(values, parts)
        if kind in ("pie", "donut") and self.measure.unit != "percent" and rng.random() < 0.65:
            style, values = self._shares(style, values)
        names_order = list(range(columns))
        if not ordered and rows == 1 and rng.random() < 0.5 and "s" not in self.measure.places:
            # Charts of names are often sorted.
            names_order.sort(key=lambda i: values[0][i], reverse=rng.random() < 0.7)
            values = [[row[i] for i in names_order] for row in values]
        stacked = kind == "stacked_bar" or (kind == "area" and rows > 1 and (rows > 4 or rng.random() < 0.7))
        if not parts and kind != "area" and rng.random() < 0.06:
            values = _with_gaps(rng, values)
        measure_name = rng.choice(self.measure.names)
        series = self._series(names, values, style)
        second_title, second_format = None, NumberFormat()
        if kind == "combined":
            series, second_title, second_format = self._second_measure(series, columns, ordered)
        all_values = [v for row in values for v in row if not math.isnan(v)]
        log = (
            kind in ("vertical_bar", "horizontal_bar", "line", "grouped_bar")
            and min(all_values) > 0
            and max(all_values) > 20 * min(all_values)
            and rng.random() < 0.6
        )
        title, subtitle, x_title, y_title = self._titles(measure_name, categories, ordered, style)
        return Content(
            kind=kind,
            series=tuple(series),
            categories=tuple(categories),
            positions=positions,
            title=title,
            subtitle=subtitle,
            x_title=x_title,
            y_title=y_title if kind not in ("pie", "donut") else None,
            second_title=second_title,
            source=self._source(),
            format=style,
            second_format=second_format,
            scale="log" if log else "linear",
            stacked=stacked,
            horizontal=kind == "horizontal_bar"
            or (kind in ("grouped_bar", "stacked_bar") and rng.random() < 0.35),
            language=self.language,
            topic=self.measure.names[0],
        )

    # What is measured and where

    def _measure(self) -> Measure:
        """A measure that suits the kind: parts of a whole for pies, experiments more often for scatters."""
        table = MEASURES[self.language]
        if self.kind in ("pie", "donut"):
            table = tuple(m for m in table if "-" not in m.flags and ("%" in m.flags or "i" in m.flags))
        elif self.kind == "stacked_bar":
            table = tuple(m for m in table if "-" not in m.flags or self.rng.random() < 0.3) or table
        elif self.kind in _TIMELY:
            table = tuple(m for m in table if "t" in m.places or "x" in m.places)
        signed = tuple(m for m in table if "-" in m.flags)
        if signed and self.kind not in ("pie", "donut", "area") and self.rng.random() < 0.06:
            return self.rng.choice(signed)
        return self.rng.choice(table)

    def _places(self, count: int) -> tuple[bool, list[str], np.ndarray | None]:
        """(in order of time or number, the names of the x places, their positions or None)."""
        rng = self.rng
        letters = [c for c in self.measure.places if c != "t"]
        timely = "t" in self.measure.places
        if self.kind in _TIMELY:
            if "x" in self.measure.places and (not timely or rng.random() < 0.4):
                return (True, *_steps(rng, count))
            return (True, *_times(rng, self.language, count))
        if self.kind in ("pie", "donut"):
            timely = False
        if (timely and rng.random() < 0.42) or not letters:
            return (True, *_times(rng, self.language, count))
        if rng.random() < 0.07 and self.kind not in ("pie", "donut"):
            return True, _classes(rng, self.language, count), None
        return False, self._entities(rng.choice(letters), count), None

    def _entities(self, letter: str, count: int) -> list[str]:
        """Different names, all of one sort."""
        rng, language = self.rng, self.language
        name: Callable[[], str]
        if letter == "w" and self.measure.words:
            pool = list(words.LISTS[language][rng.choice(self.measure.words)])
            return _pick(rng, pool, count, self._invented)
        if letter == "g":
            return _geography(rng, language, count)
        if letter == "p":
            name = _person(rng, language)
        elif letter == "s":
            answers = list(words.LISTS[language]["answer"])
            if language == "en" and rng.random() < 0.4:
                name = lambda: f"{rng.choice(words.STATEMENT_SUBJECT)} {rng.choice(words.STATEMENT_VERB)}"  # noqa: E731
            else:
                return _pick(rng, answers, count, self._invented)
        elif letter == "x":
            lists = words.LISTS["en"]
            pool = list(lists[rng.choice(("condition", "metric", "dataset", "method"))])
            if rng.random() < 0.6:
                return _pick(rng, pool, count, self._invented)
            name = _model(rng)
        else:
            name = self._invented
        return _distinct(name, count)

    def _invented(self) -> str:
        rng = self.rng
        if self.language == "zh":
            return rng.choice((_zh_company, _zh_company, _code))(rng)
        return rng.choice((_company, _brand, _product, _product, _town, _code))(rng)

    def _series_names(self, count: int, ordered: bool) -> list[str | None]:
        """Names of the series: None for a single one, mostly."""
        rng = self.rng
        if count == 1 and (self.kind in ("pie", "donut") or rng.random() < 0.72):
            return [None]
        lists = words.LISTS[self.language]
        draw = rng.random()
        found: list[str]
        if not ordered and draw < 0.35:
            first = rng.randint(1985, 2025 - count)
            found = [str(first + i) for i in range(count)]
            if rng.random() < 0.2:
                found.reverse()
        elif draw < 0.55 and "scenario" in lists:
            found = _pick(
                rng,
                list(lists[rng.choice(("scenario", "gender", "segment", "segment"))]),
                count,
                self._invented,
            )
        elif draw < 0.6:
            stem = rng.choice(
                ("Series ", "Group ", "Sample ", "Model ", "Product ", "Phase ", "Plan ", "Team ")
            )
            stem = {"zh": "系列", "de": "Gruppe ", "fr": "Groupe ", "es": "Grupo "}.get(self.language, stem)
            found = [
                f"{stem}{'ABCDEFGHIJ'[i] if stem[0] in 'GPMT' else i + 1}" for i in range(min(count, 10))
            ]
        elif self.measure.words and draw < 0.8:
            found = _pick(
                rng,
                list(words.LISTS[self.language][rng.choice(self.measure.words)]),
                count,
                self._invented,
            )
        elif "x" in self.measure.places:
            found = self._entities("x", count)
        elif "g" in self.measure.places:
            found = self._entities("g", count)
        else:
            found = _pick(rng, list(lists["segment"]), count, self._invented)
        return list(found)

    # Values

    def _values(self, rows: int, columns: int, ordered: bool, parts: bool) -> list[list[float]]:
        """Raw values, (rows, columns)."""
        rng, measure = self.rng, self.measure
        # Sizes of one chart belong together: its own typical value, then a spread around it.
        typical = math.exp(rng.uniform(math.log(measure.low), math.log(measure.high)))
        bounded = "0" in measure.flags
        if parts:
            return _parts(rng, rows, columns, 100.0 if measure.unit == "percent" else typical, self.kind)
        spread = rng.choice((0.05, 0.15, 0.3, 0.5, 0.8, 1.2)) * (0.6 if bounded else 1.0)
        signed = "-" in measure.flags and rng.random() < 0.8 and self.kind not in ("pie", "donut")
        shape = _shape(rng, columns) if ordered and rng.random() < 0.85 else None
        table = []
        may_be_log = (
            self.kind in ("vertical_bar", "horizontal_bar", "grouped_bar") and measure.unit != "percent"
        )
        wide = may_be_log and not signed and shape is None and rng.random() < 0.15
        for row in range(rows):
            level = typical * math.exp(rng.gauss(0, spread * (0.8 if rows > 1 else 0.1)))
            if shape is not None:
                if row and rng.random() < 0.35:
                    shape = _shape(rng, columns)
                noise = rng.choice((0.0, 0.02, 0.06, 0.15))
                if rng.random() < 0.06 and columns > 4:
                    shape = [float(i == columns // 2) for i in range(columns)]
                depth = rng.choice((0.1, 0.3, 0.6, 0.9)) if bounded else rng.choice((0.1, 0.3, 0.7, 1.0))
                line = [level * (1 - depth + depth * s) * (1 + rng.gauss(0, noise)) for s in shape]
            elif wide:
                line = [level * math.exp(rng.gauss(0, 2.5)) for _ in range(columns)]
            elif rng.random() < 0.15:
                power = rng.uniform(0.4, 1.3)
                line = [
                    level / (i + 1) ** power * rng.uniform(0.95, 1.05)
                    for i in rng.sample(range(columns), columns)
                ]
            else:
                line = [level * math.exp(rng.gauss(0, spread)) for _ in range(columns)]
            if signed:
                shift = rng.choice((0.2, 0.5, 1.0))
                line = [v - shift * typical for v in line] if rng.random() < 0.7 else [-v for v in line]
            table.append([min(v, rng.uniform(93, 100)) if bounded else v for v in line])
        return table

    def _number_format(
        self, values: list[list[float]], parts: bool
    ) -> tuple[NumberFormat, list[list[float]]]:
        """How this chart prints numbers, and the values rounded to what that leaves of them.

        Large numbers are told in full, with k/M/bn on each number, or in a unit named by the axis title
        ("in millions"), where the printed numbers themselves are small.
        """
        rng, unit = self.rng, self.measure.unit
        top = max((abs(v) for row in values for v in row), default=1.0) or 1.0
        thousands, mark, indian = _locale(rng, self.language)
        self.scale_words = ""
        units: tuple[tuple[float, str], ...] = ()
        if unit in ("count", "money") or (parts and unit != "percent"):
            draw = rng.random()
            if top >= 2e3 and draw < 0.3:
                units = _units(rng, self.language, top)
            elif top >= 2e4 and draw < 0.8:
                factor, self.scale_words = _scale_words(rng, self.language, top)
                values = [[v / factor for v in row] for row in values]
                top /= factor
        factor = 1.0
        if units:
            factor = units[0][0] if len(units) == 1 else next((f for f, _ in units if top >= f), 1.0)
        figures = rng.choice((2, 2, 3, 3, 3, 4))
        integral = "i" in self.measure.flags and not units and not self.scale_words
        decimals = max(0, figures - 1 - math.floor(math.log10(top / factor)))
        decimals = 0 if integral else min(decimals, 5)
        prefix, suffix = "", ""
        if unit == "money":
            prefix, suffix = _currency(rng, self.language)
            self.unit_text = (prefix or suffix).strip()
            if rng.random() < 0.45:
                prefix, suffix = "", ""
        elif unit == "percent":
            self.unit_text = "%"
            suffix = rng.choice(("%", "%", "%", " %" if self.language in ("de", "fr", "es") else "%", "", ""))
        elif unit in ("count", "index", "score", "points", ""):
            self.unit_text = ""
        else:
            self.unit_text = unit
            suffix = f" {unit}" if len(unit) < 5 and rng.random() < 0.2 else ""
        if unit == "x":
            suffix = rng.choice(("×", "x", ""))
        style = NumberFormat(
            language=self.language,
            decimals=decimals,
            decimal=mark,
            thousands=thousands,
            grouping="indian" if indian else "thousands",
            prefix=prefix,
            suffix=suffix,
            units=units,
            minus=rng.choices(("-", "−", "()"), (0.7, 0.25, 0.05 if not suffix else 0.0))[0],
        )
        # Shares are sometimes exact although they are printed rounded.
        if not parts or unit != "percent" or rng.random() < 0.8:
            values = [[_rounded(v, decimals, factor) for v in row] for row in values]
        if all(v == 0 for row in values for v in row):
            values = [[v + 10.0**-decimals * factor for v in row] for row in values]
        return style, values

    def _shares(
        self, style: NumberFormat, values: list[list[float]]
    ) -> tuple[NumberFormat, list[list[float]]]:
        """Slices as shares of 100, which can be measured in a pie that prints no numbers."""
        decimals = self.rng.choice((0, 0, 1, 1, 2))
        style = dataclasses.replace(style, decimals=decimals, prefix="", suffix="%", units=())
        self.unit_text, self.scale_words = "%", ""
        whole = sum(values[0])
        return style, [[round(100 * v / whole, decimals) for v in values[0]]]

    def _series(
        self, names: list[str | None], values: list[list[float]], style: NumberFormat
    ) -> list[Series]:
        rng = self.rng
        errors = (
            self.kind in ("vertical_bar", "grouped_bar", "line", "horizontal_bar")
            and rng.random() < (0.3 if "x" in self.measure.places else 0.08)
            and (len(values[0]) < 20 or self.kind == "line")
        )
        size = float(np.nanmax(np.abs(np.array(values)))) * rng.uniform(0.02, 0.12)
        return [
            Series(
                name,
                np.array(row, dtype=np.float64),
                error=np.array([size * rng.uniform(0.4, 1.3) for _ in row]) if errors else None,
            )
            for name, row in zip(names, values)
        ]

    def _second_measure(
        self, series: list[Series], columns: int, ordered: bool
    ) -> tuple[list[Series], str | None, NumberFormat]:
        """The lines over the bars of a combined chart: the same measure's, or another one's on its own axis."""
        rng = self.rng
        first = series[0]
        # The bars need a name beside the line's.
        series = [Series(first.name or rng.choice(self.measure.names), first.values), *series[1:]]
        taken = {s.name for s in series}
        second = rng.random() < 0.65
        if second:
            other = _Sampler(rng, "line", self.language, columns)
            count = 2 if len(other.measure.names) > 1 and rng.random() < 0.15 else 1
            raw = other._values(count, columns, ordered, False)
            style, values = other._number_format(raw, False)
            names = rng.sample(other.measure.names, count)
            title = (
                _with_unit(rng, names[0], other.unit_text, other.scale_words) if rng.random() < 0.5 else None
            )
            if rng.random() < 0.15:
                names = [name + rng.choice(_RIGHT[self.language]) for name in names]
            lines = [Series(n, np.array(v), as_line=True, second_axis=True) for n, v in zip(names, values)]
        else:
            style, title = NumberFormat(), None
            typical = float(np.nanmean([s.values for s in series]))
            base = np.nanmean([np.where(np.isnan(s.values), typical, s.values) for s in series], axis=0)
            target = rng.random() < 0.3
            drawn = (
                np.full(columns, float(np.nanmean(base)))
                if target
                else base * np.array([rng.uniform(0.6, 1.3) for _ in range(columns)])
            )
            factor = 10.0 ** max(0, math.floor(math.log10(max(np.nanmax(np.abs(drawn)), 1e-9))) - 2)
            name = (
                rng.choice(("Target", "Average", "Trend", "Limit"))
                if self.language == "en"
                else words.OTHER[self.language]
            )
            lines = [Series(name, np.round(drawn / factor, 2) * factor, as_line=True)]
        lines = [
            dataclasses.replace(line, name=f"{line.name} ({words.OTHER[self.language]})")
            if line.name in taken
            else line
            for line in lines
        ]
        return [*(dataclasses.replace(s, error=None) for s in series), *lines], title, style

    def _scatter(self) -> Content:
        """Two measures against each other, one to four clouds."""
        rng = self.rng
        rows, count = self.counts
        other = _Sampler(rng, "line", self.language, count)
        names: list[str | None] = self._series_names(rows, True)
        xs, ys = [], []
        size_x = math.exp(rng.uniform(math.log(other.measure.low), math.log(other.measure.high)))
        size_y = math.exp(rng.uniform(math.log(self.measure.low), math.log(self.measure.high)))
        log_x = size_x > 100 and "0" not in other.measure.flags and rng.random() < 0.15
        slope, noise = rng.choice((-1, 1)) * rng.uniform(0, 1), rng.choice((0.05, 0.2, 0.5))
        for _ in names:
            n = max(3, int(count * rng.uniform(0.6, 1.0)))
            centre = rng.uniform(0.4, 0.6)
            width = rng.uniform(0.08, 0.25)
            gaussian = rng.random() < 0.5
            t = [rng.gauss(centre, width) if gaussian else rng.uniform(0.05, 0.95) for _ in range(n)]
            t = [min(max(v, 0.02), 0.98) for v in t]
            level = rng.uniform(0.3, 0.7)
            y = [min(max(level + slope * (v - 0.5) + rng.gauss(0, noise * 0.3), 0.02), 1.2) for v in t]
            xs.append([size_x * (10 ** (2 * v - 1) if log_x else v * 2) for v in t])
            ys.append([size_y * v for v in y])
        y_format, ys = self._number_format(ys, False)
        x_format, xs = other._number_format(xs, False)
        y_title = _with_unit(rng, rng.choice(self.measure.names), self.unit_text, self.scale_words)
        x_title = _with_unit(rng, rng.choice(other.measure.names), other.unit_text, other.scale_words)
        series = tuple(Series(n, np.array(y), x=np.array(x)) for n, x, y in zip(names, xs, ys))
        title, subtitle, _, _ = self._titles(rng.choice(self.measure.names), [], False, y_format)
        if rng.random() < 0.4:
            joiner = {"zh": "与", "de": " und ", "fr": " et ", "es": " y "}.get(self.language, " vs. ")
            title = f"{y_title}{joiner}{x_title}"
        return Content(
            kind="scatter",
            series=series,
            title=title,
            subtitle=subtitle,
            x_title=x_title if rng.random() < 0.85 else None,
            y_title=y_title if rng.random() < 0.85 else None,
            source=self._source(),
            format=y_format,
            x_format=x_format,
            x_scale="log" if log_x and min(min(x) for x in xs) > 0 else "linear",
            language=self.language,
            topic=self.measure.names[0],
        )

    # Text around the chart

    def _titles(
        self, name: str, categories: Sequence[str], ordered: bool, style: NumberFormat
    ) -> tuple[str | None, str | None, str | None, str | None]:
        """(title, subtitle, x title, y title)."""
        rng, language = self.rng, self.language
        place = _geography(rng, language, 1)[0]
        first, last = (categories[0], categories[-1]) if categories else ("2010", "2020")
        title: str | None = _TITLES[language](rng, name, place, first, last, ordered)
        subtitle = None
        if rng.random() < 0.25:
            subtitle = _with_unit(rng, name, self.unit_text, self.scale_words)
            if rng.random() < 0.4:
                subtitle += {"zh": f"，{first}–{last}", "en": f", {first}–{last}"}.get(
                    language, f" {first}–{last}"
                )
        if rng.random() < 0.14:
            title = None
        elif rng.random() < 0.06 and title:
            word = rng.choice(("Figure", "Fig.", "Chart", "Exhibit"))
            title = f"{word} {rng.randint(1, 30)}{rng.choice((': ', '. ', ' – '))}{title}"
        elif rng.random() < 0.05 and title:
            title = title.upper()
        y_title = _with_unit(rng, name, self.unit_text, self.scale_words) if rng.random() < 0.6 else None
        x_title = _x_title(rng, language, ordered) if rng.random() < 0.35 else None
        if (
            self.scale_words
            and y_title is None
            and (subtitle is None or self.scale_words not in subtitle)
            and rng.random() < 0.7
        ):
            y_title = (
                self.scale_words if rng.random() < 0.5 else f"{self.unit_text} {self.scale_words}".strip()
            )
        return title, subtitle, x_title, y_title

    def _source(self) -> str | None:
        rng = self.rng
        if rng.random() > 0.3:
            return None
        word = {"en": "Source: ", "de": "Quelle: ", "fr": "Source : ", "es": "Fuente: ", "zh": "资料来源："}
        if self.language == "zh":
            return word["zh"] + rng.choice(
                (_zh_company(rng), "国家统计局", "公司年报", "行业协会", "问卷调查")
            )
        who = rng.choice(
            (
                _company(rng),
                f"{_town(rng)} Institute",
                f"{_brand(rng)} Research",
                f"{rng.choice(words.LAST)} et al. ({rng.randint(1990, 2026)})",
            )
        )
        text = word[self.language] + who
        if rng.random() < 0.3 and self.language == "en":
            text = rng.choice(
                (f"{text}. Own calculations.", f"Data: {who}", f"{text}; n = {rng.randint(40, 9000):,}")
            )
        return text


# Places along x


def _counts(rng: random.Random, kind: Kind, max_marks: int) -> tuple[int, int]:
    """(series, places)."""
    if kind in ("vertical_bar", "horizontal_bar"):
        rows = 1
        columns = (
            rng.choices((rng.randint(2, 6), rng.randint(5, 12), rng.randint(12, 30)), (0.3, 0.5, 0.2))[0]
            if kind == "vertical_bar"
            else rng.choices((rng.randint(2, 6), rng.randint(5, 12), rng.randint(12, 24)), (0.3, 0.5, 0.2))[0]
        )
    elif kind == "grouped_bar":
        rows = rng.choices((2, 3, 4, 5, 6), (0.42, 0.3, 0.16, 0.08, 0.04))[0]
        most = 80 if rng.random() < 0.2 else 44
        columns = rng.randint(2, max(2, min(14, most // rows)))
    elif kind == "stacked_bar":
        rows = rng.choices((2, 3, 4, 5, 6, 7), (0.27, 0.29, 0.2, 0.13, 0.07, 0.04))[0]
        columns = rng.randint(2, max(3, min(20, 64 // rows)))
    elif kind == "line":
        rows = rng.choices((1, 2, 3, 4, 5, 6), (0.3, 0.26, 0.2, 0.12, 0.07, 0.05))[0]
        columns = rng.choices(
            (rng.randint(3, 8), rng.randint(6, 16), rng.randint(16, 48)), (0.3, 0.45, 0.25)
        )[0]
    elif kind == "area":
        rows = rng.choices((1, 2, 3, 4, 5, 6, 7, 8), (0.3, 0.2, 0.18, 0.12, 0.08, 0.05, 0.04, 0.03))[0]
        columns = rng.choices((rng.randint(4, 30), rng.randint(30, 48)), (0.85, 0.15))[0]
    elif kind in ("pie", "donut"):
        return 1, rng.choices(range(2, 12), (1, 2, 3, 3, 3, 2, 1.2, 0.8, 0.5, 0.3))[0]
    elif kind == "scatter":
        rows = rng.choices((1, 2, 3, 4), (0.55, 0.2, 0.15, 0.1))[0]
        columns = rng.choices((rng.randint(5, 15), rng.randint(12, 40)), (0.45, 0.55))[0]
    else:
        rows = rng.choices((1, 2, 3), (0.75, 0.18, 0.07))[0]
        columns = rng.choices((rng.randint(3, 14), rng.randint(12, 24)), (0.8, 0.2))[0]
        return rows, min(columns, max(2, max_marks // (rows + 1)))
    return rows, max(2, min(columns, max_marks // rows))


def _times(rng: random.Random, language: str, count: int) -> tuple[list[str], np.ndarray | None]:
    """Names of consecutive times in one of many notations, and their uneven positions, if they are uneven."""
    draw = rng.random()
    if draw < 0.52:
        return _years(rng, language, count)
    month, short = words.MONTHS[language], words.MONTHS_SHORT[language]
    year = rng.randint(1998, 2025)
    if draw < 0.67:
        start = rng.randrange(4)
        style = rng.randrange(6)
        names = []
        for i in range(count):
            q, y = (start + i) % 4 + 1, year + (start + i) // 4
            if language == "zh":
                names.append(
                    (f"{y}年{q}季度", f"{y}Q{q}", f"Q{q}", f"{y % 100:02d}Q{q}", f"{y}Q{q}", f"第{q}季度")[
                        style
                    ]
                )
            else:
                letter = {"fr": "T", "es": "T"}.get(language, "Q")
                names.append(
                    (
                        f"{letter}{q} {y}",
                        f"{y} {letter}{q}",
                        f"{letter}{q}",
                        f"{q}{letter}{y % 100:02d}",
                        f"{letter}{q} '{y % 100:02d}",
                        f"{y}-{letter}{q}",
                    )[style]
                )
        if len(set(names)) < len(names):
            names = [f"{(start + i) % 4 + 1}Q{(year + (start + i) // 4) % 100:02d}" for i in range(count)]
        return names, None
    if draw < 0.87:
        start = rng.choice((0, 0, rng.randrange(12)))
        style = rng.randrange(8) if count > 12 or rng.random() < 0.45 else 8 + rng.randrange(2)
        names = []
        for i in range(count):
            m, y = (start + i) % 12, year + (start + i) // 12
            names.append(
                (
                    f"{short[m]} {y}",
                    f"{short[m]} {y % 100:02d}",
                    f"{short[m]}-{y % 100:02d}",
                    f"{y}-{m + 1:02d}",
                    f"{m + 1:02d}/{y}",
                    f"{m + 1}/{y % 100:02d}",
                    f"{short[m]} '{y % 100:02d}",
                    f"{y}年{m + 1}月" if language == "zh" else f"{month[m]} {y}",
                    short[m],
                    month[m],
                )[style]
            )
        return names, None
    if draw < 0.92:
        days = list(words.WEEKDAYS[language])
        if count <= 7:
            short_days = [d[:3] for d in days] if language in ("en", "es") and rng.random() < 0.6 else days
            return short_days[:count], None
        hours = rng.choice(("{:02d}:00", "{}:00", "{} h", "{:02d}h"))
        return [hours.format(i % 24) for i in range(min(count, 24))], None
    day = datetime.date(year, rng.randint(1, 12), rng.randint(1, 28))
    uneven = rng.random() < 0.25
    step = rng.choice((1, 1, 7, 14, 30))
    style = rng.randrange(6)
    names, positions = [], []
    for _ in range(count):
        names.append(
            (
                day.isoformat(),
                f"{day.day} {short[day.month - 1]}",
                f"{short[day.month - 1]} {day.day}",
                f"{day.day:02d}.{day.month:02d}.",
                f"{day.month}/{day.day}" if language in ("en", "zh") else f"{day.day:02d}/{day.month:02d}",
                f"{day.month}月{day.day}日"
                if language == "zh"
                else f"{day.day:02d}/{day.month:02d}/{day.year}",
            )[style]
        )
        positions.append(float(day.toordinal()))
        day += datetime.timedelta(days=rng.randint(1, 2 * step + 1) if uneven else step)
    if len(set(names)) < len(names):
        names = [datetime.date.fromordinal(int(p)).isoformat() for p in positions]
    return names, np.array(positions) if uneven else None


def _years(rng: random.Random, language: str, count: int) -> tuple[list[str], np.ndarray | None]:
    """Years; every one, every second, fifth or tenth; sometimes with gaps that a time axis would keep."""
    step = rng.choices((1, 2, 5, 10), (0.8, 0.07, 0.08, 0.05))[0]
    last = rng.randint(2010, 2027) if rng.random() < 0.8 else rng.randint(1930, 2050)
    years = [last - step * i for i in reversed(range(count))]
    positions = None
    if rng.random() < 0.06 and count > 3:
        years = sorted(rng.sample(range(last - 2 * count - 4, last + 1), count))
        positions = np.array(years, dtype=np.float64) if rng.random() < 0.6 else None
    short = years[-1] - years[0] < 100  # two digits tell them apart
    draw = rng.random() if short else 0.0
    if language == "zh" and draw < 0.4:
        return [f"{y}年" for y in years], positions
    if draw < 0.8:
        return [str(y) for y in years], positions
    if draw < 0.85:
        return [f"'{y % 100:02d}" for y in years], positions
    if draw < 0.9:
        return [f"{y}/{(y + 1) % 100:02d}" for y in years], positions
    if draw < 0.96 and language == "en":
        return [f"FY{y % 100:02d}" if draw < 0.93 else f"FY{y}" for y in years], positions
    future = rng.randint(1, max(1, count // 2))
    mark = rng.choice(("E", "F", "e", "*"))
    return [f"{y}{mark}" if i >= count - future else str(y) for i, y in enumerate(years)], positions


def _steps(rng: random.Random, count: int) -> tuple[list[str], np.ndarray | None]:
    """Numbers along the x axis of an experiment: epochs, doses, sizes."""
    draw = rng.random()
    if draw < 0.4:
        first, stride = rng.choice((0, 1)), rng.choice((1, 1, 2, 5, 10, 20, 50, 100, 500))
        return [str((first + i) * stride) for i in range(count)], None
    if draw < 0.55 and count <= 14:
        first = rng.randrange(6)
        return [str(2 ** (first + i)) for i in range(count)], None
    if draw < 0.7:
        step = rng.choice((0.1, 0.05, 0.25, 0.5, 0.2))
        return [f"{i * step:.2f}" if step in (0.05, 0.25) else f"{i * step:.1f}" for i in range(count)], None
    if draw < 0.85:
        unit = rng.choice(("k", "K", "M", " min", " h", " s", " mg", "%", " °C"))
        step = rng.choice((1, 2, 5, 10, 20))
        return [f"{(i + 1) * step}{unit}" for i in range(count)], None
    numbers = sorted(rng.sample(range(1, 6 * count + 4), count))
    return [str(n) for n in numbers], np.array(numbers, dtype=np.float64)


def _classes(rng: random.Random, language: str, count: int) -> list[str]:
    """Classes of age, income or size, letters, numbered questions."""
    draw = rng.random()
    dash = rng.choice(("-", "–", " to " if language == "en" else "–"))
    if draw < 0.45 and count <= 18:
        width = rng.choice((5, 10, 10, 15)) if count <= 8 else 5
        start = rng.choice((0, 15, 16, 18, 20))
        names = [f"{start + width * i}{dash}{start + width * (i + 1) - 1}" for i in range(count)]
        if start + width * count > 60:
            names[-1] = rng.choice(("{}+", ">{}", "{} +")).format(start + width * (count - 1))
        if language == "zh":
            names = [f"{n}岁" for n in names]
        return names
    if draw < 0.6:
        width = rng.choice((10, 20, 25, 50))
        sign = rng.choice(("$", "€", "£", ""))
        return [f"{sign}{width * i}{dash}{width * (i + 1)}k" for i in range(count)]
    if draw < 0.75:
        return [chr(65 + i) if count <= 26 else f"A{i + 1}" for i in range(count)]
    if draw < 0.87:
        stem = rng.choice(
            ("Q", "Week ", "Day ", "Step ", "Level ", "Grade ", "Round ", "Zone ", "T", "No. ", "#")
        )
        return [f"{stem}{i + 1}" for i in range(count)]
    return [str(i + 1) for i in range(count)]


# Names


def _distinct(name: Callable[[], str], count: int) -> list[str]:
    found: dict[str, None] = {}
    for attempt in range(40 * count):
        text = name()
        found.setdefault(text if attempt < 10 * count else f"{text} {len(found) + 1}")
        if len(found) == count:
            break
    return list(found)


def _pick(rng: random.Random, pool: list[str], count: int, more: Callable[[], str]) -> list[str]:
    """From a list without repeats; invented names when it runs out."""
    if rng.random() < 0.4 and count <= len(pool):
        # Neighbours in a list belong together (answers of one scale).
        first = rng.randrange(len(pool) - count + 1)
        return pool[first : first + count]
    found = rng.sample(pool, min(count, len(pool)))
    if rng.random() < 0.15 and len(found) < count:
        found = found[: count - 1]
    extra = _distinct(more, count) if len(found) < count else []
    return list(dict.fromkeys([*found, *extra]))[:count]


def _geography(rng: random.Random, language: str, count: int) -> list[str]:
    draw = rng.random()
    towns = lambda: _town(rng)  # noqa: E731
    if language != "en":
        pool = words.COUNTRIES[language] if draw < 0.55 else words.CITIES[language]
        return _pick(rng, list(pool), count, towns)
    if draw < 0.4:
        return _pick(rng, list(words.COUNTRIES["en"]), count, towns)
    if draw < 0.58:
        return _pick(rng, list(words.CITIES["en"]), count, towns)
    if draw < 0.66:
        return _pick(rng, list(words.REGIONS), count, towns)
    if draw < 0.73:
        return _pick(rng, list(words.STATES), count, towns)
    if draw < 0.8:
        return _pick(rng, list(dict.fromkeys(words.CODES)), count, towns)
    return _distinct(towns, count)


def _town(rng: random.Random) -> str:
    name = rng.choice(words.SYLLABLES_A)
    if rng.random() < 0.5:
        name += rng.choice(words.SYLLABLES_B)
    name += rng.choice(words.SYLLABLES_PLACE)
    return f"{rng.choice(words.ADJECTIVES)} {name}" if rng.random() < 0.12 else name


def _brand(rng: random.Random) -> str:
    name = rng.choice(words.SYLLABLES_A)
    if rng.random() < 0.6:
        name += rng.choice(words.SYLLABLES_B)
    return name + rng.choice((*words.SYLLABLES_BRAND, *words.SYLLABLES_B))


def _company(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.3:
        return f"{rng.choice(words.LAST)} {rng.choice(words.COMPANY_TAIL)}"
    if draw < 0.7:
        return f"{_brand(rng)} {rng.choice(words.COMPANY)}"
    if draw < 0.85:
        return f"{rng.choice(words.LAST)} {rng.choice(words.COMPANY)}"
    return f"{rng.choice(words.LAST)}-{rng.choice(words.LAST)}"


def _product(rng: random.Random) -> str:
    draw = rng.random()
    name = rng.choice(words.PRODUCT)
    if draw < 0.25:
        return f"{name} {rng.choice(words.PRODUCT_TAIL)}"
    if draw < 0.5:
        return f"{name} {rng.randint(2, 99)}"
    if draw < 0.65:
        return f"{rng.choice('ABCDEGKLMNQRSTVXZ')}{rng.choice(('', '-'))}{rng.randint(10, 990)}"
    if draw < 0.8:
        return f"{_brand(rng)} {rng.choice(words.PRODUCT_TAIL)}"
    if draw < 0.9:
        return f"{name} {rng.choice(words.PRODUCT)}"
    return f"Product {rng.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"


def _model(rng: random.Random) -> Callable[[], str]:
    style = rng.randrange(3)

    def name() -> str:
        stem = _brand(rng) if rng.random() < 0.7 else rng.choice(words.PRODUCT)
        if style == 0:
            return f"{stem}-{rng.choice((1, 2, 3, 7, 8, 13, 34, 70))}B"
        if style == 1:
            return f"{stem}{rng.choice(('Net', 'Former', 'BERT', 'Seq', 'GAN', '-S', '-L', '-v2', '++', ' (ours)'))}"
        return f"{stem} [{rng.randint(3, 60)}]"

    return name


def _person(rng: random.Random, language: str) -> Callable[[], str]:
    if language == "zh":
        return lambda: (
            rng.choice(words.ZH_SURNAME)
            + "".join(rng.choice(words.ZH_GIVEN) for _ in range(rng.choice((1, 2, 2))))
        )
    style = rng.randrange(3)
    if style == 0:
        return lambda: f"{rng.choice(words.FIRST)} {rng.choice(words.LAST)}"
    if style == 1:
        return lambda: f"{rng.choice(words.FIRST)[0]}. {rng.choice(words.LAST)}"
    return lambda: rng.choice(words.FIRST)


def _zh_company(rng: random.Random) -> str:
    stem = rng.choice(words.ZH_BRAND) + rng.choice(words.ZH_BRAND)
    return stem + rng.choice((*words.ZH_COMPANY, "", ""))


def _code(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.4:
        return "".join(rng.choice("ABCDEFGHIKLMNPRSTVXZ") for _ in range(rng.choice((2, 3, 3, 4))))
    if draw < 0.7:
        return f"{rng.choice('ABCDFGHKLMPRSTX')}{rng.choice('ABCDEFGHIKLMNPRSTVXZ')}{rng.randint(1, 99)}"
    return f"{rng.choice(('SKU', 'ID', 'Lot', 'Site', 'Unit', 'Line', 'Plot', 'Batch', 'Item'))}-{rng.randint(1, 9999)}"


# Values


def _shape(rng: random.Random, n: int) -> list[float]:
    """A course over time, values about 0..1."""
    form = rng.randrange(9)
    t = [i / max(1, n - 1) for i in range(n)]
    if form == 0:
        return t if rng.random() < 0.65 else [1 - v for v in t]
    if form == 1:
        rate = rng.uniform(1, 5) * rng.choice((1, 1, -1))
        top = max(1.0, math.exp(rate))
        return [math.exp(rate * v) / top for v in t]
    if form == 2:
        middle, steep = rng.uniform(0.2, 0.8), rng.uniform(5, 18)
        return [1 / (1 + math.exp(-steep * (v - middle))) for v in t]
    if form in (3, 4):
        level, walk, step = 0.5, [], rng.uniform(0.04, 0.3)
        for _ in range(n):
            level += rng.gauss(0, step)
            walk.append(level)
        low, high = min(walk), max(walk)
        return [(v - low) / (high - low or 1.0) for v in walk]
    if form == 5:
        period, phase = rng.choice((4, 7, 12, max(4, n / 2))), rng.uniform(0, 6.3)
        drift = rng.uniform(-0.4, 0.6)
        return [0.5 + 0.4 * math.sin(6.283 * i / period + phase) + drift * v for i, v in enumerate(t)]
    if form == 6:
        where, width = rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.3)
        dent = [math.exp(-(((v - where) / width) ** 2)) for v in t]
        return dent if rng.random() < 0.5 else [1 - 0.8 * v + 0.2 * u for v, u in zip(dent, t)]
    if form == 7:
        rate = rng.uniform(2, 9)
        fall = [math.exp(-rate * v) for v in t]
        return fall if rng.random() < 0.5 else [1 - v for v in fall]
    where = rng.randrange(n)
    return [0.25 + 0.05 * v + (0.7 if i >= where else 0.0) for i, v in enumerate(t)]


def _parts(rng: random.Random, rows: int, columns: int, total: float, kind: str) -> list[list[float]]:
    """Parts of a whole: each column of a stack, or the slices of a pie, sum to ``total``."""
    along_slices = kind in ("pie", "donut")
    count = columns if along_slices else rows
    if along_slices and total < 12 * count:
        total = 12.0 * count  # whole numbers must not all be 0 or 1
    drift = [rng.expovariate(1.0) ** rng.choice((0.5, 1, 1.5)) + 0.08 for _ in range(count)]
    if along_slices and rng.random() < 0.4:
        drift.sort(reverse=True)
    table = []
    for _ in range(1 if along_slices else columns):
        weights = [max(0.02, w * math.exp(rng.gauss(0, 0.18))) for w in drift] if not along_slices else drift
        whole = sum(weights)
        # Shares of 100 fill every column; amounts of something else differ.
        size = total if along_slices or total == 100.0 else total * math.exp(rng.gauss(0, 0.25))
        table.append([size * w / whole for w in weights])
    return table if along_slices else [list(column) for column in zip(*table)]


def _with_gaps(rng: random.Random, values: list[list[float]]) -> list[list[float]]:
    """Some values missing, at least two left in each row."""
    share = rng.uniform(0.02, 0.13)
    table = []
    for row in values:
        gaps = [i for i in range(len(row)) if rng.random() < share]
        keep = set(gaps[: max(0, len(row) - 2)])
        table.append([math.nan if i in keep else v for i, v in enumerate(row)])
    return table


def _rounded(value: float, decimals: int, factor: float) -> float:
    return float(f"{value / factor:.{decimals}f}") * factor


# Number formats


def _locale(rng: random.Random, language: str) -> tuple[str, str, bool]:
    """(thousands separator, decimal mark, Indian grouping)."""
    choices: dict[str, list[tuple[str, str, bool, float]]] = {
        "en": [
            (",", ".", False, 0.68),
            ("", ".", False, 0.22),
            (" ", ".", False, 0.06),
            (",", ".", True, 0.04),
        ],
        "de": [
            (".", ",", False, 0.68),
            ("", ",", False, 0.14),
            (" ", ",", False, 0.1),
            ("'", ".", False, 0.08),
        ],
        "fr": [(" ", ",", False, 0.8), ("", ",", False, 0.15), (".", ",", False, 0.05)],
        "es": [(".", ",", False, 0.75), ("", ",", False, 0.15), (",", ".", False, 0.1)],
        "zh": [(",", ".", False, 0.5), ("", ".", False, 0.5)],
    }
    options = choices[language]
    return rng.choices(options, [o[3] for o in options])[0][:3]


def _units(rng: random.Random, language: str, top: float) -> tuple[tuple[float, str], ...]:
    """k/M/bn on every number: one unit for all, or each number's own."""
    if language == "zh":
        one: tuple[tuple[float, str], ...] = ((1e8, "亿"),) if top >= 3e8 else ((1e4, "万"),)
        return one if top >= 2e4 else ()
    styles: dict[str, tuple[tuple[str, str, str, str], ...]] = {
        "en": (
            ("T", "B", "M", "K"),
            ("tn", "bn", "m", "k"),
            (" trillion", " billion", " million", " thousand"),
            ("T", "bn", "M", "k"),
            (" tn", " bn", " mn", " k"),
        ),
        "de": ((" Bio.", " Mrd.", " Mio.", " Tsd."), (" Bio", " Mrd", " Mio", "k")),
        "fr": ((" Bn", " Md", " M", " k"), ("T", "Md", "M", "k")),
        "es": ((" B", " mil M", " M", " mil"), ("B", "MM", "M", "k")),
    }
    letters = rng.choice(styles[language])
    ladder = tuple(zip((1e12, 1e9, 1e6, 1e3), letters))
    fitting = tuple(u for u in ladder if top >= u[0])
    if rng.random() < 0.6 and fitting:
        return fitting[:1]
    return fitting


def _scale_words(rng: random.Random, language: str, top: float) -> tuple[float, str]:
    """(divisor, words) for a unit that only the axis title names."""
    names = {
        "en": ("thousands", "millions", "billions", "trillions"),
        "de": ("Tausend", "Mio.", "Mrd.", "Bio."),
        "fr": ("milliers", "millions", "milliards", "billions"),
        "es": ("miles", "millones", "miles de millones", "billones"),
    }
    if language == "zh":
        return (1e8, "亿") if top >= 3e8 else (1e4, "万")
    steps = [(f, w) for f, w in zip((1e3, 1e6, 1e9, 1e12), names[language]) if top >= 2 * f]
    factor, word = steps[-1]
    if language == "en" and rng.random() < 0.3:
        word = {1e3: "000s", 1e6: "mn", 1e9: "bn", 1e12: "tn"}[factor]
    return factor, word


def _currency(rng: random.Random, language: str) -> tuple[str, str]:
    """(prefix, suffix)."""
    if language == "zh":
        return rng.choice((("¥", ""), ("", "元"), ("￥", ""), ("", "")))
    if language != "en":
        return rng.choice((("", " €"), ("", " €"), ("", "€"), ("€ ", ""), ("", " $")))
    return rng.choices(
        (("$", ""), ("€", ""), ("£", ""), ("US$", ""), ("₹", ""), ("¥", ""), ("", " USD"), ("CHF ", "")),
        (0.5, 0.16, 0.12, 0.05, 0.05, 0.04, 0.05, 0.03),
    )[0]


# Titles


def _with_unit(rng: random.Random, name: str, unit: str, scale: str) -> str:
    """ "Revenue ($ millions)", "Temperature [°C]", "Sales, in thousands"."""
    inside = f"{unit} {scale}".strip() if rng.random() < 0.85 else f"{scale} {unit}".strip()
    if not inside:
        return name
    return rng.choice(
        (
            f"{name} ({inside})",
            f"{name} ({inside})",
            f"{name} [{inside}]",
            f"{name}, {inside}",
            f"{name} / {inside}",
        )
    )


def _x_title(rng: random.Random, language: str, ordered: bool) -> str:
    names = {
        "en": (
            ("Year", "Time", "Date", "Period", "Month", "Quarter", "Epoch", "Step", "Dose"),
            ("Category", "Group", "Country", "Region", "Product", "Method", "Type", "Segment", "Name"),
        ),
        "de": (("Jahr", "Zeitraum", "Monat", "Datum"), ("Land", "Kategorie", "Bereich", "Gruppe", "Region")),
        "fr": (
            ("Année", "Période", "Mois", "Date"),
            ("Pays", "Catégorie", "Secteur", "Groupe", "Région"),
        ),
        "es": (("Año", "Periodo", "Mes", "Fecha"), ("País", "Categoría", "Sector", "Grupo", "Región")),
        "zh": (("年份", "时间", "月份", "日期"), ("类别", "地区", "行业", "产品", "部门")),
    }
    return rng.choice(names[language][0 if ordered else 1])


def _title_en(rng: random.Random, name: str, place: str, first: str, last: str, ordered: bool) -> str:
    lower = name if name[:2].isupper() else name[0].lower() + name[1:]
    more = (
        rng.choice(("rising", "falling", "stable", "under pressure", "back on track", "at a record high"))
        if rng.random() < 0.5
        else rng.choice(("growing again", "lower than expected", "still uneven", "catching up"))
    )
    options = [
        name,
        f"{name} in {place}",
        f"{place}: {lower}",
        f"{name}, {place}, {first}–{last}" if ordered else f"{name}, {place}",
        f"{name} by {rng.choice(('category', 'region', 'group', 'type', 'year', 'segment', 'product'))}",
        f"{name} {first} to {last}" if ordered else f"Comparison of {lower}",
        f"How {lower} {rng.choice(('has changed', 'compares', 'developed', 'differs'))} in {place}",
        f"{rng.choice(('Average', 'Annual', 'Total', 'Estimated', 'Quarterly', 'Reported'))} {lower}",
        f"{lower[0].upper()}{lower[1:]} {rng.choice(('is', 'remains', 'seems'))} {more}",
        f"{place} {rng.choice(('leads', 'lags behind', 'stands out', 'recovers'))} in {lower}",
        f"{rng.choice(('Overview', 'Distribution', 'Development', 'Change', 'Trend', 'Ranking'))} of {lower}",
        f"Effect of {rng.choice(words.LISTS['en']['condition']).lower()} on {lower}",
        f"{_brand(rng)}: {lower} per {rng.choice(('quarter', 'year', 'employee', 'site', 'user'))}",
        f"What {rng.choice(('customers', 'citizens', 'voters', 'employees', 'students'))} say about {lower} in {place} "
        f"{rng.choice(('and elsewhere', 'this year', 'and its neighbours'))}",
    ]
    return rng.choice(options)


def _title_de(rng: random.Random, name: str, place: str, first: str, last: str, ordered: bool) -> str:
    span = f"{first} bis {last}" if ordered else str(rng.randint(2000, 2026))
    return rng.choice(
        (
            name,
            f"{name} in {place}",
            f"{name} {span}",
            f"{place}: {name}",
            f"Entwicklung: {name}",
            f"{name} im Vergleich",
        )
    )


def _title_fr(rng: random.Random, name: str, place: str, first: str, last: str, ordered: bool) -> str:
    span = f"{first} à {last}" if ordered else str(rng.randint(2000, 2026))
    return rng.choice(
        (
            name,
            f"{name} – {place}",
            f"{name}, {span}",
            f"{place} : {name}",
            f"Évolution : {name}",
            f"{name} par catégorie",
        )
    )


def _title_es(rng: random.Random, name: str, place: str, first: str, last: str, ordered: bool) -> str:
    span = f"{first} a {last}" if ordered else str(rng.randint(2000, 2026))
    return rng.choice(
        (
            name,
            f"{name} en {place}",
            f"{name}, {span}",
            f"{place}: {name}",
            f"Evolución: {name}",
            f"{name} por categoría",
        )
    )


def _title_zh(rng: random.Random, name: str, place: str, first: str, last: str, ordered: bool) -> str:
    span = f"{first}-{last}" if ordered else f"{rng.randint(2005, 2026)}年"
    return rng.choice(
        (
            name,
            f"{place}{name}",
            f"{span}{name}",
            f"{place}{span}{name}",
            f"{name}变化趋势",
            f"各类别{name}对比",
            f"{place}{name}统计图",
        )
    )


_TITLES = {"en": _title_en, "de": _title_de, "fr": _title_fr, "es": _title_es, "zh": _title_zh}
