"""The gate fails closed: each check fails on the table that breaks it, and silence is never a pass."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace

import duckdb
import great_expectations.expectations as gxe
import pytest

from expectations.facts import RunFacts
from expectations.facts import check as named
from pipelines.build import steps
from pipelines.publish.candidate import Candidate
from pipelines.quality import judge as judging
from pipelines.quality.gate import make_judged_file
from pipelines.quality.verdicts import Verdict
from pipelines.registry.gate_checks import GateCheck, required_checks
from tests.integration.breaking import BREAKING, EMPTY, NOT_NULL, NOTICED_BY, OF_BALIKPAPAN, Breaking, changed
from tests.integration.candidates import PERIODS, copy_of, rewrite, rows_of
from tests.integration.home import (
    candidate_of,
    document,
    judged_by,
    publish_periods,
    published,
    put,
    settings_of,
)

REQUIRED = {check.check_id: check for check in required_checks()}
SUITES: dict[str, ModuleType] = {suite.TABLE: suite for suite in judging.SUITES}


def rest_of_report(period: str) -> list[dict[str, str]]:
    """What Balikpapan reports beside its achievements: a row of each other record."""
    said: list[dict[str, str]] = [
        {"record": "budget", "target": "10000000", "realised": "6000000"},
        {"record": "budget", "service": "K-KES-01", "item": "Obat", "target": "5000000", "realised": "0"},
        {"record": "stage", "item": "planning", "target": "100", "realised": "80"},
        {"record": "team", "item": "SK tim penerapan", "target": "1", "realised": "1"},
        {"record": "problem", "item": "anggaran", "note": "Pagu kurang"},
        {"record": "achievement", "service": "L-PDN-02", "target": "64", "realised": "13"},
        {"record": "achievement", "service": "L-PDN-02", "item": "target_daerah", "target": "75"},
    ]
    return [{"region": "64.71", "period": period, "sector": "kesehatan", **row} for row in said]


def with_every_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Indicators of PP 65/2005 that are valid today, a correction and a waiver in each period."""
    connection.execute(
        """
        insert into registry.waivers by name
        select 'W-1' as waiver_id, 'COV-001' as rule_id, '64.72' as region_code, '2024-Q3' as first_period,
            '2024-Q4' as last_period, 'alasan' as reason_id, 'reason' as reason_en, 'Biro Tapem' as approver,
            'S-2' as letter, date '2024-10-01' as granted_on, date '2030-12-31' as expires_on
        """
    )
    connection.execute("update registry.legacy_indicators set valid_to_period = null")
    for period in PERIODS:
        connection.execute(
            """
            insert into registry.corrections by name
            select $period as correction_id, '64.72' as region_code, $period as period,
                'achievement' as record, 'K-PEND-01' as service, 'recipients' as component,
                'realised' as column_name, '7' as old, 8 as new, 'S-1' as letter
            """,
            {"period": period},
        )


def spoil(judged: Path, table: str, query: str) -> None:
    """Let suites find the rows of ``query`` in a table; it calls the good ones ``t``."""
    with duckdb.connect(str(judged)) as connection:
        is_view = connection.execute("select 1 from duckdb_views() where view_name = ?", [table]).fetchall()
        connection.execute(f"alter {'view' if is_view else 'table'} {table} rename to good_{table}")
        connection.execute(f"create view {table} as with t as (from good_{table}) {query}")


def verdicts_of(
    judged: Path,
    table: str,
    suites: Sequence[object] | None = None,
    unknown: Sequence[GateCheck] = (),
) -> dict[str, Verdict]:
    """What one suite says of all periods of a judged file, by check."""
    required = [check for check in REQUIRED.values() if check.table_name == table]
    found = judging.judge(
        judged,
        RunFacts(PERIODS),
        [*required, *unknown],
        suites=[SUITES[table]] if suites is None else suites,  # type: ignore[arg-type]
    )
    return {verdict.check_id: verdict for verdict in found}


def suite_of(table: str, *expectations: object) -> object:
    """A suite of a table that holds just these expectations."""
    return SimpleNamespace(TABLE=table, expectations=lambda facts: list(expectations))


@pytest.fixture(scope="module")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """The good build of every test, and a report with every record, so that no judged table is empty."""
    folder = tmp_path_factory.mktemp("whole")
    put(folder / "inbox" / "unreadable.csv", b"PK\x03\x04 not a CSV")
    rows = [row for period in PERIODS for row in [*rows_of(period), *rest_of_report(period)]]
    put(folder / "inbox" / "rows.csv", document(rows))
    return candidate_of(settings_of(folder), PERIODS, with_every_table)


