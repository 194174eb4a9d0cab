"""What a run leaves in a folder of results for the next one: which inputs are done, and pages of those that are not."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docvlm.batch.report import Result
from docvlm.batch.spool import Spool
from docvlm.batch.task import Task
from docvlm.files import STATE_FOLDER, write_atomically


class State:
    """The state of ``task`` in ``folder``. A ``key`` names all that decides a result."""

    def __init__(self, task: Task[Any, Any], folder: Path) -> None:
        self._task, self._folder = task, folder
        # What is converted lies where the viewer looks. No result's name begins with the point of the others.
        self._state = folder / STATE_FOLDER / ("" if task.name == "convert" else f".{task.name}")

    def recall(self, key: str, result: Result) -> bool:
        """Whether an earlier run has done this; ``result`` is then that run's, and skipped."""
        try:
            kept = json.loads(self._file(result.name).read_text())
            known = kept["result"]
            if kept["key"] != key or not all((self._folder / name).is_file() for name in known["outputs"]):
                return False
            for name, value in known.items():
                if name not in ("source", "status"):
                    setattr(result, name, value)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        result.status = "skipped"
        return True

    def keep(self, key: str, result: Result) -> None:
        """Has the next run recall what was done; its pages are no longer needed."""
        kept = json.dumps({"key": key, "result": asdict(result)}, ensure_ascii=False)
        write_atomically(self._file(result.name), kept.encode())
        self.spool(result.name, key).clear_all()

    def spool(self, name: str, key: str) -> Spool[Any]:
        """Where the pages lie until they are all read; for each key other ones."""
        return Spool(self._task, self._state / f"{name}.pages" / key[:16])

    def _file(self, name: str) -> Path:
        return self._state / f"{name}.json"
