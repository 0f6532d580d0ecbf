"""The dbt nodes as Dagster draws them: what a table comes from, its columns, its SQL; and a run's build.

Staging and intermediate tables live in the work file of one run, marts in the release: Dagster is told of a
mart when it is published (``assets.release``). None of them can be made by itself, so none has a button.

Put here: dbt nodes as Dagster sees them, what a build says. Keep out: calling dbt (``warehouse.dbt``), SQL.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator

from pipelines.build import steps
from pipelines.defs.assets.facts import PLATFORM, Event
from pipelines.defs.partitions import reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.registry.columns import column_comment
from pipelines.settings import DBT_DIR
from pipelines.warehouse import column_lineage, dbt
from pipelines.warehouse.column_lineage import Lineage
from pipelines.warehouse.dbt import NodeResult
from pipelines.warehouse.manifest import marts

CANDIDATE = dg.AssetKey(["build", "candidate"])
TESTS = "tests"

# schemas of what a run starts from; a table of the release before has the name of the one that is made
_INPUTS = {"raw", "published"}
_LAYERS = {"raw": "landing"}
"""The layer of a schema that has another name."""


class Translator(DagsterDbtTranslator):
    """Names, groups and owners of dbt nodes: the folder is the key's first part and the group."""

    def __init__(self) -> None:
        super().__init__()
        self._specs: dict[str, dg.AssetSpec] = {}

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        """The spec of a node, placed by its layer."""
        # asked again for each node that it leads to
        if unique_id not in self._specs:
            self._specs[unique_id] = self._spec(manifest, unique_id, project)
        return self._specs[unique_id]

    def _spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id)
        if node is None:
            return spec
        layer = _layer(node)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.BetaWarning)  # code references
            metadata = {**_columns(node, layer), **_references(node)}
        return spec.replace_attributes(
            key=dg.AssetKey([layer, node["name"]]),
            group_name=f"marts_{node['fqn'][2]}" if layer == "marts" else layer,
            owners=[PLATFORM],
            kinds={"dbt", "duckdb", *({"seed"} if layer == "registry" else ())},
            tags={**spec.tags, **_tags(node, layer)},
            partitions_def=reporting_periods if layer == "marts" and by_period(node["name"]) else None,
        ).merge_attributes(metadata=metadata)

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The key of a node or source."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])


def _layer(node: Mapping[str, Any]) -> str:
    return "registry" if node["resource_type"] == "seed" else str(node["fqn"][1])


def _references(node: Mapping[str, Any]) -> dict[str, Any]:
    path = node["original_file_path"]
    there = dg.LocalFileCodeReference(file_path=str(DBT_DIR / path), label=path)
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[there])}


def _columns(node: Mapping[str, Any], layer: str) -> dict[str, Any]:
    """Of a mart, the words of its columns: those stand in ``columns.csv``, and not in its YAML."""
    if layer != "marts":
        return {}
    columns = [
        dg.TableColumn(name, said["data_type"], description=column_comment(node["name"], name))
        for name, said in node["columns"].items()
    ]
    return {"dagster/column_schema": dg.TableSchema(columns=columns), **_column_lineage(node["name"])}


@cache
def _lineage() -> Lineage | None:
    return column_lineage.kept()


def _column_lineage(mart: str) -> dict[str, Any]:
    """From which columns of which assets each column of a mart is made, where `make setup` traced them."""
    if (lineage := _lineage()) is None or mart not in lineage.made_from:
        return {}
    deps = {
        name: [
            dg.TableColumnDep(dg.AssetKey([_LAYERS.get(one.schema, one.schema), one.table]), one.name)
            for one in parents or ()
        ]
        for name, parents in lineage.made_from[mart].items()
    }
    return {"dagster/column_lineage": dg.TableColumnLineage(deps)}


def _tags(node: Mapping[str, Any], layer: str) -> dict[str, str]:
    if layer != "marts":
        return {}
    card = marts()[node["name"]]
    return {"scope": card.scope, "public": "yes" if card.public else "withheld"}


