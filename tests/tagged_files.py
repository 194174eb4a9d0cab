"""Tagged PDFs whose structure trees are made to be right, to lie, or to be broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

WIDTH, HEIGHT = 595.0, 842.0


@dataclass
class Piece:
    """Lines of text at (x, y) in points from the upper left, in Helvetica; ``raw`` is drawn with them. ``mark`` is "" for
    none and "Artifact" for what is no content; else it is numbered.
    """

    lines: Sequence[tuple[float, float, str]] = ()
    size: float = 10.0
    mark: str = "P"
    raw: str = ""

    def content(self, number: int) -> str:
        text = "".join(
            f"BT /F1 {self.size} Tf 1 0 0 1 {x} {HEIGHT - y} Tm ({said}) Tj ET\n" for x, y, said in self.lines
        )
        if not self.mark:
            return text + self.raw
        begin = "/Artifact BMC" if self.mark == "Artifact" else f"/{self.mark} <</MCID {number}>> BDC"
        return f"{begin}\n{text}{self.raw}\nEMC\n"


@dataclass
class Node:
    """An element: its role, and elements or numbers of pieces below it."""

    role: str
    kids: Sequence[Node | int] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)


def tagged(
    path: Path, pieces: Sequence[Piece], root: Node | None, roles: dict[str, str] | None = None
) -> Path:
    """A file of one page that draws the pieces in their order, with the tree where there is one."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
        font = Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
        )
        page.Resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream("".join(p.content(n) for n, p in enumerate(pieces)).encode("cp1252"))
        if root is not None:
            _plant(pdf, page, pieces, root, roles or {})
        pdf.save(path)
    return path


def _plant(
    pdf: pikepdf.Pdf, page: pikepdf.Page, pieces: Sequence[Piece], root: Node, roles: dict[str, str]
) -> None:
    top = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    parents: list[pikepdf.Object | None] = [None] * len(pieces)

    def made(node: Node, parent: pikepdf.Object) -> pikepdf.Object:
        element = pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name(f"/{node.role}"), P=parent, Pg=page.obj, **node.keys)
        )
        kids = []
        for kid in node.kids:
            if isinstance(kid, int):
                parents[kid] = element
            kids.append(kid if isinstance(kid, int) else made(kid, element))
        element.K = Array(kids)
        return element

    top.K = Array([made(root, top)])
    top.ParentTree = pdf.make_indirect(Dictionary(Nums=Array([0, Array(parents)])))
    top.RoleMap = Dictionary({f"/{name}": Name(f"/{role}") for name, role in roles.items()})
    page.StructParents = 0
    pdf.Root.StructTreeRoot = top
    pdf.Root.MarkInfo = Dictionary(Marked=True)
