"""Constrained greedy decoding: grammars, the loop and its guard. Needs no torch."""
