"""One quarter is one quarter: by form, CSV, API or database, the same reports give the same bytes of marts.

Only what says where a value came from may differ: `source_ref`, `submission_id`, `mart_document`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from sqlalchemy import URL

from pipelines.publish.releases import Releases
from pipelines.readers.documents import csv
from pipelines.registry.periods import Period
from pipelines.settings import Settings
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, RawFile, Reject
from spm_sample.command import write_sample
from tests.integration.home import NOW, publish_periods
from tests.integration.postgres import as_reader, engine_of

PERIOD = "2024-Q4"
PAGE = 300
PROVENANCE = {"source_ref", "target_source_ref", "submission_id"}
OF_THE_WAY_IN = {"mart_document", "mart_release", "mart_rule"}
FACTS = ("fct_budget", "fct_indicator", "fct_problem", "fct_stage", "mart_finding")
"""Tables that say of each row where it came from."""
THEIRS = {"jenis": "record", "kode_daerah": "region", "triwulan": "period", "capaian": "realised"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(12, id="twelve_regions"),
        pytest.param(None, id="national", marks=pytest.mark.slow),
    ],
)
def regions(request: pytest.FixtureRequest) -> int | None:
    """How many regions report; none means all."""
    found: int | None = request.param
    return found


def _sample(folder: Path, kind: str, regions: int | None) -> Path:
    write_sample(folder, (Period.parse(PERIOD),), regions, kind, 3, 7, 0.0, [])
    for path in (folder / "inbox").rglob("*.*"):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return folder / "sources.yaml"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, regions: int | None) -> list[dict[str, Any]]:
    """The rows of the sample as a system of its own holds them: other names, a key, no blanks."""
    folder = tmp_path_factory.mktemp("rows")
    _sample(folder, "csv", regions)
    names = {ours: theirs for theirs, ours in THEIRS.items()}
    found: list[dict[str, Any]] = []
    for path in sorted((folder / "inbox").rglob("*.csv")):
        reading = csv.read(RawFile(path.name, path.read_bytes()), ReadingSpec(name="sample", kind="csv"))
        assert not isinstance(reading, Reject)
        for row in reading.select(COLUMNS).to_pylist():
            theirs = {names.get(name, name): value or None for name, value in row.items()}
            found.append({"id": len(found) + 1, **theirs})
    return found


def _sources(folder: Path, text: str) -> Path:
    path = folder / "sources.yaml"
    columns = "{" + ", ".join(f"{theirs}: {ours}" for theirs, ours in THEIRS.items()) + "}"
    source = f"{{name: espm, demo: true, columns: {columns}, key: id, {text}}}"
    path.write_text(f"sources:\n- {source}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def api(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A server that hands the rows out in pages by number."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            chosen = [row for row in rows if row["triwulan"] == asked["triwulan"]]
            start = (int(asked["page"]) - 1) * PAGE
            body = json.dumps({"total": len(chosen), "data": chosen[start : start + PAGE]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """No lines between the tests' own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/capaian"
        server.shutdown()


def _by_api(folder: Path, address: str) -> Path:
    pages = "{by: number, param: page, total: total}"
    text = f"kind: rest, url: '{address}?triwulan={{period}}', records: data, pages: {pages}"
    return _sources(folder, f"{text}, requests_per_second: 1000")


def _fill(execute: Callable[..., Any], rows: list[dict[str, Any]], mark: str) -> None:
    columns = ", ".join(f'"{name}" text' for name in rows[0] if name != "id")
    execute(f"create table laporan (id integer primary key, {columns})")
    for row in rows:
        execute(f"insert into laporan values ({', '.join([mark] * len(row))})", tuple(row.values()))


def _by_sqlite(folder: Path, rows: list[dict[str, Any]]) -> Path:
    with sqlite3.connect(folder / "laporan.db") as connection:
        _fill(connection.execute, rows, "?")
    query = "select * from laporan where triwulan = :period"
    return _sources(folder, f"kind: sql, url: 'sqlite:///laporan.db', query: '{query}'")


def _by_postgres(folder: Path, rows: list[dict[str, Any]], owner: URL) -> Path:
    with engine_of(owner).begin() as connection:
        connection.exec_driver_sql("drop table if exists laporan")
        _fill(connection.exec_driver_sql, rows, "%s")
    query = "select * from laporan where triwulan = :period"
    return _sources(folder, f"kind: sql, url_env: SPM_TEST_LAPORAN, query: '{query}'")


