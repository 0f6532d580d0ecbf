"""The load: from the release that the database holds to another, in one transaction.

Rows are deleted and copied where they are. A reader sees the old release until the transaction ends and the
new one from then on, whatever it has open; nothing that it does waits. What needs a table for itself (a new
column, who sees its rows) is done before, in a moment: whoever reads then is waited for briefly, and asked
again later.

Put here: the order of things. Keep out: what each of them says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from pipelines.messages import say
from pipelines.publish.manifest import DATABASE, Manifest
from pipelines.publish.postgres import access, keys, views, words
from pipelines.publish.postgres.parts import Part, parts_of
from pipelines.publish.postgres.session import PostgresFailed, Session, identifier, literal
from pipelines.publish.postgres.tables import (
    SCHEMA,
    Columns,
    Table,
    held_tables,
    missing_columns,
    tables_of,
)
from pipelines.publish.releases import Releases
from pipelines.registry.columns import table_comment
from pipelines.warehouse.parquet import read

_OLDEST = 150_000
_LOAD_LOCK = 5_907_420_115
"""One load at a time, whoever starts it: the number of an advisory lock, which goes with its session."""
_BATCH_ROWS = 122_880
_LONGEST_WAIT = "60s"
_MOMENT = "2s"
_MOMENTS = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the release that the database holds now, the one before, tables and rows copied.

    ``seconds`` went by until readers saw it.
    """

    release_id: str
    before: str | None
    tables: int = 0
    rows: int = 0
    seconds: float = 0.0

    @property
    def is_new(self) -> bool:
        """Whether the database held another release before."""
        return self.release_id != self.before


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release to load; ``everything``: copy every row, changed or not."""

    releases: Releases
    manifest: Manifest
    access: access.Access
    everything: bool = False

    @property
    def folder(self) -> Path:
        """Where its files lie, as they were published."""
        return self.releases.folder(self.manifest.release_id, DATABASE)


def load(session: Session, connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> Loaded:
    """Bring the database to the release; one that it holds already is not copied again.

    ``connection`` reads the files of the release.

    Raises:
        PostgresFailed: the database holds what it held before.
        DamagedReleaseError: a file of the release is not as published.
    """
    began = time.monotonic()
    version = _demand_usable(session)
    tables = tables_of(connection, wanted.folder)
    grown = _take_moments(session, wanted, tables)
    with session.transaction():
        _be_the_only_load(session)
        held = held_tables(session)
        before = _held_release(session, held)
        made = _make(session, wanted, tables, held)
        parts = _parts(connection, wanted, before, {*made, *grown})
        copied = {}
        for part in parts:
            table = tables[part.table]
            copied[part] = _replace(session, connection, wanted, table, part)
            # at once, while the server has the rows at hand
            session.run(keys.of_rows(table, version) if part.table in made else [])
        if parts:
            _empty_others(session, tables, held)
            _demand_whole(session, wanted, copied)
        session.run(keys.between(made, tables, version))
        comments = words.words_of(connection, wanted.folder)
        session.run([*words.statements(session, comments), *_named(session, wanted)])
        session.run(list(access.grants(session, wanted.access, list(tables.values()))))
    _bring_views(session, wanted, tables)
    seconds = time.monotonic() - began
    with suppress(PostgresFailed):  # what is loaded is loaded; the server tidies up by itself, later
        _tidy(session, [part.table for part in parts])
    return Loaded(wanted.manifest.release_id, before, len(parts), sum(copied.values()), seconds)


def _bring_views(session: Session, wanted: Wanted, tables: Mapping[str, Table]) -> None:
    """The views of schema ``bi``: nearly always there. In a moment of its own, where it locks readers out."""
    is_demo = wanted.manifest.content.is_demo

    def bring(anew: bool) -> None:
        held = {*tables, *held_tables(session)}
        if not views.are_made(session, held, is_demo):
            session.run([f"set local lock_timeout = '{_MOMENT}'"])
            session.run(list(views.statements(session, held, anew)))
            session.run(list(views.words(session, held, is_demo)))
        session.run(list(views.grants(session, wanted.access, held)))

    try:
        _in_a_moment(session, lambda: bring(anew=False))
    except PostgresFailed as error:
        if error.was_locked or error.may_pass:
            raise
        # a column that has another type or place now: it cannot be replaced where it is
        _in_a_moment(session, lambda: bring(anew=True))


def _in_a_moment(session: Session, do: Callable[[], T]) -> T:
    """What locks readers out, in a transaction of its own: whoever has a table open goes first, ten times."""
    for attempt in range(1, _MOMENTS + 1):
        try:
            with session.transaction():
                _be_the_only_load(session)
                return do()
        except PostgresFailed as error:
            if not error.was_locked or attempt == _MOMENTS:
                raise
            time.sleep(attempt)  # whoever waited behind us goes first
    raise AssertionError("the last attempt returns or raises")


def _demand_usable(session: Session) -> int:
    rows = session.rows(
        "select current_setting('server_version_num')::integer, current_setting('server_encoding')"
    )
    version, encoding = rows[0]
    if version < _OLDEST or encoding != "UTF8":
        raise PostgresFailed(say("postgres.server_too_old", at=f"{version} {encoding}"))
    return int(version)


def _take_moments(session: Session, wanted: Wanted, tables: Mapping[str, Table]) -> set[str]:
    """What locks readers out, in a moment of its own: it only adds, so the old release stays as it is.

    Returns the tables that have a new column, empty in every row.
    """

    def add() -> set[str]:
        held = held_tables(session)
        there = {name: table for name, table in tables.items() if name in held}
        now = access.by_province(session)
        statements = missing_columns(tables, held) + access.row_security(wanted.access, there, now)
        session.run([f"set local lock_timeout = '{_MOMENT}'", *statements] if statements else [])
        return {name for name, table in there.items() if set(table.columns) - set(held[name])}

    return _in_a_moment(session, add)


def _be_the_only_load(session: Session) -> None:
    # no limit of the server's on time: what readers see does not wait for this
    limits = ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
    known = "select name::text from pg_catalog.pg_settings where name in "
    found = session.rows(known + str(limits))
    session.run(
        [
            *(f"set local {name} = 0" for (name,) in found),
            f"set local lock_timeout = '{_LONGEST_WAIT}'",
            f"perform pg_catalog.pg_advisory_xact_lock({_LOAD_LOCK})",
        ]
    )


def _held_release(session: Session, held: Mapping[str, Columns]) -> str | None:
    if "mart_release" not in held:
        return None
    # the last row: the others are those that it was built on
    found = session.rows(
        f"select release_id from {SCHEMA}.mart_release"
        " order by length(release_id) desc, release_id desc limit 1"
    )
    return str(found[0][0]) if found else None


def _make(
    session: Session, wanted: Wanted, tables: Mapping[str, Table], held: Mapping[str, Columns]
) -> dict[str, Table]:
    made = {name: table for name, table in tables.items() if name not in held}
    if not session.rows(f"select 1 from pg_catalog.pg_namespace where nspname = '{SCHEMA}'"):
        session.run([f"create schema {SCHEMA}"])
    session.run([table.create() for table in made.values()])
    session.run(access.row_security(wanted.access, made, access.by_province(session)))
    return made


def _parts(
    connection: duckdb.DuckDBPyConnection, wanted: Wanted, before: str | None, anew: Collection[str]
) -> list[Part]:
    """What has to be replaced; of the tables ``anew`` (made, or with a new column) all rows are owed."""
    if before == wanted.manifest.release_id and not wanted.everything:
        return [Part(name) for name in sorted(anew)]
    base = None if wanted.everything else before
    parts = parts_of(connection, wanted.releases, wanted.manifest, base)
    return [part for part in parts if part.table not in anew] + [Part(name) for name in sorted(anew)]


def _replace(
    session: Session, connection: duckdb.DuckDBPyConnection, wanted: Wanted, table: Table, part: Part
) -> int:
    path = wanted.folder / f"{table.name}.parquet"
    session.run([f"delete from {table.place} where {part.condition}"])
    listed = ", ".join(_selected(table, column) for column in table.columns)
    rows = connection.execute(f"select {listed} from {read(path)} where {part.condition}")
    return session.copy(SCHEMA, table.name, rows.to_arrow_reader(_BATCH_ROWS))


def _selected(table: Table, column: str) -> str:
    name = identifier(column)
    if table.columns[column] != "text" or column == "period" or column.endswith("_code"):
        return name
    # the one character that PostgreSQL cannot hold, should a region have sent it
    return f"replace({name}, chr(0), '\N{REPLACEMENT CHARACTER}') as {name}"


def _empty_others(session: Session, tables: Mapping[str, Table], held: Mapping[str, Columns]) -> None:
    """Tables of other releases that this one does not have: they stay, for who reads them, without rows."""
    session.run([f"delete from {SCHEMA}.{identifier(name)}" for name in held if name not in tables])


def _demand_whole(session: Session, wanted: Wanted, copied: Mapping[Part, int]) -> None:
    """Every table has as many rows as the manifest says, those of untouched periods with them."""
    owed = {name: table.rows for name, table in wanted.manifest.content.tables.items()}
    found = {part.table: rows for part, rows in copied.items() if part.periods is None}
    if uncounted := sorted(set(owed) - set(found)):
        counts = (f"select {literal(name)}, count(*) from {SCHEMA}.{identifier(name)}" for name in uncounted)
        found |= dict(session.rows(" union all ".join(counts)))
    if wrong := [name for name, rows in owed.items() if found[name] != rows]:
        raise PostgresFailed(say("postgres.wrong_count", tables=", ".join(sorted(wrong))))


def _named(session: Session, wanted: Wanted) -> Iterator[str]:
    """What says on the schema which release it holds, and shows it to the reader."""
    named = say("postgres.schema_comment", at="SPM layanan dasar", release=wanted.manifest.release_id)
    comment = table_comment(named, wanted.manifest.content.is_demo)
    if session.rows(f"select obj_description('{SCHEMA}'::regnamespace, 'pg_namespace')") != [(comment,)]:
        yield f"comment on schema {SCHEMA} is {literal(comment)}"
    yield from access.role(session, wanted.access)


def _tidy(session: Session, names: Sequence[str]) -> None:
    """Let the space of replaced rows be used again, and the planner know the new ones; readers go on."""
    for name in names:
        session.alone(f"vacuum (analyze, truncate off) {SCHEMA}.{identifier(name)}")
