"""For every check of the gate, a table that breaks its law; nothing runs here.

Put here: the queries that break a good table. Keep out: what the gate says then (``test_gate``).
"""

from __future__ import annotations

from dataclasses import dataclass


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


def of_many_regions(values: str, where: str) -> str:
    """The row that ``where`` names, in a hundred more regions, with other values: ``name = value, …``."""
    replaced = ", ".join(" as ".join(reversed(value.split(" = "))) for value in values.split(", "))
    return (
        f"select * from t union all by name select * exclude (number)"
        f" replace ('n' || number as region_code, {replaced})"
        f" from (select * from t where {where})"
        f" cross join range(100) as numbers(number)"
    )


def limited(check_id: str) -> str:
    """Limits of a check that nothing is within."""
    return f"select * replace (if(check_id = '{check_id}', 0, value) as value) from t"


def award_ranks(rank: str, n_ranked: int) -> str:
    """The awards with these ranks out of so many."""
    return (
        f"select * exclude (place) replace (place is not null as is_ranked, place as rank,"
        f" if(place is null, null, 1) as tie_size, {n_ranked} as n_ranked)"
        f" from (select *, {rank} as place from t)"
    )


SERVED = "status = 'reported' and period = '2024-Q4'"
IN_FIRST_PLACE = "rank_national = 1 and period = '2024-Q4'"
DOUBTED = (
    f"select * replace ({SERVED} as is_doubtful, if({SERVED}, 'VAL-010', null) as doubtful_rule_id) from t"
)
FINDS_A_SLIP = """
    select * from t union all by name
    select
        'VAL-010' as rule_id, region_code, period, subject, source_ref, submission_id, 'new' as status,
        'warning' as severity, 'x' as message_id, 'x' as message_en
    from fct_indicator
    where status = 'reported' and region_code = '64.71' and period = '2024-Q4'
"""
OF_BALIKPAPAN = "region_code = '64.71' and period = '2024-Q4'"
IN_PRINT = "region_code = '11' and period = '2024-Q4'"
IN_RANK = "region_code = '91.06' and period = '2024-Q4'"
REPORTED = "reported > 0 and period = '2024-Q4'"
OF_A_SECTOR = f"service_code is null and {OF_BALIKPAPAN}"


def way_to_next_band(people: int, services: str, not_served: int) -> str:
    """Regions below the top band reach the next by so many people in one service, said to be ``services``."""
    way = {
        "recipients_to_next_band": people,
        "services_to_next_band": 1,
        "next_band_services": f"'{services}'",
        "recipients_not_served": not_served,
    }
    told = ", ".join(f"if(next_band_code is null, null, {value}) as {name}" for name, value in way.items())
    return f"select * replace ({told}) from t"


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
    Breaking("FI-009", changed("is_doubtful", "true", SERVED)),
    Breaking("FI-009", changed("is_doubtful", "null", SERVED)),
    Breaking("FI-009", changed("doubtful_rule_id", "'VAL-010'", SERVED)),
    Breaking("FI-009", FINDS_A_SLIP, table="mart_finding"),
    Breaking("FI-010", of_many_regions("realised = 90, target = 10", f"{SERVED} and {OF_BALIKPAPAN}")),
    Breaking("FI-011", limited("FI-011"), table="gate_limits"),
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
    Breaking(
        "RG-007",
        f"select * from t union all select * replace ('31.01' as region_code) from t where {OF_BALIKPAPAN}",
    ),
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
    Breaking("NA-005", changed("regions_from_press", "regions_with_index + 1", "scope = 'province'")),
    Breaking("NA-005", changed("regions_with_index", "regions_expected + 1", "scope = 'sosial'")),
    Breaking("NA-006", of_base("regions_with_index = 1000, base_period = period"), table="national_bases"),
    Breaking(
        "NA-007",
        of_base("regions_with_index = 1000, known_until = timestamptz '2025-01-20 17:00:00+00'"),
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
    Breaking(
        "CO-006",
        "select * replace (if(period = '2024-Q4', 'missing', timeliness) as timeliness) from t",
    ),
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
    Breaking("DC-008", limited("DC-008"), table="gate_limits"),
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
    Breaking("FB-006", changed("is_doubtful", "true", SERVED)),
    Breaking("FB-006", DOUBTED),
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
    Breaking("CS-004", changed("with_index", "with_index + 1", REPORTED)),
    Breaking("CS-004", changed("not_sent", "null", "period = '2024-Q4'")),
    Breaking("CS-004", changed("from_press", "from_press + 1", "period = '2024-Q4'")),
    Breaking("CS-005", changed("reported", "expected + 1", REPORTED), also="CS-004 CS-006"),
    Breaking("CS-006", changed("percent_reported", "percent_reported + 0.0001", REPORTED)),
    Breaking("CS-006", changed("percent_reported", "null", REPORTED)),
    Breaking("BU-001", twice(OF_A_SECTOR)),
    Breaking("BU-002", FIRST_PERIOD),
    Breaking("BU-002", STRAY_BUDGET, also="BU-005"),
    Breaking("BU-002", changed("spent_idr", "spent_idr + 0.01", OF_A_SECTOR)),
    Breaking("BU-003", changed("spent_percent", "-0.000001", OF_A_SECTOR)),
    Breaking("BU-002", changed("doubtful_lines", "1", OF_A_SECTOR)),
    Breaking("BU-004", changed("spent_percent", "null", OF_A_SECTOR)),
    Breaking("BU-005", of_many_regions("spent_idr = 1.6 * allocated_idr", OF_A_SECTOR), also="BU-002"),
    Breaking("BU-006", limited("BU-006"), table="gate_limits"),
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
    Breaking("LG-006", changed("is_doubtful", "true", SERVED)),
    Breaking("LG-006", DOUBTED),
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
    Breaking("PE-006", changed("n_peers", "n_peers + 1", f"sector_code is null and {IN_RANK}")),
    Breaking(
        "PE-006",
        "select * exclude (mine) replace (if(mine, -1, peer_median) as peer_median,"
        " if(mine, index + 1, difference_from_median) as difference_from_median)"
        f" from (select *, sector_code is null and {IN_RANK} as mine from t)",
    ),
    Breaking("PE-007", changed("difference_from_median", "0.000001", f"sector_code is null and {IN_RANK}")),
    Breaking("RK-001", EMPTY, also="RK-002 RK-004"),
    Breaking("RK-002", FIRST_PERIOD, also="RK-004"),
    Breaking("RK-003", twice(OF_BALIKPAPAN)),
    Breaking("RK-004", changed("n_national", "n_national + 1", IN_RANK)),
    Breaking("RK-005", changed("rank_best", "rank_national + 1", IN_RANK)),
    Breaking("RK-005", changed("worst_scenario", "null", IN_RANK)),
    Breaking("RK-006", changed("is_tied", "not is_tied", IN_RANK)),
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
    Breaking("PJ-007", way_to_next_band(people=5, services="K-SOS-01", not_served=4)),
    Breaking("PJ-007", way_to_next_band(people=5, services="K-SOS-01;K-SOS-02", not_served=9)),
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
]  # make new-mart adds above

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
