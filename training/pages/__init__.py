"""Pages with exact truth for training: what stands on them, how they look, the browser that prints them, the shards."""
