"""Writers: a Document as Markdown, LaTeX, HTML, JSON or CSV text; one file each."""
