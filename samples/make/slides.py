"""The text of the slides, filled into slides.fodp."""

import base64
from pathlib import Path

FOOTER = "Cycling office, city of Brennholm"
SLIDES = [
    ("Two years of the ring cycle path", "Results of the counts 2023 to 2025", None),
    ("What was built", None, [
        ("14.2 km of separated path around the inner city", ["Asphalt, three metres wide", "Lit from dusk until one in the morning"]),
        ("Nineteen new crossings", ["Eleven with signals", "Eight with raised kerbs"]),
        ("Two bridges over the canal", ["The second opened in June 2024"])]),
    ("More people, fewer accidents", "@PICTURE@", [
        ("Trips on workdays up by 38 percent", ["Strongest growth in winter"]),
        ("Injuries down from 57 to 34 a year", ["Most of them at two junctions", "Both will be rebuilt"]),
        ("One trip in six was made by car before", [])]),
    ("Next steps", None, [
        ("Rebuild the junctions at Mill Gate and Station Road", ["Planning approved in March", "Construction from May to August"]),
        ("Add repair stands and drinking water", []),
        ("Count again in September", ["Same 24 places", "Results before the budget debate"])]),
]


def box(x: float, y: float, w: float, h: float, inner: str) -> str:
    return (f'<draw:frame draw:style-name="plain" svg:x="{x}cm" svg:y="{y}cm" svg:width="{w}cm" svg:height="{h}cm">{inner}</draw:frame>')


def text(style: str, value: str) -> str:
    return f'<draw:text-box><text:p text:style-name="{style}">{value}</text:p></draw:text-box>'


def fill(folder: Path) -> str:
    picture = base64.b64encode((folder / "slides-path.png").read_bytes()).decode()
    out = []
    for number, (title, extra, bullets) in enumerate(SLIDES, 1):
        out.append(f'<draw:page draw:name="page{number}" draw:master-page-name="M">')
        if bullets is None:
            out += [box(2.5, 5, 23, 2, text("TT", title)), box(2.5, 8, 23, 1.2, text("S", extra or ""))]
        else:
            out.append(box(2, 1.1, 24, 1.6, text("T", title)))
            items = "".join(
                f'<text:list-item><text:p text:style-name="B1">{a}</text:p>'
                + ("<text:list>" + "".join(f'<text:list-item><text:p text:style-name="B2">{b}</text:p></text:list-item>' for b in subs) + "</text:list>" if subs else "")
                + "</text:list-item>" for a, subs in bullets)
            width = 14.5 if extra else 24
            out.append(box(2, 3.4, width, 10, f'<draw:text-box><text:list text:style-name="LB">{items}</text:list></draw:text-box>'))
            if extra:
                out.append(box(17.2, 4, 9, 6, f"<draw:image><office:binary-data>{picture}</office:binary-data></draw:image>"))
        out += [box(2, 14.7, 15, 0.6, text("F", FOOTER)), box(26, 14.7, 1, 0.6, text("F", str(number))), "</draw:page>"]
    return (folder / "slides.fodp").read_text(encoding="utf-8").replace("@SLIDES@", "".join(out))
