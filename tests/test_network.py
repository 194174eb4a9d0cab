"""Nothing leaves the machine: no command opens a socket to anywhere, seen by the system's own calls."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import SAMPLES, Command

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here (Debian: strace)")


@pytest.mark.parametrize(
    "words",
    [
        ("convert", str(SAMPLES / "charts.pdf"), "-o", "out", "--workers", "2"),
        ("convert", str(SAMPLES / "scan-invoice.pdf"), "-o", "out", "--workers", "1"),
        ("chart", str(SAMPLES / "chart.png")),
        ("formula", str(SAMPLES / "page.jpg"), "--kind", "text"),
        ("doctor",),
        ("models", "list"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_opens_no_socket_to_the_network(docvlm: Command, words: tuple[str, ...]) -> None:
    log = docvlm.folder / "calls.txt"
    traced = ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(log), docvlm.path, *words]
    env = {name: value for name, value in docvlm.env.items() if "TELEMETRY" not in name}
    done = subprocess.run(traced, cwd=docvlm.folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    calls = log.read_text().splitlines()
    assert not [call for call in calls if "AF_INET" in call]
    assert not [path for path in Path(docvlm.folder).rglob("*") if "telemetry" in path.name.casefold()]
