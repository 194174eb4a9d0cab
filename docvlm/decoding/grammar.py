"""Grammars over actions, compiled once to tables, so that a decoder can only write well-formed output.

A grammar is built from small parts::

    value = choice(ANCHOR, CELL)
    chart = sequence(literal([BAR]), repeat(sequence(literal([POINT]), value), at_least=1, at_most=60))
    automaton = compile_grammar(chart, ActionSpace(vocabulary=500, anchors=64, rows=96, columns=96), end=2)

and means a regular language over the actions of an `ActionSpace`: tokens, pointers to any anchor, pointers to any
cell. `trie` is the special case of a list of strings (the idea is OFA's trie). Compiling puts actions that no
part tells apart into one class, determinizes and minimizes, and works out from every state the least number
of actions to the end; a decoder that forbids every action which needs more than it has left always ends in
time with a whole sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import ActionSpace

NEVER: Final = np.iinfo(np.int32).max // 2
"""More actions than any limit: the end cannot be reached."""

_MAX_STATES = 200_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a grammar; made by the functions below."""

    kind: str
    parts: tuple[Part, ...] = ()
    tokens: frozenset[int] = frozenset()
    at_least: int = 0
    at_most: int | None = None


ANCHOR: Final = Part("anchor")
"""A pointer to any anchor that the image has."""
CELL: Final = Part("cell")
"""A pointer to any cell of the feature map."""
EMPTY: Final = Part("sequence")
"""Nothing at all."""


def one_of(tokens: Iterable[int]) -> Part:
    """Any one of these tokens."""
    return Part("tokens", tokens=frozenset(tokens))


def literal(tokens: Iterable[int]) -> Part:
    """These tokens, one after the other."""
    return sequence(*(one_of([token]) for token in tokens))


def sequence(*parts: Part) -> Part:
    """The parts, one after the other."""
    return Part("sequence", parts)


def choice(*parts: Part) -> Part:
    """One of the parts. Raises ValueError where there is none to choose from."""
    if not parts:
        raise ValueError("a choice needs at least one part")
    return Part("choice", parts)


def repeat(part: Part, at_least: int = 0, at_most: int | None = None) -> Part:
    """The part ``at_least`` to ``at_most`` times (None: without end)."""
    if at_least < 0 or (at_most is not None and at_most < at_least):
        raise ValueError(f"cannot repeat {at_least} to {at_most} times")
    return Part("repeat", (part,), at_least=at_least, at_most=at_most)


def optional(part: Part) -> Part:
    """The part or nothing."""
    return repeat(part, 0, 1)


def trie(strings: Iterable[Sequence[int]]) -> Part:
    """One of these token sequences. Common beginnings (and, once compiled, endings) share their states."""
    by_first: dict[int, list[Sequence[int]]] = defaultdict(list)
    branches: list[Part] = []
    for string in strings:
        if len(string):
            by_first[string[0]].append(string)
        elif EMPTY not in branches:
            branches.append(EMPTY)
    for alike in by_first.values():
        # What all have in common is one literal, so that recursion is as deep as there are forks, not tokens.
        shortest = min(alike, key=len)
        common = next(
            (at for at, token in enumerate(shortest) if any(string[at] != token for string in alike)),
            len(shortest),
        )
        rests = [string[common:] for string in alike]
        branches.append(
            sequence(literal(shortest[:common]), *([trie(rests)] if any(map(len, rests)) else []))
        )
    return choice(*branches)


