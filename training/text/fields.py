"""Fields of science and the symbols that their formulas are written in, the frequent ones first.

The order is the statistics: a symbol is drawn with a weight that falls with its rank (Zipf's law), and one formula
keeps to a handful of them, as authors do.
"""

from __future__ import annotations

from dataclasses import dataclass


def words(text: str) -> list[str]:
    """The words of ``text``."""
    return text.split()


def phrases(text: str) -> list[str]:
    """What stands between the bars of ``text``."""
    return text.split("|")


@dataclass(frozen=True, slots=True)
class Field:
    """Symbols of one field, each list from frequent to rare. ``styled`` are vectors, matrices, sets and the like."""

    letters: str
    greek: str
    styled: str
    functions: str
    relations: str
    binary: str
    big: str

    def of(self, kind: str) -> list[str]:
        """The symbols of one kind, as LaTeX."""
        names: str = getattr(self, kind)
        return words(names)


FIELDS = {
    "calculus": Field(
        letters=r"x f y n t a b g k u i c h m z v j s p F d r M w A",
        greek=r"""\alpha \varepsilon \delta \beta \pi \lambda \phi \epsilon \theta \varphi \gamma \eta \xi \mu
        \sigma \rho \tau \zeta \omega \psi \Omega \Gamma \Delta \Phi \Lambda \chi \kappa \nu""",
        styled=r"""\mathbb{R} \mathbb{N} \mathbb{C} \mathcal{L} \mathbf{x} \mathbb{Z} \mathbb{Q} \mathcal{F}
        \mathbf{n} \mathscr{D} \mathbf{F} \mathcal{H} \mathcal{C} \vec{v} \vec{r} \mathcal{S}
        \mathscr{F} \mathbb{T}""",
        functions=r"""\sin \cos \log \exp \ln \tan \max \min \sup \inf \arctan \sinh \cosh \tanh \lim \arcsin \arccos
        \cot \sec \csc \limsup \liminf \operatorname{sgn} \operatorname{Re} \operatorname{Im}
        \operatorname{div} \operatorname{supp} \coth""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim \to \leq \geq \rightarrow \ll \gg
        \asymp \mapsto \lesssim \gtrsim \Rightarrow \leqslant \geqslant \subset \subseteq \simeq
        \Longrightarrow \propto \notin""",
        binary=r"+ - + - + - \cdot \times / \pm \circ \ast \mp",
        big=r"\int \sum \int \sum \int \prod \int \iint \oint \bigcup \iiint \bigcap",
    ),
    "physics": Field(
        letters=r"t x m r E p V k c T v H n q L A F B g a S N e M P Q R J Z d I U G D W K i j l s u z f h y w",
        greek=r"""\psi \mu \omega \phi \rho \lambda \alpha \theta \sigma \beta \nu \hbar \gamma \partial \pi
        \epsilon \tau \delta \kappa \varphi \Omega \Delta \Psi \Phi \Lambda \eta \Gamma \xi \chi
        \varepsilon \Sigma \ell \zeta \Pi \Xi \Theta \varrho \vartheta \Upsilon""",
        styled=r"""\mathbf{r} \mathbf{E} \mathbf{B} \mathbf{k} \mathbf{p} \mathbf{v} \mathbf{F} \vec{r} \vec{v}
        \vec{F} \hat{H} \mathcal{L} \mathcal{H} \mathbf{A} \mathbf{J} \hat{p} \hat{x} \vec{p} \vec{E}
        \vec{B} \mathbf{x} \boldsymbol{\sigma} \mathcal{O} \hat{a} \bar{\psi} \dot{x} \ddot{x} \dot{q}
        \mathbf{S} \mathbf{L} \mathcal{M} \mathcal{N} \boldsymbol{\omega} \vec{k} \mathbf{n} \hat{\rho}
        \mathbf{q} \mathcal{D} \mathcal{E} \mathcal{P} \mathcal{Z} \tilde{g} \mathbb{R} \vec{\nabla}
        \boldsymbol{\nabla}""",
        functions=r"""\sin \cos \exp \ln \tanh \log \operatorname{Tr} \tan \sinh \cosh \det \arctan \operatorname{Re}
        \operatorname{Im} \operatorname{erf} \coth \arg \operatorname{tr} \operatorname{diag} \min \max
        \lim""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim = = = = \approx \simeq \propto \equiv
        \ll \gg \sim \rightarrow \lesssim \gtrsim \leftrightarrow \Rightarrow \longrightarrow""",
        binary=r"+ - + - + - \cdot \times / \pm \times \cdot \otimes \wedge \dagger \oplus \mp",
        big=r"\int \sum \int \sum \prod \int \oint \iint \iiint",
    ),
    "learning": Field(
        letters=r"x y w n i z k f h b t d N j p q L K T m W s X a c g r D A B C H M P Q V u v S Z G e l",
        greek=r"""\theta \lambda \sigma \mu \phi \alpha \eta \beta \epsilon \gamma \pi \tau \psi \nabla \Sigma
        \delta \varepsilon \rho \Theta \omega \ell \kappa \xi \nu \Phi \Lambda \Omega \Delta \varphi
        \zeta \chi""",
        styled=r"""\mathbf{x} \mathcal{L} \mathbb{E} \mathbf{w} \mathbb{R} \mathbf{W} \mathbf{z} \mathcal{D}
        \mathbf{h} \boldsymbol{\theta} \hat{y} \mathbf{y} \mathcal{N} \mathbf{X} \mathbf{A}
        \boldsymbol{\mu} \boldsymbol{\Sigma} \hat{\theta} \mathcal{X} \mathcal{Y} \mathbf{b} \mathbf{K}
        \mathbf{Q} \mathbf{V} \mathbf{u} \tilde{x} \bar{x} \mathbf{v} \mathbf{I} \mathcal{F} \mathcal{H}
        \mathcal{S} \mathcal{A} \mathcal{T} \boldsymbol{\phi} \mathbf{H} \mathbf{c} \mathbf{s}
        \mathbf{e} \mathbb{P} \hat{\mathbf{x}} \tilde{\mathbf{z}} \bar{\alpha} \boldsymbol{\epsilon}
        \mathcal{G} \mathcal{V} \mathcal{O} \hat{f} \mathbf{0} \mathbf{1} \mathsf{x}
        \boldsymbol{\lambda}""",
        functions=r"""\log \exp \operatorname{softmax} \max \min \operatorname*{argmax} \operatorname*{argmin}
        \operatorname{KL} \operatorname{ReLU} \tanh \operatorname{sigmoid} \ln \operatorname{diag}
        \operatorname{Var} \operatorname{tr} \operatorname{sign} \det \operatorname{Attention}
        \operatorname{Concat} \operatorname{LayerNorm} \operatorname{MLP} \operatorname{rank}
        \operatorname{Cov} \operatorname{FFN} \operatorname{sgn} \arg \sin \cos \operatorname{clip}""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim = = \leftarrow \sim \sim \triangleq
        \propto \approx \gg \preceq \succeq""",
        binary=r"+ - + - + - \cdot \times / \pm \odot \cdot \otimes \circ \oplus",
        big=r"\sum \sum \sum \prod \int \sum \bigcup \bigoplus",
    ),
    "probability": Field(
        letters=r"X n x P k Y p i t N Z j f S A B m F T E a b c q r s u y z L M W U V K g h R C G",
        greek=r"""\lambda \mu \sigma \theta \alpha \beta \rho \epsilon \pi \omega \gamma \tau \Omega \xi \delta
        \varepsilon \phi \Phi \eta \nu \chi \Sigma \Theta \kappa \psi \Gamma \Lambda \zeta \varphi""",
        styled=r"""\mathbb{P} \mathbb{E} \mathcal{F} \mathbb{R} \mathcal{N} \bar{X} \hat{\theta} \mathbb{N}
        \mathbf{X} \mathbf{1} \hat{\beta} \bar{x} \mathcal{B} \hat{\mu} \mathcal{A} \mathbf{P} \hat{p}
        \mathbf{x} \tilde{X} \mathcal{G} \boldsymbol{\beta} \mathcal{L} \mathbb{Q} \hat{\sigma}
        \mathcal{X} \bar{Y} \mathcal{S} \mathcal{U} \mathbf{Y}""",
        functions=r"""\log \exp \operatorname{Var} \Pr \max \min \operatorname{Cov} \sup \lim \ln \inf
        \operatorname{E} \operatorname{Corr} \limsup \det \operatorname{Poisson} \operatorname{Binomial}
        \operatorname{tr} \operatorname{Beta} \liminf \operatorname{erf} \operatorname{rank}""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim = = \sim \mid \leq \geq \to \Rightarrow
        \propto \stackrel{d}{=} \xrightarrow{d} \xrightarrow{p} \leqslant \geqslant""",
        binary=r"+ - + - + - \cdot \times / \pm \cap \cup \wedge \vee \mid \setminus \otimes",
        big=r"\sum \int \prod \sum \sum \int \bigcup \bigcap",
    ),
    "algebra": Field(
        letters=r"G n k p X M R K g A x a N H f V m S F E r q i d s L P B C D T W Y Z e h t u v y b c j l I J Q U",
        greek=r"""\alpha \pi \phi \sigma \rho \lambda \chi \Gamma \varphi \mu \omega \zeta \tau \beta \gamma \psi
        \Delta \delta \Lambda \theta \kappa \xi \iota \eta \Phi \Sigma \epsilon \Omega \nu \Theta \Pi
        \varpi \aleph""",
        styled=r"""\mathbb{Z} \mathbb{C} \mathbb{Q} \mathcal{O} \mathbb{F} \mathfrak{g} \mathbb{R} \mathcal{F}
        \mathfrak{p} \mathcal{C} \mathbb{P} \mathcal{M} \mathfrak{m} \mathbb{N} \mathcal{A} \mathfrak{h}
        \mathcal{E} \mathbb{A} \mathcal{L} \mathfrak{S} \overline{K} \mathcal{H} \mathfrak{a} \tilde{X}
        \widehat{G} \bar{k} \mathcal{D} \mathcal{X} \mathscr{C} \mathbb{G} \mathbb{H} \mathfrak{sl}
        \mathbf{G} \mathscr{O} \mathcal{I} \mathfrak{gl} \mathcal{U} \mathfrak{q} \mathfrak{b}
        \mathfrak{n} \mathcal{Z} \mathbb{K} \overline{M} \mathscr{L} \mathfrak{X} \mathbf{Set}""",
        functions=r"""\operatorname{Hom} \dim \det \ker \operatorname{Aut} \operatorname{End} \operatorname{tr} \deg
        \operatorname{GL} \operatorname{SL} \gcd \operatorname{rank} \operatorname{Spec}
        \operatorname{Ext} \operatorname{im} \operatorname{Gal} \operatorname{ord} \operatorname{Tor}
        \operatorname{coker} \operatorname{Ind} \operatorname{SO} \operatorname{id} \operatorname{Res}
        \operatorname{ad} \operatorname{Proj} \operatorname{lcm} \log \operatorname{span} \hom \exp""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim \cong \to \in \subset \subseteq \cong
        \simeq \equiv \hookrightarrow \mapsto \mid \triangleleft \supset \supseteq \leftrightarrow
        \longrightarrow \Leftrightarrow \rightarrow \rightarrowtail \nmid \twoheadrightarrow \subsetneq
        \notin \ni \iff \implies""",
        binary=r"""+ - + - \otimes \oplus \cdot \times \circ \cap \cup / \ast \wedge \rtimes \setminus \star
        \ltimes \bullet""",
        big=r"\sum \bigoplus \prod \sum \bigotimes \bigcup \bigcap \coprod \bigwedge",
    ),
    "logic": Field(
        letters=r"n A B x P k S i G T V E m f p q a b X Y R C y L M j U Q s t u v w r c d e g h F K N W Z D H I O",
        greek=r"""\phi \varphi \alpha \psi \Gamma \Sigma \sigma \delta \pi \lambda \beta \omega \gamma \Delta \tau
        \epsilon \rho \Theta \Omega \kappa \mu \eta \varepsilon \theta \ell \chi \xi \Phi \Psi \aleph""",
        styled=r"""\mathcal{A} \mathbb{N} \mathcal{P} \mathcal{F} \mathcal{S} \mathbb{Z} \mathcal{G} \mathcal{C}
        \mathcal{M} \mathcal{T} \mathcal{O} \overline{A} \mathcal{L} \mathsf{P} \mathsf{NP} \mathcal{B}
        \mathbb{F} \mathcal{R} \mathcal{I} \mathbf{P} \mathcal{H} \mathtt{x} \mathcal{U} \mathcal{E}
        \bar{x} \mathsf{NL} \mathbb{B} \mathfrak{M} \mathbb{R}""",
        functions=r"""\log \max \min \deg \Pr \gcd \operatorname{dist} \operatorname{poly} \sup \inf
        \operatorname{polylog} \operatorname{dom} \operatorname{ran} \lg \operatorname{vol}
        \operatorname{ord} \operatorname{cl} \ln \exp""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim \in \in \subseteq \vdash \models \to
        \Rightarrow \Leftrightarrow \iff \implies \leq \geq \notin \subset \equiv \leftarrow \preceq
        \prec \succ \supseteq \mapsto \nsubseteq \dashv \vDash \mid""",
        binary=r"""+ - \cup \cap \wedge \vee \setminus \times - + \cdot \circ \oplus \sqcup \to \sqcap \triangle
        \uplus""",
        big=r"\sum \bigcup \bigcap \prod \bigwedge \bigvee \sum \bigsqcup \biguplus \coprod",
    ),
    "economics": Field(
        letters=r"t p x c u y i r w k q n P Y C I K L G T U N j s a b f g h m v z A B D E F M Q R S V W X Z e l d",
        greek=r"""\beta \alpha \delta \pi \lambda \theta \rho \sigma \mu \gamma \epsilon \tau \eta \phi \omega
        \varepsilon \kappa \psi \Delta \xi \nu \Pi \chi \zeta \Omega \Phi \varphi""",
        styled=r"""\mathbb{E} \bar{y} \hat{\beta} \tilde{p} \mathcal{L} \bar{x} \hat{y} \bar{u} \mathbf{x}
        \mathbf{p} \tilde{c} \hat{\pi} \mathbb{R} \bar{k} \dot{k} \dot{c} \bar{P} \mathcal{V}
        \mathcal{I} \hat{c} \mathbf{q} \mathbf{\Omega} \boldsymbol{\beta} \mathbf{y} \hat{\varepsilon}""",
        functions=r"""\max \log \ln \min \exp \operatorname{Var} \operatorname{Cov} \operatorname{E}
        \operatorname*{argmax} \lim \sup \Pr \operatorname{corr}""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim = = = = \leq \geq > < \equiv \succeq
        \sim \succsim \Rightarrow \gtrless""",
        binary=r"+ - + - + - \cdot \times / \pm - + \cdot",
        big=r"\sum \int \sum \prod \sum \int",
    ),
    "engineering": Field(
        letters=r"""t s x T u k R C V I L y P d n h f A Q v g m z D H G p r w E M N e i j q a b c F K S U W X Y Z B
        J""",
        greek=r"""\omega \rho \theta \sigma \mu \tau \alpha \eta \phi \Delta \lambda \beta \nu \pi \epsilon \zeta
        \gamma \delta \kappa \varepsilon \Omega \Phi \xi \varphi \psi \Sigma \chi \Gamma \Psi""",
        styled=r"""\dot{m} \mathbf{x} \dot{x} \mathbf{u} \mathbf{A} \mathbf{K} \dot{Q} \mathbf{q} \bar{u} \hat{x}
        \boldsymbol{\tau} \mathbf{v} \mathbf{P} \mathbf{R} \ddot{x} \mathcal{F} \mathcal{L} \vec{F}
        \mathbf{M} \mathbf{f} \mathbf{B} \dot{\theta} \ddot{\theta} \boldsymbol{\sigma}
        \boldsymbol{\varepsilon} \mathbf{T} \overline{u} \mathbf{J} \mathbf{C} \tilde{u} \mathbf{H}
        \mathbf{y} \overline{P} \mathrm{Re} \mathrm{Nu} \mathrm{Pr} \mathrm{j}""",
        functions=r"""\sin \cos \exp \ln \tan \log \min \max \arctan \det \operatorname{diag} \operatorname{rank}
        \operatorname{sgn} \operatorname{Re} \operatorname{sinc} \operatorname{rect} \tanh \cosh \sinh
        \arccos""",
        relations=r"""= = = = = \leq \geq < > \neq \approx \in \to \equiv \sim = = = = = \approx \approx \ll \propto
        \simeq \Rightarrow""",
        binary=r"+ - + - + - \cdot \times / \pm \cdot \cdot \times \ast",
        big=r"\int \sum \sum \int \prod \oint \iint",
    ),
}

