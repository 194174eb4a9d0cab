"""Grammars over actions: whatever a network prefers, what comes out is a sentence, and it ends in time."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from docvlm.anchors import ActionSpace
from docvlm.decoding.grammar import (
    ANCHOR,
    CELL,
    EMPTY,
    NEVER,
    Automaton,
    Part,
    choice,
    compile_grammar,
    literal,
    one_of,
    optional,
    repeat,
    sequence,
    trie,
)

_END = 0
_SPACE = ActionSpace(vocabulary=8, anchors=3, rows=2, columns=2)


def _letter(action: int) -> str:
    """Actions as letters, so that Python's regular expressions are an independent judge."""
    return {"token": "tuvwxyz_"[action % 8], "anchor": "A", "cell": "C"}[_SPACE.kind(action)]


def _pattern(part: Part) -> str:
    if part.kind == "anchor":
        return "A"
    if part.kind == "cell":
        return "C"
    if part.kind == "tokens":
        return "[" + "".join(_letter(token) for token in part.tokens) + "]"
    inner = [_pattern(each) for each in part.parts]
    if part.kind == "sequence":
        return "".join(inner)
    if part.kind == "choice":
        return f"(?:{'|'.join(inner)})"
    most = "" if part.at_most is None else part.at_most
    return f"(?:{inner[0]}){{{part.at_least},{most}}}"


_token = st.integers(1, 7)
_leaf = st.one_of(
    st.just(ANCHOR), st.just(CELL), st.just(EMPTY), st.frozensets(_token, min_size=1, max_size=3).map(one_of)
)


def _bounded(part: Part, low: int, more: int | None) -> Part:
    return repeat(part, low, None if more is None else low + more)


_grammars = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: sequence(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: choice(*parts)),
        st.builds(_bounded, inner, st.integers(0, 2), st.none() | st.integers(0, 2)),
    ),
    max_leaves=8,
)


def decode(automaton: Automaton, logits: NDArray[np.float64], anchors: bool, cells: bool) -> list[int]:
    """Greedy decoding of at most ``len(logits)`` actions under the automaton, as a network would do it."""
    state = automaton.start(anchors, cells)
    written: list[int] = []
    for step, scores in enumerate(logits):
        mask = automaton.allowed(state, len(logits) - step)
        assert mask.any()
        action = int(np.where(mask, scores, -np.inf).argmax())
        written.append(action)
        state = automaton.step(state, action)
        if state == automaton.done:
            break
    return written


@settings(max_examples=150, deadline=None)
@given(_grammars, st.integers(0, 2**32 - 1), st.integers(0, 6), st.booleans(), st.booleans())
def test_whatever_the_network_prefers_a_sentence_comes_out_in_time(
    grammar: Part, seed: int, spare: int, anchors: bool, cells: bool
) -> None:
    automaton = compile_grammar(grammar, _SPACE, _END)
    try:
        start = automaton.start(anchors, cells)
    except ValueError:
        return  # the grammar needs pointers that this image has not; the next test judges that
    limit = automaton.shortest(start) + spare
    random = np.random.default_rng(seed)
    logits = random.normal(size=(limit, _SPACE.size)) * 10
    logits[:, _END] -= random.choice([0, 1000])  # a network that never wants to end
    written = decode(automaton, logits, anchors, cells)
    assert written[-1] == _END and len(written) <= limit
    text = "".join(_letter(action) for action in written[:-1])
    assert re.fullmatch(_pattern(grammar), text), (text, _pattern(grammar))
    assert anchors or "A" not in text
    assert cells or "C" not in text
    assert automaton.accepts(written[:-1], anchors, cells)


@settings(max_examples=300, deadline=None)
@given(_grammars, st.lists(st.integers(0, _SPACE.size - 1), max_size=6))
def test_the_automaton_accepts_what_a_regular_expression_accepts(grammar: Part, actions: list[int]) -> None:
    automaton = compile_grammar(grammar, _SPACE, _END)
    text = "".join(_letter(action) for action in actions)
    wanted = re.fullmatch(_pattern(grammar), text) is not None
    assert automaton.accepts(actions) == wanted
    if wanted:
        assert len(actions) + 1 >= automaton.shortest(automaton.start())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(_token, max_size=5), min_size=1, max_size=12), st.lists(_token, max_size=5))
