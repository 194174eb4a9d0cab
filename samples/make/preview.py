"""Draws samples/preview.png: a page with the blocks that docvlm found, beside the HTML it wrote.

    python samples/make/preview.py        (needs Chromium on the PATH)
"""

import subprocess
import tempfile
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw

import docvlm

ROOT = Path(__file__).resolve().parents[1]
COLORS = {
    "heading": "#c2410c", "paragraph": "#1d4ed8", "formula": "#7e22ce", "table": "#15803d", "picture": "#b45309",
    "chart": "#b45309", "caption": "#0f766e", "footnote": "#64748b", "header": "#94a3b8", "footer": "#94a3b8",
    "list": "#1d4ed8", "code": "#334155",
}
ZOOM = 1.25


def page_with_boxes(document: docvlm.Document, number: int) -> Image.Image:
    pixmap = pymupdf.open(ROOT / "paper.pdf")[number - 1].get_pixmap(matrix=pymupdf.Matrix(ZOOM, ZOOM))
    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    draw = ImageDraw.Draw(image, "RGBA")
    for block in document.pages[number - 1].blocks:
        box = [v * ZOOM + d for v, d in zip(block.box, (-3, -3, 3, 3))]
        draw.rectangle(box, outline=COLORS[block.kind], width=2, fill=COLORS[block.kind] + "18")
    return image


def html_shot(document: docvlm.Document, width: int, height: int) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        path, shot = Path(folder) / "paper.html", Path(folder) / "shot.png"
        path.write_text(document.to_html())
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={shot}",
             f"--window-size={width},{height}", f"file://{path}"],
            check=True, capture_output=True,
        )  # fmt: skip
        return Image.open(shot).convert("RGB")


def main() -> None:
    document = docvlm.convert(ROOT / "paper.pdf")
    left = page_with_boxes(document, 2)
    document.pages = document.pages[1:]
    right = html_shot(document, left.width, left.height)
    sheet = Image.new("RGB", (left.width * 2 + 12, left.height), "#e2e8f0")
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width + 12, 0))
    sheet.quantize(128).save(ROOT / "preview.png", optimize=True)


if __name__ == "__main__":
    main()
