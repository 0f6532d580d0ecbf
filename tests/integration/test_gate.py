"""The gate fails closed: each check fails on the table that breaks it, and silence is never a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import duckdb
import great_expectations.expectations as gxe
import pytest

from expectations.facts import RunFacts
from expectations.facts import check as named
from pipelines import build
from pipelines.publish.candidate import Candidate
from pipelines.publish.release import GateClosedError, StaleBaseError, publish
from pipelines.publish.releases import Releases
from pipelines.quality import judge as judging
from pipelines.quality.gate import make_judged_file
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry.gate_checks import GateCheck, required_checks
from tests.integration.conftest import PERIODS, copy_of, provenance, rewrite, rows_of
from tests.integration.home import build_marts, document, publish_periods, published, put, settings_of

REQUIRED = {check.check_id: check for check in required_checks()}
SUITES: dict[str, ModuleType] = {suite.TABLE: suite for suite in judging.SUITES}


@dataclass(frozen=True, slots=True)
class Breaking:
    """Rows of ``table`` (``t``) after which ``check_id`` does not pass, nor do those of ``also``."""

    check_id: str
    query: str
    table: str = ""
    also: str = ""


EMPTY = "select * from t limit 0"
FIRST_PERIOD = "select * from t where period = '2024-Q3'"
TWICE = "select * from t union all by name (select * from t where period = '2024-Q4' limit 1)"
STRAY_BUDGET = (
    "select * from t union all by name (select * replace ('2023-Q1' as period) from t"
    " where period = '2024-Q4')"
)
STRAY = (
    "select * from t union all by name (select * replace ('2023-Q1' as period,"
    " replace(submission_id, period, '2023-Q1') as submission_id) from t where period = '2024-Q4')"
)


def twice(where: str) -> str:
    """Every row of ``t``, and those that ``where`` names once more."""
    return f"select * from t union all by name (select * from t where {where})"


def changed(column: str, value: str, where: str) -> str:
    """Every row of ``t``, with another value in the rows that ``where`` names."""
    return f"select * replace (case when {where} then {value} else {column} end as {column}) from t"


def restated(**values: str) -> str:
    """The ledger with one cell more, in order but for ``values``."""
    cell = {
        **{"table_name": "'mart_stage'", "key": "'{}'", "column_name": "'status'", "period": "'2024-Q4'"},
        **{"old": "'zero'", "new": "'reported'", "reason": "'late_data'", "caused_by": "'0123456789ab'"},
        **values,
    }
    said = ", ".join(f"{value} as {name}" for name, value in cell.items())
    return f"select * from t union all by name select {said}"


def of_base(values: str) -> str:
    """What the national score of 2024-Q4 is compared with, with other values: ``name = value, …``."""
    replaced = ", ".join(" as ".join(reversed(value.split(" = "))) for value in values.split(", "))
    return f"select * replace ({replaced}) from t where scope = 'national' and period = '2024-Q4'"


def award_ranks(rank: str, n_ranked: int) -> str:
    """The awards with these ranks out of so many."""
    return (
        f"select * exclude (place) replace (place is not null as is_ranked, place as rank,"
        f" if(place is null, null, 1) as tie_size, {n_ranked} as n_ranked)"
        f" from (select *, {rank} as place from t)"
    )


SERVED = "status = 'reported' and period = '2024-Q4'"
IN_FIRST_PLACE = "rank_national = 1 and period = '2024-Q4'"
OF_BALIKPAPAN = "region_code = '64.71' and period = '2024-Q4'"
IN_PRINT = "region_code = '11' and period = '2024-Q4'"
REPORTED = "reported > 0 and period = '2024-Q4'"
OF_A_SECTOR = f"service_code is null and {OF_BALIKPAPAN}"

BREAKING = [
    Breaking("FI-001", EMPTY, also="FI-002 FI-008"),
    Breaking("FI-002", FIRST_PERIOD, also="FI-008"),
    Breaking("FI-003", TWICE),
    Breaking("FI-004", changed("status", "'sent'", f"status = 'missing' and {OF_BALIKPAPAN}")),
    Breaking("FI-005", changed("percent", "100.01", SERVED)),
    Breaking("FI-006", changed("percent", "null", SERVED)),
    Breaking("FI-006", changed("source_ref", "null", SERVED)),
    Breaking("FI-007", changed("source_ref", "'form.xlsx!B3'", SERVED)),
    Breaking("FI-008", f"select * from t where not ({SERVED} and component = 'recipients')"),
    Breaking("SV-001", EMPTY, also="SV-002"),
    Breaking("SV-002", FIRST_PERIOD),
    Breaking("SV-003", TWICE),
    Breaking("SV-004", changed("index", "-0.000001", SERVED)),
    Breaking("SV-005", changed("status", "'zero'", f"status = 'missing' and {OF_BALIKPAPAN}")),
    Breaking("SV-006", changed("index", "null", SERVED)),
    Breaking("SE-001", EMPTY, also="SE-002 SE-005"),
    Breaking("SE-002", FIRST_PERIOD, also="SE-005"),
    Breaking("SE-003", TWICE),
    Breaking("SE-004", changed("index", "100.000001", OF_BALIKPAPAN)),
    Breaking("SE-005", f"select * from t where not ({OF_BALIKPAPAN} and sector_code = 'kesehatan')"),
    Breaking("SE-006", changed("index", "null", "services_reported > 0")),
    Breaking("RG-001", EMPTY, also="RG-002 RG-007"),
    Breaking("RG-002", FIRST_PERIOD, also="RG-007"),
    Breaking("RG-003", TWICE),
    Breaking("RG-004", changed("index", "100.000001", "index = 100")),
    Breaking("RG-005", changed("band_code", "'belum_tuntas'", IN_FIRST_PLACE)),
    Breaking("RG-006", changed("is_ranked", "false", IN_FIRST_PLACE)),
    Breaking("RG-006", changed("is_ranked", "null", IN_FIRST_PLACE)),
    Breaking("RG-007", f"select * from t where not ({OF_BALIKPAPAN})"),
    Breaking("RG-008", changed("rank_national", "0", IN_FIRST_PLACE)),
    Breaking("RG-008", changed("rank_national", "n_national + 1", IN_FIRST_PLACE)),
    Breaking("RG-008", changed("n_national", "null", IN_FIRST_PLACE)),
    Breaking(
        "RG-009",
        "select * replace (null as index, null as band_code, false as is_ranked, null as rank_national,"
        " null::varchar as basis) from t",
        also="RG-101",
    ),
    Breaking(
        "RG-101",
        "select * replace (if(few, null, index) as index, if(few, null, band_code) as band_code,"
        " if(few, false, is_ranked) as is_ranked, if(few, null, rank_national) as rank_national,"
        " if(few, null, basis) as basis) from (select *, region_code > '20' as few from t)",
    ),
    Breaking("NA-001", EMPTY, also="NA-002"),
    Breaking("NA-002", FIRST_PERIOD),
    Breaking("NA-003", TWICE),
    Breaking("NA-004", changed("index", "100.000001", "scope = 'national' and period = '2024-Q4'")),
    Breaking("NA-004", changed("index", "null", "scope = 'national' and period = '2024-Q4'"), also="NA-009"),
    Breaking("NA-005", changed("regions_reported", "regions_expected + 1", "scope = 'province'")),
    Breaking("NA-005", changed("regions_reported", "null", "scope = 'province'")),
    Breaking("NA-006", of_base("regions_reported = 1000, base_period = period"), table="national_bases"),
    Breaking(
        "NA-007",
        of_base("regions_reported = 1000, known_until = timestamptz '2025-01-20 17:00:00+00'"),
        table="national_bases",
    ),
    Breaking("NA-008", of_base("index = index - 10.000001, base_period = period"), table="national_bases"),
    Breaking("NA-009", of_base("index = index + 10.000001"), table="national_bases"),
    Breaking("NA-009", of_base("index = index - 60.000001"), table="national_bases"),
    Breaking("CO-001", EMPTY, also="CO-002 CO-005"),
    Breaking("CO-002", FIRST_PERIOD, also="CO-005"),
    Breaking("CO-003", TWICE),
    Breaking("CO-004", changed("timeliness", "'early'", OF_BALIKPAPAN)),
    Breaking("CO-005", f"select * from t where not ({OF_BALIKPAPAN})"),
    Breaking("DC-001", EMPTY, also="DC-002 DC-004 DC-006"),
    Breaking("DC-002", "select * from t where period = '2024-Q3' or period is null", also="DC-004 DC-006"),
    Breaking("DC-003", changed("rows_accepted", "rows_accepted + 1", OF_BALIKPAPAN), also="DC-006"),
    Breaking("DC-003", changed("rows_accepted", "null", OF_BALIKPAPAN), also="DC-006"),
    Breaking(
        "DC-004",
        "select * replace (rows_received - lost as rows_received, rows_accepted - lost as rows_accepted)"
        f" from (select *, if({OF_BALIKPAPAN}, 1, 0) as lost from t)",
        also="DC-006",
    ),
    Breaking("DC-005", "select * from t where not (period = '2024-Q4')", table="mart_quarantine"),
    Breaking("DC-006", EMPTY, table="fct_budget"),
    Breaking("DC-006", FIRST_PERIOD, table="fct_stage"),
    Breaking("DC-006", TWICE, table="fct_problem"),
    Breaking("DC-006", f"select * from t where not ({SERVED})", table="fct_indicator"),
    Breaking("DC-006", f"select * from t where not ({IN_PRINT})", table="fct_published_index"),
    Breaking(
        "DC-007",
        "select * replace (if(large, 12000, rows_received) as rows_received,"
        " if(large, 4000, rows_quarantined) as rows_quarantined,"
        " if(large, 8000, rows_accepted) as rows_accepted)"
        f" from (select *, {OF_BALIKPAPAN} as large from t)",
        also="DC-004 DC-005 DC-006",
    ),
    Breaking(
        "FN-001", "select * from t where not (rule_id in (select rule_id from t where severity = 'fatal'))"
    ),
    Breaking("FN-002", changed("message_id", "''", "period = '2024-Q4'")),
    Breaking("FN-002", changed("message_en", "null", "period = '2024-Q4'")),
    Breaking("FN-003", changed("rule_id", "'SUB-001'", "severity = 'fatal'"), also="FN-001"),
    Breaking(
        "FN-003",
        "select * from t union all by name (select * replace ('SUB-001' as rule_id) from t"
        " where severity = 'fatal' limit 1)",
    ),
    Breaking("RU-001", EMPTY, also="RU-002 RU-004 RU-006"),
    Breaking("RU-002", FIRST_PERIOD, also="RU-004 RU-006"),
    Breaking("RU-003", twice("rule_id = 'VAL-006' and period = '2024-Q4'")),
    Breaking("RU-004", "select * from t where not (rule_id = 'VAL-001' and period = '2024-Q4')"),
    Breaking("RU-004", changed("rule_id", "'VAL-999'", "rule_id = 'VAL-006'")),
    Breaking("RU-005", changed("status", "'no_parameter'", "rule_id = 'VAL-007'")),
    Breaking("RU-005", changed("assessed", "null", "rule_id = 'VAL-007'")),
    Breaking("RU-005", changed("waived", "broken + 1", "rule_id = 'VAL-001'")),
    Breaking("RU-006", changed("broken", "broken + 1", "rule_id = 'REG-001' and period = '2024-Q4'")),
    Breaking("RU-006", changed("broken", "0", "rule_id = 'REG-001' and period = '2024-Q4'")),
    Breaking("QU-001", TWICE),
    Breaking("QU-001", twice("row_id is null")),
    Breaking("QU-002", changed("rule_id", "null", "period = '2024-Q4'")),
    Breaking("QU-003", changed("raw_row", "null", "row_id is null")),
    Breaking("QU-004", changed("document_id", "'000000000000'", "period = '2024-Q4'")),
    Breaking("QU-004", changed("region_code", "'99.99'", "period = '2024-Q4' and region_code is null")),
    Breaking("QU-004", changed("source_ref", "'000000000000:L3'", "period = '2024-Q4'")),
    Breaking("FB-001", STRAY),
    Breaking("FB-002", twice(OF_A_SECTOR)),
    Breaking("FB-003", changed("source_ref", "'form.xlsx!B3'", OF_BALIKPAPAN)),
    Breaking("FB-003", changed("submission_id", "'000000000000/64.71/2024-Q4'", OF_BALIKPAPAN)),
    Breaking("FB-003", changed("submission_id", "null", OF_BALIKPAPAN)),
    Breaking("FB-004", changed("allocated_idr", "-0.01", SERVED)),
    Breaking("FB-005", changed("spent_idr", "-0.01", SERVED)),
    Breaking("FB-005", changed("status", "'missing'", "status = 'zero'")),
    Breaking("FB-005", changed("status", "null", SERVED)),
    Breaking("FS-001", STRAY),
    Breaking("FS-002", TWICE),
    Breaking("FS-003", changed("submission_id", "replace(submission_id, '64.71', '64.72')", OF_BALIKPAPAN)),
    Breaking("FS-004", changed("target", "-1", SERVED)),
    Breaking("FS-005", changed("realised", "null", SERVED)),
    Breaking("FP-001", STRAY),
    Breaking("FP-002", TWICE),
    Breaking("FP-003", changed("source_ref", "null", OF_BALIKPAPAN)),
    Breaking("FX-001", STRAY),
    Breaking("FX-002", twice(IN_PRINT)),
    Breaking("FX-003", changed("source_ref", "'L2'", IN_PRINT)),
    Breaking("FX-004", changed("index", "100.000001", IN_PRINT)),
    Breaking("FX-004", changed("index", "-0.000001", IN_PRINT)),
    Breaking("FX-005", EMPTY),
    Breaking("FX-005", changed("index", "null", IN_PRINT)),
    Breaking("CS-001", EMPTY, also="CS-002 CS-004"),
    Breaking("CS-002", FIRST_PERIOD, also="CS-004"),
    Breaking("CS-003", TWICE),
    Breaking("CS-004", changed("expected", "expected + 1", "reported = 0 and period = '2024-Q4'")),
    Breaking("CS-004", changed("on_time", "null", "period = '2024-Q4'")),
    Breaking("CS-005", changed("reported", "expected + 1", REPORTED), also="CS-004 CS-006"),
    Breaking("CS-006", changed("percent_reported", "percent_reported + 0.0001", REPORTED)),
    Breaking("CS-006", changed("percent_reported", "null", REPORTED)),
    Breaking("BU-001", twice(OF_A_SECTOR)),
    Breaking("BU-002", FIRST_PERIOD),
    Breaking("BU-002", STRAY_BUDGET),
    Breaking("BU-002", changed("spent_idr", "spent_idr + 0.01", OF_A_SECTOR)),
    Breaking("BU-003", changed("spent_percent", "-0.000001", OF_A_SECTOR)),
    Breaking("BU-004", changed("spent_percent", "null", OF_A_SECTOR)),
    Breaking("ST-001", TWICE),
    Breaking("ST-002", FIRST_PERIOD),
    Breaking("ST-002", changed("status", "'zero'", SERVED)),
    Breaking("ST-003", changed("realised_percent", "100.000001", SERVED)),
    Breaking("ST-004", changed("realised_percent", "null", SERVED)),
    Breaking("RS-001", restated(reason="null::varchar")),
    Breaking("RS-001", restated(reason="'improved'")),
    Breaking("RS-002", f"{restated()} union all by name ({restated()})"),
    Breaking("RS-003", restated(new="'zero'")),
    Breaking("RS-003", restated(old="null::varchar", new="null::varchar")),
    Breaking("RS-004", restated(caused_by="null::varchar")),
    Breaking("LG-001", STRAY),
    Breaking("LG-002", TWICE),
    Breaking("LG-003", changed("source_ref", "'form.xlsx!B3'", SERVED)),
    Breaking("LG-003", changed("submission_id", "null", SERVED)),
    Breaking("LG-004", changed("status", "'zero'", SERVED)),
    Breaking("LG-004", changed("numerator", "-1", SERVED)),
    Breaking("LG-005", changed("achieved_percent", "null", SERVED)),
    Breaking("LG-005", changed("percent_of_own_target", "null", SERVED)),
    Breaking("LG-005", changed("percent_of_national_target", "-0.000001", SERVED)),
    Breaking("AW-001", twice("region_code = '64.71'")),
    Breaking("AW-002", EMPTY),
    Breaking("AW-002", changed("last_period", "'2024-Q3'", "true")),
    Breaking("AW-002", changed("criterion_index", "criterion_index + 0.000001", "region_code = '64.71'")),
    Breaking("AW-003", changed("criterion_budget", "100.000001", "region_code = '64.71'")),
    Breaking("AW-003", changed("score", "-0.000001", "region_code = '64.71'")),
    Breaking("AW-004", changed("score", "null", "region_code = '64.71'")),
    Breaking("AW-004", changed("is_ranked", "true", "region_code = '64.71'")),
    Breaking("AW-005", award_ranks("case region_code when '64.71' then 2 when '64.72' then 1 end", 2)),
    Breaking("AW-005", award_ranks("case region_code when '64.71' then 2 end", 1)),
    Breaking("AW-006", changed("is_verified", "true", "region_code = '64.71'")),
    Breaking("PE-001", EMPTY, also="PE-002 PE-004"),
    Breaking("PE-002", FIRST_PERIOD, also="PE-004"),
    Breaking("PE-003", twice(f"sector_code is null and {OF_BALIKPAPAN}")),
    Breaking("PE-004", changed("index", "index + 0.000001", f"sector_code is null and {OF_BALIKPAPAN}")),
    Breaking(
        "PE-005",
        changed("peers", "region_code", f"sector_code is null and {OF_BALIKPAPAN}"),
        also="PE-006 PE-007",
    ),
    Breaking("PE-006", changed("n_peers", "n_peers + 1", f"sector_code is null and {IN_PRINT}")),
    Breaking(
        "PE-006",
        "select * exclude (mine) replace (if(mine, -1, peer_median) as peer_median,"
        " if(mine, index + 1, difference_from_median) as difference_from_median)"
        f" from (select *, sector_code is null and {IN_PRINT} as mine from t)",
    ),
    Breaking("PE-007", changed("difference_from_median", "0.000001", f"sector_code is null and {IN_PRINT}")),
    Breaking("RK-001", EMPTY, also="RK-002 RK-004"),
    Breaking("RK-002", FIRST_PERIOD, also="RK-004"),
    Breaking("RK-003", twice(OF_BALIKPAPAN)),
    Breaking("RK-004", changed("n_national", "n_national + 1", IN_PRINT)),
    Breaking("RK-005", changed("rank_best", "rank_national + 1", IN_PRINT)),
    Breaking("RK-005", changed("worst_scenario", "null", IN_PRINT)),
    Breaking("RK-006", changed("is_tied", "not is_tied", IN_PRINT)),
    Breaking("RK-006", changed("is_tied_above", "not is_tied_above", "is_tied_below and period = '2024-Q4'")),
    Breaking("PJ-001", EMPTY, also="PJ-002 PJ-004"),
    Breaking("PJ-002", FIRST_PERIOD, also="PJ-004"),
    Breaking("PJ-003", TWICE),
    Breaking("PJ-004", changed("band_code", "'muda'", IN_PRINT)),
    Breaking("PJ-004", f"select * from t where not ({OF_BALIKPAPAN})"),
    Breaking("PJ-005", changed("pace_basis", "null", IN_PRINT)),
    Breaking("PJ-005", changed("projected_index", "index - 0.000001", IN_PRINT)),
    Breaking("PJ-006", changed("projected_band_code", "'muda'", IN_PRINT)),
    Breaking("PJ-006", changed("is_on_track", "null", IN_PRINT)),
    Breaking("PJ-007", changed("recipients_to_next_band", "0", OF_BALIKPAPAN)),
    Breaking("PJ-007", changed("next_band_code", "null", IN_PRINT)),
    Breaking("CR-001", TWICE),
    Breaking("CR-001", STRAY_BUDGET),
    Breaking("CR-002", changed("outcome", "'stale'", "period = '2024-Q4'")),
    Breaking("CR-002", changed("outcome", "null", "period = '2024-Q4'")),
    Breaking("CR-003", EMPTY),
    Breaking("CR-003", changed("source_ref", "'form.xlsx!B3'", "period = '2024-Q4'")),
    Breaking("WV-001", TWICE),
    Breaking("WV-001", STRAY_BUDGET, also="WV-002"),
    Breaking("WV-002", EMPTY),
    Breaking("WV-002", changed("findings_waived", "findings_waived + 1", "period = '2024-Q4'")),
    Breaking("WV-002", changed("waiver_id", "null", "period = '2024-Q4'"), table="mart_finding"),
    Breaking("WV-003", changed("approver", "null", "period = '2024-Q4'")),
    Breaking("WV-003", changed("outcome", "'unused'", "period = '2024-Q4'")),
]

# one column a suite must not be silent about when every value of it is lost
NOT_NULL = [
    ("fct_indicator", "period"),
    ("fct_indicator", "status"),
    ("fct_indicator", "percent"),
    ("mart_service_score", "index"),
    ("mart_service_score", "status"),
    ("mart_sector_score", "index"),
    ("mart_region_score", "index"),
    ("mart_region_score", "band_code"),
    ("mart_national_score", "index"),
    ("mart_national_score", "regions_reported"),
    ("mart_compliance", "timeliness"),
    ("mart_document", "rows_accepted"),
    ("mart_document", "period"),
    ("mart_finding", "message_id"),
    ("mart_finding", "source_ref"),
    ("mart_quarantine", "source_ref"),
    ("fct_budget", "spent_idr"),
    ("fct_budget", "period"),
    ("fct_stage", "status"),
    ("fct_stage", "source_ref"),
    ("fct_problem", "submission_id"),
    ("fct_published_index", "index"),
    ("mart_compliance_summary", "province_code"),
    ("mart_compliance_summary", "percent_reported"),
    ("mart_budget", "spent_percent"),
    ("mart_stage", "realised_percent"),
    ("mart_award", "score"),
    ("mart_award", "criterion_index"),
    ("mart_peer", "index"),
    ("mart_peer", "peer_median"),
    ("mart_rank_stability", "rank_best"),
    ("mart_rank_stability", "is_tied"),
    ("mart_projection", "projected_index"),
    ("mart_projection", "pace_basis"),
    ("mart_legacy_attainment", "status"),
    ("mart_legacy_attainment", "source_ref"),
    ("mart_correction", "outcome"),
    ("mart_correction", "period"),
    ("mart_rule", "assessed"),
    ("mart_rule", "status"),
]

# a table that may be empty, and the suite that knows when it may not
NOTICED_BY = {
    "fct_budget": "mart_document",
    "fct_stage": "mart_document",
    "fct_problem": "mart_document",
    "mart_quarantine": "mart_document",
    "mart_legacy_attainment": "mart_document",
}


def rest_of_report(period: str) -> list[dict[str, str]]:
    """What Balikpapan reports beside its achievements: a row of each other record."""
    said: list[dict[str, str]] = [
        {"record": "budget", "target": "1000", "realised": "600"},
        {"record": "budget", "service": "K-KES-01", "item": "Obat", "target": "500", "realised": "0"},
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


def verdicts_of(
    candidate: Candidate,
    table: str,
    suites: Sequence[object] | None = None,
    unknown: Sequence[GateCheck] = (),
) -> dict[str, Verdict]:
    """What one suite says of all periods of a candidate, by check."""
    judged = candidate.folder / "judged.duckdb"
    make_judged_file(judged, candidate.folder, candidate.tables, PERIODS, PERIODS)
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
    work_file = build_marts(folder, rows, with_every_table)
    return build.make_candidate(settings_of(folder), work_file, folder / "candidate", PERIODS)


@pytest.fixture
def broken(good_build: Candidate, tmp_path: Path) -> Candidate:
    """A copy of the good candidate, to be broken."""
    return copy_of(good_build, tmp_path / "candidate")


def test_a_good_candidate_passes_every_check_once(broken: Candidate) -> None:
    for verdict in build.judge(broken):
        assert [found.check_id for found in verdict.verdicts] == list(REQUIRED)
        assert {found.check_id: found.detail for found in verdict.verdicts if found.status != "pass"} == {}
        assert verdict.passed


def test_every_check_has_a_table_that_breaks_it() -> None:
    assert {breaking.check_id for breaking in BREAKING} == set(REQUIRED)


@pytest.mark.parametrize("breaking", BREAKING, ids=lambda breaking: breaking.check_id)
def test_a_check_does_not_pass_the_table_that_breaks_its_law(breaking: Breaking, broken: Candidate) -> None:
    check = REQUIRED[breaking.check_id]
    rewrite(broken.file(breaking.table or check.table_name), breaking.query)
    verdicts = verdicts_of(broken, check.table_name)
    failing = {found.check_id for found in verdicts.values() if found.status != "pass"}
    assert failing == {breaking.check_id, *breaking.also.split()}
    assert verdicts[breaking.check_id].status == {"fatal": "fail", "warning": "warn"}[check.severity]
    assert verdicts[breaking.check_id].closes == (check.severity == "fatal")


@pytest.mark.parametrize(("table", "column"), NOT_NULL)
def test_a_column_of_nulls_closes_the_gate(table: str, column: str, broken: Candidate) -> None:
    rewrite(broken.file(table), f"select * replace (null as {column}) from t")
    assert any(found.closes for found in verdicts_of(broken, table).values())


# a release may change nothing: nobody owes the ledger a row
@pytest.mark.parametrize("table", sorted(SUITES.keys() - {"mart_restatement"}))
def test_a_table_without_a_row_closes_the_gate_unless_none_is_owed(table: str, broken: Candidate) -> None:
    rewrite(broken.file(table), EMPTY)
    closed = any(found.closes for found in verdicts_of(broken, NOTICED_BY.get(table, table)).values())
    assert closed  # findings too: each quarantined row owes one


@pytest.mark.parametrize("table", SUITES)
def test_a_table_that_is_not_there_leaves_no_check_passed(table: str, broken: Candidate) -> None:
    broken.file(table).unlink()
    verdicts = verdicts_of(broken, table)
    assert {found.status for found in verdicts.values()} == {"error"}


def test_a_missing_column_is_an_error_of_its_checks(broken: Candidate) -> None:
    rewrite(broken.file("mart_compliance"), "select * exclude (timeliness) from t")
    verdict = verdicts_of(broken, "mart_compliance")["CO-004"]
    assert verdict.status == "error"
    assert "timeliness" in verdict.detail


def test_an_empty_suite_leaves_no_check_passed(broken: Candidate) -> None:
    verdicts = verdicts_of(broken, "mart_finding", [suite_of("mart_finding")])
    assert {check: found.status for check, found in verdicts.items()} == {
        "FN-001": "error",
        "FN-002": "error",
        "FN-003": "error",
    }
    assert "did not run" in verdicts["FN-001"].detail


def test_a_suite_that_is_not_run_at_all_closes_the_gate(broken: Candidate) -> None:
    assert {found.status for found in verdicts_of(broken, "mart_finding", []).values()} == {"error"}


def test_a_suite_without_one_of_its_checks_closes_the_gate(broken: Candidate) -> None:
    kept = SUITES["mart_finding"].expectations(RunFacts(PERIODS))[:2]
    verdicts = verdicts_of(broken, "mart_finding", [suite_of("mart_finding", *kept)])
    assert {check: found.status for check, found in verdicts.items()} == {
        "FN-001": "pass",
        "FN-002": "pass",
        "FN-003": "error",
    }


def test_a_check_that_runs_twice_closes_the_gate(broken: Candidate) -> None:
    twice = SUITES["mart_finding"].expectations(RunFacts(PERIODS)) * 2
    verdicts = verdicts_of(broken, "mart_finding", [suite_of("mart_finding", *twice)])
    assert {found.status for found in verdicts.values()} == {"error"}


@pytest.mark.parametrize("meta", [named("FN-099"), None], ids=["unknown id", "no id"])
def test_an_expectation_that_no_one_listed_closes_the_gate(meta: object, broken: Candidate) -> None:
    stranger = gxe.ExpectTableRowCountToBeBetween(min_value=0, meta=meta)
    suite = [*SUITES["mart_finding"].expectations(RunFacts(PERIODS)), stranger]
    verdicts = verdicts_of(broken, "mart_finding", [suite_of("mart_finding", *suite)])
    assert [found.check_id for found in verdicts.values() if found.closes] == [
        meta["check_id"] if isinstance(meta, dict) else "no id"
    ]


def test_an_expectation_that_raises_closes_the_gate_even_when_it_would_only_warn(broken: Candidate) -> None:
    wrong = gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select no_such_column from {batch}", meta=named("FN-900")
    )
    warning = GateCheck("FN-900", "mart_finding", "warning", "-", "-")
    suite = [*SUITES["mart_finding"].expectations(RunFacts(PERIODS)), wrong]
    verdicts = verdicts_of(broken, "mart_finding", [suite_of("mart_finding", *suite)], [warning])
    assert verdicts["FN-900"].status == "error"
    assert verdicts["FN-900"].closes
    assert "no_such_column" in verdicts["FN-900"].detail


def test_a_suite_that_cannot_be_made_closes_the_gate(broken: Candidate) -> None:
    def raises(facts: RunFacts) -> list[gxe.Expectation]:
        raise KeyError("no such policy")

    suite = SimpleNamespace(TABLE="mart_finding", expectations=raises)
    verdicts = verdicts_of(broken, "mart_finding", [suite])
    assert {found.status for found in verdicts.values()} == {"error"}
    assert "no such policy" in verdicts["FN-001"].detail


def test_the_failing_rows_are_kept_with_the_verdict(broken: Candidate) -> None:
    rewrite(broken.file("mart_compliance"), changed("timeliness", "'early'", OF_BALIKPAPAN))
    verdict = verdicts_of(broken, "mart_compliance")["CO-004"]
    assert verdict.failing_count == 1
    assert dict(verdict.failing_rows[0]) == {
        "region_code": "64.71",
        "period": "2024-Q4",
        "timeliness": "early",
    }


def test_a_failure_closes_the_gate_of_its_period_alone(broken: Candidate) -> None:
    rewrite(broken.file("mart_compliance"), changed("timeliness", "'early'", OF_BALIKPAPAN))
    first, second = build.judge(broken)
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
    assert [verdict.passed for verdict in build.judge(broken)] == [False, False]


def test_a_stray_period_closes_the_gate_though_its_rows_are_in_order(broken: Candidate) -> None:
    rewrite(
        broken.file("mart_national_score"),
        "select * from t union all by name (select * replace ('2023-Q1' as period) from t"
        " where period = '2024-Q4')",
    )
    for verdict in build.judge(broken):
        assert [found.check_id for found in verdict.closing] == ["NA-002"]


def test_a_period_that_no_method_scores_is_published_without_indexes(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    where = {"region": "64.71", "period": "2014-Q4", "target": "10", "realised": "5"}
    rows = [
        {"record": "budget", "sector": "kesehatan", **where},
        {"record": "achievement", "service": "K-PEND-01", "component": "recipients", **where},
    ]
    put(tmp_path / "inbox" / "rows.csv", document(rows))
    publish_periods(settings, ["2014-Q4"])
    scores = published(settings, "mart_region_score")
    assert {row["index"] for row in scores} == {row["method_version"] for row in scores} == {None}
    assert [int(row["spent_percent"]) for row in published(settings, "mart_budget")] == [50]
    assert [row["rule_id"] for row in published(settings, "mart_quarantine")] == ["SVC-003"]
    assert published(settings, "mart_sector_score") == published(settings, "mart_national_score") == []


class TestPublishing:
    """Publishing asks again, of the very files that were judged."""

    @pytest.fixture
    def releases(self, tmp_path: Path) -> Releases:
        return Releases(tmp_path / "published")

    def verdicts(self, candidate: Candidate, status: str = "pass") -> list[PeriodVerdict]:
        said = [
            Verdict(check.check_id, check.table_name, check.severity, "pass") for check in REQUIRED.values()
        ]
        said[0] = replace(said[0], status=status)  # type: ignore[arg-type]
        return [PeriodVerdict(period, said, candidate.hashes()) for period in candidate.periods]

    def refusal(self, candidate: Candidate, verdicts: Sequence[PeriodVerdict], releases: Releases) -> str:
        with pytest.raises(GateClosedError) as refused:
            publish(candidate, verdicts, releases, provenance(), 2, "1GB")
        assert releases.ids() == []
        assert not (releases.root / "current").exists()
        return str(refused.value)

    def test_it_refuses_without_a_verdict(self, broken: Candidate, releases: Releases) -> None:
        assert "no verdict" in self.refusal(broken, [], releases)

    def test_it_refuses_when_one_period_has_none(self, broken: Candidate, releases: Releases) -> None:
        said = self.refusal(broken, self.verdicts(broken)[:1], releases)
        assert said.startswith("2024-Q4 has no verdict")

    @pytest.mark.parametrize("status", ["fail", "error"])
    def test_it_refuses_a_closed_gate(self, status: str, broken: Candidate, releases: Releases) -> None:
        said = self.refusal(broken, self.verdicts(broken, status), releases)
        assert said == "2024-Q3 did not pass its gate (FI-001)"

    def test_it_refuses_a_verdict_of_no_checks(self, broken: Candidate, releases: Releases) -> None:
        empty = [replace(verdict, verdicts=[]) for verdict in self.verdicts(broken)]
        assert "no check ran" in self.refusal(broken, empty, releases)

    def test_it_refuses_a_verdict_that_leaves_a_check_out(
        self, broken: Candidate, releases: Releases
    ) -> None:
        short = [replace(verdict, verdicts=verdict.verdicts[1:]) for verdict in self.verdicts(broken)]
        assert "judged without FI-001" in self.refusal(broken, short, releases)

    def test_it_refuses_a_table_that_changed_after_the_verdict(
        self, broken: Candidate, releases: Releases
    ) -> None:
        verdicts = self.verdicts(broken)
        rewrite(
            broken.file("mart_award" if "mart_award" in broken.tables else "dim_band"),
            "select * from t limit 1",
        )
        assert "changed after" in self.refusal(broken, verdicts, releases)

    def test_it_refuses_a_table_that_went_away_after_the_verdict(
        self, broken: Candidate, releases: Releases
    ) -> None:
        verdicts = self.verdicts(broken)
        broken.file("mart_quarantine").unlink()
        assert "changed after" in self.refusal(broken, verdicts, releases)

    def test_it_refuses_a_candidate_of_no_period(self, broken: Candidate, releases: Releases) -> None:
        assert "no period" in self.refusal(replace(broken, periods=()), [], releases)

    def test_it_refuses_a_candidate_built_beside_another_release(
        self, broken: Candidate, releases: Releases
    ) -> None:
        stale = replace(broken, base_release="r0007-0123456789ab")
        with pytest.raises(StaleBaseError, match="run again"):
            publish(stale, self.verdicts(broken), releases, provenance(), 2, "1GB")
        assert releases.ids() == []
