"""A release in PostgreSQL is the release, whole or not at all: every value, and nobody sees two at once.

The server is real. What is read while releases change is read by processes of their own, as the role that
may only read.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import duckdb
import psutil
import psycopg
import pytest
from sqlalchemy import URL, make_url
from typer.testing import CliRunner

from pipelines import dbt_runner
from pipelines.cli import app
from pipelines.publish import dictionary
from pipelines.publish.candidate import Candidate
from pipelines.publish.dictionary import OWN_KEYS
from pipelines.publish.postgres import keys, publication
from pipelines.publish.postgres import load as publication_load
from pipelines.publish.postgres.address import Address, AddressError
from pipelines.publish.postgres.load import Loaded
from pipelines.publish.postgres.session import PostgresFailed, Session
from pipelines.publish.postgres.tables import OtherShapeError, Table, postgres_type
from pipelines.publish.postgres.throw_away import throw_away_server
from pipelines.publish.releases import Releases
from pipelines.settings import POSTGRES_URL, PROJECT_DIR, Settings, read_settings
from tests.integration.conftest import copy_of, release, rewrite
from tests.integration.faulty_line import Fault, FaultyLine
from tests.integration.home import query, settings_of
from tests.integration.postgres_reader import PARTS
from tests.integration.test_dagster_run import closed_gate, run, send

PERIODS = ("2024-Q3", "2024-Q4")
_FEW = "left(region_code, 2) in ('17', '64', '65')"
REGIONS = 28
"""The regions of these provinces: 11 each in two, 6 in the third."""
PASSWORD = "kata sandi/uji:1@%"
LOADING = """
import os, sys, time
from pathlib import Path
from pipelines.publish.postgres import publication
from pipelines.publish.postgres.session import Session
from pipelines.settings import read_settings
home, release_id, doing, after_rows = sys.argv[1:]
copied, copy = 0, Session.copy
def watched(self, schema, table, rows):
    global copied
    count = copy(self, schema, table, rows)
    copied += count
    if copied > int(after_rows):
        os.kill(os.getpid(), 9) if doing == "killed" else time.sleep(0.1)
    return count
Session.copy = watched
publication.publish_to_postgres(read_settings(home=Path(home)), release_id, everything=True)
"""
"""A load of every row in a process of its own, ``killed`` or ``slow`` once so many rows are copied."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home with releases, oldest first: of one quarter, of two, restated, restated and narrower."""

    settings: Settings
    ids: Sequence[str]

    def file(self, release_id: str, table: str) -> Path:
        """The file of a table."""
        return self.settings.published / "releases" / release_id / f"{table}.parquet"

    def tables(self, release_id: str) -> list[str]:
        """Every table of a release."""
        return sorted(path.stem for path in self.file(release_id, "x").parent.glob("*.parquet"))


