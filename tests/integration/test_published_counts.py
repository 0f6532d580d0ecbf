"""Counts that regions published come out as the percent printed beside them, or as worked out by hand.

Sources: a regency's dashboard of July 2026; the sanitation application of Kota Banjarmasin, 2020.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.home import Row, build_marts, query

COUNTS = Path(__file__).resolve().parents[1] / "fixtures" / "cases" / "counts"


def _scores(name: str, mart: str, where: str) -> Row:
    rows = list(csv.DictReader((COUNTS / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
    (found,) = query(
        f"select * from marts.{mart} where {where}",
        build_marts(rows, models=["mart_service_score", "mart_sector_score", "mart_region_score"]),
    )
    return found


@pytest.mark.parametrize(
    ("service", "printed", "recipients", "index"),
    [
        # 0.8 A: nothing was said of quality
        ("K-PU-01", "13.26", "13.262311", "10.609849"),
        ("K-PU-02", "1.92", "1.916963", "1.533570"),
    ],
)
def test_a_printed_percent_is_that_of_its_counts(
    service: str, printed: str, recipients: str, index: str
) -> None:
    row = _scores(
        "cianjur_2026q2", "mart_service_score", f"region_code = '32.03' and service_code = '{service}'"
    )
    assert [row["recipients_index"], row["index"]] == [Decimal(recipients), Decimal(index)]
    assert abs(row["recipients_index"] - Decimal(printed)) <= Decimal("0.005")


def test_two_services_of_29_make_a_sector_and_no_rank() -> None:
    where = "region_code = '32.03'"
    sector = _scores("cianjur_2026q2", "mart_sector_score", f"{where} and sector_code = 'pekerjaan_umum'")
    region = _scores("cianjur_2026q2", "mart_region_score", where)
    assert [sector["index"], region["index"]] == [Decimal("6.071710"), Decimal("1.011952")]
    assert (region["completeness"], region["is_ranked"]) == (Decimal("0.068966"), False)


@pytest.mark.parametrize("name", ["banjarmasin_2020q4", "banjarmasin_2020q4_by_kelurahan"])
def test_recipients_in_parts_are_one_number_however_they_are_divided(name: str) -> None:
    """25603 of 46591 houses: the mean of 52 local percents would read 100."""
    row = _scores(name, "mart_service_score", "region_code = '63.71' and service_code = 'K-PU-02'")
    assert (row["recipients_index"], row["status"]) == (Decimal("54.952673"), "reported")
