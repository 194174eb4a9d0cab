"""The ``docvlm`` command."""
