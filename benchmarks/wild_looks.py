"""Real documents whose truth is known: the PDFs of Debian's documentation beside the HTML or TeX that they were made of.

Nothing of them is kept here. `fetch` has Debian's own tools download the packages (`apt-get download`) and unpack them
into a folder (`dpkg-deb -x`); nothing is installed. Figures are of Debian 12.
"""

from __future__ import annotations

import gzip
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Look:
    """Documents that look alike. ``pdf`` is a path within ``package``, or with .gz behind it;
    ``truth`` are patterns of HTML files, in reading order, or one TeX file, within ``source``, or the same package.
    """

    name: str
    kind: str
    package: str
    pdf: str
    truth: tuple[str, ...]
    source: str = ""


def _html(name: str, kind: str, package: str, pdf: str, *truth: str, source: str = "") -> Look:
    return Look(name, kind, package, f"usr/share/{pdf}", tuple(f"usr/share/{each}" for each in truth), source)


def _tex(name: str, kind: str, part: str, stem: str) -> Look:
    path = f"usr/share/doc/texlive-doc/{stem}"
    return Look(name, kind, f"texlive-{part}-doc", f"{path}.pdf", (f"{path}.tex*", f"{path}.ltx*"))


_R, _LY = "R/doc/manual", "doc/lilypond/html/Documentation"
_AMC, _MAKE = "doc/auto-multiple-choice", "doc/debmake-doc"