# --- compiled -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stock:
    """What writing uses up: an action stands only while there is enough of all that it uses.

    No automaton can count so far. ``uses`` (actions, goods) is how much each action takes, ``amounts`` (rows, goods) what
    each row begins with, both float32. What ends a sentence must use nothing.
    """

    uses: NDArray[np.float32]
    amounts: NDArray[np.float32]

    def thresholds(self) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
        """The T questions that decide what may stand: is there less of ``goods`` (T,) than ``least`` (T,)?

        ``needs`` (actions, T) is 1 where an action may not stand if so.
        """
        most = int(self.uses.max(initial=0))
        levels = [
            (good, least)
            for least in range(1, most + 1)
            for good in np.flatnonzero(self.uses.max(0) >= least)
        ]
        goods, least = np.array(levels, np.int64).reshape(-1, 2).T
        return goods, least.astype(np.float32), (self.uses[:, goods] >= least).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Automaton:
    """A compiled grammar: a deterministic automaton over classes of actions.

    A grammar with pointers has copies of its states for images with and without anchors and with and without
    cells, since what can be reached depends on them; `start` says where to begin. The end token is part of the language: it
    leads from every accepting state to `done`, where nothing follows.
    """

    class_of: NDArray[np.int32]  # (actions,), class of each action
    next_state: NDArray[np.int32]  # (states, classes); `done` where not allowed
    need: NDArray[
        np.int32
    ]  # (states, classes): least actions to the end, this one counted; NEVER if not allowed
    starts: tuple[int, int, int, int]
    done: int
    end: int
    space: ActionSpace

    def start(self, anchors: bool = True, cells: bool = True) -> int:
        """The first state for an image with or without anchors and cells.

        Raises ValueError where the grammar has no sentence without them.
        """
        state = self.starts[2 * anchors + cells]
        if self.shortest(state) >= NEVER:
            raise ValueError("the grammar has no sentence for an image without anchors or without cells")
        return state

    def shortest(self, state: int) -> int:
        """Least number of actions from ``state`` to the end, the end token counted; NEVER if there is no way."""
        return 0 if state == self.done else int(self.need[state].min())

    def allowed(self, state: int, remaining: int = NEVER - 1) -> NDArray[np.bool_]:
        """(actions,): which actions may follow when ``remaining`` more, end token included, may be written."""
        mask: NDArray[np.bool_] = (self.need[state] <= remaining)[self.class_of]
        return mask

    def step(self, state: int, action: int) -> int:
        """The state after ``action``. Raises ValueError where the grammar forbids it."""
        kind = self.class_of[action]
        if self.need[state, kind] >= NEVER:
            raise ValueError(f"action {action} is not allowed in state {state}")
        return int(self.next_state[state, kind])

    def accepts(self, actions: Sequence[int], anchors: bool = True, cells: bool = True) -> bool:
        """Whether the actions, without the end token, are a sentence."""
        state = self.start(anchors, cells)
        for action in [*actions, self.end]:
            if not 0 <= action < len(self.class_of) or self.need[state, self.class_of[action]] >= NEVER:
                return False
            state = int(self.next_state[state, self.class_of[action]])
        return state == self.done


@dataclass(slots=True)
class _Graph:
    """A non-deterministic automaton under construction (Thompson's): edges by atom, and edges that cost nothing."""

    edges: list[list[tuple[int, int]]] = field(default_factory=list)  # state -> (atom, target)
    free: list[list[int]] = field(default_factory=list)
    atoms: dict[Part, int] = field(default_factory=dict)

    def state(self) -> int:
        if len(self.edges) >= _MAX_STATES:
            raise ValueError(f"the grammar needs more than {_MAX_STATES} states")
        self.edges.append([])
        self.free.append([])
        return len(self.edges) - 1

    def add(self, part: Part, source: int) -> int:
        """Adds ``part`` after state ``source``; returns the state behind it."""
        if part.kind == "sequence":
            for each in part.parts:
                source = self.add(each, source)
            return source
        target = self.state()
        if part.kind == "choice":
            for each in part.parts:
                self.free[self.add(each, source)].append(target)
        elif part.kind == "repeat":
            self._add_repeat(part, source, target)
        else:
            self.edges[source].append((self.atoms.setdefault(part, len(self.atoms)), target))
        return target

    def _add_repeat(self, part: Part, source: int, target: int) -> None:
        (body,) = part.parts
        for _ in range(part.at_least):
            source = self.add(body, source)
        if part.at_most is None:
            # A state of its own, so that the way back does not pass through what lies before the loop.
            loop = self.state()
            self.free[source].append(loop)
            self.free[self.add(body, loop)].append(loop)
            source = loop
        else:
            for _ in range(part.at_most - part.at_least):
                self.free[source].append(target)
                # Nor may a choice that starts here lead back to here.
                entry = self.state()
                self.free[source].append(entry)
                source = self.add(body, entry)
        self.free[source].append(target)

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        """The states and all that lie behind free edges."""
        seen = set(states)
        waiting = list(seen)
        while waiting:
            for target in self.free[waiting.pop()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)


