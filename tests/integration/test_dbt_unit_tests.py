"""The SQL decides as its unit tests say, every mart is unique by the key that its YAML names,
and the way that tests build models makes what dbt makes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.build import steps
from pipelines.publish.releases import Releases
from pipelines.registry.periods import all_periods
from pipelines.settings import DBT_DIR, PROJECT_DIR
from pipelines.warehouse import compiled, dbt, registry_file
from pipelines.warehouse.manifest import MartCard, marts
from pipelines.warehouse.work_file import received_periods
from tests.integration.candidates import release
from tests.integration.home import build_periods, put, settings_of, take_in

THREADS, MEMORY = 2, "1GB"
PROJECT = compiled.project(THREADS, MEMORY)
CASES = PROJECT_DIR / "spm_sample" / "published_figures" / "published_index.csv"
# every record once or more, and rows that are refused
OTHER = """record,region,period,sector,service,component,item,unit,target,realised,note,submitted_at
achievement,64.72,2022-Q4,pendidikan,K-PEND-01,recipients,,orang,10,5,,
achievement,64.72,2022-Q4,pendidikan,K-PEND-01,personnel,guru,orang,10,5,,
achievement,64.72,2022-Q4,pendidikan,K-PEND-01,personnel,penjaga,orang,10,5,,
achievement,64.72,2022-Q4,pendidikan,K-PEND-02,recipients,,orang,10,x,,
achievement,Entah,2022-Q4,pendidikan,K-PEND-01,recipients,,orang,10,5,,
achievement,64.72,2022-X4,pendidikan,K-PEND-01,recipients,,orang,10,5,,
budget,64.72,2022-Q4,pendidikan,,,Program A,rupiah,100,50,,
budget,64.72,2022-Q4,pendidikan,K-PEND-01,,Program A,rupiah,100,50,,
stage,64.72,2022-Q4,pendidikan,,,planning,percent,100,50,,
stage,64.72,2022-Q4,pendidikan,,,implementation,percent,100,50,,
team,64.72,2022-Q4,,,,SK tim,,,1,ada,
problem,64.72,2022-Q4,pendidikan,,,data,,,,kurang,
problem,64.72,2022-Q4,pendidikan,,,data,,,,tidak mutakhir,
achievement,64.72,2013-Q4,,L-PDN-02,,,kejadian,64,13,,
achievement,64.72,2013-Q4,,L-PDN-02,,target_daerah,persen,75,,,
"""
CORRECTION = """
insert into registry.corrections by name
select
    'K-1' as correction_id, '64.72' as region_code, '2022-Q4' as period, 'achievement' as record,
    'K-PEND-01' as service, 'recipients' as component, 'realised' as column_name, '5' as old, 6 as new
"""

WAIVER = """
insert into registry.waivers by name
select
    'W-1' as waiver_id, 'VAL-008' as rule_id, '64.72' as region_code, '2022-Q4' as first_period,
    '2022-Q4' as last_period, date '2030-12-31' as expires_on
"""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work file beside a release that lacks a late document; no model is built in it yet."""
    folder = tmp_path_factory.mktemp("home")
    settings = settings_of(folder)
    put(folder / "inbox" / "cases.csv", CASES.read_bytes())
    every = list(map(str, all_periods()))
    take_in(settings, every)
    first = sorted(received_periods(settings.landing))
    candidate = steps.make_candidate(settings, build_periods(settings, first), folder / "candidate", first)
    release(Releases(settings.published), candidate)
    put(folder / "inbox" / "other.csv", OTHER.encode())
    take_in(settings, every)
    path = folder / "begun" / dbt.WORK_FILE_NAME
    steps.make_work(settings, path, sorted(received_periods(settings.landing)))
    with duckdb.connect(str(path)) as connection:
        connection.execute(CORRECTION)
        connection.execute(WAIVER)
    return path


@pytest.fixture(scope="module")
def results(begun: Path, work_file_path: Path) -> list[dbt.NodeResult]:
    """What dbt says of a build of every model, and of every data test."""
    shutil.copyfile(begun, work_file_path)
    return dbt.build(work_file_path, THREADS, MEMORY, exclude=registry_file.REGISTRY_MODELS)


@pytest.fixture(scope="module")
def work_file_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dbt") / dbt.WORK_FILE_NAME


@pytest.fixture(scope="module")
def work_file(results: list[dbt.NodeResult], work_file_path: Path) -> Path:
    """A work file with every model built; unit tests ask it for the types of their inputs' columns."""
    assert [result for result in results if result.failed] == []
    return work_file_path


