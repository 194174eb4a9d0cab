"""The parts of our own painter: canvas, fonts, looks, and one file per group of marks."""
