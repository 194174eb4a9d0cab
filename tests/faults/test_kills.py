"""Kills and signals: no process survives, nothing is lost, and the next run ends as one that nobody disturbed."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from conftest import Command, events, make_pdf, report_of, statuses
from PIL import Image

# A second for a thread inside a library, in which no Python runs: neither signals nor pipes are heard.
_DEAF = "__import__('ctypes').PyDLL(None).sleep(300)"
_PAGES = [f"Page {n} tells of day {n}. " + "Nothing much happened in the town. " * 5 for n in range(1, 13)]
_FORMATS = ("--to", "markdown,json,html", "--reader", "text", "--json-log")
_SEED = 20


def _bytes_of(folder: Path) -> dict[str, bytes]:
    """What a run has written for its user, but for its report, which tells the time."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".docvlm" not in path.parts)
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in files if path.name != "run-report.json"
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``a.pdf``, and below ``out`` what a run makes of it that nobody disturbs."""
    command = Command(tmp_path_factory.mktemp("undisturbed"))
    make_pdf(command.folder / "a.pdf", _PAGES)
    done = command("convert", "a.pdf", "-o", "out", *_FORMATS)
    assert done.returncode == 0, done.stderr
    return command.folder


def _workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


def _after_pages(process: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    """The run's processes, when so many pages are read."""
    assert process.stderr
    seen = 0
    while seen < count:
        (event,) = events(process.stderr.readline())
        seen += event["event"] == "page"
    return _workers(process)


def _gone(processes: list[psutil.Process]) -> bool:
    return bool(processes) and not psutil.wait_procs(processes, timeout=10)[1]


@pytest.mark.parametrize("how", ["killed", "deaf"])
def test_a_run_killed_at_any_moment_is_resumed_to_the_same_bytes(
    docvlm: Command, undisturbed: Path, how: str
) -> None:
    shutil.copy(undisturbed / "a.pdf", docvlm.folder)
    docvlm.inject("time.sleep(0.05)" if how == "killed" else f"if number == 9: {_DEAF}")
    process = docvlm.start("convert", "a.pdf", "-o", "out", "--workers", "2", *_FORMATS)
    workers = _after_pages(process, random.Random(_SEED).randint(2, 7))
    if how == "deaf":
        time.sleep(0.5)  # until one of them is at the page that hangs
    process.kill()
    process.wait()
    assert _gone(workers)
    assert not (docvlm.folder / "out" / "run-report.json").exists()
    (docvlm.folder / "out" / ".0123456789abcdef.part").write_text(
        "half"
    )  # as a kill within a writing leaves it
    del docvlm.env["PYTHONPATH"]
    assert docvlm("convert", "a.pdf", "-o", "out", *_FORMATS).returncode == 0
    assert _bytes_of(docvlm.folder / "out") == _bytes_of(undisturbed / "out")


def test_a_worker_killed_once_loses_no_page(docvlm: Command, undisturbed: Path) -> None:
    shutil.copy(undisturbed / "a.pdf", docvlm.folder)
    docvlm.inject("time.sleep(0.2)")
    process = docvlm.start("convert", "a.pdf", "-o", "out", "--workers", "1", *_FORMATS)
    for worker in _after_pages(process, 3):
        worker.kill()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert _bytes_of(docvlm.folder / "out") == _bytes_of(undisturbed / "out")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_run_in_order(docvlm: Command, name: str) -> None:
    make_pdf(docvlm.folder / "a.pdf", _PAGES)
    (docvlm.folder / "out").mkdir()
    (docvlm.folder / "out" / "run-report.json").write_text('{"exit_code": 0}')  # an older run's
    docvlm.inject(f"if number > 3: {_DEAF}")
    process = docvlm.start("convert", "a.pdf", "-o", "out", "--workers", "2", *_FORMATS)
    workers = _after_pages(process, 2)
    process.send_signal(getattr(signal, name))
    stderr = process.communicate(timeout=20)[1]
    assert process.returncode == 130 and "Traceback" not in stderr
    assert _gone(workers)
    assert statuses(docvlm.folder / "out") == {"a.pdf": "interrupted"}
    assert report_of(docvlm.folder / "out")["exit_code"] == 130


# Ends only at the second signal: what a run does at the first takes for ever.
_STUBBORN = """
import time
import docvlm.batch.report as reports
reports.Report.write = lambda self, folder: (print("{}", flush=True), time.sleep(300))
import docvlm.cli.main as main
main.run()
"""


def test_a_second_interrupt_ends_a_run_at_once(docvlm: Command) -> None:
    make_pdf(docvlm.folder / "a.pdf", ["One."])
    docvlm.inject(_DEAF)
    process = subprocess.Popen(
        [sys.executable, "-c", _STUBBORN, "convert", "a.pdf", "-o", "out", "--reader", "text"],
        cwd=docvlm.folder,
        env=docvlm.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout
    while not (workers := _workers(process)):
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=10)[1]
    assert process.returncode == 130 and not stderr
    assert _gone(workers)


@pytest.mark.parametrize(
    "fault",
    [
        "b'0' * (1 << 30)",  # refused by the system
        "(m := __import__('mmap').mmap(-1, 1 << 30)).write(b'0' * (1 << 29)), m.write(b'0' * (1 << 29))",  # seen
    ],
)
def test_a_page_that_takes_too_much_memory_is_marked_and_the_others_are_read(
    docvlm: Command, fault: str
) -> None:
    make_pdf(docvlm.folder / "a.pdf", _PAGES[:4])
    docvlm.inject(f"if number == 2: {fault}; time.sleep(1)")
    done = docvlm("convert", "a.pdf", "-o", "out", "--memory-limit", "900M", "--workers", "1", *_FORMATS)
    (document,) = report_of(docvlm.folder / "out")["documents"]
    assert done.returncode == 1 and document["status"] == "partial"
    (error,) = document["errors"]
    assert (error["page"], error["category"]) == (2, "limit") and "--memory-limit" in error["message"]
    text = (docvlm.folder / "out" / "a.md").read_text()
    assert [n for n in (1, 3, 4) if f"Page {n} tells" in text] == [1, 3, 4]


def test_an_image_that_takes_too_much_memory_to_decode_is_no_damaged_one(docvlm: Command) -> None:
    Image.new("1", (10_000, 10_000)).save(docvlm.folder / "a.png")  # 13 KB
    done = docvlm("convert", "a.png", "-o", "out", "--memory-limit", "600M", "--json-log")
    (error,) = report_of(docvlm.folder / "out")["documents"][0]["errors"]
    assert done.returncode == 3 and error["category"] == "limit" and "--memory-limit" in error["message"]