@pytest.fixture(scope="module")
def home(good_build: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The releases of two quarters: made once, never changed."""
    folder = tmp_path_factory.mktemp("postgres")
    settings = Settings(folder / "home")
    releases = Releases(settings.published)
    quarters = slim(good_build, folder / "both", "true")
    first = slim(good_build, folder / "first", f"period = '{PERIODS[0]}'")
    ids = [release(releases, replace(first, periods=PERIODS[:1])).release_id]
    for score in (11, 22, 33):
        rewrite(
            quarters.file("mart_region_score"),
            f"select * replace (if(period = '2024-Q4', {score}, index)::decimal(18, 6) as index) from t",
        )
        rewrite(
            quarters.file("fct_published_index"),
            f"select * replace (if(period = '2024-Q4', {score}, index)::decimal(38, 12) as index) from t",
        )
        if score == 33:
            rewrite(quarters.file("mart_sector_score"), "select * from t where region_code not like '65%'")
        ids.append(release(releases, quarters).release_id)
    return Home(settings, ids)


def slim(candidate: Candidate, folder: Path, condition: str) -> Candidate:
    """The candidate with the regions of a few provinces: a load takes a moment."""
    made = copy_of(candidate, folder)
    for table in made.tables:
        columns = _columns(made.file(table))
        conditions = [f"{_FEW} or region_code is null"] if "region_code" in columns else []
        conditions += [f"{condition} or period is null"] if "period" in columns else []
        if conditions and not table.startswith("dim_"):
            rewrite(made.file(table), f"select * from t where ({') and ('.join(conditions)})")
    return made


@pytest.fixture
def address(database: URL) -> Address:
    return Address.parse(database.render_as_string(hide_password=False))


@pytest.fixture
def reader(database: URL) -> Iterator[str]:
    """The address of the database for a login that is a member of spm_reader, made before any load."""
    name = f"pembaca_{database.database}"
    with psycopg.connect(_plain(database), autocommit=True) as owner:
        owner.execute(
            "do $$ begin create role spm_reader nologin; exception when duplicate_object then null; end $$"
        )
        owner.execute(f"create role {name} login password '{PASSWORD}' in role spm_reader")
    yield _plain(database.set(username=name, password=PASSWORD))
    with psycopg.connect(_plain(database), autocommit=True) as owner:
        owner.execute(f"drop owned by {name}")
        owner.execute(f"drop role {name}")


def _plain(url: URL) -> str:
    return Address.parse(url.render_as_string(hide_password=False)).uri


def _login(url: str) -> str:
    return str(make_url(url).username)


def _columns(file: Path) -> list[str]:
    return [row["column_name"] for row in query("describe from read_parquet($file)", file=str(file))]


def load(home: Home, address: Address, release_id: str, **settings: Any) -> Loaded:
    """Load a release, ``settings`` replaced; ``everything`` copies every row."""
    everything = bool(settings.pop("everything", False))
    return publication.publish_to(address, replace(home.settings, **settings), release_id, everything)


def loading(home: Home, address: Address, release_id: str, doing: str, after: int) -> subprocess.Popen[bytes]:
    """``LOADING``, at work."""
    command = [sys.executable, "-c", LOADING, str(home.settings.home), release_id, doing, str(after)]
    return subprocess.Popen(command, env={**os.environ, POSTGRES_URL: address.uri}, cwd=PROJECT_DIR)


def asked(url: str | Address, sql: str) -> list[tuple[Any, ...]]:
    """The answer of the database to a login."""
    with psycopg.connect(url.uri if isinstance(url, Address) else url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def held(url: str | Address) -> str:
    """The release that a reader finds."""
    return str(asked(url, "select release_id from marts.mart_release")[0][0])


def unlike(home: Home, address: Address, release_id: str) -> list[str]:
    """The tables whose rows, read back, are not those of the release's files: every column, every value."""
    wrong = []
    with adbc_driver_postgresql.dbapi.connect(address.uri) as there, duckdb.connect() as here:
        for table in home.tables(release_id):
            file = home.file(release_id, table)
            listed = ", ".join(
                f'"{row["column_name"]}"'
                + ("::text" if row["column_type"].startswith("DECIMAL") else "")
                + f' as "{row["column_name"]}"'
                for row in query("describe from read_parquet($file)", file=str(file))
            )
            with there.cursor() as cursor:
                cursor.execute(f"select {listed} from marts.{table}")
                here.register("read_back", cursor.fetch_arrow_table())
            ours = f"select {listed.replace('::text', '::varchar')} from read_parquet('{file}')"
            both = f"(({ours}) except all from read_back) union all (from read_back except all ({ours}))"
            if here.execute(f"select count(*) from ({both})").fetchall() != [(0,)]:
                wrong.append(table)
    return wrong


@pytest.fixture(scope="module")
def loaded(home: Home, postgres: URL) -> Iterator[Address]:
    """A database with the last release, loaded into nothing; nobody changes it."""
    name = f"isi_{os.getpid()}"
    with psycopg.connect(_plain(postgres), autocommit=True) as owner:
        owner.execute(f"create database {name}")
    address = Address.parse(_plain(postgres.set(database=name)))
    load(home, address, home.ids[-1])
    yield address
    with psycopg.connect(_plain(postgres), autocommit=True) as owner:
        owner.execute(f"drop database {name} with (force)")


class TestARelease:
    def test_is_there_with_every_value(self, home: Home, loaded: Address) -> None:
        assert held(loaded) == home.ids[-1]
        assert unlike(home, loaded, home.ids[-1]) == []

    def test_has_the_types_of_its_contracts(self, loaded: Address) -> None:
        found = asked(
            loaded,
            "select attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod)"
            " from pg_attribute where attnum > 0 and attrelid in"
            " (select oid from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r')",
        )
        kinds = {(table.removeprefix("marts."), column): kind for table, column, kind in found}
        owed = {
            (table, column): postgres_type(kind)
            for table, columns in dbt_runner.mart_columns().items()
            for column, kind in columns.items()
        }
        assert {place: kinds.get(place) for place in owed} == owed
        assert kinds["mart_region_score", "index"] == "numeric(18,6)"

    def test_says_of_each_table_and_column_what_it_is_in_both_languages(self, loaded: Address) -> None:
        found = asked(
            loaded,
            "select c.relname || coalesce('.' || a.attname, ''), d.description from pg_class as c"
            " left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0"
            " left join pg_description as d on d.objoid = c.oid and d.objsubid = a.attnum"
            " where c.relnamespace = 'marts'::regnamespace and c.relkind = 'r'"
            " union all select c.relname, obj_description(c.oid) from pg_class as c"
            " where c.relnamespace = 'marts'::regnamespace and c.relkind = 'r'",
        )
        assert [place for place, words in found if len((words or "").split(" / ")) < 2] == []
        assert ("mart_release", "Satu baris per rilis") in {(place, words[:20]) for place, words in found}
        assert asked(loaded, "select obj_description('marts'::regnamespace, 'pg_namespace')")[0][0]

    def test_has_the_key_of_each_table(self, home: Home, loaded: Address) -> None:
        found = asked(
            loaded,
            "select c.relname::text, pg_get_indexdef(i.indexrelid), i.indisprimary from pg_index as i"
            " inner join pg_class as c on c.oid = i.indrelid"
            " where c.relnamespace = 'marts'::regnamespace and i.indisunique",
        )
        owed = dbt_runner.mart_keys() | OWN_KEYS
        unique = {table: definition.partition(" USING ")[2] for table, definition, _ in found}
        assert set(unique) == set(home.tables(home.ids[-1]))
        for table, definition in unique.items():
            assert all(column in definition for column in owed[table]), definition
        assert {table for table, _, primary in found if primary} == keys.COMPLETE
        secondary = {table for table, _, primary in found if not primary}
        assert {table for table in unique if "NULLS NOT DISTINCT" in unique[table]} == secondary

    def test_has_no_row_without_its_partner_where_a_foreign_key_is_stated(self, loaded: Address) -> None:
        stated = asked(
            loaded,
            "select conrelid::regclass::text, confrelid::regclass::text,"
            " (select array_agg(attname::text order by attnum) from pg_attribute"
            " where attrelid = conrelid and attnum = any (conkey))"
            " from pg_constraint where contype = 'f' and connamespace = 'marts'::regnamespace",
        )
        assert {
            ("marts.fct_indicator", "marts.dim_period"),
            ("marts.mart_region_score", "marts.dim_band"),
        } <= {(table, other) for table, other, _ in stated}
        for table, other, columns in stated:
            joined = " and ".join(f"a.{column} = b.{column}" for column in columns)
            known = " and ".join(f"a.{column} is not null" for column in columns)
            orphans = f"select count(*) from {table} as a where {known} and not exists"
            assert asked(loaded, f"{orphans} (select 1 from {other} as b where {joined})") == [(0,)], table

    def test_is_found_by_period_and_by_region_without_reading_all(self, loaded: Address) -> None:
        with psycopg.connect(loaded.uri) as connection:
            connection.execute("set enable_seqscan = off")
            for condition in ("period = '2024-Q4'", "region_code = '64.71'"):
                plan = connection.execute(f"explain select * from marts.fct_indicator where {condition}")
                assert "fct_indicator_key" in "".join(line for (line,) in plan.fetchall())


def test_an_older_server_gets_an_index_for_regions_and_no_foreign_keys() -> None:
    table = Table("fct", {"region_code": "text", "period": "text"}, ("region_code", "period"))
    assert keys.of_rows(table, 170_000)[-1] == 'create index "fct_region" on marts."fct" (region_code)'
    assert len(keys.of_rows(table, 180_000)) == 1
    assert keys.between({"fct": table}, {"fct": table, "dim_period": table}, 170_000) == []
    assert len(keys.between({"fct": table}, {"fct": table, "dim_period": table}, 180_000)) == 1


class TestLoadingAgain:
    def test_does_nothing_when_the_database_holds_the_release(self, home: Home, address: Address) -> None:
        first = load(home, address, home.ids[0])
        written = asked(address, "select xmin::text, ctid::text from marts.mart_region_score order by 2")
        again = load(home, address, home.ids[0])
        assert (first.is_new, again.is_new, again.rows) == (True, False, 0)
        assert first.rows > 1000
        assert (
            asked(address, "select xmin::text, ctid::text from marts.mart_region_score order by 2") == written
        )

    def test_copies_only_the_rows_of_what_changed(self, home: Home, address: Address) -> None:
        load(home, address, home.ids[1])
        before = asked(address, "select xmin::text from marts.fct_indicator limit 1")
        untouched = (
            "select count(*) from marts.mart_region_score where period = '2024-Q3' and xmin::text = '{}'"
        )
        loaded = load(home, address, home.ids[2])
        assert loaded.before == home.ids[1]
        # the scores and the published indexes of one quarter, the ledger, the row of the release
        assert 28 < loaded.rows < 100
        assert asked(address, untouched.format(before[0][0])) == [(REGIONS,)]
        assert unlike(home, address, home.ids[2]) == []

    def test_adds_a_quarter_and_takes_it_back(self, home: Home, address: Address) -> None:
        for release_id in (home.ids[0], home.ids[3], home.ids[0], home.ids[1]):
            assert load(home, address, release_id).is_new
            assert unlike(home, address, release_id) == []

    def test_copies_everything_when_the_release_before_is_not_known_here(
        self, home: Home, address: Address
    ) -> None:
        load(home, address, home.ids[0])
        asked(address, "update marts.mart_release set release_id = 'r0009-0123456789ab'")
        asked(address, "delete from marts.dim_band")
        load(home, address, home.ids[1])
        assert unlike(home, address, home.ids[1]) == []

    def test_finds_out_that_somebody_removed_rows(self, home: Home, address: Address) -> None:
        load(home, address, home.ids[1])
        asked(address, "delete from marts.fct_indicator where region_code = '64.71' and period = '2024-Q3'")
        with pytest.raises(PostgresFailed, match=r"fct_indicator.*spm publish --all"):
            load(home, address, home.ids[2])
        assert held(address) == home.ids[1]
        load(home, address, home.ids[2], everything=True)
        assert unlike(home, address, home.ids[2]) == []

    def test_waits_with_a_change_of_shape_until_an_open_transaction_has_ended(
        self, home: Home, address: Address, reader: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(home, address, home.ids[0])
        asked(address, "alter table marts.mart_region_score drop column band_name")
        monkeypatch.setattr(publication_load, "_MOMENT", "100ms")
        with psycopg.connect(reader) as open_still:
            open_still.execute("select count(*) from marts.mart_region_score")
            monkeypatch.setattr(publication_load.time, "sleep", lambda _: open_still.rollback())
            load(home, address, home.ids[1])
        assert unlike(home, address, home.ids[1]) == []
        asked(address, "drop table marts.mart_finding; alter table marts.dim_sector drop column name_en")
        assert load(home, address, home.ids[1]).rows < 500
        assert unlike(home, address, home.ids[1]) == []

    def test_keeps_a_column_and_a_table_that_only_another_release_has(
        self,
        home: Home,
        address: Address,
        good_build: Candidate,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(dictionary, "words_of", lambda *_: dict.fromkeys(dictionary.WORDS, "kata"))
        wide = slim(good_build, tmp_path / "wide", "true")
        rewrite(wide.file("mart_region_score"), "select *, 'baru' as region_name_en from t")
        rewrite(wide.file("mart_sector_score"), "select *, 'baru' as region_name_en from t")
        extra = replace(wide, tables=[*wide.tables, "mart_extra"])
        extra.file("mart_extra").write_bytes(extra.file("mart_compliance").read_bytes())
        settings = Settings(tmp_path / "home")
        other = Home(settings, [release(Releases(settings.published), extra).release_id])
        load(home, address, home.ids[0])
        load(other, address, other.ids[0])
        assert unlike(other, address, other.ids[0]) == []
        load(home, address, home.ids[1])
        assert unlike(home, address, home.ids[1]) == []
        assert asked(address, "select count(*), count(region_name_en) from marts.mart_region_score") == [
            (2 * REGIONS, 0)
        ]
        assert asked(address, "select count(*) from marts.mart_extra") == [(0,)]


def test_text_that_postgresql_cannot_hold_or_index_stops_no_release(
    address: Address, good_build: Candidate, tmp_path: Path
) -> None:
    odd = slim(good_build, tmp_path / "odd", "true")
    rewrite(
        odd.file("fct_indicator"),
        "select * replace (if(region_code = '64.71', coalesce(item, '')"
        " || array_to_string(list_transform(range(99), x -> md5(service_code || x)), ''), item)"
        " as item) from t",
    )
    rewrite(odd.file("mart_finding"), "select * replace (repeat(md5(source_ref), 200) as source_ref) from t")
    rewrite(odd.file("mart_quarantine"), "select * replace ('a' || chr(0) || 'b' as raw_row) from t")
    settings = Settings(tmp_path / "home")
    other = Home(settings, [release(Releases(settings.published), odd).release_id])
    load(other, address, other.ids[0])
    assert unlike(other, address, other.ids[0]) == ["mart_quarantine"]
    assert asked(address, "select distinct raw_row from marts.mart_quarantine") == [("a\ufffdb",)]
    assert asked(address, "select min(length(source_ref)) from marts.mart_finding") == [(6400,)]


class TestWhoMayRead:
    def test_the_reader_sees_the_published_tables_and_nothing_else(
        self, home: Home, address: Address, reader: str
    ) -> None:
        asked(address, "create schema rahasia; create table rahasia.t (a integer)")
        load(home, address, home.ids[0], postgres_rows="province")
        readable = asked(
            reader,
            "select n.nspname::text from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'v', 'm', 'p')"
            " and n.nspname not in ('pg_catalog', 'information_schema')"
            " and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') group by 1",
        )
        assert readable == [("marts",)]
        for table in home.tables(home.ids[0]):
            asked(reader, f"select * from marts.{table} limit 1")
            for change in (
                f"delete from marts.{table}",
                f"truncate marts.{table}",
                f"drop table marts.{table}",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    asked(reader, change)
        for reach in ("create table marts.t (a integer)", "select * from spm_access.province_reader"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                asked(reader, reach)

    def test_grants_and_views_that_people_made_survive_and_show_the_new_release(
        self, home: Home, address: Address, reader: str
    ) -> None:
        load(home, address, home.ids[1], postgres_reader="pembaca_lain")
        asked(address, "create schema analisis")
        asked(address, "create view analisis.nilai as select region_code, index from marts.mart_region_score")
        asked(
            address,
            "grant usage on schema analisis, marts to spm_reader; grant select on analisis.nilai,"
            " marts.mart_region_score to spm_reader",
        )
        for release_id in (home.ids[2], home.ids[0], home.ids[2]):
            load(
                home,
                address,
                release_id,
                postgres_reader="pembaca_lain",
                everything=release_id == home.ids[0],
            )
        assert asked(reader, "select max(index) from analisis.nilai where index = 22") == [(22,)]
        assert asked(reader, "select count(*) from marts.mart_region_score") == [(2 * REGIONS,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(reader, "select * from marts.fct_indicator")

    def test_a_province_sees_its_regions_once_rows_are_shown_by_province(
        self, home: Home, address: Address, reader: str
    ) -> None:
        provinces = "select array_agg(distinct left(region_code, 2)) from marts.{}"
        regions = "select count(distinct region_code) from marts.mart_region_score"
        load(home, address, home.ids[0])
        assert asked(reader, regions) == [(REGIONS,)]
        load(home, address, home.ids[0], postgres_rows="province")
        assert asked(reader, regions) == [(0,)]
        asked(
            address,
            f"insert into spm_access.province_reader values ('{_login(reader)}', '64')",
        )
        # a run that was not told of the setting opens nothing, be every row new or a table
        for release_id, everything in ((home.ids[1], False), (home.ids[2], True), (home.ids[3], False)):
            asked(address, "drop table marts.mart_finding")
            load(home, address, release_id, everything=everything)
            for table in ("mart_region_score", "fct_indicator", "mart_document", "mart_finding"):
                found = asked(reader, provinces.format(table))[0][0]
                assert found in (["64"], None), table
            assert asked(reader, regions) == [(11,)]
            assert asked(reader, "select count(*) > 0 from marts.mart_national_score") == [(True,)]
            assert asked(reader, "select count(*) from marts.dim_region")[0][0] > 500
        asked(address, "insert into spm_access.province_reader values ('spm_reader', '*')")
        assert asked(reader, regions) == [(REGIONS,)]
        asked(address, "delete from spm_access.province_reader")
        load(home, address, home.ids[2], postgres_rows="all")
        assert asked(reader, regions) == [(REGIONS,)]


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

    @pytest.mark.parametrize("rows", [0, 1_000, 4_000])
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
        loaded = load(home, Address.parse(_plain(line.url)), home.ids[1])
        assert loaded.before == home.ids[0]
        assert unlike(home, address, home.ids[1]) == []

    def test_over_a_line_that_always_breaks_says_so_and_leaves_the_old_release(
        self, home: Home, address: Address, line: FaultyLine
    ) -> None:
        load(home, address, home.ids[0])
        line.start_plan([Fault(after, "close") for after in (20_000, 60_000, 30)])
        with pytest.raises(PostgresFailed, match="belum dimuat"):
            load(home, Address.parse(_plain(line.url)), home.ids[1])
        assert held(address) == home.ids[0]
        assert unlike(home, address, home.ids[0]) == []

    def test_names_the_column_that_has_another_type(self, home: Home, address: Address) -> None:
        load(home, address, home.ids[0])
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
                "select count(*), (select release_id from marts.mart_release) from marts.mart_region_score"
            )
            before = open_still.execute(count).fetchall()
            load(home, address, home.ids[1])
            assert open_still.execute(count).fetchall() == before == [(REGIONS, home.ids[0])]
        assert asked(reader, count) == [(2 * REGIONS, home.ids[1])]


class TestTheAddress:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("postgresql://u:sangat@rahasia@127.0.0.1:1/x", id="an-at-in-the-password"),
            pytest.param("postgresql://u:sangat/rahasia@127.0.0.1:1/x", id="a-slash-in-the-password"),
            pytest.param("postgresql://u:sangat%40rahasia@127.0.0.1:1/x", id="as-it-should-be"),
            pytest.param("postgresql://127.0.0.1:1/x?user=u&password=sangatrahasia", id="as-an-option"),
            pytest.param("sangatrahasia", id="no-address"),
            pytest.param("mysql://u:sangatrahasia@127.0.0.1/x", id="another-database"),
        ],
    )
    def test_is_never_told_whole(self, home: Home, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv(POSTGRES_URL, text)
        monkeypatch.setattr(publication, "ATTEMPTS", 1)
        said = CliRunner().invoke(app, ["publish", "--home", str(home.settings.home)])
        assert said.exit_code in (2, 3)
        assert len(said.stderr.strip().splitlines()[-1]) > 20
        assert "rahasia" not in said.output + str(said.exception) + repr(said.exc_info)

    def test_shows_nothing_of_its_secret(self) -> None:
        address = Address.parse("postgresql+psycopg://u:p%40ss@db.contoh.go.id:5433/spm")
        assert (repr(address), address.place) == ("Address()", "db.contoh.go.id/spm")
        assert address.uri.startswith("postgresql://u:p%40ss@db.contoh.go.id:5433/spm?")
        assert address.without_secrets(f"no: {address.uri} p@ss p%40ss") == "no: *** *** ***"

    def test_that_is_not_set_is_a_matter_of_configuration(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(POSTGRES_URL, raising=False)
        said = CliRunner().invoke(app, ["publish", "--home", str(home.settings.home)])
        assert (said.exit_code, POSTGRES_URL in said.stderr) == (2, True)
        with pytest.raises(AddressError):
            publication.publish_to_postgres(home.settings)

    def test_leads_to_the_release_that_the_command_names(
        self, home: Home, address: Address, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(POSTGRES_URL, address.uri)
        options = ["--home", str(home.settings.home), "--json"]
        said = CliRunner().invoke(app, ["publish", *options])
        assert json.loads(said.stdout)["release_id"] == home.ids[-1] == held(address)
        assert CliRunner().invoke(app, ["publish", home.ids[0][:9], *options]).exit_code == 0
        assert held(address) == home.ids[0]
        # going back to an older release is a matter of the database too
        said = CliRunner().invoke(app, ["rollback", home.ids[1], "--home", str(home.settings.home)])
        assert said.exit_code == 0, said.output
        assert held(address) == home.ids[1]
        assert (
            CliRunner().invoke(app, ["rollback", home.ids[-1], "--home", str(home.settings.home)]).exit_code
            == 0
        )

    def test_rows_are_shown_by_a_word_that_is_known(self) -> None:
        assert read_settings({"SPM_POSTGRES_ROWS": "province"}).postgres_rows == "province"
        with pytest.raises(ValueError, match="SPM_POSTGRES_ROWS"):
            read_settings({"SPM_POSTGRES_ROWS": "provinsi"})


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
    # a period whose gate closes does not keep the others from the database
    for period in PERIODS:
        send(settings, period, 20, "b")
    with closed_gate(PERIODS[1]):
        mixed = run(settings, "2024-Q3..2024-Q4", "--json")
    assert (mixed.code, mixed.json["published"]) == (1, ["2024-Q3"])
    assert held(address) == mixed.json["release_id"] == mixed.json["database"]["release_id"]


def test_a_throw_away_server_is_gone_at_the_end_with_its_files(home: Home) -> None:
    with throw_away_server() as address:
        assert load(home, address, home.ids[0]).rows > 0
        folder = Path(address.place.removesuffix("/postgres"))
        server = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
        assert server.is_running()
    assert not folder.exists()
    # it has let go of its files; whoever is its parent may take a moment to notice
    gone, _ = psutil.wait_procs([server], timeout=10)
    assert gone or server.status() == psutil.STATUS_ZOMBIE


@dataclass(frozen=True, slots=True)
class Readings:
    """What the readers saw together."""

    reads: int
    wrong: list[str]
    releases: int
    longest_seconds: float


def read_while_publishing(
    home: Home, address: Address, reader: str, folder: Path, publications: int, reads: int
) -> Readings:
    """Load releases by turns, each once its share of ``reads`` is done by two processes."""
    stop, ticks, expected = folder / "stop", folder / "ticks", folder / "expected.json"
    ticks.touch()
    expected.write_text(json.dumps({release_id: _parts(home, release_id) for release_id in home.ids}))
    load(home, address, home.ids[0])
    command = [sys.executable, "-m", "tests.integration.postgres_reader", reader]
    command += [str(expected), str(stop), str(ticks)]
    readers = [
        subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        for number in range(publications):
            # every seventh copies every row of every table anew
            load(home, address, home.ids[(number + 1) % len(home.ids)], everything=number % 7 == 6)
            while ticks.stat().st_size < (number + 1) * reads // publications:
                assert all(process.poll() is None for process in readers)
                time.sleep(0.005)
    finally:
        stop.touch()
        said = [json.loads(process.communicate()[0].splitlines()[-1]) for process in readers]
    return Readings(
        sum(one["reads"] for one in said),
        [wrong for one in said for wrong in one["wrong"]],
        max(len(one["seen"]) for one in said),
        max(one["longest_seconds"] for one in said),
    )


def _parts(home: Home, release_id: str) -> list[str]:
    return [
        query(f"select {sql} as said from read_parquet('{home.file(release_id, table)}')")[0]["said"]
        for table, sql in PARTS.items()
    ]


def test_readers_of_a_few_publications_see_whole_releases_and_do_not_wait(
    home: Home, address: Address, reader: str, tmp_path: Path
) -> None:
    found = read_while_publishing(home, address, reader, tmp_path, publications=10, reads=1_000)
    assert found.wrong == []
    assert found.reads >= 1_000
    assert found.releases >= 8
    assert found.longest_seconds < 5


@pytest.mark.slow
def test_ten_thousand_readings_of_a_hundred_publications_see_whole_releases(
    home: Home, address: Address, reader: str, tmp_path: Path
) -> None:
    found = read_while_publishing(home, address, reader, tmp_path, publications=100, reads=10_000)
    assert found.wrong == []
    assert found.reads >= 10_000
    assert found.releases >= 80
    assert found.longest_seconds < 5


def test_a_bad_answer_of_the_database_is_seen_by_the_reader(
    home: Home, address: Address, reader: str, tmp_path: Path
) -> None:
    load(home, address, home.ids[0])
    asked(address, "update marts.mart_region_score set index = 1 where region_code = '64.71'")
    (tmp_path / "expected.json").write_text(json.dumps({one: _parts(home, one) for one in home.ids}))
    command = [
        sys.executable,
        "-m",
        "tests.integration.postgres_reader",
        reader,
        str(tmp_path / "expected.json"),
    ]
    process = subprocess.Popen(
        [*command, str(tmp_path / "stop"), str(tmp_path / "ticks")],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "ticks").exists() or (tmp_path / "ticks").stat().st_size < 5:
        assert process.poll() is None
        time.sleep(0.01)
    (tmp_path / "stop").touch()
    assert json.loads(process.communicate()[0])["wrong"]


def test_a_session_closes_what_it_opened(address: Address) -> None:
    with (
        Session(address) as session,
        pytest.raises(PostgresFailed, match="division by zero"),
        session.transaction(),
    ):
        session.run(["create schema t", "perform 1 / 0"])
    assert asked(address, "select count(*) from pg_namespace where nspname = 't'") == [(0,)]
