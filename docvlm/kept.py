"""What a conversion leaves in the results' hidden folder, so that its pages can be looked at later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from docvlm.document import Document
from docvlm.errors import DamagedInput, MissingInput
from docvlm.files import STATE_FOLDER, write_atomically

_SUFFIX = ".view.json"


def save_for_viewing(document: Document, path: Path, stem: Path) -> None:
    """Leaves what :func:`results` finds again: the document and where its source lies, as ``stem`` + a suffix."""
    # Escaped, since names that are not UTF-8 hold what UTF-8 cannot.
    kept = json.dumps({"path": str(path.resolve()), "document": json.loads(document.to_json())})
    write_atomically(stem.with_name(stem.name + _SUFFIX), kept.encode("ascii"))


@dataclass(frozen=True, slots=True)
class Viewed:
    """One converted document: its name below the results' folder, and the file that keeps it."""

    name: str
    file: Path

    def load(self) -> tuple[Document, Path]:
        """The document and its source's path. Raises :class:`DamagedInput` where the file does not hold them."""
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return Document.model_validate(kept["document"]), Path(kept["path"])
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            raise DamagedInput(f"{self.name}: damaged; convert it again") from None


def results(folder: Path) -> list[Viewed]:
    """What was converted into ``folder``. Raises :class:`MissingInput` where nothing was."""
    state = folder / STATE_FOLDER
    found = [
        Viewed(str(path.relative_to(state)).removesuffix(_SUFFIX), path)
        for path in sorted(state.rglob(f"*{_SUFFIX}"))
    ]
    if not found:
        raise MissingInput(
            f"{folder}: holds no results of docvlm", f"run 'docvlm convert INPUT -o {folder}' first"
        )
    return found
