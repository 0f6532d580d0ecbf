"""Rows of a query on a database (docs/runbooks/sql-source.md)."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.registry.periods import Period
from pipelines.sources.source import Found, SourceKind, Terms
from pipelines.sources.sql.spec import SqlSource


def _extract(spec: SqlSource, period: Period | None, _: Terms) -> Iterable[Found]:
    from pipelines.sources.sql.connector import extract

    return extract(spec, period)


KIND = SourceKind(
    name="sql",
    keys=SqlSource,
    documents="extract",
    extract=_extract,
    is_watched=False,
    dagster_kind="sql",
)
