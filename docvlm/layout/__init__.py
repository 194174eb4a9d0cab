"""A page -> its regions, with kinds and in reading order."""
