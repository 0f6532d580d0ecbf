"""Documents of quarters that no release has: received, and run for nobody yet.

Their senders are told that they came. What is wrong with them is known when their quarter is run.

Put here: whose they are. Keep out: what a release has of a region (``received``), showing it (``feedback``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

import duckdb

from pipelines.registry.periods import Period
from pipelines.registry.personal_data import masked
from pipelines.registry.regions import all_states, state_on
from pipelines.reports.received import Document
from pipelines.settings import Settings
from pipelines.warehouse.region_names import CODE, AmbiguousRegionError, RegionNotFoundError, find
from pipelines.warehouse.release_tables import rows_of
from pipelines.warehouse.unread import DOCUMENTS
from pipelines.warehouse.work_file import landed_files

_NAMED_CODE = re.compile(r"([0-9]{2}(?:\.?[0-9]{2})?)[^0-9A-Za-z]+[A-Za-z].*")
"""A code with a name behind it, which is compared with it when the quarter is run."""

_WAITING = f"""
with {DOCUMENTS}
select
    documents.sha256,
    documents.source,
    documents.name,
    epoch_us(min(documents.received_at)) as received_us,
    documents.region_codes,
    trim(landed.region) as region_text,
    landed.period_key as period,
    count(*)::int as row_count
from read_parquet($rows, hive_partitioning = false) as landed
inner join documents
    on landed.sha256 = documents.sha256
    and landed.source = documents.source
    and landed.reading_id = documents.reading_id
where landed.period_key is not null and not list_contains($published, landed.period_key)
group by all
order by received_us desc, documents.name, period
"""


def waiting_documents(settings: Settings, published: Sequence[str]) -> dict[str, list[Document]]:
    """The documents of quarters that are not ``published``, by the region that they name."""
    rows, documents = landed_files(settings.landing, "rows"), landed_files(settings.landing, "documents")
    if not rows or not documents:
        return {}
    with duckdb.connect() as connection:
        found = rows_of(connection, _WAITING, rows=rows, documents=documents, published=list(published))
    by_region: dict[str, list[Document]] = defaultdict(list)
    for row in found:
        region_code = _region(row["region_text"] or "", row["region_codes"], row["period"])
        if region_code is None:
            continue
        by_region[region_code].append(
            Document(
                document_id=row["sha256"][:12],
                sha256=row["sha256"],
                source=row["source"],
                name=masked(row["name"]).text,
                received_at=datetime.fromtimestamp(row["received_us"] / 1_000_000, tz=UTC),
                regions=1,
                is_published_index=False,
                reject_rule=None,
                rows_received=row["row_count"],
                rows_accepted=0,
                rows_superseded=0,
                rows_quarantined=0,
                waits_for=row["period"],
            )
        )
    return by_region


@lru_cache(maxsize=4096)
def _region(text: str, region_codes: str, period: str) -> str | None:
    """The code of the region that a text means; none where it means none, or several."""
    day = Period.parse(period).ends_on
    if region_codes == "bps" and CODE.fullmatch(text):
        digits = text.replace(".", "")
        codes = {state.region_code for state in all_states() if state.bps_code == digits}
        states = {state.region_code for code in codes if (state := state_on(code, day))}
        return states.pop() if len(states) == 1 else None
    try:
        return find(text, day).region_code
    except (AmbiguousRegionError, RegionNotFoundError):
        named = _NAMED_CODE.fullmatch(text)
        return _region(named[1], region_codes, period) if named else None
