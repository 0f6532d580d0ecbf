"""From which columns each published column is made: traced from the SQL, and said where it cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.definitions import build_definitions
from pipelines.settings import read_settings
from pipelines.warehouse import column_lineage
from pipelines.warehouse.column_lineage import Column, Lineage, trace
from pipelines.warehouse.compiled import CompiledModel
from pipelines.warehouse.manifest import marts
from tests.integration.home import settings_of

NOT_TRACED = {
    # a pivot over whatever limits there are
    "int_rules__limits": "all",
    # lists of structs, taken apart
    "int_restatements__cells": "all",
}


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    settings = read_settings()
    return column_lineage.ensure(settings.threads, settings.memory_limit)


def test_every_column_of_a_mart_is_traced_and_models_that_are_not_are_known(lineage: Lineage) -> None:
    found = {
        table: "all" if all(parents is None for parents in columns.values()) else "some"
        for table, columns in lineage.made_from.items()
        if None in columns.values()
    }
    assert found == NOT_TRACED
    for name, card in marts().items():
        assert set(lineage.made_from[name]) == set(card.columns), name


def test_a_score_comes_from_received_rows_and_the_registry(lineage: Lineage) -> None:
    assert lineage.of("mart_region_score", "change_from_previous_period") == [
        Column("all_periods", "int_all_periods__region_scores", "index")
    ]
    found, lost = lineage.origins("mart_region_score", "index")
    origins = {str(one) for one in found}
    assert {"raw.rows.realised", "raw.rows.target", "registry.methods.weight_quality_percent"} <= origins
    assert not {one for one in origins if one.startswith("raw.rows.note")}
    assert not lost


def _traced(**models: str) -> Lineage:
    with duckdb.connect() as connection:
        connection.execute(
            'create schema raw; create table raw.rows (a int, b int, "R-1" int, "R-2" int, c int)'
        )
        return trace(connection, [CompiledModel("main", name, sql) for name, sql in models.items()])


def test_sides_of_a_union_by_name_are_matched_by_name() -> None:
    found = _traced(
        m="select a as x, b as y from raw.rows union all by name select b as y, c as x from raw.rows"
    )
    assert found.of("m", "x") == [Column("raw", "rows", "a"), Column("raw", "rows", "c")]
    assert found.of("m", "y") == [Column("raw", "rows", "b")]


def test_what_is_turned_from_columns_to_rows_is_made_of_these_columns() -> None:
    found = _traced(
        m="select rule, value, a from raw.rows unpivot (value for rule in (columns('^R-[0-9]$')))"
    )
    assert found.of("m", "value") == [Column("raw", "rows", "R-1"), Column("raw", "rows", "R-2")]
    assert (found.of("m", "a"), found.of("m", "rule")) == ([Column("raw", "rows", "a")], [])


def test_what_cannot_be_traced_is_no_constant() -> None:
    found = _traced(
        m="from (pivot raw.rows on a using sum(b) group by c)",
        n="select * from main.m",
        o="select count(*) as n, 1 as one from main.n",
    )
    assert found.of("m", "c") is None
    assert found.origins("n", "c") == ([], [Column("main", "m", "c")])
    assert (found.of("o", "n"), found.of("o", "one")) == ([], [])


def test_the_command_says_it_and_names_what_there_is() -> None:
    said = CliRunner().invoke(app, ["lineage", "mart_region_score.index", "--json"])
    assert said.exit_code == 0, said.output
    assert "raw.rows.realised" in json.loads(said.stdout)["comes_from"]
    shown = CliRunner().invoke(app, ["lineage", "mart_compliance_summary.expected"]).stdout
    assert "a count of rows" in shown
    wrong = CliRunner().invoke(app, ["lineage", "mart_region_score.indeks"])
    assert wrong.exit_code == 2
    (line,) = wrong.stderr.splitlines()
    assert "index_display" in line


def test_dagster_has_it_with_each_mart(lineage: Lineage, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    specs = {
        spec.key.to_user_string(): spec for spec in build_definitions(settings).resolve_all_asset_specs()
    }
    told = specs["marts/mart_region_score"].metadata["dagster/column_lineage"]
    (parent,) = told.deps_by_column["change_from_previous_period"]
    assert (parent.asset_key.to_user_string(), parent.column_name) == (
        "all_periods/int_all_periods__region_scores",
        "index",
    )
    # each leads to an asset that is drawn
    deps = [dep for name in marts() for found in _deps(specs, name).values() for dep in found]
    assert {dep.asset_key.to_user_string() for dep in deps} <= set(specs)


def _deps(specs: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = specs[f"marts/{name}"].metadata["dagster/column_lineage"].deps_by_column
    return found
