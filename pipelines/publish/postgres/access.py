"""Who may read: a role that sees the published tables but for the words of senders, one that sees those too.

The words are what the cards call ``closed``: the first role has no grant on these columns. If wanted, both
see the rows of one province only.

Rows by province are off at first. Switched on, a login sees the rows of the regions that
``spm_access.province_reader`` gives it or a role that it is a member of (``*``: all regions); one that is not
named there sees no region. A region belongs to the province of its code then and of its code today. Tables
without regions are seen by everybody; rows without a region (of a document that nobody could read) by ``*``.

Put here: roles, grants, row security. Keep out: logins and their passwords (whoever runs the server).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pipelines.messages import say
from pipelines.publish.postgres.session import Session, identifier, literal
from pipelines.publish.postgres.tables import SCHEMA, Table

ACCESS = "spm_access"
"""The schema of what is no published table: readers do not see it, and no load touches its rows."""
POLICY = "spm_province"
Rows = Literal["all", "province"]

_PREPARATION = (
    f"create schema if not exists {ACCESS}",
    f"create table if not exists {ACCESS}.province_reader"
    " (role_name text not null, province_code text not null, primary key (role_name, province_code))",
    f"comment on table {ACCESS}.province_reader is {literal(say('postgres.access_comment'))}",
    # asks for the one who reads: in the function itself, current_user is its owner
    f"create or replace function {ACCESS}.provinces_of(reader name) returns text[]"
    " language sql stable security definer set search_path = pg_catalog, pg_temp as"
    " $$ select coalesce(array_agg(distinct m.province_code), '{}')"
    f" from {ACCESS}.province_reader as m inner join pg_roles as r on r.rolname = m.role_name"
    " where pg_has_role(reader, r.oid, 'usage') $$",
)


_MAY_MAKE_ROLES = (
    "select 1 from pg_catalog.pg_roles where rolname = current_user and (rolsuper or rolcreaterole)"
)


@dataclass(frozen=True, slots=True)
class Access:
    """``reader`` is the role that may read, ``text_reader`` the one that reads the words of senders too;
    ``rows`` whose rows they see, none: as it is in the database."""

    reader: str = "spm_reader"
    text_reader: str = "spm_text_reader"
    rows: Rows | None = None


def role(session: Session, access: Access) -> Iterator[str]:
    """What makes the readers, where there are none yet, and shows them the schema."""
    for name in (access.reader, access.text_reader):
        is_there = f"select 1 from pg_catalog.pg_roles where rolname = {literal(name)}"
        if not session.rows(is_there):
            if name != access.reader and not session.rows(_MAY_MAKE_ROLES):
                continue
            yield f"create role {identifier(name)} nologin"
        elif session.rows(f"{is_there} and has_schema_privilege(oid, '{SCHEMA}', 'usage')"):
            continue
        yield f"grant usage on schema {SCHEMA} to {identifier(name)}"


def grants(session: Session, access: Access, tables: Collection[Table]) -> Iterator[str]:
    """What lets the readers read each of ``tables``, where they may not yet, and one no words of senders."""
    if session.rows(f"select 1 from pg_catalog.pg_roles where rolname = {literal(access.text_reader)}"):
        may = _whole_tables(session, access.text_reader)
        for table in tables:
            if table.name not in may:
                yield f"grant select on {table.place} to {identifier(access.text_reader)}"
    may, single = _whole_tables(session, access.reader), _single_columns(session, access.reader)
    reader = identifier(access.reader)
    for table in tables:
        open_columns = [column for column in table.columns if column not in table.closed]
        if len(open_columns) == len(table.columns):
            if table.name not in may:
                yield f"grant select on {table.place} to {reader}"
            continue
        if table.name in may:
            # as versions before 0.4 gave it
            yield f"revoke select on {table.place} from {reader}"
        elif {(table.name, column) for column in open_columns} <= single:
            continue
        if open_columns:
            listed = ", ".join(map(identifier, open_columns))
            yield f"grant select ({listed}) on {table.place} to {reader}"


def _whole_tables(session: Session, name: str) -> set[str]:
    """The tables that a role may read whole."""
    found = session.rows(
        "select c.relname::text from pg_catalog.pg_class as c"
        f" where c.relnamespace = '{SCHEMA}'::regnamespace and c.relkind in ('r', 'p')"
        f" and has_table_privilege({literal(name)}, c.oid, 'select')"
    )
    return {table for (table,) in found}


def _single_columns(session: Session, name: str) -> set[tuple[str, str]]:
    """The columns that a role may read, one by one."""
    found = session.rows(
        "select c.relname::text, a.attname::text from pg_catalog.pg_class as c"
        " inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid"
        f" where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')"
        f" and c.relnamespace = '{SCHEMA}'::regnamespace"
        f" and has_column_privilege({literal(name)}, c.oid, a.attnum, 'select')"
    )
    return {(table, column) for table, column in found}


def by_province(session: Session) -> set[str]:
    """The tables whose rows are shown by province now."""
    found = session.rows(
        "select c.relname::text from pg_catalog.pg_class as c inner join pg_catalog.pg_namespace as n"
        f" on n.oid = c.relnamespace where n.nspname = '{SCHEMA}' and c.relrowsecurity"
    )
    return {name for (name,) in found}


def row_security(access: Access, tables: Mapping[str, Table], now: Collection[str]) -> list[str]:
    """What brings ``tables`` from how they are shown ``now`` to how they are to be.

    Where nothing is said (``rows`` is none) new tables are shown as those that there are: a machine that was
    not told of the setting opens nothing.
    """
    wanted = access.rows == "province" or (access.rows is None and bool(now))
    if not wanted:
        named = [table for table in tables.values() if table.name in now and access.rows == "all"]
        return [said for table in named for said in _opened(table)]
    closed = [(table, _condition(table)) for table in tables.values() if table.name not in now]
    said = [one for table, condition in closed if condition for one in _closed(table, condition)]
    return [*_PREPARATION, *said] if said else []


def _closed(table: Table, condition: str) -> Iterator[str]:
    yield f"drop policy if exists {POLICY} on {table.place}"
    yield f"create policy {POLICY} on {table.place} for select using ({condition})"
    yield f"alter table {table.place} enable row level security"


def _opened(table: Table) -> Iterator[str]:
    yield f"drop policy if exists {POLICY} on {table.place}"
    yield f"alter table {table.place} disable row level security"


def _condition(table: Table) -> str | None:
    """Which rows a reader sees; none for a table that holds nothing of single regions."""
    # a sub-select, which is asked once a query and not once a row
    provinces = f"((select {ACCESS}.provinces_of(current_user))::text[])"
    codes = [column for column in ("region_code", "current_region_code") if column in table.columns]
    if table.name.startswith("dim_"):
        return None
    if codes:
        own = [f"split_part({column}, '.', 1) = any {provinces}" for column in codes]
        return " or ".join([f"'*' = any {provinces}", *own])
    if "province_code" in table.columns:
        named = [f"'*' = any {provinces}", "province_code is null", f"province_code = any {provinces}"]
        return " or ".join(named)
    return None
