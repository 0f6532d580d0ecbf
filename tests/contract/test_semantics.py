"""The semantic models sum up as ``columns.csv`` says: a share by its parts, a stand never over time.

The dictionary says of each column how it may be summed up (``aggregation``); the metrics for BI tools follow.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pytest

from pipelines.registry.columns import words_of
from pipelines.settings import PROJECT_DIR
from pipelines.warehouse import dbt
from pipelines.warehouse.manifest import marts

MANIFEST = dbt.manifest()
SEMANTIC = sorted(MANIFEST["semantic_models"].values(), key=lambda model: model["name"])
METRICS = {metric["name"]: metric for metric in MANIFEST["metrics"].values()}
COLUMNS = {card.name: card.columns for card in marts().values()}
each_semantic = pytest.mark.parametrize("semantic", SEMANTIC, ids=lambda model: model["name"])


def table_of(semantic: dict[str, Any]) -> str:
    """The mart behind a semantic model."""
    return str(semantic["node_relation"]["alias"])


def columns_in(table: str, expr: str) -> set[str]:
    """The columns of a table that an expression reads."""
    return set(re.findall(r"\w+", expr)) & set(COLUMNS[table])


def ways(table: str, expr: str) -> set[str]:
    """How the columns of an expression may be summed up, by the dictionary; a flag only chooses rows."""
    summed = [column for column in columns_in(table, expr) if COLUMNS[table][column] != "boolean"]
    return {words_of(table, column)["aggregation"] for column in summed}


def parts(metric: str) -> tuple[str, str]:
    """The mart and the one column that a simple metric sums up; of two the one that is summed."""
    name = METRICS[metric]["type_params"]["measure"]["name"]
    for semantic in SEMANTIC:
        for measure in semantic["measures"]:
            if measure["name"] == name:
                summed = re.search(r"then (\w+)", measure["expr"])
                return table_of(semantic), summed[1] if summed else measure["expr"]
    raise AssertionError(f"no measure {name}")


@each_semantic
def test_every_expression_runs_on_the_columns_that_the_mart_promises(semantic: dict[str, Any]) -> None:
    table = table_of(semantic)
    with duckdb.connect() as connection:
        typed = ", ".join(f'"{column}" {kind}' for column, kind in COLUMNS[table].items())
        connection.execute(f"create table {table} ({typed})")
        for kind in ("entities", "dimensions", "measures"):
            for part in semantic[kind]:
                expr = part["expr"] or part["name"]
                assert columns_in(table, expr), part["name"]
                connection.execute(f"select {expr} from {table}")


@each_semantic
def test_every_measure_sums_up_as_the_dictionary_says(semantic: dict[str, Any]) -> None:
    for measure in semantic["measures"]:
        found = ways(table_of(semantic), measure["expr"])
        may = {
            "sum": {"sum", "sum_in_period", "sum_by_unit"},
            "average": {"mean_in_period"},
            "count": found,
        }[measure["agg"]]
        assert found <= may, measure["name"]
        # what accumulates in the year, or counts the same regions again, is taken of the last quarter
        is_stand = bool(found & {"sum_in_period", "sum_by_unit"})
        assert is_stand == (measure["non_additive_dimension"] is not None), measure["name"]


def test_every_share_is_a_metric_of_its_parts() -> None:
    said = set()
    for table, columns in COLUMNS.items():
        for column in columns:
            way = words_of(table, column)["aggregation"]
            if ratio := re.fullmatch(r"ratio: (\S+) / (\S+)", way):
                above, below = (part.rpartition(".") for part in ratio.groups())
                said.add((above[0] or table, above[2], below[2]))
    ratios = [metric["type_params"] for metric in METRICS.values() if metric["type"] == "ratio"]
    found = {
        (*parts(params["numerator"]["name"]), parts(params["denominator"]["name"])[1]) for params in ratios
    }
    assert said
    assert said <= found


def test_whoever_reads_is_named_with_what_is_read() -> None:
    exposures = {found["name"]: found for found in MANIFEST["exposures"].values()}
    assert set(exposures) == {"bi_starter", "feedback_workbooks", "open_data", "postgres", "report_site"}
    read = {
        name: {node.rpartition(".")[2] for node in found["depends_on"]["nodes"]}
        for name, found in exposures.items()
    }
    assert read["postgres"] == set(COLUMNS)
    assert read["open_data"] == {card.name for card in marts().values() if card.public}
    named = {
        "bi_starter": (PROJECT_DIR / "bi").rglob("*.yaml"),
        "report_site": (PROJECT_DIR / "pipelines" / "reports" / "site").glob("*.py"),
    }
    for name, sources in named.items():
        text = " ".join(path.read_text(encoding="utf-8") for path in sources)
        assert set(re.findall(r"\w+", text)) & set(COLUMNS) <= read[name], name
