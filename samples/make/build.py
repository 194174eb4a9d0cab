"""Rebuilds every file in samples/ from the sources beside this script.

Needs pdflatex, xelatex, gnuplot (with cairo) and soffice (LibreOffice Writer and Impress) on the path, the fonts
Liberation, DejaVu and Noto Serif CJK, and ``pip install pymupdf reportlab typst pillow
opencv-python-headless``. Usage: ``python samples/make/build.py``.
"""

import io
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import degrade
import invoice
import memo
import pictures
import pymupdf
import slides
import tables
import typst
from PIL import Image

HERE = Path(__file__).resolve().parent
OUT = HERE.parent
PASSWORD = "docvlm"


def latex(engine: str, name: str, work: Path) -> Path:
    for _ in range(2):
        subprocess.run([engine, "-interaction=batchmode", f"-output-directory={work}", str(HERE / f"{name}.tex")],
                       check=True, stdout=subprocess.DEVNULL)
    return work / f"{name}.pdf"


def office(name: str, content: str, work: Path) -> Path:
    source = work / name
    source.write_text(content, encoding="utf-8")
    html = name.endswith(".html")
    command = ["soffice", "--headless", f"-env:UserInstallation={(work / 'profile').as_uri()}",
               *(["--infilter=HTML (StarWriter)"] if html else []), "--convert-to",
               "pdf:writer_pdf_Export" if html else "pdf:impress_pdf_Export", "--outdir", str(work), str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return source.with_suffix(".pdf")


def typeset(name: str, work: Path) -> Path:
    target = work / f"{name}.pdf"
    typst.compile(str(HERE / f"{name}.typ"), output=str(target))
    return target


def turned(source: Path, target: Path, turns: list[tuple[int, int]]) -> None:
    """Places each page drawn turned by ``draw`` degrees clockwise and sets /Rotate to ``rotate``."""
    with pymupdf.open(source) as old, pymupdf.open() as new:
        for page, (draw, rotate) in zip(old, turns, strict=True):
            w, h = page.rect.width, page.rect.height
            fresh = new.new_page(width=h, height=w)
            fresh.show_pdf_page(fresh.rect, old, page.number, rotate=draw)
            fresh.set_rotation(rotate)
        new.save(target, garbage=4, deflate=True)


def permuted(source: Path, target: Path, seed: int) -> None:
    """Exchanges the letters in every ToUnicode map among themselves, capitals and small apart."""
    rng = random.Random(seed)
    swap: dict[int, int] = {}
    for group in ("aeiou", "bcdfghjklmnpqrstvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        for a, b in zip(group, group[1:] + group[:1], strict=True) if len(group) < 6 else zip(
                group, rng.sample(group, len(group)), strict=True):
            swap[ord(a)] = ord(b)

    def exchange(match: re.Match[str]) -> str:
        code = int(match[2], 16)
        return f"{match[1]}<{swap.get(code, code):04X}>"

    with pymupdf.open(source) as document:
        for xref in range(1, document.xref_length()):
            if not document.xref_is_stream(xref):
                continue
            stream = document.xref_stream(xref)
            if b"beginbfchar" in stream:
                text = re.sub(r"(<[0-9A-Fa-f]{4}>\s*)<([0-9A-Fa-f]{4})>(?=\s*\n)", exchange, stream.decode("latin-1"))
                document.update_stream(xref, text.encode("latin-1"))
        document.save(target, garbage=4, deflate=True)


def scan(source: Path, target: Path, pages: list[dict], dpi: int, quality: int) -> None:
    with pymupdf.open(source) as old, pymupdf.open() as new:
        for page, how in zip(old, pages, strict=True):
            image = degrade.skew(degrade.gray(page, dpi), how["skew"])
            if "dark" in how:
                image = degrade.light(image, how["dark"])
            image = degrade.noise(image, how["noise"], how["specks"], how["seed"])
            if how.get("upside_down"):
                image = image[::-1, ::-1].copy()
            fresh = new.new_page(width=page.rect.width, height=page.rect.height)
            fresh.insert_image(fresh.rect, stream=degrade.jpeg(image, quality))
        new.save(target, garbage=4, deflate=True)


def build(work: Path) -> None:
    pictures.boat(HERE / "newsletter-boat.png")
    pictures.cycle_path(HERE / "slides-path.png")
    shutil.copy(latex("pdflatex", "paper", work), OUT / "paper.pdf")
    shutil.copy(latex("pdflatex", "charts", work), OUT / "charts.pdf")
    subprocess.run(["gnuplot", str(HERE / "chart.gp")], check=True, cwd=OUT)
    for name in ("report", "newsletter", "chinese"):
        shutil.copy(typeset(name, work), OUT / f"{name}.pdf")
    html = (HERE / "financial.html").read_text(encoding="utf-8").replace("@TABLE@", tables.financial())
    shutil.copy(office("financial.html", html, work), OUT / "financial.pdf")
    html = (HERE / "norules.html").read_text(encoding="utf-8")
    html = html.replace("@TABLE1@", tables.plain(tables.CROSSINGS, (1, 2, 3, 4))).replace("@TABLE2@", tables.plain(tables.BIRDS, (2, 3)))
    shutil.copy(office("norules.html", html, work), OUT / "norules.pdf")
    shutil.copy(office("slides.fodp", slides.fill(HERE), work), OUT / "slides.pdf")
    invoice.make(str(OUT / "invoice.pdf"))
    memo.make(str(OUT / "blank-page.pdf"))

    turned(typeset("rotated", work), OUT / "rotated.pdf", [(90, 90), (-90, 270)])
    turned(typeset("sideways", work), OUT / "sideways.pdf", [(90, 0)])
    permuted(typeset("wrong-text", work), OUT / "wrong-text.pdf", seed=7)

    minutes = latex("xelatex", "minutes", work)
    with pymupdf.open(minutes) as document:
        document.save(OUT / "encrypted.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=PASSWORD, owner_pw=PASSWORD, garbage=4, deflate=True)
        document[0].get_pixmap(dpi=170).pil_save(OUT / "page.jpg", quality=70, optimize=True)
    with pymupdf.open(work / "rotated.pdf") as document:
        images = [Image.open(io.BytesIO(page.get_pixmap(dpi=200).tobytes("png"))).convert("L").point(lambda v: 255 * (v > 150)).convert("1") for page in document]
        images[0].save(OUT / "pages.tif", save_all=True, append_images=images[1:], compression="group4", dpi=(200, 200))

    scan(OUT / "report.pdf", OUT / "scan-report.pdf", dpi=150, quality=42, pages=[
        {"skew": 1.4, "noise": 3, "specks": 20, "seed": 1}, {"skew": -1.1, "noise": 3, "specks": 25, "seed": 2},
        {"skew": 0.8, "noise": 3, "specks": 15, "seed": 3, "upside_down": True}, {"skew": 2.2, "noise": 3, "specks": 20, "seed": 4}])
    scan(OUT / "paper.pdf", OUT / "scan-paper.pdf", dpi=175, quality=48, pages=[
        {"skew": -1.3, "noise": 2.5, "specks": 15, "seed": 5}, {"skew": 1.8, "noise": 2.5, "specks": 20, "seed": 6}])
    scan(OUT / "invoice.pdf", OUT / "scan-invoice.pdf", dpi=150, quality=58, pages=[
        {"skew": -2.6, "noise": 5, "specks": 40, "seed": 8, "dark": 0.62}])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
    for path in sorted(OUT.glob("*.*")):
        print(f"{path.stat().st_size:8d} {path.name}")
