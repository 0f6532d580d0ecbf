"""What stands under the pages of the site: the CSV beside a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.reports.site.csv_files import csv_file, csv_files_by
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
