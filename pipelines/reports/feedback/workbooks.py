"""Feedback workbooks: for each region and period what was received, what is wrong with it, how to fix it.

Put here: from a release, or from a check, to files. Keep out: one workbook (``feedback.book``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import duckdb

from pipelines import progress
from pipelines.errors import ConfigurationError
from pipelines.landing.raw_store import MissingRawError, RawStore
from pipelines.messages import say
from pipelines.publish.releases import Releases
from pipelines.readers.child import grids_in_child
from pipelines.readers.dispatch import document_kind
from pipelines.readers.documents.grids import Grid
from pipelines.registry.periods import Period
from pipelines.registry.personal_data import masked
from pipelines.registry.regions import state_on
from pipelines.registry.rosters import expected_reporters
from pipelines.registry.windows import window_of
from pipelines.reports.feedback.book import feedback_book
from pipelines.reports.feedback.look import FATAL, WARNING
from pipelines.reports.feedback.masking import without_personal_data
from pipelines.reports.feedback.places import Shown
from pipelines.reports.index_after import index_moves
from pipelines.reports.received import Document, IndexChange, Standing, Submission, submissions
from pipelines.reports.waiting import waiting_documents
from pipelines.settings import Limits, Settings
from pipelines.storage.whole_files import write_whole
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject
from pipelines.warehouse.parquet import read
from pipelines.warehouse.region_names import find

_TABLES = ("mart_document", "mart_finding")
# a document of many regions is shown to each of them: the last few are not read again
_OPEN_DOCUMENTS = 4
_STANDINGS = """
select
    region_code, compliance.period, region_name, timeliness, epoch_us(first_received_at) as first_received_us,
    compliance.window_closes_on,
    -- the status is the period's; a later close is the region's own extension
    case
        when compliance.window_closes_on > periods.window_closes_on and periods.window_status <> 'reopened'
            then 'extended'
        else periods.window_status
    end as window_status
