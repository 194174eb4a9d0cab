"""The command: what it prints, where, and what it ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from conftest import SAMPLES, Command, events, make_pdf, report_of
from PIL import Image

from docvlm.document import Document


def test_every_bad_input_is_one_line_and_the_rest_is_complete(docvlm: Command, long_pages: list[str]) -> None:
    here = docvlm.folder
    make_pdf(here / "good.pdf", ["All is well."])
    whole = make_pdf(here / "whole.pdf", long_pages[:4]).read_bytes()
    (here / "text.pdf").write_text("not a PDF at all")
    (here / "cut.pdf").write_bytes(whole[:300])
    (here / "empty.pdf").touch()
    (here / "empty.png").touch()
    (here / "locked.pdf").write_bytes((SAMPLES / "encrypted.pdf").read_bytes())
    (here / "words.docx").write_text("words")
    Image.new("1", (20_000, 10_000), 1).save(here / "huge.png")
    bad = {
        "missing.pdf": "check the path",
        "none*.pdf": "check the path",
        "text.pdf": "fetch the file again",
        "cut.pdf": "fetch the file again",
        "empty.pdf": "fetch the file again",
        "empty.png": "fetch the file again",
        "locked.pdf": "--password",
        "words.docx": "give a PDF",
        "huge.png": "DOCVLM_MAX_PIXELS",
    }
    done = docvlm("convert", *bad, "good.pdf", "-o", "out")
    lines = done.stderr.splitlines()
    assert done.returncode == 1 and done.stdout == ""
    assert "Traceback" not in done.stderr and len(lines) == len(bad) + 1, done.stderr
    for name, remedy in bad.items():
        (line,) = [line for line in lines if line.startswith(f"docvlm: {name}: ")]
        assert remedy in line
    documents = {d["source"]: d for d in report_of(here / "out")["documents"]}
    assert {name: d["status"] for name, d in documents.items()} == dict.fromkeys(bad, "failed") | {
        "good.pdf": "done"
    }
    assert all(documents[name]["errors"] for name in bad)
    assert "All is well." in (here / "out/good.md").read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["missing.pdf"], 3, "missing.pdf"),
        (["hollow"], 3, "hollow: no PDF or image in this folder"),
        (["locked.pdf", "--password", "guess"], 3, "the password is wrong"),
        (["a.pdf", "--to", "docx"], 2, "unknown format 'docx' (choose from markdown"),
        (["a.pdf", "--to", ","], 2, "no format is named"),
        (["a.pdf", "-o", "-", "--to", "markdown,json"], 2, "prints one format"),
        (["a.pdf", "--reader", "magic"], 2, "unknown reader 'magic' (choose auto"),
        (["a.pdf", "--pages", "2-x"], 2, "'2-x' is not a page or a range (write 1-3,7)"),
        (["a.pdf", "--pages", "7"], 3, "the document has only 1 page"),
        (["a.pdf", "-o", "a.pdf"], 3, "a.pdf: cannot be written to"),
        (["a.pdf", "-o", "a.pdf/below"], 3, "a.pdf/below: cannot be written to"),
        (["a.pdf", "-o", "/proc/docvlm"], 3, "/proc/docvlm: cannot be written to"),
    ],
)
def test_wrong_calls_end_with_one_line_and_their_code(
    docvlm: Command, words: list[str], code: int, said: str
) -> None:
    make_pdf(docvlm.folder / "a.pdf")
    (docvlm.folder / "hollow").mkdir()
    (docvlm.folder / "locked.pdf").write_bytes((SAMPLES / "encrypted.pdf").read_bytes())
    done = docvlm("convert", *words)
    first, *rest = done.stderr.splitlines()
    assert done.returncode == code, done.stderr
    assert first.startswith("docvlm: ") and said in first
    assert not [line for line in rest if "see run-report.json" not in line]
    assert done.stdout == ""


def test_the_right_password_opens(docvlm: Command) -> None:
    done = docvlm("convert", SAMPLES / "encrypted.pdf", "--password", "docvlm", "-o", "out")
    assert done.returncode == 0, done.stderr
    assert (docvlm.folder / "out/encrypted.md").stat().st_size > 100


def test_markdown_on_standard_output_and_nothing_else(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["Just this line."])
    before = sorted(docvlm.folder.iterdir())
    done = docvlm("convert", "a.pdf", "-o", "-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Just this line.\n", "")
    assert sorted(docvlm.folder.iterdir()) == before


def test_json_is_a_document(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["Just this line."])
    done = docvlm("convert", "a.pdf", "-o", "-", "--to", "json")
    assert json.loads(done.stdout)["schema"] == "docvlm/1"
    document = Document.model_validate_json(done.stdout)
    assert document.source == "a.pdf" and document.to_markdown().strip() == "Just this line."


def test_the_json_log_names_every_page_and_document(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["One.", "Two."])
    done = docvlm("convert", "a.pdf", "missing.pdf", "-o", "out", "--json-log")
    assert done.returncode == 1
    assert sorted(event["page"] for event in events(done.stderr, "page")) == [1, 2]
    named = {Path(e["source"]).name: e["status"] for e in events(done.stderr, "document")}
    assert named == {"a.pdf": "done", "missing.pdf": "failed"}
    assert [e["documents"] for e in events(done.stderr, "end")] == [2]


def test_pages_are_chosen(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["One.", "Two.", "Three."])
    done = docvlm("convert", "a.pdf", "-o", "-", "--pages", "3,1")
    assert "One." in done.stdout and "Three." in done.stdout and "Two." not in done.stdout


def test_a_module_in_the_current_folder_is_not_taken_for_ours(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["Safe."])
    (docvlm.folder / "numpy.py").write_text("raise SystemExit(9)")
    done = docvlm("convert", "a.pdf", "-o", "-")
    assert (done.returncode, done.stdout) == (0, "Safe.\n")


def _commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*words, name))
        elif any("--debug" in option.opts for option in command.params):
            yield (*words, name)
        else:
            yield (*words, name, "takes no --debug")


def test_every_command_takes_debug() -> None:
    app = import_module("docvlm.cli.main").app
    found = set(_commands(typer.main.get_command(app)))
    assert {("convert",), ("chart",), ("formula",), ("models", "pull"), ("doctor",)} <= found
    assert not [words for words in found if words[-1] == "takes no --debug"]


def test_debug_shows_where_an_error_arose(docvlm: Command) -> None:
    done = docvlm("models", "show", "no-such-model")
    assert done.returncode == 3 and "Traceback" not in done.stderr
    assert "Traceback" in docvlm("models", "show", "no-such-model", "--debug").stderr