def test_a_trie_accepts_its_strings_and_no_other(strings: list[list[int]], other: list[int]) -> None:
    automaton = compile_grammar(trie(strings), _SPACE, _END)
    assert all(automaton.accepts(string) for string in strings)
    assert automaton.accepts(other) == (other in strings)
    assert automaton.shortest(automaton.start()) == min(map(len, strings)) + 1


def test_a_trie_of_long_strings_needs_no_deep_recursion() -> None:
    strings = [[1, 2, 3] * 600, [1, 2, 3] * 600 + [4], [5] * 1500]
    automaton = compile_grammar(trie(strings), _SPACE, _END)
    assert all(automaton.accepts(string) for string in strings)
    assert not automaton.accepts(strings[0][:-1])


def test_endings_in_common_share_their_states() -> None:
    one = compile_grammar(trie([[1, 5, 6, 7]]), _SPACE, _END)
    three = compile_grammar(trie([[first, 5, 6, 7] for first in (1, 2, 3)]), _SPACE, _END)
    assert len(three.next_state) == len(one.next_state)


def _chart() -> Part:
    point = sequence(choice(ANCHOR, literal([3])), CELL)
    return sequence(one_of([1, 2]), optional(sequence(literal([4]), ANCHOR)), repeat(point, 1, 20))


def test_an_image_without_anchors_is_not_asked_for_one() -> None:
    automaton = compile_grammar(_chart(), _SPACE, _END)
    logits = np.zeros((30, _SPACE.size))
    logits[:, 8:11] = 5.0  # would point at anchors wherever it may
    assert any(_SPACE.kind(action) == "anchor" for action in decode(automaton, logits, True, True))
    assert not any(_SPACE.kind(action) == "anchor" for action in decode(automaton, logits, False, True))
    with pytest.raises(ValueError, match="without cells"):
        automaton.start(anchors=True, cells=False)


def test_the_end_is_forced_in_time() -> None:
    automaton = compile_grammar(_chart(), _SPACE, _END)
    logits = np.zeros((6, _SPACE.size))
    logits[:, _END] = -100.0
    written = decode(automaton, logits, True, True)
    # Five words do not suffice for another point of two, so the sixth action is the end, after 3 or 5 words.
    assert written[-1] == _END and automaton.accepts(written[:-1])
    assert not automaton.allowed(automaton.start(), 3).any()


def test_distances_are_those_of_the_shortest_sentence() -> None:
    automaton = compile_grammar(repeat(literal([1, 2, 3]), 2, None), _SPACE, _END)
    state = automaton.start()
    for left, action in zip(range(7, 0, -1), [1, 2, 3, 1, 2, 3, _END], strict=True):
        assert automaton.shortest(state) == left
        state = automaton.step(state, action)
    assert automaton.shortest(state) == 0


def test_wrong_grammars_are_refused() -> None:
    wrong: Sequence[tuple[Part, int, str]] = [
        (one_of([8]), _END, "outside the vocabulary"),
        (one_of([1]), 1, "end token"),
        (one_of([1]), 8, "end token"),
        (one_of([]), _END, "no sentence"),
        (sequence(one_of([1]), one_of([])), _END, "no sentence"),
    ]
    for grammar, end, message in wrong:
        with pytest.raises(ValueError, match=message):
            compile_grammar(grammar, _SPACE, end)
    with pytest.raises(ValueError, match="cannot repeat"):
        repeat(ANCHOR, 3, 2)
    with pytest.raises(ValueError, match="at least one"):
        choice()
    automaton = compile_grammar(one_of([1]), _SPACE, _END)
    with pytest.raises(ValueError, match="not allowed"):
        automaton.step(automaton.start(), 2)
    assert automaton.need.max() == NEVER
