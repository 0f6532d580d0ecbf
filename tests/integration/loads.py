"""Releases of a few provinces, and loads of them into a real PostgreSQL.

Put here: what every test of loading needs. Keep out: the server (``postgres``), what should come of a load.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import duckdb
import psycopg
import pytest
from sqlalchemy import URL, make_url

from pipelines.publish.candidate import Candidate
from pipelines.publish.postgres import publication
from pipelines.publish.postgres.address import Address
from pipelines.publish.postgres.load import Loaded
from pipelines.publish.releases import Releases
from pipelines.settings import POSTGRES_URL, PROJECT_DIR, Settings
from tests.integration import stories
from tests.integration.candidates import PERIODS, copy_of, release, rewrite
from tests.integration.home import query

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


@pytest.fixture(scope="session")
def home(good_build: Candidate) -> Home:
    """The releases of two quarters: made once, never changed."""
    folder = stories.made(("releases", good_build.hashes()), lambda kept: _publish(good_build, kept))
    settings = Settings(folder / "home")
    return Home(settings, Releases(settings.published).ids())


def _publish(good_build: Candidate, folder: Path) -> None:
    releases = Releases(folder / "home" / "published")
    quarters = slim(good_build, folder / "both", "true")
    first = slim(good_build, folder / "first", f"period = '{PERIODS[0]}'")
    release(releases, replace(first, periods=PERIODS[:1]))
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
        release(releases, quarters)


def slim(candidate: Candidate, folder: Path, condition: str) -> Candidate:
    """The candidate with the regions of a few provinces: a load takes a moment."""
    made = copy_of(candidate, folder)
    for table in made.tables:
        columns = columns_of(made.file(table))
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
    with psycopg.connect(plain(database), autocommit=True) as owner:
        owner.execute(
            "do $$ begin create role spm_reader nologin; exception when duplicate_object then null; end $$"
        )
        owner.execute(f"create role {name} login password '{PASSWORD}' in role spm_reader")
    yield plain(database.set(username=name, password=PASSWORD))
    with psycopg.connect(plain(database), autocommit=True) as owner:
        owner.execute(f"drop owned by {name}")
        owner.execute(f"drop role {name}")


def plain(url: URL) -> str:
    return Address.parse(url.render_as_string(hide_password=False)).uri


def login(url: str) -> str:
    return str(make_url(url).username)


def columns_of(file: Path) -> list[str]:
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
    return str(asked(url, "select max(release_id) from marts.mart_release")[0][0])


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
