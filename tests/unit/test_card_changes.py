"""What a card says of a region without a rank, and when it shows the cheapest way to the next band."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines.registry.seeds import read_seed
from pipelines.reports.site.card_changes import way_to_next_band, why_not_ranked

REGION: dict[str, Any] = {
    "is_ranked": False,
    "index": Decimal("14.1"),
    "is_interim": False,
    "basis": "submitted",
    "completeness": Decimal("0.499999"),
}


@pytest.mark.parametrize(
    ("changed", "indonesian", "english"),
    [
        pytest.param(
            {}, "49,9 % lengkap, syaratnya 50 %", "49.9 % complete, and 50 % are asked for", id="incomplete"
        ),
        pytest.param(
            {"is_interim": True}, "masa pelaporan belum ditutup", "window is still open", id="interim"
        ),
        pytest.param({"basis": "published"}, "dari berita", "from the press", id="press"),
    ],
)
def test_a_region_with_an_index_and_no_rank_is_told_why(
    changed: dict[str, Any], indonesian: str, english: str
) -> None:
    said = why_not_ranked(REGION | changed, Decimal("0.5"))
    assert said is not None
    assert indonesian in said.indonesian
    assert english in said.english


@pytest.mark.parametrize("changed", [{"is_ranked": True}, {"index": None}])
def test_nothing_is_said_where_there_is_a_rank_or_nothing_to_rank(changed: dict[str, Any]) -> None:
    assert why_not_ranked(REGION | changed, Decimal("0.5")) is None


def test_a_way_to_the_next_band_of_a_handful_of_people_is_not_shown() -> None:
    (least,) = (
        row.parsed("value", Decimal)
        for row in read_seed("benchmark_parameters")
        if row.text("parameter") == "next_band_min_percent"
    )
    way = {
        "recipients_to_next_band": 1500,
        "recipients_not_served": 150_000,
        "next_band_services": "K-KES-01;K-SOS-02",
        "next_band_code": "muda",
    }
    assert least * 150_000 == 100 * 1500
    shown = way_to_next_band(way, least)
    assert shown is not None
    assert (shown["people"].indonesian, shown["people"].english) == ("1.500", "1,500")
    assert (shown["share"].indonesian, shown["service_codes"]) == ("1,0", ["K-KES-01", "K-SOS-02"])
    assert way_to_next_band(way | {"recipients_to_next_band": 1499}, least) is None
    for column in ("recipients_to_next_band", "recipients_not_served", "next_band_services"):
        assert way_to_next_band(way | {column: None}, least) is None
    assert way_to_next_band(None, least) is None
