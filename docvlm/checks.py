"""The registry of checks: what each one asks, from where on it fails, and what a person does then.

A check is made by calling its rule with a value, so name, limit and verdict stand together in one place:

    TEXT_AGREEMENT(0.97)  ->  Check(name="text-agreement", value=0.97, threshold=0.9, passed=True)

There are two roles. A *veto* that fails makes its block unreliable whatever the score says. *Evidence* is weighed inside
a calibrated score already: it says why a score is low, and may fail on a block that is reliable all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from docvlm.schema import Check

RELIABLE_SCORE: Final = 0.8  # probability; of the charts that reach it in validation nine in ten are right
# Probability from which a chart's numbers are printed. A logo had 0.01, a scanned chart that was misread 0.1, our
# samples' charts 0.5 and more; these are few.
PRINTED_SCORE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Rule:
    """One check. ``limit`` is in ``unit``; values may be no lower where ``good`` is "high", no higher where it is "low".

    A rule without a limit holds or does not. ``remedy`` is what a person does where it fails.
    """

    name: str
    meaning: str
    remedy: str
    limit: float | None = None
    unit: str = ""
    good: Literal["high", "low"] = "high"
    role: Literal["veto", "evidence"] = "veto"

    def __call__(
        self, value: float | None = None, *, limit: float | None = None, passed: bool | None = None
    ) -> Check:
        """The check of ``value``. ``limit`` stands in for the rule's own where it depends on what is read, ``passed``
        for the comparison where a number alone does not decide.
        """
        limit = self.limit if limit is None else limit
        if passed is None:
            assert value is not None and limit is not None, f"{self.name} needs a value and a limit"
            passed = value >= limit if self.good == "high" else value <= limit
        rounded = None if value is None else round(value, 4)
        return Check(name=self.name, value=rounded, threshold=limit, passed=passed)

    @property
    def demand(self) -> str:
        """The limit in words; "" for a rule that holds or does not."""
        if self.limit is None:
            return self.unit
        bound = "at least" if self.good == "high" else "at most"
        return f"{bound} {self.limit:g} {self.unit}".strip()


RULES: Final[dict[str, Rule]] = {}
"""Every rule by its check's name."""


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """The table of the documentation: name, meaning, limit in words, role and remedy of each check."""
    for rule in RULES.values():
        yield rule.name, rule.meaning, rule.demand, rule.role, rule.remedy


def vetoed(checks: Sequence[Check]) -> bool:
    """Whether any of the checks that decide has failed."""
    return any(not check.passed and RULES[check.name].role == "veto" for check in checks)


def _rule(
    name: str,
    meaning: str,
    remedy: str,
    limit: float | None = None,
    unit: str = "",
    good: Literal["high", "low"] = "high",
    role: Literal["veto", "evidence"] = "veto",
) -> Rule:
    assert name not in RULES, f"two checks are called {name}"
    RULES[name] = Rule(name, meaning, remedy, limit, unit, good, role)
    return RULES[name]


_COMPARE: Final = "compare the block with its place on the page"
_COMPARE_CHART: Final = "compare the values with the picture of the chart"
_CROP: Final = "crop it to one formula; 'docvlm convert' reads pages"
_LARGER: Final = "give a larger or sharper picture of one formula"

# --- text -----------------------------------------------------------------------------------------

TEXT_AGREEMENT: Final = _rule(
    "text-agreement",
    "What is drawn is what the text layer says: its letters look so, or OCR or a model reads it in the same place.",
    "compare the block with the page, or read it with --reader ocr: the text layer may be wrong",
    0.9,
    "of the characters, in order",
)
TEXT_COMPARED: Final = _rule(
    "text-compared",
    "The text layer was compared with the pixels here; where there are too few letters for that, it stands without it.",
    _COMPARE,
    role="evidence",
)
UNMAPPED_CHARACTERS: Final = _rule(
    "unmapped-characters",
    "Every character of the text layer has a meaning: none is U+FFFD.",
    "read the page with --reader ocr",
    0.0,
    "of the characters",
    good="low",
)
SCRIPT_READ: Final = _rule(
    "script-read",
    "Something here reads the script of the page's print; where nothing does, the page has no text and says what would.",
    "install Tesseract and its language, which the page's text_layer names; 'docvlm doctor' lists those that are there",
)
REPETITION: Final = _rule(
    "repetition",
    "The text is not one phrase, nor the chart one mark, over and over, as a stuck reader writes it.",
    _COMPARE,
    0.5,
    "of the words, or of a series' marks",
    good="low",
)
OCR_PROBABILITY: Final = _rule(
    "ocr-probability",
    "OCR is sure of its lines: the mean of their calibrated probabilities, weighted by length.",
    "scan the page at 300 dpi or more, straight and evenly lit",
    0.7,
    "probability",
)
OCR_AGREEMENT: Final = _rule(
    "ocr-agreement",
    "What a model wrote is what OCR reads in the same place; OCR errs too, so less is asked than of a text layer.",
    _COMPARE,
    0.8,
    "of the characters, in order",
)
FORMULAS: Final = _rule(
    "formulas",
    "The least sure formula between the words is more likely right than wrong.",
    "compare the formulas of the block with the page",
    0.5,
    "probability",
)
TEXT_UNREAD: Final = _rule(
    "text-unread", "There is print that could be read.", "give a picture of a line or a paragraph"
)
FORMULA_UNREAD: Final = _rule(
    "formula-unread", "The formula was read; its picture stands in for it.", "see the block's picture"
)
CHART_UNREAD: Final = _rule(
    "chart-unread",
    "The chart's numbers were read; its picture stands in for them.",
    "see the block's picture",
)
UNREAD: Final = {"text": TEXT_UNREAD, "formula": FORMULA_UNREAD, "chart": CHART_UNREAD}

