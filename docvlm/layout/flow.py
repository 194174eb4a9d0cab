"""What the page model's scores say of a page, decoded: the order of its lines, its blocks, and what each of them is.

A reading order is a path cover: paths that share no line and hold all of them, here found greedily, the surest links
first. The body of a page is one path; running heads, side notes and labels are paths of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docvlm.layout.interface import ROLES, PageScores

_NEVER = 1e-4  # probability of what the network excludes


@dataclass(slots=True)
class Block:
    """Lines that a reader sees as one thing, in reading order. ``role`` is their likeliest, ``sure`` its probability times
    that of the least sure link among them.
    """

    lines: list[int]
    role: str
    sure: float


@dataclass(slots=True)
class Reading:
    """A page of N lines as the page model reads it. ``successor`` is each line's on its path, N where it is the last;
    ``paths`` hold every line once, in the order in which they are read, and ``blocks`` are their parts. ``place`` is each
    line's place in that order, ``block_of`` its block's in ``blocks``.
    """

    scores: PageScores
    successor: list[int]
    paths: list[list[int]]
    blocks: list[Block]
    place: list[int]
    block_of: list[int]

    def follows(self, line: int, other: int) -> float:
        """The probability that ``other``, N for none, is read right after ``line``: the mean of what both of them say."""
        if other == len(self.place):
            return float(np.exp(self.scores.follows[line, other]))
        return float(np.exp(self.scores.follows[line, other]) + np.exp(self.scores.precedes[other, line])) / 2

    def said(self, lines: Sequence[int], roles: Collection[str]) -> float:
        """The probability that lines are any of these roles, on average."""
        columns = [ROLES.index(role) for role in roles]
        return float(self.scores.roles[np.ix_(list(lines), columns)].sum(1).mean())


def read(scores: PageScores) -> Reading:
    """Decodes the scores of a page of N lines."""
    count = len(scores.roles)
    following = path_cover(scores.follows, scores.precedes)
    paths = _ordered(_paths(following), scores)
    links = np.exp(scores.follows[np.arange(count), following])
    blocks = [block for path in paths for block in _blocks(path, scores, links)]
    place, block_of = [0] * count, [0] * count
    for number, line in enumerate(itertools.chain.from_iterable(paths)):
        place[line] = number
    for number, block in enumerate(blocks):
        for line in block.lines:
            block_of[line] = number
    return Reading(scores, following.tolist(), paths, blocks, place, block_of)


def path_cover(follows: NDArray[np.float32], precedes: NDArray[np.float32]) -> NDArray[np.int64]:
    """(N,) the successor of each of N lines, N where it has none: paths without a circle, no line reached twice.

    ``follows`` and ``precedes`` (N, N + 1) are log-probabilities of successors and predecessors, the last column none.
    A link is made where that is likelier than an end and a start, the likeliest first.
    """
    count = len(follows)
    linked = follows[:, :count] + precedes[:, :count].T
    apart = follows[:, count:] + precedes[:, count]
    first, second = np.nonzero(linked > apart)
    successor = np.full(count, count)
    has_predecessor = np.zeros(count, bool)
    end_of = list(range(count))  # of the path that begins with a line
    start_of = list(range(count))  # of the path that ends with a line
    for one in np.argsort(-linked[first, second], kind="stable"):
        i, j = int(first[one]), int(second[one])
        if successor[i] != count or has_predecessor[j] or start_of[i] == j:
            continue
        successor[i], has_predecessor[j] = j, True
        start, end = start_of[i], end_of[j]
        end_of[start], start_of[end] = end, start
    return successor


def _paths(following: NDArray[np.int64]) -> list[list[int]]:
    count = len(following)
    reached = set(following.tolist())
    paths = []
    for start in range(count):
        if start not in reached:
            path = [start]
            while following[path[-1]] < count:
                path.append(int(following[path[-1]]))
            paths.append(path)
    return paths


def _ordered(paths: list[list[int]], scores: PageScores) -> list[list[int]]:
    """The paths, each behind the one whose end it follows most likely; the first is the one most likely to begin."""
    none = len(scores.roles)
    left = sorted(paths, key=lambda path: -scores.precedes[path[0], none])
    done: list[list[int]] = []
    while left:
        if done:
            end = done[-1][-1]
            best = max(left, key=lambda path: scores.follows[end, path[0]] + scores.precedes[path[0], end])
        else:
            best = max(left, key=lambda path: (len(path), scores.precedes[path[0], none]))
        left.remove(best)
        done.append(best)
    return done


def _blocks(path: Sequence[int], scores: PageScores, links: NDArray[np.float32]) -> list[Block]:
    """The likeliest parts of a path, each with one role (Viterbi 1967): a line goes on with the block and the role of the
    one before it, or begins a block of any role.
    """
    said = np.log(np.maximum(scores.roles[path], _NEVER))  # (lines, roles)
    pairs = np.array([float(scores.joined[a, b, 0]) for a, b in itertools.pairwise(path)])
    stays, leaves = np.log(np.maximum(pairs, _NEVER)), np.log(np.maximum(1 - pairs, _NEVER))
    total = said[0]
    begins = np.zeros((len(path), said.shape[1]), bool)  # whether a line, with a role, begins a block
    begins[0] = True
    best_before = [0] * len(path)  # the role of the line before it then
    for step in range(1, len(path)):
        best_before[step] = int(total.argmax())
        going_on, anew = total + stays[step - 1], total.max() + leaves[step - 1]
        begins[step] = anew > going_on
        total = np.maximum(going_on, anew) + said[step]
    role, ends = int(total.argmax()), len(path)
    blocks = []
    for step in range(len(path) - 1, -1, -1):
        if begins[step, role]:
            lines = list(path[step:ends])
            sure = min((pairs[i - 1] * float(links[path[i - 1]]) for i in range(step + 1, ends)), default=1.0)
            mean = float(scores.roles[lines, role].mean())
            blocks.append(Block(lines, ROLES[role], sure * mean))
            role, ends = best_before[step], step
    return blocks[::-1]
