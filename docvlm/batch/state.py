"""What a run leaves in a folder of results for the next one: which inputs are done, and pages of those that are not."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docvlm.batch.lock import held
from docvlm.batch.report import Result
from docvlm.batch.spool import Spool
from docvlm.batch.task import Task
from docvlm.files import STATE_FOLDER, remove_parts, write_atomically

_LOCK = "lock"


class State:
    """The state of ``task`` in ``folder``. A ``key`` names all that decides a result."""

    def __init__(self, task: Task[Any, Any], folder: Path) -> None:
        self._task, self.folder = task, folder
        # What is converted lies where the viewer looks. No result's name begins with the point of the others.
        self._state = folder / STATE_FOLDER / ("" if task.name == "convert" else f".{task.name}")

    def recall(self, key: str, result: Result, path: Path) -> bool:
        """Whether an earlier run has done this; ``result`` is then that run's, and skipped.

        Its results then belong to the file ``path``, which may have been moved since.
        """
        try:
            kept = json.loads(self._file(result.name).read_text())
            known = kept["result"]
            if kept["key"] != key or not all((self.folder / name).is_file() for name in known["outputs"]):
                return False
            for name, value in known.items():
                if name not in ("source", "status"):
                    setattr(result, name, value)
            if kept["file"] != _identity(path):
                moved = kept | {"file": _identity(path)}
                write_atomically(self._file(result.name), json.dumps(moved).encode())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        result.status = "skipped"
        return True

    def keep(self, key: str, result: Result, path: Path) -> None:
        """Has the next run recall what was done of the file ``path``, and to which file the results' name belongs.

        The pages of what is done are no longer needed; of a partial document those that were read well stay.
        """
        is_done = result.status == "done"
        kept = {"key": key if is_done else None, "file": _identity(path), "result": asdict(result)}
        self._note(result.name, kept, self._owned(result.name).union(result.outputs))
        if is_done:
            self.spool(result.name, key).clear_all()

    def claim(self, result: Result, path: Path, outputs: Iterable[str]) -> None:
        """Notes that the files ``outputs`` are those of ``path``, before they are written: a run that is killed meanwhile
        leaves what the next one knows for its own.
        """
        owned = self._owned(result.name).union(outputs)
        self._note(result.name, {"key": None, "file": _identity(path), "result": asdict(result)}, owned)

    def is_anothers(self, name: str, path: Path, digest: str, there: Iterable[Path]) -> bool:
        """Whether what lies under this name is not the file's at ``path``: results of another file with other content, or
        any of ``there`` that no run of this task has written.
        """
        owned = self._owned(name)
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._file(name).read_text())
            is_of_another = kept["file"] != _identity(path) and kept["result"]["sha256"] != digest
            if is_of_another and any((self.folder / output).is_file() for output in owned):
                return True
        return any(each.relative_to(self.folder).as_posix() not in owned for each in there)

    def _owned(self, name: str) -> set[str]:
        """The files that runs have written under this name."""
        try:
            kept = json.loads(self._file(name).read_text())
            return {Path(each).as_posix() for each in kept.get("owned", kept["result"]["outputs"])}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return set()

    def _note(self, name: str, kept: dict[str, Any], owned: Iterable[str]) -> None:
        write_atomically(self._file(name), json.dumps(kept | {"owned": sorted(owned)}).encode())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other runs out of the folder, and removes what those that were killed have left half written.

        Raises FolderTaken where one is in it.
        """
        with held(self.folder / STATE_FOLDER / _LOCK, str(self.folder)):
            kept = self.folder / STATE_FOLDER
            remove_parts([self.folder, kept, *(path for path in kept.rglob("*") if path.is_dir())])
            yield

    def spool(self, name: str, key: str) -> Spool[Any]:
        """Where the pages lie until they are all read; for each key other ones."""
        return Spool(self._task, self._state / f"{name}.pages" / key[:16])

    def _file(self, name: str) -> Path:
        return self._state / f"{name}.json"


def _identity(path: Path) -> str:
    """Where the file lies, as JSON can hold it: escaped, since a name that is not UTF-8 holds what UTF-8 cannot."""
    return os.path.realpath(path)
