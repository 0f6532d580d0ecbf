"""The tables of two homes, release by release: the same bytes, or which rows are on one side alone.

Put here: comparing, and what may differ (``ALLOWED``). Keep out: making the homes (``trees``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

ALLOWED: Mapping[str, Mapping[str, str]] = {
    "mart_release": {
        "release_id": "it holds a hash of the code's version",
        "release_before": "an id of a release",
        "manifest_sha256": "the manifest holds the hash of the code",
    },
    "mart_restatement": {"release_before": "an id of a release"},
}
"""Table, column, and why it may differ. Nothing else may; a rename is written here with its reason."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """A table of a release that differs; ``allowed`` where only columns of ``ALLOWED`` do."""

    release: str
    table: str
    what: str
    allowed: bool = False


def compared(before: Path, after: Path) -> tuple[int, list[Unlike]]:
    """How many tables of the two homes have the same bytes, and the others."""
    old, new = _releases(before), _releases(after)
    unlike = [] if len(old) == len(new) else [Unlike("-", "-", f"{len(old)} releases, now {len(new)}")]
    same = 0
    for one, other in zip(old, new, strict=False):
        names = [{path.stem for path in release.glob("*.parquet")} for release in (one, other)]
        number = one.name.split("-")[0]
        unlike += [Unlike(number, name, "a table of one side alone") for name in sorted(names[0] ^ names[1])]
        for table in sorted(names[0] & names[1]):
            files = [release / f"{table}.parquet" for release in (one, other)]
            if files[0].read_bytes() == files[1].read_bytes():
                same += 1
            else:
                unlike.append(_unlike(number, table, files))
    return same, unlike


def report(same: int, unlike: Sequence[Unlike]) -> Iterator[str]:
    """The lines that say it."""
    for one in unlike:
        yield f"{one.release} {one.table}: {one.what}{' (allowed)' if one.allowed else ''}"
    wrong = sum(not one.allowed for one in unlike)
    yield f"{same} tables with the same bytes, {len(unlike) - wrong} differ as allowed, {wrong} otherwise"


def _unlike(release: str, table: str, files: Sequence[Path]) -> Unlike:
    allowed = ALLOWED.get(table, {})
    with duckdb.connect() as connection:
        columns = [_columns(connection, file) for file in files]
        if columns[0] != columns[1]:
            changed = sorted({*columns[0].items()} ^ {*columns[1].items()})
            return Unlike(release, table, f"columns {', '.join(sorted({name for name, _ in changed}))}")
        every = _one_side_alone(connection, files, list(columns[0]))
        if every == (0, 0):
            return Unlike(release, table, "the same rows, another order or other words in the file")
        kept = [name for name in columns[0] if name not in allowed]
        if allowed and _one_side_alone(connection, files, kept) == (0, 0):
            return Unlike(release, table, f"only {', '.join(allowed)}", allowed=True)
        differing = [name for name in kept if _one_side_alone(connection, files, [name]) != (0, 0)] or [
            "combinations of values"
        ]
    return Unlike(
        release, table, f"{every[0]} rows before alone, {every[1]} now alone, in {', '.join(differing)}"
    )


def _one_side_alone(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: Sequence[str]
) -> tuple[int, int]:
    listed = ", ".join(f'"{name}"' for name in columns)
    one, other = (f"select {listed} from read_parquet('{file}')" for file in files)
    before, now = (
        connection.execute(f"select count(*) from ({left} except all {right})").fetchall()[0][0]
        for left, right in ((one, other), (other, one))
    )
    return before, now


def _columns(connection: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    described = connection.execute("describe from read_parquet(?)", [str(file)]).fetchall()
    return {name: kind for name, kind, *_ in described}


def _releases(home: Path) -> list[Path]:
    """The folders of a home's releases, by their number: the rest of an id is a hash."""
    return sorted((home / "published" / "releases").glob("r*"), key=lambda path: path.name.split("-")[0])
