"""The release asset: the periods that passed their gate become the current release.

Put here: what is published of a run, and what is said of the rest. Keep out: how (``publish``).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import dagster as dg

from pipelines.build import steps
from pipelines.defs.partitions import one_run, reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.publish.approval import ApprovalNeededError
from pipelines.publish.candidate import Candidate, read_candidate
from pipelines.quality.gate import load_verdicts, store_verdicts
from pipelines.quality.page import PAGE
from pipelines.quality.verdicts import PeriodVerdict
from pipelines.warehouse.manifest import published_inputs

OUTCOME = "outcome.json"


def release_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset downstream of every mart."""

    @dg.asset(
        key=["published", "release"],
        deps=list(marts),
        group_name="release",
        kinds={"parquet", "duckdb"},
        owners=["team:data-platform"],
        description="Immutable release: Parquet tables, spm.duckdb, manifest.json; `current` points to it.",
        partitions_def=reporting_periods,
        backfill_policy=one_run,
    )
    def _release(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult]:
        settings, run_id = home.settings(), context.run.run_id
        candidate = read_candidate(home.candidate_folder(run_id))
        verdicts = load_verdicts(home.verdicts_file(run_id))
        closed: list[PeriodVerdict] = []
        while closing := [verdict for verdict in verdicts if not verdict.passed]:
            closed += closing
            passing = [verdict.period for verdict in verdicts if verdict.passed]
            if not passing:
                break
            # built and judged again without them, so that no published number leans on a rejected one
            candidate, verdicts = _rebuild(home, run_id, passing)
        published, waiting = None, None
        if not closing:
            try:
                published = steps.publish_candidate(settings, candidate, verdicts)
            except ApprovalNeededError as needed:
                waiting = needed
        checks = closing_checks(closed)
        outcome = {
            "release_id": published.release_id if published else None,
            "is_new": published.is_new if published else False,
            "published": list(candidate.periods) if published else [],
            "closed": checks,
            "unchanged": home.unchanged(run_id),
            "closed_rows": closing_rows(closed),
            "incomplete": home.incomplete(run_id),
            "waiting": asdict(waiting.waiting) if waiting else None,
        }
        home.sweep(run_id)
        home.work_folder(run_id).mkdir()
        (home.work_folder(run_id) / OUTCOME).write_text(json.dumps(outcome))
        if published:
            page = home.releases().folder(published.release_id) / PAGE
            yield dg.MaterializeResult(
                metadata={
                    "release": published.release_id,
                    "quality page": dg.MetadataValue.url(page.as_uri()),
                    **outcome,
                }
            )
        if closed:
            named = "; ".join(f"{period}: {', '.join(closing)}" for period, closing in checks.items())
            raise dg.Failure(f"the gate closed for {named}")
        if waiting:
            raise dg.Failure(str(waiting))

    return _release


def previous_release() -> list[dg.AssetSpec]:
    """The tables of the current release that models read (the dbt source ``published``)."""
    return [
        dg.AssetSpec(
            ["published", table],
            group_name="release",
            kinds={"parquet"},
            owners=["team:data-platform"],
            description=f"{table} of the release before: an input like any other, made by earlier runs.",
        )
        for table in published_inputs()
    ]


def closing_checks(verdicts: Sequence[PeriodVerdict]) -> dict[str, list[str]]:
    """For each period that is not published, the ids of the checks that closed its gate."""
    return {verdict.period: [found.check_id for found in verdict.closing] for verdict in verdicts}


def closing_rows(verdicts: Sequence[PeriodVerdict]) -> dict[str, list[str]]:
    """For each such period, rows that closed it: ``CR-002: correction_id=K-1, outcome=stale``; at most
    three a check."""
    return {
        verdict.period: [
            f"{found.check_id}: " + ", ".join(f"{name}={value}" for name, value in row.items())
            for found in verdict.closing
            for row in found.failing_rows[:3]
        ]
        for verdict in verdicts
    }


def _rebuild(
    home: HomeResource, run_id: str, periods: Sequence[str]
) -> tuple[Candidate, list[PeriodVerdict]]:
    settings, work_file = home.settings(), home.work_file(run_id)
    steps.make_work(settings, work_file, periods)
    if failed := steps.failed_nodes(steps.run_models(settings, work_file)):
        raise dg.Failure("; ".join(failed))
    candidate = steps.make_candidate(settings, work_file, home.candidate_folder(run_id), periods)
    verdicts = steps.judge(candidate)
    store_verdicts(home.verdicts_file(run_id), verdicts)
    return candidate, verdicts
