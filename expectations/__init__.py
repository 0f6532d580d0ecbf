"""Typed suites of what must hold before a period is published: one module a judged table.

A module has TABLE and ``expectations(facts)``; each expectation has the id of a row of ``gate_checks.csv``,
which says its severity and its sentence. The gate runs them (``pipelines.quality``).

Put here: what must hold. Keep out: how it is run, and what is believable in a submission (``rules.csv``).
"""
