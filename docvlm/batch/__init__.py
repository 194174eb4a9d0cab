"""Many files: processes, limits, resume, atomic output and the run report.

inputs -> opener (a process: hashes, counts pages) -> readers (processes: pages into the spool) -> task (assembles, writes)
"""
