"""``spm rules``: a rule can be looked at, and replayed on history before it is switched on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.registry.periods import Period
from pipelines.registry.rules import rules
from pipelines.settings import Settings
from tests.integration.home import document, publish_periods, published, put, settings_of, with_registry

PERIODS = ("2024-Q3", "2024-Q4")
SERVED = {"record": "achievement", "service": "K-KES-01", "component": "recipients", "unit": "persen"}


def not_yet_switched_on(connection: duckdb.DuckDBPyConnection) -> None:
    """VAL-007 judges from a quarter to come."""
    connection.execute("update registry.rules set valid_from_period = '2026-Q4' where rule_id = 'VAL-007'")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Two quarters published without VAL-007: fractions of three regions, one of them 1.5, in both."""
    folder = tmp_path_factory.mktemp("simulated")
    settings = settings_of(folder)
    for period in PERIODS:
        values = {"64.71": "0,5", "64.72": "0,9", "64.08": "1,5"}
        rows = [
            {**SERVED, "region": region, "period": period, "target": "100", "realised": value}
            for region, value in values.items()
        ]
        put(folder / "inbox" / f"{period}.csv", document(rows))
    with pytest.MonkeyPatch.context() as patched:
        with_registry(patched, folder, not_yet_switched_on)
        later = {**rules(), "VAL-007": replace(rules()["VAL-007"], valid_from=Period(2026, 4))}
        patched.setattr("expectations.facts.rules", lambda: later)
        publish_periods(settings, PERIODS)
        yield settings


def replayed(home: Settings, *options: str) -> dict[str, Any]:
    """What the command prints for machines."""
    arguments = [
        "rules",
        "simulate",
        "VAL-007",
        "2024-Q2..2024-Q4",
        "--home",
        str(home.home),
        "--json",
        *options,
    ]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_rule_that_is_not_valid_yet_finds_nothing(home: Settings) -> None:
    assert [found for found in published(home, "mart_finding") if found["rule_id"] == "VAL-007"] == []
    assert [found for found in published(home, "mart_rule") if found["rule_id"] == "VAL-007"] == []


def test_a_rule_is_replayed_as_if_it_had_always_been_valid(home: Settings) -> None:
    before = sorted(path.name for path in (home.published / "releases").iterdir())
    found = replayed(home)
    assert found["skipped"] == ["2024-Q2"]
    assert found["parameters"] == {"full_percent": "100", "max_fraction": "1"}
    for period in found["periods"]:
        assert (period["assessed"], period["findings"], period["regions"]) == (3, 2, 2)
        assert (period["published_findings"], period["added"], period["gone"]) == (0, 2, 0)
    assert sorted(path.name for path in (home.published / "releases").iterdir()) == before
    assert list(home.work.glob("simulation-*")) == []


def test_a_rule_is_replayed_with_another_number(home: Settings) -> None:
    found = replayed(home, "--parameter", "max_fraction=1.5")
    assert found["parameters"]["max_fraction"] == "1.5"
    assert [period["findings"] for period in found["periods"]] == [3, 3]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["VAL-999", "2024-Q4"], "VAL-999", id="no-such-rule"),
        pytest.param(
            ["VAL-007", "2024-Q4", "--parameter", "most=1"], "full_percent, max_fraction", id="no-name"
        ),
        pytest.param(["VAL-007", "2024-Q4", "--parameter", "max_fraction"], "NAME=NUMBER", id="no-number"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_one_line(
    home: Settings, arguments: list[str], said: str
) -> None:
    done = CliRunner().invoke(app, ["rules", "simulate", *arguments, "--home", str(home.home)])
    assert done.exit_code == 2
    assert said in done.output


def test_every_rule_is_listed_and_can_be_shown() -> None:
    listed = json.loads(CliRunner().invoke(app, ["rules", "list", "--json"]).stdout)
    assert [rule["rule_id"] for rule in listed] == list(rules())
    shown = CliRunner().invoke(app, ["rules", "show", "NUM-005"])
    assert "max_index = 100" in shown.stdout
    assert CliRunner().invoke(app, ["rules", "show", "NUM-999"]).exit_code == 2
