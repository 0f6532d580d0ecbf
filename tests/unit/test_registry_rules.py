"""The rules are read with their validity, and a row counts for the periods that it is valid in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.provenance.registry import registry_digest
from pipelines.registry.periods import Period
from pipelines.registry.rules import parameters_of, rules
from pipelines.registry.seeds import SEEDS, RegistryError

BEFORE, AFTER = Period(2024, 4), Period(2025, 1)


def changed(folder: Path, seed: str, start: str, old: str, new: str) -> Path:
    """A copy of the seeds in which the row of ``seed`` that begins with ``start`` reads otherwise."""
    seeds = Path(shutil.copytree(SEEDS, folder / "seeds"))
    path = seeds / f"{seed}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(start))
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new)
    path.write_text("".join(lines), encoding="utf-8")
    return seeds


def test_a_rule_judges_from_its_first_to_its_last_period(tmp_path: Path) -> None:
    seeds = changed(tmp_path, "rules", "VAL-001,", ",true,,\n", ",true,2025-Q1,2025-Q2\n")
    rule = rules(seeds)["VAL-001"]
    judged = [period for period in (BEFORE, AFTER, AFTER.next(), AFTER.next().next()) if rule.judges(period)]
    assert judged == [AFTER, AFTER.next()]


def test_a_rule_that_begins_later_rebuilds_no_period_before(tmp_path: Path) -> None:
    seeds = changed(tmp_path, "rules", "VAL-001,", ",true,,\n", ",true,2025-Q1,\n")
    later = changed(tmp_path / "later", "rules", "VAL-001,", ",true,,\n", ",true,2025-Q2,\n")
    assert registry_digest(BEFORE, seeds) == registry_digest(BEFORE, later)
    assert registry_digest(AFTER, seeds) != registry_digest(AFTER, later)


def test_a_number_with_a_validity_counts_for_its_periods_alone(tmp_path: Path) -> None:
    seeds = changed(tmp_path, "rule_parameters", "VAL-007,max_fraction", ",,\n", ",2025-Q1,\n")
    other = changed(
        tmp_path / "other", "rule_parameters", "VAL-007,max_fraction,1,", ",,\n", ",2025-Q1,2025-Q4\n"
    )
    assert registry_digest(BEFORE, seeds) == registry_digest(BEFORE, other)
    assert registry_digest(AFTER, seeds) != registry_digest(AFTER, other)


def test_a_parameter_of_no_rule_is_refused_with_its_line(tmp_path: Path) -> None:
    seeds = changed(tmp_path, "rule_parameters", "VAL-007,max_fraction", "VAL-007", "VAL-999")
    with pytest.raises(RegistryError, match=r"rule_parameters.csv:\d+: no rule 'VAL-999'"):
        parameters_of("VAL-007", seeds)


@pytest.mark.parametrize(("old", "new"), [("warning", "grave"), (",row,", ",cell,"), (",true,", ",yes,")])
def test_a_word_that_is_not_allowed_is_refused(tmp_path: Path, old: str, new: str) -> None:
    seeds = changed(tmp_path, "rules", "VAL-001,", old, new)
    with pytest.raises(RegistryError, match=r"rules\.csv:\d+"):
        rules(seeds)
