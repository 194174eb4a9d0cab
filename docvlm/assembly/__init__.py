"""What shows only when all pages of a document are seen together."""
