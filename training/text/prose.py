r"""Lines of mathematical prose: words with formulas between them, as TeX sources and as the Markdown they say.

Sentences come from frames with places for words and formulas; a line is cut out of a stream of them, as a page's lines
are, with a hyphen where a word is cut. N: noun, A: adjective, V: verb, B: adverb, M: formula, C: citation, R: reference,
P: person, D: number.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from docvlm.latex import normalize
from training.text.fields import words
from training.text.formulas import Sampler

_FRAMES = """
Let <M> be a <A> <N> on <M>, and let <M> denote the <N> of <M>.
Suppose that <M> is <A>.
Then <M> holds for all <M>, where <M> is the <N>.
It follows from <R> that <M>, which <V> the <N>.
We <V> the <N> <M> by <M> <C>.
In this section we <V> a <A> <N> for the <A> <N> of <R>.
The <N> <M> is <A> if and only if <M>.
Here <M> and <M> are the <N> and the <N>, respectively.
By <R>, there exists a <A> <N> <M> such that <M>.
Note that <M> is not <A> in general, since <M>.
For each <M> we have <M>.
The <A> <N> <V> the <N> when <M> is <A>.
Assume <M>; otherwise the <N> is <A> and there is nothing to prove.
This <N> was first <V> by <P> <C> and later by <P> and <P> <C>.
As <M>, the <N> <M> <V> to <M>.
Table <D> shows the <N> of our <N> with <M> and <M>.
We set <M> in all experiments and <V> the <N> over <D> runs.
The model has <D> layers with a <A> <N> of <M> and a learning rate of <M>.
With probability at least <M>, the <N> is at most <M>.
The energy <M> of the <A> <N> is <V> as a function of <M> (see <R>).
At a temperature of <M> the <N> becomes <A>.
To see this, we <V> both sides of <R> by <M>.
The proof of <R> is <A>.
Substituting <M> into <R> gives <M>.
If <M> and <M> are <A>, then so is <M>.
Moreover, the <N> <M> does not depend on <M>.
The value of <M> was <V> to be <D>, in good agreement with <C>.
Consider the <A> <N> of <M> with respect to <M>.
Hence the <N> is <A>, and <B> the <N> <V> the <N>.
We write <M> for the <N> of all <A> <N>s.
In other words, the <N> of the <N> is <B> <A>.
However, such a <N> is <B> <A> to <V>.
It is well known that every <A> <N> has a <A> <N>.
One can <B> <V> that <M> whenever <M>.
Our <N> is <A>: it <V> the <N> without any <A> <N>.
The results of <P> et al. <C> suggest that the <N> is <A>.
From (<D>) and (<D>) we obtain <M>, as desired.
Recall that <M> is called <A> if <M> for some <M>.
Given <M>, our goal is to <V> the <A> <N> that <V> <M>.
The <N> between <M> and <M> is measured by <M>.
""".strip().splitlines()

_NOUNS = words(
    """function space set group map operator field matrix vector equation solution theorem lemma estimate bound
    algorithm model network layer loss sample distribution variable parameter coefficient constant limit
    sequence series integral derivative gradient potential particle wave energy momentum temperature
    pressure density velocity force mass charge current measurement detector signal noise spectrum
    frequency amplitude phase state system boundary domain surface manifold metric curve bundle ring
    ideal module algebra category functor homomorphism graph vertex edge path tree cycle problem method
    approach result analysis assumption condition property structure process rate price cost demand
    utility market policy agent regression estimator variance mean likelihood prior posterior test
    hypothesis experiment dataset feature embedding attention token encoder decoder optimizer kernel
    measure norm product sum element subset sequence topology neighborhood dimension basis eigenvalue
    eigenvector spectrum interaction coupling symmetry transition approximation error convergence
    stability equilibrium flow fluid material crystal lattice electron photon atom molecule reaction
    concentration rate"""
)
_ADJECTIVES = words(
    """finite infinite continuous discrete linear nonlinear smooth bounded compact open closed connected convex
    random uniform normal independent positive negative nonnegative real complex local global unique
    optimal efficient sufficient classical standard general special simple complicated trivial similar
    different small large high low first second third main new old stable unstable thermal electric
    magnetic chemical physical numerical experimental theoretical statistical significant relative
    absolute maximal minimal differentiable measurable integrable symmetric orthogonal invertible abelian
    commutative algebraic geometric topological stochastic deterministic differential difficult official
    affine flat fixed"""
)
_VERBS = words(
    """define consider show prove obtain derive compute estimate evaluate measure observe find use apply
    consider introduce describe present propose compare minimize maximize solve approximate denote choose
    assume verify satisfies yields implies gives converges defines determines follows reflects affects
    multiply differentiate integrate confirm satisfy simplify train fit"""
)
_ADVERBS = words(
    """therefore thus clearly easily directly immediately similarly finally furthermore moreover typically
    usually often significantly sufficiently asymptotically almost approximately strictly independently
    efficiently rather"""
)
_PEOPLE = words(
    """Smith Müller García Chen Kim Ivanov Nguyen Rossi Johnson Schrödinger Gödel Hölder Poincaré Lévy Erdős
    Fréchet Itô Banach Hilbert Noether Euler Gauss Riemann Fourier Laplace Cauchy Weyl Dirac Bohr Bayes
    Markov Nash Turing Shannon Lipschitz O'Brien Wu Tanaka Silva Kowalski Novák Jensen Hansen Öztürk"""
)
_THINGS = words(
    "Theorem Lemma Proposition Corollary Section Definition Eq. Eqs. Fig. Figure Table Remark Example Appendix"
)
_PLACE = re.compile(r"<([NAVBMCRPD])>")
_TO_TEX = {"%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "“": "``", "”": "''", "–": "--", "—": "---"}
_FACES = ["", r"\itshape ", r"\bfseries ", r"\sffamily "]


class Writer:
    """Writes lines and sentences. The same ``rng`` gives the same ones; their formulas come from ``sampler``."""

    def __init__(self, rng: random.Random, held_out: bool = False, sampler: Sampler | None = None) -> None:
        self.rng = rng
        self.sampler = sampler or Sampler(rng, held_out)

    def line(self) -> tuple[str, str]:
        """A line as Markdown, and as TeX for horizontal mode."""
        pieces = self._pieces()
        face = self.rng.choices(_FACES, [80, 12, 3, 5])[0]
        stretch = f"\\spaceskip {self.rng.uniform(0.24, 0.5):.2f}em " if self.rng.random() < 0.6 else ""
        markdown = " ".join(marked for marked, _ in pieces)
        return markdown, face + stretch + " ".join(source for _, source in pieces)

    def _pieces(self) -> list[tuple[str, str]]:
        """Words and formulas of a line: each as Markdown and as TeX, punctuation included."""
        wanted = self.rng.randint(18, 90)  # characters, roughly
        stream = self._words()
        for _ in range(self.rng.randrange(12)):
            next(stream)
        taken: list[tuple[str, str]] = []
        length = 0
        while length < wanted:
            taken.append(next(stream))
            length += 1 + min(len(taken[-1][1]), 24)
        last = taken[-1][0]
        if len(last) > 6 and last.isalpha() and self.rng.random() < 0.4:
            cut = self.rng.randint(3, len(last) - 3)
            taken[-1] = (last[:cut] + "-",) * 2
        return taken

    def _words(self) -> Iterator[tuple[str, str]]:
        while True:
            yield from self.sentence()

    def sentence(self) -> Iterator[tuple[str, str]]:
        """The words and formulas of a sentence, each as Markdown and as TeX, punctuation included."""
        for word in self.rng.choice(_FRAMES).split():
            match = _PLACE.search(word)
            if match is None:
                yield word, _tex(word)
                continue
            before, after = word[: match.start()], word[match.end() :]
            if match[1] == "M":
                source = self.sampler.inline()
                yield f"{before}${normalize(source)}${after}", f"{before}${source}${after}"
                continue
            for filled in f"{before}{self.word(match[1])}{after}".split():
                yield filled, _tex(filled)

    def word(self, kind: str) -> str:
        """What fills a place: a noun (N), adjective (A), verb, adverb or person, or a citation, reference or number."""
        rng = self.rng
        if kind == "C":
            number = rng.randint(1, 99)
            return rng.choice(
                [
                    f"[{number}]",
                    f"[{number}, {number + 3}]",
                    f"({rng.choice(_PEOPLE)}, {rng.randint(1950, 2026)})",
                    f"[{number}–{number + 4}]",
                ]
            )
        if kind == "R":
            label = rng.choice(["{}", "{}.{}", "({})", "({}.{})"]).format(
                rng.randint(1, 20), rng.randint(1, 20)
            )
            return f"{rng.choice(_THINGS)} {label}"
        if kind == "D":
            return rng.choice(
                [str(rng.randint(1, 30)), f"{rng.uniform(0, 100):.2f}", f"{rng.randint(1, 99)}%"]
            )
        words = {"N": _NOUNS, "A": _ADJECTIVES, "V": _VERBS, "B": _ADVERBS, "P": _PEOPLE}[kind]
        word = rng.choice(words)
        return f"non-{word}" if kind == "A" and rng.random() < 0.03 else word


def _tex(word: str) -> str:
    return "".join(_TO_TEX.get(char, char) for char in word)
