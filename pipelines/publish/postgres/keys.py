"""Keys, indexes and foreign keys of the tables, made when a table is: after its first rows, which is quicker.

Keys start with the period: rows come in order of it, and those of a period are replaced together. So the key
serves questions for a period, and from PostgreSQL 18 those for a region over time (it skips from period to
period); older servers get an index for them.

A foreign key is stated and not enforced (PostgreSQL 18): the gate has judged the rows, a check of each row
would take longer than the load, and BI tools read the relation all the same. Older servers do not know such
keys and get none. None leads to ``dim_region``: a region has a row for each of its states in time, so its
code alone is no key.

Put here: what is unique and what belongs together. Keep out: columns (``tables``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.publish.postgres.session import identifier
from pipelines.publish.postgres.tables import SCHEMA, Table

STATES_RELATIONS = 180_000
"""The first version of a server that skips through an index and knows relations that it does not enforce."""

_FREE_TEXT = frozenset({"item", "subject", "source_ref", "key"})
"""Parts of keys that regions or foreign systems write: one too long for an index stands in it as its hash,
which a primary key cannot say."""
_LONGEST = 300


def of_rows(table: Table, version: int) -> list[str]:
    """The key and the indexes of a table, on a server of ``version``."""
    return [*_unique(table), *(_by_region(table) if version < STATES_RELATIONS else ())]


def between(made: Mapping[str, Table], every: Mapping[str, Table], version: int) -> list[str]:
    """The foreign keys of the tables ``made`` among ``every`` table, once all have their keys."""
    if version < STATES_RELATIONS:
        return []
    return [said for table in made.values() for said in _relations(table, every)]


def _unique(table: Table) -> Iterator[str]:
    if not table.key:
        return
    key = sorted(table.key, key=lambda column: column != "period")
    if not table.key_has_nulls and not _FREE_TEXT & set(key):
        listed = ", ".join(map(identifier, key))
        name = identifier(f"{table.name}_pkey")
        yield f"alter table {table.place} add constraint {name} primary key ({listed})"
    else:
        listed = ", ".join(map(_bounded, key))
        name = identifier(f"{table.name}_key")
        yield f"create unique index {name} on {table.place} ({listed}) nulls not distinct"
    if "period" in table.columns and "period" not in key:
        name = identifier(f"{table.name}_period")
        yield f"create index {name} on {table.place} (period)"


def _bounded(column: str) -> str:
    name = identifier(column)
    if column not in _FREE_TEXT:
        return name
    return f"(case when octet_length({name}) <= {_LONGEST} then {name} else md5({name}) end)"


def _by_region(table: Table) -> Iterator[str]:
    if {"region_code", "period"} <= set(table.columns):
        yield f"create index {identifier(f'{table.name}_region')} on {table.place} (region_code)"


def _relations(table: Table, every: Mapping[str, Table]) -> Iterator[str]:
    for other in table.relations:
        if other not in every:
            continue
        columns = every[other].key
        listed = ", ".join(columns)
        name = identifier(f"{table.name}_{'_'.join(columns)}_fkey")
        yield (
            f"alter table {table.place} add constraint {name} foreign key ({listed})"
            f" references {SCHEMA}.{other} ({listed}) not enforced"
        )
