"""Pixels -> lines of text: detection, recognition, deskewing."""
