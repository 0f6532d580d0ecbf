"""The rules are read with their validity, and a row counts for the periods that it is valid in."""

from __future__ import annotations

from pathlib import Path

from pipelines.provenance.registry import registry_digest
from pipelines.registry.periods import Period
from pipelines.registry.rules import rules
from pipelines.registry.seeds import SEEDS
from tests.registry import copied, row_with

BEFORE, AFTER = Period(2024, 4), Period(2025, 1)
ROW = "VAL-007,max_fraction"


def test_a_rule_judges_from_its_first_to_its_last_period(tmp_path: Path) -> None:
    seeds = row_with(tmp_path, "rules", "VAL-001,", ",true,,\n", ",true,2025-Q1,2025-Q2\n")
    rule = rules(seeds)["VAL-001"]
    judged = [period for period in (BEFORE, AFTER, AFTER.next(), AFTER.next().next()) if rule.judges(period)]
    assert judged == [AFTER, AFTER.next()]


def test_a_rule_that_begins_later_rebuilds_no_period_before(tmp_path: Path) -> None:
    seeds = row_with(tmp_path, "rules", "VAL-001,", ",true,,\n", ",true,2025-Q1,\n")
    later = row_with(tmp_path / "later", "rules", "VAL-001,", ",true,,\n", ",true,2025-Q2,\n")
    assert registry_digest(BEFORE, seeds) == registry_digest(BEFORE, later)
    assert registry_digest(AFTER, seeds) != registry_digest(AFTER, later)


def test_a_number_with_a_validity_counts_for_its_periods_alone(tmp_path: Path) -> None:
    seeds, other = (
        row_with(tmp_path / value, "rule_parameters", ROW, f"{ROW},1,count,", f"{ROW},{value},count,")
        for value in ("2", "3")
    )
    for folder in (seeds, other):
        with (folder / "rule_parameters.csv").open("a", encoding="utf-8") as file:
            file.write(f"{ROW},1,count,a,b,,2024-Q4\n")
        path = folder / "rule_parameters.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        later = [
            line[:-1] + "2025-Q1," if line.startswith(ROW) and line.endswith(",,") else line for line in lines
        ]
        path.write_text("\n".join(later) + "\n", encoding="utf-8")
    assert registry_digest(BEFORE, seeds) == registry_digest(BEFORE, other)
    assert registry_digest(AFTER, seeds) != registry_digest(AFTER, other)


def test_a_number_that_ends_builds_no_period_before(tmp_path: Path) -> None:
    text = (SEEDS / "rule_parameters.csv").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith(f"{ROW},")]
    assert row.endswith(",,")
    ended, begun = f"{row}2024-Q4", f"{row[:-1].replace(',1,count,', ',2,count,')}2025-Q1,"
    seeds = row_with(tmp_path, "rule_parameters", row, row, f"{ended}\n{begun}")
    same = row_with(tmp_path / "same", "rule_parameters", row, row, row)
    for period in (BEFORE, BEFORE.previous(12)):
        assert registry_digest(period, seeds) == registry_digest(period, same)
    assert registry_digest(AFTER, seeds) != registry_digest(AFTER, same)


def test_a_method_with_its_bands_builds_the_quarters_that_it_scores(tmp_path: Path) -> None:
    seeds = copied(tmp_path)
    for seed in ("methods", "bands"):
        path = seeds / f"{seed}.csv"
        rows = path.read_text(encoding="utf-8").splitlines()
        later = [f"baru{row[row.index(',') :].replace('2019-Q1', '2025-Q1')}" for row in rows[1:]]
        ended = [row.replace(",2019-Q1,,", ",2019-Q1,2024-Q4,") for row in rows]
        path.write_text("\n".join([*ended, *later]) + "\n", encoding="utf-8")
    same = copied(tmp_path / "same")
    assert registry_digest(BEFORE, seeds) == registry_digest(BEFORE, same)
    assert registry_digest(AFTER, seeds) != registry_digest(AFTER, same)
