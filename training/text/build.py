"""Renders training samples into shards.

    python -m training.text.build --out FOLDER --count 400000 [--seed 1] [--held-out] [--lines] [--dpi 100 300]
    python -m training.text.build --out FOLDER --count 100000 --mined SOURCES [--held-out]

The second form takes the formulas of documentation (`training.text.mined`) instead of drawing some: all of them, then
all again in other fonts, up to the count. A shard that is there already is kept, so a run that was stopped goes on.
Needs TeX and PyMuPDF; what it writes needs neither.
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from docvlm.formulas.glyphs import Kind
from docvlm.formulas.tokens import LatexTokenizer
from docvlm.latex import LatexError, normalize, pieces
from training.text import tex
from training.text.formulas import Sampler
from training.text.mined import mine
from training.text.prose import Writer
from training.text.shards import Sample, write_shard

RUN = 500  # formulas or lines in one run of TeX
_LOST = 50  # as many at most are lost where TeX cannot go on
SHARD = 4000
_WIDEST, _LONGEST, _MOST = 620.0, 220, 260  # points, tokens, glyphs
_Drawn = tuple[Kind, str, str]  # what it is, its canonical text, its source
_TOKENIZER = Path(__file__).with_name("tokenizer.json")
_SIZES = [r"\normalsize"] * 7 + [r"\small", r"\footnotesize", r"\large"]


def drawn_formulas(rng: random.Random, count: int, held_out: bool) -> Iterator[_Drawn]:
    """Formulas, most of them displayed."""
    sampler = Sampler(rng, held_out)
    while count:
        shown = rng.random() < 0.85
        source = sampler.display() if shown else sampler.inline()
        try:
            text = normalize(source)
        except LatexError as error:
            raise AssertionError(f"the sampler wrote {source!r}: {error}") from error
        if 0 < len(pieces(text)) <= _LONGEST:
            yield "formula", text, rf"$\displaystyle {source}$" if shown else f"${source}$"
            count -= 1


def drawn_lines(rng: random.Random, count: int, held_out: bool) -> Iterator[_Drawn]:
    """Lines of prose with formulas in them."""
    writer = Writer(rng, held_out)
    for _ in range(count):
        text, source = writer.line()
        yield "line", text, source


def mined_formulas(folder: Path, held_out: bool) -> list[_Drawn]:
    """The formulas of the sources below ``folder``; some that stand in lines are displayed."""
    rng = random.Random(0)
    tokenizer = LatexTokenizer.from_text(_TOKENIZER.read_text(encoding="utf-8"))
    return [
        ("formula", each.text, rf"$\displaystyle {each.source}$" if shown else f"${each.source}$")
        for each in mine(folder, tokenizer, held_out)
        for shown in [each.shown or rng.random() < 0.3]
    ]


def _again_and_again(mined: list[_Drawn], seed: int) -> Iterator[_Drawn]:
    """All of them in random order, and then in another one, without end."""
    rng = random.Random(seed)
    while mined:
        yield from rng.sample(mined, len(mined))


def rendered(
    drawn: list[_Drawn], font: str, rng: random.Random, dpi: tuple[int, int] | None = None
) -> Iterator[Sample]:
    """Sets what was drawn in one font and reads it back; what TeX cannot set or no page shows whole is left out.

    ``dpi`` asks for pictures, each at a resolution between the two.
    """
    from docvlm.formulas.extract import read_glyphs
    from docvlm.mupdf import pymupdf

    preamble = tex.ALL_FONTS[font][0]
    set_of = [tex.Piece(source, rng.choice(_SIZES)) for _, _, source in drawn]
    data, wrong = tex.set_pages(set_of, preamble, rng.choice([10, 10, 11, 12]))
    with pymupdf.open(stream=data) as document:
        if len(document) != len(drawn):
            raise RuntimeError(f"{len(drawn)} formulas became {len(document)} pages in {font}")
        for number, (kind, text, source) in enumerate(drawn):
            page = document[number]
            if number in wrong or page.rect.width > _WIDEST + 20:
                continue
            glyphs = read_glyphs(page)
            text = text.replace(*tex.ONE_SCRIPT.get(font, ("", "")))
            if 0 < len(glyphs) <= _MOST:
                picture = b"" if dpi is None else _picture(page, rng.randint(*dpi))
                yield Sample(kind, text, glyphs, font, source, picture)


def _rendered_in_parts(
    drawn: list[_Drawn], font: str, rng: random.Random, dpi: tuple[int, int] | None
) -> list[Sample]:
    """As `rendered`, but what people wrote may spoil a run; then only a small part of it is lost."""
    try:
        return list(rendered(drawn, font, rng, dpi))
    except RuntimeError as error:
        if len(drawn) < _LOST:
            print(error, flush=True)
            return []
    middle = len(drawn) // 2
    return [
        *_rendered_in_parts(drawn[:middle], font, rng, dpi),
        *_rendered_in_parts(drawn[middle:], font, rng, dpi),
    ]


def _picture(page: Any, dpi: int) -> bytes:
    """A grey PNG of a page that says its resolution. Sixteen levels are enough for print, and half as many bytes."""
    pixmap = page.get_pixmap(dpi=dpi, colorspace="gray")
    grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]
    stream = io.BytesIO()
    Image.fromarray((grey >> 4) * np.uint8(17)).save(stream, "PNG", dpi=(dpi, dpi))
    return stream.getvalue()


def main() -> None:
    given = _arguments()
    fonts = tex.HELD_OUT_FONTS if given.held_out else tex.FONTS | tex.MORE_FONTS
    name = f"{'lines' if given.lines else 'formulas'}-{given.seed}"
    mined: list[_Drawn] = []
    if given.mined:
        name, mined = "formulas-mined", mined_formulas(given.mined, given.held_out)
        print(f"{len(mined)} distinct formulas", flush=True)
    for number in range(given.first, -(-given.count // SHARD), given.step):
        path = given.out / f"{name}-{number:04d}.npz"
        if path.is_file():
            continue
        rng = random.Random(f"{given.seed} {number} {given.held_out} {given.lines}")
        samples: list[Sample] = []
        stream = islice(_again_and_again(mined, given.seed), number * SHARD, None)
        for _ in range(-(-min(SHARD, given.count) // RUN)):
            font = rng.choices(list(fonts), [weight for _, weight in fonts.values()])[0]
            count = min(RUN, given.count)
            draw = drawn_lines if given.lines else drawn_formulas
            drawn = list(islice(stream, count) if given.mined else draw(rng, count, given.held_out))
            samples += _rendered_in_parts(drawn, font, rng, given.dpi and tuple(given.dpi))
        write_shard(path, samples)
        print(f"{path.name}: {len(samples)} samples", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true", help="fonts and shapes kept for validation")
    parser.add_argument(
        "--lines", action="store_true", help="lines of prose with formulas instead of formulas"
    )
    parser.add_argument(
        "--mined", type=Path, metavar="FOLDER", help="take the formulas of these sources of documentation"
    )
    parser.add_argument(
        "--dpi",
        type=int,
        nargs=2,
        metavar=("LOWEST", "HIGHEST"),
        help="also store pictures, at random resolutions",
    )
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first shard, for several processes"
    )
    parser.add_argument("--step", type=int, default=1, help="how many processes share the shards")
    return parser.parse_args()


if __name__ == "__main__":
    main()
