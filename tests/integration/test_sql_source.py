"""The SQL connector gives one snapshot, whole, each row once and each value as its own text, or nothing.

It never writes, never waits without end, never tells a secret; a hostile file harms only the child that
opens it.
"""

from __future__ import annotations

import os
import random
import re
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import URL, create_engine, text

from pipelines.registry.periods import Period
from pipelines.settings import PROJECT_DIR
from pipelines.sources.config import SourcesError, load_sources
from pipelines.sources.source import SourceUnavailable, UnknownShape
from pipelines.sources.sql import connector as sql
from pipelines.sources.sql import server as sql_server
from pipelines.sources.sql import sqlite_file
from pipelines.sources.sql.failures import PermanentFailure
from pipelines.sources.sql.spec import SqlSource
from pipelines.submissions.extract import Number, parsed, read
from pipelines.submissions.rows import RawFile, Reject
from tests.integration.faulty_line import Fault, FaultyLine
from tests.integration.postgres import READER_PASSWORD, as_reader, engine_of

Q4 = Period(2024, 4)
ROWS = 1200
TOTAL = 10 * ROWS
ALL_ROWS = "select id, region, '2024-Q4' as period, amount, padding from capaian"
CREATE = "create table capaian (id integer primary key, region text, amount integer, padding text)"


