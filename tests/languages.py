"""The first article of the Universal Declaration of Human Rights in many languages, and pages set in them."""

from __future__ import annotations

import html
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import BROWSER


class Language(NamedTuple):
    """``font`` is a family that Debian's fonts-noto-core, fonts-noto-cjk or fonts-dejavu have."""

    code: str
    text: str
    font: str = "DejaVu Sans"
    right_to_left: bool = False


LANGUAGES = {
    each.code: each
    for each in [
        Language(
            "ru",
            "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и "
            "должны поступать в отношении друг друга в духе братства.",
        ),
        Language(
            "uk",
            "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю і "
            "повинні діяти у відношенні один до одного в дусі братерства.",
        ),
        Language(
            "el",
            "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με "
            "λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
        ),
        Language(
            "he",
            "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג "
            "איש ברעהו ברוח של אחווה.",
            "Noto Sans Hebrew",
            True,
        ),
        Language(
            "ar",
            "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح "
            "الإخاء.",
            "Noto Naskh Arabic",
            True,
        ),
        Language(
            "hi",
            "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और "
            "अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
            "Noto Sans Devanagari",
        ),
        Language(
            "th",
            "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกัน"
            "ด้วยเจตนารมณ์แห่งภราดรภาพ",
            "Noto Sans Thai",
        ),
        Language(
            "ka",
            "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით. მათ მინიჭებული აქვთ გონება და "
            "სინდისი და ერთმანეთის მიმართ უნდა იქცეოდნენ ძმობის სულისკვეთებით.",
            "Noto Sans Georgian",
        ),
        Language(
            "ta",
            "மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும், உரிமைகளிலும் சமமானவர்கள், "
            "அவர்கள் நியாயத்தையும் மனச்சாட்சியையும் இயற்பண்பாகப் பெற்றவர்கள்.",
            "Noto Sans Tamil",
        ),
        Language(
            "ko",
            "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 "
            "부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
            "Noto Sans CJK KR",
        ),
        Language(
            "vi",
            "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. Mọi con người đều được tạo "
            "hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
        ),
        Language(
            "pl",
            "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i "
            "sumieniem i powinni postępować wobec innych w duchu braterstwa.",
        ),
        Language(
            "tr",
            "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine "
            "karşı kardeşlik zihniyeti ile hareket etmelidirler.",
        ),
        Language(
            "ja",
            "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、"
            "互いに同胞の精神をもって行動しなければならない。",
            "Noto Sans CJK JP",
        ),
        Language(
            "zh",
            "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
            "Noto Sans CJK SC",
        ),
        Language(
            "en",
            "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
            "and should act towards one another in a spirit of brotherhood.",
        ),
    ]
}
"""By the language's code (ISO 639-1)."""


@cache
def families() -> frozenset[str]:
    """The families of fonts that this machine has."""
    if shutil.which("fc-list") is None:
        return frozenset()
    listed = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    return frozenset(name.strip() for line in listed.splitlines() for name in line.split(","))


@cache
def font_file(family: str) -> Path:
    """The file of a family's regular face."""
    pattern = f"{family}:style=Regular,Book"
    found = subprocess.run(["fc-match", "-f", "%{file}", pattern], capture_output=True, text=True, check=True)
    return Path(found.stdout)


def needs_fonts(*codes: str) -> pytest.MarkDecorator:
    """Skips a test where there is no font for a language."""
    lacking = sorted({LANGUAGES[code].font for code in codes} - families())
    return pytest.mark.skipif(
        bool(lacking), reason=f"no font {', '.join(lacking)}; Debian's fonts-noto-core, fonts-noto-cjk"
    )


def browser_pdf(
    folder: Path, languages: Iterable[Language], style: str = "", body: str | None = None
) -> Path:
    """A page for each language, printed by a browser: a heading "1." and the article twice; or ``body`` alone."""
    pages = "".join(
        f'<section lang="{each.code}" dir="{"rtl" if each.right_to_left else "ltr"}" style="font-family:\'{each.font}\'">'
        f"<p>{html.escape(each.text)}</p><p>{html.escape(each.text)}</p></section>"
        for each in languages
    )
    source, target = folder / "page.html", folder / "browser.pdf"
    source.write_text(
        f'<meta charset="utf-8"><style>body{{font-size:11pt}}section{{break-after:page}}{style}</style>{body or pages}'
    )
    assert BROWSER is not None
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    subprocess.run(
        [*command, f"--print-to-pdf={target}", source.as_uri()], check=True, capture_output=True, timeout=120
    )
    return target
