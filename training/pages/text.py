"""What stands on the pages: prose, names, numbers. The network sees the shape of text only, so prose need not mean anything.

English prose walks over pairs of words that follow each other in the texts of Python's own help (PSF licence); other
languages are made of their letters, in syllables and words as long as theirs.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from functools import cache

_SYLLABLES = {
    "de": ("sch st b d f g h k l m n r t w z gr tr br pf", "a e i o u ei ie au ä ö ü", "n r s t ng ch l nd st"),
    "fr": ("b c ch d f g j l m n p qu r s t v tr pr bl", "a e é è i o u ou ai eau oi", "s t r n nt l x"),
    "es": ("b c d f g j l ll m n ñ p r s t v tr pr", "a e i o u á é ía ó", "s n r l d"),
    "pl": ("b c cz d dz g k l ł m n p r rz s sz t w z", "a e i o u ó ą ę y", "ć ł n ń sz w j k"),
    "ru": ("б в г д ж з к л м н п р с т ф х ц ч ш пр ст", "а е и о у ы я ю ё", "й л м н р с т ть ст"),
    "el": ("β γ δ ζ θ κ λ μ ν ξ π ρ σ τ φ χ ψ", "α ε η ι ο υ ω ά έ ή ί ό ου αι", "ς ν σ ρ"),
    "he": ("א ב ג ד ה ו ז ח ט י כ ל מ נ ס ע פ צ ק ר ש ת", "ו י א ה", "ם ן ת ר ל ה"),
    "ar": ("ا ب ت ج ح خ د ر ز س ش ص ط ع ف ق ك ل م ن ه و ي", "ا و ي", "ة ن ر م ل ت"),
}  # fmt: skip
_HAN = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天"
    "而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身"
)
_KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんアイウエオカキクコサシスタテトナニノハ"
_NAMES = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elena",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kim",
    "Lena",
    "Marco",
    "Nadia",
    "Oskar",
    "Paula",
    "Quentin",
    "Rosa",
    "Sami",
    "Tara",
    "Uwe",
    "Vera",
    "Wim",
    "Xenia",
    "Yusuf",
    "Zoe",
    "Andersson",
    "Becker",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ivanov",
    "Jones",
    "Keller",
    "Laurent",
    "Martin",
    "Novak",
    "Olsen",
    "Petrov",
    "Quist",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Urban",
    "Varga",
    "Weber",
    "Young",
    "Zimmermann",
    "O'Neill",
    "MacLeod",
    "van-Dijk",
]
_TOWNS = [
    "Aarhus",
    "Bergen",
    "Cork",
    "Dresden",
    "Evora",
    "Faro",
    "Ghent",
    "Halle",
    "Izmir",
    "Jena",
    "Kiel",
    "Lyon",
    "Malmö",
    "Nantes",
    "Oslo",
    "Porto",
    "Quito",
    "Riga",
    "Siena",
    "Turin",
    "Utrecht",
    "Vigo",
    "Wels",
    "York",
    "Zadar",
]
_STREETS = [
    "Mill Lane",
    "High Street",
    "Station Road",
    "Park Avenue",
    "Church Street",
    "Harbour Way",
    "Ring Road",
    "Garden Close",
    "Old Market",
    "Bridge Street",
]
_FIRMS = ["Ltd", "GmbH", "Inc.", "S.A.", "AG", "plc", "& Sons", "Partners", "Group", "LLC"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNITS = [
    "kg",
    "m",
    "km",
    "%",
    "€",
    "$",
    "h",
    "min",
    "W",
    "kWh",
    "mm",
    "pcs",
    "L",
    "MB",
    "°C",
    "V",
    "A",
    "Hz",
    "bar",
    "mol",
]
# What captions, notes and heads begin with.
WORDS = {
    "en": ("Figure", "Table", "Chapter", "Section", "Abstract", "References", "Page", "Contents", "Index", "Note"),
    "de": ("Abbildung", "Tabelle", "Kapitel", "Abschnitt", "Zusammenfassung", "Literatur", "Seite", "Inhalt", "Register", "Hinweis"),
    "fr": ("Figure", "Tableau", "Chapitre", "Section", "Résumé", "Références", "Page", "Sommaire", "Index", "Remarque"),
    "es": ("Figura", "Tabla", "Capítulo", "Sección", "Resumen", "Referencias", "Página", "Índice", "Índice", "Nota"),
    "pl": ("Rysunek", "Tabela", "Rozdział", "Sekcja", "Streszczenie", "Literatura", "Strona", "Spis treści", "Indeks", "Uwaga"),
    "ru": ("Рисунок", "Таблица", "Глава", "Раздел", "Аннотация", "Литература", "Страница", "Содержание", "Указатель", "Примечание"),
    "el": ("Σχήμα", "Πίνακας", "Κεφάλαιο", "Ενότητα", "Περίληψη", "Αναφορές", "Σελίδα", "Περιεχόμενα", "Ευρετήριο", "Σημείωση"),
    "he": ("איור", "טבלה", "פרק", "סעיף", "תקציר", "מקורות", "עמוד", "תוכן", "מפתח", "הערה"),
    "ar": ("شكل", "جدول", "فصل", "قسم", "ملخص", "المراجع", "صفحة", "المحتويات", "فهرس", "ملاحظة"),
    "zh": ("图", "表", "章", "节", "摘要", "参考文献", "页", "目录", "索引", "注"),
    "ja": ("図", "表", "章", "節", "要旨", "参考文献", "ページ", "目次", "索引", "注"),
}  # fmt: skip


@cache
def _followers() -> dict[str, list[str]]:
    """The words that follow each word in English prose; sentences begin behind "."."""
    from pydoc_data import topics

    follow: dict[str, list[str]] = defaultdict(list)
    for _, text in sorted(topics.topics.items()):
        for paragraph in re.split(r"\n\s*\n", text):
            lines = paragraph.splitlines()
            if any(
                not line.startswith(("   ", "")) or re.search(r"[=<>{}|_\\`*\[\]]|::|--", line)
                for line in lines
            ):
                continue
            last = "."
            for word in paragraph.split():
                bare = word.strip("()\"'")
                if not re.fullmatch(r"[A-Za-z]+(?:[-'’][A-Za-z]+)*[.,;:]?", bare):
                    last = ""
                    continue
                if last:
                    follow["." if last[-1] == "." else last].append(bare)
                last = bare
    return {word: found for word, found in follow.items() if len(found) > 1 or word[-1:] != "."}


class Text:
    """Writes text of one language (a key of `WORDS`). The same ``rng`` gives the same text."""

    def __init__(self, rng: random.Random, language: str = "en") -> None:
        self.rng, self.language = rng, language
        self.east = language in ("zh", "ja")
        self.rtl = language in ("he", "ar")
        self.known: list[str] = []  # a text's own words come again

    def named(self, index: int) -> str:
        """One of the language's `WORDS`."""
        return WORDS[self.language][index]

    def word(self) -> str:
        rng = self.rng
        if self.language == "en":
            return rng.choice(rng.choice(_keys())[1]).strip(".,;:").lower()
        if self.east:
            signs = _HAN if self.language == "zh" or rng.random() < 0.4 else _KANA
            return "".join(rng.choice(signs) for _ in range(rng.randint(1, 3)))
        if len(self.known) < 400 or rng.random() < 0.1:
            heads, vowels, ends = (part.split() for part in _SYLLABLES[self.language])
            long = rng.choices((1, 2, 3, 4), (30, 40, 22, 8))[0]
            made = "".join(rng.choice(heads) + rng.choice(vowels) for _ in range(long))
            self.known.append(made + (rng.choice(ends) if rng.random() < 0.6 else ""))
            return self.known[-1]
        return self.known[min(int(rng.expovariate(0.015)), len(self.known) - 1)]

    def words(self, least: int, most: int) -> str:
        """Words without a stop, the first with a capital where the script has them."""
        space = "" if self.east else " "
        text = space.join(self.word() for _ in range(self.rng.randint(least, most)))
        return text[:1].upper() + text[1:]

    def title(self, least: int = 2, most: int = 7) -> str:
        text = self.words(least, most)
        return " ".join(w[:1].upper() + w[1:] for w in text.split()) if self.rng.random() < 0.4 else text

    def sentence(self) -> str:
        rng = self.rng
        if self.language != "en":
            space, comma, stop = ("", "，", "。") if self.east else (" ", ", ", rng.choice(".....?!"))
            parts = [self.words(4, 11)] + [
                space.join(self.word() for _ in range(rng.randint(3, 8)))
                for _ in range(rng.choice((0, 0, 1, 1, 2)))
            ]
            return comma.join(parts) + stop
        follow = _followers()
        words: list[str] = []
        last = "."
        while len(words) < 34:
            last = rng.choice(follow.get(last) or rng.choice(_keys())[1])
            words.append(last)
            if last[-1] == ".":
                break
        text = " ".join(words)
        if rng.random() < 0.06:
            text = self.number() + " " + text
        return text[:1].upper() + text[1:].rstrip(",;:.") + rng.choice(".........?!")

    def prose(self, characters: int) -> str:
        """Sentences of about so many characters."""
        sentences, length, weight = [], 0, 2.2 if self.east else 1.0
        while length < characters:
            sentences.append(self._aside(self.sentence()))
            length += int(len(sentences[-1]) * weight) + 1
        return ("" if self.east else " ").join(sentences)

    def _aside(self, sentence: str) -> str:
        rng = self.rng
        chance = rng.random()
        if chance > 0.16 or self.east:
            return sentence
        body, stop = sentence[:-1], sentence[-1]
        if chance < 0.04:
            return f"{body} ({self.words(1, 3).lower()}){stop}"
        if chance < 0.07:
            return f"“{body}”{stop}"
        if chance < 0.10:
            return f"{body} [{rng.randint(1, 60)}]{stop}"
        if chance < 0.13:
            return f"{body} ({self.surname()}, {rng.randint(1950, 2025)}){stop}"
        return f"{body} {self.number()} {rng.choice(_UNITS)}{stop}"

    # Names and numbers.

    def surname(self) -> str:
        return (
            self.words(1, 1)
            if self.language in ("ru", "el", "he", "ar", "zh", "ja")
            else self.rng.choice(_NAMES[26:])
        )

    def name(self) -> str:
        if self.language in ("ru", "el", "he", "ar"):
            return f"{self.words(1, 1)} {self.words(1, 1)}"
        if self.east:
            return self.words(1, 1)
        initial = f"{self.rng.choice('ABCDEFGHJKLMNPRSTW')}. " if self.rng.random() < 0.3 else ""
        return f"{self.rng.choice(_NAMES[:26])} {initial}{self.rng.choice(_NAMES[26:])}"

    def firm(self) -> str:
        return f"{self.words(1, 2).title()} {self.rng.choice(_FIRMS)}"

    def town(self) -> str:
        return self.rng.choice(_TOWNS)

    def street(self) -> str:
        return f"{self.rng.randint(1, 240)} {self.rng.choice(_STREETS)}"

    def address(self) -> list[str]:
        """The lines of an address."""
        lines = [self.firm() if self.rng.random() < 0.5 else self.name(), self.street()]
        lines.append(f"{self.rng.randint(1000, 99999)} {self.town()}")
        return lines + (
            [self.rng.choice(("Portugal", "Norway", "Ireland", "Germany", "Italy"))]
            if self.rng.random() < 0.4
            else []
        )

    def date(self) -> str:
        rng = self.rng
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1990, 2026)
        return rng.choice(
            (f"{day} {_MONTHS[month - 1]} {year}", f"{day:02}.{month:02}.{year}", f"{month}/{day}/{year}", f"{year}-{month:02}-{day:02}",
             f"{_MONTHS[month - 1][:3]} {day}, {year}")
        )  # fmt: skip

    def number(self) -> str:
        rng = self.rng
        return rng.choice(
            (str(rng.randint(0, 99)), str(rng.randint(100, 9999)), f"{rng.uniform(0, 100):.1f}", f"{rng.uniform(0, 9):.2f}",
             f"{rng.randint(1000, 9999999):,}", f"{rng.uniform(0, 1):.3f}")
        )  # fmt: skip

    def money(self) -> str:
        return f"{self.rng.choice(('', '', '$', '€ ', '£'))}{self.rng.uniform(1, 5000):,.2f}"

    def phone(self) -> str:
        return f"+{self.rng.randint(1, 99)} {self.rng.randint(10, 999)} {self.rng.randint(100, 999)} {self.rng.randint(1000, 9999)}"

    def code(self) -> str:
        """An identification number."""
        return f"{self.rng.choice('ABCDEKLMNPRSTX')}{self.rng.choice('-/ ')}{self.rng.randint(1000, 99999)}"

    def email(self) -> str:
        return f"{self.rng.choice(_NAMES).lower()}@{self.word() if self.language == 'en' else 'mail'}.example"

    def url(self) -> str:
        return f"www.{self.rng.choice(_NAMES).lower()}.example/{self.rng.randint(10, 999)}"


@cache
def _keys() -> list[tuple[str, list[str]]]:
    return sorted(_followers().items())
