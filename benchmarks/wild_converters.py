"""Converts pages of PDFs in a process of its own: `python -m benchmarks.wild_converters NAME JOBS`, a JSON list of jobs.

A job has ``pdf``, ``pages`` and ``to``, which becomes a JSON of the processor's seconds that it took, its pages' Markdown by
number, and all words that its own format has of them. The first PDF pays for the loading of models.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path


def by_docvlm(pdf: Path, pages: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Also the words of the JSON, among them those of headers, footers and figures."""
    import docvlm

    document = docvlm.convert(pdf, pages=",".join(map(str, pages)))
    texts, others = {}, {}
    for page in document.pages:
        texts[page.number] = document.model_copy(update={"pages": [page]}).to_markdown()
        said = [line.text for block in page.blocks for line in block.lines] + [
            block.text for block in page.blocks
        ]
        others[page.number] = "\n".join(said)
    return texts, others


def by_pymupdf4llm(pdf: Path, pages: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    import pymupdf4llm

    numbers = [number - 1 for number in pages]
    chunks = pymupdf4llm.to_markdown(str(pdf), pages=numbers, header=False, footer=False, page_chunks=True)
    return {number: chunk["text"] for number, chunk in zip(pages, chunks, strict=True)}, {}


def by_markitdown(pdf: Path, pages: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """It takes whole files, so each page is one."""
    from markitdown import MarkItDown

    converter = MarkItDown()
    return {number: str(converter.convert(str(path)).markdown) for number, path in _single(pdf, pages)}, {}


def by_pdftotext(pdf: Path, pages: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    import subprocess

    def text(number: int) -> str:
        command = ["pdftotext", "-f", str(number), "-l", str(number), str(pdf), "-"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")

    return {number: text(number) for number in pages}, {}


def _single(pdf: Path, pages: Sequence[int]) -> list[tuple[int, Path]]:
    import pymupdf

    folder = Path(tempfile.mkdtemp(prefix="wild-"))
    made = []
    with pymupdf.open(pdf) as whole:
        for number in pages:
            with pymupdf.open() as one:
                one.insert_pdf(whole, from_page=number - 1, to_page=number - 1)
                one.save(folder / f"{number}.pdf")
            made.append((number, folder / f"{number}.pdf"))
    return made


BY: dict[str, Callable[[Path, Sequence[int]], tuple[dict[int, str], dict[int, str]]]] = {
    "docvlm": by_docvlm,
    "pymupdf4llm": by_pymupdf4llm,
    "markitdown": by_markitdown,
    "pdftotext": by_pdftotext,
}


def main() -> None:
    for asked in json.loads(sys.argv[2]):
        begun = _spent()
        try:
            texts, others = BY[sys.argv[1]](Path(asked["pdf"]), asked["pages"])
        except Exception as error:  # a converter's failure is a result: its pages are empty
            print(f"{asked['pdf']}: {error!r}", file=sys.stderr)
            texts, others = {}, {}
        stated = {"seconds": _spent() - begun, "pages": texts, "others": others}
        Path(asked["to"]).write_text(json.dumps(stated))


def _spent() -> float:
    """Seconds of a processor, those of ended children among them."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
