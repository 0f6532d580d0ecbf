"""The asset graph is reviewed: a change of it is a change of ``tests/golden/asset_graph.txt``.

``make golden`` writes the file again (SPM_WRITE_GOLDEN=1); the diff is what a reviewer reads.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.defs.partitions import reporting_periods
from pipelines.settings import Settings

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden" / "asset_graph.txt"
SOURCES = TESTS.parent / "spm_sample" / "published_figures" / "sources.yaml"

DEFINITIONS = build_definitions(Settings(TESTS / "no-home", SOURCES))
# in their order: Dagster gives them in another one each time
SPECS = {spec.key: spec for spec in sorted(DEFINITIONS.resolve_all_asset_specs(), key=lambda spec: spec.key)}
each_asset = pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.key.to_user_string())


def graph() -> str:
    """One line an asset: what it is made from, its group, its checks, whether it has partitions."""
    checks = Counter(key.asset_key for key in DEFINITIONS.resolve_asset_graph().asset_check_keys)
    lines = []
    for key, spec in sorted(SPECS.items()):
        upstream = ", ".join(sorted(dep.asset_key.to_user_string() for dep in spec.deps))
        arrow = f" <- {upstream}" if upstream else ""
        facts = f"[{spec.group_name}] checks={checks[key]} partitioned={spec.partitions_def is not None}"
        lines.append(f"{key.to_user_string()}{arrow} {facts}")
    return "\n".join(lines) + "\n"


def test_the_graph_is_the_one_that_was_reviewed() -> None:
    if os.environ.get("SPM_WRITE_GOLDEN"):
        GOLDEN.write_text(graph(), encoding="utf-8")
    assert graph().splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


@each_asset
def test_an_asset_says_what_it_is_and_whose(spec: dg.AssetSpec) -> None:
    assert spec.description
    assert spec.group_name not in (None, "default")
    assert spec.kinds
    assert spec.owners


def test_every_asset_of_a_run_is_partitioned_by_period_in_one_run() -> None:
    graph_of_assets = DEFINITIONS.resolve_asset_graph()
    made = {key for key in SPECS if graph_of_assets.get(key).is_executable}
    assert {key.path[0] for key in made} == {"sources", "landing", "build", "published"}
    assert {key.path[-1] for key in made if key.path[0] == "published"} == {"release"}
    assert all(SPECS[key].partitions_def is reporting_periods for key in made)
    assert {graph_of_assets.get(key).backfill_policy for key in made} == {dg.BackfillPolicy.single_run()}


def test_a_mart_is_shown_by_period_where_its_rows_are_of_one() -> None:
    shown = {key.path[-1] for key in SPECS if key.path[0] == "marts" and SPECS[key].partitions_def}
    assert {"mart_region_score", "fct_indicator"} <= shown
    assert not shown & {"dim_region", "mart_award", "mart_restatement"}


def test_a_table_leads_to_its_sql_and_says_what_its_columns_are() -> None:
    spec = SPECS[dg.AssetKey(["marts", "mart_national_score"])]
    (reference,) = spec.metadata["dagster/code_references"].code_references
    assert Path(reference.file_path).is_file()
    columns = {column.name: column.description for column in spec.metadata["dagster/column_schema"].columns}
    assert columns["coverage"]


def test_the_database_is_drawn_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    postgres = dg.AssetKey(["published", "postgres"])
    assert postgres not in SPECS
    monkeypatch.setenv("SPM_POSTGRES_URL", "postgresql://127.0.0.1/spm")
    there = build_definitions(Settings(TESTS / "no-home", SOURCES)).resolve_asset_graph()
    assert {key.path[0] for key in there.get(postgres).parent_keys} == {"marts"}


def test_nothing_is_read_that_no_asset_makes() -> None:
    read = {dep.asset_key for spec in SPECS.values() for dep in spec.deps}
    assert read - set(SPECS) == set()


def test_every_mart_and_every_source_leads_to_the_release() -> None:
    release = SPECS[dg.AssetKey(["published", "release"])]
    made_of = {key for key in SPECS if key.path[0] in {"marts", "build"}}
    assert {dep.asset_key for dep in release.deps} == made_of
    landing = SPECS[dg.AssetKey(["landing", "rows"])]
    assert {dep.asset_key for dep in landing.deps} == {key for key in SPECS if key.path[0] == "sources"}
