"""Many files: processes, limits, resume, atomic output and the run report."""