def compile_grammar(grammar: Part, space: ActionSpace, end: int) -> Automaton:
    """The tables of ``grammar`` over the actions of ``space``; sentences end with the token ``end``.

    Raises ValueError for tokens outside the vocabulary, an end token that is also a word of the grammar, a
    grammar without any sentence, or one with too many states.
    """
    graph = _Graph()
    first = graph.state()
    last = graph.add(grammar, first)
    class_of, atoms_of_class = _classes(graph.atoms, space, end)
    table, accepting = _determinize(graph, first, last, atoms_of_class)
    table, accepting = _minimize(table, accepting)
    return _with_distances(table, accepting, class_of, space, end)


def _classes(
    atoms: dict[Part, int], space: ActionSpace, end: int
) -> tuple[NDArray[np.int32], list[frozenset[int]]]:
    """Actions that belong to the same atoms share a class. Classes 0 to 3 are fixed: useless tokens, the end token,
    anchors, cells. Returns the class of each action and the atoms of each class.
    """
    member: dict[int, set[int]] = defaultdict(set)
    pointing: dict[str, set[int]] = {"anchor": set(), "cell": set()}
    for part, atom in atoms.items():
        if part.kind in pointing:
            pointing[part.kind].add(atom)
        for token in part.tokens:
            if not 0 <= token < space.vocabulary:
                raise ValueError(f"token {token} lies outside the vocabulary of {space.vocabulary}")
            member[token].add(atom)
    if not 0 <= end < space.vocabulary or end in member:
        raise ValueError(f"the end token {end} must be in the vocabulary and not in the grammar")
    groups: dict[frozenset[int], int] = {}
    atoms_of_class = [frozenset[int](), frozenset[int](), *(frozenset(atoms) for atoms in pointing.values())]
    class_of = np.zeros(space.size, np.int32)
    for token, belongs in member.items():
        key = frozenset(belongs)
        if key not in groups:
            groups[key] = len(atoms_of_class)
            atoms_of_class.append(key)
        class_of[token] = groups[key]
    class_of[end] = _END
    class_of[space.vocabulary : space.first_cell] = _ANCHORS
    class_of[space.first_cell :] = _CELLS
    return class_of, atoms_of_class


_END, _ANCHORS, _CELLS = 1, 2, 3


