"""What is planted in a sample is what a run finds: every fatal error at its place, and no other."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.registry.periods import Period, parse_range
from pipelines.settings import Settings
from spm_sample.command import write_sample
from spm_sample.errors import KINDS
from tests.integration.home import candidate_of

PERIODS = parse_range("2024-Q3..2024-Q4")
SHOWS_AGAIN = {"VAL-004", "VAL-009", "VAL-010", "OUT-003"}
"""A slip shows again in the quarter after it, which compares with it."""
SHOWS_BESIDE = {"OUT-002", "CPY-001", "ITM-004", "RECON-002", "VAL-014", "WHO-002"}
"""What else is far from its peers; small sectors of a copied quarter; an item whose row names another;
an index that is wrong by itself, beside the report; a slip beside its own target; a report that another
source replaced."""
RARE = [
    f"{name}=0.1"
    for name, kind in KINDS.items()
    # three zeros too many may still be what a region of its level has
    if kind.is_rare and kind.level == "row" and name != "budget_with_zeros"
]
"""Rare kinds of rows; those of documents are held against their rules in ``tests/evaluation``."""
Found = set[tuple[str, str]]


@dataclass(frozen=True)
class Compared:
    """A sample with what was planted, and the tables that a build made of it."""

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
    return _compared(folder, PERIODS, 40, 4, 0.3, ["under_entry=0.1", *RARE])


@pytest.fixture(scope="module")
def over_years(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The third quarter of four years and the last one, with the errors that only history shows."""
    folder = tmp_path_factory.mktemp("years")
    periods = (*(Period(year, 3) for year in range(2021, 2025)), Period(2024, 4))
    errors = ["copied_quarter=0.3", "sectors_left_out=0.3", "drops_to_nothing=0.6", "backdated=0.1"]
    return _compared(folder, periods, 16, 2, 0.0, [*errors, "province_differs=0.2"])


def _compared(
    folder: Path, periods: tuple[Period, ...], regions: int, items: int, errors: float, error: list[str]
) -> Compared:
    write_sample(folder / "set", periods, regions, "mixed", items, 1, errors, error)
    settings = Settings(home=folder / "home", sources_file=folder / "set" / "sources.yaml")
    candidate = candidate_of(
        settings, [str(period) for period in parse_range(f"{periods[0]}..{periods[-1]}")]
    )
    with (folder / "set" / "planted.csv").open(encoding="utf-8") as file:
        planted = list(csv.DictReader(file))
    return Compared(planted, folder / "set" / "inbox", candidate.folder)


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
    assert len({rule for rule, _ in planted}) > 20
    assert planted <= found
    # what only results show names a region, not a place
    assert {rule for rule, _ in found - planted} <= {*SHOWS_AGAIN, *SHOWS_BESIDE, "COV-001"}


def test_what_only_history_shows_is_found_at_its_place_and_hardly_anything_else(over_years: Compared) -> None:
    found = set(over_years.rows("select rule_id, source_ref from {mart_finding} where severity != 'fatal'"))
    planted = over_years.refs("false")
    assert {rule for rule, _ in planted} == {"CPY-001", "OUT-001", "OUT-003", "RECON-003", "TIM-003"}
    assert planted <= found
    # what a province sent of its regency replaced, or was replaced by, the regency's own report
    others = {(rule, place) for rule, place in found - planted if rule != "WHO-002"}
    assert len(others) < 10


def test_a_clean_sample_is_hardly_ever_flagged(tmp_path: Path) -> None:
    clean = _compared(tmp_path, parse_range("2024-Q2..2024-Q4"), 40, 2, 0.0, [])
    (rows,) = clean.rows("select count(*) from {fct_indicator} where submission_id is not null")
    (found,) = clean.rows("select count(*) from {mart_finding}")
    assert found[0] * 100 < rows[0]
    (sectors,) = clean.rows(
        "select count(distinct (region_code, period, sector_code)) from {fct_indicator}"
        " where submission_id is not null"
    )
    (flagged,) = clean.rows(
        "select count(distinct (region_code, period, sector_code)) from {mart_finding}"
        " where rule_id in ('CPY-001', 'HUN-001', 'HEAP-001')"
    )
    assert flagged[0] * 100 < sectors[0]


def test_personal_data_is_masked_in_every_table_of_the_release(compared: Compared) -> None:
    (planted, *_) = [line for line in compared.planted if line["kind"] == "personal_data"]
    content = (compared.inbox / planted["period"] / planted["document"]).read_bytes()
    secrets = ("9999991708450001", "0800-0000-0000")
    # the raw document has it, no table of the release does
    assert planted["document"].endswith(".xlsx") or all(secret.encode() in content for secret in secrets)
    for path in compared.current.glob("*.parquet"):
        text = duckdb.sql(f"select cast(t as varchar) as text from read_parquet('{path}') as t")
        held = text.filter(" or ".join(f"contains(text, '{secret}')" for secret in secrets))
        assert len(held) == 0, path.name
    (masked,) = compared.rows(
        "select count(*) from {fct_problem} where problem like '%NIK [NIK], HP [telepon]%'"
    )
    assert int(masked[0]) > 0


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
