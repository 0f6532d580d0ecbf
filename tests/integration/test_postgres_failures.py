"""A load that fails leaves the database with the release it had, and the next one succeeds."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

from pipelines.publish.postgres import publication
from pipelines.publish.postgres.address import Address
from pipelines.publish.postgres.session import PostgresFailed
from pipelines.publish.postgres.tables import OtherShapeError
from pipelines.publish.releases import Releases
from pipelines.settings import POSTGRES_URL
from tests.integration.candidates import PERIODS
from tests.integration.faulty_line import Fault, FaultyLine
from tests.integration.home import settings_of
from tests.integration.loads import (
    REGIONS,
    Home,
    asked,
    held,
    load,
    loading,
    plain,
    unlike,
)
from tests.integration.test_dagster_run import closed_gate, launched, run, send


class TestAFailedLoad:
    @pytest.fixture(autouse=True)
    def _without_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(publication, "LONGEST_PAUSE_SECONDS", 0)

    @pytest.fixture
    def line(self, database: URL, address: Address) -> Iterator[FaultyLine]:
        def terminate(pid: int) -> None:
            asked(address, f"select pg_terminate_backend({pid})")

        line = FaultyLine(database, terminate)
        yield line
        line.close()

    @pytest.mark.parametrize(
        "rows",
        [pytest.param(0, marks=pytest.mark.slow), 1_000, pytest.param(4_000, marks=pytest.mark.slow)],
    )
    def test_that_is_killed_leaves_the_old_release_and_the_next_one_succeeds(
        self, home: Home, address: Address, rows: int
    ) -> None:
        load(home, address, home.ids[1])
        killed = loading(home, address, home.ids[3], "killed", rows)
        assert killed.wait() == -signal.SIGKILL
        assert held(address) == home.ids[1]
        assert unlike(home, address, home.ids[1]) == []
        assert load(home, address, home.ids[3]).is_new
        assert unlike(home, address, home.ids[3]) == []

    @pytest.mark.parametrize("kind", ["close", "reset", "terminate"])
    def test_over_a_line_that_breaks_once_is_tried_again(
        self, home: Home, address: Address, line: FaultyLine, kind: Any
    ) -> None:
        load(home, address, home.ids[0])
        line.start_plan([Fault(20_000, kind)])
        loaded = load(home, Address.parse(plain(line.url)), home.ids[1])
        assert loaded.before == home.ids[0]
        assert unlike(home, address, home.ids[1]) == []

    def test_over_a_line_that_always_breaks_says_so_and_leaves_the_old_release(
        self, home: Home, address: Address, line: FaultyLine
    ) -> None:
        load(home, address, home.ids[0])
        line.start_plan([Fault(after, "close") for after in (20_000, 60_000, 30)])
        with pytest.raises(PostgresFailed, match="belum dimuat"):
            load(home, Address.parse(plain(line.url)), home.ids[1])
        assert held(address) == home.ids[0]
        assert unlike(home, address, home.ids[0]) == []

    def test_names_the_column_that_has_another_type(self, home: Home, address: Address) -> None:
        load(home, address, home.ids[0])
        asked(address, "drop schema bi cascade")  # its views stand on the column
        asked(address, "alter table marts.mart_region_score alter column index type double precision")
        with pytest.raises(
            PostgresFailed, match=r"marts\.mart_region_score\.index: double precision ≠ numeric\(18,6\)"
        ):
            load(home, address, home.ids[1])
        assert held(address) == home.ids[0]
        assert issubclass(OtherShapeError, PostgresFailed)

    def test_waits_for_another_load_and_then_finds_its_work_done(self, home: Home, address: Address) -> None:
        load(home, address, home.ids[0])
        other = loading(home, address, home.ids[1], "slow", 0)
        while not asked(address, "select 1 from pg_locks where locktype = 'advisory' and granted"):
            assert other.poll() is None
            time.sleep(0.02)
        mine = load(home, address, home.ids[1])
        assert other.wait() == 0
        assert (mine.before, mine.rows) == (home.ids[1], 0)

    def test_a_reader_that_stays_in_its_transaction_stops_no_load(
        self, home: Home, address: Address, reader: str
    ) -> None:
        load(home, address, home.ids[0])
        with psycopg.connect(reader) as open_still:
            open_still.execute("set transaction isolation level repeatable read")
            count = (
                "select count(*), (select max(release_id) from marts.mart_release)"
                " from marts.mart_region_score"
            )
            before = open_still.execute(count).fetchall()
            load(home, address, home.ids[1])
            assert open_still.execute(count).fetchall() == before == [(REGIONS, home.ids[0])]
        assert asked(reader, count) == [(2 * REGIONS, home.ids[1])]


def test_a_run_publishes_although_the_database_is_down_and_the_next_one_catches_up(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "ATTEMPTS", 1)
    settings = settings_of(tmp_path)
    for period in PERIODS:
        send(settings, period, 10, "a")
    monkeypatch.setenv(POSTGRES_URL, "postgresql://u:sangatrahasia@127.0.0.1:1/x")
    down = run(settings, "2024-Q3..2024-Q4", "--json")
    assert (down.code, down.json["published"]) == (3, list(PERIODS))
    assert "127.0.0.1/x" in down.json["database"]["failed"]
    current = Releases(settings.published).current()
    assert current is not None
    assert current.release_id == down.json["release_id"]
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert "rahasia" not in down.out + down.err
    assert [path for path in files if b"sangatrahasia" in path.read_bytes()] == []
    monkeypatch.setenv(POSTGRES_URL, address.uri)
    up = run(settings, "2024-Q3..2024-Q4", "--json")
    assert (up.code, held(address), up.json["database"]["before"]) == (0, current.release_id, None)


@pytest.mark.slow
def test_a_period_whose_gate_closes_does_not_keep_the_others_from_the_database(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGRES_URL, address.uri)
    settings = settings_of(tmp_path)
    for period in PERIODS:
        send(settings, period, 10, "a")
    with closed_gate(PERIODS[1]):
        mixed = run(settings, "2024-Q3..2024-Q4", "--json")
    assert (mixed.code, mixed.json["published"]) == (1, ["2024-Q3"])
    assert held(address) == mixed.json["release_id"] == mixed.json["database"]["release_id"]


def test_a_run_of_dagster_whose_gate_closes_for_one_period_leads_to_a_loaded_release(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGRES_URL, address.uri)
    settings = settings_of(tmp_path)
    for period in PERIODS:
        send(settings, period, 10, "a")
    with closed_gate(PERIODS[1]):
        runs = launched(settings, *PERIODS)
    current = Releases(settings.published).current()
    assert current is not None
    assert current.content.periods == ["2024-Q3"]
    assert held(address) == current.release_id
    assert [run.success for run in runs] == [False, True]
    ledger = asked(address, "select run_id, ended, release_id from spm_operation.run order by started_at")
    assert ledger == [
        (runs[0].run_id, "gate closed", None),
        (runs[1].run_id, "published", current.release_id),
    ]
