"""The views of schema ``bi`` in a real PostgreSQL and in spm.duckdb: same rows, keys, words; who reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest
from sqlalchemy import URL

from pipelines.publish.postgres import views as made
from pipelines.publish.postgres.address import Address
from pipelines.publish.releases import Releases
from pipelines.reports.site.national import latest_period
from pipelines.settings import Settings
from pipelines.warehouse import views as definitions
from pipelines.warehouse.release_tables import ReleaseTables
from pipelines.warehouse.views import View, views
from tests.integration.bi_home import CORRECTED, LATE, bi_home
from tests.integration.loads import PASSWORD, Home, asked, load, plain


@pytest.fixture(scope="module")
def bi() -> Settings:
    return bi_home()


@pytest.fixture(scope="module")
def bi_releases(bi: Settings) -> Home:
    return Home(bi, Releases(bi.published).ids())


@pytest.fixture(scope="module")
def in_duckdb(bi: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(bi.published / "current" / "spm.duckdb"), read_only=True) as connection:
        yield connection


@contextmanager
def loaded_database(postgres: URL, home: Home, name: str) -> Iterator[Address]:
    """A database with the current release of a home, for as long as it is needed."""
    with psycopg.connect(plain(postgres), autocommit=True) as owner:
        owner.execute(f"create database {name}")
    address = Address.parse(plain(postgres.set(database=name)))
    load(home, address, home.ids[-1])
    yield address
    with psycopg.connect(plain(postgres), autocommit=True) as owner:
        owner.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def in_postgres(bi_releases: Home, postgres: URL) -> Iterator[Address]:
    """A database with the current release; nobody changes it."""
    with loaded_database(postgres, bi_releases, "bi_views") as address:
        yield address


def columns_of(connection: duckdb.DuckDBPyConnection, view: View) -> list[str]:
    return [row[0] for row in connection.execute(f"describe bi.{view.name}").fetchall()]


def digest_of(view: View, columns: list[str]) -> str:
    """How many rows a view has, and in how many each column holds something."""
    counts = ", ".join(f'count("{column}")' for column in columns)
    return f"select count(*), {counts} from bi.{view.name}"


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
class TestEachView:
    def test_has_the_same_rows_in_both(
        self, view: View, in_duckdb: duckdb.DuckDBPyConnection, in_postgres: Address
    ) -> None:
        columns = columns_of(in_duckdb, view)
        assert in_duckdb.execute(digest_of(view, columns)).fetchall() == asked(
            in_postgres, digest_of(view, columns)
        )
        # a province of it, value for value: every number in its type, with its digits
        where = "where province_code in ('64', '31')" if "province_code" in columns else ""
        listed = ", ".join(f'"{column}"' for column in columns)
        rows = f"select {listed} from bi.{view.name} {where}"
        found = sorted(map(str, in_duckdb.execute(rows).fetchall()))
        with psycopg.connect(in_postgres.uri, options="-c timezone=UTC") as connection:
            there = sorted(map(str, connection.execute(rows).fetchall()))
        assert [row for row in found if "tzinfo" not in row] == [row for row in there if "tzinfo" not in row]
        assert len(found) == len(there)

    def test_has_no_two_rows_of_one_key_and_no_key_without_a_part(
        self, view: View, in_duckdb: duckdb.DuckDBPyConnection
    ) -> None:
        if not view.key:
            return
        listed = ", ".join(view.key)
        empty = " or ".join(f"{column} is null" for column in view.key)
        twice = f"select {listed} from bi.{view.name} group by all having count(*) > 1"
        assert in_duckdb.execute(f"{twice} limit 3").fetchall() == []
        assert in_duckdb.execute(f"select count(*) from bi.{view.name} where {empty}").fetchall() == [(0,)]

    def test_says_what_it_is_in_both_languages_and_both_databases(
        self, view: View, in_duckdb: duckdb.DuckDBPyConnection, in_postgres: Address
    ) -> None:
        words = dict(
            in_duckdb.execute(
                "select '', comment from duckdb_views() where schema_name = 'bi' and view_name = $1"
                " union all select column_name, comment from duckdb_columns()"
                " where schema_name = 'bi' and table_name = $1",
                [view.name],
            ).fetchall()
        )
        assert [place for place, said in words.items() if " / " not in (said or "")] == []
        assert set(words) == {"", *columns_of(in_duckdb, view)}
        there = asked(
            in_postgres,
            "select coalesce(a.attname::text, ''), d.description from pg_description as d"
            " left join pg_attribute as a"
            " on a.attrelid = d.objoid and a.attnum = d.objsubid and a.attnum > 0"
            f" where d.objoid = 'bi.{view.name}'::regclass and d.classoid = 'pg_class'::regclass",
        )
        assert dict(there) == words


def test_a_number_has_no_more_digits_than_it_can_have(in_postgres: Address) -> None:
    kinds = {
        (view, column): kind
        for view, column, kind in asked(
            in_postgres,
            "select attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod)"
            " from pg_attribute where attnum > 0 and attrelid in"
            " (select oid from pg_class where relnamespace = 'bi'::regnamespace)",
        )
    }
    assert {kind for (_, column), kind in kinds.items() if column.endswith("_idr")} == {"numeric(28,2)"}
    assert {kind for (_, column), kind in kinds.items() if column == "points_lost"} == {"numeric(9,6)"}
    assert kinds["bi.region_quarter", "index"] == "numeric(9,6)"
    assert kinds["bi.not_served_quarter", "not_served"] == "numeric(26,0)"
    assert {kind for (_, column), kind in kinds.items() if column == "quarter_end"} == {"date"}
    assert "numeric" not in kinds.values()


def test_the_latest_quarter_is_the_one_that_the_site_opens_with(
    bi: Settings, in_duckdb: duckdb.DuckDBPyConnection
) -> None:
    with duckdb.connect() as connection:
        opened = latest_period(ReleaseTables(connection, bi.published / "current"))
    assert in_duckdb.execute("select period from bi.period where is_latest").fetchall() == [(opened,)]


def test_a_reader_attaches_the_file_under_a_name_of_his_own(bi: Settings) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{bi.published / 'current' / 'spm.duckdb'}' as rilis (read_only)")
        for view in views():
            connection.execute(f"select * from rilis.bi.{view.name} limit 1")


def test_every_index_that_was_published_is_there_with_the_release_that_changed_it(
    in_postgres: Address, in_duckdb: duckdb.DuckDBPyConnection
) -> None:
    history = (
        "select revision, release_number, previous_index, index, is_current from bi.index_history"
        " where region_code = '{}' and period = '{}' order by revision"
    )
    revised = (
        "select revisions, first_index from bi.region_quarter where region_code = '{}' and period = '{}'"
    )
    # 80 of 100 by recipients, of whom it serves 52, then 55, then 58 percent; 10 by one of 72 services
    values = [Decimal("41.738889"), Decimal("44.138889"), Decimal("46.538889")]
    for asking in (lambda sql: asked(in_postgres, sql), lambda sql: in_duckdb.execute(sql).fetchall()):
        assert asking(history.format(CORRECTED, "2024-Q3")) == [
            (0, 1, None, values[0], False),
            (1, 2, values[0], values[1], False),
            (2, 3, values[1], values[2], True),
        ]
        assert asking(revised.format(CORRECTED, "2024-Q3")) == [(2, values[0])]
        # a first report that came late revises nothing
        late = Decimal("56.138889")
        assert asking(history.format(LATE, "2024-Q4")) == [
            (0, 2, None, None, False),
            (1, 3, None, late, True),
        ]
        assert asking(revised.format(LATE, "2024-Q4")) == [(0, late)]
        releases = asking("select release_number, is_current from bi.release order by 1")
        assert releases == [(1, False), (2, False), (3, True)]
        # the last release says what those before it changed, too
        assert asking("select distinct release_number from bi.revision order by 1") == [(2,), (3,)]


@pytest.fixture
def logins(postgres: URL, in_postgres: Address) -> Iterator[Mapping[str, str]]:
    """A login of each of the two roles."""
    names = {"spm_reader": "bi_pembaca", "spm_text_reader": "bi_pembaca_teks"}
    for role, name in names.items():
        asked(in_postgres, f"create role {name} login password '{PASSWORD}' in role {role}")
    url = postgres.set(database="bi_views", password=PASSWORD)
    yield {role: plain(url.set(username=name)) for role, name in names.items()}
    for name in names.values():
        asked(in_postgres, f"drop role {name}")


def test_who_may_not_read_words_of_senders_reads_every_view_without_them_and_no_other(
    logins: Mapping[str, str],
) -> None:
    with_texts = {view.name for view in views() if view.with_texts}
    assert with_texts
    for view in views():
        question = f"select * from bi.{view.name} limit 1"
        asked(logins["spm_text_reader"], question)
        if view.with_texts:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                asked(logins["spm_reader"], question)
        else:
            asked(logins["spm_reader"], question)


def test_a_view_shows_the_rows_of_the_province_that_its_reader_may_see(
    bi_releases: Home, address: Address, reader: str
) -> None:
    load(bi_releases, address, bi_releases.ids[-1], postgres_rows="province")
    asked(address, f"insert into spm_access.province_reader select '{psycopg_login(reader)}', '64'")
    seen = asked(reader, "select distinct province_code from bi.region_quarter")
    assert seen == [("64",)]
    assert asked(reader, "select distinct left(region_code, 2) from bi.not_served_quarter") == [("64",)]
    assert asked(reader, "select count(distinct scope) > 3 from bi.national_quarter") == [(True,)]
    # the latest quarter is that of the nation, also where nothing came from a province
    asked(address, "update spm_access.province_reader set province_code = '31'")
    assert asked(reader, "select count(index) from bi.region_quarter where year = 2024") == [(0,)]
    assert asked(reader, "select period from bi.period where is_latest") == [("2024-Q4",)]


def psycopg_login(uri: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(uri)["user"])


class TestMakingThem:
    def test_a_view_that_somebody_dropped_is_back_after_a_load(
        self, bi_releases: Home, address: Address
    ) -> None:
        load(bi_releases, address, bi_releases.ids[-1])
        asked(address, "drop view bi.region_quarter")
        again = load(bi_releases, address, bi_releases.ids[-1])
        assert again.rows == 0
        assert asked(address, "select count(*) > 0 from bi.region_quarter") == [(True,)]

    def test_a_view_that_is_otherwise_now_is_replaced_and_what_people_built_on_it_stays(
        self, bi_releases: Home, address: Address, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(bi_releases, address, bi_releases.ids[-1])
        asked(address, "create view public.own as select sector_code from bi.sector")
        others = tuple(view for view in views() if view.name != "sector")
        (sector,) = (view for view in views() if view.name == "sector")
        wider = View("sector", sector.sql.replace("\nfrom", ",\n    name_id as name_id\nfrom"), "a", "b")
        monkeypatch.setattr(definitions, "views", lambda: (*others, wider))
        load(bi_releases, address, bi_releases.ids[-1])
        assert asked(address, "select count(name_id) from bi.sector") == [(6,)]
        assert asked(address, "select count(*) from public.own") == [(6,)]

    def test_a_column_of_another_type_is_made_anew_where_nothing_hangs_on_the_view(
        self, bi_releases: Home, address: Address, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(bi_releases, address, bi_releases.ids[-1])
        others = tuple(view for view in views() if view.name != "sector")
        (sector,) = (view for view in views() if view.name == "sector")
        sql = sector.sql.replace("sort_order as sector_order", "cast(sort_order as bigint) as sector_order")
        assert sql != sector.sql
        monkeypatch.setattr(definitions, "views", lambda: (*others, View("sector", sql, "a", "b")))
        load(bi_releases, address, bi_releases.ids[-1])
        kind = "select format_type(atttypid, atttypmod) from pg_attribute where attname = 'sector_order'"
        assert asked(address, f"{kind} and attrelid = 'bi.sector'::regclass") == [("bigint",)]
        assert made.SCHEMA == "bi"

    def test_an_older_release_has_them_too(self, bi_releases: Home, address: Address, tmp_path: Path) -> None:
        load(bi_releases, address, bi_releases.ids[0])
        assert asked(address, "select max(period) from bi.region_quarter") == [("2024-Q3",)]
        place = bi_releases.settings.published / "releases" / bi_releases.ids[0] / "spm.duckdb"
        with duckdb.connect(str(place), read_only=True) as connection:
            found = connection.execute("select max(period) from bi.region_quarter").fetchall()
        assert found == [("2024-Q3",)]
