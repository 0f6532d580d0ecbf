"""The quarterly run as tutorials write it: a process a step, dbt as a subprocess, checks on pandas frames.

The dbt project, the registry in the work file and the expectations are those of the pipeline, so the
difference is the form alone. Where a tutorial would do more (seeds and unit tests in each run, a check step
for each table), this does not: the comparison is kind to it. Pandas frames cannot take the expectations
that are SQL; they are left out.

Put here: stock Dagster, stock dagster-dbt, stock Great Expectations. Keep out: any tuning.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import pyarrow as pa
from dagster_dbt import DbtCliResource, dbt_assets

from pipelines.defs.partitions import reporting_periods
from pipelines.landing.landed_rows import DOCUMENT_SCHEMA, LANDED_SCHEMA, folder
from pipelines.quality.judge import SUITES
from pipelines.settings import DBT_DIR, read_settings
from pipelines.submissions.rows import COLUMNS
from pipelines.warehouse import dbt, registry_file
from pipelines.warehouse.work_file import make_work_file

HOME = Path(os.environ["TUTORIAL_HOME"])
INBOX = Path(os.environ["TUTORIAL_INBOX"])
WORK_FILE = Path(os.environ["SPM_WORK_DB"])
RECEIVED_AT = datetime(2025, 1, 10, tzinfo=UTC)
PARTITIONED: Any = {"partitions_def": reporting_periods}


@dg.multi_asset(
    specs=[dg.AssetSpec(["landing", name]) for name in ("rows", "documents", "run_periods")], **PARTITIONED
)
def landing(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Read every CSV file with pandas into one Parquet file, and put it before dbt."""
    frames, documents = [], []
    for path in sorted((INBOX / context.partition_key).glob("*.csv")):
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        separator = ";" if b";" in content.split(b"\n", 1)[0] else ","
        frame = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
        places = "L" + (frame.index + 2).astype(str)
        frame = frame.reindex(columns=list(COLUMNS)).assign(
            sha256=sha256,
            row_number=frame.index + 1,
            target_is_number=False,
            realised_is_number=False,
            row_place=places,
            target_place=places,
            realised_place=places,
        )
        frames.append(frame)
        documents.append(
            {"sha256": sha256, "name": path.name, "size_bytes": len(content), "row_count": len(frame)}
        )
    source = {"source": "tutorial", "reading_id": "tutorial"}
    rows = pd.concat(frames).assign(period_key=context.partition_key, **source)
    kept = pd.DataFrame(documents).assign(
        received_at=RECEIVED_AT, taken_in_at=RECEIVED_AT, region_codes="kemendagri", **source
    )
    landed = folder(HOME / "landing")
    landed.mkdir(parents=True, exist_ok=True)
    _to_parquet(rows, LANDED_SCHEMA, landed / "tutorial.rows.parquet")
    _to_parquet(kept, DOCUMENT_SCHEMA, landed / "tutorial.documents.parquet")
    settings = read_settings(home=HOME)
    make_work_file(
        WORK_FILE,
        registry_file.ensure(settings.threads, settings.memory_limit),
        HOME / "landing",
        [context.partition_key],
        None,
    )
    for name, count in (("rows", len(rows)), ("documents", len(kept)), ("run_periods", 1)):
        yield dg.MaterializeResult(asset_key=["landing", name], metadata={"dagster/row_count": count})


def _to_parquet(frame: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    frame.reindex(columns=schema.names).to_parquet(path, schema=schema, index=False)


@dbt_assets(
    manifest=dbt.MANIFEST_PATH,
    select="resource_type:model",
    exclude=" ".join(registry_file.REGISTRY_MODELS),
    **PARTITIONED,
)
def models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Build and test every model."""
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    yield from dbt.cli(arguments, context=context, target_path=HOME / "target").stream()


MARTS = {key.path[-1]: key for key in models.keys if key.path[0] == "marts"}


@dg.multi_asset_check(
    specs=[dg.AssetCheckSpec("gate", asset=MARTS[suite.TABLE], blocking=True) for suite in SUITES]
)
def gate() -> Iterator[dg.AssetCheckResult]:
    """Validate each judged mart as a pandas frame."""
    from expectations.facts import RunFacts

    context: Any = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas("marts")
    with duckdb.connect(str(WORK_FILE), read_only=True) as connection:
        periods = [
            period for (period,) in connection.execute("select period from raw.run_periods").fetchall()
        ]
    for suite in SUITES:
        frame = _frame(suite.TABLE)
        asked = [
            expectation
            for expectation in suite.expectations(RunFacts(tuple(periods)))
            if not isinstance(expectation, gxe.UnexpectedRowsExpectation)
        ]
        asset = source.add_dataframe_asset(suite.TABLE)
        batch = asset.add_batch_definition_whole_dataframe(suite.TABLE)
        validation = batch.get_batch({"dataframe": frame}).validate(
            gx.ExpectationSuite(suite.TABLE, expectations=asked)
        )
        yield dg.AssetCheckResult(
            asset_key=MARTS[suite.TABLE],
            check_name="gate",
            passed=bool(validation.success),
            metadata={"expectations": len(asked), "results": validation.describe()},
        )


@dg.asset(key=["published", "release"], deps=list(MARTS.values()), **PARTITIONED)
def release(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Write each mart as a Parquet file."""
    published = HOME / "published" / context.partition_key
    published.mkdir(parents=True, exist_ok=True)
    for name in MARTS:
        _frame(name).to_parquet(published / f"{name}.parquet", index=False)
    return dg.MaterializeResult(metadata={"tables": len(MARTS)})


def _frame(table: str) -> pd.DataFrame:
    with duckdb.connect(str(WORK_FILE), read_only=True) as connection:
        return connection.execute(f"select * from marts.{table}").df()


defs = dg.Definitions(
    assets=[landing, models, release],
    asset_checks=[gate],
    jobs=[dg.define_asset_job("quarterly", selection=dg.AssetSelection.all(), **PARTITIONED)],
    resources={"dbt": DbtCliResource(project_dir=str(DBT_DIR), profiles_dir=str(DBT_DIR))},
    executor=dg.multiprocess_executor,
)
