"""Folders and files that fail or are somebody else's: what a user is told, and that nothing is overwritten."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Command, make_pdf, statuses
from PIL import Image

from docvlm import Converter
from docvlm.batch.chart_task import ChartTask
from docvlm.batch.convert_task import ConvertTask
from docvlm.batch.lock import temporary_folder
from docvlm.batch.report import Result
from docvlm.batch.state import State
from docvlm.errors import FolderTaken

_WORDS = ("--reader", "text", "--workers", "1")


def test_two_runs_do_not_write_to_one_folder(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", [f"Page {n}." for n in range(1, 8)])
    docvlm.inject("time.sleep(0.3)")
    first = docvlm.start("convert", "a.pdf", "-o", "out", "--json-log", *_WORDS)
    assert first.stderr and "total" in first.stderr.readline()
    with pytest.raises(
        FolderTaken, match=rf"out: another run of docvlm writes to it \(process {first.pid}\)"
    ):
        Converter(reader="text").to_folder([docvlm.folder / "a.pdf"], docvlm.folder / "out")
    assert first.wait(timeout=60) == 0
    assert statuses(docvlm.folder / "out") == {"a.pdf": "done"}
    report = Converter(reader="text").to_folder([docvlm.folder / "a.pdf"], docvlm.folder / "out")
    assert [result.status for result in report.results] == ["skipped"]


def test_what_a_killed_run_has_left_among_temporary_files_goes(
    docvlm: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = docvlm.folder / "temporary"
    temporary.mkdir()
    docvlm.env["TMPDIR"] = str(temporary)
    make_pdf(docvlm.folder / "a.pdf")
    docvlm.inject("time.sleep(300)")
    killed = docvlm.start("convert", "a.pdf", "-o", "-", "--json-log", *_WORDS)
    assert killed.stderr and "total" in killed.stderr.readline()
    (left,) = temporary.iterdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr("docvlm.batch.lock._BEGINNING", 0.0)
    with temporary_folder():
        assert left.is_dir()  # its run lives
    killed.kill()
    killed.wait()
    with temporary_folder() as mine:
        assert list(temporary.iterdir()) == [mine]


def test_results_of_another_call_are_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def names(*folders: str) -> list[str]:
        given = [tmp_path / folder / "x.pdf" for folder in folders]
        report = Converter(workers=1, reader="text").to_folder(given, out)
        assert report.exit_code() == 0
        return [result.name for result in report.results]

    for folder in "ab":
        make_pdf(tmp_path / folder / "x.pdf", [f"Text of {folder}."])
    assert names("a") == ["x"]
    assert names("b") == ["x-2"]
    assert "Text of a." in (out / "x.md").read_text() and "Text of b." in (out / "x-2.md").read_text()
    (tmp_path / "a").rename(tmp_path / "c")  # the same file elsewhere keeps its results
    assert names("c") == ["x"]
    make_pdf(tmp_path / "c/x.pdf", ["Text of c."])  # and its place, when its content changes
    assert names("c") == ["x"] and "Text of c." in (out / "x.md").read_text()


def test_files_that_no_run_has_written_are_not_overwritten(docvlm: Command) -> None:
    here, out = docvlm.folder, docvlm.folder / "out"
    make_pdf(here / "x.pdf", ["Text of x."])
    out.mkdir()
    (out / "x.md").write_text("a person's own")
    words = ("convert", "x.pdf", "-o", "out", *_WORDS)
    for _ in range(2):
        assert docvlm(*words).returncode == 0
        assert (out / "x.md").read_text() == "a person's own"
        assert "Text of x." in (out / "x-2.md").read_text() and not (out / "x-3.md").exists()
    assert statuses(out) == {"x.pdf": "skipped"}
    (out / "x.md").unlink()
    # What is ours stays ours: in other formats, and after others.
    make_pdf(here / "y.pdf", ["Text of y."])
    for form in ("markdown", "json", "markdown"):
        assert docvlm("convert", "y.pdf", "-o", "out", "--to", form, *_WORDS).returncode == 0
    assert sorted(path.name for path in out.glob("y*")) == ["y.json", "y.md"]


def test_what_was_claimed_before_a_kill_is_its_own_afterwards(tmp_path: Path) -> None:
    source, out = make_pdf(tmp_path / "x.pdf", ["Text of x."]), tmp_path / "out"
    state, result = State(ConvertTask(), out), Result("x.pdf", name="x", sha256="of another run")
    state.claim(result, source, ["x.md"])
    (out / "x.md").write_text("half of the")
    report = Converter(workers=1, reader="text").to_folder([source], out)
    assert [each.name for each in report.results] == ["x"] and "Text of x." in (out / "x.md").read_text()


def test_commands_that_share_a_folder_do_not_overwrite_each_other(tmp_path: Path) -> None:
    """As ``convert --to json`` and ``chart`` would, of one picture."""
    picture, out = tmp_path / "x.png", tmp_path / "out"
    state, result = State(ChartTask(), out), Result("x.png", name="x", sha256="1")
    Image.new("RGB", (300, 200), "white").save(picture)
    state.claim(result, picture, ["x.json"])
    (out / "x.json").write_text("a chart")
    state.keep("key", replace(result, status="done", outputs=["x.json"]), picture)
    report = Converter(workers=1).to_folder([picture], out, ["json"])
    assert [each.name for each in report.results] == ["x-2"] and report.results[0].notes
    assert (out / "x.json").read_text() == "a chart" and (out / "x-2.json").is_file()


def test_a_file_of_more_pages_than_any_book_asks_which(tmp_path: Path) -> None:
    Image.new("1", (8, 8)).save(tmp_path / "a.tif")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    (start,) = struct.unpack("<I", data[4:8])
    (entries,) = struct.unpack("<H", data[start : start + 2])
    directory = data[start : start + 2 + 12 * entries]
    for _ in range(20_000):  # directories that lead to one another and to the same pixels
        link = start + 2 + 12 * entries
        data[link : link + 4] = struct.pack("<I", len(data))
        start = len(data)
        data += directory + bytes(4)
    (tmp_path / "a.tif").write_bytes(data)
    report = Converter(workers=1).to_folder([tmp_path / "a.tif"], tmp_path / "out")
    (error,) = report.results[0].errors
    assert error["category"] == "limit"
    assert "20,001 pages are more than 20,000 (say which to read with --pages" in error["message"]
    assert Converter(workers=1, pages="2").to_folder([tmp_path / "a.tif"], tmp_path / "out").exit_code() == 0


def test_names_that_are_ours_too_long_or_full_of_commands(docvlm: Command) -> None:
    long, command = "ä" * 120 + ".pdf", "\x1b[31m[red]\x9b7m\u202e.pdf"
    for name in ("run-report.pdf", long, command):
        make_pdf(docvlm.folder / name, [f"This is {name[:3]}."])
    (docvlm.folder / f"bad{command}").write_bytes(b"nothing")
    done = docvlm(
        "convert",
        "run-report.pdf",
        long,
        command,
        f"bad{command}",
        "-o",
        "out",
        "--to",
        "json,markdown",
        *_WORDS,
    )
    assert done.returncode == 1
    assert (
        not any(character in done.stderr for character in "\x1b\x9b\u202e")
        and r"bad\x1b[31m[red]\x9b7m\u202e" in done.stderr
    )
    report = json.loads((docvlm.folder / "out/run-report.json").read_text())
    assert [document["status"] for document in report["documents"]] == ["done"] * 3 + ["failed"]
    for document in report["documents"][:3]:
        for name in document["outputs"]:
            assert "This is" in (docvlm.folder / "out" / name).read_text() and len(name.encode()) <= 255


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A disk of 64 KB at ``folder``."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:  # takes root's rights, which continuous integration has
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


# A full disk is a real one here; Windows and macOS have no mount of 64 KB.
@pytest.mark.skipif(os.name != "posix", reason="file systems are mounted by Linux")
def test_a_full_and_a_read_only_disk_are_named_and_leave_what_was_there(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["Short."])
    make_pdf(docvlm.folder / "b.pdf", ["A long page of many words. " * 20] * 30)
    formats = ("--to", "markdown,json", *_WORDS)
    disk = docvlm.folder / "disk"
    with _disk(disk):
        assert docvlm("convert", "a.pdf", "-o", "disk", *formats).returncode == 0
        written = (disk / "a.json").read_bytes()
        words = ("convert", "a.pdf", "b.pdf", "-o", "disk", *formats)
        done = docvlm(*words)
        assert done.returncode == 1, done.stderr
        assert "docvlm: b.pdf: cannot write" in done.stderr and "No space left on device" in done.stderr
        assert (disk / "a.json").read_bytes() == written and not (disk / "b.md").exists()
        assert not list(disk.rglob("*.part"))
        _remount(disk, "ro")
        done = docvlm(*words)
        assert done.returncode == 3 and done.stderr.startswith(
            "docvlm: disk: cannot be written to: Read-only"
        )
        _remount(disk, "rw,size=8m")
        assert docvlm(*words).returncode == 0
        assert statuses(disk) == {"a.pdf": "skipped", "b.pdf": "done"}
        assert docvlm("convert", "b.pdf", "-o", "whole", *formats).returncode == 0
        for name in ("b.md", "b.json"):
            assert (disk / name).read_bytes() == (docvlm.folder / "whole" / name).read_bytes()


def test_inputs_that_go_or_are_replaced_are_named_and_read_the_next_time(docvlm: Command) -> None:
    here = docvlm.folder
    for name in ("gone.pdf", "replaced.pdf", "other.pdf", "whole.pdf"):
        make_pdf(here / name, [f"{name} one.", f"{name} two."])
    docvlm.inject(
        "if number == 2:\n"
        "            if source.name == 'gone.pdf': os.rename(source.name, 'moved')\n"
        "            if source.name == 'replaced.pdf': os.replace('other.pdf', source.name)"
    )
    words = ("convert", "gone.pdf", "replaced.pdf", "whole.pdf", "-o", "out", *_WORDS)
    done = docvlm(*words)
    assert done.returncode == 1
    assert "gone.pdf: vanished while it was read" in done.stderr
    assert "replaced.pdf: changed while it was read" in done.stderr
    assert [path.name for path in (here / "out").glob("*.md")] == ["whole.md"]
    (here / "moved").rename(here / "gone.pdf")
    del docvlm.env["PYTHONPATH"]
    assert docvlm(*words).returncode == 0
    for name, text in {"gone": "gone", "replaced": "other", "whole": "whole"}.items():
        written = (here / "out" / f"{name}.md").read_text()
        assert f"{text}.pdf one." in written and f"{text}.pdf two." in written


@pytest.mark.parametrize(
    ("shell", "code", "said"),
    [
        ("doctor > /dev/full", 3, "cannot write to standard output: No space left on device"),
        ("doctor >&- 2>&-", 3, ""),
        ("convert a.pdf -o - --reader text > /dev/full", 3, "cannot write to standard output: No space left"),
        ("convert gone.pdf -o out 2> /dev/full", 3, ""),
        ("convert a.pdf -o out --page-timeout inf", 2, "--page-timeout inf: not a time to wait"),
        ("convert a.pdf -o out --memory-limit 1K", 2, "--memory-limit 1K: not enough"),
        ("convert a.pdf -o out --model glyph=x", 2, "unknown role 'glyph'"),
    ],
)
def test_streams_that_are_closed_or_full_and_options_that_mean_nothing(
    docvlm: Command, shell: str, code: int, said: str
) -> None:
    make_pdf(docvlm.folder / "a.pdf")
    done = subprocess.run(
        f"{docvlm.path} {shell}",
        shell=True,
        cwd=docvlm.folder,
        env=docvlm.env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code and said in done.stderr
    assert len(done.stderr.splitlines()) == bool(said)


@pytest.mark.parametrize("package", ["torch", "onnx"])
def test_a_missing_extra_is_one_line_with_what_to_install(docvlm: Command, package: str) -> None:
    site = docvlm.folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(f"import sys; sys.modules['{package}'] = None")
    docvlm.env["PYTHONPATH"] = str(site)
    done = docvlm("export", "chart-s", "--to", "onnx", "-o", "exported")
    assert done.returncode == 3
    assert done.stderr == f"docvlm: exporting needs {package} (pip install 'docvlm[export]')\n"
    if package == "onnx":  # engines take no PyTorch
        done = docvlm("export", "chart-s", "--to", "tensorrt", "-o", "engines")
        assert done.returncode == 3
        assert done.stderr == "docvlm: building engines needs onnx (pip install 'docvlm[rtx]')\n"
