"""What stands under the pages of the site: the CSV beside a table, and the word for a region's report."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.reports.site.csv_files import csv_file, csv_files_by
from pipelines.reports.site.reporting import make_reporting
from pipelines.warehouse.release_tables import ReleaseTables

HOSTILE = ('=HYPERLINK("http://x")', "a,b", 'say "no"', "two\nlines", "+1", "-1234", "@x", "Kota Batu")
COLUMNS = ("name", "value", "is_it", "nothing")


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[ReleaseTables]:
    with duckdb.connect(config={"default_null_order": "nulls_last"}) as connection:
        yield ReleaseTables(connection, tmp_path)


def test_a_file_of_the_database_is_that_of_python_and_runs_nothing_in_a_spreadsheet(
    tables: ReleaseTables,
) -> None:
    tables.execute(
        "create table t (key int, line int, name varchar, value decimal(18, 6), is_it boolean, nothing int)"
    )
    for at, text in enumerate(HOSTILE):
        tables.execute("insert into t values (1, $at, $text, $at * 1.25, $at > 3, null)", at=at, text=text)
    rows = tables.rows("select * from t order by line")
    for is_demo in (False, True):
        written = csv_file(COLUMNS, rows, is_demo=is_demo)
        found = csv_files_by(tables, "key", "select * from t", "line", COLUMNS, is_demo=is_demo)
        read, other = (
            list(csv.reader(each.decode().splitlines(keepends=True))) for each in (written, found[1])
        )
        assert read == other
        cells = [line[0] for line in read[1:]]
        assert [text for text in cells if text[0] in "=@+"] == []
        assert '\'=HYPERLINK("http://x")' in cells
        assert "-1234" in cells
        assert {line[1] for line in read[1:3]} == {"0", "1.25"}
        assert {line[3] for line in read[1:]} == {""}


@pytest.mark.parametrize(
    ("index", "basis", "timeliness", "rejected", "is_interim", "expected"),
    [
        (50, "submitted", "late", 0, False, "with_index"),
        (50, "published", "missing", 1, False, "press"),
        (None, None, "on_time", 0, False, "reported_without_index"),
        (None, None, "missing", 2, True, "refused"),
        (None, None, "missing", 0, True, "not_yet_due"),
        (None, None, "missing", 0, False, "not_sent"),
    ],
)
def test_what_a_region_reported_is_the_published_word_or_worked_out_where_there_is_none(
    tables: ReleaseTables,
    index: int | None,
    basis: str | None,
    timeliness: str,
    rejected: int,
    is_interim: bool,
    expected: str,
) -> None:
    tables.execute(
        "create table mart_region_score as select '64' as region_code, '2024-Q4' as period,"
        " $index::int as index, $basis::varchar as basis, $is_interim as is_interim",
        index=index,
        basis=basis,
        is_interim=is_interim,
    )
    tables.execute(
        "create table mart_compliance as select '64' as region_code, '2024-Q4' as period,"
        " $timeliness as timeliness, $rejected as documents_rejected",
        timeliness=timeliness,
        rejected=rejected,
    )
    make_reporting(tables)
    assert tables.rows("select reporting_status from reporting") == [{"reporting_status": expected}]
    tables.execute("drop table reporting")
    tables.execute("alter table mart_compliance add column reporting_status varchar default 'of the mart'")
    make_reporting(tables)
    assert tables.rows("select reporting_status from reporting") == [{"reporting_status": "of the mart"}]
