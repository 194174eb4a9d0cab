"""Pages of flat OpenDocument text: what a page is written with, what it is made of, and its templates."""
