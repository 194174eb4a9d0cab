"""The benchmarks of damaged files, kills and long runs in a short form: they run, and what they find is nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks import faults, fuzz, soak
from benchmarks.inputs import Sound, documents, pictures
from benchmarks.mutations import mutated

_SEED = 7


def test_damaged_files_harm_nothing_and_lose_nothing_unseen() -> None:
    outcome = fuzz.run(24, _SEED, workers=2, is_quick=True)
    assert len(outcome.files) == 24 and "lost" not in {each.status for each in outcome.files}
    assert outcome.passes, fuzz.table(outcome)


@pytest.mark.parametrize("sound", [*documents(), *pictures()], ids=lambda sound: sound.name)
def test_a_seed_names_a_file_for_ever(sound: Sound) -> None:
    first, second = (mutated(sound.data, sound.suffix, Random(_SEED)) for _ in "ab")
    assert first == second and first[0] != sound.data


def test_runs_that_are_killed_or_meet_lose_nothing(tmp_path: Path) -> None:
    wanted = [each for each in documents() if each.name in ("base14.pdf", "form.pdf")]
    folder, outcome = faults._given(tmp_path / "runs", wanted), faults.Outcome()
    whole = faults.same_bytes(folder, outcome)
    assert len(whole) == len(wanted) * 3
    faults.kills(folder, 2, _SEED, whole, outcome)
    faults.pairs(folder, 1, whole, outcome)
    assert outcome.faults == {} and outcome.trials == {"workers": 3, "kills": 2, "pairs": 1}


def test_a_run_holds_no_more_handles_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "_LOOK_SECONDS", 0.2)
    looks, said = soak.soak(24, 1, is_quick=True)
    reading = [each for each in looks if each.pages]
    assert looks[-1].pages >= 24 and "files done" in said and len(soak.table(looks, 2).splitlines()) > 2
    assert reading[-1].handles <= reading[0].handles + 4
