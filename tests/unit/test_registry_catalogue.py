"""What is owed comes from the catalogue, never from what came in."""

from __future__ import annotations

import pytest

from pipelines.registry.catalogue import quality_items, sectors, services_owed
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, RegistryError
from tests.registry import copied, seeds_with

PERIOD = Period(2024, 4)


@pytest.mark.parametrize(("tier", "count"), [("province", 14), ("regency_city", 29)])
def test_each_tier_owes_its_services_in_all_six_sectors(tier, count):
    owed = services_owed(tier, PERIOD)
    assert len(owed) == count
    # in the order of the law: sectors do not come back after they were left
    assert list(dict.fromkeys(service.sector_code for service in owed)) == [s.sector_code for s in sectors()]


def test_the_order_of_the_file_does_not_matter(tmp_path):
    seeds = copied(tmp_path)
    for name in ("sectors.csv", "services.csv"):
        header, *rows = (seeds / name).read_text(encoding="utf-8").splitlines()
        (seeds / name).write_text("\n".join([header, *reversed(rows)]), encoding="utf-8")
    assert services_owed("province", PERIOD, seeds) == services_owed("province", PERIOD)


def test_nothing_is_owed_before_2019():
    assert services_owed("province", Period(2018, 4)) == ()


def test_every_service_has_quality_items_of_its_own():
    items = [
        i
        for t in ("province", "regency_city")
        for s in services_owed(t, PERIOD)
        for i in quality_items(s.service_code, PERIOD)
    ]
    assert all(item.item_code.startswith(f"{item.service_code}.") for item in items)
    assert {item.service_code for item in items} == {
        s.service_code for t in ("province", "regency_city") for s in services_owed(t, PERIOD)
    }


def test_a_service_that_ended_is_owed_in_its_last_quarter_and_not_after(tmp_path):
    line = "P-PEND-01,province,pendidikan,1,Pendidikan menengah"
    text = (SEEDS / "services.csv").read_text(encoding="utf-8")
    (row,) = [row for row in text.splitlines() if row.startswith(line)]
    seeds = seeds_with(tmp_path, "services", row, row.replace(",2019-Q1,,", ",2019-Q1,2023-Q4,"))
    assert len(services_owed("province", Period(2023, 4), seeds)) == 14
    assert len(services_owed("province", Period(2024, 1), seeds)) == 13


def test_an_unknown_tier_or_service_is_refused_and_not_answered_with_nothing():
    with pytest.raises(RegistryError, match="not a tier: 'city'"):
        services_owed("city", PERIOD)
    with pytest.raises(RegistryError, match="no service 'K-XXX-01'"):
        quality_items("K-XXX-01", PERIOD)
