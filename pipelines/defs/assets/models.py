"""The dbt assets: the registry (seeds and what follows from them alone), and the models of a run.

Put here: dbt nodes as Dagster sees them. Keep out: calling dbt (``warehouse.dbt``), SQL (``dbt_project``).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from pipelines.build.steps import demand_built, make_candidate, run_models
from pipelines.defs.partitions import one_run, reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.registry.home_rows import in_use
from pipelines.registry.seeds import read_seed
from pipelines.warehouse import registry_file
from pipelines.warehouse.dbt import MANIFEST_PATH, NodeResult
from pipelines.warehouse.registry_file import REGISTRY_MODELS

# schemas of what a run starts from; a table of the release before has the name of the one that is made
_INPUTS = {"raw", "published"}
UNIQUE_ID = "dagster_dbt/unique_id"


class Translator(DagsterDbtTranslator):
    """Names, groups and owners of dbt nodes: the folder is the key's first part and the group."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        """The spec of a node, placed by its layer."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id)
        if node is None:
            return spec
        layer = "registry" if node["resource_type"] == "seed" else node["fqn"][1]
        group = f"marts_{node['fqn'][2]}" if layer == "marts" else layer
        return spec.replace_attributes(
            key=dg.AssetKey([layer, node["name"]]),
            group_name=group,
            owners=["team:data-platform"],
            kinds={"dbt", "duckdb", *({"seed"} if layer == "registry" else ())},
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The key of a node or source."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        layer = "registry" if dbt_resource_props["resource_type"] == "seed" else dbt_resource_props["fqn"][1]
        return dg.AssetKey([layer, dbt_resource_props["name"]])


def registry_assets() -> dg.AssetsDefinition:
    """Seeds and the models of seeds alone: loaded and tested once for each state of the registry."""

    @dbt_assets(
        manifest=MANIFEST_PATH,
        select="resource_type:seed " + " ".join(REGISTRY_MODELS),
        name="registry",
        # two hundred tests that ran when the file was made; not an event each in every run
        dagster_dbt_translator=Translator(DagsterDbtTranslatorSettings(enable_asset_checks=False)),
    )
    def _registry(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
        settings = home.settings()
        file = registry_file.ensure(settings.threads, settings.memory_limit)
        counts = _row_counts(str(file))
        if own := in_use():
            counts |= {name: len(list(read_seed(name))) for name in own.files}
        # upstream first: seeds, then the models of seeds in their order
        keys = sorted(context.assets_def.keys, key=lambda key: (key.path[0] != "registry", key.path))
        keys.sort(
            key=lambda key: REGISTRY_MODELS.index(key.path[-1]) if key.path[-1] in REGISTRY_MODELS else -1
        )
        for key in keys:
            yield dg.MaterializeResult(asset_key=key, metadata=_row_count(counts, key.path[-1]))

    return _registry


def model_assets() -> dg.AssetsDefinition:
    """Every model of a run, built and tested by one dbt invocation, and the candidate tables."""

    @dbt_assets(
        manifest=MANIFEST_PATH,
        select="resource_type:model",
        exclude=" ".join(REGISTRY_MODELS),
        name="models",
        dagster_dbt_translator=Translator(),
        partitions_def=reporting_periods,
        backfill_policy=one_run,
        pool="warehouse",
    )
    def _models(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
        settings = home.settings()
        work_file = home.work_file(context.run.run_id)
        results = run_models(settings, work_file)
        yield from _events(context.assets_def, results, _row_counts(str(work_file)))
        demand_built(results)
        with duckdb.connect(str(work_file), read_only=True) as connection:
            listed = connection.execute("select period from raw.run_periods order by period").fetchall()
        periods = [period for (period,) in listed]
        make_candidate(settings, work_file, home.candidate_folder(context.run.run_id), periods)

    return _models


def _events(
    assets: dg.AssetsDefinition, results: Sequence[NodeResult], counts: Mapping[str, int]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    keys = {spec.metadata[UNIQUE_ID]: spec.key for spec in assets.specs}
    for result in results:  # in the order of dbt, upstream first
        key = keys.get(result.unique_id)
        if key is not None and not result.failed:
            metadata = {"seconds": result.seconds, **_row_count(counts, key.path[-1])}
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
    by_id = {result.unique_id: result for result in results}
    for check in assets.check_specs:
        tested = by_id.get((check.metadata or {})[UNIQUE_ID])
        if tested is not None and tested.status != "skipped":
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=not tested.failed,
                metadata={"failing rows": tested.failures or 0, "message": tested.message},
            )


def _row_count(counts: Mapping[str, int], table: str) -> dict[str, int]:
    return {"dagster/row_count": counts[table]} if table in counts else {}


def _row_counts(work_file: str) -> dict[str, int]:
    with duckdb.connect(work_file, read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        counted = " union all ".join(
            f"select '{table}', count(*) from {schema}.{table}"
            for schema, table in tables
            if schema not in _INPUTS
        )
        return dict(connection.execute(counted).fetchall())
