"""One absurd number costs its row, and never the run: whatever a cell holds, and however much the rows of
a region come to together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.home import build_marts, query

PERIODS = ("2024-Q3", "2024-Q4")
ABSURD = (
    "1e308",
    "1e-400",
    "1E+999999999",
    "-1e400",
    "1e5",
    "9" * 38,
    "9" * 40,
    "-" + "9" * 40,
    "9" * 5000,
    "0." + "9" * 5000,
    "0" * 5000 + "7",
    "9" * 26 + "." + "9" * 12,
    "99999999999999999999999999.999999999999",
    "10000000000000000000000000",
    "123456789012345678901234567890,5",
    "NaN",
    "-nan",
    "Infinity",
    "-inf",
    "∞",
    "-0",
    "-0.0",
    "0x1F",
    "0b11",
    "1_000",
    "1'000",
    "１２３",
    "٣",
    "Ⅳ",
    "½",
    "10²",
    "1/0",
    "=1+1",
    "1..2",
    "--5",
    "5-",
    "+5",
    "%",
    "999999999999999999999999 %",
    "Rp 999.999.999.999.999.999.999.999.999,99",
    "\u202e123",
    "1\u00a0000",
    "true",
    "null",
    "2024-13-45",
    "9" * 14 + "." + "9" * 30,
    "0.0000000000000000000000000000000000000000001",
    "5e-324",
    "1.7976931348623157e309",
)
LARGEST = {"achievement": "999999999999999", "budget": "99999999999999999"}
"""The largest number that a row of each kind may hold (NUM-004)."""


def _achievement(region: str, period: str, **others: str) -> dict[str, str]:
    row = {"record": "achievement", "region": region, "period": period, "service": "K-KES-01"}
    return {**row, "component": "recipients", "unit": "orang", "target": "100", "realised": "90", **others}


def _budget(region: str, period: str, **others: str) -> dict[str, str]:
    row = {"record": "budget", "region": region, "period": period, "sector": "pendidikan", "unit": "rupiah"}
    return {**row, "service": "K-PEND-01", "target": "100", "realised": "90", **others}


def _others(region: str, period: str, value: str) -> list[dict[str, str]]:
    base = {"region": region, "period": period, "sector": "sosial"}
    return [
        {**base, "record": "stage", "item": "data", "unit": "persen", "target": "100", "realised": value},
        {**base, "record": "published_index", "unit": "index", "realised": value},
        {**base, "record": "problem", "item": "data", "note": value, "realised": value},
    ]


class TestOneAbsurdNumber:
    @pytest.fixture
    def built(self) -> Path:
        rows = []
        for period in PERIODS:
            rows += [_achievement("64.71", period), _budget("64.71", period)]
            for number, value in enumerate(ABSURD):
                quality = {"component": "quality", "item": f"item {number}"}
                rows += [
                    _achievement("64.72", period, target=value, item=f"t{number}"),
                    _achievement("64.72", period, realised=value, item=f"r{number}"),
                    _achievement("64.72", period, target=value, realised=value, **quality),
                    _budget("64.72", period, target=value, item=f"t{number}"),
                    _budget("64.72", period, realised=value, item=f"r{number}"),
                    *_others("64.72", period, value),
                ]
        return build_marts(rows)

    def test_leaves_the_rows_of_others(self, built: Path) -> None:
        found = query(
            "select realised from intermediate.int_rows__accepted"
            " where region_code = '64.71' and record = 'achievement'",
            built,
        )
        assert [float(row["realised"]) for row in found] == [90, 90]

    def test_is_a_finding_on_its_row_where_it_is_no_number_that_can_be_true(self, built: Path) -> None:
        found = query(
            "select count(*) as held from intermediate.int_rows__outcomes where outcome = 'quarantined'",
            built,
        )
        assert found[0]["held"] > 4 * len(ABSURD)
        largest = query("select max(target) as target from intermediate.int_rows__accepted", built)
        assert largest[0]["target"] < 10**17


class TestTheLargestNumbersOfManyRows:
    @pytest.fixture
    def built(self) -> Path:
        rows = []
        for period in PERIODS:
            for number in range(600):
                largest, less = LARGEST["achievement"], str(int(LARGEST["achievement"]) - number)
                values = {"target": largest, "realised": less, "item": f"item {number}"}
                rows += [
                    _achievement("64.71", period, **values),
                    _achievement("64.71", period, **{**values, "component": "quality"}),
                    _achievement("64.72", period, **{**values, "target": "1"}),
                ]
            for number in range(40):
                amount = str(int(LARGEST["budget"]) - number)
                rows += [
                    _budget(region, period, target=LARGEST["budget"], realised=amount, item=f"line {number}")
                    for region in ("64.71", "64.72")
                ]
        return build_marts(rows)

    def test_are_summed_exactly(self, built: Path) -> None:
        found = query(
            "select period, allocated_idr, spent_idr, spent_percent, doubtful_lines from marts.mart_budget"
            " where region_code = '64.71' and allocated_idr is not null order by period",
            built,
        )
        whole = 40 * int(LARGEST["budget"])
        assert [row["allocated_idr"] for row in found] == [whole] * 2
        assert [row["spent_idr"] for row in found] == [whole - sum(range(40))] * 2
        assert [str(row["spent_percent"]) for row in found] == ["100.000000"] * 2

    def test_are_a_percent_exact_to_its_last_unit(self, built: Path) -> None:
        (found,) = query(
            "select points from intermediate.int_scores__recipients"
            " where region_code = '64.71' and period = '2024-Q4' and points is not null",
            built,
        )
        whole = 600 * int(LARGEST["achievement"])
        assert found["points"] == 100 * (whole - sum(range(600))) * 10**27 // whole
