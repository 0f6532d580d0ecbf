"""Sets of made-up reports: which kinds of errors, in which regions and quarters, by which seed.

Errors are planted in the last quarter of a set alone, over clean quarters: a slip shows again in the quarter
after it, which compares with it, and would be counted as a clean row that is flagged.

Put here: making a set and its release. Keep out: what was found in it (``compared``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.build import steps
from pipelines.registry.periods import Period
from pipelines.settings import Settings
from pipelines.sources.config import load_sources
from pipelines.warehouse import dbt
from spm_sample.command import write_sample
from spm_sample.errors import KINDS
from tests.integration.home import NOW

LASTING = {"under_entry"}
"""What a region does all year is not planted in one quarter."""


@dataclass(frozen=True)
class ReportSet:
    """Reports of so many regions for ``periods``, with errors in the last of them by ``shares`` (0 to 1)."""

    name: str
    seed: int
    periods: tuple[str, ...]
    regions: int
    items: int
    shares: Mapping[str, float]


def whole(seed: int) -> list[ReportSet]:
    """The sets of ``make evaluate``: each kind many times, over three years' worth of regions and seeds."""
    row_kinds = {name: 0.15 for name, kind in KINDS.items() if kind.level == "row"}
    documents = {name: 0.08 for name, kind in KINDS.items() if kind.level == "document"}
    documents = {name: share for name, share in documents.items() if name not in LASTING}
    years = dict.fromkeys(("drops_to_nothing", "result_loses_digits", "budget_with_zeros"), 0.5)
    found = []
    for at, (earlier, last) in enumerate(
        [("2024-Q2", "2024-Q3"), ("2023-Q3", "2023-Q4"), ("2022-Q1", "2022-Q2")]
    ):
        one = seed + at
        found.append(ReportSet(f"rows {one}", one, (earlier, last), 130, 4, row_kinds))
        found.append(ReportSet(f"documents {one}", one, (earlier, last), 300, 4, documents))
        found.append(ReportSet(f"clean {one}", one, (earlier, last), 130, 4, {}))
    four = ("2021-Q4", "2022-Q4", "2023-Q4", "2024-Q3", "2024-Q4")
    found.append(ReportSet(f"years {seed + 3}", seed + 3, four, 60, 2, years))
    found.append(ReportSet(f"clean years {seed + 4}", seed + 4, four, 60, 2, {}))
    return found


def short(seed: int) -> list[ReportSet]:
    """Two small sets, to see that all of it runs."""
    return [
        ReportSet(one.name, one.seed, one.periods, 30, 2, one.shares)
        for one in whole(seed)
        if one.name in (f"rows {seed}", f"documents {seed}")
    ]


def make(report_set: ReportSet, folder: Path, threads: int = 2) -> Settings:
    """Write the documents of a set below ``folder``, build and publish its release; returns its settings."""
    periods = tuple(Period.parse(text) for text in report_set.periods)
    clean, planted = folder / "clean", folder / "set"
    errors = [f"{name}={share}" for name, share in report_set.shares.items()]
    for place, named in ((clean, []), (planted, errors)):
        write_sample(
            place, periods, report_set.regions, "mixed", report_set.items, report_set.seed, 0.0, list(named)
        )
    for period in report_set.periods[:-1]:
        shutil.rmtree(planted / "inbox" / period)
        shutil.copytree(clean / "inbox" / period, planted / "inbox" / period, copy_function=shutil.copy2)
    shutil.rmtree(clean)
    settings = Settings(folder / "home", planted / "sources.yaml", threads=threads, workers=threads, now=NOW)
    _release(settings, report_set.periods)
    return settings


def _release(settings: Settings, periods: Sequence[str]) -> None:
    """Everything that a run does, without Dagster's records around it."""
    assert settings.sources_file is not None
    for spec in load_sources(settings.sources_file):
        steps.take_in(settings, spec, periods)
    work_file = settings.work / "evaluation" / dbt.WORK_FILE_NAME
    steps.make_work(settings, work_file, steps.received_of(settings, periods))
    if failed := steps.failed_nodes(steps.run_models(settings, work_file)):
        raise RuntimeError(f"models did not run: {failed}")
    candidate = steps.make_candidate(settings, work_file, work_file.parent / "candidate", list(periods))
    steps.publish_candidate(settings, candidate, steps.judge(candidate))
    os.unlink(work_file)
