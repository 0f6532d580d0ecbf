"""``spm explain`` says of what was held back by which rule, where, and how to correct it; never that nothing
was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.registry.periods import Period
from pipelines.reports.explanation import explain_score
from tests.integration.home import document, publish_periods, put, settings_of

PERIOD, CITY, SILENT = "2024-Q4", "64.71", "64.72"
SENT = {"record": "achievement", "region": CITY, "period": PERIOD, "component": "recipients", "target": "10"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One service accepted, one held back for its number, one row of a service that nobody knows, a whole
    sector that reports its targets as served, and a document that cannot be read."""
    folder = tmp_path_factory.mktemp("held")
    settings = settings_of(folder)
    rows = [
        {**SENT, "service": "K-KES-01", "realised": "9"},
        {**SENT, "service": "K-KES-02", "realised": "sembilan"},
        {**SENT, "service": "K-XXX-99", "realised": "9"},
    ]
    put(folder / "inbox" / "laporan.csv", document(rows))
    put(folder / "inbox" / f"64.08_{PERIOD}.csv", b"PK\x03\x04 not a CSV")
    publish_periods(settings, [PERIOD])
    return settings.published / "current"


def titles(node: dict[str, Any]) -> list[str]:
    """Every title of a tree, from the top."""
    return [node["title"], *(title for child in node["children"] for title in titles(child))]


def of_service(tree: dict[str, Any], service: str) -> list[str]:
    """The titles below the recipients of a service."""
    (found,) = [
        service_node
        for sector in tree["children"]
        for service_node in sector["children"]
        if service_node.get("service_code") == service and "rule_id" not in service_node
    ]
    return titles(found)[1:]


def test_a_row_that_is_held_back_is_named_with_rule_place_and_remedy(release: Path) -> None:
    tree = explain_score(release, CITY, Period.parse(PERIOD))
    said = of_service(tree, "K-KES-02")
    assert "ditahan oleh NUM-001" in said[1]
    assert "laporan.csv L3" in said[1]
    assert "Tulis angka saja" in said[2]
    assert not any("nothing was sent" in title for title in said)


def test_where_a_row_names_no_known_service_it_is_not_said_that_nothing_was_sent(release: Path) -> None:
    tree = explain_score(release, CITY, Period.parse(PERIOD))
    assert "some were held back" in of_service(tree, "K-SOS-01")[1]
    (held,) = [node for node in tree["children"] if node["title"].startswith("ditahan")]
    assert [child["rule_id"] for child in held["children"]] == ["NUM-001", "SVC-001"]
    assert "laporan.csv L4" in held["children"][1]["title"]


def test_a_region_whose_document_was_refused_hears_why(release: Path) -> None:
    tree = explain_score(release, "64.08", Period.parse(PERIOD))
    (held,) = [node for node in tree["children"] if node["title"].startswith("ditahan")]
    assert held["children"][0]["rule_id"].startswith("DOC-")
    assert not any("nothing was sent" in title for title in titles(tree))


def test_of_a_region_that_sent_nothing_it_is_said(release: Path) -> None:
    said = titles(explain_score(release, SILENT, Period.parse(PERIOD)))
    assert any("nothing was sent" in title for title in said)
    assert not any(title.startswith("ditahan") for title in said)
