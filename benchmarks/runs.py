"""The measurements behind the table, each a child process on a fresh home.

Phases are read off the run's own log: ``spm run`` names each step on standard error when it begins, so
nothing of the stop-watch runs inside what is measured.

Put here: which commands are measured, on what. Keep out: the stop-watch (``measure``), words (``rows``).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.inputs import SampleSet, documents_of, sources_of
from benchmarks.measure import SPM, Measured, measure
from benchmarks.rows import BACKFILLS, BOUND_PARTS, PHASES, Figure

QUARTER = "2024-Q4"
LATE_QUARTERS = 4
"""Quarters that are published when one more document comes."""


class WrongResultError(RuntimeError):
    """Two ways that should give the same index do not: their times cannot be compared."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: ``regions`` of a quarter and of a backfill (none: all), ``quarters`` of backfills.

    Everything but the backfills is measured ``repeat`` times and stands in the table with its median run.
    """

    bench: Path
    regions: int | None = None
    backfill_regions: int | None = None
    quarters: tuple[int, ...] = (6, 12, 24)
    repeat: int = 3

    @property
    def backfill_set(self) -> SampleSet:
        """The set of the backfills: every quarter of the longest."""
        return SampleSet("csv", range_ending(QUARTER, max(self.quarters)), self.backfill_regions)

    @property
    def quarter_set(self) -> SampleSet:
        """The set of the quarter of CSV files: the backfill's own where the regions are the same."""
        same = self.regions == self.backfill_regions
        return self.backfill_set if same else SampleSet("csv", QUARTER, self.regions)

    def fresh(self, name: str) -> Path:
        """An empty folder to work in."""
        folder = self.bench / "homes" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def range_ending(last: str, count: int) -> str:
    """The range of ``count`` quarters that ends with ``last``: ``2023-Q3..2024-Q4`` for 6."""
    year, quarter = int(last[:4]), int(last[-1])
    index = year * 4 + quarter - count
    first = f"{index // 4}-Q{index % 4 + 1}"
    return last if count == 1 else f"{first}..{last}"


def measure_all(plan: Plan) -> Iterator[tuple[str, Figure]]:
    """Every figure of the table by the key of its row, one after the other."""
    one_region = SampleSet("csv", QUARTER, 1)
    workbooks = SampleSet("workbook", QUARTER, plan.regions)
    for wanted in (one_region, workbooks, plan.quarter_set, plan.backfill_set):
        sources_of(plan.bench, wanted)
    # once, unmeasured: the manifest and the registry are made at installation
    _run(plan, "warm", one_region, QUARTER)
    yield from _phases("fixed", _median(plan, lambda: _run(plan, "fixed", one_region, QUARTER)))
    yield from _phases("workbook", _median(plan, lambda: _run(plan, "workbook", workbooks, QUARTER)))
    yield from _bound(plan, workbooks)
    yield from _landed(plan, workbooks)
    yield "by_hand", _figure(_median(plan, lambda: _by_hand(plan, workbooks)))
    quarter = _median(plan, lambda: _run(plan, "csv", plan.quarter_set, QUARTER))
    yield from _phases("csv", quarter)
    yield from _bound(plan, plan.quarter_set)
    yield "csv_rules", _rules(plan)
    yield "tutorial", _figure(_median(plan, lambda: _tutorial(plan)))
    yield from _backfills(plan, quarter)
    yield from _late_document(plan)
    yield from _postgres(plan)
    shutil.rmtree(plan.bench / "homes", ignore_errors=True)


def _backfills(plan: Plan, quarter: Measured) -> Iterator[tuple[str, Figure]]:
    if plan.regions == plan.backfill_regions:  # the same run, whose phases stand in the table already
        yield "lone", _figure(quarter)
    else:
        yield from _phases("lone", _median(plan, lambda: _run(plan, "lone", plan.backfill_set, QUARTER)))
    for length, count in zip(BACKFILLS, plan.quarters, strict=True):
        measured = _run(plan, f"backfill_{length}", plan.backfill_set, range_ending(QUARTER, count))
        yield from _phases(f"backfill_{length}", measured, count)


def _late_document(plan: Plan) -> Iterator[tuple[str, Figure]]:
    """A document of the quarter before the last comes when all are published: it and the last are built."""
    folder, periods = plan.fresh("late_document"), range_ending(QUARTER, LATE_QUARTERS)
    sample = SampleSet("csv", periods, plan.backfill_regions)
    sources = folder / "sources.yaml"
    shutil.copytree(sources_of(plan.bench, sample).parent, folder, copy_function=os.link, dirs_exist_ok=True)
    document = documents_of(sources, range_ending(QUARTER, 2).split("..")[0])[0]
    late = document.rename(folder / document.name)
    measure([SPM, "run", periods, "--home", str(folder / "home"), "--sources", str(sources)])
    late.rename(document)

    def again(name: str, *options: str) -> Measured:
        home = plan.fresh(name)
        shutil.copytree(folder / "home", home, symlinks=True, dirs_exist_ok=True)
        return measure([SPM, "run", periods, "--home", str(home), "--sources", str(sources), *options])

    yield from _phases("late_all", _median(plan, lambda: again("late_all", "--all")), LATE_QUARTERS)
    yield from _phases("late", _median(plan, lambda: again("late")), LATE_QUARTERS)
    ours, theirs = (plan.bench / "homes" / name / "published" / "current" for name in ("late", "late_all"))
    if differing := _said(measure(_module("same_scores", ours, theirs))):
        raise WrongResultError(f"late document: {differing} regions have another index than with --all")


