"""``spm sample``: a national set of made-up submissions, a sources file, and what was planted in it.

Put here: from options to files on disk. Keep out: one region's documents (``regions``).
"""

from __future__ import annotations

import csv
import multiprocessing
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from pipelines import progress
from pipelines.messages import most_like, say
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.registry.regions import Region
from pipelines.registry.rosters import expected_reporters
from spm_sample.errors import KINDS, SampleError, kinds_text, shares_of
from spm_sample.regions import Plan, Written, write_region

DOCUMENT_KINDS = ("workbook", "csv", "mixed")
MOST_ITEMS = 50
WORKERS = 2
DOCUMENTS_WORTH_WORKERS = 100
COLUMNS = ("kind", "region_code", "period", "document", "place", "rule_id", "fatal", "description", "text")
_ENDINGS = {"workbook": "xlsx", "csv": "csv"}
_OURS = re.compile(r"\d\d(?:\.\d\d)?_\d{4}-Q[1-4](?:_[a-z]+)?\.(?:xlsx|csv)")


def write_sample(
    folder: Path,
    periods: tuple[Period, ...],
    regions: int | None,
    kind: str,
    items: int,
    seed: int,
    errors: float,
    error: list[str],
    workers: int = WORKERS,
) -> str:
    """Write the set below ``folder`` and say in a few lines what was written.

    ``inbox/<period>/`` holds one document a region and period, ``sources.yaml`` the sources to run,
    ``planted.csv`` every planted error and its place. The same options give the same bytes, whatever
    ``workers``; a region's documents do not depend on the other regions. An earlier set in ``folder`` goes.
    ``error`` that holds ``list`` gives the kinds of errors and writes nothing.

    Raises:
        SampleError: an option is out of its range, or ``folder`` holds documents that are not a sample's.
    """
    if "list" in error:
        return kinds_text()
    _check(periods, regions, kind, items)
    plan = Plan(folder / "inbox", kind, items, seed, shares_of(errors, error))
    reporting = _reporting(periods, regions)
    _clear(folder)
    progress.step(say("sample.step", folder=folder))
    written = []
    for one in _written(plan, reporting, workers):
        written.append(one)
        progress.advance(one.documents)
    _write_sources(folder, written)
    planted = _write_planted(folder, written)
    return _summary(folder, written, planted)


def _check(periods: tuple[Period, ...], regions: int | None, kind: str, items: int) -> None:
    if kind not in DOCUMENT_KINDS:
        raise SampleError(
            say("sample.unknown_kind", at=f"--kind {kind}", known=most_like(kind, DOCUMENT_KINDS))
        )
    if not 0 <= items <= MOST_ITEMS:
        raise SampleError(say("sample.items", at=f"--items {items}", most=MOST_ITEMS))
    if regions is not None and regions < 1:
        raise SampleError(say("sample.regions", at=f"--regions {regions}"))
    for period in periods:
        if not services_owed("province", period):
            raise SampleError(say("sample.no_service", at=f"--periods {period}"))


def _reporting(periods: tuple[Period, ...], count: int | None) -> list[dict[Period, Region]]:
    """Each region's states by period, in the order of codes; ``count`` of them, evenly over the country."""
    found: dict[str, dict[Period, Region]] = {}
    for period in periods:
        for region in expected_reporters(period):
            found.setdefault(region.current_region_code, {})[period] = region
    states = [found[code] for code in sorted(found)]
    if count is None or count >= len(states):
        return states
    return [states[index * len(states) // count] for index in range(count)]


def _clear(folder: Path) -> None:
    """Take an earlier set away, once nothing else lies between it."""
    old = sorted((folder / "inbox").glob("*/*"))
    if strange := [path for path in old if not _OURS.fullmatch(path.name)]:
        raise SampleError(say("sample.strange_document", at=strange[0]))
    if old and not (folder / "planted.csv").exists():
        raise SampleError(say("sample.folder_in_use", at=folder))
    for path in old:
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def _written(plan: Plan, reporting: list[dict[Period, Region]], workers: int) -> Iterator[Written]:
    write = partial(write_region, plan)
    if workers <= 1 or sum(map(len, reporting)) < DOCUMENTS_WORTH_WORKERS:
        yield from map(write, reporting)
        return
    # spawned, not forked: the caller may hold threads (DuckDB, Arrow) that do not survive a fork
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(write, reporting, chunksize=8)


def _write_sources(folder: Path, written: list[Written]) -> None:
    kinds = sorted({kind for one in written for kind in one.kinds})
    entries = "".join(
        f"  - name: sample_{kind}\n    kind: {kind}\n    path: inbox/{{period}}/*.{_ENDINGS[kind]}\n"
        "    demo: true\n"
        # made at once, to be read as if each had come on its day
        "    receipt_time: store\n"
        for kind in kinds
    )
    (folder / "sources.yaml").write_text(f"sources:\n{entries}", encoding="utf-8")


def _write_planted(folder: Path, written: list[Written]) -> list[Mapping[str, str]]:
    planted: list[Mapping[str, str]] = [line for one in written for line in one.planted]
    with (folder / "planted.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**line, "description": KINDS[line["kind"]].description} for line in planted)
    return planted


def _summary(folder: Path, written: list[Written], planted: list[Mapping[str, str]]) -> str:
    errors = {(line["kind"], line["document"]) for line in planted}
    fatal = {(line["kind"], line["document"]) for line in planted if line["fatal"] == "true"}
    documents, rows = sum(one.documents for one in written), sum(one.rows for one in written)
    return (
        f"{len(written)} regions, {documents} documents, {rows} rows\n"
        f"{len(errors)} errors planted in them, {len(fatal)} of them fatal: {folder / 'planted.csv'}\n"
        f"spm run PERIOD --sources {folder / 'sources.yaml'}"
    )
