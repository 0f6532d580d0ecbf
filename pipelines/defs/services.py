"""Which services of an installation answer: the database of releases, Dagster's storage, its daemons.

Daemons are those that told Dagster's storage that they live. They are demanded where DAGSTER_HOME is set,
as it is for a service; a home whose UI was looked at once owes none.

Put here: asking them. Keep out: what is said of it (``build.health``).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pipelines.build.health import Service
from pipelines.messages import cause, say
from pipelines.publish.postgres.after_release import is_configured
from pipelines.settings import Settings, SettingsError

CODE_SERVER_PORT, _WAIT_SECONDS = 4000, 5
"""As in ``deploy/workspace.yaml``."""
SILENT_AFTER = timedelta(minutes=5)
"""A daemon says every half minute that it lives."""


def services_of(settings: Settings) -> list[Service]:
    """The services that this installation has, as they are now."""
    return [*_database(), *_dagster(settings), *_code_server()]


def _code_server() -> Iterator[Service]:
    if not (host := os.environ.get("SPM_CODE_SERVER")):
        return
    name = "code server"
    try:
        with socket.create_connection((host, CODE_SERVER_PORT), timeout=_WAIT_SECONDS):
            yield Service(name, is_well=True)
    except OSError as error:
        at = f"{host}:{CODE_SERVER_PORT}"
        yield Service(name, is_well=False, problem=say("status.code_server_away", at=at, why=cause(error)))


def _database() -> Iterator[Service]:
    if not is_configured():
        return
    from pipelines.publish.postgres.publication import demand_reachable
    from pipelines.publish.postgres.session import PostgresFailed

    try:
        demand_reachable()
        yield Service("postgres", is_well=True)
    except (PostgresFailed, SettingsError) as error:
        yield Service("postgres", is_well=False, problem=say("status.database_away", why=cause(error)))


def _dagster(settings: Settings) -> Iterator[Service]:
    if not (settings.home / "dagster" / "dagster.yaml").exists():
        return
    from sqlalchemy.exc import SQLAlchemyError

    from pipelines.defs.instance import dagster_instance

    name = "dagster storage"
    try:
        with dagster_instance(settings.home) as instance:
            seen = {kind: beat.timestamp for kind, beat in instance.get_daemon_heartbeats().items()}
            owed = instance.get_required_daemon_types() if os.environ.get("DAGSTER_HOME") else []
    except (SQLAlchemyError, SettingsError) as error:
        yield Service(name, is_well=False, problem=say("status.storage_away", why=cause(error)))
        return
    yield Service(name, is_well=True)
    for kind in sorted({*seen, *owed}):
        at = datetime.fromtimestamp(seen[kind], UTC) if kind in seen else None
        is_well = at is not None and settings.wall_clock() - at < SILENT_AFTER
        since = at.isoformat(timespec="seconds") if at else "-"
        problem = say("status.daemon_silent", name=kind, since=since) if not is_well and owed else None
        yield Service(f"dagster {kind.lower()}", is_well, at, problem)
