"""Publishing: a judged candidate becomes an immutable release, and the pointer moves last.

A release holds every published period: those of the candidate, and those of the release before that the
candidate does not touch. The verdicts are checked again here, against the very files they were given on.

Put here: making a release. Keep out: reading, verifying and choosing releases (``releases``).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.errors import RejectedError, UnavailableError
from pipelines.messages import message, say
from pipelines.publish.candidate import Candidate
from pipelines.publish.database import write_database
from pipelines.publish.manifest import DATABASE, FILE, Content, MadeFrom, Manifest, TableFile
from pipelines.publish.releases import Releases
from pipelines.quality.page import PAGE, quality_page
from pipelines.quality.sentences import checks_said
from pipelines.quality.verdicts import PeriodVerdict
from pipelines.registry.columns import column_rows, file_words
from pipelines.registry.comparisons import compared_with
from pipelines.registry.gate_checks import required_checks
from pipelines.registry.periods import Period
from pipelines.storage.checked_files import sha256_of
from pipelines.storage.whole_files import share
from pipelines.warehouse.manifest import cards, marts
from pipelines.warehouse.parquet import columns_of, connect, have_same_rows, quoted, read, write_table
from pipelines.warehouse.release_tables import rows_of

_ARROW = {
    "boolean": pa.bool_(),
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


class GateClosedError(RejectedError):
    """The candidate may not be published: no verdict, a closed gate, or tables changed after the verdict."""


class StaleBaseError(UnavailableError):
    """Another run published while this one was at work; run again on top of it."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: the release that is current now, and whether it is a new one."""

    release_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a manifest says of how a release came about.

    ``number`` is given where a release is built again; a new one takes the next. ``approval`` says who
    approved it, where that was owed.
    """

    published_at: datetime
    code_version: str
    code_sha256: str
    rules_sha256: str
    registry_sha256: str
    made_with: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    number: int | None = None
    approval: Mapping[str, Any] | None = None


def publish(
    candidate: Candidate,
    verdicts: Sequence[PeriodVerdict],
    releases: Releases,
    provenance: Provenance,
    threads: int,
    memory_limit: str,
) -> Published:
    """Make the candidate the current release.

    When nothing but the age of findings would differ, the current release stays.

    Raises:
        GateClosedError: a period's verdict is missing, closed or of other tables.
        StaleBaseError: another release was published since the candidate was built.
    """
    _demand_open_gate(candidate, verdicts)
    with releases.writing():
        current = releases.current()
        if (current.release_id if current else None) != candidate.base_release:
            there = current.release_id if current else "-"
            raise StaleBaseError(say("release.stale_base", current=there, base=candidate.base_release or "-"))
        partial = releases.new_partial()
        try:
            with connect(threads, memory_limit, partial) as connection:
                # read and merged from here on: as it was published, or not at all
                previous = releases.folder(current.release_id) if current else None
                if previous and _says_the_same(connection, candidate, previous):
                    return Published(candidate.base_release or "", is_new=False)
                manifest = _write(connection, candidate, verdicts, previous, current, partial, provenance)
            if previous and current:
                _share(manifest, partial, current, previous)
            releases.finish(partial, manifest.release_id)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return Published(manifest.release_id, is_new=True)


def _share(manifest: Manifest, folder: Path, before: Manifest, previous: Path) -> None:
    """Let files that the release before has, too, take no place of their own on the disk."""
    same = manifest.files().items() & before.files().items()
    for name in sorted(name for name, _ in same):
        share(folder / name, previous / name)


def _demand_open_gate(candidate: Candidate, verdicts: Sequence[PeriodVerdict]) -> None:
    by_period = {verdict.period: verdict for verdict in verdicts}
    hashes = candidate.hashes()
    required = {check.check_id for check in required_checks()}
    for period in candidate.periods:
        verdict = by_period.get(period)
        if verdict is None:
            raise GateClosedError(say("release.no_verdict", at=period))
        if not verdict.passed:
            closing = checks_said(found.check_id for found in verdict.closing)
            checks = closing if verdict.closing else message("release.no_check_ran")
            raise GateClosedError(say("release.not_passed", at=period, checks=checks))
        if unasked := required - {found.check_id for found in verdict.verdicts}:
            missing = ", ".join(sorted(unasked))
            raise GateClosedError(say("release.judged_without", at=period, checks=missing))
        if verdict.tables != hashes:
            raise GateClosedError(say("release.changed_since", at=period))
    if not candidate.periods:
        raise GateClosedError(say("release.no_period"))


def _write(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    verdicts: Sequence[PeriodVerdict],
    previous: Path | None,
    current: Manifest | None,
    folder: Path,
    provenance: Provenance,
) -> Manifest:
    for table in candidate.tables:
        _merge(connection, candidate, table, previous, folder / f"{table}.parquet")
    columns = {table: columns_of(connection, folder / f"{table}.parquet") for table in candidate.tables}
    columns["mart_release"] = {field.name: str(field.type) for field in _release_schema()}
    columns["meta_column"] = {name: kind.upper() for name, kind in cards()["meta_column"].columns.items()}
    is_demo = candidate.is_demo
    words = pa.Table.from_pylist(column_rows(columns))
    _write_rows(connection, folder / "meta_column.parquet", words, is_demo)
    content = Content(
        periods=_periods(connection, folder),
        tables={path.stem: _table_file(connection, path) for path in sorted(folder.glob("*.parquet"))},
        inputs=_inputs(connection, folder),
        methods=_methods(connection, folder),
        code_version=provenance.code_version,
        code_sha256=provenance.code_sha256,
        rules_sha256=provenance.rules_sha256,
        gate=_gate(current, candidate, verdicts),
        registry_sha256=provenance.registry_sha256,
        made_with=_made_with(current, candidate, provenance),
        is_demo=is_demo,
    )
    manifest = Manifest(
        content=content,
        number=provenance.number or _next_number(folder.parent),
        published_at=provenance.published_at.isoformat(timespec="seconds"),
        release_before=current.release_id if current else None,
        made_from=MadeFrom(list(candidate.periods), list(candidate.batches)),
        approval=provenance.approval,
        before_sha256=current.whole_sha256 if current else None,
        notice=say("demo.notice") if is_demo else "",
    )
    earlier = _released_before(connection, previous)
    released = pa.Table.from_pylist(
        [*earlier, _release_row(connection, folder, manifest)], schema=_release_schema()
    )
    _write_rows(connection, folder / "mart_release.parquet", released, is_demo)
    write_database(connection, folder, is_demo)
    (folder / PAGE).write_bytes(quality_page(candidate.folder, verdicts, is_demo))
    others = [folder / "mart_release.parquet", folder / DATABASE, folder / PAGE]
    manifest = manifest.with_files({path.name: sha256_of(path) for path in others})
    (folder / FILE).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _merge(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    table: str,
    previous: Path | None,
    path: Path,
) -> None:
    """The candidate's rows, and those of the periods or releases that only the release before has."""
    before = previous / f"{table}.parquet" if previous else None
    card = marts()[table]
    is_kept = not card.is_whole or card.scope == "every_release"
    if not is_kept or before is None or not before.exists():
        shutil.copyfile(candidate.file(table), path)
        return
    periods = ", ".join(quoted(period) for period in candidate.periods)
    kept = f"select * from {read(before)}"
    if card.scope != "every_release":
        kept += f" where period not in ({periods})"
    if connection.execute(f"select 1 from ({kept}) as kept limit 1").fetchall():
        query = f"select * from {read(candidate.file(table))} union all by name {kept}"
        columns = list(columns_of(connection, candidate.file(table)))
        words = file_words(table, columns, card.comment, candidate.is_demo)
        write_table(connection, query, columns, path, words)
    else:
        shutil.copyfile(candidate.file(table), path)


