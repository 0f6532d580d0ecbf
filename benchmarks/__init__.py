"""Speed, as ratios against a bound measured in the same run: ``python -m benchmarks.table``.

Put here: measuring from outside. Keep out: anything that a run of the pipeline needs.
"""
