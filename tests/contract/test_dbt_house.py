"""House rules of the dbt project, read from its manifest: no warehouse, no rows."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import pytest

from pipelines.warehouse import dbt

NODES: dict[str, dict[str, Any]] = {**dbt.manifest()["nodes"], **dbt.manifest()["sources"]}
MODELS = [node for node in NODES.values() if node["resource_type"] == "model"]
MARTS = [model for model in MODELS if model["fqn"][1] == "marts"]

MAY_READ = {
    # the release before is an input like any other, and read in one place: staging/published
    "staging": {"raw", "published", "seed", "staging"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"staging", "intermediate", "marts", "seed", "all_periods"},
    # about several periods: from marts of this run and of the release before, for other marts
    "all_periods": {"staging", "intermediate", "marts", "seed", "all_periods"},
}
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model["name"])
each_mart = pytest.mark.parametrize("model", MARTS, ids=lambda model: model["name"])


def layer(node: dict[str, Any]) -> str:
    """The folder of a model; the name of a source; ``seed``."""
    if node["resource_type"] == "model":
        return str(node["fqn"][1])
    return str(node["source_name"] if node["resource_type"] == "source" else node["resource_type"])


def closing_selects(sql: str) -> str:
    """What stands after the last CTE of a model."""
    return re.sub(r"--[^\n]*", "", sql).rsplit("\n)\n", 1)[-1]


@each_model
def test_a_model_says_what_one_row_is(model: dict[str, Any]) -> None:
    file = f"dbt_project/{PurePosixPath(model['original_file_path']).with_suffix('.yml')}"
    assert model["description"].startswith("One row per "), f"{file}: the description begins `One row per …`"


@each_model
def test_a_model_has_a_yaml_of_its_own_name_beside_it(model: dict[str, Any]) -> None:
    sql = PurePosixPath(model["original_file_path"])
    wanted = str(sql.with_suffix(".yml"))
    assert (model["patch_path"] or "").removeprefix("spm://") == wanted, f"write dbt_project/{wanted}"


@each_model
def test_a_model_reads_only_its_own_layer_and_those_below(model: dict[str, Any]) -> None:
    read = {layer(NODES[parent]) for parent in model["depends_on"]["nodes"]}
    assert read <= MAY_READ[layer(model)]


@each_mart
def test_a_mart_promises_its_columns_and_their_types(model: dict[str, Any]) -> None:
    assert model["contract"]["enforced"]
    assert model["columns"]
    assert all(column["data_type"] for column in model["columns"].values())


@each_mart
def test_a_mart_names_its_columns_one_by_one(model: dict[str, Any]) -> None:
    assert not re.search(r"select\s+(\w+\.)?\*", closing_selects(model["raw_code"]))


@each_mart
def test_a_mart_says_in_indonesian_what_one_row_is(model: dict[str, Any]) -> None:
    said = model["config"]["meta"].get("description_id", "")
    path = model["patch_path"].removeprefix("spm://")
    assert said.startswith("Satu baris per "), f"dbt_project/{path}: meta.description_id: `Satu baris per …`"


def test_no_name_of_the_project_says_nothing() -> None:
    manifest = dbt.manifest()
    files = {
        node["original_file_path"]
        for kind in ("nodes", "macros", "unit_tests")
        for node in manifest[kind].values()
        if node["package_name"] == "spm"
    }
    words = {file: set(re.split(r"[^a-z]+", file.lower())) for file in files}
    assert words
    assert not {file for file, said in words.items() if said & EMPTY_WORDS}


@pytest.mark.parametrize(
    "node",
    [*MODELS, *[macro for macro in dbt.manifest()["macros"].values() if macro["package_name"] == "spm"]],
    ids=lambda node: node["name"],
)
def test_rows_are_numbered_in_a_stated_order(node: dict[str, Any]) -> None:
    # DuckDB 1.5 gives a number twice by `row_number() over ()` over a union read by several threads
    sql = node["raw_code"] if "raw_code" in node else node["macro_sql"]
    code = re.sub(r"\{#.*?#\}|--[^\n]*", "", sql, flags=re.DOTALL)
    assert not re.search(r"\bover\s*\(\s*\)", code), "say `over (order by …)`, by columns that are a key"