def _says_the_same(connection: duckdb.DuckDBPyConnection, candidate: Candidate, previous: Path) -> bool:
    """Whether the release before says all that the candidate does, the age of findings left aside.

    A table of releases speaks of what they changed; where nothing changed, the one before stays.
    """
    periods = ", ".join(quoted(period) for period in candidate.periods)
    for table in candidate.tables:
        before = previous / f"{table}.parquet"
        if not before.exists():
            return False
        after = candidate.file(table)
        columns = columns_of(connection, after)
        if list(columns) != list(columns_of(connection, before)):
            return False
        card = marts()[table]
        if card.scope in ("release", "every_release"):
            continue
        where = "true"
        if table == "mart_finding":
            where = "status <> 'fixed'"
            columns.pop("status")
        if not card.is_whole:
            where += f" and (period is null or period in ({periods}))"
        listed = ", ".join(f'"{name}"' for name in columns)
        old, new = (f"select {listed} from {read(path)} where {where}" for path in (before, after))
        if not have_same_rows(connection, old, new):
            return False
    return True


def _table_file(connection: duckdb.DuckDBPyConnection, path: Path) -> TableFile:
    rows = connection.execute(f"select count(*) from {read(path)}").fetchall()[0][0]
    return TableFile(rows=int(rows), sha256=sha256_of(path), bytes=path.stat().st_size)


