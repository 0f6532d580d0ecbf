"""What is planted in a sample is what a run finds: every fatal error at its place, and no other."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.registry.periods import parse_range
from pipelines.runs import run_periods
from pipelines.sample.command import write_sample
from pipelines.settings import Settings

PERIODS = parse_range("2024-Q3..2024-Q4")
Found = set[tuple[str, str]]


@dataclass(frozen=True)
class Compared:
    """A sample with what was planted, and the release that a run made of it."""

    planted: list[dict[str, str]]
    inbox: Path
    current: Path

    def refs(self, fatal: str) -> Found:
        """Rule and source_ref of every planted error that a rule finds in a place."""
        return {
            (line["rule_id"], f"{self._document_id(line)}:{line['place']}")
            for line in self.planted
            if line["rule_id"] and line["fatal"] == fatal and (line["place"] or fatal == "true")
        }

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """Rows of the release; ``{name}`` stands for a table."""
        tables = {path.stem: f"'{path}'" for path in self.current.glob("*.parquet")}
        with duckdb.connect() as connection:
            return connection.execute(query.format(**tables)).fetchall()

    def of_kind(self, kind: str) -> set[tuple[str, str]]:
        """Region and period of every document that ``kind`` is planted in."""
        return {(line["region_code"], line["period"]) for line in self.planted if line["kind"] == kind}

    def _document_id(self, line: dict[str, str]) -> str:
        content = (self.inbox / line["period"] / line["document"]).read_bytes()
        return hashlib.sha256(content).hexdigest()[:12]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "set", PERIODS, 40, "mixed", 4, 1, 0.3, ["under_entry=0.1"])
    settings = Settings(home=folder / "home", sources_file=folder / "set" / "sources.yaml")
    run_periods(settings, [str(period) for period in PERIODS])
    with (folder / "set" / "planted.csv").open(encoding="utf-8") as file:
        planted = list(csv.DictReader(file))
    return Compared(planted, folder / "set" / "inbox", settings.published / "current")


def test_the_fatal_findings_are_the_planted_fatal_errors_and_nothing_else(compared: Compared) -> None:
    found = compared.rows("select rule_id, source_ref from {mart_finding} where severity = 'fatal'")
    assert len({line["kind"] for line in compared.planted if line["fatal"] == "true"}) > 15
    assert set(found) == compared.refs("true")


def test_the_quarantine_holds_the_rows_and_documents_of_these_errors(compared: Compared) -> None:
    found = compared.rows("select rule_id, source_ref from {mart_quarantine}")
    assert set(found) == compared.refs("true")


def test_every_planted_warning_is_found_at_its_place(compared: Compared) -> None:
    found = set(compared.rows("select rule_id, source_ref from {mart_finding} where severity != 'fatal'"))
    planted = compared.refs("false")
    assert len({rule for rule, _ in planted}) > 7
    assert planted <= found
    # a value above its target falls back in the next quarter; these rules name a region, not a place
    assert {rule for rule, _ in found - planted} <= {"VAL-004", "COV-001"}


def test_only_results_are_found_in_the_regions_that_sent_nothing_else(compared: Compared) -> None:
    found = compared.rows("select region_code, period from {mart_finding} where rule_id = 'COV-001'")
    planted = {
        (line["region_code"], line["period"]) for line in compared.planted if line["rule_id"] == "COV-001"
    }
    assert planted
    assert set(found) == planted


def test_late_documents_make_late_regions(compared: Compared) -> None:
    found = compared.rows("select region_code, period from {mart_compliance} where timeliness = 'late'")
    assert compared.of_kind("late_entry")
    assert set(found) == compared.of_kind("late_entry")


def test_a_region_under_an_alias_is_received_and_one_of_a_bare_name_is_not(compared: Compared) -> None:
    received = set(
        compared.rows("select region_code, period from {mart_compliance} where documents_accepted > 0")
    )
    assert compared.of_kind("alias_name")
    assert compared.of_kind("alias_name") <= received
    lost = compared.of_kind("ambiguous_name") | compared.of_kind("unknown_region")
    assert lost
    assert not lost & received


def test_the_same_bytes_twice_are_one_document_and_a_resubmission_is_a_second(compared: Compared) -> None:
    counts = {
        (region, period): accepted
        for region, period, accepted in compared.rows(
            "select region_code, period, documents_accepted from {mart_compliance}"
        )
    }
    assert {counts[key] for key in compared.of_kind("duplicate_bytes")} == {1}
    assert {counts[key] for key in compared.of_kind("resubmission")} == {2}


def test_only_the_values_planted_above_their_target_are_read_as_above_it(compared: Compared) -> None:
    (rows,) = compared.rows(
        "select count(*) from {fct_indicator} where realised > target and status = 'reported'"
    )
    planted = [line for line in compared.planted if line["rule_id"] == "VAL-001"]
    assert rows[0] == len(planted)
