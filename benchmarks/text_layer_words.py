"""Words, names and sentences in the languages of Debian's dictionaries and of its `iso-codes`, drawn by seed."""

from __future__ import annotations

import gettext
import itertools
import random
import re
import subprocess
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from docvlm.scripts import letters, script_of

_DICTIONARIES: Final = Path("/usr/share/hunspell")
_NAMES: Final = Path("/usr/share/locale")
_CATALOGUES: Final = ("iso_3166-1", "iso_3166-2", "iso_639-2", "iso_639-3", "iso_4217")
_MOST: Final = 20_000  # words of a language


class Language(NamedTuple):
    """``dictionary`` is a file of Debian's hunspell-* or "", ``names`` a folder of iso-codes; ``script`` as Unicode's names
    of letters begin; ``joiner`` stands between words.
    """

    code: str
    script: str
    dictionary: str
    names: str
    joiner: str = " "
    right_to_left: bool = False


LANGUAGES: Final = {
    each.code: each
    for each in [
        Language("en", "LATIN", "en_US", "en"),
        Language("de", "LATIN", "de_DE", "de"),
        Language("pl", "LATIN", "pl_PL", "pl"),
        Language("tr", "LATIN", "tr_TR", "tr"),
        Language("vi", "LATIN", "vi_VN", "vi"),
        Language("ru", "CYRILLIC", "ru_RU", "ru"),
        Language("uk", "CYRILLIC", "uk_UA", "uk"),
        Language("el", "GREEK", "el_GR", "el"),
        Language("he", "HEBREW", "he_IL", "he", right_to_left=True),
        Language("ar", "ARABIC", "ar", "ar", right_to_left=True),
        Language("hi", "DEVANAGARI", "hi_IN", "hi"),
        Language("bn", "BENGALI", "bn_BD", "bn"),
        Language("th", "THAI", "th_TH", "th", ""),
        Language("ta", "TAMIL", "", "ta"),
        Language("ka", "GEORGIAN", "", "ka"),
        Language("hy", "ARMENIAN", "hy_AM", "hy"),
        Language("ko", "HANGUL", "ko_KR", "ko"),
        Language("ja", "CJK", "", "ja", "、"),
        Language("zh", "CJK", "", "zh_CN", "，"),
    ]
}

_UPRIGHT: Final = ("Regular", "Book", "Roman", "Medium")
_NO_LETTERS: Final = re.compile("D050000L|Keyboard|Initials|Symbol|Emoji")  # fonts whose letters are signs
_CJK: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"})
# What holds sentences together in the languages that write no spaces, between names.
_PARTICLES: Final = {
    "ja": ("の", "は", "と", "から", "です。", "を", "について"),
    "zh": ("的", "和", "在", "是", "与", "。"),
}


@cache
def words(code: str) -> list[str]:
    """The language's words, those of its dictionary and its names of countries, places, languages and money."""
    language = LANGUAGES[code]
    found = [*_dictionary(language.dictionary), *_named(language.names)]
    rightful = _CJK if language.script == "CJK" else {language.script}
    ordered = sorted({unicodedata.normalize("NFC", word) for word in found if len(word) > 1})
    random.Random(0).shuffle(ordered)
    fit = (
        word
        for word in ordered
        if any(map(str.isalpha, word)) and {*map(script_of, letters([word]))} <= rightful
    )
    return [*itertools.islice(fit, _MOST)]


def _dictionary(name: str) -> list[str]:
    if not name:
        return []
    folder = _DICTIONARIES
    if not (folder / f"{name}.dic").exists():  # Debian has none of Armenian any more; its names are left
        return []
    text = (folder / f"{name}.dic").read_bytes()
    encoding = re.search(r"^SET +(\S+)", (folder / f"{name}.aff").read_bytes().decode("latin-1"), re.M)
    stored = text.splitlines()[1:]
    drawn = random.Random(0).sample(stored, min(2 * _MOST, len(stored)))
    lines = b"\n".join(drawn).decode(encoding[1] if encoding else "utf-8", "replace").splitlines()
    return [re.split(r"[/\t ]", line)[0] for line in lines if "\ufffd" not in line]


def _named(folder: str) -> list[str]:
    found: list[str] = []
    for name in _CATALOGUES:
        path = _NAMES / folder / "LC_MESSAGES" / f"{name}.mo"
        if path.exists():
            with path.open("rb") as file:
                catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            texts = (text for key, text in catalogue.items() if key and isinstance(text, str))
            found += [word for text in texts for word in re.split(r"[\s,;()/]+", text)]
    return found


def text(rng: random.Random, code: str, count: int) -> str:
    """``count`` words in sentences."""
    language, known = LANGUAGES[code], words(code)
    said: list[str] = []
    while len(said) < count:
        sentence = rng.choices(known, k=min(rng.randint(5, 13), count - len(said)))
        if language.joiner == " ":
            if language.script != "GEORGIAN":  # its capitals are for whole lines
                sentence[0] = sentence[0][:1].upper() + sentence[0][1:]
            sentence = [
                word + rng.choices(("", ",", ";"), (90, 8, 2))[0] for word in sentence[:-1]
            ] + sentence[-1:]
            sentence[-1] += "." if language.script not in ("DEVANAGARI", "BENGALI") else "।"
        if rng.random() < 0.15:
            sentence.insert(len(sentence) // 2, str(rng.randint(1, 2100)))
        said += sentence
    if code in _PARTICLES:
        return "".join(word + rng.choice(_PARTICLES[code]) for word in said)
    return (language.joiner or " " if rng.random() < 0.1 else language.joiner).join(said)


@cache
def faces(code: str) -> list[tuple[str, Path, int]]:
    """Family, file and number in it of the upright regular fonts that have a language's letters."""
    wanted = f":lang={'zh-cn' if code == 'zh' else code}"
    form = "%{family[0]}|%{style[0]}|%{index}|%{file}\n"
    shown = subprocess.run(["fc-list", "-f", form, wanted], capture_output=True, text=True, check=True).stdout
    rows = {tuple(line.split("|")) for line in shown.splitlines()}
    return sorted(
        (family, Path(file), int(index))
        for family, style, index, file in rows
        if style in _UPRIGHT and not _NO_LETTERS.search(family) and file.endswith(("ttf", "otf", "ttc"))
    )
