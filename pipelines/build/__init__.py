"""One build, and the builds beside a run: as of a day, again, by another method, of files alone.

Put here: which steps in which order. Keep out: Dagster (``defs``), what a step does (its own package).
"""
