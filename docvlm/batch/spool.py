"""What was read of a document's pages, as files: one for each page, with its pictures beside it.

So neither process holds more than a few pages, and a run that was killed keeps every page that was done. Pictures are
named relative to the spool, which may be moved.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Generic

from pydantic import TypeAdapter

from docvlm.batch.task import Page, Task
from docvlm.files import write_atomically


@cache
def _adapter(page: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(page)


class Spool(Generic[Page]):
    """The pages of one document in ``folder``, as ``task`` reads them."""

    def __init__(self, task: Task[Page, Any], folder: Path) -> None:
        self.task, self.folder = task, folder

    def save(self, page: Page) -> None:
        """Writes a page's pictures and then the page, so that it never lacks one. Raises OutputError."""
        for index, part in enumerate(self.task.parts(page)):
            if isinstance(part.image, bytes):
                name = Path(f"p{page.number}-{index}.png")
                write_atomically(self.folder / name, part.image)
                part.image = name
        write_atomically(self._file(page.number), _adapter(self.task.page).dump_json(page))

    def load(self, number: int) -> Page:
        """What :meth:`save` wrote. Raises ``OSError`` where it is gone, ``ValueError`` where it is damaged."""
        page: Page = _adapter(self.task.page).validate_json(self._file(number).read_bytes())
        for part in self.task.parts(page):
            if part.image is not None:
                part.image = self.folder / os.fsdecode(part.image)
                if not part.image.is_file():
                    raise ValueError(f"{part.image} is gone")
        return page

    def has(self, number: int) -> bool:
        """Whether this page was read well, by an earlier run that was cut off."""
        try:
            return self.task.is_read(self.load(number))
        except (OSError, ValueError):
            return False

    def clear(self) -> None:
        """Removes the pages."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def clear_others(self) -> None:
        """Removes the pages that runs with other options, or of other content, have left beside these."""
        with suppress(OSError):
            for other in self.folder.parent.iterdir():
                if other != self.folder:
                    shutil.rmtree(other, ignore_errors=True)

    def clear_all(self) -> None:
        """Removes the pages, and those that runs with other options have left beside them."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)

    def move(self, folder: Path) -> None:
        """Moves the pages to ``folder``, which does not exist."""
        if self.folder.is_dir():
            self.folder = self.folder.rename(folder)

    def _file(self, number: int) -> Path:
        return self.folder / f"p{number}.json"
