"""Documents that are landed but in no release yet, by the periods that they touch.

Put here: that difference. Keep out: launching runs (``sensors``).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.landing.work_file import landed_files


def pending_documents(landing: Path, release: Path | None) -> dict[str, list[str]]:
    """For each period, the hashes of its documents that the release (its folder) does not know, sorted.

    A document that could not be read counts for the period in its name; without one it waits for any run.
    """
    rows, documents = landed_files(landing, "rows"), landed_files(landing, "documents")
    if not rows:
        return {}
    known = "select sha256, period from read_parquet($known)" if release else "select '', ''"
    found = duckdb.execute(
        f"""
        with landed as (
            select distinct sha256, period_key as period
            from read_parquet($rows)
            where period_key is not null
            union
            select sha256, nullif(regexp_extract(name, '(\\d{{4}}-Q[1-4])[^/]*$', 1), '') as period
            from read_parquet($documents)
            where reject_rule is not null
        )
        select period, list(sha256 order by sha256)
        from landed
        where period is not null and (sha256, period) not in ({known})
        group by period
        order by period
        """,
        {
            "rows": rows,
            "documents": documents,
            **({"known": str(release / "mart_document.parquet")} if release else {}),
        },
    )
    return dict(found.fetchall())
