"""Charts with exact truth for training: what they say, several renderers that draw them, degradations, a stream."""
