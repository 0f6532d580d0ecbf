"""The candidate: the tables that a run would publish, as files, before the gate has judged them.

The gate judges these files and publishing takes these files, so the verdict is bound to their hashes.

Put here: the work file's marts to Parquet. Keep out: the release they may become part of (``release``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from expectations.sums import BASES, MONEY, PEOPLE, summed
from pipelines.errors import RejectedError
from pipelines.messages import say
from pipelines.provenance.documents import digests_query
from pipelines.registry.columns import file_words
from pipelines.storage.checked_files import sha256_of
from pipelines.warehouse.manifest import marts
from pipelines.warehouse.parquet import connect, quoted, write_table

LANDED_COUNTS = "landed_counts"
"""Rows landed per document and period, for the gate alone: nothing received may get lost on the way."""

NATIONAL_BASES = "national_bases"
"""What the national scores are compared with, for the gate alone: as published for the period, and of the
four quarters before it (from this run where it builds them, else as published)."""

_NUMBERED = """numbered as (
        select period, row_number() over (order by period) as number from work.registry.periods
    )"""
# a period of the run with itself as published, and with the four quarters before it
_WITH_THEIR_BASES = """from work.raw.run_periods as run
    inner join numbered as own on run.period = own.period
    inner join numbered as before on before.number between own.number - 4 and own.number
    inner join compared
        on before.period = compared.period
        and compared.is_same_period = (before.period = run.period)"""

_NATIONAL_BASES = f"""
    with {_NUMBERED},
    compared as (
        select true as is_same_period, * from work.published.mart_national_score
        union all by name
        select false as is_same_period, * from work.published.mart_national_score
        where period not in (select period from work.raw.run_periods)
        union all by name
        select false as is_same_period, * from work.marts.mart_national_score
    )
    select
        run.period,
        compared.scope,
        compared.period as base_period,
        compared.index,
        compared.regions_with_index,
        (select max(received_at) from work.staging.stg_landing__documents) as known_until
    {_WITH_THEIR_BASES}
"""


_SUMS = " union all ".join(
    f"select {same} as is_same_period, * from ({summed(rows, f'work.{schema}.{table}')}) {where}"
    for rows, table in ((PEOPLE, "fct_indicator"), (MONEY, "mart_budget"))
    for same, schema, where in (
        ("true", "published", ""),
        ("false", "published", "where period not in (select period from work.raw.run_periods)"),
        ("false", "marts", ""),
    )
)
_SUM_BASES = f"""
    with {_NUMBERED},
    compared as ({_SUMS})
    select
        run.period, compared.measure, compared.topic, compared.period as base_period,
        compared.regions, compared.whole, compared.part
    {_WITH_THEIR_BASES}
"""
"""The same of the national sums of people and money (``expectations.sums``)."""


REPORTER_BASES = "reporter_bases"
"""Which regions reported for the four quarters before (from this run where it builds them, else as published)
and still owe a report, for the gate alone. Figures of the press are no report."""

_REPORTER_BASES = f"""
    with {_NUMBERED},
    reported as (
        select * from work.published.mart_compliance
        where period not in (select period from work.raw.run_periods)
        union all by name
        select * from work.marts.mart_compliance
    )
    select run.period, reported.period as base_period, reported.current_region_code as region_code
    from work.raw.run_periods as run
    inner join numbered as own on run.period = own.period
    inner join numbered as before on before.number between own.number - 4 and own.number - 1
    inner join reported on before.period = reported.period
    where reported.timeliness in ('on_time', 'late')
