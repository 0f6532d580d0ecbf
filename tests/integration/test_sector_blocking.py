"""A sector that a submission gets wrong as a whole is held back; no other sector, region or report is."""

from __future__ import annotations

import pytest

from pipelines.settings import Settings
from tests.integration.home import RECEIVED, Row, document, publish_periods, published, put, settings_of

PERIOD = "2024-Q4"
BALIKPAPAN, SAMARINDA, BONTANG = "64.71", "64.72", "64.74"
SERVICES = ("K-KES-01", "K-KES-02", "K-KES-03")
ITEMS = tuple(f"Alat {number}" for number in range(1, 14))


def health(region: str, target: str, realised: str, unreadable: int = 0) -> list[Row]:
    """Forty-two rows of the health sector, three services with 13 items each; the last are ``unreadable``."""
    rows: list[Row] = [
        {"service": service, **cells}
        for service in SERVICES
        for cells in (
            {"component": "recipients"},
            *({"component": "goods_services", "item": item} for item in ITEMS),
        )
    ]
    here = {"record": "achievement", "region": region, "period": PERIOD, "target": target}
    return [
        {**here, **row, "realised": "seratus" if number >= len(rows) - unreadable else realised}
        for number, row in enumerate(rows)
    ]


def education(region: str, realised: str) -> Row:
    """One row of another sector."""
    return {
        **{"record": "achievement", "region": region, "period": PERIOD, "component": "recipients"},
        **{"service": "K-PEND-01", "target": "10", "realised": realised},
    }


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two good reports; then swapped columns, most rows unreadable, three quarters of them unreadable."""
    folder = tmp_path_factory.mktemp("blocking")

    def send(name: str, day: int, rows: list[Row]) -> None:
        put(folder / "inbox" / f"{name}.csv", document(rows), RECEIVED.replace(day=day))

    first = [*health(BALIKPAPAN, "200", "90"), *health(SAMARINDA, "200", "80")]
    send("first", 10, [*first, education(BALIKPAPAN, "6"), education(SAMARINDA, "6")])
    both = [*health(BALIKPAPAN, "90", "200"), *health(SAMARINDA, "200", "85")]
    send("swapped", 12, [*both, education(BALIKPAPAN, "7"), education(SAMARINDA, "7")])
    send("unreadable", 14, [*health(SAMARINDA, "200", "88", unreadable=32), education(SAMARINDA, "8")])
    send("half", 14, [*health(BONTANG, "200", "70", unreadable=31)])
    settings = settings_of(folder)
    publish_periods(settings, [PERIOD])
    return settings


def served(settings: Settings, service: str) -> dict[str, int]:
    """What stands as served of a service, by region."""
    return {
        row["region_code"]: int(row["realised"])
        for row in published(settings, "fct_indicator")
        if row["service_code"] == service and row["component"] == "recipients" and row["realised"] is not None
    }


def test_the_earlier_report_of_the_sector_stands_and_the_other_sectors_go_on(settings: Settings) -> None:
    # Samarinda's report of the 12th shares its document with the swapped one of Balikpapan
    assert served(settings, "K-KES-01") == {BALIKPAPAN: 90, SAMARINDA: 85, BONTANG: 70}
    assert served(settings, "K-PEND-01") == {BALIKPAPAN: 7, SAMARINDA: 8}


def test_a_finding_tells_the_sector_once_at_its_first_row(settings: Settings) -> None:
    found = [row for row in published(settings, "mart_finding") if row["rule_id"].startswith("SUB")]
    told = {
        row["rule_id"]: (row["region_code"], row["sector_code"], row["severity"], row["value"])
        for row in found
    }
    assert len(found) == 2
    assert told == {
        "SUB-001": (SAMARINDA, "kesehatan", "fatal", "32 / 42"),
        "SUB-002": (BALIKPAPAN, "kesehatan", "fatal", "42 / 42"),
    }
    assert {row["source_ref"].split(":")[1] for row in found} == {"L2"}
    assert all("{" not in row["message_id"] for row in found)


def test_the_quarantine_lists_each_row_at_its_own_place(settings: Settings) -> None:
    held = [row for row in published(settings, "mart_quarantine") if row["rule_id"].startswith("SUB")]
    places = {
        rule: sorted(int(row["source_ref"].split(":L")[1]) for row in held if row["rule_id"] == rule)
        for rule in ("SUB-001", "SUB-002")
    }
    # the rows that cannot be read name their own rule
    assert places == {"SUB-001": list(range(2, 12)), "SUB-002": list(range(2, 44))}
    assert {row["finding_ref"].split(":")[1] for row in held} == {"L2"}
    unreadable = [row for row in published(settings, "mart_quarantine") if row["rule_id"] == "NUM-001"]
    assert len(unreadable) == 32 + 31


def test_nothing_received_gets_lost(settings: Settings) -> None:
    for row in published(settings, "mart_document"):
        ended = row["rows_accepted"] + row["rows_superseded"] + row["rows_quarantined"]
        assert row["rows_received"] == ended
