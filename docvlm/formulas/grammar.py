"""What LaTeX cannot be written at all: braces, fences and environments that do not match.

Nesting is no regular language, but formulas nest a few levels only, so an automaton whose states are the things still
open, down to `_DEEPEST`, allows every formula that is met and none that would not parse. Decoders take it as they take
a chart's (`docvlm.decoding.grammar`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docvlm.anchors import ActionSpace
from docvlm.decoding.grammar import NEVER, Automaton

_DEEPEST: Final = 7
_MOST = {"e": 2, "l": 3, "s": 1}  # environments, fences and substacks inside each other
_TWO = ("\\frac{", "\\binom{", "\\overset{", "\\underset{")
# Classes of tokens, by what they do: b opens a group, 2 the first of two, | goes from it to the second, } closes; s opens
# the rows of `\\substack`, which a brace closes; e and l open environments and fences, /e and /l close them.
_CLASSES = ("never", "end", "plain", "b", "2", "|", "}", "s", "e", "/e", "&", "l", "m", "/l")
_NEVER, _END, _PLAIN = range(3)
_CLOSING = {"b": 1, "2": 2, "s": 1, "e": 1, "l": 1}  # tokens that each open thing still needs


def latex_automaton(vocabulary: Mapping[str, int], end: int) -> Automaton:
    """The automaton of sound formulas over a tokenizer's ``vocabulary``, whose sentences end with the token ``end``.

    Tokens in angle brackets (`<formula>`) are never written, nor is ``$``.
    """
    class_of = np.full(max(vocabulary.values()) + 1, _NEVER, np.int32)
    for token, number in vocabulary.items():
        class_of[number] = _CLASSES.index(_class(token))
    class_of[end] = _END
    stacks = _stacks()
    done = len(stacks)
    next_state = np.full((done + 1, len(_CLASSES)), done, np.int32)
    need = np.full((done + 1, len(_CLASSES)), NEVER, np.int32)
    left = np.array(
        [sum(map(_CLOSING.__getitem__, stack)) for stack in stacks]
    )  # tokens until nothing is open
    for number, after in _after(stacks).items():
        goes_on = np.flatnonzero(after < done)
        next_state[goes_on, number] = after[goes_on]
        need[goes_on, number] = 2 + left[after[goes_on]]
    first = stacks.index("")
    need[first, _END] = 1
    space = ActionSpace(len(class_of), 0, 0, 0)
    return Automaton(class_of, next_state, need, (first,) * 4, done, end, space)


def _class(token: str) -> str:
    if token in ("\\begin{", "\\end{"):
        return "never"  # names of environments are not spelled
    if token == "\\substack{":
        return "s"
    if token.startswith("\\begin{"):
        return "e"
    if token.startswith("\\end{"):
        return "/e"
    if token.startswith("\\left") and not token[5:6].isalpha():
        return "l"
    if token.startswith("\\right") and not token[6:7].isalpha():
        return "/l"
    if token.startswith("\\middle"):
        return "m"
    if token in ("&", "\\\\"):
        return "&"
    if token in _TWO:
        return "2"
    if token == "}{":
        return "|"
    if token == "$" or re.fullmatch(r"<\w+>", token):
        return "never"
    braces = re.sub(r"\\.", "", token)
    balance = braces.count("{") - braces.count("}")
    return {1: "b", -1: "}", 0: "plain"}.get(balance, "never")


def _after(stacks: Sequence[str]) -> dict[int, NDArray[np.int64]]:
    """What is open behind a token of each class where each of the ``stacks`` was (n,), as numbers of stacks; n where it
    cannot stand.
    """
    none = len(stacks)
    numbers, top = np.arange(none), np.array([stack[-1:] for stack in stacks])
    number_of = {stack: number for number, stack in enumerate(stacks)}
    below = np.array([number_of[stack[:-1]] for stack in stacks])
    opened = {name: np.full(none, none) for name in _CLOSING}
    for name, above in opened.items():
        above[below[top == name]] = numbers[top == name]
    after = {
        "plain": numbers,
        "&": np.where(np.isin(top, ("e", "s")), numbers, none),
        "m": np.where(top == "l", numbers, none),
        "|": np.where(top == "2", opened["b"][below], none),
        "}": np.where(np.isin(top, ("b", "s")), below, none),
        "/e": np.where(top == "e", below, none),
        "/l": np.where(top == "l", below, none),
    }
    return {_CLASSES.index(name): each for name, each in (after | opened).items()}


@cache
def _stacks() -> list[str]:
    """All that can be open at once, nothing first."""
    found = [""]
    for stack in found:
        if len(stack) < _DEEPEST:
            found += [stack + each for each in _CLOSING if stack.count(each) < _MOST.get(each, _DEEPEST)]
    return found
