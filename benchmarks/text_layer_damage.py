"""Damage done to text layers: what a page's glyphs are said to be, or what lies under its picture; PDF bytes to bytes."""

from __future__ import annotations

import io
import itertools
import random
import re
import string
from collections.abc import Callable, Mapping
from typing import Final

import pymupdf
from fontTools.ttLib import TTFont

from benchmarks.text_layer_pages import Sheet, face_of
from benchmarks.text_layer_words import LANGUAGES, text

_PRIVATE: Final = 0xE000
_ENCODINGS: Final = {
    "ru": "cp1251",
    "uk": "cp1251",
    "el": "cp1253",
    "he": "cp1255",
    "ar": "cp1256",
    "th": "cp874",
    "hy": "armscii",
}


def remapped(page: bytes, change: Callable[[set[str]], Mapping[str, str]]) -> bytes:
    """The page with all character maps changed: ``change`` gives what the letters used in it are to be called."""
    with pymupdf.open(stream=page) as document:
        used = {*document[0].get_text().replace("\n", "")}
        table = change(used)
        for xref in range(
            1, document.xref_length()
        ):  # what browsers say of clusters beside their fonts' maps
            if document.xref_is_stream(xref) and b"/ActualText" in (stored := document.xref_stream(xref)):
                document.update_stream(xref, stored.replace(b"/ActualText", b"/NoActualText"))
        for xref in range(1, document.xref_length()):
            kind, reference = document.xref_get_key(xref, "ToUnicode")
            if kind == "xref":
                stream = int(reference.split()[0])
                stored = document.xref_stream(stream).decode("latin-1")
                document.update_stream(stream, _rewritten(stored, table).encode())
        return bytes(document.tobytes())


def _rewritten(stored: str, table: Mapping[str, str]) -> str:
    """A character map with what its codes stand for translated."""
    rows = []
    for kind, section in re.findall(r"beginbf(char|range)(.*?)endbf", stored, re.S):
        for first, last, meant, several in re.findall(
            r"<(\w+)>\s*" + (r"<(\w+)>\s*" if kind == "range" else "()") + r"(?:<([\w ]*)>|\[(.*?)\])",
            section,
            re.S,
        ):
            codes = range(int(first, 16), int(last or first, 16) + 1)
            said = re.findall(r"<([\w ]*)>", several) if several else [meant] * len(codes)
            for step, (code, unicode) in enumerate(zip(codes, said)):
                letters = _letters(unicode.replace(" ", ""))
                if not several and letters:
                    letters = letters[:-1] + chr(min(ord(letters[-1]) + step, 0x10FFFF))
                new = "".join(table.get(letter, letter) for letter in letters)
                rows.append(f"<{code:0{len(first)}x}> <{new.encode('utf-16-be').hex()}>")
    head = stored[: stored.index("endcodespacerange")] + "endcodespacerange\n"
    parts = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    body = "".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n" for part in parts)
    return head + body + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"


def _letters(written: str) -> str:
    """What hexadecimal UTF-16 says; MuPDF writes letters beyond it as their numbers."""
    if len(written) % 4:
        return chr(min(int(written or "20", 16), 0x10FFFF))
    return bytes.fromhex(written).decode("utf-16-be", "replace")


def permuted(page: bytes, rng: random.Random) -> bytes:
    def change(used: set[str]) -> dict[str, str]:
        letters = sorted(filter(str.isalpha, used))
        return dict(zip(letters, rng.sample(letters, len(letters))))

    return remapped(page, change)


def shifted(page: bytes, rng: random.Random) -> bytes:
    """Codes that are so many places off, as of fonts whose glyphs' numbers were taken for codes."""
    by = rng.choice((1, 3, -2, 29, 13))
    return remapped(page, lambda used: {c: chr(max(ord(c) + by, 0x21)) for c in used if not c.isspace()})


def other_encoding(page: bytes, rng: random.Random, language: str) -> bytes:
    """Letters called what their codes are in another alphabet's encoding."""
    encoding = _ENCODINGS.get(language)
    if encoding is None or encoding == "armscii":
        alphabet = rng.choice(
            (string.ascii_letters, "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω")
        )
        return remapped(page, lambda used: {c: alphabet[ord(c) % len(alphabet)] for c in used if c.isalpha()})
    return remapped(
        page, lambda used: {c: c.encode(encoding, "replace").decode("latin-1") for c in used if c.isalpha()}
    )


def private(page: bytes, rng: random.Random) -> bytes:
    start = _PRIVATE + rng.randint(0, 300)
    return remapped(
        page, lambda used: {c: chr(start + n) for n, c in enumerate(sorted(used)) if not c.isspace()}
    )


def unmapped(page: bytes, rng: random.Random) -> bytes:
    """No character map at all, and no name by which a font could be found."""
    return remapped(page, lambda used: {c: "\ufffd" for c in used if not c.isspace()})


def saying(sheet: Sheet, rng: random.Random, said: str) -> bytes:
    """A page that shows text of the sheet's language, each of whose letters is called another of text in ``said``.

    The font has a glyph for each pair of what is shown and what is said.
    """
    font = TTFont(face_of(sheet._replace(producer="story"), rng)[1], lazy=False)
    known = font.getBestCmap()
    shown_words = [w for w in text(rng, sheet.language, 70).split() if all(ord(c) in known for c in w)]
    letters = itertools.cycle("".join(text(rng, said, 150).split()))
    pairs: dict[tuple[str, str], int] = {}
    lines = []
    for start in range(0, len(shown_words), 7):
        line = ""
        for word in shown_words[start : start + 7]:
            for shown in word:
                line += chr(pairs.setdefault((shown, next(letters)), _PRIVATE + len(pairs)))
            line += " "
        lines.append(line)
    _lend(font, {code: known[ord(shown)] for (shown, _), code in pairs.items()})
    stored = io.BytesIO()
    font.save(stored)
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=595)
        page.insert_font("x", fontbuffer=stored.getvalue())
        for row, line in enumerate(lines):
            page.insert_text((30, 50 + 20 * row), line, fontname="x", fontsize=10)
        meant = {chr(code): letter for (_, letter), code in pairs.items()}
        return remapped(document.tobytes(), lambda used: meant)


