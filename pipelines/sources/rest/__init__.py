"""Rows of an API that speaks JSON (docs/runbooks/rest-source.md)."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.registry.periods import Period
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import Found, SourceKind, Terms


def _extract(spec: RestSource, period: Period | None, terms: Terms) -> Iterable[Found]:
    from pipelines.sources.rest.connector import extract

    return extract(spec, period, terms.limits)


KIND = SourceKind(
    name="rest",
    keys=RestSource,
    documents="extract",
    extract=_extract,
    is_watched=False,
    dagster_kind="api",
)
