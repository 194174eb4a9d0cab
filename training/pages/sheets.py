"""What the engines that set trees share: empty sheets of documents' sizes, and which page of a print is whose."""

from __future__ import annotations

import random
from collections.abc import Mapping

from docvlm.mupdf import pymupdf
from training.pages import look
from training.pages.documents import DOCUMENTS
from training.pages.sheet import Sheet
from training.pages.text import Text

SHARES = {name: share for name, (_, share) in DOCUMENTS.items()}
_SLIDES = ((364, 273), (454, 255), (720, 540), (960, 540), (595, 420))
_SMALL = ("index", "bibliography")


def new_sheet(rng: random.Random, name: str, languages: Mapping[str, float]) -> Sheet:
    """An empty sheet for the document of this name, in one of the languages (with their shares)."""
    language = rng.choices(list(languages), list(languages.values()))[0]
    seen = look.sample(rng, rng.choice(_SLIDES) if name == "slide" else None, small=name in _SMALL)
    if name == "slide":
        seen.size = seen.height / rng.uniform(22, 34)
        seen.top, seen.bottom = seen.height * rng.uniform(0.06, 0.12), seen.height * rng.uniform(0.08, 0.12)
        seen.left = seen.right = seen.width * rng.uniform(0.04, 0.1)
        seen.leading = rng.choice((1.2, 1.3, 1.5))
    return Sheet(rng, seen, Text(rng, language))


def owners(pdf: bytes) -> list[int]:
    """For each page of a print the index of its sheet, as the first link ``http://s/INDEX`` on it says.

    Raises RuntimeError where a page has none.
    """
    found = []
    with pymupdf.open(stream=pdf, filetype="pdf") as file:
        for page in file:
            names = [link["uri"] for link in page.get_links() if link.get("uri", "").startswith("http://s/")]
            if not names:
                raise RuntimeError(f"page {page.number} of a print says no sheet")
            found.append(int(names[0].rsplit("/", 1)[1]))
    return found
