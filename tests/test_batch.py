"""Many files: nothing is lost, nothing is done twice, nothing overwrites anything."""

from __future__ import annotations

import errno
import gc
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pymupdf
import pytest
from conftest import ROOT, Command, events, make_pdf, report_of, statuses
from PIL import Image

from docvlm import Converter, Options, convert, pipeline, read_charts, read_formulas, transcribe
from docvlm.batch.convert_task import ConvertTask
from docvlm.batch.report import Result
from docvlm.document import Block, Confidence, Document, Page
from docvlm.draft import Draft, PageDraft
from docvlm.errors import DamagedInput, ExitCode, PasswordNeeded, UsageError, error_of
from docvlm.pipeline import finish
from docvlm.runtimes.choice import ways
from docvlm.schema import Failure


def _convert(command: Command, *words: str) -> tuple[int, list[dict[str, Any]], str]:
    done = command("convert", *words, "-o", "out", "--json-log")
    return done.returncode, events(done.stderr), done.stderr


def test_a_second_run_skips_until_content_or_options_change(docvlm: Command) -> None:
    path = make_pdf(docvlm.folder / "a.pdf", ["First text."])
    output = docvlm.folder / "out" / "a.md"

    def run(*words: str) -> str:
        code, _, stderr = _convert(docvlm, "a.pdf", *words)
        assert code == 0, stderr
        return str(statuses(docvlm.folder / "out")["a.pdf"])

    assert run() == "done"
    assert run() == "skipped"
    assert run("--force") == "done"
    assert run("--reader", "text") == "done"
    output.unlink()
    assert run("--reader", "text") == "done" and output.is_file()
    make_pdf(path, ["Second text."])
    assert run("--reader", "text") == "done"
    assert "Second text." in output.read_text()


def test_results_of_like_names_do_not_overwrite_each_other(tmp_path: Path) -> None:
    def picture(shade: int) -> bytes:
        buffer = io.BytesIO()
        Image.effect_noise((300, 170), shade).save(buffer, "PNG")
        return buffer.getvalue()

    given = [tmp_path / name for name in ("x/a.pdf", "y/a.pdf")]
    for shade, path in zip((30, 90), given):
        make_pdf(path, [f"Text of {path.parent.name}."], picture(shade))
    image = tmp_path / "a.png"
    Image.new("L", (200, 200), 255).save(image)
    report = Converter(workers=2, reader="text").to_folder([*given, image], tmp_path / "out", ["markdown"])
    assert report.exit_code() == ExitCode.OK
    outputs = [name for result in report.results for name in result.outputs]
    assert len(outputs) == len(set(outputs)) >= 3
    for result, folder in zip(report.results, "xy"):
        texts = [(tmp_path / "out" / n).read_text() for n in result.outputs if n.endswith(".md")]
        assert f"Text of {folder}." in texts[0]


def test_a_file_and_a_folder_of_one_name_keep_apart(tmp_path: Path) -> None:
    make_pdf(tmp_path / "in/a.pdf", ["Outer."])
    make_pdf(tmp_path / "in/a/b.pdf", ["Inner."] * 3)
    for expected in ("done", "skipped"):
        report = Converter(workers=2, reader="text").to_folder([tmp_path / "in"], tmp_path / "out")
        assert [result.status for result in report.results] == [expected] * 2


