"""A period is read by the law that was in force in it: catalogue, quality items, method, and before 2019 the
indicators of PP 65/2005, which have targets and deadlines and no index."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipelines.registry.periods import Period
from pipelines.registry.seeds import read_seed
from pipelines.reports.explanation import explain_score
from tests.integration.home import (
    Row,
    build_marts,
    document,
    publish_periods,
    published,
    put,
    query,
    settings_of,
)
from tests.registry import add_method, freeze_methods

CITY = {"record": "achievement", "region": "64.71"}
FIRE = {**CITY, "period": "2013-Q4", "sector": "Pemerintahan dalam negeri"}


def legacy(**cells: str) -> Row:
    """A row of Balikpapan's report for 2013, changed as the case wants."""
    return {**FIRE, **cells}


LEGACY = {
    "by_code": legacy(service="L-PDN-02", target="64", realised="13"),
    "own_target": legacy(service="L-PDN-02", item="Target Daerah", unit="persen", target="40"),
    "by_name_under_item": legacy(item="Cakupan pelayanan bencana kebakaran", target="50", realised="na"),
    "nobody": legacy(service="L-PDN-03", component="recipients", target="0", realised="0"),
    "not_yet_valid": {**legacy(service="L-PEND-07.1", target="2", realised="1"), "period": "2012-Q4"},
    "not_valid_any_more": {**legacy(service="l-pdn-02", target="2", realised="1"), "period": "2016-Q1"},
    "in_todays_regime": {**CITY, "period": "2024-Q4", "service": "L-PDN-02", "target": "2", "realised": "1"},
    "of_another_tier": legacy(region="64", service="L-PDN-01", target="2", realised="1"),
    "unknown": legacy(item="Cakupan lain", target="2", realised="1"),
    "with_a_component": legacy(service="L-PDN-04", component="personnel", target="2", realised="1"),
    "own_target_above_100": legacy(service="L-PDN-04", item="target_daerah", target="101"),
    "service_of_today": legacy(service="K-TRAN-01", sector="", target="2", realised="1"),
}  # fmt: skip
HELD_BACK = {
    "not_yet_valid": ("SVC-003", "L-PEND-07.1"),
    "not_valid_any_more": ("SVC-003", "l-pdn-02"),
    "in_todays_regime": ("SVC-003", "L-PDN-02"),
    "of_another_tier": ("SVC-002", "L-PDN-01"),
    "unknown": ("SVC-001", "Cakupan lain"),
    "with_a_component": ("CMP-001", "personnel"),
    "own_target_above_100": ("NUM-006", "101"),
    "service_of_today": ("SVC-003", "K-TRAN-01"),
}


@pytest.fixture(scope="module")
def legacy_file() -> Path:
    return build_marts(
        list(LEGACY.values()), models=["mart_finding", "mart_legacy_attainment", "mart_service_score"]
    )


class TestBefore2019:
    """Indicators of PP 65/2005 come in as achievement rows and stand in mart_legacy_attainment."""

    @pytest.mark.parametrize("name", LEGACY)
    def test_a_row_is_taken_or_held_back_by_its_rule(self, name: str, legacy_file: Path) -> None:
        found = query(
            "select outcome, rule_id, rule_value from intermediate.int_rows__outcomes"
            " where row_id like '%#' || $row",
            legacy_file,
            row=str(list(LEGACY).index(name) + 1),
        )
        rule, value = HELD_BACK.get(name, (None, None))
        outcome = "quarantined" if rule else "accepted"
        assert [tuple(row.values()) for row in found] == [(outcome, rule, value)]

    def test_an_indicator_is_measured_by_the_regions_target_and_the_nations(self, legacy_file: Path) -> None:
        found = query("select * from marts.mart_legacy_attainment order by indicator_code", legacy_file)
        assert [(row["indicator_code"], row["status"]) for row in found] == [
            ("L-PDN-01", "missing"),
            ("L-PDN-02", "reported"),
            ("L-PDN-03", "not_applicable"),
        ]
        fire = found[1]
        assert (fire["numerator"], fire["denominator"], fire["deadline_year"]) == (13, 64, 2015)
        assert fire["sector_name"] == "Pemerintahan dalam negeri"
        assert fire["achieved_percent"] == Decimal("20.3125")  # 13 of the 64 fires inside the radius
        assert (fire["own_target_percent"], fire["percent_of_own_target"]) == (40, Decimal("50.78125"))
        assert (fire["national_target_percent"], fire["percent_of_national_target"]) == (
            75,
            Decimal("27.083333"),
        )

    def test_a_figure_that_is_not_there_is_a_finding_and_an_own_target_is_none(
        self, legacy_file: Path
    ) -> None:
        found = query(
            "select rule_id, subject from marts.mart_finding where severity = 'warning'", legacy_file
        )
        said = {(row["rule_id"], row["subject"]) for row in found}
        assert {subject for rule, subject in said if rule == "VAL-008"} == {"L-PDN-01|achievement"}