"""


RECEIVED_FILES = "received_files"
"""As how many files each document came, for the gate alone: the same bytes are one document."""


class NoCandidateError(RejectedError):
    """The run has no candidate tables: its marts were not built."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The candidate in ``folder``: its periods, the release it was built beside (or none), its tables.

    ``batches`` are the receipt batches that its build knew, ``documents`` a hash of them for each period.
    ``is_demo``: a document that its build knew is made up, or the release beside it is of such ones. All that
    leaves says what this says.
    """

    folder: Path
    periods: Sequence[str]
    base_release: str | None
    tables: Sequence[str]
    batches: Sequence[str] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    is_demo: bool = False

    def file(self, table: str) -> Path:
        """The Parquet file of a table."""
        return self.folder / f"{table}.parquet"

    def hashes(self) -> dict[str, str]:
        """The sha256 of each table's file, as the files are now."""
        return {table: sha256_of(self.file(table)) for table in self.tables if self.file(table).exists()}


def write_candidate(
    work_file: Path,
    folder: Path,
    periods: Sequence[str],
    base_release: str | None,
    threads: int,
    memory_limit: str,
    *,
    is_base_demo: bool = False,
) -> Candidate:
    """Write every mart of the work file to ``folder``, replacing what is there.

    ``is_base_demo``: the release it was built beside is one of made-up data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with connect(threads, memory_limit, folder) as connection:
        connection.execute(f"attach {quoted(work_file)} as work (read_only)")
        known = connection.execute("select batch from work.raw.run_batches order by batch").fetchall()
        documents = connection.execute(digests_query("work.raw.rows", "work.raw.documents")).fetchall()
        batches = tuple(batch for (batch,) in known)
        made_up = connection.execute("select 1 from work.raw.documents where is_demo limit 1").fetchall()
        is_demo = is_base_demo or bool(made_up)
        candidate = Candidate(
            folder, tuple(periods), base_release, tuple(marts()), batches, dict(sorted(documents)), is_demo
        )
        for card in marts().values():
            words = file_words(card.name, card.columns, card.comment, is_demo)
            query = f"select * from work.marts.{card.name}"
            write_table(connection, query, list(card.columns), candidate.file(card.name), words)
        write_table(
            connection,
            "select left(landed.sha256, 12) as document_id, landed.period_key as period,"
            " count(*) as row_count from work.raw.rows as landed"
            " inner join work.staging.stg_landing__documents as documents"
            " on landed.sha256 = documents.sha256 and landed.source = documents.source"
            " and landed.reading_id = documents.reading_id"
            " where landed.period_key is null"
            " or landed.period_key in (select period from work.raw.run_periods) group by all",
            ["document_id", "period", "row_count"],
            candidate.file(LANDED_COUNTS),
        )
        write_table(
            connection,
            _NATIONAL_BASES,
            ["period", "scope", "base_period", "index", "regions_with_index", "known_until"],
            candidate.file(NATIONAL_BASES),
        )
        write_table(
            connection,
            _SUM_BASES,
            ["period", "measure", "topic", "base_period", "regions", "whole", "part"],
            candidate.file(BASES),
        )
        write_table(
            connection,
            _REPORTER_BASES,
            ["period", "base_period", "region_code"],
            candidate.file(REPORTER_BASES),
        )
        write_table(
            connection,
            "select document_id, count(distinct concat_ws('/', source, folder, name))::int as files"
            " from work.staging.stg_landing__receipts group by document_id",
            ["document_id", "files"],
            candidate.file(RECEIVED_FILES),
        )
    named = {name: value for name, value in asdict(candidate).items() if name != "folder"}
    (folder / "candidate.json").write_text(json.dumps(named, indent=1))
    return candidate


def read_candidate(folder: Path) -> Candidate:
    """The candidate that ``write_candidate`` left in ``folder``.

    Raises:
        NoCandidateError: the run wrote no candidate tables.
    """
    if not (folder / "candidate.json").exists():
        raise NoCandidateError(say("candidate.missing"))
    named = json.loads((folder / "candidate.json").read_text())
    return Candidate(
        folder,
        tuple(named["periods"]),
        named["base_release"],
        tuple(named["tables"]),
        tuple(named["batches"]),
        named["documents"],
        named["is_demo"],
    )
