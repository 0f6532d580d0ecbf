"""What of each table has to be replaced: nothing, the rows of some periods, or all.

A table whose file is the one that the database holds stays. Where that release still lies here, the rows of
each period are compared by number and hash, so that a new quarter is copied and the others are left alone.

Put here: that comparison. Keep out: replacing (``load``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from pipelines.publish.manifest import DamagedReleaseError, Manifest
from pipelines.publish.releases import Releases, UnknownReleaseError
from pipelines.publish.upkeep import PrunedReleaseError
from pipelines.warehouse.parquet import quoted, read


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a table that are replaced: those of ``periods`` (none among them: rows without one), or all."""

    table: str
    periods: tuple[str | None, ...] | None = None

    @property
    def condition(self) -> str:
        """The part as SQL, the same for both databases."""
        if self.periods is None:
            return "true"
        named = ", ".join(quoted(period) for period in self.periods if period is not None)
        conditions = [f"period in ({named})"] if named else []
        conditions += ["period is null"] if None in self.periods else []
        return " or ".join(conditions) or "false"


def parts_of(
    connection: duckdb.DuckDBPyConnection, releases: Releases, wanted: Manifest, held: str | None
) -> list[Part]:
    """The parts that lead from the release that the database holds (none: from nothing) to ``wanted``.

    Tables that the release does not have are not among them.
    """
    names = [path.stem for path in sorted(releases.folder(wanted.release_id).glob("*.parquet"))]
    if held is None or not _is_readable(releases, held):
        return [Part(name) for name in names]
    before = releases.manifest(held)
    found = [_part(connection, releases, name, wanted, before) for name in names]
    return [part for part in found if part is not None]


def _is_readable(releases: Releases, release_id: str) -> bool:
    try:
        releases.folder(release_id)
    except (UnknownReleaseError, DamagedReleaseError, PrunedReleaseError):
        return False
    return True


def _part(
    connection: duckdb.DuckDBPyConnection, releases: Releases, name: str, wanted: Manifest, before: Manifest
) -> Part | None:
    file = f"{name}.parquet"
    new, old = wanted.files()[file], before.files().get(file)
    if new == old:
        return None
    if old is None:
        return Part(name)
    paths = [releases.folder(manifest.release_id) / file for manifest in (before, wanted)]
    columns, columns_before = (
        [row[0] for row in connection.execute(f"describe from {read(path)}").fetchall()] for path in paths
    )
    if "period" not in columns or columns != columns_before:
        return Part(name)
    counted: list[Mapping[str | None, tuple[int, int]]] = []
    for path in paths:
        listed = ", ".join(f'"{column}"' for column in columns)
        rows = connection.execute(
            f"select period, count(*), sum(hash({listed})::hugeint) from {read(path)} group by period"
        ).fetchall()
        counted.append({period: (count, digest) for period, count, digest in rows})
    old_rows, new_rows = counted
    changed = [period for period in {**old_rows, **new_rows} if old_rows.get(period) != new_rows.get(period)]
    return Part(name, tuple(sorted(changed, key=lambda period: (period is None, period or ""))))
