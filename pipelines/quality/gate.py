"""The gate: may a period be published? It fails closed, and says of each period which check closes it.

Put here: the judged file, whose fault a failure is, the stored verdicts.
Keep out: running Great Expectations (``judge``), publishing (``publish``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from expectations.facts import RunFacts
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry.gate_checks import required_checks
from pipelines.registry.methods import methods

# these hold all periods of the registry, whatever the run
_NOT_BY_PERIOD = frozenset({"dim_period"})


def judge_candidate(
    folder: Path, tables: Sequence[str], hashes: Mapping[str, str], periods: Sequence[str]
) -> list[PeriodVerdict]:
    """A verdict for each of ``periods`` on the candidate tables in ``folder``.

    All periods are judged at once; only when a check fails is each judged alone, to find whose fault it
    is. A failure that no lone period shows closes the gate for all of them.
    """
    together = _judge(folder, tables, periods)
    if not any(verdict.closes for verdict in together) or len(periods) == 1:
        return [PeriodVerdict(period, together, dict(hashes)) for period in periods]
    alone = [PeriodVerdict(period, _judge(folder, tables, [period]), dict(hashes)) for period in periods]
    if all(verdict.passed for verdict in alone):
        return [PeriodVerdict(period, together, dict(hashes)) for period in periods]
    return alone


def store_verdicts(path: Path, verdicts: Sequence[PeriodVerdict]) -> None:
    """Keep the verdicts of a run for the publisher."""
    path.write_text(json.dumps([verdict.to_json() for verdict in verdicts], indent=1))


def load_verdicts(path: Path) -> list[PeriodVerdict]:
    """The verdicts of a run; none when the gate has not spoken."""
    if not path.exists():
        return []
    return [PeriodVerdict.from_json(found) for found in json.loads(path.read_text())]


def _judge(folder: Path, tables: Sequence[str], periods: Sequence[str]) -> list[Verdict]:
    # imported here: Great Expectations takes seconds, and most commands never judge
    from pipelines.quality.judge import judge

    judged_file = folder / "judged.duckdb"
    _make_judged_file(judged_file, folder, tables, periods)
    capped = all(method.cap for method in methods())
    return judge(judged_file, RunFacts(tuple(periods), 100 if capped else None), required_checks())


def _make_judged_file(path: Path, folder: Path, tables: Sequence[str], periods: Sequence[str]) -> None:
    path.unlink(missing_ok=True)
    listed = ", ".join(f"'{period}'" for period in periods)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table judged_periods as select unnest(?) as period", [list(periods)])
        for table in [*tables, "landed_counts"]:
            file = folder / f"{table}.parquet"
            if not file.exists():  # its suite will not run, which closes the gate
                continue
            source = f"read_parquet('{file}')"
            names = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
            by_period = "period" in names and table not in _NOT_BY_PERIOD
            where = f" where period in ({listed}) or period is null" if by_period else ""
            connection.execute(f"create view {table} as select * from {source}{where}")
