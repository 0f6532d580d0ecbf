"""The PostgreSQL asset: the database, where there is one, holds the current release.

Put here: the load as Dagster sees it. Keep out: loading (``publish.postgres``).
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from pipelines.build.record import add_to_record, read_record
from pipelines.defs.assets.facts import PLATFORM, in_one_line
from pipelines.defs.partitions import chosen_periods, one_run, reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.publish.postgres.after_release import load_current_release


def postgres_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset downstream of the release, where there is a database. By itself it loads the current one.

    When the load fails the release stays published: the run says so, and the next one catches up.
    """

    @dg.asset(
        key=["published", "postgres"],
        # of the marts, not of the release: that is told of published periods alone, so that Dagster would
        # skip what waits for it; the gate of the marts is a part of the step that publishes
        deps=list(marts),
        group_name="release",
        kinds={"postgres"},
        owners=[PLATFORM],
        description="The tables of the current release in the database that SPM_POSTGRES_URL names.",
        partitions_def=reporting_periods,
        backfill_policy=one_run,
        output_required=False,
    )
    def _postgres(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.AssetMaterialization]:
        if not home.to_database:
            return
        folder = home.work_folder(context.run.run_id)
        with in_one_line():
            loaded = load_current_release(home.settings()) or {}
        add_to_record(folder, database=loaded)
        if "failed" in loaded:
            raise dg.Failure(loaded["failed"])
        for period in read_record(folder).published or chosen_periods(context):
            yield dg.AssetMaterialization(context.asset_key, metadata=loaded, partition=period)

    return _postgres