def _postgres(plan: Plan) -> Iterator[tuple[str, Figure]]:
    """The release of the longest backfill into a database, and the bare COPY of its rows."""
    home = plan.bench / "homes" / f"backfill_{BACKFILLS[-1]}"
    said = _said(measure(_module("postgres", "--home", home, "--rounds", plan.repeat)))
    for way in ("bare", "keyed", "loaded", "replaced", "again"):
        yield "postgres" if way == "loaded" else f"postgres_{way}", Figure(float(said[way]))


def _median(plan: Plan, action: Callable[[], Measured]) -> Measured:
    runs = sorted((action() for _ in range(plan.repeat)), key=lambda measured: measured.seconds)
    return runs[len(runs) // 2]


def _run(plan: Plan, name: str, wanted: SampleSet, periods: str) -> Measured:
    sources = sources_of(plan.bench, wanted)
    home = plan.fresh(name)
    return measure([SPM, "run", periods, "--home", str(home), "--sources", str(sources)])


def _figure(measured: Measured, quarters: int = 1) -> Figure:
    return Figure(measured.seconds, measured.cpu_seconds, measured.peak_mib, quarters)


def _phases(key: str, measured: Measured, quarters: int = 1) -> Iterator[tuple[str, Figure]]:
    yield key, _figure(measured, quarters)
    for phase, seconds in phase_seconds(measured.log, measured.seconds).items():
        yield f"{key}.{phase}", Figure(seconds)


def phase_seconds(log: tuple[tuple[float, str], ...], end: float) -> dict[str, float]:
    """Seconds of each phase of a run by the lines of its log; a phase that comes twice is added up."""
    begun = [(0.0, PHASES[0][0])]
    for at, line in log:
        begun += [(at, phase) for phase, _, words in PHASES[1:] if words in line]
    took = dict.fromkeys((phase for phase, _, _ in PHASES), 0.0)
    for (start, phase), (stop, _) in zip(begun, [*begun[1:], (end, "")], strict=True):
        took[phase] += stop - start
    return took


def _module(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]


def _bound(plan: Plan, wanted: SampleSet) -> Iterator[tuple[str, Figure]]:
    """The bound of the quarter that was run just before, on what that run landed."""
    place = ["--sources", sources_of(plan.bench, wanted), "--home", plan.bench / "homes" / wanted.kind]
    found: list[tuple[float, dict[str, float], float]] = []
    for _ in range(plan.repeat):
        work = ["--folder", plan.fresh(f"{wanted.kind}_bound")]
        measured = measure(_module("bound", "--kind", wanted.kind, "--period", QUARTER, *place, *work))
        said = _said(measured)
        if said["differing"]:
            raise WrongResultError(f"bound, {wanted.kind}: {said['differing']} regions have another index")
        parts = {part: float(said[part]) for part, _ in BOUND_PARTS}
        found.append((sum(parts.values()), parts, measured.peak_mib))
    seconds, parts, peak = sorted(found, key=lambda one: one[0])[len(found) // 2]
    key = f"{wanted.kind}_bound"
    yield key, Figure(seconds, peak_mib=peak)
    for part, taken in parts.items():
        yield f"{key}.{part}", Figure(taken)


def _rules(plan: Plan) -> Figure:
    """Judging by all rules and suites, on what the quarter that was run just before landed."""
    home = plan.bench / "homes" / plan.quarter_set.kind
    found = []
    for _ in range(plan.repeat):
        place = ["--home", home, "--folder", plan.fresh("rules")]
        said = _said(measure(_module("rules", "--period", QUARTER, *place)))
        found.append(Figure(float(said["seconds"]), float(said["cpu_seconds"])))
    return sorted(found, key=lambda figure: figure.cpu_seconds or 0)[len(found) // 2]


def _landed(plan: Plan, wanted: SampleSet) -> Iterator[tuple[str, Figure]]:
    place = ["--sources", sources_of(plan.bench, wanted), "--folder", plan.fresh("landed")]
    said = _said(measure(_module("workbooks", "--period", QUARTER, "--rounds", plan.repeat, *place)))
    for part in ("bare", "landed"):
        yield f"{part}_workbooks", Figure(float(said[part]))


def _by_hand(plan: Plan, wanted: SampleSet) -> Measured:
    release = plan.bench / "homes" / wanted.kind / "published" / "current"
    place = ["--sources", sources_of(plan.bench, wanted), "--folder", plan.fresh("by_hand")]
    measured = measure(_module("by_hand", "--period", QUARTER, *place, "--release", release))
    said = _said(measured)
    if said["largest_gap"] > 0.001:
        raise WrongResultError(f"by hand: an index is {said['largest_gap']} away from the release's")
    return measured


def _tutorial(plan: Plan) -> Measured:
    home = plan.fresh("tutorial")
    (home / "dagster").mkdir()
    environment = {
        "DAGSTER_HOME": str(home / "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "TUTORIAL_HOME": str(home),
        "TUTORIAL_INBOX": str(sources_of(plan.bench, plan.quarter_set).parent / "inbox"),
        "SPM_WORK_DB": str(home / "work.duckdb"),
        "GX_ANALYTICS_ENABLED": "false",
        # dagster-dbt looks for dbt there, as in an activated environment
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    command = [str(Path(sys.executable).with_name("dagster")), "job", "execute", "-j", "quarterly"]
    command += ["-m", "benchmarks.tutorial.definitions", "--tags", json.dumps({"dagster/partition": QUARTER})]
    measured = measure(command, environment)
    ours = plan.bench / "homes" / "csv" / "published" / "current"
    differing = _said(measure(_module("same_scores", home / "published" / QUARTER, ours)))
    if differing:
        raise WrongResultError(f"tutorial: {differing} regions have another index, or none is published")
    return measured


def _said(measured: Measured) -> Any:
    return json.loads(measured.output.strip().splitlines()[-1])