@pytest.fixture(scope="module")
def good_file(good_build: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The good candidate as suites look at it."""
    path = tmp_path_factory.mktemp("judged") / "judged.duckdb"
    make_judged_file(path, good_build.folder, good_build.tables, PERIODS, PERIODS)
    return path


@pytest.fixture
def judged(good_file: Path, tmp_path: Path) -> Path:
    """A copy of what suites look at, to be spoiled."""
    return Path(shutil.copyfile(good_file, tmp_path / "judged.duckdb"))


@pytest.fixture
def broken(good_build: Candidate, tmp_path: Path) -> Candidate:
    """A copy of the good candidate, to be broken."""
    return copy_of(good_build, tmp_path / "candidate")


def test_a_good_candidate_passes_every_check_once(broken: Candidate) -> None:
    for verdict in steps.judge(broken):
        assert [found.check_id for found in verdict.verdicts] == list(REQUIRED)
        assert {found.check_id: found.detail for found in verdict.verdicts if found.status != "pass"} == {}
        assert verdict.passed


def test_every_check_has_a_table_that_breaks_it() -> None:
    broken = {breaking.check_id for breaking in BREAKING}
    for check_id in REQUIRED.keys() - broken:
        pytest.fail(f"tests/integration/breaking.py: add Breaking({check_id!r}, …) to BREAKING")
    assert broken == set(REQUIRED)


@pytest.mark.parametrize("breaking", BREAKING, ids=lambda breaking: breaking.check_id)
def test_a_check_does_not_pass_the_table_that_breaks_its_law(breaking: Breaking, judged: Path) -> None:
    check = REQUIRED[breaking.check_id]
    spoil(judged, breaking.table or check.table_name, breaking.query)
    verdicts = verdicts_of(judged, check.table_name)
    failing = {found.check_id for found in verdicts.values() if found.status != "pass"}
    assert failing == {breaking.check_id, *breaking.also.split()}
    assert verdicts[breaking.check_id].status == {"fatal": "fail", "warning": "warn"}[check.severity]
    assert verdicts[breaking.check_id].closes == (check.severity == "fatal")


@pytest.mark.parametrize(("table", "column"), NOT_NULL)
def test_a_column_of_nulls_closes_the_gate(table: str, column: str, judged: Path) -> None:
    spoil(judged, table, f"select * replace (null as {column}) from t")
    assert any(found.closes for found in verdicts_of(judged, table).values())


# a release may change nothing: nobody owes the ledger a row; the other tables are emptied above
LEDGER = "mart_restatement"
EMPTIED = {REQUIRED[one.check_id].table_name for one in BREAKING if one.query == EMPTY and not one.table}


@pytest.mark.parametrize("table", sorted(SUITES.keys() - {LEDGER} - EMPTIED))
def test_a_table_without_a_row_closes_the_gate_unless_none_is_owed(table: str, judged: Path) -> None:
    spoil(judged, table, EMPTY)
    closed = any(found.closes for found in verdicts_of(judged, NOTICED_BY.get(table, table)).values())
    assert closed  # findings too: each quarantined row owes one


@pytest.mark.parametrize("table", SUITES)
def test_a_table_that_is_not_there_leaves_no_check_passed(table: str, judged: Path) -> None:
    with duckdb.connect(str(judged)) as connection:
        connection.execute(f"drop view {table}")
    assert {found.status for found in verdicts_of(judged, table).values()} == {"error"}


def test_a_missing_column_is_an_error_of_its_checks(judged: Path) -> None:
    spoil(judged, "mart_compliance", "select * exclude (timeliness) from t")
    verdict = verdicts_of(judged, "mart_compliance")["CO-004"]
    assert verdict.status == "error"
    assert "timeliness" in verdict.detail


def test_an_empty_suite_leaves_no_check_passed(judged: Path) -> None:
    verdicts = verdicts_of(judged, "mart_finding", [suite_of("mart_finding")])
    assert {check: found.status for check, found in verdicts.items()} == {
        "FN-001": "error",
        "FN-002": "error",
        "FN-003": "error",
    }
    assert "did not run" in verdicts["FN-001"].detail


def test_a_suite_that_is_not_run_at_all_closes_the_gate(judged: Path) -> None:
    assert {found.status for found in verdicts_of(judged, "mart_finding", []).values()} == {"error"}


def test_a_suite_without_one_of_its_checks_closes_the_gate(judged: Path) -> None:
    kept = SUITES["mart_finding"].expectations(RunFacts(PERIODS))[:2]
    verdicts = verdicts_of(judged, "mart_finding", [suite_of("mart_finding", *kept)])
    assert {check: found.status for check, found in verdicts.items()} == {
        "FN-001": "pass",
        "FN-002": "pass",
        "FN-003": "error",
    }


def test_a_check_that_runs_twice_closes_the_gate(judged: Path) -> None:
    twice = SUITES["mart_finding"].expectations(RunFacts(PERIODS)) * 2
    verdicts = verdicts_of(judged, "mart_finding", [suite_of("mart_finding", *twice)])
    assert {found.status for found in verdicts.values()} == {"error"}


@pytest.mark.parametrize("meta", [named("FN-099"), None], ids=["unknown id", "no id"])
def test_an_expectation_that_no_one_listed_closes_the_gate(meta: object, judged: Path) -> None:
    unlisted = gxe.ExpectTableRowCountToBeBetween(min_value=0, meta=meta)
    suite = [*SUITES["mart_finding"].expectations(RunFacts(PERIODS)), unlisted]
    verdicts = verdicts_of(judged, "mart_finding", [suite_of("mart_finding", *suite)])
    assert [found.check_id for found in verdicts.values() if found.closes] == [
        meta["check_id"] if isinstance(meta, dict) else "no id"
    ]


def test_an_expectation_that_raises_closes_the_gate_even_when_it_would_only_warn(judged: Path) -> None:
    wrong = gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select no_such_column from {batch}", meta=named("FN-900")
    )
    warning = GateCheck("FN-900", "mart_finding", "warning", "-", "-")
    suite = [*SUITES["mart_finding"].expectations(RunFacts(PERIODS)), wrong]
    verdicts = verdicts_of(judged, "mart_finding", [suite_of("mart_finding", *suite)], [warning])
    assert verdicts["FN-900"].status == "error"
    assert verdicts["FN-900"].closes
    assert "no_such_column" in verdicts["FN-900"].detail


def test_a_suite_that_cannot_be_made_closes_the_gate(judged: Path) -> None:
    def raises(facts: RunFacts) -> list[gxe.Expectation]:
        raise KeyError("no such policy")

    suite = SimpleNamespace(TABLE="mart_finding", expectations=raises)
    verdicts = verdicts_of(judged, "mart_finding", [suite])
    assert {found.status for found in verdicts.values()} == {"error"}
    assert "no such policy" in verdicts["FN-001"].detail


def test_the_failing_rows_are_kept_with_the_verdict(judged: Path) -> None:
    spoil(judged, "mart_compliance", changed("timeliness", "'early'", OF_BALIKPAPAN))
    verdict = verdicts_of(judged, "mart_compliance")["CO-004"]
    assert verdict.failing_count == 1
    assert dict(verdict.failing_rows[0]) == {
        "region_code": "64.71",
        "period": "2024-Q4",
        "timeliness": "early",
    }


def test_a_failure_closes_the_gate_of_its_period_alone(broken: Candidate) -> None:
    rewrite(broken.file("mart_compliance"), changed("timeliness", "'early'", OF_BALIKPAPAN))
    first, second = steps.judge(broken)
    assert (first.period, first.passed) == ("2024-Q3", True)
    # and of its total, which counts those who reported
    assert (second.period, {found.check_id for found in second.closing}) == ("2024-Q4", {"CO-004", "CS-004"})


@pytest.mark.parametrize(
    "period", ["null", "'2023-Q1'"], ids=["no period", "a period that is not of the run"]
)
def test_a_row_that_no_period_of_the_run_owns_closes_all_of_them(period: str, broken: Candidate) -> None:
    rewrite(
        broken.file("mart_compliance"),
        f"select * from t union all by name (select * replace ({period} as period, 'early' as timeliness)"
        f" from t where {OF_BALIKPAPAN})",
    )
    with judged_by("mart_compliance"):
        assert [verdict.passed for verdict in steps.judge(broken)] == [False, False]


def test_a_stray_period_closes_the_gate_though_its_rows_are_in_order(broken: Candidate) -> None:
    rewrite(
        broken.file("mart_national_score"),
        "select * from t union all by name (select * replace ('2023-Q1' as period) from t"
        " where period = '2024-Q4')",
    )
    with judged_by("mart_national_score"):
        verdicts = steps.judge(broken)
    assert [[found.check_id for found in verdict.closing] for verdict in verdicts] == [["NA-002"], ["NA-002"]]


def test_a_period_that_no_method_scores_is_published_without_indexes(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    where = {"region": "64.71", "period": "2014-Q4", "target": "10", "realised": "5"}
    rows = [
        {**where, "record": "budget", "sector": "kesehatan", "target": "10000000", "realised": "5000000"},
        {"record": "achievement", "service": "K-PEND-01", "component": "recipients", **where},
    ]
    put(tmp_path / "inbox" / "rows.csv", document(rows))
    publish_periods(settings, ["2014-Q4"], judged=True)
    scores = published(settings, "mart_region_score")
    assert {row["index"] for row in scores} == {row["method_version"] for row in scores} == {None}
    assert [int(row["spent_percent"]) for row in published(settings, "mart_budget")] == [50]
    assert [row["rule_id"] for row in published(settings, "mart_quarantine")] == ["SVC-003"]
    assert published(settings, "mart_sector_score") == published(settings, "mart_national_score") == []
