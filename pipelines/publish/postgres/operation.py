"""The ledger of runs in the database: ``spm_operation.run``, beside the published tables and none of them.

It is of no release, so it stands in a schema of its own, which no load touches. The reader sees how runs
ended and what they published; who ran them, what failed and which sources were incomplete is for those who
read the words of senders.

Put here: that table, who reads it. Keep out: the ledger itself (``build.ledger``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.messages import say
from pipelines.publish.postgres.access import Access
from pipelines.publish.postgres.session import Session, identifier, literal

SCHEMA = "spm_operation"
TABLE = f"{SCHEMA}.run"
_LOCK = 5_907_420_116
COLUMNS = {
    "run_id": "text primary key",
    "environment": "text",
    "door": "text not null",
    "account": "text",
    "periods": "jsonb not null",
    "started_at": "timestamp with time zone not null",
    "ended_at": "timestamp with time zone",
    "ended": "text not null",
    "seconds": "numeric(18,3)",
    "follows": "text",
    "release_id": "text",
    "published": "jsonb not null",
    "closed": "jsonb not null",
    "incomplete": "jsonb not null",
    "database_failed": "boolean not null",
    "error": "text",
    "stages": "jsonb not null",
}
OF_WHO_READS_WORDS = frozenset({"account", "error", "incomplete"})
"""Columns that may name a person, a file or a source."""


def bring_runs(session: Session, access: Access, runs: Sequence[Mapping[str, Any]]) -> int:
    """Bring the table to ``runs``, by column; how many rows were written. Runs that are not among them stay.

    Raises:
        PostgresFailed: nothing was written.
    """
    with session.transaction():
        session.run([f"perform pg_catalog.pg_advisory_xact_lock({_LOCK})", *_table(session)])
        session.run(list(_grants(session, access)))
        held = dict(session.rows(f"select run_id, ended from {TABLE}"))
        owed = [run for run in runs if held.get(run["run_id"]) != run["ended"]]
        if owed:
            session.run([_upsert(owed)])
    return len(owed)


def _table(session: Session) -> Iterator[str]:
    # asked first: who may not make a schema may still write into one that is there
    if not session.rows(f"select 1 from pg_catalog.pg_namespace where nspname = '{SCHEMA}'"):
        yield f"create schema {SCHEMA}"
    if not session.rows(f"select 1 where to_regclass('{TABLE}') is not null"):
        listed = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        yield f"create table {TABLE} ({listed})"
        yield f"comment on table {TABLE} is {literal(say('operation.table'))}"


def _grants(session: Session, access: Access) -> Iterator[str]:
    open_columns = ", ".join(name for name in COLUMNS if name not in OF_WHO_READS_WORDS)
    for name, what in ((access.reader, f"select ({open_columns})"), (access.text_reader, "select")):
        is_there = f"select 1 from pg_catalog.pg_roles where rolname = {literal(name)}"
        may = f"has_any_column_privilege(oid, '{TABLE}'::regclass, 'select')"
        if session.rows(is_there) and not session.rows(f"{is_there} and {may}"):
            yield f"grant usage on schema {SCHEMA} to {identifier(name)}"
            yield f"grant {what} on {TABLE} to {identifier(name)}"


def _upsert(runs: Sequence[Mapping[str, Any]]) -> str:
    rows = [{name: run[name] for name in COLUMNS} for run in runs]
    shapes = ", ".join(
        f"{name} {kind.removesuffix(' primary key').removesuffix(' not null')}"
        for name, kind in COLUMNS.items()
    )
    changed = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "run_id")
    text = json.dumps(rows, ensure_ascii=False, default=str).replace("\\u0000", "\N{REPLACEMENT CHARACTER}")
    return (
        f"insert into {TABLE} select * from jsonb_to_recordset({literal(text)}::jsonb) as run ({shapes})"
        f" on conflict (run_id) do update set {changed}"
    )
