"""A zone by its Indonesian name, an IANA name or an offset; none whose clocks are changed."""

from __future__ import annotations

import pytest

from pipelines.registry.regions import all_states
from pipelines.registry.seeds import read_seed
from pipelines.registry.time_zones import utc_offset_minutes


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("WIB", 420),
        ("wita", 480),
        ("WIT", 540),
        ("Asia/Jayapura", 540),
        ("UTC", 0),
        ("+07:00", 420),
        ("-0330", -210),
    ],
)
def test_the_offset_of_a_zone(zone: str, minutes: int) -> None:
    assert utc_offset_minutes(zone) == minutes


@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "Jakarta", "", "+25:00", "+07:60", "../WIB", "Asia", "7"]
)
def test_what_is_no_zone_or_changes_its_clocks_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="WIB"):
        utc_offset_minutes(zone)


def test_every_province_has_its_zone() -> None:
    zones = {row.text("province_code") for row in read_seed("time_zones")}
    assert {state.region_code[:2] for state in all_states()} <= zones
