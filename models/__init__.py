"""The bundled models: one folder each; data, no code beyond finding a bundle."""
