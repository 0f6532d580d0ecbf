"""Rows a second into PostgreSQL: a release loaded, against a bare COPY of the same rows.

Both take the same files through the same driver into a server of their own, by turns, so that a busy machine
is busy for both; the best round of each counts. The bare COPY finds its tables made, columns and types as the
load makes them, and does nothing else: no keys, no comments, no grants. ``keyed`` is the same into tables
that have the load's keys. ``replaced`` is a load that replaces every row, ``again`` one that finds the
release there.

Put here: the rates. Keep out: the table (``rows``).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from pipelines.publish.postgres import keys
from pipelines.publish.postgres.address import Address
from pipelines.publish.postgres.publication import publish_to
from pipelines.publish.postgres.session import Session
from pipelines.publish.postgres.tables import SCHEMA, tables_of
from pipelines.publish.postgres.throw_away import throw_away_server
from pipelines.publish.releases import Releases
from pipelines.settings import Settings, read_settings
from pipelines.warehouse.parquet import connect, read


class NotAllLoadedError(RuntimeError):
    """Rows are missing: the rate would be that of less work."""


def bare_copy(address: Address, settings: Settings, keyed: bool) -> float:
    """Seconds of a COPY of every row into empty tables."""
    folder = Releases(settings.published).current_folder()
    with connect(settings.threads, settings.memory_limit, folder) as connection, Session(address) as session:
        tables = tables_of(connection, folder)
        with session.transaction():
            session.run([f"drop schema if exists {SCHEMA} cascade", f"create schema {SCHEMA}"])
            session.run([table.create() for table in tables.values()])
            for table in tables.values() if keyed else ():
                session.run(keys.of_rows(table, keys.STATES_RELATIONS))
        began = time.perf_counter()
        with session.transaction():
            for name in tables:
                rows = connection.execute(f"select * from {read(folder / f'{name}.parquet')}")
                session.copy(SCHEMA, name, rows.to_arrow_reader(122_880))
        return time.perf_counter() - began


def loaded(address: Address, settings: Settings, *, anew: bool, everything: bool = False) -> float:
    """Seconds of a load until readers see it; ``anew``: into a database that holds nothing."""
    if anew:
        with Session(address) as session:
            session.run([f"drop schema if exists {SCHEMA} cascade"])
    began = time.perf_counter()
    done = publish_to(address, settings, everything=everything)
    if (anew or everything) and done.rows != _rows(settings):
        raise NotAllLoadedError(f"{done.rows} of {_rows(settings)} rows were loaded")
    return done.seconds if done.rows else time.perf_counter() - began


def _rows(settings: Settings) -> int:
    current = Releases(settings.published).current()
    assert current is not None
    return sum(table.rows for table in current.content.tables.values()) + 1  # that of mart_release


def main() -> None:
    """Measure each way ``--rounds`` times with the current release of ``--home``; prints the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    settings = read_settings(home=asked.home)
    with throw_away_server() as address:
        ways: dict[str, Callable[[], float]] = {
            "bare": lambda: bare_copy(address, settings, keyed=False),
            "keyed": lambda: bare_copy(address, settings, keyed=True),
            "loaded": lambda: loaded(address, settings, anew=True),
            "again": lambda: loaded(address, settings, anew=False),
            "replaced": lambda: loaded(address, settings, anew=False, everything=True),
        }
        took = [{name: way() for name, way in ways.items()} for _ in range(asked.rounds)]
    best = {name: min(one[name] for one in took) for name in ways}
    print(json.dumps({"rows": _rows(settings), **best}))


if __name__ == "__main__":
    main()