def _determinize(
    graph: _Graph, first: int, last: int, atoms_of_class: list[frozenset[int]]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Subset construction. Returns targets (states, classes) with -1 for none, and which states accept."""
    classes_of_atom: dict[int, list[int]] = defaultdict(list)
    for kind, atoms in enumerate(atoms_of_class):
        for atom in atoms:
            classes_of_atom[atom].append(kind)
    start = graph.closure([first])
    numbers = {start: 0}
    waiting = [start]
    rows: list[dict[int, int]] = []
    for states in waiting:  # grows while we go
        reached: dict[int, set[int]] = defaultdict(set)
        for state in states:
            for atom, target in graph.edges[state]:
                for kind in classes_of_atom[atom]:
                    reached[kind].add(target)
        row: dict[int, int] = {}
        for kind, targets in reached.items():
            closed = graph.closure(targets)
            if closed not in numbers:
                if len(numbers) >= _MAX_STATES:
                    raise ValueError(f"the grammar needs more than {_MAX_STATES} states")
                numbers[closed] = len(numbers)
                waiting.append(closed)
            row[kind] = numbers[closed]
        rows.append(row)
    table = np.full((len(rows), len(atoms_of_class)), -1, np.int32)
    for state, row in enumerate(rows):
        table[state, list(row)] = list(row.values())
    return table, np.array([last in states for states in waiting])


def _minimize(
    table: NDArray[np.int32], accepting: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Moore's algorithm: states are split until those left together cannot be told apart by any sentence."""
    # States at different distances from the end differ; to begin with that saves a round for each of them.
    block = _distances(table, accepting)
    count = 0
    while True:
        following = np.where(table >= 0, block[table], -1)
        keys = np.concatenate([block[:, None], following], axis=1)
        _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        block = inverse.reshape(-1).astype(np.int32)
        if len(first) == count:
            break
        count = len(first)
    order = np.argsort(first)  # the start state stays number 0
    rank = np.empty(count, np.int32)
    rank[order] = np.arange(count)
    merged = np.where(table[first] >= 0, rank[block[table[first]]], -1).astype(np.int32)
    return merged[order], accepting[first][order]


def _with_distances(
    table: NDArray[np.int32],
    accepting: NDArray[np.bool_],
    class_of: NDArray[np.int32],
    space: ActionSpace,
    end: int,
) -> Automaton:
    """Adds the end token, makes the copies and works out the least number of actions to the end."""
    states, classes = table.shape
    # A copy of the states for each case that the grammar tells apart.
    pointed = [(table[:, kind] >= 0).any() for kind in (_ANCHORS, _CELLS)]
    cases = [
        (anchors and bool(pointed[0]) and space.anchors > 0, cells and bool(pointed[1]) and space.cells > 0)
        for anchors, cells in ((False, False), (False, True), (True, False), (True, True))
    ]
    copies = {case: number for number, case in enumerate(dict.fromkeys(cases))}
    done = len(copies) * states
    next_state = np.full((done + 1, classes), done, np.int32)
    need = np.full((done + 1, classes), NEVER, np.int32)
    for (anchors, cells), number in copies.items():
        open_ = table.copy()
        open_[:, _ANCHORS] = open_[:, _ANCHORS] if anchors else -1
        open_[:, _CELLS] = open_[:, _CELLS] if cells else -1
        part = slice(number * states, (number + 1) * states)
        next_state[part] = np.where(open_ >= 0, open_ + number * states, done)
        need[part] = _needs(open_, accepting)
    without, with_cells, with_anchors, with_both = (copies[case] * states for case in cases)
    starts = (without, with_cells, with_anchors, with_both)
    automaton = Automaton(class_of, next_state, need, starts, done, end, space)
    if automaton.shortest(starts[3]) >= NEVER:
        raise ValueError("the grammar has no sentence")
    return automaton


def _distances(table: NDArray[np.int32], accepting: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(states,): least number of actions to the end, the end token counted; breadth first, backwards."""
    sources, kinds = np.nonzero(table >= 0)
    targets = table[sources, kinds]
    order = np.argsort(targets, kind="stable")
    sources, bounds = sources[order], np.searchsorted(targets[order], np.arange(len(table) + 1))
    distance = np.where(accepting, 1, NEVER).astype(np.int32)
    waiting = list(np.flatnonzero(accepting))
    for state in waiting:  # grows while we go
        for source in sources[bounds[state] : bounds[state + 1]]:
            if distance[source] == NEVER:
                distance[source] = distance[state] + 1
                waiting.append(source)
    return distance


def _needs(table: NDArray[np.int32], accepting: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(states, classes): least number of actions to the end by way of each class."""
    distance = _distances(table, accepting)
    need = np.where(table >= 0, np.minimum(distance[table] + 1, NEVER), NEVER).astype(np.int32)
    need[:, _END] = np.where(accepting, 1, NEVER)
    return need
