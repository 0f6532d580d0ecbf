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
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.registry.rosters import expected_reporters
from pipelines.warehouse.manifest import marts
from tests.integration.home import NOW, passed, query

PERIODS = ("2024-Q3", "2024-Q4")


def rows_of(period: str) -> list[dict[str, str]]:
    """Most regions by a published index, twelve by all they owe, three by one service, one row refused."""
    quarter = Period.parse(period)
    regions = expected_reporters(quarter)
    rows = [
        {"record": "published_index", "region": region.region_code, "realised": str(50 + number % 51)}
        for number, region in enumerate(regions[:300])
    ]
    for number, region in enumerate(regions[500:512]):
        for service in services_owed(region.tier, quarter):
            rows.append(
                _served(region.region_code, service.service_code, str(100 - 10 * (number // 2)), "100")
            )
    rows += [
        _served("64.71", "K-PEND-01", "10"),
        _served("64.72", "K-PEND-01", "7"),
        _served("64.08", "K-PEND-01", "0"),
    ]
    rows.append(_served("Entah", "K-PEND-01", "5"))
    return [{**row, "period": period} for row in rows]


def _served(region: str, service: str, realised: str, target: str = "10") -> dict[str, str]:
    said = {"record": "achievement", "region": region, "service": service, "component": "recipients"}
    return {**said, "target": target, "realised": realised}


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


def restated(candidate: Candidate, folder: Path, index: int) -> Candidate:
    """The candidate with another score of one region in 2024-Q4, built for that period alone."""
    made = replace(copy_of(candidate, folder), periods=("2024-Q4",))
    for table in made.tables:
        if not marts()[table].is_whole and "period" in columns_of(made.file(table)):
            rewrite(made.file(table), "select * from t where period = '2024-Q4' or period is null")
    rewrite(
        made.file("mart_region_score"),
        f"select * replace (if(region_code = '64.71' and period = '2024-Q4', {index}, index)::decimal(9, 6)"
        " as index) from t",
    )
    return made


def columns_of(file: Path) -> list[str]:
    return [row["column_name"] for row in query("describe from read_parquet($file)", file=str(file))]


def provenance() -> Provenance:
    """What a manifest says of a release that a test makes."""
    return Provenance(NOW, "0", "0" * 64, "0" * 64, "0" * 64)


def release(releases: Releases, candidate: Candidate) -> Published:
    """Publish a candidate on top of what is current."""
    current = releases.current()
    beside = replace(candidate, base_release=current.release_id if current else None)
    return publish(beside, passed(beside), releases, provenance(), 2, "1GB")
