"""Which documents each period is made of, as one hash: another hash means that something came.

Put here: that query, over what is landed or over a work file. Keep out: what follows from it
(``build.plan``).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.warehouse.parquet import read_all
from pipelines.warehouse.work_file import landed_files


def digests_query(rows: str, documents: str) -> str:
    """SQL giving ``period, digest`` over two relations of landed rows and documents.

    A document counts with the way it was read, and once more each time that it was sent again. One that
    could not be read counts for the period that it names, itself or in its name; without one it waits for
    any run.
    """
    return f"""
        select period, sha256(string_agg(document, ' ' order by document)) as digest
        from (
            select distinct
                landed.period_key as period,
                landed.sha256 || '/' || landed.source || '/' || landed.reading_id
                || case when documents.is_again then '/' || intake || concat('/', stored_at)
                    else '' end as document
            from {rows} as landed
            inner join {documents} as documents
                on landed.sha256 = documents.sha256
                and landed.source = documents.source
                and landed.reading_id = documents.reading_id
            where landed.period_key is not null
            union
            select
                coalesce(
                    reject_period, nullif(regexp_extract(name, '(\\d{{4}}-Q[1-4])[^/]*$', 1), '')
                ) as period,
                sha256 || '/' || source || '/' || reading_id as document
            from {documents}
            where reject_rule is not null
        )
        where period is not null
        group by period
    """


def landed_digests(landing: Path) -> dict[str, str]:
    """The digest of each period over everything that is landed."""
    rows, documents = landed_files(landing, "rows"), landed_files(landing, "documents")
    if not rows:
        return {}
    found = duckdb.execute(digests_query(read_all(rows), read_all(documents)))
    return dict(sorted(found.fetchall()))