def by_period(mart: str) -> bool:
    """Whether the rows of a mart are those of a period, so that Dagster shows it by period."""
    card = marts()[mart]
    return card.scope in {"period", "every_period"} and "period" in card.columns


@cache
def model_specs() -> tuple[dg.AssetSpec, ...]:
    """Every seed and model: drawn, described, and made by none but a run."""
    manifest, translator = dbt.manifest(), Translator()
    return tuple(
        translator.get_asset_spec(manifest, unique_id, None)
        for unique_id, node in sorted(manifest["nodes"].items())
        if node["resource_type"] in {"seed", "model"} and node["config"]["materialized"] != "ephemeral"
    )


def candidate_spec(upstream: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    """The tables that a run would publish."""
    return dg.AssetSpec(
        CANDIDATE,
        deps=list(upstream),
        group_name="build",
        kinds={"dbt", "duckdb", "parquet"},
        owners=[PLATFORM],
        description="Every model of the run, built and tested by one dbt invocation in its work file, "
        "and the tables that it would publish. By itself it is a trial: thrown away, "
        "nothing is judged or published.",
        skippable=True,
        partitions_def=reporting_periods,
    )


def tests_spec() -> dg.AssetCheckSpec:
    """The check that no data test of dbt found a row."""
    return dg.AssetCheckSpec(
        TESTS, asset=CANDIDATE, description="Every data test of every model of the run: none finds a row."
    )


def build_candidate(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Event]:
    """Build and test the models, and write the candidate tables."""
    settings = home.settings()
    work_file = home.work_file(context.run.run_id)
    results = steps.run_models(settings, work_file)
    tests = [result for result in results if result.unique_id.startswith("test.")]
    yield dg.AssetCheckResult(
        asset_key=CANDIDATE,
        check_name=TESTS,
        passed=not any(found.failed for found in tests),
        metadata={"tests run": len(tests), "failed": _failed(tests)},
    )
    steps.demand_built(results)
    with duckdb.connect(str(work_file), read_only=True) as connection:
        listed = connection.execute("select period from raw.run_periods order by period").fetchall()
    periods = [period for (period,) in listed]
    steps.make_candidate(settings, work_file, home.candidate_folder(context.run.run_id), periods)
    built = {
        "models": sum(result.unique_id.startswith("model.") for result in results),
        "seconds": round(sum(result.seconds for result in results), 3),
    }
    for period in periods:
        # the run is one build: its tables are told once
        each = {"each model": _as_table(results, _row_counts(work_file))} if period == periods[-1] else {}
        yield dg.AssetMaterialization(CANDIDATE, metadata={**built, **each}, partition=period)


def _as_table(results: Sequence[NodeResult], counts: Mapping[str, int]) -> dg.TableMetadataValue:
    nodes = dbt.manifest()["nodes"]
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "table": "/".join([_layer(nodes[found.unique_id]), nodes[found.unique_id]["name"]]),
                    "rows": counts.get(nodes[found.unique_id]["name"], -1),
                    "seconds": round(found.seconds, 3),
                    "status": found.status,
                }
            )
            for found in results
            if found.unique_id in nodes and found.unique_id.startswith("model.")
        ],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn("table"),
                dg.TableColumn("rows", "int", description="-1: not made; views are not counted"),
                dg.TableColumn("seconds", "float"),
                dg.TableColumn("status"),
            ]
        ),
    )


def _failed(tests: Sequence[NodeResult]) -> dg.TableMetadataValue:
    failed = [found for found in tests if found.failed]
    columns = [dg.TableColumn("test"), dg.TableColumn("rows", "int"), dg.TableColumn("message")]
    return dg.MetadataValue.table(
        [
            dg.TableRecord({"test": one.unique_id, "rows": one.failures or 0, "message": one.message})
            for one in failed
        ],
        schema=dg.TableSchema(columns=columns),
    )


def _row_counts(work_file: Path) -> dict[str, int]:
    with duckdb.connect(str(work_file), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        counted = " union all ".join(
            f"select '{table}', count(*) from {schema}.{table}"
            for schema, table in tables
            if schema not in _INPUTS
        )
        return dict(connection.execute(counted).fetchall())
