"""Published checkpoints: Vary, OneChart, and what transformers loads."""
