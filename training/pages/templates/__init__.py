"""The templates: each a function from a random source to a sheet and the HTML of its page."""

from __future__ import annotations

import random
from collections.abc import Callable

from training.pages.sheet import Sheet
from training.pages.templates import accounts, articles, forms, letters, lists, posters, press, web

Template = Callable[[random.Random], tuple[Sheet, str]]

# name: template, share
TEMPLATES: dict[str, tuple[Template, float]] = {
    "paper": (articles.paper, 14),
    "book": (articles.book, 6),
    "spread": (articles.spread, 2),
    "report": (articles.report, 7),
    "manual": (articles.manual, 7),
    "schoolbook": (articles.schoolbook, 4),
    "web": (web.web, 4),
    "faq": (web.faq, 2),
    "magazine": (press.magazine, 7),
    "newspaper": (press.newspaper, 4),
    "catalogue": (press.catalogue, 5),
    "bill": (articles.bill, 3),
    "letter": (letters.letter, 3),
    "invoice": (accounts.invoice, 5),
    "receipt": (accounts.receipt, 2),
    "form": (forms.form, 6),
    "resume": (letters.resume, 3),
    "statement": (accounts.statement, 4),
    "flyer": (posters.flyer, 5),
    "slide": (posters.slide, 4),
    "poster": (posters.poster, 2),
    "plate": (posters.plate, 2),
    "menu": (posters.menu, 2),
    "contents": (lists.contents, 4),
    "index": (lists.index, 2),
    "glossary": (lists.glossary, 2),
    "bibliography": (lists.bibliography, 3),
}
