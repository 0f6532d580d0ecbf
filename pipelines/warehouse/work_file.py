"""The work file: the DuckDB file of one run, with what dbt starts from and, later, what it made.

Put here: the views and tables of the dbt sources ``raw`` and ``published``.
Keep out: SQL that decides anything (``dbt_project``).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.landing.batch_hashes import demand_as_landed
from pipelines.landing.landed_rows import DOCUMENT_SCHEMA, LANDED_SCHEMA, folder
from pipelines.registry.periods import Period
from pipelines.warehouse import home_rows
from pipelines.warehouse.manifest import published_inputs
from pipelines.warehouse.parquet import as_pattern, columns_of, read, read_all
from pipelines.warehouse.personal_rows import make_documents, make_rows


@dataclass(frozen=True, slots=True)
class RunContext:
    """The release before, and the periods of it that another registry or another code made."""

    release_before: str | None = None
    new_registry_periods: Sequence[str] = ()
    new_code_periods: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a build may know: documents of the receipt ``batches``, received until ``known_by``.

    None means all of them.
    """

    batches: frozenset[str] | None = None
    known_by: datetime | None = None


EVERYTHING = Knowledge()
_SCHEMAS = {"rows": LANDED_SCHEMA, "documents": DOCUMENT_SCHEMA}


def received_periods(landing: Path) -> set[str]:
    """The periods for which at least one row was ever landed, readable or not."""
    files = landed_files(landing, "rows")
    if not files:
        return set()
    found = duckdb.sql(f"select distinct period_key from {read_all(files)} where period_key is not null")
    return {period for (period,) in found.fetchall()}


def landed_counts(landing: Path, source: str) -> dict[str, int]:
    """How many documents, rows and rejected documents of ``source`` are landed."""
    files = landed_files(landing, "documents")
    if not files:
        return {"documents": 0, "rows": 0, "rejects": 0}
    found = duckdb.execute(
        "select count(*), coalesce(sum(row_count), 0)::bigint, count(reject_rule)"
        f" from {read_all(files)} where source = $source",
        {"source": source},
    ).fetchall()
    return dict(zip(("documents", "rows", "rejects"), found[0], strict=True))


def make_work_file(
    path: Path,
    registry: Path,
    landing: Path,
    periods: Sequence[str],
    release: Path | None,
    context: RunContext = RunContext(),
    knowledge: Knowledge = EVERYTHING,
    what_if: str | None = None,
    now: datetime | None = None,
) -> None:
    """Make the work file of a run over ``periods``.

    ``registry`` is the file that holds the seeds; the work file starts as its copy, with the rows of the home
    in use and the quarters that the run needs laid over them.
    ``release`` is the folder of the current release; in a first run its tables are empty, and a column that
    it did not have is null. Rows and documents are without personal data (``personal_rows``). ``context`` is
    what the ledger of restatements explains changes by. ``what_if`` is the method that scores the periods
    instead of their own, in a run that is never published. Up to ``now``, or to ``known_by``, the tables
    know: a window that has not closed by then is open.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(registry, path)
    with duckdb.connect(str(path)) as connection:
        home_rows.lay_over(connection, _last_year(connection, periods, release))
        connection.execute("create schema raw")
        connection.execute("create schema published")
        batches = knowledge.batches
        connection.execute("create table raw.run_batches (batch varchar not null)")
        seen = [[Path(file).name.split(".")[0]] for file in landed_files(landing, "documents", batches)]
        if seen:
            connection.executemany("insert into raw.run_batches values (?)", seen)
        connection.execute("create table raw.run_periods (period varchar not null, what_if_method varchar)")
        # none where no row has a period that can be read: what is wrong with it is found all the same
        if periods:
            connection.executemany(
                "insert into raw.run_periods values (?, ?)", [[period, what_if] for period in periods]
            )
        known = "true"
        if knowledge.known_by is not None:
            # rows of other documents find no document, and are left out with it
            known = f"received_at <= timestamptz '{knowledge.known_by.isoformat()}'"
        make_rows(connection, _landed(connection, "rows", landing, batches))
        make_documents(connection, _landed(connection, "documents", landing, batches), known)
        for card in published_inputs().values():
            _published_view(connection, card.name, release, card.columns)
        _context_table(connection, context, release, knowledge.known_by or now)


def _last_year(connection: duckdb.DuckDBPyConnection, periods: Sequence[str], release: Path | None) -> int:
    """The last year of the run, and of the release that it stands on."""
    last = max((Period.parse(period).year for period in periods), default=0)
    file = release / "dim_period.parquet" if release else None
    if file is None or not file.exists():
        return last
    [(before,)] = connection.execute(f"select max(year) from {read(file)}").fetchall()
    return max(last, before or 0)


def received_counts(work_file: Path) -> dict[str, int]:
    """How many ``rows`` of the run's periods and how many ``documents`` its models start from."""
    with duckdb.connect(str(work_file), read_only=True) as connection:
        found = connection.execute(
            "select (select count(*) from raw.rows where period_key in (select period from raw.run_periods)),"
            " (select count(*) from raw.documents)"
        ).fetchall()
    return dict(zip(("rows", "documents"), found[0], strict=True))


def landed_files(landing: Path, kind: str, batches: frozenset[str] | None = None) -> list[str]:
    """The Parquet files of ``batches`` (none: of all), of one kind: ``rows`` or ``documents``.

    Each as the pattern that ``read_parquet`` takes (``as_pattern``).

    Raises:
        DamagedBatchError: one of them is not as it was landed.
    """
    found = sorted(folder(landing).glob(f"*.{kind}.parquet"))
    chosen = [path for path in found if batches is None or path.name.split(".")[0] in batches]
    demand_as_landed(chosen)
    return [as_pattern(path) for path in chosen]


def _landed(
    connection: duckdb.DuckDBPyConnection, kind: str, landing: Path, batches: frozenset[str] | None
) -> str:
    """The relation of what is landed, of one kind; an empty table where nothing is."""
    if files := landed_files(landing, kind, batches):
        return read_all(files)
    empty = _SCHEMAS[kind].empty_table()
    connection.register("empty", empty)
    connection.execute(f"create table raw.no_{kind} as select * from empty")
    connection.unregister("empty")
    return f"raw.no_{kind}"


def _published_view(
    connection: duckdb.DuckDBPyConnection, table: str, release: Path | None, columns: Mapping[str, str]
) -> None:
    file = release / f"{table}.parquet" if release else None
    if file is None or not file.exists():
        listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"create table published.{table} ({listed})")
        return
    there = columns_of(connection, file)
    listed = ", ".join(
        f'"{name}"' if name in there else f'null::{kind} as "{name}"' for name, kind in columns.items()
    )
    connection.execute(f"create view published.{table} as select {listed} from {read(file)}")


def _context_table(
    connection: duckdb.DuckDBPyConnection,
    context: RunContext,
    release: Path | None,
    known_until: datetime | None,
) -> None:
    there = [
        f"{table}.{column}"
        for table in published_inputs()
        if release is not None and (release / f"{table}.parquet").exists()
        for column in columns_of(connection, release / f"{table}.parquet")
    ]
    connection.execute(
        "create table raw.run_context (release_before varchar, new_registry_periods varchar[],"
        " new_code_periods varchar[], columns_before varchar[], known_until timestamptz)"
    )
    listed = [list(context.new_registry_periods), list(context.new_code_periods), there]
    connection.execute(
        "insert into raw.run_context values (?, ?, ?, ?, ?)", [context.release_before, *listed, known_until]
    )
