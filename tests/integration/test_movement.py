"""What moved an index between two quarters: parts that add up to the change, largest first, with cells."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.publish.releases import Releases
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.reports.movement import NoMovementError, explain_movement
from pipelines.settings import Settings
from tests.integration.home import Row, document, publish_periods, put, settings_of

Q3, Q4 = Period(2024, 3), Period(2024, 4)
CITY, OTHER, PRESS = "64.71", "64.72", "64.74"


def rows_of(region: str, period: Period, realised: dict[str, str], items: dict[str, str]) -> list[Row]:
    """Recipients of each service owed, ``50`` of 100 but for ``realised`` (``-``: nobody is owed it), and one
    item of quality for those of ``items``."""
    rows = []
    for service in services_owed("regency_city", period):
        code = service.service_code
        here = {"record": "achievement", "region": region, "period": str(period), "service": code}
        served = realised.get(code, "50")
        pair = {"target": "0", "realised": "0"} if served == "-" else {"target": "100", "realised": served}
        rows.append({**here, "component": "recipients", **pair})
        if code in items:
            rows.append(
                {
                    **here,
                    "component": "goods_services",
                    "item": "Buku",
                    "target": "10",
                    "realised": items[code],
                }
            )
    return rows


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two quarters of two cities that report, and of one that the press has an index of."""
    settings = settings_of(tmp_path_factory.mktemp("movement"))
    before = [
        *rows_of(CITY, Q3, {"K-KES-01": "20", "K-KES-02": "40"}, {"K-KES-01": "5", "K-PEND-01": "5"}),
        *rows_of(OTHER, Q3, {"K-KES-01": "33"}, {}),
    ]
    after = [
        *rows_of(CITY, Q4, {"K-KES-01": "90", "K-KES-02": "37"}, {"K-KES-01": "7", "K-PEND-01": "5"}),
        *rows_of(OTHER, Q4, {"K-KES-01": "-", "K-KES-02": "71", "K-SOS-01": "7"}, {"K-KES-03": "3"}),
    ]
    for period, index in ((Q3, "61.5"), (Q4, "70.25")):
        here = {"record": "published_index", "region": PRESS, "period": str(period)}
        (before if period == Q3 else after).append({**here, "realised": index})
    put(settings.home.parent / "inbox" / "q3.csv", document(before))
    put(settings.home.parent / "inbox" / "q4.csv", document(after))
    publish_periods(settings, [str(Q3), str(Q4)])
    return settings


def moved(settings: Settings, region: str) -> dict[str, Any]:
    """What moved the index of a region."""
    return explain_movement(Releases(settings.published).current_folder(), region, Q4, Q3)


def contributions(node: dict[str, Any]) -> list[Decimal]:
    """Those of the parts of a node."""
    return [child["contribution"] for child in node["children"] if "contribution" in child]


@pytest.mark.parametrize("region", [CITY, OTHER, PRESS])
def test_the_parts_add_up_to_the_change_at_each_level_and_the_largest_is_first(
    settings: Settings, region: str
) -> None:
    found = moved(settings, region)
    assert found["change"] == found["index"] - found["index_against"] != 0
    assert sum(contributions(found)) == found["change"]
    sizes = [abs(each) for each in contributions(found)]
    assert sizes == sorted(sizes, reverse=True)
    for child in found["children"]:
        if parts := contributions(child):
            assert sum(parts) == child["contribution"]
    assert not [child for child in found["children"] if child["kind"] == "rest"]


def test_a_service_is_split_by_its_components_with_the_cells_behind(settings: Settings) -> None:
    first, second, *rest = moved(settings, CITY)["children"]
    assert [first["code"], second["code"]] == ["K-KES-01", "K-KES-02"]
    assert [child["kind"] for child in rest] == ["note"]
    # six sectors; health is a mean of its services: 80 % of 70 points, 20 % of 20
    health = len([one for one in services_owed("regency_city", Q4) if one.service_code.startswith("K-KES")])
    weight = 6 * health
    recipients, quality = first["children"]
    for part, points in ((recipients, 56), (quality, 4)):
        assert abs(part["contribution"] - Decimal(points) / weight) < Decimal("0.000001")
    (fact,) = recipients["children"]
    assert "20 / 100" in fact["title"]
    assert "90 / 100" in fact["title"]
    assert len(fact["children"]) == 2
    assert {cell["source_ref"][:12] for cell in fact["children"]} != {first["title"][:12]}
    assert ["q3.csv" in fact["children"][0]["title"], "q4.csv" in fact["children"][1]["title"]] == [
        True,
        True,
    ]


def test_a_service_that_left_the_mean_is_told_apart_from_what_the_others_did(settings: Settings) -> None:
    found = {child.get("code", child["kind"]): child for child in moved(settings, OTHER)["children"]}
    weights = found["weights"]
    assert [child["kind"] for child in weights["children"] if "code" in child] == ["left"]
    assert "K-KES-01" in weights["title"]
    assert found["K-KES-02"]["contribution"] > 0 > found["K-SOS-01"]["contribution"]


def test_an_index_of_the_press_moves_as_a_total(settings: Settings) -> None:
    (total,) = moved(settings, PRESS)["children"]
    assert (total["kind"], total["contribution"]) == ("total", Decimal("8.75"))


def test_the_command_shows_it_in_both_forms(settings: Settings) -> None:
    asked = ["explain", CITY, str(Q4), "--against", str(Q3), "--home", str(settings.home)]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    assert "K-KES-01 " in shown.stdout
    assert "penerima / recipients: 20 → 90" in shown.stdout
    found = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert sum(Decimal(child.get("contribution", 0)) for child in found["children"]) == Decimal(
        found["change"]
    )


def test_a_period_without_an_index_is_one_line(settings: Settings) -> None:
    folder = Releases(settings.published).current_folder()
    with pytest.raises(NoMovementError, match="no index"):
        explain_movement(folder, CITY, Q4, Period(2024, 1))
    with pytest.raises(NoMovementError, match="another period"):
        explain_movement(folder, CITY, Q4, Q4)
