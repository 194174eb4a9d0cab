"""LaTeX formulas: one parser, one tree, and two printers, the canonical spelling and the one that is safe to set."""

from docvlm.latex.canonical import normalize, parse
from docvlm.latex.commands import KNOWN, OPERATOR_NAMES, OPERATORS
from docvlm.latex.safe import sound
from docvlm.latex.symbols import GREEK
from docvlm.latex.tokens import LatexError, join, pieces
from docvlm.latex.tree import Node

__all__ = [
    "GREEK",
    "KNOWN",
    "OPERATORS",
    "OPERATOR_NAMES",
    "LatexError",
    "Node",
    "join",
    "normalize",
    "parse",
    "pieces",
    "sound",
]
