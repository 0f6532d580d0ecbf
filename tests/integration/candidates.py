"""Candidates of two quarters: what they are made of, copies to be broken, releases of them.

Put here: making and publishing a candidate. Keep out: the one that tests share (``conftest``).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.publish.candidate import Candidate
from pipelines.publish.release import Provenance, Published, publish
from pipelines.publish.releases import Releases
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry.gate_checks import required_checks
from pipelines.registry.periods import Period
from pipelines.registry.regions import expected_reporters
from tests.integration.home import NOW

PERIODS = ("2024-Q3", "2024-Q4")


def rows_of(period: str) -> list[dict[str, str]]:
    """Most regions by their published index, three by a submission, one row that is refused."""
    regions = [region.region_code for region in expected_reporters(Period.parse(period).ends_on)]
    rows = [
        {"record": "published_index", "region": code, "period": period, "realised": str(50 + number % 51)}
        for number, code in enumerate(regions[:300])
    ]
    served = {"64.71": "10", "64.72": "7", "64.08": "0", "Entah": "5"}
    rows += [
        {
            "record": "achievement",
            "region": region,
            "period": period,
            "service": "K-PEND-01",
            "component": "recipients",
            "target": "10",
            "realised": realised,
        }
        for region, realised in served.items()
    ]
    return rows


def copy_of(candidate: Candidate, folder: Path) -> Candidate:
    """The candidate's files in a folder of their own, to be broken there."""
    shutil.copytree(candidate.folder, folder)
    return replace(candidate, folder=folder)


def rewrite(file: Path, query: str) -> None:
    """Write a table's file again with the rows of ``query``, which calls the present ones ``t``."""
    changed = file.with_name(f".{file.name}")
    with duckdb.connect() as connection:
        connection.execute(f"create view t as select * from read_parquet('{file}')")
        connection.execute(f"copy ({query}) to '{changed}' (format parquet)")
    changed.rename(file)


def provenance() -> Provenance:
    """What a manifest says of a release that a test makes."""
    return Provenance(NOW, "0", "0" * 64, "0" * 64, "0" * 64)


def passed(candidate: Candidate) -> list[PeriodVerdict]:
    """Verdicts that open the gate: what publishing does is asked here, not what may be published."""
    said = [Verdict(check.check_id, check.table_name, check.severity, "pass") for check in required_checks()]
    return [PeriodVerdict(period, said, candidate.hashes()) for period in candidate.periods]


def release(releases: Releases, candidate: Candidate) -> Published:
    """Publish a candidate on top of what is current."""
    current = releases.current()
    beside = replace(candidate, base_release=current.release_id if current else None)
    return publish(beside, passed(beside), releases, provenance(), 2, "1GB")
