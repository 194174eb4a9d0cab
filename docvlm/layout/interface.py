"""The page model as everything else knows it: its roles, its shape, and what it says of a page. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from docvlm.bundle import Bundle, BundleError
from docvlm.layout.features import PageCodes

ROLES: Final = (
    "title", "heading", "paragraph", "list", "caption", "footnote", "header", "footer", "page_number", "side_note",
    "table", "formula", "code", "figure_label", "form_label", "form_value", "contents", "stamp",
)  # fmt: skip
"""What a line can be, in the order of the network's scores."""


@dataclass(frozen=True, slots=True)
class PageConfig:
    """Shape of a `PageNetwork`. ``lines`` are the most that a page may have; ``features`` and ``pairs`` how many numbers
    say what a line is, and how two lines stand to each other (`docvlm.layout.features`); ``hidden`` the units that read
    the latter.
    """

    features: int
    pairs: int
    roles: tuple[str, ...] = ROLES
    lines: int = 600
    width: int = 192
    depth: int = 5
    heads: int = 6
    mlp: int = 384
    hidden: int = 20
    pointer: int = 48


def page_config(bundle: Bundle) -> PageConfig:
    """The shape of a bundle's page network. Raises BundleError for a bundle of something else."""
    if bundle.kind != "page":
        raise BundleError(
            f"{bundle.path} holds a {bundle.kind} model, not a page model", "name another model"
        )
    try:
        shape = dict(bundle.networks)
        roles = tuple(str(role) for role in shape.pop("roles"))
        return PageConfig(roles=roles, **shape)
    except (TypeError, ValueError, KeyError) as error:
        raise BundleError(f"{bundle.path} describes no page network: {error}") from error


@dataclass(frozen=True, slots=True)
class PageScores:
    """What the network says of a page of N lines: ``roles`` (N, roles) are probabilities; ``follows`` (N, N + 1) the
    log-probabilities of each line's successor, the last column that it has none; ``precedes`` (N, N + 1) those of each
    line's predecessor; ``joined`` (N, N, 2) the probabilities that two lines, the second of which follows the first, are
    of one block, and of one item of it.
    """

    roles: NDArray[np.float32]
    follows: NDArray[np.float32]
    precedes: NDArray[np.float32]
    joined: NDArray[np.float32]


class PageRuntime(Protocol):
    """A page model that can be asked. ``ran_on`` says in words what computes, for reports."""

    @property
    def config(self) -> PageConfig: ...

    @property
    def ran_on(self) -> str: ...

    def look(self, codes: PageCodes) -> PageScores:
        """Raises ValueError for a page with more than ``config.lines`` lines."""
        ...
