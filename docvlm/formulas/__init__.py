"""Reading formulas: a page's glyphs and rules as anchors, the tokens of LaTeX, and the checks on what was read."""
