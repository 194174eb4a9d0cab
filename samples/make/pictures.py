"""Draws the two pictures that the newsletter and the slides show."""

from pathlib import Path

from PIL import Image, ImageDraw


def boat(path: Path) -> None:
    s = 3
    image = Image.new("RGB", (420 * s, 260 * s), "#cfe4ef")
    d = ImageDraw.Draw(image)
    d.rectangle((0, 170 * s, 420 * s, 260 * s), fill="#3b7a99")
    d.polygon([(70 * s, 150 * s), (350 * s, 150 * s), (310 * s, 200 * s), (110 * s, 200 * s)], fill="#2e6b4a")
    d.rectangle((150 * s, 105 * s, 270 * s, 150 * s), fill="#f4efe2")
    for x in (165, 200, 235):
        d.rectangle((x * s, 115 * s, (x + 22) * s, 135 * s), fill="#5b7d93")
    d.line((210 * s, 105 * s, 210 * s, 30 * s), fill="#555533", width=4 * s)
    d.polygon([(212 * s, 34 * s), (250 * s, 46 * s), (212 * s, 58 * s)], fill="#c0392b")
    d.ellipse((340 * s, 20 * s, 390 * s, 70 * s), fill="#f7d774")
    image.resize((420, 260)).save(path, optimize=True)


def cycle_path(path: Path) -> None:
    s = 3
    image = Image.new("RGB", (420 * s, 280 * s), "#dbe9f4")
    d = ImageDraw.Draw(image)
    d.polygon([(0, 130 * s), (110 * s, 70 * s), (220 * s, 125 * s), (320 * s, 60 * s), (420 * s, 120 * s), (420 * s, 280 * s), (0, 280 * s)], fill="#7fae7a")
    d.polygon([(190 * s, 125 * s), (215 * s, 125 * s), (330 * s, 280 * s), (60 * s, 280 * s)], fill="#b4553f")
    for y in range(135, 280, 28):
        w = (y - 120) * s // 40
        d.polygon([((203 - 0) * s - w, y * s), (203 * s + w, y * s), (203 * s + w + 2, (y + 14) * s), (203 * s - w - 2, (y + 14) * s)], fill="#ffffff")
    for x, r in ((50, 26), (365, 32)):
        d.rectangle(((x - 4) * s, 130 * s, (x + 4) * s, 190 * s), fill="#6b4a2f")
        d.ellipse(((x - r) * s, (130 - 2 * r + 10) * s, (x + r) * s, 140 * s), fill="#2f6b3c")
    image.resize((420, 280)).save(path, optimize=True)
