"""The gate: may a period be published? It fails closed, and says of each period which check closes it.

Put here: the judged file, whose fault a failure is.
Keep out: running Great Expectations (``judge``), publishing (``publish``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from expectations.facts import RunFacts
from expectations.sums import BASES
from pipelines.quality.late_imports import imported_late
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry.gate_checks import GateCheck, required_checks
from pipelines.registry.gate_limits import gate_limits
from pipelines.registry.methods import MethodNotFoundError, method_for, official_methods
from pipelines.registry.periods import Period
from pipelines.warehouse.manifest import marts
from pipelines.warehouse.parquet import columns_of, read

FOR_THE_GATE_ALONE = ("landed_counts", "national_bases", "reporter_bases", "received_files", BASES)
"""Tables of a candidate that are judged with the others and not published (``publish.candidate``)."""


def judge_candidate(
    folder: Path, tables: Sequence[str], hashes: Mapping[str, str], periods: Sequence[str]
) -> list[PeriodVerdict]:
    """A verdict for each of ``periods`` on the candidate tables in ``folder``.

    All periods are judged at once; only when a check fails is each judged alone, to find whose fault it
    is, the earlier ones first: nothing is compared with one that is closed. A failure that no lone period
    shows closes the gate for all of them.
    """
    together = _judge(folder, tables, periods, periods)
    if not any(verdict.closes for verdict in together) or len(periods) == 1:
        return [PeriodVerdict(period, together, dict(hashes)) for period in periods]
    alone: list[PeriodVerdict] = []
    for period in sorted(periods):
        closed = [verdict.period for verdict in alone if not verdict.passed]
        said = _judge(folder, tables, [period], periods, closed)
        alone.append(PeriodVerdict(period, said, dict(hashes)))
    if all(verdict.passed for verdict in alone):
        return [PeriodVerdict(period, together, dict(hashes)) for period in periods]
    return alone


def judge_table(
    folder: Path,
    judged_file: Path,
    table: str,
    checks: Sequence[GateCheck],
    periods: Sequence[str],
    others: Sequence[str] = (),
) -> list[Verdict | None]:
    """What the suite of one table says of ``periods``, for each of its ``checks``, with no other suite.

    ``folder`` has the tables of a candidate, or of a release with ``others`` as its other periods. A release
    lacks what some checks compare with: of these nothing is said.
    """
    judge = import_judge()
    from pipelines.quality.judge import SUITES

    tables = [path.stem for path in sorted(folder.glob("*.parquet"))]
    make_judged_file(judged_file, folder, tables, periods, [*periods, *others])
    suites = [suite for suite in SUITES if table == suite.TABLE]
    lacking = [name for name in FOR_THE_GATE_ALONE if name not in tables]
    return [
        None if verdict.status == "error" and any(name in verdict.detail for name in lacking) else verdict
        for verdict in judge(judged_file, _facts(periods, ()), checks, suites)
    ]


def import_judge() -> Callable[..., list[Verdict]]:
    """``judge.judge``, imported when needed: Great Expectations takes a second, most commands never judge."""
    with imported_late("altair", "scipy.stats"):
        from pipelines.quality.judge import judge
    return judge


def _judge(
    folder: Path,
    tables: Sequence[str],
    periods: Sequence[str],
    of_run: Sequence[str],
    closed: Sequence[str] = (),
) -> list[Verdict]:
    judge = import_judge()
    judged_file = folder / "judged.duckdb"
    make_judged_file(judged_file, folder, tables, periods, of_run)
    return judge(judged_file, _facts(periods, closed), required_checks())


def _facts(periods: Sequence[str], closed: Sequence[str]) -> RunFacts:
    capped = all(method.cap for method in official_methods())
    unscored = tuple(period for period in periods if not _is_scored(period))
    return RunFacts(tuple(periods), 100 if capped else None, unscored, tuple(closed))


def _is_scored(period: str) -> bool:
    try:
        method_for(Period.parse(period))
    except MethodNotFoundError:
        return False
    return True


def make_judged_file(
    path: Path, folder: Path, tables: Sequence[str], periods: Sequence[str], of_run: Sequence[str]
) -> None:
    """Make the DuckDB file that suites look at: a view of each table, cut to ``periods``.

    Rows without a period and rows of a period that is not of the run stay in sight: no lone period owns
    them, and they would be published all the same.
    """
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table judged_periods as select unnest(?) as period", [list(periods)])
        connection.execute(
            "create table gate_limits"
            " (check_id varchar, parameter varchar, period varchar, value decimal(38, 12))"
        )
        held = [
            (limit.check_id, limit.parameter, period, limit.value)
            for limit in gate_limits()
            for period in periods
            if limit.holds_in(Period.parse(period))
        ]
        # one statement: executemany takes as long as a suite
        columns = [list(column) for column in zip(*held, strict=True)] or [[], [], [], []]
        listed = ", ".join(["unnest(?)"] * 4)
        connection.execute(f"insert into gate_limits select {listed}", columns)
        for table in dict.fromkeys([*tables, *FOR_THE_GATE_ALONE]):
            file = folder / f"{table}.parquet"
            if not file.exists():  # its suite will not run, which closes the gate
                continue
            cut = _cut(table, periods, of_run) if "period" in columns_of(connection, file) else ""
            connection.execute(f"create view {table} as select * from {read(file)}{cut}")


def _cut(table: str, periods: Sequence[str], of_run: Sequence[str]) -> str:
    scope = marts()[table].scope if table in marts() else "period"
    if scope == "registry":
        return ""
    if scope == "every_period":  # it holds the periods of earlier releases by right
        return f" where period is null or period in ({_listed(periods)})"
    others = [period for period in of_run if period not in periods]
    return f" where period is null or period not in ({_listed(others)})" if others else ""


def _listed(periods: Sequence[str]) -> str:
    return ", ".join(f"'{period}'" for period in periods)
