"""What the reading model is trained on: formulas and lines of mathematical prose, set by TeX and read back."""
