"""A run from landing to the release, as one step of Dagster: its parts hand files of the run to each other.

None of the parts can run without those before it, so whichever is chosen, those before it run too: landing
alone plans, the candidate alone is a build that is thrown away, the release is a whole run. A retry and a
re-execution from a failure begin with landing too.

Put here: the parts in their order. Keep out: what each does (the modules beside), sources, the database.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from pipelines.defs.assets.facts import Event, in_one_line, stage
from pipelines.defs.assets.landing import land, landing_specs
from pipelines.defs.assets.models import CANDIDATE, build_candidate, candidate_spec, tests_spec
from pipelines.defs.assets.release import every_period_spec, publish, release_spec
from pipelines.defs.assets.stages import PARTS, STEP, begins
from pipelines.defs.checks import GATE, gate_specs, judge_candidate
from pipelines.defs.follow_up import RELEASE
from pipelines.defs.partitions import one_run, reporting_periods
from pipelines.defs.resources import HomeResource

_PARTS = dict(zip(PARTS, (land, build_candidate, judge_candidate, publish), strict=True))


def quarter_assets(sources: Sequence[dg.AssetKey], marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Landing, candidate and release, with the gate between them."""
    landing = landing_specs(sources)
    specs = [*landing, candidate_spec([spec.key for spec in landing]), release_spec([*marts, CANDIDATE])]
    gate = gate_specs()

    @dg.multi_asset(
        name=STEP,
        specs=specs,
        check_specs=[tests_spec(), *gate, every_period_spec()],
        allow_arbitrary_check_specs=True,  # the gate is of the marts, which are made by this step alone
        partitions_def=reporting_periods,
        backfill_policy=one_run,
        pool="warehouse",
        can_subset=True,
    )
    def _quarter(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Event]:
        folder = home.work_folder(context.run.run_id)
        with in_one_line():
            for name in _asked(context):
                context.log.info(begins(name))
                with stage(folder, name):
                    yield from _PARTS[name](context, home)
        for spec in gate:  # told by period above
            if spec.key in context.selected_asset_check_keys:
                yield dg.Output(None, output_name=spec.get_python_identifier())

    return _quarter


def _asked(context: dg.AssetExecutionContext) -> Sequence[str]:
    """The parts up to the last one that was chosen; a check alone needs the gate."""
    chosen = context.selected_asset_keys
    if RELEASE in chosen:
        return PARTS
    if any(key.name == GATE for key in context.selected_asset_check_keys):
        return PARTS[: PARTS.index("gate") + 1]
    return PARTS[: PARTS.index("models" if CANDIDATE in chosen else "landing") + 1]
