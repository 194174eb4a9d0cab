"""What templates begin with: an empty page, and the head of an article."""

from __future__ import annotations

import random

from training.pages import look
from training.pages.sheet import Sheet
from training.pages.text import Text

LANGUAGES = {
    "en": 52,
    "de": 9,
    "fr": 7,
    "es": 5,
    "pl": 4,
    "ru": 6,
    "el": 4,
    "he": 4,
    "ar": 3,
    "zh": 4,
    "ja": 2,
}


def new_sheet(
    rng: random.Random, size: tuple[float, float] | None = None, small: bool = False, english: float = 0.0
) -> Sheet:
    """An empty page; with the probability ``english`` in English, else in any language."""
    language = "en" if rng.random() < english else rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    return Sheet(rng, look.sample(rng, size, small), Text(rng, language))


def title_block(sheet: Sheet, authors: bool, abstract: float) -> str:
    """The head of a paper: its title, who wrote it and where, and its abstract."""
    rng, text, seen = sheet.rng, sheet.text, sheet.look
    align = rng.choice(("center", "center", "center", "start"))
    title = sheet.run(
        "title",
        text.title(4, 14),
        css=f"font-weight:{rng.choice(('bold', 'bold', 'normal'))}",
        color=seen.accent if rng.random() < 0.2 else None,
    )
    out = [
        f"<div style=\"font:{rng.choice((1.5, 1.8, 2, 2.4))}em/1.2 '{seen.head}';text-align:{align};margin:0 0 .5em\">{title}</div>"
    ]
    if authors:
        many = rng.randint(1, 5)
        if rng.random() < 0.3 and many > 1:
            cells = []
            for _ in range(many):
                block = sheet.number()
                lines = [text.name(), text.words(2, 4), text.email()]
                cells.append(
                    "<div>"
                    + "<br>".join(sheet.run("paragraph", line, block=block, item=-1) for line in lines)
                    + "</div>"
                )
            out.append(
                f'<div style="display:flex;justify-content:space-around;text-align:center;gap:1em;margin:0 0 .8em;flex-wrap:wrap">{"".join(cells)}</div>'
            )
        else:
            names = ", ".join(text.name() for _ in range(many))
            out.append(
                f'<div style="text-align:{align};margin:0 0 .3em">{sheet.run("paragraph", names)}</div>'
            )
            block = sheet.number()
            places = [f"{text.words(2, 5)}, {text.town()}" for _ in range(rng.randint(0, 3))]
            out.append(
                f'<div style="text-align:{align};font-size:.85em;font-style:{rng.choice(("normal", "italic"))};margin:0 0 .8em">{"<br>".join(sheet.run("paragraph", place, block=block, item=-1) for place in places)}</div>'
            )
    if rng.random() < 0.25:
        out.append(
            f'<div style="text-align:{align};font-size:.9em;margin-bottom:.6em">{sheet.run("paragraph", text.date())}</div>'
        )
    if rng.random() < abstract:
        out.append(_abstract(sheet))
    return "".join(out)


def _abstract(sheet: Sheet) -> str:
    rng, text = sheet.rng, sheet.text
    words = text.prose(rng.randint(300, 1100))
    css = (
        f"font-size:{rng.choice((0.85, 0.9, 1))}em;text-indent:0;margin:0 {rng.choice((0, 0, 1.5, 3))}em 1em"
    )
    if rng.random() < 0.5:
        head = f'<div style="text-align:{rng.choice(("center", "start"))};font-weight:bold;margin:.3em 0">{sheet.run("heading", text.named(4))}</div>'
        body = f'<div class=p style="{css}">{sheet.run("paragraph", words)}</div>'
    else:
        head = ""
        block, item = sheet.number(), sheet.number()
        lead = sheet.run(
            "paragraph",
            text.named(4) + rng.choice((". ", ": ", "—", " ")),
            css="font-weight:bold",
            block=block,
            item=item,
        )
        body = (
            f'<div class=p style="{css}">{lead}{sheet.run("paragraph", words, block=block, item=item)}</div>'
        )
    if rng.random() < 0.3:
        block, item = sheet.number(), sheet.number()
        keys = sheet.run(
            "paragraph", "Keywords: ", css="font-weight:bold", block=block, item=item
        ) + sheet.run(
            "paragraph", ", ".join(text.words(1, 2).lower() for _ in range(5)), block=block, item=item
        )
        body += f'<div style="{css}">{keys}</div>'
    return head + body
