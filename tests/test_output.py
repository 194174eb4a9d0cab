"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from docvlm.document import Document
from docvlm.errors import OutputError, UsageError
from docvlm.files import write_atomically
from docvlm.schema import Block, Confidence, Page
from docvlm.writers import output


@pytest.fixture
def document() -> Document:
    picture = Block(
        id="p1b1",
        kind="picture",
        box=(0, 0, 1, 1),
        asset="a_assets/p1b1.png",
        confidence=Confidence(score=1.0, reliable=True),
    )
    made = Document(source="a.pdf", sha256="0", pages=[Page(number=1, width=1, height=1, blocks=[picture])])
    made.assets["a_assets/p1b1.png"] = b"\x89PNG"
    return made


def tree(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_every_format_is_written_after_its_pictures(document: Document, tmp_path: Path) -> None:
    written = output.write_results(document, tmp_path / "new", "a", list(output.FORMATS))
    assert [p.name for p in written] == ["p1b1.png", "a.md", "a.tex", "a.html", "a.json"]
    assert tree(tmp_path / "new") == ["a.html", "a.json", "a.md", "a.tex", "a_assets/p1b1.png"]
    assert (tmp_path / "new/a_assets/p1b1.png").read_bytes() == b"\x89PNG"


def test_save_goes_by_suffix(document: Document, tmp_path: Path) -> None:
    assert document.save(tmp_path / "x.html") == [tmp_path / "x.html"]
    assert document.save(tmp_path / "x.MD")[-1].read_text(encoding="utf-8") == document.to_markdown()
    with pytest.raises(UsageError, match=r"x\.docx"):
        document.save(tmp_path / "x.docx")
    with pytest.raises(UsageError, match="docx"):
        output.write_results(document, tmp_path, "x", ["docx"])


def test_a_full_disk_leaves_the_old_file(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("old")
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        if target.name == "a.md":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match=r"a\.md.*No space left") as caught:
        output.write_results(document, tmp_path, "a", ["markdown", "json"])
    assert caught.value.remedy
    assert (tmp_path / "a.md").read_text() == "old"
    assert tree(tmp_path) == ["a.md", "a_assets/p1b1.png"]


def test_an_interrupt_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.md", b"x")
    assert tree(tmp_path) == []


def test_a_file_where_a_folder_should_be(document: Document, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        output.write_results(document, tmp_path / "a", "a", ["markdown"])


@pytest.mark.parametrize("name", ["n" * 300, "nul\0"])
def test_a_name_that_no_file_can_have(document: Document, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        output.write_results(document, tmp_path, name, ["json"])
    assert tree(tmp_path) == ["a_assets/p1b1.png"]


@pytest.mark.parametrize("asset", ["../x.png", "/tmp/x.png", "a/../../x.png", ""])
def test_pictures_stay_in_the_folder(document: Document, tmp_path: Path, asset: str) -> None:
    document.assets[asset] = b""
    with pytest.raises(OutputError, match="outside"):
        output.write_results(document, tmp_path / "in", "a", ["markdown"])


def test_files_have_the_users_mode(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        path = write_atomically(tmp_path / "a", b"")
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o644
