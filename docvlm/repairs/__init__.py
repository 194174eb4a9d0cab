"""What MuPDF makes of a page's letters, mended where a file draws them in ways that it does not understand.

Each module is one kind: clusters with a replacement text, lines around formulas, wide-set words, letters drawn as outlines,
TeX's old fonts, vowel signs, spaces and leaders.
"""
