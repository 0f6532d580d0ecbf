"""A release in PostgreSQL is the release: values, keys, words, and who may read it. The server is real."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import URL

from pipelines.publish.candidate import Candidate
from pipelines.publish.postgres import keys
from pipelines.publish.postgres import load as publication_load
from pipelines.publish.postgres.address import Address
from pipelines.publish.postgres.session import PostgresFailed, Session, identifier
from pipelines.publish.postgres.tables import Table, postgres_type
from pipelines.publish.postgres.throw_away import throw_away_server
from pipelines.publish.releases import Releases
from pipelines.registry import columns as dictionary
from pipelines.settings import Settings
from pipelines.warehouse.manifest import cards, marts
from tests.integration.candidates import release, rewrite
from tests.integration.loads import REGIONS, Home, asked, columns_of, held, load, login, plain, slim, unlike
from tests.integration.postgres import demand_running


@pytest.fixture(scope="module")
def loaded(home: Home, postgres: URL) -> Iterator[Address]:
    """A database with the last release, loaded into nothing; nobody changes it."""
    name = f"isi_{os.getpid()}"
    with psycopg.connect(plain(postgres), autocommit=True) as owner:
        owner.execute(f"create database {name}")
    address = Address.parse(plain(postgres.set(database=name)))
    load(home, address, home.ids[-1])
    yield address
    with psycopg.connect(plain(postgres), autocommit=True) as owner:
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
            for table, card in cards().items()
            for column, kind in card.columns.items()
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
        unique = {table: definition.partition(" USING ")[2] for table, definition, _ in found}
        assert set(unique) == set(home.tables(home.ids[-1]))
        for table, definition in unique.items():
            assert all(column in definition for column in cards()[table].key), definition
        assert {table for table, _, primary in found if primary} == {
            card.name
            for card in cards().values()
            if not card.key_has_nulls and not keys._FREE_TEXT & set(card.key)
        }
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
    table = Table(
        "fct", {"region_code": "text", "period": "text"}, ("region_code", "period"), relations=("dim_period",)
    )
    period = Table("dim_period", {"period": "text"}, ("period",))
    assert keys.of_rows(table, 170_000)[-1] == 'create index "fct_region" on marts."fct" (region_code)'
    assert len(keys.of_rows(table, 180_000)) == 1
    assert keys.between({"fct": table}, {"fct": table, "dim_period": period}, 170_000) == []
    assert len(keys.between({"fct": table}, {"fct": table, "dim_period": period}, 180_000)) == 1


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
        asked(
            address,
            "drop table marts.mart_finding cascade; alter table marts.dim_sector drop column name_en cascade",
        )
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
        for known in (marts(), cards()):
            monkeypatch.setitem(known, "mart_extra", replace(known["mart_compliance"], name="mart_extra"))
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


@pytest.mark.attack("database")
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
    @pytest.mark.attack("database")
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
        assert sorted(readable) == [("bi",), ("marts",)]
        for table in home.tables(home.ids[0]):
            seen = sorted(set(columns_of(home.file(home.ids[0], table))) - cards()[table].closed)
            asked(reader, f"select {', '.join(map(identifier, seen))} from marts.{table} limit 1")
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

    @pytest.mark.attack("personal data")
    def test_the_words_of_senders_are_for_a_role_of_their_own(
        self, home: Home, address: Address, reader: str
    ) -> None:
        load(home, address, home.ids[0])
        with_words = {name: card.closed for name, card in cards().items() if card.closed}
        assert {"fct_problem", "mart_finding", "mart_quarantine", "mart_document"} <= with_words.keys()
        for table, columns in with_words.items():
            for column in columns:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    asked(reader, f"select {identifier(column)} from marts.{table}")
            assert asked(reader, f"select count(*) from marts.{table}")
        # the same login, once it may; and as versions before had granted it, taken back by the next load
        asked(address, f"grant spm_text_reader to {login(reader)}")
        for table in home.tables(home.ids[0]):
            asked(reader, f"select * from marts.{table} limit 1")
        asked(address, f"revoke spm_text_reader from {login(reader)}")
        asked(address, "grant select on all tables in schema marts to spm_reader")
        assert asked(reader, "select count(problem) from marts.fct_problem")
        load(home, address, home.ids[0])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(reader, "select problem from marts.fct_problem")
        assert asked(reader, "select count(region_code) from marts.fct_problem")

    @pytest.mark.attack("database")
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

    @pytest.mark.attack("database")
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
            f"insert into spm_access.province_reader values ('{login(reader)}', '64')",
        )
        # a run that was not told of the setting opens nothing, be every row new or a table
        for release_id, everything in ((home.ids[1], False), (home.ids[2], True), (home.ids[3], False)):
            asked(address, "drop table marts.mart_finding cascade")
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


def test_the_server_of_the_tests_lives_while_another_run_of_tests_starts(
    database: URL, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # what pytest does to the folder of all its runs as it starts
    base = tmp_path_factory.getbasetemp()
    (root,) = [path for path in base.parents if path.name.startswith("pytest-of-")] or [base]
    root.chmod(0o700)
    asked(plain(database), "checkpoint")
    assert asked(plain(database), "select 1") == [(1,)]


def test_a_server_that_is_gone_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("LOG:  starting\nPANIC:  could not open file\n")
    with pytest.raises(pytest.fail.Exception, match="is gone; its log ends:\nLOG:  starting\nPANIC"):
        demand_running(tmp_path)


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


def test_a_session_closes_what_it_opened(address: Address) -> None:
    with (
        Session(address) as session,
        pytest.raises(PostgresFailed, match="division by zero"),
        session.transaction(),
    ):
        session.run(["create schema t", "perform 1 / 0"])
    assert asked(address, "select count(*) from pg_namespace where nspname = 't'") == [(0,)]
