"""The Dagster half, and the only folder that imports Dagster: assets, checks, jobs, schedules, sensors.

Put here: what Dagster shows and asks for. Keep out: the work itself (``build`` and what it calls).
"""