LOOKS = (
    # two columns
    _tex("acm-conference", "paper, 2 columns", "publishers", "latex/acmart/samples/sample-sigconf"),
    _tex("asme-conference", "paper, 2 columns", "publishers", "latex/asmeconf/asmeconf-template"),
    _tex("asme-journal", "paper, 2 columns", "publishers", "latex/asmejour/asmejour-template"),
    _tex("accelerators", "paper, 2 columns", "publishers", "latex/jacow/JACoW_LaTeX_A4"),
    _tex("astronomy", "paper, 2 columns", "publishers", "latex/mnras/mnras_guide"),
    _tex("physics", "paper, 2 columns", "publishers", "latex/revtex/sample/aps/apssamp"),
    _tex("quantum", "paper, 2 columns", "publishers", "latex/quantumarticle/quantum-template"),
    _tex("power-engineering", "paper, 2 columns", "publishers", "latex/ieeepes/ieeepes_doc"),
    _tex("tugboat", "paper, 2 columns", "publishers", "latex/tugboat/ltubguid"),
    _tex("oxford", "paper, 2 columns", "publishers", "latex/oup-authoring-template/oup-authoring-template"),
    _tex("thermal", "paper, 2 columns", "publishers", "latex/prtec/PRTEC19-template"),
    _tex("quantum-information", "paper, 2 columns", "publishers", "latex/revtex/sample/aip/aipsamp"),
    # one column
    _tex("acm-journal", "paper, 1 column", "publishers", "latex/acmart/samples/sample-acmsmall"),
    _tex("annals", "paper, 1 column", "publishers", "latex/aomart/aomsample"),
    _tex("learning-theory", "paper, 1 column", "publishers", "latex/jmlr/pmlr-sample"),
    _tex("optics", "paper, 1 column", "publishers", "latex/spie/article"),
    _tex("lecture-notes", "paper, 1 column", "publishers", "latex/llncs/llncsdoc"),
    _tex("condensed-matter", "paper, 1 column", "publishers", "latex/cmpj/template"),
    _tex("aerospace", "paper, 1 column", "publishers", "latex/aiaa/template_advanced"),
    # of other kinds
    _tex("bill", "law, form, slides", "publishers", "latex/ukbill/immigration-bill"),
    _tex("patent", "law, form, slides", "publishers", "latex/uspatent/PatentApplicationGuide"),
    _tex(
        "invoice", "law, form, slides", "publishers", "xelatex/facture-belge-simple-sans-tva/article-facture"
    ),
    _tex("leaflet", "law, form, slides", "publishers", "latex/tuda-ci/DEMO-TUDaLeaflet"),
    _tex("poster", "law, form, slides", "publishers", "latex/tuda-ci/DEMO-TUDaSciPoster"),
    _tex("exercises", "law, form, slides", "publishers", "latex/tuda-ci/DEMO-TUDaExercise"),
    _tex("slides", "law, form, slides", "publishers", "latex/uantwerpendocs/beamerthemeuantwerpenuserguide"),
    _tex("thesis", "law, form, slides", "publishers", "latex/ucbthesis/ucbthesis"),
    _tex("linguistics", "law, form, slides", "humanities", "latex/covington/covington"),
    _tex(
        "parallel-columns",
        "law, form, slides",
        "humanities",
        "latex/reledmac/examples/4-reledpar_columns_alignment",
    ),
    _tex("play", "law, form, slides", "humanities", "latex/thalie/thalie"),
    _tex("physics-notation", "manual, TeX", "science", "latex/physics/physics"),
    _tex("algorithms", "manual, TeX", "science", "latex/algorithm2e/algorithm2e"),
    _tex("pseudocode", "manual, TeX", "science", "latex/clrscode3e/clrscode3e"),
    _tex("chemistry", "manual, TeX", "science", "latex/mhchem/mhchem"),
    # manuals
    _html(
        "r-data", "manual, Texinfo", "r-doc-pdf", f"{_R}/R-data.pdf", f"{_R}/R-data.html", source="r-doc-html"
    ),
    _html(
        "r-extensions",
        "manual, Texinfo",
        "r-doc-pdf",
        f"{_R}/R-exts.pdf",
        f"{_R}/R-exts.html",
        source="r-doc-html",
    ),
    _html(
        "autoconf",
        "manual, Texinfo",
        "autoconf-doc",
        "doc/autoconf/autoconf.pdf",
        "doc/autoconf/autoconf.html",
    ),
    _html("sbcl", "manual, Texinfo", "sbcl-doc", "doc/sbcl/sbcl.pdf", "doc/sbcl/sbcl.html"),
    _html(
        "octave",
        "manual, Texinfo",
        "octave-doc",
        "doc/octave/octave.pdf",
        "doc/octave/octave.html/index.html",
        "doc/octave/octave.html/*.html",
    ),
    _html(
        "asymptote",
        "manual, Texinfo",
        "asymptote-doc",
        "doc/asymptote/asymptote.pdf",
        "doc/asymptote/html/index.html",
        "doc/asymptote/html/*.html",
    ),
    _html(
        "music",
        "manual, Texinfo",
        "lilypond-doc-pdf",
        f"{_LY}/learning.pdf",
        f"{_LY}/learning-big-page.html",
        source="lilypond-doc-html",
    ),
    _html(
        "gri",
        "manual, Texinfo",
        "gri-pdf-doc",
        "doc/gri/gri.pdf",
        "doc/gri/html/index.html",
        "doc/gri/html/*.html",
        source="gri-html-doc",
    ),
    _html(
        "erlang",
        "manual, FOP",
        "erlang-doc",
        "doc/erlang-doc/lib/stdlib-4.2/doc/pdf/stdlib-4.2.pdf",
        "doc/erlang-doc/lib/stdlib-4.2/doc/html/*.html",
    ),
    _html(
        "docbook",
        "manual, FOP",
        "docbook-xsl-doc-pdf",
        "doc/docbook-xsl-doc-pdf/doc/reference.pdf",
        "doc/docbook-xsl-doc-html/doc/*/*.html",
        source="docbook-xsl-doc-html",
    ),
    _html(
        "policy",
        "manual, Sphinx",
        "debian-policy",
        "doc/debian-policy/policy.pdf",
        "doc/debian-policy/policy.html/index.html",
        "doc/debian-policy/policy.html/*.html",
    ),
    _html(
        "developers",
        "manual, Sphinx",
        "developers-reference",
        "developers-reference/developers-reference.pdf",
        "developers-reference/developers-reference.html",
    ),
    _html(
        "why3",
        "manual, Sphinx",
        "why3-doc-pdf",
        "doc/why3-doc-pdf/manual.pdf",
        "doc/why3-doc-html/html/index.html",
        "doc/why3-doc-html/html/*.html",
        source="why3-doc-html",
    ),
    _html(
        "hierarchy",
        "manual, DocBook",
        "debian-policy",
        "doc/debian-policy/fhs/fhs-3.0.pdf",
        "doc/debian-policy/fhs/fhs-3.0.html",
    ),
    _html(
        "reference",
        "manual, DocBook",
        "debian-reference-en",
        "debian-reference/debian-reference.en.pdf",
        "debian-reference/*.en.html",
    ),
    _html(
        "maintainers",
        "manual, DocBook",
        "maint-guide",
        "doc/maint-guide/maint-guide.en.pdf",
        "doc/maint-guide/html/*.en.html",
    ),
    _html(
        "choice-french",
        "manual, DocBook",
        "auto-multiple-choice-doc-pdf",
        f"{_AMC}/auto-multiple-choice.fr.pdf",
        f"{_AMC}/html/auto-multiple-choice.fr/*.html",
        source="auto-multiple-choice-doc",
    ),
    _html(
        "choice-japanese",
        "other scripts",
        "auto-multiple-choice-doc-pdf",
        f"{_AMC}/auto-multiple-choice.ja.pdf",
        f"{_AMC}/html/auto-multiple-choice.ja/*.html",
        source="auto-multiple-choice-doc",
    ),
    _html(
        "making-russian",
        "other scripts",
        "debmake-doc",
        f"{_MAKE}/debmake-doc.ru.pdf",
        f"{_MAKE}/html/*.ru.html",
    ),
    _html(
        "making-chinese",
        "other scripts",
        "debmake-doc",
        f"{_MAKE}/debmake-doc.zh-cn.pdf",
        f"{_MAKE}/html/*.zh-cn.html",
    ),
    _html(
        "camlidl",
        "manual, Hevea",
        "camlidl-doc",
        "doc/camlidl/camlidl-1.04.doc.pdf",
        "doc/camlidl/html/main*.html",
    ),
    _html(
        "freefem",
        "manual, Hevea",
        "freefem-doc",
        "doc/freefem-doc/freefem.pdf",
        "doc/freefem-doc/freefem/*.html",
    ),
    _html(
        "gnuplot",
        "manual, Hevea",
        "gnuplot-doc",
        "doc/gnuplot/gnuplot.pdf",
        "doc/gnuplot/htmldocs/index.html",
        "doc/gnuplot/htmldocs/node*.html",
    ),
)