OUTLINE: Final = _rule(
    "outline",
    "The file's own outline names the heading on this page.",
    "compare the headings with the page",
    role="evidence",
)

TAGS: Final = _rule(
    "tags",
    "The file's structure tree says the same of the block: its role, its place among the others, a table's cells.",
    "compare the block with the page: its kind, its order or its cells may be wrong, or the file's tags",
    role="evidence",
)

STRUCTURE: Final = _rule(
    "structure",
    "The block's lines belong together, in their order, between what stands before and behind them, by the page model's "
    "calibrated probability.",
    "compare the block's order with the page: columns, side notes or lists may be mixed",
    0.5,
    "probability",
)

READER_FAILED: Final = _rule(
    "reader-failed",
    "The region's reader came to its end; where it failed, the region's own text and picture stand in for it.",
    "see the block's failure; read the page with another --reader",
)

# --- pages ----------------------------------------------------------------------------------------

DAMAGED_CONTENT: Final = _rule(
    "damaged-content",
    "Nothing of the page was found cut off, overwritten or missing in the file.",
    "get the file anew, and compare the page with a sound copy",
)

COMPLETENESS: Final = _rule(
    "completeness",
    "The words that the page shows, by its text layer or OCR, stand in its blocks.",
    "compare the page's `missing` with it",
    0.998,  # a word or two of a page
    "of the letters",
)
REPEATED_TEXT: Final = _rule(
    "repeated-text",
    "No line of the page was written more often than it is printed.",
    "compare the page with its blocks: two may say the same",
    0.002,
    "of the letters",
    good="low",
)
INK_UNCOVERED: Final = _rule(
    "ink-uncovered",
    "What is printed on the page lies under its lines and blocks, but for rules and tints.",
    "look at the page where its `missing` has no words, or read it with another --reader",
    0.5,  # a slide's decorations reach a third
    "of the print",
    good="low",
)

# --- models that write text -----------------------------------------------------------------------

TOKEN_PROBABILITY: Final = _rule(
    "token-probability",
    "The model was sure of its tokens: the geometric mean of their probabilities.",
    _COMPARE,
    0.8,  # below it most pages hold a wrong word or more
    "probability",
)
FINISHED: Final = _rule(
    "finished",
    "The model came to an end by itself, before its tokens ran out.",
    "compare the end of the block with the page, or read fewer pages or smaller regions at once",
)
BOX_INTERPOLATED: Final = _rule(
    "box-interpolated",
    "Lines of the page show where the text stands; else its box is what lies between its neighbours.",
    "look for the block's text on the page: it may be invented",
)
LATEX_SOUND: Final = _rule(
    "latex-sound",
    "Braces, commands and environments of the LaTeX fit together.",
    "mend the LaTeX, or see the block's picture",
)

# --- models of ours -------------------------------------------------------------------------------

CALIBRATED: Final = _rule(
    "calibrated",
    "The model's bundle says what its certainty is worth; else the score is only the network's own probability.",
    "measure how often the model is right, or fit it a calibration.json with training/calibrate_*.py",
)

# --- formulas -------------------------------------------------------------------------------------

FORMULA_INK: Final = _rule(
    "formula-ink",
    "There is print on the picture.",
    "give a picture of a formula",
    12.0,  # fewer are specks
    "dark pixels",
)
FORMULA_GLYPHS: Final = _rule(
    "formula-glyphs",
    "Glyphs were recognized on the picture.",
    "give a larger or sharper picture",
    1.0,
    "glyphs",
)
FORMULA_SEEN: Final = _rule(
    "formula-seen",
    "The glyphs that were found account for the print; a photo's is hardly accounted for.",
    "crop it to the formula; 'docvlm convert' reads pages",
    0.9,
    "of the ink; nothing is read below 0.6",
)
FORMULA_SIZE: Final = _rule(
    "formula-size", "There are glyphs, and no more than the model reads at once.", _CROP
)
FORMULA_ENDS: Final = _rule("formula-ends", "The LaTeX came to an end by itself.", _LARGER)
FORMULA_PARSES: Final = _rule("formula-parses", "What was written is LaTeX that can be parsed.", _LARGER)
FORMULA_LENGTH: Final = _rule(
    "formula-length",
    "The LaTeX is no longer than so many glyphs can need.",
    _LARGER,
    unit="at most 6 tokens for each glyph and 20 more",
    good="low",
)
FORMULA_LETTERS: Final = _rule(
    "formula-letters",
    "The letters and digits of the LaTeX are those of the glyphs, whatever their order.",
    "compare the letters of the formula with the page",
    0.9,
    "of the letters",
)
FORMULA_PROBABILITY: Final = _rule(
    "formula-probability",
    "A formula read from pixels is more likely right than wrong: its calibrated probability.",
    "compare the formula with its picture",
    0.5,
    "probability",
    role="evidence",
)

