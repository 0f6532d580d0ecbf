"""The landing assets: what dbt starts from, in the work file of the run.

Put here: the dbt sources ``raw`` as Dagster sees them. Keep out: how the file is made (``landing``).
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from pipelines.build.plan import Plan, plan_run
from pipelines.build.record import add_to_record, read_record
from pipelines.build.resume import note_key, take_over, work_key
from pipelines.build.steps import AllHeldBackError, NothingReceivedError, make_work, refused_of
from pipelines.defs.assets.facts import PLATFORM, Event
from pipelines.defs.follow_up import EVERYTHING_TAG, left_out
from pipelines.defs.partitions import chosen_periods, reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.publish.pin import PinnedError
from pipelines.sources.source import SourceUnavailable
from pipelines.warehouse.work_file import received_counts

DESCRIPTIONS = {
    "rows": "One row per landed row of a document, text as received.",
    "documents": "One row per received document, with how reading it ended.",
    "run_periods": "One row per period that the run builds; periods without a received row are left out.",
    "run_context": "One row per run: the release before, and its periods that another registry or code made.",
}


def landing_specs(sources: Sequence[dg.AssetKey]) -> list[dg.AssetSpec]:
    """The tables of the dbt source ``raw``, downstream of every source."""
    return [
        dg.AssetSpec(
            ["landing", name],
            deps=list(sources),
            group_name="landing",
            kinds={"duckdb", "parquet"},
            owners=[PLATFORM],
            description=f"{description} By itself it only plans: what a run would build.",
            skippable=True,
            partitions_def=reporting_periods,
        )
        for name, description in DESCRIPTIONS.items()
    ]


def land(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Event]:
    """Plan the run, and make its work file."""
    settings = home.settings()
    planned = _plan(context, home)
    # a run ends in a verdict: where nothing changed, the last period is judged once more
    periods = list(planned.build) or ([] if planned.pin else planned.unchanged[-1:])
    for period, why in planned.build.items():
        context.log.info(f"{period}: {'; '.join(why)}")
    add_to_record(
        home.work_folder(context.run.run_id),
        unchanged=[name for name in planned.unchanged if name not in periods],
        skipped=planned.skipped,
        refused=planned.refused,
        held_back=planned.held_back,
        unasked=planned.unasked,
        unread=planned.unread,
        pin=planned.pin,
        set_aside=planned.set_aside,
        documents_aside=planned.documents_aside,
    )
    if planned.pin:
        raise PinnedError(str(planned.pin))
    work_file = home.work_file(context.run.run_id)
    key = work_key(settings, periods)
    if not take_over(settings, work_file, key):
        make_work(settings, work_file, periods)
        note_key(work_file, key)
    counts = {**received_counts(work_file), "run_periods": len(periods), "run_context": 1}
    plan = {
        "periods": periods,
        "unchanged": planned.unchanged,
        "skipped": planned.skipped,
        "refused": planned.refused,
        "held back": [str(found) for found in planned.held_back],
        "received, not asked for": sorted(planned.unasked),
        "not read": [f"{part.source}: {part.name}" for part in planned.unread],
    }
    for name, count in counts.items():
        # the file is that of all periods of the run; what it holds of one is not counted by itself
        for period in periods:
            yield dg.AssetMaterialization(
                ["landing", name],
                metadata={"rows of the run": count, **(plan if name == "run_periods" else {})},
                partition=period,
            )


def _plan(context: dg.AssetExecutionContext, home: HomeResource) -> Plan:
    everything = EVERYTHING_TAG in context.run.tags
    try:
        return plan_run(home.settings(), chosen_periods(context), everything, left_out(context.run))
    except (NothingReceivedError, AllHeldBackError) as error:
        incomplete = read_record(home.work_folder(context.run.run_id)).incomplete.values()
        messages = [message for found in incomplete for message in found.messages]
        if messages and isinstance(error, AllHeldBackError):
            # an answer of unknown shape is held back, and its source has said so
            messages += [str(found) for found in error.held_back if found.rule_id != "DOC-006"]
        if messages:
            raise SourceUnavailable("; ".join(messages)) from None
        if isinstance(error, AllHeldBackError):
            asked = chosen_periods(context)
            # of a lone period are also the documents that name none
            refused = asked if len(asked) == 1 else refused_of(home.settings(), asked)
            add_to_record(home.work_folder(context.run.run_id), refused=refused)
        raise
