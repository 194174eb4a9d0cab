"""Pages of HTML, printed by headless Chromium. Each batch of pages is one print: the browser starts in a second."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from training.pages import chromium, truth
from training.pages.sheet import Sheet
from training.pages.templates import TEMPLATES

SHARES = {name: share for name, (_, share) in TEMPLATES.items()}
_GENERAL = (
    "*{box-sizing:border-box}body{margin:0}a.r{position:absolute;inset:0}b.d{display:inline-block;width:.38em;height:.38em;margin-inline-end:.6em;"
    "vertical-align:.15em}.pg{position:relative;overflow:hidden;break-after:page;font-kerning:normal}"
    ".t th,.t td{padding:var(--v) var(--h);vertical-align:var(--a);font-weight:inherit}.t th{font-weight:normal}.t{color:#000}"
)


def make_page(seed: int, names: Sequence[str]) -> tuple[str, Sheet, str]:
    """The template's name, the sheet and the HTML of the page with this seed."""
    rng = random.Random(f"page {seed}")
    name = rng.choices(names, [TEMPLATES[each][1] for each in names])[0]
    sheet, inside = TEMPLATES[name][0](rng)
    look = sheet.look
    direction = "rtl" if sheet.text.rtl else "ltr"
    # Half a point less than the page: rounding must not push a page's foot onto the next.
    size = f"width:{look.width}pt;height:{look.height - 0.5}pt"
    style = f"<style>#p{seed}{{{look.css}}}@page s{look.width:.0f}x{look.height:.0f}{{size:{look.width}pt {look.height}pt;margin:0}}</style>"
    return (
        name,
        sheet,
        f'{style}<section class=pg id=p{seed} dir={direction} lang={sheet.text.language} style="page:s{look.width:.0f}x{look.height:.0f};{size}">{inside}</section>',
    )


def document(sections: Sequence[str]) -> str:
    """The HTML of a print."""
    return (
        f"<!doctype html><meta charset=utf-8><title>pages</title><style>{_GENERAL}</style>{''.join(sections)}"
    )


def make_batch(seeds: Sequence[int], names: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of the pages with these seeds, and why pages were left out."""
    made = [make_page(seed, names) for seed in seeds]
    pdf = chromium.print_pdf(document([html for _, _, html in made]))
    return truth.records(pdf, [(f"html/{name}", seed, sheet) for (name, sheet, _), seed in zip(made, seeds)])
