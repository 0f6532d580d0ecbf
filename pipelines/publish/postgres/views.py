"""The views of schema ``bi`` in PostgreSQL: made once, and again where they are to be others.

They show what who asks may see (``security_invoker``): rows by province and columns without a grant hold
through them. A view with words of senders is for those alone who read such words.

Making a view locks its readers out for a moment, so it is done after a load and not in it. What people built
on the views stays: a view is replaced where it is, and only one that cannot be is dropped and made anew,
unless something hangs on it.

Put here: statements. Keep out: the views (``warehouse.views``), when they are run (``load``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pipelines.messages import say
from pipelines.publish.postgres.access import Access
from pipelines.publish.postgres.session import Session, identifier, literal
from pipelines.registry.columns import column_comment, table_comment
from pipelines.warehouse.views import SCHEMA, View, digest, views_over


def are_made(session: Session, tables: Collection[str], is_demo: bool) -> bool:
    """Whether the database has the views that belong on ``tables``, as this code makes them."""
    held = {name for (name,) in session.rows(_VIEWS)}
    if not {view.name for view in views_over(tables)} <= held:
        return False
    said = session.rows(
        f"select obj_description(oid, 'pg_namespace') from pg_catalog.pg_namespace where nspname = '{SCHEMA}'"
    )
    return said == [(_comment(tables, is_demo),)]


def statements(session: Session, tables: Collection[str], anew: bool) -> Iterator[str]:
    """What makes the views on ``tables``; ``anew``: drops those that there are before."""
    chosen = views_over(tables)
    if not session.rows(f"select 1 from pg_catalog.pg_namespace where nspname = '{SCHEMA}'"):
        yield f"create schema {SCHEMA}"
    if anew:
        held = {name for (name,) in session.rows(_VIEWS)}
        for view in reversed(chosen):
            if view.name in held:
                yield f"drop view {_place(view)}"
    for view in chosen:
        yield f"create or replace view {_place(view)} with (security_invoker = true) as {view.sql}"


def words(session: Session, tables: Collection[str], is_demo: bool) -> Iterator[str]:
    """What they are, said on each view and column, once they are made; and on the schema, last of all."""
    columns: dict[str, list[str]] = {}
    for view, column in session.rows(_COLUMNS):
        columns.setdefault(view, []).append(column)
    for view in views_over(tables):
        yield f"comment on view {_place(view)} is {literal(table_comment(view.comment, is_demo))}"
        for column in columns[view.name]:
            said = literal(column_comment(view.name, column))
            yield f"comment on column {_place(view)}.{identifier(column)} is {said}"
    yield f"comment on schema {SCHEMA} is {literal(_comment(tables, is_demo))}"


def grants(session: Session, access: Access, tables: Collection[str]) -> Iterator[str]:
    """What lets the readers read the views that are made, where they may not yet."""
    for name, reads_texts in ((access.reader, False), (access.text_reader, True)):
        is_there = f"select 1 from pg_catalog.pg_roles where rolname = {literal(name)}"
        if not session.rows(is_there):
            continue
        if not session.rows(f"{is_there} and has_schema_privilege(oid, '{SCHEMA}', 'usage')"):
            yield f"grant usage on schema {SCHEMA} to {identifier(name)}"
        may = {
            view
            for (view,) in session.rows(f"{_VIEWS} and has_table_privilege({literal(name)}, c.oid, 'select')")
        }
        for view in views_over(tables):
            if view.name not in may and (reads_texts or not view.with_texts):
                yield f"grant select on {_place(view)} to {identifier(name)}"


_VIEWS = (
    "select c.relname::text from pg_catalog.pg_class as c"
    " inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace"
    f" where n.nspname = '{SCHEMA}' and c.relkind = 'v'"
)
_COLUMNS = (
    "select c.relname::text, a.attname::text from pg_catalog.pg_class as c"
    " inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace"
    " inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid"
    f" where n.nspname = '{SCHEMA}' and c.relkind = 'v' and a.attnum > 0 order by 1, a.attnum"
)


def _place(view: View) -> str:
    return f"{SCHEMA}.{identifier(view.name)}"


def _comment(tables: Collection[str], is_demo: bool) -> str:
    """What stands on the schema; its number tells which views these are."""
    return table_comment(say("postgres.views_comment", at=digest(views_over(tables))), is_demo)
