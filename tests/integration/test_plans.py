"""No join of two sides that both grow: DuckDB compares each pair where no equation of a side each is there.

Such a join costs the product of its sides. Over 24 quarters one took 22 seconds, and 3 with an equation.

Put here: what the plans of models hold. Keep out: what they cost (``benchmarks``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb

from pipelines.settings import read_settings
from pipelines.warehouse import compiled
from tests.integration.home import build_marts

NESTED = {"BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN"}
SMALL_SIDE = {
    "fct_stage": (1, "four names of stages"),
    "int_documents__named": (1, "states of regions"),
    "int_documents__senders": (2, "states of regions, folders"),
    "int_periods__compared": (1, "periods"),
    "int_restatements__cells": (1, "one row: the columns of the release before"),
    "int_rosters__members": (1, "rosters"),
    "int_rows__legacy_indicators": (1, "seed legacy_indicators"),
    "int_rows__resolved": (7, "seeds code_labels, measure_words and time_zones"),
    "int_rows__matched": (2, "seeds code_labels and units"),
    "int_rows__regions": (3, "states of regions"),
    "int_rows__services": (2, "seeds sectors and services"),
    "int_rules__words": (1, "periods of the run"),
    "int_rule_inputs__origins": (1, "periods of the run"),
    "int_rule_inputs__submissions": (1, "periods of the run"),
    "int_peers__regions": (1, "one row: the parameters"),
    "int_scores__regions": (1, "seed bands"),
    "int_scores__services": (1, "periods of the run"),
    "int_sensitivity__ranks": (1, "scenarios"),
    "mart_national_score": (1, "seed bands"),
    "mart_projection": (1, "seed bands"),
    "mart_rule": (1, "seed rule_parameters"),
    "stg_run__periods": (1, "seed methods"),
}
"""The models with such joins: how many, and their sides that do not grow with what is sent."""
ROW = {
    "record": "achievement",
    "service": "K-KES-01",
    "component": "recipients",
    "target": "10",
    "realised": "9",
}


def _operators(node: dict[str, Any]) -> Iterator[str]:
    yield node["name"].strip()
    for child in node["children"]:
        yield from _operators(child)


def test_a_join_without_an_equation_has_a_side_that_does_not_grow() -> None:
    rows = [
        {**ROW, "region": region, "period": period}
        for region in ("64.71", "64.72")
        for period in ("2023-Q4", "2024-Q3", "2024-Q4")
    ]
    settings = read_settings()
    found = Counter[str]()
    with duckdb.connect(str(build_marts(rows)), read_only=True) as connection:
        # on rows as few as these a loop would stand for a join that is none on more
        connection.execute("set nested_loop_join_threshold = 0")
        for model in compiled.project(settings.threads, settings.memory_limit).models:
            plans = connection.execute(f"explain (format json) {model.sql}").fetchall()
            for plan in plans:
                for node in json.loads(plan[-1]):
                    found[model.name] += sum(name in NESTED for name in _operators(node))
    assert +found == {name: count for name, (count, _) in SMALL_SIDE.items()}
