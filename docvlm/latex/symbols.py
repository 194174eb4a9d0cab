"""Characters of mathematics, and the commands of math mode that print them."""

from __future__ import annotations

_GREEK = (
    "α:alpha β:beta γ:gamma δ:delta ε:varepsilon ϵ:epsilon ζ:zeta η:eta θ:theta ϑ:vartheta ι:iota κ:kappa"
    " λ:lambda μ:mu ν:nu ξ:xi π:pi ϖ:varpi ρ:rho ϱ:varrho σ:sigma ς:varsigma τ:tau υ:upsilon φ:varphi ϕ:phi"
    " χ:chi ψ:psi ω:omega Γ:Gamma Δ:Delta Θ:Theta Λ:Lambda Ξ:Xi Π:Pi Σ:Sigma Υ:Upsilon Φ:Phi Ψ:Psi Ω:Omega"
)
_MATH = (
    "←:leftarrow ↑:uparrow →:rightarrow ↓:downarrow ↔:leftrightarrow ↕:updownarrow ↦:mapsto ⇐:Leftarrow"
    " ⇒:Rightarrow ⇔:Leftrightarrow ⇑:Uparrow ⇓:Downarrow ⟶:longrightarrow ⟵:longleftarrow ⟹:Longrightarrow"
    " ↗:nearrow ↘:searrow ↙:swarrow ↖:nwarrow ↪:hookrightarrow ⇌:rightleftharpoons"
    " −:- ∗:ast ∘:circ ∙:bullet ⋅:cdot √:surd ∞:infty ∝:propto ∠:angle ∣:mid ∥:parallel ∧:wedge ∨:vee ∩:cap"
    " ∪:cup ∫:int ∮:oint ∴:therefore ∵:because ∼:sim ≃:simeq ≅:cong ≈:approx ≠:neq ≡:equiv ≤:leq ≥:geq"
    " ≪:ll ≫:gg ≺:prec ≻:succ ⊂:subset ⊃:supset ⊆:subseteq ⊇:supseteq ⊕:oplus ⊗:otimes ⊙:odot ⊢:vdash"
    " ⊤:top ⊥:bot ∀:forall ∃:exists ∄:nexists ∅:emptyset ∂:partial ∇:nabla ∈:in ∉:notin ∋:ni ∏:prod ∐:coprod"
    " ∑:sum ∓:mp ∖:setminus ⌈:lceil ⌉:rceil ⌊:lfloor ⌋:rfloor ⟨:langle ⟩:rangle ≲:lesssim ≳:gtrsim ⩽:leqslant"
    " ⩾:geqslant ⋯:cdots ⋮:vdots ⋱:ddots ℓ:ell ℏ:hbar ℜ:Re ℑ:Im ℵ:aleph ★:bigstar ☆:star ■:blacksquare"
    " □:square ▪:blacksquare ▲:blacktriangle △:triangle ▼:blacktriangledown ◆:blacklozenge"
    " ◇:lozenge ○:bigcirc ●:bullet ✓:checkmark ✔:checkmark"
    " ♠:spadesuit ♣:clubsuit ♥:heartsuit ♦:diamondsuit †:dagger ‡:ddagger"
    " ‖:Vert ′:prime ±:pm ×:times ÷:div ¬:neg"
)


def _commands(pairs: str) -> dict[str, str]:
    split = (pair.split(":") for pair in pairs.split())
    return {char: name if name == "-" else f"\\{name}" for char, name in split}


GREEK = _commands(_GREEK)
SYMBOLS = _commands(_MATH) | {
    "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "✗": r"\times", "✘": r"\times", "Ω": r"\Omega", "µ": r"\mu",
}  # fmt: skip
