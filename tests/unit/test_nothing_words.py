"""Words for nothing are compared alike in Python and in the models; a blank cell is one in every column."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from pipelines.landing.landed_rows import _unless_blank
from pipelines.registry.nothing_words import is_blank, nothing_key, says_nothing
from pipelines.warehouse.compiled import project

WRITTEN = (
    "nihil",
    "Tdk. ada",
    "–",
    "- - -",
    "…",
    "\\N",
    "N",
    "(NULL)",
    "n.a.",
    "Belum  ada!",
    "ada",
    "?",
    "v",
    "",
)


def test_the_models_compare_words_for_nothing_as_python_does() -> None:
    sql = next(
        model.sql
        for model in project(1, "1GB").models_of(["int_rows__numbers"])
        if "nothing_key" in model.sql
    )
    start = sql.index("case", sql.index("nothing as ("))
    expression = sql[start : sql.index("as nothing_key")]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {expression} from (select unnest($texts) as word)", {"texts": WRITTEN}
        ).fetchall()
    assert [key for (key,) in found] == [nothing_key(text) for text in WRITTEN]


@pytest.mark.parametrize(
    "text", ["nihil", "–", "tdk ada", "belum ada", "\\N", "NULL", "n/a", "\u200bNihil\u00a0"]
)
def test_words_for_nothing_are_known(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["N", "ada", "x", "0", "5", "✓", "tidak", ""])
def test_what_may_mean_more_than_one_thing_is_none_of_them(text: str) -> None:
    assert not says_nothing(text)


def test_only_what_fills_an_empty_cell_is_blank_in_a_text() -> None:
    texts = ["-", "NULL", "\\N", "n/a", "—", None, "", "nihil", "belum ada", "Orang"]
    kept = _unless_blank(pa.chunked_array([texts], pa.string())).to_pylist()
    assert kept == [None] * 6 + ["", "nihil", "belum ada", "Orang"]
    assert not is_blank("nihil")
