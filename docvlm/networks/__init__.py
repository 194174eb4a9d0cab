"""The networks: vision vocabulary, decoders, auxiliary head and models of transformers. Each file imports torch itself."""