# Upright words in scripts, and units.
SCRIPT_WORDS = words(
    r"""max min eff in out tot ref th opt new old eq int ext kin loc rms obs avg rel init test train total
    true model data pred free cut crit inf bulk gas sat air wall net real side up down left right high
    low top B F T c e s i f d g p L R A D H K N S V b k m n r w x y ion el vib rot res sys env cl qu ML
    MAP LS CM QM GR SM bc ss sc dc ac on off hot cold"""
)
UNITS = words(
    r"""m s kg K Hz eV MeV GeV cm mm km J W N V A Pa mol nm ms T F C g L dB MHz GHz kHz keV \mu\mathrm{m} \mu\mathrm{s}
    fm pc Mpc rad Nm kJ kW kPa ns bar h min"""
)
TEXT_WORDS = phrases(
    "if|if|if|otherwise|otherwise|for|for all|and|and|where|or|with|else|such that|s.t.|"
    "subject to|is|on|in|as|if and only if|for some|for any|at|when|a.s.|for every|a.e.|not|"
    "even|odd|there exists|since|hence|then|for large|is even|is odd|is prime|is finite|"
    "is continuous|almost surely|with probability|constant|const.|terms|true|false|in case|"
    "unless|for each|are independent|is the number of|number of|total cost|rate of|signal|noise|"
    "loss|error|cost|profit|revenue|if x is rational|on average|per unit|area|volume|mass|"
    "speed|distance|time|force|pressure|kinetic energy|by definition|by induction|by symmetry|"
    "from above|as required|up to sign|lower order terms|is measurable|given that"
)