def _periods(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    found = connection.execute(
        f"select distinct period from {read(folder / 'mart_region_score.parquet')} order by period"
    )
    return [period for (period,) in found.fetchall()]


def _methods(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    found = connection.execute(
        f"select distinct period, method_version from {read(folder / 'mart_region_score.parquet')}"
        " where method_version is not null order by period"
    )
    return dict(found.fetchall())


def _inputs(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, dict[str, Any]]:
    found = connection.execute(
        "select coalesce(period, 'unreadable'), count(distinct sha256),"
        " sha256(string_agg(distinct sha256, ' ' order by sha256))"
        f" from {read(folder / 'mart_document.parquet')} group by all order by all"
    )
    return {period: {"documents": count, "sha256": digest} for period, count, digest in found.fetchall()}


def _gate(
    current: Manifest | None, candidate: Candidate, verdicts: Sequence[PeriodVerdict]
) -> dict[str, list[dict[str, Any]]]:
    kept = dict(current.content.gate) if current else {}
    judged = {
        verdict.period: [
            {"check_id": found.check_id, "table": found.table, "status": found.status}
            for found in sorted(verdict.verdicts, key=lambda found: found.check_id)
        ]
        for verdict in verdicts
        if verdict.period in candidate.periods
    }
    return dict(sorted((kept | judged).items()))


def _made_with(
    current: Manifest | None, candidate: Candidate, provenance: Provenance
) -> dict[str, dict[str, str]]:
    kept = current.content.made_with if current else {}
    made = {period: dict(provenance.made_with.get(period, {})) for period in candidate.periods}
    whole = kept | made
    for period, own in made.items():
        if own:  # a release that says nothing of what it is made with says nothing of this either
            own["compared"] = compared_documents(period, whole)
    return dict(sorted(whole.items()))


def compared_documents(period: str, made_with: Mapping[str, Mapping[str, str]]) -> str:
    """The quarters that the findings of ``period`` compare with, each with the hash of its documents."""
    quarters = sorted(map(str, compared_with(Period.parse(period))))
    known = [(one, made_with[one].get("documents", "")) for one in quarters if one in made_with]
    return " ".join(f"{one}={documents[:12]}" for one, documents in known)


def _next_number(releases: Path) -> int:
    numbers = [int(folder.name[1:5]) for folder in releases.glob("r[0-9][0-9][0-9][0-9]-*")]
    return max(numbers, default=0) + 1


def _release_row(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> dict[str, Any]:
    counted = connection.execute(
        "select (select count(*) from {scores}), (select count(distinct sha256) from {documents}),"
        " sum(rows_received), sum(rows_accepted), sum(rows_superseded), sum(rows_quarantined)"
        " from {documents}".format(
            scores=read(folder / "mart_region_score.parquet"),
            documents=read(folder / "mart_document.parquet"),
        )
    ).fetchall()[0]
    names = (
        "regions_expected",
        "documents_received",
        *(f"rows_{of}" for of in ("received", "accepted", "superseded", "quarantined")),
    )
    return {
        "release_id": manifest.release_id,
        "published_at": datetime.fromisoformat(manifest.published_at),
        "release_before": manifest.release_before,
        "periods": ", ".join(manifest.content.periods),
        "is_demo": manifest.content.is_demo,
        **{name: int(value or 0) for name, value in zip(names, counted, strict=True)},
        "gate_result": "passed",
        "manifest_sha256": manifest.content_sha256,
    }


def _released_before(connection: duckdb.DuckDBPyConnection, previous: Path | None) -> list[dict[str, Any]]:
    """The rows of the releases that this one was built on, as the last of them has them."""
    if previous is None:
        return []
    return rows_of(connection, f"from {read(previous / 'mart_release.parquet')}")


def _release_schema() -> pa.Schema:
    """The columns of mart_release, the one table that says when."""
    types = cards()["mart_release"].columns
    return pa.schema([pa.field(name, _ARROW[kind]) for name, kind in types.items()])


def _write_rows(connection: duckdb.DuckDBPyConnection, path: Path, rows: pa.Table, is_demo: bool) -> None:
    connection.register("made", rows)
    words = file_words(path.stem, rows.column_names, cards()[path.stem].comment, is_demo)
    write_table(connection, "select * from made", rows.column_names, path, words)
    connection.unregister("made")
