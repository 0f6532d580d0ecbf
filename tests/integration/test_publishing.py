"""Publishing asks again, of the very files that were judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.publish.candidate import Candidate
from pipelines.publish.release import GateClosedError, StaleBaseError, publish
from pipelines.publish.releases import Releases
from pipelines.quality.verdicts import PeriodVerdict, Status
from tests.integration.candidates import copy_of, provenance, rewrite
from tests.integration.home import passed


@pytest.fixture
def candidate(good_build: Candidate, tmp_path: Path) -> Candidate:
    """A copy of the good candidate, to be broken."""
    return copy_of(good_build, tmp_path / "candidate")


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "published")


def closed(candidate: Candidate, status: Status) -> list[PeriodVerdict]:
    """Verdicts of which the first check says ``status``."""
    return [
        replace(period, verdicts=[replace(period.verdicts[0], status=status), *period.verdicts[1:]])
        for period in passed(candidate)
    ]


def refusal(candidate: Candidate, verdicts: Sequence[PeriodVerdict], releases: Releases) -> str:
    with pytest.raises(GateClosedError) as refused:
        publish(candidate, verdicts, releases, provenance(), 2, "1GB")
    assert releases.ids() == []
    assert not (releases.root / "current").exists()
    return str(refused.value)


def test_it_refuses_without_a_verdict(candidate: Candidate, releases: Releases) -> None:
    assert "no verdict" in refusal(candidate, [], releases)


def test_it_refuses_when_one_period_has_none(candidate: Candidate, releases: Releases) -> None:
    said = refusal(candidate, passed(candidate)[:1], releases)
    assert said.startswith("2024-Q4: ")
    assert said.endswith("has no verdict; judge it before publishing")


@pytest.mark.parametrize("status", ["fail", "error"])
def test_it_refuses_a_closed_gate(status: Status, candidate: Candidate, releases: Releases) -> None:
    said = refusal(candidate, closed(candidate, status), releases)
    assert said == (
        "2024-Q3: tidak lolos gerbang mutu (FI-001 tidak terpenuhi: Ada baris indikator)"
        " / did not pass its gate (FI-001 does not hold: There are indicator rows)"
    )


def test_it_refuses_a_verdict_of_no_checks(candidate: Candidate, releases: Releases) -> None:
    empty = [replace(verdict, verdicts=[]) for verdict in passed(candidate)]
    assert "no check ran" in refusal(candidate, empty, releases)


def test_it_refuses_a_verdict_that_leaves_a_check_out(candidate: Candidate, releases: Releases) -> None:
    short = [replace(verdict, verdicts=verdict.verdicts[1:]) for verdict in passed(candidate)]
    assert "judged without FI-001" in refusal(candidate, short, releases)


def test_it_refuses_a_table_that_changed_after_the_verdict(candidate: Candidate, releases: Releases) -> None:
    verdicts = passed(candidate)
    rewrite(
        candidate.file("mart_award"),
        "select * from t limit 1",
    )
    assert "changed after" in refusal(candidate, verdicts, releases)


def test_it_refuses_a_table_that_went_away_after_the_verdict(
    candidate: Candidate, releases: Releases
) -> None:
    verdicts = passed(candidate)
    candidate.file("mart_quarantine").unlink()
    assert "changed after" in refusal(candidate, verdicts, releases)


def test_it_refuses_a_candidate_of_no_period(candidate: Candidate, releases: Releases) -> None:
    assert "no period" in refusal(replace(candidate, periods=()), [], releases)


def test_it_refuses_a_candidate_built_beside_another_release(
    candidate: Candidate, releases: Releases
) -> None:
    stale = replace(candidate, base_release="r0007-0123456789ab")
    with pytest.raises(StaleBaseError, match="run again"):
        publish(stale, passed(candidate), releases, provenance(), 2, "1GB")
    assert releases.ids() == []
