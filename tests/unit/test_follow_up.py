"""A run whose gate closed is followed by one over the same range without the closed periods, or by none."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from pipelines.defs.follow_up import RELEASE, closed_gate, follow_up
from pipelines.defs.partitions import range_tags
from pipelines.quality.verdicts import PeriodVerdict, Verdict

RANGE = range_tags(["2024-Q1", "2024-Q4"])


def failure(**passed: bool) -> dg.Failure:
    """The failure of a gate, by quarters of 2024."""
    verdicts = [
        PeriodVerdict(f"2024-{quarter}", [Verdict("RG-001", "t", "fatal", "pass" if good else "fail")], {})
        for quarter, good in passed.items()
    ]
    return closed_gate(verdicts, Path("/closed/page.html"))


def asked(failed: dg.Failure, tags: dict[str, str], *selection: dg.AssetKey) -> dg.RunRequest | None:
    return follow_up("run-1", tags, failed.metadata, selection)


def test_it_covers_the_range_without_the_closed_periods_and_is_asked_for_once() -> None:
    failed = failure(Q1=True, Q2=False, Q3=True)
    assert failed.description is not None
    assert failed.description.startswith(
        "2024-Q2: gerbang tertutup / gate closed: RG-001 tidak terpenuhi: Ada "
    )
    request = asked(failed, {**RANGE, "spm/everything": "true", "dagster/backfill": "x"})
    assert request is not None
    assert request.run_key == "follows run-1"
    assert request.job_name == "follow_up_run"
    assert request.asset_selection is None
    assert request.tags == {
        **RANGE,
        "spm/everything": "true",
        "spm/without": "2024-Q2",
        "spm/follows": "run-1",
    }


def test_another_period_that_closes_is_left_out_too() -> None:
    request = asked(failure(Q1=True, Q3=False), {**RANGE, "spm/without": "2024-Q4 2024-Q2"})
    assert request is not None
    assert request.tags["spm/without"] == "2024-Q2 2024-Q3 2024-Q4"


def test_nothing_follows_where_no_period_passed_or_something_else_failed() -> None:
    assert asked(failure(Q1=False), RANGE) is None
    assert asked(dg.Failure("the database is down"), RANGE) is None


def test_what_was_not_to_be_made_is_not_made_by_the_follow_up() -> None:
    source, mart = dg.AssetKey(["sources", "a"]), dg.AssetKey(["marts", "mart_award"])
    failed = failure(Q1=True, Q2=False)
    assert asked(failed, RANGE, mart) is None
    request = asked(failed, RANGE, source, mart, RELEASE)
    assert request is not None
    assert request.asset_selection == [mart, RELEASE]
