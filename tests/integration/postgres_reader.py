"""A reader of ``marts`` in a process of its own: asks again and again; was each answer of one release?

It asks as a dashboard does, one statement over several tables, and as an export does, statement after
statement in one transaction; a third way holds its transaction open across publications.

Put here: reading. Keep out: publishing meanwhile (``test_postgres_readers``).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path

import psycopg

PARTS = {
    "mart_region_score": "count(*) || ' ' || sum(index)",
    "mart_sector_score": "count(*) || ' ' || coalesce(sum(index), 0)",
    "fct_published_index": "count(*) || ' ' || coalesce(sum(index), 0)",
    "mart_document": "count(*) || ' ' || min(document_id)",
    "meta_column": "count(*) || ' ' || max(table_name)",
}
"""What is asked of each table: SQL that PostgreSQL and DuckDB answer alike."""
_RELEASE = "select max(release_id) from marts.mart_release"
_AT_ONCE = f"select ({_RELEASE}), " + ", ".join(
    f"(select {asked} from marts.{table})" for table, asked in PARTS.items()
)
_HELD_OPEN_SECONDS = 0.2


@dataclass(slots=True)
class Report:
    """What a reader saw: how many answers, the releases in their order, what was wrong, the longest wait."""

    reads: int = 0
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    longest_seconds: float = 0.0


def read(url: str, expected: dict[str, list[str]], stop: Path, ticks: Path) -> Report:
    """Ask until the file ``stop`` is there; ``ticks`` grows by a byte with each answer."""
    report = Report()
    with psycopg.connect(url, autocommit=True) as connection, ticks.open("ab", buffering=0) as file:
        for way in cycle(["at once"] * 4 + ["one by one"] * 4 + ["held open"]):
            if stop.exists():
                return report
            began = time.monotonic()
            try:
                answers = list(_answers(connection, way))
            except psycopg.Error as error:
                report.wrong.append(f"{way}: {type(error).__name__}: {error}")
                continue
            held = _HELD_OPEN_SECONDS if way == "held open" else 0.0
            report.longest_seconds = max(report.longest_seconds, time.monotonic() - began - held)
            for release_id, *parts in answers:
                report.reads += 1
                file.write(b".")
                report.seen += [release_id] if report.seen[-1:] != [release_id] else []
                if expected.get(release_id) != parts:
                    report.wrong.append(f"{way}: {release_id} with {parts}")
    raise AssertionError("a cycle does not end")


def _answers(connection: psycopg.Connection, way: str) -> Iterator[tuple[str, ...]]:
    if way == "at once":
        yield connection.execute(_AT_ONCE).fetchall()[0]  # type: ignore[misc]
        return
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        yield _one_by_one(connection)
        if way == "held open":
            time.sleep(_HELD_OPEN_SECONDS)
            yield _one_by_one(connection)


def _one_by_one(connection: psycopg.Connection) -> tuple[str, ...]:
    asked = [_RELEASE, *(f"select {asked} from marts.{table}" for table, asked in PARTS.items())]
    return tuple(str(connection.execute(query).fetchall()[0][0]) for query in asked)


if __name__ == "__main__":
    _url, _expected, _stop, _ticks = sys.argv[1:]
    _report = read(_url, json.loads(Path(_expected).read_text()), Path(_stop), Path(_ticks))
    print(json.dumps(asdict(_report)))
