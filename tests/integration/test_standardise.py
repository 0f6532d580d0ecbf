"""Every received row ends in one place, and what is wrong with it is said at the very line.

One document holds one row for each way of writing things; the pipeline's own models judge it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.integration.home import Row, build_periods, document, put, query, settings_of, take_in

PERIOD = "2024-Q4"
CITY = {"record": "achievement", "region": "64.71", "period": PERIOD, "component": "recipients"}
SERVED = {"target": "200", "realised": "150"}


def of(service: str, **cells: str) -> Row:
    """A recipients row of Balikpapan, changed as the case wants."""
    return {**CITY, "service": service, **SERVED, **cells}


def wrong(service: str, **cells: str) -> Row:
    """The same of Samarinda: many wrong rows of one sector would hold back the good ones beside them."""
    return of(service, **{"region": "64.72", **cells})


CASES = {
    # written otherwise, and understood
    "code_without_dot": (of("K-KES-01", region="6471"), None),
    "name_with_abbreviation": (of("K-KES-01", region="Kab. Kutim"), None),
    "name_of_government": (of("K-KES-01", region="PEMERINTAH KABUPATEN BERAU"), None),
    "name_of_province": (of("P-KES-01", region="Prov. Kalimantan Timur"), None),
    "name_that_another_region_gave_up": (of("P-KES-01", region="Kepulauan Riau"), None),
    "lower_case_codes": (of("k-kes-02", period="2024-q4"), None),
    "name_of_service": (of("Pelayanan kesehatan balita"), None),
    "label_of_component": (of("K-KES-10", component="Penerima layanan"), None),
    "rupiah": (of("", record="budget", sector="Kesehatan", realised="Rp 1.250.000", target="2.000,5"), None),
    # held back
    "period": (wrong("K-KES-05", period="2024-TW5"), "PER-001"),
    "record": (wrong("K-KES-05", record="capaian"), "REC-001"),
    "unknown_region": (wrong("K-KES-05", region="Kota Antah"), "REG-001"),
    "ambiguous_region": (wrong("K-KES-05", region="Bandung"), "REG-002"),
    "region_to_come": (wrong("P-KES-01", region="96", period="2021-Q4"), "REG-003"),
    "not_autonomous": (wrong("K-KES-05", region="31.71"), "REG-004"),
    "unknown_service": (wrong("K-KES-99"), "SVC-001"),
    "service_of_the_province": (wrong("P-KES-01"), "SVC-002"),
    "unknown_sector": ({**wrong("", record="budget", sector="kelautan")}, "SEC-001"),
    "component": (wrong("K-KES-05", component="mutu"), "CMP-001"),
    "junk_item": (wrong("K-KES-05", component="personnel", item="a", target="100"), "ITM-001"),
    "unreadable_number": (wrong("K-KES-06", realised="13 (empat belas)"), "NUM-001"),
    "negative": (wrong("K-KES-07", realised="-5"), "NUM-003"),
    "too_large": (wrong("K-KES-08", realised="1" + "0" * 16), "NUM-004"),
    "index_above_100": (wrong("", record="published_index", component="", realised="100,01"), "NUM-005"),
}  # fmt: skip


def built(folder: Path, periods: Iterable[str] = (PERIOD,)) -> Path:
    """The work file of a build over the inbox of ``folder``, by its sources file."""
    written = (folder / "sources.yaml").read_text() if (folder / "sources.yaml").exists() else None
    settings = settings_of(folder)
    if written is not None:
        (folder / "sources.yaml").write_text(written)
    take_in(settings, sorted(periods))
    return build_periods(settings, sorted(periods), models=["fct_indicator", "mart_budget", "mart_finding"])


def built_from(folder: Path, rows: Iterable[Mapping[str, str]], periods: Iterable[str] = (PERIOD,)) -> Path:
    """The same, of one document that holds ``rows``."""
    put(folder / "inbox" / "rows.csv", document(rows))
    return built(folder, periods)


@pytest.fixture(scope="module")
def work_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_from(
        tmp_path_factory.mktemp("cases"), [row for row, _ in CASES.values()], [PERIOD, "2021-Q4"]
    )


@pytest.mark.parametrize("name", CASES)
def test_a_row_is_taken_or_held_back_by_its_rule_at_its_line(name: str, work_file: Path) -> None:
    line = list(CASES).index(name) + 2
    found = query(
        "select outcome, rule_id, rule_ref from intermediate.int_rows__outcomes"
        " where row_id like '%#' || $row",
        work_file,
        row=str(line - 1),
    )
    rule = CASES[name][1]
    assert [(row["outcome"], row["rule_id"]) for row in found] == [
        ("quarantined" if rule else "accepted", rule)
    ]
    if rule:
        assert str(found[0]["rule_ref"]).endswith(f":L{line}")


def test_old_codes_and_names_lead_to_the_region_of_the_period(tmp_path: Path) -> None:
    """Tarakan bore 64.73 until Kalimantan Utara was split off, 65.71 since; both are taken at any time."""
    rows = [
        of("K-KES-01", region="65.71", period="2010-Q4"),
        of("K-KES-01", region="64.73", period="2024-Q4"),
        of("K-KES-02", region="Kota Tarakan", period="2024-Q4"),
    ]
    work_file = built_from(tmp_path, rows, ["2010-Q4", "2024-Q4"])
    found = query(
        "select period, region_code, current_region_code from intermediate.int_rows__resolved"
        " order by row_number",
        work_file,
    )
    assert [tuple(row.values()) for row in found] == [
        ("2010-Q4", "64.73", "65.71"),
        ("2024-Q4", "65.71", "65.71"),
        ("2024-Q4", "65.71", "65.71"),
    ]


def test_bps_digits_mean_what_the_source_declares(tmp_path: Path) -> None:
    """7108 is Bolaang Mongondow Utara at Kemendagri, Siau Tagulandang Biaro at BPS."""
    for system in ("kemendagri", "bps"):
        put(tmp_path / system / "a.csv", document([of("K-KES-01", region="7108", note=system)]))
    (tmp_path / "sources.yaml").write_text(
        "sources:\n"
        "- {name: own, kind: csv, path: kemendagri/*.csv}\n"
        "- {name: statistics, kind: csv, path: bps/*.csv, region_codes: bps}\n"
    )
    work_file = built(tmp_path)
    found = query("select note, region_code from intermediate.int_rows__resolved", work_file)
    names = {row["note"]: row["region_code"] for row in found}
    assert names == {"kemendagri": "71.08", "bps": "71.09"}


def test_a_recipients_row_that_names_something_else_counts_only_when_it_stands_alone(tmp_path: Path) -> None:
    rows = [
        of("K-KES-01"),
        of("K-KES-01", item="a", target="100", realised="100"),
        of("K-KES-02", item="Ibu bersalin di wilayah kerja"),
    ]
    work_file = built_from(tmp_path, rows)
    found = query("select rule_id from intermediate.int_rows__outcomes order by row_id", work_file)
    assert [row["rule_id"] for row in found] == [None, "ITM-002", None]


def test_a_number_that_reads_two_ways_is_held_back_at_its_own_cell(tmp_path: Path) -> None:
    work_file = built_from(tmp_path, [of("K-KES-01", target="1.234", realised="150")])
    found = query("select rule_id, rule_value from intermediate.int_rows__outcomes", work_file)
    assert [tuple(row.values()) for row in found] == [("NUM-002", "1.234")]


def test_thousands_are_read_as_the_sender_writes_them_in_that_unit(tmp_path: Path) -> None:
    rows = [
        of("K-KES-01", unit="orang", target="1,234", realised="950"),
        of("K-KES-02", unit="Orang", target="1,234,567", realised="1,100,000"),
        of("K-KES-03", unit="rumah", target="2,000", realised="999"),
        of("K-KES-01", region="64.72", unit="orang", target="1,234", realised="950"),
    ]
    work_file = built_from(tmp_path, rows)
    facts = query(
        "select region_code, service_code, target, realised, percent from marts.fct_indicator"
        " where target is not null order by all",
        work_file,
    )
    assert [" ".join(str(cell) for cell in row.values()) for row in facts] == [
        "64.71 K-KES-01 1234.000000000000 950.000000000000 76.985413",
        "64.71 K-KES-02 1234567.000000000000 1100000.000000000000 89.100065",
    ]
    held = query(
        "select rule_id, rule_value from intermediate.int_rows__unreadable order by row_id", work_file
    )
    assert [tuple(row.values()) for row in held] == [("NUM-002", "2,000"), ("NUM-002", "1,234")]


def test_a_percent_is_published_as_one_or_held_back(tmp_path: Path) -> None:
    rows = [
        of("K-KES-01", unit="orang", target="1000", realised="85%"),
        of("K-KES-02", unit="orang", target="100%", realised="95,5%"),
        of("K-KES-03", unit="", target="100", realised="85%"),
    ]
    work_file = built_from(tmp_path, rows)
    facts = query(
        "select service_code, unit, realised, percent from marts.fct_indicator"
        " where target is not null order by all",
        work_file,
    )
    assert [" ".join(str(cell) for cell in row.values()) for row in facts] == [
        "K-KES-02 percent 95.500000000000 95.500000",
        "K-KES-03 percent 85.000000000000 85.000000",
    ]
    held = query(
        "select rule_id, rule_value from intermediate.int_rows__outcomes where rule_id is not null", work_file
    )
    assert [tuple(row.values()) for row in held] == [("NUM-008", "target 1000 / realisasi 85%")]


def test_money_in_mixed_units_stops_no_other_region(tmp_path: Path) -> None:
    """Pagu 2.000.000 (million) beside Serapan in rupiah: in no sum, and said; the build goes on."""
    budget = {"record": "budget", "period": PERIOD, "sector": "kesehatan"}
    rows = [
        {**budget, "region": "64.71", "target": "2000000", "realised": "48000000000000000"},
        {**budget, "region": "64.72", "target": "100000000", "realised": "60000000"},
    ]
    work_file = built_from(tmp_path, rows)
    found = query(
        "select spent_percent, doubtful_lines from marts.mart_budget order by region_code", work_file
    )
    assert [tuple(row.values()) for row in found] == [(None, 1), (60, 0)]
    rules = query("select rule_id from marts.mart_finding where region_code = '64.71'", work_file)
    assert {row["rule_id"] for row in rules} >= {"VAL-006", "VAL-014"}
