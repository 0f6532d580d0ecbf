"""After a release: the configured database follows. Starts nothing heavy where there is none.

Put here: whether there is a database, and the result of the load. Keep out: loading (``publication``).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipelines.settings import POSTGRES_URL, Settings, SettingsError, is_set


def is_configured() -> bool:
    """Whether there is a database to publish to."""
    return is_set(POSTGRES_URL)


def load_current_release(settings: Settings) -> dict[str, Any] | None:
    """Load the current release, where a database is configured; the fields of ``load.Loaded``.

    A database that fails does not undo the release: then the one entry is ``failed``, and says why.
    """
    if not is_configured():
        return None
    from pipelines.publish.manifest import DamagedReleaseError
    from pipelines.publish.postgres.publication import publish_to_postgres
    from pipelines.publish.postgres.session import PostgresFailed

    try:
        return asdict(publish_to_postgres(settings))
    except (PostgresFailed, SettingsError, DamagedReleaseError) as error:
        return {"failed": str(error)}
