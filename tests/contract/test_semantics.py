"""The semantic models sum up as ``columns.csv`` says: a share by its parts, a stand never over time.

The dictionary says of each column how it may be summed up (``aggregation``); the metrics for BI tools follow.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pytest
import yaml

from bi.metrics.__main__ import LEAST_ANSWERED
from bi.superset.bundle import specified
from pipelines.registry.columns import words_of
from pipelines.settings import PROJECT_DIR
from pipelines.warehouse import dbt
from pipelines.warehouse.manifest import marts
from pipelines.warehouse.views import views

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
                if counted := (measure["config"] or {}).get("meta", {}).get("counts"):
                    table, _, column = counted.partition(".")
                    return table, column
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
            # of a table with one row a quarter and scope nothing is summed up
            "max": {"none"},
        }[measure["agg"]]
        assert found <= may, measure["name"]


@each_semantic
def test_what_may_not_be_added_over_time_is_taken_of_the_last_quarter_and_says_so(
    semantic: dict[str, Any],
) -> None:
    # what was looked at, broken or found in one quarter adds to that of the next; all else is a stand, a
    # mean, or counts the same regions again
    adds_up = semantic["name"] in {"findings", "rules"}
    for measure in semantic["measures"]:
        taken = measure["non_additive_dimension"]
        assert taken is None if adds_up else taken["window_choice"] == "max", measure["name"]
        assert measure["agg_time_dimension"] in (None, "quarter_start"), measure["name"]
    names = {measure["name"] for measure in semantic["measures"]}
    for metric in METRICS.values():
        if names & {measure["name"] for measure in metric["type_params"]["input_measures"]}:
            said = metric["description"]
            assert adds_up or ("dari beberapa triwulan: yang terakhir" in said), metric["name"]
            assert adds_up or ("of several quarters: the last" in said), metric["name"]


@each_semantic
def test_every_metric_groups_by_the_regions_of_today(semantic: dict[str, Any]) -> None:
    ways_to_join = {entity["name"]: entity for entity in semantic["entities"]}
    if semantic["name"] in {"national_scores", "rules"}:
        assert "region_code" not in COLUMNS[table_of(semantic)], "it has regions: group by them"
        return
    region = ways_to_join["region"]
    if semantic["name"] == "regions":
        assert region["type"] == "primary"
        assert {"level", "province_code", "province_name"} <= {one["name"] for one in semantic["dimensions"]}
        return
    has_today = "current_region_code" in COLUMNS[table_of(semantic)]
    assert region["type"] == "foreign"
    assert region["expr"] == ("current_region_code" if has_today else "region_code")


def test_a_quarter_is_the_grain_of_every_time_and_a_day_that_of_the_spine() -> None:
    grains = {
        dimension["type_params"]["time_granularity"]
        for semantic in SEMANTIC
        for dimension in semantic["dimensions"]
        if dimension["type"] == "time"
    }
    assert grains == {"quarter"}
    (spine,) = [
        node
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "model" and node["time_spine"] is not None
    ]
    assert (spine["name"], spine["columns"]["date_day"]["granularity"]) == ("int_periods__days", "day")


def test_every_question_asks_for_metrics_and_dimensions_that_there_are() -> None:
    questions = yaml.safe_load(
        (PROJECT_DIR / "bi" / "metrics" / "questions.yaml").read_text(encoding="utf-8")
    )
    dimensions = {"metric_time"}
    for semantic in SEMANTIC:
        keys = {entity["name"] for entity in semantic["entities"]} - {"region"}
        owner = {semantic["primary_entity"]} if semantic["primary_entity"] else keys or {"region"}
        dimensions |= {f"{key}__{one['name']}" for key in owner for one in semantic["dimensions"]}
    asked = set()
    for name, question in questions.items():
        query = question["query"]
        asked |= set(query.get("metrics", []))
        clauses = " ".join(query.get("where", []))
        named = {*query.get("group-by", []), *re.findall(r"Dimension\('(\w+)'", clauses)}
        assert {re.sub("(?<=metric_time)__(day|year)$", "", one) for one in named} <= dimensions, name
    assert len(questions) >= LEAST_ANSWERED
    assert asked <= set(METRICS)
    # each semantic model is asked something
    for semantic in SEMANTIC:
        names = {measure["name"] for measure in semantic["measures"]}
        of_it = {
            metric["name"]
            for metric in METRICS.values()
            if names & {measure["name"] for measure in metric["type_params"]["input_measures"]}
        }
        assert not names or of_it & asked, semantic["name"]


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
    site = " ".join(
        path.read_text(encoding="utf-8")
        for path in (PROJECT_DIR / "pipelines" / "reports" / "site").glob("*.py")
    )
    assert set(re.findall(r"\w+", site)) & set(COLUMNS) <= read["report_site"]
    behind = {view.name: view for view in views()}
    asked = " ".join(dataset["sql"] for dataset in specified()["datasets"].values())
    tables, waiting = set(re.findall(r"\bmarts\.(\w+)", asked)), set(re.findall(r"\bbi\.(\w+)", asked))
    while waiting:
        view = behind[waiting.pop()]
        tables |= view.tables
        waiting |= view.others
    assert tables & set(COLUMNS) == read["bi_starter"]