@pytest.fixture(scope="module")
def without_dbt(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same work file with every model built as the homes of tests build them."""
    path = tmp_path_factory.mktemp("compiled") / dbt.WORK_FILE_NAME
    shutil.copyfile(begun, path)
    compiled.build(path, PROJECT.models_of(), THREADS, MEMORY)
    return path


def test_models_built_without_dbt_are_equal_table_by_table(work_file: Path, without_dbt: Path) -> None:
    unlike = []
    with duckdb.connect() as connection:
        # one after the other: views name the catalog, which is named after the file
        connection.execute(f"attach '{work_file}' as work (read_only)")
        for model in PROJECT.models:
            connection.execute(f'create table {model.name} as from work.{model.schema}."{model.name}"')
        connection.execute("detach work")
        connection.execute(f"attach '{without_dbt}' as work (read_only)")
        for model in PROJECT.models:
            one, other = model.name, f'work.{model.schema}."{model.name}"'
            differing = connection.execute(
                f"select count(*) from ((from {one} except all from {other})"
                f" union all (from {other} except all from {one}))"
            ).fetchall()
            shapes = [connection.execute(f"describe {table}").fetchall() for table in (one, other)]
            unlike += [model.name] if differing != [(0,)] or shapes[0] != shapes[1] else []
    assert unlike == []
    files = [path.stem for path in (DBT_DIR / "models").rglob("*.sql")]
    assert {model.name for model in PROJECT.models} == {*files} - {*registry_file.REGISTRY_MODELS}


def test_the_data_tests_asked_without_dbt_are_those_of_dbt(
    results: list[dbt.NodeResult], without_dbt: Path
) -> None:
    asked = {result.unique_id.split(".")[2] for result in results if result.unique_id.startswith("test.")}
    assert {test.name for test in PROJECT.tests} == asked
    assert compiled.failing_tests(without_dbt, PROJECT.tests, THREADS, MEMORY) == {}
    with duckdb.connect(str(without_dbt)) as connection:
        connection.execute("insert into marts.mart_rule (select * from marts.mart_rule limit 1)")
    assert compiled.failing_tests(without_dbt, PROJECT.tests, THREADS, MEMORY) == {
        "unique_combination_mart_rule_period__rule_id": 1
    }


def test_a_selection_is_a_model_and_all_that_it_is_made_from() -> None:
    chosen = [model.name for model in PROJECT.models_of(["mart_compliance"])]
    assert chosen[-1] == "mart_compliance"
    assert "stg_landing__rows" in chosen
    assert "mart_award" not in chosen


def test_every_decision_written_as_a_unit_test_holds(work_file: Path) -> None:
    results = dbt.build(work_file, THREADS, MEMORY, ["test_type:unit"], command="test")
    assert len(results) == len(dbt.manifest()["unit_tests"]) > 0
    assert [f"{result.unique_id}: {result.message}" for result in results if result.status != "pass"] == []


# a rule's words stand in rules.csv, those of a number that rules judge by in rule_parameters.csv
DESCRIBED_BY_SEEDS = re.compile(r"[A-Z]+-\d{3}|[a-z]+_\d{3}_\w+")
# what a model adds to the columns that another hands on to it
HANDED_ON = {
    "int_rows__matched": "stg_landing__rows",
    "int_rows__itemised": "int_rows__matched",
    "int_rows__resolved": "int_rows__itemised",
    "int_rows__accepted": "int_rows__resolved",
}


def test_every_column_of_an_intermediate_model_is_described(without_dbt: Path) -> None:
    models = {
        node["name"]: node for node in dbt.manifest()["nodes"].values() if node["resource_type"] == "model"
    }
    missing = []
    with duckdb.connect(str(without_dbt), read_only=True) as connection:
        for name, model in models.items():
            if model["fqn"][1] != "intermediate":
                continue
            file = f"dbt_project/{model['patch_path'].removeprefix('spm://')}"
            relation = f'{model["schema"]}."{name}"'
            columns = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
            described = _described(models, name)
            missing += [
                f"{file}: describe {column}"
                for column in columns
                if column not in described and not DESCRIBED_BY_SEEDS.fullmatch(column)
            ]
            missing += [
                f"{file}: there is no {column}" for column in set(model["columns"]).difference(columns)
            ]
    assert any(model["fqn"][1] == "intermediate" for model in models.values())
    assert missing == []


def _described(models: Mapping[str, Any], name: str) -> set[str]:
    own = {column for column, told in models[name]["columns"].items() if told["description"]}
    return own | (_described(models, HANDED_ON[name]) if name in HANDED_ON else set())


@pytest.mark.parametrize("card", marts().values(), ids=lambda card: card.name)
def test_a_mart_has_rows_and_no_two_of_one_key(work_file: Path, card: MartCard) -> None:
    key = ", ".join(card.key)
    nulls = " or ".join(f"{column} is null" for column in card.key)
    with duckdb.connect(str(work_file), read_only=True) as connection:
        counted = connection.execute(
            f"select sum(row_count), max(row_count), count(*) filter (where {nulls}) from"
            f" (select {key}, count(*) as row_count from marts.{card.name} group by {key})"
        ).fetchall()
    rows, most, without = counted[0]
    assert rows or card.owes_rows == "never", f"{card.name} has no row: see OTHER in {__file__}"
    assert most in (1, None)
    assert not without or card.key_has_nulls, f"{card.file}: add key_has_nulls: true to meta"


def test_what_is_received_here_fills_the_marts(work_file: Path) -> None:
    with duckdb.connect(str(work_file), read_only=True) as connection:
        filled = [
            name for name in marts() if connection.execute(f"select 1 from marts.{name} limit 1").fetchall()
        ]
    assert len(filled) >= 31  # all that there were when this was written