def _lend(font: TTFont, glyphs: Mapping[int, str]) -> None:
    """Gives codes the glyphs of these names, each a glyph of its own."""
    order = [*font.getGlyphOrder()]
    for code, name in glyphs.items():
        copy = f"copy{code:x}"
        font["glyf"].glyphs[copy] = font["glyf"].glyphs[name]
        font["hmtx"].metrics[copy] = font["hmtx"].metrics[name]
        order.append(copy)
        for table in font["cmap"].tables:
            if table.isUnicode() and table.format in (4, 12):
                table.cmap[code] = copy
    font.setGlyphOrder(order)
    font["glyf"].glyphOrder = order
    for tag in ("GSUB", "GPOS", "GDEF", "post", "vmtx", "vhea", "hdmx", "LTSH", "VDMX", "morx", "kern"):
        if tag in font and tag != "post":
            del font[tag]
    font["post"].formatType = 3.0
    font["maxp"].numGlyphs = len(order)


def under_picture(page: bytes, rng: random.Random, language: str, invisible: bool) -> bytes:
    """A scan of the page over junk: what OCR for another language makes of it, or letters at random."""
    with pymupdf.open(stream=page) as shown, pymupdf.open() as document:
        pixels = shown[0].get_pixmap(dpi=120)
        rows = [line for line in shown[0].get_text().splitlines() if line.strip()]
        made = document.new_page(width=shown[0].rect.width, height=shown[0].rect.height)
        junk = string.ascii_letters + ".,;'|~^"
        for number, row in enumerate(rows[:35]):
            said = "".join(rng.choice(junk) if c.strip() else " " for c in row[:60])
            made.insert_text((36, 50 + 14 * number), said, fontsize=9, render_mode=3 if invisible else 0)
        made.insert_image(made.rect, stream=pixels.tobytes("jpg"))
        return bytes(document.tobytes())


def lookalikes(page: bytes, rng: random.Random) -> bytes:
    """Letters of other alphabets that look alike, and some that do not, as OCR in the wrong language has them."""
    table = dict(zip("авеикмнорстухпяжшыдлгзбюц", "aBeukMHopctyxnR)KIllbIJJAJIr36IOU", strict=False))
    latin = dict(zip("aceopxybdhikmnrstuvw", "асеорхувднікмпгзтичш", strict=True))

    def change(used: set[str]) -> dict[str, str]:
        return {c: table.get(c, latin.get(c, rng.choice(string.ascii_letters))) for c in used if c.isalpha()}

    return remapped(page, change)


def replaced(page: bytes, rng: random.Random, language: str) -> bytes:
    """Other text over the page's own by ``ActualText``."""
    with pymupdf.open(stream=page) as document:
        said = text(rng, language, 120)
        place = itertools.count(0, 40)

        def wrapped(match: re.Match[bytes]) -> bytes:
            start = next(place) % max(len(said) - 40, 1)
            meant = ("\ufeff" + said[start : start + 40]).encode("utf-16-be").hex().encode()
            return b"/Span <</ActualText <" + meant + b">>> BDC\n" + match[0] + b"\nEMC"

        for xref in range(1, document.xref_length()):
            kind = document.xref_get_key(xref, "Subtype")[1]
            if xref in document[0].get_contents() or (document.xref_is_stream(xref) and kind == "/Form"):
                stream = re.sub(rb"\bBT\b.*?\bET\b", wrapped, document.xref_stream(xref), flags=re.S)
                document.update_stream(xref, stream)
        return bytes(document.tobytes())


def damaged(kind: str, sheet: Sheet, page: bytes) -> bytes:
    """The page of a sheet with one kind of damage."""
    rng = random.Random(sheet.seed)
    others = [code for code in LANGUAGES if LANGUAGES[code].script != LANGUAGES[sheet.language].script]
    known: dict[str, Callable[[], bytes]] = {
        "permuted map": lambda: permuted(page, rng),
        "shifted codes": lambda: shifted(page, rng),
        "another encoding": lambda: other_encoding(page, rng, sheet.language),
        "private use": lambda: private(page, rng),
        "no map": lambda: unmapped(page, rng),
        "look-alikes": lambda: lookalikes(page, rng),
        "another text": lambda: saying(sheet, rng, sheet.language),
        "another language": lambda: saying(sheet, rng, rng.choice(others)),
        "replacement text": lambda: replaced(page, rng, sheet.language),
        "junk under a scan": lambda: under_picture(page, rng, sheet.language, invisible=False),
        "invisible junk": lambda: under_picture(page, rng, sheet.language, invisible=True),
    }
    return known[kind]()


KINDS: Final = (
    "permuted map", "shifted codes", "another encoding", "private use", "no map", "look-alikes", "another text",
    "another language", "replacement text", "junk under a scan", "invisible junk",
)  # fmt: skip
GLYPH_BY_GLYPH: Final = (
    "another text",
    "another language",
)  # kinds for scripts that are set letter by letter
