"""A fault in a reader costs the region that it struck: its text and picture stay, and the report names stage and block."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES, Command, report_of

from docvlm.readers.registry import READERS

# Put on the path of every process of the command: breaks a reader, or a step before the readers, at the first region of
# its kind on each page.
_BROKEN = """
from docvlm.readers import registry

def _first(view, stage):
    own = (part for part in view.parts if registry.READERS[part.region.kind].stage == stage)
    return next(part for part in own if part.region.kind not in ("header", "footer"))

def _breaking(read, stage):
    def broken(view, parts):
        if any(part is _first(view, stage) for part in parts):
            raise IndexError("injected")
        return read(view, parts)
    return broken

def reader(stage):
    for each in registry.READERS.values():
        if each.stage == stage and each.read.__name__ != "broken":
            object.__setattr__(each, "read", _breaking(each.read, stage))

def step(name, stage):
    if getattr(registry, name).__name__ != "broken":
        setattr(registry, name, _breaking(getattr(registry, name), stage))

def layout():
    def broken(*_):
        raise IndexError("injected")
    registry.analyze = broken
"""

# A page with several regions of each stage.
_PAGES = {
    "text": ("report.pdf", "1"),
    "table": ("financial.pdf", "1"),
    "formula": ("paper.pdf", "1"),
    "chart": ("charts.pdf", "1"),
}


Convert = Callable[..., tuple[list[dict[str, Any]], str, dict[str, Any]]]


@pytest.fixture
def convert(docvlm: Command) -> Convert:
    """Converts a page, with a fault where one is given: its blocks, its Markdown and the run's report."""

    def run(name: str, pages: str, fault: str = "") -> tuple[list[dict[str, Any]], str, dict[str, Any]]:
        out = docvlm.folder / ("broken" if fault else "whole")
        if fault:
            docvlm.inject(f"import broken; broken.{fault}")
            (docvlm.folder / "site" / "broken.py").write_text(_BROKEN)
        done = docvlm(
            "convert", SAMPLES / name, "--pages", pages, "--workers", "1", "--to", "json,markdown", "-o", out
        )
        assert done.returncode == int(bool(fault)), done.stderr
        assert "Traceback" not in done.stderr
        stem = Path(name).stem
        document = json.loads((out / f"{stem}.json").read_text())
        blocks = [block for page in document["pages"] for block in page["blocks"]]
        return blocks, (out / f"{stem}.md").read_text(), report_of(out)

    return run


def test_there_is_a_page_for_every_reader() -> None:
    assert {reader.stage for reader in READERS.values()} == _PAGES.keys()


@pytest.mark.parametrize("stage", _PAGES)
def test_a_fault_in_a_reader_costs_one_region(convert: Convert, stage: str) -> None:
    whole, _, _ = convert(*_PAGES[stage])
    blocks, markdown, report = convert(*_PAGES[stage], fault=f"reader({stage!r})")
    (bad,) = [block for block in blocks if block.get("error")]
    assert bad["error"]["stage"] == stage and bad["error"]["category"] == "crash"
    assert not bad["confidence"]["reliable"] and bad["asset"]
    (told,) = report["documents"][0]["errors"]
    assert (told["stage"], told["block"], told["page"]) == (stage, bad["id"], int(_PAGES[stage][1]))
    assert "injected" in told["message"] and "trace" not in told
    # The others are as they were, and so are the words of the one that failed.
    left = {(block["kind"], block["text"]) for block in blocks}
    lost = [block for block in whole if (block["kind"], block["text"]) not in left]
    assert len(lost) <= max(1, sum(block["box"][1] < bad["box"][3] + 1 for block in lost))
    words = {word for block in lost if stage == "text" for word in block["text"].split()}
    assert words <= set(bad["text"].split()) | set(" ".join(b["text"] for b in blocks).split())
    if bad["kind"] not in ("picture", "chart", "formula"):
        assert all(word in markdown for word in bad["text"].split())


@pytest.mark.parametrize(("name", "stage"), [("with_grids", "table"), ("read_mathematics", "formula")])
def test_a_fault_before_the_readers_costs_one_region(convert: Convert, name: str, stage: str) -> None:
    whole, _, _ = convert(*_PAGES[stage])
    blocks, _, report = convert(*_PAGES[stage], fault=f"step({name!r}, {stage!r})")
    bad = [block for block in blocks if block.get("error")]
    assert bad and {block["error"]["stage"] for block in bad} == {stage}
    assert len({tuple(block["box"]) for block in bad}) == len(bad)
    left = {(block["kind"], block["text"]) for block in blocks}
    lost = [block for block in whole if (block["kind"], block["text"]) not in left]
    assert len(lost) <= 1, lost
    assert {each["block"] for each in report["documents"][0]["errors"]} == {block["id"] for block in bad}


def test_a_page_that_nobody_can_part_keeps_its_text(convert: Convert) -> None:
    whole, _, _ = convert("report.pdf", "1")
    blocks, markdown, report = convert("report.pdf", "1", fault="layout()")
    assert {block["error"]["stage"] for block in blocks} == {"layout"}
    assert report["documents"][0]["errors"][0]["stage"] == "layout"
    words = [word for block in whole if block["kind"] == "paragraph" for word in block["text"].split()]
    missing = [word for word in words if word.strip("*_") not in markdown]
    assert len(missing) <= len(words) // 50  # words that a hyphen parts between two lines
