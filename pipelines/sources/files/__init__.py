"""Documents in files: a folder, a bucket, an SFTP or web server (docs/runbooks/file-sources.md)."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.registry.periods import Period
from pipelines.sources.files.spec import FileSource
from pipelines.sources.source import Found, SourceKind, Terms


def _extract(spec: FileSource, period: Period | None, terms: Terms) -> Iterable[Found]:
    from pipelines.sources.files.fetching import extract

    return extract(spec, period, terms)


CSV, WORKBOOK = (
    SourceKind(
        name=name,
        keys=FileSource,
        documents=name,
        extract=_extract,
        is_watched=True,
        dagster_kind=dagster_kind,
    )
    for name, dagster_kind in (("csv", "csv"), ("workbook", "excel"))
)
