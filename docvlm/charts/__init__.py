"""A chart between the network and its numbers: the sentence, the geometry, the data."""
