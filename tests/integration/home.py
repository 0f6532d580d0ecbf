"""A home for the pipeline in a test: rows and documents in, a build or a whole run, tables out.

Models are built as dbt compiled them, without dbt (``warehouse.compiled``); ``test_dbt_unit_tests`` proves
that dbt makes the same tables of them.

Put here: running the pipeline on made-up input. Keep out: what should come of it (the tests say).
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.build import steps
from pipelines.publish.release import Published
from pipelines.settings import DBT_DIR, Settings
from pipelines.sources.config import load_sources
from pipelines.submissions.rows import COLUMNS
from pipelines.warehouse import compiled, dbt, registry_file

SEEDS = DBT_DIR / "seeds"
NOW = datetime(2025, 6, 1, 3, tzinfo=UTC)
RECEIVED = datetime(2025, 1, 10, 3, tzinfo=UTC)
"""When the made-up documents arrived, unless a test says otherwise."""

Row = dict[str, Any]


def document(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows as a document in our own CSV shape; absent columns are empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def put(path: Path, content: bytes, received: datetime = RECEIVED) -> None:
    """Lay a document into an inbox; the time of the file is its time of receipt."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (received.timestamp(), received.timestamp()))


def settings_of(folder: Path, *, threads: int = 2, workers: int = 1) -> Settings:
    """Settings of ``folder/home``, with the CSV files anywhere below ``folder/inbox`` as the one source."""
    sources = folder / "sources.yaml"
    sources.write_text("sources:\n- name: inbox\n  kind: csv\n  path: inbox/**/*.csv\n", encoding="utf-8")
    return Settings(folder / "home", sources, threads=threads, workers=workers, now=NOW)


def with_registry(
    monkeypatch: pytest.MonkeyPatch, folder: Path, change: Callable[[duckdb.DuckDBPyConnection], None]
) -> None:
    """Every work file of the test starts from a copy of the registry that ``change`` was made to."""
    changed = folder / "registry" / dbt.WORK_FILE_NAME
    changed.parent.mkdir()
    shutil.copyfile(registry_file.ensure(2, "1GB"), changed)
    with duckdb.connect(str(changed)) as connection:
        change(connection)
    monkeypatch.setattr(registry_file, "ensure", lambda *_: changed)


def build_marts(
    folder: Path,
    rows: Sequence[Mapping[str, str]],
    change_registry: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
    *,
    models: Sequence[str] = (),
) -> Path:
    """Take ``rows`` in as one document and build ``models`` with all above them, or every model.

    Returns the work file. ``change_registry`` may change the seeds of this one build before models read them.
    """
    settings = settings_of(folder)
    put(folder / "inbox" / "rows.csv", document(rows))
    periods = sorted({row["period"] for row in rows})
    take_in(settings, periods)
    return build_periods(settings, periods, change_registry, models=models)


def build_periods(
    settings: Settings,
    periods: Sequence[str],
    change_registry: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
    *,
    models: Sequence[str] = (),
) -> Path:
    """Build ``periods`` from what was taken in; the other arguments are those of ``build_marts``."""
    work_file = settings.work / "test" / dbt.WORK_FILE_NAME
    steps.make_work(settings, work_file, periods)
    if change_registry is not None:
        with duckdb.connect(str(work_file)) as connection:
            change_registry(connection)
    run_models(settings, work_file, models)
    return work_file


def publish_periods(
    settings: Settings,
    periods: Sequence[str],
    change_registry: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
) -> Published:
    """A whole run without Dagster around it: the steps of its assets, in their order.

    Dagster's event log is most of the time of a small run; ``test_cases`` goes through it once.
    """
    take_in(settings, periods)
    chosen = steps.received_of(settings, periods)
    work_file = build_periods(settings, chosen, change_registry)
    candidate = steps.make_candidate(settings, work_file, work_file.parent / "candidate", chosen)
    return steps.publish_candidate(settings, candidate, steps.judge(candidate))


def take_in(settings: Settings, periods: Sequence[str]) -> None:
    """Receive and land what each source holds for ``periods``."""
    assert settings.sources_file is not None
    for spec in load_sources(settings.sources_file):
        steps.take_in(settings, spec, periods)


def run_models(settings: Settings, work_file: Path, models: Sequence[str] = ()) -> None:
    """Build ``models`` with all above them, or every model, and ask every data test of what was built."""
    project = compiled.project(settings.threads, settings.memory_limit)
    chosen = project.models_of(models)
    compiled.build(work_file, chosen, settings.threads, settings.memory_limit)
    tests = project.tests_of(chosen)
    assert compiled.failing_tests(work_file, tests, settings.threads, settings.memory_limit) == {}


def query(sql: str, work_file: Path | None = None, **parameters: object) -> list[Row]:
    """The rows of a query as dictionaries, asked of a work file or of nothing but the files it names."""
    with duckdb.connect(str(work_file or ":memory:"), read_only=work_file is not None) as connection:
        found = connection.execute(sql, parameters or None)
        names = [column[0] for column in found.description]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def published(settings: Settings, table: str) -> list[Row]:
    """The rows of a table of the current release."""
    path = settings.published / "current" / f"{table}.parquet"
    return query("select * from read_parquet($path)", path=str(path))
