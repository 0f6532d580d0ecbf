"""Every published column, of tables and views, has its words in both languages in one place: columns.csv."""

from __future__ import annotations

import re

import duckdb
import pytest

from pipelines.registry.columns import WORDS, words_of
from pipelines.registry.seeds import read_seed
from pipelines.warehouse.manifest import cards
from pipelines.warehouse.views import SCHEMA, views


def columns_of_views() -> dict[str, tuple[str, ...]]:
    """The columns of each view, over tables without a row."""
    with duckdb.connect() as connection:
        connection.execute(f"create schema {SCHEMA}")
        for card in cards().values():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in card.columns.items())
            connection.execute(f"create table {card.name} ({listed})")
        found = {}
        for view in views():
            place = f"{SCHEMA}.{view.name}"
            connection.execute(f"create view {place} as {view.over('main')}")
            found[view.name] = tuple(row[0] for row in connection.execute(f"describe {place}").fetchall())
    return found


COLUMNS = {card.name: tuple(card.columns) for card in cards().values()} | columns_of_views()
ROWS = list(read_seed("columns"))


@pytest.mark.parametrize("table", COLUMNS)
def test_every_published_column_has_its_words(table: str) -> None:
    for column in COLUMNS[table]:
        assert set(words_of(table, column)) == set(WORDS)


def test_no_row_of_the_dictionary_is_without_a_column() -> None:
    own = {(row.optional("table_name"), row.text("column_name")) for row in ROWS}
    published = {(table, column) for table, columns in COLUMNS.items() for column in columns}
    needed = {(table if (table, column) in own else None, column) for table, column in published}
    assert own - needed == set()


def test_a_column_has_one_row_for_a_table() -> None:
    keys = [(row.optional("table_name"), row.text("column_name")) for row in ROWS]
    assert len(keys) == len(set(keys))


def test_what_an_official_reads_is_a_sentence_in_each_language() -> None:
    for row in ROWS:
        place = f"{row.file}:{row.line}"
        assert row.text("label_id") != row.text("column_name"), place
        assert row.text("label_en") != row.text("column_name"), place
        assert row.text("description_id").endswith("."), place
        assert row.text("description_en").endswith("."), place
        assert row.text("description_id") != row.text("description_en"), place


ADDED_UP = {"sum", "sum_in_period", "sum_by_unit"}
# these units are no amounts
NOT_SUMMED = {"code", "text", "date", "time_utc", "boolean", "rank", "order", "year", "quarter"}
# set by somebody, or a share of such a share: no parts that could be summed
WITHOUT_PARTS = {
    *("national_target_percent", "own_target_percent", "year_end_share"),
    *("percent_of_own_target", "percent_of_national_target", "coverage"),
}


@pytest.mark.parametrize("table", COLUMNS)
def test_a_share_names_the_columns_that_are_summed_in_its_place(table: str) -> None:
    for column in COLUMNS[table]:
        words = words_of(table, column)
        if ratio := re.fullmatch(r"ratio: (\S+) / (\S+)", words["aggregation"]):
            for part in ratio.groups():
                home, _, name = part.rpartition(".")
                assert name in COLUMNS[home or table], column
                assert words_of(home or table, name)["aggregation"] in ADDED_UP, column
        else:
            assert words["aggregation"] in ADDED_UP | {"mean_in_period", "none"}, column
            assert words["unit"] not in NOT_SUMMED or words["aggregation"] == "none", column
            assert words["unit"] not in {"percent", "ratio"} or column in WITHOUT_PARTS, column