def test_names_that_are_not_utf8_are_converted(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.pdf"))
    shutil.copy(make_pdf(tmp_path / "a.pdf"), odd)
    report = Converter(workers=1, reader="text").to_folder([odd], tmp_path / "out", ["markdown", "json"])
    assert report.exit_code() == ExitCode.OK, report.results
    assert report_of(tmp_path / "out")["documents"][0]["status"] == "done"


def test_the_report_says_by_what_models_were_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    converter = Converter(workers=1, reader="text", pages="1")
    report = converter.to_folder([ROOT / "samples" / "paper.pdf"], out, ["markdown"])
    assert report.exit_code() == ExitCode.OK
    by = report_of(out)["models"]["reader-s"]["by"]
    assert by in {way.name for way in ways()}
    again = converter.to_folder([ROOT / "samples" / "paper.pdf"], out, ["markdown"])
    assert again.ran == {}  # nothing was read


def test_a_full_disk_fails_one_document_and_not_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = [make_pdf(tmp_path / name) for name in ("a.pdf", "b.pdf")]
    replace = os.replace

    def full(source: Any, target: Any) -> None:
        if Path(target).name == "a.md":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    report = Converter(workers=1, reader="text").to_folder(inputs, tmp_path / "out")
    assert [result.status for result in report.results] == ["failed", "done"]
    assert "a.md: No space left" in report.results[0].errors[0]["message"]
    assert report.exit_code() == ExitCode.SOME_FAILED
    assert not list((tmp_path / "out").glob("*.part")) and not (tmp_path / "out/a.md").exists()


def test_a_fault_of_ours_in_one_document_spares_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = [make_pdf(tmp_path / name) for name in ("a.pdf", "b.pdf")]

    def broken(drafts: Any, path: Any, *rest: Any) -> Any:
        if path.name == "a.pdf":
            raise IndexError("injected")
        return finish(drafts, path, *rest)

    monkeypatch.setattr("docvlm.pipeline.finish", broken)
    report = Converter(workers=1, reader="text").to_folder(inputs, tmp_path / "out")
    assert {r.name: r.status for r in report.results} == {"a": "failed", "b": "done"}
    assert "IndexError: injected" in report.results[0].errors[0]["message"]


@pytest.mark.parametrize(
    ("fault", "seconds", "reason"),
    [
        ("if number == 2: time.sleep(600)", 5.0, "no result within 5 s"),
        ("if number == 2: os._exit(7)", 100.0, "exit code 7"),
        ("if number == 2: os.kill(os.getpid(), 11)", 100.0, "signal 11"),
        ("if number == 2: raise ValueError('injected')", 100.0, "ValueError: injected"),
    ],
)
def test_a_page_that_hangs_or_dies_is_marked_and_the_others_are_read(
    docvlm: Command, monkeypatch: pytest.MonkeyPatch, fault: str, seconds: float, reason: str
) -> None:
    docvlm.inject(fault)
    monkeypatch.setenv("PYTHONPATH", docvlm.env["PYTHONPATH"])
    path = make_pdf(docvlm.folder / "a.pdf", [f"Words of page {n}." for n in range(1, 5)])
    out = docvlm.folder / "out"
    report = Converter(workers=1, page_timeout=seconds, reader="text").to_folder([path], out)
    assert report.exit_code() == ExitCode.SOME_FAILED
    (result,) = report.results
    assert result.status == "partial"
    assert [error["page"] for error in result.errors] == [2] and reason in result.errors[0]["message"]
    text = (out / "a.md").read_text()
    assert all(f"Words of page {n}." in text for n in (1, 3, 4))
    # The next run reads only what failed.
    monkeypatch.delenv("PYTHONPATH")
    read: list[int] = []
    again = Converter(
        workers=1,
        reader="text",
        on_event=lambda name, fields: read.append(fields["page"]) if name == "page" else None,
    ).to_folder([path], out)
    assert again.exit_code() == ExitCode.OK and read == [2]
    assert "Words of page 2." in (out / "a.md").read_text()


def _wait_for_pages(process: Any, count: int) -> int:
    seen = 0
    for line in process.stderr:
        seen += json.loads(line)["event"] == "page"
        if seen >= count:
            break
    return seen


def _gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=60)[1]


def test_a_killed_run_resumes_where_it_stopped(docvlm: Command, long_pages: list[str]) -> None:
    docvlm.inject("time.sleep(0.05)")
    make_pdf(docvlm.folder / "a.pdf", long_pages)
    process = docvlm.start("convert", "a.pdf", "-o", "out", "--json-log", "--reader", "text")
    done = _wait_for_pages(process, 8)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert done == 8 and children and _gone(children)
    assert not (docvlm.folder / "out" / "a.md").exists()
    again = docvlm("convert", "a.pdf", "-o", "out", "--json-log", "--reader", "text")
    read = [event["page"] for event in events(again.stderr, "page")]
    assert again.returncode == 0
    assert 0 < len(read) <= 30 - 8 and len(set(read)) == len(read)
    whole = docvlm("convert", "a.pdf", "-o", "whole", "--reader", "text")
    assert whole.returncode == 0
    assert (docvlm.folder / "out/a.md").read_text() == (docvlm.folder / "whole/a.md").read_text()


def test_a_page_that_hangs_does_not_outlive_a_killed_run(docvlm: Command) -> None:
    docvlm.inject("time.sleep(300)")
    make_pdf(docvlm.folder / "a.pdf", ["Words."])
    script = "import docvlm.batch.pool as p; p._LOAD_SECONDS = 2.0; import docvlm.cli.main as m; m.run()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "convert", "a.pdf", "-o", "out", "--page-timeout", "2"],
        cwd=docvlm.folder,
        env=docvlm.env,
    )
    while not (children := psutil.Process(process.pid).children(recursive=True)):
        time.sleep(0.1)
    time.sleep(1.5)
    process.kill()
    process.wait()
    assert _gone(children)


