"""What else than documents may change a published figure: the registry and the code, period by period.

A release carries periods over that older runs made, so each period is compared with what made it, not with
what made the release.

Put here: that comparison. Keep out: documents and methods (``int_restatements__*``).
"""

from __future__ import annotations

from collections.abc import Collection

from pipelines.provenance import code
from pipelines.provenance.registry import reference_digest
from pipelines.publish.manifest import Manifest
from pipelines.registry.periods import Period
from pipelines.warehouse.work_file import RunContext


def run_context(current: Manifest | None, periods: Collection[str]) -> RunContext:
    """What a run over ``periods`` on top of the release ``current`` finds changed beside documents."""
    if current is None:
        return RunContext()
    before = current.content
    registry = before.registry_sha256 != code.registry_sha256()
    is_new_code = before.code_sha256 != code.code_sha256()
    new_registry, new_code = [], []
    for period in before.periods:
        # of a period that is not built again, only the changes against other quarters are made anew
        made = before.made_with[period] if period in periods else None
        # a correction changes the registry too, but it is a cause by itself (int_restatements__corrections)
        is_new = made["reference"] != reference_digest(Period.parse(period)) if made else registry
        if is_new:
            new_registry.append(period)
        if is_new_code or (made and made["numbers"] != code.numbers_sha256()):
            new_code.append(period)
    return RunContext(current.release_id, tuple(new_registry), tuple(new_code))
