"""A scripted history of 24 quarters: every release explained cell by cell, and built again to the same bytes.

Put here: the script, how it is played, and a comparison of releases that knows nothing of ours.
Keep out: what a ledger or a rebuild is (``pipelines``).
"""
