"""The templates: each a function from a random source and a name to a page that is written."""

from __future__ import annotations

import random
from collections.abc import Callable

from training.pages.odf.parts import Writer
from training.pages.odf.templates import accounts, forms, legal, letters, lists, reports, slides

Template = Callable[[random.Random, str], Writer]

# name: template, share
TEMPLATES: dict[str, tuple[Template, float]] = {
    "report": (reports.report, 14),
    "columns": (reports.columns, 8),
    "letter": (letters.letter, 9),
    "resume": (letters.resume, 6),
    "order": (accounts.order, 11),
    "account": (accounts.account, 5),
    "form": (forms.form, 9),
    "exam": (forms.exam, 6),
    "contract": (legal.contract, 7),
    "manuscript": (legal.manuscript, 3),
    "minutes": (legal.minutes, 5),
    "contents": (lists.contents, 4),
    "prices": (lists.prices, 3),
    "schedule": (lists.schedule, 3),
    "wide_sheet": (lists.wide_sheet, 4),
    "programme": (lists.programme, 4),
    "slide": (slides.slide, 9),
}
