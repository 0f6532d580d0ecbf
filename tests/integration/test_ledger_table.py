"""The ledger is a table of the database of releases, each run once, and who may read what of it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from pipelines.build import ledger
from pipelines.build.ledger_table import bring_ledger
from pipelines.build.record import RunRecord
from pipelines.publish.postgres.operation import COLUMNS, OF_WHO_READS_WORDS
from pipelines.publish.postgres.session import PostgresFailed
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.settings import Settings
from tests.integration.loads import plain

PERIODS = ["2024-Q3", "2024-Q4"]


@pytest.fixture
def settings(tmp_path: Path, database: URL, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SPM_POSTGRES_URL", plain(database))
    roles = f"pembaca_{database.database}", f"pembaca_kata_{database.database}"
    with psycopg.connect(plain(database), autocommit=True) as owner:
        for role in roles:
            owner.execute(f"create role {role} nologin")
    return Settings(tmp_path, environment="staging", postgres_reader=roles[0], postgres_text_reader=roles[1])


@pytest.fixture(autouse=True)
def _without_roles(settings: Settings, postgres: URL, database: URL) -> object:
    yield
    with psycopg.connect(plain(database), autocommit=True) as owner:
        for role in (settings.postgres_reader, settings.postgres_text_reader):
            owner.execute(f"drop owned by {role}")
            owner.execute(f"drop role {role}")


def ended(settings: Settings, run_id: str, error: str | None = None) -> ledger.RunEntry:
    entry = ledger.begin(settings, run_id, "sensor", 1, PERIODS, None)
    verdict = PeriodVerdict("2024-Q4", [Verdict("CO-005", "mart_compliance", "fatal", "fail")], {})
    stages = [ledger.Stage("registry", "success", 1.25)]
    return ledger.end(settings, entry, RunRecord(verdicts=[verdict]), stages, error)


def rows(database: URL, query: str, role: str | None = None) -> list[tuple[object, ...]]:
    with psycopg.connect(plain(database)) as connection:
        if role:
            connection.execute(f"set role {role}")
        return connection.execute(query).fetchall()


@pytest.mark.attack("database")
def test_each_run_is_a_row_as_the_ledger_has_it_once(settings: Settings, database: URL) -> None:
    found = ended(settings, "a" * 36, error="it's 'quoted' \\ $spm_run$; drop schema marts; --\0 é")
    running = ledger.begin(settings, "b" * 36, "UI", 1, PERIODS, None)
    assert bring_ledger(settings) == 2
    # one that still runs is asked again, one that is over is not
    assert bring_ledger(settings) == 0
    ledger.end(settings, running, RunRecord(release_id="r0001-x", is_new=True, published=PERIODS), [], None)
    assert bring_ledger(settings) == 1
    held = rows(
        database,
        "select run_id, environment, door, account, periods, started_at, ended_at, ended, seconds::float,"
        " release_id, published, closed, error, stages from spm_operation.run order by run_id",
    )
    (first, second) = held
    error = found.error.replace("\0", "\N{REPLACEMENT CHARACTER}") if found.error else None
    assert first == (
        found.run_id,
        "staging",
        "sensor",
        found.account,
        PERIODS,
        found.started_at,
        found.ended_at,
        "gate closed",
        pytest.approx(found.seconds, abs=0.001),
        None,
        [],
        {"2024-Q4": ["CO-005"]},
        error,
        [{"name": "registry", "status": "success", "seconds": 1.25}],
    )
    assert (second[7], second[9], second[10]) == ("published", "r0001-x", PERIODS)


def test_the_reader_sees_how_runs_ended_and_no_words(settings: Settings, database: URL) -> None:
    ended(settings, "a" * 36, error="laporan-Siti.xlsx")
    bring_ledger(settings)
    listed = ", ".join(name for name in COLUMNS if name not in OF_WHO_READS_WORDS)
    reader, text_reader = settings.postgres_reader, settings.postgres_text_reader
    assert len(rows(database, f"select {listed} from spm_operation.run", reader)) == 1
    for column in [*OF_WHO_READS_WORDS, "*"]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(database, f"select {column} from spm_operation.run", reader)
    assert rows(database, "select error from spm_operation.run", text_reader) == [("laporan-Siti.xlsx",)]
    for role in (reader, text_reader):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(database, "delete from spm_operation.run returning 1", role)


def test_a_database_that_is_away_is_one_error_and_the_ledger_stands(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(settings, "a" * 36)
    monkeypatch.setenv("SPM_POSTGRES_URL", "postgresql://x:rahasia@127.0.0.1:1/spm")
    with pytest.raises(PostgresFailed) as failed:
        bring_ledger(settings)
    assert "rahasia" not in str(failed.value)
    assert len(ledger.entries(settings)) == 1
    monkeypatch.delenv("SPM_POSTGRES_URL")
    assert bring_ledger(settings) == 0