def test_a_legacy_period_is_published_without_an_index_and_revised_by_sector(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    rows = [
        legacy(service="L-PDN-02", target="64", realised="13", submitted_at="2014-01-10T10:00:00+07:00"),
        {
            **legacy(
                service="L-PEND-07.1", target="10", realised="5", submitted_at="2014-01-10T10:00:00+07:00"
            ),
            "sector": "Pendidikan dasar",
        },
    ]
    put(tmp_path / "inbox" / "first.csv", document(rows))
    later = legacy(service="L-PDN-02", target="64", realised="16", submitted_at="2014-01-12T10:00:00+07:00")
    put(tmp_path / "inbox" / "later.csv", document([later]))
    publish_periods(settings, ["2013-Q4"])
    found = published(settings, "mart_legacy_attainment")
    # the later document speaks for its own sector of that regime alone
    assert {row["indicator_code"]: int(row["numerator"]) for row in found} == {
        "L-PDN-02": 16,
        "L-PEND-07.1": 5,
    }
    assert {row["index"] for row in published(settings, "mart_region_score")} == {None}
    assert published(settings, "fct_indicator") == []
    timeliness = {row["region_code"]: row["timeliness"] for row in published(settings, "mart_compliance")}
    assert timeliness["64.71"] == "on_time"
    tree = explain_score(settings.published / "current", "Kota Balikpapan", Period.parse("2013-Q4"))
    fire = next(node for node in tree["children"] if node.get("indicator_code") == "L-PDN-02")
    assert "16 / 64 = 25.000000 % [reported]" in fire["title"]
    (cell,) = fire["children"]
    assert "later.csv L2" in cell["title"]


BOUNDARY = ("2018-Q4", "2019-Q1", "2019-Q2")


def end_with_2019_q1(connection: duckdb.DuckDBPyConnection) -> None:
    freeze_methods(connection)
    connection.execute("update registry.methods set valid_to_period = '2019-Q1'")
    connection.execute(
        "update registry.quality_items set valid_to_period = '2019-Q1' where item_code = 'K-KES-01.01'"
    )
    weights = {"weight_recipients_percent": 50, "weight_quality_percent": 50}
    add_method(connection, "half-half", valid_from_period="2019-Q2", valid_to_period=None, **weights)


@pytest.fixture(scope="module")
def boundary_file() -> Path:
    rows = []
    for period in BOUNDARY:
        service = {**CITY, "period": period, "service": "K-KES-01", "target": "10"}
        rows += [
            {**service, "component": "recipients", "realised": "10"},
            {**service, "component": "goods_services", "item": "K-KES-01.01", "realised": "5"},
            {**service, "component": "goods_services", "item": "Tablet tambah darah", "realised": "0"},
        ]
    return build_marts(rows, end_with_2019_q1, models=["mart_region_score", "mart_service_score"])


class TestBoundaryQuarters:
    """2018-Q4 is the last quarter of the old regime, 2019-Q1 the first of the new one; here a quality item
    and the method end with 2019-Q1."""

    def test_the_catalogue_begins_with_2019(self, boundary_file: Path) -> None:
        found = query(
            "select period, rule_id from intermediate.int_rows__resolved"
            " left join intermediate.int_rows__unreadable using (row_id)"
            " where component = 'recipients' order by period",
            boundary_file,
        )
        assert [tuple(row.values()) for row in found] == [
            ("2018-Q4", "SVC-003"),
            ("2019-Q1", None),
            ("2019-Q2", None),
        ]

    def test_a_quality_item_counts_until_its_last_quarter(self, boundary_file: Path) -> None:
        found = query(
            "select period, item_code, rule_id, rule_value from intermediate.int_rows__resolved"
            " left join intermediate.int_rows__unreadable using (row_id)"
            " where item_text = 'K-KES-01.01' and period >= '2019-Q1' order by period",
            boundary_file,
        )
        assert [tuple(row.values()) for row in found] == [
            ("2019-Q1", "K-KES-01.01", None, None),
            ("2019-Q2", None, "ITM-003", "K-KES-01.01"),
        ]

    def test_a_period_is_scored_by_the_method_valid_for_it(self, boundary_file: Path) -> None:
        found = query(
            "select period, method_version, index from marts.mart_service_score"
            " where region_code = '64.71' and service_code = 'K-KES-01' order by period",
            boundary_file,
        )
        # 0.8 x 100 + 0.2 x (50 + 0) / 2, then 0.5 x 100 + 0.5 x 0
        assert [tuple(row.values()) for row in found] == [
            ("2019-Q1", "permendagri-59-2021", 85),
            ("2019-Q2", "half-half", 50),
        ]
        unscored = query(
            "select distinct method_version from marts.mart_region_score where period = '2018-Q4'",
            boundary_file,
        )
        assert [row["method_version"] for row in unscored] == [None]


def test_a_form_was_issued_until_the_quarter_before_the_next_ones_first() -> None:
    forms = list(read_seed("forms"))
    for form, following in pairwise(forms):
        last, first = form.text("issued_to_period"), following.text("issued_from_period")
        assert Period.parse(last).next() == Period.parse(first), form.text("form_version")
    assert forms[-1].optional("issued_to_period") is None
