"""What the automaton of LaTeX allows: all that the data engine writes, and nothing that does not parse."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docvlm.decoding.grammar import NEVER, Automaton
from docvlm.formulas.grammar import latex_automaton
from docvlm.formulas.tokens import LatexTokenizer
from docvlm.latex import normalize, parse
from training.reader_task import load_tokenizer
from training.text.formulas import Sampler


@pytest.fixture(scope="module")
def tokenizer() -> LatexTokenizer:
    return load_tokenizer()


@pytest.fixture(scope="module")
def automaton(tokenizer: LatexTokenizer) -> Automaton:
    return latex_automaton(tokenizer.vocabulary, tokenizer.end)


def test_formulas_of_the_data_engine_are_allowed(tokenizer: LatexTokenizer, automaton: Automaton) -> None:
    sampler = Sampler(random.Random(7))
    written = [normalize(sampler.display()) for _ in range(300)]
    refused = [text for text in written if not automaton.accepts(tokenizer.encode(text, "formula"))]
    assert len(refused) <= 2, refused  # what nests deeper than the automaton does


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{a}{b",
        r"a}",
        r"\frac{a}",
        r"\left(a",
        r"a\right)",
        r"\begin{aligned}a",
        r"a & b",
        r"\left(\frac{a\right)}{b}",
        r"\frac{\begin{aligned}a}{b}\end{aligned}",
        "$a$",
    ],
)
def test_what_does_not_match_is_refused(tokenizer: LatexTokenizer, automaton: Automaton, latex: str) -> None:
    assert not automaton.accepts(tokenizer.encode(latex, "formula"))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_whatever_is_chosen_ends_in_time_and_parses(
    tokenizer: LatexTokenizer, automaton: Automaton, seed: int, limit: int
) -> None:
    rng = np.random.default_rng(seed)
    state, written = automaton.start(), []
    for left in range(limit, 0, -1):
        action = int(rng.choice(np.flatnonzero(automaton.allowed(state, left))))
        state = automaton.step(state, action)
        if action == automaton.end:
            break
        written.append(action)
    assert state == automaton.done
    text = tokenizer.decode(written)
    balanced = text.replace(r"\{", "").replace(r"\}", "")
    assert balanced.count("{") == balanced.count("}"), text
    assert automaton.need[automaton.done].min() == NEVER


def test_a_sentence_of_the_automaton_is_a_formula(tokenizer: LatexTokenizer, automaton: Automaton) -> None:
    text = (
        r"\left(\sum_{\substack{i<n \\ j>0}}\begin{aligned}a & \frac{1}{\sqrt{x}} \\ & b\end{aligned}\right)"
    )
    assert automaton.accepts(tokenizer.encode(text, "formula"))
    assert parse(text)
