"""``spm trace`` follows a row from its document to the scores that it moved, or to what stopped it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.settings import Settings
from tests.integration.home import RECEIVED, document, publish_periods, published, put, settings_of

PERIOD, CITY = "2024-Q4", "64.71"
SENT = {"record": "achievement", "region": CITY, "period": PERIOD, "component": "recipients", "target": "10"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A first report, a second one that replaces a sector of it, and a document that cannot be read; one more
    came after the release."""
    folder = tmp_path_factory.mktemp("trace")
    settings = settings_of(folder)
    first = [
        {**SENT, "service": "K-KES-01", "realised": "8"},
        {**SENT, "service": "K-KES-02", "realised": "9"},
        {**SENT, "region": "Kota Balikpapan", "service": "K-SOS-01", "realised": "7"},
        {**SENT, "service": "K-SOS-02", "realised": "tujuh"},
    ]
    second = [{**SENT, "service": "K-KES-01", "realised": "9"}]
    put(folder / "inbox" / "pertama.csv", document(first), RECEIVED)
    put(folder / "inbox" / "kedua.csv", document(second), RECEIVED.replace(day=12))
    put(folder / "inbox" / "rusak.csv", b"PK\x03\x04 not a CSV")
    publish_periods(settings, [PERIOD])
    return settings


def traced(settings: Settings, source_ref: str) -> dict[str, dict[str, Any]]:
    """The steps of a row by their names; of several of a name the first."""
    arguments = ["trace", source_ref, "--home", str(settings.home), "--json"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    steps: dict[str, dict[str, Any]] = {}
    for step in json.loads(done.stdout)["children"]:
        steps.setdefault(step["step"], step)
    return steps


def test_an_accepted_row_is_followed_to_its_fact_and_its_scores(settings: Settings) -> None:
    steps = traced(settings, "pertama.csv:L4")
    assert list(steps) == ["received", "read", "resolved", "accepted", "fact", "score"]
    assert "pertama.csv" in steps["received"]["title"]
    assert steps["read"]["region"] == "Kota Balikpapan"
    assert [steps["resolved"][name] for name in ("region_code", "period", "service_code")] == [
        CITY,
        PERIOD,
        "K-SOS-01",
    ]
    assert (steps["fact"]["table"], steps["fact"]["percent"]) == ("fct_indicator", "70.000000")
    (score,) = [
        score
        for score in published(settings, "mart_service_score")
        if (score["region_code"], score["service_code"]) == (CITY, "K-SOS-01")
    ]
    assert steps["score"]["index"] == str(score["index"])


def test_the_reference_of_a_published_fact_is_the_same_row(settings: Settings) -> None:
    (fact,) = [
        fact
        for fact in published(settings, "fct_indicator")
        if fact["source_ref"] and fact["subject"] == "K-KES-01|recipients"
    ]
    steps = traced(settings, fact["source_ref"])
    assert "kedua.csv" in steps["received"]["title"]
    assert "accepted" in steps


def test_a_superseded_row_names_the_row_in_its_place(settings: Settings) -> None:
    assert "kedua.csv" in traced(settings, "pertama.csv:L2")["superseded"]["title"]


def test_a_row_that_the_newer_report_left_out_is_said_to_be_left_out(settings: Settings) -> None:
    title = traced(settings, "pertama.csv:L3")["superseded"]["title"]
    assert "kedua.csv" in title
    assert "the newer report has no such row" in title


def test_a_row_held_back_is_followed_to_its_rule_place_and_remedy(settings: Settings) -> None:
    steps = traced(settings, "pertama.csv:L5")
    assert list(steps) == ["received", "read", "resolved", "quarantined"]
    assert steps["quarantined"]["rule_id"] == "NUM-001"
    (finding,) = steps["quarantined"]["children"]
    assert "Tulis angka saja" in finding["title"]


def test_a_document_that_was_refused_says_why(settings: Settings) -> None:
    steps = traced(settings, "rusak.csv:L1")
    assert list(steps) == ["received", "not_read"]
    assert steps["not_read"]["rule_id"].startswith("DOC-")


@pytest.mark.parametrize(
    ("source_ref", "said"),
    [("pertama.csv:L99", "pertama.csv"), ("ketiga.csv:L2", "ketiga.csv:L2"), ("pertama.csv", "pertama.csv")],
)
def test_what_was_not_received_is_one_line(settings: Settings, source_ref: str, said: str) -> None:
    done = CliRunner().invoke(app, ["trace", source_ref, "--home", str(settings.home)])
    assert done.exit_code == 2
    assert said in done.stderr