SAMPLE = (
    *("acm-conference", "asme-conference", "astronomy", "tugboat", "acm-journal", "bill", "linguistics"),
    *("r-data", "music", "erlang", "policy", "reference", "making-russian"),
)
"""The looks of a quick run."""


def fetch(look: Look, folder: Path) -> tuple[Path, list[Path]]:
    """The PDF of a look and the files of its truth, downloaded into ``folder`` unless they are there.

    Raises OSError or CalledProcessError where Debian's packages cannot be had, or hold no such files.
    """
    here, there = (_unpacked(package, folder) for package in (look.package, look.source or look.package))
    pdf = here / look.pdf
    packed = Path(f"{pdf}.gz")
    if not pdf.exists() and packed.exists():
        pdf.write_bytes(gzip.decompress(packed.read_bytes()))
    truth = [path for pattern in look.truth for path in sorted(there.glob(pattern))]
    if not pdf.exists() or not truth:
        raise FileNotFoundError(f"{look.package} holds no {look.pdf}, or no truth for it")
    return pdf, list(dict.fromkeys(truth))


def _unpacked(package: str, folder: Path) -> Path:
    unpacked = folder / package
    if not unpacked.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.glob(f"{package}_*.deb")):
            subprocess.run(
                ["apt-get", "download", "-q", package], cwd=folder, check=True, stdout=subprocess.DEVNULL
            )
        (archive,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", str(archive), f"{unpacked}.part"], check=True)
        Path(f"{unpacked}.part").rename(unpacked)
    return unpacked