# --- charts ---------------------------------------------------------------------------------------

IS_CHART: Final = _rule(
    "is-chart", "The picture is a chart.", "crop the picture to the chart", 0.5, "probability"
)
VALUES_READ: Final = _rule(
    "values-read", "At least one value has a number.", "give a larger or sharper picture", 1.0, "values"
)
ANSWER_IS_A_CHART: Final = _rule(
    "answer-is-a-chart",
    "The model answered with a chart's dict.",
    "crop the picture to the chart",
    1.0,
    "dicts",
)
PROBABILITY: Final = _rule(
    "probability",
    "The chart's numbers are likely right: the score itself.",
    _COMPARE_CHART,
    RELIABLE_SCORE,
    "probability",
    role="evidence",
)
LEAST_SURE_POINTER: Final = _rule(
    "least-sure-pointer",
    "The model was sure of each label and mark that it pointed at.",
    _COMPARE_CHART,
    0.2,
    "probability of the least sure one",
    role="evidence",
)
VALUES_BEYOND_AXIS: Final = _rule(
    "values-beyond-axis",
    "Values lie between the ticks, or beyond them by no more than a fifth of their range.",
    "compare the axis with the picture: a tick may be misread",
    0.1,
    "of the values",
    good="low",
    role="evidence",
)
SERIES_INCOMPLETE: Final = _rule(
    "series-incomplete",
    "Every series has a value for every category.",
    "look for marks that were left out",
    0.0,
    "of the series",
    good="low",
    role="evidence",
)
NAMES_MISSING: Final = _rule(
    "names-missing",
    "Every category's name is printed or follows from the others.",
    "compare the names with the picture",
    0.0,
    "of the categories",
    good="low",
    role="evidence",
)
TICKS_AGREE: Final = _rule(
    "ticks-agree",
    "At least three tick labels, and most of them, stand where one axis has them.",
    "compare the axis with the picture: a tick may be misread",
    0.6,
    "of the tick labels",
    role="evidence",
)
LABELS_AND_MARKS: Final = _rule(
    "labels-and-marks",
    "The printed labels say what the marks' places on the axis say: the median of their differences.",
    "compare the printed labels with the values",
    0.04,
    "of the axis' range",
    good="low",
    role="evidence",
)
MARKS_ON_PATHS: Final = _rule(
    "marks-on-paths",
    "The marks stand at corners of the PDF's own paths.",
    _COMPARE_CHART,
    0.8,
    "of the marks",
    role="evidence",
)
MARKS_IN_PICTURE: Final = _rule(
    "marks-in-picture",
    "The picture's colours confirm the marks.",
    _COMPARE_CHART,
    0.8,
    "of the marks",
    role="evidence",
)
BARS_CLAIMED: Final = _rule(
    "bars-claimed",
    "Every bar in the picture has a value.",
    "look for bars that were left out, and for a second series",
    0.95,
    "of the bars",
)
LINES_CLAIMED: Final = _rule(
    "lines-claimed",
    "Every coloured line in the picture runs from value to value of a series.",
    "look for lines and points that were left out",
    0.8,
    "of the lines' lengths",
)
PRINTED_VALUES_USED: Final = _rule(
    "printed-values-used",
    "Every number that is printed at a mark is the value of one.",
    "look for marks that were left out",
    0.8,
    "of the printed numbers",
)
ENTRIES_NAMED: Final = _rule(
    "entries-named",
    "Every entry of the legend names a series or a category.",
    "look for series that were left out",
    1.0,
    "of the entries",
)
ONE_PANEL: Final = _rule(
    "one-panel",
    "The names along the axis are those of one chart: they do not begin anew beside a gap.",
    "crop the picture to one of its charts",
)
AUXILIARY_DISTANCE: Final = _rule(
    "auxiliary-distance",
    "The auxiliary token saw the numbers that the chart gives: their mean distance, min-max normalized (OneChart).",
    _COMPARE_CHART,
    0.1,  # OneChart's, from which on it does not believe an answer
    "of the values' range",
    good="low",
    role="evidence",
)
