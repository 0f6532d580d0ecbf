"""The one door to Great Expectations: suites against the candidate tables, inside DuckDB, failing closed.

Put here: running a suite and turning each result into a verdict.
Keep out: which checks there are (``expectations``, ``gate_checks.csv``), what follows (``gate``).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any
from urllib.parse import quote

import great_expectations as gx
from great_expectations.core import ExpectationValidationResult
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.pool import StaticPool

import expectations
from expectations.facts import RunFacts
from pipelines.messages import say
from pipelines.quality.verdicts import Status, Verdict
from pipelines.registry.gate_checks import GateCheck


def _suites() -> tuple[ModuleType, ...]:
    found = [import_module(f"expectations.{one.name}") for one in iter_modules(expectations.__path__)]
    return tuple(module for module in found if hasattr(module, "TABLE"))


SUITES = _suites()
"""The modules of ``expectations`` that name a table which they judge, in the order of their names."""
SAMPLE = 20
BUFFERED = 10_000
"""Rows of one result that are held. Counts come from queries of their own, and a set of so many distinct
values fails whatever is cut off."""


def judge(
    judged_file: Path,
    facts: RunFacts,
    required: Sequence[GateCheck],
    suites: Sequence[ModuleType] = SUITES,
) -> list[Verdict]:
    """Judge the views of ``judged_file`` by every suite: exactly one verdict for each required check.

    A check that is required and did not run, ran twice, or is not required at all is an ``error``: Great
    Expectations drops what it cannot build and still reports success, so its own summary is not consulted.
    """
    by_id = {check.check_id: check for check in required}
    said: dict[str, list[Verdict]] = {check_id: [] for check_id in by_id}
    unlisted: list[Verdict] = []
    context = _context()
    source = context.data_sources.add_sql(
        name="judged",
        # an address, in which Great Expectations fills in every $NAME that it finds
        connection_string=f"duckdb:///{quote(str(judged_file))}",
        # one connection, and no transactions: to open and to begin costs more than most queries
        kwargs={
            "connect_args": {"read_only": True},
            "poolclass": StaticPool,
            "isolation_level": "AUTOCOMMIT",
        },
    )
    try:
        for suite in suites:
            for verdict in _run_suite(context, source, suite, facts, by_id):
                said.get(verdict.check_id, unlisted).append(verdict)
    finally:
        # closed, so that the file can be made anew and judged again
        for engine in (source.get_engine(), source.get_execution_engine().engine):
            engine.dispose()
        context.data_sources.delete("judged")
    return [_one(check, said[check.check_id]) for check in required] + unlisted


def _run_suite(
    context: Any, source: Any, suite: ModuleType, facts: RunFacts, by_id: dict[str, GateCheck]
) -> list[Verdict]:
    declared = [check for check in by_id.values() if check.table_name == suite.TABLE]
    try:
        table = source.add_table_asset(name=suite.TABLE, table_name=suite.TABLE)
        # without a batch definition: each is saved with the whole context, and never read again
        results = table.get_batch(table.build_batch_request()).validate(
            gx.ExpectationSuite(name=suite.TABLE, expectations=suite.expectations(facts)),
            # a shorter format leaves the rows of a query out
            result_format={"result_format": "COMPLETE", "partial_unexpected_count": SAMPLE},
        )
        return [_verdict(result, suite.TABLE, by_id) for result in results.results]
    except Exception as error:  # a suite that cannot run is a closed gate, whatever the reason
        return [
            Verdict(check.check_id, check.table_name, check.severity, "error", f"suite did not run: {error}")
            for check in declared
        ]


def _verdict(result: ExpectationValidationResult, table: str, by_id: dict[str, GateCheck]) -> Verdict:
    configuration = result.expectation_config
    check_id = str(((configuration.meta if configuration else None) or {}).get("check_id", "no id"))
    check = by_id.get(check_id)
    if check is None:
        return Verdict(check_id, table, "fatal", "error", "this check is not in gate_checks.csv")
    if check.table_name != table:
        return Verdict(check_id, check.table_name, check.severity, "error", f"it looked at {table}")
    raised = [info["exception_message"] for info in _exceptions(result) if info.get("raised_exception")]
    found = dict(result.result)
    rows = _failing_rows(found)
    status: Status = "pass"
    if raised:
        status = "error"
    elif not result.success:
        status = "fail" if check.severity == "fatal" else "warn"
    return Verdict(
        check_id,
        table,
        check.severity,
        status,
        detail="; ".join(raised) or _observed(found, status),
        failing_count=_failing_count(found) if status != "pass" else 0,
        failing_rows=rows if status != "pass" else [],
    )


def _exceptions(result: ExpectationValidationResult) -> list[dict[str, Any]]:
    info = result.exception_info or {}
    return [info] if "raised_exception" in info else list(info.values())


def _failing_rows(found: dict[str, Any]) -> list[dict[str, str]]:
    rows = (found.get("details") or {}).get("unexpected_rows") or []
    values = [] if rows else found.get("partial_unexpected_list") or []
    listed = [row if isinstance(row, dict) else {"value": row} for row in [*rows, *values]]
    return [{str(key): str(value) for key, value in row.items()} for row in listed[:SAMPLE]]


def _failing_count(found: dict[str, Any]) -> int:
    counted = found.get("observed_value") if "details" in found else found.get("unexpected_count")
    return counted if isinstance(counted, int) else 0


def _observed(found: dict[str, Any], status: Status) -> str:
    return (
        ""
        if status == "pass"
        else say("gate.observed", value=found.get("observed_value", found.get("unexpected_count")))
    )


def _one(check: GateCheck, verdicts: list[Verdict]) -> Verdict:
    if len(verdicts) == 1:
        return verdicts[0]
    detail = "the check did not run" if not verdicts else "the check ran more than once"
    return Verdict(check.check_id, check.table_name, check.severity, "error", detail)


@cache
def _context() -> Any:
    # the one module of GX that sets a level of its own, to tell of a temporary folder
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


@event.listens_for(Engine, "after_cursor_execute")
def _buffer(
    _connection: Any, cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    # Great Expectations reads results after closing its connection; DuckDB drops a pending result then
    if context is not None and context.dialect.name == "duckdb" and cursor.description:
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor, initial_buffer=cursor.fetchmany(BUFFERED)
        )