def test_ctrl_c_leaves_finished_documents_and_no_processes(docvlm: Command, long_pages: list[str]) -> None:
    docvlm.inject("time.sleep(0.1)")
    make_pdf(docvlm.folder / "a.pdf", ["Short."])
    make_pdf(docvlm.folder / "b.pdf", long_pages)
    process = docvlm.start("convert", "a.pdf", "b.pdf", "-o", "out", "--json-log", "--reader", "text")
    _wait_for_pages(process, 6)
    children = psutil.Process(process.pid).children(recursive=True)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=20)[1]
    assert process.returncode == 130 and "Traceback" not in stderr
    assert time.monotonic() - started < 10
    assert children and _gone(children)
    assert statuses(docvlm.folder / "out") == {"a.pdf": "done", "b.pdf": "interrupted"}
    assert report_of(docvlm.folder / "out")["exit_code"] == 130
    assert "Short." in (docvlm.folder / "out/a.md").read_text()


def test_what_is_no_regular_file_is_named_and_stops_nothing(docvlm: Command) -> None:
    here = docvlm.folder
    make_pdf(here / "good.pdf", ["All is well."])
    os.mkfifo(here / "pipe.pdf")
    (here / "zeros.pdf").symlink_to("/dev/zero")
    (here / "loop.pdf").symlink_to("loop.pdf")
    (here / "folder.pdf").mkdir()
    bad = {
        "pipe.pdf": "not a regular file",
        "zeros.pdf": "not a regular file",
        "loop.pdf": "symbolic links",
        "folder.pdf": "no PDF or image in this folder",
        "gone.pdf": "no such file",
    }
    done = docvlm("convert", *bad, "good.pdf", "-o", "out", "--reader", "text")
    assert done.returncode == 1, done.stderr
    for name, why in bad.items():
        (line,) = [line for line in done.stderr.splitlines() if line.startswith(f"docvlm: {name}: ")]
        assert why in line
    assert statuses(here / "out") == dict.fromkeys(bad, "failed") | {"good.pdf": "done"}


# Opening this one input takes long.
_SLOW_OPENING = """
import sys, time
if "docvlm.batch.opener" in sys.orig_argv:
    import docvlm.source as source
    _open = source.open_regular
    def open_regular(path, name):
        if name == "slow.pdf":
            time.sleep(15)
        return _open(path, name)
    source.open_regular = open_regular
"""


def test_pages_are_read_while_later_inputs_are_still_being_opened(docvlm: Command) -> None:
    site = docvlm.folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_SLOW_OPENING)
    docvlm.env["PYTHONPATH"] = str(site)
    for name in ("quick.pdf", "slow.pdf"):
        make_pdf(docvlm.folder / name)
    done = docvlm("convert", "quick.pdf", "slow.pdf", "-o", "out", "--json-log", "--reader", "text")
    assert done.returncode == 0, done.stderr
    told = [(event["event"], event.get("pages") or event.get("source")) for event in events(done.stderr)]
    assert told.index(("document", "quick.pdf")) < told.index(("total", 2)), told


def test_a_file_that_changes_while_it_is_read_leaves_nothing_behind(
    docvlm: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_pdf(docvlm.folder / "a.pdf", ["One.", "Two."])
    docvlm.inject(
        "if number == 2 and not os.path.exists('touched'): open('touched', 'w'); os.utime(source.name)"
    )
    words = ("convert", path.name, "-o", "out", "--reader", "text", "--workers", "1")
    done = docvlm(*words)
    assert done.returncode == 3 and "a.pdf: changed while it was read" in done.stderr
    assert not (docvlm.folder / "out/a.md").exists()
    assert docvlm(*words).returncode == 0 and "Two." in (docvlm.folder / "out/a.md").read_text()


def test_pictures_live_as_long_as_their_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spools = tmp_path / "temporary"
    spools.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spools))
    buffer = io.BytesIO()
    Image.effect_noise((300, 170), 60).save(buffer, "PNG")
    inputs = [make_pdf(tmp_path / name, ["Text."], buffer.getvalue()) for name in ("a.pdf", "b.pdf")]
    documents = list(Converter(workers=1, reader="text").documents(inputs))
    assert len(documents) == 2 and all(document.assets for document in documents)
    copied = documents.pop().model_copy(deep=True)
    for document in (*documents, copied):
        assert "data:image/png" in document.to_html()
        saved = document.save(tmp_path / "saved" / f"{document.source}.md")
        assert all(path.stat().st_size for path in saved) and len(saved) == 2
    del document, documents, copied
    gc.collect()
    assert not list(spools.iterdir())


