"""The parts of the one step that a run is, from landing to the release, by name and in their order.

Put here: names. Keep out: the parts (``assets.quarter``).
"""

STEP = "build_and_publish"
"""The key of the step; its parts are stages in the ledger."""

PARTS = ("landing", "models", "gate", "release")


def begins(part: str) -> str:
    """What the step says in Dagster's log as a part of it begins."""
    return f"{part} begins"


BEGUN = {begins(part): part for part in PARTS}