def _release(folder: Path, sources: Path) -> Path:
    settings = replace(Settings(folder / "home", sources), now=NOW)
    publish_periods(settings, [PERIOD])
    return Releases(settings.published).current_folder()


@pytest.fixture(scope="module")
def releases(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, Any]],
    regions: int | None,
    api: str,
    postgres: URL,
) -> dict[str, Path]:
    """The release of each way in."""
    folders = {
        kind: tmp_path_factory.mktemp(kind) for kind in ("csv", "workbook", "rest", "sqlite", "postgres")
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPM_TEST_LAPORAN", as_reader(postgres))
        sources = {
            "csv": _sample(folders["csv"], "csv", regions),
            "workbook": _sample(folders["workbook"], "workbook", regions),
            "rest": _by_api(folders["rest"], api),
            "sqlite": _by_sqlite(folders["sqlite"], rows),
            "postgres": _by_postgres(folders["postgres"], rows, postgres),
        }
        return {kind: _release(folder, sources[kind]) for kind, folder in folders.items()}


each_way = pytest.mark.parametrize("way", ["workbook", "rest", "sqlite", "postgres"])


@each_way
def test_every_mart_is_the_same_file(releases: dict[str, Path], way: str) -> None:
    names = {path.name for path in releases["csv"].glob("*.parquet")}
    compared = sorted(name for name in names if name.split(".")[0] not in {*FACTS, *OF_THE_WAY_IN})
    unlike = [
        name
        for name in compared
        if (releases["csv"] / name).read_bytes() != (releases[way] / name).read_bytes()
    ]
    assert len(compared) >= 15
    assert unlike == []


@each_way
def test_every_rule_judged_the_same_but_for_who_a_form_says_it_is_from(
    releases: dict[str, Path], way: str
) -> None:
    def judged(folder: Path) -> list[tuple[Any, ...]]:
        table = f"read_parquet('{folder / 'mart_rule.parquet'}')"
        return duckdb.sql(f"from {table} where rule_id != 'IDN-001' order by all").fetchall()

    assert len(judged(releases["csv"])) > 50
    assert judged(releases[way]) == judged(releases["csv"])


@each_way
@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_is_the_same_but_for_where_it_came_from(
    releases: dict[str, Path], way: str, fact: str
) -> None:
    def facts(folder: Path) -> list[tuple[Any, ...]]:
        listed = duckdb.sql(
            f"select columns(name -> not list_contains({sorted(PROVENANCE)}, name)) "
            f"from read_parquet('{folder / fact}.parquet') order by all"
        )
        return listed.fetchall()

    expected = facts(releases["csv"])
    assert expected
    assert facts(releases[way]) == expected


@pytest.mark.parametrize("way", ["rest", "sqlite", "postgres"])
def test_a_fact_names_its_row_in_the_system_it_came_from(
    releases: dict[str, Path], rows: list[dict[str, Any]], way: str
) -> None:
    found = duckdb.sql(
        "select source_ref, region_code, service_code, component "
        f"from read_parquet('{releases[way] / 'fct_indicator'}.parquet') where status = 'reported'"
    ).fetchall()
    by_key = {f"espm:{row['id']}": row for row in rows}
    assert len(found) > 1000
    told = [
        (by_key[ref]["kode_daerah"], by_key[ref]["service"], by_key[ref]["component"]) for ref, *_ in found
    ]
    assert told == [tuple(rest) for _, *rest in found]


def test_a_row_that_returns_to_an_earlier_value_is_published_with_it(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    chosen = [row for row in rows if row["kode_daerah"] == "11" and row["component"] == "recipients"]
    sources = _by_sqlite(tmp_path, chosen)
    targets = []
    for day, target in enumerate(["1000", "2000", "1000"], start=1):
        with sqlite3.connect(tmp_path / "laporan.db") as connection:
            connection.execute("update laporan set target = ? where id = ?", (target, chosen[0]["id"]))
        settings = Settings(tmp_path / "home", sources, now=NOW.replace(day=day))
        publish_periods(settings, [PERIOD])
        ref = f"espm:{chosen[0]['id']}"
        facts = Releases(settings.published).current_folder() / "fct_indicator.parquet"
        found = duckdb.sql(f"select target from read_parquet('{facts}') where source_ref = '{ref}'")
        targets += [int(target) for (target,) in found.fetchall()]
    assert targets == [1000, 2000, 1000]