@pytest.fixture(autouse=True)
def _no_pauses_and_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "FIRST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(sql_server, "ROWS_PER_BATCH", 200)
    monkeypatch.setattr(sqlite_file, "ROWS_PER_BATCH", 200)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each attempt."""
    attempts: list[str] = []
    read_once = sql._read

    def counted(*arguments: Any) -> Any:
        attempts.append("asked")
        return read_once(*arguments)

    monkeypatch.setattr(sql, "_read", counted)
    return attempts


def _spec(query: str, *, url: str | URL | None = None, **keys: Any) -> SqlSource:
    address = url.render_as_string(hide_password=False) if isinstance(url, URL) else url
    return SqlSource(**{"name": "dinas", "kind": "sql", "query": query, "key": "id", "url": address, **keys})


def _rows(files: list[RawFile]) -> list[dict[str, Any]]:
    return [parsed(line) for file in files for line in file.content.decode().split("\n") if line]


def _fill(execute: Callable[[str], Any]) -> None:
    """``ROWS`` rows of 10 each, in five regions."""
    execute(CREATE)
    execute(
        f"with recursive ids (id) as (select 1 union all select id + 1 from ids where id < {ROWS}) "
        "insert into capaian select id, 'daerah ' || (id % 5), 10, '0123456789abcdef0123456789abcde' from ids"
    )


@pytest.fixture
def filled(database: URL) -> URL:
    with engine_of(database).begin() as connection:
        _fill(lambda statement: connection.execute(text(statement)))
    return database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kiriman.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        _fill(connection.execute)
        connection.commit()
    return path


def _is_one_snapshot(rows: list[dict[str, Any]]) -> bool:
    """Every row, none twice; and no transfer seen by half."""
    ids = {row["id"] for row in rows}
    return len(rows) == len(ids) == ROWS and sum(int(row["amount"]) for row in rows) == TOTAL


@contextmanager
def _transfers(transfer: Callable[[random.Random], None]) -> Iterator[list[int]]:
    """Another writer commits transfers all the while; the list grows with each."""
    done, stop = [0], threading.Event()
    draw = random.Random(5)

    def write() -> None:
        while not stop.wait(0.005):
            transfer(draw)
            done[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield done
    finally:
        stop.set()
        writer.join()


def _transfer_sql(draw: random.Random) -> list[str]:
    """Value goes from a row to another, and a row leaves its place: counts and sums stay."""
    giver, taker, mover = draw.sample(range(1, ROWS + 1), 3)
    return [
        f"update capaian set amount = amount - 3 where id in ({giver}, {giver + ROWS})",
        f"update capaian set amount = amount + 3 where id in ({taker}, {taker + ROWS})",
        f"update capaian set id = {2 * mover + ROWS} - id where id in ({mover}, {mover + ROWS})",
    ]


# --- values and what is asked ---------------------------------------------------------------------


def test_each_value_of_postgresql_comes_as_its_own_text(database: URL) -> None:
    query = """
        select 1 as id, '64.71' as region, '2024-Q4' as period, 1234.50::numeric(12, 2) as scaled,
               12345678901234567890.123456789::numeric as exact, 1e3::numeric as thousand,
               0.1::float8 as float, 'nan'::float8 as nan, 9007199254740993::bigint as whole,
               '1.234' as typed, true as flag, null as nothing,
               date '2025-01-20' as day, timestamp '2025-01-20 08:00' as local,
               timestamptz '2025-01-20 08:00+07' as zoned, '\\xc0ffee'::bytea as bytes,
               'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as uuid, '{"a": [1]}'::jsonb as json
    """
    (row,) = _rows(sql.extract(_spec(query, url=f"{database}"), None))
    numbers = {name: value for name, value in row.items() if isinstance(value, Number)}
    assert numbers == {
        "id": "1",
        "scaled": "1234.50",
        "exact": "12345678901234567890.123456789",
        "thousand": "1000",
        "float": "0.1",
        "whole": "9007199254740993",
    }
    zoned = row.pop("zoned")
    assert zoned[19:] in ("+00:00", "+07:00")
    assert {name: value for name, value in row.items() if name not in numbers} == {
        "region": "64.71",
        "period": "2024-Q4",
        "nan": "nan",
        "typed": "1.234",
        "flag": "true",
        "nothing": None,
        "day": "2025-01-20",
        "local": "2025-01-20T08:00:00",
        "bytes": "c0ffee",
        "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "json": '{"a": [1]}',
    }


def test_each_value_of_sqlite_comes_as_its_own_text(file: Path) -> None:
    query = """
        select 1 as id, '64.71' as region, '2024-Q4' as period, 0.1 as float, 1e400 as infinite,
               9007199254740993 as whole, '1.234' as typed, null as absent, x'c0ffee' as bytes,
               'é \\: ☃' as words
    """
    (row,) = _rows(sql.extract(_spec(query, url=f"sqlite:///{file}"), None))
    assert {name for name, value in row.items() if isinstance(value, Number)} == {"id", "float", "whole"}
    assert row == {
        "id": "1",
        "region": "64.71",
        "period": "2024-Q4",
        "float": "0.1",
        "infinite": "Infinity",
        "whole": "9007199254740993",
        "typed": "1.234",
        "absent": None,
        "bytes": "c0ffee",
        "words": "é : ☃",
    }


def test_a_value_that_python_has_no_type_for_costs_no_other(database: URL) -> None:
    query = """
        select 1 as id, 'infinity'::timestamptz as sent, 'infinity'::date as day,
               'infinity'::timestamp as local, date '12024-01-01' as far,
               interval '2 hours' as long, 'infinity'::float8 as endless
        union all
        select 2, '2025-01-20 08:00+07', '2025-01-20', '2025-01-20 08:00', '2025-01-20', '1 day', 0.1
        order by id
    """
    rows = _rows(sql.extract(_spec(query, url=f"{database}"), None))
    assert [rows[0][name] for name in ("sent", "day", "local", "far")] == [*["infinity"] * 3, "12024-01-01"]
    assert (rows[0]["endless"], rows[1]["endless"]) == ("inf", "0.1")
    assert (rows[1]["day"], rows[1]["local"]) == ("2025-01-20", "2025-01-20T08:00:00")
    assert not any(isinstance(row["long"], Number) for row in rows)


def test_a_letter_of_another_encoding_costs_no_row_in_postgresql(database: URL) -> None:
    with engine_of(database).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("create database lama template template0 encoding sql_ascii locale 'C'"))
    old = database.set(database="lama")
    letters = "convert_from('\\x436166e920'::bytea, 'sql_ascii')"
    with create_engine(old, connect_args={"client_encoding": "utf8"}).begin() as connection:
        connection.execute(text(f"create table capaian as select 1 as id, {letters} as note"))
    query = "select id, note from capaian union all select 2, 'ok' order by id"
    rows = _rows(sql.extract(_spec(query, url=old), None))
    assert [(row["id"], row["note"]) for row in rows] == [("1", "Café "), ("2", "ok")]


def test_bytes_are_never_digits_of_a_number_and_a_letter_of_another_encoding_costs_no_row(file: Path) -> None:
    query = """
        select 1 as id, x'36342e3731' as region, x'3530' as realised, x'0400000000000000' as target,
               cast(x'436166e920' as text) as note
        union all select 2, x'ff00', 40, 50, 'ok' order by 1
    """
    one, other = _rows(sql.extract(_spec(query, url=f"sqlite:///{file}"), None))
    assert (one["realised"], one["target"]) == ("berkas biner / binary", "berkas biner / binary")
    assert (one["region"], one["note"]) == ("64.71", "Café ")
    assert (other["region"], other["realised"], other["note"]) == ("berkas biner / binary", "40", "ok")


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_the_period_is_bound_and_only_its_rows_come(kind: str, database: URL, tmp_path: Path) -> None:
    create = "create table nilai (id integer, region text, period text, year integer, quarter integer)"
    insert = "insert into nilai values (1, 'a', '2024-Q3', 2024, 3), (2, 'a', '2024-Q4', 2024, 4)"
    path = tmp_path / "nilai.sqlite"
    with engine_of(database).begin() as there, closing(sqlite3.connect(path)) as here:
        for statement in (create, insert):
            there.exec_driver_sql(statement)
            here.execute(statement)
        here.commit()
    query = (
        "select *, 'tw :x, 10:30' as note from nilai "
        "where period = :period and year = :year and quarter = :quarter"
    ).replace(" :x", " \\:x")
    spec = _spec(query, url=f"sqlite:///{path}" if kind == "sqlite" else database)
    (document,) = sql.extract(spec, Q4)
    assert document.name == "a_2024-Q4.ndjson"
    assert [row["id"] for row in _rows([document])] == ["2"]
    assert _rows([document])[0]["note"] == "tw :x, 10:30"
    assert sql.extract(spec, Period(2031, 1)) == []


def test_a_relative_file_starts_at_the_folder_of_the_sources_file(file: Path) -> None:
    sources = file.parent / "sources.yaml"
    entry = f"{{name: dinas, kind: sql, url: 'sqlite:///{file.name}', query: \"{ALL_ROWS}\", key: id}}"
    sources.write_text(f"sources: [{entry}]")
    (spec,) = load_sources(sources)
    assert isinstance(spec, SqlSource)
    assert _is_one_snapshot(_rows(sql.extract(spec, None)))


def test_a_column_is_found_in_any_case_and_kept_in_the_spelling_of_the_sources_file(database: URL) -> None:
    columns = {"KodeDaerah": "region", "Sasaran": "target", "Nilai": "realised"}
    query = (
        "select 7 as Id, '64.71' as KodeDaerah, 6 as Sasaran, 5 as Nilai, '2024-Q4' as period,"
        " 'achievement' as record"
    )
    spec = _spec(query, url=database, key="ID", columns=columns)
    (document,) = sql.extract(spec, None)
    assert document.name == "64.71_2024-Q4.ndjson"
    table = read(document, spec)
    assert not isinstance(table, Reject)
    assert table.select(["region", "realised", "row_place"]).to_pylist() == [
        {"region": "64.71", "realised": "5", "row_place": "7"}
    ]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        pytest.param("select region, 'x' as period from capaian", "missing: id, amount", id="key"),
        pytest.param("select id, id as amount, region, region from capaian", "twice: region", id="twice"),
    ],
)
def test_an_answer_without_its_columns_is_kept_as_a_refused_document(
    file: Path, query: str, why: str
) -> None:
    spec = _spec(query, url=f"sqlite:///{file}", columns={"amount": "realised"})
    with pytest.raises(UnknownShape, match=why) as caught:
        sql.extract(spec, Q4)
    reject = read(caught.value.document, spec)
    assert isinstance(reject, Reject)
    assert why in reject.value


# --- nothing is written, nothing is told -----------------------------------------------------------

WRITES = [
    "delete from capaian returning id",
    "with gone as (delete from capaian returning *) select * from gone",
    "create table baru (id integer)",
    "insert into capaian (id) values (0) returning id",
    "select id from capaian; delete from capaian",
    "select 1 as id; commit; begin; delete from capaian; commit",
    "update capaian set amount = 0",
    "commit",
]
POSTGRES_WRITES = [
    *WRITES,
    "select 1 as id; commit; begin read write; delete from capaian; commit",
    "select set_config('transaction_read_only', 'off', false), 1 as id",
    "select nextval('urutan') as id",
    "select lo_create(0) as id",
    "copy capaian to program 'true'",
    "begin read write",
]
SQLITE_WRITES = [
    *WRITES,
    "pragma query_only = off",
    "pragma user_version = 7",
    "attach database 'lain.sqlite' as lain",
    "vacuum into 'lain.sqlite'",
    "select load_extension('/lib/x.so') as id",
]


@pytest.mark.attack("sources")
@pytest.mark.parametrize("query", POSTGRES_WRITES)
def test_postgresql_refuses_at_once_whatever_writes(filled: URL, asked: list[str], query: str) -> None:
    with engine_of(filled).begin() as connection:
        connection.exec_driver_sql("create sequence urutan")
    with pytest.raises(SourceUnavailable, match="the query is refused"):
        sql.extract(_spec(query, url=filled), None)
    with engine_of(filled).connect() as connection:
        assert connection.execute(text("select count(*), sum(amount) from capaian")).one() == (ROWS, TOTAL)
        assert connection.execute(text("select to_regclass('baru'), last_value from urutan")).one() == (
            None,
            1,
        )
    assert asked == ["asked"]


@pytest.mark.attack("sources")
@pytest.mark.parametrize("query", SQLITE_WRITES)
def test_sqlite_refuses_at_once_whatever_writes(file: Path, asked: list[str], query: str) -> None:
    before = file.read_bytes()
    with pytest.raises(SourceUnavailable, match="the query is refused"):
        sql.extract(_spec(query, url=f"sqlite:///{file}"), None)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert asked == ["asked"]


@pytest.mark.parametrize(
    ("address", "query", "said"),
    [
        pytest.param("", "select 1 as id", "variable DINAS_URL is not set", id="missing-variable"),
        pytest.param("{wrong_password}", "select 1 as id", "check name, password", id="wrong-password"),
        pytest.param("{no_database}", "select 1 as id", "check name, password", id="no-such-database"),
        pytest.param("{reader}", "select nilai from capaian", "fix 'query'", id="no-such-column"),
        pytest.param("{reader}", "select", "fix 'query'|column is missing", id="no-query"),
        pytest.param("{reader}", "select 1 / (1 - 1) as id", "fix 'query'", id="query-that-fails"),
        pytest.param(
            "mysql+pymysql://u:rahasia@h/x", "select 1", r"spm-pipelines\[mysql\]", id="mysql-driver"
        ),
        pytest.param("mysql://u:rahasia@h/x", "select 1", r"mysql\+pymysql", id="mysql-default-driver"),
        pytest.param(
            "mssql+pymssql://u:rahasia@h/x", "select 1", r"spm-pipelines\[mssql\]", id="mssql-driver"
        ),
        pytest.param("foo://u:rahasia@h/x", "select 1", "unknown kind of database", id="unknown-dialect"),
        pytest.param("postgresql://u:p@h:rahasia/x", "select 1", "%XX", id="unescaped-password"),
        pytest.param("duckdb:///kiriman.duckdb", "select 1 as id", "DuckDB", id="duckdb"),
        pytest.param("sqlite:///tidak-ada.sqlite", "select 1 as id", "no such file", id="no-such-file"),
        pytest.param("sqlite://", "select 1 as id", "no such file", id="sqlite-in-memory"),
    ],
)
def test_what_a_retry_cannot_remedy_is_said_at_once_in_one_line_without_a_secret(
    postgres: URL, monkeypatch: pytest.MonkeyPatch, asked: list[str], address: str, query: str, said: str
) -> None:
    addresses = {
        "reader": as_reader(postgres),
        "wrong_password": as_reader(postgres).replace("uji", "salah"),
        "no_database": as_reader(postgres.set(database="tidak_ada")),
    }
    monkeypatch.setenv("DINAS_URL", address.format(**addresses))
    with pytest.raises((SourceUnavailable, UnknownShape), match=said) as caught:
        sql.extract(_spec(query, url_env="DINAS_URL"), None)
    sentence = str(caught.value)
    assert sentence.startswith("dinas: $DINAS_URL: ")
    assert "\n" not in sentence
    assert not any(secret in sentence for secret in ("rahasia", "raha", READER_PASSWORD, "kata-sandi"))
    assert len(asked) <= 1


def test_a_host_that_does_not_answer_is_tried_again_and_then_named(asked: list[str]) -> None:
    spec = _spec("select 1 as id", url="postgresql://dinas@127.0.0.1:1/x", attempts=3)
    with pytest.raises(SourceUnavailable, match=r"dinas: postgresql://dinas@127.0.0.1:1/x: .*refused"):
        sql.extract(spec, None)
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param("url: 'sqlite:///x', query: 'select :tahun', key: id", "':tahun'", id="unknown-name"),
        pytest.param("url: 'pg://u:p@h/x', query: select 1, key: id", "no secret", id="password"),
        pytest.param("url: 'pg://h/x?password=p', query: select 1, key: id", "no secret", id="option"),
    ],
)
def test_a_wrong_key_is_told_when_the_sources_file_is_read(tmp_path: Path, entry: str, said: str) -> None:
    sources = tmp_path / "sources.yaml"
    sources.write_text(f"sources: [{{name: dinas, kind: sql, {entry}}}]")
    with pytest.raises(SourcesError, match=said):
        load_sources(sources)


def test_every_example_of_the_runbook_is_read(tmp_path: Path) -> None:
    runbook = (PROJECT_DIR / "docs/runbooks/sql-source.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", runbook, re.DOTALL)
    for example in examples:
        (tmp_path / "sources.yaml").write_text(example, encoding="utf-8")
        (spec,) = load_sources(tmp_path / "sources.yaml")
        assert spec.by_period
    assert len(examples) == 4


@pytest.mark.attack("sources")
def test_a_secret_that_a_driver_quotes_is_struck_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def quoting(spec: SqlSource, url: URL, *_: object) -> None:
        raise PermanentFailure(f"{url.render_as_string(hide_password=False)}")

    monkeypatch.setattr(sql, "_read", quoting)
    monkeypatch.setenv("DINAS_URL", "mssql+pyodbc://u:rahasia@h/x?odbc_connect=PWD%3Dlain")
    with pytest.raises(SourceUnavailable) as caught:
        sql.extract(_spec("select 1 as id", url_env="DINAS_URL"), None)
    assert not any(secret in str(caught.value) for secret in ("rahasia", "lain"))


@pytest.mark.attack("sources")
def test_an_answer_larger_than_allowed_is_given_up(filled: URL, file: Path) -> None:
    for url in (filled, f"sqlite:///{file}"):
        with pytest.raises(SourceUnavailable, match="raise 'max_mb'"):
            sql.extract(_spec(ALL_ROWS, url=url, max_mb=0.05), None)


# --- faults ----------------------------------------------------------------------------------------


@pytest.fixture
def line(filled: URL) -> Iterator[FaultyLine]:
    """A faulty line to the filled database."""
    owner = engine_of(filled).execution_options(isolation_level="AUTOCOMMIT")

    def terminate(process: int) -> None:
        with owner.connect() as connection:
            connection.execute(text("select pg_terminate_backend(:process)"), {"process": process})

    line = FaultyLine(filled, terminate)
    yield line
    line.close()


def _faults(draw: random.Random) -> list[Fault]:
    kinds = draw.choices(["close", "reset", "terminate"], k=draw.choice([1, 1, 2, 4]))
    # an attempt's answers are some 90 kB; the first 3 kB are greetings and settings
    return [Fault(draw.choice([draw.randrange(3_000), draw.randrange(90_000)]), kind) for kind in kinds]


@pytest.mark.parametrize("plans", [range(30), pytest.param(range(30, 160), marks=pytest.mark.slow)], ids=str)
def test_over_fault_plans_on_postgresql_every_row_comes_once_from_one_snapshot(
    line: FaultyLine, filled: URL, plans: range
) -> None:
    writer = engine_of(filled).connect()

    def transfer(draw: random.Random) -> None:
        with writer.begin():
            for statement in _transfer_sql(draw):
                writer.execute(text(statement))

    spec = _spec(ALL_ROWS, url=line.url)
    with closing(writer), _transfers(transfer) as done:
        for seed in plans:
            line.start_plan(_faults(random.Random(seed)))
            assert _is_one_snapshot(_rows(sql.extract(spec, None))), seed
    assert done[0] > len(plans)


@pytest.mark.parametrize("plans", [range(20), pytest.param(range(20, 50), marks=pytest.mark.slow)], ids=str)
def test_over_fault_plans_on_sqlite_every_row_comes_once_from_one_snapshot(
    file: Path, monkeypatch: pytest.MonkeyPatch, plans: range
) -> None:
    deaths: list[float] = []

    class MortalPopen(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **keys: Any) -> None:
            super().__init__(*arguments, **keys)
            if deaths:
                threading.Timer(deaths.pop(), self.kill).start()

    writer = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
    writer.execute("pragma synchronous = off")

    def transfer(draw: random.Random) -> None:
        writer.execute(draw.choice(["begin immediate", "begin exclusive"]))
        for statement in _transfer_sql(draw):
            writer.execute(statement)
        writer.execute("commit")

    monkeypatch.setattr(subprocess, "Popen", MortalPopen)
    with closing(writer), _transfers(transfer) as done:
        for seed in plans:
            draw = random.Random(seed)
            deaths[:] = [draw.uniform(0, 0.06) for _ in range(draw.choice([1, 1, 2, 4]))]
            rows = _rows(sql.extract(_spec(ALL_ROWS, url=f"sqlite:///{file}"), None))
            assert _is_one_snapshot(rows), seed
    assert done[0] > len(plans)


@pytest.mark.parametrize("after_bytes", [0, 700, 50_000], ids=["greeting", "settings", "rows"])
def test_a_server_that_falls_silent_is_left_in_time_and_asked_again(
    line: FaultyLine, asked: list[str], after_bytes: int
) -> None:
    line.start_plan([Fault(after_bytes, "stall")])
    started = time.monotonic()
    rows = _rows(sql.extract(_spec(ALL_ROWS, url=line.url, timeout_seconds=2), None))
    assert _is_one_snapshot(rows)
    assert 2 <= time.monotonic() - started < 5
    assert len(asked) == 2


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_query_that_takes_too_long_is_ended_and_said(kind: str, database: URL, file: Path) -> None:
    endless = "with recursive n (id) as (select 1 union all select id + 1 from n) select max(id) as id from n"
    spec = _spec(
        "select pg_sleep(60), 1 as id" if kind == "postgresql" else endless,
        url=database if kind == "postgresql" else f"sqlite:///{file}",
        timeout_seconds=0.3,
        attempts=2,
    )
    started = time.monotonic()
    with pytest.raises(SourceUnavailable, match=r"timeout"):
        sql.extract(spec, None)
    assert time.monotonic() - started < 5


# --- files that somebody sent ----------------------------------------------------------------------


def _overwritten(path: Path, start: int, content: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(start)
        stream.write(content)


def _damaged(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


BOMB = "with recursive n (id) as (select 1 union all select id + 1 from n) select id, id as amount from n"
HOSTILE: dict[str, Callable[[Path], Any]] = {
    "not-sqlite": lambda path: path.write_bytes(b"PK\x03\x04" + os.urandom(5000)),
    "empty": lambda path: path.write_bytes(b""),
    "cut-in-half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "header-only": lambda path: os.truncate(path, 100),
    "noise-in-pages": lambda path: _overwritten(path, 4096, random.Random(3).randbytes(200_000)),
    "noise-in-schema": lambda path: _overwritten(path, 100, random.Random(4).randbytes(3900)),
    "page-size-0": lambda path: _overwritten(path, 16, b"\x00\x00"),
    "endless-view": lambda path: _damaged(
        path,
        f"drop table capaian; create view capaian as {BOMB.replace('amount', 'amount, 1 region, 2 padding')}",
    ),
    "giant-cell": lambda path: _damaged(
        path, "insert into capaian (id, padding) values (0, zeroblob(100000000))"
    ),
    "giant-value-of-a-view": lambda path: _damaged(
        path,
        "drop table capaian; create view capaian as "
        "select 1 id, 2 region, 3 amount, hex(zeroblob(900000000)) padding",
    ),
    "giant-row": lambda path: _damaged(
        path,
        "drop table capaian; create view capaian as select 1 id, hex(zeroblob(7000000)) region, "
        "hex(zeroblob(7000000)) amount, hex(zeroblob(7000000)) padding",
    ),
    "view-that-loads-code": lambda path: _damaged(
        path,
        "drop table capaian; create view capaian as "
        "select 1 id, 2 region, 3 amount, load_extension('/tmp/x.so') padding",
    ),
    "view-on-itself": lambda path: _damaged(
        path,
        "create view lain as select * from capaian; pragma writable_schema = on; "
        "update sqlite_master set sql = 'create view lain as select * from lain' where name = 'lain'; "
        "update sqlite_master set sql = 'create table capaian (id, region, amount generated always as "
        "(load_extension(region)), padding)' where name = 'capaian'",
    ),
}


@pytest.mark.attack("sources")
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_in_a_sentence(file: Path, make: Callable[[Path], Any]) -> None:
    make(file)
    with pytest.raises(SourceUnavailable, match=r"dinas: sqlite:///.* / ") as caught:
        sql.extract(_spec(ALL_ROWS, url=f"sqlite:///{file}", timeout_seconds=2, max_mb=20), None)
    assert "\n" not in str(caught.value)
    assert not [child for child in psutil.Process().children() if "sqlite_child" in " ".join(child.cmdline())]