from {mart_compliance} as compliance
inner join {dim_period} as periods on compliance.period = periods.period
"""

_INDEXES = """
select now.region_code, now.period, before.index_display, before.band_name, now.index_display, now.band_name
from {now} as now
left join {before} as before on now.region_code = before.region_code and now.period = before.period
order by now.period, now.region_code
"""


@dataclass(frozen=True, slots=True)
class PeriodFeedback:
    """What was written for a period; ``silent`` regions owe a report and sent nothing."""

    period: str
    workbooks: int
    documents: int
    fatal: int
    warnings: int
    silent: int


@dataclass(frozen=True, slots=True)
class FeedbackWritten:
    """The feedback of a release, or (without a ``release_id``) of quarters that none has. ``unaddressed`` are
    documents that no region can be read from.

    ``is_demo``: the data of the release are made up.
    """

    release_id: str | None
    folder: Path
    periods: list[PeriodFeedback]
    unaddressed: list[str]
    is_demo: bool


def write_feedback(
    settings: Settings, periods: Sequence[Period] | None = None, region: str | None = None
) -> FeedbackWritten:
    """Write the workbooks of the current release below ``SPM_HOME/reports``: ``<period>/<region_code>.xlsx``.

    Without ``periods`` those of the latest period with a document; without ``region`` those of every region.

    Raises:
        UnknownReleaseError: nothing is published yet.
        ConfigurationError: none of the periods is in the release.
        RegionNotFoundError, AmbiguousRegionError: no region, or more than one, has the name.
    """
    releases = Releases(settings.published)
    release = releases.current_folder()
    content = releases.manifest(release.name).content
    is_demo = content.is_demo
    folder = settings.home / "reports" / release.name / "feedback"
    with duckdb.connect() as connection:
        found = submissions(connection, {table: read(release / f"{table}.parquet") for table in _TABLES})
        standings = _standings(connection, release)
    reports = [own for own in found if own.is_report]
    # of a quarter that is not published nobody can be said to have sent nothing
    chosen = [period for period in _chosen(reports, periods) if str(period) in content.periods]
    if periods and not chosen:
        asked = ", ".join(map(str, periods))
        raise ConfigurationError(say("explain.not_in_release", at=asked, release=release.name))
    standings = _with_indexes(standings, _released_indexes(releases, release))
    waiting = waiting_documents(settings, content.periods)
    show = _shower(RawStore(settings.raw), settings.limits)
    written = _write_books(folder, found, chosen, region, standings, show, is_demo, waiting)
    return FeedbackWritten(release.name, folder, written, _unaddressed(found), is_demo)


def write_unpublished_feedback(
    settings: Settings, work_file: Path, periods: Sequence[Period], region: str | None = None
) -> FeedbackWritten:
    """Write the workbooks of ``periods`` that no release has, as a work file built from what was received has
    them, below ``SPM_HOME/reports/unpublished``; those of before are replaced.

    Raises:
        RegionNotFoundError, AmbiguousRegionError: no region, or more than one, has the name.
    """
    folder = settings.home / "reports" / "unpublished" / "feedback"
    with duckdb.connect(str(work_file), read_only=True) as connection:
        found = submissions(connection, {table: f"marts.{table}" for table in _TABLES})
        is_demo = bool(connection.execute("select 1 from raw.documents where is_demo limit 1").fetchall())
    if region is None:
        for period in periods:
            shutil.rmtree(folder / str(period), ignore_errors=True)
    show = _shower(RawStore(settings.raw), settings.limits)
    standings = _standings_of(found, work_file, settings.published)
    written = _write_books(folder, found, periods, region, standings, show, is_demo, {})
    return FeedbackWritten(None, folder, written, _unaddressed(found), is_demo)


def _write_books(
    folder: Path,
    found: Sequence[Submission],
    chosen: Sequence[Period],
    region: str | None,
    standings: Mapping[tuple[str | None, str | None], Standing],
    show: Callable[[Document], Shown],
    is_demo: bool,
    waiting: Mapping[str, list[Document]],
) -> list[PeriodFeedback]:
    reports = [own for own in found if own.is_report]
    undated = {own.region_code: own for own in found if own.region_code and own.period is None}
    progress.step(say("feedback.step"))
    written = []
    for period in chosen:
        code = find(region, period.ends_on).region_code if region else None
        own = [one for one in reports if one.period == str(period) and code in (None, one.region_code)]
        books = {one.region_code: [one] for one in own}
        # what came since the quarter began and names none that can be read is told beside the latest
        for region_code, late in undated.items() if period == max(chosen) else ():
            if code in (None, region_code) and late.documents[0].received_at.date() >= period.starts_on:
                books.setdefault(region_code, []).append(late)
        for one in found:
            if one.period == str(period) and code in (None, one.region_code) and one.is_warned:
                books.setdefault(one.region_code, [one])
        for silent in sorted(waiting.keys() - books.keys()):
            if code in (None, silent):
                books[silent] = [Submission(silent, str(period))]
        for whose, of_region in books.items():
            listed = [
                (one, standings.get((one.region_code, one.period)) or _of_registry(one)) for one in of_region
            ]
            path = folder / str(period) / f"{whose}.xlsx"
            write_whole(path, feedback_book(listed, show, is_demo, waiting.get(whose or "", [])))
            progress.advance(1)
        written.append(_written(period, own, code, len(books)))
    return written


def _unaddressed(found: Sequence[Submission]) -> list[str]:
    return sorted({document.name for one in found if one.region_code is None for document in one.documents})


def write_check_feedback(
    path: Path, work_file: Path, raw: Path, limits: Limits, published: Path | None = None
) -> None:
    """Write one workbook for everything in a work file, as far as it was built for a check.

    Where it was scored the index stands beside the one of the current release in ``published``.
    """
    with duckdb.connect(str(work_file), read_only=True) as connection:
        found = submissions(connection, {table: f"marts.{table}" for table in _TABLES})
        is_demo = bool(connection.execute("select 1 from raw.documents where is_demo limit 1").fetchall())
    standings = _standings_of(found, work_file, published) if published else {}
    listed = [(own, standings.get((own.region_code, own.period)) or _of_registry(own)) for own in found]
    write_whole(path, feedback_book(listed, _shower(RawStore(raw), limits), is_demo))


def _chosen(reports: Sequence[Submission], periods: Sequence[Period] | None) -> Sequence[Period]:
    if periods is not None:
        return periods
    known = {Period.parse(own.period) for own in reports if own.period}
    return [max(known)] if known else []


def _written(
    period: Period, own: Sequence[Submission], region_code: str | None, workbooks: int
) -> PeriodFeedback:
    expected = {region.region_code for region in expected_reporters(period)}
    asked = expected & {region_code} if region_code else expected
    return PeriodFeedback(
        period=str(period),
        workbooks=workbooks,
        documents=sum(len(one.documents) for one in own),
        fatal=sum(one.count(FATAL) for one in own),
        warnings=sum(one.count(WARNING) for one in own),
        silent=len(asked - {one.region_code for one in own}),
    )


def _standings(
    connection: duckdb.DuckDBPyConnection, release: Path
) -> dict[tuple[str | None, str | None], Standing]:
    files = {table: read(release / f"{table}.parquet") for table in ("mart_compliance", "dim_period")}
    rows = connection.execute(_STANDINGS.format(**files)).fetchall()
    return {
        (region_code, period): Standing(
            name,
            closes_on,
            status,
            timeliness,
            datetime.fromtimestamp(received_us / 1_000_000, tz=UTC) if received_us is not None else None,
        )
        for region_code, period, name, timeliness, received_us, closes_on, status in rows
    }


def _standings_of(
    found: Sequence[Submission], work_file: Path, published: Path
) -> dict[tuple[str | None, str | None], Standing]:
    """The standing of each submission in a work file, with the index that it would have."""
    standings = {(own.region_code, own.period): _of_registry(own) for own in found}
    indexes: dict[tuple[str | None, str | None], IndexChange] = {
        (move.region_code, move.period): IndexChange(
            None if move.before is None else Decimal(move.before),
            move.before_band,
            None if move.after is None else Decimal(move.after),
            move.after_band,
            say("feedback.index_of_file"),
        )
        for move in index_moves(work_file, published).moves
    }
    return _with_indexes(standings, indexes)


def _with_indexes(
    standings: Mapping[tuple[str | None, str | None], Standing],
    indexes: Mapping[tuple[str | None, str | None], IndexChange],
) -> dict[tuple[str | None, str | None], Standing]:
    return {whose: replace(own, index=indexes.get(whose)) for whose, own in standings.items()}


def _released_indexes(releases: Releases, release: Path) -> dict[tuple[str | None, str | None], IndexChange]:
    """The index of each region and quarter in a release, beside the one of the release before."""
    table, before = "mart_region_score", releases.line(release.name)[1:2]
    earlier = f"(select * from {read(release / f'{table}.parquet')} where false)"
    if before and releases.pruned(before[0]) is None:
        earlier = read(releases.table(before[0], table))
    with duckdb.connect() as connection:
        rows = connection.execute(
            _INDEXES.format(now=read(release / f"{table}.parquet"), before=earlier)
        ).fetchall()
    remark = say("feedback.index_of_first", after=release.name)
    if before:
        remark = say("feedback.index_of_releases", before=before[0], after=release.name)
    return {
        (region_code, period): IndexChange(before, before_band, after, after_band, remark)
        for region_code, period, before, before_band, after, after_band in rows
    }


def _of_registry(submission: Submission) -> Standing:
    """The standing of a submission that no published table judges."""
    code, period = submission.region_code, Period.parse(submission.period) if submission.period else None
    state = state_on(code, period.ends_on if period else date.max) if code else None
    name = state.region_name if state else code or "Daerah tidak terbaca"
    if period is None:
        return Standing(name, None, None)
    window = window_of(period, region_code=code)
    return Standing(name, window.closes_on, window.status)


def _shower(store: RawStore, limits: Limits) -> Callable[[Document], Shown]:
    """What opens documents for showing; a document that was rejected is never opened."""
    readings = _readings(store)

    @lru_cache(maxsize=_OPEN_DOCUMENTS)
    def cells(sha256: str, reading: str) -> list[Grid] | str:
        try:
            file = RawFile(sha256, store.content(sha256))
        except MissingRawError as error:
            return str(error)
        found = grids_in_child(file, ReadingSpec.from_json(reading), limits)
        if isinstance(found, Reject):
            return f"{found.rule_id}: {masked(found.value).text}"
        return [without_personal_data(grid) for grid in found]

    def show(document: Document) -> Shown:
        reading = readings.get((document.source, document.sha256))
        if reading is None:
            return Shown(document, why_not=say("feedback.no_receipt"))
        if document.reject_rule:
            return Shown(document)
        found = cells(document.sha256, reading)
        if isinstance(found, str):
            return Shown(document, why_not=found)
        return Shown(document, found, has_cells=document_kind(ReadingSpec.from_json(reading).kind).has_cells)

    return show


def _readings(store: RawStore) -> Mapping[tuple[str, str], str]:
    """How each document is read, as last asked for."""
    receipts = sorted(store.receipts(), key=lambda receipt: (receipt.read_in, receipt.taken_in_at))
    return {(receipt.source, receipt.sha256): receipt.reading for receipt in receipts}
