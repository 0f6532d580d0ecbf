"""The PostgreSQL asset: the database, where there is one, holds the current release.

Put here: the load as Dagster sees it. Keep out: loading (``publish.postgres``).
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.build.record import add_to_record
from pipelines.defs.follow_up import RELEASE
from pipelines.defs.partitions import one_run, reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.publish.postgres.after_release import is_configured, load_current_release


def postgres_asset() -> dg.AssetsDefinition:
    """The asset downstream of the release; without a database it does nothing.

    When the load fails the release stays published: the run says so, and the next one catches up.
    """

    @dg.asset(
        key=["published", "postgres"],
        deps=[RELEASE],
        group_name="release",
        kinds={"postgres"},
        owners=["team:data-platform"],
        description="The tables of the current release in the database that SPM_POSTGRES_URL names.",
        partitions_def=reporting_periods,
        backfill_policy=one_run,
        output_required=False,
    )
    def _postgres(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult]:
        if not home.to_database or not is_configured():
            return
        loaded = load_current_release(home.settings()) or {}
        add_to_record(home.work_folder(context.run.run_id), database=loaded)
        if "failed" in loaded:
            raise dg.Failure(loaded["failed"])
        yield dg.MaterializeResult(metadata=loaded)

    return _postgres
