"""Source assets: one a source of the sources file, made from it.

Put here: a source as Dagster sees it. Keep out: reading (``sources``), keeping (``landing``).
"""

import dagster as dg

from pipelines.build import take_in
from pipelines.partitions import chosen_periods, one_run, reporting_periods
from pipelines.resources import HomeResource
from pipelines.sources.config import SourceSpec

KINDS = {"csv": "csv", "workbook": "excel"}


def source_asset(spec: SourceSpec) -> dg.AssetsDefinition:
    """The asset that receives and lands the documents of one source."""

    @dg.asset(
        key=["sources", spec.name],
        group_name="sources",
        kinds={KINDS[spec.kind]},
        owners=["team:data-platform"],
        description=f"Documents of {spec.path}, kept by the hash of their bytes and read into rows.",
        partitions_def=reporting_periods,
        backfill_policy=one_run,
    )
    def _source(context: dg.AssetExecutionContext, home: HomeResource) -> dg.MaterializeResult:
        intake = take_in(home.settings(), spec, chosen_periods(context))
        return dg.MaterializeResult(
            metadata={
                "documents at the source": intake.seen,
                "new documents": intake.new,
                "documents read": intake.read,
            }
        )

    return _source
