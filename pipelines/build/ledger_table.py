"""The ledger of runs brought into the database that releases are loaded into, where there is one.

Put here: when, and which rows. Keep out: the table (``publish.postgres.operation``).
"""

from __future__ import annotations

import json

from pipelines.build import ledger
from pipelines.publish.postgres.after_release import is_configured
from pipelines.settings import Settings


def bring_ledger(settings: Settings) -> int:
    """Write the runs that the database does not know, or knows as running; how many.

    Raises:
        PostgresFailed: the database refuses, or does not answer; the next run brings them.
        SettingsError: its address cannot be read.
    """
    if not is_configured():
        return 0
    from pipelines.publish.postgres.publication import publish_runs

    found = ledger.entries(settings)
    rows = [json.loads(ledger.as_json(entry)) | {"seconds": entry.seconds} for entry in found]
    return publish_runs(settings, rows)
