"""Dagster's runs, events and schedules in PostgreSQL, at the address that SPM_DAGSTER_POSTGRES_URL gives.

``deploy/dagster.yaml`` names this class: Dagster itself reads an address from a variable alone, and from no
file, and takes a driver that it cannot listen with.

Put here: that address. Keep out: the storage (``dagster_postgres``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from pipelines.messages import say
from pipelines.settings import DAGSTER_POSTGRES_URL, SettingsError, secret

_DRIVER = "postgresql+psycopg2"
"""SQLAlchemy takes psycopg 3 by itself, with which Dagster's ``NOTIFY`` fails."""


class PostgresStorage(DagsterPostgresStorage):
    """The storage of ``dagster_postgres``, at our address."""

    @classmethod
    def config_type(cls) -> Any:
        """Nothing: the address is a secret, and stands in no file of configuration."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, Any]) -> PostgresStorage:
        """The storage.

        Raises:
            SettingsError: the address is not set, or is none of PostgreSQL.
        """
        return cls(address(), inst_data=inst_data)


def address() -> str:
    """The address as ``dagster_postgres`` connects with it.

    Raises:
        SettingsError: it is not set, or is none of PostgreSQL.
    """
    text = secret(DAGSTER_POSTGRES_URL)
    if text is None:
        raise SettingsError(say("postgres.no_address", variable=DAGSTER_POSTGRES_URL))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(say("postgres.unreadable_address", at=DAGSTER_POSTGRES_URL)) from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(say("postgres.other_database", at=DAGSTER_POSTGRES_URL))
    return url.set(drivername=_DRIVER).render_as_string(hide_password=False)