def test_internal_errors_leave_their_traceback_with_debug(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["One.", "Two."])
    docvlm.inject("if number == 2: raise ValueError('injected')")
    for words, is_told in (((), False), (("--debug",), True)):
        done = docvlm("convert", "a.pdf", "-o", "out", "--reader", "text", *words)
        (error,) = report_of(docvlm.folder / "out")["documents"][0]["errors"]
        assert error["stage"] == "read" and error["category"] == "crash" and error["page"] == 2
        assert ("trace" in error) == is_told == ("Traceback" in done.stderr), done.stderr
    assert "ValueError: injected" in error["trace"] and "read_page" in error["trace"]


def test_a_fault_in_another_process_keeps_its_class() -> None:
    assert type(error_of("password", "a.pdf: the file is encrypted")) is PasswordNeeded
    assert error_of("crash", "a.pdf: internal error").exit_code == ExitCode.NOTHING_DONE


def test_documents_raises_for_the_first_input_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "text.pdf").write_text("not a PDF at all")
    with pytest.raises(DamagedInput, match="not a readable PDF"):
        list(Converter(workers=1, reader="text").documents([tmp_path / "text.pdf"]))


@pytest.mark.parametrize("call", [convert, read_charts, read_formulas, transcribe])
def test_options_and_settings_beside_them_are_refused(call: Callable[..., Any], tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf")
    with pytest.raises(UsageError, match="pages beside them"):
        call(path, options=Options(), pages="1")
    with pytest.raises(UsageError, match="pages beside them"):
        Converter(Options(), pages="1")


def test_a_block_that_failed_is_named_and_read_again() -> None:
    failed = Failure(stage="tables", category="crash", message="IndexError: injected", trace="Traceback")
    doubt = Confidence(score=0.1, reliable=False)
    block = Block(id="p1b2", kind="table", box=(0, 0, 9, 9), confidence=doubt, error=failed)
    page = Page(number=1, width=10, height=10, blocks=[block])
    result = Result("a.pdf")
    task = ConvertTask()
    task.describe(Document(source="a.pdf", sha256="", pages=[page]), result)
    (entry,) = result.errors
    assert (entry["page"], entry["block"], entry["stage"]) == (1, "p1b2", "tables")
    assert entry["message"] == failed.message and entry["trace"] == "Traceback"
    draft = PageDraft(1, 10, 10, [Draft("table", (0, 0, 9, 9), failure=failed)])
    assert not task.is_read(draft) and task.is_read(PageDraft(1, 10, 10))


def test_a_page_that_does_not_end_keeps_the_words_of_its_text_layer(docvlm: Command) -> None:
    make_pdf(
        docvlm.folder / "a.pdf",
        ["A first page.", "Words that are kept, though nobody could look at them.", "A third."],
    )
    docvlm.inject("time.sleep(60 * (number == 2))")
    done = docvlm("convert", "a.pdf", "-o", "out", "--to", "markdown,json", "--page-timeout", "4")
    assert done.returncode == ExitCode.SOME_FAILED, done.stderr
    assert (
        "Words that are kept, though nobody could look at them." in (docvlm.folder / "out/a.md").read_text()
    )
    pages = json.loads((docvlm.folder / "out/a.json").read_text())["pages"]
    assert pages[1]["error"]["category"] == "timeout" and not pages[1]["blocks"][0]["confidence"]["reliable"]
    (told,) = report_of(docvlm.folder / "out")["documents"][0]["errors"]
    assert (told["page"], told["category"]) == (2, "timeout")


def test_a_page_whose_reading_raises_keeps_the_words_of_its_text_layer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any) -> Any:
        raise ZeroDivisionError("a fault in a reader")

    with pymupdf.open() as made:
        made.new_page().insert_text((72, 72), "Words that are kept.")
        data = made.tobytes()
    monkeypatch.setattr(pipeline, "read_page", fails)
    (page,) = convert(data).pages
    assert page.error is not None and "ZeroDivisionError" in page.error.message
    assert [block.text for block in page.blocks] == ["Words that are kept."]
    assert not page.blocks[0].confidence.reliable
    monkeypatch.setattr(pipeline, "read_text", fails)
    (page,) = convert(data).pages
    assert page.error is not None and page.blocks == []
